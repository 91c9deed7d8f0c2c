//! The table against the contract and against the parsers. `UPDATE=1` writes the page anew.

use std::collections::{BTreeMap, BTreeSet};

use fleet::{AccountId, Edition, Fingerprint, Time};

use super::*;
use crate::ecs::request::launch::table::Value;
use crate::ecs::request::{self, Origin};

/// Every parameter that the contract documents: action and name.
const DOCUMENTED: &str = include_str!("../../../tests/vectors/ecs-parameters.tsv");
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/wire-coverage.md");

fn documented() -> BTreeMap<Action, BTreeSet<&'static str>> {
    let mut documented: BTreeMap<Action, BTreeSet<&str>> = BTreeMap::new();
    for line in DOCUMENTED.lines() {
        let (action, name) = line.split_once('\t').unwrap();
        documented.entry(Action::parse(action, "2014-05-26").unwrap()).or_default().insert(name);
    }
    documented
}

#[test]
fn the_table_is_what_the_contract_documents() {
    let documented = documented();
    for action in Action::ALL {
        let table: BTreeSet<&str> = rows(action).into_keys().collect();
        assert_eq!(Some(&table), documented.get(&action), "{}", action.name());
    }
}

#[test]
fn no_parameter_is_there_twice() {
    let mut seen = BTreeSet::new();
    for parameter in parameters() {
        for action in parameter.actions {
            assert!(seen.insert((*action, parameter.name)), "{} {}", action.name(), parameter.name);
        }
    }
}

/// The name with 1 for each index.
fn first(name: &str) -> String {
    name.split('.').map(|part| if part == "N" { "1" } else { part }).collect::<Vec<_>>().join(".")
}

/// A value that is of the kind.
fn example(value: Value) -> Option<String> {
    match value {
        Value::Boolean => Some("True".to_owned()),
        Value::Integer(least, _) => Some(least.to_string()),
        Value::Choice(choices) => choices.last().map(|choice| (*choice).to_owned()),
        Value::Ipv4 => Some("10.0.0.1".to_owned()),
        Value::Ipv6 => Some("2001:db8::1".to_owned()),
        Value::Text(most) => Some("x".repeat(most)),
        Value::Ruled(_) => None,
    }
}

