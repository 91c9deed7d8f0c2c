//! One reply of every kind, at fixed values.

use std::net::Ipv4Addr;
use std::sync::Arc;

use fleet::{
    Abilities, AccountId, AfterCreation, Architecture, BatchId, Boot, Catalogue, CatalogueItem, Charge,
    Cycle, Disk, DiskKind, Event, EventId, EventKind, Failure, FailureReason, Group, Hosting, Image,
    ImageStatus, ImageTraits, Instance, InstanceId, InstanceType, Internet, InternetCharge, Io, Label,
    Launched, Machine, Money, Names, Naming, Network, Os, Page, Paging, PeriodUnit, Policy, Protection,
    Region, ReleasedFrom, Sale, Serial, Settings, Spec, State, Stock, StockKey, Subnet, SubnetBlock, Tag,
    Terms, Time, Work, Zone,
};
use wire::ecs::reply::{self, Listing, Reply};
use wire::ecs::request::catalogue::{AvailableResource, Destination};

pub(crate) const REQUEST_ID: &str = "473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E";

/// 2026-01-02T03:04:05Z
pub(crate) const NOW: Time = Time::from_secs(1_767_323_045);

pub(crate) fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn serial(number: u64) -> Serial {
    Serial { epoch: 1, number }
}

pub(crate) fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::default();
    let region = label("cn-hangzhou");
    catalogue
        .add(CatalogueItem::Region(Region { label: region.clone(), local_name: "China (Hangzhou)".into() }));
    for (zone, local_name, sale) in [
        ("cn-hangzhou-g", "Zone G", Sale::Open),
        ("cn-hangzhou-h", "", Sale::Closed),
        ("cn-hangzhou-i", "", Sale::Open),
    ] {
        let (region, local_name) = (region.clone(), local_name.into());
        catalogue.add(CatalogueItem::Zone(Zone {
            label: label(zone),
            region,
            local_name,
            sale,
            disks: Vec::new(),
            bare_metal: None,
        }));
    }
    for (name, family, cpus, architecture, sale) in [
        ("ecs.g5.large", "ecs.g5", 2, Architecture::X86_64, Sale::Open),
        ("ecs.g5.xlarge", "ecs.g5", 4, Architecture::X86_64, Sale::Open),
        ("ecs.g8y.small", "ecs.g8y", 1, Architecture::Arm64, Sale::Open),
        ("ecs.i1.xlarge", "ecs.i1", 4, Architecture::X86_64, Sale::Closed),
    ] {
        catalogue.add(CatalogueItem::InstanceType(InstanceType {
            label: label(name),
            family: label(family),
            cpus,
            memory_mib: u32::from(cpus) * 4096 - if cpus == 1 { 3584 } else { 0 },
            architecture,
            sale,
            monthly_price: Money(100),
            abilities: Abilities::default(),
        }));
    }
    for (name, os, os_name, status) in [
        ("img-linux", Os::Linux, "Linux 64bit", ImageStatus::Available),
        ("img-windows", Os::Windows, "Windows Server 2022 <64bit> & \"more\"", ImageStatus::Deprecated),
        ("img-young", Os::Linux, "", ImageStatus::Creating),
    ] {
        catalogue.add(CatalogueItem::Image(Image {
            label: label(name),
            name: if os == Os::Linux { String::new() } else { "windows".into() },
            os,
            os_name: os_name.into(),
            architecture: if name == "img-young" { Architecture::Arm64 } else { Architecture::X86_64 },
            size_gib: 20,
            status,
            traits: ImageTraits::default(),
        }));
    }
    catalogue
}

