//! Every kind of record at fixed values, as bytes that are committed.
//!
//! A change of the format shows as a diff of `tests/golden/records.hex`. A record that is in a
//! release is never changed in there: it is added to, and read for ever. What earlier versions of a
//! record looked like stands in `tests/golden/older.hex`, which nothing writes anew.
//! `HATCHERY_GOLDEN=write cargo test -p store golden` writes the file anew.

use std::fmt::Write as _;
use std::fs;

use fleet::*;

use super::{Pair, encode, label, long_spec, read};
use crate::keys;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/records.hex");
const OLDER_PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/older.hex");

#[test]
fn records_on_disk_stay_as_they_are() {
    let written: String = records().iter().map(|(name, record)| render(name, record)).collect();
    if std::env::var("HATCHERY_GOLDEN").is_ok_and(|mode| mode == "write") {
        fs::write(PATH, &written).unwrap();
    }
    let golden = fs::read_to_string(PATH).unwrap();
    for (written, golden) in written.lines().zip(golden.lines()) {
        assert_eq!(written, golden);
    }
    assert_eq!(written, golden);
}

#[test]
fn records_on_disk_are_read() {
    let golden = fs::read_to_string(PATH).unwrap();
    let stored: Vec<(&str, Vec<Pair>)> = golden.split_terminator("\n\n").map(parse).collect();
    assert_eq!(stored.len(), records().len());
    for ((name, record), (stored_name, pairs)) in records().into_iter().zip(stored) {
        assert_eq!(stored_name, name);
        assert_eq!(read(&pairs), Ok(record), "{name}");
    }
}

/// `tests/golden/older.hex` has what older releases wrote, under the names of today's records. What
/// they did not know of has its default.
#[test]
fn records_of_older_versions_are_read() {
    let golden = fs::read_to_string(OLDER_PATH).unwrap();
    let today = records();
    let mut versions = std::collections::BTreeSet::new();
    for (name, pairs) in golden.split_terminator("\n\n").map(parse) {
        let (_, record) = today.iter().find(|(found, _)| *found == name).unwrap();
        assert_eq!(read(&pairs), Ok(as_older(record.clone(), pairs[0].1[0])), "{name}");
        assert_ne!(pairs, encode(record).unwrap(), "{name} is older than what is written today");
        versions.insert((pairs[0].0[0], pairs[0].1[0]));
    }
    assert_eq!(versions.len(), 8, "{versions:?}");
}

#[allow(clippy::wildcard_enum_match_arm, reason = "the kinds that are still at their first version")]
fn as_older(record: Record, version: u8) -> Record {
    match record {
        Record::Instance(instance) => {
            let paid_until = instance.paid_until.filter(|_| version > 1);
            Record::Instance(Instance { paid_until, portions: vec![], ..instance })
        }
        Record::Account(account) => {
            let vouchers = if version > 1 { account.vouchers } else { Vouchers::default() };
            Record::Account(Account { vouchers, meter: None, ..account })
        }
        Record::Batch(batch) => Record::Batch(Batch { request: None, refused: None, ..batch }),
        Record::Amendment(id, amendment) => Record::Amendment(id, Amendment { renewal: None, ..amendment }),
        Record::Event(event) => Record::Event(Event { region: None, ..event }),
        Record::Host(host) => Record::Host(Host { families: vec![], ..host }),
        other => other,
    }
}

#[test]
fn every_kind_has_a_golden_record() {
    let mut kinds: Vec<u8> = records().iter().map(|(_, record)| encode(record).unwrap()[0].0[0]).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let all = keys::tests::one_of_each().map(|key| keys::encode(&key)[0]);
    assert_eq!(kinds, all);
}

fn render(name: &str, record: &Record) -> String {
    let mut text = format!("# {name}\n");
    for (key, value) in encode(record).unwrap() {
        writeln!(text, "{} {}", hex(&key), hex(&value)).unwrap();
    }
    text + "\n"
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn parse(block: &str) -> (&str, Vec<Pair>) {
    let mut lines = block.lines();
    let name = lines.next().unwrap().trim_start_matches("# ");
    let pairs = lines.map(|line| line.split_once(' ').unwrap());
    (name, pairs.map(|(key, value)| (unhex(key), unhex(value))).collect())
}

fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|digits| u8::from_str_radix(str::from_utf8(digits).unwrap(), 16).unwrap())
        .collect()
}

fn serial(number: u64) -> Serial {
    Serial { epoch: 1, number }
}

fn time(seconds: u64) -> Time {
    Time::from_secs(1_760_000_000 + seconds)
}

fn block(text: &str) -> SubnetBlock {
    SubnetBlock::new(text.parse().unwrap()).unwrap()
}

