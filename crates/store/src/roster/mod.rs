//! Rosters: which instances and events have what listings ask for, in memory, so that a page and its total
//! are found without looking at every record.
//!
//! ```text
//! decision ──> edits ──begin──> commit ──> settle      the roster follows commits, never leads them
//!                        │                    │
//!                   under way             recent: who was changed by which commit
//! listing at revision r: members by facets, and those that are under way or were changed after r
//!                        are looked at as they stand at r
//! ```
//!
//! A roster stands at the last commit while a reader may stand at an earlier one. What the two disagree on is
//! known by name, and is read at the reader's revision: so a page and its total are of that revision, and
//! nobody waits for anybody. A reader from before everything that is remembered walks all records instead.
//!
//! It is derived from records and nothing else: the first listing makes it, and what it holds is compared
//! with a new one by [`Store::check`](crate::Store::check).

mod draw;
mod edit;
mod facet;
mod page;
mod plan;
mod set;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};

use fleet::{Event, EventId, InstanceId, NamePattern, Profile, Revision};
use parking_lot::{Mutex, RwLock};
use roaring::RoaringTreemap;

pub(crate) use edit::{Changed, Edit, Member, Sketch};
pub(crate) use facet::{EventFacet, Facet};
pub(crate) use page::Found;
pub(crate) use plan::{Plan, of_events, of_instances};

use facet::Sets;
use set::{Set, pack};

/// How many changes of members are remembered. A reader that is further behind walks all records. Fewer in tests of this
/// crate, so that one of them can be further behind.
pub(crate) const REMEMBERED: usize = if cfg!(test) { 64 } else { 65_536 };

/// Who has what.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Roster {
    instances: Sets<Facet>,
    events: Sets<EventFacet>,
    /// Instances by the names they were given.
    names: BTreeMap<Box<str>, Set>,
    /// Instances by the addresses they have, on the internet and off it.
    addresses: BTreeSet<(Ipv4Addr, u64)>,
    /// Members whose ids cannot be packed, or that could not be read. While there are any, all records are walked.
    odd_instances: BTreeSet<InstanceId>,
    odd_events: BTreeSet<EventId>,
}

impl Roster {
    pub(crate) fn apply(&mut self, edit: &Edit) {
        match edit {
            Edit::Shown { id, from, to } => {
                if let Some(id) = pack(id.0) {
                    self.instances.remove(&Facet::Shown(*from), id);
                    self.instances.insert(Facet::Shown(*to), id);
                }
            }
            Edit::Instance(changed, _) => {
                let profile = |sketch: &Option<Sketch>| sketch.as_ref().and_then(Sketch::profile);
                profile(&changed.before).iter().for_each(|profile| self.remove(profile));
                profile(&changed.after).iter().for_each(|profile| self.insert(profile));
            }
            Edit::Event(changed, _) => {
                changed.before.iter().for_each(|event| self.remove_event(event));
                changed.after.iter().for_each(|event| self.insert_event(event));
            }
            Edit::Unread(Member::Instance(id)) => drop(self.odd_instances.insert(*id)),
            Edit::Unread(Member::Event(id)) => drop(self.odd_events.insert(*id)),
        }
    }

    pub(crate) fn insert(&mut self, profile: &Profile) {
        let instance = &profile.instance;
        let Some(id) = pack(instance.id.0) else {
            self.odd_instances.insert(instance.id);
            return;
        };
        facet::of_profile(profile, |facet| self.instances.insert(facet, id));
        self.addresses
            .extend([Some(instance.address), instance.public].into_iter().flatten().map(|at| (at, id)));
        if let Some(name) = facet::name(profile) {
            self.names.entry(name.into()).or_insert(Set::EMPTY).insert(id);
        }
    }

    fn remove(&mut self, profile: &Profile) {
        let instance = &profile.instance;
        let Some(id) = pack(instance.id.0) else {
            self.odd_instances.remove(&instance.id);
            return;
        };
        facet::of_profile(profile, |facet| self.instances.remove(&facet, id));
        for address in [Some(instance.address), instance.public].into_iter().flatten() {
            self.addresses.remove(&(address, id));
        }
        if let Some(name) = facet::name(profile)
            && let Some(set) = self.names.get_mut(name.as_str())
        {
            set.remove(id);
            if set.len() == 0 {
                self.names.remove(name.as_str());
            }
        }
    }

    pub(crate) fn insert_event(&mut self, event: &Event) {
        match pack(event.id.0) {
            Some(id) => facet::of_event(event).into_iter().for_each(|facet| self.events.insert(facet, id)),
            None => drop(self.odd_events.insert(event.id)),
        }
    }

