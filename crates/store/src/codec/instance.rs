//! Instances on disk.

use std::net::{Ipv4Addr, Ipv6Addr};

use fleet::{AccountId, BatchId, EventId, Failure, InstanceId, Money, Time};
use serde::{Deserialize, Serialize};

use super::error::{DecodeError, EncodeError};
use super::field::{FailureReason, Protection, Serial, label};
use super::payload::{Stored, Value};

/// Version 1 had no end of what is paid for, version 2 no portions of vouchers.
const INSTANCE_VERSION: u8 = 3;

#[derive(Deserialize, Serialize)]
struct Instance<'a, R> {
    account: u64,
    batch: Serial,
    index: u8,
    #[serde(borrow)]
    state: State<'a>,
    machine: Machine,
    address: [u8; 4],
    paid: u64,
    protection: Protection,
    created_at: u64,
    started_at: Option<u64>,
    orders: u32,
    rare: Option<R>,
}

/// What most instances have nothing of: left out as a whole then, to be one byte instead of six.
#[derive(Default, Deserialize, Eq, PartialEq, Serialize)]
struct Rare<'a> {
    #[serde(borrow)]
    second: RareOfVersion2<'a>,
    portions: Vec<Portion<'a>>,
}

#[derive(Default, Deserialize, Eq, PartialEq, Serialize)]
struct RareOfVersion2<'a> {
    #[serde(borrow)]
    first: RareOfVersion1<'a>,
    paid_until: Option<u64>,
}

#[derive(Deserialize, Eq, PartialEq, Serialize)]
struct Portion<'a> {
    voucher: &'a str,
    amount: u64,
}

#[derive(Default, Deserialize, Eq, PartialEq, Serialize)]
struct RareOfVersion1<'a> {
    release_at: Option<u64>,
    public: Option<[u8; 4]>,
    further: Vec<[u8; 4]>,
    ipv6: Vec<[u8; 16]>,
    amended: bool,
    #[serde(borrow)]
    attached: Vec<Attachment<'a>>,
}

#[derive(Deserialize, Eq, PartialEq, Serialize)]
struct Attachment<'a> {
    subnet: &'a str,
    address: [u8; 4],
}

pinned! {
    enum State<'a> {
        1 = Pending { work: Work<'a> },
        2 = Starting { boot: Boot, work: Work<'a> },
        3 = Running,
        4 = Stopping { means: Means, capacity: Capacity, work: Work<'a> },
        5 = Stopped { capacity: Capacity },
        6 = Failed { reason: FailureReason, event: Serial, release_at: Option<u64> },
        7 = Releasing { from: ReleasedFrom, work: Work<'a> },
        8 = Installing { work: Work<'a> },
        9 = Blank,
        10 = Binned { until: u64, capacity: Capacity },
    }
}

pinned! {
    enum ReleasedFrom {
        1 = Running,
        2 = Stopped { capacity: Capacity },
        3 = Failed,
        4 = Binned { capacity: Capacity },
    }
}

pinned_mirrors! {
    Boot { 1 = Start, 2 = Reboot }
    Machine { 1 = Absent, 2 = Possible, 3 = Present }
    Means { 1 = Orderly, 2 = Cut }
    Capacity { 1 = Kept, 2 = GivenBack }
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Work<'a> {
    order: u32,
    attempt: u32,
    unanswered: u32,
    available_at: u64,
    holder: Option<&'a str>,
}

pub(super) fn write_instance(instance: &fleet::Instance, to: Value<'_>) -> Result<(), EncodeError> {
    let first = RareOfVersion1 {
        release_at: instance.release_at.map(Time::millis),
        public: instance.public.map(|address| address.octets()),
        further: instance.further.iter().map(Ipv4Addr::octets).collect(),
        ipv6: instance.ipv6.iter().map(Ipv6Addr::octets).collect(),
        amended: instance.amended,
        attached: instance.attached.iter().map(Into::into).collect(),
    };
    let second = RareOfVersion2 { first, paid_until: instance.paid_until.map(Time::millis) };
    let rare = Rare { second, portions: instance.portions.iter().map(Into::into).collect() };
    let fields = Instance {
        account: instance.account.0,
        batch: instance.batch.0.into(),
        index: instance.index,
        state: (&instance.state).into(),
        machine: instance.machine.into(),
        address: instance.address.octets(),
        paid: instance.paid.0,
        protection: instance.protection.into(),
        created_at: instance.created_at.millis(),
        started_at: instance.started_at.map(Time::millis),
        orders: instance.orders,
        rare: (rare != Rare::default()).then_some(rare),
    };
    to.write(INSTANCE_VERSION, &fields)
}

pub(super) fn read_instance(id: InstanceId, stored: &Stored<'_>) -> Result<fleet::Instance, DecodeError> {
    const NAME: &str = "instance";
    let fields: Instance<'_, Rare<'_>> = match stored.version {
        1 => stored.read::<Instance<'_, RareOfVersion1<'_>>>(NAME)?.with(Into::into),
        2 => stored.read::<Instance<'_, RareOfVersion2<'_>>>(NAME)?.with(Into::into),
        INSTANCE_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, INSTANCE_VERSION)),
    };
    let Rare { second, portions } = fields.rare.unwrap_or_default();
    let RareOfVersion2 { first: rare, paid_until } = second;
    Ok(fleet::Instance {
        id,
        account: AccountId(fields.account),
        batch: BatchId(fields.batch.into()),
        index: fields.index,
        state: fields.state.try_into()?,
        machine: fields.machine.into(),
        address: fields.address.into(),
        paid: Money(fields.paid),
        portions: portions.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
        protection: fields.protection.into(),
        created_at: Time::from_millis(fields.created_at),
        started_at: fields.started_at.map(Time::from_millis),
        orders: fields.orders,
        release_at: rare.release_at.map(Time::from_millis),
        public: rare.public.map(Into::into),
        further: rare.further.into_iter().map(Into::into).collect(),
        ipv6: rare.ipv6.into_iter().map(Into::into).collect(),
        amended: rare.amended,
        attached: rare.attached.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
        paid_until: paid_until.map(Time::from_millis),
    })
}

impl<'a> From<RareOfVersion1<'a>> for Rare<'a> {
    fn from(first: RareOfVersion1<'a>) -> Self {
        RareOfVersion2 { first, paid_until: None }.into()
    }
}

impl<'a> From<RareOfVersion2<'a>> for Rare<'a> {
    fn from(second: RareOfVersion2<'a>) -> Self {
        Self { second, portions: Vec::new() }
    }
}

