//! The Zenlayer dialect against the world of its samples: every sample, the life of an instance, and
//! that every answer has the shape of the reference.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;
mod schema;

use std::collections::BTreeMap;
use std::sync::Arc;

use common::{House, KEY_ID, ME, Reply, SECRET, Setup};
use hatchery::{
    Attach, CatalogueFile, Claim, FailureReason, Hatchery, Lock, LockReason, Options, Policy, Record, Report,
    Span, Tick, Time, WorkOutcome,
};
use schema::Schema;
use serde_json::{Value, json};
use wire::ecs::Secret;
use wire::zenlayer::{Action, Signer};

const WORLD: &str = include_str!("../../../tests/worlds/zenlayer.toml");
const SAMPLES: &str = include_str!("../../wire/tests/vectors/sample-requests-zenlayer.json");

/// The world of the samples behind a server, and the clock in the hands of the test.
struct Cloud {
    house: House,
    schema: Schema,
    now: Time,
    /// The ids of instances by the names that the samples give them.
    names: BTreeMap<String, String>,
}

impl Cloud {
    fn new() -> Self {
        Self::with_terms(Some(WORLD), None)
    }

    fn with_terms(world: Option<&str>, limit: Option<u32>) -> Self {
        // Nobody here waits for a network, but who wants to.
        Self::settling(Span::ZERO, world, limit)
    }

    fn settling(network_settling: Span, world: Option<&str>, limit: Option<u32>) -> Self {
        let policy = Policy { network_settling, ..Policy::default() };
        let hatchery = Hatchery::in_memory(Options { policy, ..Options::default() }).unwrap();
        let now = server::Clock::default().wall();
        let file = CatalogueFile::parse(world.unwrap_or(WORLD)).unwrap();
        hatchery.commit(file.load(), now).unwrap();
        hatchery.commit(file.open_account(ME, limit.unwrap_or(100)), now).unwrap();
        hatchery.commit(file.account_terms(ME), now).unwrap();
        file.networks(ME).for_each(|network| drop(hatchery.commit(network, now).unwrap()));
        file.subnets(ME).for_each(|subnet| drop(hatchery.commit(subnet, now).unwrap()));
        let house = House::over(Arc::new(hatchery), Setup::default());
        Self { house, schema: Schema::read(), now, names: BTreeMap::new() }
    }

    /// The world with the instances of the samples: one runs, one is off, one is being made, one is
    /// paid in advance, one is in the bin. Two addresses of `sub-1` are taken.
    fn of_samples() -> Self {
        let mut cloud = Self::new();
        let post = json!({});
        let pre = json!({ "instanceChargeType": "PREPAID", "instanceChargePrepaid": { "period": 1 } });
        for (name, with) in [("z-run", &post), ("z-stop", &post), ("z-pre", &pre), ("z-bin", &post)] {
            let id = cloud.launch(with)[0].clone();
            cloud.settle();
            cloud.names.insert(name.into(), id);
        }
        let ids = ["z-run", "z-stop"].map(|name| (cloud.names[name].parse_id(), None));
        let attach = Attach { account: ME, subnet: "sub-1".parse().unwrap(), instances: ids.into() };
        cloud.house.hatchery.commit(attach, cloud.now).unwrap();
        cloud.done("StopInstances", &json!({ "instanceIds": [cloud.names["z-stop"]] }));
        cloud.settle();
        cloud.done("TerminateInstance", &json!({ "instanceId": cloud.names["z-bin"] }));
        let id = cloud.launch(&post)[0].clone();
        cloud.names.insert("z-creating".into(), id);
        cloud.claim();
        cloud
    }

    fn ask(&self, action: &str, body: &Value) -> Reply {
        let (host, secret) = (self.house.address.to_string(), Secret::new(SECRET));
        let timestamp = self.house.clock.wall();
        let signer = Signer { key_id: KEY_ID, secret: &secret, host: &host, timestamp };
        let body = body.to_string();
        let headers = signer.headers(action, "2022-11-20", body.as_bytes());
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = body.len();
        self.house
            .send(&format!("POST /api/v2/bmc HTTP/1.1\r\n{headers}content-length: {length}\r\n\r\n{body}"))
    }

    /// `ok`, or status and code. What succeeds has the shape of the reference.
    fn told(&self, action: &str, body: &Value) -> String {
        let reply = self.ask(action, body);
        let json = reply.json();
        if reply.status == 200 {
            self.schema.check(action, &json["response"]);
            return "ok".into();
        }
        assert!(json["message"].as_str().is_some_and(|message| !message.is_empty()), "{json}");
        format!("{} {}", reply.status, json["code"].as_str().unwrap())
    }

    /// The response to a request that succeeds.
    fn done(&self, action: &str, body: &Value) -> Value {
        let reply = self.ask(action, body);
        assert_eq!(reply.status, 200, "{action} {body}: {}", reply.json());
        let response = reply.json()["response"].clone();
        self.schema.check(action, &response);
        response
    }

    fn launch(&self, with: &Value) -> Vec<String> {
        let response = self.done("CreateInstances", &order(with));
        let ids = response["instanceIdSet"].as_array().unwrap();
        ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect()
    }

    /// The one row of an instance, if it is shown.
    fn row(&self, id: &str) -> Option<Value> {
        let response = self.done("DescribeInstances", &json!({ "instanceIds": [id] }));
        response["dataSet"].as_array().unwrap().first().cloned()
    }

    fn status(&self, id: &str) -> String {
        self.row(id).map_or("-".into(), |row| row["instanceStatus"].as_str().unwrap().to_owned())
    }

    fn claim(&mut self) -> Vec<hatchery::WorkItem> {
        self.now = self.now.after(Span::from_secs(1));
        let lease = Span::from_secs(60);
        let claim = Claim { worker: "worker".parse().unwrap(), lease, limit: 100 };
        self.house.hatchery.commit(claim, self.now).unwrap()
    }

    fn report(&self, item: &hatchery::WorkItem, outcome: WorkOutcome) {
        let report = Report { id: item.id, attempt: item.attempt, outcome };
        self.house.hatchery.commit(report, self.now).unwrap();
    }

    /// Does all the work there is.
    fn settle(&mut self) {
        loop {
            let items = self.claim();
            if items.is_empty() {
                return;
            }
            items.iter().for_each(|item| self.report(item, WorkOutcome::Done));
        }
    }

    fn wait(&mut self, span: Span) {
        self.now = self.now.after(span);
        self.house.hatchery.commit(Tick { limit: 1000 }, self.now).unwrap();
    }

    /// The body of a sample, with the names of instances replaced by their ids.
    fn body(&self, sample: &Value) -> Value {
        let mut text = sample["body"].to_string();
        for (name, id) in &self.names {
            text = text.replace(&format!("\"{name}\""), &format!("\"{id}\""));
        }
        serde_json::from_str(&text).unwrap()
    }
}

impl Drop for Cloud {
    /// Whatever was asked, the fleet is sound.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let mut audit = hatchery::Audit::default();
        self.house.hatchery.snapshot().records().unwrap().into_iter().for_each(|record| audit.see(record));
        assert_eq!(audit.findings(), []);
    }
}

trait ParseId {
    fn parse_id(&self) -> hatchery::InstanceId;
}

impl ParseId for String {
    fn parse_id(&self) -> hatchery::InstanceId {
        hatchery::InstanceId::parse(self).unwrap()
    }
}

