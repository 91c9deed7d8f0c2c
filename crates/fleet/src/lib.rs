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
mod amend;
mod amendment;
mod arrears;
mod asset;
mod attach;
mod audit;
mod auto_release;
mod bare_metal;
mod batch;
mod batch_power;
mod bin;
mod capacity;
mod catalogue;
mod cooling;
mod decide;
mod disk;
mod event;
mod exhaustion;
mod heartbeat;
mod holdings;
mod hosting;
mod id;
mod incident;
mod instance;
mod interface;
mod ipv6;
mod kept_disk;
mod key_map;
mod key_pair;
mod label;
mod launch;
mod launch_report;
mod lock;
mod login;
mod many;
mod marks;
mod metering;
mod naming;
mod network;
mod once;
mod page;
mod pool;
mod power;
mod profile;
mod public;
mod query;
mod record;
mod reinstall;
mod relabel;
mod release;
mod remove;
mod rule;
mod settings;
mod solitary;
mod spec;
mod spot;
mod stock;
mod subscription;
mod tag;
mod template;
mod terms;
mod tick;
mod time;
mod token;
mod view;
mod voucher;
mod work;
mod work_stats;
mod world;

pub use account::{Account, AccountRefusal, Bar, Money, OpenAccount, Quotas, SetAccountTerms, Usage, Wallet};
pub use address::{Bits, SubnetBlock};
pub use amend::{Amend, AmendRefusal, Attribute, Changes};
pub use amendment::Amendment;
pub use asset::{Asset, AssetKind, AssetType, DiskSnapshot, Host};
pub use attach::{Attach, AttachRefusal, Detach};
pub use audit::{Audit, Finding, Invariant};
pub use auto_release::{SetRelease, SetReleaseRefusal};
pub use bare_metal::{
    Array, Attachment, BareMetal, BareMetalOffer, BareMetalType, BareMetalZone, DiskRow, FileSystem,
    Installed, InterfaceNames, Layout, LayoutFault, Line, Partition, Raid, RaidLevel, TrafficVolume,
};
pub use batch::{Batch, Outcome};
pub use batch_power::{MoveAll, MoveAllRefusal, MovedOne, ReleaseAll, ReleaseAllRefusal, Unity};
pub use bin::Bin;
pub use capacity::{Limit, Shortage, Wanted};
pub use catalogue::{
    Abilities, Architecture, Catalogue, CatalogueRefusal, Image, ImageOrigin, ImageStatus, ImageTraits,
    InstanceType, IoSupport, LoadCatalogue, LocalDisks, Offer, Os, Region, Sale, Zone,
};
pub use cooling::Cooling;
pub use decide::{Command, Decision, Draft, GivenAddress, Halt, Judgement, Left, Policy, decide};
pub use disk::{Device, Disk, DiskKind, DiskLevel, DiskWish, OnRelease};
pub use event::{Cycle, Event, EventKind};
pub use heartbeat::{Beat, Heartbeat};
pub use holdings::Holdings;
pub use hosting::{Affinity, Hosting, Tenancy};
pub use id::{AccountId, BatchId, EventId, InstanceId, ReceiptId, RuleId, Sequence, Serial};
pub use incident::{Announce, CallOff, Incident, IncidentKind, IncidentRefusal, Staging};
pub use instance::{
    Boot, Capacity, Failure, FailureReason, Instance, Machine, Means, ReleasedFrom, Shown, Shutdown, State,
    Status, Work,
};
pub use interface::{Interface, InterfaceWish, Ipv6Wish};
pub use ipv6::{Ipv6Claim, SubnetIpv6};
pub use kept_disk::KeptDisk;
pub use key_map::KeyMap;
pub use key_pair::{AddKeyPair, KeyPair, KeyPairRefusal, RemoveKeyPairs};
pub use label::{Label, LabelError};
pub use launch::{
    Addresses, BareMetalRefusal, Edition, Launch, LaunchRefusal, Launched, Misfit, Needed, NeedsIo,
    RefusalKind, Rehearsal, TokenFate, TokenReading, WhichDisk,
};
pub use launch_report::{InstanceReport, LaunchReport, WhichLaunch};
pub use lock::{Lock, LockReason, LockRefusal};
pub use login::{Login, Password, Secret};
pub use many::{MoveMany, MoveManyRefusal};
pub use marks::Marks;
pub use metering::{Meter, Standing, Sweep};
pub use naming::{NamePart, Names, Naming};
pub use network::{
    CreateGroup, CreateNetwork, CreateSubnet, Group, LabelSource, Network, NetworkRefusal, Ready, Subnet,
};
pub use once::{Making, Once, OnceRefusal, Receipt};
pub use page::{Page, PageCollector, Paging};
pub use pool::{AddressPage, Extent, HeldAddress, Pool, PoolId};
pub use power::{Confirmation, Move, PowerRefusal, Reboot, Start, Step, Stop, Uneconomical, Verb, step};
pub use profile::Profile;
pub use public::{GivePublicAddress, PublicAddressRefusal, PublicPool};
pub use query::{EventFilter, FailedShown, InstanceFilter, NamePattern, SettingFilter, has_tags};
pub use record::{CatalogueItem, Key, Record, Write};
pub use reinstall::{Reinstall, ReinstallRefusal};
pub use relabel::Relabel;
pub use release::{Force, Release, ReleaseRefusal, Subscription};
pub use remove::{RemoveGroup, RemoveNetwork, RemoveRefusal, RemoveSubnet};
pub use rule::{
    AddRules, Direction, Peer, Ports, Protocol, RemoveRules, Rule, RuleRefusal, RuleWish, Traffic, Verdict,
};
pub use settings::Settings;
pub use solitary::{JoinNetwork, JoinRefusal, NewSubnet, RemoveEither};
pub use spec::{AfterCreation, Charge, Internet, InternetCharge, Io, PeriodUnit, Protection, Spec, Tag};
pub use spot::{Reclaim, ReclaimRefusal, SetSpotPrice, SpotPriceRefusal};
pub use stock::{Stock, StockKey};
pub use subscription::{Renew, RenewRefusal, SetRenewal};
pub use tag::{TagChange, TagRefusal, TagThings, Tagging, Thing, tags_of};
pub use template::{
    CreateTemplate, CreateTemplateVersion, DeleteTemplate, DeleteTemplateVersions, OwnTemplate,
    SetDefaultVersion, Template, TemplateContent, TemplateName, TemplateNameKey, TemplateParameters,
    TemplateRef, TemplateRefusal, TemplateVersion,
};
pub use terms::{Credit, Interruption, Rate, Renewal, Spot, Terms};
pub use tick::{Tick, Ticked, TimerKind};
pub use time::{Revision, Span, Time};
pub use token::{ClientToken, Fingerprint, Token, TokenAction, TokenKey, TokenOutcome, TokenText};
pub use view::View;
pub use voucher::{GrantVoucher, Portion, RemoveVoucher, Voucher, VoucherRefusal, Vouchers};
pub use work::{Claim, Handover, Report, ReportAll, Reported, Task, WorkId, WorkItem, WorkOutcome};
pub use work_stats::WorkStats;
pub use world::World;
