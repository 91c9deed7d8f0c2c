//! Doing something once: commands that make one thing, with a token in front of them.

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{
    AccountId, ClientToken, CreateGroup, CreateNetwork, CreateSubnet, Group, Key, Label, Network, ReceiptId,
    Record, Subnet, Time, TimerKind, Token, TokenAction, TokenKey, TokenOutcome,
};

/// What came of a request with a token that was no launch. Lives as long as the token counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Receipt {
    /// Its id.
    pub id: ReceiptId,
    /// The token it belongs to, which names it.
    pub token: TokenKey,
    /// What was made.
    pub made: Label,
}

/// A command that makes one thing with a label.
pub trait Making: Command {
    /// The action that its tokens belong to.
    const ACTION: TokenAction;

    /// Who asks.
    fn account(&self) -> AccountId;

    /// The label of what was made.
    fn label(reply: Self::Reply) -> Label;
}

/// Makes a thing, or names the one that was made for the same token. The reply is its label: the
/// thing itself may be gone by then.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Once<C> {
    /// How the request is known again when it is sent again.
    pub token: Option<ClientToken>,
    /// Where its token counts: the region it was sent to.
    pub region: Label,
    /// What is to be made.
    pub command: C,
}

/// Why a thing is not made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum OnceRefusal<R> {
    /// The token was used for another request.
    #[error("the token was used for another request")]
    TokenReused,
    /// There are no more ids for what came of it.
    #[error("there are no more ids")]
    IdsExhausted,
    /// The thing itself is refused.
    #[error("{0}")]
    Refused(R),
}

impl<C: Making> Command for Once<C> {
    type Reply = Label;
    type Refusal = OnceRefusal<C::Refusal>;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Label, Halt<Self::Refusal, V::Failure>> {
        let token = self.token.as_ref().map(|token| (self.key(token), token.fingerprint));
        if let Some((key, fingerprint)) = &token
            && let Some(earlier) = draft.token(key)?.filter(|earlier| now < earlier.expires_at)
        {
            if earlier.fingerprint != *fingerprint {
                return Err(Halt::Refused(OnceRefusal::TokenReused));
            }
            if let TokenOutcome::Receipt(id) = earlier.outcome
                && let Some(receipt) = draft.receipt(id)?
            {
                return Ok(receipt.made);
            }
        }
        let made = self.command.decide(draft, now).map_err(|halt| match halt {
            Halt::Refused(refusal) => Halt::Refused(OnceRefusal::Refused(refusal)),
            Halt::Failed(failure) => Halt::Failed(failure),
        })?;
        let made = C::label(made);
        let Some((key, fingerprint)) = token else { return Ok(made) };
        let drawn = draft.sequence()?.draw(1);
        let (serial, sequence) = drawn.ok_or(Halt::Refused(OnceRefusal::IdsExhausted))?;

        let id = ReceiptId(serial);
        let expires_at = now.after(draft.policy().token_retention);
        draft.put(Record::Sequence(sequence));
        draft.put(Record::Receipt(Receipt { id, token: key.clone(), made: made.clone() }));
        draft.put(Record::Timer(expires_at, TimerKind::ReceiptExpiry(id)));
        let outcome = TokenOutcome::Receipt(id);
        draft.put(Record::Token(Token { key, fingerprint, outcome, expires_at }));
        Ok(made)
    }
}

impl<C: Making> Once<C> {
    fn key(&self, token: &ClientToken) -> TokenKey {
        TokenKey {
            account: self.command.account(),
            action: C::ACTION,
            region: self.region.clone(),
            text: token.text.clone(),
        }
    }
}

impl<V: View> Draft<'_, V> {
    /// Forgets what came of a token, and the token, unless it was used anew.
    pub(crate) fn expire_receipt(&mut self, id: ReceiptId) -> Result<(), V::Failure> {
        let Some(receipt) = self.receipt(id)? else { return Ok(()) };
        self.remove(Key::Receipt(id));
        let outcome = TokenOutcome::Receipt(id);
        if self.token(&receipt.token)?.is_some_and(|token| token.outcome == outcome) {
            self.remove(Key::Token(receipt.token));
        }
        Ok(())
    }
}

impl Making for CreateNetwork {
    const ACTION: TokenAction = TokenAction::CreateNetwork;

    fn account(&self) -> AccountId {
        self.account
    }

    fn label(network: Network) -> Label {
        network.label
    }
}

impl Making for CreateSubnet {
    const ACTION: TokenAction = TokenAction::CreateSubnet;

    fn account(&self) -> AccountId {
        self.account
    }

    fn label(subnet: Subnet) -> Label {
        subnet.label
    }
}

impl Making for CreateGroup {
    const ACTION: TokenAction = TokenAction::CreateGroup;

    fn account(&self) -> AccountId {
        self.account
    }

    fn label(group: Group) -> Label {
        group.label
    }
}
