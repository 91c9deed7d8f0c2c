//! Actions on many instances: `contract/ecs-actions.md` section 1, `contract/lifecycle.md` section 3.

use fleet::{
    ClientToken, Confirmation, InstanceId, Label, Move, MoveAll, Rehearsal, ReleaseAll, Serial, Unity,
};

use super::power::{force, shutdown, subscription};
use super::take::{choice, flag, instance_id, region, rehearsal};
use super::{Action, Origin};
use crate::ecs::{Code, Fault};
use crate::params::Params;

/// A request about many instances.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BatchRequest {
    /// Give them back.
    Delete(Box<ReleaseAll>, Region, Rehearsal),
    /// Start, stop or reboot them.
    Move(Box<BatchMove>),
}

/// The region of a request, which has to be there and says no more.
pub type Region = Label;

/// A request to move many instances.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BatchMove {
    /// Which of the three actions it is.
    pub action: &'static str,
    /// Where.
    pub region: Region,
    /// How its instances are spelled, in their order.
    pub named: Vec<String>,
    /// The same instances; a text that is no id names none.
    pub command: MoveAll,
    /// Whether it is meant.
    pub rehearsal: Rehearsal,
}

/// Which of the three actions it is.
#[derive(Clone, Copy)]
pub(super) enum Verb {
    Start,
    Stop,
    Reboot,
}

/// How many instances one request may name.
const INSTANCES_MAX: u32 = 100;

pub(super) fn delete(params: &mut Params, origin: &Origin) -> Result<BatchRequest, Fault> {
    let region = region(params)?;
    let named = named(params)?;
    let force = force(params)?;
    let subscription = subscription(params)?;
    let token = params
        .take("ClientToken", |text| fleet::TokenText::parse(text).ok_or(Code::INVALID_PARAMETER_NAMED))?;
    let rehearsal = rehearsal(params)?;
    let instance = |text: &String| match (instance_id(text), text.starts_with("i-")) {
        (Some(id), _) => Ok(id),
        (None, true) => Err(Fault::new(Code::INVALID_INSTANCE_IDS_NOT_FOUND).about("InstanceId")),
        (None, false) => Err(Fault::new(Code::INVALID_INSTANCE_IDS_VALUE_NOT_SUPPORTED).about("InstanceId")),
    };
    let instances = named.iter().map(instance).collect::<Result<_, _>>()?;
    let token = token.map(|text| (region.clone(), ClientToken { text, fingerprint: origin.fingerprint }));
    let token = token.filter(|_| rehearsal == Rehearsal::No);
    let release = ReleaseAll { account: origin.account, instances, force, subscription, token };
    Ok(BatchRequest::Delete(Box::new(release), region, rehearsal))
}

pub(super) fn moves(verb: Verb, params: &mut Params, origin: &Origin) -> Result<BatchRequest, Fault> {
    let region = region(params)?;
    let named = named(params)?;
    let (action, how) = match verb {
        Verb::Start => (Action::StartInstances, Move::Start),
        Verb::Stop => (Action::StopInstances, Move::Stop(shutdown(params)?, Confirmation::Given)),
        Verb::Reboot => {
            flag(params, "ForceReboot")?;
            (Action::RebootInstances, Move::Reboot)
        }
    };
    let unities = [("AllTogether", Unity::Together), ("SuccessFirst", Unity::Each)];
    let unity = choice(params, "BatchOptimization", &unities, Code::INVALID_PARAMETER_NAMED)?;
    let rehearsal = rehearsal(params)?;
    let nobody = InstanceId(Serial::HIGHEST);
    let instances = named.iter().map(|text| instance_id(text).unwrap_or(nobody)).collect();
    let command = MoveAll { account: origin.account, instances, how, unity: unity.unwrap_or_default() };
    let action = action.name();
    Ok(BatchRequest::Move(Box::new(BatchMove { action, region, named, command, rehearsal })))
}

/// What the request names, each once, in its order.
fn named(params: &mut Params) -> Result<Vec<String>, Fault> {
    let beyond = Fault::new(Code::INVALID_PARAMETER_TOO_MANY_INSTANCE_IDS).about("InstanceId");
    let list = params.take_list_up_to("InstanceId", INSTANCES_MAX).map_err(|_| beyond)?;
    let mut named: Vec<String> = Vec::new();
    for text in list {
        if !named.contains(&text) {
            named.push(text);
        }
    }
    if named.is_empty() { Err(Fault::missing("InstanceId")) } else { Ok(named) }
}
