//! Putting another system on bare metal (`contract/lifecycle.md` section 7).

use alloc::sync::Arc;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::lock::{Barrier, Use};
use crate::{
    AccountId, Amendment, Charge, Installed, Instance, InstanceId, Label, LayoutFault, LockReason, Record,
    Secret, State, Status, Time, Verb, step,
};

/// Puts a system on an instance, over what is there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reinstall {
    /// Whose instance it is.
    pub account: AccountId,
    /// Which.
    pub instance: InstanceId,
    /// What is put on it, and how it is laid out.
    pub installed: Installed,
    /// What it calls itself from then on; as it does when it is left out.
    pub host_name: Option<Arc<str>>,
    /// The password from then on.
    pub password: Option<Secret>,
    /// The key pair from then on.
    pub key_pair: Option<Arc<str>>,
    /// What it runs when it first boots.
    pub user_data: Option<Secret>,
}

/// Why no system is put on an instance.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReinstallRefusal {
    /// The account has no such instance.
    #[error("there is no instance {0}")]
    Unknown(InstanceId),
    /// It is locked.
    #[error("the instance is locked: {0:?}")]
    Locked(LockReason),
    /// It is not paid for any more; this is how it was.
    #[error("the instance is not paid for")]
    Unpaid(Charge),
    /// It cannot be done in this status.
    #[error("the instance is {0:?}")]
    WrongStatus(Status),
    /// It is no bare metal.
    #[error("the instance is no bare metal")]
    NotBareMetal,
    /// There is no such image, or it does not suit the type.
    #[error("there is no image {0}")]
    UnknownImage(Label),
    /// It cannot be laid out so.
    #[error("{0}")]
    Layout(LayoutFault),
}

impl Command for Reinstall {
    type Reply = Instance;
    type Refusal = ReinstallRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Instance, Halt<ReinstallRefusal, V::Failure>> {
        let instance = draft.kept_instance(self.account, self.instance)?;
        let instance = instance.ok_or(Halt::Refused(ReinstallRefusal::Unknown(self.instance)))?;
        // It ends in a boot.
        match draft.barrier(&instance, Use::Start, now)? {
            Some(Barrier::Locked(reason)) => return Err(Halt::Refused(ReinstallRefusal::Locked(reason))),
            Some(Barrier::Unpaid(charge)) => return Err(Halt::Refused(ReinstallRefusal::Unpaid(charge))),
            None => {}
        }
        let status = instance.state.status();
        if step(status, Verb::Reinstall).is_none() {
            return Err(Halt::Refused(ReinstallRefusal::WrongStatus(status)));
        }
        self.suits(draft, &instance)?;

        let earlier = draft.amendment_of(&instance)?;
        let amendment = Amendment {
            installed: Some(Arc::new(self.installed.clone())),
            host_name: self.host_name.clone().or(earlier.host_name),
            password: self.password.clone(),
            key_pair: self.key_pair.clone(),
            user_data: self.user_data.clone(),
            ..earlier
        };
        draft.put(Record::Amendment(instance.id, amendment));
        let state = State::Installing(instance.next_work(now));
        Ok(draft.put_waiting(Instance { state, amended: true, ..instance }))
    }
}

impl Reinstall {
    fn suits<V: View>(
        &self,
        draft: &Draft<'_, V>,
        instance: &Instance,
    ) -> Result<(), Halt<ReinstallRefusal, V::Failure>> {
        let refused = |refusal| Err(Halt::Refused(refusal));
        let catalogue = draft.catalogue();
        let spec = draft.spec(instance.batch)?;
        let instance_type = spec.and_then(|spec| catalogue.instance_types.get(&spec.instance_type));
        let is = instance_type.and_then(|found| Some((found, found.abilities.bare_metal.as_ref()?)));
        let Some((instance_type, is)) = is else { return refused(ReinstallRefusal::NotBareMetal) };
        let os = match &self.installed.image {
            None => None,
            Some(label) => {
                let image = catalogue.images.get(label).filter(|image| is.takes(instance_type, image));
                let Some(image) = image else {
                    return refused(ReinstallRefusal::UnknownImage(label.clone()));
                };
                Some(image.os)
            }
        };
        let suits = self.installed.layout.suits(is, os);
        suits.map_err(|fault| Halt::Refused(ReinstallRefusal::Layout(fault)))
    }
}
