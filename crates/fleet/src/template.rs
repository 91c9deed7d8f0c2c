//! Templates: named, versioned lists of launch parameters that an account keeps. What the
//! parameters mean is not the core's business; it keeps them, and hands them back.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::decide::{Command, Draft, Halt};
use crate::network::LabelRefusal;
use crate::{AccountId, Key, Label, LabelSource, Record, Tag, Time, View};

/// What a template goes by among people: 1 to 128 characters, none of them a control character.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TemplateName(Arc<str>);

impl TemplateName {
    /// The longest name, in characters.
    pub const CHARACTERS_MAX: usize = 128;

    /// The name that `text` spells, or `None` when it spells none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.chars().count() <= Self::CHARACTERS_MAX;
        (fits && !text.contains(char::is_control)).then(|| Self(Arc::from(text)))
    }

    /// The first name in order.
    #[must_use]
    pub fn lowest() -> Self {
        Self(Arc::from(" "))
    }

    /// A name that no other comes after.
    #[must_use]
    pub fn highest() -> Self {
        Self(Arc::from("\u{10ffff}".repeat(Self::CHARACTERS_MAX)))
    }

    /// The text of the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a template in its place: no two of an account are alike in one region.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TemplateNameKey {
    /// Whose it is.
    pub account: AccountId,
    /// The region it is in.
    pub region: Label,
    /// The name.
    pub name: TemplateName,
}

/// A template: what all its versions have in common.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Template {
    /// What it goes by.
    pub label: Label,
    /// Whose it is.
    pub account: AccountId,
    /// The region it is in.
    pub region: Label,
    /// What it goes by among people; never changes.
    pub name: TemplateName,
    /// When it was made.
    pub created_at: Time,
    /// When it, or the list of its versions, last changed.
    pub modified_at: Time,
    /// The version that is meant when none is named; it is one of `versions`.
    pub default_version: u32,
    /// The last number that was given to a version. A number is never given twice.
    pub last_version: u32,
    /// The numbers of the versions there are, in order; never empty.
    pub versions: Vec<u32>,
    /// For programs; keys are distinct.
    pub tags: Vec<Tag>,
    /// The resource group it was put into, if it was; not looked up.
    pub resource_group: Option<Label>,
}

impl Template {
    /// How many templates an account can have in one region.
    pub const PER_REGION_MAX: usize = 30;
    /// How many versions a template can have.
    pub const VERSIONS_MAX: usize = 30;

    /// Where its name is looked up.
    #[must_use]
    pub fn name_key(&self) -> TemplateNameKey {
        let Self { account, region, name, .. } = self;
        TemplateNameKey { account: *account, region: region.clone(), name: name.clone() }
    }

    /// The highest number of a version there is.
    #[must_use]
    pub fn latest_version(&self) -> u32 {
        self.versions.last().copied().unwrap_or(self.last_version)
    }
}

/// One version of a template. Written once and never changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TemplateVersion {
    /// The template it is of.
    pub template: Label,
    /// Its number, from 1.
    pub number: u32,
    /// When it was made.
    pub created_at: Time,
    /// What it says.
    pub content: TemplateContent,
}

/// What a version says.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TemplateContent {
    /// For people.
    pub description: String,
    /// What a launch from it starts with.
    pub parameters: TemplateParameters,
}

/// Names and values, as they were sent. `Debug` prints names only: a value may be a secret.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct TemplateParameters(pub Vec<(String, String)>);

impl TemplateParameters {
    /// The most bytes that names and values can have, with [`Self::OVERHEAD`] for each pair: no
    /// record is longer than 64 KiB.
    pub const BYTES_MAX: usize = 60 * 1024;
    /// What a pair takes besides its name and its value, in bytes.
    pub const OVERHEAD: usize = 8;

    fn bytes(&self) -> usize {
        let sizes = self.0.iter().map(|(name, value)| [name.len(), value.len(), Self::OVERHEAD]);
        sizes.flatten().fold(0, usize::saturating_add)
    }
}

impl fmt::Debug for TemplateParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// How a request names a template.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TemplateRef {
    /// By its label.
    Label(Label),
    /// By its name.
    Name(TemplateName),
    /// By both, which have to agree.
    Both(Label, TemplateName),
}

/// Makes a template, with a first version that is its default.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CreateTemplate {
    /// Whose it is to be.
    pub account: AccountId,
    /// What it is to go by.
    pub label: LabelSource,
    /// The region it is to be in.
    pub region: Label,
    /// What it is to go by among people.
    pub name: TemplateName,
    /// What its first version says.
    pub content: TemplateContent,
    /// For programs.
    pub tags: Vec<Tag>,
    /// The resource group it is put into.
    pub resource_group: Option<Label>,
}

