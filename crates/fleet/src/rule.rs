//! Rules of groups: what traffic their members let in and out. They are kept and shown; whoever
//! builds the network acts on them.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use ipnet::IpNet;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{AccountId, Group, Key, Label, Record, RuleId, Time};

/// A rule of a group.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rule {
    /// Its id.
    pub id: RuleId,
    /// Whose rule it is.
    pub group: Label,
    /// What it is about. No two rules of a group are about the same.
    pub traffic: Traffic,
    /// For people.
    pub description: String,
    /// When it was made.
    pub created_at: Time,
}

/// The traffic that a rule is about, and what becomes of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Traffic {
    /// Which way it goes.
    pub direction: Direction,
    /// What becomes of it.
    pub verdict: Verdict,
    /// Which rule counts where several fit: the smallest, 1 to 100.
    pub priority: u8,
    /// What is spoken.
    pub protocol: Protocol,
    /// Where it goes to.
    pub ports: Ports,
    /// Where it comes from, if that matters.
    pub source_ports: Option<Ports>,
    /// A list of ports that somebody else keeps.
    pub port_list: Option<Label>,
    /// Who is on the other side.
    pub far: Peer,
    /// Which addresses on this side, if that matters.
    pub near: Option<IpNet>,
}

/// Which way traffic goes, as the members of a group see it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Direction {
    /// To them.
    In,
    /// From them.
    Out,
}

/// What becomes of traffic.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Verdict {
    /// It goes through.
    Accept,
    /// It does not.
    Drop,
}

/// What is spoken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[allow(missing_docs)]
pub enum Protocol {
    Tcp,
    Udp,
    Icmp,
    Gre,
    All,
}

/// A range of ports.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Ports {
    /// All of them, or there are none.
    All,
    /// From one to another, both included.
    Range {
        /// The first, at least 1.
        first: u16,
        /// The last, not below the first.
        last: u16,
    },
}

/// Who is on the other side of a rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Peer {
    /// Addresses.
    Block(IpNet),
    /// The members of another group.
    Group(Label),
    /// A list of addresses that somebody else keeps.
    List(Label),
}

/// A rule that is to be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RuleWish {
    /// What it is to be about.
    pub traffic: Traffic,
    /// For people.
    pub description: String,
}

/// Adds rules to a group: all of them or none. A rule about the same traffic as one that is there
/// is not added again. The reply is the ids of those that are new.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AddRules {
    /// Whose group it is.
    pub account: AccountId,
    /// Where it has to be.
    pub region: Label,
    /// Which group.
    pub group: Label,
    /// The rules.
    pub rules: Vec<RuleWish>,
}

/// Takes rules away from a group. What is not there is nothing to take away. The reply is how many
/// there were.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RemoveRules {
    /// Whose group it is.
    pub account: AccountId,
    /// Where it has to be.
    pub region: Label,
    /// Which group.
    pub group: Label,
    /// The rules with these ids.
    pub ids: Vec<RuleId>,
    /// The rules about this traffic.
    pub about: Vec<Traffic>,
}

/// Why the rules of a group stay as they are.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RuleRefusal {
    /// The account has no such group in the region.
    #[error("there is no group {0}")]
    UnknownGroup(Label),
    /// The account has no such group to name on the other side.
    #[error("there is no group {0} for the other side")]
    UnknownPeer(Label),
    /// The group on the other side is the group itself.
    #[error("the group is on both sides")]
    SamePeer,
    /// The group on the other side is in another network.
    #[error("group {0} is in another network")]
    PeerElsewhere(Label),
    /// The group would have too many rules.
    #[error("a group can have {} rules", Group::RULES_MAX)]
    TooMany,
    /// The counter of ids is used up.
    #[error("there are no more ids")]
    IdsExhausted,
}

type Judged<T, V> = Result<T, Halt<RuleRefusal, <V as View>::Failure>>;

impl Command for AddRules {
    type Reply = Vec<RuleId>;
    type Refusal = RuleRefusal;

