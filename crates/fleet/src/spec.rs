//! What all instances of one launch have in common. Written once per launch and never changed.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::{BareMetal, Disk, Hosting, Interface, Label, Names, Rate, Settings, StockKey, Terms};

/// What was asked for, resolved against the catalogue and the networks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Spec {
    /// Where.
    pub region: Label,
    /// Where, more exactly.
    pub zone: Label,
    /// What is on its disk; `None` where it is left empty.
    pub image: Option<Label>,
    /// How big it is.
    pub instance_type: Label,
    /// The processors of its type when it was launched: the type may have others by now.
    pub cpus: u16,
    /// What an hour of it cost when it was launched, and costs for as long as it lives where it is paid
    /// by use.
    pub hourly: Rate,
    /// The network it lives in.
    pub network: Label,
    /// The subnet that its address comes from.
    pub subnet: Label,
    /// The groups it joins; empty for bare metal only.
    pub groups: Vec<Label>,
    /// How it is paid for.
    pub charge: Charge,
    /// What becomes of it once it is made.
    pub after_creation: AfterCreation,
    /// Whether its owner has to lift a protection before releasing it.
    pub protection: Protection,
    /// How its instances are named.
    pub names: Names,
    /// How its instances call themselves; a host that goes by its id has a name made from that.
    pub host_names: Names,
    /// For people.
    pub description: Arc<str>,
    /// For programs; keys are distinct.
    pub tags: Vec<Tag>,
    /// Its line to the internet.
    pub internet: Internet,
    /// How its disks are reached.
    pub io: Io,
    /// The disk it boots from.
    pub system_disk: Disk,
    /// Its further disks, in the order they were asked for; devices are distinct.
    pub data_disks: Vec<Disk>,
    /// Its further interfaces.
    pub interfaces: Vec<Interface>,
    /// Renewal, bids, the day it ends.
    pub terms: Terms,
    /// The name of the key pair it is logged in with.
    pub key_pair: Option<Arc<str>>,
    /// What programs on it may do.
    pub role: Option<Label>,
    /// Where it runs.
    pub hosting: Hosting,
    /// What it was asked to have that nothing in here acts on.
    pub settings: Settings,
    /// What it is as bare metal.
    pub bare_metal: Option<Arc<BareMetal>>,
}

impl Spec {
    /// The stock that its instances have their units from.
    #[must_use]
    pub fn stock_key(&self) -> StockKey {
        StockKey { zone: self.zone.clone(), instance_type: self.instance_type.clone() }
    }

    /// How many disks each instance has, the one it boots from among them.
    #[must_use]
    pub fn disk_count(&self) -> u32 {
        u32::try_from(self.data_disks.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// Every group that an instance is in by any of its interfaces, each once: it takes one place in a
    /// group, however many of its interfaces joined. `own` are the groups of the first.
    pub fn joined_groups<'a>(&'a self, own: &'a [Label]) -> impl Iterator<Item = &'a Label> {
        let further = self.interfaces.iter().enumerate().flat_map(move |(index, interface)| {
            let seen = move |label: &Label| {
                let mut earlier = self.interfaces.iter().take(index);
                own.contains(label) || earlier.any(|interface| interface.groups.contains(label))
            };
            interface.groups.iter().filter(move |label| !seen(label))
        });
        own.iter().chain(further)
    }
}

/// How the disks of an instance are reached.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Io {
    /// The old way.
    Plain,
    /// The fast way.
    #[default]
    Optimized,
}

/// One tag.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value; may be empty.
    pub value: String,
}

/// What becomes of an instance once it is made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AfterCreation {
    /// It starts by itself (RunInstances).
    Start,
    /// It stays stopped (CreateInstance).
    Stay,
}

/// Whether an instance can be released by its owner.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Protection {
    /// It can.
    Off,
    /// Not before the protection is lifted. The system's own releases are not held up.
    On,
}

/// How an instance is paid for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Charge {
    /// By use.
    PostPaid,
    /// In advance, for `count` units.
    PrePaid {
        /// How many units: the wire's list of legal periods decides.
        count: u8,
        /// The unit.
        unit: PeriodUnit,
    },
}

/// The unit of a period that was paid for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PeriodUnit {
    /// Seven days.
    Week,
    /// Thirty days.
    Month,
}

impl Charge {
    /// How long the money lasts: `None` when it is paid by use.
    #[must_use]
    pub fn paid_span(self) -> Option<crate::Span> {
        match self {
            Self::PostPaid => None,
            Self::PrePaid { count, unit } => {
                let days: u64 = match unit {
                    PeriodUnit::Week => 7,
                    PeriodUnit::Month => 30,
                };
                Some(crate::Span::from_days(days.saturating_mul(u64::from(count))))
            }
        }
    }
}

/// The line of an instance to the internet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Internet {
    /// What is billed.
    pub charge: InternetCharge,
    /// Most that comes in, Mbit/s.
    pub in_mbps_max: u16,
    /// Most that goes out, Mbit/s.
    pub out_mbps_max: u16,
}

impl Internet {
    /// What an instance has when nothing is asked for: seeds 001 and 002.
    pub const NONE: Self = Self { charge: InternetCharge::ByTraffic, in_mbps_max: 200, out_mbps_max: 0 };
}

/// What is billed of a line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum InternetCharge {
    /// What went through.
    ByTraffic,
    /// What could have.
    ByBandwidth,
}
