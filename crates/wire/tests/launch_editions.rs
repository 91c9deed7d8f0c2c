//! Where the editions of the reference differ: `contract/ecs-run-instances.md` section 11, one row for
//! every topic that text alone decides. What the fleet decides is in its own tables.
#![allow(clippy::panic, clippy::unwrap_used)]

use fleet::{AccountId, Addresses, Edition, Fingerprint, Launch};
use wire::ecs::Fault;
use wire::ecs::request::{Action, Origin, Request, parse};
use wire::{Params, time};

const BASE: &str = "RegionId=r&ImageId=i&InstanceType=t&SecurityGroupId=g&VSwitchId=v";

fn launch(action: Action, edition: Edition, query: &str) -> Result<Launch, Fault> {
    let now = time::parse("2026-01-02T03:04:05Z").unwrap();
    let origin = Origin { account: AccountId(7), fingerprint: Fingerprint([1; 32]), now, edition };
    let mut params = Params::parse(format!("{BASE}&{query}").as_bytes(), b"").unwrap();
    let request = parse(action, &mut params, &origin)?;
    let (Request::RunInstances(launch) | Request::CreateInstance(launch)) = request else {
        panic!("{request:?}")
    };
    Ok(*launch)
}

/// `ok`, or the code of the fault.
fn answer(action: Action, edition: Edition, query: &str) -> &'static str {
    launch(action, edition, query).map_or_else(|fault| fault.code.code, |_| "ok")
}