fn token_key() -> TokenKey {
    TokenKey {
        account: AccountId(1001),
        action: TokenAction::Launch,
        region: label("cn-hangzhou"),
        text: TokenText::parse("123e4567-e89b-12d3-a456-426655440000").unwrap(),
    }
}

fn work(holder: Option<Label>) -> Work {
    Work { order: 1, attempt: 3, unanswered: 2, available_at: time(60), holder }
}

fn instance(number: u64, state: State) -> Record {
    Record::Instance(Instance {
        id: InstanceId(serial(number)),
        account: AccountId(1001),
        batch: BatchId(serial(4000)),
        index: 0,
        state,
        machine: Machine::Possible,
        address: [192, 168, 1, 7].into(),
        paid: Money(0),
        portions: Vec::new(),
        protection: Protection::Off,
        created_at: time(0),
        started_at: None,
        orders: 1,
        release_at: None,
        public: None,
        further: Vec::new(),
        ipv6: Vec::new(),
        amended: false,
        attached: Vec::new(),
        paid_until: None,
    })
}

fn at_its_fullest() -> Record {
    let Record::Instance(instance) = running(4001) else { panic!("it is one") };
    let ipv6 = [0x2408_4005, 0, 0, 7].map(u32::to_be_bytes);
    Record::Instance(Instance {
        release_at: Some(time(3600)),
        public: Some([47, 96, 0, 9].into()),
        further: vec![[192, 168, 2, 3].into()],
        ipv6: vec![<[u8; 16]>::try_from(ipv6.as_flattened()).unwrap().into()],
        amended: true,
        attached: vec![Attachment { subnet: label("subnet-1"), address: [10, 0, 1, 9].into() }],
        paid_until: Some(time(2_592_000)),
        ..instance
    })
}

fn paid_with_vouchers() -> Record {
    let Record::Instance(pending) = instance(4001, State::Pending(work(None))) else { panic!("it is one") };
    let portion = |voucher, amount| Portion { voucher: label(voucher), amount: Money(amount) };
    let portions = vec![portion("spring", 200), portion("welcome", 40)];
    Record::Instance(Instance { paid: Money(250), portions, ..pending })
}

fn metered(standing: Standing, sweep: Option<Sweep>) -> Account {
    let meter = Meter {
        first: InstanceId(serial(4001)),
        hourly: (7 << 64) | 250_000,
        settled_at: time(7200),
        remainder: 1_800_000_000,
        owed: Money(12),
        standing,
        sweep,
    };
    let wallet = Wallet::On { balance: Money(90), held: Money(10), spent: Money(0) };
    Account { wallet, meter: Some(meter), ..Account::new(AccountId(1004)) }
}

fn with_vouchers() -> Account {
    let voucher = |name, expires, left, held, spent| Voucher {
        label: label(name),
        expires_at: time(expires),
        granted: Money(left + held + spent),
        left: Money(left),
        held: Money(held),
        spent: Money(spent),
    };
    Account {
        wallet: Wallet::On { balance: Money(90), held: Money(10), spent: Money(0) },
        vouchers: Vouchers {
            kept: vec![voucher("spring", 86_400, 0, 200, 300), voucher("welcome", 2_592_000, 60, 40, 0)],
            spent: Money(70_000),
            gone: Money(5),
        },
        ..Account::new(AccountId(1003))
    }
}

fn running(number: u64) -> Record {
    let Record::Instance(instance) = instance(number, State::Running) else { panic!("it is one") };
    let (machine, started_at) = (Machine::Present, Some(time(90)));
    Record::Instance(Instance { machine, started_at, orders: 2, ..instance })
}

fn batch(number: u64, outcomes: Vec<Outcome>, token: Option<TokenKey>) -> Record {
    Record::Batch(Batch {
        id: BatchId(serial(number)),
        account: AccountId(1001),
        first: InstanceId(serial(number + 1)),
        living: u8::try_from(outcomes.len()).unwrap(),
        outcomes,
        launched_at: time(0),
        request: None,
        token,
        may_go: false,
        refused: None,
    })
}

fn refused_batch() -> Record {
    let Record::Batch(refused) = batch(4300, Vec::new(), Some(token_key())) else { panic!("it is one") };
    let request = Some(TokenKey { action: TokenAction::Request, ..token_key() });
    Record::Batch(Batch { request, refused: Some(Limit::Stock), ..refused })
}

fn event(number: u64, cycle: Cycle, finished_at: Option<Time>) -> Record {
    Record::Event(Event {
        id: EventId(serial(number)),
        account: AccountId(1001),
        instance: InstanceId(serial(4001)),
        kind: EventKind::CreationFailure(FailureReason::NoStock),
        cycle,
        published_at: time(30),
        not_before: time(330),
        finished_at,
        region: Some(label("cn-hangzhou")),
    })
}

