//! The table against the code that reads launches: its kinds and limits are what is accepted, what is
//! kept is found again, what is honoured changes the launch, and the order of sending changes nothing.

use fleet::{AccountId, Edition, Fingerprint, Launch};
use proptest::prelude::*;

use super::*;
use crate::ecs::Fault;
use crate::ecs::request::{Origin, Request, parse};
use crate::params::Params;
use crate::time;

fn read(action: Action, pairs: &[(String, String)]) -> Result<Launch, Fault> {
    let now = time::parse("2026-01-02T03:04:05Z").unwrap();
    let (account, fingerprint) = (AccountId(7), Fingerprint([1; 32]));
    let origin = Origin { account, fingerprint, now, edition: Edition::Either };
    let mut params = Params::new();
    pairs.iter().for_each(|(name, value)| params.set(name, value.as_str()));
    let request = parse(action, &mut params, &origin)?;
    let (Request::RunInstances(launch) | Request::CreateInstance(launch)) = request else {
        panic!("{request:?}")
    };
    Ok(*launch)
}

/// The name with 1 for each index.
fn first(name: &str) -> String {
    name.split('.').map(|part| if part == "N" { "1" } else { part }).collect::<Vec<_>>().join(".")
}

/// What has to be said besides, for the parameter to count.
fn beside(name: &str) -> &'static [(&'static str, &'static str)] {
    match name {
        "MinAmount" => &[("Amount", "100")],
        "InstanceChargeType" => &[("Period", "1")],
        "Period" | "PeriodUnit" => &[("InstanceChargeType", "PrePaid"), ("Period", "1")],
        "AutoRenew" => &[("InstanceChargeType", "PrePaid"), ("Period", "1"), ("AutoRenewPeriod", "1")],
        "AutoRenewPeriod" => &[("InstanceChargeType", "PrePaid"), ("Period", "1"), ("AutoRenew", "true")],
        "SpotStrategy" => &[("SpotPriceLimit", "1")],
        "SpotPriceLimit" => &[("SpotStrategy", "SpotWithPriceLimit"), ("SpotPriceLimit", "1")],
        "SpotDuration" | "SpotInterruptionBehavior" => &[("SpotStrategy", "SpotAsPriceGo")],
        "PrivatePoolOptions.Id" => &[("PrivatePoolOptions.MatchCriteria", "Target")],
        "PrivatePoolOptions.MatchCriteria" => &[("PrivatePoolOptions.Id", "")],
        "StorageSetPartitionNumber" => &[("StorageSetId", "s")],
        "UniqueSuffix" => &[("InstanceName", "web")],
        "Tag.N.Value" => &[("Tag.1.Key", "k")],
        "Tag.N.value" => &[("Tag.1.key", "k")],
        _ => &[],
    }
}

fn request(row: &Row, value: &str) -> Vec<(String, String)> {
    let beside = beside(row.name).iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let region = ("RegionId".to_owned(), "r".to_owned());
    std::iter::once(region).chain(beside).chain([(first(row.name), value.to_owned())]).collect()
}

/// Values that a row takes, and values that it does not.
fn values(row: &Row) -> (Vec<String>, Vec<String>) {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    match row.value {
        Value::Boolean => (texts(&["true", "False", "TRUE"]), texts(&["1", "yes", " true"])),
        Value::Integer(least, most) => {
            let beyond = [most.checked_add(1), least.checked_sub(1)].into_iter().flatten();
            let bad = beyond.map(|number| number.to_string()).chain(texts(&["x", "1.5", "-1"]));
            (vec![least.to_string(), format!(" {most} ")], bad.collect())
        }
        // A target needs more than its own word.
        Value::Choice(choices) => (
            choices.iter().filter(|it| **it != "Target").map(|it| (*it).to_owned()).collect(),
            texts(&["nonsense", "TRUE"]),
        ),
        Value::Ipv4 => (texts(&["10.0.0.9"]), texts(&["10.0.0.256", "x", "2001:db8::1"])),
        Value::Ipv6 => (texts(&["2001:db8::1"]), texts(&["10.0.0.1", "x"])),
        Value::Text(most) => (vec!["\u{6d4b}".repeat(most)], vec!["x".repeat(most.saturating_add(1))]),
        Value::Ruled(_) => (Vec::new(), Vec::new()),
    }
}

