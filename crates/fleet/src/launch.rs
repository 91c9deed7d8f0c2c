//! A launch: token, catalogue, placement, account, capacity, in one decision and one fixed order.
//!
//! The order is `contract/ecs-run-instances.md` section 3: token, existence, relations, account,
//! capacity. Two faults in one request always give the same refusal. (Shape, which needs no fleet,
//! is decided before a `Launch` exists.)

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::Ipv4Addr;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{
    Account, AccountId, AfterCreation, Batch, BatchId, Charge, ClientToken, Device, Disk, DiskKind, DiskWish,
    Group, Hosting, Image, ImageStatus, Instance, InstanceId, InstanceType, InterfaceWish, Internet, Io,
    Ipv6Wish, Label, Limit, Login, Machine, Money, Names, OnRelease, Os, Outcome, Protection, Record, Sale,
    Secret, Settings, Shortage, Spec, State, Stock, StockKey, Subnet, Tag, TakenAddresses, Terms, Time,
    TimerKind, Token, TokenKey, Wanted, Zone,
};

/// Asks for instances.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Launch {
    /// Who asks.
    pub account: AccountId,
    /// How the request is known again when it is sent again.
    pub token: Option<ClientToken>,
    /// Whether it is meant.
    pub rehearsal: Rehearsal,
    /// Where.
    pub region: Label,
    /// Where, more exactly; the subnet's zone when it is left out.
    pub zone: Option<Label>,
    /// What is on the disks. Has to be said; a launch without it is refused in its turn.
    pub image: Option<Label>,
    /// How big. Has to be said.
    pub instance_type: Option<Label>,
    /// The groups to join; one at least has to be named.
    pub groups: Vec<Label>,
    /// Where the addresses come from. Has to be said.
    pub subnet: Option<Label>,
    /// Which address.
    pub addresses: Addresses,
    /// How many.
    pub wanted: Wanted,
    /// What becomes of the instances.
    pub after_creation: AfterCreation,
    /// How they are paid for.
    pub charge: Charge,
    /// Whether they are protected against release.
    pub protection: Protection,
    /// How they are named.
    pub names: Names,
    /// How they call themselves.
    pub host_names: Names,
    /// For people.
    pub description: Arc<str>,
    /// For programs; keys are distinct.
    pub tags: Vec<Tag>,
    /// Their line to the internet.
    pub internet: Internet,
    /// The newest image of this family, in place of one that is named.
    pub image_family: Option<Arc<str>>,
    /// How their disks are reached; what their type has when it is left out.
    pub io: Option<Io>,
    /// The disk they boot from.
    pub system_disk: DiskWish,
    /// Their further disks.
    pub data_disks: Vec<DiskWish>,
    /// Their further interfaces.
    pub interfaces: Vec<InterfaceWish>,
    /// Their IPv6 addresses.
    pub ipv6: Ipv6Wish,
    /// Renewal, bids, the day they end.
    pub terms: Terms,
    /// How people get in.
    pub login: Login,
    /// What programs on them may do.
    pub role: Option<Label>,
    /// What they run when they first boot.
    pub user_data: Option<Secret>,
    /// Where they run.
    pub hosting: Hosting,
    /// What nothing in here acts on.
    pub settings: Settings,
    /// Which reading of the rules counts where they changed over the years.
    pub edition: Edition,
}

/// Which reading of the rules counts where they changed (`contract/ecs-run-instances.md` section 11).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Edition {
    /// The rules of 2019.
    Seeds,
    /// Today's.
    Newest,
    /// What either allows.
    #[default]
    Either,
}

impl Launch {
    /// One instance in `region`, paid by use, that starts by itself. What is on it, how big it is,
    /// its groups and its subnet are still to be said.
    #[must_use]
    pub fn new(account: AccountId, region: Label) -> Self {
        Self {
            account,
            token: None,
            rehearsal: Rehearsal::No,
            region,
            zone: None,
            image: None,
            instance_type: None,
            groups: Vec::new(),
            subnet: None,
            addresses: Addresses::Any,
            wanted: Wanted::ONE,
            after_creation: AfterCreation::Start,
            charge: Charge::PostPaid,
            protection: Protection::Off,
            names: Names::OWN_ID,
            host_names: Names::OWN_ID,
            description: Arc::from(""),
            tags: Vec::new(),
            internet: Internet::NONE,
            image_family: None,
            io: None,
            system_disk: DiskWish::default(),
            data_disks: Vec::new(),
            interfaces: Vec::new(),
            ipv6: Ipv6Wish::None,
            terms: Terms::default(),
            login: Login::default(),
            role: None,
            user_data: None,
            hosting: Hosting::default(),
            settings: Settings::default(),
            edition: Edition::Either,
        }
    }
}

