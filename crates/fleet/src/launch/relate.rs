//! Relations: whether the things that a launch names go together
//! (`contract/ecs-run-instances.md` section 3, step 6).

use super::find::Found;
use super::{Judged, Launch, LaunchRefusal, Needed};
use crate::View;
use crate::decide::Draft;
use crate::{ImageStatus, Names, Os, Sale, Stock, StockKey, Wanted};

impl Launch {
    /// Relations: whether the things it names go together. The stock they would be taken from.
    pub(super) fn relate<V: View>(&self, draft: &Draft<'_, V>, found: &Found) -> Judged<Stock, V> {
        if let Some(asked) = &self.bare_metal {
            return self.relate_bare_metal(draft, found, asked);
        }
        let Found { zone, image, instance_type, groups, subnet, .. } = found;
        let image = image.as_ref().ok_or(LaunchRefusal::Missing(Needed::Image).halt())?;
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
        self.relate_addresses(draft, found)?;
        self.relate_interfaces(draft, found)?;
        if !self.host_names.suit(image.os, self.wanted) {
            return Err(LaunchRefusal::HostNameForImage.halt());
        }
        Ok(stock)
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
