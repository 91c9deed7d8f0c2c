//! Requests other than launches, the sample requests of the contract, and what holds for every input.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use fleet::{
    AccountId, Cycle, Edition, EventFilter, EventId, Fingerprint, Force, IncidentKind, InstanceFilter,
    InstanceId, Io, Label, LabelSource, LockReason, Means, NamePattern, Paging, Rehearsal, Release, Serial,
    SettingFilter, Shown, Shutdown, Start, Stop, Subscription, Time,
};
use proptest::prelude::*;
use wire::ecs::request::catalogue::Destination;
use wire::ecs::request::events::EventListing;
use wire::ecs::request::instances::InstanceListing;
use wire::ecs::request::{Action, Origin, Request, parse, unnamed};
use wire::ecs::{Envelope, Fault};
use wire::{Params, percent, time};

const ACCOUNT: AccountId = AccountId(7);
const SERIAL: Serial = Serial { epoch: 1, number: 42 };
const ID: InstanceId = InstanceId(SERIAL);
const WIRE_ID: &str = "i-0001000000000000001a";
const DOCUMENTED: &str = include_str!("vectors/ecs-parameters.tsv");

fn origin() -> Origin {
    let now = time::parse("2026-01-02T03:04:05Z").unwrap();
    Origin { account: ACCOUNT, fingerprint: Fingerprint([1; 32]), now, edition: Edition::Either }
}

fn ask(action: Action, query: &str) -> Result<Request, Fault> {
    let mut params = Params::parse(query.as_bytes(), b"").unwrap();
    parse(action, &mut params, &origin())
}

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn at(text: &str) -> Option<Time> {
    Some(time::parse(text).unwrap())
}

