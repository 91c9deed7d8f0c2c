//! Arbitrary keys and records. Small values come often, so that things collide; so do the ends of each range.

use fleet::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..4, 1_700_000_000_000_u64..1_900_000_000_000, any::<u64>(), Just(u64::MAX)]
}

fn small() -> impl Strategy<Value = u32> {
    prop_oneof![0_u32..4, any::<u32>(), Just(u32::MAX)]
}

fn label() -> impl Strategy<Value = Label> {
    let text = prop_oneof!["[!a~]{1,3}", "[a-z]{2}-[a-z]{4,8}-[a-h]", "[!-~]{128}"];
    text.prop_map(|text| Label::parse(&text).unwrap())
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z ]{0,12}", "\\PC{0,64}", "\u{1f95a}{256}"]
}

fn serial() -> impl Strategy<Value = Serial> {
    (prop_oneof![0_u16..3, any::<u16>()], number()).prop_map(|(epoch, number)| Serial { epoch, number })
}

fn account() -> impl Strategy<Value = AccountId> {
    number().prop_map(AccountId)
}

fn time() -> impl Strategy<Value = Time> {
    number().prop_map(Time::from_millis)
}

fn money() -> impl Strategy<Value = Money> {
    number().prop_map(Money)
}

fn batch_id() -> impl Strategy<Value = BatchId> {
    serial().prop_map(BatchId)
}

fn instance_id() -> impl Strategy<Value = InstanceId> {
    serial().prop_map(InstanceId)
}

fn event_id() -> impl Strategy<Value = EventId> {
    serial().prop_map(EventId)
}

fn token_text() -> impl Strategy<Value = TokenText> {
    let text = prop_oneof!["[ a~]{1,3}", "[ -~]{1,64}"];
    text.prop_map(|text| TokenText::parse(&text).unwrap())
}

fn token_key() -> impl Strategy<Value = TokenKey> {
    let action = prop_oneof![Just(TokenAction::Launch), Just(TokenAction::Create)];
    (account(), action, label(), token_text()).prop_map(|(account, action, region, text)| TokenKey {
        account,
        action,
        region,
        text,
    })
}

fn template_name() -> impl Strategy<Value = TemplateName> {
    let text = prop_oneof!["[ a~]{1,3}", "\\PC{1,64}", "\u{1f95a}{128}"];
    text.prop_map(|text| TemplateName::parse(&text).unwrap())
}

fn template_name_key() -> impl Strategy<Value = TemplateNameKey> {
    (account(), label(), template_name()).prop_map(|(account, region, name)| TemplateNameKey {
        account,
        region,
        name,
    })
}

fn stock_key() -> impl Strategy<Value = StockKey> {
    (label(), label()).prop_map(|(zone, instance_type)| StockKey { zone, instance_type })
}

fn timer() -> impl Strategy<Value = TimerKind> {
    prop_oneof![
        batch_id().prop_map(TimerKind::CreationDeadline),
        instance_id().prop_map(TimerKind::FailureRelease),
        batch_id().prop_map(TimerKind::TokenExpiry),
        batch_id().prop_map(TimerKind::BatchRetention),
        event_id().prop_map(TimerKind::EventRetention),
    ]
}

fn work_id() -> impl Strategy<Value = WorkId> {
    (instance_id(), small()).prop_map(|(instance, order)| WorkId { instance, order })
}

/// A key of each kind, in the order of the kinds.
fn keys() -> Vec<BoxedStrategy<Key>> {
    vec![
        Just(Key::Sequence).boxed(),
        account().prop_map(Key::Account).boxed(),
        label().prop_map(Key::Region).boxed(),
        label().prop_map(Key::Zone).boxed(),
        label().prop_map(Key::InstanceType).boxed(),
        label().prop_map(Key::Image).boxed(),
        stock_key().prop_map(Key::Stock).boxed(),
        label().prop_map(Key::Network).boxed(),
        label().prop_map(Key::Subnet).boxed(),
        (label(), any::<u8>()).prop_map(|(subnet, page)| Key::AddressPage(subnet, page)).boxed(),
        label().prop_map(Key::Group).boxed(),
        token_key().prop_map(Key::Token).boxed(),
        batch_id().prop_map(Key::Spec).boxed(),
        batch_id().prop_map(Key::Batch).boxed(),
        instance_id().prop_map(Key::Instance).boxed(),
        event_id().prop_map(Key::Event).boxed(),
        (time(), timer()).prop_map(|(at, kind)| Key::Timer(at, kind)).boxed(),
        (time(), work_id()).prop_map(|(at, id)| Key::Work(at, id)).boxed(),
        label().prop_map(Key::Template).boxed(),
        (label(), small()).prop_map(|(template, number)| Key::TemplateVersion(template, number)).boxed(),
        template_name_key().prop_map(Key::TemplateName).boxed(),
    ]
}