pub(super) fn spec() -> Record {
    let spec = Spec {
        region: label("cn-hangzhou"),
        zone: label("cn-hangzhou-g"),
        image: Some(label("aliyun_3_x64_20G_alibase_20240819.vhd")),
        instance_type: label("ecs.g6.large"),
        cpus: 2,
        hourly: Rate(97),
        network: label("vpc-0001000000000000001a"),
        subnet: label("vsw-0001000000000000001b"),
        groups: vec![label("sg-0001000000000000001c")],
        charge: Charge::PostPaid,
        after_creation: AfterCreation::Start,
        protection: Protection::Off,
        names: Names { naming: Naming::Fixed("web".into()), unique_suffix: true },
        host_names: Names::OWN_ID,
        description: "".into(),
        tags: vec![Tag { key: "team".into(), value: "storage".into() }],
        internet: Internet { charge: InternetCharge::ByTraffic, in_mbps_max: 200, out_mbps_max: 0 },
        io: Io::Optimized,
        system_disk: Disk::new(DiskKind::Efficiency, 40),
        data_disks: Vec::new(),
        interfaces: Vec::new(),
        terms: Terms::default(),
        key_pair: None,
        role: None,
        hosting: Hosting::default(),
        settings: Settings::default(),
        bare_metal: None,
    };
    Record::Spec(BatchId(serial(4000)), spec.into())
}

fn spec_at_its_fullest() -> Record {
    let Record::Spec(_, spec) = spec() else { panic!("it is one") };
    let numbered =
        Naming::Numbered { prefix: "node-".into(), begin: 10, digits: 4, suffix: "-\u{9e21}".into() };
    let spec = Spec {
        groups: vec![label("sg-1"), label("sg-2")],
        charge: Charge::PrePaid { count: 3, unit: PeriodUnit::Month },
        after_creation: AfterCreation::Stay,
        protection: Protection::On,
        names: Names { naming: numbered, unique_suffix: false },
        host_names: Names { naming: Naming::Fixed("host".into()), unique_suffix: true },
        description: "with eggs \u{1f95a}".into(),
        tags: vec![],
        internet: Internet { charge: InternetCharge::ByBandwidth, in_mbps_max: 65_535, out_mbps_max: 100 },
        io: Io::Plain,
        system_disk: disk(),
        data_disks: vec![Disk::new(DiskKind::LocalSsd, 1788), disk()],
        interfaces: vec![Interface {
            subnet: label("vsw-0001000000000000001d"),
            groups: vec![label("sg-1")],
            name: "eth1".into(),
            description: "to the back".into(),
            on_release: OnRelease::Keep,
        }],
        terms: Terms {
            renewal: Renewal::On { count: 1, unit: PeriodUnit::Month },
            spot: Some(Spot {
                at_most: Some(Rate(97)),
                protected_hours: 1,
                interruption: Interruption::Stop,
            }),
            release_at: Some(time(7200)),
            credit: Some(Credit::Unlimited),
            resource_group: Some(label("rg-bp67acfmxazb4p")),
        },
        key_pair: Some("key of the house".into()),
        role: Some(label("web-role")),
        hosting: Hosting {
            host: Some(label("dh-1")),
            tenancy: Tenancy::Dedicated,
            affinity: Affinity::Host,
            deployment_set: Some(label("ds-1")),
            deployment_group: Some(2),
            hpc_cluster: Some(label("hpc-1")),
            storage_set: Some((label("ss-1"), Some(3))),
        },
        settings: [("CpuOptions.Core", "2"), ("HttpTokens", "required")].into_iter().collect(),
        ..(*spec).clone()
    };
    Record::Spec(BatchId(serial(4100)), spec.into())
}

fn disk() -> Disk {
    Disk {
        level: Some(DiskLevel::Pl1),
        snapshot: Some(label("s-1")),
        name: "data".into(),
        description: "of the shop".into(),
        device: Device(2),
        on_release: OnRelease::Keep,
        encrypted: true,
        key: Some(label("key-1")),
        snapshot_policy: Some(label("sp-1")),
        ..Disk::new(DiskKind::Essd, 500)
    }
}

/// Every kind of record, and every shape one takes.
pub(super) fn records() -> Vec<(&'static str, Record)> {
    let mut records = catalogue();
    records.extend(assets());
    records.extend(networks());
    records.extend(launches());
    records.extend(instances());
    records.extend(queues());
    records.extend(templates());
    records
}