#[test]
fn each_fault_has_its_code_and_its_status() {
    use Action::*;
    let ids = serde_json::to_string(&vec!["i"; 101]).unwrap();
    let many_ids = format!("RegionId=r&InstanceIds={}", percent::encode(&ids));
    for (action, query, status, code, parameter) in [
        (StartInstance, "", 400, "MissingParameter", "InstanceId"),
        (StartInstance, "InstanceId=i-running", 404, "InvalidInstanceId.NotFound", "InstanceId"),
        (StartInstance, "InstanceId=0001000000000000001a", 404, "InvalidInstanceId.NotFound", "InstanceId"),
        (StartInstance, "InstanceId=i-x&DryRun=2", 400, "InvalidParameter", "DryRun"),
        (StopInstance, "InstanceId=i-none", 404, "InvalidInstanceId.NotFound", "InstanceId"),
        (StopInstance, "InstanceId=i-x&StoppedMode=Later", 400, "InvalidParameter", "StoppedMode"),
        (RebootInstance, "InstanceId=i-x", 404, "InvalidInstanceId.NotFound", "InstanceId"),
        (DeleteInstance, "InstanceId=i-x&Force=please", 400, "InvalidParameter", "Force"),
        (DeleteInstance, "InstanceId=i-x", 404, "InvalidInstanceId.NotFound", "InstanceId"),
        (DescribeInstances, "", 400, "MissingParameter", "RegionId"),
        (DescribeInstances, "RegionId=r&Status=Nope", 404, "InvalidStatus.NotFound", "Status"),
        (DescribeInstances, "RegionId=r&Status=running", 404, "InvalidStatus.NotFound", "Status"),
        (
            DescribeInstances,
            "RegionId=r&InstanceNetworkType=x",
            404,
            "InvalidNetworkType.NotFound",
            "InstanceNetworkType",
        ),
        (
            DescribeInstances,
            "RegionId=r&InstanceChargeType=x",
            404,
            "InvalidInstanceChargeType.NotFound",
            "InstanceChargeType",
        ),
        (
            DescribeInstances,
            "RegionId=r&InternetChargeType=x",
            404,
            "InvalidInternetChargeType.ValueNotSupported",
            "InternetChargeType",
        ),
        (DescribeInstances, "RegionId=r&LockReason=x", 404, "InvalidLockReason.NotFound", "LockReason"),
        (DescribeInstances, "RegionId=r&Filter.1.Key=x", 404, "InvalidFilterKey.NotFound", "Filter.1.Key"),
        (
            DescribeInstances,
            "RegionId=r&Filter.2.Key=ExpiredEndTime&Filter.2.Value=x",
            400,
            "InvalidParameter",
            "Filter.2.Value",
        ),
        (DescribeInstances, "RegionId=r&Filter.5.Key=ExpiredEndTime", 400, "InvalidParameter", "Filter"),
        (DescribeInstances, "RegionId=r&Tag.1.Value=x", 400, "InvalidTag.Mismatch", "Tag.1.Key"),
        (DescribeInstances, "RegionId=r&Tag.21.Key=x", 400, "InvalidTagCount", "Tag"),
        (DescribeInstances, "RegionId=r&InstanceIds=i-1", 400, "InvalidParameter", "InstanceIds"),
        (DescribeInstances, &many_ids, 400, "InvalidParameter", "InstanceIds"),
        (DescribeInstances, "RegionId=r&PrivateIpAddresses=x", 400, "InvalidParameter", "PrivateIpAddresses"),
        (DescribeInstances, "RegionId=r&PageSize=101", 400, "InvalidParameter", "PageSize"),
        (DescribeInstances, "RegionId=r&NextToken=x", 400, "InvalidParameter", "NextToken"),
        (DescribeInstances, "RegionId=r&IoOptimized=optimized", 400, "InvalidParameter", "IoOptimized"),
        (DescribeInstanceStatus, "", 400, "MissingParameter", "RegionId"),
        (DescribeInstanceStatus, "RegionId=r&PageSize=51", 400, "InvalidParameter", "PageSize"),
        (DescribeInstanceStatus, "RegionId=r&InstanceId.101=i", 400, "InvalidParameter", "InstanceId"),
        (DescribeInstanceHistoryEvents, "", 404, "MissingParameter", "RegionId"),
        (
            DescribeInstanceHistoryEvents,
            "RegionId=r&ResourceType=disk",
            403,
            "InvalidParameter",
            "ResourceType",
        ),
        (
            DescribeInstanceHistoryEvents,
            "RegionId=r&EventCycleStatus=x",
            403,
            "InvalidParameter",
            "EventCycleStatus",
        ),
        (
            DescribeInstanceHistoryEvents,
            "RegionId=r&InstanceEventCycleStatus.1=x",
            403,
            "InvalidParameter",
            "InstanceEventCycleStatus",
        ),
        (
            DescribeInstanceHistoryEvents,
            "RegionId=r&InstanceEventCycleStatus.8=Failed",
            403,
            "InvalidParameter",
            "InstanceEventCycleStatus",
        ),
        (DescribeInstanceHistoryEvents, "RegionId=r&EventId.101=e", 403, "EventIdLimitExceeded", "EventId"),
        (
            DescribeInstanceHistoryEvents,
            "RegionId=r&NotBefore.Start=x",
            403,
            "InvalidParameter",
            "NotBefore.Start",
        ),
        (
            DescribeInstanceHistoryEvents,
            "RegionId=r&EventPublishTime.Start=2026-01-02T00:00:01Z&EventPublishTime.End=2026-01-02T00:00:00Z",
            403,
            "InvalidParameter.TimeEndBeforeStart",
            "EventPublishTime.End",
        ),
        (DescribeAvailableResource, "", 400, "MissingParameter", "RegionId"),
        (DescribeAvailableResource, "RegionId=r", 400, "Invalid.Param", "DestinationResource"),
        (
            DescribeAvailableResource,
            "RegionId=r&DestinationResource=x",
            404,
            "Invalid.DestinationResource",
            "DestinationResource",
        ),
        (
            DescribeAvailableResource,
            "RegionId=r&DestinationResource=Zone&InstanceChargeType=x",
            400,
            "Invalid.InstanceChargeType",
            "InstanceChargeType",
        ),
        (
            DescribeAvailableResource,
            "RegionId=r&DestinationResource=Zone&SpotStrategy=x",
            404,
            "Invalid.SpotStrategy",
            "SpotStrategy",
        ),
        (
            DescribeAvailableResource,
            "RegionId=r&DestinationResource=Zone&IoOptimized=x",
            404,
            "Invalid.IoOptimized",
            "IoOptimized",
        ),
        (
            DescribeAvailableResource,
            "RegionId=r&DestinationResource=Zone&NetworkCategory=x",
            404,
            "Invalid.NetworkCategory",
            "NetworkCategory",
        ),
        (
            DescribeAvailableResource,
            "RegionId=r&DestinationResource=Zone&ResourceType=x",
            404,
            "Invalid.ResourceType",
            "ResourceType",
        ),
        (
            DescribeAvailableResource,
            "RegionId=r&DestinationResource=Zone&Cores=2",
            403,
            "InvalidParam.Cores",
            "Cores",
        ),
        (
            DescribeAvailableResource,
            "RegionId=r&DestinationResource=Zone&Memory=2",
            403,
            "InvalidParam.Memory",
            "Memory",
        ),
        (
            DescribeAvailableResource,
            "RegionId=r&DestinationResource=InstanceType&Cores=2&InstanceType=t",
            403,
            "InvalidParam.TypeAndCpuMem.Conflict",
            "InstanceType",
        ),
        (
            DescribeAvailableResource,
            "RegionId=r&DestinationResource=Zone&DedicatedHostId=h",
            403,
            "InvalidDedicatedHostId.NotFound",
            "DedicatedHostId",
        ),
        (DescribeZones, "", 400, "MissingParameter", "RegionId"),
        (DescribeInstanceTypes, "InstanceTypes.11=t", 400, "InvalidParameter", "InstanceTypes"),
        (DescribeInstanceTypes, "MinimumMemorySize=lots", 400, "InvalidParameter", "MinimumMemorySize"),
        (DescribeImages, "", 400, "MissingParameter", "RegionId"),
        (DescribeImages, "RegionId=r&Status=Available,x", 404, "InvalidStatus.NotFound", "Status"),
        (DescribeImages, "RegionId=r&PageSize=101", 400, "InvalidParameter", "PageSize"),
        (CreateVpc, "", 400, "MissingParameter", "RegionId"),
        (CreateVpc, "RegionId=r&CidrBlock=10.0.0.0", 400, "InvalidParameter", "CidrBlock"),
        (CreateVpc, "RegionId=r&VpcName=1", 400, "InvalidVpcName.Malformed", "VpcName"),
        (CreateVpc, "RegionId=r&Description=http://x", 400, "InvalidVpcDiscription.Malformed", "Description"),
        (CreateVSwitch, "", 400, "MissingParameter", "VpcId"),
        (CreateVSwitch, "VpcId=v", 400, "MissingParameter", "ZoneId"),
        (CreateVSwitch, "VpcId=v&ZoneId=z", 400, "MissingParameter", "CidrBlock"),
        (CreateVSwitch, "VpcId=v&ZoneId=z&CidrBlock=10.0.0.0/30", 400, "InvalidParameter", "CidrBlock"),
        (CreateVSwitch, "VpcId=v&ZoneId=z&CidrBlock=10.0.0.1/24", 400, "InvalidParameter", "CidrBlock"),
        (
            CreateVSwitch,
            "VpcId=v&ZoneId=z&CidrBlock=10.0.0.0/24&VSwitchName=1",
            400,
            "InvalidVSwitchName.Malformed",
            "VSwitchName",
        ),
        (
            CreateVSwitch,
            "VpcId=v&ZoneId=z&CidrBlock=10.0.0.0/24&Description=x",
            400,
            "InvalidVSwitchDiscription.Malformed",
            "Description",
        ),
        (CreateSecurityGroup, "", 400, "MissingParameter", "RegionId"),
        (CreateSecurityGroup, "RegionId=r", 403, "InvalidVpcId.NotFound", "VpcId"),
        (
            CreateSecurityGroup,
            "RegionId=r&VpcId=v&SecurityGroupName=1",
            400,
            "InvalidSecurityGroupName.Malformed",
            "SecurityGroupName",
        ),
        (
            CreateSecurityGroup,
            "RegionId=r&VpcId=v&Description=x",
            400,
            "InvalidSecurityGroupDiscription.Malformed",
            "Description",
        ),
        (
            CreateSecurityGroup,
            "RegionId=r&VpcId=v&Tag.1.Key=acs:x",
            400,
            "InvalidTagKey.Malformed",
            "Tag.1.Key",
        ),
        (DescribeVpcs, "", 400, "MissingParameter", "RegionId"),
        (DescribeVpcs, "RegionId=r&PageSize=51", 400, "InvalidParameter", "PageSize"),
        (DescribeVSwitches, "ZoneId=z", 400, "MissingParameter", "RegionId"),
        (DescribeSecurityGroups, "", 400, "MissingParameter", "RegionId"),
        (DescribeSecurityGroups, "RegionId=r&NetworkType=x", 400, "InvalidParameter", "NetworkType"),
    ] {
        let fault = ask(action, query).unwrap_err();
        assert_eq!((fault.code.status, fault.code.code), (status, code), "{} {query}", action.name());
        assert_eq!(fault.parameter.as_deref(), Some(parameter), "{} {query}", action.name());
    }
}

