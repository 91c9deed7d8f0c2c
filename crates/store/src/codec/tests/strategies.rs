//! Arbitrary keys and records. Small values come often, so that things collide; so do the ends of each range.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use fleet::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::bare_metal;

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..4, 1_700_000_000_000_u64..1_900_000_000_000, any::<u64>(), Just(u64::MAX)]
}

pub(super) fn small() -> impl Strategy<Value = u32> {
    prop_oneof![0_u32..4, any::<u32>(), Just(u32::MAX)]
}

pub(super) fn label() -> impl Strategy<Value = Label> {
    let text = prop_oneof!["[!a~]{1,3}", "[a-z]{2}-[a-z]{4,8}-[a-h]", "[!-~]{128}"];
    text.prop_map(|text| Label::parse(&text).unwrap())
}

pub(super) fn text() -> impl Strategy<Value = String> {
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

fn receipt_id() -> impl Strategy<Value = ReceiptId> {
    serial().prop_map(ReceiptId)
}

fn token_text() -> impl Strategy<Value = TokenText> {
    let text = prop_oneof!["[ a~]{1,3}", "[ -~]{1,64}"];
    text.prop_map(|text| TokenText::parse(&text).unwrap())
}

fn token_key() -> impl Strategy<Value = TokenKey> {
    use TokenAction::{Create, CreateGroup, CreateNetwork, CreateSubnet, Launch, Release, Request};
    let action = proptest::sample::select(&[
        Launch,
        Create,
        Release,
        CreateNetwork,
        CreateSubnet,
        CreateGroup,
        Request,
    ]);
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
        instance_id().prop_map(TimerKind::CoolDown),
        instance_id().prop_map(TimerKind::AutoRelease),
        event_id().prop_map(TimerKind::EventDue),
        receipt_id().prop_map(TimerKind::ReceiptExpiry),
        instance_id().prop_map(TimerKind::BinEnd),
        instance_id().prop_map(TimerKind::Expiry),
        instance_id().prop_map(TimerKind::BidReview),
        instance_id().prop_map(TimerKind::BidSweep),
        account().prop_map(TimerKind::Settlement),
    ]
}

fn work_id() -> impl Strategy<Value = WorkId> {
    (instance_id(), small()).prop_map(|(instance, order)| WorkId { instance, order })
}

fn asset_type() -> impl Strategy<Value = AssetType> {
    proptest::sample::select(&AssetType::ALL)
}

/// A name that people chose: any text, with the characters that are escaped in keys among them.
fn free_name() -> impl Strategy<Value = Arc<str>> {
    prop_oneof!["[\\x00-\\x03a]{0,4}", "\\PC{0,8}", "\u{1f95a}{128}"].prop_map(Arc::from)
}

