//! Bare metal on disk: parts of zones, instance types, specs and amendments.

use std::collections::BTreeMap;

use fleet::{Label, TrafficVolume};
use serde::{Deserialize, Serialize};

use super::error::DecodeError;
use super::field::label;

pinned_mirrors! {
    RaidLevel { 1 = Striped, 2 = Mirrored, 3 = Parity, 4 = StripedMirrors }
    FileSystem { 1 = Ext2, 2 = Ext3, 3 = Ext4, 4 = Ntfs }
    Line { 1 = Bandwidth, 2 = TrafficPackage, 3 = Peak, 4 = ClusterPeak }
}

#[derive(Deserialize, Serialize)]
pub(super) struct BareMetal<'a> {
    #[serde(borrow)]
    layout: Layout<'a>,
    line: Line,
    traffic: Option<u64>,
    cluster: Option<&'a str>,
    subnet: Option<&'a str>,
    ipv6: bool,
    gateway: bool,
    #[serde(borrow)]
    public_keys: Vec<&'a str>,
}

#[derive(Deserialize, Serialize)]
pub(super) struct Installed<'a> {
    image: Option<&'a str>,
    #[serde(borrow)]
    layout: Layout<'a>,
    #[serde(borrow)]
    public_keys: Vec<&'a str>,
}

#[derive(Deserialize, Serialize)]
struct Layout<'a> {
    boot_url: Option<&'a str>,
    quick: Option<RaidLevel>,
    custom: Vec<Array>,
    #[serde(borrow)]
    partitions: Vec<Partition<'a>>,
    wan: Option<&'a str>,
    lan: Option<&'a str>,
}

#[derive(Deserialize, Serialize)]
struct Array {
    level: RaidLevel,
    disks: Vec<u16>,
}

#[derive(Deserialize, Serialize)]
struct Partition<'a> {
    path: &'a str,
    file_system: Option<FileSystem>,
    size_gb: u32,
}

#[derive(Deserialize, Serialize)]
pub(super) struct BareMetalZone<'a> {
    city: &'a str,
    area: &'a str,
    addresses: &'a str,
    subnets: bool,
    networks: bool,
    cloud_router: bool,
}

#[derive(Deserialize, Serialize)]
pub(super) struct BareMetalType<'a> {
    description: &'a str,
    processor: &'a str,
    threads: u16,
    frequency: &'a str,
    disks: Vec<DiskRow>,
    disk_description: &'a str,
    raids: Vec<RaidLevel>,
    quick_raids: Vec<RaidLevel>,
    subnets: bool,
    high_availability: bool,
    #[serde(borrow)]
    images: Vec<&'a str>,
    #[serde(borrow)]
    offers: Vec<Offer<'a>>,
}

#[derive(Deserialize, Serialize)]
struct DiskRow {
    size_gb: u32,
    count: u16,
}

#[derive(Deserialize, Serialize)]
struct Offer<'a> {
    zone: &'a str,
    lines: Vec<Line>,
    out_mbps_max: u16,
    traffic: u64,
    postpaid: bool,
    prepaid: bool,
}

fn mirrored<A: Copy, B: From<A>>(values: &[A]) -> Vec<B> {
    values.iter().map(|value| (*value).into()).collect()
}

fn read_all<A, B: From<A>>(values: Vec<A>) -> Vec<B> {
    values.into_iter().map(Into::into).collect()
}

fn text(label: &Label) -> &str {
    label.as_str()
}

impl<'a> From<&'a fleet::BareMetal> for BareMetal<'a> {
    fn from(bare_metal: &'a fleet::BareMetal) -> Self {
        Self {
            layout: (&bare_metal.layout).into(),
            line: bare_metal.line.into(),
            traffic: bare_metal.traffic.map(|TrafficVolume(traffic)| traffic),
            cluster: bare_metal.cluster.as_ref().map(text),
            subnet: bare_metal.subnet.as_ref().map(text),
            ipv6: bare_metal.ipv6,
            gateway: bare_metal.gateway,
            public_keys: bare_metal.public_keys.iter().map(|key| &**key).collect(),
        }
    }
}

impl TryFrom<BareMetal<'_>> for fleet::BareMetal {
    type Error = DecodeError;

    fn try_from(fields: BareMetal<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            layout: fields.layout.into(),
            line: fields.line.into(),
            traffic: fields.traffic.map(TrafficVolume),
            cluster: fields.cluster.map(label).transpose()?,
            subnet: fields.subnet.map(label).transpose()?,
            ipv6: fields.ipv6,
            gateway: fields.gateway,
            public_keys: read_all(fields.public_keys),
        })
    }
}

impl<'a> From<&'a fleet::Installed> for Installed<'a> {
    fn from(installed: &'a fleet::Installed) -> Self {
        Self {
            image: installed.image.as_ref().map(text),
            layout: (&installed.layout).into(),
            public_keys: installed.public_keys.iter().map(|key| &**key).collect(),
        }
    }
}

impl TryFrom<Installed<'_>> for fleet::Installed {
    type Error = DecodeError;

    fn try_from(fields: Installed<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            image: fields.image.map(label).transpose()?,
            layout: fields.layout.into(),
            public_keys: read_all(fields.public_keys),
        })
    }
}

