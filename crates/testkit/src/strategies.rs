//! Strategies: launches over the small world, and whole histories of actions, biased to collide.

use std::ops::Range;
use std::sync::atomic::Ordering;

use fleet::{FailureReason, Launch, Span, Status, Task, Time, WorkOutcome};
use proptest::prelude::*;
use proptest::sample::select;
use proptest_state_machine::ReferenceStateMachine;

use crate::action::{Action, Handout, Order, Place};
use crate::model::Model;
use crate::small_world::{SUBNETS, TYPES, ZONES};

/// Orders of the small world; some name a zone that is not the subnet's, or an address that cannot be had.
pub fn orders() -> impl Strategy<Value = Order> {
    let zone = prop_oneof![3 => Just(None), 1 => (0..ZONES).prop_map(Some)];
    let groups = select(vec![vec![0], vec![1], vec![0, 1], vec![1, 0, 1]]);
    let address = prop_oneof![3 => Just(Place::Any), 1 => (0..18_u32).prop_map(Place::At), 1 => (1..5_u32).prop_map(Place::At)];
    let amount = prop_oneof![Just((1, 1)), (1..7_u8).prop_flat_map(|most| (Just(most), 1..=most))];
    let months = prop_oneof![3 => Just(0), 1 => 1..4_u8];
    let what = (zone, 0..TYPES, 0..SUBNETS.len(), groups, address, amount, any::<bool>(), months);
    what.prop_map(|(zone, instance_type, subnet, groups, address, (most, least), stay, months)| {
        // An address is for one; asking for several is a refusal, and once in a while is enough.
        let (most, least) = match address {
            Place::At(offset) if offset % 6 != 0 => (1, 1),
            Place::At(_) | Place::Any => (most, least),
        };
        Order { zone, instance_type, subnet, groups, address, most, least, stay, months }
    })
}

/// Launches that nothing is wrong with but what the small world may be short of: stock, addresses,
/// quota, places.
pub fn launches() -> impl Strategy<Value = Launch> {
    orders().prop_map(|order| Order { zone: None, address: Place::Any, ..order }.launch(None, false))
}

/// Any outcome of a work item: mostly done.
pub fn outcomes() -> impl Strategy<Value = WorkOutcome> {
    use FailureReason::{Deadline, Exhausted, Machine, NoAddress, NoStock};
    let failed = select(vec![NoStock, NoAddress, Machine, Deadline, Exhausted]).prop_map(WorkOutcome::Failed);
    let given_back = (0..4_u64).prop_map(|secs| WorkOutcome::GivenBack { pause: Span::from_secs(secs) });
    prop_oneof![8 => Just(WorkOutcome::Done), 3 => failed, 1 => given_back, 1 => Just(WorkOutcome::Unclear)]
}

/// One action that is likely to matter to a fleet as the model has it.
pub fn actions(model: &Model) -> BoxedStrategy<Action> {
    let launch = (orders(), prop::option::of(0..2_usize), prop::bool::weighted(0.1))
        .prop_map(|(order, token, dry)| Action::Launch { order, token, dry });
    let again = model.last_order().map(|(order, token)| {
        let token = Some(token);
        (Just(Action::Launch { order, token, dry: false })).boxed()
    });
    let lease = prop_oneof![1 => Just(0), 2 => Just(10), 8 => Just(100)];
    let claim = (lease, 1..6_usize).prop_map(|(lease, limit)| Action::Claim { lease, limit });
    let likely = |status| if model.in_status(status).is_empty() { 1 } else { 8 };
    let power = prop_oneof![
        likely(Status::Stopped) => guests(model, Status::Stopped).prop_map(Action::Start),
        likely(Status::Running) => guests(model, Status::Running).prop_map(Action::Stop),
        likely(Status::Running) => guests(model, Status::Running).prop_map(Action::Reboot),
    ];
    let released = prop_oneof![
        likely(Status::Failed) => guests(model, Status::Failed),
        likely(Status::Stopped) => guests(model, Status::Stopped),
        likely(Status::Running) => guests(model, Status::Running),
    ];
    let release = (released, any::<bool>()).prop_map(|(instance, force)| Action::Release { instance, force });
    let binned = prop_oneof![
        4 => guests(model, Status::Stopped).prop_map(Action::Bin),
        4 => guests(model, Status::Running).prop_map(Action::Bin),
        1 => guests(model, Status::Failed).prop_map(Action::Bin),
        likely(Status::Binned) => guests(model, Status::Binned).prop_map(Action::Empty),
    ];
    let renewed = prop_oneof![guests(model, Status::Running), guests(model, Status::Stopped)];
    let renew = (renewed, 1..3_u8).prop_map(|(instance, months)| Action::Renew { instance, months });
    let stable = [Status::Stopped, Status::Running, Status::Failed].map(likely).into_iter().max();
    let stable = stable.unwrap_or(1);
    let tick = prop_oneof![Just(100), 0..3_usize].prop_map(Action::Tick);
    let stock = (0..ZONES, 0..TYPES, 0..8_u32).prop_map(|(zone, instance_type, total)| Action::SetStock {
        zone,
        instance_type,
        total,
    });
    let grant =
        prop_oneof![1 => Just(None), 1 => (0..100_u64).prop_map(Some), 2 => (0..8_u64).prop_map(Some)];
    let account = (4..16_u32, grant).prop_map(|(limit, grant)| Action::SetAccount { limit, grant });
    // Without money there is nothing to run out of; and once it has, something is to come of that.
    let pays = if model.is_charged() { 1 } else { 4 };
    let passes = if model.is_in_arrears() { 12 } else { 3 };
    prop_oneof![
        6 => launch,
        2 => again.unwrap_or_else(|| Just(Action::Tick(1)).boxed()),
        4 => claim,
        // The more is held, the more is reported.
        1 + 5 * u32::try_from(model.held().len().min(5)).unwrap_or(0) => reports(model),
        stable => power,
        stable.div_ceil(2) => release,
        stable.div_ceil(4) => binned,
        passes => tick,
        passes => waits(model),
        1 => stock,
        pays => account,
        1 => renew,
        2 => vouchers(model),
    ]
    .boxed()
}

