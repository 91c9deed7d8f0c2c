//! Edits: what a group of commits changes of a roster, worked out before it is durable.

use fleet::{Event, EventId, InstanceId, Profile, Shown};

/// One change of a roster.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    /// An instance that its owner sees otherwise now; nothing else that is listed has changed.
    Shown { id: InstanceId, from: Shown, to: Shown },
    /// An instance as it was and as it is; `None` when there is none.
    Instance(Box<Changed<Profile>>, InstanceId),
    /// An event as it was and as it is.
    Event(Box<Changed<Event>>, EventId),
    /// Something changed that cannot be read.
    Unread(Member),
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