/// Whether a command is meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rehearsal {
    /// It is.
    No,
    /// Only the answer is wanted: a dry run.
    Yes,
}

/// Which addresses a launch takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Addresses {
    /// The lowest free ones.
    Any,
    /// This one, for one instance.
    Given(Ipv4Addr),
}

/// The answer to a launch.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Launched {
    /// These instances were made, in this order; or had been, for the same token.
    Batch {
        /// The launch.
        id: BatchId,
        /// Its instances.
        instances: Vec<InstanceId>,
    },
    /// A dry run: this many would have been.
    Would(u8),
}

/// Something that a launch has to say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Needed {
    /// The image.
    Image,
    /// The instance type.
    InstanceType,
    /// A group.
    Group,
    /// The subnet.
    Subnet,
}

/// Why nothing is launched.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum LaunchRefusal {
    #[error("there is no region {0}")]
    UnknownRegion(Label),
    #[error("the token was used for another request")]
    TokenReused,
    #[error("there is no account {0}")]
    UnknownAccount(AccountId),
    #[error("there is no zone {0} in the region")]
    UnknownZone(Label),
    #[error("zone {0} is closed for sale")]
    ZoneClosed(Label),
    #[error("a launch needs {0:?}")]
    Missing(Needed),
    #[error("there is no image {0}")]
    UnknownImage(Label),
    #[error("there is no instance type {0}")]
    UnknownInstanceType(Label),
    #[error("there is no group {0}")]
    UnknownGroup(Label),
    #[error("there is no subnet {0}")]
    UnknownSubnet(Label),
    #[error("image {0} is not available")]
    ImageNotAvailable(Label),
    #[error("instance type {instance_type} is not sold in zone {zone}")]
    NotSoldInZone { instance_type: Label, zone: Label },
    #[error("instance type {0} is not sold any more")]
    TypeClosed(Label),
    #[error("image {image} does not run on instance type {instance_type}")]
    ImageNotForType { image: Label, instance_type: Label },
    #[error("group {group} is not in the network of subnet {subnet}")]
    GroupElsewhere { group: Label, subnet: Label },
    #[error("subnet {subnet} is not in zone {zone}")]
    SubnetElsewhere { subnet: Label, zone: Label },
    #[error("{0} is not an address of the subnet")]
    AddressOutside(Ipv4Addr),
    #[error("{0} is reserved")]
    AddressReserved(Ipv4Addr),
    #[error("{0} is taken")]
    AddressTaken(Ipv4Addr),
    #[error("one address is named for {0} instances")]
    OneAddressForMany(u8),
    #[error("the host name does not suit the image")]
    HostNameForImage,
    #[error("too few can be had: {0:?}")]
    Short(Shortage),
    #[error("there are no more ids")]
    IdsExhausted,
}

impl LaunchRefusal {
    fn halt<F>(self) -> Halt<Self, F> {
        Halt::Refused(self)
    }
}

type Judged<T, V> = Result<T, Halt<LaunchRefusal, <V as View>::Failure>>;

/// The things a launch names, found.
struct Found {
    zone: Zone,
    image: Image,
    instance_type: InstanceType,
    groups: Vec<Group>,
    subnet: Subnet,
}

/// What a launch takes, and what it is taken from.
struct Taken {
    count: u8,
    account: Account,
    price: Money,
    stock: Stock,
    addresses: TakenAddresses,
}

impl Command for Launch {
    type Reply = Launched;
    type Refusal = LaunchRefusal;

    fn grows(&self) -> bool {
        true
    }

    fn decide<V: View>(&self, draft: &mut Draft<'_, V>, now: Time) -> Judged<Launched, V> {
        if !draft.catalogue().regions.contains_key(&self.region) {
            return Err(LaunchRefusal::UnknownRegion(self.region.clone()).halt());
        }
        if let Some(earlier) = self.earlier(draft, now)? {
            return Ok(earlier);
        }
        let found = self.find(draft)?;
        let stock = self.relate(draft, &found)?;
        let taken = self.take(draft, &found, stock)?;
        if self.rehearsal == Rehearsal::Yes {
            return Ok(Launched::Would(taken.count));
        }
        let drawn = draft.sequence()?.draw(u64::from(taken.count).saturating_add(1));
        let (batch, sequence) = drawn.ok_or(LaunchRefusal::IdsExhausted.halt())?;
        let first = batch.plus(1).ok_or(LaunchRefusal::IdsExhausted.halt())?;

        // From here on the launch succeeds.
        draft.put(Record::Sequence(sequence));
        Ok(self.write(draft, found, taken, BatchId(batch), InstanceId(first), now))
    }
}

