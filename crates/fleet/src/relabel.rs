//! Names and settings of several instances, changed in one command, all or nothing.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{AccountId, Instance, InstanceId, MoveManyRefusal, PowerRefusal, Time};

/// Names instances anew, and sets settings of them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Relabel {
    /// Whose instances they are.
    pub account: AccountId,
    /// Which; each once.
    pub instances: Vec<InstanceId>,
    /// What they are named from now on; as they are when it is left out.
    pub name: Option<Arc<str>>,
    /// What is set, by name.
    pub settings: Vec<(Arc<str>, Arc<str>)>,
}

impl Command for Relabel {
    type Reply = Vec<Instance>;
    type Refusal = MoveManyRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        _now: Time,
    ) -> Result<Vec<Instance>, Halt<MoveManyRefusal, V::Failure>> {
        let mut relabelled = Vec::new();
        for id in &self.instances {
            let unknown = MoveManyRefusal { instance: *id, why: PowerRefusal::Unknown(*id) };
            let instance = draft.kept_instance(self.account, *id)?.ok_or(Halt::Refused(unknown))?;
            let mut amendment = draft.amendment_of(&instance)?;
            amendment.name = self.name.clone().or(amendment.name);
            for (name, value) in &self.settings {
                amendment.settings.set(name.clone(), value.clone());
            }
            relabelled.push(draft.put_amended(instance, amendment));
        }
        Ok(relabelled)
    }
}