/// The template that a command is about, and whose it has to be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OwnTemplate {
    /// Whose it is.
    pub account: AccountId,
    /// The region it is in.
    pub region: Label,
    /// Which one.
    pub template: TemplateRef,
}

/// Adds a version to a template. It takes over nothing from earlier ones.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CreateTemplateVersion {
    /// Of which template.
    pub of: OwnTemplate,
    /// What the version says.
    pub content: TemplateContent,
}

/// Makes another version the default.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SetDefaultVersion {
    /// Of which template.
    pub of: OwnTemplate,
    /// Which version.
    pub number: u32,
}

/// Forgets a template and all its versions.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DeleteTemplate {
    /// Which template.
    pub of: OwnTemplate,
}

/// Forgets versions of a template: all that are named, or none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DeleteTemplateVersions {
    /// Of which template.
    pub of: OwnTemplate,
    /// Which versions; naming one twice is naming it once.
    pub numbers: Vec<u32>,
}

/// Why a template is left as it is.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TemplateRefusal {
    /// The region is not in the catalogue.
    #[error("there is no region {0}")]
    UnknownRegion(Label),
    /// The account has no such template in the region, or its label and its name are of two.
    #[error("there is no such template")]
    UnknownTemplate,
    /// The template has no such version.
    #[error("the template has no version {0}")]
    UnknownVersion(u32),
    /// The account has a template of this name in the region.
    #[error("there is a template {} already", .0.as_str())]
    NameTaken(TemplateName),
    /// The account has as many templates in the region as it can have.
    #[error("there are {} templates in the region, and there can be no more", Template::PER_REGION_MAX)]
    TooManyTemplates,
    /// The template has as many versions as it can have.
    #[error("the template has {} versions, and can have no more", Template::VERSIONS_MAX)]
    TooManyVersions,
    /// The default version stays for as long as its template does.
    #[error("version {0} is the default")]
    VersionIsDefault(u32),
    /// The parameters are too long to be kept.
    #[error("the parameters take {bytes} bytes of {}", TemplateParameters::BYTES_MAX)]
    TooLong {
        /// How many bytes they take.
        bytes: usize,
    },
    /// The label is in use.
    #[error("there is a {0} already")]
    LabelTaken(Label),
    /// The counter of ids or of versions is used up.
    #[error("there are no more numbers")]
    NumbersExhausted,
}

impl From<LabelRefusal> for TemplateRefusal {
    fn from(refusal: LabelRefusal) -> Self {
        match refusal {
            LabelRefusal::Taken(label) => Self::LabelTaken(label),
            LabelRefusal::Exhausted => Self::NumbersExhausted,
        }
    }
}

impl OwnTemplate {
    /// The template, as `view` shows it; `None` when the account has no such one in the region.
    ///
    /// # Errors
    /// When the view cannot tell.
    pub fn find<V: View>(&self, view: &V) -> Result<Option<Template>, V::Failure> {
        let template = match &self.template {
            TemplateRef::Label(label) | TemplateRef::Both(label, _) => view.template(label)?,
            TemplateRef::Name(name) => {
                let key = TemplateNameKey {
                    account: self.account,
                    region: self.region.clone(),
                    name: name.clone(),
                };
                match view.template_named(&key)? {
                    Some(label) => view.template(&label)?,
                    None => None,
                }
            }
        };
        Ok(template.filter(|found| {
            let agrees = match &self.template {
                TemplateRef::Both(_, name) => found.name == *name,
                TemplateRef::Label(_) | TemplateRef::Name(_) => true,
            };
            agrees && found.account == self.account && found.region == self.region
        }))
    }

    /// The template, which has to be there, and so has its region.
    fn get<V: View>(&self, draft: &Draft<'_, V>) -> Result<Template, Halt<TemplateRefusal, V::Failure>> {
        known_region(draft, &self.region)?;
        self.find(draft)?.ok_or(Halt::Refused(TemplateRefusal::UnknownTemplate))
    }
}

fn known_region<V: View>(
    draft: &Draft<'_, V>,
    region: &Label,
) -> Result<(), Halt<TemplateRefusal, V::Failure>> {
    match draft.catalogue().regions.contains_key(region) {
        true => Ok(()),
        false => Err(Halt::Refused(TemplateRefusal::UnknownRegion(region.clone()))),
    }
}

