//! The audit can fail: for each invariant, corruptions that it finds under that name.

use std::collections::BTreeSet;

use fleet::{
    Account, Batch, Charge, Cycle, FailureReason, Instance, Invariant, Key, Launch, Machine, Outcome,
    PeriodUnit, Record, Sequence, Serial, State, Stock, Subnet, Time, TimerKind, Token, Wallet, WorkId,
    WorkOutcome, Write,
};
use testkit::{Scene, SmallWorld, launch, many, token};

/// What is done to a fleet, and the invariant it breaks.
type Plant = (Invariant, &'static str, fn(&Seeds) -> Vec<Write>);

/// The records that corruptions are made from: a launch of three, under a token and paid for, of
/// which the first runs, the second failed, and the third is pending.
struct Seeds {
    scene: Scene,
    running: Instance,
    failed: Instance,
    pending: Instance,
}

#[test]
fn every_invariant_can_be_broken_and_is_found() {
    use Invariant::{
        ATokenHasOneOutcome, AddressPagesAgreeWithInstances, BatchesAgreeWithInstances,
        CountsAgreeWithInstances, EveryBatchHasATimer, EveryBinnedInstanceHasItsTimer,
        EveryFailedCreationHasExactlyOneEvent, EveryIdWasDrawn, EveryWaitingInstanceHasItsWork, MoneyAddsUp,
        NetworksAgreeWithSubnets, NoAddressIsHeldTwice, StockIsNeitherMadeNorLost,
    };
    check(&[
        (StockIsNeitherMadeNorLost, "a unit too many is taken", |s| {
            vec![put(Record::Stock(s.scene.stock().take(1).unwrap()))]
        }),
        (StockIsNeitherMadeNorLost, "a unit too few is taken", |s| {
            vec![put(Record::Stock(s.scene.stock().give_back()))]
        }),
        (StockIsNeitherMadeNorLost, "the stock is gone", |s| {
            vec![Write::Remove(Key::Stock(s.scene.stock().key))]
        }),
        (StockIsNeitherMadeNorLost, "the stock is another's", |s| {
            let stock = s.scene.stock();
            vec![put(Record::Stock(Stock::from_numbers(stock.key, 9, 0, 0).unwrap()))]
        }),
        (NoAddressIsHeldTwice, "two have one address", |s| {
            vec![instance(Instance { address: s.running.address, ..s.pending.clone() })]
        }),
        (NoAddressIsHeldTwice, "one has a reserved address", |s| {
            vec![instance(Instance { address: [10, 0, 0, 0].into(), ..s.pending.clone() })]
        }),
        (NoAddressIsHeldTwice, "one has an address of elsewhere", |s| {
            vec![instance(Instance { address: [10, 0, 9, 9].into(), ..s.pending.clone() })]
        }),
        (AddressPagesAgreeWithInstances, "an address that is held is free", |s| {
            page(s, |bits| bits.without(1))
        }),
        (AddressPagesAgreeWithInstances, "an address that is free is held", |s| page(s, |bits| bits.with(4))),
        (AddressPagesAgreeWithInstances, "a reserved address is free", |s| page(s, |bits| bits.without(0))),
        (AddressPagesAgreeWithInstances, "the page is gone", |s| {
            vec![Write::Remove(Key::AddressPage(s.scene.subnet().label, 0))]
        }),
        (AddressPagesAgreeWithInstances, "the count of free addresses is off", |s| {
            vec![put(Record::Subnet(Subnet { free: 2, ..s.scene.subnet() }))]
        }),
        (AddressPagesAgreeWithInstances, "a page counts as full and is not", |s| {
            let subnet = s.scene.subnet();
            vec![put(Record::Subnet(Subnet { full_pages: subnet.full_pages.with(0), ..subnet }))]
        }),
        (AddressPagesAgreeWithInstances, "the subnet is gone", |s| {
            vec![Write::Remove(Key::Subnet(s.scene.subnet().label))]
        }),
        (AddressPagesAgreeWithInstances, "the subnet and its pages are gone", |s| {
            let label = s.scene.subnet().label;
            vec![Write::Remove(Key::Subnet(label.clone())), Write::Remove(Key::AddressPage(label, 0))]
        }),
        (EveryFailedCreationHasExactlyOneEvent, "the event is gone", |s| {
            vec![Write::Remove(Key::Event(failure(&s.failed).event))]
        }),
        (EveryFailedCreationHasExactlyOneEvent, "the event is over", |s| event(s, Cycle::Executed)),
        (EveryFailedCreationHasExactlyOneEvent, "the event went back", |s| event(s, Cycle::Scheduled)),
        (EveryFailedCreationHasExactlyOneEvent, "the timer is gone", |s| {
            vec![Write::Remove(Key::Timer(
                failure(&s.failed).release_at.unwrap(),
                TimerKind::FailureRelease(s.failed.id),
            ))]
        }),
        (EveryFailedCreationHasExactlyOneEvent, "there is a timer for one that runs", |s| {
            vec![put(Record::Timer(Time::END, TimerKind::FailureRelease(s.running.id)))]
        }),
        (EveryFailedCreationHasExactlyOneEvent, "the instance is gone", |s| {
            vec![Write::Remove(Key::Instance(s.failed.id))]
        }),
        (EveryFailedCreationHasExactlyOneEvent, "two failed with one event", |s| {
            vec![instance(Instance { state: s.failed.state.clone(), ..s.pending.clone() })]
        }),
        (ATokenHasOneOutcome, "the launch is gone", |s| vec![Write::Remove(Key::Batch(s.running.batch))]),
        (ATokenHasOneOutcome, "the launch names no token", |s| {
            batch(s, |batch| Batch { token: None, ..batch })
        }),
        (ATokenHasOneOutcome, "the token names no launch", |s| {
            let token = the_token(s);
            vec![put(Record::Token(Token { batch: fleet::BatchId(Serial::LOWEST), ..token }))]
        }),
        (EveryWaitingInstanceHasItsWork, "the work is gone", |s| vec![Write::Remove(work(&s.pending).key())]),
        (EveryWaitingInstanceHasItsWork, "there is work nobody waits for", |s| {
            vec![put(Record::Work(Time::START, WorkId { instance: s.running.id, order: 9 }))]
        }),
        (EveryWaitingInstanceHasItsWork, "the work is queued at another time", |s| {
            let Record::Work(_, id) = work(&s.pending) else { panic!("no work") };
            vec![Write::Remove(work(&s.pending).key()), put(Record::Work(Time::END, id))]
        }),
        (EveryWaitingInstanceHasItsWork, "it waits for an earlier order", |s| {
            vec![instance(Instance { orders: 7, ..s.pending.clone() })]
        }),
        (EveryWaitingInstanceHasItsWork, "it runs without a machine", |s| {
            vec![instance(Instance { machine: Machine::Absent, ..s.running.clone() })]
        }),
        (CountsAgreeWithInstances, "the account counts too many", |s| {
            account(s, |account| Account { instances: 4, ..account })
        }),
        (CountsAgreeWithInstances, "the account is gone", |s| {
            vec![Write::Remove(Key::Account(s.running.account))]
        }),
        (CountsAgreeWithInstances, "the group counts too few", |s| group(s, 2)),
        (CountsAgreeWithInstances, "the group is gone", |_| {
            vec![Write::Remove(Key::Group(testkit::group(0)))]
        }),
        (BatchesAgreeWithInstances, "too few live", |s| batch(s, |batch| Batch { living: 2, ..batch })),
        (BatchesAgreeWithInstances, "one that runs is said to have failed", |s| {
            batch(s, |batch| batch.with_outcome(0, Outcome::Failed(FailureReason::Machine)))
        }),
        (BatchesAgreeWithInstances, "one failed for another reason", |s| {
            batch(s, |batch| batch.with_outcome(1, Outcome::Failed(FailureReason::NoStock)))
        }),
        (BatchesAgreeWithInstances, "the launch is gone", |s| {
            vec![Write::Remove(Key::Batch(s.running.batch))]
        }),
        (BatchesAgreeWithInstances, "what they have in common is gone", |s| {
            vec![Write::Remove(Key::Spec(s.running.batch))]
        }),
        (BatchesAgreeWithInstances, "two swapped places", |s| {
            let (a, b) = (s.running.clone(), s.pending.clone());
            vec![
                instance(Instance { index: b.index, ..a.clone() }),
                instance(Instance { index: a.index, ..b }),
            ]
        }),
        (BatchesAgreeWithInstances, "it is another account's", |s| {
            vec![instance(Instance { account: testkit::STRANGER, ..s.running.clone() })]
        }),
        (MoneyAddsUp, "more is held than was paid", |s| {
            account(s, |account| {
                let Wallet::On { balance, held, spent } = account.wallet else {
                    panic!("nothing is charged")
                };
                Account { wallet: Wallet::On { balance, held: fleet::Money(held.0 + 1), spent }, ..account }
            })
        }),
        (MoneyAddsUp, "an account that is not charged has paid", |s| {
            account(s, |account| Account { wallet: Wallet::Off, ..account })
        }),
        (EveryBatchHasATimer, "the timer is gone", |s| {
            vec![Write::Remove(Key::Timer(Time::from_secs(60), TimerKind::CreationDeadline(s.running.batch)))]
        }),
        (EveryBatchHasATimer, "there are two timers", |s| {
            vec![put(Record::Timer(Time::END, TimerKind::BatchRetention(s.running.batch)))]
        }),
        (EveryBatchHasATimer, "one that is pending has no deadline", |s| {
            vec![
                Write::Remove(Key::Timer(Time::from_secs(60), TimerKind::CreationDeadline(s.running.batch))),
                put(Record::Timer(Time::END, TimerKind::TokenExpiry(s.running.batch))),
            ]
        }),
        (EveryBatchHasATimer, "the launch may go and has a timer", |s| {
            batch(s, |batch| Batch { may_go: true, ..batch })
        }),
        (EveryBatchHasATimer, "a timer is for no launch", |_| {
            vec![put(Record::Timer(Time::END, TimerKind::TokenExpiry(fleet::BatchId(Serial::LOWEST))))]
        }),
        (EveryIdWasDrawn, "the counter was set back", |s| {
            vec![put(Record::Sequence(Sequence { next: s.pending.id.0 }))]
        }),
        (EveryIdWasDrawn, "the counter is gone", |_| vec![Write::Remove(Key::Sequence)]),
        (NetworksAgreeWithSubnets, "the network is gone", |_| {
            vec![Write::Remove(Key::Network(testkit::label("n")))]
        }),
        (NetworksAgreeWithSubnets, "a subnet is gone", |_| {
            vec![Write::Remove(Key::Subnet(testkit::subnet(3)))]
        }),
        (EveryBinnedInstanceHasItsTimer, "one is in the bin for ever", |s| {
            let state = State::Binned { until: Time::from_secs(1) };
            vec![instance(Instance { state, ..s.running.clone() })]
        }),
        (EveryBinnedInstanceHasItsTimer, "one has a timer and is not in the bin", |s| {
            vec![put(Record::Timer(Time::END, TimerKind::BinEnd(s.running.id)))]
        }),
    ]);
}

fn check(plants: &[Plant]) {
    let mut found = BTreeSet::new();
    for (invariant, what, plant) in plants {
        let mut seeds = seeds();
        assert_eq!(seeds.scene.audit(), [], "before anything is planted");
        let writes = plant(&seeds);
        seeds.scene.world.apply(writes);
        let findings = seeds.scene.audit();
        assert!(findings.iter().any(|finding| finding.invariant == *invariant), "{what}: {findings:?}");
        assert!(findings.iter().all(|finding| !finding.detail.is_empty()));
        found.insert(*invariant);
    }
    assert_eq!(found, Invariant::ALL.into_iter().collect(), "the table leaves nothing out");
}

fn seeds() -> Seeds {
    let mut scene = Scene::new(SmallWorld::new().stock(5).grant(100).build());
    let charge = Charge::PrePaid { count: 1, unit: PeriodUnit::Month };
    let ids = scene.launch(&many(Launch { charge, token: Some(token("a", 1)), ..launch() }, 3, 3)).unwrap();
    let items = scene.claim();
    scene.report(&items[0], WorkOutcome::Done);
    scene.report(&items[1], WorkOutcome::Failed(FailureReason::Machine));
    scene.finish(ids[0], WorkOutcome::Done);
    let at = |index: usize| scene.instance(ids[index]).unwrap();
    let (running, failed, pending) = (at(0), at(1), at(2));
    Seeds { scene, running, failed, pending }
}

fn put(record: Record) -> Write {
    Write::Put(record)
}

fn instance(instance: Instance) -> Write {
    put(Record::Instance(instance))
}

fn page(seeds: &Seeds, change: impl Fn(fleet::Bits) -> fleet::Bits) -> Vec<Write> {
    match seeds.scene.get(&Key::AddressPage(seeds.scene.subnet().label, 0)) {
        Some(Record::AddressPage(page)) => {
            vec![put(Record::AddressPage(fleet::AddressPage { taken: change(page.taken), ..page }))]
        }
        other => panic!("no page: {other:?}"),
    }
}

fn failure(instance: &Instance) -> fleet::Failure {
    match instance.state {
        State::Failed(failure) => failure,
        _ => panic!("{instance:?} has not failed"),
    }
}

fn event(seeds: &Seeds, cycle: Cycle) -> Vec<Write> {
    let event = seeds.scene.event(failure(&seeds.failed).event).unwrap();
    vec![put(Record::Event(fleet::Event { cycle, ..event }))]
}

fn batch(seeds: &Seeds, change: impl Fn(Batch) -> Batch) -> Vec<Write> {
    match seeds.scene.get(&Key::Batch(seeds.running.batch)) {
        Some(Record::Batch(batch)) => vec![put(Record::Batch(change(batch)))],
        other => panic!("no launch: {other:?}"),
    }
}

fn account(seeds: &Seeds, change: impl Fn(Account) -> Account) -> Vec<Write> {
    vec![put(Record::Account(change(seeds.scene.account())))]
}

fn group(seeds: &Seeds, members: u32) -> Vec<Write> {
    match seeds.scene.get(&Key::Group(testkit::group(0))) {
        Some(Record::Group(group)) => vec![put(Record::Group(fleet::Group { members, ..group }))],
        other => panic!("no group: {other:?}"),
    }
}

fn the_token(seeds: &Seeds) -> Token {
    let token = seeds.scene.world.records().find_map(|record| match record {
        Record::Token(token) => Some(token.clone()),
        _ => None,
    });
    token.unwrap()
}

fn work(instance: &Instance) -> Record {
    let (_, work) = instance.state.work().unwrap();
    Record::Work(work.available_at, instance.work_id().unwrap())
}
