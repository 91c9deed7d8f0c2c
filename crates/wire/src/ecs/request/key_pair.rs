//! Key pairs: `contract/ecs-actions.md` section 9.

use std::sync::Arc;

use fleet::{AccountId, AddKeyPair, KeyPair, Label, NamePattern, Paging, RemoveKeyPairs, Tag, has_tags};

use super::paging;
use super::take::{TagFilter, TagSpelling, flag, region, tag_filter, tags, take_label};
use crate::ecs::ssh_key::PublicKey;
use crate::ecs::{Code, Fault, names};
use crate::params::{Params, texts};

/// What is asked about key pairs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum KeyPairRequest {
    /// Make one, and hand its private half over.
    Create(KeyPairWish),
    /// Keep the public half of one.
    Import(KeyPairWish, PublicKey),
    /// List them.
    List(KeyPairListing),
    /// Forget some. The region has to exist.
    Delete(RemoveKeyPairs, Label),
}

/// A key pair that is to be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyPairWish {
    /// Where. It has to exist.
    pub region: Label,
    /// Whose.
    pub account: AccountId,
    /// What it is to go by.
    pub name: Arc<str>,
    /// The group of resources it is accounted to.
    pub resource_group: Option<Label>,
    /// For programs.
    pub tags: Vec<Tag>,
}

impl KeyPairWish {
    /// The command that keeps `key` as this.
    #[must_use]
    pub fn with(self, key: &PublicKey) -> AddKeyPair {
        AddKeyPair {
            account: self.account,
            name: self.name,
            fingerprint: key.fingerprint(),
            public_key: key.text(),
            resource_group: self.resource_group,
            tags: self.tags,
        }
    }
}

/// Which key pairs to list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyPairListing {
    /// Where.
    pub region: Label,
    /// Named so.
    pub name: Option<NamePattern>,
    /// With this fingerprint.
    pub fingerprint: Option<String>,
    /// In this group of resources.
    pub resource_group: Option<Label>,
    /// With all of these tags.
    pub tags: TagFilter,
    /// Whether public keys are shown.
    pub with_public_key: bool,
    /// Which part of them.
    pub paging: Paging<Arc<str>>,
}

impl KeyPairListing {
    /// Whether the listing shows `pair`.
    #[must_use]
    pub fn matches(&self, pair: &KeyPair) -> bool {
        self.name.as_ref().is_none_or(|name| name.matches(&pair.name))
            && self.fingerprint.as_ref().is_none_or(|wanted| *wanted == pair.fingerprint)
            && self.resource_group.as_ref().is_none_or(|group| pair.resource_group.as_ref() == Some(group))
            && has_tags(&pair.tags, &self.tags)
    }
}

pub(super) fn create(params: &mut Params, account: AccountId) -> Result<KeyPairRequest, Fault> {
    Ok(KeyPairRequest::Create(wish(params, account)?))
}

pub(super) fn import(params: &mut Params, account: AccountId) -> Result<KeyPairRequest, Fault> {
    let wish = wish(params, account)?;
    let parse = |text: &str| PublicKey::parse(text).ok_or(Code::INVALID_PUBLIC_KEY_BODY_MALFORMED);
    let key = params.take("PublicKeyBody", parse)?.ok_or(Fault::missing("PublicKeyBody"))?;
    Ok(KeyPairRequest::Import(wish, key))
}

pub(super) fn list(params: &mut Params) -> Result<KeyPairRequest, Fault> {
    Ok(KeyPairRequest::List(KeyPairListing {
        region: region(params)?,
        name: params.take_text("KeyPairName").map(|name| NamePattern::new(&name)),
        fingerprint: params.take_text("KeyPairFingerPrint"),
        resource_group: take_label(params, "ResourceGroupId"),
        tags: tag_filter(params)?,
        with_public_key: flag(params, "IncludePublicKey")?.unwrap_or(false),
        paging: paging::numbered(params, 50)?,
    }))
}

pub(super) fn delete(params: &mut Params, account: AccountId) -> Result<KeyPairRequest, Fault> {
    let region = region(params)?;
    let names = params.take("KeyPairNames", texts)?.ok_or(Fault::missing("KeyPairNames"))?;
    let names = names.into_iter().map(Arc::from).collect();
    Ok(KeyPairRequest::Delete(RemoveKeyPairs { account, names }, region))
}

fn wish(params: &mut Params, account: AccountId) -> Result<KeyPairWish, Fault> {
    let region = region(params)?;
    let name = params.take("KeyPairName", |text| {
        // The one name in which a dot is not allowed.
        let name = names::name(text).filter(|name| !name.contains('.'));
        name.ok_or(Code::INVALID_KEY_PAIR_NAME_MALFORMED)
    })?;
    let name = name.ok_or(Fault::missing("KeyPairName"))?.into();
    let resource_group = take_label(params, "ResourceGroupId");
    Ok(KeyPairWish { region, account, name, resource_group, tags: tags(params, TagSpelling::Upper)? })
}