impl<'a> From<&'a fleet::Portion> for Portion<'a> {
    fn from(fleet::Portion { voucher, amount }: &'a fleet::Portion) -> Self {
        Self { voucher: voucher.as_str(), amount: amount.0 }
    }
}

impl TryFrom<Portion<'_>> for fleet::Portion {
    type Error = DecodeError;

    fn try_from(Portion { voucher, amount }: Portion<'_>) -> Result<Self, DecodeError> {
        Ok(Self { voucher: label(voucher)?, amount: Money(amount) })
    }
}

impl<'a, R> Instance<'a, R> {
    /// The same with a rest of another version.
    fn with<S>(self, convert: impl FnOnce(R) -> S) -> Instance<'a, S> {
        let old = self;
        Instance {
            account: old.account,
            batch: old.batch,
            index: old.index,
            state: old.state,
            machine: old.machine,
            address: old.address,
            paid: old.paid,
            protection: old.protection,
            created_at: old.created_at,
            started_at: old.started_at,
            orders: old.orders,
            rare: old.rare.map(convert),
        }
    }
}

impl<'a> From<&'a fleet::State> for State<'a> {
    fn from(state: &'a fleet::State) -> Self {
        match state {
            fleet::State::Pending(work) => Self::Pending { work: work.into() },
            fleet::State::Installing(work) => Self::Installing { work: work.into() },
            fleet::State::Blank => Self::Blank,
            fleet::State::Binned { until, capacity } => {
                Self::Binned { until: until.millis(), capacity: (*capacity).into() }
            }
            fleet::State::Starting(boot, work) => Self::Starting { boot: (*boot).into(), work: work.into() },
            fleet::State::Running => Self::Running,
            fleet::State::Stopping(fleet::Shutdown { means, capacity }, work) => {
                Self::Stopping { means: (*means).into(), capacity: (*capacity).into(), work: work.into() }
            }
            fleet::State::Stopped(capacity) => Self::Stopped { capacity: (*capacity).into() },
            fleet::State::Failed(Failure { reason, event, release_at }) => Self::Failed {
                reason: (*reason).into(),
                event: event.0.into(),
                release_at: release_at.map(Time::millis),
            },
            fleet::State::Releasing(from, work) => {
                Self::Releasing { from: (*from).into(), work: work.into() }
            }
        }
    }
}