fn catalogue() -> Vec<(&'static str, Record)> {
    let item = Record::Catalogue;
    let key = StockKey { zone: label("cn-hangzhou-g"), instance_type: label("ecs.g6.large") };
    let account = |id, wallet| {
        let fresh = Account::new(AccountId(id));
        Record::Account(Account { instances: 3, instance_limit: 1000, wallet, ..fresh })
    };
    let bounded = Account {
        bars: vec![Bar::Arrears, Bar::Zone(label("cn-hangzhou-g")), Bar::Disk(DiskKind::Auto)],
        quotas: Quotas { postpaid: Some(10), cpus: None, disks: Some(300) },
        usage: Usage { postpaid: 3, cpus: 6, disks: 4 },
        ..Account::new(AccountId(1002))
    };
    let wallet = Wallet::On { balance: Money(5_000_000_000), held: Money(250), spent: Money(0) };
    vec![
        ("sequence", Record::Sequence(Sequence { next: Serial { epoch: 2, number: 70_000 } })),
        ("account", account(1001, Wallet::Off)),
        ("account with money", account(u64::MAX, wallet)),
        ("account with bars", Record::Account(bounded)),
        ("account with vouchers", Record::Account(with_vouchers())),
        ("account that is metered", Record::Account(metered(Standing::Sound, None))),
        (
            "account in arrears",
            Record::Account(metered(Standing::Grace { since: time(7200), until: time(93_600) }, None)),
        ),
        (
            "account whose instances are cut off",
            Record::Account(metered(
                Standing::Cut,
                Some(Sweep { from: InstanceId(serial(4101)), due: time(93_600) }),
            )),
        ),
        (
            "region",
            item(CatalogueItem::Region(Region {
                label: label("cn-hangzhou"),
                local_name: "\u{676d}\u{5dde}".into(),
                public_block: Some(block("47.96.0.0/20")),
            })),
        ),
        (
            "zone",
            item(CatalogueItem::Zone(Zone {
                label: label("cn-hangzhou-g"),
                region: label("cn-hangzhou"),
                local_name: "Zone G".into(),
                sale: Sale::Open,
                disks: vec![DiskKind::Essd, DiskKind::Efficiency],
                bare_metal: None,
            })),
        ),
        ("zone with bare metal", item(CatalogueItem::Zone(bare_metal_zone()))),
        ("instance type that is bare metal", item(CatalogueItem::InstanceType(bare_metal_type()))),
        (
            "instance type",
            item(CatalogueItem::InstanceType(InstanceType {
                label: label("ecs.g6.large"),
                family: label("ecs.g6"),
                cpus: 2,
                memory_mib: 8192,
                architecture: Architecture::X86_64,
                sale: Sale::Closed,
                monthly_price: Money(22_000),
                abilities: Abilities {
                    local_disks: LocalDisks { count: 2, size_gib: 1788 },
                    gpu_name: "NVIDIA V100".into(),
                    spot_price: Some(Rate(42)),
                    ..Abilities::default()
                },
            })),
        ),
        (
            "image",
            item(CatalogueItem::Image(Image {
                label: label("aliyun_3_x64_20G_alibase_20240819.vhd"),
                name: "Alibaba Cloud Linux 3".into(),
                os: Os::Linux,
                os_name: "Alibaba Cloud Linux  3.2104 LTS 64 bit".into(),
                architecture: Architecture::Arm64,
                size_gib: 20,
                status: ImageStatus::Available,
                traits: ImageTraits {
                    family: Some("acs:alibaba_cloud_linux_3".into()),
                    created_at: time(0),
                    memory_min_mib: 512,
                    account: Some(AccountId(1001)),
                    ..ImageTraits::default()
                },
            })),
        ),
        ("stock", Record::Stock(Stock::from_numbers(key, 1000, 12, 1).unwrap())),
    ]
}

fn assets() -> Vec<(&'static str, Record)> {
    let asset = |label: Label, what| {
        let (region, account) = (Some(super::label("cn-hangzhou")), Some(AccountId(1001)));
        Record::Catalogue(CatalogueItem::Asset(Asset { label, region, account, sale: Sale::Open, what }))
    };
    let snapshot = DiskSnapshot {
        size_gib: 40,
        created_at: time(0),
        finished: true,
        encrypted: false,
        of_system_disk: true,
    };
    vec![
        ("snapshot", asset(label("s-1"), AssetKind::Snapshot(snapshot))),
        ("role", asset(label("web-role"), AssetKind::Role { for_instances: true })),
        ("encryption key", asset(label("key-1"), AssetKind::EncryptionKey { enabled: false })),
        ("deployment set", asset(label("ds-1"), AssetKind::DeploymentSet { places: 20 })),
        ("hpc cluster", asset(label("hpc-1"), AssetKind::HpcCluster { ready: true })),
        ("resource group", asset(label("rg-1"), AssetKind::ResourceGroup)),
        ("storage set", asset(label("ss-1"), AssetKind::StorageSet)),
        ("snapshot policy", asset(label("sp-1"), AssetKind::SnapshotPolicy)),
        ("host", host(vec![label("ecs.g6"), label("ecs.c6")])),
        (
            "key pair",
            Record::KeyPair(KeyPair {
                account: AccountId(1001),
                name: "key of the house".into(),
                fingerprint: "89:f0:ba:62:ac:b8:aa:e1:61:5e:fd:81:69:86:6d:6b".into(),
                public_key: "ssh-ed25519 AAAA house".into(),
                created_at: time(0),
                resource_group: Some(label("rg-1")),
                tags: vec![Tag { key: "team".into(), value: "storage".into() }],
            }),
        ),
    ]
}

