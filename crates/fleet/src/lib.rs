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
mod audit;
mod batch;
mod capacity;
mod catalogue;
mod decide;
mod event;
mod id;
mod instance;
mod label;
mod launch;
mod naming;
mod network;
mod page;
mod power;
mod query;
mod record;
mod release;
mod spec;
mod stock;
mod template;
mod tick;
mod time;
mod token;
mod view;
mod work;
mod world;

pub use account::{Account, AccountRefusal, Money, OpenAccount, Wallet};
pub use address::{AddressPage, Bits, SubnetBlock, TakenAddresses};
pub use audit::{Audit, Finding, Invariant};
pub use batch::{Batch, Outcome};
pub use capacity::{Limit, Shortage, Wanted};
pub use catalogue::{
    Architecture, Catalogue, CatalogueRefusal, Image, ImageStatus, InstanceType, LoadCatalogue, Offer, Os,
    Region, Sale, Zone,
};
pub use decide::{Command, Decision, Draft, Halt, Judgement, Policy, decide};
pub use event::{Cycle, Event, EventKind};
pub use id::{AccountId, BatchId, EventId, InstanceId, Sequence, Serial};
pub use instance::{
    Boot, Failure, FailureReason, Instance, Machine, ReleasedFrom, Shown, State, Status, Work,
};
pub use label::{Label, LabelError};
pub use launch::{Addresses, Launch, LaunchRefusal, Launched, Needed, Rehearsal};
pub use naming::{Names, Naming};
pub use network::{
    CreateGroup, CreateNetwork, CreateSubnet, Group, LabelSource, Network, NetworkRefusal, Subnet,
};
pub use page::{Page, PageCollector, Paging};
pub use power::{PowerRefusal, Reboot, Start, Step, Stop, Verb, step};
pub use query::{EventFilter, InstanceFilter, NamePattern};
pub use record::{CatalogueItem, Key, Record, Write};
pub use release::{Force, Release, ReleaseRefusal};
pub use spec::{AfterCreation, Charge, Internet, InternetCharge, PeriodUnit, Protection, Spec, Tag};
pub use stock::{Stock, StockKey};
pub use template::{
    CreateTemplate, CreateTemplateVersion, DeleteTemplate, DeleteTemplateVersions, OwnTemplate,
    SetDefaultVersion, Template, TemplateContent, TemplateName, TemplateNameKey, TemplateParameters,
    TemplateRef, TemplateRefusal, TemplateVersion,
};
pub use tick::{Tick, Ticked, TimerKind};
pub use time::{Revision, Span, Time};
pub use token::{ClientToken, Fingerprint, Token, TokenAction, TokenKey, TokenText};
pub use view::View;
pub use work::{Claim, Report, ReportAll, Reported, Task, WorkId, WorkItem, WorkOutcome};
pub use world::World;
