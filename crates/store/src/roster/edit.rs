//! Edits: what a group of commits changes of a roster, worked out before it is durable.

use std::sync::Arc;

use fleet::{Amendment, Event, EventId, InstanceId, Profile, Record, Shown, Spec};

/// One change of a roster.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    /// An instance that its owner sees otherwise now; nothing else that is listed has changed.
    Shown { id: InstanceId, from: Shown, to: Shown },
    /// An instance as it was and as it is; `None` when there is none.
    Instance(Changed<Sketch>, InstanceId),
    /// An event as it was and as it is.
    Event(Box<Changed<Event>>, EventId),
    /// Something changed that cannot be read.
    Unread(Member),
}

/// A profile, shared with those who decide next: it is only put together where there is a roster.
#[derive(Clone, Debug)]
pub(crate) struct Sketch {
    /// The record of an instance.
    pub(crate) instance: Arc<Record>,
    pub(crate) spec: Arc<Spec>,
    pub(crate) amendment: Option<Arc<Amendment>>,
}

impl Sketch {
    pub(crate) fn profile(&self) -> Option<Profile> {
        let Record::Instance(instance) = &*self.instance else { return None };
        let (spec, amendment) = (Arc::clone(&self.spec), self.amendment.clone());
        Some(Profile { instance: instance.clone(), spec, amendment })
    }
}

/// Something as it was and as it is.
#[derive(Clone, Debug)]
pub(crate) struct Changed<T> {
    pub(crate) before: Option<T>,
    pub(crate) after: Option<T>,
}

/// Whom an edit is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Member {
    Instance(InstanceId),
    Event(EventId),
}

impl Edit {
    pub(crate) const fn member(&self) -> Member {
        match self {
            Self::Shown { id, .. } | Self::Instance(_, id) => Member::Instance(*id),
            Self::Event(_, id) => Member::Event(*id),
            Self::Unread(member) => *member,
        }
    }
}
