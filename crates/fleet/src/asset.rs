//! Assets: things that a launch can name and that only have to be there: snapshots, roles, keys,
//! sets. The catalogue has them; a launch checks them.

use crate::{AccountId, Label, Sale, Time};

/// A thing that a launch can name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Asset {
    /// What it goes by; no two of a kind go by the same.
    pub label: Label,
    /// The region it is in; everywhere when it is left out.
    pub region: Option<Label>,
    /// Whose it is; everybody's when it is left out.
    pub account: Option<AccountId>,
    /// Whether it can be named; one that is closed has left the catalogue.
    pub sale: Sale,
    /// What it is.
    pub what: AssetKind,
}

/// What an asset is, with what a launch has to know of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AssetKind {
    /// What was on a disk once.
    Snapshot(DiskSnapshot),
    /// What programs on an instance may do.
    Role {
        /// Whether it is for instances at all.
        for_instances: bool,
    },
    /// A key that disks are encrypted with.
    EncryptionKey {
        /// Whether it can be used.
        enabled: bool,
    },
    /// A set whose members are kept apart.
    DeploymentSet {
        /// How many members it has room for. For people: members are not counted.
        places: u32,
    },
    /// A cluster with a fast network.
    HpcCluster {
        /// Whether it is ready.
        ready: bool,
    },
    /// A group of resources that is accounted together.
    ResourceGroup,
    /// A set of storage.
    StorageSet,
    /// A plan for backups.
    SnapshotPolicy,
}

/// The kinds of assets, without what belongs to them: an asset's key has it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[allow(missing_docs, reason = "see AssetKind")]
pub enum AssetType {
    Snapshot,
    Role,
    EncryptionKey,
    DeploymentSet,
    HpcCluster,
    ResourceGroup,
    StorageSet,
    SnapshotPolicy,
}

/// What was on a disk once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DiskSnapshot {
    /// How large the disk was, GiB.
    pub size_gib: u32,
    /// When it was taken.
    pub created_at: Time,
    /// Whether it is complete.
    pub finished: bool,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// Whether it is of a system disk.
    pub of_system_disk: bool,
}

impl AssetKind {
    /// The kind without what belongs to it.
    #[must_use]
    pub const fn of(&self) -> AssetType {
        match self {
            Self::Snapshot(_) => AssetType::Snapshot,
            Self::Role { .. } => AssetType::Role,
            Self::EncryptionKey { .. } => AssetType::EncryptionKey,
            Self::DeploymentSet { .. } => AssetType::DeploymentSet,
            Self::HpcCluster { .. } => AssetType::HpcCluster,
            Self::ResourceGroup => AssetType::ResourceGroup,
            Self::StorageSet => AssetType::StorageSet,
            Self::SnapshotPolicy => AssetType::SnapshotPolicy,
        }
    }
}

impl AssetType {
    /// Every kind there is.
    pub const ALL: [Self; 8] = [
        Self::Snapshot,
        Self::Role,
        Self::EncryptionKey,
        Self::DeploymentSet,
        Self::HpcCluster,
        Self::ResourceGroup,
        Self::StorageSet,
        Self::SnapshotPolicy,
    ];
}

/// A host of somebody's own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Host {
    /// What it goes by.
    pub label: Label,
    /// For people.
    pub name: alloc::string::String,
    /// The zone it is in.
    pub zone: Label,
    /// Whose it is; everybody's when it is left out.
    pub account: Option<AccountId>,
    /// Whether it is paid for in advance.
    pub prepaid: bool,
    /// Until when it is paid for.
    pub expires_at: Option<Time>,
    /// Whether anything can be put on it.
    pub sale: Sale,
    /// The families of types that it takes; all of them when none is named.
    pub families: alloc::vec::Vec<Label>,
    /// How many instances it has room for.
    pub places: u32,
    /// How many are on it.
    pub taken: u32,
}
