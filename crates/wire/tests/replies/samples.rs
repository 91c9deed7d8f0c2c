//! One reply of every kind, at fixed values.

use std::net::Ipv4Addr;
use std::sync::Arc;

use fleet::{
    Abilities, AccountId, Affinity, AfterCreation, Amendment, Architecture, BatchId, Boot, Capacity,
    Catalogue, CatalogueItem, Charge, Credit, Cycle, Device, Direction, Disk, DiskKind, DiskLevel, Event,
    EventId, EventKind, Failure, FailureReason, Group, Hosting, Image, ImageStatus, ImageTraits, Incident,
    IncidentKind, Instance, InstanceId, InstanceType, Interface, Internet, InternetCharge, Interruption, Io,
    KeyPair, Label, Launched, LockReason, Machine, Marks, Money, Names, Naming, Network, OnRelease, Os, Page,
    Paging, Peer, PeriodUnit, Policy, Ports, Profile, Protection, Protocol, Rate, Region, ReleasedFrom, Rule,
    RuleId, Sale, Secret, Serial, Settings, Shutdown, Spec, Spot, Staging, State, Stock, StockKey, Subnet,
    SubnetBlock, Tag, Template, TemplateContent, TemplateName, TemplateParameters, TemplateVersion, Tenancy,
    Terms, Time, Traffic, Verdict, Work, Zone,
};
use wire::ecs::reply::{self, Listing, Reply};
use wire::ecs::request::catalogue::{AvailableResource, Destination};
use wire::ecs::request::tag::{ResourceType, TagRow};

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
    catalogue.add(CatalogueItem::Region(Region {
        label: region.clone(),
        local_name: "China (Hangzhou)".into(),
        public_block: None,
    }));
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

fn template() -> Template {
    Template {
        label: label("lt-a"),
        account: AccountId(1_000_000_000_000_001),
        region: label("cn-hangzhou"),
        name: TemplateName::parse("tmplA").unwrap(),
        created_at: NOW,
        modified_at: NOW,
        default_version: 2,
        last_version: 4,
        versions: vec![1, 2, 3],
        tags: vec![Tag { key: "k".into(), value: "v".into() }],
        resource_group: Some(label("rg-1")),
    }
}

fn template_version() -> TemplateVersion {
    let parameters = [
        ("ImageId", "img-linux"),
        ("InstanceType", "ecs.g5.large"),
        ("SecurityGroupId", "sg-a"),
        ("VSwitchId", "vsw-a"),
        ("SpotPriceLimit", "0.50"),
        ("AutoRenew", "True"),
        ("SystemDisk.Category", "cloud_ssd"),
        ("SystemDisk.Size", "40"),
        ("SecurityOptions.EnableSecureBoot", "true"),
        ("SecurityOptions.TrustedSystemMode", "vTPM"),
        ("SecurityGroupIds.1", "sg-b"),
        ("DataDisk.10.Size", "20"),
        ("DataDisk.2.Category", "cloud_<ssd>"),
        ("NetworkInterface.1.DeleteOnRelease", "False"),
        ("NetworkInterface.1.SecurityGroupIds.1", "sg-c"),
        ("Tag.1.Key", "a"),
        ("Tag.1.Value", ""),
    ];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    TemplateVersion {
        template: label("lt-a"),
        number: 2,
        created_at: NOW,
        content: TemplateContent { description: "second".into(), parameters: TemplateParameters(parameters) },
    }
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
        cpus: 2,
        hourly: Rate(0),
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
        portions: Vec::new(),
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
        paid_until: None,
    }
}

pub(crate) fn work() -> Work {
    Work { order: 1, attempt: 0, unanswered: 0, available_at: NOW, holder: None }
}

pub(crate) fn failure() -> Failure {
    Failure {
        reason: FailureReason::NoStock,
        event: EventId(serial(50)),
        release_at: Some(Time::from_secs(1_767_323_345)),
    }
}