fn host(families: Vec<Label>) -> Record {
    Record::Host(Host {
        label: label("dh-1"),
        name: "the big one".into(),
        zone: label("cn-hangzhou-g"),
        account: Some(AccountId(1001)),
        prepaid: true,
        expires_at: Some(time(2_592_000)),
        sale: Sale::Open,
        families,
        places: 8,
        taken: 3,
    })
}

fn networks() -> Vec<(&'static str, Record)> {
    let subnet = label("vsw-0001000000000000001b");
    let net = block("192.168.1.0/24");
    let ipv6 = SubnetIpv6::new("2408:4005:1000:1::/64".parse().unwrap()).unwrap();
    let mut page = AddressPage::fresh(PoolId::Subnet(subnet.clone()), net.extent(), 0);
    page.taken = (1..20).fold(page.taken, Bits::with);
    vec![
        (
            "network",
            Record::Network(Network {
                label: label("vpc-0001000000000000001a"),
                account: AccountId(1001),
                region: label("cn-hangzhou"),
                block: "192.168.0.0/16".parse().unwrap(),
                name: "home".into(),
                description: "".into(),
                created_at: time(0),
                ready_at: time(1),
                ipv6: Some("2408:4005:1000::/56".parse().unwrap()),
                subnets: vec![(subnet.clone(), net), (label("vsw-2"), block("192.168.2.0/29"))],
                groups: 1,
                marks: marks(),
            }),
        ),
        (
            "subnet",
            Record::Subnet(Subnet {
                label: subnet.clone(),
                account: AccountId(1001),
                network: label("vpc-0001000000000000001a"),
                zone: label("cn-hangzhou-g"),
                block: net,
                name: "front".into(),
                description: "faces the street".into(),
                created_at: time(1),
                ready_at: time(2),
                pool: Pool { free: 233, full_pages: Bits([1, 0, 0, 1 << 63]) },
                ipv6: Some(ipv6),
                marks: Marks::default(),
            }),
        ),
        (
            "public addresses",
            Record::PublicPool(PublicPool::fresh(label("cn-hangzhou"), block("47.96.0.0/20"))),
        ),
        ("page of addresses", Record::AddressPage(page)),
        (
            "page of IPv6 addresses",
            Record::AddressPage(AddressPage::fresh(
                PoolId::SubnetIpv6(subnet.clone()),
                SubnetIpv6::EXTENT,
                255,
            )),
        ),
        (
            "page of public addresses",
            Record::AddressPage(AddressPage::fresh(
                PoolId::Public(label("cn-hangzhou")),
                block("47.96.0.0/20").extent(),
                15,
            )),
        ),
        (
            "IPv6 address",
            Record::Ipv6Claim(Ipv6Claim {
                subnet: subnet.clone(),
                address: "2408:4005:1000:1:cafe::1".parse().unwrap(),
            }),
        ),
        (
            "addresses that cool down",
            Record::Cooling(Cooling {
                instance: InstanceId(serial(4009)),
                until: time(600),
                addresses: vec![
                    HeldAddress::Subnet(subnet.clone(), [192, 168, 1, 9].into()),
                    HeldAddress::Public(label("cn-hangzhou"), [47, 96, 0, 9].into()),
                    HeldAddress::SubnetIpv6(subnet, "2408:4005:1000:1::9".parse().unwrap()),
                ],
            }),
        ),
        (
            "group",
            Record::Group(Group {
                label: label("sg-0001000000000000001c"),
                account: AccountId(1001),
                network: label("vpc-0001000000000000001a"),
                name: "web".into(),
                description: "".into(),
                created_at: time(2),
                members: 3,
                rules: 2,
                named_by: 1,
                marks: marks(),
            }),
        ),
        ("rule", rule(Peer::Block("0.0.0.0/0".parse().unwrap()))),
        ("rule about a group", rule(Peer::Group(label("sg-2")))),
        ("rule about a list", rule(Peer::List(label("pl-2")))),
        ("rule at its fullest", rule_at_its_fullest()),
        (
            "holdings",
            Record::Holdings(Holdings {
                account: AccountId(1001),
                region: label("cn-hangzhou"),
                networks: 1,
                groups: 3,
            }),
        ),
    ]
}