impl Launch {
    /// The answer that was given for the same token, if it was used. A dry run has no token.
    fn earlier<V: View>(&self, draft: &Draft<'_, V>, now: Time) -> Judged<Option<Launched>, V> {
        let (Some(token), Rehearsal::No) = (&self.token, self.rehearsal) else { return Ok(None) };
        let earlier = draft.token(&self.token_key(token))?.filter(|earlier| now < earlier.expires_at);
        let Some(earlier) = earlier else { return Ok(None) };
        if earlier.fingerprint != token.fingerprint {
            return Err(LaunchRefusal::TokenReused.halt());
        }
        let batch = draft.batch(earlier.batch)?;
        Ok(batch.map(|batch| Launched::Batch { id: batch.id, instances: batch.instances().collect() }))
    }

    fn token_key(&self, token: &ClientToken) -> TokenKey {
        TokenKey {
            account: self.account,
            action: self.after_creation.into(),
            region: self.region.clone(),
            text: token.text.clone(),
        }
    }

    /// Existence: everything the launch names, or the first that is not there.
    fn find<V: View>(&self, draft: &Draft<'_, V>) -> Judged<Found, V> {
        let catalogue = draft.catalogue();
        let named_zone = self.zone.as_ref().map(|label| self.zone(draft, label)).transpose()?;
        let image = self.image.as_ref().ok_or(LaunchRefusal::Missing(Needed::Image).halt())?;
        let image = catalogue.images.get(image).ok_or(LaunchRefusal::UnknownImage(image.clone()).halt())?;
        let label = self.instance_type.as_ref();
        let label = label.ok_or(LaunchRefusal::Missing(Needed::InstanceType).halt())?;
        let instance_type = catalogue.instance_types.get(label);
        let instance_type = instance_type.ok_or(LaunchRefusal::UnknownInstanceType(label.clone()).halt())?;
        let mut groups: Vec<Group> = Vec::new();
        for label in &self.groups {
            if groups.iter().any(|group| group.label == *label) {
                continue;
            }
            let group = draft.group(label)?.filter(|group| group.account == self.account);
            groups.push(group.ok_or(LaunchRefusal::UnknownGroup(label.clone()).halt())?);
        }
        if groups.is_empty() {
            return Err(LaunchRefusal::Missing(Needed::Group).halt());
        }
        let label = self.subnet.as_ref().ok_or(LaunchRefusal::Missing(Needed::Subnet).halt())?;
        let subnet = draft.subnet(label)?.filter(|subnet| subnet.account == self.account);
        let subnet = subnet.ok_or(LaunchRefusal::UnknownSubnet(label.clone()).halt())?;
        let zone = match named_zone {
            Some(zone) => zone,
            None => match self.zone(draft, &subnet.zone) {
                Err(Halt::Refused(LaunchRefusal::UnknownZone(_))) => {
                    return Err(LaunchRefusal::UnknownSubnet(label.clone()).halt());
                }
                zone => zone?,
            },
        };
        Ok(Found { zone, image: image.clone(), instance_type: instance_type.clone(), groups, subnet })
    }

    fn zone<V: View>(&self, draft: &Draft<'_, V>, label: &Label) -> Judged<Zone, V> {
        let zone = draft.catalogue().zones.get(label).filter(|zone| zone.region == self.region);
        let zone = zone.ok_or(LaunchRefusal::UnknownZone(label.clone()).halt())?;
        match zone.sale {
            Sale::Open => Ok(zone.clone()),
            Sale::Closed => Err(LaunchRefusal::ZoneClosed(label.clone()).halt()),
        }
    }

