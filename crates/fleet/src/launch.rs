//! A launch: token, catalogue, placement, account, capacity, in one decision and one fixed order.
//!
//! The order is `contract/ecs-run-instances.md` section 3: token, existence, relations, account,
//! capacity. Two faults in one request always give the same refusal. (Shape, which needs no fleet,
//! is decided before a `Launch` exists.)

mod account;
mod addresses;
mod bare_metal;
mod disks;
mod fate;
mod find;
mod host;
mod refusal;
mod relate;
mod take;
mod write;

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::Ipv4Addr;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{
    AccountId, AfterCreation, BareMetal, Batch, BatchId, Charge, ClientToken, DiskWish, Hosting, InstanceId,
    InterfaceWish, Internet, Io, Ipv6Wish, Label, Login, Names, Protection, Rate, Record, Secret, Settings,
    Tag, Terms, Time, TokenAction, TokenKey, TokenOutcome, TokenText, Wanted,
};

pub use bare_metal::BareMetalRefusal;
pub use fate::{RefusalKind, TokenFate, TokenReading};
pub use refusal::{LaunchRefusal, Misfit, Needed, NeedsIo, WhichDisk};

/// Asks for instances.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Launch {
    /// Who asks.
    pub account: AccountId,
    /// How the request is known again when it is sent again.
    pub token: Option<ClientToken>,
    /// Whether it is meant.
    pub rehearsal: Rehearsal,
    /// Where.
    pub region: Label,
    /// Where, more exactly; the subnet's zone when it is left out.
    pub zone: Option<Label>,
    /// What is on the disks. Has to be said; a launch without it is refused in its turn.
    pub image: Option<Label>,
    /// How big. Has to be said.
    pub instance_type: Option<Label>,
    /// The groups to join; one at least has to be named.
    pub groups: Vec<Label>,
    /// Where the addresses come from. Has to be said.
    pub subnet: Option<Label>,
    /// Which address.
    pub addresses: Addresses,
    /// How many.
    pub wanted: Wanted,
    /// What becomes of the instances.
    pub after_creation: AfterCreation,
    /// How they are paid for.
    pub charge: Charge,
    /// Whether they are protected against release.
    pub protection: Protection,
    /// How they are named.
    pub names: Names,
    /// How they call themselves.
    pub host_names: Names,
    /// For people.
    pub description: Arc<str>,
    /// For programs; keys are distinct.
    pub tags: Vec<Tag>,
    /// Their line to the internet.
    pub internet: Internet,
    /// The newest image of this family, in place of one that is named.
    pub image_family: Option<Arc<str>>,
    /// How their disks are reached; what their type has when it is left out.
    pub io: Option<Io>,
    /// The disk they boot from.
    pub system_disk: DiskWish,
    /// Their further disks.
    pub data_disks: Vec<DiskWish>,
    /// Their further interfaces.
    pub interfaces: Vec<InterfaceWish>,
    /// Their IPv6 addresses.
    pub ipv6: Ipv6Wish,
    /// Renewal, bids, the day they end.
    pub terms: Terms,
    /// How people get in.
    pub login: Login,
    /// What programs on them may do.
    pub role: Option<Label>,
    /// What they run when they first boot.
    pub user_data: Option<Secret>,
    /// Where they run.
    pub hosting: Hosting,
    /// What nothing in here acts on.
    pub settings: Settings,
    /// Which reading of the rules counts where they changed over the years.
    pub edition: Edition,
    /// What is asked of bare metal; `None` asks for none.
    pub bare_metal: Option<Arc<BareMetal>>,
    /// The id of the request, under which what became of the launch can be [asked](crate::LaunchReport).
    pub request: Option<TokenText>,
    /// How the dialect that it came in reads what a refusal does to its token; `None` leaves it to
    /// [`Policy::token_reading`](crate::Policy::token_reading).
    pub token_reading: Option<TokenReading>,
}

/// Which reading of the rules counts where they changed (`contract/ecs-run-instances.md` section 11).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Edition {
    /// The rules of 2019.
    Seeds,
    /// Today's.
    Newest,
    /// What either allows.
    #[default]
    Either,
}