#[test]
fn actions_on_one_instance_become_commands() {
    let (account, instance) = (ACCOUNT, ID);
    for (action, rest, expected) in [
        (Action::StartInstance, "", Request::StartInstance(Start { account, instance }, Rehearsal::No)),
        (
            Action::StopInstance,
            "&StoppedMode=keepcharging&ForceStop=True&DryRun=true",
            Request::StopInstance(
                Stop {
                    shutdown: Shutdown { means: Means::Cut, ..Shutdown::default() },
                    ..Stop::new(account, instance)
                },
                Rehearsal::Yes,
            ),
        ),
        (
            Action::DeleteInstance,
            "&Force=True&TerminateSubscription=True",
            Request::DeleteInstance(
                Release { account, instance, force: Force::Yes, subscription: Subscription::End },
                Rehearsal::No,
            ),
        ),
        (
            Action::DeleteInstance,
            "&Force=&RegionId=r",
            Request::DeleteInstance(
                Release { account, instance, force: Force::No, subscription: Subscription::Keep },
                Rehearsal::No,
            ),
        ),
    ] {
        assert_eq!(ask(action, &format!("InstanceId={WIRE_ID}{rest}")), Ok(expected), "{rest}");
    }
}

#[test]
fn a_filter_takes_what_it_knows_and_leaves_the_rest() {
    for action in [Action::DescribeInstances, Action::DescribeDisks] {
        let query =
            "RegionId=r&Filter.1.Key=CreationStartTime&Filter.1.Odd=x&Filter.2.Value=y&Filter.2.Valu=z";
        let mut params = Params::parse(query.as_bytes(), b"").unwrap();
        assert!(parse(action, &mut params, &origin()).is_ok());
        assert_eq!(params.leftover().collect::<Vec<_>>(), ["Filter.1.Odd", "Filter.2.Valu"]);
    }
}

