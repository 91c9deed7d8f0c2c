//! Relations: whether the things that a launch names go together
//! (`contract/ecs-run-instances.md` section 3, step 6).

use super::disks::Disks;
use super::find::Found;
use super::{Edition, Judged, Launch, LaunchRefusal, Misfit, Needed, NeedsIo};
use crate::View;
use crate::decide::Draft;
use crate::{
    AfterCreation, Architecture, AssetKind, AssetType, Catalogue, Charge, Host, Image, ImageOrigin,
    ImageStatus, InstanceType, Interruption, Io, IoSupport, Names, Naming, Os, Protection, Sale, Stock,
    StockKey, Time, Wanted,
};

/// The most memory that a 32-bit image can use, MiB.
const MEMORY_32_BIT_MIB_MAX: u32 = 4096;

/// What follows from the things that a launch names.
pub(super) struct Related {
    /// What the instances are taken from.
    pub(super) stock: Stock,
    pub(super) io: Io,
    pub(super) disks: Disks,
    /// The dedicated host they run on, with room for the minimum.
    pub(super) host: Option<Host>,
}

/// How many groups one interface can join (section 1, `SecurityGroupIds.N`).
const GROUPS_MAX: usize = 5;

type Rule = Result<(), LaunchRefusal>;

impl Launch {
    pub(super) fn relate<V: View>(
        &self,
        draft: &Draft<'_, V>,
        found: &Found,
        now: Time,
    ) -> Judged<Related, V> {
        if let Some(asked) = &self.bare_metal {
            return self.relate_bare_metal(draft, found, asked, now);
        }
        let refused = LaunchRefusal::halt;
        let image = found.image.as_ref().ok_or(LaunchRefusal::Missing(Needed::Image).halt())?;
        self.relate_image(image).map_err(refused)?;
        let stock = self.relate_type(draft, found)?;
        image_fits(image, found.instance_type).map_err(refused)?;
        let io = self.relate_io(found, image).map_err(refused)?;
        self.relate_network(found, now).map_err(refused)?;
        self.relate_addresses(draft, found)?;
        self.relate_interfaces(draft, found)?;
        self.relate_login(image, io).map_err(refused)?;
        let disks = self.relate_disks(draft.catalogue(), (found, image), io).map_err(refused)?;
        self.relate_terms(found).map_err(refused)?;
        let host = self.relate_host(draft, found, now)?;
        self.relate_cluster(draft.catalogue(), found, host.as_ref()).map_err(refused)?;
        self.relate_user_data(image, io).map_err(refused)?;
        self.relate_rest(draft.catalogue(), found).map_err(refused)?;
        Ok(Related { stock, io, disks, host })
    }

    /// Rules P-07 and P-08, and that the market still has the image.
    fn relate_image(&self, image: &Image) -> Rule {
        match (image.status, image.traits.origin) {
            (ImageStatus::Available, _) => {}
            (ImageStatus::Deprecated, ImageOrigin::Market) => {
                return Err(LaunchRefusal::ImageLeftMarket(image.label.clone()));
            }
            (ImageStatus::Creating | ImageStatus::Deprecated, _) => {
                return Err(LaunchRefusal::ImageNotAvailable(image.label.clone()));
            }
        }
        match (&self.image, &self.image_family) {
            (Some(image), Some(family)) => {
                Err(LaunchRefusal::ImageNamedTwice { image: image.clone(), family: family.clone() })
            }
            (Some(_), None) | (None, Some(_) | None) => Ok(()),
        }
    }

    /// Rules P-12 and P-11: the stock of the type in the zone. A type that is not sold any more is
    /// offered nowhere, so that the other order would never come to say so.
    fn relate_type<V: View>(&self, draft: &Draft<'_, V>, found: &Found) -> Judged<Stock, V> {
        let (zone, instance_type) = (found.zone.label.clone(), found.instance_type.label.clone());
        if found.instance_type.sale == Sale::Closed {
            return Err(LaunchRefusal::TypeClosed(instance_type).halt());
        }
        let key = StockKey { zone: zone.clone(), instance_type: instance_type.clone() };
        let stock = draft.stock(&key)?.filter(|stock| stock.sale() == Sale::Open);
        stock.ok_or(LaunchRefusal::NotSoldInZone { instance_type, zone }.halt())
    }

