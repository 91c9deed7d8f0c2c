//! Network interfaces: what a launch asks for beyond the one address that every instance has.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

use crate::{Label, OnRelease};

/// A further interface as a launch asks for it: what is left out is that of the instance.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct InterfaceWish {
    /// Which address; for one instance only.
    pub address: Option<Ipv4Addr>,
    /// Where the address comes from.
    pub subnet: Option<Label>,
    /// The groups it joins.
    pub groups: Vec<Label>,
    /// For people.
    pub name: Arc<str>,
    /// For people.
    pub description: Arc<str>,
    /// What becomes of it.
    pub on_release: OnRelease,
    /// How many IPv4 addresses it wants besides the first. None is given; more than the type takes
    /// are refused.
    pub secondary: u8,
    /// How many IPv6 addresses it wants. It is with them as with those.
    pub ipv6: u8,
}

/// A further interface as the instances of a launch have it. Its address is in the instance.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Interface {
    /// Where its address comes from.
    pub subnet: Label,
    /// The groups it joins; never empty.
    pub groups: Vec<Label>,
    /// For people.
    pub name: Arc<str>,
    /// For people.
    pub description: Arc<str>,
    /// What becomes of it when the instance is released.
    pub on_release: OnRelease,
}

/// Which IPv6 addresses a launch takes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Ipv6Wish {
    /// None.
    #[default]
    None,
    /// So many for each instance, never 0.
    Count(u8),
    /// These, for one instance, never empty.
    Given(Vec<Ipv6Addr>),
}

impl Ipv6Wish {
    /// How many addresses an instance is to have.
    #[must_use]
    pub fn count(&self) -> u8 {
        match self {
            Self::None => 0,
            Self::Count(count) => *count,
            Self::Given(addresses) => u8::try_from(addresses.len()).unwrap_or(u8::MAX),
        }
    }

    /// The addresses that are named.
    #[must_use]
    pub fn given(&self) -> &[Ipv6Addr] {
        match self {
            Self::None | Self::Count(_) => &[],
            Self::Given(addresses) => addresses,
        }
    }
}
