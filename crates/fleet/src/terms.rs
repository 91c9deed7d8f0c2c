//! What was agreed on besides the price: renewal, bids, the day it ends.

use crate::{Label, PeriodUnit, Time};

/// What an instance is had under, as far as it is not [`Charge`](crate::Charge).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Terms {
    /// Whether what was paid in advance is paid again when it runs out.
    pub renewal: Renewal,
    /// The bid for spare capacity.
    pub spot: Option<Spot>,
    /// When the system releases it.
    pub release_at: Option<Time>,
    /// How a burstable instance is charged for bursts.
    pub credit: Option<Credit>,
    /// The group of resources it is accounted to.
    pub resource_group: Option<Label>,
}

/// What happens when the money runs out.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Renewal {
    /// It is stopped, and released later.
    #[default]
    Off,
    /// So many more units are paid.
    On {
        /// How many units.
        count: u8,
        /// The unit.
        unit: PeriodUnit,
    },
}

/// A bid for spare capacity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Spot {
    /// The most that is paid for an hour; `None` follows the market.
    pub at_most: Option<Rate>,
    /// How long it is not taken away, hours.
    pub protected_hours: u8,
    /// What happens when it is taken away.
    pub interruption: Interruption,
}

/// A price for an hour, in thousandths of the unit that prices are given in.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Rate(pub u64);

/// What happens to an instance whose bid is too low.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Interruption {
    /// It is released.
    #[default]
    Release,
    /// It is stopped and gives its capacity back.
    Stop,
}

/// How bursts are charged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Credit {
    /// As far as saved credit goes.
    Standard,
    /// Without limit, and billed.
    Unlimited,
}
