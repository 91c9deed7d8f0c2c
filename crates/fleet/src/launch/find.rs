//! Existence: everything that a launch names, or the first that is not there
//! (`contract/ecs-run-instances.md` section 3, step 5).

use alloc::vec::Vec;

use super::addresses::Further;
use super::{Judged, Launch, LaunchRefusal, Needed, WhichDisk};
use crate::View;
use crate::decide::{Draft, Halt};
use crate::{
    Asset, AssetType, Catalogue, DiskWish, Group, Host, Image, ImageStatus, InstanceType, Label, Sale,
    Subnet, Zone,
};

/// The things a launch names, found.
pub(super) struct Found<'c> {
    pub(super) zone: &'c Zone,
    /// `None` only for bare metal.
    pub(super) image: Option<&'c Image>,
    pub(super) instance_type: &'c InstanceType,
    pub(super) groups: Vec<Group>,
    pub(super) subnet: Subnet,
    /// The dedicated host that it names.
    pub(super) host: Option<Host>,
    pub(super) further: Further,
    /// The subnet that bare metal is attached to from the start.
    pub(super) attached: Option<Subnet>,
}

impl Found<'_> {
    /// Every group that an instance joins by any of its interfaces, each once.
    pub(super) fn joined_groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().chain(&self.further.groups)
    }
}