    fn decide<V: View>(&self, draft: &mut Draft<'_, V>, now: Time) -> Judged<Vec<RuleId>, V> {
        let unknown = || Halt::Refused(RuleRefusal::UnknownGroup(self.group.clone()));
        let group = draft.group_in(self.account, &self.region, &self.group)?.ok_or_else(unknown)?;
        for wish in &self.rules {
            self.peer_fits(draft, &group, &wish.traffic.far)?;
        }
        let there = draft.rules(&group)?;
        let mut fresh: Vec<&RuleWish> = Vec::new();
        for wish in &self.rules {
            let mut known = there.iter().map(|rule| &rule.traffic);
            let mut wished = fresh.iter().map(|wish| &wish.traffic);
            if !known.any(|traffic| *traffic == wish.traffic)
                && !wished.any(|traffic| *traffic == wish.traffic)
            {
                fresh.push(wish);
            }
        }
        let count = u32::try_from(fresh.len()).unwrap_or(u32::MAX);
        if group.rules.saturating_add(count) > Group::RULES_MAX {
            return Err(Halt::Refused(RuleRefusal::TooMany));
        }
        if fresh.is_empty() {
            return Ok(Vec::new());
        }
        let drawn = draft.sequence()?.draw(u64::from(count));
        let (first, sequence) = drawn.ok_or(Halt::Refused(RuleRefusal::IdsExhausted))?;

        draft.put(Record::Sequence(sequence));
        draft.put(Record::Group(Group { rules: group.rules.saturating_add(count), ..group }));
        let serials = (0_u64..).map_while(|step| first.plus(step));
        let mut added = Vec::new();
        for (serial, wish) in serials.zip(fresh) {
            let id = RuleId(serial);
            let RuleWish { traffic, description } = wish.clone();
            draft.count_naming(&traffic, |named| named.saturating_add(1))?;
            let group = self.group.clone();
            draft.put(Record::Rule(Rule { id, group, traffic, description, created_at: now }));
            added.push(id);
        }
        Ok(added)
    }
}

impl AddRules {
    fn peer_fits<V: View>(&self, draft: &Draft<'_, V>, group: &Group, peer: &Peer) -> Judged<(), V> {
        let Peer::Group(label) = peer else { return Ok(()) };
        if *label == group.label {
            return Err(Halt::Refused(RuleRefusal::SamePeer));
        }
        let peer = draft.group(label)?.filter(|peer| peer.account == self.account);
        let peer = peer.ok_or_else(|| Halt::Refused(RuleRefusal::UnknownPeer(label.clone())))?;
        match peer.network == group.network {
            true => Ok(()),
            false => Err(Halt::Refused(RuleRefusal::PeerElsewhere(label.clone()))),
        }
    }
}

impl Command for RemoveRules {
    type Reply = usize;
    type Refusal = RuleRefusal;

    fn decide<V: View>(&self, draft: &mut Draft<'_, V>, _now: Time) -> Judged<usize, V> {
        let unknown = || Halt::Refused(RuleRefusal::UnknownGroup(self.group.clone()));
        let group = draft.group_in(self.account, &self.region, &self.group)?.ok_or_else(unknown)?;
        let meant = |rule: &Rule| self.ids.contains(&rule.id) || self.about.contains(&rule.traffic);
        let mut rules = draft.rules(&group)?;
        rules.retain(meant);

        draft.remove_rules(&rules)?;
        let count = u32::try_from(rules.len()).unwrap_or(u32::MAX);
        if count > 0 {
            draft.put(Record::Group(Group { rules: group.rules.saturating_sub(count), ..group }));
        }
        Ok(rules.len())
    }
}

impl<V: View> Draft<'_, V> {
    /// Removes rules, and lets go of the groups that they name.
    pub(crate) fn remove_rules(&mut self, rules: &[Rule]) -> Result<(), V::Failure> {
        for rule in rules {
            self.count_naming(&rule.traffic, |named| named.saturating_sub(1))?;
            self.remove(Key::Rule(rule.group.clone(), rule.id));
        }
        Ok(())
    }

    /// Counts in the group that traffic names, if it names one.
    fn count_naming(&mut self, traffic: &Traffic, count: impl Fn(u32) -> u32) -> Result<(), V::Failure> {
        if let Peer::Group(label) = &traffic.far
            && let Some(peer) = self.group(label)?
        {
            self.put(Record::Group(Group { named_by: count(peer.named_by), ..peer }));
        }
        Ok(())
    }
}

/// How many rules that name a group there are, by group: what the counts of an audit are held against.
pub(crate) fn naming<'r>(rules: impl Iterator<Item = &'r Rule>) -> BTreeMap<Label, u32> {
    let mut named: BTreeMap<Label, u32> = BTreeMap::new();
    for rule in rules {
        if let Peer::Group(label) = &rule.traffic.far {
            let count = named.entry(label.clone()).or_default();
            *count = count.saturating_add(1);
        }
    }
    named
}
