//! What owners change of instances and do with many at once.

use hatchery::{InstanceId, Profile, Rehearsal, Snapshot, Verb, View as _};
use wire::ecs::reply::{self, Reply};
use wire::ecs::request::attribute::AttributeRequest;
use wire::ecs::request::batch::{BatchMove, BatchRequest};
use wire::ecs::{Code, Fault, refusal};

use crate::actions::{Call, failed, known_region};

pub(crate) fn attribute(call: &Call<'_>, request: AttributeRequest) -> Result<Reply, Fault> {
    match request {
        AttributeRequest::Modify(mut amend) => {
            let edition = amend.edition;
            let password = amend.changes.password.take();
            amend.changes.password = password.map(|password| call.seal(password)).transpose()?;
            call.commit(*amend, |refused| refusal::amend(refused, edition))?;
            Ok(Reply::done("ModifyInstanceAttribute"))
        }
        AttributeRequest::SetRelease(set) => {
            call.commit(set, |refused| refusal::set_release(*refused))?;
            Ok(Reply::done("ModifyInstanceAutoReleaseTime"))
        }
        AttributeRequest::GivePublic { give, chosen } => {
            if chosen {
                own(call, &call.hatchery.snapshot(), give.instance)?;
                return Err(Fault::new(Code::OPERATION_DENIED_IN_VPC));
            }
            let given = call.commit(give, refusal::public_address)?;
            reply::allocate_public_ip_address(&given).ok_or_else(refusal::unknown_instance)
        }
        AttributeRequest::Describe(id) => {
            let snapshot = call.hatchery.snapshot();
            let profile = own(call, &snapshot, id)?;
            let reply = reply::describe_instance_attribute(&profile, snapshot.catalogue());
            reply.ok_or_else(refusal::unknown_instance)
        }
        AttributeRequest::UserData(id) => {
            let snapshot = call.hatchery.snapshot();
            let profile = own(call, &snapshot, id)?;
            let launched = snapshot.user_data(profile.instance.batch).map_err(failed)?;
            let amended = profile.amendment.as_ref().and_then(|amendment| amendment.user_data.as_ref());
            Ok(reply::describe_user_data(id, &profile.spec.region, amended.or(launched.as_ref())))
        }
    }
}

/// The instance, if whoever asks has it and still sees it.
pub(crate) fn own(call: &Call<'_>, snapshot: &Snapshot<'_>, id: InstanceId) -> Result<Profile, Fault> {
    let instance = snapshot.instance(id).map_err(failed)?;
    let own = instance
        .filter(|instance| instance.account == call.origin.account && instance.shown().is_some())
        .ok_or_else(refusal::unknown_instance)?;
    snapshot.profile(own).map_err(failed)?.ok_or_else(refusal::unknown_instance)
}

pub(crate) fn batch(call: &Call<'_>, request: BatchRequest) -> Result<Reply, Fault> {
    match request {
        BatchRequest::Delete(release, region, rehearsal) => {
            known_region(&call.hatchery.snapshot(), &region)?;
            let done = call.rehearse_or_commit(*release, rehearsal, refusal::release_all);
            done.map_err(|fault| passed(fault, rehearsal))?;
            Ok(Reply::done("DeleteInstances"))
        }
        BatchRequest::Move(moved) => moves(call, *moved),
    }
}

fn moves(call: &Call<'_>, request: BatchMove) -> Result<Reply, Fault> {
    let BatchMove { action, region, named, command, rehearsal } = request;
    known_region(&call.hatchery.snapshot(), &region)?;
    let verb: Verb = command.how.verb();
    let told = |refused: &hatchery::MoveAllRefusal| call.power(&refused.refusal, verb);
    let moved = call.rehearse_or_commit(command, rehearsal, told);
    let moved = moved.map_err(|fault| passed(fault, rehearsal))?;
    Ok(reply::moved_instances(action, &named, &moved, |refused| call.power(refused, verb)))
}

/// A dry run that would have succeeded has a code of its own here.
fn passed(fault: Fault, rehearsal: Rehearsal) -> Fault {
    match rehearsal {
        Rehearsal::Yes if fault == refusal::rehearsed() => refusal::rehearsed_batch(),
        Rehearsal::Yes | Rehearsal::No => fault,
    }
}
