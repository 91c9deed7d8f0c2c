//! Launches per second over the number of callers: more of them must not make the store slower.

use crate::Plan;
use crate::chart::{Chart, Kind};
use crate::contenders::{FLOOR, Field, LOCAL};
use crate::measure::{Failure, Spread, Turn, short};
use crate::report::{Goal, Section, Table};
use crate::schema::Schema;

const CALLERS: [usize; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 256];

pub(crate) fn run(plan: &Plan) -> Result<Section, Failure> {
    let names = vec![LOCAL.to_owned(), FLOOR.to_owned()];
    let field = Field::of(&Plan { contenders: Some(names), ..plan.clone() });
    let schema = Schema::take(&plan.dir, 1)?;
    let mut table = Table::new(
        "Launches of one instance",
        &["callers", "local, launches/s", "of floor", "launches a sync", "median wait, µs", "p99 wait, µs"],
    );
    let (mut local_line, mut floor_line) = (Vec::new(), Vec::new());
    for callers in CALLERS {
        let series = field.rounds(plan, (&schema, callers), |_| true)?;
        let (Some(local), Some(floor)) = (field.find(&series, LOCAL), field.find(&series, FLOOR)) else {
            return Err("local and floor both have to take part".into());
        };
        let launches = local.spread(Turn::per_second);
        table.row([
            callers.to_string(),
            launches.to_string(),
            local.over(floor, Turn::per_second).short(),
            local.group_size().map_or_else(|| "–".to_owned(), |size| size.short()),
            local.spread(Turn::median_micros).to_string(),
            local.spread(Turn::p99_micros).to_string(),
        ]);
        local_line.push((callers, launches));
        floor_line.push((callers, floor.spread(Turn::per_second)));
    }
    let chart = Chart {
        file: "launches-over-callers".into(),
        title: "Launches of one instance per second".into(),
        kind: Kind::Lines(vec![(LOCAL.into(), local_line.clone()), (FLOOR.into(), floor_line)]),
    };
    Ok(Section {
        title: "Callers",
        about: "As in *Launches*, each launch for one instance.".into(),
        goals: vec![never_slower(&local_line)],
        tables: vec![table],
        charts: vec![chart],
    })
}

/// How far a number of callers falls behind the best of the smaller ones, at worst.
fn never_slower(line: &[(usize, Spread)]) -> Goal {
    let mut best: f64 = 0.0;
    let (mut worst, mut at) = (1.0, 1);
    for (callers, spread) in line {
        best = best.max(spread.median);
        if spread.median / best < worst {
            (worst, at) = (spread.median / best, *callers);
        }
    }
    let figure = format!("{} at worst, with {at} callers", short(worst));
    Goal::new("launches per second / the best of fewer callers, 1 to 256", "≥ 0.9", figure, worst >= 0.9)
}
