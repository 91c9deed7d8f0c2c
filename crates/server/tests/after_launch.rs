//! What owners do with instances after the launch, over HTTP: which action is legal in which status,
//! and what is read back afterwards.

#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod common;

use common::{House, LAUNCH, Setup};
use hatchery::{Span, WorkOutcome};
use serde_json::Value;

/// `contract/lifecycle.md` section 3. One row is one request about one instance; a cell is what it
/// is answered in that status.
const LEGAL: &str = "
    action                                                        Pending       Starting  Running     Stopping    Stopped
    StartInstance                                                 wrong         wrong     wrong       wrong       ok
    StopInstance                                                  initializing  wrong     ok          wrong       wrong
    RebootInstance                                                initializing  wrong     ok          wrong       wrong
    DeleteInstance                                                initializing  wrong     wrong       wrong       ok
    DeleteInstance&Force=true                                     initializing  wrong     ok          wrong       ok
    ModifyInstanceAttribute&InstanceName=renamed                  ok            ok        ok          ok          ok
    ModifyInstanceAttribute&Description=text                      ok            ok        ok          ok          ok
    ModifyInstanceAttribute&DeletionProtection=true               ok            ok        ok          ok          ok
    ModifyInstanceAttribute&Recyclable=true                       ok            ok        ok          ok          ok
    ModifyInstanceAttribute&HostName=host                         wrong         wrong     ok          ok          ok
    ModifyInstanceAttribute&Password=Secret-123                   ok            wrong     ok          ok          ok
    ModifyInstanceAttribute&UserData=QQ==                         wrong         wrong     ok          wrong       ok
    ModifyInstanceAttribute&SecurityGroupIds.1=sg-example         wrong         wrong     ok          wrong       ok
    ModifyInstanceAttribute&CreditSpecification=Standard          restricted    restricted no-credit  restricted  not-running
    ModifyInstanceAutoReleaseTime&AutoReleaseTime=later           ok            ok        ok          ok          ok
    ModifyInstanceAutoReleaseTime                                 ok            ok        ok          ok          ok
    DescribeInstanceAttribute                                     ok            ok        ok          ok          ok
    DescribeUserData                                              ok            ok        ok          ok          ok
    DescribeInstanceVncUrl                                        ok            ok        ok          ok          ok
    CreateSimulatedSystemEvents&EventType=SystemFailure.Reboot&NotBefore=later  ok  ok    ok          ok          ok
    DeleteInstances                                               initializing  wrong     wrong       wrong       ok
    DeleteInstances&Force=true                                    initializing  wrong     ok          wrong       ok
    StartInstances                                                wrong         wrong     wrong       wrong       ok
    StopInstances                                                 initializing  wrong     ok          wrong       wrong
    RebootInstances                                               initializing  wrong     ok          wrong       wrong";

fn code(cell: &str) -> &str {
    match cell {
        "ok" => "200",
        "wrong" => "403 IncorrectInstanceStatus",
        "initializing" => "403 IncorrectInstanceStatus.Initializing",
        "restricted" => "400 InvalidInstanceStatus.CreditSpecRestricted",
        "not-running" => "400 InvalidInstanceStatus.NotRunning",
        "no-credit" => "404 Credit.NotFound",
        other => panic!("no such cell: {other}"),
    }
}

#[test]
fn every_action_in_every_status() {
    let rows: Vec<Vec<&str>> = LEGAL.lines().skip(1).map(|line| line.split_whitespace().collect()).collect();
    for (column, status) in rows[0].iter().enumerate().skip(1) {
        let house = sandbox();
        for row in &rows[1..] {
            let id = in_status(&house, status);
            let reply = house.ask_about(row[0], &id);
            assert_eq!(reply.code(), code(row[column]), "{} in {status}: {}", row[0], reply.body);
        }
        house.is_sound();
    }
}

