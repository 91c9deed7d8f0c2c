//! Zones, types, what there is, images, prices: `contract/zenlayer.md` sections 4 and 5.

use fleet::{BareMetalOffer, BareMetalType, Catalogue, Charge, Image, InstanceType, Line, Rate, Stock, Zone};
use serde_json::{Value, json};

use super::super::Fields;
use super::super::request::catalogue::{PriceInquiry, most_out, total_disk};
use super::super::words::{self, Supply};
use super::fields;
use super::instance::terabytes;

/// Zones that have bare metal.
#[must_use]
pub fn describe_zones<'z>(zones: impl Iterator<Item = &'z Zone>) -> Fields {
    let row = |zone: &Zone| {
        let has = zone.bare_metal.as_deref()?;
        Some(json!({
            "zoneId": zone.label.as_str(),
            "zoneName": zone.local_name,
            "cityName": has.city,
            "areaName": has.area,
            "isCloudRouterAvailable": has.cloud_router,
        }))
    };
    fields(json!({ "zoneSet": zones.filter_map(row).collect::<Vec<_>>() }))
}

/// Types that are bare metal.
#[must_use]
pub fn describe_instance_types<'t>(
    types: impl Iterator<Item = &'t InstanceType>,
    catalogue: &Catalogue,
) -> Fields {
    let rows: Vec<Value> = types.map(|of| instance_type(of, Some(catalogue))).collect();
    fields(json!({ "instanceTypes": rows }))
}

/// A type. The images that suit it are only told where the catalogue is at hand.
pub(super) fn instance_type(of: &InstanceType, catalogue: Option<&Catalogue>) -> Value {
    let none = BareMetalType::default();
    let is = of.abilities.bare_metal.as_deref().unwrap_or(&none);
    let images = catalogue.into_iter().flat_map(|catalogue| catalogue.images.values());
    let images: Vec<&str> =
        images.filter(|image| is.takes(of, image)).map(|image| image.label.as_str()).collect();
    let disks = is.disks.iter().map(|row| json!({ "diskSize": row.size_gb, "diskCount": row.count }));
    json!({
        "imageIds": images,
        "instanceTypeId": of.label.as_str(),
        "description": is.description,
        "cpuCoreCount": of.cpus,
        "cpuDetail": is.processor,
        "cpuCores": of.cpus,
        "cpuThreads": is.threads.max(of.cpus),
        "baseFrequency": is.frequency,
        "memorySize": of.memory_mib / 1024,
        "maximumBandwidth": most_out(is),
        "supportRaids": is.quick_raids.iter().copied().map(words::raid_number).collect::<Vec<_>>(),
        "supportSubnet": is.subnets,
        "isHA": is.high_availability,
        "diskInfo": {
            "totalDiskSize": total_disk(is),
            "diskDescription": is.disk_description,
            "disks": disks.collect::<Vec<_>>(),
        },
    })
}

/// What there is of types that are bare metal. A document of the vendor calls the status otherwise:
/// it is told under both names.
#[must_use]
pub fn describe_available_resources<'s>(
    rows: impl Iterator<Item = (&'s Stock, &'s BareMetalOffer)>,
) -> Fields {
    let row = |(stock, offer): (&Stock, &BareMetalOffer)| {
        let supply = words::supply::word(Supply::of(stock.free()));
        json!({
            "zoneId": stock.key.zone.as_str(),
            "instanceTypeId": stock.key.instance_type.as_str(),
            "sellStatus": supply,
            "status": supply,
            "internetChargeTypes": offer.lines.iter().copied().map(words::line::word).collect::<Vec<_>>(),
            "maximumBandwidthOut": offer.out_mbps_max,
            "defaultBandwidthOut": BareMetalOffer::OUT_MBPS,
            "defaultTrafficPackageSize": terabytes(offer.traffic),
            "qty": stock.free(),
        })
    };
    fields(json!({ "availableResources": rows.map(row).collect::<Vec<_>>() }))
}

/// Images.
#[must_use]
pub fn describe_images<'i>(images: impl Iterator<Item = &'i Image>) -> Fields {
    let row = |image: &Image| {
        json!({
            "imageId": image.label.as_str(),
            "imageName": image.name,
            "catalog": words::catalog(&image.os_name),
            "imageType": words::image_type(image.traits.origin),
            "osType": words::os::word(image.os),
        })
    };
    fields(json!({ "images": images.map(row).collect::<Vec<_>>() }))
}

/// What a type costs. Addresses and lines cost nothing here.
#[must_use]
pub fn inquiry_price(of: &InstanceType, inquiry: &PriceInquiry) -> Fields {
    let Rate(hourly) = of.abilities.hourly_price;
    let instance = match inquiry.charge {
        Charge::PostPaid => price(None, Some(float(hourly) / 1000.0), "HOUR"),
        Charge::PrePaid { count, .. } => {
            price(Some(float(of.monthly_price.0) * f64::from(count)), None, "MONTH")
        }
    };
    let free = |line: Line| match line {
        Line::Bandwidth | Line::TrafficPackage => price(Some(0.0), None, "MONTH"),
        Line::Peak | Line::ClusterPeak => price(None, Some(0.0), "MONTH"),
    };
    let address = match inquiry.charge {
        Charge::PostPaid => price(None, Some(0.0), "HOUR"),
        Charge::PrePaid { .. } => price(Some(0.0), None, "MONTH"),
    };
    fields(json!({
        "instancePrice": instance,
        "primaryIpPrice": address,
        "bandwidthPrice": [free(inquiry.line.unwrap_or_default())],
    }))
}

#[allow(clippy::cast_precision_loss, reason = "prices are for people")]
fn float(amount: u64) -> f64 {
    amount as f64
}

fn price(total: Option<f64>, unit: Option<f64>, charge_unit: &str) -> Value {
    json!({
        "discount": 100.0,
        "discountPrice": total,
        "originalPrice": total,
        "unitPrice": unit,
        "discountUnitPrice": unit,
        "chargeUnit": charge_unit,
        "stepPrices": [],
    })
}