fn each() -> impl Iterator<Item = (Action, &'static Row)> {
    TABLE.iter().flat_map(|row| row.actions.iter().map(move |action| (*action, row)))
}

#[test]
fn a_row_takes_what_its_kind_says_and_nothing_else() {
    for (action, row) in each() {
        let (good, bad) = values(row);
        for value in good {
            let found = read(action, &request(row, &value));
            assert!(found.is_ok(), "{} {}={value}: {found:?}", action.name(), row.name);
        }
        for value in bad {
            let found = read(action, &request(row, &value));
            let Err(fault) = found else { panic!("{} {}={value} is taken", action.name(), row.name) };
            assert!(!fault.message().is_empty());
            let wrong = row.wrong.filter(|_| action == Action::RunInstances);
            if let Some(code) = wrong {
                assert_eq!(fault.code, code, "{} {}={value}", action.name(), row.name);
            } else if row.treatment == Treatment::Kept {
                assert_eq!(fault.code.code, "InvalidParameter", "{} {}={value}", action.name(), row.name);
            }
        }
    }
}

#[test]
fn what_is_kept_is_found_under_its_name() {
    for (action, row) in each().filter(|(_, row)| row.treatment == Treatment::Kept) {
        for value in values(row).0 {
            let launch = read(action, &request(row, &value)).unwrap();
            let kept = launch.settings.get(&first(row.name));
            let expected = match row.value {
                Value::Boolean => value.to_lowercase(),
                Value::Integer(..) => value.trim().to_owned(),
                Value::Choice(_) | Value::Ipv4 | Value::Ipv6 | Value::Text(_) | Value::Ruled(_) => value,
            };
            assert_eq!(kept, Some(expected.as_str()), "{} {}", action.name(), row.name);
        }
    }
}

#[test]
fn what_is_honoured_changes_the_launch() {
    for (action, row) in each().filter(|(_, row)| row.treatment == Treatment::Honoured) {
        let examples = match row.name {
            "Amount" | "MinAmount" | "UniqueSuffix" if action == Action::CreateInstance => continue,
            // This one is refused: there is none to be attached.
            "NetworkInterface.N.NetworkInterfaceId" => continue,
            // A template is looked up before the launch is read.
            "LaunchTemplateId" | "LaunchTemplateName" | "LaunchTemplateVersion" => continue,
            "RegionId" => vec!["other".to_owned()],
            "Period" => vec!["2".to_owned()],
            "AutoRenewPeriod" | "SpotPriceLimit" | "Ipv6AddressCount" => vec!["3".to_owned()],
            "PeriodUnit" => vec!["Week".to_owned()],
            "AutoReleaseTime" => vec!["2026-01-02T05:00:00Z".to_owned()],
            "UserData" => vec!["QQ==".to_owned()],
            "Password" => vec!["EcsV587!".to_owned()],
            "DataDisk.N.Device" => vec!["/dev/xvdc".to_owned()],
            "SystemDisk.Size" | "DataDisk.N.Size" => vec!["77".to_owned()],
            _ => match values(row).0 {
                values if values.is_empty() => vec!["some-word".to_owned()],
                values => values,
            },
        };
        let without = read(action, &request(row, "").into_iter().rev().skip(1).collect::<Vec<_>>());
        let changes = |value: &String| match (read(action, &request(row, value)), &without) {
            (Ok(with), Ok(without)) => with != *without,
            (Ok(_), Err(_)) => true,
            (Err(fault), _) => panic!("{} {}={value}: {fault}", action.name(), row.name),
        };
        assert!(examples.iter().any(changes), "{} {} changes nothing", action.name(), row.name);
    }
}