/// The simplest order there is, and `with` on top.
/// There are no tokens in this dialect: `contract/zenlayer.md`.
#[test]
fn an_order_that_is_sent_twice_is_two_orders() {
    let cloud = Cloud::new();
    let (first, again) = (cloud.launch(&json!({})), cloud.launch(&json!({})));
    assert_eq!((first.len(), again.len()), (1, 1));
    assert_ne!(first, again);
}

fn order(with: &Value) -> Value {
    let mut order = json!({
        "zoneId": "SEL-A",
        "instanceChargeType": "POSTPAID",
        "instanceTypeId": "M6C",
        "internetChargeType": "ByBandwidth",
    });
    for (name, value) in with.as_object().unwrap() {
        order[name] = value.clone();
    }
    order
}

#[test]
fn every_sample_is_answered_as_the_contract_has_it() {
    let samples: Value = serde_json::from_str(SAMPLES).unwrap();
    let samples = samples["samples"].as_array().unwrap();
    assert_eq!(samples.len(), 26);
    for sample in samples {
        let cloud = Cloud::of_samples();
        let expected = match sample["expect"]["result"].as_str().unwrap() {
            "ok" => "ok".to_owned(),
            _ => {
                format!("{} {}", sample["expect"]["http"], sample["expect"]["code"].as_str().unwrap())
            }
        };
        let told = cloud.told(sample["action"].as_str().unwrap(), &cloud.body(sample));
        assert_eq!(told, expected, "{}: {}", sample["id"], sample["note"]);
    }
}

#[test]
fn an_instance_goes_through_its_life() {
    let mut cloud = Cloud::new();
    let id = cloud.launch(&json!({}))[0].clone();
    let ids = json!({ "instanceIds": [id] });
    assert_eq!(cloud.status(&id), "PENDING");
    let make = cloud.claim();
    assert_eq!(cloud.status(&id), "CREATING");
    cloud.report(&make[0], WorkOutcome::Done);
    assert_eq!(cloud.status(&id), "CREATING", "the first boot is a part of it");
    cloud.settle();
    assert_eq!(cloud.status(&id), "RUNNING");
    cloud.done("StopInstances", &ids);
    assert_eq!(cloud.status(&id), "STOPPING");
    cloud.settle();
    assert_eq!(cloud.status(&id), "STOPPED");
    cloud.done("StartInstances", &ids);
    assert_eq!(cloud.status(&id), "BOOTING");
    cloud.settle();
    cloud.done("RebootInstances", &ids);
    assert_eq!(cloud.status(&id), "BOOTING");
    cloud.settle();
    assert_eq!(cloud.status(&id), "RUNNING");
    cloud.done("TerminateInstance", &json!({ "instanceId": id }));
    assert_eq!(cloud.status(&id), "RECYCLE", "in the very next listing");
    cloud.done("ReleaseInstances", &ids);
    assert_eq!(cloud.status(&id), "RECYCLING");
    cloud.settle();
    assert_eq!(cloud.status(&id), "-");
}

#[test]
fn an_image_is_installed_before_an_instance_runs() {
    let mut cloud = Cloud::new();
    let id = cloud.launch(&json!({ "imageId": "img-ubuntu" }))[0].clone();
    let make = cloud.claim();
    cloud.report(&make[0], WorkOutcome::Done);
    assert_eq!(cloud.status(&id), "INSTALLING");
    let install = cloud.claim();
    cloud.report(&install[0], WorkOutcome::Failed(FailureReason::Machine));
    assert_eq!(cloud.status(&id), "INSTALL_FAILED");
    cloud.done("TerminateInstance", &json!({ "instanceId": id }));
    assert_eq!(cloud.status(&id), "RECYCLE");

    let other = cloud.launch(&json!({}))[0].clone();
    cloud.settle();
    assert_eq!(cloud.row(&other).unwrap()["imageId"], Value::Null);
    let again = json!({ "instanceId": other, "imageId": "img-ubuntu", "hostname": "anew",
        "raidConfig": { "raidType": 1 }, "partitions": [{ "fsPath": "/", "fsType": "ext4", "size": 500 }] });
    cloud.done("ReinstallInstance", &again);
    assert_eq!(cloud.status(&other), "INSTALLING");
    let work = cloud.claim();
    let installed = work[0].profile.amendment.clone().unwrap().installed.clone().unwrap();
    assert_eq!(installed.image, Some("img-ubuntu".parse().unwrap()));
    cloud.report(&work[0], WorkOutcome::Done);
    let row = cloud.row(&other).unwrap();
    assert_eq!(row["instanceStatus"], "RUNNING");
    assert_eq!((&row["imageId"], &row["hostname"]), (&json!("img-ubuntu"), &json!("anew")));
    assert_eq!(row["raidConfig"], json!({ "raidType": 1, "customRaids": [] }));
    assert_eq!(row["partitions"], json!([{ "fsPath": "/", "fsType": "ext4", "size": 500 }]));
}

/// Whoever may not boot an instance may not put another system on it either.
#[test]
fn a_locked_instance_is_not_installed_anew() {
    for reason in LockReason::ALL {
        let mut cloud = Cloud::new();
        let id = cloud.launch(&json!({}))[0].clone();
        cloud.settle();
        let lock = |reason| Lock { instance: id.parse_id(), reason };
        cloud.house.hatchery.commit(lock(Some(reason)), cloud.now).unwrap();
        let again = json!({ "instanceId": id, "imageId": "img-ubuntu" });
        let told = cloud.told("ReinstallInstance", &again);
        assert_eq!(told, "403 OPERATION_DENIED_INSTANCE_STATUS", "{reason:?}");
        assert_eq!(cloud.status(&id), "RUNNING");
        cloud.house.hatchery.commit(lock(None), cloud.now).unwrap();
        assert_eq!(cloud.told("ReinstallInstance", &again), "ok");
    }
}

#[test]
fn networks_are_creating_before_they_are_available() {
    let cloud = Cloud::settling(Span::from_days(1), None, None);
    let made = cloud.done("CreateVpc", &json!({ "cidrBlock": "10.1.0.0/16", "vpcRegionId": "asia" }));
    let vpc = &made["vpcId"];
    let shown = cloud.done("DescribeVpcs", &json!({ "vpcIds": [vpc] }));
    assert_eq!(shown["dataSet"][0]["vpcStatus"], "CREATING");
    let inside = json!({ "cidrBlock": "10.1.1.0/24", "zoneId": "SEL-A", "vpcId": vpc });
    assert_eq!(cloud.told("CreateSubnet", &inside), "403 OPERATION_DENIED_VPC_STATUS_NOT_SUPPORT");

    let made = cloud.done("CreateSubnet", &json!({ "cidrBlock": "10.2.1.0/24", "zoneId": "SEL-A" }));
    let subnet = &made["subnetId"];
    let shown = cloud.done("DescribeSubnets", &json!({ "subnetIds": [subnet] }));
    assert_eq!(shown["dataSet"][0]["subnetStatus"], "CREATING");
    let attached = order(&json!({ "subnetId": subnet }));
    let pending = "403 OPERATION_DENIED_SUBNET_STATUS_NOT_SUPPORT";
    assert_eq!(cloud.told("CreateInstances", &attached), pending);
    assert_eq!(cloud.told("DeleteSubnet", &json!({ "subnetId": subnet })), pending);
}