/// A key of each kind, in the order of the kinds.
fn keys() -> Vec<BoxedStrategy<Key>> {
    vec![
        Just(Key::Sequence).boxed(),
        account().prop_map(Key::Account).boxed(),
        (account(), label()).prop_map(|(account, region)| Key::Holdings(account, region)).boxed(),
        label().prop_map(Key::Region).boxed(),
        label().prop_map(Key::Zone).boxed(),
        label().prop_map(Key::InstanceType).boxed(),
        label().prop_map(Key::Image).boxed(),
        (asset_type(), label()).prop_map(|(of, label)| Key::Asset(of, label)).boxed(),
        label().prop_map(Key::Host).boxed(),
        stock_key().prop_map(Key::Stock).boxed(),
        label().prop_map(Key::Network).boxed(),
        label().prop_map(Key::Subnet).boxed(),
        label().prop_map(Key::PublicPool).boxed(),
        (pool_id(), any::<u8>()).prop_map(|(pool, page)| Key::AddressPage(pool, page)).boxed(),
        (label(), ipv6()).prop_map(|(subnet, address)| Key::Ipv6Claim(subnet, address)).boxed(),
        instance_id().prop_map(Key::Cooling).boxed(),
        label().prop_map(Key::Group).boxed(),
        (label(), serial()).prop_map(|(group, id)| Key::Rule(group, RuleId(id))).boxed(),
        (account(), free_name()).prop_map(|(account, name)| Key::KeyPair(account, name)).boxed(),
        token_key().prop_map(Key::Token).boxed(),
        receipt_id().prop_map(Key::Receipt).boxed(),
        batch_id().prop_map(Key::Spec).boxed(),
        batch_id().prop_map(Key::Batch).boxed(),
        instance_id().prop_map(Key::Instance).boxed(),
        instance_id().prop_map(Key::Amendment).boxed(),
        (instance_id(), any::<u8>()).prop_map(|(id, index)| Key::Disk(id, index)).boxed(),
        batch_id().prop_map(Key::Password).boxed(),
        batch_id().prop_map(Key::UserData).boxed(),
        event_id().prop_map(Key::Event).boxed(),
        (time(), timer()).prop_map(|(at, kind)| Key::Timer(at, kind)).boxed(),
        (time(), work_id()).prop_map(|(at, id)| Key::Work(at, id)).boxed(),
        Just(Key::WorkStats).boxed(),
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
        host(),
        stock(),
        network(),
        subnet(),
        (label(), subnet_block(), pool())
            .prop_map(|(region, block, pool)| { Record::PublicPool(PublicPool { region, block, pool }) }),
        (pool_id(), any::<u8>(), any::<[u64; 4]>()).prop_map(|(pool, number, bits)| {
            Record::AddressPage(AddressPage { pool, number, taken: Bits(bits) })
        }),
        (label(), ipv6()).prop_map(|(subnet, address)| Record::Ipv6Claim(Ipv6Claim { subnet, address })),
        (instance_id(), time(), vec(held_address(), 0..12)).prop_map(|(instance, until, addresses)| {
            Record::Cooling(Cooling { instance, until, addresses })
        }),
        group(),
        rule(),
        (account(), label(), small(), small()).prop_map(|(account, region, networks, groups)| {
            Record::Holdings(Holdings { account, region, networks, groups })
        }),
        (receipt_id(), token_key(), label()).prop_map(|(id, token, made)| Record::Receipt(Receipt {
            id,
            token,
            made
        })),
        key_pair(),
        token(),
        (batch_id(), spec()).prop_map(|(batch, spec)| Record::Spec(batch, spec.into())),
        batch(),
        instance(),
        (instance_id(), amendment()).prop_map(|(id, amendment)| Record::Amendment(id, amendment)),
        kept_disk().prop_map(Record::Disk),
        (batch_id(), secret()).prop_map(|(batch, secret)| Record::Password(batch, secret)),
        (batch_id(), secret()).prop_map(|(batch, secret)| Record::UserData(batch, secret)),
        event(),
        (time(), timer()).prop_map(|(at, kind)| Record::Timer(at, kind)),
        (time(), work_id()).prop_map(|(at, id)| Record::Work(at, id)),
        work_stats().prop_map(Record::WorkStats),
        template(),
        template_version(),
        (template_name_key(), label()).prop_map(|(key, label)| Record::TemplateName(key, label)),
    ]
}

fn work_stats() -> impl Strategy<Value = WorkStats> {
    any::<[u64; 8]>().prop_map(|[claimed, done, failed, given_back, unclear, lapsed, extended, exhausted]| {
        WorkStats { claimed, done, failed, given_back, unclear, lapsed, extended, exhausted }
    })
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
    let limits = (option::of(small()), option::of(small()), option::of(small()));
    let quotas = limits.prop_map(|(postpaid, cpus, disks)| Quotas { postpaid, cpus, disks });
    let usage = (small(), small(), small());
    let usage = usage.prop_map(|(postpaid, cpus, disks)| Usage { postpaid, cpus, disks });
    let counts = (small(), small(), quotas, usage);
    let wallet = prop_oneof![Just(Wallet::Off), on];
    (account(), counts, wallet, vouchers(), vec(bar(), 0..30), option::of(meter())).prop_map(
        |(id, (instances, instance_limit, quotas, usage), wallet, vouchers, bars, meter)| {
            Record::Account(Account {
                id,
                instances,
                instance_limit,
                wallet,
                vouchers,
                bars,
                quotas,
                usage,
                meter,
            })
        },
    )
}

fn meter() -> impl Strategy<Value = Meter> {
    let grace = (time(), time()).prop_map(|(since, until)| Standing::Grace { since, until });
    let standing = prop_oneof![Just(Standing::Sound), grace, Just(Standing::Cut)];
    let amounts = (any::<u128>(), any::<u64>(), money());
    let sweep = (instance_id(), time()).prop_map(|(from, due)| Sweep { from, due });
    (instance_id(), amounts, time(), standing, option::of(sweep)).prop_map(
        |(first, (hourly, remainder, owed), settled_at, standing, sweep)| Meter {
            first,
            hourly,
            settled_at,
            remainder,
            owed,
            standing,
            sweep,
        },
    )
}

fn vouchers() -> impl Strategy<Value = Vouchers> {
    let voucher = (label(), time(), (money(), money(), money(), money())).prop_map(
        |(label, expires_at, (granted, left, held, spent))| Voucher {
            label,
            expires_at,
            granted,
            left,
            held,
            spent,
        },
    );
    let some = (vec(voucher, 0..Vouchers::MAX), money(), money());
    let some = some.prop_map(|(kept, spent, gone)| Vouchers { kept, spent, gone });
    prop_oneof![Just(Vouchers::default()), some]
}