#[test]
fn what_is_changed_is_read_back_and_filtered_by() {
    let house = sandbox();
    let (id, other) = (in_status(&house, "Stopped"), in_status(&house, "Stopped"));
    let change = "ModifyInstanceAttribute&InstanceName=renamed&Description=said%20anew&HostName=rehosted\
        &UserData=IyEvYmluL3No&Password=Secret-123&DeletionProtection=true&Recyclable=true";
    assert_eq!(house.ask_about(change, &id).code(), "200");
    let at = wire::time::seconds(house.now().after(Span::from_hours(2)));
    let release = format!("ModifyInstanceAutoReleaseTime&AutoReleaseTime={at}");
    assert_eq!(house.ask_about(&release, &id).code(), "200");

    let shown = house.ask_about("DescribeInstanceAttribute", &id).json();
    for (field, expected) in [
        ("InstanceName", "renamed"),
        ("Description", "said anew"),
        ("HostName", "rehosted"),
        ("StoppedMode", "KeepCharging"),
    ] {
        assert_eq!(shown[field], expected, "{field}");
    }
    let data = house.ask_about("DescribeUserData", &id).json();
    assert_eq!(data["UserData"], "IyEvYmluL3No");
    let named = house.ask("DescribeInstances&RegionId=cn-hangzhou&InstanceName=ren*").json();
    let row = &named["Instances"]["Instance"][0];
    assert_eq!((&named["TotalCount"], &row["InstanceId"]), (&Value::from(1), &Value::from(id.as_str())));
    assert_eq!((&row["DeletionProtection"], &row["Recyclable"]), (&true.into(), &true.into()));
    assert_eq!(row["AutoReleaseTime"], format!("{}Z", &at[..16]));
    let own_name = house.ask(&format!("DescribeInstances&RegionId=cn-hangzhou&InstanceName={other}")).json();
    assert_eq!(own_name["TotalCount"], 1, "the other of them is named as it was");
    for body in [shown.to_string(), named.to_string()] {
        assert!(!body.contains("Secret-123"), "{body}");
    }
    assert_eq!(house.ask_about("DeleteInstance", &id).code(), "403 InvalidOperation.DeletionProtection");
    house.is_sound();
}

#[test]
fn at_its_time_a_protected_instance_is_released() {
    let house = sandbox();
    let id = in_status(&house, "Running");
    let soon = wire::time::seconds(house.now().after(Span::from_secs(31 * 60)));
    house.ask_about("ModifyInstanceAttribute&DeletionProtection=true", &id);
    let release = format!("ModifyInstanceAutoReleaseTime&AutoReleaseTime={soon}");
    assert_eq!(house.ask_about(&release, &id).code(), "200");
    house.turn_clock(Span::from_secs(32 * 60));
    house.work(WorkOutcome::Done);
    assert_eq!(house.ask_about("DescribeInstanceAttribute", &id).code(), "404 InvalidInstanceId.NotFound");
    house.is_sound();
}

#[test]
fn what_is_wrong_with_a_release_time_is_told_in_its_own_codes() {
    let house = sandbox();
    let id = in_status(&house, "Running");
    let minutes = |minutes: u64| wire::time::seconds(house.now().after(Span::from_secs(minutes * 60)));
    for (query, expected) in [
        (format!("&AutoReleaseTime={}", minutes(20)), "400 InvalidAutoReleaseTime.Malformed"),
        (format!("&AutoReleaseTime={}", minutes(4 * 366 * 24 * 60)), "400 InvalidAutoReleaseTime.Malformed"),
        ("&AutoReleaseTime=tomorrow".to_owned(), "400 InvalidAutoReleaseTime.Malformed"),
        (format!("&AutoReleaseTime={}", minutes(40)), "200"),
        (String::new(), "200"),
    ] {
        let reply = house.ask_about(&format!("ModifyInstanceAutoReleaseTime{query}"), &id);
        assert_eq!(reply.code(), expected, "{query}");
    }
    assert_eq!(house.ask("ModifyInstanceAutoReleaseTime").code(), "400 MissingParameter");
    let unknown = house.ask_about("ModifyInstanceAutoReleaseTime", "i-none");
    assert_eq!(unknown.code(), "404 NoSuchResource");
    let paid = launch_paid(&house);
    let reply =
        house.ask_about(&format!("ModifyInstanceAutoReleaseTime&AutoReleaseTime={}", minutes(40)), &paid);
    assert_eq!(reply.code(), "403 ChargeTypeViolation");
}

