//! The world that requests are sent to: the one that the samples of the contract assume, with one of
//! everything else that an error code needs.

use std::collections::BTreeMap;
use std::sync::Arc;

use hatchery::{
    AccountId, Announce, CallOff, CatalogueFile, CommitError, CreateGroup, CreateNetwork, CreateSubnet,
    CreateTemplate, Edition, FailureReason, Faults, Fingerprint, Hatchery, IncidentKind, InstanceId,
    LabelSource, Launched, Lock, LockReason, Options, Ready, Simulated, Span, Staging, Time,
};
use wire::ecs::reply::ids;
use wire::ecs::request::template::TemplateRequest;
use wire::ecs::request::{self, Action, Origin, Request};

use super::ask::Ask;

/// When it is, in every world: 2026-01-02T03:04:05Z. Open the server on a clock that stands still there.
pub const NOW: Time = Time::from_secs(1_767_323_045);
/// Forty days before [`NOW`], when the world was made: something has run out since.
const LONG_AGO: Time = Time::from_secs(1_767_323_045 - 40 * 86_400);
/// Whose world it is.
pub const ME: AccountId = AccountId(1);
/// The id of the key that requests are signed with.
pub const KEY_ID: &str = "LTAItest";
/// Its other half. It opens worlds of tests, and nothing else.
pub const SECRET: &str = "secret-of-a-test";
/// The id of a key of an account that is not there. Its other half is [`SECRET`] too.
pub const STRANGER_KEY_ID: &str = "LTAIstranger";
/// The account that is not there.
pub const STRANGER: AccountId = AccountId(2);
/// The id of a key that is switched off. Its other half is [`SECRET`] too.
pub const DISABLED_KEY_ID: &str = "LTAIdisabled";

/// The catalogue: the two files are read as one.
const CATALOGUE: [&str; 2] =
    [include_str!("../../../../tests/worlds/ecs.toml"), include_str!("../../../../tests/worlds/codes.toml")];

/// The instances there are, by name, and what they were launched with beside [`OWN`].
const INSTANCES: [(&str, &str); 11] = [
    ("running", ""),
    ("protected", "DeletionProtection=true"),
    ("prepaid", "InstanceChargeType=PrePaid&Period=1"),
    ("spot", "SpotStrategy=SpotWithPriceLimit&SpotPriceLimit=0.2"),
    ("local", "InstanceType=ecs.local.large"),
    ("burst", "InstanceType=ecs.t5-lc2m1.nano"),
    ("windows", "ImageId=img-win"),
    ("old", "InstanceType=ecs.old.large&SystemDisk.Category=cloud"),
    ("single", "InstanceType=ecs.single.large"),
    // It was launched before the region had addresses for it.
    ("wide", "InternetMaxBandwidthOut=10"),
    ("single-spot", "SpotStrategy=SpotWithPriceLimit&SpotPriceLimit=0.2"),
];
/// What stands in the way of launches that the samples have refused.
const TAKEN: [&str; 4] = [
    "VSwitchId=vsw-a&PrivateIpAddress=192.168.1.50",
    "VSwitchId=vsw-tiny&PrivateIpAddress=192.168.4.1",
    "VSwitchId=vsw-tiny&PrivateIpAddress=192.168.4.2",
    "VSwitchId=vsw-tiny&PrivateIpAddress=192.168.4.3",
];
/// A launch of the world's own takes nothing that a sample counts.
const OWN: &str = "InstanceType=ecs.world.large&VSwitchId=vsw-world";

/// The region as the file has it, and as it is once it has four public addresses.
const REGION: &str = "[[region]]\nid = \"cn-hangzhou\"\n";
const PUBLIC: &str = "[[region]]\nid = \"cn-hangzhou\"\npublic_block = \"203.0.113.0/29\"\n";

/// Something that happens before a request is sent.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Another request, which succeeds: an action, and changes as [`Ask::with`] reads them.
    Ask(&'static str, &'static str),
    /// The same so many times, with `#` in the changes standing for 1, 2, and so on.
    Times(u16, &'static str, &'static str),
    /// Whatever provisioners have to do, they do.
    Work,
    /// The instance of this name is locked.
    Lock(&'static str, LockReason),
    /// The catalogue is loaded anew, with one text in place of another.
    Replace(&'static str, &'static str),
    /// The group `sg-full` gets the thousand instances that it holds.
    FillGroup,
}

/// A hatchery with the world in it.
#[derive(Debug)]
pub struct World {
    /// The hatchery.
    pub hatchery: Arc<Hatchery>,
    names: BTreeMap<String, String>,
    ids: BTreeMap<String, InstanceId>,
    provisioner: Simulated,
    catalogue: String,
}

