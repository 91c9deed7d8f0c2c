//! A client that launches under tokens, asks again when nobody answers, and gives back what it has.

use std::collections::VecDeque;

use fleet::{
    AccountId, AfterCreation, Charge, ClientToken, Fingerprint, Force, Instance, InstanceId, Launch,
    Launched, PeriodUnit, Reboot, Release, ReleaseRefusal, Span, Start, Stop, Subscription, Time, TokenText,
    Wanted,
};

use super::actor::{Actor, Rest};
use super::turn::{Turn, Unanswered};
use crate::small_world::{GROUPS, OWNER, TYPES, group, instance_type, launch, subnet};

/// How long it waits until it asks again.
const PATIENCE: Span = Span::from_secs(60);
/// How long it waits where it is told that something cannot be done now.
const PAUSE: Span = Span::from_secs(600);
/// The most instances of one launch, while much is missing and otherwise.
const LAUNCH_MAX: (u64, u64) = (100, 8);
/// What of its launches is paid in advance, and what stays off, in a million.
const PREPAID: u32 = 30_000;
const STAYS: u32 = 100_000;
/// How often it asks once more for what it was answered already, in a million.
const ECHOES: u32 = 100_000;
/// How often it switches an instance on or off instead of doing anything else, in a million.
const SWITCHES: u32 = 300_000;

/// A client that wants to have so many instances and changes them from time to time. It follows the rules: a
/// request that nobody answered it sends again, word for word, under its token.
#[derive(Debug)]
pub struct Client {
    name: String,
    account: AccountId,
    share: u64,
    lifetime: Span,
    tokens: u64,
    asking: Option<Launch>,
    echo: Option<Launch>,
    /// What it has, and when it will give it back.
    has: VecDeque<(Time, InstanceId)>,
}

impl Client {
    /// A client that wants `share` instances, for `lifetime` each on average.
    #[must_use]
    pub fn new(name: &str, share: u32, lifetime: Span) -> Self {
        Self {
            name: name.to_owned(),
            account: OWNER,
            share: share.into(),
            lifetime,
            tokens: 0,
            asking: None,
            echo: None,
            has: VecDeque::new(),
        }
    }

    fn missing(&self) -> u64 {
        self.share.saturating_sub(self.has.len() as u64)
    }

    fn wish(&mut self, turn: &mut Turn<'_>) -> Launch {
        let (first, later) = LAUNCH_MAX;
        let missing = self.missing();
        let most = if missing > self.share / 4 && missing > later { first } else { later };
        self.tokens += 1;
        let text = format!("{}-{}", self.name, self.tokens);
        let chance = turn.chance();
        let wanted = (chance.below(most) + 1).min(missing.max(1)) as u8;
        let least = chance.below(u64::from(wanted)) as u8 + 1;
        let mut fingerprint = [0; 32];
        fingerprint[..8].copy_from_slice(&chance.draw().to_be_bytes());
        let charge = match chance.hits(PREPAID) {
            true => Charge::PrePaid { count: 1, unit: PeriodUnit::Month },
            false => Charge::PostPaid,
        };
        let text = TokenText::parse(&text).expect("a short name makes a token");
        Launch {
            account: self.account,
            token: Some(ClientToken { text, fingerprint: Fingerprint(fingerprint) }),
            instance_type: Some(instance_type(chance.below(TYPES as u64) as usize)),
            subnet: Some(subnet(chance.below(4) as usize)),
            groups: vec![group(chance.below(GROUPS as u64) as usize)],
            wanted: Wanted::new(wanted, least).expect("1 to 100"),
            after_creation: if chance.hits(STAYS) { AfterCreation::Stay } else { AfterCreation::Start },
            charge,
            ..launch()
        }
    }

