//! The power may go at any operation of any command, in any state: what is left is the state before or the one after,
//! what was acknowledged is there, and it goes on.

use crate::commands::ROWS;
use crate::judge::{Judge, Run, every_crash};
use crate::losses::Chance;
use crate::play::Told;
use crate::share::{Log, asked};
use crate::states::{self, Start};
use crate::steps::{OF_THE_ENGINE, Step};

/// Every step that can be tried: the commands, and what the engine is asked for.
pub(crate) fn steps() -> Vec<(&'static str, Step)> {
    let commands = ROWS.iter().map(|row| (row.name, Step::Ask(row)));
    commands.chain(OF_THE_ENGINE.map(|name| (name, Step::parse(name)))).collect()
}

/// One step from one start, cut everywhere. Whether the step was done.
fn cut(judge: &mut Judge, start: &Start, (name, step): (&str, Step), sample: usize) -> bool {
    let run = Run::record(&start.image, &start.options, &[step]);
    let mut chance = Chance::new(name.len() as u64);
    if let Err(why) = every_crash(judge, &run, &start.options, (sample, &mut chance)) {
        panic!("{name:?} from {:?}: {why}", start.name);
    }
    matches!(run.told[..], [Told::Done(_)])
}

#[test]
fn the_power_may_go_at_any_operation_of_any_command() {
    let mut log = Log::of("crash points");
    // A small share takes each step from a few starts, all starts, and few of the losses where there are many.
    let (stride, sample) = if log.is_kept() { (1, 64) } else { (139, 4) };
    let mut judge = Judge::default();
    let starts = states::all();
    let (mut earlier, mut done) = (0, 0);
    for (row, start) in starts.iter().enumerate() {
        if let Some(points) = log.finished(&start.name) {
            (earlier, done) = (earlier + points, done + 1);
            continue;
        }
        if log.is_over() {
            break;
        }
        let before = judge.points;
        for (index, step) in steps().into_iter().enumerate() {
            if (index + row).is_multiple_of(stride) {
                cut(&mut judge, start, step, sample);
            }
        }
        log.finish(&start.name, judge.points - before, earlier + judge.points);
        done += 1;
    }
    let points = earlier + judge.points;
    log.close(&format!(
        "{done} of {} starts, {} steps, {points} points, all of them judged",
        starts.len(),
        steps().len()
    ));
    if earlier == 0 && done == starts.len() {
        // A judge to whom it never mattered has not judged.
        assert!(judge.before > 0, "a step that was under way had not happened");
        assert!(judge.after > 0, "and another had");
        assert!(judge.went_on > 0 && judge.states() > 0);
    }
}

#[test]
fn trimming_may_be_cut_anywhere() {
    let mut judge = Judge::default();
    for name in ["many segments", "trimmed", "spares", "let go"] {
        let start = states::named(name);
        assert!(cut(&mut judge, &start, ("upkeep", Step::parse("upkeep")), 24), "{name}");
    }
}

#[test]
fn what_a_long_record_leaves_behind_goes_with_it() {
    let mut judge = Judge::default();
    for (start, step) in [
        ("templates", "delete the template"),
        ("versions", "delete the version"),
        ("versions", "delete the template"),
        ("secrets", "amend"),
    ] {
        assert!(cut(&mut judge, &states::named(start), (step, Step::parse(step)), 6), "{step} from {start}");
    }
}

#[test]
fn every_command_is_done_from_some_start() {
    let starts = states::all();
    assert!(starts.len() >= 40, "{}", starts.len());
    let never: Vec<_> = steps().into_iter().filter(|(_, step)| !is_done_somewhere(starts, *step)).collect();
    let never: Vec<_> = never.into_iter().map(|(name, _)| name).collect();
    assert_eq!(never, ["launch on trial", "launch too many"], "those change nothing");
}

/// Whether it changes something on disk from one of the starts.
fn is_done_somewhere(starts: &[Start], step: Step) -> bool {
    starts.iter().any(|start| {
        let run = Run::record(&start.image, &start.options, &[step]);
        let begun = Run::record(&start.image, &start.options, &[]);
        matches!(run.told[..], [Told::Done(_)]) && run.ops.len() > begun.ops.len()
    })
}