#[test]
fn passwords_are_sealed_before_they_are_kept() {
    let mut cloud = Cloud::new();
    let word = "Open-Sesame-1";
    let id = cloud.launch(&json!({ "imageId": "img-ubuntu", "password": word }))[0].clone();
    let kept = |cloud: &Cloud| -> Vec<hatchery::Secret> {
        let mut kept = Vec::new();
        for record in cloud.house.hatchery.snapshot().records().unwrap() {
            if let Record::Password(_, secret) = record {
                kept.push(secret);
            } else if let Record::Amendment(_, amendment) = record {
                kept.extend(amendment.password);
            }
        }
        kept
    };
    let sealed = |kept: &[hatchery::Secret]| {
        kept.len() == 1 && kept.iter().all(|secret| !secret.reveal().windows(6).any(|part| part == b"Sesame"))
    };
    assert!(sealed(&kept(&cloud)));
    cloud.settle();
    assert!(kept(&cloud).is_empty(), "nobody needs it any more");
    let again = json!({ "instanceId": id, "imageId": "img-ubuntu", "password": word });
    cloud.done("ReinstallInstance", &again);
    assert!(sealed(&kept(&cloud)));
    cloud.settle();
    assert!(kept(&cloud).is_empty(), "it is in the machine now");
}

#[test]
fn a_failed_creation_is_kept_until_it_is_terminated() {
    let mut cloud = Cloud::new();
    let prepaid = json!({ "instanceChargeType": "PREPAID", "instanceChargePrepaid": { "period": 1 } });
    for with in [json!({}), prepaid] {
        let id = cloud.launch(&with)[0].clone();
        let make = cloud.claim();
        cloud.report(&make[0], WorkOutcome::Failed(FailureReason::Machine));
        assert_eq!(cloud.status(&id), "CREATE_FAILED");
        cloud.wait(Span::from_days(2));
        assert_eq!(cloud.status(&id), "CREATE_FAILED", "nobody releases it");
        cloud.done("TerminateInstance", &json!({ "instanceId": id }));
        assert_eq!(cloud.status(&id), "-");
    }
}

#[test]
fn the_bin_empties_itself_after_a_day() {
    let mut cloud = Cloud::new();
    let id = cloud.launch(&json!({}))[0].clone();
    cloud.settle();
    cloud.done("TerminateInstance", &json!({ "instanceId": id }));
    cloud.wait(Span::from_hours(23));
    assert_eq!(cloud.status(&id), "RECYCLE");
    cloud.wait(Span::from_hours(2));
    assert_eq!(cloud.status(&id), "RECYCLING");
    cloud.settle();
    assert_eq!(cloud.status(&id), "-");
}

/// Every action in every status: `contract/lifecycle.md` section 7.
#[test]
fn every_action_in_every_status() {
    const ACTIONS: [&str; 6] = [
        "StartInstances",
        "StopInstances",
        "RebootInstances",
        "TerminateInstance",
        "ReleaseInstances",
        "ReinstallInstance",
    ];
    let table = "
        PENDING        NOT_STOPPED NOT_RUNNING STATUS   CREATING          NOT_RECYCLED STATUS
        CREATING       NOT_STOPPED NOT_RUNNING STATUS   CREATING          NOT_RECYCLED STATUS
        CREATE_FAILED  NOT_STOPPED NOT_RUNNING STATUS   ok                NOT_RECYCLED STATUS
        INSTALLING     NOT_STOPPED NOT_RUNNING STATUS   STATUS_INSTALLING NOT_RECYCLED STATUS
        INSTALL_FAILED NOT_STOPPED NOT_RUNNING STATUS   ok                NOT_RECYCLED STATUS
        RUNNING        NOT_STOPPED ok          ok       ok                NOT_RECYCLED ok
        STOPPED        ok          NOT_RUNNING ok       ok                NOT_RECYCLED ok
        BOOTING        NOT_STOPPED NOT_RUNNING STATUS   STATUS            NOT_RECYCLED STATUS
        STOPPING       NOT_STOPPED NOT_RUNNING STATUS   STATUS            NOT_RECYCLED STATUS
        RECYCLE        RECYCLED    RECYCLED    RECYCLED RECYCLED          ok           RECYCLED
        RECYCLING      RECYCLED    RECYCLED    RECYCLED RECYCLED          NOT_RECYCLED RECYCLED";
    for row in table.trim().lines() {
        let mut words = row.split_whitespace();
        let status = words.next().unwrap();
        for (action, expected) in ACTIONS.into_iter().zip(words) {
            let (cloud, id) = at(status);
            assert_eq!(cloud.status(&id), status);
            let body = match action {
                "TerminateInstance" | "ReinstallInstance" => json!({ "instanceId": id }),
                _ => json!({ "instanceIds": [id] }),
            };
            let told = cloud.told(action, &body);
            let word = told.strip_prefix("403 OPERATION_DENIED_INSTANCE_").unwrap_or(&told);
            assert_eq!(word, expected, "{action} in {status}");
        }
    }
}

/// A cloud with one instance in `status`.
fn at(status: &str) -> (Cloud, String) {
    let mut cloud = Cloud::new();
    let image = matches!(status, "INSTALLING" | "INSTALL_FAILED");
    let id = cloud.launch(&if image { json!({ "imageId": "img-ubuntu" }) } else { json!({}) })[0].clone();
    let ids = json!({ "instanceIds": [id] });
    let one = |cloud: &mut Cloud, outcome| {
        let items = cloud.claim();
        cloud.report(&items[0], outcome);
    };
    match status {
        "PENDING" => {}
        "CREATING" => drop(cloud.claim()),
        "CREATE_FAILED" => one(&mut cloud, WorkOutcome::Failed(FailureReason::Machine)),
        "INSTALLING" => one(&mut cloud, WorkOutcome::Done),
        "INSTALL_FAILED" => {
            one(&mut cloud, WorkOutcome::Done);
            one(&mut cloud, WorkOutcome::Failed(FailureReason::Machine));
        }
        _ => cloud.settle(),
    }
    match status {
        "STOPPED" => {
            cloud.done("StopInstances", &ids);
            cloud.settle();
        }
        "BOOTING" => drop(cloud.done("RebootInstances", &ids)),
        "STOPPING" => drop(cloud.done("StopInstances", &ids)),
        "RECYCLE" | "RECYCLING" => drop(cloud.done("TerminateInstance", &json!({ "instanceId": id }))),
        _ => {}
    }
    if status == "RECYCLING" {
        cloud.done("ReleaseInstances", &ids);
    }
    (cloud, id)
}

