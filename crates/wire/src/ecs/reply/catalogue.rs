//! Regions, zones, instance types and images: `contract/ecs-actions.md` section 4.

use std::collections::BTreeSet;

use fleet::{
    Architecture, Catalogue, Image, ImageStatus, InstanceType, Label, Region, Sale, Stock, Time, Zone,
};

use super::availability::{DISKS, Offered, offers, zones_of};
use super::instance::os_type;
use super::{Listing, NONE, Reply};
use crate::document::{Decimal, Object};
use crate::time;

/// All regions. Clients that follow `endpoint` come back to it.
#[must_use]
pub fn describe_regions(catalogue: &Catalogue, endpoint: &str) -> Reply {
    let region = |region: &Region| {
        Object::new()
            .text("RegionId", region.label.as_str())
            .text("LocalName", or_label(&region.local_name, &region.label))
            .text("RegionEndpoint", endpoint)
            .text("Status", "available")
    };
    let rows = catalogue.regions.values().map(region);
    Reply::new("DescribeRegions", Object::new().list("Regions", "Region", rows))
}

/// The zones of a region, and what each sells: what is open and has a stock, be it used up.
#[must_use]
pub fn describe_zones(catalogue: &Catalogue, stocks: &[Stock], region: &Label) -> Reply {
    let rows = zones_of(catalogue, region).map(|found| {
        let sold: Vec<&InstanceType> = offers(catalogue, stocks, found)
            .map(|Offered { instance_type, .. }| instance_type)
            .filter(|instance_type| (found.sale, instance_type.sale) == (Sale::Open, Sale::Open))
            .collect();
        zone(found, &sold)
    });
    Reply::new("DescribeZones", Object::new().list("Zones", "Zone", rows))
}

fn zone(zone: &Zone, sold: &[&InstanceType]) -> Object {
    let creations: &[&str] = match zone.sale {
        Sale::Open => &["VSwitch", "IoOptimized", "Instance", "Disk"],
        Sale::Closed => &["VSwitch"],
    };
    let disks: Vec<&str> = match sold {
        [] => Vec::new(),
        [..] => DISKS.iter().map(|disk| disk.name).collect(),
    };
    Object::new()
        .text("ZoneId", zone.label.as_str())
        .text("LocalName", or_label(&zone.local_name, &zone.label))
        .text("ZoneType", "AvailabilityZone")
        .list("AvailableResourceCreation", "ResourceTypes", creations.iter().copied())
        .list("AvailableDiskCategories", "DiskCategories", disks.iter().copied())
        .list("AvailableInstanceTypes", "InstanceTypes", sold.iter().map(|sold| sold.label.as_str()))
        .list("AvailableVolumeCategories", "VolumeCategories", NONE)
        .list("AvailableDedicatedHostTypes", "DedicatedHostType", NONE)
        .list("DedicatedHostGenerations", "DedicatedHostGeneration", NONE)
        .list("AvailableResources", "ResourcesInfo", (!sold.is_empty()).then(|| resources(sold, &disks)))
}

fn resources(sold: &[&InstanceType], disks: &[&str]) -> Object {
    let families: BTreeSet<&str> = sold.iter().map(|sold| sold.family.as_str()).collect();
    let generations: BTreeSet<String> = families.iter().copied().filter_map(generation).collect();
    Object::new()
        .boolean("IoOptimized", true)
        .list("SystemDiskCategories", "supportedSystemDiskCategory", disks.iter().copied())
        .list("DataDiskCategories", "supportedDataDiskCategory", disks.iter().copied())
        .list("NetworkTypes", "supportedNetworkCategory", ["vpc"])
        .list("InstanceGenerations", "supportedInstanceGeneration", generations)
        .list("InstanceTypeFamilies", "supportedInstanceTypeFamily", families)
        .list("InstanceTypes", "supportedInstanceType", sold.iter().map(|sold| sold.label.as_str()))
}

/// The generation of a family, by the number in its name: `ecs-5` of `ecs.g5`.
fn generation(family: &str) -> Option<String> {
    let name = family.rsplit('.').next()?;
    let number: String =
        name.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    (!number.is_empty()).then(|| format!("ecs-{number}"))
}

/// Instance types. They are paged by token alone.
#[must_use]
pub fn describe_instance_types(listing: &Listing<InstanceType>) -> Reply {
    let rows = listing.rows.iter().map(instance_type);
    let body = Object::new().text("NextToken", listing.next_token.as_str()).list(
        "InstanceTypes",
        "InstanceType",
        rows,
    );
    Reply::new("DescribeInstanceTypes", body)
}

