//! One record of every kind, with the same words wherever a record holds something secret: for tests
//! that walk all kinds, and for those that look where a secret turns up.

use fleet::{
    AccountId, Amendment, Cooling, Cycle, Direction, Disk, DiskKind, Event, EventId, EventKind,
    FailureReason, HeldAddress, Holdings, InstanceId, Ipv6Claim, KeptDisk, Key, Launch, Login, OnRelease,
    Password, Peer, Pool, Ports, Protocol, PublicPool, Receipt, ReceiptId, Record, Rule, RuleId, Secret,
    Serial, SubnetBlock, Template, TemplateContent, TemplateName, TemplateParameters, TemplateVersion, Time,
    TokenAction, TokenKey, TokenText, Traffic, Verdict, Write,
};

use crate::furnished::furnished;
use crate::small_world::{OWNER, SmallWorld, label, launch, token};

/// One record of every kind there is, and more of some. Every password, all user data, every token and
/// every value of a template is or holds `planted` (1 to 64 characters of ASCII).
///
/// # Panics
/// When a kind is missing: someone has added one.
#[must_use]
pub fn one_of_every_kind(planted: &str) -> Vec<Record> {
    let mut scene = furnished(&SmallWorld::new());
    let secret = Secret::new(planted.as_bytes());
    let password = Some(Password { secret: secret.clone(), for_windows: true });
    let asked = Launch {
        token: Some(token(planted, 1)),
        login: Login { password, ..Login::default() },
        user_data: Some(secret.clone()),
        ..launch()
    };
    let instance = scene.launch_one(&asked);
    scene.world.apply(by_hand(instance, planted, &secret).into_iter().map(Write::Put));
    let records: Vec<Record> = scene.world.records().cloned().collect();
    let mut kinds: Vec<usize> = records.iter().map(kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds, (0..KINDS).collect::<Vec<_>>(), "a kind is missing");
    records
}

/// The keys of the records, without the records: each removes one.
#[must_use]
pub fn removals(records: &[Record]) -> Vec<Key> {
    records.iter().map(Record::key).collect()
}

/// The records that a plain launch does not make.
fn by_hand(instance: InstanceId, planted: &str, secret: &Secret) -> Vec<Record> {
    let block = SubnetBlock::new("203.0.113.0/28".parse().expect("a block")).expect("a small one");
    let disk = Disk {
        kind: DiskKind::Efficiency,
        size_gib: 40,
        level: None,
        snapshot: None,
        name: "kept".into(),
        description: "".into(),
        device: fleet::Device::SYSTEM,
        on_release: OnRelease::Keep,
        encrypted: false,
        key: None,
        snapshot_policy: None,
    };
    let kept = KeptDisk {
        instance,
        index: 1,
        account: OWNER,
        region: label("r"),
        zone: label("z-0"),
        disk,
        created_at: Time::START,
        kept_at: Time::START,
    };
    let event = Event {
        id: EventId(Serial::LOWEST),
        account: OWNER,
        instance,
        kind: EventKind::CreationFailure(FailureReason::Machine),
        cycle: Cycle::Executing,
        published_at: Time::START,
        not_before: Time::START,
        finished_at: None,
        region: Some(label("r")),
    };
    let template = Template {
        label: label("lt-1"),
        account: AccountId(1),
        region: label("r"),
        name: TemplateName::parse("web").expect("a name"),
        created_at: Time::START,
        modified_at: Time::START,
        default_version: 1,
        last_version: 1,
        versions: vec![1],
        tags: Vec::new(),
        resource_group: None,
    };
    let parameters = TemplateParameters(vec![("UserData".into(), planted.into())]);
    let content = TemplateContent { description: String::new(), parameters };
    let version =
        TemplateVersion { template: template.label.clone(), number: 1, created_at: Time::START, content };
    let amendment = Amendment {
        name: Some("renamed".into()),
        password: Some(secret.clone()),
        user_data: Some(secret.clone()),
        ..Amendment::default()
    };
    let (subnet, address) = (label("s-0"), [10, 0, 0, 2].into());
    let addresses = vec![HeldAddress::Subnet(subnet.clone(), address)];
    let text = TokenText::parse(planted).expect("a token");
    let token = TokenKey { account: OWNER, action: TokenAction::CreateGroup, region: label("r"), text };
    let traffic = Traffic {
        direction: Direction::In,
        verdict: Verdict::Accept,
        priority: 1,
        protocol: Protocol::All,
        ports: Ports::All,
        source_ports: None,
        port_list: None,
        far: Peer::Group(label("g-1")),
        near: None,
    };
    let rule = Rule {
        id: RuleId(Serial::LOWEST),
        group: label("g-0"),
        traffic,
        description: String::new(),
        created_at: Time::START,
    };
    let holdings = Holdings { account: OWNER, region: label("r"), networks: 1, groups: 2 };
    vec![
        Record::Rule(rule),
        Record::Holdings(holdings),
        Record::WorkStats(fleet::WorkStats { claimed: 1, ..fleet::WorkStats::default() }),
        Record::Receipt(Receipt { id: ReceiptId(Serial::LOWEST), token, made: label("g-1") }),
        Record::PublicPool(PublicPool { region: label("r"), block, pool: Pool::fresh(block.extent()) }),
        Record::Ipv6Claim(Ipv6Claim { subnet, address: "2001:db8::1".parse().expect("an address") }),
        Record::Cooling(Cooling { instance, until: Time::START, addresses }),
        Record::Amendment(instance, amendment),
        Record::Disk(kept),
        Record::Event(event),
        Record::TemplateName(template.name_key(), template.label.clone()),
        Record::Template(template),
        Record::TemplateVersion(version),
    ]
}

/// How many kinds of record there are.
const KINDS: usize = 31;

/// The number of a kind, from 0. Whoever adds a kind adds one here, and a record of it above.
const fn kind(record: &Record) -> usize {
    match record {
        Record::Sequence(_) => 0,
        Record::Account(_) => 1,
        Record::Catalogue(_) => 2,
        Record::Host(_) => 3,
        Record::Stock(_) => 4,
        Record::Network(_) => 5,
        Record::Subnet(_) => 6,
        Record::PublicPool(_) => 7,
        Record::AddressPage(_) => 8,
        Record::Ipv6Claim(_) => 9,
        Record::Cooling(_) => 10,
        Record::Group(_) => 11,
        Record::KeyPair(_) => 12,
        Record::Token(_) => 13,
        Record::Spec(..) => 14,
        Record::Batch(_) => 15,
        Record::Instance(_) => 16,
        Record::Amendment(..) => 17,
        Record::Disk(_) => 18,
        Record::Password(..) => 19,
        Record::UserData(..) => 20,
        Record::Event(_) => 21,
        Record::Timer(..) => 22,
        Record::Work(..) => 23,
        Record::Template(_) => 24,
        Record::TemplateVersion(_) => 25,
        Record::TemplateName(..) => 26,
        Record::Rule(_) => 27,
        Record::Holdings(_) => 28,
        Record::Receipt(_) => 29,
        Record::WorkStats(_) => 30,
    }
}
