//! Rules of security groups, and the removal of groups, vSwitches and VPCs.

use hatchery::{RuleRefusal, View as _};
use wire::ecs::reply::{self, Reply};
use wire::ecs::request::group_rule::RuleListing;
use wire::ecs::request::{DeleteRequest, GroupRuleRequest};
use wire::ecs::{Fault, refusal};

use crate::actions::{Call, failed, known_region};

pub(crate) fn answer(call: &Call<'_>, request: GroupRuleRequest) -> Result<Reply, Fault> {
    match request {
        GroupRuleRequest::Add(add, action) => {
            known_region(&call.hatchery.snapshot(), &add.region)?;
            call.commit(add, refusal::rules).map(|_| Reply::done(action.name()))
        }
        GroupRuleRequest::Remove(remove) => {
            known_region(&call.hatchery.snapshot(), &remove.region)?;
            call.commit(remove, refusal::rules).map(|_| Reply::done("RevokeSecurityGroup"))
        }
        GroupRuleRequest::List(wanted) => list(call, &wanted),
    }
}

fn list(call: &Call<'_>, wanted: &RuleListing) -> Result<Reply, Fault> {
    let snapshot = call.hatchery.snapshot();
    known_region(&snapshot, &wanted.region)?;
    let group = snapshot.group_in(wanted.account, &wanted.region, &wanted.group).map_err(failed)?;
    let unknown = || refusal::rules(&RuleRefusal::UnknownGroup(wanted.group.clone()));
    let group = group.ok_or_else(unknown)?;
    let mut rules = snapshot.rules(&group).map_err(failed)?;
    rules.retain(|rule| {
        wanted.of_vpc
            && wanted.direction.is_none_or(|direction| direction == rule.traffic.direction)
            && wanted.after.is_none_or(|after| after < rule.id)
    });
    let more = rules.len() > wanted.size;
    rules.truncate(wanted.size);
    Ok(reply::describe_security_group_attribute(&group, &wanted.region, &rules, more))
}

pub(crate) fn delete(call: &Call<'_>, request: &DeleteRequest) -> Result<Reply, Fault> {
    let told = |refused: &_| refusal::removal(refused, request);
    match request.clone() {
        DeleteRequest::Network(remove) => call.commit(remove, told).map(|_| Reply::done("DeleteVpc")),
        DeleteRequest::Subnet(remove) => call.commit(remove, told).map(|_| Reply::done("DeleteVSwitch")),
        DeleteRequest::Group(remove) => {
            known_region(&call.hatchery.snapshot(), &remove.region)?;
            call.commit(remove, told).map(|_| Reply::done("DeleteSecurityGroup"))
        }
    }
}
