//! The catalogue and the stocks on disk.

use fleet::{AccountId, Label, Money, Rate, StockKey, Time};
use serde::{Deserialize, Serialize};

use super::bare_metal::{BareMetalType, BareMetalZone};
use super::disk::DiskKind;
use super::error::{DecodeError, EncodeError};
use super::field::{Block, label, subnet_block};
use super::payload::{Stored, Value};

const REGION_VERSION: u8 = 1;
const ZONE_VERSION: u8 = 1;
const INSTANCE_TYPE_VERSION: u8 = 1;
const IMAGE_VERSION: u8 = 1;
const STOCK_VERSION: u8 = 1;

pinned_mirrors! {
    Architecture { 1 = X86_64, 2 = Arm64, 3 = I386 }
    ImageOrigin { 1 = System, 2 = Own, 3 = Others, 4 = Market }
    ImageStatus { 1 = Available, 2 = Creating, 3 = Deprecated }
    IoSupport { 1 = Never, 2 = Optional, 3 = Only }
    Os { 1 = Linux, 2 = Windows }
    Sale { 1 = Open, 2 = Closed }
}

#[derive(Deserialize, Serialize)]
struct Region<'a> {
    local_name: &'a str,
    public_block: Option<Block>,
}

pub(super) fn write_region(region: &fleet::Region, to: Value<'_>) -> Result<(), EncodeError> {
    let public_block = region.public_block.map(|block| block.net().into());
    to.write(REGION_VERSION, &Region { local_name: &region.local_name, public_block })
}

pub(super) fn read_region(name: Label, stored: &Stored<'_>) -> Result<fleet::Region, DecodeError> {
    const NAME: &str = "region";
    let Region { local_name, public_block } = match stored.version {
        REGION_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, REGION_VERSION)),
    };
    let public_block = public_block.map(subnet_block).transpose()?;
    Ok(fleet::Region { label: name, local_name: local_name.into(), public_block })
}

#[derive(Deserialize, Serialize)]
struct Zone<'a> {
    region: &'a str,
    local_name: &'a str,
    sale: Sale,
    disks: Vec<DiskKind>,
    #[serde(borrow)]
    bare_metal: Option<BareMetalZone<'a>>,
}

pub(super) fn write_zone(zone: &fleet::Zone, to: Value<'_>) -> Result<(), EncodeError> {
    let fields = Zone {
        region: zone.region.as_str(),
        local_name: &zone.local_name,
        sale: zone.sale.into(),
        disks: write_kinds(&zone.disks),
        bare_metal: zone.bare_metal.as_deref().map(Into::into),
    };
    to.write(ZONE_VERSION, &fields)
}

pub(super) fn read_zone(name: Label, stored: &Stored<'_>) -> Result<fleet::Zone, DecodeError> {
    const NAME: &str = "zone";
    let fields: Zone<'_> = match stored.version {
        ZONE_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, ZONE_VERSION)),
    };
    Ok(fleet::Zone {
        label: name,
        region: label(fields.region)?,
        local_name: fields.local_name.into(),
        sale: fields.sale.into(),
        disks: read_kinds(fields.disks),
        bare_metal: fields.bare_metal.map(TryInto::try_into).transpose()?.map(std::sync::Arc::new),
    })
}

fn write_kinds(kinds: &[fleet::DiskKind]) -> Vec<DiskKind> {
    kinds.iter().map(|kind| (*kind).into()).collect()
}

fn read_kinds(kinds: Vec<DiskKind>) -> Vec<fleet::DiskKind> {
    kinds.into_iter().map(Into::into).collect()
}

#[derive(Deserialize, Serialize)]
struct InstanceType<'a> {
    family: &'a str,
    cpus: u16,
    memory_mib: u32,
    architecture: Architecture,
    sale: Sale,
    monthly_price: u64,
    #[serde(borrow)]
    abilities: Abilities<'a>,
}

