//! Launches per second beside the floor and the peers, and how long callers wait.

use std::collections::BTreeMap;

use crate::Plan;
use crate::chart::{Chart, Kind};
use crate::contenders::{FLOOR, Field, LOCAL, MEMORY, Series};
use crate::measure::{Failure, Spread, Turn, short};
use crate::report::{Goal, Section, Table, Verdict};
use crate::schema::Schema;

pub(crate) fn run(plan: &Plan) -> Result<Section, Failure> {
    let field = Field::of(plan);
    let mut section = Section { title: "Launches", ..Section::default() };
    let mut schemas = BTreeMap::new();
    for &amount in &plan.amounts {
        let schema = Schema::take(&plan.dir, amount)?;
        for &callers in &plan.callers {
            let series = field.rounds(plan, (&schema, callers), |_| true)?;
            let cell = Cell { field: &field, series, callers, amount };
            section.tables.push(cell.table());
            section.charts.push(cell.chart());
            section.goals.extend(cell.goals());
        }
        schemas.insert(amount, schema);
    }
    section.about = about(&field, &schemas);
    Ok(section)
}

/// One number of callers and one amount.
struct Cell<'f> {
    field: &'f Field,
    series: Vec<Series>,
    callers: usize,
    amount: u8,
}

impl Cell<'_> {
    fn name(&self) -> String {
        let callers =
            if self.callers == 1 { "1 caller".to_owned() } else { format!("{} callers", self.callers) };
        format!("{callers} × {}", self.amount)
    }

    fn find(&self, name: &str) -> Option<&Series> {
        self.field.find(&self.series, name)
    }

    fn instances(&self, turn: &Turn) -> f64 {
        turn.per_second() * f64::from(self.amount)
    }

    fn table(&self) -> Table {
        let head = [
            "",
            "instances/s",
            "of floor",
            "launches a sync",
            "sync to sync, µs",
            "median wait, µs",
            "p99 wait, µs",
        ];
        let mut table = Table::new(format!("{} a launch", self.name()), &head);
        let floor = self.find(FLOOR);
        for series in &self.series {
            let dash = || "–".to_owned();
            table.row([
                self.field.contenders[series.index].name.to_owned(),
                series.spread(|turn| self.instances(turn)).to_string(),
                floor.map_or_else(dash, |floor| series.over(floor, Turn::per_second).short()),
                series.group_size().map_or_else(dash, |size| size.short()),
                series.cycle_micros().map_or_else(dash, |cycle| cycle.short()),
                series.spread(Turn::median_micros).to_string(),
                series.spread(Turn::p99_micros).to_string(),
            ]);
        }
        table
    }

    fn chart(&self) -> Chart {
        let bar = |series: &Series| {
            let spread = series.spread(|turn| self.instances(turn));
            (self.field.contenders[series.index].name.to_owned(), spread)
        };
        // Beside the bounds one would not see how the stores differ.
        let store = |series: &&Series| {
            let contender = &self.field.contenders[series.index];
            contender.is_peer() || contender.name == LOCAL
        };
        let floor =
            self.find(FLOOR).map_or(f64::NAN, |floor| floor.spread(|turn| self.instances(turn)).median);
        Chart {
            file: format!("launches-{}-callers-{}", self.callers, self.amount),
            title: format!("Instances per second, {} a launch (floor: {})", self.name(), short(floor)),
            kind: Kind::Bars(self.series.iter().filter(store).map(bar).collect()),
        }
    }

    fn goals(&self) -> Vec<Goal> {
        let goals = match (self.callers, self.amount) {
            (1, 1) => vec![self.wait_of_floor(1.2)],
            (1, 100) => vec![self.wait_of_floor(2.0), self.one_sync()],
            (64, 1) => vec![self.share(FLOOR, 0.4), self.of_best_peer(2.0, true), self.p99()],
            (64, 100) => {
                vec![
                    self.instances_where_allowed(),
                    self.of_best_peer(1.0, false),
                    self.share(MEMORY, 0.6),
                    self.p99(),
                ]
            }
            _ => Vec::new(),
        };
        goals.into_iter().flatten().collect()
    }

    fn wait_of_floor(&self, most: f64) -> Option<Goal> {
        let ratio = self.find(LOCAL)?.over(self.find(FLOOR)?, Turn::median_micros);
        let what = format!("{}: median wait, local / floor", self.name());
        Some(Goal::new(what, format!("≤ {most}"), ratio.to_string(), ratio.median <= most))
    }

    fn one_sync(&self) -> Option<Goal> {
        let size = self.find(LOCAL)?.group_size()?;
        let what = format!("{}: launches of {} a sync, and syncs a launch", self.name(), self.amount);
        Some(Goal::new(what, "1", size.to_string(), size.lowest >= 1.0))
    }

    fn share(&self, of: &str, least: f64) -> Option<Goal> {
        let ratio = self.find(LOCAL)?.over(self.find(of)?, Turn::per_second);
        let what = format!("{}: launches per second, local / {of}", self.name());
        Some(Goal::new(what, format!("≥ {least}"), ratio.to_string(), ratio.median >= least))
    }

    fn of_best_peer(&self, least: f64, embedded: bool) -> Option<Goal> {
        let contender = |series: &Series| &self.field.contenders[series.index];
        let may = |series: &&Series| match embedded {
            true => contender(series).is_embedded_peer(),
            false => contender(series).is_peer(),
        };
        let median = |series: &Series| series.spread(Turn::per_second).median;
        let best = self.series.iter().filter(may).max_by(|a, b| median(a).total_cmp(&median(b)))?;
        let ratio = self.find(LOCAL)?.over(best, Turn::per_second);
        let peers = if embedded { "best embedded peer" } else { "best peer" };
        let what =
            format!("{}: launches per second, local / {peers} ({})", self.name(), contender(best).name);
        Some(Goal::new(what, format!("≥ {least}"), ratio.to_string(), ratio.median >= least))
    }

    /// The time from sync to sync is what a group takes; a caller waits for the one under way and its own.
    fn p99(&self) -> Option<Goal> {
        let local = self.find(LOCAL)?;
        let ratio = Spread::of(local.turns.iter().filter_map(|turn| {
            let cycle = turn.groups?.cycle.as_secs_f64() * 1e6;
            Some(turn.p99_micros() / cycle)
        }));
        let what = format!("{}: p99 wait / median from sync to sync", self.name());
        Some(Goal::new(what, "≤ 3", ratio.to_string(), ratio.median <= 3.0))
    }

    fn instances_where_allowed(&self) -> Option<Goal> {
        const LEAST: f64 = 100_000.0;
        const ALLOWED: f64 = 200_000.0;
        let local = self.find(LOCAL)?.spread(|turn| self.instances(turn));
        let floor = self.find(FLOOR)?.spread(|turn| self.instances(turn)).median;
        let target = format!("≥ {} where the floor has {}", short(LEAST), short(ALLOWED));
        let figure = format!("{local}, floor {}", short(floor));
        let goal = Goal::new(
            format!("{}: instances per second", self.name()),
            target,
            figure,
            local.median >= LEAST,
        );
        let void = floor < ALLOWED && goal.verdict == Verdict::Missed;
        Some(if void { Goal { verdict: Verdict::Void, ..goal } } else { goal })
    }
}

