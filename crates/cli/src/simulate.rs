//! `hatchery simulate`: a whole fleet on a virtual clock and a disk that fails, from one seed.

use std::process::ExitCode;
use std::time::Instant;

use hatchery::Span;
use indicatif::{ProgressBar, ProgressStyle};
use testkit::simulation::{self, Budget, Odds, Outcome, Progress, Setup, Tally, usual_cast};

use crate::{Outcome as Ended, say};

/// What `hatchery simulate` can be told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Where all chance comes from: equal runs have equal digests, on any machine.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds to run, from --seed on.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// For how many days each goes on until faults stop.
    #[arg(long, default_value_t = 30)]
    days: u64,
    /// How many instances are kept alive, roughly.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=50_000))]
    instances: u32,
    /// How many clients launch and release.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=64))]
    clients: u32,
    /// How many crews make what they ask for.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=64))]
    crews: u32,
    /// How many days an instance lives, on average; 0 is twelve hours.
    #[arg(long, default_value_t = 0)]
    lifetime: u64,
    /// Check all invariants every so many steps. By default every step of a world of up to 64 instances, and four
    /// steps apart for every instance of a larger one.
    #[arg(long)]
    audit_steps: Option<u64>,
    /// How much goes wrong: each of the following changes one number of it.
    #[arg(long, value_enum, default_value_t = Faults::Harsh)]
    faults: Faults,
    #[command(flatten)]
    odds: OddsArguments,
    /// How many steps may be played again to find a shorter history of what went wrong.
    #[arg(long, default_value_t = Budget::default().steps)]
    shrink_steps: u64,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Faults {
    /// Nothing goes wrong.
    None,
    /// Everything goes wrong now and then.
    Usual,
    /// Everything goes wrong often.
    Harsh,
}

/// Times in a million, unless it says days.
#[derive(clap::Args)]
struct OddsArguments {
    /// Requests that are lost, in a million.
    #[arg(long)]
    lost_requests: Option<u32>,
    /// Replies that are lost, in a million.
    #[arg(long)]
    lost_replies: Option<u32>,
    /// Requests that arrive twice, in a million.
    #[arg(long)]
    repeated_requests: Option<u32>,
    /// Commands during which the disk fails, tears, stalls or loses power, in a million.
    #[arg(long)]
    disk_faults: Option<u32>,
    /// Commands during which a sync says that it is done and is not, in a million. No store survives this.
    #[arg(long)]
    lying_syncs: Option<u32>,
    /// Days from one crash to the next, on average; 0 is never.
    #[arg(long)]
    crash_days: Option<u64>,
    /// Days from one jump of the clock to the next, on average; 0 is never.
    #[arg(long)]
    jump_days: Option<u64>,
    /// Work that fails, in a million.
    #[arg(long)]
    failed_work: Option<u32>,
    /// Work of which nobody knows what became of it, in a million.
    #[arg(long)]
    unclear_work: Option<u32>,
    /// Work that takes longer than its lease, in a million.
    #[arg(long)]
    slow_work: Option<u32>,
    /// Work at which its crew vanishes, in a million.
    #[arg(long)]
    vanishing_crews: Option<u32>,
    /// Work that is said to be done and is not, in a million.
    #[arg(long)]
    lying_work: Option<u32>,
    /// Times that it is not paid for what was used, in a million.
    #[arg(long)]
    late_payments: Option<u32>,
    /// Days for which it is not paid then, at most.
    #[arg(long)]
    late_days: Option<u64>,
}

impl Arguments {
    fn setup(&self, seed: u64) -> Setup {
        let base = match self.faults {
            Faults::None => Odds::NONE,
            Faults::Usual => Odds::USUAL,
            Faults::Harsh => Odds::HARSH,
        };
        Setup {
            seed,
            days: self.days,
            instances: self.instances,
            clients: self.clients,
            crews: self.crews,
            lifetime: match self.lifetime {
                0 => Span::from_hours(12),
                days => Span::from_days(days),
            },
            audit_steps: self.audit_steps.unwrap_or(Setup::audit_steps_for(self.instances)),
            odds: self.odds.over(base),
        }
    }
}

