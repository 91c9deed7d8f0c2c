//! Where an instance runs, as far as its owner has a say: dedicated hosts, sets, clusters.

use crate::Label;

/// What is asked for, and what the instance has.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Hosting {
    /// The host of its own that it runs on.
    pub host: Option<Label>,
    /// Whether it shares its host with other accounts.
    pub tenancy: Tenancy,
    /// Whether it comes back to the same host.
    pub affinity: Affinity,
    /// The set whose members are kept apart.
    pub deployment_set: Option<Label>,
    /// Its group in that set, from 1.
    pub deployment_group: Option<u8>,
    /// The cluster with a fast network.
    pub hpc_cluster: Option<Label>,
    /// The set of storage, and the partition in it, from 1.
    pub storage_set: Option<(Label, Option<u16>)>,
}

/// Whether a host is shared.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Tenancy {
    /// It is.
    #[default]
    Shared,
    /// It is not.
    Dedicated,
}

/// Whether an instance comes back to the same host.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Affinity {
    /// Wherever there is room.
    #[default]
    Any,
    /// It does.
    Host,
}
