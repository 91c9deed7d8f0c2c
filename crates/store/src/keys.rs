//! The keys that records stand under, as bytes. Built here and nowhere else.
//!
//! ```text
//! record      kind u8 · fields
//! part        0xF0 · the record's key · number u8
//! ```
//!
//! Numbers are big-endian and as wide as their type; a text is its bytes and one zero, which no text
//! holds. A text that people chose freely may hold one: its zeros are written `01 01`, and its ones
//! `01 02`. So keys sort as [`Key`] does, and none is the beginning of another.

use std::net::Ipv6Addr;
use std::sync::Arc;

use fleet::{
    AccountId, AssetType, BatchId, EventId, InstanceId, Key, Label, LabelError, PoolId, ReceiptId, RuleId,
    Serial, StockKey, TemplateName, TemplateNameKey, Time, TimerKind, TokenAction, TokenKey, TokenText,
    WorkId,
};

/// The first byte of every key. The numbers are on disk: none is ever changed or used again. They
/// stand apart so that a new kind gets the place between two others that it has in [`Key`].
mod kind {
    pub(super) const SEQUENCE: u8 = 8;
    pub(super) const ACCOUNT: u8 = 16;
    pub(super) const HOLDINGS: u8 = 20;
    pub(super) const REGION: u8 = 24;
    pub(super) const ZONE: u8 = 32;
    pub(super) const INSTANCE_TYPE: u8 = 40;
    pub(super) const IMAGE: u8 = 48;
    pub(super) const ASSET: u8 = 56;
    pub(super) const HOST: u8 = 64;
    pub(super) const STOCK: u8 = 72;
    pub(super) const NETWORK: u8 = 80;
    pub(super) const SUBNET: u8 = 88;
    pub(super) const PUBLIC_POOL: u8 = 92;
    pub(super) const ADDRESS_PAGE: u8 = 96;
    pub(super) const IPV6_CLAIM: u8 = 98;
    pub(super) const COOLING: u8 = 100;
    pub(super) const GROUP: u8 = 104;
    pub(super) const RULE: u8 = 108;
    pub(super) const KEY_PAIR: u8 = 112;
    /// Clients draw them.
    pub(super) const TOKEN: u8 = crate::engine::SCATTERED;
    pub(super) const RECEIPT: u8 = 124;
    pub(super) const SPEC: u8 = 128;
    pub(super) const BATCH: u8 = 136;
    pub(super) const INSTANCE: u8 = 144;
    pub(super) const AMENDMENT: u8 = 152;
    pub(super) const DISK: u8 = 156;
    pub(super) const PASSWORD: u8 = 160;
    pub(super) const USER_DATA: u8 = 168;
    pub(super) const EVENT: u8 = 176;
    pub(super) const TIMER: u8 = 184;
    pub(super) const WORK: u8 = 192;
    pub(super) const WORK_STATS: u8 = 196;
    pub(super) const TEMPLATE: u8 = 200;
    pub(super) const TEMPLATE_VERSION: u8 = 208;
    pub(super) const TEMPLATE_NAME: u8 = 216;
    /// Further parts of long records stand behind all records, out of the way of scans.
    pub(super) const PART: u8 = 0xF0;
}

/// The byte of an action in the key of a token, in the order of [`TokenAction`].
mod action {
    pub(super) const LAUNCH: u8 = 1;
    pub(super) const CREATE: u8 = 2;
    pub(super) const RELEASE: u8 = 3;
    pub(super) const CREATE_NETWORK: u8 = 4;
    pub(super) const CREATE_SUBNET: u8 = 5;
    pub(super) const CREATE_GROUP: u8 = 6;
    pub(super) const REQUEST: u8 = 7;
}

