//! Replies about what owners do with instances after the launch.

use fleet::{
    Disk, DiskKind, Event, EventId, Instance, InstanceId, KeptDisk, Label, MovedOne, OnRelease, PowerRefusal,
    Profile, Secret, Serial, Status, Time,
};
use wire::ecs::refusal;
use wire::ecs::reply::{self, DiskRow, InterfaceRow, Reply};

use super::samples::{NOW, catalogue, events, instances, label, page};

/// One of every kind.
pub(crate) fn replies() -> Vec<(&'static str, &'static str, Reply)> {
    let (catalogue, region) = (catalogue(), label("cn-hangzhou"));
    let shown: Vec<Profile> = instances();
    let last = shown.last().unwrap().clone();
    let with_events = |profile: Profile| {
        let open: Vec<Event> = events().into_iter().filter(|event| !event.cycle.is_final()).collect();
        let of = |event: &Event| profile.open_events().contains(&event.id);
        let open = open.into_iter().filter(of).collect();
        (profile, open)
    };
    let full = shown.iter().cloned().map(with_events).collect();
    let seen = || instances().into_iter().filter(|profile| profile.instance.shown().is_some()).collect();
    let disks: Vec<DiskRow> = shown.iter().flat_map(DiskRow::of_instance).chain([kept()]).collect();
    let interfaces: Vec<InterfaceRow> = shown.iter().flat_map(InterfaceRow::of_instance).collect();
    let event = |number| EventId(Serial { epoch: 1, number });
    let id = last.instance.id;
    let public = Some([198, 51, 100, 7].into());
    let given = Instance { public, ..last.instance.clone() };
    let moved = |action: &'static str| {
        let one = |profile: &Profile| MovedOne {
            instance: profile.instance.id,
            before: profile.instance.shown(),
            outcome: Ok(profile.instance.clone()),
        };
        let nobody = MovedOne { before: None, outcome: Err(PowerRefusal::Unknown(id)), ..one(&last) };
        let refused = MovedOne { outcome: Err(PowerRefusal::WrongStatus(Status::Running)), ..one(&shown[0]) };
        let named = ["i-0001000000000000001a", "i-0001000000000000001d", "i-none"].map(str::to_owned);
        let told = |refusal: &PowerRefusal| refusal::power(refusal, fleet::Verb::Start);
        (action, "", reply::moved_instances(action, &named, &[refused, one(&shown[3]), nobody], told))
    };
    let attribute = |profile: &Profile| reply::describe_instance_attribute(profile, &catalogue).unwrap();
    vec![
        ("ModifyInstanceAttribute", "", Reply::done("ModifyInstanceAttribute")),
        ("ModifyInstanceAutoReleaseTime", "", Reply::done("ModifyInstanceAutoReleaseTime")),
        ("DescribeInstanceAttribute", "", attribute(&shown[0])),
        ("DescribeInstanceAttribute", "-changed", attribute(&last)),
        ("DescribeUserData", "", reply::describe_user_data(id, &region, Some(&Secret::new(b"#!/bin/sh")))),
        ("DescribeUserData", "-none", reply::describe_user_data(id, &region, None)),
        ("DeleteInstances", "", Reply::done("DeleteInstances")),
        moved("StartInstances"),
        moved("StopInstances"),
        moved("RebootInstances"),
        ("DescribeInstancesFullStatus", "", reply::describe_instances_full_status(&page(full))),
        ("CreateSimulatedSystemEvents", "", reply::create_simulated_system_events(&[event(60), event(61)])),
        ("CancelSimulatedSystemEvents", "", Reply::done("CancelSimulatedSystemEvents")),
        ("AcceptInquiredSystemEvent", "", Reply::done("AcceptInquiredSystemEvent")),
        ("DescribeDisks", "", reply::describe_disks(&page(disks))),
        ("DescribeNetworkInterfaces", "", reply::describe_network_interfaces(&page(interfaces))),
        ("AllocatePublicIpAddress", "", reply::allocate_public_ip_address(&given).unwrap()),
        ("DescribeTasks", "", reply::describe_tasks(&page(Vec::<Label>::new()), &region)),
        ("DescribeInstanceTypeFamilies", "", reply::describe_instance_type_families(&catalogue, None)),
        ("DescribeInstanceVncUrl", "", reply::describe_instance_vnc_url(id, "127.0.0.1:8080")),
        ("DescribeInstanceRamRole", "", reply::describe_instance_ram_role(&page(seen()), &region)),
        (
            "DescribeInstanceAutoRenewAttribute",
            "",
            reply::describe_instance_auto_renew_attribute(&page(seen())),
        ),
        (
            "DescribeInstanceMaintenanceAttributes",
            "",
            reply::describe_instance_maintenance_attributes(&page(seen())),
        ),
        (
            "DescribeInstanceAttachmentAttributes",
            "",
            reply::describe_instance_attachment_attributes(&page(seen())),
        ),
    ]
}

fn kept() -> DiskRow {
    DiskRow::kept(KeptDisk {
        instance: InstanceId(Serial { epoch: 1, number: 30 }),
        index: 2,
        account: fleet::AccountId(1),
        region: label("cn-hangzhou"),
        zone: label("cn-hangzhou-g"),
        disk: Disk { on_release: OnRelease::Keep, ..Disk::new(DiskKind::LocalSsd, 5) },
        created_at: NOW,
        kept_at: Time::from_secs(1_767_330_000),
    })
}

/// The password that waits for the next boot is in no reply.
#[test]
fn no_reply_shows_a_password() {
    for (action, sample, reply) in super::samples::replies() {
        let body = reply.render(super::samples::REQUEST_ID, wire::Format::Json);
        assert!(!body.contains("planted") && !body.contains("cGxhbnRlZA"), "{action}{sample}");
    }
}