impl Launch {
    /// One instance in `region`, paid by use, that starts by itself. What is on it, how big it is,
    /// its groups and its subnet are still to be said.
    #[must_use]
    pub fn new(account: AccountId, region: Label) -> Self {
        Self {
            account,
            token: None,
            rehearsal: Rehearsal::No,
            region,
            zone: None,
            image: None,
            instance_type: None,
            groups: Vec::new(),
            subnet: None,
            addresses: Addresses::Any,
            wanted: Wanted::ONE,
            after_creation: AfterCreation::Start,
            charge: Charge::PostPaid,
            protection: Protection::Off,
            names: Names::OWN_ID,
            host_names: Names::OWN_ID,
            description: Arc::from(""),
            tags: Vec::new(),
            internet: Internet::NONE,
            image_family: None,
            io: None,
            system_disk: DiskWish::default(),
            data_disks: Vec::new(),
            interfaces: Vec::new(),
            ipv6: Ipv6Wish::None,
            terms: Terms::default(),
            login: Login::default(),
            role: None,
            user_data: None,
            hosting: Hosting::default(),
            settings: Settings::default(),
            edition: Edition::Either,
            bare_metal: None,
            request: None,
            token_reading: None,
        }
    }
}

/// Whether a command is meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rehearsal {
    /// It is.
    No,
    /// Only the answer is wanted: a dry run.
    Yes,
}

/// Which addresses a launch takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Addresses {
    /// The lowest free ones.
    Any,
    /// This one, for one instance; for several where consecutive addresses are given out, and then
    /// the ones behind it as well: see [`GivenAddress`](crate::GivenAddress).
    Given(Ipv4Addr),
}

/// The answer to a launch.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Launched {
    /// These instances were made, in this order; or had been, for the same token.
    Batch {
        /// The launch.
        id: BatchId,
        /// Its instances.
        instances: Vec<InstanceId>,
        /// What an hour of one cost then, for people.
        hourly: Rate,
    },
    /// A dry run: this many would have been.
    Would(u8),
    /// There was too little, and the token is used up for it: see [`TokenReading::Strict`].
    Refused(Box<LaunchRefusal>),
}

type Judged<T, V> = Result<T, Halt<LaunchRefusal, <V as View>::Failure>>;

impl Command for Launch {
    type Reply = Launched;
    type Refusal = LaunchRefusal;

    fn grows(&self) -> bool {
        true
    }

    fn decide<V: View>(&self, draft: &mut Draft<'_, V>, now: Time) -> Judged<Launched, V> {
        if !draft.catalogue().regions.contains_key(&self.region) {
            return Err(LaunchRefusal::UnknownRegion(self.region.clone()).halt());
        }
        if let Some(earlier) = self.earlier(draft, now)? {
            return Ok(earlier);
        }
        self.suits_amount(draft.policy())?;
        let found = self.find(draft)?;
        let related = self.relate(draft, &found, now)?;
        let taken = match self.take(draft, &found, &related, now) {
            Err(Halt::Refused(refusal)) => return self.refuse(draft, refusal, now),
            taken => taken?,
        };
        if self.is_rehearsal() {
            return Ok(Launched::Would(taken.count));
        }
        let drawn = draft.sequence()?.draw(u64::from(taken.count).saturating_add(1));
        let (batch, sequence) = drawn.ok_or(LaunchRefusal::IdsExhausted.halt())?;
        let first = batch.plus(1).ok_or(LaunchRefusal::IdsExhausted.halt())?;

        // From here on the launch succeeds.
        draft.put(Record::Sequence(sequence));
        Ok(self.write(draft, found, related, taken, (BatchId(batch), InstanceId(first)), now)?)
    }
}

impl Launch {
    /// The answer that was given for the same token, if it was used. A dry run has no token.
    fn earlier<V: View>(&self, draft: &Draft<'_, V>, now: Time) -> Judged<Option<Launched>, V> {
        let (Some(token), Rehearsal::No) = (&self.token, self.rehearsal) else { return Ok(None) };
        let earlier = draft.token(&self.token_key(token))?.filter(|earlier| now < earlier.expires_at);
        let Some(earlier) = earlier else { return Ok(None) };
        if earlier.fingerprint != token.fingerprint {
            return Err(LaunchRefusal::TokenReused.halt());
        }
        let TokenOutcome::Batch(batch) = earlier.outcome else { return Ok(None) };
        let hourly = draft.spec(batch)?.map_or(Rate(0), |spec| spec.hourly);
        let batch = draft.batch(batch)?;
        if let Some(limit) = batch.as_ref().and_then(|batch| batch.refused) {
            return Err(self.refused_before(limit).halt());
        }
        let answer =
            |batch: Batch| Launched::Batch { id: batch.id, instances: batch.instances().collect(), hourly };
        Ok(batch.map(answer))
    }

    fn is_rehearsal(&self) -> bool {
        self.rehearsal == Rehearsal::Yes
    }

    fn token_key(&self, token: &ClientToken) -> TokenKey {
        self.key(self.after_creation.into(), &token.text)
    }

    fn key(&self, action: TokenAction, text: &TokenText) -> TokenKey {
        TokenKey { account: self.account, action, region: self.region.clone(), text: text.clone() }
    }
}
