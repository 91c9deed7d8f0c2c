//! Removing VPCs, vSwitches and security groups: `contract/ecs-actions.md` sections 5 and 6.

use fleet::{AccountId, Label, RemoveGroup, RemoveNetwork, RemoveSubnet};

use super::take::{ignore, label, region, take_label};
use crate::ecs::{Code, Fault};
use crate::params::Params;

/// What is to be removed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DeleteRequest {
    /// `DeleteVpc`.
    Network(RemoveNetwork),
    /// `DeleteVSwitch`.
    Subnet(RemoveSubnet),
    /// `DeleteSecurityGroup`.
    Group(RemoveGroup),
}

pub(super) fn network(params: &mut Params, account: AccountId) -> Result<DeleteRequest, Fault> {
    Ok(DeleteRequest::Network(RemoveNetwork { account, label: named(params, "VpcId")? }))
}

pub(super) fn subnet(params: &mut Params, account: AccountId) -> Result<DeleteRequest, Fault> {
    Ok(DeleteRequest::Subnet(RemoveSubnet { account, label: named(params, "VSwitchId")? }))
}

pub(super) fn group(params: &mut Params, account: AccountId) -> Result<DeleteRequest, Fault> {
    let region = region(params)?;
    let label = take_label(params, "SecurityGroupId").ok_or(Fault::missing("SecurityGroupId"))?;
    Ok(DeleteRequest::Group(RemoveGroup { account, region, label }))
}

/// The label in `name`, which has to be there. The region is not needed: labels are unique.
fn named(params: &mut Params, name: &'static str) -> Result<Label, Fault> {
    ignore(params, &["RegionId"]);
    let text = params.take_text(name).ok_or(Fault::new(Code::MISSING_PARAMETER_MANDATORY).about(name))?;
    Ok(label(&text))
}