fn instance_type(instance_type: &InstanceType) -> Object {
    let architecture = match instance_type.architecture {
        Architecture::X86_64 | Architecture::I386 => "X86",
        Architecture::Arm64 => "ARM",
    };
    Object::new()
        .text("InstanceTypeId", instance_type.label.as_str())
        .text("InstanceTypeFamily", instance_type.family.as_str())
        .text("InstanceFamilyLevel", "EnterpriseLevel")
        .integer("CpuCoreCount", instance_type.cpus)
        .field("MemorySize", gibibytes(instance_type.memory_mib))
        .text("CpuArchitecture", architecture)
        .integer("EniQuantity", 1)
        .integer("EniPrivateIpAddressQuantity", 1)
        .integer("EniIpv6AddressQuantity", 0)
        .text("LocalStorageCategory", "")
        .integer("DiskQuantity", DISKS_OF_AN_INSTANCE)
        .integer("GPUAmount", 0)
        .text("GPUSpec", "")
        .integer("InstanceBandwidthRx", 0)
        .integer("InstanceBandwidthTx", 0)
        .integer("InstancePpsRx", 0)
        .integer("InstancePpsTx", 0)
        .integer("BaselineCredit", 0)
        .integer("InitialCredit", 0)
}

/// The system disk and 16 data disks (rule D-06).
const DISKS_OF_AN_INSTANCE: u32 = 17;

/// A number of MiB in GiB, exact: one MiB is 0.0009765625 GiB.
fn gibibytes(mebibytes: u32) -> Decimal {
    Decimal { units: i64::from(mebibytes).saturating_mul(9_765_625), scale: 10 }
}

/// Images of a region.
#[must_use]
pub fn describe_images(listing: &Listing<Image>, region: &Label) -> Reply {
    let body = listing.numbers().text("RegionId", region.as_str()).list(
        "Images",
        "Image",
        listing.rows.iter().map(image),
    );
    Reply::new("DescribeImages", body)
}

fn image(image: &Image) -> Object {
    let architecture = match image.architecture {
        Architecture::X86_64 => "x86_64",
        Architecture::Arm64 => "arm64",
        Architecture::I386 => "i386",
    };
    let (status, progress) = match image.status {
        ImageStatus::Available => ("Available", "100%"),
        ImageStatus::Creating => ("Creating", "0%"),
        ImageStatus::Deprecated => ("Deprecated", "100%"),
    };
    let platform = match image.os {
        fleet::Os::Linux => "Others Linux",
        fleet::Os::Windows => "Windows Server",
    };
    Object::new()
        .text("ImageId", image.label.as_str())
        .text("ImageName", or_label(&image.name, &image.label))
        .text("ImageFamily", "")
        .text("ImageOwnerAlias", "system")
        .text("OSType", os_type(image.os))
        .text("OSName", image.os_name.as_str())
        .text("OSNameEn", image.os_name.as_str())
        .text("Platform", platform)
        .text("Architecture", architecture)
        .integer("Size", image.size_gib)
        .text("Status", status)
        .text("Progress", progress)
        .text("Usage", "none")
        .boolean("IsSubscribed", false)
        .text("IsSelfShared", "")
        .boolean("IsCopied", false)
        .boolean("IsSupportIoOptimized", true)
        .boolean("IsSupportCloudinit", true)
        // The catalogue has no dates, and some clients parse this one to sort by it.
        .text("CreationTime", time::seconds(Time::START))
        .text("Description", "")
        .text("ImageVersion", "")
        .text("ProductCode", "")
        .list("DiskDeviceMappings", "DiskDeviceMapping", NONE)
        .list("Tags", "Tag", NONE)
}

/// What people call something, or its label where they call it nothing.
fn or_label<'a>(name: &'a str, label: &'a Label) -> &'a str {
    if name.is_empty() { label.as_str() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_exact() {
        for (mebibytes, expected) in
            [(0, "0.0"), (512, "0.5"), (8192, "8.0"), (1, "0.0009765625"), (u32::MAX, "4194303.9990234375")]
        {
            assert_eq!(gibibytes(mebibytes).to_string(), expected);
        }
    }

    #[test]
    fn a_family_has_its_generation_in_its_name() {
        for (family, expected) in [
            ("ecs.g5", Some("ecs-5")),
            ("ecs.c6e", Some("ecs-6")),
            ("ecs.t12-c", Some("ecs-12")),
            ("ecs.x", None),
        ] {
            assert_eq!(generation(family).as_deref(), expected, "{family}");
        }
    }
}
