//! The audit can fail: for each invariant, corruptions that it finds under that name.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use fleet::{
    Account, Amendment, Batch, Capacity, Charge, Cooling, CreateTemplateVersion, Cycle, Direction, Event,
    EventId, EventKind, FailureReason, HeldAddress, Holdings, Host, Hosting, Incident, IncidentKind,
    Instance, Invariant, Ipv6Claim, Key, Launch, LoadCatalogue, Login, Machine, Meter, Outcome, OwnTemplate,
    Password, Peer, PeriodUnit, Pool, PoolId, Ports, Protocol, Rate, Receipt, ReceiptId, Record, Rule,
    RuleId, Secret, Sequence, Serial, Spec, Staging, Standing, State, Stock, Subnet, Sweep, Tag, Template,
    TemplateRef, Time, TimerKind, Token, TokenOutcome, Traffic, Usage, Verdict, Wallet, WorkId, WorkOutcome,
    WorkStats, Write,
};
use ipnet::{IpNet, Ipv4Net};
use testkit::{OWNER, Scene, SmallWorld, label, launch, many, token};

use crate::templates;

/// What is done to a fleet, and the invariant it breaks.
type Plant = (Invariant, &'static str, fn(&Seeds) -> Vec<Write>);

/// The records that corruptions are made from: a launch of three, under a token and paid for, on a
/// dedicated host, of which the first runs, the second failed, and the third is pending.
struct Seeds {
    scene: Scene,
    running: Instance,
    failed: Instance,
    pending: Instance,
    /// With two versions.
    template: Template,
}

#[test]
fn every_invariant_can_be_broken_and_is_found() {
    use Invariant::{
        ATokenHasOneOutcome, AddressPagesAgreeWithInstances, AmendmentsAgreeWithInstances,
        BatchesAgreeWithInstances, CountsAgreeWithInstances, EveryBatchHasATimer,
        EveryBinnedInstanceHasItsTimer, EveryFailedCreationHasExactlyOneEvent, EveryIdWasDrawn,
        EveryMeterHasItsTimer, EveryOpenIncidentHasItsTimer, EveryReleaseTimeHasItsTimer,
        EverySubscriptionHasItsTimer, EveryWaitingInstanceHasItsWork, HoldingsAgreeWithNetworks,
        HostsAgreeWithInstances, MetersAgreeWithInstances, MoneyAddsUp, NetworksAgreeWithSubnets,
        NoAddressIsHeldTwice, NoPasswordOutlivesItsNeed, RulesAgreeWithGroups, StockIsNeitherMadeNorLost,
        TagsAreDistinct, TemplatesAgreeWithVersions, TemplatesAreFoundByName, UsageAgreesWithInstances,
        WhatCoolsDownHasATimer, WorkAddsUp,
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
        (WorkAddsUp, "more work is done than was handed out", |_| {
            vec![put(Record::WorkStats(WorkStats { done: 1, ..WorkStats::default() }))]
        }),
        (WorkAddsUp, "work is given up that nobody lost", |_| {
            vec![put(Record::WorkStats(WorkStats { claimed: 99, exhausted: 1, ..WorkStats::default() }))]
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
            vec![Write::Remove(Key::AddressPage(pool(s), 0))]
        }),
        (AddressPagesAgreeWithInstances, "the count of free addresses is off", |s| {
            let subnet = s.scene.subnet();
            vec![put(Record::Subnet(Subnet { pool: Pool { free: 2, ..subnet.pool }, ..subnet }))]
        }),
        (AddressPagesAgreeWithInstances, "a page counts as full and is not", |s| {
            let subnet = s.scene.subnet();
            let pool = Pool { full_pages: subnet.pool.full_pages.with(0), ..subnet.pool };
            vec![put(Record::Subnet(Subnet { pool, ..subnet }))]
        }),
        (AddressPagesAgreeWithInstances, "the subnet is gone", |s| {
            vec![Write::Remove(Key::Subnet(s.scene.subnet().label))]
        }),
        (AddressPagesAgreeWithInstances, "the subnet and its pages are gone", |s| {
            let label = s.scene.subnet().label;
            vec![Write::Remove(Key::Subnet(label)), Write::Remove(Key::AddressPage(pool(s), 0))]
        }),
        (AddressPagesAgreeWithInstances, "the pages of no pool", |_| {
            let pool = PoolId::Public(testkit::label("nowhere"));
            let page = fleet::AddressPage { pool, number: 0, taken: fleet::Bits::default() };
            vec![put(Record::AddressPage(page))]
        }),
        (AddressPagesAgreeWithInstances, "an address of no interface", |s| {
            vec![instance(Instance { further: vec![[10, 0, 0, 4].into()], ..s.running.clone() })]
        }),
        (AddressPagesAgreeWithInstances, "a public address of no pool", |s| {
            vec![instance(Instance { public: Some([203, 0, 113, 9].into()), ..s.running.clone() })]
        }),
        (AddressPagesAgreeWithInstances, "an IPv6 address of a subnet without", |s| {
            vec![instance(Instance { ipv6: vec!["2001:db8::1".parse().unwrap()], ..s.running.clone() })]
        }),
        (AddressPagesAgreeWithInstances, "an IPv6 address that nobody has", |s| {
            let (subnet, address) = (s.scene.subnet().label, "2001:db8::1".parse().unwrap());
            vec![put(Record::Ipv6Claim(Ipv6Claim { subnet, address }))]
        }),
        (AddressPagesAgreeWithInstances, "what cools down is free", |s| cooling(s, 4)),
        (NoAddressIsHeldTwice, "what cools down is held", |s| cooling(s, 1)),
        (NoAddressIsHeldTwice, "what cools down is reserved", |s| cooling(s, 0)),
        (WhatCoolsDownHasATimer, "the timer is missing", |s| cooling(s, 4)),
        (WhatCoolsDownHasATimer, "nothing cools down", |s| {
            vec![put(Record::Timer(Time::END, TimerKind::CoolDown(s.running.id)))]
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
            vec![put(Record::Token(Token {
                outcome: TokenOutcome::Batch(fleet::BatchId(Serial::LOWEST)),
                ..token
            }))]
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
        (MoneyAddsUp, "a voucher is held for nobody", |s| with_voucher(s, 10, 7, 3, 0)),
        (MoneyAddsUp, "a voucher has more left than it was granted with", |s| with_voucher(s, 10, 11, 0, 0)),
        (MoneyAddsUp, "a voucher has less left than it was granted with", |s| with_voucher(s, 10, 4, 0, 5)),
        (MoneyAddsUp, "an instance was paid with a voucher that is not there", |s| {
            let portion = fleet::Portion { voucher: testkit::label("voucher"), amount: fleet::Money(0) };
            vec![instance(Instance { portions: vec![portion], ..s.pending.clone() })]
        }),
        (MoneyAddsUp, "an instance was paid with more of a voucher than it was paid", |s| {
            let amount = fleet::Money(s.pending.paid.0 + 1);
            let portion = fleet::Portion { voucher: testkit::label("voucher"), amount };
            vec![instance(Instance { portions: vec![portion], ..s.pending.clone() })]
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
        (RulesAgreeWithGroups, "a rule is of no group", |s| vec![rule(s, "x", Peer::Block(ANY))]),
        (RulesAgreeWithGroups, "a rule names no group", |s| vec![rule(s, "g-0", Peer::Group(label("x")))]),
        (RulesAgreeWithGroups, "a rule is not counted", |s| vec![rule(s, "g-0", Peer::Block(ANY))]),
        (RulesAgreeWithGroups, "a rule that names a group is not counted", |s| {
            vec![rule(s, "g-0", Peer::Group(testkit::group(1)))]
        }),
        (HoldingsAgreeWithNetworks, "the holdings are gone", |_| {
            vec![Write::Remove(Key::Holdings(OWNER, label("r")))]
        }),
        (HoldingsAgreeWithNetworks, "there are holdings of nothing", |_| {
            let holdings = Holdings { account: OWNER, region: label("x"), networks: 1, groups: 0 };
            vec![put(Record::Holdings(holdings))]
        }),
        (HoldingsAgreeWithNetworks, "a group is gone", |_| {
            vec![Write::Remove(Key::Group(testkit::group(1)))]
        }),
        (ATokenHasOneOutcome, "a receipt has no timer", |s| {
            let (id, token) = (ReceiptId(Serial::LOWEST), the_token(s).key);
            vec![put(Record::Receipt(Receipt { id, token, made: label("x") }))]
        }),
        (ATokenHasOneOutcome, "a token names no receipt", |s| {
            let outcome = TokenOutcome::Receipt(ReceiptId(Serial::LOWEST));
            vec![put(Record::Token(Token { outcome, ..the_token(s) }))]
        }),
        (TagsAreDistinct, "a subnet has a tag twice", |s| {
            let mut subnet = s.scene.subnet();
            let tag = Tag { key: "k".into(), value: String::new() };
            subnet.marks.tags = vec![tag.clone(), tag];
            vec![put(Record::Subnet(subnet))]
        }),
        (TemplatesAgreeWithVersions, "a version is gone", |s| {
            vec![Write::Remove(Key::TemplateVersion(s.template.label.clone(), 1))]
        }),
        (TemplatesAgreeWithVersions, "a version is not listed", |s| {
            template(Template { versions: vec![1], ..s.template.clone() })
        }),
        (TemplatesAgreeWithVersions, "the default is none of them", |s| {
            template(Template { default_version: 3, ..s.template.clone() })
        }),
        (TemplatesAgreeWithVersions, "a number will be given twice", |s| {
            template(Template { last_version: 1, ..s.template.clone() })
        }),
        (TemplatesAgreeWithVersions, "the template is gone", |s| {
            vec![Write::Remove(Key::Template(s.template.label.clone()))]
        }),
        (TemplatesAreFoundByName, "the name is gone", |s| {
            vec![Write::Remove(Key::TemplateName(s.template.name_key()))]
        }),
        (TemplatesAreFoundByName, "the name leads elsewhere", |s| {
            vec![put(Record::TemplateName(s.template.name_key(), testkit::label("lt-9")))]
        }),
        (UsageAgreesWithInstances, "the account counts one that is paid in advance", |s| {
            let usage = Usage { postpaid: 1, cpus: 2, disks: 1 };
            account(s, |account| Account { usage, ..account })
        }),
        (UsageAgreesWithInstances, "they are paid by use", |s| {
            spec(s, |spec| Spec { charge: Charge::PostPaid, ..spec })
        }),
        (HostsAgreeWithInstances, "the host counts too few", |s| {
            vec![put(Record::Host(Host { taken: 2, ..the_host(s) }))]
        }),
        (HostsAgreeWithInstances, "the host is gone", |s| vec![Write::Remove(Key::Host(the_host(s).label))]),
        (HostsAgreeWithInstances, "they are on another host", |s| {
            let hosting = Hosting { host: Some(testkit::label("h-9")), ..Hosting::default() };
            spec(s, |spec| Spec { hosting: hosting.clone(), ..spec })
        }),
        (NoPasswordOutlivesItsNeed, "nothing is to be made any more", |s| {
            vec![instance(Instance { state: State::Stopped(Capacity::Kept), ..s.pending.clone() })]
        }),
        (NoPasswordOutlivesItsNeed, "there is a password of no launch", |_| {
            vec![put(Record::Password(fleet::BatchId(Serial::LOWEST), Secret::new(b"left")))]
        }),
        (NoPasswordOutlivesItsNeed, "there is user data of no launch", |_| {
            vec![put(Record::UserData(fleet::BatchId(Serial::LOWEST), Secret::new(b"left")))]
        }),
        (EveryReleaseTimeHasItsTimer, "a release time has no timer", |s| {
            vec![instance(Instance { release_at: Some(Time::END), ..s.running.clone() })]
        }),
        (EveryReleaseTimeHasItsTimer, "a timer has no release time", |s| {
            vec![put(Record::Timer(Time::END, TimerKind::AutoRelease(s.running.id)))]
        }),
        (AmendmentsAgreeWithInstances, "what was changed is not there", |s| {
            vec![instance(Instance { amended: true, ..s.running.clone() })]
        }),
        (AmendmentsAgreeWithInstances, "what is there was not changed", |s| {
            vec![put(Record::Amendment(s.running.id, Amendment::default()))]
        }),
        (EveryOpenIncidentHasItsTimer, "an incident is open and nobody knows", |s| {
            vec![put(Record::Event(incident(s, Cycle::Scheduled)))]
        }),
        (EveryOpenIncidentHasItsTimer, "an incident that is over has a timer", |s| {
            let event = incident(s, Cycle::Executed);
            vec![put(Record::Timer(Time::END, TimerKind::EventDue(event.id))), put(Record::Event(event))]
        }),
        (EverySubscriptionHasItsTimer, "the timer is gone", |s| {
            let at = s.running.paid_until.unwrap();
            vec![Write::Remove(Key::Timer(at, TimerKind::Expiry(s.running.id)))]
        }),
        (EverySubscriptionHasItsTimer, "nobody knows until when it is paid for", |s| {
            vec![instance(Instance { paid_until: None, ..s.running.clone() })]
        }),
        (EverySubscriptionHasItsTimer, "one that failed is paid for", |s| {
            vec![instance(Instance { paid_until: s.running.paid_until, ..s.failed.clone() })]
        }),
        (EverySubscriptionHasItsTimer, "one that runs has lapsed", lapsed),
        (MetersAgreeWithInstances, "an account is charged for what is not there", |s| {
            metered(s, |meter| Meter { hourly: 1, ..meter })
        }),
        (MetersAgreeWithInstances, "an account is not charged for what is there", |s| {
            let by_use = |spec| Spec { charge: Charge::PostPaid, hourly: Rate(7), ..spec };
            [metered(s, |meter| meter), spec(s, by_use)].concat()
        }),
        (MetersAgreeWithInstances, "an account that is not charged has a meter", |s| {
            let off = |account| Account { wallet: Wallet::Off, ..account };
            metered(s, |meter| meter).into_iter().map(|write| of_account(write, off)).collect()
        }),
        (MetersAgreeWithInstances, "one that runs is cut off", |s| {
            let event = incident(s, Cycle::Scheduled);
            let (kind, staging, due_at) = (IncidentKind::UnpaidRelease, Staging::Own, Time::END);
            let kind = EventKind::Incident(Incident { kind, staging, due_at });
            let event = put(Record::Event(Event { kind, instance: s.running.id, ..event }));
            [metered(s, |meter| meter), vec![event]].concat()
        }),
        (MoneyAddsUp, "an account owes what it could pay", |s| {
            metered(s, |meter| Meter { owed: fleet::Money(1), ..meter })
        }),
        (MoneyAddsUp, "an account is in arrears and has money", |s| {
            metered(s, |meter| {
                let standing = Standing::Grace { since: Time::START, until: Time::END };
                Meter { standing, ..meter }
            })
        }),
        (MoneyAddsUp, "an account is cut off and has money", |s| {
            metered(s, |meter| Meter { standing: Standing::Cut, ..meter })
        }),
        (MoneyAddsUp, "an account without money stands well, and something costs it some", |s| {
            let poor = |account: Account| match account.wallet {
                Wallet::On { held, spent, .. } => {
                    Account { wallet: Wallet::On { balance: fleet::Money(0), held, spent }, ..account }
                }
                Wallet::Off => account,
            };
            let writes = metered(s, |meter| Meter { hourly: 1, ..meter });
            writes.into_iter().map(|write| of_account(write, poor)).collect()
        }),
        (MoneyAddsUp, "more than a unit is left over", |s| {
            metered(s, |meter| Meter { remainder: Meter::UNIT, ..meter })
        }),
        (EveryMeterHasItsTimer, "nobody sees to an account's instances", |s| {
            let sweep = Some(Sweep { from: s.running.id, due: Time::END });
            metered(s, |meter| Meter { sweep, ..meter })
        }),
        (EveryMeterHasItsTimer, "an account has a timer and no meter", |_| {
            vec![put(Record::Timer(Time::END, TimerKind::Settlement(OWNER)))]
        }),
        (EveryBinnedInstanceHasItsTimer, "one is in the bin for ever", |s| {
            let state = State::Binned { until: Time::from_secs(1), capacity: Capacity::Kept };
            vec![instance(Instance { state, ..s.running.clone() })]
        }),
        (EveryBinnedInstanceHasItsTimer, "one has a timer and is not in the bin", |s| {
            vec![put(Record::Timer(Time::END, TimerKind::BinEnd(s.running.id)))]
        }),
    ]);
}

/// As if what was paid for an instance had run out, and it ran on.
fn lapsed(seeds: &Seeds) -> Vec<Write> {
    let event = incident(seeds, Cycle::Scheduled);
    let (kind, staging, due_at) = (IncidentKind::ExpiryRelease, Staging::Own, Time::END);
    let kind = EventKind::Incident(Incident { kind, staging, due_at });
    let timer = TimerKind::Expiry(seeds.running.id);
    vec![
        Write::Remove(Key::Timer(seeds.running.paid_until.unwrap(), timer)),
        put(Record::Event(Event { kind, instance: seeds.running.id, ..event })),
    ]
}

fn incident(seeds: &Seeds, cycle: Cycle) -> Event {
    let event = seeds.scene.event(failure(&seeds.failed).event).unwrap();
    let (kind, staging, due_at) = (IncidentKind::FailureStop, Staging::Simulated, Time::END);
    let kind = EventKind::Incident(Incident { kind, staging, due_at });
    let id = EventId(Serial::LOWEST);
    Event { id, kind, cycle, finished_at: cycle.is_final().then_some(Time::START), ..event }
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
    assert_eq!(found, Invariant::ALL.iter().copied().collect(), "the table leaves nothing out");
}

fn seeds() -> Seeds {
    let mut scene = Scene::new(SmallWorld::new().stock(5).grant(100).build());
    let charge = Charge::PrePaid { count: 1, unit: PeriodUnit::Month };
    let hosts = vec![Host { prepaid: true, ..testkit::host(0) }];
    scene.run(&LoadCatalogue { hosts, ..SmallWorld::catalogue(5) }).unwrap();
    let hosting = Hosting { host: Some(testkit::host(0).label), ..Hosting::default() };
    let password = Password { secret: Secret::new(b"sesame"), for_windows: true };
    let login = Login { password: Some(password), ..Login::default() };
    let user_data = Some(Secret::new(b"#!/bin/sh"));
    let token = Some(token("a", 1));
    let all = Launch { charge, token, hosting, login, user_data, ..launch() };
    let ids = scene.launch(&many(all, 3, 3)).unwrap();
    let items = scene.claim();
    scene.report(&items[0], WorkOutcome::Done);
    scene.report(&items[1], WorkOutcome::Failed(FailureReason::Machine));
    scene.finish(ids[0], WorkOutcome::Done);
    let at = |index: usize| scene.instance(ids[index]).unwrap();
    let (running, failed, pending) = (at(0), at(1), at(2));
    let create = templates::create("a");
    let of = OwnTemplate {
        account: create.account,
        region: create.region.clone(),
        template: TemplateRef::Name(create.name.clone()),
    };
    scene.run(&create).unwrap();
    let template = scene.run(&CreateTemplateVersion { of, content: create.content }).unwrap();
    Seeds { scene, running, failed, pending, template }
}

fn put(record: Record) -> Write {
    Write::Put(record)
}

fn template(template: Template) -> Vec<Write> {
    vec![put(Record::Template(template))]
}

fn instance(instance: Instance) -> Write {
    put(Record::Instance(instance))
}

/// As if `10.0.0.last` cooled down.
fn cooling(seeds: &Seeds, last: u8) -> Vec<Write> {
    let address = HeldAddress::Subnet(seeds.scene.subnet().label, [10, 0, 0, last].into());
    let instance = fleet::InstanceId(Serial::LOWEST);
    vec![put(Record::Cooling(Cooling { instance, until: Time::END, addresses: vec![address] }))]
}

fn pool(seeds: &Seeds) -> PoolId {
    PoolId::Subnet(seeds.scene.subnet().label)
}

fn page(seeds: &Seeds, change: impl Fn(fleet::Bits) -> fleet::Bits) -> Vec<Write> {
    match seeds.scene.get(&Key::AddressPage(pool(seeds), 0)) {
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

fn with_voucher(seeds: &Seeds, granted: u64, left: u64, held: u64, spent: u64) -> Vec<Write> {
    account(seeds, |mut account| {
        account.vouchers.kept.push(fleet::Voucher {
            label: testkit::label("voucher"),
            expires_at: Time::END,
            granted: fleet::Money(granted),
            left: fleet::Money(left),
            held: fleet::Money(held),
            spent: fleet::Money(spent),
        });
        account
    })
}

/// As if the instances there are could be charged for.
fn metered(seeds: &Seeds, change: impl Fn(Meter) -> Meter) -> Vec<Write> {
    let meter = change(Meter::new(seeds.running.id, Time::START));
    account(seeds, |account| Account { meter: Some(meter), ..account })
}

/// The write, with its account changed.
fn of_account(write: Write, change: impl Fn(Account) -> Account) -> Write {
    match write {
        Write::Put(Record::Account(account)) => put(Record::Account(change(account))),
        other => other,
    }
}

fn account(seeds: &Seeds, change: impl Fn(Account) -> Account) -> Vec<Write> {
    vec![put(Record::Account(change(seeds.scene.account())))]
}

fn spec(seeds: &Seeds, change: impl Fn(Spec) -> Spec) -> Vec<Write> {
    match seeds.scene.get(&Key::Spec(seeds.running.batch)) {
        Some(Record::Spec(id, spec)) => vec![put(Record::Spec(id, change((*spec).clone()).into()))],
        other => panic!("no spec: {other:?}"),
    }
}

fn the_host(seeds: &Seeds) -> Host {
    match seeds.scene.get(&Key::Host(testkit::host(0).label)) {
        Some(Record::Host(host)) => host,
        other => panic!("no host: {other:?}"),
    }
}

fn group(seeds: &Seeds, members: u32) -> Vec<Write> {
    match seeds.scene.get(&Key::Group(testkit::group(0))) {
        Some(Record::Group(group)) => vec![put(Record::Group(fleet::Group { members, ..group }))],
        other => panic!("no group: {other:?}"),
    }
}

const ANY: IpNet = IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 0));

fn rule(seeds: &Seeds, group: &str, far: Peer) -> Write {
    let traffic = Traffic {
        direction: Direction::In,
        verdict: Verdict::Accept,
        priority: 1,
        protocol: Protocol::All,
        ports: Ports::All,
        source_ports: None,
        port_list: None,
        far,
        near: None,
    };
    let (id, group) = (RuleId(seeds.running.id.0), label(group));
    put(Record::Rule(Rule { id, group, traffic, description: String::new(), created_at: Time::START }))
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