/// An instance in every state; launched differently, one on a catalogue that forgot all, and one
/// that was changed.
pub(crate) fn instances() -> Vec<Profile> {
    let mut all: Vec<Profile> =
        rows().into_iter().map(|(instance, spec)| Profile::new(instance, spec)).collect();
    all.push(amended());
    all
}

/// An instance of which everything was changed, that has everything there is.
fn amended() -> Profile {
    let local = Disk { level: Some(DiskLevel::Pl1), ..Disk::new(DiskKind::Essd, 100) };
    let kept = Disk {
        name: "data".into(),
        device: Device(1),
        on_release: OnRelease::Keep,
        encrypted: true,
        key: Some(label("key-1")),
        snapshot: Some(label("s-1")),
        snapshot_policy: Some(label("sp-1")),
        ..Disk::new(DiskKind::Ssd, 20)
    };
    let interface = Interface {
        subnet: label("vsw-b"),
        groups: vec![label("sg-c")],
        name: "second".into(),
        description: "further".into(),
        on_release: OnRelease::Keep,
    };
    let spot = Spot { at_most: Some(Rate(1234)), protected_hours: 0, interruption: Interruption::Stop };
    let spec = Spec {
        io: Io::Plain,
        system_disk: local,
        data_disks: vec![kept],
        interfaces: vec![interface],
        terms: Terms { spot: Some(spot), resource_group: Some(label("rg-1")), ..Terms::default() },
        role: Some(label("role-1")),
        hosting: Hosting {
            host: Some(label("dh-1")),
            tenancy: Tenancy::Dedicated,
            affinity: Affinity::Host,
            deployment_set: Some(label("ds-1")),
            deployment_group: Some(2),
            hpc_cluster: Some(label("hpc-1")),
            storage_set: None,
        },
        ..spec()
    };
    let amendment = Amendment {
        name: Some("renamed".into()),
        host_name: Some("rehosted".into()),
        description: Some("said <anew>".into()),
        groups: Some(vec![label("sg-d")]),
        tags: Some(vec![Tag { key: "env".into(), value: "test".into() }]),
        credit: Some(Credit::Unlimited),
        user_data: Some(Secret::new(b"#!/bin/sh")),
        password: Some(Secret::new(b"planted")),
        key_pair: Some("pair".into()),
        renewal: None,
        settings: [
            ("HttpTokens", "required"),
            ("HttpPutResponseHopLimit", "3"),
            ("CpuOptions.Core", "1"),
            ("Recyclable", "true"),
            ("NetworkOptions.EnableJumboFrame", "true"),
            ("PrivatePoolOptions.Id", "eap-1"),
            ("PrivatePoolOptions.MatchCriteria", "Target"),
        ]
        .into_iter()
        .collect(),
        lock: Some(LockReason::Security),
        events: vec![EventId(serial(60))],
        installed: None,
    };
    let instance = Instance {
        release_at: Some(Time::from_secs(1_767_330_000)),
        public: Some(Ipv4Addr::new(198, 51, 100, 7)),
        further: vec![Ipv4Addr::new(192, 168, 2, 1)],
        ipv6: vec!["2001:db8::1".parse().unwrap()],
        amended: true,
        ..instance(53, State::Stopped(Capacity::GivenBack))
    };
    Profile { instance, spec: Arc::new(spec), amendment: Some(Arc::new(amendment)) }
}

fn rows() -> Vec<(Instance, Arc<Spec>)> {
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
    let stopped = Instance { protection: Protection::On, ..instance(46, State::Stopped(Capacity::Kept)) };
    let failed = Instance { started_at: None, ..instance(48, State::Failed(failure())) };
    vec![
        (instance(42, State::Running), Arc::clone(&common)),
        (
            Instance { started_at: None, index: 1, ..instance(43, State::Pending(work())) },
            Arc::clone(&common),
        ),
        (instance(44, State::Starting(Boot::Reboot, work())), Arc::clone(&common)),
        (instance(45, State::Stopping(Shutdown::default(), work())), Arc::clone(&common)),
        (stopped, Arc::clone(&common)),
        (instance(47, State::Stopped(Capacity::Kept)), prepaid),
        (failed, Arc::clone(&common)),
        (instance(49, State::Releasing(ReleasedFrom::Running, work())), forgotten),
        (instance(51, State::Releasing(ReleasedFrom::Stopped(Capacity::Kept), work())), Arc::clone(&common)),
        (instance(52, State::Releasing(ReleasedFrom::Failed, work())), common),
    ]
}