#[test]
fn changes_that_are_not_valid_change_nothing() {
    let house = sandbox();
    let id = in_status(&house, "Running");
    for (query, expected) in [
        ("InstanceName=1", "400 InvalidInstanceName.Malformed"),
        ("Description=http://x", "400 InvalidDescription.Malformed"),
        ("HostName=-", "400 InvalidHostName.Malformed"),
        ("Password=short", "400 InvalidPassword.Malformed"),
        ("UserData=%2A", "400 InvalidUserData.Base64FormatInvalid"),
        ("SecurityGroupIds.1=sg-none", "404 InvalidSecurityGroupId.NotFound"),
        ("CreditSpecification=None", "400 InvalidParameter.CreditSpecification"),
        ("InstanceName=renamed&Recyclable=maybe", "400 InvalidParameter"),
        ("InstanceName=renamed&SecurityGroupIds.1=sg-none", "404 InvalidSecurityGroupId.NotFound"),
    ] {
        let reply = house.ask_about(&format!("ModifyInstanceAttribute&{query}"), &id);
        assert_eq!(reply.code(), expected, "{query}");
    }
    let shown = house.ask_about("DescribeInstanceAttribute", &id).json();
    assert_eq!(shown["InstanceName"], id.as_str());
    assert_eq!(house.ask_about("ModifyInstanceAttribute", "i-none").code(), "404 InvalidInstanceId.NotFound");
    assert_eq!(house.ask("ModifyInstanceAttribute").code(), "400 MissingParameter");
    let paid = launch_paid(&house);
    let protect = house.ask_about("ModifyInstanceAttribute&DeletionProtection=true", &paid);
    assert_eq!(protect.code(), "403 ChargeTypeViolation");
    let big = "A".repeat(45_000);
    let data = house.ask_about(&format!("ModifyInstanceAttribute&UserData={big}"), &id);
    assert_ne!(data.code(), "200", "more than 32 KiB");
}

