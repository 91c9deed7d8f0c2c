//! Strategies of bare metal. Boxed: they are parts of others, and a tree of all of it is too much for a stack.

use std::sync::Arc;

use fleet::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::strategies::{label, shared_text, small, text};

fn level() -> impl Strategy<Value = RaidLevel> {
    proptest::sample::select(&RaidLevel::ALL)
}

fn line() -> impl Strategy<Value = Line> {
    proptest::sample::select(&Line::ALL)
}

fn traffic() -> impl Strategy<Value = TrafficVolume> {
    any::<u64>().prop_map(TrafficVolume)
}

fn public_keys() -> impl Strategy<Value = Vec<Arc<str>>> {
    vec(shared_text(), 0..3)
}

fn layout() -> BoxedStrategy<Layout> {
    let array = (level(), vec(any::<u16>(), 0..5)).prop_map(|(level, disks)| Array { level, disks });
    let raid = (option::of(level()), vec(array, 0..3)).prop_map(|(quick, custom)| Raid { quick, custom });
    let system = prop_oneof![
        Just(FileSystem::Ext2),
        Just(FileSystem::Ext3),
        Just(FileSystem::Ext4),
        Just(FileSystem::Ntfs),
    ];
    let partition = (shared_text(), option::of(system), small());
    let partition =
        partition.prop_map(|(path, file_system, size_gb)| Partition { path, file_system, size_gb });
    let interfaces = (option::of(shared_text()), option::of(shared_text()));
    let interfaces = interfaces.prop_map(|(wan, lan)| InterfaceNames { wan, lan });
    (option::of(shared_text()), raid, vec(partition, 0..4), interfaces)
        .prop_map(|(boot_url, raid, partitions, interfaces)| Layout {
            boot_url,
            raid,
            partitions,
            interfaces,
        })
        .boxed()
}

pub(super) fn asked() -> BoxedStrategy<BareMetal> {
    let labels = (option::of(label()), option::of(label()));
    let flags = (any::<bool>(), any::<bool>());
    (layout(), line(), option::of(traffic()), labels, flags, public_keys())
        .prop_map(|(layout, line, traffic, (cluster, subnet), (ipv6, gateway), public_keys)| BareMetal {
            layout,
            line,
            traffic,
            cluster,
            subnet,
            ipv6,
            gateway,
            public_keys,
        })
        .boxed()
}

pub(super) fn installed() -> BoxedStrategy<Installed> {
    (option::of(label()), layout(), public_keys())
        .prop_map(|(image, layout, public_keys)| Installed { image, layout, public_keys })
        .boxed()
}

pub(super) fn zone() -> BoxedStrategy<BareMetalZone> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (text(), text(), label(), flags)
        .prop_map(|(city, area, addresses, (subnets, networks, cloud_router))| BareMetalZone {
            city,
            area,
            addresses,
            subnets,
            networks,
            cloud_router,
        })
        .boxed()
}

pub(super) fn instance_type() -> BoxedStrategy<BareMetalType> {
    let row = (small(), any::<u16>()).prop_map(|(size_gb, count)| DiskRow { size_gb, count });
    let texts = (text(), text(), text(), text());
    let raids = (vec(level(), 0..4), vec(level(), 0..4));
    let charges = (any::<bool>(), any::<bool>());
    let offer = (vec(line(), 0..4), any::<u16>(), traffic(), charges).prop_map(
        |(lines, out_mbps_max, traffic, (postpaid, prepaid))| BareMetalOffer {
            lines,
            out_mbps_max,
            traffic,
            postpaid,
            prepaid,
        },
    );
    let offers = proptest::collection::btree_map(label(), offer, 0..3);
    let flags = (any::<bool>(), any::<bool>());
    (texts, any::<u16>(), vec(row, 0..3), raids, flags, vec(label(), 0..3), offers)
        .prop_map(
            |(texts, threads, disks, (raids, quick_raids), (subnets, high_availability), images, offers)| {
                BareMetalType {
                    description: texts.0,
                    processor: texts.1,
                    threads,
                    frequency: texts.2,
                    disks,
                    disk_description: texts.3,
                    raids,
                    quick_raids,
                    subnets,
                    high_availability,
                    images,
                    offers,
                }
            },
        )
        .boxed()
}