/// The byte of a kind in the key of a timer, in the order of [`TimerKind`].
mod timer {
    pub(super) const CREATION_DEADLINE: u8 = 1;
    pub(super) const FAILURE_RELEASE: u8 = 2;
    pub(super) const TOKEN_EXPIRY: u8 = 3;
    pub(super) const BATCH_RETENTION: u8 = 4;
    pub(super) const EVENT_RETENTION: u8 = 5;
    pub(super) const COOL_DOWN: u8 = 6;
    pub(super) const AUTO_RELEASE: u8 = 7;
    pub(super) const EVENT_DUE: u8 = 8;
    pub(super) const RECEIPT_EXPIRY: u8 = 9;
    pub(super) const BIN_END: u8 = 10;
    pub(super) const EXPIRY: u8 = 11;
    pub(super) const BID_REVIEW: u8 = 12;
    pub(super) const BID_SWEEP: u8 = 13;
    pub(super) const SETTLEMENT: u8 = 14;
}

/// The byte of a pool in the key of a page, in the order of [`PoolId`].
mod pool {
    pub(super) const SUBNET: u8 = 1;
    pub(super) const SUBNET_IPV6: u8 = 2;
    pub(super) const PUBLIC: u8 = 3;
}

/// The byte of a type in the key of an asset, in the order of [`AssetType`].
mod asset {
    pub(super) const SNAPSHOT: u8 = 1;
    pub(super) const ROLE: u8 = 2;
    pub(super) const ENCRYPTION_KEY: u8 = 3;
    pub(super) const DEPLOYMENT_SET: u8 = 4;
    pub(super) const HPC_CLUSTER: u8 = 5;
    pub(super) const RESOURCE_GROUP: u8 = 6;
    pub(super) const STORAGE_SET: u8 = 7;
    pub(super) const SNAPSHOT_POLICY: u8 = 8;
}

/// Stands behind every text, and sorts before every character of one.
const END_OF_TEXT: u8 = 0;

/// Stands before one more than itself, or than a zero, in a text that may hold either.
const ESCAPE: u8 = 1;

/// Why bytes are no key of a record.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyError {
    /// There was nothing.
    #[error("a key is empty")]
    Empty,
    /// The first byte is none of ours.
    #[error("{found} is no kind of key")]
    Kind {
        /// The first byte.
        found: u8,
    },
    /// It is the key of a further part of a record.
    #[error("the key is that of a further part of a record")]
    Part,
    /// It ends inside a number.
    #[error("a key ends with {left} bytes of a number of {wanted}")]
    Short {
        /// How many bytes the number has.
        wanted: usize,
        /// How many there were.
        left: usize,
    },
    /// It ends inside a text.
    #[error("a text of {bytes} bytes in a key has no end")]
    OpenText {
        /// How many bytes the text had so far.
        bytes: usize,
    },
    /// A text of it is not even text.
    #[error("a text in a key is no UTF-8 at its byte {at}")]
    NotText {
        /// Where in the text it stops being any.
        at: usize,
    },
    /// A text of it has something escaped that needs no escape.
    #[error("a text in a key has an escape before {found:?}")]
    Escape {
        /// The byte behind the escape, if there is one.
        found: Option<u8>,
    },
    /// A text of it is no label.
    #[error("`{found}` in a key is no label: {source}")]
    Label {
        /// The text.
        found: Box<str>,
        /// Why it is none.
        source: LabelError,
    },
    /// A text of it is no token.
    #[error("{found:?} in a key is no token")]
    Token {
        /// The text.
        found: Box<str>,
    },
    /// A text of it is no name of a template.
    #[error("{found:?} in a key is no name of a template")]
    TemplateName {
        /// The text.
        found: Box<str>,
    },
    /// The action of a token is none of ours.
    #[error("{found} in a key is no action of a token")]
    Action {
        /// The byte.
        found: u8,
    },
    /// The kind of a pool is none of ours.
    #[error("{found} in a key is no pool of addresses")]
    Pool {
        /// The byte.
        found: u8,
    },
    /// The type of an asset is none of ours.
    #[error("{found} in a key is no type of asset")]
    Asset {
        /// The byte.
        found: u8,
    },
    /// The account of a timer has an epoch, as only what was drawn has.
    #[error("an account of epoch {found}, and accounts have none")]
    AccountEpoch {
        /// The epoch.
        found: u16,
    },
    /// The kind of a timer is none of ours.
    #[error("{found} in a key is no kind of timer")]
    Timer {
        /// The byte.
        found: u8,
    },
    /// It goes on behind its last field.
    #[error("{bytes} bytes stand behind the last field of a key")]
    Trailing {
        /// How many bytes too many.
        bytes: usize,
    },
}

