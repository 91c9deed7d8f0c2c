//! What the books say of what is paid by use: an account's rate is that of its instances, and
//! somebody will settle it.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Audit, Finding, Invariant, Specified};
use crate::subscription::is_lapse;
use crate::{
    Account, AccountId, Event, IncidentKind, InstanceId, Meter, Money, Standing, Status, Time, TimerKind,
    Wallet,
};

impl Audit {
    pub(super) fn check_meters(&mut self, instances: &[Specified<'_>]) {
        let cut = self.cut_off();
        let mut counted: BTreeMap<AccountId, u128> = BTreeMap::new();
        for Specified { instance, spec } in instances {
            let meter = self.accounts.get(&instance.account).and_then(|account| account.meter);
            let Some((meter, spec)) = meter.zip(spec.as_ref()) else { continue };
            if !cut.contains(&instance.id) {
                let hourly = counted.entry(instance.account).or_default();
                *hourly = hourly.saturating_add(meter.hourly_of(instance, spec));
            } else if instance.state.status() == Status::Running {
                let detail = format!("{} is cut off, and runs", instance.id);
                self.find_meter(Invariant::MetersAgreeWithInstances, detail);
            }
        }
        let accounts: Vec<Account> = self.accounts.values().cloned().collect();
        for account in &accounts {
            let counted = counted.remove(&account.id).unwrap_or_default();
            let said = account.meter.map_or(0, |meter| meter.hourly);
            if counted != said {
                let detail =
                    format!("account {}: instances cost {counted} an hour, it says {said}", account.id);
                self.find_meter(Invariant::MetersAgreeWithInstances, detail);
            }
            if let Some(meter) = &account.meter {
                self.check_meter(account, meter);
            }
        }
        self.check_settlements(&accounts);
    }

    /// Those whose release is planned because their account has no money.
    fn cut_off(&self) -> BTreeSet<InstanceId> {
        let release = |event: &&Event| is_lapse(event) && event.kind.what() == IncidentKind::UnpaidRelease;
        let open = self.events.values().filter(release).filter(|event| !event.cycle.is_final());
        open.map(|event| event.instance).collect()
    }

    fn check_meter(&mut self, account: &Account, meter: &Meter) {
        let Account { id, .. } = account;
        if account.wallet == Wallet::Off {
            let detail = format!("account {id} is not charged and has a meter");
            self.find_meter(Invariant::MetersAgreeWithInstances, detail);
        }
        let funds = account.funds(meter.settled_at);
        let stands = match meter.standing {
            Standing::Sound => meter.owed == Money(0) && (meter.hourly == 0 || funds > Money(0)),
            Standing::Grace { since, until } => funds == Money(0) && since <= until,
            // Nothing costs anything once everything was seen to.
            Standing::Cut => funds == Money(0) && (meter.hourly == 0 || meter.sweep.is_some()),
        };
        if !stands || meter.remainder >= Meter::UNIT {
            let detail = format!("account {id} can spend {funds:?}, and stands so: {meter:?}");
            self.find_meter(Invariant::MoneyAddsUp, detail);
        }
    }

    fn check_settlements(&mut self, accounts: &[Account]) {
        let timed = self.timers.iter().filter_map(|(kind, at)| {
            let TimerKind::Settlement(id) = kind else { return None };
            Some((*id, *at))
        });
        let timed: BTreeSet<(AccountId, Time)> = timed.collect();
        let due = accounts.iter().filter_map(|account| Some((account.id, account.next_settlement()?)));
        let due: BTreeSet<(AccountId, Time)> = due.collect();
        for (id, at) in due.symmetric_difference(&timed) {
            let detail = format!("account {id} is to be settled at {at:?}, or a timer says so, and not both");
            self.find_meter(Invariant::EveryMeterHasItsTimer, detail);
        }
    }

    fn find_meter(&mut self, invariant: Invariant, detail: String) {
        self.findings.push(Finding { invariant, detail });
    }
}