    fn remove_event(&mut self, event: &Event) {
        match pack(event.id.0) {
            Some(id) => facet::of_event(event).iter().for_each(|facet| self.events.remove(facet, id)),
            None => drop(self.odd_events.remove(&event.id)),
        }
    }

    fn find_instances(&self, plan: &Plan<Facet>) -> (RoaringTreemap, bool) {
        let mut found = find(&self.instances, plan);
        let mut exact = plan.exact;
        if let Some(addresses) = &plan.addresses {
            let at = |address| self.addresses.range((address, 0)..=(address, u64::MAX)).map(|(_, id)| *id);
            let having: RoaringTreemap = addresses.iter().copied().flat_map(at).collect();
            found &= having;
        }
        if let Some((pattern, prefix)) = &plan.name {
            let (named, whole) = self.named(pattern, prefix);
            found &= named;
            exact &= whole;
        }
        (found, exact)
    }

    /// Those whose names fit; and whether all of them do: who goes by an id may have to be looked at.
    fn named(&self, pattern: &NamePattern, prefix: &str) -> (RoaringTreemap, bool) {
        let mut found = RoaringTreemap::new();
        let unnamed = self.instances.get(&Facet::Unnamed);
        let stem = pattern.stem();
        if pattern.is_whole() {
            self.names.get(stem).into_iter().for_each(|set| set.widen(&mut found));
            let id = stem.strip_prefix(prefix).and_then(InstanceId::parse).and_then(|id| pack(id.0));
            let goes_by_it = id.filter(|id| unnamed.contains(*id));
            found.extend(goes_by_it);
            return (found, true);
        }
        let from_stem =
            self.names.range::<str, _>((std::ops::Bound::Included(stem), std::ops::Bound::Unbounded));
        for (_, set) in
            from_stem.take_while(|(name, _)| name.starts_with(stem)).filter(|(name, _)| pattern.matches(name))
        {
            set.widen(&mut found);
        }
        if prefix.starts_with(stem) || stem.starts_with(prefix) {
            unnamed.widen(&mut found);
            return (found, false);
        }
        (found, true)
    }
}

/// Those who have what `plan` says of facets.
fn find<F: Eq + std::hash::Hash>(sets: &Sets<F>, plan: &Plan<F>) -> RoaringTreemap {
    let mut all: Vec<&Set> = plan.all.iter().map(|facet| sets.get(facet)).collect();
    all.sort_by_key(|set| set.len());
    let Some((fewest, others)) = all.split_first() else { return RoaringTreemap::new() };
    let mut found = fewest.to_bits();
    others.iter().for_each(|set| set.narrow(&mut found));
    for facets in &plan.one_of {
        let mut either = RoaringTreemap::new();
        facets.iter().for_each(|facet| sets.get(facet).widen(&mut either));
        found &= either;
    }
    plan.without.iter().for_each(|facet| sets.get(facet).drop_from(&mut found));
    found
}

/// The roster of a store, and what it and its readers may disagree on.
#[derive(Debug)]
pub(crate) struct Lists {
    shared: RwLock<Shared>,
    /// Held by whoever makes the roster.
    making: Mutex<()>,
    /// How many listings could not be told here.
    untold: AtomicU64,
}

#[derive(Debug)]
struct Shared {
    roster: Option<Roster>,
    /// What was settled since somebody began to make the roster; `None` when nobody does.
    meanwhile: Option<Vec<(Revision, Vec<Edit>)>>,
    /// Who is changed by commits that may or may not be durable yet.
    under_way: Vec<(Ticket, Vec<Member>)>,
    next: Ticket,
    /// Who was changed by which commits, oldest first.
    recent: VecDeque<(Revision, Member)>,
    /// The commits after this one are remembered.
    since: Revision,
}

/// Names edits that are under way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Ticket(u64);

impl Lists {
    /// Of a store that stands at `since`.
    pub(crate) fn new(since: Revision) -> Self {
        let shared = Shared {
            roster: None,
            meanwhile: None,
            under_way: Vec::new(),
            next: Ticket(0),
            recent: VecDeque::new(),
            since,
        };
        Self { shared: RwLock::new(shared), making: Mutex::default(), untold: AtomicU64::new(0) }
    }

    /// Says whom commits that are about to be made durable will change.
    pub(crate) fn begin(&self, edits: &[Edit]) -> Ticket {
        let mut shared = self.shared.write();
        let ticket = shared.next;
        shared.next = Ticket(ticket.0.wrapping_add(1));
        if !edits.is_empty() {
            shared.under_way.push((ticket, edits.iter().map(Edit::member).collect()));
        }
        ticket
    }

