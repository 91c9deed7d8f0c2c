//! What it costs that there is much in the store already: launches beside many instances, addresses of a
//! subnet that is nearly full.

use std::net::Ipv4Addr;
use std::time::Instant;

use hatchery::{
    Addresses, Claim, FailureReason, Force, Label, Launch, Rehearsal, Release, Report, Span, Subscription,
    Time, WorkItem, WorkOutcome,
};

use crate::Plan;
use crate::fill::{self, Filled};
use crate::measure::{Failure, Spread, Turn, short};
use crate::ours::{self, Fleet, ME};
use crate::report::{Goal, Section, Table};

/// How many instances the small store has.
const FEW: u64 = 10_000;
const CALLERS: [usize; 2] = [1, 64];

pub(crate) fn run(plan: &Plan, large: [&Filled; 2]) -> Result<Section, Failure> {
    let mut section = Section {
        title: "Growth",
        about: format!(
            "*Launches*: three stores on disk, all defaults, full durability; one begins every turn with {} instances, the others \
             have {} and grow with the turns. One of them was filled one by one, each launch with a token, the others by launches \
             of 100. Each was opened again, and is brought to rest \
             before every turn (upkeep that is due done, checkpoint made), so that none does what an earlier turn left.\n\n\
             *Addresses*: three subnets of one store in memory, each a /16: one is 1 % full, one 99.9 %, one has a \
             single address left. A sample is one rehearsal of a launch: the whole decision, with the address found, and \
             nothing kept, so that all samples see the same addresses; the three take turns. With cool-down on, \
             {COOLING} addresses of each of the full subnets were given back and wait.",
            short(FEW as f64),
            short(large[0].instances as f64),
        ),
        ..Section::default()
    };
    launches(plan, large, &mut section)?;
    for cool_down in [Span::ZERO, Span::from_hours(24)] {
        addresses(cool_down, &mut section)?;
    }
    Ok(section)
}

fn launches(plan: &Plan, large: [&Filled; 2], section: &mut Section) -> Result<(), Failure> {
    let mut table = Table::new(
        "Launches of one instance per second",
        &["callers", "beside 10,000", "many, by the hundred", "of few", "many, one by one", "of few"],
    );
    let [hundreds, singles] =
        [&large[0].store, &large[1].store].map(|store| Fleet::open(store, ours::options()));
    let [hundreds, singles] = [hundreds?, singles?];
    for callers in CALLERS {
        let mut series = [const { Vec::new() }; 3];
        for round in 0..=plan.rounds {
            let small = Filled::new(&plan.dir, FEW, fill::AMOUNT)?;
            let few = Fleet::open(&small.store, ours::options())?;
            let fleets = [&few, &hundreds, &singles];
            for turn in 0..fleets.len() {
                let which = (round + turn) % fleets.len();
                // Or else it would also do what its earlier turns left, and the small store has none of those.
                fill::rest(fleets[which])?;
                rustix::fs::sync();
                let (acks, took) = fleets[which].drive((callers, 1), plan.turn())?;
                if round > 0 {
                    series[which].push(Turn::new(&acks, took)?.per_second());
                }
            }
        }
        let of_few = |lots: &[f64]| Spread::of(lots.iter().zip(&series[0]).map(|(lots, few)| lots / few));
        let ratios = [of_few(&series[1]), of_few(&series[2])];
        let [few, hundreds, singles] = series.map(|series| Spread::of(series).to_string());
        let [of_hundreds, of_singles] = ratios.map(|ratio| ratio.to_string());
        table.row([callers.to_string(), few, hundreds, of_hundreds, singles, of_singles]);
        for (filled, ratio) in large.into_iter().zip(ratios) {
            let many = short(filled.instances as f64);
            section.goals.push(Goal::new(
                format!(
                    "{callers} × 1: launches per second beside {many} launched {} / beside 10,000",
                    filled.how()
                ),
                "≥ 0.85",
                ratio.to_string(),
                ratio.median >= 0.85,
            ));
        }
    }
    [hundreds, singles].iter().try_for_each(fill::rest)?;
    section.tables.push(table);
    Ok(())
}

/// The addresses of a /16 that can be given out.
const ADDRESSES: usize = 65_536 - 4;
/// How many of them are held in a subnet that is 1 % or 99.9 % full.
const ONE_PERCENT: usize = ADDRESSES / 100;
const NEARLY_ALL: usize = ADDRESSES * 999 / 1000;
/// How many addresses cool down in the subnets that are full, where they do.
const COOLING: usize = 2_000;
/// How many samples a figure has.
const SAMPLES: usize = 2_000;

