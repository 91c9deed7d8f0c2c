//! Existence: everything that a launch names, or the first that is not there
//! (`contract/ecs-run-instances.md` section 3, step 5).

use alloc::vec::Vec;

use super::{Judged, Launch, LaunchRefusal, Needed};
use crate::View;
use crate::decide::{Draft, Halt};
use crate::{Group, Image, InstanceType, Label, Sale, Subnet, Zone};

/// The things a launch names, found.
pub(super) struct Found {
    pub(super) zone: Zone,
    /// `None` only for bare metal.
    pub(super) image: Option<Image>,
    pub(super) instance_type: InstanceType,
    pub(super) groups: Vec<Group>,
    pub(super) subnet: Subnet,
    /// The subnet that bare metal is attached to from the start.
    pub(super) attached: Option<Subnet>,
}

impl Launch {
    /// Existence: everything the launch names, or the first that is not there.
    pub(super) fn find<V: View>(&self, draft: &Draft<'_, V>) -> Judged<Found, V> {
        if let Some(asked) = &self.bare_metal {
            return self.find_bare_metal(draft, asked);
        }
        let catalogue = draft.catalogue();
        let named_zone = self.zone.as_ref().map(|label| self.zone(draft, label)).transpose()?;
        let image = self.image.as_ref().ok_or(LaunchRefusal::Missing(Needed::Image).halt())?;
        let image = catalogue.images.get(image).ok_or(LaunchRefusal::UnknownImage(image.clone()).halt())?;
        let label = self.instance_type.as_ref();
        let label = label.ok_or(LaunchRefusal::Missing(Needed::InstanceType).halt())?;
        let instance_type = catalogue.instance_types.get(label);
        let instance_type = instance_type.filter(|found| found.abilities.bare_metal.is_none());
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
        let (image, instance_type) = (Some(image.clone()), instance_type.clone());
        let found = Found { zone, image, instance_type, groups, subnet, attached: None };
        self.find_interfaces(draft, &found)?;
        Ok(found)
    }

    pub(super) fn zone<V: View>(&self, draft: &Draft<'_, V>, label: &Label) -> Judged<Zone, V> {
        let zone = draft.catalogue().zones.get(label).filter(|zone| zone.region == self.region);
        let zone = zone.ok_or(LaunchRefusal::UnknownZone(label.clone()).halt())?;
        match zone.sale {
            Sale::Open => Ok(zone.clone()),
            Sale::Closed => Err(LaunchRefusal::ZoneClosed(label.clone()).halt()),
        }
    }
}