fn bar() -> impl Strategy<Value = Bar> {
    let plain = proptest::sample::select(vec![
        Bar::Arrears,
        Bar::Unverified,
        Bar::NoPayMethod,
        Bar::PayAgreement,
        Bar::UnpaidOrder,
        Bar::Spot,
        Bar::UserData,
        Bar::Roles,
        Bar::Resources,
        Bar::KeyService,
        Bar::OwnKeys,
        Bar::KeyGrant,
        Bar::Promise,
    ]);
    let of: Vec<fn(Label) -> Bar> = vec![
        Bar::Region,
        Bar::Zone,
        Bar::InstanceType,
        Bar::ImageSubscription,
        Bar::ImagePurchase,
        Bar::ImageShare,
    ];
    let of = (proptest::sample::select(of), label()).prop_map(|(bar, label)| bar(label));
    prop_oneof![plain, of, disk_kind().prop_map(Bar::Disk)]
}

fn sale() -> impl Strategy<Value = Sale> {
    prop_oneof![Just(Sale::Open), Just(Sale::Closed)]
}

fn architecture() -> impl Strategy<Value = Architecture> {
    prop_oneof![Just(Architecture::X86_64), Just(Architecture::Arm64), Just(Architecture::I386)]
}

fn catalogue_item() -> impl Strategy<Value = CatalogueItem> {
    let region =
        (label(), text(), option::of(subnet_block())).prop_map(|(label, local_name, public_block)| {
            CatalogueItem::Region(Region { label, local_name, public_block })
        });
    let zone = (label(), label(), text(), sale(), vec(disk_kind(), 0..10), option::of(bare_metal::zone()));
    let zone = zone.prop_map(|(label, region, local_name, sale, disks, bare_metal)| {
        let bare_metal = bare_metal.map(Arc::new);
        CatalogueItem::Zone(Zone { label, region, local_name, sale, disks, bare_metal })
    });
    let size = (any::<u16>(), small());
    let instance_type = (label(), label(), size, architecture(), sale(), money(), abilities()).prop_map(
        |(label, family, (cpus, memory_mib), architecture, sale, monthly_price, abilities)| {
            CatalogueItem::InstanceType(InstanceType {
                label,
                family,
                cpus,
                memory_mib,
                architecture,
                sale,
                monthly_price,
                abilities,
            })
        },
    );
    let os = prop_oneof![Just(Os::Linux), Just(Os::Windows)];
    let status =
        prop_oneof![Just(ImageStatus::Available), Just(ImageStatus::Creating), Just(ImageStatus::Deprecated)];
    let image = (label(), text(), os, text(), architecture(), small(), status, image_traits()).prop_map(
        |(label, name, os, os_name, architecture, size_gib, status, traits)| {
            CatalogueItem::Image(Image { label, name, os, os_name, architecture, size_gib, status, traits })
        },
    );
    // One on the other they are more than the stack of a test thread takes.
    prop_oneof![region.boxed(), zone.boxed(), instance_type.boxed(), image.boxed(), asset().boxed()]
}

fn disk_kind() -> impl Strategy<Value = DiskKind> {
    proptest::sample::select(&DiskKind::ALL)
}

fn rate() -> impl Strategy<Value = Rate> {
    number().prop_map(Rate)
}

fn abilities() -> impl Strategy<Value = Abilities> {
    let io = prop_oneof![Just(IoSupport::Never), Just(IoSupport::Optional), Just(IoSupport::Only)];
    let rooms = (any::<u8>(), any::<u8>(), any::<u8>());
    let local = (any::<u8>(), small()).prop_map(|(count, size_gib)| LocalDisks { count, size_gib });
    let disks = (vec(disk_kind(), 0..10), local);
    let prices = (option::of(rate()), rate(), option::of(bare_metal::instance_type()));
    (io, disks, rooms, any::<bool>(), any::<bool>(), (any::<u16>(), text()), prices).prop_map(
        |(io, (disks, local_disks), rooms, burstable, hpc, (gpus, gpu_name), prices)| Abilities {
            io,
            disks,
            interfaces: rooms.0,
            ipv4_per_interface: rooms.1,
            ipv6_per_interface: rooms.2,
            burstable,
            hpc,
            local_disks,
            gpus,
            gpu_name,
            spot_price: prices.0,
            hourly_price: prices.1,
            bare_metal: prices.2.map(Arc::new),
        },
    )
}

