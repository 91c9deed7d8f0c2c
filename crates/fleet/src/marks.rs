//! Marks: what owners say of a thing beside what it is.

use alloc::vec::Vec;

use crate::{Label, Settings, Tag};

/// What an owner says of a network, a subnet or a group beside what it is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Marks {
    /// For programs; keys are distinct.
    pub tags: Vec<Tag>,
    /// The group of resources it is accounted to.
    pub resource_group: Option<Label>,
    /// What it was asked to have that nothing in here acts on.
    pub settings: Settings,
}