/// Total, taken and missing of each type in each zone; one stock is of a type that nobody knows.
pub(crate) fn stocks() -> Vec<Stock> {
    [
        ("cn-hangzhou-g", "ecs.g5.large", 10, 3, 1),
        ("cn-hangzhou-g", "ecs.g5.xlarge", 2, 1, 1),
        ("cn-hangzhou-g", "ecs.i1.xlarge", 5, 0, 0),
        ("cn-hangzhou-g", "ecs.unknown", 5, 0, 0),
        ("cn-hangzhou-h", "ecs.g5.large", 5, 0, 0),
        ("cn-hangzhou-i", "ecs.g8y.small", 1, 1, 0),
    ]
    .into_iter()
    .map(|(zone, instance_type, total, taken, missing)| {
        let key = StockKey { zone: label(zone), instance_type: label(instance_type) };
        Stock::from_numbers(key, total, taken, missing).unwrap()
    })
    .collect()
}

pub(crate) fn spec() -> Spec {
    Spec {
        region: label("cn-hangzhou"),
        zone: label("cn-hangzhou-g"),
        image: Some(label("img-linux")),
        instance_type: label("ecs.g5.large"),
        network: label("vpc-a"),
        subnet: label("vsw-a"),
        groups: vec![label("sg-a"), label("sg-b")],
        charge: Charge::PostPaid,
        after_creation: AfterCreation::Start,
        protection: Protection::Off,
        names: Names { naming: Naming::Fixed("MyInstance".into()), unique_suffix: true },
        host_names: Names { naming: Naming::Fixed("LocalHost".into()), unique_suffix: true },
        description: Arc::from("for <the> tests & more"),
        tags: vec![
            Tag { key: "team".into(), value: "a".into() },
            Tag { key: "empty".into(), value: String::new() },
        ],
        internet: Internet { charge: InternetCharge::ByTraffic, in_mbps_max: 200, out_mbps_max: 5 },
        io: Io::Optimized,
        system_disk: Disk::new(DiskKind::Efficiency, 40),
        data_disks: Vec::new(),
        interfaces: Vec::new(),
        terms: Terms::default(),
        key_pair: None,
        role: None,
        hosting: Hosting::default(),
        settings: Settings::default(),
        bare_metal: None,
    }
}

/// An instance of [`spec`] in its first hour.
pub(crate) fn instance(number: u64, state: State) -> Instance {
    Instance {
        id: InstanceId(serial(number)),
        account: AccountId(1_000_000_000_000_001),
        batch: BatchId(serial(41)),
        index: 0,
        state,
        machine: Machine::Present,
        address: Ipv4Addr::new(192, 168, 1, 1),
        paid: Money(0),
        protection: Protection::Off,
        created_at: NOW,
        started_at: Some(Time::from_secs(1_767_323_105)),
        orders: 1,
        release_at: None,
        public: None,
        further: Vec::new(),
        ipv6: Vec::new(),
        amended: false,
        attached: Vec::new(),
    }
}

pub(crate) fn work() -> Work {
    Work { order: 1, attempt: 0, available_at: NOW, holder: None }
}

pub(crate) fn failure() -> Failure {
    Failure {
        reason: FailureReason::NoStock,
        event: EventId(serial(50)),
        release_at: Some(Time::from_secs(1_767_323_345)),
    }
}

/// An instance in every state; launched differently, and one on a catalogue that forgot all.
pub(crate) fn instances() -> Vec<(Instance, Arc<Spec>)> {
    let common = Arc::new(spec());
    let prepaid = Arc::new(Spec {
        charge: Charge::PrePaid { count: 1, unit: PeriodUnit::Month },
        image: Some(label("img-windows")),
        instance_type: label("ecs.g8y.small"),
        names: Names::OWN_ID,
        host_names: Names::OWN_ID,
        tags: vec![],
        description: Arc::from(""),
        internet: Internet { charge: InternetCharge::ByBandwidth, ..Internet::NONE },
        ..spec()
    });
    let forgotten = Arc::new(Spec {
        region: label("gone"),
        zone: label("gone-a"),
        image: Some(label("img-gone")),
        instance_type: label("ecs.gone.large"),
        names: Names::OWN_ID,
        host_names: Names::OWN_ID,
        ..spec()
    });
    let stopped = Instance { protection: Protection::On, ..instance(46, State::Stopped) };
    let failed = Instance { started_at: None, ..instance(48, State::Failed(failure())) };
    vec![
        (instance(42, State::Running), Arc::clone(&common)),
        (
            Instance { started_at: None, index: 1, ..instance(43, State::Pending(work())) },
            Arc::clone(&common),
        ),
        (instance(44, State::Starting(Boot::Reboot, work())), Arc::clone(&common)),
        (instance(45, State::Stopping(work())), Arc::clone(&common)),
        (stopped, Arc::clone(&common)),
        (instance(47, State::Stopped), prepaid),
        (failed, Arc::clone(&common)),
        (instance(49, State::Releasing(ReleasedFrom::Running, work())), forgotten),
        (instance(51, State::Releasing(ReleasedFrom::Stopped, work())), Arc::clone(&common)),
        (instance(52, State::Releasing(ReleasedFrom::Failed, work())), common),
    ]
}