#[test]
fn instances_are_listed_by_every_filter() {
    let all = || InstanceFilter { id_prefix: "i-", ..InstanceFilter::all(ACCOUNT, label("r")) };
    let listing = |filter| InstanceListing {
        filter,
        paging: Paging::Numbered { number: 1, size: 10 },
        rehearsal: Rehearsal::No,
    };
    let ids = Some(BTreeSet::from([ID]));
    let nothing = || InstanceFilter { ids: Some(BTreeSet::new()), ..all() };
    let addresses = Some(BTreeSet::from([Ipv4Addr::new(10, 0, 0, 9)]));
    let tags = vec![("a".to_owned(), Some("x".to_owned())), ("b".to_owned(), None)];
    for (query, expected) in [
        (String::new(), all()),
        ("InstanceIds=&Status=&InstanceName=&Tag.1.Key=&Tag.1.Value=".to_owned(), all()),
        ("InstanceIds=%5B%5D".to_owned(), nothing()),
        (format!("InstanceIds=%5B%22{WIRE_ID}%22,%22i-none%22%5D"), InstanceFilter { ids, ..all() }),
        ("Status=Stopped".to_owned(), InstanceFilter { status: Some(Shown::Stopped), ..all() }),
        ("InstanceName=web*".to_owned(), InstanceFilter { name: Some(NamePattern::new("web*")), ..all() }),
        (
            "VpcId=v&VSwitchId=s&ZoneId=z&ImageId=i&InstanceType=t&SecurityGroupId=g".to_owned(),
            InstanceFilter {
                network: Some(label("v")),
                subnet: Some(label("s")),
                zone: Some(label("z")),
                image: Some(label("i")),
                instance_type: Some(label("t")),
                group: Some(label("g")),
                ..all()
            },
        ),
        ("ZoneId=z%20z".to_owned(), InstanceFilter { zone: Some(unnamed()), ..all() }),
        ("InstanceChargeType=PrePaid".to_owned(), InstanceFilter { prepaid: Some(true), ..all() }),
        (
            "PrivateIpAddresses=%5B%2210.0.0.9%22,%22x%22%5D".to_owned(),
            InstanceFilter { addresses: addresses.clone(), ..all() },
        ),
        ("Tag.1.Key=a&Tag.1.Value=x&Tag.2.Key=b&Tag.2.Value=".to_owned(), InstanceFilter { tags, ..all() }),
        ("InstanceNetworkType=vpc&DeviceAvailable=true".to_owned(), all()),
        ("InstanceNetworkType=classic".to_owned(), nothing()),
        ("DeviceAvailable=false".to_owned(), nothing()),
        ("LockReason=security".to_owned(), InstanceFilter { lock: Some(LockReason::Security), ..all() }),
        ("IoOptimized=false".to_owned(), InstanceFilter { io: Some(Io::Plain), ..all() }),
        ("KeyPairName=kp".to_owned(), InstanceFilter { key_pair: Some("kp".into()), ..all() }),
        (
            "PublicIpAddresses=%5B%2210.0.0.9%22%5D".to_owned(),
            InstanceFilter { public_addresses: addresses.clone(), ..all() },
        ),
        (
            "HpcClusterId=h&ResourceGroupId=rg".to_owned(),
            InstanceFilter { hpc_cluster: Some(label("h")), resource_group: Some(label("rg")), ..all() },
        ),
        ("EipAddresses=%5B%221.2.3.4%22%5D".to_owned(), nothing()),
        (
            "Ipv6Address.1=::1".to_owned(),
            InstanceFilter { ipv6_addresses: Some(BTreeSet::from([Ipv6Addr::LOCALHOST])), ..all() },
        ),
        (
            "HttpTokens=required&HttpEndpoint=enabled".to_owned(),
            InstanceFilter {
                settings: vec![
                    SettingFilter { name: "HttpEndpoint", value: "enabled".into(), default: "enabled" },
                    SettingFilter { name: "HttpTokens", value: "required".into(), default: "optional" },
                ],
                ..all()
            },
        ),
    ] {
        let found = ask(Action::DescribeInstances, &format!("RegionId=r&{query}"));
        assert_eq!(found, Ok(Request::DescribeInstances(Box::new(listing(expected)))), "{query}");
    }
    let query = "RegionId=r&InstanceTypeFamily=ecs.g5&Filter.1.Key=CreationStartTime\
        &Filter.1.Value=2026-01-02T03:04Z&Filter.4.Key=ExpiredEndTime&Filter.4.Value=2027-01-02T03:04Z\
        &PageNumber=2&PageSize=100&DryRun=True";
    let Ok(Request::DescribeInstances(found)) = ask(Action::DescribeInstances, query) else {
        panic!("no listing")
    };
    assert_eq!(found.filter.family, Some(label("ecs.g5")));
    assert_eq!(found.filter.created, (at("2026-01-02T03:04Z"), None));
    assert_eq!(found.filter.expires, (None, at("2027-01-02T03:04Z")));
    assert_eq!(found.paging, Paging::Numbered { number: 2, size: 100 });
    assert_eq!(found.rehearsal, Rehearsal::Yes);
}