fn marks() -> Marks {
    Marks {
        tags: vec![Tag { key: "team".into(), value: "storage".into() }],
        resource_group: Some(label("rg-1")),
        settings: [("UserCidr", "30.0.0.0/8")].into_iter().collect(),
    }
}

fn rule(far: Peer) -> Record {
    let traffic = Traffic {
        direction: Direction::In,
        verdict: Verdict::Accept,
        priority: 1,
        protocol: Protocol::Tcp,
        ports: Ports::Range { first: 22, last: 22 },
        source_ports: None,
        port_list: None,
        far,
        near: None,
    };
    let (id, group) = (RuleId(serial(4300)), label("sg-0001000000000000001c"));
    Record::Rule(Rule { id, group, traffic, description: "".into(), created_at: time(3) })
}

fn rule_at_its_fullest() -> Record {
    let traffic = Traffic {
        direction: Direction::Out,
        verdict: Verdict::Drop,
        priority: 100,
        protocol: Protocol::All,
        ports: Ports::All,
        source_ports: Some(Ports::Range { first: 1, last: 65_535 }),
        port_list: Some(label("prl-1")),
        far: Peer::Block("2001:db8::/32".parse().unwrap()),
        near: Some("192.168.1.0/24".parse().unwrap()),
    };
    let (id, group) = (RuleId(serial(4301)), label("sg-0001000000000000001c"));
    Record::Rule(Rule { id, group, traffic, description: "out".into(), created_at: time(3) })
}

fn launches() -> Vec<(&'static str, Record)> {
    let fingerprint: [u8; 32] = std::array::from_fn(|index| u8::try_from(index * 7).unwrap());
    let token = Token {
        key: token_key(),
        fingerprint: Fingerprint(fingerprint),
        outcome: TokenOutcome::Batch(BatchId(serial(4000))),
        expires_at: time(86_400),
    };
    let id = ReceiptId(serial(4400));
    let made = TokenKey { action: TokenAction::CreateNetwork, ..token_key() };
    let of_a_network = Token { key: made.clone(), outcome: TokenOutcome::Receipt(id), ..token.clone() };
    let receipt = Receipt { id, token: made, made: label("vpc-0001000000000000001a") };
    use FailureReason::{Deadline, Exhausted, Machine, NoAddress, NoStock};
    let failed = [NoStock, NoAddress, Machine, Deadline, Exhausted].map(Outcome::Failed);
    let mut outcomes = vec![Outcome::Pending, Outcome::Made, Outcome::Released];
    outcomes.extend(failed);
    vec![
        ("token", Record::Token(token)),
        ("token of a network", Record::Token(of_a_network)),
        ("receipt", Record::Receipt(receipt)),
        ("spec", spec()),
        ("spec at its fullest", spec_at_its_fullest()),
        ("spec of bare metal", bare_metal_spec()),
        ("spec in parts", long_spec()),
        ("batch of one", batch(4000, vec![Outcome::Pending], Some(token_key()))),
        ("batch with every outcome", batch(4200, outcomes, None)),
        ("batch that was refused", refused_batch()),
    ]
}

fn instances() -> Vec<(&'static str, Record)> {
    let claimed = || work(Some(label("provisioner-1")));
    let failure =
        Failure { reason: FailureReason::NoStock, event: EventId(serial(4002)), release_at: Some(time(330)) };
    vec![
        ("instance, pending", instance(4001, State::Pending(work(None)))),
        ("instance, pending and claimed", instance(4001, State::Pending(claimed()))),
        ("instance, starting", instance(4001, State::Starting(Boot::Start, work(None)))),
        ("instance, rebooting", instance(4001, State::Starting(Boot::Reboot, claimed()))),
        ("instance, running", running(4001)),
        ("instance, stopping", instance(4001, State::Stopping(Shutdown::default(), work(None)))),
        ("instance, stopped", instance(4001, State::Stopped(Capacity::GivenBack))),
        ("instance, failed", instance(4001, State::Failed(failure))),
        ("instance, failed and kept", instance(4001, State::Failed(Failure { release_at: None, ..failure }))),
        ("instance, installing", instance(4001, State::Installing(work(None)))),
        ("instance, blank", instance(4001, State::Blank)),
        (
            "instance, in the bin",
            instance(4001, State::Binned { until: time(86_400), capacity: Capacity::Kept }),
        ),
        (
            "instance, releasing out of the bin",
            instance(4001, State::Releasing(ReleasedFrom::Binned(Capacity::Kept), claimed())),
        ),
        ("instance, releasing", instance(4001, State::Releasing(ReleasedFrom::Failed, work(None)))),
        (
            "instance, releasing without a place",
            instance(4001, State::Releasing(ReleasedFrom::Stopped(Capacity::GivenBack), work(None))),
        ),
        ("instance at its fullest", at_its_fullest()),
        ("instance paid with vouchers", paid_with_vouchers()),
        ("amendment", Record::Amendment(InstanceId(serial(4001)), Amendment::default())),
        ("amendment at its fullest", Record::Amendment(InstanceId(serial(4001)), amendment())),
        ("password", Record::Password(BatchId(serial(4000)), Secret::new(b"sealed password"))),
        ("user data", Record::UserData(BatchId(serial(4000)), Secret::new(b"#!/bin/sh"))),
        ("event", event(4002, Cycle::Executing, None)),
        ("disk that outlived its instance", kept_disk()),
        ("event, simulated", incident()),
        ("event that is over", event(4002, Cycle::Avoided, Some(time(100)))),
    ]
}

