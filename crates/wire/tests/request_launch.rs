//! Launches: one row for every rule that text alone can break, the order of the checks, and what is
//! accepted. Status and code of a rule are those of the contract's table.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use fleet::{
    AccountId, Addresses, Affinity, AfterCreation, Charge, Credit, Device, DiskKind, DiskLevel, DiskWish,
    Edition, Fingerprint, Hosting, InterfaceWish, InternetCharge, Interruption, Io, Ipv6Wish, Label, Launch,
    Names, OnRelease, PeriodUnit, Protection, Rate, Rehearsal, Renewal, Spot, Tenancy, Terms, TokenAction,
};
use wire::ecs::request::{Action, LaunchAction, LaunchHead, Origin, Request, parse, unnamed};
use wire::ecs::{Fault, names};
use wire::{Params, percent, time};

const RULES: &str = include_str!("vectors/ecs-rules.tsv");
const BASE: &str =
    "RegionId=cn-hangzhou&ImageId=img&InstanceType=ecs.g5.large&SecurityGroupId=sg-a&VSwitchId=vsw-a";
const NOW: &str = "2026-01-02T03:04:05Z";

fn origin() -> Origin {
    let now = time::parse(NOW).unwrap();
    let (account, fingerprint) = (AccountId(7), Fingerprint([1; 32]));
    Origin { account, fingerprint, now, edition: Edition::Either }
}

fn launch(action: Action, query: &str) -> Result<Launch, Fault> {
    let query = format!("{BASE}&{query}");
    let mut params = Params::parse(query.as_bytes(), b"").unwrap();
    let request = parse(action, &mut params, &origin())?;
    let (Request::RunInstances(launch) | Request::CreateInstance(launch)) = request else {
        panic!("{request:?}")
    };
    Ok(*launch)
}