/// A voucher that is granted, mostly one that expires soon, or one that is removed.
fn vouchers(model: &Model) -> BoxedStrategy<Action> {
    let now = model.now();
    let ahead = select(vec![0, 20, 200, 2_000, 30 * 86_400, 90 * 86_400]);
    let grant = (0..3_usize, 0..60_u64, ahead).prop_map(move |(voucher, amount, ahead)| {
        Action::GrantVoucher { voucher, amount, expires: now.after(Span::from_secs(ahead)) }
    });
    prop_oneof![3 => grant, 1 => (0..3_usize).prop_map(Action::RemoveVoucher)].boxed()
}

/// An instance in this status, mostly, if there is one; or any, or none.
fn guests(model: &Model, status: Status) -> BoxedStrategy<usize> {
    let any = 0..model.ever() + 1;
    match model.in_status(status) {
        none if none.is_empty() => any.boxed(),
        some => prop_oneof![6 => select(some), 1 => any].boxed(),
    }
}

/// A report on a work item that is held, mostly, if one is; or on one that was, or on none.
fn reports(model: &Model) -> BoxedStrategy<Action> {
    let nobody = Handout { instance: usize::MAX, order: 1, attempt: 1, task: Task::Create };
    let mut newest: Vec<Handout> = model.handouts().iter().rev().take(8).copied().collect();
    newest.push(nobody);
    let held = model.held();
    let handout = match held.is_empty() {
        true => select(newest).boxed(),
        false => prop_oneof![8 => select(held), 1 => select(newest)].boxed(),
    };
    let later = prop_oneof![12 => Just(0), 1 => Just(1)];
    let handout =
        (handout, later).prop_map(|(handout, later)| Handout { attempt: handout.attempt + later, ..handout });
    let lease = prop_oneof![Just(0), Just(10), Just(100)];
    prop_oneof![
        6 => (handout.clone(), outcomes()).prop_map(|(handout, outcome)| Action::Report(handout, outcome)),
        1 => (handout, lease).prop_map(|(handout, lease)| Action::Beat(handout, lease)),
    ]
    .boxed()
}

/// A moment just before, at or after something comes to its end; or some seconds later.
fn waits(model: &Model) -> BoxedStrategy<Action> {
    let now = model.now().millis();
    let some_seconds = (0..9_000_u64).prop_map(move |millis| now + millis);
    let ahead = model.deadlines().into_iter().map(Time::millis).filter(|at| *at >= now);
    let mut ahead: Vec<u64> = ahead.collect();
    ahead.sort_unstable();
    if ahead.is_empty() {
        ahead.push(now);
    }
    let near = ahead.iter().copied().take(4).collect::<Vec<_>>();
    // Months ahead are the ends of subscriptions.
    let mut money: Vec<u64> = model.money_deadlines().into_iter().map(Time::millis).collect();
    money.retain(|at| *at >= now);
    let money = if money.is_empty() { near.clone() } else { money };
    let edge = (prop_oneof![6 => select(near), 1 => select(ahead), 4 => select(money)], 0..3_u64)
        .prop_map(|(at, step)| (at + step).saturating_sub(1));
    prop_oneof![2 => edge, 1 => some_seconds]
        .prop_map(|millis| Action::Wait(Time::from_millis(millis)))
        .boxed()
}

/// The state machine that draws histories: its states are models.
#[derive(Clone, Copy, Debug)]
pub struct Histories;

impl ReferenceStateMachine for Histories {
    type State = Model;
    type Transition = Action;

    fn init_state() -> BoxedStrategy<Model> {
        prop_oneof![Just(Model::new()), (0..9_u64, 1..3_u8).prop_map(by_use)].boxed()
    }

    fn transitions(model: &Model) -> BoxedStrategy<Action> {
        actions(model)
    }

    fn apply(mut model: Model, action: &Action) -> Model {
        model.act(action);
        model
    }
}

/// A fleet with this much money, in which so many instances run that are paid by use: random histories
/// seldom come that far.
fn by_use((grant, most): (u64, u8)) -> Model {
    let mut model = Model::new();
    model.live(Action::SetAccount { limit: 8, grant: Some(grant) });
    let (zone, subnet, groups, address) = (None, 1, vec![0], Place::Any);
    let order =
        Order { zone, instance_type: 1, subnet, groups, address, most, least: 1, stay: false, months: 0 };
    model.live(Action::Launch { order, token: None, dry: false });
    // They are made, and then they boot.
    for _ in 0..2 {
        model.live(Action::Claim { lease: 100, limit: 9 });
        for item in model.held() {
            model.live(Action::Report(item, WorkOutcome::Done));
        }
    }
    model
}

/// A model at time 0, and actions that are likely to matter to it, one after the other.
pub fn histories(length: Range<usize>) -> impl Strategy<Value = (Model, Vec<Action>)> {
    Histories::sequential_strategy(length).prop_map(|(model, actions, seen)| {
        // Whoever gets the actions at once has seen them all: none may be dropped as unseen.
        seen.iter().for_each(|seen| seen.store(actions.len(), Ordering::SeqCst));
        (Model::new(), model.past().iter().cloned().chain(actions).collect())
    })
}