#[derive(Deserialize, Serialize)]
struct Abilities<'a> {
    io: IoSupport,
    disks: Vec<DiskKind>,
    interfaces: u8,
    ipv4_per_interface: u8,
    ipv6_per_interface: u8,
    burstable: bool,
    hpc: bool,
    local_disks: LocalDisks,
    gpus: u16,
    gpu_name: &'a str,
    spot_price: Option<u64>,
    hourly_price: u64,
    #[serde(borrow)]
    bare_metal: Option<BareMetalType<'a>>,
}

#[derive(Deserialize, Serialize)]
struct LocalDisks {
    count: u8,
    size_gib: u32,
}

pub(super) fn write_instance_type(it: &fleet::InstanceType, to: Value<'_>) -> Result<(), EncodeError> {
    let fields = InstanceType {
        family: it.family.as_str(),
        cpus: it.cpus,
        memory_mib: it.memory_mib,
        architecture: it.architecture.into(),
        sale: it.sale.into(),
        monthly_price: it.monthly_price.0,
        abilities: (&it.abilities).into(),
    };
    to.write(INSTANCE_TYPE_VERSION, &fields)
}

pub(super) fn read_instance_type(
    name: Label,
    stored: &Stored<'_>,
) -> Result<fleet::InstanceType, DecodeError> {
    const NAME: &str = "instance type";
    let fields: InstanceType<'_> = match stored.version {
        INSTANCE_TYPE_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, INSTANCE_TYPE_VERSION)),
    };
    Ok(fleet::InstanceType {
        label: name,
        family: label(fields.family)?,
        cpus: fields.cpus,
        memory_mib: fields.memory_mib,
        architecture: fields.architecture.into(),
        sale: fields.sale.into(),
        monthly_price: Money(fields.monthly_price),
        abilities: fields.abilities.try_into()?,
    })
}

impl<'a> From<&'a fleet::Abilities> for Abilities<'a> {
    fn from(abilities: &'a fleet::Abilities) -> Self {
        let fleet::LocalDisks { count, size_gib } = abilities.local_disks;
        Self {
            io: abilities.io.into(),
            disks: write_kinds(&abilities.disks),
            interfaces: abilities.interfaces,
            ipv4_per_interface: abilities.ipv4_per_interface,
            ipv6_per_interface: abilities.ipv6_per_interface,
            burstable: abilities.burstable,
            hpc: abilities.hpc,
            local_disks: LocalDisks { count, size_gib },
            gpus: abilities.gpus,
            gpu_name: &abilities.gpu_name,
            spot_price: abilities.spot_price.map(|Rate(rate)| rate),
            hourly_price: abilities.hourly_price.0,
            bare_metal: abilities.bare_metal.as_deref().map(Into::into),
        }
    }
}

impl TryFrom<Abilities<'_>> for fleet::Abilities {
    type Error = DecodeError;

    fn try_from(abilities: Abilities<'_>) -> Result<Self, DecodeError> {
        let LocalDisks { count, size_gib } = abilities.local_disks;
        Ok(Self {
            io: abilities.io.into(),
            disks: read_kinds(abilities.disks),
            interfaces: abilities.interfaces,
            ipv4_per_interface: abilities.ipv4_per_interface,
            ipv6_per_interface: abilities.ipv6_per_interface,
            burstable: abilities.burstable,
            hpc: abilities.hpc,
            local_disks: fleet::LocalDisks { count, size_gib },
            gpus: abilities.gpus,
            gpu_name: abilities.gpu_name.into(),
            spot_price: abilities.spot_price.map(Rate),
            hourly_price: Rate(abilities.hourly_price),
            bare_metal: abilities.bare_metal.map(TryInto::try_into).transpose()?.map(std::sync::Arc::new),
        })
    }
}

#[derive(Deserialize, Serialize)]
struct Image<'a> {
    name: &'a str,
    os: Os,
    os_name: &'a str,
    architecture: Architecture,
    size_gib: u32,
    status: ImageStatus,
    #[serde(borrow)]
    traits: ImageTraits<'a>,
}

#[derive(Deserialize, Serialize)]
struct ImageTraits<'a> {
    family: Option<&'a str>,
    origin: ImageOrigin,
    created_at: u64,
    has_password: bool,
    io_optimized: bool,
    cloud_init: bool,
    memory_min_mib: u32,
    account: Option<u64>,
}