pub(crate) fn page<T>(rows: Vec<T>) -> Listing<T> {
    let total = rows.len() + 1;
    Listing::of_page(Page { rows, total, more_after: Some(7) }, &Paging::After { last: None, size: 10 })
}

fn events() -> Vec<Event> {
    let reasons =
        [FailureReason::NoStock, FailureReason::NoAddress, FailureReason::Machine, FailureReason::Deadline];
    let kinds = reasons.into_iter().cycle().map(EventKind::CreationFailure);
    Cycle::ALL
        .into_iter()
        .zip(kinds)
        .map(|(cycle, kind)| Event {
            id: EventId(serial(50)),
            account: AccountId(1),
            instance: InstanceId(serial(48)),
            kind,
            cycle,
            published_at: Time::from_secs(1_767_323_060),
            not_before: Time::from_secs(1_767_323_360),
            finished_at: cycle.is_final().then(|| Time::from_secs(1_767_323_361)),
        })
        .collect()
}

fn block() -> SubnetBlock {
    SubnetBlock::new("192.168.1.0/24".parse().unwrap()).unwrap()
}

fn network(name: &str, subnets: &[&str]) -> Network {
    Network {
        label: label(name),
        account: AccountId(1_000_000_000_000_001),
        region: label("cn-hangzhou"),
        block: "192.168.0.0/16".parse().unwrap(),
        name: "main".into(),
        description: "a <net>".into(),
        created_at: NOW,
        subnets: subnets.iter().map(|subnet| (label(subnet), block())).collect(),
    }
}

fn subnet() -> Subnet {
    Subnet {
        label: label("vsw-a"),
        account: AccountId(1_000_000_000_000_001),
        network: label("vpc-a"),
        zone: label("cn-hangzhou-g"),
        block: block(),
        name: String::new(),
        description: String::new(),
        created_at: NOW,
        free: 252,
        full_pages: fleet::Bits::default(),
    }
}

fn group(members: u32) -> Group {
    Group {
        label: label("sg-a"),
        account: AccountId(1),
        network: label("vpc-a"),
        name: "web".into(),
        description: String::new(),
        created_at: NOW,
        members,
    }
}

fn query(destination: Destination) -> AvailableResource {
    AvailableResource {
        region: label("cn-hangzhou"),
        zone: None,
        destination,
        instance_type: None,
        cpus: None,
        memory_mib: None,
        system_disk: None,
        data_disk: None,
        served: true,
    }
}

