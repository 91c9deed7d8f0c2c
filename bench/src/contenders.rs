//! Who takes part, and how they take turns.

use std::cell::RefCell;
use std::path::Path;
use std::time::Duration;

use crate::measure::{Failure, Spread, Turn};
use crate::schema::Schema;
use crate::{Plan, floor, ours, peers};

/// What a turn is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load<'s> {
    pub(crate) callers: usize,
    pub(crate) took: Duration,
    pub(crate) schema: &'s Schema,
    /// How many launches a group of *local* had, in its last turn.
    pub(crate) group: f64,
}

type TurnOf = Box<dyn Fn(&Path, &Load<'_>) -> Result<Turn, Failure>>;

/// One that takes turns.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// What it is and how it is set up, for the page.
    pub(crate) about: String,
    pub(crate) turn: TurnOf,
}

/// One that does not take part.
#[derive(Clone, Debug)]
pub(crate) struct LeftOut {
    pub(crate) name: &'static str,
    pub(crate) why: String,
}

/// Those that take part, in the order of the tables.
pub(crate) struct Field {
    pub(crate) contenders: Vec<Contender>,
    pub(crate) left_out: RefCell<Vec<LeftOut>>,
}

/// The names of what is not a peer.
pub(crate) const LOCAL: &str = "local";
pub(crate) const FLOOR: &str = "floor";
pub(crate) const MEMORY: &str = "memory";
/// The one peer that is not embedded.
const SERVER: &str = "PostgreSQL";

impl Contender {
    fn of_ours(name: &'static str, about: &str, turn: fn(&Path, &Load<'_>) -> Result<Turn, Failure>) -> Self {
        Self { name, about: about.to_owned(), turn: Box::new(turn) }
    }

    pub(crate) fn is_peer(&self) -> bool {
        ![LOCAL, FLOOR, MEMORY, "disk"].contains(&self.name)
    }

    pub(crate) fn is_embedded_peer(&self) -> bool {
        self.is_peer() && self.name != SERVER
    }
}

impl Field {
    /// All that were built and are wanted.
    pub(crate) fn of(plan: &Plan) -> Self {
        let mut contenders = vec![
            Contender::of_ours(
                LOCAL,
                "Hatchery on its local engine, all defaults: journal, one `fdatasync` per group, index behind",
                ours::local,
            ),
            Contender::of_ours(
                "disk",
                "one thread that appends as many frames at once as the groups of *local* had, and syncs: the \
                 same bytes in the same grouping, with nobody to wake",
                floor::disk,
            ),
            Contender::of_ours(
                FLOOR,
                "as many callers as the others have, each appending the bytes of a launch's journal frame into \
                 space that was written before, through the same queue as the peers, one `fdatasync` per group",
                floor::callers,
            ),
            Contender::of_ours(
                MEMORY,
                "Hatchery on its engine in memory: the same decisions, and nothing durable",
                ours::memory,
            ),
        ];
        let wanted = |name: &str| {
            plan.contenders
                .as_ref()
                .is_none_or(|names| names.iter().any(|one| one.eq_ignore_ascii_case(name)))
        };
        let (peers, mut left_out) = peers::all(&plan.dir, wanted);
        contenders.extend(peers);
        contenders.retain(|contender| wanted(contender.name));
        left_out.retain(|left_out| wanted(left_out.name));
        Self { contenders, left_out: RefCell::new(left_out) }
    }

    /// Lets all of them that `take_part` take turns, round by round, each time another one first. The first
    /// round is not counted.
    pub(crate) fn rounds(
        &self,
        plan: &Plan,
        (schema, callers): (&Schema, usize),
        take_part: impl Fn(&Contender) -> bool,
    ) -> Result<Vec<Series>, Failure> {
        let all = self.contenders.iter().enumerate().filter(|(_, contender)| take_part(contender));
        let mut series: Vec<_> = all.map(|(index, _)| Series { index, turns: Vec::new() }).collect();
        let mut load = Load { callers, took: plan.turn() / 2, schema, group: callers as f64 };
        for round in 0..=plan.rounds {
            series.retain(|series| !self.is_out(self.contenders[series.index].name));
            let count = series.len();
            for place in 0..count {
                let series = &mut series[(place + round) % count];
                let Some(turn) = self.turn(&self.contenders[series.index], plan, &load)? else { continue };
                if self.contenders[series.index].name == LOCAL {
                    load.group = turn.groups.map_or(load.group, |groups| groups.size);
                }
                if round > 0 {
                    series.turns.push(turn);
                }
            }
            load.took = plan.turn();
        }
        series.retain(|series| series.turns.len() == plan.rounds);
        Ok(series)
    }

    /// One turn in a folder of its own, once the disk has taken what others left to write. A peer that fails
    /// takes no further part.
    fn turn(&self, contender: &Contender, plan: &Plan, load: &Load<'_>) -> Result<Option<Turn>, Failure> {
        let folder = tempfile::tempdir_in(&plan.dir)?;
        rustix::fs::sync();
        match (contender.turn)(folder.path(), load) {
            Ok(turn) => Ok(Some(turn)),
            Err(failure) if contender.is_peer() => {
                eprintln!("{} takes no further part: {failure}", contender.name);
                let why = format!("it failed: {failure}");
                self.left_out.borrow_mut().push(LeftOut { name: contender.name, why });
                Ok(None)
            }
            Err(failure) => Err(format!("{}: {failure}", contender.name).into()),
        }
    }

    fn is_out(&self, name: &str) -> bool {
        self.left_out.borrow().iter().any(|left_out| left_out.name == name)
    }

    /// The series of the one with this name.
    pub(crate) fn find<'s>(&self, series: &'s [Series], name: &str) -> Option<&'s Series> {
        series.iter().find(|series| self.contenders[series.index].name == name)
    }
}

/// The turns of one contender.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) index: usize,
    pub(crate) turns: Vec<Turn>,
}

impl Series {
    pub(crate) fn spread(&self, figure: impl Fn(&Turn) -> f64) -> Spread {
        Spread::of(self.turns.iter().map(figure))
    }

    /// Round by round, its figure as a multiple of the other's.
    pub(crate) fn over(&self, other: &Self, figure: impl Fn(&Turn) -> f64) -> Spread {
        Spread::of(self.turns.iter().zip(&other.turns).map(|(mine, theirs)| figure(mine) / figure(theirs)))
    }

    /// How many calls a group had; `None` for one without groups.
    pub(crate) fn group_size(&self) -> Option<Spread> {
        self.groups(|groups| groups.size)
    }

    /// The time from one group's end to the next one's, in microseconds.
    pub(crate) fn cycle_micros(&self) -> Option<Spread> {
        self.groups(|groups| groups.cycle.as_secs_f64() * 1e6)
    }

    fn groups(&self, figure: impl Fn(crate::measure::Groups) -> f64) -> Option<Spread> {
        let figures: Option<Vec<_>> = self.turns.iter().map(|turn| turn.groups.map(&figure)).collect();
        figures.map(Spread::of)
    }
}