/// Several ids are all or nothing, and the first bad one decides.
#[test]
fn the_first_bad_id_decides_and_nothing_moves() {
    let mut cloud = Cloud::new();
    let ids = cloud.launch(&json!({ "amount": 3 }));
    cloud.settle();
    let [a, b, c] = [&ids[0], &ids[1], &ids[2]];
    cloud.done("StopInstances", &json!({ "instanceIds": [b] }));
    cloud.settle();
    let stop = |ids: &[&str]| cloud.told("StopInstances", &json!({ "instanceIds": ids }));
    assert_eq!(stop(&[a, b, "nobody"]), "403 OPERATION_DENIED_INSTANCE_NOT_RUNNING");
    assert_eq!(stop(&[a, "nobody", b]), "404 INVALID_INSTANCE_NOT_FOUND");
    assert_eq!(cloud.status(a), "RUNNING");
    assert_eq!(stop(&[a, c, a]), "ok", "one that is named twice is meant once");
    assert_eq!([a, c].map(|id| cloud.status(id)), ["STOPPING", "STOPPING"]);
    let many: Vec<String> = (0..101).map(|number| format!("i{number}")).collect();
    assert_eq!(cloud.told("StopInstances", &json!({ "instanceIds": many })), "400 INVALID_PARAMETER_VALUE");
    assert_eq!(cloud.told("StopInstances", &json!({ "instanceIds": [] })), "400 MISSING_PARAMETER");
}

/// One order with everything wrong with it, mended step by step: which fault is told is fixed.
#[test]
fn the_order_of_evaluation_is_the_contracts() {
    let cloud = Cloud::with_terms(None, Some(16));
    cloud.launch(&json!({ "amount": 15 }));
    let mut body = json!({
        "amount": "many",
        "instanceName": "a b",
        "hostname": "a_b",
        "password": "short",
        "sshKeys": ["no key"],
        "nic": { "wanName": "lan0", "lanName": "wan0" },
        "imageId": "img-none",
        "subnetId": "sub-none",
        "resourceGroupId": "rg-none",
        "raidConfig": { "raidType": 5, "customRaids": [{ "raidType": 5, "diskSequence": [3, 3, 1] }] },
        "partitions": [{ "fsPath": "data", "fsType": "xfs", "size": 1 }],
        "internetMaxBandwidthOut": 501,
    });
    // What is told, and the change that mends it.
    let steps: Vec<(&str, Value)> = vec![
        ("400 INVALID_PARAMETER_VALUE", json!({ "amount": 3 })),
        ("400 MISSING_PARAMETER", json!({ "zoneId": "SEL-Z" })),
        ("400 MISSING_PARAMETER", json!({ "instanceChargeType": "FREE" })),
        ("400 MISSING_PARAMETER", json!({ "instanceTypeId": "M7" })),
        ("400 MISSING_PARAMETER", json!({ "internetChargeType": "ByMagic" })),
        ("400 INVALID_CHARGE_TYPE_NOT_SUPPORT", json!({ "instanceChargeType": "PREPAID" })),
        ("400 MISSING_PARAMETER", json!({ "instanceChargePrepaid": { "period": 0 } })),
        ("400 INVALID_PARAMETER_VALUE", json!({ "instanceChargePrepaid": { "period": 1 } })),
        (
            "400 OPERATION_FILED_INTERNET_CHARGE_TYPE_NOT_SUPPORT",
            json!({ "internetChargeType": "ByInstanceBandwidth95" }),
        ),
        ("400 INVALID_PARAMETER_VALUE", json!({ "instanceName": "x".repeat(65) })),
        ("400 INVALID_PARAMETER_INSTANCE_NAME_EXCEED", json!({ "instanceName": "web" })),
        ("400 INVALID_PARAMETER_HOSTNAME_MALFORMED", json!({ "hostname": "x".repeat(59) + "[0,6]" })),
        ("400 INVALID_PARAMETER_HOSTNAME_EXCEED", json!({ "hostname": "web" })),
        ("400 INVALID_PARAMETER_INSTANCE_LOGIN_CONFLICT", json!({ "sshKeys": [] })),
        (
            "400 INVALID_PARAMETER_VALUE_PASSWORD_MALFORMED",
            json!({ "password": null, "sshKeys": ["no key"] }),
        ),
        ("400 INVALID_PARAMETER_SSH_KEY_MALFORMED", json!({ "sshKeys": [KEY, KEY] })),
        ("400 INVALID_PARAMETER_SSH_KEY_DUPLICATE", json!({ "sshKeys": [KEY] })),
        (
            "400 INVALID_PARAMETER_NIC_NAME_MALFORMED",
            json!({ "nic": { "wanName": "bond0", "lanName": "bond0" } }),
        ),
        ("404 INVALID_ZONE_NOT_FOUND", json!({ "zoneId": "SEL-A" })),
        ("404 INVALID_INSTANCE_TYPE_NOT_FOUND", json!({ "instanceTypeId": "M6C" })),
        ("404 INVALID_IMAGE_NOT_FOUND", json!({ "imageId": null })),
        ("404 INVALID_SUBNET_NOT_FOUND", json!({ "subnetId": "sub-2" })),
        ("404 OPERATION_FAILED_RESOURCE_GROUP_NOT_FOUND", json!({ "resourceGroupId": null })),
        ("400 INVALID_RAID_CONFIG_FAST_CUSTOM_CONFLICT", raid(json!({ "raidType": 5 }))),
        ("400 INVALID_INSTANCE_TYPE_QUICK_RAID_NOT_SUPPORT", arrays(5, &[3, 3, 1])),
        ("400 INVALID_INSTANCE_TYPE_RAID_NOT_SUPPORT", arrays(1, &[3, 3, 1])),
        ("400 INVALID_PARAMETER_VALUE_RAID_DISK_SEQUENCE_RANGE", arrays(1, &[2, 2])),
        ("400 INVALID_PARAMETER_VALUE_RAID_DISK_SEQUENCE_DUPLICATE", arrays(1, &[2, 1])),
        ("400 INVALID_PARAMETER_VALUE_RAID_DISK_DISORDER", arrays(1, &[1])),
        ("400 INVALID_PARAMETER_VALUE_RAID_DISK_MISMATCH", arrays(1, &[1, 2])),
        ("400 INVALID_PARTITION_IMAGE_NOT_SET", json!({ "imageId": "img-ubuntu" })),
        ("400 INVALID_PARTITION_NO_TYPE", partitions(&[("data", 1), ("/a", 1), ("/a", 1)])),
        ("400 INVALID_PARTITION_MALFORMED", partitions(&[("/a", 1), ("/a", 1)])),
        ("400 INVALID_PARTITION_DUPLICATE_FILE_PATH", partitions(&[("/a", 1), ("/b", 1)])),
        ("400 INVALID_PARTITION_MISSING_REQUIRED_FILE_PATH", partitions(&[("/a", 1), ("/", 1)])),
        ("400 INVALID_PARTITION_INVALID_ORDER", partitions(&[("/", 1), ("/a", 1)])),
        ("400 INVALID_PARTITION_SIZE_NOT_FULL", partitions(&[("/", 100), ("/a", 400)])),
        ("400 INVALID_PARAMETER_NIC_NAME_CONFLICT", json!({ "nic": null })),
        ("400 INVALID_SUBNET_ZONE_MISMATCH", json!({ "subnetId": "sub-1" })),
        (
            "400 OPERATION_FILED_INTERNET_CHARGE_TYPE_NOT_SUPPORT",
            json!({ "internetChargeType": "ByBandwidth" }),
        ),
        ("400 INVALID_BANDWIDTH_VALUE_EXCEED_MAXIMUM", json!({ "internetMaxBandwidthOut": 500 })),
        ("403 OPERATION_DENIED_INSTANCE_QUOTA_EXCEED", json!({ "amount": 1 })),
        ("ok", json!({})),
    ];
    for (step, (expected, mended)) in steps.iter().enumerate() {
        assert_eq!(cloud.told("CreateInstances", &body), *expected, "step {step}: {body}");
        for (name, value) in mended.as_object().unwrap() {
            body[name] = value.clone();
        }
    }
}