    /// Relations: whether the things it names go together. The stock they would be taken from.
    fn relate<V: View>(&self, draft: &Draft<'_, V>, found: &Found) -> Judged<Stock, V> {
        let Found { zone, image, instance_type, groups, subnet } = found;
        if image.status != ImageStatus::Available {
            return Err(LaunchRefusal::ImageNotAvailable(image.label.clone()).halt());
        }
        let key = StockKey { zone: zone.label.clone(), instance_type: instance_type.label.clone() };
        let stock = draft.stock(&key)?.filter(|stock| stock.sale() == Sale::Open);
        if instance_type.sale == Sale::Closed {
            return Err(LaunchRefusal::TypeClosed(instance_type.label.clone()).halt());
        }
        let StockKey { zone: zone_label, instance_type: type_label } = key;
        let stock = stock
            .ok_or(LaunchRefusal::NotSoldInZone { instance_type: type_label, zone: zone_label }.halt())?;
        if image.architecture != instance_type.architecture {
            let (image, instance_type) = (image.label.clone(), instance_type.label.clone());
            return Err(LaunchRefusal::ImageNotForType { image, instance_type }.halt());
        }
        if let Some(group) = groups.iter().find(|group| group.network != subnet.network) {
            let (group, subnet) = (group.label.clone(), subnet.label.clone());
            return Err(LaunchRefusal::GroupElsewhere { group, subnet }.halt());
        }
        if subnet.zone != zone.label {
            let (subnet, zone) = (subnet.label.clone(), zone.label.clone());
            return Err(LaunchRefusal::SubnetElsewhere { subnet, zone }.halt());
        }
        if let Addresses::Given(address) = self.addresses {
            self.address_fits(draft, subnet, address)?;
        }
        if !self.host_names.suit(image.os, self.wanted) {
            return Err(LaunchRefusal::HostNameForImage.halt());
        }
        Ok(stock)
    }

    fn address_fits<V: View>(
        &self,
        draft: &Draft<'_, V>,
        subnet: &Subnet,
        address: Ipv4Addr,
    ) -> Judged<(), V> {
        if self.wanted.most() > 1 {
            return Err(LaunchRefusal::OneAddressForMany(self.wanted.most()).halt());
        }
        if !subnet.block.contains(address) {
            return Err(LaunchRefusal::AddressOutside(address).halt());
        }
        if subnet.block.is_reserved(address) {
            return Err(LaunchRefusal::AddressReserved(address).halt());
        }
        match draft.given_address(subnet, address)? {
            Some(_) => Ok(()),
            None => Err(LaunchRefusal::AddressTaken(address).halt()),
        }
    }

    /// Account and capacity: as many as everything allows, or the limit that allows too few.
    fn take<V: View>(&self, draft: &Draft<'_, V>, found: &Found, stock: Stock) -> Judged<Taken, V> {
        let account = draft.account(self.account)?;
        let account = account.ok_or(LaunchRefusal::UnknownAccount(self.account).halt())?;
        let price = self.charge.price(found.instance_type.monthly_price);
        let places =
            found.groups.iter().map(|group| draft.policy().group_members_max.saturating_sub(group.members));
        let mut shortage = Shortage {
            binding: Limit::Stock,
            wanted: self.wanted,
            quota: account.instance_limit.saturating_sub(account.instances),
            money: account.wallet.affords(price),
            group_places: places.min().unwrap_or(0),
            addresses: found.subnet.free,
            stock: stock.free(),
        };
        let count = shortage.allowed();
        if let Some(binding) = shortage.falls_short() {
            shortage.binding = binding;
            return Err(LaunchRefusal::Short(shortage).halt());
        }
        let addresses = match self.addresses {
            Addresses::Any => draft.next_addresses(&found.subnet, u32::from(count))?,
            Addresses::Given(address) => match draft.given_address(&found.subnet, address)? {
                Some(taken) => taken,
                None => return Err(LaunchRefusal::AddressTaken(address).halt()),
            },
        };
        // The summary said that there are enough; pages that disagree with it must not give one
        // address to two instances.
        if addresses.addresses.len() != usize::from(count) {
            shortage.binding = Limit::Addresses;
            return Err(LaunchRefusal::Short(shortage).halt());
        }
        let short = LaunchRefusal::Short(shortage);
        let stock = stock.take(u32::from(count)).ok_or_else(|| short.clone().halt())?;
        let total = Money(price.0.saturating_mul(u64::from(count)));
        let wallet = account.wallet.hold(total).ok_or_else(|| short.halt())?;
        let instances = account.instances.saturating_add(u32::from(count));
        let account = Account { instances, wallet, ..account };
        let price = match account.wallet {
            crate::Wallet::Off => Money(0),
            crate::Wallet::On { .. } => price,
        };
        Ok(Taken { count, account, price, stock, addresses })
    }