    /// Those commits are durable now, the last of them being `revision`. Without this, whom they change stays
    /// under way, and is looked at every time.
    pub(crate) fn settle(&self, ticket: Ticket, edits: Vec<Edit>, revision: Revision) {
        if edits.is_empty() {
            return;
        }
        let mut shared = self.shared.write();
        let shared = &mut *shared;
        for edit in &edits {
            shared.roster.iter_mut().for_each(|roster| roster.apply(edit));
            shared.recent.push_back((revision, edit.member()));
        }
        shared.under_way.retain(|(other, _)| *other != ticket);
        while shared.recent.len() > REMEMBERED {
            if let Some((forgotten, _)) = shared.recent.pop_front() {
                shared.since = forgotten;
            }
        }
        shared.meanwhile.iter_mut().for_each(|meanwhile| meanwhile.push((revision, edits.clone())));
    }

    /// A listing could not be told here, and walks all records.
    pub(crate) fn count_untold(&self) {
        self.untold.fetch_add(1, Ordering::Relaxed);
    }

    /// How many there were of those.
    pub(crate) fn untold(&self) -> u64 {
        self.untold.load(Ordering::Relaxed)
    }

    pub(crate) fn is_made(&self) -> bool {
        self.shared.read().roster.is_some()
    }

    /// Makes the roster, unless it is there. `draw` makes one of its own at the last revision. Others that want
    /// it wait; commits do not.
    pub(crate) fn make<E>(&self, draw: impl FnOnce() -> Result<(Roster, Revision), E>) -> Result<(), E> {
        let _only = self.making.lock();
        if self.is_made() {
            return Ok(());
        }
        self.shared.write().meanwhile = Some(Vec::new());
        let drawn = draw();
        let mut shared = self.shared.write();
        let meanwhile = shared.meanwhile.take().unwrap_or_default();
        let (mut roster, at) = drawn?;
        let later = meanwhile.iter().filter(|(revision, _)| *revision > at);
        later.flat_map(|(_, edits)| edits).for_each(|edit| roster.apply(edit));
        shared.roster = Some(roster);
        Ok(())
    }

    /// The instances that `plan` finds, for a reader at `at`; `None` when they cannot be told here.
    pub(crate) fn instances(&self, at: Revision, plan: &Plan<Facet>) -> Option<Found> {
        let shared = self.shared.read();
        let roster = shared.roster.as_ref()?;
        let instance = |member| match member {
            Member::Instance(id) => Some(id),
            Member::Event(_) => None,
        };
        let unsure: Vec<_> = shared.changed_after(at)?.filter_map(instance).map(|id| id.0).collect();
        let (sure, exact) = roster.find_instances(plan);
        let all = roster.odd_instances.is_empty();
        all.then(|| Found::new(sure, &unsure, exact)).flatten()
    }

    /// The events that `plan` finds, for a reader at `at`.
    pub(crate) fn events(&self, at: Revision, plan: &Plan<EventFacet>) -> Option<Found> {
        let shared = self.shared.read();
        let roster = shared.roster.as_ref()?;
        let event = |member| match member {
            Member::Event(id) => Some(id),
            Member::Instance(_) => None,
        };
        let unsure: Vec<_> = shared.changed_after(at)?.filter_map(event).map(|id| id.0).collect();
        let all = roster.odd_events.is_empty();
        all.then(|| Found::new(find(&roster.events, plan), &unsure, plan.exact)).flatten()
    }

    /// Whether the roster is what `drawn` is, which was drawn at the revision that it stands at; `None` when
    /// there is none, or it has moved on.
    pub(crate) fn agrees(&self, drawn: &Roster, at: Revision) -> Option<bool> {
        let shared = self.shared.read();
        let quiet = shared.under_way.is_empty() && shared.changed_after(at)?.next().is_none();
        shared.roster.as_ref().filter(|_| quiet).map(|roster| roster == drawn)
    }
}

impl Shared {
    /// Whom the roster and a reader at `at` may disagree on; `None` when that is forgotten.
    fn changed_after(&self, at: Revision) -> Option<impl Iterator<Item = Member> + '_> {
        let under_way = self.under_way.iter().flat_map(|(_, members)| members).copied();
        let later = self.recent.iter().rev().take_while(move |(revision, _)| *revision > at);
        (at >= self.since).then(|| under_way.chain(later.map(|(_, member)| *member)))
    }
}