/// The action, what sets this sample apart from others of the action, and the reply.
pub(crate) fn replies() -> Vec<(&'static str, &'static str, Reply)> {
    let (catalogue, stocks, region) = (catalogue(), stocks(), label("cn-hangzhou"));
    let available =
        |query: &AvailableResource| reply::describe_available_resource(query, &catalogue, &stocks);
    let ids = |numbers: &[u64]| Launched::Batch {
        id: BatchId(serial(41)),
        instances: numbers.iter().map(|number| InstanceId(serial(*number))).collect(),
    };
    let prepaid = Charge::PrePaid { count: 1, unit: PeriodUnit::Month };
    let small =
        AvailableResource { cpus: Some(2), memory_mib: Some(8192), ..query(Destination::InstanceType) };
    let disks_of_one =
        AvailableResource { instance_type: Some(label("ecs.g5.xlarge")), ..query(Destination::SystemDisk) };
    let disks_in_one =
        AvailableResource { zone: Some(label("cn-hangzhou-g")), ..query(Destination::DataDisk) };
    let one_disk =
        AvailableResource { system_disk: Some("cloud_ssd".into()), ..query(Destination::SystemDisk) };
    let no_disk = AvailableResource { data_disk: Some("cloud".into()), ..query(Destination::Zone) };
    let classic = AvailableResource { served: false, ..query(Destination::Zone) };
    let images = catalogue.images.values().cloned().collect();
    let types = catalogue.instance_types.values().cloned().collect();
    vec![
        ("RunInstances", "", reply::run_instances(&ids(&[42, 43]), Charge::PostPaid).unwrap()),
        ("RunInstances", "-prepaid", reply::run_instances(&ids(&[42]), prepaid).unwrap()),
        ("CreateInstance", "", reply::create_instance(&ids(&[42]), Charge::PostPaid).unwrap()),
        ("CreateInstance", "-prepaid", reply::create_instance(&ids(&[42]), prepaid).unwrap()),
        ("StartInstance", "", Reply::done("StartInstance")),
        ("StopInstance", "", Reply::done("StopInstance")),
        ("RebootInstance", "", Reply::done("RebootInstance")),
        ("DeleteInstance", "", Reply::done("DeleteInstance")),
        ("DescribeInstances", "", reply::describe_instances(&page(instances()), &catalogue)),
        ("DescribeInstances", "-empty", reply::describe_instances(&page(vec![]), &catalogue)),
        ("DescribeInstanceStatus", "", reply::describe_instance_status(&page(instances()))),
        ("DescribeInstanceHistoryEvents", "", reply::describe_instance_history_events(&page(events()))),
        ("DescribeAvailableResource", "-zone", available(&query(Destination::Zone))),
        ("DescribeAvailableResource", "-io-optimized", available(&query(Destination::IoOptimized))),
        ("DescribeAvailableResource", "-instance-type", available(&query(Destination::InstanceType))),
        ("DescribeAvailableResource", "-instance-type-by-size", available(&small)),
        ("DescribeAvailableResource", "-network", available(&query(Destination::Network))),
        ("DescribeAvailableResource", "-ddh", available(&query(Destination::DedicatedHost))),
        ("DescribeAvailableResource", "-system-disk-of-one-type", available(&disks_of_one)),
        ("DescribeAvailableResource", "-data-disk-in-one-zone", available(&disks_in_one)),
        ("DescribeAvailableResource", "-system-disk-of-one-category", available(&one_disk)),
        ("DescribeAvailableResource", "-zone-with-other-disks", available(&no_disk)),
        ("DescribeAvailableResource", "-not-served", available(&classic)),
        ("DescribeRegions", "", reply::describe_regions(&catalogue, "127.0.0.1:8080")),
        ("DescribeZones", "", reply::describe_zones(&catalogue, &stocks, &region)),
        ("DescribeInstanceTypes", "", reply::describe_instance_types(&page(types))),
        ("DescribeImages", "", reply::describe_images(&page(images), &region)),
        ("CreateVpc", "", reply::create_vpc(&network("vpc-a", &[]))),
        (
            "DescribeVpcs",
            "",
            reply::describe_vpcs(&page(vec![network("vpc-a", &["vsw-a", "vsw-b"]), network("other", &[])])),
        ),
        ("CreateVSwitch", "", reply::create_vswitch(&subnet())),
        ("DescribeVSwitches", "", reply::describe_vswitches(&page(vec![subnet()]))),
        ("CreateSecurityGroup", "", reply::create_security_group(&group(0))),
        (
            "DescribeSecurityGroups",
            "",
            reply::describe_security_groups(&page(vec![group(0), group(1001)]), &region, &Policy::default()),
        ),
    ]
}