pub(crate) fn page<T>(rows: Vec<T>) -> Listing<T> {
    let total = rows.len() + 1;
    Listing::of_page(Page { rows, total, more_after: Some(7) }, &Paging::After { last: None, size: 10 })
}

pub(crate) fn events() -> Vec<Event> {
    let reasons = [
        FailureReason::NoStock,
        FailureReason::NoAddress,
        FailureReason::Machine,
        FailureReason::Deadline,
        FailureReason::Exhausted,
    ];
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
            region: None,
        })
        .chain(IncidentKind::ALL.into_iter().map(incident))
        .collect()
}

/// An incident that is open, simulated unless it is the money that ran out.
fn incident(kind: IncidentKind) -> Event {
    let staging = if kind == IncidentKind::ExpiryStop { Staging::Real } else { Staging::Simulated };
    Event {
        id: EventId(serial(60)),
        account: AccountId(1),
        instance: InstanceId(serial(53)),
        kind: EventKind::Incident(Incident { kind, staging, due_at: Time::from_secs(1_767_323_360) }),
        cycle: kind.first_cycle(),
        published_at: Time::from_secs(1_767_323_060),
        not_before: Time::from_secs(1_767_323_360),
        finished_at: None,
        region: None,
    }
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
        ready_at: NOW,
        ipv6: None,
        subnets: subnets.iter().map(|subnet| (label(subnet), block())).collect(),
        groups: 0,
        marks: marks(),
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
        ready_at: NOW,
        pool: fleet::Pool::fresh(block().extent()),
        ipv6: None,
        marks: marks(),
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
        rules: 2,
        named_by: 0,
        marks: marks(),
    }
}

fn marks() -> Marks {
    Marks {
        tags: vec![Tag { key: "team".into(), value: "a".into() }],
        resource_group: Some(label("rg-a")),
        settings: [("UserCidr", "30.0.0.0/8, 31.0.0.0/8")].into_iter().collect(),
    }
}

fn key_pair() -> KeyPair {
    KeyPair {
        account: AccountId(1),
        name: "kp-a".into(),
        fingerprint: "89:f0:ba:62:ac:b8:aa:e1:61:5e:fd:81:69:86:6d:6b".into(),
        public_key: "ssh-rsa AAAA me".into(),
        created_at: NOW,
        resource_group: None,
        tags: marks().tags,
    }
}

/// A rule for each way and each side.
fn rules() -> Vec<Rule> {
    let traffic = |direction, far| Traffic {
        direction,
        verdict: Verdict::Accept,
        priority: 1,
        protocol: Protocol::Tcp,
        ports: Ports::Range { first: 22, last: 23 },
        source_ports: None,
        port_list: None,
        far,
        near: None,
    };
    let v6 = Peer::Block("2001:db8::/32".parse().unwrap());
    let all = [
        traffic(Direction::In, Peer::Block("0.0.0.0/0".parse().unwrap())),
        traffic(Direction::In, Peer::Group(label("sg-b"))),
        Traffic { near: Some("10.0.0.0/8".parse().unwrap()), ..traffic(Direction::Out, v6) },
        Traffic {
            verdict: Verdict::Drop,
            protocol: Protocol::All,
            ports: Ports::All,
            source_ports: Some(Ports::Range { first: 1, last: 2 }),
            port_list: Some(label("prl-a")),
            priority: 100,
            ..traffic(Direction::Out, Peer::List(label("pl-a")))
        },
    ];
    let rule = |(number, traffic)| Rule {
        id: RuleId(serial(number)),
        group: label("sg-a"),
        traffic,
        description: "for <ssh>".into(),
        created_at: NOW,
    };
    (60..).zip(all).map(rule).collect()
}