const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleExampleE0 someone";

fn raid(config: Value) -> Value {
    json!({ "raidConfig": config })
}

fn arrays(level: u8, disks: &[u8]) -> Value {
    raid(json!({ "customRaids": [{ "raidType": level, "diskSequence": disks }] }))
}

fn partitions(parts: &[(&str, u32)]) -> Value {
    let part = |(path, size): &(&str, u32)| json!({ "fsPath": path, "fsType": "ext4", "size": size });
    json!({ "partitions": parts.iter().map(part).collect::<Vec<_>>() })
}

#[test]
fn what_runs_out_is_told_apart() {
    let cloud = Cloud::new();
    // Sixteen units, four addresses in sub-1.
    let told = |with: Value| cloud.told("CreateInstances", &order(&with));
    assert_eq!(
        told(json!({ "subnetId": "sub-1", "amount": 5 })),
        "400 INVALID_SUBNET_PRIVATE_IP_INSUFFICIENT"
    );
    assert_eq!(told(json!({ "amount": 17 })), "403 RESOURCE_INSUFFICIENT_PRODUCT_SOLD_OUT");
    assert_eq!(
        told(json!({ "subnetId": "sub-1", "amount": 17 })),
        "403 RESOURCE_INSUFFICIENT_PRODUCT_SOLD_OUT"
    );
    assert_eq!(told(json!({ "amount": 16 })), "ok");
    assert_eq!(told(json!({})), "403 RESOURCES_SOLDOUT_INSTANCE_TYPE");

    let poor = format!("{WORLD}\n[account]\nbalance = 17999\n");
    let cloud = Cloud::with_terms(Some(&poor), None);
    let months = |amount: u8, period: u8| {
        let with = json!({ "amount": amount, "instanceChargeType": "PREPAID",
            "instanceChargePrepaid": { "period": period } });
        cloud.told("CreateInstances", &order(&with))
    };
    assert_eq!(months(2, 1), "403 OPERATION_DENIED_CHARGE_TYPE_NOT_SUPPORT");
    assert_eq!(months(1, 2), "403 OPERATION_DENIED_CHARGE_TYPE_NOT_SUPPORT");
    assert_eq!(months(1, 1), "ok");

    let promised = format!("{WORLD}\n[account]\nbars = ['promise']\n");
    let mut cloud = Cloud::with_terms(Some(&promised), None);
    let id = cloud.launch(&json!({}))[0].clone();
    cloud.settle();
    let terminate = json!({ "instanceId": id });
    assert_eq!(cloud.told("TerminateInstance", &terminate), "403 OPERATION_DENIED_POSTPAID_PROMISE");
}

#[test]
fn a_charge_that_is_not_offered_is_refused() {
    let world = WORLD.replacen("out_mbps_max = 500\n", "out_mbps_max = 500\nprepaid = false\n", 1);
    let cloud = Cloud::with_terms(Some(&world), None);
    let with = json!({ "instanceChargeType": "PREPAID", "instanceChargePrepaid": { "period": 1 } });
    let told = cloud.told("CreateInstances", &order(&with));
    assert_eq!(told, "403 OPERATION_DENIED_CHARGE_TYPE_NOT_SUPPORT");
}

#[test]
fn a_listing_is_filtered_and_paged() {
    let mut cloud = Cloud::new();
    let tagged = json!({ "instanceName": "web_[3,3]", "hostname": "host", "amount": 2, "subnetId": "sub-1",
        "tags": { "tags": [{ "key": "team", "value": "a" }] } });
    let web = cloud.launch(&tagged);
    let package = json!({ "internetChargeType": "ByTrafficPackage", "imageId": "img-ubuntu" });
    let other = cloud.launch(&package)[0].clone();
    cloud.settle();
    let row = cloud.row(&web[1]).unwrap();
    let public = row["publicIpAddresses"][0].clone();
    let private = row["privateIpAddresses"][0].clone();
    assert_eq!((&row["instanceName"], &row["privateIpAddresses"]), (&json!("web004"), &json!(["10.0.1.2"])));
    assert_eq!(row["primaryPublicIpAddress"], public);
    let found = |filter: Value| -> Vec<String> {
        let response = cloud.done("DescribeInstances", &filter);
        let rows = response["dataSet"].as_array().unwrap();
        rows.iter().map(|row| row["instanceId"].as_str().unwrap().to_owned()).collect()
    };
    // Newest first.
    let [all, both, one, rest] = [
        vec![other.clone(), web[1].clone(), web[0].clone()],
        vec![web[1].clone(), web[0].clone()],
        vec![web[1].clone()],
        vec![other.clone()],
    ];
    for (filter, expected) in [
        (json!({}), &all),
        (json!({ "zoneId": "SEL-A" }), &all),
        (json!({ "zoneId": "HKG-A" }), &vec![]),
        (json!({ "instanceIds": [other, "nobody"] }), &rest),
        (json!({ "resourceGroupId": "rg-default" }), &all),
        (json!({ "resourceGroupId": "rg-other" }), &vec![]),
        (json!({ "instanceTypeId": "M6C" }), &all),
        (json!({ "internetChargeType": "ByTrafficPackage" }), &rest),
        (json!({ "internetChargeType": "ByMagic" }), &vec![]),
        (json!({ "imageId": "img-ubuntu" }), &rest),
        (json!({ "subnetId": "sub-1" }), &both),
        (json!({ "instanceStatus": "RUNNING" }), &all),
        (json!({ "instanceStatus": "STOPPED" }), &vec![]),
        (json!({ "instanceName": "web*" }), &both),
        (json!({ "instanceName": "web" }), &vec![]),
        (json!({ "instanceName": "web004" }), &one),
        (json!({ "hostname": "host" }), &both),
        (json!({ "publicIpAddresses": [public, "none"] }), &one),
        (json!({ "privateIpAddresses": [private] }), &one),
        (json!({ "tagKeys": ["team"] }), &both),
        (json!({ "tagKeys": ["team", "other"] }), &vec![]),
        (json!({ "tags": [{ "key": "team", "value": "a" }] }), &both),
        (json!({ "tags": [{ "key": "team", "value": "b" }] }), &vec![]),
        (json!({ "pageSize": 2 }), &all[..2].to_vec()),
        (json!({ "pageSize": "2", "pageNum": "2" }), &all[2..].to_vec()),
        (json!({ "somethingNew": 1, "zoneId": null }), &all),
    ] {
        assert_eq!(found(filter.clone()), *expected, "{filter}");
    }
    let page = cloud.done("DescribeInstances", &json!({ "pageSize": 1 }));
    assert_eq!(page["totalCount"], 3);
    for bad in [json!({ "pageSize": 1001 }), json!({ "pageNum": 0 }), json!({ "instanceIds": "x" })] {
        assert_eq!(cloud.told("DescribeInstances", &bad), "400 INVALID_PARAMETER_VALUE", "{bad}");
    }
}

