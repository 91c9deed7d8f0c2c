//! Changing an instance: `contract/lifecycle.md` section 3 and `contract/ecs-actions.md` section 2.
//!
//! Several things can be changed at once. All of them are judged before any is.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::lock::{Barrier, Use};
use crate::{
    AccountId, Bar, Credit, Edition, Group, Image, Instance, InstanceId, Label, Names, Naming, Os, Password,
    Protection, Record, Secret, Settings, Spec, Status, Time, Wanted,
};

/// Changes an instance.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Amend {
    /// Whose instance it is.
    pub account: AccountId,
    /// Which.
    pub instance: InstanceId,
    /// What of it.
    pub changes: Changes,
    /// Which reading of the rules counts where they changed over the years.
    pub edition: Edition,
}

/// What is changed; what is left out stays as it is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Changes {
    /// What it is named.
    pub name: Option<Arc<str>>,
    /// What it calls itself, from the next boot on.
    pub host_name: Option<Arc<str>>,
    /// For people.
    pub description: Option<Arc<str>>,
    /// The groups it is in, in place of all it was in; never empty.
    pub groups: Option<Vec<Label>>,
    /// Whether it is protected against release.
    pub protection: Option<Protection>,
    /// How bursts are charged.
    pub credit: Option<Credit>,
    /// What it runs when it boots.
    pub user_data: Option<Secret>,
    /// The password that is in force from the next boot on.
    pub password: Option<Password>,
    /// Settings to set.
    pub settings: Settings,
}

/// Something of an instance that can be changed only in some statuses.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Attribute {
    /// Its name.
    Name,
    /// Its description.
    Description,
    /// Its protection.
    Protection,
    /// Its settings.
    Settings,
    /// Its host name.
    HostName,
    /// Its password.
    Password,
    /// Its user data.
    UserData,
    /// Its groups.
    Groups,
    /// How its bursts are charged.
    Credit,
}

impl Attribute {
    /// Every attribute there is, in the order in which they are judged.
    pub const ALL: [Self; 9] = [
        Self::Name,
        Self::Description,
        Self::Protection,
        Self::Settings,
        Self::HostName,
        Self::Password,
        Self::UserData,
        Self::Groups,
        Self::Credit,
    ];

    /// Whether it can be changed in `status`. Every pair is written out. What could not be made, or got no system, has
    /// nothing that could be changed but what people call it.
    #[must_use]
    pub const fn changes_in(self, status: Status, edition: Edition) -> bool {
        match (self, status) {
            (_, Status::Binned | Status::Releasing) => false,
            (
                Self::Name | Self::Description | Self::Protection | Self::Settings,
                Status::Pending
                | Status::Installing
                | Status::Starting
                | Status::Running
                | Status::Stopping
                | Status::Stopped
                | Status::Blank
                | Status::Failed,
            )
            | (Self::HostName, Status::Running | Status::Stopping | Status::Stopped)
            | (Self::Password, Status::Pending | Status::Running | Status::Stopping | Status::Stopped)
            | (Self::UserData, Status::Stopped)
            | (Self::Groups, Status::Running | Status::Stopped)
            | (Self::Credit, Status::Running) => true,
            (Self::UserData, Status::Running) => match edition {
                Edition::Seeds => false,
                Edition::Newest | Edition::Either => true,
            },
            (Self::HostName | Self::UserData | Self::Groups | Self::Credit, Status::Pending)
            | (
                Self::HostName | Self::Password | Self::UserData | Self::Groups | Self::Credit,
                Status::Installing | Status::Starting | Status::Blank | Status::Failed,
            )
            | (Self::UserData | Self::Groups | Self::Credit, Status::Stopping)
            | (Self::Credit, Status::Stopped) => false,
        }
    }
}

/// Why an instance stays as it is.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum AmendRefusal {
    #[error("there is no instance {0}")]
    Unknown(InstanceId),
    #[error("the instance is paid for in advance, and cannot be protected")]
    PaidFor,
    #[error("the instance is locked for the harm it does")]
    Locked,
    #[error("the instance is {1:?}, and its {0:?} cannot be changed")]
    WrongStatus(Attribute, Status),
    #[error("there is no group {0}")]
    UnknownGroup(Label),
    #[error("group {group} is not in the network of the instance")]
    GroupElsewhere { group: Label },
    #[error("group {0} is full")]
    GroupFull(Label),
    #[error("the type of the instance saves no credit")]
    NotBurstable,
    #[error("the host name does not suit the image")]
    HostNameForImage,
    #[error("the password does not suit the image")]
    PasswordForImage,
    #[error("the account may not hand user data over")]
    UserDataBarred,
    #[error("the image does not run user data")]
    UserDataForImage,
}

type Judged<T, V> = Result<T, Halt<AmendRefusal, <V as View>::Failure>>;

impl Command for Amend {
    type Reply = Instance;
    type Refusal = AmendRefusal;