/// The bytes of a record's key.
pub(crate) fn encode(key: &Key) -> Vec<u8> {
    // Most keys have a few numbers, or a label and a number.
    let mut bytes = Vec::with_capacity(32);
    encode_onto(key, &mut bytes);
    bytes
}

/// Puts a record's key behind the bytes that are there.
pub(crate) fn encode_onto(key: &Key, bytes: &mut Vec<u8>) {
    let to = Writer(bytes);
    match key {
        Key::Sequence => to.u8(kind::SEQUENCE),
        Key::Account(AccountId(number)) => to.u8(kind::ACCOUNT).u64(*number),
        Key::Holdings(AccountId(number), region) => to.u8(kind::HOLDINGS).u64(*number).text(region.as_str()),
        Key::Region(label) => to.u8(kind::REGION).text(label.as_str()),
        Key::Zone(label) => to.u8(kind::ZONE).text(label.as_str()),
        Key::InstanceType(label) => to.u8(kind::INSTANCE_TYPE).text(label.as_str()),
        Key::Image(label) => to.u8(kind::IMAGE).text(label.as_str()),
        Key::Asset(of, label) => to.u8(kind::ASSET).u8(asset_byte(*of)).text(label.as_str()),
        Key::Host(label) => to.u8(kind::HOST).text(label.as_str()),
        Key::Stock(StockKey { zone, instance_type }) => {
            to.u8(kind::STOCK).text(zone.as_str()).text(instance_type.as_str())
        }
        Key::Network(label) => to.u8(kind::NETWORK).text(label.as_str()),
        Key::Subnet(label) => to.u8(kind::SUBNET).text(label.as_str()),
        Key::PublicPool(region) => to.u8(kind::PUBLIC_POOL).text(region.as_str()),
        Key::AddressPage(pool, page) => {
            let (byte, label) = pool_parts(pool);
            to.u8(kind::ADDRESS_PAGE).u8(byte).text(label.as_str()).u8(*page)
        }
        Key::Ipv6Claim(subnet, address) => {
            to.u8(kind::IPV6_CLAIM).text(subnet.as_str()).bytes(&address.octets())
        }
        Key::Cooling(InstanceId(serial)) => to.u8(kind::COOLING).serial(*serial),
        Key::Group(label) => to.u8(kind::GROUP).text(label.as_str()),
        Key::Rule(group, RuleId(serial)) => to.u8(kind::RULE).text(group.as_str()).serial(*serial),
        Key::KeyPair(AccountId(number), name) => to.u8(kind::KEY_PAIR).u64(*number).free_text(name),
        Key::Token(TokenKey { account, action, region, text }) => to
            .u8(kind::TOKEN)
            .u64(account.0)
            .u8(action_byte(*action))
            .text(region.as_str())
            .text(text.as_str()),
        Key::Receipt(ReceiptId(serial)) => to.u8(kind::RECEIPT).serial(*serial),
        Key::Spec(BatchId(serial)) => to.u8(kind::SPEC).serial(*serial),
        Key::Batch(BatchId(serial)) => to.u8(kind::BATCH).serial(*serial),
        Key::Instance(InstanceId(serial)) => to.u8(kind::INSTANCE).serial(*serial),
        Key::Amendment(InstanceId(serial)) => to.u8(kind::AMENDMENT).serial(*serial),
        Key::Disk(InstanceId(serial), index) => to.u8(kind::DISK).serial(*serial).u8(*index),
        Key::Password(BatchId(serial)) => to.u8(kind::PASSWORD).serial(*serial),
        Key::UserData(BatchId(serial)) => to.u8(kind::USER_DATA).serial(*serial),
        Key::Event(EventId(serial)) => to.u8(kind::EVENT).serial(*serial),
        Key::Timer(at, kind) => {
            let (byte, serial) = timer_parts(*kind);
            to.u8(kind::TIMER).u64(at.millis()).u8(byte).serial(serial)
        }
        Key::Work(at, WorkId { instance, order }) => {
            to.u8(kind::WORK).u64(at.millis()).serial(instance.0).u32(*order)
        }
        Key::WorkStats => to.u8(kind::WORK_STATS),
        Key::Template(label) => to.u8(kind::TEMPLATE).text(label.as_str()),
        Key::TemplateVersion(template, number) => {
            to.u8(kind::TEMPLATE_VERSION).text(template.as_str()).u32(*number)
        }
        Key::TemplateName(TemplateNameKey { account, region, name }) => {
            to.u8(kind::TEMPLATE_NAME).u64(account.0).text(region.as_str()).text(name.as_str())
        }
    };
}