/// Everything the table knows, all at once, each with a value of its own.
fn everything(action: Action) -> Params {
    let mut params = Params::new();
    for name in rows(action).into_keys() {
        let sent = first(name);
        let row = table::TABLE.iter().find(|row| row.name == name && row.actions.contains(&action));
        let by_kind = row.and_then(|row| example(row.value));
        let value = match name {
            _ if TEMPLATES.contains(&action) => of_template(name),
            // These exclude others, or say that there is nothing to look at.
            "SecurityGroupIds.N" | "HostNames.N" | "Ipv6Address.N" | "Cores" | "Memory"
            | "LaunchTemplateId" | "LaunchTemplateName" => "",
            "Password" if LAUNCHES.contains(&action) => "",
            "NetworkInterface.N.SecurityGroupIds.N"
            | "NetworkInterface.N.NetworkInterfaceId"
            | "DedicatedHostId" => "",
            "InstanceChargeType" if LAUNCHES.contains(&action) => "PrePaid",
            "PrivatePoolOptions.MatchCriteria" => "Target",
            _ if by_kind.is_some() => by_kind.as_deref().unwrap_or_default(),
            "DryRun"
            | "Force"
            | "ForceStop"
            | "ConfirmStop"
            | "Hibernate"
            | "InitLocalDisk"
            | "TerminateSubscription"
            | "FuzzyQuery"
            | "IsDefault"
            | "ServiceManaged"
            | "IsSupportIoOptimized"
            | "DeletionProtection"
            | "DeviceAvailable" => "True",
            "Period"
            | "AutoRenewPeriod"
            | "PageNumber"
            | "Ipv6AddressCount"
            | "MinimumCpuCoreCount"
            | "MaximumCpuCoreCount"
            | "MinimumMemorySize"
            | "MaximumMemorySize" => "1",
            "PageSize" | "MaxResults" => "20",
            "InstanceChargeType" => "PostPaid",
            "PeriodUnit" => "Month",
            "IoOptimized" if action == Action::DescribeInstances => "true",
            "IoOptimized" => "optimized",
            "UserData" => "QQ==",
            "InternetChargeType" => "PayByTraffic",
            "SystemDisk.Size" | "DataDisk.N.Size" => "40",
            "DataDisk.N.Device" => "/dev/xvdb",
            "SpotStrategy" => "NoSpot",
            "AutoReleaseTime" => "",
            "Password" if action == Action::ModifyInstanceAttribute => "Secret-123",
            "ForceReboot"
            | "TriggerRealOps"
            | "Recyclable"
            | "EnableJumboFrame"
            | "EnableNetworkEncryption"
            | "DeleteWithInstance"
            | "Encrypted"
            | "EnableShared"
            | "Portable"
            | "EnableAutoSnapshot"
            | "EnableAutomatedSnapshotPolicy"
            | "DeleteAutoSnapshot"
            | "PrivateDnsNameOptions.EnableInstanceIdDnsAAAARecord"
            | "PrivateDnsNameOptions.EnableInstanceIdDnsARecord"
            | "PrivateDnsNameOptions.EnableIpDnsARecord"
            | "PrivateDnsNameOptions.EnableIpDnsPtrRecord"
                if !LAUNCHES.contains(&action) =>
            {
                "true"
            }
            "NetworkInterfaceQueueNumber" | "CpuOptions.Core" | "CpuOptions.ThreadsPerCore" => "2",
            "BatchOptimization" => "SuccessFirst",
            "CreditSpecification" => "Standard",
            "HealthStatus" => "Impaired",
            "EventType" if action == Action::CreateSimulatedSystemEvents => "SystemFailure.Stop",
            "NotBefore" => "2026-01-02T03:04:05Z",
            "DiskIds" => "[]",
            "DiskType" => "system",
            "DiskChargeType" => "PostPaid",
            "RenewalStatus" => "Normal",
            "Type" if action == Action::DescribeNetworkInterfaces => "Primary",
            "Status" if action == Action::DescribeDisks => "In_use",
            "NetworkInterface.N.InstanceType" => "Secondary",
            "InstanceId" | "InstanceId.N" => "i-0001000000000000001a",
            "StoppedMode" => "KeepCharging",
            "InstanceIds" | "PrivateIpAddresses" | "PublicIpAddresses" | "EipAddresses"
            | "InnerIpAddresses" | "RdmaIpAddresses" | "SecurityGroupIds" => "[]",
            "Status" if action == Action::DescribeImages => "Available",
            "Status" => "Running",
            "InstanceNetworkType" | "NetworkType" | "NetworkCategory" => "vpc",
            "LockReason" => "security",
            "Filter.N.Key" => "CreationStartTime",
            "Filter.N.Value" => "2026-01-02T03:04Z",
            "ResourceType" => "instance",
            "EventCycleStatus" | "InstanceEventCycleStatus.N" => "Executing",
            "EventPublishTime.Start" | "EventPublishTime.End" | "NotBefore.Start" | "NotBefore.End" => {
                "2026-01-02T03:04:05Z"
            }
            "NextToken" => "",
            "DestinationResource" => "InstanceType",
            "OSType" => "linux",
            "Architecture" => "x86_64",
            "ImageOwnerAlias" => "system",
            "SecurityGroupType" => "normal",
            "CidrBlock" => "10.0.0.0/24",
            // A rule says who is on the other side; then what else it says has to fit.
            "IpProtocol" | "Permissions.N.IpProtocol" => "tcp",
            "PortRange" | "Permissions.N.PortRange" | "SourcePortRange" | "Permissions.N.SourcePortRange" => {
                "1/2"
            }
            "SourceCidrIp" | "Permissions.N.SourceCidrIp" => "10.0.0.0/8",
            "DestCidrIp" | "Permissions.N.DestCidrIp" => "10.1.0.0/16",
            "Ipv6SourceCidrIp"
            | "Permissions.N.Ipv6SourceCidrIp"
            | "Ipv6DestCidrIp"
            | "Permissions.N.Ipv6DestCidrIp" => "2001:db8::/64",
            "Policy" | "Permissions.N.Policy" => "accept",
            "Priority" | "Permissions.N.Priority" => "1",
            "NicType" | "Permissions.N.NicType" => "intranet",
            "Direction" => "all",
            "PublicKeyBody" => include_str!("../../../tests/vectors/id_rsa.pub"),
            "KeyPairNames" => "[]",
            "IncludePublicKey" | "All" => "True",
            "TagFilter.N.TagKey" | "TagFilter.N.TagValues.N" => "",
            _ => "aa",
        };
        params.set(sent, value);
    }
    params
}