fn amendment() -> Amendment {
    Amendment {
        name: Some("web".into()),
        host_name: Some("web-1".into()),
        description: Some("".into()),
        groups: Some(vec![label("sg-2")]),
        tags: Some(vec![Tag { key: "team".into(), value: "".into() }]),
        credit: Some(Credit::Standard),
        user_data: Some(Secret::new(b"#!/bin/sh")),
        password: Some(Secret::new(b"sealed password")),
        key_pair: Some("key of the house".into()),
        settings: [("HttpTokens", "optional")].into_iter().collect(),
        lock: Some(LockReason::Security),
        events: vec![EventId(serial(4003))],
        installed: Some(installed().into()),
        renewal: Some(Renewal::On { count: 6, unit: PeriodUnit::Month }),
    }
}

fn kept_disk() -> Record {
    Record::Disk(KeptDisk {
        instance: InstanceId(serial(4001)),
        index: 1,
        account: AccountId(1001),
        region: label("cn-hangzhou"),
        zone: label("cn-hangzhou-g"),
        disk: Disk { on_release: OnRelease::Keep, ..Disk::new(DiskKind::Ssd, 20) },
        created_at: time(0),
        kept_at: time(5000),
    })
}

fn incident() -> Record {
    let Record::Event(event) = event(4003, Cycle::Scheduled, None) else { panic!("it is one") };
    let (kind, staging) = (IncidentKind::MaintenanceReboot, Staging::Simulated);
    let kind = EventKind::Incident(Incident { kind, staging, due_at: time(7200) });
    Record::Event(Event { kind, ..event })
}

fn queues() -> Vec<(&'static str, Record)> {
    let instance = InstanceId(serial(4001));
    let (batch, event) = (BatchId(serial(4000)), EventId(serial(4002)));
    vec![
        (
            "work counters",
            Record::WorkStats(WorkStats {
                claimed: 9,
                done: 1,
                failed: 2,
                given_back: 1,
                unclear: 1,
                lapsed: 3,
                extended: 300,
                exhausted: 1,
            }),
        ),
        ("timer, creation deadline", Record::Timer(time(900), TimerKind::CreationDeadline(batch))),
        ("timer, failure release", Record::Timer(time(330), TimerKind::FailureRelease(instance))),
        ("timer, token expiry", Record::Timer(time(86_400), TimerKind::TokenExpiry(batch))),
        ("timer, batch retention", Record::Timer(time(2_592_000), TimerKind::BatchRetention(batch))),
        ("timer, automatic release", Record::Timer(time(7200), TimerKind::AutoRelease(instance))),
        ("timer, event due", Record::Timer(time(7200), TimerKind::EventDue(event))),
        ("timer, event retention", Record::Timer(time(2_592_000), TimerKind::EventRetention(event))),
        (
            "timer, receipt expiry",
            Record::Timer(time(86_400), TimerKind::ReceiptExpiry(ReceiptId(serial(4400)))),
        ),
        ("timer, end of the bin", Record::Timer(time(86_400), TimerKind::BinEnd(instance))),
        ("timer, expiry", Record::Timer(time(2_592_000), TimerKind::Expiry(instance))),
        ("timer, bid review", Record::Timer(time(3600), TimerKind::BidReview(instance))),
        ("timer, bid sweep", Record::Timer(time(0), TimerKind::BidSweep(instance))),
        ("timer, settlement", Record::Timer(time(93_600), TimerKind::Settlement(AccountId(1004)))),
        ("work item", Record::Work(time(0), WorkId { instance, order: 1 })),
    ]
}