#[test]
fn events_are_listed_by_every_filter() {
    let region = Some(Label::parse("r").unwrap());
    let finished = || EventFilter { region: region.clone(), ..EventFilter::finished(ACCOUNT) };
    let kinds = |kinds: &[IncidentKind]| Some(kinds.iter().copied().collect::<BTreeSet<_>>());
    let failures = || kinds(&[IncidentKind::FailureRelease]);
    let cycles = |cycles: &[Cycle]| Some(cycles.iter().copied().collect::<BTreeSet<_>>());
    let event = format!("EventId.1=e-{SERIAL}&EventId.2=x");
    let resource = format!("InstanceId=i-none&ResourceId.1={WIRE_ID}");
    for (query, expected) in [
        ("", finished()),
        (
            "InstanceEventCycleStatus.1=Executing&InstanceEventCycleStatus.2=Executed&EventType=SystemFailure.Delete",
            EventFilter {
                cycles: cycles(&[Cycle::Executing, Cycle::Executed]),
                kinds: failures(),
                ..finished()
            },
        ),
        ("EventCycleStatus=Avoided", EventFilter { cycles: cycles(&[Cycle::Avoided]), ..finished() }),
        (
            "EventCycleStatus=Avoided&InstanceEventCycleStatus.3=Failed",
            EventFilter { cycles: cycles(&[Cycle::Failed]), ..finished() },
        ),
        (
            "EventType=SystemMaintenance.Reboot",
            EventFilter { kinds: kinds(&[IncidentKind::MaintenanceReboot]), ..finished() },
        ),
        (
            "EventType=Made.Up&InstanceEventType.2=SystemFailure.Delete",
            EventFilter { kinds: failures(), ..finished() },
        ),
        (
            "EventType=SystemFailure.Delete&InstanceEventType.1=Made.Up",
            EventFilter { kinds: Some(BTreeSet::new()), ..finished() },
        ),
        ("ResourceType=instance", finished()),
        ("ResourceType=ddh", EventFilter { kinds: Some(BTreeSet::new()), ..finished() }),
        ("InstanceId=i-none", EventFilter { instances: Some(BTreeSet::new()), ..finished() }),
        (&resource, EventFilter { instances: Some(BTreeSet::from([ID])), ..finished() }),
        (&event, EventFilter { ids: Some(BTreeSet::from([EventId(SERIAL)])), ..finished() }),
        (
            "EventPublishTime.Start=2026-01-02T00:00:00Z&EventPublishTime.End=2026-01-02T00:00:00Z",
            EventFilter {
                published: (at("2026-01-02T00:00:00Z"), Some(Time::from_millis(1_767_312_000_999))),
                ..finished()
            },
        ),
        (
            "NotBefore.Start=2026-01-02T00:00:00Z",
            EventFilter { not_before: (at("2026-01-02T00:00:00Z"), None), ..finished() },
        ),
    ] {
        let found = ask(Action::DescribeInstanceHistoryEvents, &format!("RegionId=r&{query}"));
        let paging = Paging::Numbered { number: 1, size: 10 };
        let listing = EventListing {
            region: label("r"),
            filter: expected,
            resource_group: None,
            tags: Vec::new(),
            paging,
        };
        assert_eq!(found, Ok(Request::DescribeInstanceHistoryEvents(Box::new(listing))), "{query}");
    }
}