impl<'a> From<&'a fleet::Layout> for Layout<'a> {
    fn from(layout: &'a fleet::Layout) -> Self {
        let array = |array: &fleet::Array| Array { level: array.level.into(), disks: array.disks.clone() };
        let partition = |partition: &'a fleet::Partition| Partition {
            path: &partition.path,
            file_system: partition.file_system.map(Into::into),
            size_gb: partition.size_gb,
        };
        Self {
            boot_url: layout.boot_url.as_deref(),
            quick: layout.raid.quick.map(Into::into),
            custom: layout.raid.custom.iter().map(array).collect(),
            partitions: layout.partitions.iter().map(partition).collect(),
            wan: layout.interfaces.wan.as_deref(),
            lan: layout.interfaces.lan.as_deref(),
        }
    }
}

impl From<Layout<'_>> for fleet::Layout {
    fn from(fields: Layout<'_>) -> Self {
        let array = |array: Array| fleet::Array { level: array.level.into(), disks: array.disks };
        let partition = |partition: Partition<'_>| fleet::Partition {
            path: partition.path.into(),
            file_system: partition.file_system.map(Into::into),
            size_gb: partition.size_gb,
        };
        Self {
            boot_url: fields.boot_url.map(Into::into),
            raid: fleet::Raid {
                quick: fields.quick.map(Into::into),
                custom: fields.custom.into_iter().map(array).collect(),
            },
            partitions: fields.partitions.into_iter().map(partition).collect(),
            interfaces: fleet::InterfaceNames {
                wan: fields.wan.map(Into::into),
                lan: fields.lan.map(Into::into),
            },
        }
    }
}

impl<'a> From<&'a fleet::BareMetalZone> for BareMetalZone<'a> {
    fn from(zone: &'a fleet::BareMetalZone) -> Self {
        Self {
            city: &zone.city,
            area: &zone.area,
            addresses: zone.addresses.as_str(),
            subnets: zone.subnets,
            networks: zone.networks,
            cloud_router: zone.cloud_router,
        }
    }
}

impl TryFrom<BareMetalZone<'_>> for fleet::BareMetalZone {
    type Error = DecodeError;

    fn try_from(fields: BareMetalZone<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            city: fields.city.into(),
            area: fields.area.into(),
            addresses: label(fields.addresses)?,
            subnets: fields.subnets,
            networks: fields.networks,
            cloud_router: fields.cloud_router,
        })
    }
}

impl<'a> From<&'a fleet::BareMetalType> for BareMetalType<'a> {
    fn from(of: &'a fleet::BareMetalType) -> Self {
        let offer = |(zone, offer): (&'a Label, &fleet::BareMetalOffer)| Offer {
            zone: zone.as_str(),
            lines: mirrored(&offer.lines),
            out_mbps_max: offer.out_mbps_max,
            traffic: offer.traffic.0,
            postpaid: offer.postpaid,
            prepaid: offer.prepaid,
        };
        let row = |row: &fleet::DiskRow| DiskRow { size_gb: row.size_gb, count: row.count };
        Self {
            description: &of.description,
            processor: &of.processor,
            threads: of.threads,
            frequency: &of.frequency,
            disks: of.disks.iter().map(row).collect(),
            disk_description: &of.disk_description,
            raids: mirrored(&of.raids),
            quick_raids: mirrored(&of.quick_raids),
            subnets: of.subnets,
            high_availability: of.high_availability,
            images: of.images.iter().map(text).collect(),
            offers: of.offers.iter().map(offer).collect(),
        }
    }
}

impl TryFrom<BareMetalType<'_>> for fleet::BareMetalType {
    type Error = DecodeError;

    fn try_from(fields: BareMetalType<'_>) -> Result<Self, DecodeError> {
        let offer = |offer: Offer<'_>| {
            let terms = fleet::BareMetalOffer {
                lines: read_all(offer.lines),
                out_mbps_max: offer.out_mbps_max,
                traffic: TrafficVolume(offer.traffic),
                postpaid: offer.postpaid,
                prepaid: offer.prepaid,
            };
            Ok((label(offer.zone)?, terms))
        };
        let row = |row: DiskRow| fleet::DiskRow { size_gb: row.size_gb, count: row.count };
        Ok(Self {
            description: fields.description.into(),
            processor: fields.processor.into(),
            threads: fields.threads,
            frequency: fields.frequency.into(),
            disks: fields.disks.into_iter().map(row).collect(),
            disk_description: fields.disk_description.into(),
            raids: read_all(fields.raids),
            quick_raids: read_all(fields.quick_raids),
            subnets: fields.subnets,
            high_availability: fields.high_availability,
            images: fields.images.into_iter().map(label).collect::<Result<_, _>>()?,
            offers: fields.offers.into_iter().map(offer).collect::<Result<BTreeMap<_, _>, DecodeError>>()?,
        })
    }
}

#[cfg(test)]
#[test]
fn numbers_on_disk_stay() {
    use super::tests::numbers::stay;
    stay(
        RaidLevel::NUMBERS,
        [
            (1, RaidLevel::Striped),
            (2, RaidLevel::Mirrored),
            (3, RaidLevel::Parity),
            (4, RaidLevel::StripedMirrors),
        ],
    );
    stay(
        FileSystem::NUMBERS,
        [(1, FileSystem::Ext2), (2, FileSystem::Ext3), (3, FileSystem::Ext4), (4, FileSystem::Ntfs)],
    );
    stay(
        Line::NUMBERS,
        [(1, Line::Bandwidth), (2, Line::TrafficPackage), (3, Line::Peak), (4, Line::ClusterPeak)],
    );
}