fn templates() -> Vec<(&'static str, Record)> {
    let template = Template {
        label: label("lt-0001000000000000001d"),
        account: AccountId(1001),
        region: label("cn-hangzhou"),
        name: TemplateName::parse("web-\u{9e21}").unwrap(),
        created_at: time(3),
        modified_at: time(40),
        default_version: 3,
        last_version: 300,
        versions: vec![1, 3, 300],
        tags: vec![Tag { key: "team".into(), value: "storage".into() }],
        resource_group: Some(label("rg-1")),
    };
    let plain = Template { tags: vec![], resource_group: None, ..template.clone() };
    let parameters = [("ImageId", "m"), ("DataDisk.1.Size", "20"), ("Tag.1.Value", "")];
    let parameters = parameters.map(|(name, value)| (name.into(), value.into()));
    let content =
        TemplateContent { description: "of eggs".into(), parameters: TemplateParameters(parameters.into()) };
    let version =
        TemplateVersion { template: template.label.clone(), number: 300, created_at: time(40), content };
    vec![
        ("name of a template", Record::TemplateName(template.name_key(), template.label.clone())),
        ("template", Record::Template(template)),
        ("template, plain", Record::Template(plain)),
        ("version of a template", Record::TemplateVersion(version)),
    ]
}

fn layout() -> Layout {
    Layout {
        boot_url: Some("https://boot.example/ipxe".into()),
        raid: Raid {
            quick: Some(RaidLevel::Parity),
            custom: vec![Array { level: RaidLevel::Mirrored, disks: vec![1, 2] }],
        },
        partitions: vec![
            Partition { path: "/".into(), file_system: Some(FileSystem::Ext4), size_gb: 100 },
            Partition { path: "C".into(), file_system: Some(FileSystem::Ntfs), size_gb: 400 },
        ],
        interfaces: InterfaceNames { wan: Some("bond0".into()), lan: Some("bond1".into()) },
    }
}

fn installed() -> Installed {
    Installed {
        image: Some(label("img-ubuntu")),
        layout: layout(),
        public_keys: vec!["ssh-ed25519 AAAA".into()],
    }
}

fn bare_metal_spec() -> Record {
    let Record::Spec(batch, spec) = spec() else { panic!("it is one") };
    let bare_metal = BareMetal {
        layout: layout(),
        line: Line::TrafficPackage,
        traffic: Some(TrafficVolume(15_000)),
        cluster: Some(label("cluster-1")),
        subnet: Some(label("subnet-1")),
        ipv6: true,
        gateway: true,
        public_keys: vec!["ssh-ed25519 AAAA".into()],
    };
    let parts = vec![
        NamePart::Text("web-".into()),
        NamePart::Number { begin: 3, digits: 3 },
        NamePart::Text("-x".into()),
    ];
    let spec = Spec {
        image: None,
        groups: Vec::new(),
        names: Names { naming: Naming::Parts(parts), unique_suffix: false },
        bare_metal: Some(bare_metal.into()),
        ..(*spec).clone()
    };
    Record::Spec(batch, spec.into())
}

fn bare_metal_zone() -> Zone {
    let has = BareMetalZone {
        city: "Seoul".into(),
        area: "Asia".into(),
        addresses: label("public-sel-a"),
        subnets: true,
        networks: true,
        cloud_router: false,
    };
    Zone {
        label: label("SEL-A"),
        region: label("asia-seoul"),
        local_name: "Seoul A".into(),
        sale: Sale::Open,
        disks: Vec::new(),
        bare_metal: Some(has.into()),
    }
}

fn bare_metal_type() -> InstanceType {
    let offer = BareMetalOffer {
        lines: Line::ALL.to_vec(),
        out_mbps_max: 500,
        traffic: TrafficVolume(15_000),
        postpaid: true,
        prepaid: false,
    };
    let is = BareMetalType {
        description: "E3-1230v5".into(),
        processor: "Intel Xeon".into(),
        threads: 8,
        frequency: "3.4 GHz".into(),
        disks: vec![DiskRow { size_gb: 500, count: 2 }],
        disk_description: "2*500G SSD".into(),
        raids: vec![RaidLevel::Striped],
        quick_raids: RaidLevel::ALL.to_vec(),
        subnets: true,
        high_availability: true,
        images: vec![label("img-ubuntu")],
        offers: [(label("SEL-A"), offer)].into(),
    };
    InstanceType {
        label: label("M6C"),
        family: label("M6"),
        cpus: 4,
        memory_mib: 32_768,
        architecture: Architecture::X86_64,
        sale: Sale::Open,
        monthly_price: Money(9_000),
        abilities: Abilities { bare_metal: Some(is.into()), ..Abilities::default() },
    }
}
