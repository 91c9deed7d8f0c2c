//! Bare metal: what zones have for it, and what instance types are as such.

use std::sync::Arc;

use fleet::{BareMetalOffer, BareMetalType, BareMetalZone, DiskRow, Label, Line, RaidLevel, TrafficVolume};

use super::read::{Row, flag, label, number, one_of, text};

/// How disks are put together.
const RAIDS: [(&str, RaidLevel); 4] = [
    ("0", RaidLevel::Striped),
    ("1", RaidLevel::Mirrored),
    ("5", RaidLevel::Parity),
    ("10", RaidLevel::StripedMirrors),
];

/// What is billed of a line.
const LINES: [(&str, Line); 4] = [
    ("bandwidth", Line::Bandwidth),
    ("traffic_package", Line::TrafficPackage),
    ("peak", Line::Peak),
    ("cluster_peak", Line::ClusterPeak),
];

pub(super) fn zone(row: &mut Row<'_, '_>) -> Option<Arc<BareMetalZone>> {
    let found = row.inner("bare_metal", "zone.bare_metal", |row| {
        let addresses = row.names("addresses", "subnet");
        Some(BareMetalZone {
            city: row.or("city", String::new(), text),
            area: row.or("area", String::new(), text),
            subnets: row.or("subnets", true, flag),
            networks: row.or("networks", true, flag),
            cloud_router: row.or("cloud_router", false, flag),
            addresses: addresses?,
        })
    });
    found.flatten().map(Arc::new)
}

pub(super) fn instance_type(row: &mut Row<'_, '_>) -> Option<Arc<BareMetalType>> {
    let found = row.inner("bare_metal", "instance_type.bare_metal", |row| BareMetalType {
        description: row.or("description", String::new(), text),
        processor: row.or("processor", String::new(), text),
        threads: row.or("threads", 0, number),
        frequency: row.or("frequency", String::new(), text),
        disks: row.rows("disk", disk),
        disk_description: row.or("disk_description", String::new(), text),
        raids: row.list("raids", |value| one_of(value, &RAIDS)),
        quick_raids: row.list("quick_raids", |value| one_of(value, &RAIDS)),
        subnets: row.or("subnets", true, flag),
        high_availability: row.or("high_availability", false, flag),
        images: row.list("images", label),
        offers: row.rows("offer", offer).into_iter().collect(),
    });
    found.map(Arc::new)
}

fn disk(row: &mut Row<'_, '_>) -> Option<DiskRow> {
    let (size_gb, count) = (row.must("size_gb", number), row.must("count", number));
    Some(DiskRow { size_gb: size_gb?, count: count? })
}

/// On what terms a type is had in a zone. Nothing said of how it is paid for is either way.
fn offer(row: &mut Row<'_, '_>) -> Option<(Label, BareMetalOffer)> {
    let zone = row.names("zone", "zone");
    let offer = BareMetalOffer {
        lines: row.list("lines", |value| one_of(value, &LINES)),
        out_mbps_max: row.or("out_mbps_max", 0, number),
        traffic: TrafficVolume(row.or("traffic_gb", 0, number)),
        postpaid: row.or("postpaid", true, flag),
        prepaid: row.or("prepaid", true, flag),
    };
    Some((zone?, offer))
}