pub(crate) fn key() -> impl Strategy<Value = Key> {
    proptest::strategy::Union::new(keys())
}

pub(crate) fn keys_of_one_kind() -> impl Strategy<Value = Vec<Key>> {
    proptest::strategy::Union::new(keys().into_iter().map(|key| vec(key, 2..60)))
}

pub(crate) fn record() -> impl Strategy<Value = Record> {
    prop_oneof![
        serial().prop_map(|next| Record::Sequence(Sequence { next })),
        account_record(),
        catalogue_item().prop_map(Record::Catalogue),
        stock(),
        network(),
        subnet(),
        (label(), any::<u8>(), any::<[u64; 4]>()).prop_map(|(subnet, number, bits)| {
            Record::AddressPage(AddressPage { subnet, number, taken: Bits(bits) })
        }),
        group(),
        token(),
        (batch_id(), spec()).prop_map(|(batch, spec)| Record::Spec(batch, spec.into())),
        batch(),
        instance(),
        event(),
        (time(), timer()).prop_map(|(at, kind)| Record::Timer(at, kind)),
        (time(), work_id()).prop_map(|(at, id)| Record::Work(at, id)),
        template(),
        template_version(),
        (template_name_key(), label()).prop_map(|(key, label)| Record::TemplateName(key, label)),
    ]
}

fn tags() -> impl Strategy<Value = Vec<Tag>> {
    vec((text(), text()).prop_map(|(key, value)| Tag { key, value }), 0..20)
}

fn template() -> impl Strategy<Value = Record> {
    let whose = (label(), account(), label(), template_name());
    let numbers = (small(), small(), vec(small(), 0..30));
    let filed = (tags(), option::of(label()));
    (whose, time(), time(), numbers, filed).prop_map(|(whose, created_at, modified_at, numbers, filed)| {
        let (label, account, region, name) = whose;
        let (default_version, last_version, versions) = numbers;
        let (tags, resource_group) = filed;
        Record::Template(Template {
            label,
            account,
            region,
            name,
            created_at,
            modified_at,
            default_version,
            last_version,
            versions,
            tags,
            resource_group,
        })
    })
}

fn template_version() -> impl Strategy<Value = Record> {
    let parameters = vec((text(), text()), 0..12).prop_map(TemplateParameters);
    (label(), small(), time(), text(), parameters).prop_map(
        |(template, number, created_at, description, parameters)| {
            let content = TemplateContent { description, parameters };
            Record::TemplateVersion(TemplateVersion { template, number, created_at, content })
        },
    )
}

fn account_record() -> impl Strategy<Value = Record> {
    let on = (money(), money(), money());
    let on = on.prop_map(|(balance, held, spent)| Wallet::On { balance, held, spent });
    (account(), small(), small(), prop_oneof![Just(Wallet::Off), on]).prop_map(
        |(id, instances, instance_limit, wallet)| {
            Record::Account(Account { id, instances, instance_limit, wallet })
        },
    )
}

fn sale() -> impl Strategy<Value = Sale> {
    prop_oneof![Just(Sale::Open), Just(Sale::Closed)]
}

fn architecture() -> impl Strategy<Value = Architecture> {
    prop_oneof![Just(Architecture::X86_64), Just(Architecture::Arm64)]
}

