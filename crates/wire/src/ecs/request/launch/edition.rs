//! Where the editions of the reference differ in what text alone decides, as one table:
//! `contract/ecs-run-instances.md` section 11. What depends on the fleet is decided there, by
//! [`fleet::Launch::edition`].

use fleet::{DiskKind, DiskLevel, Edition, Interruption};

use super::LaunchAction;
use crate::ecs::names::NameRule;
use crate::ecs::request::take::{TagRule, UrlIn};

/// What one edition allows one action.
#[derive(Debug)]
pub(super) struct Reading {
    /// The names of instances, disks and interfaces.
    pub(super) names: NameRule,
    /// How many of the four kinds of characters a password has at least.
    pub(super) password_kinds_min: usize,
    /// The most user data, decoded.
    pub(super) user_data_bytes_max: usize,
    /// Keys and values of tags.
    pub(super) tags: TagRule,
    /// The kinds of system disks.
    pub(super) system_disks: &'static [DiskKind],
    /// The kinds of data disks.
    pub(super) data_disks: &'static [DiskKind],
    /// The lowest performance level.
    pub(super) level_min: DiskLevel,
    /// How many letters a device has behind `/dev/xvd`, at most.
    pub(super) device_letters_max: usize,
    /// What may come in from the internet.
    pub(super) inward: Inward,
    /// How many IPv6 addresses can be named.
    pub(super) ipv6_addresses_max: usize,
    /// What one address means for many instances.
    pub(super) address: AddressForMany,
    /// The periods of renewal, in months.
    pub(super) renewal_months: &'static [u8],
    /// What can happen when spare capacity is taken away.
    pub(super) interruptions: &'static [(&'static str, Interruption)],
}

/// The range of what may come in from the internet, and its default.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Inward {
    /// 1 to 200, and 200.
    Fixed,
    /// 1 to 10, or to what may go out where that is more; and as much as that.
    AsOut,
}

/// What an address that is named means when more than one instance is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum AddressForMany {
    /// Nothing: rule N-16.
    Refused,
    /// It is the first of as many in a row.
    First,
}

/// The pages of 2019 about `CreateInstance`: seed 001.
const SEEDS_CREATE: Reading = Reading {
    names: NameRule::Plain,
    password_kinds_min: 4,
    user_data_bytes_max: 16 * 1024,
    tags: TagRule { key_characters_max: 64, url: UrlIn::Start, value_prefixes: true },
    system_disks: &[DiskKind::Basic, DiskKind::Efficiency, DiskKind::Ssd, DiskKind::Essd, DiskKind::LocalSsd],
    data_disks: &[DiskKind::Basic, DiskKind::Efficiency, DiskKind::Ssd, DiskKind::Essd, DiskKind::LocalSsd],
    level_min: DiskLevel::Pl1,
    device_letters_max: 1,
    inward: Inward::Fixed,
    ipv6_addresses_max: 1,
    address: AddressForMany::Refused,
    renewal_months: &[1, 2, 3, 6, 12],
    interruptions: &[("Terminate", Interruption::Release)],
};

/// The pages of 2019 about `RunInstances`: seed 002.
const SEEDS_RUN: Reading = Reading {
    tags: TagRule { key_characters_max: 64, url: UrlIn::Anywhere, value_prefixes: true },
    renewal_months: &[1, 2, 3, 12, 24, 36, 48, 60],
    ..SEEDS_CREATE
};

/// Today's pages.
const NEWEST: Reading = Reading {
    names: NameRule::Instance,
    password_kinds_min: 3,
    user_data_bytes_max: 32 * 1024,
    tags: TagRule::TODAY,
    system_disks: &[
        DiskKind::Basic,
        DiskKind::Efficiency,
        DiskKind::Ssd,
        DiskKind::Essd,
        DiskKind::Auto,
        DiskKind::EssdEntry,
    ],
    data_disks: &DiskKind::ALL,
    level_min: DiskLevel::Pl0,
    device_letters_max: 2,
    inward: Inward::AsOut,
    ipv6_addresses_max: 10,
    address: AddressForMany::First,
    renewal_months: &[1, 2, 3, 6, 12, 24, 36, 48, 60],
    interruptions: &[("Terminate", Interruption::Release), ("Stop", Interruption::Stop)],
};

/// What either allows; where one has to be chosen, what section 11 recommends.
const EITHER: Reading = Reading {
    system_disks: &[
        DiskKind::Basic,
        DiskKind::Efficiency,
        DiskKind::Ssd,
        DiskKind::Essd,
        DiskKind::Auto,
        DiskKind::EssdEntry,
        DiskKind::LocalSsd,
    ],
    inward: Inward::Fixed,
    address: AddressForMany::Refused,
    ..NEWEST
};

/// How `edition` reads what is asked of `action`.
pub(super) const fn reading(action: LaunchAction, edition: Edition) -> &'static Reading {
    match (edition, action) {
        (Edition::Seeds, LaunchAction::Create) => &SEEDS_CREATE,
        (Edition::Seeds, LaunchAction::Run) => &SEEDS_RUN,
        (Edition::Newest, LaunchAction::Run | LaunchAction::Create) => &NEWEST,
        (Edition::Either, LaunchAction::Run | LaunchAction::Create) => &EITHER,
    }
}