    /// Rules P-15 and P-16: how the disks are reached; the fast way where nothing is said and the
    /// type can.
    fn relate_io(&self, found: &Found, image: &Image) -> Result<Io, LaunchRefusal> {
        let label = || found.instance_type.label.clone();
        let io = match (found.instance_type.abilities.io, self.io) {
            (IoSupport::Only, Some(Io::Plain)) => return Err(LaunchRefusal::IoOptimizedOnly(label())),
            (IoSupport::Never, Some(Io::Optimized)) => return Err(LaunchRefusal::IoOptimizedNever(label())),
            (IoSupport::Never, Some(Io::Plain) | None) | (IoSupport::Optional, Some(Io::Plain)) => Io::Plain,
            (IoSupport::Only | IoSupport::Optional, Some(Io::Optimized) | None) => Io::Optimized,
        };
        match io {
            Io::Optimized if !image.traits.io_optimized => {
                Err(LaunchRefusal::ImageNotIoOptimized(image.label.clone()))
            }
            Io::Optimized | Io::Plain => Ok(io),
        }
    }

    /// How many groups an interface joins, and rules N-07 to N-09, each for the first interface and then for the further ones.
    fn relate_network(&self, found: &Found, now: Time) -> Rule {
        let Found { zone, groups, subnet, further, .. } = found;
        let joined = further.groups_joined_at_once().max(groups.len());
        if joined > GROUPS_MAX {
            return Err(LaunchRefusal::TooManyGroups { joined, most: GROUPS_MAX });
        }
        if let Some(subnet) = further.and_first(subnet).find(|subnet| !subnet.is_ready(now)) {
            return Err(LaunchRefusal::SubnetPending(subnet.label.clone()));
        }
        if let Some(group) = found.joined_groups().find(|group| group.network != subnet.network) {
            let (group, subnet) = (group.label.clone(), subnet.label.clone());
            return Err(LaunchRefusal::GroupElsewhere { group, subnet });
        }
        if let Some(other) = further.and_first(subnet).find(|other| other.network != subnet.network) {
            let group = groups.first().map_or_else(|| subnet.label.clone(), |group| group.label.clone());
            return Err(LaunchRefusal::GroupElsewhere { group, subnet: other.label.clone() });
        }
        if let Some(subnet) = further.and_first(subnet).find(|subnet| subnet.zone != zone.label) {
            let (subnet, zone) = (subnet.label.clone(), zone.label.clone());
            return Err(LaunchRefusal::SubnetElsewhere { subnet, zone });
        }
        Ok(())
    }

    /// Rules M-02 and W-02, which are about shape but for the image, W-05 and W-06.
    fn relate_login(&self, image: &Image, io: Io) -> Rule {
        let (os, login) = (image.os, &self.login);
        if !self.host_names.suit(os, self.wanted) {
            return Err(LaunchRefusal::HostNameForImage);
        }
        let for_windows = login.password.as_ref().is_none_or(|password| password.for_windows);
        if os == Os::Windows && !for_windows {
            return Err(LaunchRefusal::PasswordForImage);
        }
        let key_pair = login.key_pair.as_ref().filter(|_| self.minds_key_pair(os));
        match (key_pair, os, io) {
            (Some(name), Os::Windows, _) => Err(LaunchRefusal::KeyPairOnWindows(name.clone())),
            (Some(_), Os::Linux, Io::Plain) => Err(LaunchRefusal::NeedsIoOptimized(NeedsIo::KeyPair)),
            (Some(_), Os::Linux, Io::Optimized) | (None, _, _) => Ok(()),
        }
    }

    /// Whether its key pair counts. Windows has none: beside another way in it is passed over, and
    /// today's reading passes it over always (section 11).
    pub(super) fn minds_key_pair(&self, os: Os) -> bool {
        let another_way_in = self.login.password.is_some() || self.login.image_password;
        match (os, self.edition) {
            (Os::Linux, _) => true,
            (Os::Windows, Edition::Newest) => false,
            (Os::Windows, Edition::Seeds | Edition::Either) => !another_way_in,
        }
    }

    /// Rules C-06, C-08, S-02 and S-04. Only who starts its instances is held to the first two.
    fn relate_terms(&self, found: &Found) -> Rule {
        let prepaid = self.charge != Charge::PostPaid;
        if prepaid && self.after_creation == AfterCreation::Start {
            if self.protection == Protection::On {
                return Err(LaunchRefusal::ProtectedAndPrepaid);
            }
            if self.terms.release_at.is_some() {
                return Err(LaunchRefusal::ReleasedAndPrepaid);
            }
        }
        let Some(spot) = self.spot() else { return Ok(()) };
        if prepaid {
            return Err(LaunchRefusal::SpotAndPrepaid);
        }
        let abilities = &found.instance_type.abilities;
        if let (Some(bid), Some(price)) = (spot.at_most, abilities.spot_price)
            && bid < price
        {
            return Err(LaunchRefusal::BidTooLow { bid, price });
        }
        match spot.interruption {
            Interruption::Stop if abilities.local_disks.count > 0 => {
                Err(LaunchRefusal::InterruptionNotForLocalDisks(found.instance_type.label.clone()))
            }
            Interruption::Stop | Interruption::Release => Ok(()),
        }
    }