#[test]
fn each_topic_in_each_edition() {
    use Action::{CreateInstance as C, RunInstances as R};
    let user_data = format!("UserData={}", "QUFB".repeat(16 * 1024 / 3 + 1));
    let too_much = format!("UserData={}", "QUFB".repeat(32 * 1024 / 3 + 1));
    let key = |characters: usize| format!("Tag.1.Key={}", "k".repeat(characters));
    let renewal =
        |months: u8| format!("InstanceChargeType=PrePaid&Period=1&AutoRenew=true&AutoRenewPeriod={months}");
    let disk = |category: &str| format!("DataDisk.1.Size=100&DataDisk.1.Category={category}");
    let password = "InvalidPassword.Malformed";
    let name = "InvalidInstanceName.Malformed";
    let inward = "InternetMaxBandwidthIn";
    let malformed_in = "InvalidInternetMaxBandwidthIn.Malformed";
    // topic, action, query, seeds, newest, either
    for (action, query, seeds, newest, either) in [
        // Password classes.
        (R, "Password=EcsV587!".to_owned(), "ok", "ok", "ok"),
        (R, "Password=EcsV5875".to_owned(), password, "ok", "ok"),
        (C, "Password=abc-1234".to_owned(), password, "ok", "ok"),
        (C, "Password=ecsv5875".to_owned(), password, password, password),
        // UserData size.
        (R, user_data.clone(), "InvalidUserData.SizeExceeded", "ok", "ok"),
        (C, user_data, "InvalidUserData.SizeExceeded", "ok", "ok"),
        (
            R,
            too_much,
            "InvalidUserData.SizeExceeded",
            "InvalidUserData.SizeExceeded",
            "InvalidUserData.SizeExceeded",
        ),
        // Period: one list. AutoRenewPeriod: three.
        (R, "InstanceChargeType=PrePaid&Period=9".to_owned(), "ok", "ok", "ok"),
        (R, renewal(6), "InvalidAutoRenewPeriod.ValueNotSupported", "ok", "ok"),
        (C, renewal(6), "ok", "ok", "ok"),
        (R, renewal(24), "ok", "ok", "ok"),
        (C, renewal(24), "InvalidAutoRenewPeriod.ValueNotSupported", "ok", "ok"),
        // Tag keys and values.
        (R, key(64), "ok", "ok", "ok"),
        (R, key(65), "InvalidTagKey.Malformed", "ok", "ok"),
        (R, key(129), "InvalidTagKey.Malformed", "InvalidTagKey.Malformed", "InvalidTagKey.Malformed"),
        (C, "Tag.1.Key=xhttp://".to_owned(), "ok", "InvalidTagKey.Malformed", "InvalidTagKey.Malformed"),
        (
            R,
            "Tag.1.Key=xhttp://".to_owned(),
            "InvalidTagKey.Malformed",
            "InvalidTagKey.Malformed",
            "InvalidTagKey.Malformed",
        ),
        (R, "Tag.1.Key=k&Tag.1.Value=acs:v".to_owned(), "InvalidTagValue.Malformed", "ok", "ok"),
        // The letters of names.
        (R, "InstanceName=web.a".to_owned(), name, "ok", "ok"),
        (R, "InstanceName=%C3%A9t%C3%A9".to_owned(), name, "ok", "ok"),
        (R, "InstanceName=%E6%B5%8B%E8%AF%95".to_owned(), "ok", "ok", "ok"),
        (C, "SystemDisk.DiskName=web.a".to_owned(), "InvalidDiskName.Malformed", "ok", "ok"),
        // What goes in and out.
        (R, "InternetChargeType=PayByBandwidth".to_owned(), "ok", "ok", "ok"),
        (R, format!("{inward}=200"), "ok", malformed_in, "ok"),
        (R, format!("{inward}=10"), "ok", "ok", "ok"),
        (R, format!("{inward}=11"), "ok", malformed_in, "ok"),
        (C, format!("{inward}=50&InternetMaxBandwidthOut=50"), "ok", "ok", "ok"),
        // Addresses.
        (
            R,
            "PrivateIpAddress=10.0.0.9&Amount=2".to_owned(),
            "InvalidParam.Amount",
            "ok",
            "InvalidParam.Amount",
        ),
        (R, "Ipv6Address.1=2001:db8::1".to_owned(), "ok", "ok", "ok"),
        (
            R,
            "Ipv6Address.1=2001:db8::1&Ipv6Address.2=2001:db8::2".to_owned(),
            "InvalidOperation.Ipv6CountExceeded",
            "ok",
            "ok",
        ),
        // Disks.
        (
            R,
            "SystemDisk.Category=ephemeral_ssd".to_owned(),
            "ok",
            "InvalidSystemDiskCategory.ValueNotSupported",
            "ok",
        ),
        (
            R,
            "SystemDisk.Category=cloud_auto".to_owned(),
            "InvalidSystemDiskCategory.ValueNotSupported",
            "ok",
            "ok",
        ),
        (R, disk("ephemeral_ssd"), "ok", "ok", "ok"),
        (R, disk("cloud_regional_disk_auto"), "InvalidDataDiskCategory.ValueNotSupported", "ok", "ok"),
        (R, "SystemDisk.PerformanceLevel=PL0".to_owned(), "InvalidParameter", "ok", "ok"),
        (R, "SystemDisk.PerformanceLevel=PL3".to_owned(), "ok", "ok", "ok"),
        (
            R,
            "DataDisk.1.Size=20&DataDisk.1.Device=/dev/xvdaa".to_owned(),
            "InvalidDataDevice.Malformed",
            "ok",
            "ok",
        ),
        // Spare capacity.
        (R, "SpotInterruptionBehavior=Stop".to_owned(), "InvalidSpotInterruptionBehavior", "ok", "ok"),
        (C, "SpotInterruptionBehavior=Terminate".to_owned(), "ok", "ok", "ok"),
        // Partitions of storage sets, and the two codes of a unit, are by action and not by edition.
        (R, "StorageSetId=s&StorageSetPartitionNumber=1".to_owned(), "ok", "ok", "ok"),
        (
            C,
            "StorageSetId=s&StorageSetPartitionNumber=1".to_owned(),
            "InvalidParameter",
            "InvalidParameter",
            "InvalidParameter",
        ),
        (
            R,
            "PeriodUnit=Year".to_owned(),
            "InvalidPeriodType.ValueNotSupported",
            "InvalidPeriodType.ValueNotSupported",
            "InvalidPeriodType.ValueNotSupported",
        ),
        (
            C,
            "PeriodUnit=Year".to_owned(),
            "InvalidPeriodUnit.ValueNotSupported",
            "InvalidPeriodUnit.ValueNotSupported",
            "InvalidPeriodUnit.ValueNotSupported",
        ),
    ] {
        let expected = [(Edition::Seeds, seeds), (Edition::Newest, newest), (Edition::Either, either)];
        for (edition, expected) in expected {
            assert_eq!(
                answer(action, edition, &query),
                expected,
                "{} {edition:?} {query:.60}",
                action.name()
            );
        }
    }
}

#[test]
fn the_default_of_what_comes_in_goes_with_the_edition() {
    for (edition, query, expected) in [
        (Edition::Seeds, "", 200),
        (Edition::Either, "", 200),
        (Edition::Newest, "", 10),
        (Edition::Newest, "InternetMaxBandwidthOut=5", 10),
        (Edition::Newest, "InternetMaxBandwidthOut=50", 50),
    ] {
        let launch = launch(Action::RunInstances, edition, query).unwrap();
        assert_eq!((launch.internet.in_mbps_max, launch.edition), (expected, edition), "{query}");
    }
}

#[test]
fn one_address_for_many_is_for_the_fleet_to_say_today() {
    let query = "PrivateIpAddress=10.0.0.9&Amount=3";
    let launch = launch(Action::RunInstances, Edition::Newest, query).unwrap();
    assert_ne!(launch.addresses, Addresses::Any);
    assert_eq!(launch.wanted.most(), 3);
}
