//! Strategies of requests, each with what has to come of it.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::ask::Ask;
use super::recipe::{Recipe, recipes};

/// A request that was drawn, the recipe it follows if it is one that fails, and what is expected.
#[derive(Clone, Debug)]
pub struct Draw {
    /// The request.
    pub ask: Ask,
    /// Why it fails, and the world that it has to be sent to; `None` when it is valid in the plain one.
    pub recipe: Option<&'static Recipe>,
}

impl Draw {
    /// The status and the code that have to come of it; the code is "ok" where there is none.
    #[must_use]
    pub fn expected(&self) -> (u16, &'static str) {
        self.recipe.map_or((200, "ok"), |recipe| (recipe.status, recipe.code))
    }
}

/// What can be said of any launch without changing whether it is valid, as changes: [`Ask::with`]. Of
/// one parameter only one is taken.
const HARMLESS: [&str; 22] = [
    "InstanceName=web",
    "InstanceName=a.b-c_d:e",
    "InstanceName={n*125}",
    "Description={d*256}",
    "Description=one of many",
    "HostName=web-1",
    "Tag.{1..20}.Key=key-#",
    "Tag.1.Key=owner&Tag.1.Value={v*128}",
    "SystemDisk.Category=cloud_efficiency",
    "SystemDisk.Size=100&SystemDisk.DiskName=root",
    "DataDisk.1.Size=20&DataDisk.1.Category=cloud_efficiency",
    "DataDisk.{1..16}.Size=40&DataDisk.{1..16}.Category=cloud_efficiency",
    "InternetMaxBandwidthIn=200",
    "InternetChargeType=PayByTraffic",
    "InstanceChargeType=PrePaid&Period=1",
    "InstanceChargeType=PostPaid",
    "UserData=QUJD",
    "Password=Abcdef1!",
    "KeyPairName=kp-a",
    "ClientToken={t*64}",
    "ResourceGroupId=rg-a",
    "IoOptimized=optimized",
];
/// What only `RunInstances` takes.
const HARMLESS_RUN: [&str; 6] = [
    "Amount=1",
    "Amount=5&MinAmount=1",
    "DeletionProtection=false",
    "HttpEndpoint=enabled",
    "UniqueSuffix=true&Amount=2",
    "NetworkInterface.1.VSwitchId=vsw-a&NetworkInterface.1.SecurityGroupId=sg-a",
];

/// A launch that is valid in the plain world.
pub fn valid_launch() -> impl Strategy<Value = Draw> {
    launch().prop_flat_map(|action| {
        let said = subsequence(harmless(action), 0..=6);
        said.prop_map(move |said| Draw {
            ask: said.into_iter().fold(Ask::plain(action), adorned),
            recipe: None,
        })
    })
}

/// A launch with one thing off: the recipe of any code, and beside it what changes nothing.
pub fn nearly_valid_launch() -> impl Strategy<Value = Draw> {
    launch().prop_flat_map(|action| following(recipes().filter(|recipe| recipe.action == action).collect()))
}

/// A request of any action that comes to `code`, and the world in which it does.
///
/// # Panics
/// When nothing is known to come to this code.
pub fn invalid_by(code: &str) -> impl Strategy<Value = Draw> + use<> {
    following(recipes().filter(|recipe| recipe.code == code).collect())
}

/// A request of this action that fails, whatever with.
///
/// # Panics
/// When the action is not known to fail.
pub fn invalid(action: &str) -> impl Strategy<Value = Draw> + use<> {
    following(recipes().filter(|recipe| recipe.action == action).collect())
}

/// A request of any action that fails, every recipe as likely as any other.
pub fn any_invalid() -> impl Strategy<Value = Draw> {
    following(recipes().collect())
}

fn launch() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just("RunInstances"), 1 => Just("CreateInstance")]
}

/// A request by one of some recipes; a launch says this and that besides.
fn following(some: Vec<&'static Recipe>) -> impl Strategy<Value = Draw> {
    assert!(!some.is_empty(), "there is no recipe for this");
    select(some).prop_flat_map(|recipe| {
        // What goes with a launch that is valid may be just what a recipe relies on: a name goes with all.
        let names: Vec<&str> = if recipe.is_launch() { NAMES.to_vec() } else { Vec::new() };
        let most = names.len();
        subsequence(names, 0..=most).prop_map(move |said| Draw {
            ask: said.into_iter().fold(recipe.ask(), adorned),
            recipe: Some(recipe),
        })
    })
}

/// What goes with every launch, valid or not.
const NAMES: [&str; 4] = [
    "InstanceName=web",
    "Description=one of many",
    "SystemDisk.DiskName=root",
    "SecurityEnhancementStrategy=Active",
];

fn harmless(action: &str) -> Vec<&'static str> {
    let run: &[&str] = if action == "RunInstances" { &HARMLESS_RUN } else { &[] };
    HARMLESS.iter().chain(run).copied().collect()
}

/// The request with `change`, unless something of it is said already.
fn adorned(ask: Ask, change: &str) -> Ask {
    let said = change.split('&').filter_map(|part| part.split_once('=')).any(|(name, _)| ask.says(name));
    if said { ask } else { ask.with(change) }
}
