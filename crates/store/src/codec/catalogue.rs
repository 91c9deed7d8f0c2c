//! The catalogue and the stocks on disk.

use fleet::{Label, Money, StockKey};
use serde::{Deserialize, Serialize};

use super::error::{DecodeError, EncodeError};
use super::field::label;
use super::payload::{Payload, Stored};

const REGION_VERSION: u8 = 1;
const ZONE_VERSION: u8 = 1;
const INSTANCE_TYPE_VERSION: u8 = 1;
const IMAGE_VERSION: u8 = 1;
const STOCK_VERSION: u8 = 1;

pinned_mirrors! {
    Architecture { 1 = X86_64, 2 = Arm64 }
    ImageStatus { 1 = Available, 2 = Creating, 3 = Deprecated }
    Os { 1 = Linux, 2 = Windows }
    Sale { 1 = Open, 2 = Closed }
}

#[derive(Deserialize, Serialize)]
struct Region<'a> {
    local_name: &'a str,
}

pub(super) fn write_region(region: &fleet::Region) -> Result<Payload, EncodeError> {
    Payload::write(REGION_VERSION, &Region { local_name: &region.local_name })
}

pub(super) fn read_region(name: Label, stored: &Stored<'_>) -> Result<fleet::Region, DecodeError> {
    const NAME: &str = "region";
    let Region { local_name } = match stored.version {
        REGION_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, REGION_VERSION)),
    };
    Ok(fleet::Region { label: name, local_name: local_name.into() })
}

#[derive(Deserialize, Serialize)]
struct Zone<'a> {
    region: &'a str,
    local_name: &'a str,
    sale: Sale,
}

pub(super) fn write_zone(zone: &fleet::Zone) -> Result<Payload, EncodeError> {
    let fleet::Zone { label: _, region, local_name, sale } = zone;
    Payload::write(ZONE_VERSION, &Zone { region: region.as_str(), local_name, sale: (*sale).into() })
}

pub(super) fn read_zone(name: Label, stored: &Stored<'_>) -> Result<fleet::Zone, DecodeError> {
    const NAME: &str = "zone";
    let Zone { region, local_name, sale } = match stored.version {
        ZONE_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, ZONE_VERSION)),
    };
    let region = label(region)?;
    Ok(fleet::Zone { label: name, region, local_name: local_name.into(), sale: sale.into() })
}

#[derive(Deserialize, Serialize)]
struct InstanceType<'a> {
    family: &'a str,
    cpus: u16,
    memory_mib: u32,
    architecture: Architecture,
    sale: Sale,
    monthly_price: u64,
}

pub(super) fn write_instance_type(it: &fleet::InstanceType) -> Result<Payload, EncodeError> {
    let fields = InstanceType {
        family: it.family.as_str(),
        cpus: it.cpus,
        memory_mib: it.memory_mib,
        architecture: it.architecture.into(),
        sale: it.sale.into(),
        monthly_price: it.monthly_price.0,
    };
    Payload::write(INSTANCE_TYPE_VERSION, &fields)
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
    })
}

#[derive(Deserialize, Serialize)]
struct Image<'a> {
    name: &'a str,
    os: Os,
    os_name: &'a str,
    architecture: Architecture,
    size_gib: u32,
    status: ImageStatus,
}

pub(super) fn write_image(image: &fleet::Image) -> Result<Payload, EncodeError> {
    let fields = Image {
        name: &image.name,
        os: image.os.into(),
        os_name: &image.os_name,
        architecture: image.architecture.into(),
        size_gib: image.size_gib,
        status: image.status.into(),
    };
    Payload::write(IMAGE_VERSION, &fields)
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
    })
}

#[derive(Deserialize, Serialize)]
struct Stock {
    total: u32,
    taken: u32,
    missing: u32,
    sale: Sale,
}

pub(super) fn write_stock(stock: &fleet::Stock) -> Result<Payload, EncodeError> {
    let (total, taken, missing) = (stock.total(), stock.taken(), stock.missing());
    Payload::write(STOCK_VERSION, &Stock { total, taken, missing, sale: stock.sale().into() })
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
    stay(Architecture::NUMBERS, [(1, Architecture::X86_64), (2, Architecture::Arm64)]);
    stay(
        ImageStatus::NUMBERS,
        [(1, ImageStatus::Available), (2, ImageStatus::Creating), (3, ImageStatus::Deprecated)],
    );
    stay(Os::NUMBERS, [(1, Os::Linux), (2, Os::Windows)]);
    stay(Sale::NUMBERS, [(1, Sale::Open), (2, Sale::Closed)]);
}