/// The key that `bytes` spell, to the last byte.
pub(crate) fn decode(bytes: &[u8]) -> Result<Key, KeyError> {
    let (kind, fields) = bytes.split_first().ok_or(KeyError::Empty)?;
    let mut fields = Reader(fields);
    let key = match *kind {
        kind::SEQUENCE => Key::Sequence,
        kind::ACCOUNT => Key::Account(fields.account()?),
        kind::HOLDINGS => Key::Holdings(fields.account()?, fields.label()?),
        kind::REGION => Key::Region(fields.label()?),
        kind::ZONE => Key::Zone(fields.label()?),
        kind::INSTANCE_TYPE => Key::InstanceType(fields.label()?),
        kind::IMAGE => Key::Image(fields.label()?),
        kind::ASSET => Key::Asset(fields.asset()?, fields.label()?),
        kind::HOST => Key::Host(fields.label()?),
        kind::STOCK => Key::Stock(StockKey { zone: fields.label()?, instance_type: fields.label()? }),
        kind::NETWORK => Key::Network(fields.label()?),
        kind::SUBNET => Key::Subnet(fields.label()?),
        kind::PUBLIC_POOL => Key::PublicPool(fields.label()?),
        kind::ADDRESS_PAGE => Key::AddressPage(fields.pool()?, fields.u8()?),
        kind::IPV6_CLAIM => Key::Ipv6Claim(fields.label()?, fields.ipv6()?),
        kind::COOLING => Key::Cooling(InstanceId(fields.serial()?)),
        kind::GROUP => Key::Group(fields.label()?),
        kind::RULE => Key::Rule(fields.label()?, RuleId(fields.serial()?)),
        kind::KEY_PAIR => Key::KeyPair(fields.account()?, fields.free_text()?),
        kind::TOKEN => Key::Token(TokenKey {
            account: fields.account()?,
            action: fields.action()?,
            region: fields.label()?,
            text: fields.token()?,
        }),
        kind::RECEIPT => Key::Receipt(ReceiptId(fields.serial()?)),
        kind::SPEC => Key::Spec(BatchId(fields.serial()?)),
        kind::BATCH => Key::Batch(BatchId(fields.serial()?)),
        kind::INSTANCE => Key::Instance(InstanceId(fields.serial()?)),
        kind::AMENDMENT => Key::Amendment(InstanceId(fields.serial()?)),
        kind::DISK => Key::Disk(InstanceId(fields.serial()?), fields.u8()?),
        kind::PASSWORD => Key::Password(BatchId(fields.serial()?)),
        kind::USER_DATA => Key::UserData(BatchId(fields.serial()?)),
        kind::EVENT => Key::Event(EventId(fields.serial()?)),
        kind::TIMER => Key::Timer(fields.time()?, fields.timer()?),
        kind::WORK => {
            let at = fields.time()?;
            Key::Work(at, WorkId { instance: InstanceId(fields.serial()?), order: fields.u32()? })
        }
        kind::WORK_STATS => Key::WorkStats,
        kind::TEMPLATE => Key::Template(fields.label()?),
        kind::TEMPLATE_VERSION => Key::TemplateVersion(fields.label()?, fields.u32()?),
        kind::TEMPLATE_NAME => Key::TemplateName(TemplateNameKey {
            account: fields.account()?,
            region: fields.label()?,
            name: fields.template_name()?,
        }),
        kind::PART => return Err(KeyError::Part),
        found => return Err(KeyError::Kind { found }),
    };
    match fields.0.len() {
        0 => Ok(key),
        bytes => Err(KeyError::Trailing { bytes }),
    }
}