pub(super) fn write_image(image: &fleet::Image, to: Value<'_>) -> Result<(), EncodeError> {
    let fields = Image {
        name: &image.name,
        os: image.os.into(),
        os_name: &image.os_name,
        architecture: image.architecture.into(),
        size_gib: image.size_gib,
        status: image.status.into(),
        traits: (&image.traits).into(),
    };
    to.write(IMAGE_VERSION, &fields)
}

pub(super) fn read_image(name: Label, stored: &Stored<'_>) -> Result<fleet::Image, DecodeError> {
    const NAME: &str = "image";
    let fields: Image<'_> = match stored.version {
        IMAGE_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, IMAGE_VERSION)),
    };
    Ok(fleet::Image {
        label: name,
        name: fields.name.into(),
        os: fields.os.into(),
        os_name: fields.os_name.into(),
        architecture: fields.architecture.into(),
        size_gib: fields.size_gib,
        status: fields.status.into(),
        traits: fields.traits.into(),
    })
}

impl<'a> From<&'a fleet::ImageTraits> for ImageTraits<'a> {
    fn from(traits: &'a fleet::ImageTraits) -> Self {
        Self {
            family: traits.family.as_deref(),
            origin: traits.origin.into(),
            created_at: traits.created_at.millis(),
            has_password: traits.has_password,
            io_optimized: traits.io_optimized,
            cloud_init: traits.cloud_init,
            memory_min_mib: traits.memory_min_mib,
            account: traits.account.map(|AccountId(number)| number),
        }
    }
}

impl From<ImageTraits<'_>> for fleet::ImageTraits {
    fn from(traits: ImageTraits<'_>) -> Self {
        Self {
            family: traits.family.map(Into::into),
            origin: traits.origin.into(),
            created_at: Time::from_millis(traits.created_at),
            has_password: traits.has_password,
            io_optimized: traits.io_optimized,
            cloud_init: traits.cloud_init,
            memory_min_mib: traits.memory_min_mib,
            account: traits.account.map(AccountId),
        }
    }
}

#[derive(Deserialize, Serialize)]
struct Stock {
    total: u32,
    taken: u32,
    missing: u32,
    sale: Sale,
}

pub(super) fn write_stock(stock: &fleet::Stock, to: Value<'_>) -> Result<(), EncodeError> {
    let (total, taken, missing) = (stock.total(), stock.taken(), stock.missing());
    to.write(STOCK_VERSION, &Stock { total, taken, missing, sale: stock.sale().into() })
}

pub(super) fn read_stock(key: StockKey, stored: &Stored<'_>) -> Result<fleet::Stock, DecodeError> {
    const NAME: &str = "stock";
    let Stock { total, taken, missing, sale } = match stored.version {
        STOCK_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, STOCK_VERSION)),
    };
    let stock = fleet::Stock::from_numbers(key, total, taken, missing);
    let stock = stock.ok_or(DecodeError::Stock { total, taken, missing })?;
    Ok(stock.with_sale(sale.into()))
}

#[cfg(test)]
#[test]
fn numbers_on_disk_stay() {
    use super::tests::numbers::stay;
    stay(
        Architecture::NUMBERS,
        [(1, Architecture::X86_64), (2, Architecture::Arm64), (3, Architecture::I386)],
    );
    stay(
        ImageOrigin::NUMBERS,
        [(1, ImageOrigin::System), (2, ImageOrigin::Own), (3, ImageOrigin::Others), (4, ImageOrigin::Market)],
    );
    stay(
        ImageStatus::NUMBERS,
        [(1, ImageStatus::Available), (2, ImageStatus::Creating), (3, ImageStatus::Deprecated)],
    );
    stay(IoSupport::NUMBERS, [(1, IoSupport::Never), (2, IoSupport::Optional), (3, IoSupport::Only)]);
    stay(Os::NUMBERS, [(1, Os::Linux), (2, Os::Windows)]);
    stay(Sale::NUMBERS, [(1, Sale::Open), (2, Sale::Closed)]);
}
