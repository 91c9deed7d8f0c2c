//! What a simulation is made of: its seed, its size, and how much goes wrong in it.

use fleet::{Policy, Span, Time};
use hatchery::engine::local as engine;
use hatchery::{Hatchery, Options, StoreError, StoreId, sim_disk::SimDisk};

use super::payer::Payer;
use crate::driver::Fleet;
use crate::small_world::{
    GROUPS, OWNER, SmallWorld, ZONES, add_group, add_network, add_subnet, group, subnet, zone,
};

/// How many subnets a simulated world has, half of them in each zone.
const SUBNETS: usize = 4;
/// Up to how many instances every step is checked.
const SMALL_MAX: u32 = 64;
/// With more, all invariants are checked so many steps apart for every instance: a check walks all records,
/// and is made to cost a tenth or so of the steps that it checks.
const AUDIT_STEPS: u64 = 4;
/// The most instances that the addresses of a simulated world are enough for.
const INSTANCES_MAX: u32 = 50_000;

/// A simulation. Two runs with equal setups and equal casts are equal to the last byte.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where all chance comes from.
    pub seed: u64,
    /// For how long it goes on before faults stop.
    pub days: u64,
    /// How many instances the clients keep alive between them, roughly; 50,000 at most.
    pub instances: u32,
    /// How many clients there are.
    pub clients: u32,
    /// How many crews work for the provisioner.
    pub crews: u32,
    /// How long a client keeps an instance, on average.
    pub lifetime: Span,
    /// After how many steps all invariants are checked. 1 is after every step; a check walks all records.
    pub audit_steps: u64,
    /// What goes wrong, and how often.
    pub odds: Odds,
}

/// What goes wrong, and how often: times in a million, unless it says otherwise.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Odds {
    /// A request is lost on the way: nobody decides it.
    pub lost_requests: u32,
    /// A reply is lost on the way: it is decided, and nobody knows.
    pub lost_replies: u32,
    /// A request arrives twice.
    pub repeated_requests: u32,
    /// An operation of the disk near a commit goes wrong: it fails, is torn, stalls, or the power goes.
    pub disk_faults: u32,
    /// A sync near a commit says that it is done, and is not. No store survives that; it is here to show
    /// that the simulator sees what is lost.
    pub lying_syncs: u32,
    /// The process is killed or the power goes, once in so many days on average; 0 is never.
    pub crash_days: u64,
    /// The clock jumps ahead or back by hours, once in so many days on average; 0 is never.
    pub jump_days: u64,
    /// A provisioner fails an item.
    pub failed_work: u32,
    /// It does not know what became of one, or gives it back.
    pub unclear_work: u32,
    /// It takes longer over one than its lease, and perhaps than the creation deadline.
    pub slow_work: u32,
    /// It vanishes with all that it holds, before it does an item or after it did and before it says so.
    pub vanishing_crews: u32,
    /// It says that it did what it did not.
    pub lying_work: u32,
    /// Who pays for what is used is late, of about three times in two days that it could pay.
    pub late_payments: u32,
    /// For how many days it is late then, at most. What is cut off is released after three and a quarter.
    pub late_days: u64,
}

impl Odds {
    /// Everything goes wrong now and then, but for disks that lie.
    pub const USUAL: Self = Self {
        lost_requests: 20_000,
        lost_replies: 20_000,
        repeated_requests: 20_000,
        disk_faults: 1_000,
        lying_syncs: 0,
        crash_days: 20,
        jump_days: 10,
        failed_work: 30_000,
        unclear_work: 20_000,
        slow_work: 10_000,
        vanishing_crews: 10_000,
        lying_work: 5_000,
        late_payments: 5_000,
        late_days: 3,
    };

    /// Everything goes wrong often: for small worlds, where opening a store again is cheap.
    pub const HARSH: Self = Self {
        lost_requests: 100_000,
        lost_replies: 100_000,
        repeated_requests: 100_000,
        disk_faults: 50_000,
        lying_syncs: 0,
        crash_days: 1,
        jump_days: 2,
        failed_work: 150_000,
        unclear_work: 100_000,
        slow_work: 50_000,
        vanishing_crews: 50_000,
        lying_work: 20_000,
        late_payments: 100_000,
        late_days: 8,
    };

    /// Nothing goes wrong.
    pub const NONE: Self = Self {
        lost_requests: 0,
        lost_replies: 0,
        repeated_requests: 0,
        disk_faults: 0,
        lying_syncs: 0,
        crash_days: 0,
        jump_days: 0,
        failed_work: 0,
        unclear_work: 0,
        slow_work: 0,
        vanishing_crews: 0,
        lying_work: 0,
        late_payments: 0,
        late_days: 0,
    };
}