    /// Writes down what was decided.
    fn write<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        found: Found,
        taken: Taken,
        batch: BatchId,
        first: InstanceId,
        now: Time,
    ) -> Launched {
        let spec = self.spec(&found);
        let ids = (0..taken.count)
            .filter_map(|index| Some((index, first.0.plus(u64::from(index)).map(InstanceId)?)));
        for ((index, id), address) in ids.zip(&taken.addresses.addresses) {
            let instance = Instance {
                id,
                account: self.account,
                batch,
                index,
                state: State::Stopped,
                machine: Machine::Absent,
                address: *address,
                paid: taken.price,
                protection: self.protection,
                created_at: now,
                started_at: None,
                orders: 0,
                release_at: self.terms.release_at,
                public: None,
                further: Vec::new(),
                ipv6: Vec::new(),
                amended: false,
            };
            let state = State::Pending(instance.next_work(now));
            draft.put_waiting(Instance { state, ..instance });
        }
        let token = self.token.as_ref().map(|token| (self.token_key(token), token.fingerprint));
        let batch = Batch {
            id: batch,
            account: self.account,
            first,
            outcomes: (0..taken.count).map(|_| Outcome::Pending).collect(),
            living: taken.count,
            launched_at: now,
            token: token.as_ref().map(|(key, _)| key.clone()),
            may_go: false,
        };
        if let Some((key, fingerprint)) = token {
            let expires_at = now.after(draft.policy().token_retention);
            draft.put(Record::Token(Token { key, fingerprint, batch: batch.id, expires_at }));
        }
        for group in found.groups {
            let members = group.members.saturating_add(u32::from(taken.count));
            draft.put(Record::Group(Group { members, ..group }));
        }
        draft.put(Record::Account(taken.account));
        draft.put(Record::Stock(taken.stock));
        draft.put_taken(found.subnet, taken.addresses);
        draft.put(Record::Spec(batch.id, Arc::new(spec)));
        let deadline = now.after(draft.policy().creation_deadline);
        draft.put(Record::Timer(deadline, TimerKind::CreationDeadline(batch.id)));
        let launched = Launched::Batch { id: batch.id, instances: batch.instances().collect() };
        draft.put(Record::Batch(batch));
        launched
    }

    fn spec(&self, found: &Found) -> Spec {
        Spec {
            region: self.region.clone(),
            zone: found.zone.label.clone(),
            image: found.image.label.clone(),
            instance_type: found.instance_type.label.clone(),
            network: found.subnet.network.clone(),
            subnet: found.subnet.label.clone(),
            groups: found.groups.iter().map(|group| group.label.clone()).collect(),
            charge: self.charge,
            after_creation: self.after_creation,
            protection: self.protection,
            names: self.names.clone(),
            host_names: self.host_names.clone(),
            description: self.description.clone(),
            tags: self.tags.clone(),
            internet: self.internet,
            io: self.io.unwrap_or_default(),
            system_disk: self.system_disk(&found.image),
            data_disks: Vec::new(),
            interfaces: Vec::new(),
            terms: self.terms.clone(),
            key_pair: self.login.key_pair.clone(),
            role: self.role.clone(),
            hosting: self.hosting.clone(),
            settings: self.settings.clone(),
        }
    }

    fn system_disk(&self, image: &Image) -> Disk {
        let wish = &self.system_disk;
        Disk {
            kind: wish.kind.unwrap_or(DiskKind::Efficiency),
            size_gib: wish.size_gib.unwrap_or_else(|| image.size_gib.max(40)),
            level: wish.level,
            snapshot: None,
            name: wish.name.clone().unwrap_or_default(),
            description: wish.description.clone().unwrap_or_default(),
            device: Device::SYSTEM,
            on_release: OnRelease::Delete,
            encrypted: wish.encrypted.unwrap_or(false),
            key: wish.key.clone(),
            snapshot_policy: wish.snapshot_policy.clone(),
        }
    }
}

impl Charge {
    /// What one instance costs in advance.
    fn price(self, monthly: Money) -> Money {
        match self {
            Self::PostPaid => Money(0),
            Self::PrePaid { count, unit } => {
                let months = u64::from(count);
                match unit {
                    crate::PeriodUnit::Month => Money(monthly.0.saturating_mul(months)),
                    crate::PeriodUnit::Week => Money(monthly.0.saturating_mul(months) / 4),
                }
            }
        }
    }
}

impl Names {
    /// Whether so many hosts of this kind can go by these names: Windows takes 15 characters, no
    /// dots, and not only digits (rule M-02). The last name is the longest, and made like the others.
    fn suit(&self, os: Os, wanted: Wanted) -> bool {
        let fits = |name: &str| {
            name.len() <= 15 && !name.contains('.') && !name.bytes().all(|byte| byte.is_ascii_digit())
        };
        match os {
            Os::Linux => true,
            Os::Windows => self.name(wanted.most().saturating_sub(1)).is_none_or(|name| fits(&name)),
        }
    }
}
