//! Instance types and images.

use fleet::{
    Abilities, Architecture, CatalogueItem, Image, ImageOrigin, ImageStatus, ImageTraits, InstanceType,
    IoSupport, Label, LocalDisks, Money, Offer, Os, StockKey, Time,
};

use super::places::{account, disks, id_and_name, sale};
use super::read::{Row, flag, label, number, text};
use super::value::{rate, time};

/// What types are made for.
const ARCHITECTURES: [(&str, Architecture); 2] =
    [("x86_64", Architecture::X86_64), ("arm64", Architecture::Arm64)];

/// What images are made for.
const IMAGE_ARCHITECTURES: [(&str, Architecture); 3] =
    [("x86_64", Architecture::X86_64), ("arm64", Architecture::Arm64), ("i386", Architecture::I386)];

const IO: [(&str, IoSupport); 3] =
    [("never", IoSupport::Never), ("optional", IoSupport::Optional), ("only", IoSupport::Only)];

const OS: [(&str, Os); 2] = [("linux", Os::Linux), ("windows", Os::Windows)];

const ORIGINS: [(&str, ImageOrigin); 4] = [
    ("system", ImageOrigin::System),
    ("own", ImageOrigin::Own),
    ("others", ImageOrigin::Others),
    ("market", ImageOrigin::Market),
];

const STATUSES: [(&str, ImageStatus); 3] = [
    ("available", ImageStatus::Available),
    ("creating", ImageStatus::Creating),
    ("deprecated", ImageStatus::Deprecated),
];

/// A type, and where how much of it is offered.
pub(super) fn instance_type(row: &mut Row<'_, '_>) -> Option<(CatalogueItem, Vec<Offer>)> {
    let (of, family) = (row.id(), row.must("family", label));
    let (cpus, memory_mib) = (row.must("cpus", number), row.must("memory_mib", number));
    let architecture = row.choice("architecture", &ARCHITECTURES).unwrap_or(Architecture::X86_64);
    let sale = sale(row);
    let monthly_price = Money(row.or("monthly_price", 0, number));
    let stock = row.map("stock", "zone", number);
    let abilities = abilities(row);
    let (of, family, cpus, memory_mib) = (of?, family?, cpus?, memory_mib?);
    let offer = |(zone, total)| Offer { stock: StockKey { zone, instance_type: of.clone() }, total };
    let offers = stock.into_iter().map(offer).collect();
    let item =
        InstanceType { label: of, family, cpus, memory_mib, architecture, sale, monthly_price, abilities };
    Some((CatalogueItem::InstanceType(item), offers))
}

fn abilities(row: &mut Row<'_, '_>) -> Abilities {
    let usual = Abilities::default();
    let local_disks = row.inner("local_disks", "instance_type.local_disks", |row| {
        let (count, size_gib) = (row.must("count", number), row.must("size_gib", number));
        Some(LocalDisks { count: count?, size_gib: size_gib? })
    });
    Abilities {
        io: row.choice("io", &IO).unwrap_or(usual.io),
        disks: disks(row),
        interfaces: row.or("interfaces", usual.interfaces, number),
        ipv4_per_interface: row.or("ipv4_per_interface", usual.ipv4_per_interface, number),
        ipv6_per_interface: row.or("ipv6_per_interface", usual.ipv6_per_interface, number),
        burstable: row.or("burstable", usual.burstable, flag),
        hpc: row.or("hpc", usual.hpc, flag),
        local_disks: local_disks.flatten().unwrap_or(usual.local_disks),
        gpus: row.or("gpus", usual.gpus, number),
        gpu_name: row.or("gpu_name", usual.gpu_name, text),
        spot_price: row.may("spot_price", rate),
        hourly_price: row.or("hourly_price", usual.hourly_price, rate),
        bare_metal: super::bare_metal::instance_type(row),
    }
}

pub(super) fn image(row: &mut Row<'_, '_>) -> Option<CatalogueItem> {
    let (id, name) = id_and_name(row);
    let (os, size_gib) = (row.must_choice("os", &OS), row.must("size_gib", number));
    let os_name = row.may("os_name", text).filter(|name| !name.is_empty());
    let architecture = row.choice("architecture", &IMAGE_ARCHITECTURES).unwrap_or(Architecture::X86_64);
    let status = row.choice("status", &STATUSES).unwrap_or(ImageStatus::Available);
    let traits = traits(row);
    let (id, os, size_gib): (Label, _, _) = (id?, os?, size_gib?);
    let os_name = os_name.unwrap_or_else(|| id.to_string());
    Some(CatalogueItem::Image(Image { label: id, name, os, os_name, architecture, size_gib, status, traits }))
}

fn traits(row: &mut Row<'_, '_>) -> ImageTraits {
    let usual = ImageTraits::default();
    ImageTraits {
        family: row.may("family", text).map(Into::into),
        origin: row.choice("origin", &ORIGINS).unwrap_or(usual.origin),
        created_at: row.or("created", Time::START, time),
        has_password: row.or("has_password", usual.has_password, flag),
        io_optimized: row.or("io_optimized", usual.io_optimized, flag),
        cloud_init: row.or("cloud_init", usual.cloud_init, flag),
        memory_min_mib: row.or("memory_min_mib", usual.memory_min_mib, number),
        account: account(row),
    }
}