/// The key of part `number` (from 1) of the long record under `key`.
pub(crate) fn part(key: &[u8], number: u8) -> Vec<u8> {
    [&[kind::PART], key, &[number]].concat()
}

/// Whether `key` is that of a further part of a record.
pub(crate) fn is_part(key: &[u8]) -> bool {
    key.first() == Some(&kind::PART)
}

const fn action_byte(action: TokenAction) -> u8 {
    match action {
        TokenAction::Launch => action::LAUNCH,
        TokenAction::Create => action::CREATE,
        TokenAction::Release => action::RELEASE,
        TokenAction::CreateNetwork => action::CREATE_NETWORK,
        TokenAction::CreateSubnet => action::CREATE_SUBNET,
        TokenAction::CreateGroup => action::CREATE_GROUP,
        TokenAction::Request => action::REQUEST,
    }
}

const fn pool_parts(pool: &PoolId) -> (u8, &Label) {
    match pool {
        PoolId::Subnet(label) => (pool::SUBNET, label),
        PoolId::SubnetIpv6(label) => (pool::SUBNET_IPV6, label),
        PoolId::Public(region) => (pool::PUBLIC, region),
    }
}

const fn asset_byte(of: AssetType) -> u8 {
    match of {
        AssetType::Snapshot => asset::SNAPSHOT,
        AssetType::Role => asset::ROLE,
        AssetType::EncryptionKey => asset::ENCRYPTION_KEY,
        AssetType::DeploymentSet => asset::DEPLOYMENT_SET,
        AssetType::HpcCluster => asset::HPC_CLUSTER,
        AssetType::ResourceGroup => asset::RESOURCE_GROUP,
        AssetType::StorageSet => asset::STORAGE_SET,
        AssetType::SnapshotPolicy => asset::SNAPSHOT_POLICY,
    }
}

const fn timer_parts(kind: TimerKind) -> (u8, Serial) {
    match kind {
        TimerKind::CreationDeadline(BatchId(serial)) => (timer::CREATION_DEADLINE, serial),
        TimerKind::FailureRelease(InstanceId(serial)) => (timer::FAILURE_RELEASE, serial),
        TimerKind::TokenExpiry(BatchId(serial)) => (timer::TOKEN_EXPIRY, serial),
        TimerKind::BatchRetention(BatchId(serial)) => (timer::BATCH_RETENTION, serial),
        TimerKind::EventRetention(EventId(serial)) => (timer::EVENT_RETENTION, serial),
        TimerKind::CoolDown(InstanceId(serial)) => (timer::COOL_DOWN, serial),
        TimerKind::AutoRelease(InstanceId(serial)) => (timer::AUTO_RELEASE, serial),
        TimerKind::EventDue(EventId(serial)) => (timer::EVENT_DUE, serial),
        TimerKind::ReceiptExpiry(ReceiptId(serial)) => (timer::RECEIPT_EXPIRY, serial),
        TimerKind::BinEnd(InstanceId(serial)) => (timer::BIN_END, serial),
        TimerKind::Expiry(InstanceId(serial)) => (timer::EXPIRY, serial),
        TimerKind::BidReview(InstanceId(serial)) => (timer::BID_REVIEW, serial),
        TimerKind::BidSweep(InstanceId(serial)) => (timer::BID_SWEEP, serial),
        // An account is a number without an epoch.
        TimerKind::Settlement(AccountId(number)) => (timer::SETTLEMENT, Serial { epoch: 0, number }),
    }
}