fn catalogue_item() -> impl Strategy<Value = CatalogueItem> {
    let region =
        (label(), text()).prop_map(|(label, local_name)| CatalogueItem::Region(Region { label, local_name }));
    let zone = (label(), label(), text(), sale()).prop_map(|(label, region, local_name, sale)| {
        CatalogueItem::Zone(Zone { label, region, local_name, sale })
    });
    let instance_type = (label(), label(), any::<u16>(), small(), architecture(), sale(), money()).prop_map(
        |(label, family, cpus, memory_mib, architecture, sale, monthly_price)| {
            CatalogueItem::InstanceType(InstanceType {
                label,
                family,
                cpus,
                memory_mib,
                architecture,
                sale,
                monthly_price,
            })
        },
    );
    let os = prop_oneof![Just(Os::Linux), Just(Os::Windows)];
    let status =
        prop_oneof![Just(ImageStatus::Available), Just(ImageStatus::Creating), Just(ImageStatus::Deprecated)];
    let image = (label(), text(), os, text(), architecture(), small(), status).prop_map(
        |(label, name, os, os_name, architecture, size_gib, status)| {
            CatalogueItem::Image(Image { label, name, os, os_name, architecture, size_gib, status })
        },
    );
    prop_oneof![region, zone, instance_type, image]
}

fn stock() -> impl Strategy<Value = Record> {
    (stock_key(), small(), small(), small(), any::<bool>()).prop_map(|(key, one, two, three, open)| {
        let mut sums = [one, two, three];
        sums.sort_unstable();
        let [taken, used, total] = sums;
        let sale = if open { Sale::Open } else { Sale::Closed };
        Record::Stock(Stock::from_numbers(key, total, taken, used - taken).unwrap().with_sale(sale))
    })
}

fn subnet_block() -> impl Strategy<Value = SubnetBlock> {
    (any::<[u8; 4]>(), 16_u8..=29).prop_map(|(address, mask)| {
        SubnetBlock::new(ipnet::Ipv4Net::new(address.into(), mask).unwrap().trunc()).unwrap()
    })
}

fn network() -> impl Strategy<Value = Record> {
    let subnets = prop_oneof![vec((label(), subnet_block()), 0..3), vec((label(), subnet_block()), 64)];
    let block = (any::<[u8; 4]>(), 0_u8..=32);
    (label(), account(), label(), block, text(), text(), time(), subnets).prop_map(
        |(label, account, region, (address, mask), name, description, created_at, subnets)| {
            let block = ipnet::Ipv4Net::new(address.into(), mask).unwrap();
            Record::Network(Network { label, account, region, block, name, description, created_at, subnets })
        },
    )
}

fn subnet() -> impl Strategy<Value = Record> {
    let texts = (text(), text());
    let numbers = (small(), any::<[u64; 4]>());
    (label(), account(), label(), label(), subnet_block(), texts, time(), numbers).prop_map(
        |(label, account, network, zone, block, (name, description), created_at, (free, full_pages))| {
            let full_pages = Bits(full_pages);
            Record::Subnet(Subnet {
                label,
                account,
                network,
                zone,
                block,
                name,
                description,
                created_at,
                free,
                full_pages,
            })
        },
    )
}

fn group() -> impl Strategy<Value = Record> {
    (label(), account(), label(), text(), text(), time(), small()).prop_map(
        |(label, account, network, name, description, created_at, members)| {
            Record::Group(Group { label, account, network, name, description, created_at, members })
        },
    )
}

fn token() -> impl Strategy<Value = Record> {
    (token_key(), any::<[u8; 32]>(), batch_id(), time()).prop_map(|(key, fingerprint, batch, expires_at)| {
        Record::Token(Token { key, fingerprint: Fingerprint(fingerprint), batch, expires_at })
    })
}

fn names() -> impl Strategy<Value = Names> {
    let fixed = text().prop_map(|name| Naming::Fixed(name.into()));
    let numbered = (text(), small(), any::<u8>(), text()).prop_map(|(prefix, begin, digits, suffix)| {
        Naming::Numbered { prefix: prefix.into(), begin, digits, suffix: suffix.into() }
    });
    (prop_oneof![Just(Naming::OwnId), fixed, numbered], any::<bool>())
        .prop_map(|(naming, unique_suffix)| Names { naming, unique_suffix })
}

fn protection() -> impl Strategy<Value = Protection> {
    prop_oneof![Just(Protection::Off), Just(Protection::On)]
}

