//! What became of a launch: of each of its instances, also when they are gone.

use alloc::vec::Vec;

use crate::{
    AccountId, AfterCreation, Batch, BatchId, Instance, InstanceId, Label, Outcome, Shown, TokenAction,
    TokenKey, TokenOutcome, TokenText, View,
};

/// How a launch is named.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum WhichLaunch {
    /// By its id.
    Id(BatchId),
    /// By the token it came with, for as long as that counts.
    Token(TokenText),
    /// By the [id of its request](crate::Launch::request), for as long as it is remembered.
    Request(TokenText),
}

/// What became of a launch. It is remembered for
/// [`Policy::batch_retention`](crate::Policy::batch_retention), and as long as it has instances.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LaunchReport {
    /// The launch, with when it was accepted and what it came with.
    pub batch: Batch,
    /// Its instances, in order: at most 100.
    pub instances: Vec<InstanceReport>,
}

/// What became of one instance of a launch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InstanceReport {
    /// Which.
    pub id: InstanceId,
    /// What became of it, and why.
    pub outcome: Outcome,
    /// What its owner sees of it now; `None` when it is gone for them.
    pub shown: Option<Shown>,
}

impl LaunchReport {
    /// What became of the launch of `account` that `which` names, if it is remembered. A token or a
    /// request id is looked for in `region`, or in every region of the catalogue, in their order.
    ///
    /// # Errors
    /// When the view cannot be read.
    pub fn find<V: View>(
        view: &V,
        account: AccountId,
        region: Option<&Label>,
        which: &WhichLaunch,
    ) -> Result<Option<Self>, V::Failure> {
        let id = match which {
            WhichLaunch::Id(id) => Some(*id),
            WhichLaunch::Token(text) => {
                let actions = [AfterCreation::Start, AfterCreation::Stay].map(TokenAction::from);
                named(view, account, region, (&actions, text))?
            }
            WhichLaunch::Request(text) => named(view, account, region, (&[TokenAction::Request], text))?,
        };
        let batch = id.map(|id| view.batch(id)).transpose()?.flatten();
        // A release of many under a token is remembered as a launch of none.
        let batch = batch.filter(|batch| batch.account == account && !batch.outcomes.is_empty());
        batch.map(|batch| Self::of(view, batch)).transpose()
    }

    fn of<V: View>(view: &V, batch: Batch) -> Result<Self, V::Failure> {
        let mut instances = Vec::new();
        for (id, outcome) in batch.instances().zip(batch.outcomes.iter().copied()) {
            let shown = view.instance(id)?.as_ref().and_then(Instance::shown);
            instances.push(InstanceReport { id, outcome, shown });
        }
        Ok(Self { batch, instances })
    }
}

fn named<V: View>(
    view: &V,
    account: AccountId,
    region: Option<&Label>,
    (actions, text): (&[TokenAction], &TokenText),
) -> Result<Option<BatchId>, V::Failure> {
    let all = view.catalogue().regions.keys();
    let regions = all.filter(|found| region.is_none_or(|region| region == *found));
    for region in regions {
        for action in actions.iter().copied() {
            let key = TokenKey { account, action, region: region.clone(), text: text.clone() };
            if let Some(TokenOutcome::Batch(id)) = view.token(&key)?.map(|token| token.outcome) {
                return Ok(Some(id));
            }
        }
    }
    Ok(None)
}
