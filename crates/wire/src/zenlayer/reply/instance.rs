//! Instances: `contract/zenlayer.md` section 3.

use std::sync::Arc;

use fleet::{Amendment, Array, Catalogue, Charge, Instance, Partition, Spec, Tag, TrafficVolume};
use serde_json::{Value, json};

use super::super::Fields;
use super::super::view::View;
use super::super::words::{self, Seen};
use super::{catalogue, fields, page, resource_group_name};
use crate::time;

/// An instance, what it shares with its launch, and what was changed of it.
pub type Row = (Instance, Arc<Spec>, Option<Amendment>);

/// A page of instances.
#[must_use]
pub fn describe_instances(rows: &[Row], total: usize, catalogue: &Catalogue) -> Fields {
    let row = |(instance, spec, amendment): &Row| {
        row(&View { instance, spec, amendment: amendment.as_ref() }, catalogue)
    };
    page(rows.iter().map(row).collect(), total)
}

fn row(view: &View<'_>, catalogue: &Catalogue) -> Value {
    let View { instance, spec, .. } = view;
    let of = catalogue.instance_types.get(&spec.instance_type);
    let is = of.and_then(|of| of.abilities.bare_metal.as_deref());
    let bare_metal = spec.bare_metal.as_deref();
    let image = view.image();
    let layout = view.layout();
    let (charge, period) = match spec.charge {
        Charge::PostPaid => (words::POSTPAID, None),
        Charge::PrePaid { count, .. } => (words::PREPAID, Some(count)),
    };
    let group = view.resource_group();
    let public = view.public();
    let status = Seen::of(instance).map_or("", words::status::word);
    let (wan, lan) = match (is, layout) {
        (Some(is), Some(layout)) => is.interface_names(&layout.interfaces),
        (Some(_) | None, _) => ("", ""),
    };
    let raid = layout.map(|layout| &layout.raid);
    let arrays = raid.map(|raid| raid.custom.iter().map(array).collect::<Vec<_>>());
    let partitions = layout.map(|layout| layout.partitions.iter().map(partition).collect::<Vec<_>>());
    let expires_at = instance.expires_at(spec.charge.paid_span());
    json!({
        "instanceId": instance.id.to_string(),
        "zoneId": spec.zone.as_str(),
        "instanceName": view.name(),
        "hostname": view.host_name(),
        "instanceTypeId": spec.instance_type.as_str(),
        "instanceType": of.map(|of| catalogue::instance_type(of, None)),
        "imageId": image.map(|image| image.as_str()),
        "imageName": image.and_then(|image| catalogue.images.get(image)).map_or("", |image| &image.name),
        "ipxeUrl": layout.and_then(|layout| layout.boot_url.as_deref()),
        "instanceChargeType": charge,
        "bandwidthOutMbps": spec.internet.out_mbps_max,
        "trafficPackageSize": bare_metal.and_then(|bare_metal| traffic(bare_metal, spec, is)).map(terabytes),
        "internetChargeType": words::line::word(words::line_of(spec)),
        "period": period,
        "primaryPublicIpAddress": public.first().map(ToString::to_string),
        "publicIpAddresses": public.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "privateIpAddresses": view.private().iter().map(ToString::to_string).collect::<Vec<_>>(),
        "ipv6Addresses": instance.ipv6.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "subnetIds": view.subnets().iter().map(|label| label.as_str()).collect::<Vec<_>>(),
        "createTime": time::seconds(instance.created_at),
        "expiredTime": expires_at.map(time::seconds),
        "resourceGroupId": group.as_str(),
        "resourceGroupName": resource_group_name(&group),
        "instanceStatus": status,
        "partitions": partitions.unwrap_or_default(),
        "raidConfig": {
            "raidType": raid.and_then(|raid| raid.quick).map(words::raid_number),
            "customRaids": arrays.unwrap_or_default(),
        },
        "nic": { "wanName": wan, "lanName": lan },
        "autoRenew": view.renews(),
        "keyId": view.key_pair(),
        "tags": { "tags": view.tags().iter().map(tag).collect::<Vec<_>>() },
        "enableGatewayMode": bare_metal.is_some_and(|bare_metal| bare_metal.gateway),
    })
}

/// How much traffic is paid for together: what was asked for, or what the type has; nothing on
/// lines that are billed otherwise.
fn traffic(of: &fleet::BareMetal, spec: &Spec, is: Option<&fleet::BareMetalType>) -> Option<TrafficVolume> {
    let offered = is.and_then(|is| is.offers.get(&spec.zone)).map(|offer| offer.traffic);
    of.traffic.or(offered).filter(|_| of.line == fleet::Line::TrafficPackage)
}

/// An amount of traffic in terabytes, with a point in it.
#[allow(clippy::cast_precision_loss, reason = "what is sent has fewer digits than a float")]
pub(super) fn terabytes(TrafficVolume(thousandths): TrafficVolume) -> f64 {
    thousandths as f64 / 1000.0
}

fn array(array: &Array) -> Value {
    json!({ "raidType": words::raid_number(array.level), "diskSequence": array.disks })
}

fn partition(partition: &Partition) -> Value {
    json!({
        "fsPath": &*partition.path,
        "fsType": partition.file_system.map_or("", words::file_system::word),
        "size": partition.size_gb,
    })
}

fn tag(tag: &Tag) -> Value {
    json!({ "key": tag.key, "value": tag.value })
}

/// What goes out of an instance. Nothing about it is ever being modified.
#[must_use]
pub fn internet_status((instance, spec, amendment): &Row, catalogue: &Catalogue) -> Fields {
    let view = View { instance, spec, amendment: amendment.as_ref() };
    let of = catalogue.instance_types.get(&spec.instance_type);
    let is = of.and_then(|of| of.abilities.bare_metal.as_deref());
    let package = spec.bare_metal.as_deref().and_then(|bare_metal| traffic(bare_metal, spec, is));
    fields(json!({
        "instanceId": instance.id.to_string(),
        "instanceName": view.name(),
        "internetMaxBandwidthOut": spec.internet.out_mbps_max,
        "modifiedInternetMaxBandwidthOut": null,
        "modifiedBandwidthStatus": null,
        "trafficPackageSize": package.map(terabytes),
        "modifiedTrafficPackageSize": null,
        "modifiedTrafficPackageStatus": null,
    }))
}