/// Values that a template takes: they are of the type, and nobody asks for more.
fn of_template(name: &str) -> &'static str {
    use request::template::parameters::{
        DATA_DISK, FIRST_ONLY, Field, Kind, NESTED, NETWORK_INTERFACE, SINGLE,
    };
    let (fields, name): (Vec<&Field>, _) = match name.split_once(".N.") {
        Some((_, field)) => (DATA_DISK.iter().chain(NETWORK_INTERFACE).collect(), field),
        None => (SINGLE.iter().chain(NESTED).chain([&FIRST_ONLY]).collect(), name),
    };
    match fields.iter().find(|(field, _)| *field == name) {
        Some((_, Kind::Boolean)) => "True",
        Some((_, Kind::Integer | Kind::Float)) => "1",
        Some((_, Kind::Text)) if name == "UserData" => "QQ==",
        Some((_, Kind::Text)) => "aa",
        None => match name {
            "PageNumber" | "PageSize" | "MinVersion" | "MaxVersion" | "DefaultVersionNumber" => "1",
            "LaunchTemplateVersion.N" | "DeleteVersion.N" => "1",
            "DefaultVersion" | "DetailFlag" => "True",
            _ => "aa",
        },
    }
}

#[test]
fn the_parsers_take_what_the_table_says_and_nothing_else() {
    let documented: BTreeSet<&str> = documented().into_values().flatten().collect();
    let (account, fingerprint) = (AccountId(1), Fingerprint([0; 32]));
    let origin = Origin { account, fingerprint, now: Time::START, edition: Edition::Either };
    for action in Action::ALL {
        let mut params = everything(action);
        // Beside its own, a parser is shown the parameters of all other actions.
        let foreign = |name: &&&str| !rows(action).contains_key(**name);
        for name in documented.iter().filter(foreign) {
            params.set(first(name), "aa");
        }
        let before: BTreeSet<String> = params.leftover().collect();
        let parsed = request::parse(action, &mut params, &origin);
        assert!(parsed.is_ok(), "{} {parsed:?}", action.name());
        let after: BTreeSet<String> = params.leftover().collect();
        let taken: BTreeSet<String> = before.difference(&after).map(|name| pattern(name)).collect();
        // A request may name its region where the contract does not ask for it, and an entry of a
        // list is absent when all of it is empty.
        let tolerated = |name: &str| name == "RegionId" || DELEGATION.contains(&name);
        for (name, treatment) in rows(action) {
            let looked_at = taken.contains(name) || tolerated(name);
            assert!(looked_at, "{} does not take {name}, which is {treatment:?}", action.name());
        }
        for name in &taken {
            let known = rows(action).contains_key(name.as_str()) || tolerated(name);
            assert!(known, "{} takes {name}, which is not in the table", action.name());
        }
    }
}

#[test]
fn what_is_accepted_is_dropped_by_its_pattern() {
    let mut params =
        Params::parse(b"RdmaIpAddresses=x&AdditionalAttributes.2=y&NeedSaleCycle=1&Odd=z", b"").unwrap();
    drop_accepted(Action::DescribeInstances, &mut params);
    assert_eq!(params.leftover().collect::<Vec<_>>(), ["Odd", "RdmaIpAddresses"]);
}

#[test]
fn the_page_is_the_table() {
    // Behind the parameters come the error codes, which a test of the server writes.
    let whole = std::fs::read_to_string(PAGE).unwrap_or_default();
    let codes = whole.find("\n## Error codes\n").unwrap_or(whole.len());
    let (written, codes) = whole.split_at(codes);
    if std::env::var_os("UPDATE").is_some() {
        return std::fs::write(PAGE, format!("{}{codes}", page())).unwrap();
    }
    assert!(written == page(), "docs/wire-coverage.md is behind the table; write it anew with UPDATE=1");
}
