//! Several instances in one command, all or nothing (`contract/zenlayer.md` section 7).

use alloc::vec::Vec;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{
    AccountId, Boot, Confirmation, Instance, InstanceId, Move, PowerRefusal, Shutdown, Step, Time, Verb, step,
};

/// Asks one thing of several instances, in order. Where one cannot do it, none does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MoveMany {
    /// Whose instances they are.
    pub account: AccountId,
    /// Which. One that is named twice is asked twice.
    pub instances: Vec<InstanceId>,
    /// What is asked: to start, to stop, to reboot, to restart, or to leave the bin.
    pub verb: Verb,
}

/// Why nothing moves: the first instance that cannot.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{instance}: {why}")]
pub struct MoveManyRefusal {
    /// Which one.
    pub instance: InstanceId,
    /// Why it cannot.
    pub why: PowerRefusal,
}

impl Command for MoveMany {
    type Reply = Vec<Instance>;
    type Refusal = MoveManyRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Vec<Instance>, Halt<MoveManyRefusal, V::Failure>> {
        self.instances.iter().map(|id| self.move_one(draft, *id, now)).collect()
    }
}

impl MoveMany {
    fn move_one<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        id: InstanceId,
        now: Time,
    ) -> Result<Instance, Halt<MoveManyRefusal, V::Failure>> {
        let refused = |why| Halt::Refused(MoveManyRefusal { instance: id, why });
        let instance = draft.kept_instance(self.account, id)?;
        let instance = instance.ok_or_else(|| refused(PowerRefusal::Unknown(id)))?;
        let status = instance.state.status();
        let how = match (step(status, self.verb), self.verb) {
            (Some(Step::Boot(Boot::Start)), _) => Move::Start,
            (Some(Step::Boot(Boot::Reboot)), _) => Move::Reboot,
            (Some(Step::Halt), _) => Move::Stop(Shutdown::default(), Confirmation::default()),
            (Some(Step::Release), Verb::Empty) => return Ok(draft.empty_bin(instance, now)?),
            // Giving up takes more than a status: it has commands of its own.
            (Some(Step::Release | Step::Bin | Step::Install) | None, _) => {
                return Err(refused(PowerRefusal::WrongStatus(status)));
            }
        };
        draft.move_instance(self.account, id, how, now).map_err(|halt| match halt {
            Halt::Refused(why) => refused(why),
            Halt::Failed(failure) => Halt::Failed(failure),
        })
    }
}