#[test]
fn what_can_be_asked_for_is_listed() {
    let cloud = Cloud::of_samples();
    let rows =
        |action: &str, body: Value, list: &str| cloud.done(action, &body)[list].as_array().unwrap().len();
    for (action, body, list, expected) in [
        ("DescribeZones", json!({ "acceptLanguage": "en-US" }), "zoneSet", 2),
        ("DescribeZones", json!({ "isCloudRouterAvailable": true }), "zoneSet", 1),
        ("DescribeInstanceTypes", json!({}), "instanceTypes", 1),
        (
            "DescribeInstanceTypes",
            json!({ "instanceTypeIds": ["M6C"], "supportRaids": [0, 1] }),
            "instanceTypes",
            1,
        ),
        ("DescribeInstanceTypes", json!({ "supportRaids": [5] }), "instanceTypes", 0),
        ("DescribeInstanceTypes", json!({ "minimumCpuCoreCount": 5 }), "instanceTypes", 0),
        ("DescribeInstanceTypes", json!({ "maximumMemorySize": 32 }), "instanceTypes", 1),
        ("DescribeInstanceTypes", json!({ "minimumBandwidth": 501 }), "instanceTypes", 0),
        (
            "DescribeInstanceTypes",
            json!({ "minimumDiskSize": 1000, "maximumDiskSize": 1000 }),
            "instanceTypes",
            1,
        ),
        ("DescribeInstanceTypes", json!({ "isHA": true }), "instanceTypes", 0),
        (
            "DescribeInstanceTypes",
            json!({ "imageId": "img-ubuntu", "supportSubnet": true }),
            "instanceTypes",
            1,
        ),
        ("DescribeInstanceTypes", json!({ "imageId": "img-none" }), "instanceTypes", 0),
        ("DescribeAvailableResources", json!({ "instanceChargeType": "POSTPAID" }), "availableResources", 2),
        (
            "DescribeAvailableResources",
            json!({ "instanceChargeType": "PREPAID", "zoneId": "HKG-A", "sellStatus": "SOLD_OUT" }),
            "availableResources",
            1,
        ),
        (
            "DescribeAvailableResources",
            json!({ "instanceChargeType": "PREPAID", "sellStatus": "SELL_SHORTAGE" }),
            "availableResources",
            0,
        ),
        ("DescribeImages", json!({ "catalog": "Ubuntu", "osType": "Linux" }), "images", 1),
        ("DescribeImages", json!({ "imageIds": ["img-none"] }), "images", 0),
        ("DescribeImages", json!({ "imageType": "CUSTOM_IMAGE" }), "images", 0),
        ("DescribeImages", json!({ "instanceTypeId": "M6C", "imageName": "Ubuntu" }), "images", 1),
        ("DescribeVpcAvailableRegions", json!({}), "vpcRegionSet", 1),
        (
            "DescribeVpcAvailableRegions",
            json!({ "zoneId": "SEL-A", "vpcRegionId": "asia" }),
            "vpcRegionSet",
            1,
        ),
        ("DescribeVpcAvailableRegions", json!({ "vpcRegionId": "europe" }), "vpcRegionSet", 0),
        ("DescribeSubnetAvailableResources", json!({}), "zoneIdSet", 2),
        ("DescribeSubnetAvailableResources", json!({ "zoneId": "SEL-A" }), "zoneIdSet", 1),
    ] {
        assert_eq!(rows(action, body.clone(), list), expected, "{action} {body}");
    }
    for (action, body, expected) in [
        (
            "DescribeInstanceTypes",
            json!({ "instanceTypeIds": ["M7"] }),
            "404 INVALID_INSTANCE_TYPE_NOT_FOUND",
        ),
        ("DescribeImages", json!({ "instanceTypeId": "M7" }), "404 INVALID_INSTANCE_TYPE_NOT_FOUND"),
        ("DescribeAvailableResources", json!({}), "400 INVALID_CHARGE_TYPE_NOT_SUPPORT"),
        (
            "DescribeAvailableResources",
            json!({ "instanceChargeType": "POSTPAID", "zoneId": "X" }),
            "404 INVALID_ZONE_NOT_FOUND",
        ),
        ("InquiryPriceCreateInstance", json!({ "zoneId": "SEL-A" }), "400 MISSING_PARAMETER"),
        ("DescribeInstanceInternetStatus", json!({ "instanceId": "x" }), "404 INVALID_INSTANCE_NOT_FOUND"),
    ] {
        assert_eq!(cloud.told(action, &body), expected, "{action} {body}");
    }
    let id = &cloud.names["z-pre"];
    let internet = cloud.done("DescribeInstanceInternetStatus", &json!({ "instanceId": id }));
    assert_eq!(internet["internetMaxBandwidthOut"], 1);
    let price = |charge: Value| cloud.done("InquiryPriceCreateInstance", &order(&charge));
    let prepaid = json!({ "instanceChargeType": "PREPAID", "instanceChargePrepaid": { "period": 3 } });
    assert_eq!(price(prepaid)["instancePrice"]["originalPrice"], 27000.0);
    assert_eq!(price(json!({}))["instancePrice"]["unitPrice"], 0.25);
    let elsewhere = WORLD.replace(
        "[[instance_type.bare_metal.offer]]\nzone = \"HKG-A\"\nlines = [\"bandwidth\"]\nout_mbps_max = 500\n",
        "",
    );
    let cloud = Cloud::with_terms(Some(&elsewhere), None);
    let hkg = order(&json!({ "zoneId": "HKG-A" }));
    assert_eq!(cloud.told("InquiryPriceCreateInstance", &hkg), "400 INVALID_INSTANCE_TYPE_ZONE_NO_SELL");
    assert_eq!(cloud.told("CreateInstances", &hkg), "403 RESOURCES_SOLDOUT_INSTANCE_TYPE");
}

#[test]
fn instances_are_renamed_regrouped_and_renewed() {
    let world = format!("{WORLD}\n[[resource_group]]\nid = 'rg-1'\n");
    let mut cloud = Cloud::with_terms(Some(&world), None);
    let ids = cloud.launch(&json!({ "amount": 2 }));
    let prepaid = json!({ "instanceChargeType": "PREPAID", "instanceChargePrepaid": { "period": 1 } });
    let paid = cloud.launch(&prepaid)[0].clone();
    cloud.settle();
    cloud.done("ModifyInstancesAttribute", &json!({ "instanceIds": ids, "instanceName": "other" }));
    let group = |group: &str| {
        let body = json!({ "instanceIds": [ids[0]], "resourceGroupId": group });
        cloud.told("ModifyInstancesResourceGroup", &body)
    };
    assert_eq!(group("rg-2"), "404 OPERATION_FAILED_RESOURCE_GROUP_NOT_FOUND");
    assert_eq!(group("rg-1"), "ok");
    let row = cloud.row(&ids[0]).unwrap();
    assert_eq!((&row["instanceName"], &row["resourceGroupId"]), (&json!("other"), &json!("rg-1")));
    let renew = |id: &str| cloud.told("RenewInstance", &json!({ "instanceId": id }));
    assert_eq!(renew(&ids[0]), "403 OPERATION_DENIED_CHARGE_TYPE_NOT_SUPPORT");
    assert_eq!(renew(&paid), "ok");
    assert_eq!(cloud.row(&paid).unwrap()["autoRenew"], true);
    let unknown = json!({ "instanceIds": [ids[0], "x"], "instanceName": "third" });
    assert_eq!(cloud.told("ModifyInstancesAttribute", &unknown), "404 INVALID_INSTANCE_NOT_FOUND");
    assert_eq!(cloud.row(&ids[0]).unwrap()["instanceName"], "other");
}