/// A key that is being written.
struct Writer<'b>(&'b mut Vec<u8>);

impl Writer<'_> {
    fn bytes(self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn u8(self, number: u8) -> Self {
        self.bytes(&[number])
    }

    fn u32(self, number: u32) -> Self {
        self.bytes(&number.to_be_bytes())
    }

    fn u64(self, number: u64) -> Self {
        self.bytes(&number.to_be_bytes())
    }

    fn serial(self, serial: Serial) -> Self {
        self.bytes(&serial.epoch.to_be_bytes()).u64(serial.number)
    }

    fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes()).u8(END_OF_TEXT)
    }

    fn free_text(mut self, text: &str) -> Self {
        for byte in text.bytes() {
            self = match byte {
                END_OF_TEXT | ESCAPE => self.bytes(&[ESCAPE, byte.saturating_add(1)]),
                byte => self.u8(byte),
            };
        }
        self.u8(END_OF_TEXT)
    }
}

/// What is left of a key that is being read.
struct Reader<'k>(&'k [u8]);

impl<'k> Reader<'k> {
    fn array<const WANTED: usize>(&mut self) -> Result<[u8; WANTED], KeyError> {
        let short = KeyError::Short { wanted: WANTED, left: self.0.len() };
        let (found, rest) = self.0.split_first_chunk().ok_or(short)?;
        self.0 = rest;
        Ok(*found)
    }

    fn u8(&mut self) -> Result<u8, KeyError> {
        self.array().map(u8::from_be_bytes)
    }

    fn u32(&mut self) -> Result<u32, KeyError> {
        self.array().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Result<u64, KeyError> {
        self.array().map(u64::from_be_bytes)
    }

    fn account(&mut self) -> Result<AccountId, KeyError> {
        self.u64().map(AccountId)
    }

    fn time(&mut self) -> Result<Time, KeyError> {
        self.u64().map(Time::from_millis)
    }

    fn serial(&mut self) -> Result<Serial, KeyError> {
        let epoch = self.array().map(u16::from_be_bytes)?;
        Ok(Serial { epoch, number: self.u64()? })
    }

    fn text(&mut self) -> Result<&'k str, KeyError> {
        str::from_utf8(self.bytes_of_text()?).map_err(not_text)
    }

    fn free_text(&mut self) -> Result<Arc<str>, KeyError> {
        let mut text = Vec::new();
        let mut bytes = self.bytes_of_text()?.iter();
        while let Some(byte) = bytes.next() {
            text.push(match *byte {
                ESCAPE => match bytes.next().copied() {
                    Some(escaped @ (1 | 2)) => escaped.saturating_sub(1),
                    found => return Err(KeyError::Escape { found }),
                },
                byte => byte,
            });
        }
        str::from_utf8(&text).map(Arc::from).map_err(not_text)
    }