impl World {
    /// The world, with `terms` of its account as a catalogue file has them, such as `bars = ['arrears']`.
    ///
    /// In it, besides what the two files of `tests/worlds` say: instances called `running`, `stopped`,
    /// `pending`, `starting`, `stopping`, `failed`, `protected`, `prepaid`, `expired`, `spot`, `local` (disks in
    /// its host), `burst`, `windows`, `old` (disks the old way), `single` (the only one of its type), `wide` (with a line to the internet and no address) and
    /// `single-spot`; events called `simulated`, `over` and `real`; the template `lt-a`, or `tmplA`, with two versions.
    ///
    /// # Panics
    /// When something of this does not come about, or `terms` cannot be read.
    #[must_use]
    pub fn new(terms: &str) -> Self {
        let faults = Faults {
            creation_delay: Span::ZERO,
            boot_delay: Span::ZERO,
            stop_delay: Span::ZERO,
            ..Faults::default()
        };
        let mut world = Self {
            hatchery: Arc::new(Hatchery::in_memory(Options::default()).expect("a store in memory")),
            names: BTreeMap::new(),
            ids: BTreeMap::new(),
            provisioner: Simulated::new("maker".parse().expect("a label"), faults),
            catalogue: CATALOGUE.join("\n"),
        };
        world.furnish();
        world.populate();
        world.announce();
        world.take(Step::Replace(REGION, PUBLIC), |_, _| ());
        let file = world.file(&format!("[account]\n{terms}"));
        world.commit(file.open_account(ME, 5000), NOW);
        world.commit(file.account_terms(ME), NOW);
        world
    }