/// The subnets: how many addresses of each are not free.
const SUBNETS: [(&str, usize); 3] =
    [("1 % full", ONE_PERCENT), ("99.9 % full", NEARLY_ALL), ("one left", ADDRESSES - 1)];

fn addresses(cool_down: Span, section: &mut Section) -> Result<(), Failure> {
    let mut options = ours::options();
    options.policy.address_cool_down = cool_down;
    let fleet = Fleet::in_memory(options)?;
    let cooling = if cool_down == Span::ZERO { 0 } else { COOLING };
    let cooling_of = |held: usize| if held > cooling { cooling } else { 0 };
    for (subnet, (_, held)) in SUBNETS.iter().enumerate() {
        launch_addresses(&fleet, subnet, cooling_of(*held))?;
    }
    give_back(&fleet)?;
    for (subnet, (_, held)) in SUBNETS.iter().enumerate() {
        launch_addresses(&fleet, subnet, held - cooling_of(*held))?;
    }
    let mut samples: Vec<(String, Vec<f64>)> = Vec::new();
    for _ in 0..SAMPLES {
        for (subnet, (name, _)) in SUBNETS.iter().enumerate() {
            // The highest address that is given out is the last one to be taken.
            let given = Addresses::Given(Ipv4Addr::new(10, subnet as u8, 255, 252));
            for (how, addresses) in [("next", Addresses::Any), ("given", given)] {
                let name = format!("{how}, {name}");
                let launch = Launch { addresses, ..rehearsal(&fleet, subnet)? };
                let began = Instant::now();
                fleet.hatchery.commit(launch, ours::now())?;
                let took = began.elapsed().as_secs_f64() * 1e6;
                match samples.iter_mut().find(|(other, _)| *other == name) {
                    Some((_, series)) => series.push(took),
                    None => samples.push((name, vec![took])),
                }
            }
        }
    }
    let on = if cool_down == Span::ZERO { "off" } else { "on" };
    let caption = format!("An address of a /16, µs a decision, cool-down {on}: median (middle 90 %)");
    let mut table = Table::new(caption, &["", "µs", "of the same at 1 %"]);
    let spreads: Vec<_> = samples.into_iter().map(|(name, series)| (name, Spread::middle(series))).collect();
    let mut worst: f64 = 0.0;
    for (name, spread) in &spreads {
        let how = name.split(',').next().unwrap_or_default();
        let same =
            spreads.iter().find(|(other, _)| other.starts_with(how)).map_or(f64::NAN, |(_, at)| at.median);
        worst = worst.max(spread.median / same);
        table.row([name.clone(), spread.to_string(), short(spread.median / same)]);
    }
    section.tables.push(table);
    section.goals.push(Goal::new(
        format!("the worst address / the same at 1 %, cool-down {on}"),
        "≤ 1.2",
        short(worst),
        worst <= 1.2,
    ));
    Ok(())
}

/// A launch of one that is decided and not kept.
fn rehearsal(fleet: &Fleet, subnet: usize) -> Result<Launch, Failure> {
    Ok(Launch { token: None, rehearsal: Rehearsal::Yes, ..fleet.request(0, subnet, 1)? })
}

/// Takes so many addresses of a subnet.
fn launch_addresses(fleet: &Fleet, subnet: usize, count: usize) -> Result<(), Failure> {
    let mut left = count;
    while left > 0 {
        let amount = left.min(100);
        let launch = Launch { token: None, ..fleet.request(0, subnet, amount as u8)? };
        fleet.hatchery.commit(launch, ours::now())?;
        left -= amount;
    }
    Ok(())
}

/// Fails the creation of all that wait to be made, and releases them: their addresses cool down.
fn give_back(fleet: &Fleet) -> Result<(), Failure> {
    let worker: Label = "maker".parse()?;
    let now = ours::now();
    loop {
        let claim = Claim { worker: worker.clone(), lease: Span::from_hours(1), limit: 100 };
        let items = fleet.hatchery.commit(claim, now)?;
        if items.is_empty() {
            return Ok(());
        }
        give_back_items(fleet, items, now)?;
    }
}

fn give_back_items(fleet: &Fleet, items: Vec<WorkItem>, now: Time) -> Result<(), Failure> {
    for item in items {
        let outcome = WorkOutcome::Failed(FailureReason::Machine);
        fleet.hatchery.commit(Report { id: item.id, attempt: item.attempt, outcome }, now)?;
        let release = Release {
            account: ME,
            instance: item.id.instance,
            force: Force::No,
            subscription: Subscription::Keep,
        };
        fleet.hatchery.commit(release, now)?;
    }
    Ok(())
}