    fn bytes_of_text(&mut self) -> Result<&'k [u8], KeyError> {
        let end = self.0.iter().position(|byte| *byte == END_OF_TEXT);
        let open = KeyError::OpenText { bytes: self.0.len() };
        let (text, rest) = end.and_then(|end| self.0.split_at_checked(end)).ok_or(open)?;
        self.0 = rest.split_first().map_or(rest, |(_, rest)| rest);
        Ok(text)
    }

    fn label(&mut self) -> Result<Label, KeyError> {
        let found = self.text()?;
        Label::parse(found).map_err(|source| KeyError::Label { found: found.into(), source })
    }

    fn token(&mut self) -> Result<TokenText, KeyError> {
        let found = self.text()?;
        TokenText::parse(found).ok_or_else(|| KeyError::Token { found: found.into() })
    }

    fn template_name(&mut self) -> Result<TemplateName, KeyError> {
        let found = self.text()?;
        TemplateName::parse(found).ok_or_else(|| KeyError::TemplateName { found: found.into() })
    }

    fn action(&mut self) -> Result<TokenAction, KeyError> {
        match self.u8()? {
            action::LAUNCH => Ok(TokenAction::Launch),
            action::CREATE => Ok(TokenAction::Create),
            action::RELEASE => Ok(TokenAction::Release),
            action::CREATE_NETWORK => Ok(TokenAction::CreateNetwork),
            action::CREATE_SUBNET => Ok(TokenAction::CreateSubnet),
            action::CREATE_GROUP => Ok(TokenAction::CreateGroup),
            action::REQUEST => Ok(TokenAction::Request),
            found => Err(KeyError::Action { found }),
        }
    }

    fn asset(&mut self) -> Result<AssetType, KeyError> {
        match self.u8()? {
            asset::SNAPSHOT => Ok(AssetType::Snapshot),
            asset::ROLE => Ok(AssetType::Role),
            asset::ENCRYPTION_KEY => Ok(AssetType::EncryptionKey),
            asset::DEPLOYMENT_SET => Ok(AssetType::DeploymentSet),
            asset::HPC_CLUSTER => Ok(AssetType::HpcCluster),
            asset::RESOURCE_GROUP => Ok(AssetType::ResourceGroup),
            asset::STORAGE_SET => Ok(AssetType::StorageSet),
            asset::SNAPSHOT_POLICY => Ok(AssetType::SnapshotPolicy),
            found => Err(KeyError::Asset { found }),
        }
    }

    fn pool(&mut self) -> Result<PoolId, KeyError> {
        let of: fn(Label) -> PoolId = match self.u8()? {
            pool::SUBNET => PoolId::Subnet,
            pool::SUBNET_IPV6 => PoolId::SubnetIpv6,
            pool::PUBLIC => PoolId::Public,
            found => return Err(KeyError::Pool { found }),
        };
        self.label().map(of)
    }

    fn ipv6(&mut self) -> Result<Ipv6Addr, KeyError> {
        self.array::<16>().map(Ipv6Addr::from)
    }

    fn timer(&mut self) -> Result<TimerKind, KeyError> {
        let byte = self.u8()?;
        let kind: fn(Serial) -> TimerKind = match byte {
            timer::CREATION_DEADLINE => |serial| TimerKind::CreationDeadline(BatchId(serial)),
            timer::FAILURE_RELEASE => |serial| TimerKind::FailureRelease(InstanceId(serial)),
            timer::TOKEN_EXPIRY => |serial| TimerKind::TokenExpiry(BatchId(serial)),
            timer::BATCH_RETENTION => |serial| TimerKind::BatchRetention(BatchId(serial)),
            timer::EVENT_RETENTION => |serial| TimerKind::EventRetention(EventId(serial)),
            timer::COOL_DOWN => |serial| TimerKind::CoolDown(InstanceId(serial)),
            timer::AUTO_RELEASE => |serial| TimerKind::AutoRelease(InstanceId(serial)),
            timer::EVENT_DUE => |serial| TimerKind::EventDue(EventId(serial)),
            timer::RECEIPT_EXPIRY => |serial| TimerKind::ReceiptExpiry(ReceiptId(serial)),
            timer::BIN_END => |serial| TimerKind::BinEnd(InstanceId(serial)),
            timer::EXPIRY => |serial| TimerKind::Expiry(InstanceId(serial)),
            timer::BID_REVIEW => |serial| TimerKind::BidReview(InstanceId(serial)),
            timer::BID_SWEEP => |serial| TimerKind::BidSweep(InstanceId(serial)),
            timer::SETTLEMENT => {
                let Serial { epoch, number } = self.serial()?;
                let account = TimerKind::Settlement(AccountId(number));
                return if epoch == 0 { Ok(account) } else { Err(KeyError::AccountEpoch { found: epoch }) };
            }
            found => return Err(KeyError::Timer { found }),
        };
        self.serial().map(kind)
    }
}

fn not_text(error: std::str::Utf8Error) -> KeyError {
    KeyError::NotText { at: error.valid_up_to() }
}

#[cfg(test)]
#[path = "keys_tests.rs"]
pub(crate) mod tests;
