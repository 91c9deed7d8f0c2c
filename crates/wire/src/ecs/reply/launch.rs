//! `RunInstances` and `CreateInstance`: `contract/ecs-run-instances.md` section 10.

use fleet::{AfterCreation, BatchId, Charge, InstanceId, Launched, Rate};

use super::{Reply, ids};
use crate::document::Object;
use crate::ecs::{Fault, refusal};

/// The instances of a launch, in the order of their creation, and what they cost in an hour.
///
/// # Errors
/// A dry run is answered with a fault when it would have succeeded,
/// and so is a launch that was refused for good.
pub fn run_instances(launched: &Launched, charge: Charge) -> Result<Reply, Fault> {
    let (batch, instances, hourly) = made(launched, AfterCreation::Start)?;
    let body = order(batch, charge, hourly, instances).list(
        "InstanceIdSets",
        "InstanceIdSet",
        instances.iter().copied().map(ids::instance),
    );
    Ok(Reply::new("RunInstances", body))
}

/// The one instance of a launch, and what it costs in an hour.
///
/// # Errors
/// A dry run is answered with a fault when it would have succeeded,
/// and so is a launch that was refused for good.
pub fn create_instance(launched: &Launched, charge: Charge) -> Result<Reply, Fault> {
    let (batch, instances, hourly) = made(launched, AfterCreation::Stay)?;
    let instance = instances.first().copied().map(ids::instance);
    Ok(Reply::new("CreateInstance", order(batch, charge, hourly, instances).maybe("InstanceId", instance)))
}

fn made(launched: &Launched, after: AfterCreation) -> Result<(BatchId, &[InstanceId], Rate), Fault> {
    match launched {
        Launched::Batch { id, instances, hourly } => Ok((*id, instances, *hourly)),
        Launched::Would(_) => Err(refusal::rehearsed()),
        Launched::Refused(refused) => Err(refusal::launch(refused, after)),
    }
}

/// What is paid in advance has an order; what is paid by use has a price, where the catalogue knows one.
fn order(batch: BatchId, charge: Charge, hourly: Rate, instances: &[InstanceId]) -> Object {
    match charge {
        Charge::PostPaid if hourly == Rate(0) => Object::new(),
        Charge::PostPaid => {
            let count = u64::try_from(instances.len()).unwrap_or(u64::MAX);
            let thousandths = i64::try_from(hourly.0.saturating_mul(count)).unwrap_or(i64::MAX);
            Object::new().decimal("TradePrice", thousandths, 3)
        }
        Charge::PrePaid { .. } => Object::new().text("OrderId", ids::order(batch)),
    }
}
