//! Tags of things that are there: set, removed, all things or none.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{
    AccountId, Amendment, AssetType, Group, InstanceId, KeyPair, Label, Network, Profile, Record, Subnet,
    Tag, Template, Time,
};

/// A thing that can be named for tagging.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Thing {
    /// An instance.
    Instance(InstanceId),
    /// A network.
    Network(Label),
    /// A subnet.
    Subnet(Label),
    /// A group.
    Group(Label),
    /// A key pair.
    KeyPair(Arc<str>),
    /// A template.
    Template(Label),
    /// An image of the catalogue. It is not the account's to tag.
    Image(Label),
    /// An asset of the catalogue. It is not the account's to tag.
    Asset(AssetType, Label),
    /// A host. It is not the account's to tag.
    Host(Label),
    /// A disk or an interface, which is told with its instance and has no tags of its own.
    PartOf(InstanceId),
    /// Something that cannot be: the text was no id.
    Nothing,
}

impl Tag {
    /// How many tags one thing can have.
    pub const PER_THING_MAX: usize = 20;
}

/// Sets tags of things, or removes some: of all things or of none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TagThings {
    /// Whose things.
    pub account: AccountId,
    /// Where they have to be.
    pub region: Label,
    /// Which.
    pub what: Vec<Thing>,
    /// What to do to the tags of each.
    pub change: TagChange,
}

/// What is to become of the tags of a thing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TagChange {
    /// These are set, in place of those with the same keys.
    Set(Vec<Tag>),
    /// Those with these keys go; keys that are not there are nothing to remove.
    Remove(Vec<String>),
    /// All go.
    Clear,
}

/// Why no tag is changed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TagRefusal {
    /// The account has no such thing in the region.
    #[error("there is no {0:?}")]
    Unknown(Thing),
    /// There is such a thing, and it has no tags.
    #[error("{0:?} has no tags")]
    NotTaggable(Thing),
    /// A thing would have too many.
    #[error("a thing can have {} tags", Tag::PER_THING_MAX)]
    TooMany,
    /// A key is that of another tag but for the case of its letters.
    #[error("there is a tag {0:?} but for the case of its letters")]
    DiffersInCase(String),
}

type Judged<T, V> = Result<T, Halt<TagRefusal, <V as View>::Failure>>;

impl Command for TagThings {
    type Reply = ();
    type Refusal = TagRefusal;

    fn decide<V: View>(&self, draft: &mut Draft<'_, V>, _now: Time) -> Judged<(), V> {
        // That all are there comes before what is wrong with any.
        let mut found = Vec::new();
        for thing in &self.what {
            let tagged = find(draft, self.account, &self.region, thing)?;
            found.push(tagged.ok_or_else(|| Halt::Refused(TagRefusal::Unknown(thing.clone())))?);
        }
        let mut changed = Vec::new();
        for (thing, tagged) in self.what.iter().zip(found) {
            let changing = tagged.change(|tags| self.change.applied(tags)).map_err(Halt::Refused)?;
            changed.push(changing.ok_or_else(|| Halt::Refused(TagRefusal::NotTaggable(thing.clone())))?);
        }

        changed.into_iter().for_each(|changed| changed.put(draft));
        Ok(())
    }
}

/// A thing that is there.
enum Tagged {
    Instance(Profile),
    Network(Network),
    Subnet(Subnet),
    Group(Group),
    KeyPair(KeyPair),
    Template(Template),
    /// It can have no tags.
    Never,
}

impl Tagged {
    /// The thing with other tags; `None` when it can have none.
    fn change(
        mut self,
        change: impl FnOnce(Vec<Tag>) -> Result<Vec<Tag>, TagRefusal>,
    ) -> Result<Option<Self>, TagRefusal> {
        let tags = match &mut self {
            Self::Instance(profile) => {
                let tags = change(profile.tags().to_vec())?;
                let amendment = profile.amendment.take().map(Arc::unwrap_or_clone).unwrap_or_default();
                profile.amendment = Some(Arc::new(Amendment { tags: Some(tags), ..amendment }));
                return Ok(Some(self));
            }
            Self::Network(network) => &mut network.marks.tags,
            Self::Subnet(subnet) => &mut subnet.marks.tags,
            Self::Group(group) => &mut group.marks.tags,
            Self::KeyPair(pair) => &mut pair.tags,
            Self::Template(template) => &mut template.tags,
            Self::Never => return Ok(None),
        };
        *tags = change(mem::take(tags))?;
        Ok(Some(self))
    }