#[test]
fn the_catalogue_is_asked_as_the_contract_says() {
    let query = "RegionId=r&DestinationResource=InstanceType&Cores=2&Memory=0.5&NetworkCategory=classic";
    let Ok(Request::DescribeAvailableResource(found)) = ask(Action::DescribeAvailableResource, query) else {
        panic!("no question")
    };
    assert_eq!(found.destination, Destination::InstanceType);
    assert_eq!((found.cpus, found.memory_mib, found.served), (Some(2), Some(512), false));

    let Ok(Request::DescribeInstanceTypes(types)) =
        ask(Action::DescribeInstanceTypes, "InstanceTypes.1=a&MinimumCpuCoreCount=4")
    else {
        panic!("no listing")
    };
    assert_eq!((types.ids, types.cpus), (Some(BTreeSet::from([label("a")])), (Some(4), None)));
    assert_eq!(types.paging, Paging::After { last: None, size: 1600 });

    let Ok(Request::DescribeImages(images)) =
        ask(Action::DescribeImages, "RegionId=r&ImageId=a,b&ImageOwnerAlias=system")
    else {
        panic!("no listing")
    };
    assert_eq!(images.ids, Some(BTreeSet::from([label("a"), label("b")])));
    assert_eq!(images.statuses, [fleet::ImageStatus::Available]);
    assert_eq!(ask(Action::DescribeRegions, "ResourceType=x"), Ok(Request::DescribeRegions));
    assert_eq!(ask(Action::DescribeZones, "RegionId=r"), Ok(Request::DescribeZones(label("r"))));
}