#[test]
fn networks_and_subnets_are_made_joined_and_removed() {
    let mut cloud = Cloud::new();
    let vpc = |block: &str, region: &str| {
        cloud.told("CreateVpc", &json!({ "cidrBlock": block, "vpcRegionId": region }))
    };
    assert_eq!(vpc("10.0.0.0", "asia"), "400 INVALID_PARAMETER_VPC_CIDR_BLOCK");
    assert_eq!(vpc("8.0.0.0/16", "asia"), "400 INVALID_PARAMETER_VPC_LAN_IP");
    assert_eq!(vpc("10.0.0.0/8", "asia"), "400 INVALID_PARAMETER_VPC_LAN_IP_NETMASK");
    assert_eq!(vpc("10.0.0.0/16", "europe"), "404 INVALID_VPC_REGION_NOT_FOUND");
    let made = cloud
        .done("CreateVpc", &json!({ "cidrBlock": "10.1.0.0/16", "vpcRegionId": "asia", "vpcName": "v" }));
    let vpc = made["vpcId"].as_str().unwrap().to_owned();

    let subnet = |with: Value| {
        let mut body = json!({ "cidrBlock": "10.1.1.0/24", "zoneId": "SEL-A" });
        with.as_object().unwrap().iter().for_each(|(name, value)| body[name] = value.clone());
        body
    };
    for (with, expected) in [
        (json!({ "cidrBlock": "x" }), "400 INVALID_PARAMETER_SUBNET_CIDR_BLOCK"),
        (json!({ "cidrBlock": "8.1.1.0/24" }), "400 INVALID_PARAMETER_SUBNET_LAN_IP"),
        (json!({ "cidrBlock": "10.1.1.0/30" }), "400 INVALID_PARAMETER_SUBNET_LAN_IP_NETMASK"),
        (json!({ "zoneId": "X" }), "404 INVALID_ZONE_NOT_FOUND"),
        (json!({ "vpcId": "vpc-none" }), "404 INVALID_VPC_NOT_FOUND"),
        (
            json!({ "vpcId": vpc, "cidrBlock": "10.2.1.0/24" }),
            "400 INVALID_PARAMETER_SUBNET_CIDR_NOT_BELONG_VPC",
        ),
    ] {
        assert_eq!(cloud.told("CreateSubnet", &subnet(with.clone())), expected, "{with}");
    }
    let id = |response: Value| response["subnetId"].as_str().unwrap().to_owned();
    let inside = id(cloud.done("CreateSubnet", &subnet(json!({ "vpcId": vpc }))));
    let again = cloud.told("CreateSubnet", &subnet(json!({ "vpcId": vpc, "cidrBlock": "10.1.0.0/20" })));
    assert_eq!(again, "400 INVALID_PARAMETER_VPC_SUBNET_OVER_LAP");
    let alone =
        id(cloud.done("CreateSubnet", &subnet(json!({ "cidrBlock": "10.1.2.0/29", "subnetName": "alone" }))));
    let row = |cloud: &Cloud, id: &str| {
        cloud.done("DescribeSubnets", &json!({ "subnetIds": [id] }))["dataSet"][0].clone()
    };
    assert_eq!(
        (row(&cloud, &alone)["vpcId"].clone(), row(&cloud, &inside)["vpcId"].clone()),
        (Value::Null, json!(vpc))
    );
    let vpcs = cloud.done("DescribeVpcs", &json!({}));
    assert_eq!(vpcs["totalCount"], 2, "those of subnets that stand alone are not shown: {vpcs}");

    let join = |subnet: &str, vpc: &str| {
        cloud.told("AssociateVpcSubnet", &json!({ "subnetId": subnet, "vpcId": vpc }))
    };
    assert_eq!(join("sub-none", &vpc), "404 INVALID_SUBNET_NOT_FOUND");
    assert_eq!(join(&alone, "vpc-none"), "404 INVALID_VPC_NOT_FOUND");
    assert_eq!(join(&inside, "net-1"), "403 OPERATION_DENIED_SUBNET_ASSOCIATED_OTHER_VPC");
    assert_eq!(join(&alone, &vpc), "ok");
    assert_eq!(row(&cloud, &alone)["vpcId"], json!(vpc));

    let launched = cloud.launch(&json!({ "amount": 2 }));
    cloud.settle();
    let [a, b] = [&launched[0], &launched[1]];
    let members = |cloud: &Cloud, list: Value| {
        cloud.told("AssociateSubnetInstances", &json!({ "subnetId": alone, "subnetInstanceList": list }))
    };
    for (list, expected) in [
        (json!([]), "400 MISSING_PARAMETER"),
        (
            json!([{ "instanceId": a }, { "instanceId": a }]),
            "403 OPERATION_DENIED_SUBNET_NOT_REPEAT_INSTANCE",
        ),
        (
            json!([{ "instanceId": a, "privateIpAddress": "10.1.2.1" }, { "instanceId": b, "privateIpAddress": "10.1.2.1" }]),
            "400 INVALID_PARAMETER_DUPLICATE_LAN_IP",
        ),
        (
            json!([{ "instanceId": a, "privateIpAddress": "10.1.3.1" }]),
            "400 INVALID_PARAMETER_LAN_IP_NOT_SUPPORT",
        ),
        (json!([{ "instanceId": "x" }]), "404 INVALID_INSTANCE_NOT_FOUND"),
        (json!([{ "instanceId": a }, { "instanceId": b, "privateIpAddress": "10.1.2.1" }]), "ok"),
        (json!([{ "instanceId": a }]), "403 OPERATION_DENIED_SUBNET_EXIST_INSTANCE"),
    ] {
        assert_eq!(members(&cloud, list.clone()), expected, "{list}");
    }
    assert_eq!(cloud.row(b).unwrap()["privateIpAddresses"], json!(["10.1.2.1"]));
    assert_eq!(row(&cloud, &alone)["subnetInstanceSet"].as_array().unwrap().len(), 2);

    let third = cloud.launch(&json!({}))[0].clone();
    let list = |address: &str| json!([{ "instanceId": third, "privateIpAddress": address }]);
    let join_third = |cloud: &Cloud, address: &str| {
        let body = json!({ "subnetId": alone, "subnetInstanceList": list(address) });
        cloud.told("AssociateSubnetInstances", &body)
    };
    assert_eq!(join_third(&cloud, "10.1.2.1"), "403 OPERATION_DENIED_INSTANCE_NOT_RUNNING");
    cloud.settle();
    assert_eq!(join_third(&cloud, "10.1.2.1"), "403 OPERATION_DENIED_IP_ASSOCIATED_INSTANCE");
    let elsewhere = json!({ "subnetId": "sub-2", "subnetInstanceList": [{ "instanceId": third }] });
    assert_eq!(cloud.told("AssociateSubnetInstances", &elsewhere), "403 OPERATION_DENIED_DIFFERENT_ZONE");

    let told = |action: &str, body: Value| cloud.told(action, &body);
    assert_eq!(
        told("DeleteSubnet", json!({ "subnetId": alone })),
        "403 OPERATION_DENIED_SUBNET_EXIST_INSTANCE"
    );
    for id in [a, b] {
        assert_eq!(told("UnAssociateSubnetInstance", json!({ "subnetId": alone, "instanceId": id })), "ok");
    }
    assert_eq!(told("DeleteSubnet", json!({ "subnetId": alone })), "ok");
    assert_eq!(told("DeleteSubnet", json!({ "subnetId": alone })), "404 OPERATION_FAILED_RESOURCE_NOT_FOUND");
    assert_eq!(told("DeleteVpc", json!({ "vpcId": vpc })), "403 OPERATION_DENIED_VPC_EXIST_SUBNET_ASSIGN");
    assert_eq!(told("DeleteSubnet", json!({ "subnetId": inside })), "ok");
    assert_eq!(told("DeleteVpc", json!({ "vpcId": vpc })), "ok");
    assert_eq!(told("DeleteVpc", json!({ "vpcId": vpc })), "404 OPERATION_FAILED_RESOURCE_NOT_FOUND");
}