    /// Rules H-06 to H-08.
    fn relate_cluster(&self, catalogue: &Catalogue, found: &Found, host: Option<&Host>) -> Rule {
        if let (Some(set), Some(_)) = (&self.hosting.deployment_set, host) {
            return Err(LaunchRefusal::DeploymentSetOnHost(set.clone()));
        }
        let instance_type = || found.instance_type.label.clone();
        match (&self.hosting.hpc_cluster, found.instance_type.abilities.hpc) {
            (None, true) => Err(LaunchRefusal::ClusterNeeded(instance_type())),
            (Some(cluster), false) => {
                let (instance_type, cluster) = (instance_type(), cluster.clone());
                Err(LaunchRefusal::ClusterNotForType { instance_type, cluster })
            }
            (Some(cluster), true) => {
                let asset = self.asset(catalogue, AssetType::HpcCluster, cluster);
                match asset.is_some_and(|asset| asset.what == AssetKind::HpcCluster { ready: false }) {
                    true => Err(LaunchRefusal::ClusterNotReady(cluster.clone())),
                    false => Ok(()),
                }
            }
            (None, false) => Ok(()),
        }
    }

    /// Rule U-03, and that the image runs what is handed over.
    fn relate_user_data(&self, image: &Image, io: Io) -> Rule {
        match (&self.user_data, io) {
            (Some(_), Io::Plain) => Err(LaunchRefusal::NeedsIoOptimized(NeedsIo::UserData)),
            (Some(_), Io::Optimized) if !image.traits.cloud_init => {
                Err(LaunchRefusal::ImageWithoutInit(image.label.clone()))
            }
            (Some(_), Io::Optimized) | (None, Io::Plain | Io::Optimized) => Ok(()),
        }
    }

    /// What the contract gives no place in the order: credit for a type that saves none (rule
    /// X-02), and a role for something else than instances.
    fn relate_rest(&self, catalogue: &Catalogue, found: &Found) -> Rule {
        let instance_type = found.instance_type;
        if self.terms.credit.is_some() && !instance_type.abilities.burstable {
            return Err(LaunchRefusal::CreditNotForType(instance_type.label.clone()));
        }
        let Some(role) = &self.role else { return Ok(()) };
        let asset = self.asset(catalogue, AssetType::Role, role);
        match asset.is_some_and(|asset| asset.what == AssetKind::Role { for_instances: false }) {
            true => Err(LaunchRefusal::RoleNotForInstances(role.clone())),
            false => Ok(()),
        }
    }
}

/// Rule P-13.
fn image_fits(image: &Image, instance_type: &InstanceType) -> Rule {
    let memory = instance_type.memory_mib;
    let built_for = match (image.architecture, instance_type.architecture) {
        (Architecture::I386, Architecture::X86_64) => true,
        (image, instance_type) => image == instance_type,
    };
    let why = if !built_for {
        Misfit::Architecture
    } else if image.architecture == Architecture::I386 && memory > MEMORY_32_BIT_MIB_MAX {
        Misfit::MemoryAbove(MEMORY_32_BIT_MIB_MAX)
    } else if memory < image.traits.memory_min_mib {
        Misfit::MemoryBelow(image.traits.memory_min_mib)
    } else {
        return Ok(());
    };
    let (image, instance_type) = (image.label.clone(), instance_type.label.clone());
    Err(LaunchRefusal::ImageNotForType { image, instance_type, why })
}

impl Names {
    /// Whether so many hosts of this kind can go by these names: Windows takes 15 characters, no
    /// dots, and not only digits (rule M-02). Of names that count the last is the longest, and made like
    /// the others.
    pub(crate) fn suit(&self, os: Os, wanted: Wanted) -> bool {
        let fits = |name: &str| {
            name.len() <= 15 && !name.contains('.') && !name.bytes().all(|byte| byte.is_ascii_digit())
        };
        let last = self.name(wanted.most().saturating_sub(1));
        match (os, &self.naming) {
            (Os::Linux, _) => true,
            (Os::Windows, Naming::Each(names)) => names.iter().all(|name| fits(name)),
            (Os::Windows, Naming::OwnId | Naming::Fixed(_) | Naming::Numbered { .. } | Naming::Parts(_)) => {
                last.is_none_or(|name| fits(&name))
            }
        }
    }
}