fn run(query: &str) -> Launch {
    launch(Action::RunInstances, query).unwrap()
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

/// Status and code of a rule.
fn rule(id: &str) -> (u16, &'static str) {
    let rules: BTreeMap<&str, (u16, &str)> = RULES
        .lines()
        .map(|line| {
            let [id, status, code, _] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
            (id, (status.parse().unwrap(), code))
        })
        .collect();
    rules[id]
}

fn base64(bytes: usize) -> String {
    assert_eq!(bytes % 3, 0);
    "QUFB".repeat(bytes / 3)
}

#[test]
fn each_rule_has_its_code_and_its_status() {
    use Action::{CreateInstance as C, RunInstances as R};
    let long_name = format!("InstanceName={}&UniqueSuffix=true", "a".repeat(126));
    let too_long_name = format!("InstanceName={}", "a".repeat(129));
    let long_host = format!("HostName={}&UniqueSuffix=True", "a".repeat(62));
    let long_description = format!("Description={}", "x".repeat(257));
    let long_token = format!("ClientToken={}", "x".repeat(65));
    let long_password = format!("Password={}", "Aa1!".repeat(8));
    let long_key = format!("Tag.1.Key={}", "k".repeat(129));
    let long_value = format!("Tag.1.Key=k&Tag.1.Value={}", "v".repeat(129));
    let disks = (1..=17).map(|n| format!("DataDisk.{n}.Size=20&")).collect::<String>();
    let user_data = format!("UserData={}", base64(32 * 1024 + 1));
    let eleven = (1..=11).map(|n| format!("Ipv6Address.{n}=2001:db8::{n}&")).collect::<String>();
    for (id, action, query, parameter) in [
        ("P-01", R, "RegionId=", "RegionId"),
        ("P-01", C, "RegionId=", "RegionId"),
        ("I-01", R, &*long_token, "ClientToken"),
        ("I-01", C, "ClientToken=%C3%A9", "ClientToken"),
        ("L-01", R, "LaunchTemplateId=lt-a", "LaunchTemplateId"),
        ("L-01", R, "LaunchTemplateName=tmpl", "LaunchTemplateName"),
        ("A-01", R, "Amount=0", "Amount"),
        ("A-01", R, "Amount=101", "Amount"),
        ("A-01", R, "Amount=1.5", "Amount"),
        ("A-01", R, "Amount=-1", "Amount"),
        ("A-02", R, "MinAmount=0", "MinAmount"),
        ("A-02", R, "MinAmount=101", "MinAmount"),
        ("A-02", R, "MinAmount=x", "MinAmount"),
        ("A-03", R, "Amount=2&MinAmount=3", "MinAmount"),
        ("A-03", R, "MinAmount=2", "MinAmount"),
        ("P-14", R, "IoOptimized=true", "IoOptimized"),
        ("P-14", C, "IoOptimized=Optimized", "IoOptimized"),
        ("M-01", R, "InstanceName=1web", "InstanceName"),
        ("M-01", R, "InstanceName=w", "InstanceName"),
        ("M-01", R, &too_long_name, "InstanceName"),
        ("M-01", R, "InstanceName=http://x", "InstanceName"),
        ("M-01", R, "InstanceName=[1,4]web", "InstanceName"),
        ("M-01", C, "InstanceName=web-[1,4]", "InstanceName"),
        ("M-02", R, "HostName=-web", "HostName"),
        ("M-02", R, "HostName=a..b", "HostName"),
        ("M-02", R, "HostName=w_b", "HostName"),
        ("M-02", R, "HostNames.1=-web", "HostNames"),
        ("M-02", C, "HostName=web-[1,4]", "HostName"),
        ("M-03", R, &long_name, "InstanceName"),
        ("M-04", R, &long_host, "HostName"),
        ("M-05", R, "Description=x", "Description"),
        ("M-05", R, "Description=https://x", "Description"),
        ("M-05", C, &long_description, "Description"),
        ("M-06", R, "SystemDisk.Description=x", "SystemDisk.Description"),
        ("M-06", C, "DataDisk.2.Size=20&DataDisk.2.Description=http://x", "DataDisk.2.Description"),
        ("M-07", R, "SystemDisk.DiskName=1x", "SystemDisk.DiskName"),
        ("M-07", C, "DataDisk.3.Size=20&DataDisk.3.DiskName=x", "DataDisk.3.DiskName"),
        ("M-08", R, "HostName=web&HostNames.1=web", "HostNames"),
        ("W-01", R, "Password=Ab1!", "Password"),
        ("W-01", R, "Password=ecsv5875", "Password"),
        ("W-01", R, "Password=EcsV%20587!", "Password"),
        ("W-01", R, "Password=EcsV%E6%B5%8B587!", "Password"),
        ("W-01", C, &long_password, "Password"),
        ("W-03", R, "PasswordInherit=True&Password=EcsV587!", "Password"),
        ("W-03", C, "PasswordInherit=true&Password=EcsV587!", "Password"),
        ("D-01", R, "SystemDisk.Category=floppy", "SystemDisk.Category"),
        ("D-01", R, "SystemDisk.Category=elastic_ephemeral_disk_standard", "SystemDisk.Category"),
        ("D-02", R, "SystemDisk.Size=x", "SystemDisk.Size"),
        ("D-04", R, "DataDisk.1.Size=20&DataDisk.1.Category=floppy", "DataDisk.1.Category"),
        ("D-02", C, "SystemDisk.Size=-1", "SystemDisk.Size"),
        ("D-05", R, "DataDisk.1.Size=x&DataDisk.1.SnapshotId=s", "DataDisk.1.Size"),
        ("D-05", C, "DataDisk.4.Size=20GB", "DataDisk.4.Size"),
        ("D-06", R, &disks, "DataDisk"),
        ("D-16", R, "DataDisk.1.Size=20&DataDisk.1.Device=/dev/sdb", "DataDisk.1.Device"),
        ("D-16", R, "DataDisk.1.Size=20&DataDisk.1.Device=/dev/xvda", "DataDisk.1.Device"),
        ("D-16", C, "DataDisk.1.Size=20&DataDisk.1.Device=/dev/xvdbbb", "DataDisk.1.Device"),
        (
            "D-17",
            R,
            "DataDisk.1.Size=20&DataDisk.1.Device=/dev/xvdc&DataDisk.2.Size=20&DataDisk.2.Device=/dev/xvdc",
            "DataDisk.2.Device",
        ),
        ("D-22", R, "SystemDisk.PerformanceLevel=PL4", "SystemDisk.PerformanceLevel"),
        ("D-22", C, "DataDisk.1.Size=20&DataDisk.1.PerformanceLevel=pl1", "DataDisk.1.PerformanceLevel"),
        ("N-03", R, "SecurityGroupIds.1=sg-a", "SecurityGroupIds"),
        ("N-11", R, "PrivateIpAddress=192.168.1.300", "PrivateIpAddress"),
        ("N-11", C, "PrivateIpAddress=x", "PrivateIpAddress"),
        ("N-16", R, "PrivateIpAddress=10.0.0.9&Amount=2", "Amount"),
        ("N-18", R, "InternetChargeType=Free", "InternetChargeType"),
        ("N-19", R, "InternetMaxBandwidthOut=101", "InternetMaxBandwidthOut"),
        ("N-19", C, "InternetMaxBandwidthOut=-1", "InternetMaxBandwidthOut"),
        ("N-20", R, "InternetMaxBandwidthIn=0", "InternetMaxBandwidthIn"),
        ("N-20", C, "InternetMaxBandwidthIn=201", "InternetMaxBandwidthIn"),
        ("V-01", R, "Ipv6Address.1=2001:db8::1&Ipv6AddressCount=1", "Ipv6AddressCount"),
        ("V-02", R, "Ipv6Address.1=2001:db8::1&Amount=2", "Amount"),
        ("V-05", R, &eleven, "Ipv6Address"),
        ("V-06", R, "Ipv6Address.1=10.0.0.1", "Ipv6Address"),
        ("V-06", R, "Ipv6Address.1=2001:db8::1&Ipv6Address.2=2001:db8::1::2", "Ipv6Address"),
        ("E-01", R, "NetworkInterface.1.VSwitchId=a&NetworkInterface.2.VSwitchId=b", "NetworkInterface"),
        ("E-01", R, "NetworkInterface.1.NetworkInterfaceName=1", "NetworkInterface.1.NetworkInterfaceName"),
        (
            "E-02",
            R,
            "NetworkInterface.1.SecurityGroupId=a&NetworkInterface.1.SecurityGroupIds.1=b",
            "NetworkInterface.1.SecurityGroupIds",
        ),
        ("E-01", R, "NetworkInterface.1.NetworkInterfaceId=eni-1", "NetworkInterface.1.NetworkInterfaceId"),
        ("E-05", R, "NetworkInterface.1.InstanceType=Primary", "NetworkInterface"),
        (
            "E-05",
            R,
            "SecurityGroupId=&VSwitchId=&Ipv6AddressCount=1&NetworkInterface.1.InstanceType=Primary",
            "NetworkInterface",
        ),
        ("C-01", R, "InstanceChargeType=Free", "InstanceChargeType"),
        ("C-01", C, "InstanceChargeType=prepaid", "InstanceChargeType"),
        ("C-02", R, "InstanceChargeType=PrePaid", "Period"),
        ("C-02", R, "InstanceChargeType=PrePaid&Period=10", "Period"),
        ("C-02", C, "InstanceChargeType=PrePaid&Period=x", "Period"),
        ("C-02", C, "InstanceChargeType=PrePaid&Period=5&PeriodUnit=Week", "Period"),
        ("C-03", R, "InstanceChargeType=PrePaid&Period=1&PeriodUnit=Year", "PeriodUnit"),
        ("C-03", R, "PeriodUnit=Year", "PeriodUnit"),
        ("C-04", C, "InstanceChargeType=PrePaid&Period=1&PeriodUnit=Year", "PeriodUnit"),
        (
            "C-05",
            R,
            "InstanceChargeType=PrePaid&Period=1&AutoRenew=true&AutoRenewPeriod=5",
            "AutoRenewPeriod",
        ),
        ("C-05", C, "InstanceChargeType=PrePaid&Period=1&AutoRenew=true", "AutoRenewPeriod"),
        ("C-07", R, "AutoReleaseTime=tomorrow", "AutoReleaseTime"),
        ("C-07", R, "AutoReleaseTime=2026-01-02T03:32:59Z", "AutoReleaseTime"),
        ("C-07", R, "AutoReleaseTime=2029-01-03T00:00:00Z", "AutoReleaseTime"),
        ("S-01", R, "SpotStrategy=Sometimes", "SpotStrategy"),
        ("S-03", R, "SpotStrategy=SpotWithPriceLimit", "SpotPriceLimit"),
        ("S-03", R, "SpotStrategy=SpotWithPriceLimit&SpotPriceLimit=0", "SpotPriceLimit"),
        ("S-03", R, "SpotStrategy=SpotWithPriceLimit&SpotPriceLimit=0.2345", "SpotPriceLimit"),
        ("S-03", C, "SpotStrategy=SpotWithPriceLimit&SpotPriceLimit=-1", "SpotPriceLimit"),
        ("S-05", R, "SpotInterruptionBehavior=Explode", "SpotInterruptionBehavior"),
        ("S-06", R, "SpotDuration=2", "SpotDuration"),
        ("H-04", R, "Tenancy=shared", "Tenancy"),
        ("T-01", R, "Tag.1.Key=&Tag.1.Value=v", "Tag.1.Key"),
        ("T-01", R, "Tag.1.Key=acs:x", "Tag.1.Key"),
        ("T-01", R, "Tag.2.Key=aliyunx", "Tag.2.Key"),
        ("T-01", R, "Tag.1.Key=xhttp://", "Tag.1.Key"),
        ("T-01", R, &long_key, "Tag.1.Key"),
        ("T-01", C, "Tag.1.key=acs:x", "Tag.1.Key"),
        ("T-02", R, "Tag.1.Key=k&Tag.1.Value=xhttps://", "Tag.1.Value"),
        ("T-02", C, &long_value, "Tag.1.Value"),
        ("T-03", R, "Tag.21.Key=k", "Tag"),
        ("T-04", R, "Tag.1.Key=k&Tag.2.Key=k", "Tag.2.Key"),
        ("T-04", C, "Tag.1.Key=k&Tag.2.key=k", "Tag.2.Key"),
        ("T-05", R, "Tag.1.Value=v", "Tag.1.Key"),
        ("U-01", R, "UserData=not*base64", "UserData"),
        ("U-01", C, "UserData=QQ", "UserData"),
        ("U-02", R, &user_data, "UserData"),
        ("X-02", R, "CreditSpecification=Endless", "CreditSpecification"),
        ("X-04", R, "SecurityEnhancementStrategy=active", "SecurityEnhancementStrategy"),
        ("X-04", R, "Affinity=shared", "Affinity"),
        ("X-04", C, "Affinity=shared", "Affinity"),
        ("X-04", C, "Tenancy=shared", "Tenancy"),
        ("X-04", C, "HttpEndpoint=on", "HttpEndpoint"),
        ("X-04", C, "HttpTokens=always", "HttpTokens"),
        ("X-04", R, "PrivatePoolOptions.MatchCriteria=Closed", "PrivatePoolOptions.MatchCriteria"),
        ("X-04", R, "SecurityOptions.TrustedSystemMode=TPM", "SecurityOptions.TrustedSystemMode"),
        ("X-04", R, "NetworkInterface.1.InstanceType=Third", "NetworkInterface.1.InstanceType"),
        ("X-06", R, "HttpEndpoint=on", "HttpEndpoint"),
        ("X-07", R, "HttpTokens=always", "HttpTokens"),
        ("X-08", R, "PrivatePoolOptions.MatchCriteria=Target", "PrivatePoolOptions.Id"),
        ("X-09", R, "PrivatePoolOptions.Id=p&PrivatePoolOptions.MatchCriteria=Open", "PrivatePoolOptions.Id"),
    ] {
        let fault = launch(action, query).unwrap_err();
        assert_eq!((fault.code.status, fault.code.code), rule(id), "{id} {query}");
        assert_eq!(fault.parameter.as_deref(), Some(parameter), "{id} {query}");
        assert!(!fault.message().is_empty(), "{id} {query}");
    }
}

/// Parts of one request, each breaking one rule. What is above in the table is behind in the query,
/// where it wins.
const BROKEN: &[(&str, &str)] = &[
    ("P-01", "RegionId="),
    ("I-01", "ClientToken=%C3%A9"),
    ("L-01", "LaunchTemplateId=lt-a"),
    ("A-01", "Amount=0"),
    ("A-02", "MinAmount=0"),
    ("A-03", "MinAmount=5"),
    ("P-14", "IoOptimized=x"),
    ("M-01", "InstanceName=1"),
    ("M-02", "HostName=-a"),
    ("M-03", "UniqueSuffix=true&InstanceName=LONG126"),
    ("M-04", "UniqueSuffix=true&HostName=LONG62"),
    ("M-05", "Description=x"),
    ("M-06", "DataDisk.1.Description=x"),
    ("M-07", "SystemDisk.DiskName=1"),
    ("M-08", "HostName=ab&HostNames.1=ab"),
    ("W-01", "Password=short"),
    ("W-03", "PasswordInherit=true&Password=EcsV587!"),
    ("D-01", "SystemDisk.Category=floppy"),
    ("D-04", "DataDisk.1.Category=floppy"),
    (
        "D-06",
        "DataDisk.1.Size=20&DataDisk.2.Size=20&DataDisk.3.Size=20&DataDisk.4.Size=20&DataDisk.5.Size=20&DataDisk.6.Size=20&DataDisk.7.Size=20&DataDisk.8.Size=20&DataDisk.9.Size=20&DataDisk.10.Size=20&DataDisk.11.Size=20&DataDisk.12.Size=20&DataDisk.13.Size=20&DataDisk.14.Size=20&DataDisk.15.Size=20&DataDisk.16.Size=20&DataDisk.17.Size=20",
    ),
    ("D-16", "DataDisk.1.Device=/dev/sdb"),
    ("D-17", "DataDisk.1.Device=/dev/xvdb&DataDisk.2.Device=/dev/xvdb"),
    ("D-02", "SystemDisk.Size=x"),
    ("D-22", "SystemDisk.PerformanceLevel=PL9"),
    ("D-05", "DataDisk.7.Size=x"),
    ("N-11", "PrivateIpAddress=x"),
    ("N-18", "InternetChargeType=x"),
    ("N-19", "InternetMaxBandwidthOut=x"),
    ("N-20", "InternetMaxBandwidthIn=x"),
    ("V-01", "Ipv6Address.1=2001:db8::1&Ipv6AddressCount=1"),
    ("V-02", "Ipv6Address.1=2001:db8::1&Amount=2"),
    ("N-16", "PrivateIpAddress=10.0.0.9&Amount=2"),
    ("N-03", "SecurityGroupIds.1=sg-a"),
    ("E-01", "NetworkInterface.2.VSwitchId=a&NetworkInterface.3.VSwitchId=b"),
    ("E-02", "NetworkInterface.1.SecurityGroupId=a&NetworkInterface.1.SecurityGroupIds.1=b"),
    ("E-05", "NetworkInterface.1.InstanceType=Primary"),
    ("C-01", "InstanceChargeType=x"),
    ("C-02", "InstanceChargeType=PrePaid&Period=10"),
    ("C-03", "PeriodUnit=Year"),
    ("C-05", "InstanceChargeType=PrePaid&Period=1&AutoRenew=true&AutoRenewPeriod=5"),
    ("C-07", "AutoReleaseTime=x"),
    ("S-01", "SpotStrategy=x"),
    ("S-03", "SpotStrategy=SpotWithPriceLimit"),
    ("S-05", "SpotInterruptionBehavior=x"),
    ("S-06", "SpotDuration=2"),
    ("T-01", "Tag.3.Key=acs:x"),
    ("T-02", "Tag.4.Key=b&Tag.4.Value=http://"),
    ("T-03", "Tag.21.Key=c"),
    ("T-04", "Tag.1.Key=a&Tag.2.Key=a"),
    ("T-05", "Tag.5.Value=v"),
    ("U-01", "UserData=*"),
    ("U-02", "UserData=LONGDATA"),
    ("H-04", "Tenancy=x"),
    ("X-02", "CreditSpecification=x"),
    ("X-04", "Affinity=x"),
    ("X-06", "HttpEndpoint=x"),
    ("X-07", "HttpTokens=x"),
    ("X-08", "PrivatePoolOptions.MatchCriteria=Target&PrivatePoolOptions.Id="),
    ("X-09", "PrivatePoolOptions.MatchCriteria=Open&PrivatePoolOptions.Id=p"),
    ("V-06", "Ipv6Address.1=x&Ipv6AddressCount="),
];

#[test]
fn the_first_broken_rule_is_the_answer() {
    let user_data = base64(32 * 1024 + 1);
    for (at, (id, _)) in BROKEN.iter().enumerate() {
        let query: Vec<&str> = BROKEN[at..].iter().rev().map(|(_, broken)| *broken).collect();
        let query = query.join("&").replace("LONG126", &"a".repeat(126)).replace("LONG62", &"a".repeat(62));
        let fault = launch(Action::RunInstances, &query.replace("LONGDATA", &user_data)).unwrap_err();
        assert_eq!((fault.code.status, fault.code.code), rule(id), "{id}: {fault}");
    }
    assert!(launch(Action::RunInstances, "").is_ok());
}

#[test]
fn flags_that_are_none_are_refused_in_their_turn() {
    for (query, parameter) in [
        ("DryRun=maybe&Amount=0", "DryRun"),
        ("UniqueSuffix=1&InstanceName=1", "UniqueSuffix"),
        ("PasswordInherit=yes&Password=x", "PasswordInherit"),
        ("DataDisk.1.Size=20&DataDisk.1.Encrypted=on", "DataDisk.1.Encrypted"),
        ("DataDisk.1.Size=20&DataDisk.1.DeleteWithInstance=off", "DataDisk.1.DeleteWithInstance"),
        ("DeletionProtection=on&SpotStrategy=x", "DeletionProtection"),
        ("InstanceChargeType=PrePaid&Period=1&AutoRenew=on", "AutoRenew"),
    ] {
        let fault = launch(Action::RunInstances, query).unwrap_err();
        assert_eq!(fault, Fault::invalid(parameter), "{query}");
    }
}

#[test]
fn a_launch_says_what_the_request_says() {
    let launch = run("ZoneId=cn-hangzhou-g&Amount=8&MinAmount=2&InstanceName=web-[1,4]&HostName=node\
        &UniqueSuffix=True&Description=hello&Tag.2.Key=b&Tag.2.Value=&Tag.1.Key=a&Tag.1.Value=x\
        &InternetChargeType=PayByBandwidth&InternetMaxBandwidthIn=10&InternetMaxBandwidthOut=5\
        &InstanceChargeType=PrePaid&Period=2&PeriodUnit=week&ClientToken=t-1&DryRun=TRUE");
    let token = launch.token.as_ref().unwrap();
    assert_eq!((token.text.as_str(), token.fingerprint), ("t-1", Fingerprint([1; 32])));
    assert_eq!((launch.account, launch.rehearsal), (AccountId(7), Rehearsal::Yes));
    assert_eq!((launch.region.as_str(), launch.zone.unwrap().as_str()), ("cn-hangzhou", "cn-hangzhou-g"));
    assert_eq!(launch.image.unwrap().as_str(), "img");
    assert_eq!(launch.instance_type.unwrap().as_str(), "ecs.g5.large");
    assert_eq!(launch.subnet.unwrap().as_str(), "vsw-a");
    assert_eq!(launch.groups.iter().map(fleet::Label::as_str).collect::<Vec<_>>(), ["sg-a"]);
    assert_eq!(launch.addresses, Addresses::Any);
    assert_eq!((launch.wanted.most(), launch.wanted.least()), (8, 2));
    assert_eq!(launch.after_creation, AfterCreation::Start);
    assert_eq!(launch.charge, Charge::PrePaid { count: 2, unit: PeriodUnit::Week });
    assert_eq!(launch.protection, Protection::Off);
    assert_eq!(launch.names, Names { naming: names::naming("web-[1,4]"), unique_suffix: true });
    assert_eq!(launch.host_names.name(1).as_deref(), Some("node002"));
    assert_eq!(&*launch.description, "hello");
    let tags: Vec<_> = launch.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();
    assert_eq!(tags, [("a", "x"), ("b", "")]);
    let internet = launch.internet;
    assert_eq!((internet.in_mbps_max, internet.out_mbps_max), (10, 5));
    assert_eq!(internet.charge, InternetCharge::ByBandwidth);
}

#[test]
fn a_launch_says_what_is_asked_of_disks_and_interfaces() {
    let launch = run("SystemDisk.Category=cloud_essd&SystemDisk.Size=60&SystemDisk.PerformanceLevel=PL2\
        &SystemDisk.DiskName=root&SystemDisk.Encrypted=true&SystemDisk.KMSKeyId=key-1\
        &SystemDisk.AutoSnapshotPolicyId=sp-1&DataDisk.9.SnapshotId=s-1&DataDisk.9.DeleteWithInstance=False\
        &DataDisk.2.Size= 100 &DataDisk.2.Category=cloud_ssd&DataDisk.2.Device=/dev/xvdc\
        &DataDisk.2.Description=for logs&IoOptimized=optimized\
        &NetworkInterface.1.PrimaryIpAddress=10.0.0.7&NetworkInterface.1.VSwitchId=vsw-b\
        &NetworkInterface.1.SecurityGroupIds.1=sg-b&NetworkInterface.1.NetworkInterfaceName=second\
        &NetworkInterface.1.DeleteOnRelease=false&Ipv6AddressCount=2");
    let system = DiskWish {
        kind: Some(DiskKind::Essd),
        size_gib: Some(60),
        level: Some(DiskLevel::Pl2),
        name: Some("root".into()),
        encrypted: Some(true),
        key: Some(label("key-1")),
        snapshot_policy: Some(label("sp-1")),
        ..DiskWish::default()
    };
    assert_eq!((launch.system_disk, launch.io), (system, Some(Io::Optimized)));
    let logs = DiskWish {
        kind: Some(DiskKind::Ssd),
        size_gib: Some(100),
        device: Some(Device(2)),
        description: Some("for logs".into()),
        ..DiskWish::default()
    };
    let copy = DiskWish { snapshot: Some(label("s-1")), on_release: OnRelease::Keep, ..DiskWish::default() };
    assert_eq!(launch.data_disks, [logs, copy]);
    let second = InterfaceWish {
        address: Some(Ipv4Addr::new(10, 0, 0, 7)),
        subnet: Some(label("vsw-b")),
        groups: vec![label("sg-b")],
        name: "second".into(),
        on_release: OnRelease::Keep,
        ..InterfaceWish::default()
    };
    assert_eq!((launch.interfaces, launch.ipv6), (vec![second], Ipv6Wish::Count(2)));
    let named = run("Ipv6Address.2=2001:db8::2&Ipv6Address.1=2001:db8::1");
    let addresses = ["2001:db8::1", "2001:db8::2"].map(|text| text.parse().unwrap());
    assert_eq!(named.ipv6, Ipv6Wish::Given(addresses.into()));
}

#[test]
fn a_launch_says_under_which_terms_and_where() {
    let launch = run("SpotStrategy=SpotWithPriceLimit&SpotPriceLimit=0.25&SpotDuration=0\
        &SpotInterruptionBehavior=Stop&AutoReleaseTime=2026-01-02T05:00:59Z&CreditSpecification=Unlimited\
        &ResourceGroupId=rg-1&Password=/EcsV587!&UserData=QQ==&RamRoleName=web&Tenancy=host&Affinity=host\
        &DeploymentSetId=ds-1&DeploymentSetGroupNo=3&HpcClusterId=hpc-1&StorageSetId=ss-1\
        &StorageSetPartitionNumber=2&ImageId=&ImageFamily=ubuntu");
    let spot = Spot { at_most: Some(Rate(250)), protected_hours: 0, interruption: Interruption::Stop };
    let expected = Terms {
        spot: Some(spot),
        release_at: Some(time::parse("2026-01-02T05:00:00Z").unwrap()),
        credit: Some(Credit::Unlimited),
        resource_group: Some(label("rg-1")),
        ..Terms::default()
    };
    assert_eq!(launch.terms, expected);
    let password = launch.login.password.unwrap();
    assert_eq!((password.secret.reveal(), password.for_windows), (&b"/EcsV587!"[..], false));
    assert_eq!(launch.user_data.unwrap().reveal(), b"QQ==");
    assert_eq!((launch.role, launch.image), (Some(label("web")), None));
    assert_eq!(launch.image_family.as_deref(), Some("ubuntu"));
    let expected = Hosting {
        tenancy: Tenancy::Dedicated,
        affinity: Affinity::Host,
        deployment_set: Some(label("ds-1")),
        deployment_group: Some(3),
        hpc_cluster: Some(label("hpc-1")),
        storage_set: Some((label("ss-1"), Some(2))),
        ..Hosting::default()
    };
    assert_eq!(launch.hosting, expected);

    let prepaid = run("InstanceChargeType=PrePaid&Period=1&PeriodUnit=Week&AutoRenew=true&AutoRenewPeriod=2\
        &PasswordInherit=true&KeyPairName=front door&DedicatedHostId=dh-1&SpotStrategy=SpotAsPriceGo");
    assert_eq!(prepaid.terms.renewal, Renewal::On { count: 2, unit: PeriodUnit::Week });
    assert_eq!((prepaid.login.image_password, prepaid.login.key_pair.as_deref()), (true, Some("front door")));
    // Rule S-07: on a host of its own nothing is bid for.
    assert_eq!((prepaid.terms.spot, prepaid.hosting.host), (None, Some(label("dh-1"))));
}

#[test]
fn hosts_are_named_by_a_list_or_with_their_own_ids() {
    let listed = run("HostNames.2=db&HostNames.1=web&Amount=3");
    let names = (0..3).map(|index| listed.host_names.name(index)).collect::<Vec<_>>();
    assert_eq!(names, [Some("web".to_owned()), Some("db".to_owned()), None]);
    let own = run("HostName=web-${instance_id}");
    assert_eq!(own.host_names.name(0).as_deref(), Some("web-${instance_id}"));
    // 22 characters of id and 42 others fit, one more does not.
    let with = |letters: usize| format!("HostName={}${{instance_id}}", "a".repeat(letters));
    assert!(launch(Action::RunInstances, &with(42)).is_ok());
    assert!(launch(Action::RunInstances, &with(43)).is_err());
}

#[test]
fn an_index_has_one_spelling_in_what_is_kept_as_in_what_is_honoured() {
    let query = "RegionId=r&DataDisk.1.BurstingEnabled=true&DataDisk.01.BurstingEnabled=x&DataDisk.01.Size=x";
    let mut params = Params::parse(query.as_bytes(), b"").unwrap();
    let Ok(Request::RunInstances(launch)) = parse(Action::RunInstances, &mut params, &origin()) else {
        panic!("no launch")
    };
    assert_eq!(launch.settings.get("DataDisk.1.BurstingEnabled"), Some("true"));
    assert_eq!(params.leftover().collect::<Vec<_>>(), ["DataDisk.01.BurstingEnabled", "DataDisk.01.Size"]);
}

#[test]
fn a_launch_that_says_little_has_the_defaults() {
    let region = fleet::Label::parse("cn-hangzhou").unwrap();
    for (action, after_creation) in
        [(Action::RunInstances, AfterCreation::Start), (Action::CreateInstance, AfterCreation::Stay)]
    {
        let little = launch(action, "ImageId=&InstanceType=&SecurityGroupId=&VSwitchId=").unwrap();
        let expected = Launch { after_creation, ..Launch::new(AccountId(7), region.clone()) };
        assert_eq!(little, expected);
    }
}

#[test]
fn what_is_well_formed_is_accepted() {
    use Action::{CreateInstance as C, RunInstances as R};
    let name = format!("InstanceName={}", "a".repeat(128));
    let suffixed = format!("InstanceName={}&UniqueSuffix=true", "a".repeat(125));
    let token = format!("ClientToken={}", "x".repeat(64));
    let tags = (1..=20).map(|n| format!("Tag.{n}.Key=k{n}&")).collect::<String>();
    let disks = (1..=16).map(|n| format!("DataDisk.{n}.Size=20&")).collect::<String>();
    let user_data = format!("UserData={}", base64(32 * 1024 - 2));
    for (action, query) in [
        (R, "Amount=100&MinAmount=100"),
        (R, "Amount= 3 "),
        (C, "Amount=0&MinAmount=x&UniqueSuffix=maybe"),
        (R, &*name),
        (R, &suffixed),
        (R, "InstanceName=%E6%B5%8B%E8%AF%95.a-b_c:d"),
        (R, "HostName=${instance_id}"),
        (R, "HostName=a.b-c"),
        (R, "HostNames.1=web&HostNames.2=db"),
        (R, &token),
        (R, &tags),
        (R, &disks),
        (R, &user_data),
        (R, "Tag.1.Key=k&Tag.1.Value=acs:ok"),
        (C, "Tag.1.key=k&Tag.1.value=v"),
        (R, "Password=EcsV587!"),
        (R, "Password=EcsV5875"),
        (R, "Password=abc-1234"),
        (R, "PasswordInherit=true&Password="),
        (R, "IoOptimized=none"),
        (R, "SystemDisk.Category=cloud_essd&SystemDisk.PerformanceLevel=PL0&SystemDisk.Size=1"),
        (R, "SystemDiskCategory=cloud_ssd&SystemDiskSize=500"),
        (R, "DataDisk.1.Size=&DataDisk.1.SnapshotId=s-1&DataDisk.1.DeleteWithInstance="),
        (R, "DataDisk.1.Size=5&DataDisk.1.Category=cloud&DataDisk.1.Device=/dev/xvdz"),
        (R, "DataDisk.1.Size=5&IoOptimized=none"),
        (R, "DataDisk.1.Size=20&DataDisk.1.Encrypted=True&DataDisk.1.KMSKeyId=k"),
        (C, "DataDisk.1.Size=20&DataDisk.1.KMSKeyId=k"),
        (R, "DataDisk.20.Size=20&DataDisk.20.Device=/dev/xvdzz"),
        (R, "InternetMaxBandwidthOut=0&InternetMaxBandwidthIn=1"),
        (R, "InternetMaxBandwidthOut=100&InternetMaxBandwidthIn=200"),
        (R, "Ipv6AddressCount=10"),
        (R, "NetworkInterface.1.VSwitchId=a&NetworkInterface.1.SecurityGroupIds.1=b"),
        (R, "InstanceChargeType=PostPaid&Period=10&AutoRenew=maybe&AutoRenewPeriod=x"),
        (R, "InstanceChargeType=PrePaid&Period=60&AutoRenew=True&AutoRenewPeriod=60"),
        (R, "InstanceChargeType=PrePaid&Period=1&AutoRenew=true"),
        (R, "InstanceChargeType=PrePaid&Period=1&AutoRenew=false&AutoRenewPeriod=5"),
        (R, "InstanceChargeType=PrePaid&Period=4&PeriodUnit=WEEK"),
        (C, "InstanceChargeType=PrePaid&Period=1&DeletionProtection=true"),
        (C, "AutoReleaseTime=x&Amount=x&AutoPay=x"),
        (R, "AutoReleaseTime=2026-01-02T03:34:05Z"),
        (R, "AutoReleaseTime=2026-01-02T05:00:59Z"),
        (R, "AutoReleaseTime=2029-01-02T03:04:05Z"),
        (R, "DeletionProtection=True"),
        (R, "SpotStrategy=SpotWithPriceLimit&SpotPriceLimit=0.500000&SpotDuration=0"),
        (R, "SpotStrategy=NoSpot&SpotPriceLimit=0.23456"),
        (R, "SpotStrategy=SpotAsPriceGo&SpotInterruptionBehavior=Stop"),
        (R, "DedicatedHostId=dh-1&SpotStrategy=Sometimes&SpotDuration=9"),
        (R, "PrivatePoolOptions.MatchCriteria=Target&PrivatePoolOptions.Id=p"),
        (R, "KeyPairName=kp&RamRoleName=r&ResourceGroupId=rg&FromTheFuture.1.X=y"),
    ] {
        let found = launch(action, query);
        assert!(found.is_ok(), "{query}: {found:?}");
    }
}

#[test]
fn a_primary_interface_says_where_the_instance_is() {
    let launch = run("SecurityGroupId=&VSwitchId=&NetworkInterface.1.InstanceType=Primary\
        &NetworkInterface.1.VSwitchId=vsw-b&NetworkInterface.1.SecurityGroupIds.1=sg-b\
        &NetworkInterface.1.SecurityGroupIds.2=sg-c&NetworkInterface.1.PrimaryIpAddress=10.0.0.9\
        &NetworkInterface.2.VSwitchId=vsw-z");
    assert_eq!(launch.subnet.unwrap().as_str(), "vsw-b");
    assert_eq!(launch.groups.iter().map(fleet::Label::as_str).collect::<Vec<_>>(), ["sg-b", "sg-c"]);
    assert_eq!(launch.addresses, Addresses::Given(Ipv4Addr::new(10, 0, 0, 9)));
}

#[test]
fn groups_come_as_one_or_as_a_list_and_labels_that_are_none_name_nothing() {
    let launch = run("SecurityGroupId=&SecurityGroupIds.7=sg-b&SecurityGroupIds.2=sg-a&ImageId=i%20m");
    assert_eq!(launch.groups.iter().map(fleet::Label::as_str).collect::<Vec<_>>(), ["sg-a", "sg-b"]);
    assert_eq!(launch.image, Some(unnamed()));
    let alone = run("VSwitchId=&PrivateIpAddress=10.0.0.9");
    assert_eq!((alone.subnet, alone.addresses), (None, Addresses::Given(Ipv4Addr::new(10, 0, 0, 9))));
}

#[test]
fn a_token_is_known_before_the_shape_is() {
    let head = |action, query: &str| {
        let params = Params::parse(format!("{BASE}&{query}").as_bytes(), b"").unwrap();
        LaunchHead::parse(action, params, &origin())
    };
    let broken = head(LaunchAction::Run, "ClientToken=t&Amount=0").unwrap();
    let (key, token) = broken.token().unwrap();
    assert_eq!(
        (key.account, key.action, key.region.as_str()),
        (AccountId(7), TokenAction::Launch, "cn-hangzhou")
    );
    assert_eq!((key.text.as_str(), token.fingerprint), ("t", Fingerprint([1; 32])));
    assert_eq!(broken.region().as_str(), "cn-hangzhou");
    assert_eq!(broken.launch().unwrap_err().code.code, "InvalidMaxAmount.Malformed");

    let create = head(LaunchAction::Create, "ClientToken=t").unwrap();
    assert_eq!(create.token().unwrap().0.action, TokenAction::Create);
    assert!(head(LaunchAction::Run, "ClientToken=t&DryRun=True").unwrap().token().is_none());
    assert!(head(LaunchAction::Run, "ClientToken=").unwrap().token().is_none());
    assert_eq!(
        head(LaunchAction::Run, "RegionId=&ClientToken=%C3%A9").unwrap_err().code.code,
        "MissingParameter"
    );
}

#[test]
fn a_password_is_never_repeated() {
    for query in ["Password=planted", "Password=Planted-1&PasswordInherit=true", "Password=Planted-1"] {
        let params = Params::parse(format!("{BASE}&{query}").as_bytes(), b"").unwrap();
        let head = LaunchHead::parse(LaunchAction::Run, params, &origin()).unwrap();
        assert!(!format!("{head:?}").to_lowercase().contains("planted"));
        let told = match head.launch() {
            Ok(launch) => format!("{launch:?}"),
            Err(fault) => format!("{fault:?} {fault} {}", fault.message()),
        };
        assert!(!told.to_lowercase().contains("planted"), "{told}");
    }
}

/// What aliyun-python-sdk-ecs sends: every argument that was set, booleans as Python writes them,
/// and the region twice over as `RegionId`.
#[test]
fn a_request_of_the_python_sdk_is_read() {
    let sent = [
        ("Amount", "2"),
        ("AutoRenew", "False"),
        ("ClientToken", "b1c7d3c0-0a5e-4a0e-9d55-7d3a2f7a7c11"),
        ("DataDisk.1.Category", "cloud_efficiency"),
        ("DataDisk.1.DeleteWithInstance", ""),
        ("DataDisk.1.Encrypted", "False"),
        ("DataDisk.1.Size", "100"),
        ("DataDisk.1.SnapshotId", ""),
        ("DeletionProtection", "False"),
        ("Description", ""),
        ("DryRun", "False"),
        ("HostName", "worker[0,3]"),
        ("ImageId", "aliyun_3_x64_20G_alibase_20240528.vhd"),
        ("InstanceChargeType", "PostPaid"),
        ("InstanceName", "worker[0,3]"),
        ("InstanceType", "ecs.g5.large"),
        ("InternetChargeType", "PayByTraffic"),
        ("InternetMaxBandwidthIn", "200"),
        ("InternetMaxBandwidthOut", "0"),
        ("IoOptimized", "optimized"),
        ("Password", ""),
        ("PasswordInherit", "False"),
        ("Period", ""),
        ("RegionId", "cn-hangzhou"),
        ("SecurityEnhancementStrategy", "Active"),
        ("SecurityGroupId", "sg-a"),
        ("SpotStrategy", "NoSpot"),
        ("SystemDisk.Category", "cloud_essd"),
        ("SystemDisk.PerformanceLevel", "PL1"),
        ("SystemDisk.Size", "40"),
        ("Tag.1.Key", "team"),
        ("Tag.1.Value", ""),
        ("UniqueSuffix", "True"),
        ("UserData", "IyEvYmluL3NoCg=="),
        ("VSwitchId", "vsw-a"),
        ("ZoneId", "cn-hangzhou-g"),
        ("SomethingNew.1.Name", "x"),
    ];
    let query: Vec<String> =
        sent.iter().map(|(name, value)| format!("{name}={}", percent::encode(value))).collect();
    let mut params = Params::parse(query.join("&").as_bytes(), b"").unwrap();
    let Ok(Request::RunInstances(launch)) = parse(Action::RunInstances, &mut params, &origin()) else {
        panic!("no launch")
    };
    assert_eq!((launch.wanted.most(), launch.wanted.least()), (2, 2));
    assert_eq!(launch.names.name(1).as_deref(), Some("worker001"));
    assert_eq!(launch.host_names.name(0).as_deref(), Some("worker000"));
    assert_eq!(launch.rehearsal, Rehearsal::No);
    assert_eq!(params.leftover().collect::<Vec<_>>(), ["SomethingNew.1.Name"]);
}
