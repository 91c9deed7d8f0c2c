//! The shortest history that still breaks the same promise.

use super::run::{Cast, History, Outcome, Step, replay};
use super::setup::Setup;
use super::trace::Lines;
use super::violation::Violation;

/// A history up to this length is looked at after every step.
const LOOKED_AT_MAX: usize = 10_000;

/// How much may be spent on a search.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Budget {
    /// How many steps may be played in all.
    pub steps: u64,
}

impl Default for Budget {
    /// Enough for a minute or so.
    fn default() -> Self {
        Self { steps: 2_000_000 }
    }
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The shortest history it found. Leaving any one step out would mend it, unless the budget ran out.
    pub history: History,
    /// What it comes to.
    pub violation: Violation,
    /// The lines of its trace.
    pub lines: Vec<String>,
    /// How many histories were played.
    pub replays: u64,
    /// Whether the budget ran out before nothing more could be left out.
    pub cut_short: bool,
}

/// Looks for the shortest history that breaks the promise that `history` breaks: first among its ends, since a
/// history that breaks something late seldom needs what came early; then by leaving out ever smaller parts
/// (delta debugging, Zeller and Hildebrandt 2002). `watch` is told how many steps are left.
///
/// `None` when `history` breaks no promise, which is so only if the cast draws chance elsewhere than from its
/// turns.
pub fn shrink(
    setup: &Setup,
    cast: Cast<'_>,
    history: &[Step],
    (budget, watch): (Budget, &mut dyn FnMut(usize)),
) -> Option<Shrunk> {
    let found = replay(setup, cast, history, Lines::Digested);
    // What only a look at all records finds is looked for after every step, so that it is found where it breaks
    // and not when the next look is due; for anything else nobody need look.
    let looked_for = found.violation.as_ref()?.is_seen_in_records();
    let audit_steps = match looked_for {
        true if history.len() <= LOOKED_AT_MAX => 1,
        true => setup.audit_steps,
        false => u64::MAX,
    };
    let setup = Setup { audit_steps, ..setup.clone() };
    let name = found.violation.as_ref()?.name();
    let mut search = Search { setup, cast, name, left: budget.steps, replays: 1, best: found.history, watch };
    search.take_an_end();
    search.leave_out_parts();
    let Search { setup, best, left, replays, .. } = search;
    let told = replay(&setup, cast, &best, Lines::Kept);
    let Outcome { violation, lines, .. } = told;
    Some(Shrunk { history: best, violation: violation?, lines, replays, cut_short: left == 0 })
}

struct Search<'s, 'w> {
    setup: Setup,
    cast: Cast<'s>,
    name: &'static str,
    /// How many steps may still be played.
    left: u64,
    replays: u64,
    best: History,
    watch: &'w mut dyn FnMut(usize),
}

impl Search<'_, '_> {
    /// Takes `steps` for the best if they still break the promise.
    fn takes(&mut self, steps: &[Step]) -> bool {
        let cost = steps.len() as u64;
        if self.left < cost {
            self.left = 0;
            return false;
        }
        self.left -= cost;
        self.replays += 1;
        let outcome = replay(&self.setup, self.cast, steps, Lines::Digested);
        let breaks = outcome.violation.is_some_and(|violation| violation.name() == self.name);
        if breaks && outcome.history.len() < self.best.len() {
            self.best = outcome.history;
            (self.watch)(self.best.len());
        }
        breaks
    }

    fn take_an_end(&mut self) {
        let whole = self.best.clone();
        let mut length = 8;
        while length < whole.len() && self.left > 0 {
            if self.takes(&whole[whole.len() - length..]) {
                return;
            }
            length *= 2;
        }
    }

    fn leave_out_parts(&mut self) {
        let mut parts = 2;
        while self.best.len() > 1 && self.left > 0 {
            let size = self.best.len().div_ceil(parts);
            let shorter = (0..parts).any(|part| {
                let (from, to) = (part * size, ((part + 1) * size).min(self.best.len()));
                if from >= to {
                    return false;
                }
                let without: History = [&self.best[..from], &self.best[to..]].concat();
                !without.is_empty() && self.takes(&without)
            });
            if shorter {
                parts = (parts - 1).max(2);
            } else if size <= 1 {
                return;
            } else {
                parts = (parts * 2).min(self.best.len());
            }
        }
    }
}
