//! What an owner does with many instances at once: `contract/lifecycle.md` section 3, batch actions.

use alloc::vec::Vec;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{
    AccountId, Batch, BatchId, ClientToken, Force, Instance, InstanceId, Label, Move, PowerRefusal, Record,
    Release, ReleaseRefusal, Shown, Subscription, Time, TimerKind, Token, TokenAction, TokenKey,
    TokenOutcome,
};

/// Moves instances: each once, in this order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MoveAll {
    /// Whose instances they are.
    pub account: AccountId,
    /// Which.
    pub instances: Vec<InstanceId>,
    /// How.
    pub how: Move,
    /// What the failure of one means for the others.
    pub unity: Unity,
}

/// What the failure of one instance means for the others.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Unity {
    /// Nothing is done.
    #[default]
    Together,
    /// They go on.
    Each,
}

/// What became of one of many instances.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MovedOne {
    /// Which.
    pub instance: InstanceId,
    /// What its owner saw of it before; `None` where they have no such instance.
    pub before: Option<Shown>,
    /// The instance as it is now, or why it stays as it was.
    pub outcome: Result<Instance, PowerRefusal>,
}

/// Why none of many instances moves.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{instance}: {refusal}")]
pub struct MoveAllRefusal {
    /// The first that does not.
    pub instance: InstanceId,
    /// Why.
    pub refusal: PowerRefusal,
}

impl Command for MoveAll {
    type Reply = Vec<MovedOne>;
    type Refusal = MoveAllRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Vec<MovedOne>, Halt<MoveAllRefusal, V::Failure>> {
        let mut all = Vec::new();
        for id in &self.instances {
            let before = draft.visible_instance(self.account, *id)?.and_then(|before| before.shown());
            let outcome = match draft.move_instance(self.account, *id, self.how, now) {
                Ok(instance) => Ok(instance),
                Err(Halt::Failed(failure)) => return Err(Halt::Failed(failure)),
                Err(Halt::Refused(refusal)) if self.unity == Unity::Together => {
                    return Err(Halt::Refused(MoveAllRefusal { instance: *id, refusal }));
                }
                Err(Halt::Refused(refusal)) => Err(refusal),
            };
            all.push(MovedOne { instance: *id, before, outcome });
        }
        Ok(all)
    }
}

/// Gives instances back, all or none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReleaseAll {
    /// Whose instances they are.
    pub account: AccountId,
    /// Which; each once.
    pub instances: Vec<InstanceId>,
    /// Whether they may be running.
    pub force: Force,
    /// What becomes of what was paid in advance.
    pub subscription: Subscription,
    /// Where, and how the request is known again when it is sent again.
    pub token: Option<(Label, ClientToken)>,
}

/// Why none of many instances is released.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReleaseAllRefusal {
    /// The first that is not, and why.
    #[error("{0}: {1}")]
    One(InstanceId, ReleaseRefusal),
    /// The token was used for another request.
    #[error("the token was used for another request")]
    TokenReused,
    /// There are no more ids.
    #[error("there are no more ids")]
    IdsExhausted,
}

impl Command for ReleaseAll {
    type Reply = ();
    type Refusal = ReleaseAllRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<(), Halt<ReleaseAllRefusal, V::Failure>> {
        if let Some((region, token)) = &self.token {
            let key = self.token_key(region, token);
            if let Some(earlier) = draft.token(&key)?.filter(|earlier| now < earlier.expires_at) {
                return match earlier.fingerprint == token.fingerprint {
                    true => Ok(()),
                    false => Err(Halt::Refused(ReleaseAllRefusal::TokenReused)),
                };
            }
        }
        for id in &self.instances {
            let Self { account, force, subscription, .. } = *self;
            let release = Release { account, instance: *id, force, subscription };
            release.decide(draft, now).map_err(|halt| match halt {
                Halt::Refused(refusal) => Halt::Refused(ReleaseAllRefusal::One(*id, refusal)),
                Halt::Failed(failure) => Halt::Failed(failure),
            })?;
        }
        match &self.token {
            Some((region, token)) => self.keep_token(draft, region, token, now),
            None => Ok(()),
        }
    }
}

impl ReleaseAll {
    fn token_key(&self, region: &Label, token: &ClientToken) -> TokenKey {
        TokenKey {
            account: self.account,
            action: TokenAction::Release,
            region: region.clone(),
            text: token.text.clone(),
        }
    }

    /// The outcome of the token is a batch in which nothing is left to do. It runs out and is
    /// forgotten as the batches of launches are.
    fn keep_token<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        region: &Label,
        token: &ClientToken,
        now: Time,
    ) -> Result<(), Halt<ReleaseAllRefusal, V::Failure>> {
        let drawn = draft.sequence()?.draw(1);
        let (serial, sequence) = drawn.ok_or(Halt::Refused(ReleaseAllRefusal::IdsExhausted))?;
        let (id, key) = (BatchId(serial), self.token_key(region, token));
        let expires_at = now.after(draft.policy().token_retention);
        draft.put(Record::Sequence(sequence));
        draft.put(Record::Batch(Batch {
            id,
            account: self.account,
            first: InstanceId(serial),
            outcomes: Vec::new(),
            living: 0,
            launched_at: now,
            token: Some(key.clone()),
            may_go: false,
            request: None,
            refused: None,
        }));
        draft.put(Record::Timer(expires_at, TimerKind::TokenExpiry(id)));
        let (fingerprint, outcome) = (token.fingerprint, TokenOutcome::Batch(id));
        draft.put(Record::Token(Token { key, fingerprint, outcome, expires_at }));
        Ok(())
    }
}