#[test]
fn settings_of_a_list_count_from_one_without_gaps() {
    let pairs = [
        ("RegionId", "r"),
        ("DataDisk.7.Size", "20"),
        ("DataDisk.7.BurstingEnabled", "True"),
        ("DataDisk.12.ProvisionedIops", " 100"),
        ("NetworkInterface.3.RxQueueSize", "8"),
        ("Arn.4.Rolearn", "acs:ram::1:role/x"),
        ("CpuOptionsCore", "4"),
    ];
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let launch = read(Action::RunInstances, &pairs).unwrap();
    assert_eq!(
        launch.settings.iter().collect::<Vec<_>>(),
        [
            ("Arn.4.Rolearn", "acs:ram::1:role/x"),
            ("CpuOptions.Core", "4"),
            ("DataDisk.1.BurstingEnabled", "true"),
            ("DataDisk.2.ProvisionedIops", "100"),
            ("NetworkInterface.1.RxQueueSize", "8"),
        ]
    );
    assert_eq!((launch.data_disks.len(), launch.interfaces.len()), (2, 1));
}

#[test]
fn the_first_row_of_the_table_that_is_wrong_is_the_answer() {
    let pairs =
        [("RegionId", "r"), ("HttpTokens", "x"), ("HttpEndpoint", "x"), ("VlanId", "x"), ("Isp", "x")];
    let mut pairs: Vec<_> =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let told = |pairs: &[(String, String)]| read(Action::RunInstances, pairs).unwrap_err().code;
    assert_eq!(told(&pairs), Code::INVALID_HTTP_ENDPOINT_NOT_SUPPORTED);
    pairs.push(("SecurityOptions.EnableSecureBoot".to_owned(), "x".to_owned()));
    assert_eq!(told(&pairs), Code::INVALID_PARAMETER_NAMED);
}

/// Some rows of an action with a value that each may take, or may not.
fn any_request() -> impl Strategy<Value = (Action, Vec<(String, String)>)> {
    let action = prop_oneof![Just(Action::RunInstances), Just(Action::CreateInstance)];
    let word = prop_oneof!["[a-z]{2,8}", "[0-9]{1,3}", Just("true".to_owned()), Just(String::new())];
    let pair = (0..TABLE.len(), any::<prop::sample::Index>(), 1_u8..4, word);
    (action, proptest::collection::vec(pair, 0..24)).prop_map(|(action, drawn)| {
        let mut pairs = vec![("RegionId".to_owned(), "r".to_owned())];
        for (row, value, index, word) in drawn {
            let row = &TABLE[row];
            let (mut good, _) = values(row);
            good.push(word);
            let name =
                row.name.split('.').map(|part| if part == "N" { index.to_string() } else { part.to_owned() });
            pairs.push((name.collect::<Vec<_>>().join("."), value.get(&good).clone()));
        }
        (action, pairs)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_a_launch_means_survives_being_rendered_and_sent_in_any_order(
        (action, pairs) in any_request(),
        (seed, turned) in any::<(usize, bool)>(),
    ) {
        let found = read(action, &pairs);
        // Of a repeated name the last value counts, so only distinct names can change places.
        let mut params = Params::new();
        pairs.iter().for_each(|(name, value)| params.set(name, value.as_str()));
        let query = params.render();
        let mut parts: Vec<&str> = query.split('&').collect();
        let middle = seed.checked_rem(parts.len()).unwrap_or(0);
        parts.rotate_left(middle);
        if turned {
            parts.reverse();
        }
        let again = Params::parse(parts.join("&").as_bytes(), b"").unwrap();
        let again: Vec<_> = again.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        prop_assert_eq!(read(action, &again), found);
    }
}
