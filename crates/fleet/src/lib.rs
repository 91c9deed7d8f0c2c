//! The state machine of Hatchery: pure functions over values.
//!
//! No IO, no clock, no chance, no serialization: the time comes in with each command, ids are
//! drawn from a counter that is itself a record, and what a decision changes goes out as a list
//! of [`Write`]s. Start at [`Launch`], then [`decide`].
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod account;
mod address;
mod amendment;
mod asset;
mod attach;
mod audit;
mod bare_metal;
mod batch;
mod bin;
mod capacity;
mod catalogue;
mod decide;
mod disk;
mod event;
mod hosting;
mod id;
mod instance;
mod interface;
mod key_pair;
mod label;
mod launch;
mod login;
mod many;
mod naming;
mod network;
mod page;
mod power;
mod query;
mod record;
mod reinstall;
mod relabel;
mod release;
mod remove;
mod settings;
mod solitary;
mod spec;
mod stock;
mod terms;
mod tick;
mod time;
mod token;
mod view;
mod work;
mod world;

pub use account::{Account, AccountRefusal, Bar, Money, OpenAccount, Quotas, SetAccountTerms, Usage, Wallet};
pub use address::{AddressPage, Bits, SubnetBlock, TakenAddresses};
pub use amendment::Amendment;
pub use asset::{Asset, AssetKind, AssetType, DiskSnapshot, Host};
pub use attach::{Attach, AttachRefusal, Detach};
pub use audit::{Audit, Finding, Invariant};
pub use bare_metal::{
    Array, Attachment, BareMetal, BareMetalOffer, BareMetalType, BareMetalZone, DiskRow, FileSystem,
    Installed, InterfaceNames, Layout, LayoutFault, Line, Partition, Raid, RaidLevel, Traffic,
};
pub use batch::{Batch, Outcome};
pub use bin::Bin;
pub use capacity::{Limit, Shortage, Wanted};
pub use catalogue::{
    Abilities, Architecture, Catalogue, CatalogueRefusal, Image, ImageOrigin, ImageStatus, ImageTraits,
    InstanceType, IoSupport, LoadCatalogue, LocalDisks, Offer, Os, Region, Sale, Zone,
};
pub use decide::{Command, Decision, Draft, Halt, Judgement, Policy, decide};
pub use disk::{Device, Disk, DiskKind, DiskLevel, DiskWish, OnRelease};
pub use event::{Cycle, Event, EventKind};
pub use hosting::{Affinity, Hosting, Tenancy};
pub use id::{AccountId, BatchId, EventId, InstanceId, Sequence, Serial};
pub use instance::{
    Boot, Failure, FailureReason, Instance, Machine, ReleasedFrom, Shown, State, Status, Work,
};
pub use interface::{Interface, InterfaceWish, Ipv6Wish};
pub use key_pair::KeyPair;
pub use label::{Label, LabelError};
pub use launch::{Addresses, BareMetalRefusal, Edition, Launch, LaunchRefusal, Launched, Needed, Rehearsal};
pub use login::{Login, Password, Secret};
pub use many::{MoveMany, MoveManyRefusal};
pub use naming::{NamePart, Names, Naming};
pub use network::{
    CreateGroup, CreateNetwork, CreateSubnet, Group, LabelSource, Network, NetworkRefusal, Subnet,
};
pub use page::{Page, PageCollector, Paging};
pub use power::{PowerRefusal, Reboot, Start, Step, Stop, Verb, step};
pub use query::{EventFilter, InstanceFilter, NamePattern};
pub use record::{CatalogueItem, Key, Record, Write};
pub use reinstall::{Reinstall, ReinstallRefusal};
pub use relabel::Relabel;
pub use release::{Force, Release, ReleaseRefusal};
pub use remove::{RemoveNetwork, RemoveRefusal, RemoveSubnet};
pub use settings::Settings;
pub use solitary::{JoinNetwork, JoinRefusal, NewSubnet, RemoveEither};
pub use spec::{AfterCreation, Charge, Internet, InternetCharge, Io, PeriodUnit, Protection, Spec, Tag};
pub use stock::{Stock, StockKey};
pub use terms::{Credit, Interruption, Rate, Renewal, Spot, Terms};
pub use tick::{Tick, Ticked, TimerKind};
pub use time::{Revision, Span, Time};
pub use token::{ClientToken, Fingerprint, Token, TokenAction, TokenKey, TokenText};
pub use view::View;
pub use work::{Claim, Report, ReportAll, Reported, Task, WorkId, WorkItem, WorkOutcome};
pub use world::World;
