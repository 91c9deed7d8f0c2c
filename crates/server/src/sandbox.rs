//! The knobs of a sandbox, under `/_hatchery/`: advance the store's clock, make creations fail,
//! slow them down, lock instances, set what spare capacity costs, look at an account and give it money. The clock
//! that signatures are checked against is out of reach.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use fleet::{
    AccountId, FailureReason, InstanceId, Label, Lock, LockReason, Money, OpenAccount, Rate, SetSpotPrice,
    Span, Time, View,
};
use hatchery::{CommitError, Faults};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use wire::ecs::reply::ids::INSTANCE_PREFIX;

use crate::feed::json::account_changed;
use crate::front::{Front, Sandbox};

/// The furthest that one call advances the clock.
const ADVANCE_MAX: Span = Span::from_days(3660);

/// The routes of the knobs; none when `front` is no sandbox.
pub(crate) fn routes(front: &Arc<Front>) -> Router {
    let Some(sandbox) = front.sandbox.clone() else { return Router::new() };
    let knobs = Knobs { front: Arc::clone(front), sandbox };
    Router::new()
        .route("/_hatchery/clock", get(clock))
        .route("/_hatchery/clock/advance", post(advance))
        .route("/_hatchery/creations/fail", post(fail_creations))
        .route("/_hatchery/creations/delay", post(delay_creations))
        .route("/_hatchery/instances/lock", post(lock))
        .route("/_hatchery/spot-price", post(spot_price))
        .route("/_hatchery/accounts/{id}", get(account))
        .route("/_hatchery/accounts/{id}/grant", post(grant))
        .with_state(knobs)
}

#[derive(Clone)]
struct Knobs {
    front: Arc<Front>,
    sandbox: Sandbox,
}

impl Knobs {
    /// Changes the provisioner on a thread that may block: whoever steps it holds it while it commits.
    async fn set(
        self,
        change: impl FnOnce(&mut Faults) + Send + 'static,
    ) -> Result<Json<Behaviour>, StatusCode> {
        blocking(move || self.sandbox.set(change)).await.map(|faults| Json(faults.into()))
    }
}

#[derive(Serialize)]
struct Now {
    now: String,
}

impl Now {
    fn at(time: Time) -> Json<Self> {
        Json(Self { now: wire::time::seconds(time) })
    }
}

async fn clock(State(knobs): State<Knobs>) -> Json<Now> {
    Now::at(knobs.front.clock.store())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: u64,
}

