//! A launch of bare metal: what it names and whether that goes together, in the order of
//! `contract/zenlayer.md` section 2: zone, type, image, subnet, group; disks, partitions,
//! interfaces, the subnet's zone, the line.

use alloc::vec::Vec;

use super::addresses::Further;
use super::disks::Disks;
use super::find::Found;
use super::relate::Related;
use super::{Judged, Launch, LaunchRefusal, Needed};
use crate::View;
use crate::decide::Draft;
use crate::{
    AssetType, BareMetal, BareMetalType, Charge, Device, Disk, DiskKind, Image, ImageStatus, InstanceType,
    Label, LayoutFault, Line, OnRelease, Sale, StockKey, Time,
};

/// Why bare metal is not launched, besides what keeps every launch from happening.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum BareMetalRefusal {
    #[error("there is no group of resources {0}")]
    UnknownResourceGroup(Label),
    #[error("{0}")]
    Layout(LayoutFault),
    #[error("instance type {0} cannot be attached to subnets")]
    TypeWithoutSubnets(Label),
    #[error("the line is not to be had for the type in the zone")]
    Line(Line),
    #[error("{asked} Mbit/s are more than the {most} of the type in the zone")]
    Bandwidth { asked: u16, most: u16 },
    #[error("the type cannot be paid for so in the zone")]
    Charge,
    #[error("the subnet has {free} free addresses, {wanted} are needed")]
    Addresses { wanted: u8, free: u32 },
}

impl BareMetalRefusal {
    pub(super) fn halt<F>(self) -> crate::Halt<LaunchRefusal, F> {
        LaunchRefusal::BareMetal(self).halt()
    }
}

impl Launch {
    /// Existence: everything that a launch of bare metal names, or the first that is not there.
    pub(super) fn find_bare_metal<'c, V: View>(
        &self,
        draft: &Draft<'c, V>,
        asked: &BareMetal,
    ) -> Judged<Found<'c>, V> {
        let catalogue = draft.lasting_catalogue();
        let label = self.zone.as_ref().ok_or(LaunchRefusal::Missing(Needed::Subnet).halt())?;
        let zone = self.zone(draft, label)?;
        let has = zone.bare_metal.clone().ok_or(LaunchRefusal::UnknownZone(label.clone()).halt())?;
        let label = self.instance_type.as_ref().ok_or(LaunchRefusal::Missing(Needed::InstanceType).halt())?;
        let instance_type = catalogue.instance_types.get(label);
        let is = instance_type.and_then(|found| Some((found, found.abilities.bare_metal.clone()?)));
        let (instance_type, is) = is.ok_or(LaunchRefusal::UnknownInstanceType(label.clone()).halt())?;
        let image = match &self.image {
            None => None,
            Some(label) => {
                let image = catalogue.images.get(label).filter(|image| is.takes(instance_type, image));
                Some(image.ok_or(LaunchRefusal::UnknownImage(label.clone()).halt())?)
            }
        };
        let attached = match &asked.subnet {
            None => None,
            Some(label) => {
                let subnet = draft.subnet(label)?.filter(|subnet| subnet.account == self.account);
                Some(subnet.ok_or(LaunchRefusal::UnknownSubnet(label.clone()).halt())?)
            }
        };
        if let Some(label) = &self.terms.resource_group
            && catalogue.asset(AssetType::ResourceGroup, label).is_none_or(|asset| asset.sale == Sale::Closed)
        {
            return Err(BareMetalRefusal::UnknownResourceGroup(label.clone()).halt());
        }
        // The provider's own subnet; without it there is nowhere to put a machine.
        let subnet = draft.subnet(&has.addresses)?;
        let subnet = subnet.ok_or(LaunchRefusal::ZoneClosed(zone.label.clone()).halt())?;
        Ok(Found {
            zone,
            image,
            instance_type,
            groups: Vec::new(),
            subnet,
            host: None,
            further: Further::default(),
            attached,
        })
    }

    /// Relations: whether what a launch of bare metal names goes together, and what follows from it.
    pub(super) fn relate_bare_metal<V: View>(
        &self,
        draft: &Draft<'_, V>,
        found: &Found,
        asked: &BareMetal,
        now: Time,
    ) -> Judged<Related, V> {
        let Found { zone, image, instance_type, attached, .. } = found;
        let is = instance_type.abilities.bare_metal.clone().unwrap_or_default();
        let os = image.as_ref().map(|image| image.os);
        asked.layout.suits(&is, os).map_err(|fault| BareMetalRefusal::Layout(fault).halt())?;
        if let Some(subnet) = attached {
            if !subnet.is_ready(now) {
                return Err(LaunchRefusal::SubnetPending(subnet.label.clone()).halt());
            }
            if subnet.zone != zone.label {
                let (subnet, zone) = (subnet.label.clone(), zone.label.clone());
                return Err(LaunchRefusal::SubnetElsewhere { subnet, zone }.halt());
            }
            if !is.subnets {
                return Err(BareMetalRefusal::TypeWithoutSubnets(instance_type.label.clone()).halt());
            }
        }
        let not_sold = || {
            let (instance_type, zone) = (instance_type.label.clone(), zone.label.clone());
            LaunchRefusal::NotSoldInZone { instance_type, zone }.halt()
        };
        let offer = is.offers.get(&zone.label).ok_or_else(not_sold)?;
        if !offer.lines.contains(&asked.line) {
            return Err(BareMetalRefusal::Line(asked.line).halt());
        }
        let (asked, most) = (self.internet.out_mbps_max, offer.out_mbps_max);
        if asked > most {
            return Err(BareMetalRefusal::Bandwidth { asked, most }.halt());
        }
        let charged = match self.charge {
            Charge::PostPaid => offer.postpaid,
            Charge::PrePaid { .. } => offer.prepaid,
        };
        if !charged {
            return Err(BareMetalRefusal::Charge.halt());
        }
        let key = StockKey { zone: zone.label.clone(), instance_type: instance_type.label.clone() };
        let stock = draft.stock(&key)?.filter(|stock| stock.sale() == Sale::Open);
        let stock = stock.filter(|_| instance_type.sale == Sale::Open).ok_or_else(not_sold)?;
        let disks = Disks { system: self.machine_disk(*image), data: Vec::new() };
        Ok(Related { stock, io: self.io.unwrap_or_default(), disks, host: None })
    }

    /// The disk it boots from, as far as nobody has said how it is laid out.
    fn machine_disk(&self, image: Option<&Image>) -> Disk {
        let wish = &self.system_disk;
        Disk {
            kind: wish.kind.unwrap_or(DiskKind::Efficiency),
            size_gib: wish.size_gib.unwrap_or_else(|| image.map_or(0, |image| image.size_gib).max(40)),
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

impl BareMetalType {
    /// Whether `image` runs on it.
    #[must_use]
    pub fn takes(&self, of: &InstanceType, image: &Image) -> bool {
        image.status == ImageStatus::Available
            && image.architecture == of.architecture
            && (self.images.is_empty() || self.images.contains(&image.label))
    }
}