    /// Puts it as it is. The tags of an instance stand in its amendment.
    fn put<V: View>(self, draft: &mut Draft<'_, V>) {
        match self {
            Self::Instance(Profile { instance, amendment, .. }) => {
                let amendment = amendment.map(Arc::unwrap_or_clone).unwrap_or_default();
                draft.put_amended(instance, amendment);
            }
            Self::Network(network) => draft.put(Record::Network(network)),
            Self::Subnet(subnet) => draft.put(Record::Subnet(subnet)),
            Self::Group(group) => draft.put(Record::Group(group)),
            Self::KeyPair(pair) => draft.put(Record::KeyPair(pair)),
            Self::Template(template) => draft.put(Record::Template(template)),
            Self::Never => {}
        }
    }
}

/// What can be said of the tags of a thing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Tagging {
    /// The account has no such thing in the region.
    Unknown,
    /// There is such a thing, and it has no tags.
    Never,
    /// These.
    Tags(Vec<Tag>),
}

/// The tags of a thing that `account` has in `region`.
///
/// # Errors
/// When the view cannot tell.
pub fn tags_of<V: View>(
    view: &V,
    account: AccountId,
    region: &Label,
    thing: &Thing,
) -> Result<Tagging, V::Failure> {
    Ok(match find(view, account, region, thing)? {
        None => Tagging::Unknown,
        Some(Tagged::Never) => Tagging::Never,
        Some(Tagged::Instance(profile)) => Tagging::Tags(profile.tags().to_vec()),
        Some(Tagged::Network(network)) => Tagging::Tags(network.marks.tags),
        Some(Tagged::Subnet(subnet)) => Tagging::Tags(subnet.marks.tags),
        Some(Tagged::Group(group)) => Tagging::Tags(group.marks.tags),
        Some(Tagged::KeyPair(pair)) => Tagging::Tags(pair.tags),
        Some(Tagged::Template(template)) => Tagging::Tags(template.tags),
    })
}

fn find<V: View>(
    view: &V,
    account: AccountId,
    region: &Label,
    thing: &Thing,
) -> Result<Option<Tagged>, V::Failure> {
    let catalogue = view.catalogue();
    let never = |there: bool| there.then_some(Tagged::Never);
    Ok(match thing {
        Thing::Instance(id) => find_instance(view, account, region, *id)?,
        Thing::Network(label) => {
            let network = view.network(label)?;
            network.filter(|it| it.account == account && it.region == *region).map(Tagged::Network)
        }
        Thing::Subnet(label) => {
            let subnet = view.subnet(label)?.filter(|it| it.account == account);
            let here = |subnet: &Subnet| {
                catalogue.zones.get(&subnet.zone).is_some_and(|zone| zone.region == *region)
            };
            subnet.filter(here).map(Tagged::Subnet)
        }
        Thing::Group(label) => view.group_in(account, region, label)?.map(Tagged::Group),
        Thing::KeyPair(name) => view.key_pair((account, name))?.map(Tagged::KeyPair),
        Thing::Template(label) => {
            let template = view.template(label)?;
            template.filter(|it| it.account == account && it.region == *region).map(Tagged::Template)
        }
        Thing::Image(label) => never(catalogue.images.contains_key(label)),
        Thing::Asset(kind, label) => never(catalogue.asset(*kind, label).is_some()),
        Thing::Host(label) => never(view.host(label)?.is_some()),
        Thing::PartOf(id) => never(find_instance(view, account, region, *id)?.is_some()),
        Thing::Nothing => None,
    })
}

fn find_instance<V: View>(
    view: &V,
    account: AccountId,
    region: &Label,
    id: InstanceId,
) -> Result<Option<Tagged>, V::Failure> {
    let instance = view.instance(id)?;
    let Some(instance) = instance.filter(|it| it.account == account && it.shown().is_some()) else {
        return Ok(None);
    };
    let profile = view.profile(instance)?.filter(|profile| profile.spec.region == *region);
    Ok(profile.map(Tagged::Instance))
}

impl TagChange {
    /// What `tags` are after the change.
    fn applied(&self, mut tags: Vec<Tag>) -> Result<Vec<Tag>, TagRefusal> {
        match self {
            Self::Set(wanted) => {
                for tag in wanted {
                    if let Some(there) = tags.iter_mut().find(|there| there.key == tag.key) {
                        there.value.clone_from(&tag.value);
                    } else if tags.iter().any(|there| there.key.to_lowercase() == tag.key.to_lowercase()) {
                        return Err(TagRefusal::DiffersInCase(tag.key.clone()));
                    } else {
                        tags.push(tag.clone());
                    }
                }
                if tags.len() > Tag::PER_THING_MAX {
                    return Err(TagRefusal::TooMany);
                }
            }
            Self::Remove(keys) => tags.retain(|tag| !keys.contains(&tag.key)),
            Self::Clear => tags.clear(),
        }
        Ok(tags)
    }
}