impl Setup {
    /// A small world in which everything goes wrong often and every step is checked.
    #[must_use]
    pub const fn small(seed: u64) -> Self {
        Self {
            seed,
            days: 10,
            instances: 12,
            clients: 3,
            crews: 2,
            lifetime: Span::from_hours(12),
            audit_steps: 1,
            odds: Odds::HARSH,
        }
    }

    /// A large world in which things go wrong now and then, checked every so many steps that the checks
    /// cost a tenth or so of the whole.
    #[must_use]
    pub fn large(seed: u64, instances: u32) -> Self {
        Self {
            days: 1000,
            instances,
            clients: 8,
            crews: 4,
            lifetime: Span::from_days(50),
            audit_steps: Self::audit_steps_for(instances),
            odds: Odds::USUAL,
            ..Self::small(seed)
        }
    }

    /// After how many steps all invariants are checked where nobody says otherwise: each step of a world of 64
    /// instances or fewer, and four steps apart for every instance of a larger one.
    #[must_use]
    pub const fn audit_steps_for(instances: u32) -> u64 {
        if instances <= SMALL_MAX { 1 } else { AUDIT_STEPS.saturating_mul(instances as u64) }
    }

    /// The day that a time is in, from 0.
    #[must_use]
    pub const fn day(at: Time) -> u64 {
        at.millis() / Span::from_days(1).millis()
    }

    /// When faults stop.
    pub(super) const fn end(&self) -> Time {
        Time::START.after(Span::from_days(self.days))
    }

    /// The policy that decisions go by: that of the core, with tokens and events that are forgotten soon
    /// enough for a run to see it.
    #[must_use]
    pub fn policy() -> Policy {
        Policy {
            event_retention: Span::from_days(5),
            batch_retention: Span::from_days(6),
            arrears_grace: Span::from_hours(6),
            arrears_retention: Span::from_days(3),
            group_members_max: u32::MAX,
            attempts_max: 4,
            address_cool_down: Span::from_hours(1),
            network_settling: Span::ZERO,
            ..Policy::default()
        }
    }

    /// How the store is opened: with small segments and little history, so that a run sees many of each.
    pub(super) fn options(&self) -> Options {
        let scale = u64::from(self.instances).clamp(64, 4096);
        let engine = engine::Options {
            segment_size: scale.saturating_mul(256),
            snapshot_min_bytes: scale.saturating_mul(512),
            keep_for: Span::from_hours(6),
            keep_bytes: scale.saturating_mul(1024),
            free_space_min: 0,
            ballast_bytes: 4096,
            ..engine::Options::default()
        };
        Options { policy: Self::policy(), engine, ..Options::default() }
    }

    /// Makes a store on `disk` with the world in it: two zones, two types, four subnets, two groups, one
    /// account. There is a quarter more of everything than the clients want, so that it runs out now and then.
    pub(super) fn build(&self, disk: &SimDisk) -> Result<Hatchery, StoreError> {
        let store = Hatchery::create_on(disk, StoreId(*b"a simulated one."), self.options())?;
        let mut world = Building(store);
        let wanted = self.instances.clamp(1, INSTANCES_MAX);
        let each = wanted.saturating_add(wanted / 4) / 4 + 1;
        world.run(&SmallWorld::catalogue(each), Time::START).expect("a catalogue");
        let grant = Some(Payer::ahead(wanted));
        let instance_limit = wanted.saturating_add(wanted / 8).saturating_add(1);
        world.run(&fleet::OpenAccount { id: OWNER, instance_limit, grant }, Time::START).expect("an account");
        add_network(&mut world, "n", "10.0.0.0/16");
        for index in 0..SUBNETS {
            // Four addresses of a block are nobody's.
            let size = (each + 4).next_power_of_two().max(8);
            let block = format!("10.0.{}.0/{}", index * 64, 32 - size.trailing_zeros());
            add_subnet(&mut world, &subnet(index), &zone(index * ZONES / SUBNETS), &block);
        }
        (0..GROUPS).for_each(|index| add_group(&mut world, &group(index), "n"));
        Ok(world.0)
    }
}

/// A store that is being furnished, on a disk that is well.
struct Building(Hatchery);

impl Fleet for Building {
    fn run<C>(&mut self, command: &C, now: Time) -> Result<C::Reply, C::Refusal>
    where
        C: fleet::Command + Clone + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send,
    {
        self.0.commit(command.clone(), now).map_err(|error| match error {
            hatchery::CommitError::Refused(refusal) => refusal,
            hatchery::CommitError::Busy { .. } | hatchery::CommitError::Failed(_) => {
                panic!("the disk is well")
            }
        })
    }

    fn records(&self) -> Vec<fleet::Record> {
        self.0.snapshot().records().expect("the disk is well")
    }
}