#[test]
fn a_network_has_room_for_64_subnets() {
    let cloud = Cloud::new();
    let told = |number: u8| {
        let block = format!("10.0.{number}.0/24");
        cloud.told("CreateSubnet", &json!({ "cidrBlock": block, "zoneId": "SEL-A", "vpcId": "net-1" }))
    };
    assert!((10..72).all(|number| told(number) == "ok"));
    assert_eq!(told(72), "403 OPERATION_DENIED_VPC_ZONE_SUBNET_EXCEED_LIMIT");
}

/// A lone subnet has a network of its own behind it, so both count.
#[test]
fn a_region_has_room_for_10_networks() {
    let cloud = Cloud::new();
    let vpc = |number: u8| {
        let block = format!("10.{number}.0.0/16");
        cloud.told("CreateVpc", &json!({ "cidrBlock": block, "vpcRegionId": "asia" }))
    };
    let already = cloud.done("DescribeVpcs", &json!({}))["totalCount"].as_u64().unwrap();
    assert!((already..10).all(|_| vpc(100) == "ok"));
    assert_eq!(vpc(100), "403 OPERATION_DENIED_VPC_REGION_EXCEED_LIMIT");
    let lone = json!({ "cidrBlock": "10.200.1.0/24", "zoneId": "SEL-A" });
    assert_eq!(cloud.told("CreateSubnet", &lone), "403 OPERATION_DENIED_SUBNET_EXCEED_LIMIT");
}

#[test]
fn a_zone_without_subnets_has_none() {
    let plain = WORLD.replacen("area = \"Asia\" }", "area = \"Asia\", subnets = false }", 1);
    let cloud = Cloud::with_terms(Some(&plain), None);
    let body = json!({ "cidrBlock": "10.1.1.0/24", "zoneId": "SEL-A" });
    assert_eq!(cloud.told("CreateSubnet", &body), "403 OPERATION_DENIED_ZONE_NOT_SUPPORT_SUBNET");
    let alone = WORLD.replacen("area = \"Asia\" }", "area = \"Asia\", networks = false }", 1);
    let cloud = Cloud::with_terms(Some(&alone), None);
    let body = json!({ "cidrBlock": "10.0.9.0/24", "zoneId": "SEL-A", "vpcId": "net-1" });
    assert_eq!(cloud.told("CreateSubnet", &body), "403 OPERATION_DENIED_NO_AVAILABLE_VPC_REGION");
    let elsewhere = WORLD.replace("[[network]]\nid = \"net-1\"\nregion = \"asia\"", "[[region]]\nid = \"europe\"\n\n[[zone]]\nid = \"FRA-A\"\nregion = \"europe\"\nbare_metal = { addresses = \"public-sel-a\" }\n\n[[network]]\nid = \"net-1\"\nregion = \"asia\"");
    let cloud = Cloud::with_terms(Some(&elsewhere), None);
    let body = json!({ "cidrBlock": "10.0.9.0/24", "zoneId": "FRA-A", "vpcId": "net-1" });
    assert_eq!(cloud.told("CreateSubnet", &body), "403 OPERATION_DENIED_ZONE_NOT_BELONG_VPC");
}

#[test]
fn a_type_without_private_network_cannot_be_attached() {
    let world = WORLD.replacen(
        "quick_raids = [\"0\", \"1\"]\n",
        "quick_raids = [\"0\", \"1\"]\nsubnets = false\n",
        1,
    );
    let mut cloud = Cloud::with_terms(Some(&world), None);
    let id = cloud.launch(&json!({}))[0].clone();
    cloud.settle();
    let body = json!({ "subnetId": "sub-1", "subnetInstanceList": [{ "instanceId": id }] });
    let expected = "403 OPERATION_DENIED_INSTANCE_NOT_SUPPORT_SUBNET";
    assert_eq!(cloud.told("AssociateSubnetInstances", &body), expected);
    assert_eq!(cloud.told("CreateInstances", &order(&json!({ "subnetId": "sub-1" }))), expected);
}

/// The same fleet in the words of the other dialect; what is in the bin is in this one only.
#[test]
fn both_dialects_show_the_same_instances() {
    let cloud = Cloud::of_samples();
    let ecs = |action: &str, with: &[(&str, &str)]| {
        let head = [("Action", action), ("Version", "2014-05-26"), ("RegionId", "asia")];
        let all = [&head, with].concat();
        cloud.house.call(&all).json()
    };
    let listed = ecs("DescribeInstances", &[]);
    let mut statuses: Vec<(&str, &str)> = listed["Instances"]["Instance"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["InstanceId"].as_str().unwrap(), row["Status"].as_str().unwrap()))
        .collect();
    statuses.sort_unstable();
    let name = |name: &str| format!("i-{}", cloud.names[name]);
    let expected =
        [("z-run", "Running"), ("z-stop", "Stopped"), ("z-pre", "Running"), ("z-creating", "Pending")];
    let mut expected: Vec<(String, &str)> = expected.map(|(named, status)| (name(named), status)).into();
    expected.sort_unstable();
    let expected: Vec<(&str, &str)> = expected.iter().map(|(id, status)| (&**id, *status)).collect();
    assert_eq!(statuses, expected);
    let error = ecs("StartInstance", &[("InstanceId", &name("z-bin"))]);
    assert_eq!(error["Code"], "InvalidInstanceId.NotFound");
}

/// Every code is told in a test: here, next door, or in a sample.
#[test]
fn every_code_is_told_in_a_test() {
    let here = include_str!("bare_metal.rs");
    let tests = [here, include_str!("zenlayer.rs"), SAMPLES].concat();
    for code in wire::zenlayer::Code::all() {
        // A panic of ours, or a disk that fails, is no request.
        if code.code == "INTERNAL_SERVER_ERROR" {
            continue;
        }
        let word = code.code.strip_prefix("OPERATION_DENIED_INSTANCE_");
        let in_table = word.is_some_and(|word| here.contains(&format!(" {word} ")));
        assert!(in_table || tests.contains(&format!("{}\"", code.code)), "{}", code.code);
    }
}

/// Every action was asked in here, or is in the schema without being an action.
#[test]
fn the_schema_has_the_actions_that_are_served() {
    let schema = Schema::read();
    let served: Vec<&str> = Action::ALL.iter().map(|action| action.name()).collect();
    let mut named = schema.actions();
    let mut sorted = served.clone();
    sorted.sort_unstable();
    named.sort_unstable();
    assert_eq!(sorted, named);
}