fn spec() -> impl Strategy<Value = Spec> {
    let places = (label(), label(), label(), label(), label(), label(), vec(label(), 0..5));
    let unit = prop_oneof![Just(PeriodUnit::Week), Just(PeriodUnit::Month)];
    let paid = (any::<u8>(), unit).prop_map(|(count, unit)| Charge::PrePaid { count, unit });
    let after = prop_oneof![Just(AfterCreation::Start), Just(AfterCreation::Stay)];
    let terms = (prop_oneof![Just(Charge::PostPaid), paid], after, protection());
    let words = (names(), names(), text(), tags());
    let line = prop_oneof![Just(InternetCharge::ByTraffic), Just(InternetCharge::ByBandwidth)];
    (places, terms, words, (line, any::<u16>(), any::<u16>())).prop_map(|(places, terms, words, line)| {
        let (region, zone, image, instance_type, network, subnet, groups) = places;
        let (charge, after_creation, protection) = terms;
        let (names, host_names, description, tags) = words;
        let internet = Internet { charge: line.0, in_mbps_max: line.1, out_mbps_max: line.2 };
        Spec {
            region,
            zone,
            image,
            instance_type,
            network,
            subnet,
            groups,
            charge,
            after_creation,
            protection,
            names,
            host_names,
            description: description.into(),
            tags,
            internet,
        }
    })
}

fn reason() -> impl Strategy<Value = FailureReason> {
    use FailureReason::{Deadline, Machine, NoAddress, NoStock};
    prop_oneof![Just(NoStock), Just(NoAddress), Just(Machine), Just(Deadline)]
}

fn batch() -> impl Strategy<Value = Record> {
    let outcome = prop_oneof![
        Just(Outcome::Pending),
        Just(Outcome::Made),
        reason().prop_map(Outcome::Failed),
        Just(Outcome::Released),
    ];
    let fate = (vec(outcome, 0..=100), any::<u8>(), any::<bool>());
    (batch_id(), account(), instance_id(), fate, time(), option::of(token_key())).prop_map(
        |(id, account, first, (outcomes, living, may_go), launched_at, token)| {
            Record::Batch(Batch { id, account, first, outcomes, living, launched_at, token, may_go })
        },
    )
}

fn work() -> impl Strategy<Value = Work> {
    (small(), small(), time(), option::of(label())).prop_map(|(order, attempt, available_at, holder)| Work {
        order,
        attempt,
        available_at,
        holder,
    })
}

fn state() -> impl Strategy<Value = State> {
    let boot = prop_oneof![Just(Boot::Start), Just(Boot::Reboot)];
    let from =
        prop_oneof![Just(ReleasedFrom::Running), Just(ReleasedFrom::Stopped), Just(ReleasedFrom::Failed)];
    let failure = (reason(), event_id(), time());
    prop_oneof![
        work().prop_map(State::Pending),
        (boot, work()).prop_map(|(boot, work)| State::Starting(boot, work)),
        Just(State::Running),
        work().prop_map(State::Stopping),
        Just(State::Stopped),
        failure.prop_map(|(reason, event, release_at)| State::Failed(Failure { reason, event, release_at })),
        (from, work()).prop_map(|(from, work)| State::Releasing(from, work)),
    ]
}

fn instance() -> impl Strategy<Value = Record> {
    let machine = prop_oneof![Just(Machine::Absent), Just(Machine::Possible), Just(Machine::Present)];
    let ids = (instance_id(), account(), batch_id(), any::<u8>());
    let times = (time(), option::of(time()));
    (ids, state(), machine, any::<[u8; 4]>(), money(), protection(), times, small()).prop_map(
        |((id, account, batch, index), state, machine, address, paid, protection, times, orders)| {
            let (address, (created_at, started_at)) = (address.into(), times);
            Record::Instance(Instance {
                id,
                account,
                batch,
                index,
                state,
                machine,
                address,
                paid,
                protection,
                created_at,
                started_at,
                orders,
            })
        },
    )
}

fn event() -> impl Strategy<Value = Record> {
    let cycle = proptest::sample::select(&Cycle::ALL);
    let times = (time(), time(), option::of(time()));
    (event_id(), account(), instance_id(), reason(), cycle, times).prop_map(
        |(id, account, instance, reason, cycle, (published_at, not_before, finished_at))| {
            let kind = EventKind::CreationFailure(reason);
            Record::Event(Event { id, account, instance, kind, cycle, published_at, not_before, finished_at })
        },
    )
}