impl OddsArguments {
    fn over(&self, base: Odds) -> Odds {
        Odds {
            lost_requests: self.lost_requests.unwrap_or(base.lost_requests),
            lost_replies: self.lost_replies.unwrap_or(base.lost_replies),
            repeated_requests: self.repeated_requests.unwrap_or(base.repeated_requests),
            disk_faults: self.disk_faults.unwrap_or(base.disk_faults),
            lying_syncs: self.lying_syncs.unwrap_or(base.lying_syncs),
            crash_days: self.crash_days.unwrap_or(base.crash_days),
            jump_days: self.jump_days.unwrap_or(base.jump_days),
            failed_work: self.failed_work.unwrap_or(base.failed_work),
            unclear_work: self.unclear_work.unwrap_or(base.unclear_work),
            slow_work: self.slow_work.unwrap_or(base.slow_work),
            vanishing_crews: self.vanishing_crews.unwrap_or(base.vanishing_crews),
            lying_work: self.lying_work.unwrap_or(base.lying_work),
            late_payments: self.late_payments.unwrap_or(base.late_payments),
            late_days: self.late_days.unwrap_or(base.late_days),
        }
    }
}

/// Simulates. Success when no promise was broken, failure (1) at the first seed that breaks one.
pub(crate) fn run(arguments: &Arguments) -> Ended<ExitCode> {
    let (began, mut days) = (Instant::now(), 0_u64);
    for seed in arguments.seed..arguments.seed.saturating_add(arguments.seeds) {
        let setup = arguments.setup(seed);
        let outcome = simulate(&setup);
        days = days.saturating_add(setup.days);
        tell(&setup, &outcome);
        if let Some(violation) = &outcome.violation {
            say(format_args!("broken: {violation}"));
            explain(&setup, &outcome, Budget { steps: arguments.shrink_steps });
            return Ok(ExitCode::FAILURE);
        }
    }
    // For people, and on the other stream: what is printed does not depend on the machine.
    let seconds = began.elapsed().as_secs_f64();
    // There is no number of days that would lose a digit here.
    let pace = |seconds: f64| days as f64 * 60.0 / seconds.max(0.001);
    let of_processor = processor_seconds().map_or(String::new(), |worked| {
        format!("; {:.0} a minute of processor time, of which it had {worked:.1} seconds", pace(worked))
    });
    eprintln!("{days} simulated days in {seconds:.1} seconds, {:.0} a minute{of_processor}", pace(seconds));
    Ok(ExitCode::SUCCESS)
}

/// How long a processor has worked on this thread, which plays everything: on a machine with other things to do that
/// says more than the clock. `None` where the kernel does not tell.
fn processor_seconds() -> Option<f64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: u64 = told.split_whitespace().next()?.parse().ok()?;
    Some(std::time::Duration::from_nanos(nanoseconds).as_secs_f64())
}

fn simulate(setup: &Setup) -> Outcome {
    let bar =
        ProgressBar::new(setup.days).with_style(style("{bar:40} day {pos} of {len}, {msg} (eta {eta})"));
    let watch = &mut |Progress { day, tally }: Progress| {
        bar.set_position(day);
        bar.set_message(format!("{} commits, opened {} times", tally.commits, tally.openings));
    };
    let outcome = simulation::run(setup, &usual_cast, watch);
    bar.finish_and_clear();
    outcome
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn tell(setup: &Setup, outcome: &Outcome) {
    let Tally { steps, commands, commits, failed, lost, openings, .. } = outcome.tally;
    let Tally { power_cuts, disturbed, jumps, audits, alive, .. } = outcome.tally;
    let Setup { seed, days, .. } = setup;
    say(format_args!("seed {seed}: {days} days, {steps} steps, {commands} commands, {commits} commits"));
    say(format_args!(
        "  {} instances alive on average; all invariants checked {audits} times",
        alive.checked_div(audits).unwrap_or(0)
    ));
    say(format_args!(
        "  {lost} messages lost or repeated, {failed} commands failed with the disk, {jumps} jumps of the clock"
    ));
    say(format_args!(
        "  opened again {openings} times, {power_cuts} of them after a power cut; {disturbed} openings disturbed"
    ));
    say(format_args!("  trace {}", outcome.digest));
}

fn explain(setup: &Setup, outcome: &Outcome, budget: Budget) {
    let bar = ProgressBar::new_spinner().with_style(style("{spinner} {msg}"));
    let watch = &mut |left: usize| {
        bar.set_message(format!("looking for a shorter history: {left} steps"));
        bar.tick();
    };
    let shrunk = simulation::shrink(setup, &usual_cast, &outcome.history, (budget, watch));
    bar.finish_and_clear();
    let Some(shrunk) = shrunk else {
        return say("it does not happen when the same steps are played again");
    };
    let (steps, of, replays) = (shrunk.history.len(), outcome.history.len(), shrunk.replays);
    let cut = if shrunk.cut_short { ", the budget ran out" } else { "" };
    say(format_args!("the shortest history found has {steps} of {of} steps ({replays} played{cut}):"));
    shrunk.lines.iter().for_each(|line| say(format_args!("  {line}")));
    say(format_args!("then: {}", shrunk.violation));
}