    fn decide<V: View>(&self, draft: &mut Draft<'_, V>, now: Time) -> Judged<Instance, V> {
        let instance = draft.visible_instance(self.account, self.instance)?;
        let instance = instance.ok_or(Halt::Refused(AmendRefusal::Unknown(self.instance)))?;
        let spec = draft.spec(instance.batch)?;
        let spec = spec.ok_or(Halt::Refused(AmendRefusal::Unknown(self.instance)))?;
        if self.changes.protection == Some(Protection::On) && spec.charge.paid_span().is_some() {
            return Err(Halt::Refused(AmendRefusal::PaidFor));
        }
        if let Some(Barrier::Locked(_)) = draft.barrier(&instance, Use::Change, now)? {
            return Err(Halt::Refused(AmendRefusal::Locked));
        }
        let status = instance.state.status();
        for attribute in Attribute::ALL {
            if self.changes.touch(attribute) && !attribute.changes_in(status, self.edition) {
                return Err(Halt::Refused(AmendRefusal::WrongStatus(attribute, status)));
            }
        }
        let mut amendment = draft.amendment_of(&instance)?;
        let before = amendment.groups.as_ref().unwrap_or(&spec.groups);
        let moved = self.move_groups(draft, before, &spec)?;
        self.suits(draft, &spec)?;

        // From here on it succeeds.
        moved.into_iter().for_each(|group| draft.put(Record::Group(group)));
        let Changes { name, host_name, description, groups, protection, .. } = self.changes.clone();
        let Changes { credit, user_data, password, settings, .. } = self.changes.clone();
        amendment.name = name.or(amendment.name);
        amendment.host_name = host_name.or(amendment.host_name);
        amendment.description = description.or(amendment.description);
        amendment.groups = groups.or(amendment.groups);
        amendment.credit = credit.or(amendment.credit);
        amendment.user_data = user_data.or(amendment.user_data);
        amendment.password = password.map(|password| password.secret).or(amendment.password);
        settings.iter().for_each(|(name, value)| amendment.settings.set(name, value));
        let protection = protection.unwrap_or(instance.protection);
        Ok(draft.put_amended(Instance { protection, ..instance }, amendment))
    }
}

impl Amend {
    /// The groups that the instance leaves and joins, with their members counted anew.
    fn move_groups<V: View>(
        &self,
        draft: &Draft<'_, V>,
        before: &[Label],
        spec: &Spec,
    ) -> Judged<Vec<Group>, V> {
        let Some(after) = &self.changes.groups else { return Ok(Vec::new()) };
        let mut moved = Vec::new();
        for label in after {
            let group = draft.group(label)?.filter(|group| group.account == self.account);
            let group = group.ok_or_else(|| Halt::Refused(AmendRefusal::UnknownGroup(label.clone())))?;
            if group.network != spec.network {
                return Err(Halt::Refused(AmendRefusal::GroupElsewhere { group: label.clone() }));
            }
            if before.contains(label) {
                continue;
            }
            if group.members >= draft.policy().group_members_max {
                return Err(Halt::Refused(AmendRefusal::GroupFull(label.clone())));
            }
            moved.push(Group { members: group.members.saturating_add(1), ..group });
        }
        for label in before.iter().filter(|label| !after.contains(label)) {
            if let Some(group) = draft.group(label)? {
                moved.push(Group { members: group.members.saturating_sub(1), ..group });
            }
        }
        Ok(moved)
    }

    /// Whether the changes suit the type, the image and the account.
    fn suits<V: View>(&self, draft: &Draft<'_, V>, spec: &Spec) -> Judged<(), V> {
        let catalogue = draft.catalogue();
        let instance_type = catalogue.instance_types.get(&spec.instance_type);
        let burstable = instance_type.is_some_and(|found| found.abilities.burstable);
        if self.changes.credit.is_some() && !burstable {
            return Err(Halt::Refused(AmendRefusal::NotBurstable));
        }
        if let Some(image) = spec.image.as_ref().and_then(|image| catalogue.images.get(image)) {
            self.changes.suit(image).map_err(Halt::Refused)?;
        }
        let account = draft.account(self.account)?;
        let barred = account.is_some_and(|account| account.bars.contains(&Bar::UserData));
        match self.changes.user_data.is_some() && barred {
            true => Err(Halt::Refused(AmendRefusal::UserDataBarred)),
            false => Ok(()),
        }
    }
}

impl Changes {
    /// Whether they change `attribute`.
    fn touch(&self, attribute: Attribute) -> bool {
        match attribute {
            Attribute::Name => self.name.is_some(),
            Attribute::Description => self.description.is_some(),
            Attribute::Protection => self.protection.is_some(),
            Attribute::Settings => !self.settings.is_empty(),
            Attribute::HostName => self.host_name.is_some(),
            Attribute::Password => self.password.is_some(),
            Attribute::UserData => self.user_data.is_some(),
            Attribute::Groups => self.groups.is_some(),
            Attribute::Credit => self.credit.is_some(),
        }
    }

    fn suit(&self, image: &Image) -> Result<(), AmendRefusal> {
        if let Some(host_name) = &self.host_name {
            let names = Names { naming: Naming::Fixed(host_name.clone()), unique_suffix: false };
            if !names.suit(image.os, Wanted::ONE) {
                return Err(AmendRefusal::HostNameForImage);
            }
        }
        if self.password.as_ref().is_some_and(|password| image.os == Os::Windows && !password.for_windows) {
            return Err(AmendRefusal::PasswordForImage);
        }
        match self.user_data.is_some() && !image.traits.cloud_init {
            true => Err(AmendRefusal::UserDataForImage),
            false => Ok(()),
        }
    }
}
