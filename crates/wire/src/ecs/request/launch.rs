//! RunInstances and CreateInstance: `contract/ecs-run-instances.md`.
//!
//! Two steps, since a token that was used is answered before anything else is looked at:
//!
//! ```text
//!  Params ──LaunchHead::parse──> LaunchHead ──LaunchHead::launch──> fleet::Launch
//!           P-01, I-01              │           shape, relations
//!                                   ├─ token: look it up in between (I-02 to I-04)
//!                                   └─ template, then merge: the same (L-01 to L-03)
//! ```
//!
//! Shape is judged in the order of section 3, step 4; existence, relations and what follows are the
//! fleet's. `table` has every parameter, `edition` where the editions of the reference differ.

pub(in crate::ecs) mod disk;
mod edition;
mod interface;
mod machine;
mod merge;
mod place;
pub(in crate::ecs) mod table;
pub(in crate::ecs) mod tail;
mod terms;

use std::fmt;
use std::sync::Arc;

use fleet::{
    AfterCreation, ClientToken, Edition, Label, Launch, OwnTemplate, Rehearsal, TemplateParameters, TokenKey,
    TokenText, Wanted,
};

use super::take::{label, region, rehearsal, take_label};
use super::template::{self, TemplateSource};
use super::{Action, Origin};
use crate::ecs::{Code, Fault, refusal};
use crate::params::{Params, boolean, integer};

/// Which of the two actions that launch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LaunchAction {
    /// `RunInstances`: many, and they start.
    Run,
    /// `CreateInstance`: one, and it stays off.
    Create,
}

/// A launch as far as its token needs it: the region is named, the token is well-formed.
#[derive(Clone)]
pub struct LaunchHead {
    action: LaunchAction,
    origin: Origin,
    region: Label,
    token: Option<ClientToken>,
    rehearsal: Rehearsal,
    params: Params,
}

impl LaunchAction {
    /// What becomes of the instances.
    #[must_use]
    pub const fn after_creation(self) -> AfterCreation {
        match self {
            Self::Run => AfterCreation::Start,
            Self::Create => AfterCreation::Stay,
        }
    }
}

impl From<LaunchAction> for Action {
    fn from(action: LaunchAction) -> Self {
        match action {
            LaunchAction::Run => Self::RunInstances,
            LaunchAction::Create => Self::CreateInstance,
        }
    }
}

impl LaunchHead {
    /// The first step.
    ///
    /// # Errors
    /// Rules P-01 and I-01.
    pub fn parse(action: LaunchAction, mut params: Params, origin: &Origin) -> Result<Self, Fault> {
        let region = region(&mut params)?;
        let text = params.take("ClientToken", |text| {
            TokenText::parse(text).ok_or(Code::INVALID_CLIENT_TOKEN_VALUE_NOT_SUPPORTED)
        })?;
        let token = text.map(|text| ClientToken { text, fingerprint: origin.fingerprint });
        // Only looked at: whether it is well-formed is a question of shape, and of the second step.
        let rehearsal = match params.find("DryRun").map(boolean) {
            Some(Ok(true)) => Rehearsal::Yes,
            Some(Ok(false) | Err(_)) | None => Rehearsal::No,
        };
        Ok(Self { action, origin: *origin, region, token, rehearsal, params })
    }

    /// The region asked for; whether there is one is to be found out before the token counts.
    #[must_use]
    pub const fn region(&self) -> &Label {
        &self.region
    }

    /// Where an earlier outcome of the same request is found, and what that must have said. A dry
    /// run has none, token or not.
    #[must_use]
    pub fn token(&self) -> Option<(TokenKey, &ClientToken)> {
        let token = self.token.as_ref().filter(|_| self.rehearsal == Rehearsal::No)?;
        let key = TokenKey {
            account: self.origin.account,
            action: self.action.after_creation().into(),
            region: self.region.clone(),
            text: token.text.clone(),
        };
        Some((key, token))
    }

    /// The template that the launch starts from, if it names one that nobody has asked for yet. It is
    /// to be looked up once the token was, and what it says goes into [`LaunchHead::merge`].
    ///
    /// # Errors
    /// When the version is no number.
    pub fn template(&mut self) -> Result<Option<TemplateSource>, Fault> {
        if self.action == LaunchAction::Create {
            return Ok(None);
        }
        let version = self.params.take("LaunchTemplateVersion", integer::<u64>);
        let Some(template) = template::reference(&mut self.params) else { return Ok(None) };
        let of = OwnTemplate { account: self.origin.account, region: self.region.clone(), template };
        Ok(Some(TemplateSource { of, version: version?.map(template::version) }))
    }

    /// Takes over what the template says (rule L-03): from here on it is as if the request had said it.
    pub fn merge(&mut self, template: &TemplateParameters) {
        let said = template.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        merge::merge(&mut self.params, said);
    }

