//! Who pays for what instances have used, and when.

use fleet::{
    AccountId, Cycle, IncidentKind, InstanceId, Money, OpenAccount, Record, Span, Standing, Time, View as _,
};

use super::actor::{Actor, Rest};
use super::turn::Turn;
use crate::small_world::{OWNER, Price};

/// For how many days what it pays lasts, if every instance is of the type that costs something.
const PAID_AHEAD: u64 = 1;
/// How long it rests, at least and at most.
const REST: (Span, Span) = (Span::from_hours(6), Span::from_hours(12));

/// Pays ahead for what the instances of an account cost by use, in small amounts, and is late now and then
/// ([`Odds::late_payments`](super::Odds::late_payments)): then the account is in arrears, its instances are cut off,
/// and if it is late for long enough they are gone.
#[derive(Debug)]
pub struct Payer {
    account: AccountId,
    /// What it pays, beside what is owed, when less than half of that is left.
    amount: u64,
    /// Until when it does not pay.
    late_until: Time,
    /// Whether all was in order when it looked for the last time, which is after faults have stopped.
    content: bool,
}

impl Payer {
    /// One that pays for so many instances.
    #[must_use]
    pub const fn new(instances: u32) -> Self {
        Self { account: OWNER, amount: Self::ahead(instances).0, late_until: Time::START, content: false }
    }

    /// What so many instances cost at most until it has paid for the next time.
    pub(super) const fn ahead(instances: u32) -> Money {
        let thousandths_a_day = Price::HOURLY[1].saturating_mul(24).saturating_mul(PAID_AHEAD);
        Money((thousandths_a_day / 1000).saturating_mul(instances as u64))
    }

    /// Pays, if it is time to.
    fn pay(&self, turn: &mut Turn<'_>) {
        let now = turn.now();
        let found = turn.look(|fleet| {
            let account = fleet.account(self.account).ok().flatten()?;
            Some(account.settled(now, fleet.policy().arrears_grace))
        });
        let Some(account) = found.flatten() else { return };
        let owed = account.meter.map_or(0, |meter| meter.owed.0);
        if account.funds(now).0 < self.amount / 2 || owed > 0 {
            let grant = Some(Money(self.amount.saturating_add(owed)));
            let payment = OpenAccount { id: self.account, instance_limit: account.instance_limit, grant };
            // Whoever is not answered finds out the next time that nothing was paid.
            let _whatever = turn.commit(&payment);
        }
    }

    /// Lets go what will be released because nobody pays.
    fn give_up_on_unpaid(&self, turn: &mut Turn<'_>) {
        let cut_off = turn.look(|fleet| {
            let account = fleet.account(self.account).ok().flatten();
            let is_cut =
                account.and_then(|account| account.meter).is_some_and(|m| m.standing == Standing::Cut);
            if is_cut { fleet.records().unwrap_or_default() } else { Vec::new() }
        });
        cut_off.unwrap_or_default().iter().filter_map(unpaid).for_each(|instance| turn.gives_back(instance));
    }

    /// Whether nothing is owed, and no instance has yet to be taken back.
    fn is_content(&self, turn: &Turn<'_>) -> bool {
        let account = turn.look(|fleet| fleet.account(self.account).ok().flatten()).flatten();
        account.and_then(|account| account.meter).is_none_or(|meter| {
            meter.standing == Standing::Sound && meter.sweep.is_none() && meter.owed == Money(0)
        })
    }
}

impl Actor for Payer {
    fn name(&self) -> &str {
        "payer"
    }

    fn act(&mut self, turn: &mut Turn<'_>) -> Rest {
        let now = turn.now();
        if now >= self.late_until || turn.is_ending() {
            self.pay(turn);
        }
        self.give_up_on_unpaid(turn);
        self.content = turn.is_ending() && self.is_content(turn);
        if turn.is_ending() {
            return Rest::until_a_change(Span::from_hours(1));
        }
        let odds = turn.odds();
        if now >= self.late_until && turn.chance().hits(odds.late_payments) {
            let late = turn.chance().span(Span::ZERO, Span::from_days(odds.late_days));
            turn.tell(format_args!("pays nothing for {} ms", late.millis()));
            self.late_until = now.after(late);
        }
        let (least, most) = REST;
        Rest::long(turn.chance().span(least, most))
    }

    fn waits_for(&self) -> Option<String> {
        (!self.content).then(|| "what is owed to be paid, and instances to be given back".to_owned())
    }

    /// Nothing is kept off for want of money when all is paid.
    fn judge(&self, records: &[Record]) -> Result<(), String> {
        let waits = records.iter().find_map(unpaid);
        waits.map_or(Ok(()), |id| Err(format!("all is paid, and {id} is to be released because nobody pays")))
    }
}

/// The instance that will be released because nobody pays, if the record says so.
fn unpaid(record: &Record) -> Option<InstanceId> {
    let Record::Event(event) = record else { return None };
    let will_be = event.kind.what() == IncidentKind::UnpaidRelease && event.cycle == Cycle::Scheduled;
    will_be.then_some(event.instance)
}