impl TemplateContent {
    fn fits(&self) -> Result<(), TemplateRefusal> {
        match self.parameters.bytes() {
            bytes if bytes > TemplateParameters::BYTES_MAX => Err(TemplateRefusal::TooLong { bytes }),
            _ => Ok(()),
        }
    }
}

impl Command for CreateTemplate {
    type Reply = Template;
    type Refusal = TemplateRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Template, Halt<TemplateRefusal, V::Failure>> {
        known_region(draft, &self.region)?;
        let taken = |label: &Label| Ok(draft.template(label)?.is_some());
        let (label, sequence) = self.label.draw(draft.sequence()?, taken)?;
        self.content.fits().map_err(Halt::Refused)?;
        let template = Template {
            label: label.clone(),
            account: self.account,
            region: self.region.clone(),
            name: self.name.clone(),
            created_at: now,
            modified_at: now,
            default_version: 1,
            last_version: 1,
            versions: Vec::from([1]),
            tags: self.tags.clone(),
            resource_group: self.resource_group.clone(),
        };
        if draft.template_named(&template.name_key())?.is_some() {
            return Err(Halt::Refused(TemplateRefusal::NameTaken(self.name.clone())));
        }
        let (first, last) = Key::template_names(self.account, &self.region);
        if draft.keys(&first, &last, Template::PER_REGION_MAX)?.len() >= Template::PER_REGION_MAX {
            return Err(Halt::Refused(TemplateRefusal::TooManyTemplates));
        }

        draft.put(Record::Sequence(sequence));
        draft.put(Record::TemplateName(template.name_key(), label.clone()));
        draft.put_version(label, 1, now, &self.content);
        draft.put(Record::Template(template.clone()));
        Ok(template)
    }
}

impl Command for CreateTemplateVersion {
    type Reply = Template;
    type Refusal = TemplateRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Template, Halt<TemplateRefusal, V::Failure>> {
        let mut template = self.of.get(draft)?;
        self.content.fits().map_err(Halt::Refused)?;
        if template.versions.len() >= Template::VERSIONS_MAX {
            return Err(Halt::Refused(TemplateRefusal::TooManyVersions));
        }
        let number = template.last_version.checked_add(1);
        let number = number.ok_or(Halt::Refused(TemplateRefusal::NumbersExhausted))?;

        template.versions.push(number);
        let template = Template { last_version: number, modified_at: now, ..template };
        draft.put_version(template.label.clone(), number, now, &self.content);
        draft.put(Record::Template(template.clone()));
        Ok(template)
    }
}

impl Command for SetDefaultVersion {
    type Reply = Template;
    type Refusal = TemplateRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Template, Halt<TemplateRefusal, V::Failure>> {
        let template = self.of.get(draft)?;
        if !template.versions.contains(&self.number) {
            return Err(Halt::Refused(TemplateRefusal::UnknownVersion(self.number)));
        }

        let template = Template { default_version: self.number, modified_at: now, ..template };
        draft.put(Record::Template(template.clone()));
        Ok(template)
    }
}

impl Command for DeleteTemplate {
    /// The template as it was.
    type Reply = Template;
    type Refusal = TemplateRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        _now: Time,
    ) -> Result<Template, Halt<TemplateRefusal, V::Failure>> {
        let template = self.of.get(draft)?;

        for number in &template.versions {
            draft.remove(Key::TemplateVersion(template.label.clone(), *number));
        }
        draft.remove(Key::TemplateName(template.name_key()));
        draft.remove(Key::Template(template.label.clone()));
        Ok(template)
    }
}

impl Command for DeleteTemplateVersions {
    type Reply = Template;
    type Refusal = TemplateRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Template, Halt<TemplateRefusal, V::Failure>> {
        let mut template = self.of.get(draft)?;
        for number in &self.numbers {
            if !template.versions.contains(number) {
                return Err(Halt::Refused(TemplateRefusal::UnknownVersion(*number)));
            }
            if template.default_version == *number {
                return Err(Halt::Refused(TemplateRefusal::VersionIsDefault(*number)));
            }
        }

        for number in &self.numbers {
            draft.remove(Key::TemplateVersion(template.label.clone(), *number));
        }
        template.versions.retain(|number| !self.numbers.contains(number));
        let template = Template { modified_at: now, ..template };
        draft.put(Record::Template(template.clone()));
        Ok(template)
    }
}

impl<V: View> Draft<'_, V> {
    fn put_version(&mut self, template: Label, number: u32, now: Time, content: &TemplateContent) {
        let content = content.clone();
        self.put(Record::TemplateVersion(TemplateVersion { template, number, created_at: now, content }));
    }
}