/// The commands of the fleet, as its sources spell them.
fn kinds_of_commands() -> Vec<String> {
    let mut kinds = Vec::new();
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/../fleet/src");
    for file in std::fs::read_dir(sources).unwrap() {
        let path = file.unwrap().path();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for line in text.lines() {
            if let Some((head, rest)) = line.split_once("Command for ")
                && head.starts_with("impl")
            {
                kinds.push(rest.split(['<', ' ']).next().unwrap().to_owned());
            }
        }
    }
    // The macro in `power.rs` spells them otherwise.
    kinds.extend(["Start", "Stop", "Reboot"].map(str::to_owned));
    kinds
}

#[test]
fn every_command_of_the_fleet_has_a_row() {
    let rows = include_str!("commands.rs").split_once("struct Row").unwrap().1;
    let kinds = kinds_of_commands();
    assert!(kinds.len() > 40, "{kinds:?}");
    let spelled = |kind: &String| {
        [" ", "{ ", "::"].iter().any(|before| {
            rows.contains(&format!("{before}{kind} {{")) || rows.contains(&format!("{before}{kind}("))
        })
    };
    let missing: Vec<_> = kinds.iter().filter(|kind| !spelled(kind) && *kind != "Stop").collect();
    assert_eq!(missing, Vec::<&String>::new());
}

/// A run of a few steps from a start, all by chance.
fn some_run(start: &Start, chance: &mut Chance) -> Run {
    let all = steps();
    let count = 1 + chance.below(4);
    let mut taken = Vec::new();
    for _ in 0..count {
        taken.push(all[chance.below(all.len())].1);
        if chance.below(4) == 0 {
            taken.push(Step::Wait([1, 31, 61, 301, 1001][chance.below(5)]));
        }
    }
    Run::record(&start.image, &start.options, &taken)
}

/// Crashes of a run, by chance; now and then the store that is left is worked with, and crashes again.
fn some_crashes(judge: &mut Judge, start: &Start, run: &Run, chance: &mut Chance) -> Result<(), String> {
    for _ in 0..4 {
        let ops = chance.below(run.ops.len() + 1);
        let moment = run.moment(ops);
        for _ in 0..10 {
            let image = moment.some_crash(chance);
            let deep = chance.below(16) == 0;
            let again = (chance.below(40) == 0).then(|| image.clone());
            judge.point(image, &start.options, &run.allowed(ops), deep)?;
            if let Some(image) = again {
                let start = Start { image, ..start.clone() };
                let run = some_run(&start, chance);
                for _ in 0..8 {
                    let ops = chance.below(run.ops.len() + 1);
                    let image = run.moment(ops).some_crash(chance);
                    judge.point(image, &start.options, &run.allowed(ops), false)?;
                }
            }
        }
    }
    Ok(())
}

#[test]
fn the_power_may_go_at_any_moment_of_any_run_and_again() {
    const RUNS: u64 = 16;
    let wanted = asked("HATCHERY_POINTS", 500);
    let mut log = Log::of("random points");
    let starts = states::all();
    let mut total = 0;
    let mut unit = 0;
    while total < wanted && !log.is_over() {
        let name = format!("runs from {}", unit * RUNS);
        let points = log.finished(&name).unwrap_or_else(|| {
            let mut judge = Judge::default();
            for run in 0..RUNS {
                let seed = unit * RUNS + run;
                let mut chance = Chance::new(seed);
                let start = &starts[chance.below(starts.len())];
                let recorded = some_run(start, &mut chance);
                if let Err(why) = some_crashes(&mut judge, start, &recorded, &mut chance) {
                    panic!("run {seed}, from {:?}: {why}", start.name);
                }
            }
            log.finish(&name, judge.points, total + judge.points);
            judge.points
        });
        total += points;
        unit += 1;
    }
    log.close(&format!("{} runs, {total} points", unit * RUNS));
}