    /// Launches, or asks again for what nobody answered.
    fn ask(&mut self, wish: Launch, turn: &mut Turn<'_>) -> Rest {
        match turn.launch(&wish) {
            Ok(Launched::Batch { instances, .. }) => {
                turn.tell(format_args!("has {} more", instances.len()));
                for id in instances {
                    self.keep(id, turn);
                }
                self.echo = turn.chance().hits(ECHOES).then_some(wish);
                soon(turn)
            }
            Ok(Launched::Would(_) | Launched::Refused(_)) | Err(Unanswered::Refused(_)) => {
                Rest::long(turn.chance().span(PATIENCE, PAUSE))
            }
            Err(Unanswered::Silence) => {
                self.asking = Some(wish);
                Rest::long(turn.chance().span(Span::from_secs(1), PATIENCE))
            }
        }
    }

    fn keep(&mut self, id: InstanceId, turn: &mut Turn<'_>) {
        if self.has.iter().any(|(_, known)| *known == id) {
            return;
        }
        let twice = Span::from_millis(self.lifetime.millis() * 2);
        let until = turn.now().after(turn.chance().span(Span::ZERO, twice));
        self.keep_until(until, id);
    }

    fn keep_until(&mut self, until: Time, id: InstanceId) {
        let place = self.has.partition_point(|(at, _)| *at <= until);
        self.has.insert(place, (until, id));
    }

    fn give_back(&mut self, id: InstanceId, turn: &mut Turn<'_>) -> Rest {
        let release = Release {
            account: self.account,
            instance: id,
            force: Force::Yes,
            subscription: Subscription::End,
        };
        let now = turn.now();
        match turn.release(&release) {
            // It is on its way out, or was before.
            Ok(()) | Err(Unanswered::Refused(ReleaseRefusal::Unknown(_))) => {}
            Err(Unanswered::Refused(ReleaseRefusal::PaidFor(until))) => {
                self.keep_until(until.max(now.after(PAUSE)), id);
            }
            Err(Unanswered::Refused(
                ReleaseRefusal::Protected | ReleaseRefusal::Promised | ReleaseRefusal::WrongStatus(_),
            )) => self.keep_until(now.after(PAUSE), id),
            Err(Unanswered::Silence) => self.keep_until(now.after(PATIENCE), id),
        }
        soon(turn)
    }

    /// Starts, stops or reboots one of its instances; what is refused is no matter.
    fn switch(&self, turn: &mut Turn<'_>) -> Rest {
        let number = turn.chance().below(self.has.len() as u64) as usize;
        if let Some((_, instance)) = self.has.get(number).copied() {
            let account = self.account;
            let _whatever: Option<Instance> = match turn.chance().below(3) {
                0 => turn.send(&Start { account, instance }).ok(),
                1 => turn.send(&Stop::new(account, instance)).ok(),
                _ => turn.send(&Reboot { account, instance }).ok(),
            };
        }
        soon(turn)
    }
}

impl Actor for Client {
    fn name(&self) -> &str {
        &self.name
    }

    fn act(&mut self, turn: &mut Turn<'_>) -> Rest {
        if let Some(wish) = self.asking.take() {
            return self.ask(wish, turn);
        }
        if turn.is_ending() {
            return Rest::long(PAUSE);
        }
        if let Some(wish) = self.echo.take() {
            return self.ask(wish, turn);
        }
        let now = turn.now();
        if let Some((at, id)) = self.has.front().copied()
            && at <= now
        {
            self.has.pop_front();
            return self.give_back(id, turn);
        }
        if self.missing() > 0 {
            let wish = self.wish(turn);
            return self.ask(wish, turn);
        }
        if turn.chance().hits(SWITCHES) {
            return self.switch(turn);
        }
        let next = self.has.front().map_or(PAUSE, |(at, _)| at.since(now));
        Rest::long(next.clamp(PATIENCE, Span::from_hours(1)))
    }

    fn waits_for(&self) -> Option<String> {
        let token = self.asking.as_ref()?.token.as_ref()?;
        Some(format!("the outcome of {}", token.text.as_str()))
    }
}

fn soon(turn: &mut Turn<'_>) -> Rest {
    Rest::long(turn.chance().span(Span::from_millis(100), Span::from_secs(30)))
}