impl TryFrom<State<'_>> for fleet::State {
    type Error = DecodeError;

    fn try_from(state: State<'_>) -> Result<Self, DecodeError> {
        Ok(match state {
            State::Pending { work } => Self::Pending(work.try_into()?),
            State::Installing { work } => Self::Installing(work.try_into()?),
            State::Blank => Self::Blank,
            State::Binned { until, capacity } => {
                Self::Binned { until: Time::from_millis(until), capacity: capacity.into() }
            }
            State::Starting { boot, work } => Self::Starting(boot.into(), work.try_into()?),
            State::Running => Self::Running,
            State::Stopping { means, capacity, work } => {
                let shutdown = fleet::Shutdown { means: means.into(), capacity: capacity.into() };
                Self::Stopping(shutdown, work.try_into()?)
            }
            State::Stopped { capacity } => Self::Stopped(capacity.into()),
            State::Failed { reason, event, release_at } => Self::Failed(Failure {
                reason: reason.into(),
                event: EventId(event.into()),
                release_at: release_at.map(Time::from_millis),
            }),
            State::Releasing { from, work } => Self::Releasing(from.into(), work.try_into()?),
        })
    }
}

impl<'a> From<&'a fleet::Attachment> for Attachment<'a> {
    fn from(fleet::Attachment { subnet, address }: &'a fleet::Attachment) -> Self {
        Self { subnet: subnet.as_str(), address: address.octets() }
    }
}

impl TryFrom<Attachment<'_>> for fleet::Attachment {
    type Error = DecodeError;

    fn try_from(Attachment { subnet, address }: Attachment<'_>) -> Result<Self, DecodeError> {
        Ok(Self { subnet: label(subnet)?, address: address.into() })
    }
}

impl From<fleet::ReleasedFrom> for ReleasedFrom {
    fn from(from: fleet::ReleasedFrom) -> Self {
        match from {
            fleet::ReleasedFrom::Running => Self::Running,
            fleet::ReleasedFrom::Stopped(capacity) => Self::Stopped { capacity: capacity.into() },
            fleet::ReleasedFrom::Failed => Self::Failed,
            fleet::ReleasedFrom::Binned(capacity) => Self::Binned { capacity: capacity.into() },
        }
    }
}

impl From<ReleasedFrom> for fleet::ReleasedFrom {
    fn from(stored: ReleasedFrom) -> Self {
        match stored {
            ReleasedFrom::Running => Self::Running,
            ReleasedFrom::Stopped { capacity } => Self::Stopped(capacity.into()),
            ReleasedFrom::Failed => Self::Failed,
            ReleasedFrom::Binned { capacity } => Self::Binned(capacity.into()),
        }
    }
}

impl<'a> From<&'a fleet::Work> for Work<'a> {
    fn from(work: &'a fleet::Work) -> Self {
        let holder = work.holder.as_ref().map(fleet::Label::as_str);
        let (order, attempt, unanswered) = (work.order, work.attempt, work.unanswered);
        Self { order, attempt, unanswered, available_at: work.available_at.millis(), holder }
    }
}

impl TryFrom<Work<'_>> for fleet::Work {
    type Error = DecodeError;

    fn try_from(work: Work<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            order: work.order,
            attempt: work.attempt,
            unanswered: work.unanswered,
            available_at: Time::from_millis(work.available_at),
            holder: work.holder.map(label).transpose()?,
        })
    }
}

#[cfg(test)]
#[test]
fn numbers_on_disk_stay() {
    use super::tests::numbers::stay;
    let work = || Work { order: 0, attempt: 0, unanswered: 0, available_at: 0, holder: None };
    let event = fleet::Serial::LOWEST.into();
    let reason = FailureReason::NoStock;
    stay(
        State::NUMBERS,
        [
            (1, State::Pending { work: work() }),
            (2, State::Starting { boot: Boot::Start, work: work() }),
            (3, State::Running),
            (4, State::Stopping { means: Means::Orderly, capacity: Capacity::Kept, work: work() }),
            (5, State::Stopped { capacity: Capacity::Kept }),
            (6, State::Failed { reason, event, release_at: None }),
            (7, State::Releasing { from: ReleasedFrom::Running, work: work() }),
            (8, State::Installing { work: work() }),
            (9, State::Blank),
            (10, State::Binned { until: 0, capacity: Capacity::Kept }),
        ],
    );
    stay(Boot::NUMBERS, [(1, Boot::Start), (2, Boot::Reboot)]);
    stay(Machine::NUMBERS, [(1, Machine::Absent), (2, Machine::Possible), (3, Machine::Present)]);
    stay(
        ReleasedFrom::NUMBERS,
        [
            (1, ReleasedFrom::Running),
            (2, ReleasedFrom::Stopped { capacity: Capacity::Kept }),
            (3, ReleasedFrom::Failed),
            (4, ReleasedFrom::Binned { capacity: Capacity::Kept }),
        ],
    );
    stay(Means::NUMBERS, [(1, Means::Orderly), (2, Means::Cut)]);
    stay(Capacity::NUMBERS, [(1, Capacity::Kept), (2, Capacity::GivenBack)]);
}