fn image_traits() -> impl Strategy<Value = ImageTraits> {
    let origin = prop_oneof![
        Just(ImageOrigin::System),
        Just(ImageOrigin::Own),
        Just(ImageOrigin::Others),
        Just(ImageOrigin::Market),
    ];
    let can = (any::<bool>(), any::<bool>(), any::<bool>());
    (option::of(shared_text()), origin, time(), can, small(), option::of(account())).prop_map(
        |(family, origin, created_at, (has_password, io_optimized, cloud_init), memory_min_mib, account)| {
            ImageTraits {
                family,
                origin,
                created_at,
                has_password,
                io_optimized,
                cloud_init,
                memory_min_mib,
                account,
            }
        },
    )
}

fn asset() -> impl Strategy<Value = CatalogueItem> {
    let is = (any::<bool>(), any::<bool>(), any::<bool>());
    let snapshot = (small(), time(), is).prop_map(|(size_gib, created_at, is)| {
        let (finished, encrypted, of_system_disk) = is;
        AssetKind::Snapshot(DiskSnapshot { size_gib, created_at, finished, encrypted, of_system_disk })
    });
    let what = prop_oneof![
        snapshot,
        any::<bool>().prop_map(|for_instances| AssetKind::Role { for_instances }),
        any::<bool>().prop_map(|enabled| AssetKind::EncryptionKey { enabled }),
        small().prop_map(|places| AssetKind::DeploymentSet { places }),
        any::<bool>().prop_map(|ready| AssetKind::HpcCluster { ready }),
        Just(AssetKind::ResourceGroup),
        Just(AssetKind::StorageSet),
        Just(AssetKind::SnapshotPolicy),
    ];
    (label(), option::of(label()), option::of(account()), sale(), what).prop_map(
        |(label, region, account, sale, what)| {
            CatalogueItem::Asset(Asset { label, region, account, sale, what })
        },
    )
}

fn host() -> impl Strategy<Value = Record> {
    let terms = (any::<bool>(), option::of(time()), sale(), vec(self::label(), 0..4));
    (label(), text(), label(), option::of(account()), terms, small(), small()).prop_map(
        |(label, name, zone, account, (prepaid, expires_at, sale, families), places, taken)| {
            let host =
                Host { label, name, zone, account, prepaid, expires_at, sale, families, places, taken };
            Record::Host(host)
        },
    )
}

fn key_pair() -> impl Strategy<Value = Record> {
    (account(), free_name(), text(), text(), time(), option::of(label()), tags()).prop_map(
        |(account, name, fingerprint, public_key, created_at, resource_group, tags)| {
            Record::KeyPair(KeyPair {
                account,
                name,
                fingerprint,
                public_key,
                created_at,
                resource_group,
                tags,
            })
        },
    )
}

pub(super) fn shared_text() -> impl Strategy<Value = Arc<str>> {
    text().prop_map(Arc::from)
}

fn settings() -> impl Strategy<Value = Settings> {
    vec((text(), text()), 0..5).prop_map(Settings::from_iter)
}

fn secret() -> impl Strategy<Value = Secret> {
    vec(any::<u8>(), 0..200).prop_map(|bytes| Secret::new(&bytes))
}

fn credit() -> impl Strategy<Value = Credit> {
    prop_oneof![Just(Credit::Standard), Just(Credit::Unlimited)]
}

fn amendment() -> impl Strategy<Value = Amendment> {
    let texts = (option::of(shared_text()), option::of(shared_text()), option::of(shared_text()));
    let lists = (option::of(vec(label(), 0..3)), option::of(tags()), settings());
    let secrets = (option::of(secret()), option::of(secret()));
    let notes = (
        option::of(lock()),
        vec(event_id(), 0..3),
        option::of(bare_metal::installed()),
        option::of(renewal()),
    );
    let (texts, lists, secrets, notes) = (texts.boxed(), lists.boxed(), secrets.boxed(), notes.boxed());
    (texts, lists, option::of(credit()), secrets, option::of(free_name()), notes).prop_map(
        |(texts, (groups, tags, settings), credit, (user_data, password), key_pair, notes)| {
            let (lock, events, installed, renewal) = notes;
            Amendment {
                name: texts.0,
                host_name: texts.1,
                description: texts.2,
                groups,
                tags,
                credit,
                user_data,
                password,
                key_pair,
                settings,
                lock,
                events,
                installed: installed.map(Arc::new),
                renewal,
            }
        },
    )
}

fn lock() -> impl Strategy<Value = LockReason> {
    proptest::sample::select(&LockReason::ALL)
}

fn kept_disk() -> impl Strategy<Value = KeptDisk> {
    let place = (instance_id(), any::<u8>(), account(), label(), label());
    (place, disk(), time(), time()).prop_map(
        |((instance, index, account, region, zone), disk, created_at, kept_at)| KeptDisk {
            instance,
            index,
            account,
            region,
            zone,
            disk,
            created_at,
            kept_at,
        },
    )
}