fn about(field: &Field, schemas: &BTreeMap<u8, Schema>) -> String {
    let mut text = String::from(
        "A launch is one transaction: it looks its token up, reads and changes sequence, account, stock, group, \
         subnet and pages of addresses, and puts token, spec, batch, instances, work items and timers. Peers write \
         the records that Hatchery writes, under the same keys and as long (they are taken from the journal of a store \
         that is made for it), and read what the change depends on. They do not decide, encode, or check \
         anything: that is in their favour. `bench/src/schema.rs` has the whole of it.\n\n\
         All peers sit behind one queue (`bench/src/grouped.rs`): whoever finds nobody at work commits all that wait \
         in one transaction, so that each gets group commit, and is as patient before a small group as our own queue; \
         within a group, records that several launches change are written once. The floor sits behind the same queue. \
         Each peer has its own documented setting for full durability.\n\n\
         The groups of *local* are read from its journal: launches that were written when the same revision was the \
         last durable one shared a sync.\n\n",
    );
    for (amount, schema) in schemas {
        let (records, bytes) = schema.size();
        text += &format!(
            "- a launch of {amount}: {records} records, {bytes} bytes of keys and values, {} bytes in the journal\n",
            schema.frame_bytes
        );
    }
    text += "\n| | |\n|---|---|\n";
    for contender in &field.contenders {
        text += &format!("| {} | {} |\n", contender.name, contender.about);
    }
    for left_out in field.left_out.borrow().iter() {
        text += &format!("| {} | left out: {} |\n", left_out.name, left_out.why);
    }
    text
}
