//! Profiles: an instance as it is now, out of what its launch said and what was changed since.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;

use crate::{Amendment, Credit, EventId, Instance, Label, LockReason, Renewal, Settings, Spec, State, Tag};

/// An instance with what it was launched as and what was changed of it since. Who asks a profile
/// does not have to know which of the two says it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Profile {
    /// The instance.
    pub instance: Instance,
    /// What it was launched as.
    pub spec: Arc<Spec>,
    /// What was changed since; `None` unless [`Instance::amended`] says so.
    pub amendment: Option<Arc<Amendment>>,
}

impl Profile {
    /// An instance of which nothing was changed.
    #[must_use]
    pub const fn new(instance: Instance, spec: Arc<Spec>) -> Self {
        Self { instance, spec, amendment: None }
    }

    fn amended<'a, T: ?Sized>(&'a self, pick: impl FnOnce(&'a Amendment) -> Option<&'a T>) -> Option<&'a T> {
        self.amendment.as_deref().and_then(pick)
    }

    /// The name it goes by; its id behind a prefix when it was given none.
    #[must_use]
    pub fn name(&self, id_prefix: &str) -> String {
        match self.amended(|amendment| amendment.name.as_deref()) {
            Some(name) => name.into(),
            None => {
                let name = self.spec.names.name(self.instance.index);
                name.unwrap_or_else(|| format!("{id_prefix}{}", self.instance.id))
            }
        }
    }

    /// What it calls itself; `None` when it was not told, and goes by its id.
    #[must_use]
    pub fn host_name(&self) -> Option<String> {
        match self.amended(|amendment| amendment.host_name.as_deref()) {
            Some(name) => Some(name.into()),
            None => self.spec.host_names.name(self.instance.index),
        }
    }

    /// For people.
    #[must_use]
    pub fn description(&self) -> &str {
        self.amended(|amendment| amendment.description.as_deref()).unwrap_or(&self.spec.description)
    }

    /// The groups it is in; never empty but of bare metal.
    #[must_use]
    pub fn groups(&self) -> &[Label] {
        self.amended(|amendment| amendment.groups.as_deref()).unwrap_or(&self.spec.groups)
    }

    /// For programs; keys are distinct.
    #[must_use]
    pub fn tags(&self) -> &[Tag] {
        self.amended(|amendment| amendment.tags.as_deref()).unwrap_or(&self.spec.tags)
    }

    /// How bursts are charged, where that was said.
    #[must_use]
    pub fn credit(&self) -> Option<Credit> {
        self.amended(|amendment| amendment.credit.as_ref()).copied().or(self.spec.terms.credit)
    }

    /// The key pair it is logged in with.
    #[must_use]
    pub fn key_pair(&self) -> Option<&str> {
        self.amended(|amendment| amendment.key_pair.as_deref()).or(self.spec.key_pair.as_deref())
    }

    /// The value of a setting.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.amended(|amendment| amendment.settings.get(name)).or_else(|| self.spec.settings.get(name))
    }

    /// All settings as they are now.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let changed = self.amended(|amendment| Some(&amendment.settings));
        self.spec.settings.iter().chain(changed.into_iter().flat_map(Settings::iter)).collect()
    }

    /// Why it is locked, if it is.
    #[must_use]
    pub fn lock(&self) -> Option<LockReason> {
        self.amended(|amendment| amendment.lock.as_ref()).copied()
    }

    /// Whether what was paid for it in advance is paid again when it runs out.
    #[must_use]
    pub fn renewal(&self) -> Renewal {
        self.amended(|amendment| amendment.renewal.as_ref()).copied().unwrap_or(self.spec.terms.renewal)
    }

    /// The events of it that are not over, oldest first.
    #[must_use]
    pub fn open_events(&self) -> alloc::vec::Vec<EventId> {
        let failure = match &self.instance.state {
            State::Failed(failure) => Some(failure.event),
            State::Pending(_)
            | State::Installing(_)
            | State::Blank
            | State::Binned { .. }
            | State::Starting(..)
            | State::Running
            | State::Stopping(..)
            | State::Stopped(_)
            | State::Releasing(..) => None,
        };
        let amended = self.amended(|amendment| Some(amendment.events.as_slice())).unwrap_or_default();
        failure.into_iter().chain(amended.iter().copied()).collect()
    }
}