    /// `text` with what the world calls the instances, events and so on that it names in braces.
    #[must_use]
    pub fn named(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, id) in &self.names {
            if text.contains('{') {
                text = text.replace(&format!("{{{name}}}"), id);
            }
        }
        text
    }

    /// Takes a step. Other requests are sent by `send`.
    pub fn take(&mut self, step: Step, mut send: impl FnMut(&Self, &Ask)) {
        match step {
            Step::Ask(action, changes) => send(self, &Ask::plain(action).with(changes)),
            Step::Times(times, action, changes) => (1..=times).for_each(|number| {
                send(self, &Ask::plain(action).with(&changes.replace('#', &number.to_string())));
            }),
            Step::Work => self.work(NOW),
            Step::Lock(name, reason) => {
                let instance = self.ids[name];
                self.commit(Lock { instance, reason: Some(reason) }, NOW);
            }
            Step::Replace(old, new) => {
                assert!(self.catalogue.contains(old), "{old}");
                self.catalogue = self.catalogue.replace(old, new);
                self.commit(self.file("").load(), NOW);
            }
            Step::FillGroup => {
                for _ in 0..10 {
                    self.launch(&format!("{OWN}&SecurityGroupId=sg-full&Amount=100"), NOW);
                }
            }
        }
    }

    fn file(&self, more: &str) -> CatalogueFile {
        CatalogueFile::parse(&format!("{}\n{more}", self.catalogue))
            .unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// What the files say. Long ago, so that something can have run out since.
    fn furnish(&self) {
        let then = LONG_AGO;
        let file = self.file("");
        self.commit(file.open_account(ME, 5000), then);
        self.commit(file.load(), then);
        for network in file.networks(ME).filter(|network| !is("pending", &network.label)) {
            self.commit(CreateNetwork { account: owner(&network.label), ..network }, then);
        }
        for subnet in file.subnets(ME).filter(|subnet| !is("pending", &subnet.label)) {
            self.commit(CreateSubnet { account: owner(&subnet.label), ..subnet }, then);
        }
        for group in file.groups(ME) {
            self.commit(CreateGroup { account: owner(&group.label), ..group }, then);
        }
        file.key_pairs(ME).for_each(|pair| drop(self.commit(pair, then)));
    }

    fn populate(&mut self) {
        let then = LONG_AGO;
        self.launch_as("expired", &format!("{OWN}&InstanceChargeType=PrePaid&Period=1"), then);
        self.work(then);

        let file = self.file("");
        for network in file.networks(ME).filter(|network| is("pending", &network.label)) {
            self.commit(CreateNetwork { ready: Ready::Settled, ..network }, NOW);
        }
        for subnet in file.subnets(ME).filter(|subnet| is("pending", &subnet.label)) {
            self.commit(CreateSubnet { ready: Ready::Settled, ..subnet }, NOW);
        }
        for (name, changes) in INSTANCES {
            self.launch_as(name, &format!("{OWN}&{changes}"), NOW);
        }
        for changes in TAKEN {
            self.launch(&format!("{OWN}&{changes}"), NOW);
        }
        for name in ["stopped", "starting", "stopping", "off"] {
            self.launch_as(name, OWN, NOW);
        }
        self.work(NOW);
        self.provisioner.faults().failing_creations = 1;
        self.provisioner.faults().failure = FailureReason::Machine;
        self.launch_as("failed", OWN, NOW);
        self.work(NOW);
        for name in ["stopped", "starting"] {
            self.ask("StopInstance", &format!("InstanceId={{{name}}}"));
        }
        self.work(NOW);
        self.ask("StopInstance", "InstanceId={stopping}");
        self.ask("StartInstance", "InstanceId={starting}");
        self.launch_as("pending", OWN, NOW);
        for (version, action) in
            ["CreateLaunchTemplate", "CreateLaunchTemplateVersion"].into_iter().enumerate()
        {
            let ask = "LaunchTemplateName=tmplA&ImageId=img-linux&InstanceType=ecs.g5.large&SecurityGroupId=sg-a&VSwitchId=vsw-a";
            self.ask(action, &format!("{ask}&VersionDescription=version-{version}"));
        }
    }

    fn announce(&mut self) {
        let of = |instance, kind, staging| Announce {
            account: ME,
            instances: vec![instance],
            kind,
            not_before: NOW.after(Span::from_days(1)),
            staging,
        };
        let running = self.ids["running"];
        for (name, staging) in
            [("real", Staging::Real), ("simulated", Staging::Simulated), ("over", Staging::Simulated)]
        {
            let events = self.commit(of(running, IncidentKind::MaintenanceReboot, staging), NOW);
            self.names.insert(name.into(), ids::event(events[0]));
            if name == "over" {
                self.commit(CallOff { account: ME, events }, NOW);
            }
        }
    }

    fn launch_as(&mut self, name: &str, changes: &str, now: Time) {
        let id = self.launch(changes, now)[0];
        self.ids.insert(name.into(), id);
        self.names.insert(name.into(), ids::instance(id));
    }

    fn launch(&self, changes: &str, now: Time) -> Vec<InstanceId> {
        let Request::RunInstances(launch) = self.parse("RunInstances", changes, now) else {
            panic!("{changes}")
        };
        let Launched::Batch { instances, .. } = self.commit(*launch, now) else { panic!("{changes}") };
        instances
    }

    /// A request of the world's own.
    fn ask(&self, action: &str, changes: &str) {
        let request = self.parse(action, changes, NOW);
        if let Request::StartInstance(start, _) = request {
            self.commit(start, NOW);
        } else if let Request::StopInstance(stop, _) = request {
            self.commit(stop, NOW);
        } else if let Request::Template(template) = request {
            if let TemplateRequest::Create(create) = *template {
                self.commit(
                    CreateTemplate { label: LabelSource::Given("lt-a".parse().expect("a label")), ..create },
                    NOW,
                );
            } else if let TemplateRequest::CreateVersion(create) = *template {
                self.commit(create, NOW);
            }
        } else {
            panic!("{request:?}");
        }
    }

    fn parse(&self, action: &str, changes: &str, now: Time) -> Request {
        let mut params = Ask::plain(action).with(changes).params(self);
        ["Action", "Version"].iter().for_each(|name| drop(params.take_raw(name)));
        let origin = Origin { account: ME, fingerprint: Fingerprint([0; 32]), now, edition: Edition::Either };
        let action = Action::ALL.into_iter().find(|known| known.name() == action).expect("an action");
        request::parse(action, &mut params, &origin).unwrap_or_else(|fault| panic!("{changes}: {fault}"))
    }

    fn work(&mut self, now: Time) {
        while self.provisioner.step(&self.hatchery, now).expect("a store in memory") > 0 {}
    }

    fn commit<C>(&self, command: C, now: Time) -> C::Reply
    where
        C: hatchery::Command + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send + std::fmt::Debug + std::fmt::Display,
    {
        self.hatchery.commit(command, now).unwrap_or_else(|error: CommitError<_>| panic!("{error:?}"))
    }
}

/// Whether this is how it is called at the end: things that are `-pending`, and those of a `-stranger`.
fn is(word: &str, label: &LabelSource) -> bool {
    match label {
        LabelSource::Given(label) => label.to_string().ends_with(word),
        LabelSource::Drawn(_) => false,
    }
}

fn owner(label: &LabelSource) -> AccountId {
    if is("stranger", label) { STRANGER } else { ME }
}