#[test]
fn networks_subnets_and_groups_are_made_and_listed() {
    let Ok(Request::CreateVpc(network, Rehearsal::No)) = ask(Action::CreateVpc, "RegionId=r&VpcName=net")
    else {
        panic!("no command")
    };
    assert_eq!(
        (network.command.label, network.command.block.to_string()),
        (LabelSource::Drawn("vpc-"), "172.16.0.0/12".to_owned())
    );
    let query = "VpcId=vpc-a&ZoneId=z&CidrBlock=192.168.1.0/24&RegionId=r";
    let Ok(Request::CreateVSwitch(subnet)) = ask(Action::CreateVSwitch, query) else { panic!("no command") };
    assert_eq!(
        (subnet.command.label, subnet.command.network.as_str()),
        (LabelSource::Drawn("vsw-"), "vpc-a")
    );
    assert_eq!(subnet.command.block.net().to_string(), "192.168.1.0/24");
    let Ok(Request::CreateSecurityGroup(group)) =
        ask(Action::CreateSecurityGroup, "RegionId=r&VpcId=vpc-a&SecurityGroupName=web&Tag.1.Key=a")
    else {
        panic!("no command")
    };
    let made = group.command;
    assert_eq!(
        (made.label, made.name.as_str(), group.region),
        (LabelSource::Drawn("sg-"), "web", label("r"))
    );
    assert_eq!(made.marks.tags, [fleet::Tag { key: "a".into(), value: String::new() }]);

    let Ok(Request::DescribeVpcs(networks)) = ask(Action::DescribeVpcs, "RegionId=r&VpcId=a,b&PageSize=50")
    else {
        panic!("no listing")
    };
    assert_eq!(networks.ids, Some(BTreeSet::from([label("a"), label("b")])));
    let Ok(Request::DescribeVSwitches(subnets)) = ask(Action::DescribeVSwitches, "VpcId=a&IsDefault=True")
    else {
        panic!("no listing")
    };
    assert_eq!((subnets.region, subnets.ids), (None, Some(BTreeSet::new())));
    for (query, expected) in [
        ("", None),
        ("SecurityGroupId=a", Some(BTreeSet::from([label("a")]))),
        ("SecurityGroupIds=%5B%22a%22,%22b%22%5D&SecurityGroupId=b", Some(BTreeSet::from([label("b")]))),
        ("SecurityGroupIds=%5B%5D", Some(BTreeSet::new())),
        ("NetworkType=classic", Some(BTreeSet::new())),
    ] {
        let Ok(Request::DescribeSecurityGroups(groups)) =
            ask(Action::DescribeSecurityGroups, &format!("RegionId=r&{query}"))
        else {
            panic!("no listing")
        };
        assert_eq!(groups.ids, expected, "{query}");
    }
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "",
            "0",
            "1",
            "2",
            "20",
            "true",
            "False",
            "PrePaid",
            "Primary",
            "cloud_essd",
            "PL3",
            "[]",
            "a",
            "acs:",
            "10.0.0.1",
            "10.0.0.0/24",
            "/dev/xvdb",
            "2026-01-02T05:00:00Z",
            "x[1,3]",
            WIRE_ID,
            "QQ==",
            "InstanceType",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,6}",
        proptest::collection::vec(any::<char>().prop_filter("no zero", |c| *c != '\0'), 0..8)
            .prop_map(String::from_iter),
    ]
}