async fn advance(
    State(knobs): State<Knobs>,
    Json(Advance { seconds }): Json<Advance>,
) -> Result<Json<Now>, (StatusCode, String)> {
    let span = Span::from_secs(seconds);
    if span > ADVANCE_MAX {
        let limit = ADVANCE_MAX.millis() / 1000;
        return Err((StatusCode::BAD_REQUEST, format!("seconds is {seconds}, at most {limit} is allowed\n")));
    }
    Ok(Now::at(knobs.front.clock.advance(span)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FailCreations {
    count: u32,
    #[serde(default)]
    reason: Reason,
}

/// What a failed creation says; `machine` when nothing is said.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Reason {
    Stock,
    Address,
    #[default]
    Machine,
}

#[derive(Serialize)]
struct Behaviour {
    failing_creations: u32,
    creation_delay_milliseconds: u64,
}

impl From<Faults> for Behaviour {
    fn from(faults: Faults) -> Self {
        Self {
            failing_creations: faults.failing_creations,
            creation_delay_milliseconds: faults.creation_delay.millis(),
        }
    }
}

async fn fail_creations(
    State(knobs): State<Knobs>,
    Json(FailCreations { count, reason }): Json<FailCreations>,
) -> Result<Json<Behaviour>, StatusCode> {
    let failure = match reason {
        Reason::Stock => FailureReason::NoStock,
        Reason::Address => FailureReason::NoAddress,
        Reason::Machine => FailureReason::Machine,
    };
    let change = move |faults: &mut Faults| {
        faults.failing_creations = count;
        faults.failure = failure;
    };
    knobs.set(change).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DelayCreations {
    milliseconds: u64,
}

async fn delay_creations(
    State(knobs): State<Knobs>,
    Json(DelayCreations { milliseconds }): Json<DelayCreations>,
) -> Result<Json<Behaviour>, StatusCode> {
    knobs.set(move |faults| faults.creation_delay = Span::from_millis(milliseconds)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LockInstance {
    instance: String,
    /// `null` unlocks it.
    reason: Option<Why>,
}

/// Why an instance is locked, in the words that clients read.
#[derive(Clone, Copy, Deserialize)]
enum Why {
    #[serde(rename = "financial")]
    Money,
    #[serde(rename = "security")]
    Security,
    #[serde(rename = "Recycling")]
    Recycling,
    #[serde(rename = "dedicatedhostfinancial")]
    HostMoney,
    #[serde(rename = "refunded")]
    Refunded,
}

impl From<Why> for LockReason {
    fn from(why: Why) -> Self {
        match why {
            Why::Money => Self::Money,
            Why::Security => Self::Security,
            Why::Recycling => Self::Recycling,
            Why::HostMoney => Self::HostMoney,
            Why::Refunded => Self::Refunded,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SpotPrice {
    instance_type: String,
    /// In thousandths of the unit that prices are given in; `null` sells none.
    thousandths: Option<u64>,
}

/// Sets what an hour of spare capacity costs.
async fn spot_price(
    State(knobs): State<Knobs>,
    Json(SpotPrice { instance_type, thousandths }): Json<SpotPrice>,
) -> Result<StatusCode, StatusCode> {
    let instance_type = Label::parse(&instance_type).map_err(|_| StatusCode::NOT_FOUND)?;
    let set = SetSpotPrice { instance_type, price: thousandths.map(Rate) };
    let (front, now) = (Arc::clone(&knobs.front), knobs.front.clock.store());
    told(&blocking(move || front.hatchery.commit(set, now)).await?)
}

/// Locks an instance, or unlocks it.
async fn lock(
    State(knobs): State<Knobs>,
    Json(LockInstance { instance, reason }): Json<LockInstance>,
) -> Result<StatusCode, StatusCode> {
    let id = instance.strip_prefix(INSTANCE_PREFIX).and_then(InstanceId::parse);
    let instance = id.ok_or(StatusCode::NOT_FOUND)?;
    let lock = Lock { instance, reason: reason.map(Into::into) };
    let (front, now) = (Arc::clone(&knobs.front), knobs.front.clock.store());
    told(&blocking(move || front.hatchery.commit(lock, now)).await?)
}

/// An account as the feed tells of it, with what its instances have cost until now.
async fn account(State(knobs): State<Knobs>, Path(id): Path<u64>) -> Result<Json<Value>, StatusCode> {
    blocking(move || knobs.front.account(AccountId(id))).await?.map(Json)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Grant {
    /// In the smallest unit that prices are given in; charging begins with the first.
    amount: u64,
}

/// Gives an account money. The account as it is then.
async fn grant(
    State(knobs): State<Knobs>,
    Path(id): Path<u64>,
    Json(Grant { amount }): Json<Grant>,
) -> Result<Json<Value>, StatusCode> {
    blocking(move || knobs.front.grant(AccountId(id), Money(amount))).await?.map(Json)
}

impl Front {
    fn account(&self, id: AccountId) -> Result<Value, StatusCode> {
        let snapshot = self.hatchery.snapshot();
        let account = snapshot.account(id).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
        let grace = snapshot.policy().arrears_grace;
        let account = account.ok_or(StatusCode::NOT_FOUND)?.settled(self.clock.store(), grace);
        Ok(account_changed(&account))
    }

    fn grant(&self, id: AccountId, amount: Money) -> Result<Value, StatusCode> {
        let account = self.hatchery.snapshot().account(id).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
        let instance_limit = account.ok_or(StatusCode::NOT_FOUND)?.instance_limit;
        let opening = OpenAccount { id, instance_limit, grant: Some(amount) };
        match self.hatchery.commit(opening, self.clock.store()) {
            Ok(account) => Ok(account_changed(&account)),
            Err(CommitError::Refused(_)) => Err(StatusCode::CONFLICT),
            Err(CommitError::Busy { .. }) => Err(StatusCode::SERVICE_UNAVAILABLE),
            Err(CommitError::Failed(_)) => Err(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }
}

/// Does what may block on a thread that may.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StatusCode> {
    tokio::task::spawn_blocking(work).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// What came of a command that has nothing to say.
fn told<T, R>(done: &Result<T, CommitError<R>>) -> Result<StatusCode, StatusCode> {
    match done {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(CommitError::Refused(_)) => Err(StatusCode::NOT_FOUND),
        Err(CommitError::Busy { .. }) => Err(StatusCode::SERVICE_UNAVAILABLE),
        Err(CommitError::Failed(_)) => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
}