#[test]
fn a_lock_is_told_by_its_code_and_shown() {
    let house = sandbox();
    let id = in_status(&house, "Running");
    let lock = |reason: &str| {
        let told = format!(r#"{{"instance":"{id}","reason":{reason}}}"#);
        assert_eq!(house.turn("/_hatchery/instances/lock", &told).status, 204);
    };
    for (reason, stop, start, change) in [
        (
            "security",
            "InstanceLockedForSecurity",
            "InstanceLockedForSecurity",
            "403 InstanceLockedForSecurity",
        ),
        ("financial", "InstanceExpiredOrInArrears", "InsufficientBalance", "200"),
        ("Recycling", "-", "InstanceLockedForSecurity", "200"),
    ] {
        lock(&format!("{reason:?}"));
        let expected = |code: &str| match code {
            "-" => "403 IncorrectInstanceStatus".to_owned(),
            code => format!("403 {code}"),
        };
        assert_eq!(house.ask_about("StartInstance", &id).code(), expected(start), "{reason}");
        if stop != "-" {
            assert_eq!(house.ask_about("StopInstance", &id).code(), expected(stop), "{reason}");
            assert_eq!(house.ask_about("RebootInstance", &id).code(), expected(stop), "{reason}");
        }
        let changed = house.ask_about("ModifyInstanceAttribute&InstanceName=renamed", &id);
        assert_eq!(changed.code(), change, "{reason}");
        let locked = house.ask(&format!("DescribeInstances&RegionId=cn-hangzhou&LockReason={reason}")).json();
        let reasons = &locked["Instances"]["Instance"][0]["OperationLocks"]["LockReason"];
        assert_eq!(reasons[0]["LockReason"], reason);
    }
    lock("null");
    let locked = house.ask("DescribeInstances&RegionId=cn-hangzhou&LockReason=security").json();
    assert_eq!(locked["TotalCount"], 0);
    assert_eq!(house.ask_about("StopInstance", &id).code(), "200");
    let nobody = house.turn("/_hatchery/instances/lock", r#"{"instance":"i-none","reason":null}"#);
    assert_eq!(nobody.status, 404);
}

#[test]
fn batches_are_all_or_nothing_or_each_for_itself() {
    let house = sandbox();
    let (on, off) = (in_status(&house, "Running"), in_status(&house, "Stopped"));
    let both = format!("&RegionId=cn-hangzhou&InstanceId.1={on}&InstanceId.2={off}&InstanceId.3=i-none");
    let together = house.ask(&format!("StartInstances{both}"));
    assert_eq!(together.code(), "403 IncorrectInstanceStatus");
    let dry = house.ask(&format!("StartInstances&RegionId=cn-hangzhou&InstanceId.1={off}&DryRun=true"));
    assert_eq!(dry.code(), "400 DRYRUN.SUCCESS");
    let each = house.ask(&format!("StartInstances{both}&BatchOptimization=SuccessFirst"));
    let rows = each.json()["InstanceResponses"]["InstanceResponse"].clone();
    let told = |index: usize| {
        let row = &rows[index];
        ["InstanceId", "Code", "PreviousStatus", "CurrentStatus"]
            .map(|field| row[field].as_str().unwrap().to_owned())
    };
    assert_eq!(told(0), [&on, "IncorrectInstanceStatus", "Running", "Running"]);
    assert_eq!(told(1), [&off, "200", "Stopped", "Starting"]);
    assert_eq!(told(2), ["i-none", "InvalidInstanceId.NotFound", "", ""]);

    let many: String = (1..=101).map(|index| format!("&InstanceId.{index}={on}")).collect();
    for (query, expected) in [
        ("", "400 MissingParameter"),
        ("&InstanceId.1=i-none", "404 InvalidInstanceIds.NotFound"),
        ("&InstanceId.1=none", "403 InvalidInstanceIds.ValueNotSupported"),
        (&*many, "403 InvalidParameter.TooManyInstanceIds"),
        (&format!("&InstanceId.1={on}"), "403 IncorrectInstanceStatus"),
        (&format!("&InstanceId.1={on}&Force=true&DryRun=true"), "400 DRYRUN.SUCCESS"),
        (&format!("&InstanceId.1={on}&Force=true&ClientToken=bye"), "200"),
        (&format!("&InstanceId.1={on}&Force=true&ClientToken=bye"), "200"),
        (&format!("&InstanceId.1={off}&Force=true&ClientToken=bye"), "400 IdempotentParameterMismatch"),
    ] {
        let reply = house.ask(&format!("DeleteInstances&RegionId=cn-hangzhou{query}"));
        assert_eq!(reply.code(), expected, "{query}");
    }
    let elsewhere = house.ask(&format!("DeleteInstances&RegionId=nowhere&InstanceId.1={on}"));
    assert_eq!(elsewhere.code(), "404 InvalidRegionId.NotFound");
    house.work(WorkOutcome::Done);
    house.is_sound();
}

#[test]
fn stopping_without_charges_gives_the_place_back() {
    let house = sandbox();
    let id = in_status(&house, "Running");
    assert_eq!(house.ask_about("StopInstance&StoppedMode=stopcharging", &id).code(), "200");
    house.work(WorkOutcome::Done);
    let shown = house.ask_about("DescribeInstanceAttribute", &id).json();
    assert_eq!((&shown["Status"], &shown["StoppedMode"]), (&"Stopped".into(), &"StopCharging".into()));
    house.is_sound();
    assert_eq!(house.ask_about("StartInstance", &id).code(), "200");
    let paid = launch_paid(&house);
    house.work(WorkOutcome::Done);
    house.work(WorkOutcome::Done);
    let refused = house.ask_about("StopInstance&StoppedMode=StopCharging", &paid);
    assert_eq!(refused.code(), "403 InvalidInstanceId.NotSupport");
    house.is_sound();
}

#[test]
fn a_subscription_that_has_run_out_goes_when_its_owner_says_so() {
    let house = sandbox();
    let paid = launch_paid(&house);
    house.work(WorkOutcome::Done);
    house.work(WorkOutcome::Done);
    let delete = |rest: &str| house.ask_about(&format!("DeleteInstance&Force=true{rest}"), &paid).code();
    assert_eq!(delete("&TerminateSubscription=true"), "403 ChargeTypeViolation");
    house.turn_clock(Span::from_days(31));
    assert_eq!(house.ask_about("StopInstance", &paid).code(), "403 InstanceExpiredOrInArrears");
    assert_eq!(house.ask_about("StartInstance", &paid).code(), "403 InstanceExpired");
    assert_eq!(delete(""), "403 ChargeTypeViolation");
    assert_eq!(delete("&TerminateSubscription=true"), "403 IncorrectInstanceStatus", "it is being stopped");
    house.work(WorkOutcome::Done);
    assert_eq!(delete("&TerminateSubscription=true"), "200");
    house.is_sound();
    assert_eq!(house.ask_about("DeleteInstance", "x").code(), "400 InvalidParameter");
}

#[test]
fn simulated_events_go_their_way() {
    let house = sandbox();
    let (id, other) = (in_status(&house, "Running"), in_status(&house, "Running"));
    let not_before = wire::time::seconds(house.now().after(Span::from_secs(600)));
    let create = |event_type: &str, rest: &str| {
        house.ask(&format!(
            "CreateSimulatedSystemEvents&RegionId=cn-hangzhou&EventType={event_type}\
             &NotBefore={not_before}&InstanceId.1={id}&InstanceId.2={other}{rest}"
        ))
    };
    let made = create("SystemMaintenance.Reboot", "");
    let events = made.json()["EventIdSet"]["EventId"].clone();
    let cycle = |event: &Value| {
        let event = event.as_str().unwrap();
        let all = "&EventCycleStatus=Scheduled&InstanceEventCycleStatus.1=Scheduled\
            &InstanceEventCycleStatus.2=Executing&InstanceEventCycleStatus.3=Executed\
            &InstanceEventCycleStatus.4=Avoided&InstanceEventCycleStatus.5=Canceled";
        let found =
            house.ask(&format!("DescribeInstanceHistoryEvents&RegionId=cn-hangzhou&EventId.1={event}{all}"));
        let row = found.json()["InstanceSystemEventSet"]["InstanceSystemEventType"][0].clone();
        row["EventCycleStatus"]["Name"].as_str().unwrap_or("-").to_owned()
    };
    assert_eq!([cycle(&events[0]), cycle(&events[1])], ["Scheduled", "Scheduled"]);
    let full = house.ask("DescribeInstancesFullStatus&RegionId=cn-hangzhou").json();
    let rows = &full["InstanceFullStatusSet"]["InstanceFullStatusType"];
    assert_eq!(rows[0]["HealthStatus"]["Name"], "Ok");
    assert_eq!(rows[1]["ScheduledSystemEventSet"]["ScheduledSystemEventType"][0]["EventId"], events[0]);

    assert_eq!(house.ask_about("RebootInstance", &id).code(), "200");
    assert_eq!([cycle(&events[0]), cycle(&events[1])], ["Avoided", "Scheduled"]);
    house.work(WorkOutcome::Done);
    let failure = create("SystemFailure.Stop", "").json()["EventIdSet"]["EventId"].clone();
    assert_eq!(cycle(&failure[0]), "Executing");
    let impaired = house.ask("DescribeInstancesFullStatus&RegionId=cn-hangzhou&HealthStatus=Impaired").json();
    assert_eq!(impaired["TotalCount"], 2);
    let cancel = |event: &Value| {
        let event = event.as_str().unwrap();
        house.ask(&format!("CancelSimulatedSystemEvents&RegionId=cn-hangzhou&EventId.1={event}")).code()
    };
    assert_eq!((cancel(&failure[0]), cycle(&failure[0])), ("200".into(), "Canceled".into()));
    assert_eq!(cancel(&failure[0]), "403 InvalidParameter");
    assert_eq!(cancel(&"e-none".into()), "403 InvalidEventId.NotFound");
    house.turn_clock(Span::from_secs(601));
    assert_eq!([cycle(&events[1]), cycle(&failure[1])], ["Executed", "Executed"]);
    house.is_sound();

    for (reply, expected) in [
        (create("SystemFailure.Odd", ""), "403 InvalidParameter"),
        (create("SystemFailure.Stop", ""), "403 InvalidNotBefore.Passed"),
        (create("SystemFailure.Stop", "&InstanceId.3=i-none"), "403 InvalidNotBefore.Passed"),
        (house.ask("CreateSimulatedSystemEvents&RegionId=cn-hangzhou"), "404 MissingParameter"),
        (house.ask("CancelSimulatedSystemEvents&RegionId=cn-hangzhou"), "404 MissingParameter"),
        (house.ask("DescribeInstancesFullStatus"), "403 MissingParameter"),
        (house.ask("DescribeInstancesFullStatus&RegionId=cn-hangzhou&Status=Odd"), "403 InvalidParameter"),
        (
            house.ask("DescribeInstancesFullStatus&RegionId=cn-hangzhou&InstanceId.101=i-x"),
            "403 InstanceIdLimitExceeded",
        ),
        (
            house.ask("DescribeInstancesFullStatus&RegionId=cn-hangzhou&EventId.101=e-x"),
            "403 EventIdLimitExceeded",
        ),
        (
            house.ask("CancelSimulatedSystemEvents&RegionId=cn-hangzhou&EventId.101=e-x"),
            "400 EventIdLimitExceeded",
        ),
        (create("SystemFailure.Stop", "&InstanceId.101=i-x"), "403 InstanceIdLimitExceeded"),
        (
            house.ask("AcceptInquiredSystemEvent&RegionId=cn-hangzhou&EventId=e-none"),
            "403 InvalidEventId.NotFound",
        ),
        (
            house.ask(&format!(
                "AcceptInquiredSystemEvent&RegionId=cn-hangzhou&EventId={}",
                events[0].as_str().unwrap()
            )),
            "403 InvalidParameter",
        ),
    ] {
        assert_eq!(reply.code(), expected, "{}", reply.body);
    }
}

#[test]
fn a_simulated_release_happens_only_when_it_is_meant() {
    let house = sandbox();
    for (trigger, gone) in [("false", false), ("true", true)] {
        let id = in_status(&house, "Running");
        let not_before = wire::time::seconds(house.now().after(Span::from_secs(60)));
        let made = house.ask(&format!(
            "CreateSimulatedSystemEvents&RegionId=cn-hangzhou&EventType=SystemFailure.Delete\
             &NotBefore={not_before}&InstanceId.1={id}&TriggerRealOps={trigger}"
        ));
        assert_eq!(made.code(), "200");
        house.turn_clock(Span::from_secs(61));
        house.work(WorkOutcome::Done);
        let code = house.ask_about("DescribeInstanceAttribute", &id).code();
        assert_eq!(code == "404 InvalidInstanceId.NotFound", gone, "{trigger}");
        house.is_sound();
    }
}

#[test]
fn companions_are_answered_from_what_there_is() {
    let house = sandbox();
    let id = in_status(&house, "Running");
    let disks = house.ask(&format!("DescribeDisks&RegionId=cn-hangzhou&InstanceId={id}")).json();
    let disk = &disks["Disks"]["Disk"][0];
    assert_eq!((&disks["TotalCount"], &disk["Type"]), (&1.into(), &"system".into()));
    assert_eq!((&disk["Status"], &disk["Device"]), (&"In_use".into(), &"/dev/xvda".into()));
    let interfaces =
        house.ask(&format!("DescribeNetworkInterfaces&RegionId=cn-hangzhou&InstanceId={id}")).json();
    let interface = &interfaces["NetworkInterfaceSets"]["NetworkInterfaceSet"][0];
    assert_eq!(interface["Type"], "Primary");
    let shown = house.ask("DescribeInstances&RegionId=cn-hangzhou").json();
    let shown = &shown["Instances"]["Instance"][0]["NetworkInterfaces"]["NetworkInterface"][0];
    assert_eq!(shown["NetworkInterfaceId"], interface["NetworkInterfaceId"]);
    assert_eq!(shown["MacAddress"], interface["MacAddress"]);
    for (query, wrapper, count) in [
        ("DescribeDisks&Status=Available", "Disks/Disk", 0),
        ("DescribeDisks&DiskType=system", "Disks/Disk", 1),
        ("DescribeDisks&DiskType=data", "Disks/Disk", 0),
        ("DescribeDisks&InstanceId=i-none", "Disks/Disk", 0),
        ("DescribeNetworkInterfaces&Type=Secondary", "NetworkInterfaceSets/NetworkInterfaceSet", 0),
        ("DescribeNetworkInterfaces&VSwitchId=vsw-example", "NetworkInterfaceSets/NetworkInterfaceSet", 1),
        ("DescribeTasks", "TaskSet/Task", 0),
        ("DescribeInstanceRamRole", "InstanceRamRoleSets/InstanceRamRoleSet", 0),
        ("DescribeInstanceAutoRenewAttribute", "InstanceRenewAttributes/InstanceRenewAttribute", 0),
        ("DescribeInstanceMaintenanceAttributes", "MaintenanceAttributes/MaintenanceAttribute", 1),
        ("DescribeInstanceAttachmentAttributes", "Instances/Instance", 1),
    ] {
        let (action, rest) = query
            .split_once('&')
            .map_or((query, String::new()), |(action, rest)| (action, format!("&{rest}")));
        let reply = house.ask(&format!("{action}&RegionId=cn-hangzhou{rest}"));
        let (outer, inner) = wrapper.split_once('/').unwrap();
        let body = reply.json();
        assert_eq!(body[outer][inner].as_array().map(Vec::len), Some(count), "{query}: {body}");
    }
    let families = house.ask("DescribeInstanceTypeFamilies&RegionId=cn-hangzhou").json();
    assert!(!families["InstanceTypeFamilies"]["InstanceTypeFamily"].as_array().unwrap().is_empty());
    assert_eq!(house.ask("DescribeDisks&RegionId=nowhere").code(), "404 InvalidRegionId.NotFound");
    assert_eq!(house.ask("DescribeDisks&RegionId=cn-hangzhou&DryRun=true").code(), "400 DryRunOperation");
    let console = house.ask("DescribeInstanceVncUrl&RegionId=cn-hangzhou&InstanceId=i-none");
    assert_eq!(console.code(), "404 InvalidInstanceId.NotFound");
}

/// A server in a sandbox whose instances move only when they are told to.
fn sandbox() -> House {
    House::new(Setup { sandbox: true, ..Setup::default() })
}

fn launch(house: &House, rest: &[(&str, &str)]) -> String {
    house.call(&[&LAUNCH[..], rest].concat()).instances()[0].clone()
}

fn launch_paid(house: &House) -> String {
    launch(house, &[("InstanceChargeType", "PrePaid"), ("Period", "1")])
}

/// A new instance in this status.
fn in_status(house: &House, status: &str) -> String {
    let id = launch(house, &[]);
    let steps = match status {
        "Pending" => 0,
        "Starting" => 1,
        _ => 2,
    };
    (0..steps).for_each(|_| house.work(WorkOutcome::Done));
    if status == "Stopping" || status == "Stopped" {
        assert_eq!(house.ask_about("StopInstance", &id).code(), "200");
    }
    if status == "Stopped" {
        house.work(WorkOutcome::Done);
    }
    let shown = house.ask_about("DescribeInstanceAttribute", &id).json();
    assert_eq!(shown["Status"], status);
    id
}
