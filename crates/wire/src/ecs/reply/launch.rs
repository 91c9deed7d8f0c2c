//! `RunInstances` and `CreateInstance`: `contract/ecs-run-instances.md` section 10.

use fleet::{BatchId, Charge, InstanceId, Launched};

use super::{Reply, ids};
use crate::document::Object;
use crate::ecs::{Fault, refusal};

/// The instances of a launch, in the order of their creation.
///
/// # Errors
/// A dry run is answered with a fault when it would have succeeded.
pub fn run_instances(launched: &Launched, charge: Charge) -> Result<Reply, Fault> {
    let (batch, instances) = made(launched)?;
    let body = order(batch, charge).list(
        "InstanceIdSets",
        "InstanceIdSet",
        instances.iter().copied().map(ids::instance),
    );
    Ok(Reply::new("RunInstances", body))
}

/// The one instance of a launch.
///
/// # Errors
/// A dry run is answered with a fault when it would have succeeded.
pub fn create_instance(launched: &Launched, charge: Charge) -> Result<Reply, Fault> {
    let (batch, instances) = made(launched)?;
    let instance = instances.first().copied().map(ids::instance);
    Ok(Reply::new("CreateInstance", order(batch, charge).maybe("InstanceId", instance)))
}

fn made(launched: &Launched) -> Result<(BatchId, &[InstanceId]), Fault> {
    match launched {
        Launched::Batch { id, instances } => Ok((*id, instances)),
        Launched::Would(_) => Err(refusal::rehearsed()),
    }
}

/// What is paid in advance has an order.
fn order(batch: BatchId, charge: Charge) -> Object {
    match charge {
        Charge::PostPaid => Object::new(),
        Charge::PrePaid { .. } => Object::new().text("OrderId", ids::order(batch)),
    }
}