fn means() -> impl Strategy<Value = Means> {
    prop_oneof![Just(Means::Orderly), Just(Means::Cut)]
}

fn capacity() -> impl Strategy<Value = Capacity> {
    prop_oneof![Just(Capacity::Kept), Just(Capacity::GivenBack)]
}

fn incident() -> impl Strategy<Value = Incident> {
    let staging = prop_oneof![
        Just(Staging::Real),
        Just(Staging::Simulated),
        Just(Staging::InEarnest),
        Just(Staging::Own)
    ];
    (proptest::sample::select(&IncidentKind::ALL), staging, time())
        .prop_map(|(kind, staging, due_at)| Incident { kind, staging, due_at })
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

fn pool_id() -> impl Strategy<Value = PoolId> {
    let of: Vec<fn(Label) -> PoolId> = vec![PoolId::Subnet, PoolId::SubnetIpv6, PoolId::Public];
    (proptest::sample::select(of), label()).prop_map(|(of, label)| of(label))
}

fn pool() -> impl Strategy<Value = Pool> {
    (small(), any::<[u64; 4]>()).prop_map(|(free, bits)| Pool { free, full_pages: Bits(bits) })
}

fn ipv6() -> impl Strategy<Value = Ipv6Addr> {
    any::<[u8; 16]>().prop_map(Ipv6Addr::from)
}

fn held_address() -> impl Strategy<Value = HeldAddress> {
    let v4 = || any::<[u8; 4]>().prop_map(Ipv4Addr::from);
    prop_oneof![
        (label(), v4()).prop_map(|(label, address)| HeldAddress::Subnet(label, address)),
        (label(), ipv6()).prop_map(|(label, address)| HeldAddress::SubnetIpv6(label, address)),
        (label(), v4()).prop_map(|(region, address)| HeldAddress::Public(region, address)),
    ]
}

fn ipv6_net(mask: u8) -> impl Strategy<Value = ipnet::Ipv6Net> {
    ipv6().prop_map(move |address| ipnet::Ipv6Net::new(address, mask).unwrap().trunc())
}

fn subnet_ipv6() -> impl Strategy<Value = SubnetIpv6> {
    let whole = |(net, pool)| SubnetIpv6::new(net).unwrap().with_pool(pool);
    (ipv6_net(SubnetIpv6::MASK), pool()).prop_map(whole)
}

fn subnet_block() -> impl Strategy<Value = SubnetBlock> {
    (any::<[u8; 4]>(), 16_u8..=29).prop_map(|(address, mask)| {
        SubnetBlock::new(ipnet::Ipv4Net::new(address.into(), mask).unwrap().trunc()).unwrap()
    })
}

fn network() -> impl Strategy<Value = Record> {
    let subnets = prop_oneof![vec((label(), subnet_block()), 0..3), vec((label(), subnet_block()), 64)];
    let block = (any::<[u8; 4]>(), 0_u8..=32);
    let block = block.prop_map(|(address, mask)| ipnet::Ipv4Net::new(address.into(), mask).unwrap());
    let blocks = (block, option::of(ipv6_net(Network::IPV6_MASK)));
    let (texts, times) = ((text(), text(), marks()), (time(), time()));
    (label(), account(), label(), blocks, texts, times, subnets, small()).prop_map(
        |(label, account, region, (block, ipv6), texts, (created_at, ready_at), subnets, groups)| {
            let (name, description, marks) = texts;
            Record::Network(Network {
                label,
                account,
                region,
                block,
                name,
                description,
                created_at,
                ready_at,
                ipv6,
                subnets,
                groups,
                marks,
            })
        },
    )
}

fn subnet() -> impl Strategy<Value = Record> {
    let labels = (label(), label(), label());
    let (texts, times) = ((text(), text(), marks()), (time(), time()));
    (labels, account(), subnet_block(), texts, times, pool(), option::of(subnet_ipv6())).prop_map(
        |(
            (label, network, zone),
            account,
            block,
            (name, description, marks),
            (created_at, ready_at),
            pool,
            ipv6,
        )| {
            Record::Subnet(Subnet {
                label,
                account,
                network,
                zone,
                block,
                name,
                description,
                created_at,
                ready_at,
                pool,
                ipv6,
                marks,
            })
        },
    )
}

fn group() -> impl Strategy<Value = Record> {
    let counts = (small(), small(), small());
    (label(), account(), label(), text(), text(), time(), counts, marks()).prop_map(
        |(label, account, network, name, description, created_at, (members, rules, named_by), marks)| {
            Record::Group(Group {
                label,
                account,
                network,
                name,
                description,
                created_at,
                members,
                rules,
                named_by,
                marks,
            })
        },
    )
}

fn marks() -> impl Strategy<Value = Marks> {
    (tags(), option::of(label()), settings()).prop_map(|(tags, resource_group, settings)| Marks {
        tags,
        resource_group,
        settings,
    })
}

fn net() -> impl Strategy<Value = ipnet::IpNet> {
    let v4 = (any::<[u8; 4]>(), 0_u8..=32);
    let v4 = v4.prop_map(|(address, mask)| ipnet::Ipv4Net::new(address.into(), mask).unwrap().into());
    let v6 = (any::<[u8; 16]>(), 0_u8..=128);
    let v6 = v6.prop_map(|(address, mask)| ipnet::Ipv6Net::new(address.into(), mask).unwrap().into());
    prop_oneof![v4, v6]
}

fn ports() -> impl Strategy<Value = Ports> {
    let range = (any::<u16>(), any::<u16>()).prop_map(|(first, last)| Ports::Range { first, last });
    prop_oneof![Just(Ports::All), range]
}

fn rule() -> impl Strategy<Value = Record> {
    use Protocol::{All, Gre, Icmp, Tcp, Udp};
    let kind = (
        proptest::sample::select(&[Direction::In, Direction::Out]),
        proptest::sample::select(&[Verdict::Accept, Verdict::Drop]),
        any::<u8>(),
        proptest::sample::select(&[Tcp, Udp, Icmp, Gre, All]),
    );
    let ports = (ports(), option::of(ports()), option::of(label()));
    let far =
        prop_oneof![net().prop_map(Peer::Block), label().prop_map(Peer::Group), label().prop_map(Peer::List)];
    (serial(), label(), kind, ports, far, option::of(net()), text(), time()).prop_map(
        |(id, group, kind, (ports, source_ports, port_list), far, near, description, created_at)| {
            let (direction, verdict, priority, protocol) = kind;
            let traffic =
                Traffic { direction, verdict, priority, protocol, ports, source_ports, port_list, far, near };
            Record::Rule(Rule { id: RuleId(id), group, traffic, description, created_at })
        },
    )
}

fn token() -> impl Strategy<Value = Record> {
    let outcome =
        prop_oneof![batch_id().prop_map(TokenOutcome::Batch), receipt_id().prop_map(TokenOutcome::Receipt)];
    (token_key(), any::<[u8; 32]>(), outcome, time()).prop_map(|(key, fingerprint, outcome, expires_at)| {
        Record::Token(Token { key, fingerprint: Fingerprint(fingerprint), outcome, expires_at })
    })
}

fn names() -> impl Strategy<Value = Names> {
    let fixed = text().prop_map(|name| Naming::Fixed(name.into()));
    let numbered = (text(), small(), any::<u8>(), text()).prop_map(|(prefix, begin, digits, suffix)| {
        Naming::Numbered { prefix: prefix.into(), begin, digits, suffix: suffix.into() }
    });
    let each = proptest::collection::vec(text(), 0..4)
        .prop_map(|names| Naming::Each(names.into_iter().map(Into::into).collect()));
    let number = (small(), any::<u8>()).prop_map(|(begin, digits)| NamePart::Number { begin, digits });
    let part = prop_oneof![text().prop_map(|text| NamePart::Text(text.into())), number];
    let parts = vec(part, 0..5).prop_map(Naming::Parts);
    (prop_oneof![Just(Naming::OwnId), fixed, numbered, each, parts], any::<bool>())
        .prop_map(|(naming, unique_suffix)| Names { naming, unique_suffix })
}

fn protection() -> impl Strategy<Value = Protection> {
    prop_oneof![Just(Protection::Off), Just(Protection::On)]
}

fn unit() -> impl Strategy<Value = PeriodUnit> {
    prop_oneof![Just(PeriodUnit::Week), Just(PeriodUnit::Month)]
}

fn on_release() -> impl Strategy<Value = OnRelease> {
    prop_oneof![Just(OnRelease::Delete), Just(OnRelease::Keep)]
}

fn disk() -> impl Strategy<Value = Disk> {
    use DiskLevel::{Pl0, Pl1, Pl2, Pl3};
    let level = option::of(proptest::sample::select(&[Pl0, Pl1, Pl2, Pl3]));
    let names = (option::of(label()), option::of(label()), option::of(label()));
    let shape = (disk_kind(), small(), level, any::<u16>().prop_map(Device));
    (shape, names, shared_text(), shared_text(), on_release(), any::<bool>()).prop_map(
        |(shape, (snapshot, key, snapshot_policy), name, description, on_release, encrypted)| {
            let (kind, size_gib, level, device) = shape;
            Disk {
                kind,
                size_gib,
                level,
                snapshot,
                name,
                description,
                device,
                on_release,
                encrypted,
                key,
                snapshot_policy,
            }
        },
    )
}

fn interface() -> impl Strategy<Value = Interface> {
    (label(), vec(label(), 0..3), shared_text(), shared_text(), on_release()).prop_map(
        |(subnet, groups, name, description, on_release)| Interface {
            subnet,
            groups,
            name,
            description,
            on_release,
        },
    )
}

fn renewal() -> impl Strategy<Value = Renewal> {
    let on = (any::<u8>(), unit()).prop_map(|(count, unit)| Renewal::On { count, unit });
    prop_oneof![Just(Renewal::Off), on]
}

fn terms() -> impl Strategy<Value = Terms> {
    let interruption = prop_oneof![Just(Interruption::Release), Just(Interruption::Stop)];
    let spot = (option::of(rate()), any::<u8>(), interruption)
        .prop_map(|(at_most, protected_hours, interruption)| Spot { at_most, protected_hours, interruption });
    (renewal(), option::of(spot), option::of(time()), option::of(credit()), option::of(label())).prop_map(
        |(renewal, spot, release_at, credit, resource_group)| Terms {
            renewal,
            spot,
            release_at,
            credit,
            resource_group,
        },
    )
}

fn hosting() -> impl Strategy<Value = Hosting> {
    let tenancy = prop_oneof![Just(Tenancy::Shared), Just(Tenancy::Dedicated)];
    let affinity = prop_oneof![Just(Affinity::Any), Just(Affinity::Host)];
    let set = (option::of(label()), option::of(any::<u8>()));
    let storage_set = option::of((label(), option::of(any::<u16>())));
    (option::of(label()), tenancy, affinity, set, option::of(label()), storage_set).prop_map(
        |(host, tenancy, affinity, (deployment_set, deployment_group), hpc_cluster, storage_set)| Hosting {
            host,
            tenancy,
            affinity,
            deployment_set,
            deployment_group,
            hpc_cluster,
            storage_set,
        },
    )
}

/// In boxes: whole, it is too large for the stack of a test.
fn spec() -> impl Strategy<Value = Spec> {
    let places =
        (label(), label(), option::of(label()), label(), label(), label(), vec(label(), 0..5)).boxed();
    let paid = (any::<u8>(), unit()).prop_map(|(count, unit)| Charge::PrePaid { count, unit });
    let after = prop_oneof![Just(AfterCreation::Start), Just(AfterCreation::Stay)];
    let terms = (prop_oneof![Just(Charge::PostPaid), paid], after, protection()).boxed();
    let words = (names(), names(), text(), tags(), settings()).boxed();
    let line = prop_oneof![Just(InternetCharge::ByTraffic), Just(InternetCharge::ByBandwidth)];
    let line = (line, any::<u16>(), any::<u16>());
    let io = prop_oneof![Just(Io::Plain), Just(Io::Optimized)];
    let disks = (disk(), vec(disk(), 0..4), vec(interface(), 0..3)).boxed();
    let machine = ((any::<u16>(), rate()), io, disks).boxed();
    let bare = option::of(bare_metal::asked()).boxed();
    let rest = (self::terms(), option::of(free_name()), option::of(label()), hosting().boxed(), bare).boxed();
    (places, terms, words, line, machine, rest).prop_map(|(places, terms, words, line, machine, rest)| {
        let (region, zone, image, instance_type, network, subnet, groups) = places;
        let (charge, after_creation, protection) = terms;
        let (names, host_names, description, tags, settings) = words;
        let ((cpus, hourly), io, (system_disk, data_disks, interfaces)) = machine;
        let (terms, key_pair, role, hosting, bare_metal) = rest;
        let internet = Internet { charge: line.0, in_mbps_max: line.1, out_mbps_max: line.2 };
        Spec {
            region,
            zone,
            image,
            instance_type,
            cpus,
            hourly,
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
            io,
            system_disk,
            data_disks,
            interfaces,
            terms,
            key_pair,
            role,
            hosting,
            settings,
            bare_metal: bare_metal.map(Arc::new),
        }
    })
}

fn reason() -> impl Strategy<Value = FailureReason> {
    use FailureReason::{Deadline, Exhausted, Machine, NoAddress, NoStock};
    prop_oneof![Just(NoStock), Just(NoAddress), Just(Machine), Just(Deadline), Just(Exhausted)]
}

fn batch() -> impl Strategy<Value = Record> {
    let outcome = prop_oneof![
        Just(Outcome::Pending),
        Just(Outcome::Made),
        reason().prop_map(Outcome::Failed),
        Just(Outcome::Released),
    ];
    let fate = (vec(outcome, 0..=100), any::<u8>(), any::<bool>());
    let limit = [
        Limit::Quota,
        Limit::PostpaidQuota,
        Limit::CpuQuota,
        Limit::DiskQuota,
        Limit::Money,
        Limit::GroupPlaces,
        Limit::Addresses,
        Limit::Ipv6Addresses,
        Limit::PublicAddresses,
        Limit::Stock,
    ];
    let refused = option::of(proptest::sample::select(limit.to_vec()));
    let names = (option::of(token_key()), option::of(token_key()), refused);
    (batch_id(), account(), instance_id(), fate, time(), names).prop_map(
        |(id, account, first, (outcomes, living, may_go), launched_at, (token, request, refused))| {
            Record::Batch(Batch {
                id,
                account,
                first,
                outcomes,
                living,
                launched_at,
                token,
                may_go,
                request,
                refused,
            })
        },
    )
}

fn work() -> impl Strategy<Value = Work> {
    (small(), small(), small(), time(), option::of(label())).prop_map(
        |(order, attempt, unanswered, available_at, holder)| Work {
            unanswered,
            order,
            attempt,
            available_at,
            holder,
        },
    )
}

fn state() -> impl Strategy<Value = State> {
    let boot = prop_oneof![Just(Boot::Start), Just(Boot::Reboot)];
    let from = prop_oneof![
        Just(ReleasedFrom::Running),
        capacity().prop_map(ReleasedFrom::Stopped),
        Just(ReleasedFrom::Failed),
        capacity().prop_map(ReleasedFrom::Binned),
    ];
    let failure = (reason(), event_id(), option::of(time()));
    prop_oneof![
        work().prop_map(State::Pending),
        (boot, work()).prop_map(|(boot, work)| State::Starting(boot, work)),
        Just(State::Running),
        (means(), capacity(), work())
            .prop_map(|(means, capacity, work)| { State::Stopping(Shutdown { means, capacity }, work) }),
        capacity().prop_map(State::Stopped),
        work().prop_map(State::Installing),
        Just(State::Blank),
        (time(), capacity()).prop_map(|(until, capacity)| State::Binned { until, capacity }),
        failure.prop_map(|(reason, event, release_at)| State::Failed(Failure { reason, event, release_at })),
        (from, work()).prop_map(|(from, work)| State::Releasing(from, work)),
    ]
}

fn instance() -> impl Strategy<Value = Record> {
    let machine = prop_oneof![Just(Machine::Absent), Just(Machine::Possible), Just(Machine::Present)];
    let ids = (instance_id(), account(), batch_id(), any::<u8>());
    let times = (time(), option::of(time()), option::of(time()), option::of(time()));
    let further = (vec(any::<[u8; 4]>(), 0..4), vec(any::<[u8; 16]>(), 0..10));
    let addresses = (any::<[u8; 4]>(), option::of(any::<[u8; 4]>()), further);
    let attached = (label(), any::<[u8; 4]>());
    let attached = attached.prop_map(|(subnet, address)| Attachment { subnet, address: address.into() });
    let portion = (label(), money()).prop_map(|(voucher, amount)| Portion { voucher, amount });
    let counts = ((money(), vec(portion, 0..4)), small(), any::<bool>(), vec(attached, 0..3));
    (ids, state(), machine, addresses, counts, protection(), times).prop_map(
        |((id, account, batch, index), state, machine, addresses, counts, protection, times)| {
            let (address, public, (further, ipv6)) = addresses;
            let (created_at, started_at, release_at, paid_until) = times;
            let ((paid, portions), orders, amended, attached) = counts;
            Record::Instance(Instance {
                id,
                account,
                batch,
                index,
                state,
                machine,
                address: address.into(),
                paid,
                portions,
                protection,
                created_at,
                started_at,
                orders,
                release_at,
                public: public.map(Into::into),
                further: further.into_iter().map(Into::into).collect(),
                ipv6: ipv6.into_iter().map(Into::into).collect(),
                amended,
                attached,
                paid_until,
            })
        },
    )
}

fn event() -> impl Strategy<Value = Record> {
    let cycle = proptest::sample::select(&Cycle::ALL);
    let times = (time(), time(), option::of(time()));
    let kind = (reason(), option::of(incident()), option::of(label()));
    (event_id(), account(), instance_id(), kind, cycle, times).prop_map(
        |(
            id,
            account,
            instance,
            (reason, incident, region),
            cycle,
            (published_at, not_before, finished_at),
        )| {
            let kind = match incident {
                Some(incident) => EventKind::Incident(incident),
                None => EventKind::CreationFailure(reason),
            };
            Record::Event(Event {
                id,
                account,
                instance,
                kind,
                cycle,
                published_at,
                not_before,
                finished_at,
                region,
            })
        },
    )
}
