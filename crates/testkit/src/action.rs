//! What the model and the fleet are asked to do, and what they answer, in words that need no ids:
//! the third instance, the second launch.

use fleet::{
    AccountRefusal, Addresses, AfterCreation, Bar, Beat, CatalogueRefusal, Charge, ClientToken, Fingerprint,
    Label, Launch, LaunchRefusal, PeriodUnit, Rehearsal, Reported, Status, SubnetBlock, Task, Ticked, Time,
    VoucherRefusal, WorkOutcome,
};

use crate::small_world::{SUBNETS, group, instance_type, launch, many, subnet, token, zone};

/// One thing that is asked of a fleet. Instances are named by the order they were made in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Action {
    /// Launch instances.
    Launch {
        /// What is asked for.
        order: Order,
        /// Under which token.
        token: Option<usize>,
        /// Whether it is only a dry run.
        dry: bool,
    },
    /// Take work items.
    Claim {
        /// For how many seconds.
        lease: u64,
        /// How many at most.
        limit: usize,
    },
    /// Say what became of a work item.
    Report(Handout, WorkOutcome),
    /// Say that a work item is still being done, and is to be held for so many seconds.
    Beat(Handout, u64),
    /// Boot an instance.
    Start(usize),
    /// Shut an instance down.
    Stop(usize),
    /// Reboot an instance.
    Reboot(usize),
    /// Give an instance back, running or not.
    Release {
        /// Which.
        instance: usize,
        /// Whether it may be running.
        force: bool,
    },
    /// Put an instance into the bin.
    Bin(usize),
    /// Give an instance back out of the bin.
    Empty(usize),
    /// Pay for an instance for so many months more.
    Renew {
        /// Which.
        instance: usize,
        /// How many months.
        months: u8,
    },
    /// Grant the account a voucher.
    GrantVoucher {
        /// Which, by its number.
        voucher: usize,
        /// How much money.
        amount: u64,
        /// When it expires.
        expires: Time,
    },
    /// Remove a voucher.
    RemoveVoucher(usize),
    /// Run so many timers that are due.
    Tick(usize),
    /// Let time pass until this point.
    Wait(Time),
    /// Set how much there is of a type in a zone.
    SetStock {
        /// Where.
        zone: usize,
        /// Of what.
        instance_type: usize,
        /// How many units.
        total: u32,
    },
    /// Set how many instances the account may have, and give it money.
    SetAccount {
        /// How many instances.
        limit: u32,
        /// How much money.
        grant: Option<u64>,
    },
}

/// What a launch asks for, in numbers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Order {
    /// Which zone is named, if one is.
    pub zone: Option<usize>,
    /// Which type.
    pub instance_type: usize,
    /// Which subnet.
    pub subnet: usize,
    /// Which groups.
    pub groups: Vec<usize>,
    /// Which address is named, counted from the start of the subnet's block.
    pub address: Place,
    /// How many at most.
    pub most: u8,
    /// How many at least.
    pub least: u8,
    /// Whether they stay stopped.
    pub stay: bool,
    /// For how many months they are paid in advance; 0 when by use.
    pub months: u8,
}

/// Which address an order names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// None.
    Any,
    /// So many behind the start of the block; it may lie behind its end.
    At(u32),
}

/// A work item as it was handed out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Handout {
    /// For which instance.
    pub instance: usize,
    /// Which of the instance's orders.
    pub order: u32,
    /// Which claim of it.
    pub attempt: u32,
    /// What is to be done.
    pub task: Task,
}

/// What an action is answered with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reply {
    /// Nothing more to say.
    Done,
    /// These instances were made, or had been.
    Launched {
        /// In which launch.
        batch: usize,
        /// Which instances.
        instances: Vec<usize>,
    },
    /// So many would have been made.
    Would(u8),
    /// These work items were handed out.
    Claimed(Vec<Handout>),
    /// What became of the report.
    Reported(Reported),
    /// What became of the sign of life.
    Beaten(Beat),
    /// What the timers did.
    Ticked(Ticked),
    /// The instance moved, and this is what it does now; for a release, what it did before.
    Moved(Status),
    /// The instance is paid for until then.
    Paid(Time),
    /// Nothing happened.
    Refused(Refusal),
}

/// Why nothing happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// A launch says why.
    Launch(LaunchRefusal),
    /// The account says why.
    Account(AccountRefusal),
    /// The vouchers say why.
    Voucher(VoucherRefusal),
    /// The catalogue says why.
    Catalogue(CatalogueRefusal),
    /// There is no such instance.
    Unknown,
    /// It cannot be done in this status.
    WrongStatus(Status),
    /// It is paid for until then.
    PaidFor(Time),
    /// It is not paid for any more.
    Unpaid,
    /// It is paid by use.
    PaidByUse,
    /// The account may not pay.
    Barred(Bar),
    /// So much is due, and so much is there.
    Unaffordable(u64, u64),
    /// It is protected.
    Protected,
}

impl Order {
    /// The launch that asks for this in the small world.
    #[must_use]
    pub fn launch(&self, token: Option<usize>, dry: bool) -> Launch {
        let launch = Launch {
            token: token.map(|token| self.token(token)),
            rehearsal: if dry { Rehearsal::Yes } else { Rehearsal::No },
            zone: self.zone.map(zone),
            instance_type: Some(instance_type(self.instance_type)),
            groups: self.groups.iter().copied().map(group).collect(),
            subnet: Some(subnet(self.subnet)),
            addresses: match self.address {
                Place::Any => Addresses::Any,
                Place::At(offset) => Addresses::Given(address(self.subnet, offset)),
            },
            after_creation: if self.stay { AfterCreation::Stay } else { AfterCreation::Start },
            charge: match self.months {
                0 => Charge::PostPaid,
                count => Charge::PrePaid { count, unit: PeriodUnit::Month },
            },
            ..launch()
        };
        many(launch, self.most, self.least)
    }

    /// Two orders have one fingerprint just when they are the same.
    fn token(&self, number: usize) -> ClientToken {
        let mut fingerprint = [0; 32];
        for (index, byte) in format!("{self:?}").into_bytes().into_iter().enumerate() {
            let place: &mut u8 = &mut fingerprint[index % 31];
            *place = place.wrapping_mul(31).wrapping_add(byte);
        }
        ClientToken { fingerprint: Fingerprint(fingerprint), ..token(&format!("token-{number}"), 0) }
    }
}

/// What the voucher of this number is called.
pub(crate) fn voucher(number: usize) -> Label {
    Label::parse(&format!("voucher-{number}")).expect("a label")
}

/// The address `offset` behind the start of a subnet of the small world, inside its block or not.
///
/// # Panics
/// When there is no such subnet.
#[must_use]
pub fn address(subnet: usize, offset: u32) -> std::net::Ipv4Addr {
    let block = SubnetBlock::new(SUBNETS[subnet].parse().expect("a network")).expect("a block");
    std::net::Ipv4Addr::from_bits(block.net().network().to_bits() + offset)
}