    /// What is left of the request, and of the template once that was merged.
    #[must_use]
    pub const fn params(&self) -> &Params {
        &self.params
    }

    /// The second step. A template that the request names and nobody looked up counts as not there.
    ///
    /// # Errors
    /// The first fault in the order of the contract.
    pub fn launch(mut self) -> Result<Launch, Fault> {
        self.take()
    }

    fn take(&mut self) -> Result<Launch, Fault> {
        if let Some(TemplateSource { of, .. }) = self.template()? {
            return Err(refusal::unknown_template(Code::INVALID_LAUNCH_TEMPLATE_NOT_FOUND, &of.template));
        }
        let Self { action, ref origin, ref region, ref token, ref mut params, .. } = *self;
        let reading = edition::reading(action, origin.edition);
        let by = (action, reading);
        let rehearsal = rehearsal(params)?;
        let zone = take_label(params, "ZoneId");
        let image = take_label(params, "ImageId");
        let image_family = params.take_text("ImageFamily").map(Arc::from);
        let instance_type = take_label(params, "InstanceType");
        let wanted = match action {
            LaunchAction::Run => wanted(params)?,
            LaunchAction::Create => Wanted::ONE,
        };
        let io = machine::io_optimized(params)?;
        let disks = disk::Disks::take(params, action);
        let machine::Machine { names, host_names, description } =
            machine::machine(params, by, wanted, &disks)?;
        let login = machine::login(params, reading)?;
        let disks = disks.shape(reading)?;
        let mut place = place::place(params, by, wanted)?;
        let terms::Charging { charge, protection, mut terms } = terms::charging(params, by, origin.now)?;
        let tags = terms::tags(params, by)?;
        let user_data = machine::user_data(params, reading)?;
        let mut hosting = terms::hosting(params, action)?;
        terms.credit = terms::credit(params)?;
        let stray = terms::closed_lists(params, action, &mut hosting)?;
        let sent = tail::Sent { data_disks: &disks.indices, interfaces: &place.indices };
        let mut settings = tail::settings(params, action, &sent)?;
        stray.keep(&mut settings);
        terms::private_pool(action, &settings)?;
        place.late()?;

        Ok(Launch {
            token: token.clone(),
            rehearsal,
            zone,
            image,
            image_family,
            instance_type,
            groups: place.groups,
            subnet: place.subnet,
            addresses: place.addresses,
            wanted,
            after_creation: action.after_creation(),
            charge,
            protection,
            names,
            host_names,
            description,
            tags,
            internet: place.internet,
            io,
            system_disk: disks.system,
            data_disks: disks.data,
            interfaces: place.interfaces,
            ipv6: place.ipv6,
            terms,
            login,
            role: take_label(params, "RamRoleName"),
            user_data,
            hosting,
            settings,
            edition: origin.edition,
            ..Launch::new(origin.account, region.clone())
        })
    }
}

impl fmt::Debug for LaunchHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LaunchHead")
            .field("action", &self.action)
            .field("region", &self.region)
            .field("params", &self.params)
            .finish_non_exhaustive()
    }
}

/// Both steps at once. What nobody knew stays in `params`.
pub(super) fn read(action: LaunchAction, params: &mut Params, origin: &Origin) -> Result<Box<Launch>, Fault> {
    let mut head = LaunchHead::parse(action, std::mem::take(params), origin)?;
    let launch = head.take();
    *params = head.params;
    launch.map(Box::new)
}

/// Rules U-01 and U-02, which templates keep too: as wide as any edition has them, since the launch
/// that starts from one reads it in its own.
pub(super) fn user_data(params: &mut Params) -> Result<(), Fault> {
    machine::user_data(params, edition::reading(LaunchAction::Run, Edition::Either)).map(drop)
}

/// Rules A-01 to A-03. Without a minimum it is all or nothing.
fn wanted(params: &mut Params) -> Result<Wanted, Fault> {
    let count = |code: Code| {
        move |text: &str| match integer(text) {
            Ok(count @ 1..=Wanted::MAX) => Ok(count),
            Ok(_) | Err(_) => Err(code),
        }
    };
    let most = params.take("Amount", count(Code::INVALID_MAX_AMOUNT_MALFORMED))?.unwrap_or(1);
    let least = params.take("MinAmount", count(Code::INVALID_MIN_AMOUNT_MALFORMED))?.unwrap_or(most);
    Wanted::new(most, least).ok_or(Fault::new(Code::INVALID_MIN_AMOUNT_MALFORMED).about("MinAmount"))
}

/// Two parameters exclude each other.
fn conflict(one: &'static str, other: &str) -> Fault {
    let detail = format!("The parameters \"{one}\" and \"{other}\" cannot be specified together.");
    Fault::with(Code::INVALID_PARAMETER_CONFLICT, detail).about(one)
}

/// The label in an entry of a list, if it is there.
fn entry_label(params: &mut Params, name: &str) -> Option<Label> {
    params.take_text(name).map(|text| label(&text))
}
