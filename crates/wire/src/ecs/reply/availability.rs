//! `DescribeAvailableResource`: what can be created where, from the catalogue and the stocks.
//! A snapshot, not a promise: only a launch takes anything.

use fleet::{Catalogue, InstanceType, Label, Sale, Stock, Zone};

use super::Reply;
use crate::document::Object;
use crate::ecs::request::catalogue::{AvailableResource, Destination};

/// What is available in each zone. A zone that has none of what is asked for is left out.
#[must_use]
pub fn describe_available_resource(
    query: &AvailableResource,
    catalogue: &Catalogue,
    stocks: &[Stock],
) -> Reply {
    let zones = zones_of(catalogue, &query.region)
        .filter(|zone| query.served && query.zone.as_ref().is_none_or(|wanted| *wanted == zone.label))
        .filter_map(|found| {
            let offers: Vec<Offered<'_>> =
                offers(catalogue, stocks, found).filter(|offer| wants(query, offer.instance_type)).collect();
            zone(query, found, &offers)
        });
    let body = Object::new().list("AvailableZones", "AvailableZone", zones);
    Reply::new("DescribeAvailableResource", body)
}

fn wants(query: &AvailableResource, instance_type: &InstanceType) -> bool {
    query.instance_type.as_ref().is_none_or(|wanted| *wanted == instance_type.label)
        && query.cpus.is_none_or(|wanted| wanted == instance_type.cpus)
        && query.memory_mib.is_none_or(|wanted| wanted == instance_type.memory_mib)
}

/// What one zone has of what is asked for; `None` when it never had any.
fn zone(query: &AvailableResource, zone: &Zone, offers: &[Offered<'_>]) -> Option<Object> {
    let level = offers.iter().map(|offer| offer.level).max()?;
    let system_disks = disks(query.system_disk.as_deref())?;
    let data_disks = disks(query.data_disk.as_deref())?;
    let (kind, supported): (&str, Vec<Object>) = match query.destination {
        Destination::Zone => ("Zone", Vec::new()),
        Destination::IoOptimized => {
            ("IoOptimized", vec![level.show(Object::new().text("Value", "optimized"))])
        }
        Destination::Network => ("Network", vec![level.show(Object::new().text("Value", "vpc"))]),
        Destination::InstanceType => ("InstanceType", offers.iter().map(Offered::object).collect()),
        Destination::DedicatedHost => return None,
        Destination::SystemDisk => {
            ("SystemDisk", system_disks.iter().map(|disk| disk.object(level, disk.system_max)).collect())
        }
        Destination::DataDisk => {
            ("DataDisk", data_disks.iter().map(|disk| disk.object(level, disk.data_max)).collect())
        }
    };
    let resource = (!supported.is_empty())
        .then(|| Object::new().text("Type", kind).list("SupportedResources", "SupportedResource", supported));
    let object = Object::new().text("RegionId", zone.region.as_str()).text("ZoneId", zone.label.as_str());
    Some(level.show(object).list("AvailableResources", "AvailableResource", resource))
}

/// The categories that a query leaves; `None` when it wants one that there is not.
fn disks(wanted: Option<&str>) -> Option<&'static [DiskCategory]> {
    match wanted {
        None => Some(&DISKS),
        Some(wanted) => DISKS.iter().find(|disk| disk.name == wanted).map(std::slice::from_ref),
    }
}

/// The zones of a region.
pub(super) fn zones_of<'a>(catalogue: &'a Catalogue, region: &'a Label) -> impl Iterator<Item = &'a Zone> {
    catalogue.zones.values().filter(move |zone| zone.region == *region)
}

/// A type that a zone sells or has sold.
pub(super) struct Offered<'a> {
    pub(super) instance_type: &'a InstanceType,
    pub(super) level: Level,
}

/// What a zone offers, in the order of `stocks`.
pub(super) fn offers<'a>(
    catalogue: &'a Catalogue,
    stocks: &'a [Stock],
    zone: &'a Zone,
) -> impl Iterator<Item = Offered<'a>> {
    stocks.iter().filter(|stock| stock.key.zone == zone.label).filter_map(|stock| {
        let instance_type = catalogue.instance_types.get(&stock.key.instance_type)?;
        Some(Offered { instance_type, level: Level::of(zone.sale, instance_type.sale, stock.free()) })
    })
}

/// How much of something there is. A launch in a closed zone or of a closed type is refused, so
/// what is left there does not count.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Level {
    /// None, and none will come.
    Closed,
    /// None, and some may come back.
    Empty,
    /// Some.
    Stocked,
}

impl Level {
    const fn of(zone: Sale, instance_type: Sale, free: u32) -> Self {
        match (zone, instance_type, free) {
            (Sale::Closed, Sale::Open | Sale::Closed, _) | (Sale::Open, Sale::Closed, _) => Self::Closed,
            (Sale::Open, Sale::Open, 0) => Self::Empty,
            (Sale::Open, Sale::Open, 1..) => Self::Stocked,
        }
    }

    fn show(self, object: Object) -> Object {
        let (status, category) = match self {
            Self::Stocked => ("Available", "WithStock"),
            Self::Empty => ("SoldOut", "WithoutStock"),
            Self::Closed => ("SoldOut", "ClosedWithoutStock"),
        };
        object.text("Status", status).text("StatusCategory", category)
    }
}

impl Offered<'_> {
    fn object(&self) -> Object {
        self.level.show(Object::new().text("Value", self.instance_type.label.as_str()))
    }
}

/// A category of disks and the sizes it comes in. The catalogue has none; these go with every type
/// (`contract/ecs-run-instances.md` sections 1 and 11).
pub(super) struct DiskCategory {
    pub(super) name: &'static str,
    system_max: u32,
    data_max: u32,
}

/// The smallest disk of these categories, GiB.
const DISK_MIN: u32 = 20;

/// The categories of disks.
pub(super) static DISKS: [DiskCategory; 3] = [
    DiskCategory { name: "cloud_efficiency", system_max: 2048, data_max: 32768 },
    DiskCategory { name: "cloud_ssd", system_max: 2048, data_max: 32768 },
    DiskCategory { name: "cloud_essd", system_max: 2048, data_max: 65536 },
];

impl DiskCategory {
    fn object(&self, level: Level, size_max: u32) -> Object {
        level
            .show(Object::new().text("Value", self.name))
            .integer("Min", DISK_MIN)
            .integer("Max", size_max)
            .text("Unit", "GiB")
    }
}