fn name() -> impl Strategy<Value = String> {
    let names: Vec<&str> = DOCUMENTED.lines().map(|line| line.split_once('\t').unwrap().1).collect();
    (prop::sample::select(names), 1..30_u32).prop_map(|(name, index)| {
        let index = index.to_string();
        let parts = name.split('.').map(|part| if part == "N" { &index } else { part });
        parts.collect::<Vec<_>>().join(".")
    })
}

fn pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    proptest::collection::vec((name(), value()), 0..30)
}

fn fingerprint(pairs: &[(String, String)]) -> Fingerprint {
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", percent::encode(value))).collect();
    let signed =
        "AccessKeyId=k&Signature=s&SignatureNonce=n&Timestamp=2026-01-02T03:04:05Z&Version=v&Action=a";
    let query = format!("{signed}&{}", pairs.join("&"));
    let request = wire::ecs::Request { method: "GET", query: query.as_bytes(), ..Default::default() };
    Envelope::parse(&request).unwrap().fingerprint
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_parameters_make_a_parser_panic(pairs in pairs(), with_region in any::<bool>()) {
        let mut params = Params::new();
        if with_region {
            params.set("RegionId", "cn-hangzhou");
        }
        for (name, value) in pairs {
            params.set(name, value);
        }
        for action in Action::ALL {
            let mut params = params.clone();
            if let Err(fault) = parse(action, &mut params, &origin()) {
                prop_assert!((400..500).contains(&fault.code.status));
                prop_assert!(!fault.message().is_empty());
            }
        }
    }

    #[test]
    fn order_and_empty_values_do_not_change_what_a_request_means(
        pairs in pairs(),
        emptied in proptest::collection::vec(name(), 0..5),
    ) {
        let said: std::collections::BTreeMap<String, String> =
            pairs.into_iter().filter(|(name, _)| name != "OwnerId").collect();
        let forward: Vec<_> = said.clone().into_iter().collect();
        let mut backward: Vec<_> = said.clone().into_iter().rev().collect();
        let emptied = emptied.into_iter().filter(|name| !said.contains_key(name));
        backward.extend(emptied.map(|name| (name, String::new())));
        prop_assert_eq!(fingerprint(&forward), fingerprint(&backward));
        let mut longer = forward.clone();
        longer.push(("SomethingElse".to_owned(), "x".to_owned()));
        prop_assert_ne!(fingerprint(&forward), fingerprint(&longer));
    }
}
