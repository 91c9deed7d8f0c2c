//! `DescribeInstanceAttribute`, `DescribeUserData`, and what became of many instances:
//! `contract/ecs-actions.md` sections 1 and 2.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fleet::{Catalogue, Instance, InstanceId, Label, MovedOne, Profile, Secret};

use super::instance::{Row, status};
use super::{Reply, ids};
use crate::document::Object;
use crate::ecs::Fault;

/// One instance with most of what is known of it; `None` when its owner does not see it any more.
#[must_use]
pub fn describe_instance_attribute(profile: &Profile, catalogue: &Catalogue) -> Option<Reply> {
    let row = Row::new(profile, catalogue)?;
    Some(Reply::new("DescribeInstanceAttribute", row.attribute()))
}

/// What an instance runs when it boots. Who asks is its owner, who has sent it.
#[must_use]
pub fn describe_user_data(instance: InstanceId, region: &Label, data: Option<&Secret>) -> Reply {
    let data = data.map(|data| STANDARD.encode(data.reveal())).unwrap_or_default();
    let body = Object::new()
        .text("InstanceId", ids::instance(instance))
        .text("RegionId", region.as_str())
        .text("UserData", data);
    Reply::new("DescribeUserData", body)
}

/// The public address that an instance was given; `None` when it has none.
#[must_use]
pub fn allocate_public_ip_address(instance: &Instance) -> Option<Reply> {
    let body = Object::new().text("IpAddress", instance.public?.to_string());
    Some(Reply::new("AllocatePublicIpAddress", body))
}

/// What became of each of many instances, which were spelled as in `named`.
#[must_use]
pub fn moved_instances(
    action: &'static str,
    named: &[String],
    moved: &[MovedOne],
    told: impl Fn(&fleet::PowerRefusal) -> Fault,
) -> Reply {
    let rows = named.iter().zip(moved).map(|(name, one)| {
        let before = one.before.map_or("", status);
        let row = Object::new().text("InstanceId", name.as_str()).text("PreviousStatus", before);
        match &one.outcome {
            Ok(instance) => row
                .text("CurrentStatus", instance.shown().map_or("", status))
                .text("Code", "200")
                .text("Message", "success"),
            Err(refusal) => {
                let fault = told(refusal);
                row.text("CurrentStatus", before)
                    .text("Code", fault.code.code)
                    .text("Message", fault.message())
            }
        }
    });
    Reply::new(action, Object::new().list("InstanceResponses", "InstanceResponse", rows))
}