fn tag_rows() -> Vec<(TagRow, String)> {
    let row = |id: &str, key: &str| TagRow { id: id.into(), key: key.into() };
    vec![(row("i-1", "empty"), String::new()), (row("i-1", "team"), "a".into())]
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
    let ids = |numbers: &[u64], hourly| Launched::Batch {
        id: BatchId(serial(41)),
        instances: numbers.iter().map(|number| InstanceId(serial(*number))).collect(),
        hourly: Rate(hourly),
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
        ("RunInstances", "", reply::run_instances(&ids(&[42, 43], 165), Charge::PostPaid).unwrap()),
        ("RunInstances", "-prepaid", reply::run_instances(&ids(&[42], 165), prepaid).unwrap()),
        ("CreateInstance", "", reply::create_instance(&ids(&[42], 0), Charge::PostPaid).unwrap()),
        ("CreateInstance", "-prepaid", reply::create_instance(&ids(&[42], 0), prepaid).unwrap()),
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
        ("CreateVpc", "", reply::create_vpc(&label("vpc-a"), Some(&label("rg-a")))),
        (
            "DescribeVpcs",
            "",
            reply::describe_vpcs(
                &page(vec![network("vpc-a", &["vsw-a", "vsw-b"]), network("other", &[])]),
                NOW,
            ),
        ),
        ("CreateVSwitch", "", reply::create_vswitch(&label("vsw-a"))),
        ("DescribeVSwitches", "", reply::describe_vswitches(&page(vec![subnet()]), NOW)),
        ("CreateSecurityGroup", "", reply::create_security_group(&label("sg-a"))),
        (
            "DescribeSecurityGroups",
            "",
            reply::describe_security_groups(&page(vec![group(0), group(1001)]), &region, &Policy::default()),
        ),
        ("DeleteVpc", "", Reply::done("DeleteVpc")),
        ("DeleteVSwitch", "", Reply::done("DeleteVSwitch")),
        ("DeleteSecurityGroup", "", Reply::done("DeleteSecurityGroup")),
        ("AuthorizeSecurityGroup", "", Reply::done("AuthorizeSecurityGroup")),
        ("AuthorizeSecurityGroupEgress", "", Reply::done("AuthorizeSecurityGroupEgress")),
        ("RevokeSecurityGroup", "", Reply::done("RevokeSecurityGroup")),
        (
            "DescribeSecurityGroupAttribute",
            "",
            reply::describe_security_group_attribute(&group(0), &region, &rules(), true),
        ),
        ("CreateKeyPair", "", reply::create_key_pair(&key_pair(), "-----BEGIN RSA PRIVATE KEY-----\n")),
        ("ImportKeyPair", "", reply::import_key_pair(&key_pair())),
        ("DescribeKeyPairs", "", reply::describe_key_pairs(&page(vec![key_pair()]), true)),
        ("DescribeKeyPairs", "-without-keys", reply::describe_key_pairs(&page(vec![key_pair()]), false)),
        ("DeleteKeyPairs", "", Reply::done("DeleteKeyPairs")),
        ("TagResources", "", Reply::done("TagResources")),
        ("UntagResources", "", Reply::done("UntagResources")),
        ("ListTagResources", "", reply::list_tag_resources(ResourceType::Instance, &tag_rows(), true)),
        ("CreateLaunchTemplate", "", reply::create_launch_template(&template())),
        ("CreateLaunchTemplateVersion", "", reply::create_launch_template_version(&template())),
        (
            "ModifyLaunchTemplateDefaultVersion",
            "",
            reply::modify_launch_template_default_version(&template()),
        ),
        ("DeleteLaunchTemplate", "", reply::delete_launch_template(&template())),
        ("DeleteLaunchTemplateVersion", "", reply::delete_launch_template_version(&template(), &[1, 2])),
        ("DescribeLaunchTemplates", "", reply::describe_launch_templates(&page(vec![template()]))),
        (
            "DescribeLaunchTemplateVersions",
            "",
            reply::describe_launch_template_versions(&template(), &page(vec![template_version()]), true),
        ),
    ]
    .into_iter()
    .chain(super::after_launch::replies())
    .collect()
}