impl Launch {
    pub(super) fn find<'c, V: View>(&self, draft: &Draft<'c, V>) -> Judged<Found<'c>, V> {
        if let Some(asked) = &self.bare_metal {
            return self.find_bare_metal(draft, asked);
        }
        let catalogue = draft.lasting_catalogue();
        let named_zone = self.zone.as_ref().map(|label| self.zone(draft, label)).transpose()?;
        let image = Some(self.find_image(catalogue).map_err(LaunchRefusal::halt)?);
        let instance_type = self.find_instance_type(catalogue).map_err(LaunchRefusal::halt)?;
        let groups = self.find_groups(draft)?;
        let subnet = self.find_subnet(draft)?;
        let zone = match named_zone {
            Some(zone) => zone,
            None => match self.zone(draft, &subnet.zone) {
                Err(Halt::Refused(LaunchRefusal::UnknownZone(_))) => {
                    return Err(LaunchRefusal::UnknownSubnet(subnet.label).halt());
                }
                zone => zone?,
            },
        };
        self.find_key_pair(draft)?;
        self.find_disk_assets(catalogue).map_err(LaunchRefusal::halt)?;
        let host = self.find_host(draft)?;
        self.find_assets(catalogue).map_err(LaunchRefusal::halt)?;
        let further = self.find_interfaces(draft, &subnet, &groups)?;
        Ok(Found { zone, image, instance_type, groups, subnet, host, further, attached: None })
    }

    /// Rules P-03 and P-04.
    pub(super) fn zone<'c, V: View>(&self, draft: &Draft<'c, V>, label: &Label) -> Judged<&'c Zone, V> {
        let zone = draft.lasting_catalogue().zones.get(label).filter(|zone| zone.region == self.region);
        let zone = zone.ok_or(LaunchRefusal::UnknownZone(label.clone()).halt())?;
        match zone.sale {
            Sale::Open => Ok(zone),
            Sale::Closed => Err(LaunchRefusal::ZoneClosed(label.clone()).halt()),
        }
    }

    /// Rules P-05 and P-06: the image that is named, or the newest of the family that is.
    fn find_image<'c>(&self, catalogue: &'c Catalogue) -> Result<&'c Image, LaunchRefusal> {
        let visible = |image: &&Image| image.traits.account.is_none_or(|owner| owner == self.account);
        match (&self.image, &self.image_family) {
            (Some(label), _) => {
                let image = catalogue.images.get(label).filter(visible);
                image.ok_or_else(|| LaunchRefusal::UnknownImage(label.clone()))
            }
            (None, Some(family)) => {
                let images = catalogue.images.values().filter(visible);
                let usable = images.filter(|image| {
                    image.traits.family.as_ref() == Some(family) && image.status == ImageStatus::Available
                });
                let newest = usable.max_by_key(|image| image.traits.created_at);
                newest.ok_or_else(|| LaunchRefusal::UnknownImageFamily(family.clone()))
            }
            (None, None) => Err(LaunchRefusal::Missing(Needed::Image)),
        }
    }

    /// Rules P-09 and P-10.
    fn find_instance_type<'c>(&self, catalogue: &'c Catalogue) -> Result<&'c InstanceType, LaunchRefusal> {
        let label = self.instance_type.as_ref().ok_or(LaunchRefusal::Missing(Needed::InstanceType))?;
        let instance_type = catalogue.instance_types.get(label);
        let instance_type = instance_type.filter(|found| found.abilities.bare_metal.is_none());
        instance_type.ok_or_else(|| LaunchRefusal::UnknownInstanceType(label.clone()))
    }

    /// Rules N-01 and N-02. A group that is named twice is joined once.
    fn find_groups<V: View>(&self, draft: &Draft<'_, V>) -> Judged<Vec<Group>, V> {
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
        Ok(groups)
    }

    /// Rules N-04 to N-06 and N-10.
    fn find_subnet<V: View>(&self, draft: &Draft<'_, V>) -> Judged<Subnet, V> {
        let label = self.subnet.as_ref().ok_or(LaunchRefusal::Missing(Needed::Subnet).halt())?;
        let subnet = draft.subnet(label)?.filter(|subnet| subnet.account == self.account);
        subnet.ok_or(LaunchRefusal::UnknownSubnet(label.clone()).halt())
    }

    /// Rule W-04.
    fn find_key_pair<V: View>(&self, draft: &Draft<'_, V>) -> Judged<(), V> {
        let Some(name) = &self.login.key_pair else { return Ok(()) };
        match draft.key_pair((self.account, name))? {
            Some(_) => Ok(()),
            None => Err(LaunchRefusal::UnknownKeyPair(name.clone()).halt()),
        }
    }

    /// Rule D-12, for every disk, and then the keys of the disks.
    fn find_disk_assets(&self, catalogue: &Catalogue) -> Result<(), LaunchRefusal> {
        let data = self.data_disks.iter().enumerate().map(|(index, wish)| (WhichDisk::Data(index), wish));
        let disks = || core::iter::once((WhichDisk::System, &self.system_disk)).chain(data.clone());
        let lost = |kind, label: fn(&DiskWish) -> Option<&Label>| {
            let mut named = disks().filter_map(|(disk, wish)| Some((disk, label(wish)?)));
            named.find(|(_, label)| self.asset(catalogue, kind, label).is_none())
        };
        if let Some((disk, label)) = lost(AssetType::Snapshot, |wish| wish.snapshot.as_ref()) {
            return Err(LaunchRefusal::UnknownSnapshot { disk, snapshot: label.clone() });
        }
        match lost(AssetType::EncryptionKey, |wish| wish.key.as_ref()) {
            Some((disk, key)) => Err(LaunchRefusal::UnknownKey { disk, key: key.clone() }),
            None => Ok(()),
        }
    }

    /// Rule H-01.
    fn find_host<V: View>(&self, draft: &Draft<'_, V>) -> Judged<Option<Host>, V> {
        let Some(label) = &self.hosting.host else { return Ok(None) };
        match draft.host(label)?.filter(|host| self.sees_host(host)) {
            Some(host) => Ok(Some(host)),
            None => Err(LaunchRefusal::UnknownHost(label.clone()).halt()),
        }
    }

    /// Rules H-05, X-01 and X-03.
    fn find_assets(&self, catalogue: &Catalogue) -> Result<(), LaunchRefusal> {
        type Unknown = fn(Label) -> LaunchRefusal;
        let named: [(AssetType, &Option<Label>, Unknown); 4] = [
            (AssetType::DeploymentSet, &self.hosting.deployment_set, LaunchRefusal::UnknownDeploymentSet),
            (AssetType::HpcCluster, &self.hosting.hpc_cluster, LaunchRefusal::UnknownCluster),
            (AssetType::Role, &self.role, LaunchRefusal::UnknownRole),
            (AssetType::ResourceGroup, &self.terms.resource_group, LaunchRefusal::UnknownResourceGroup),
        ];
        named.into_iter().try_for_each(|(kind, label, unknown)| match label {
            Some(label) if self.asset(catalogue, kind, label).is_none() => Err(unknown(label.clone())),
            Some(_) | None => Ok(()),
        })
    }

    /// An asset that the account can name in this region.
    pub(super) fn asset<'c>(
        &self,
        catalogue: &'c Catalogue,
        kind: AssetType,
        label: &Label,
    ) -> Option<&'c Asset> {
        catalogue.asset(kind, label).filter(|asset| {
            asset.sale == Sale::Open
                && asset.account.is_none_or(|owner| owner == self.account)
                && asset.region.as_ref().is_none_or(|region| *region == self.region)
        })
    }
}
