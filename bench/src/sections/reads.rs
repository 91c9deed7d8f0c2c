//! Reading beside many instances: by id, and a page of a filtered listing; while nothing happens, and while
//! callers launch.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hatchery::{InstanceFilter, InstanceId, Paging, Serial, Shown, View as _};

use crate::Plan;
use crate::fill::Filled;
use crate::measure::{Failure, Spread, short};
use crate::ours::{self, Fleet, ME};
use crate::report::{Goal, Section, Table};

/// How many callers launch beside the reader.
const CALLERS: usize = 64;
const PAGE: usize = 100;
/// How many pages make a figure at most: pages that take long are fewer.
const PAGES: usize = 500;

pub(crate) fn run(plan: &Plan, many: &Filled) -> Result<Section, Failure> {
    let fleet = Fleet::open(&many.store, ours::options())?;
    let mut table = Table::new(
        format!("Beside {} instances, one reader", short(many.instances as f64)),
        &["", "idle", "while 64 callers launch"],
    );
    let ids = Ids::of(&fleet)?;
    let idle = Readings::take(plan, &fleet, &ids)?;
    let busy = beside_launches(&fleet, || Readings::take(plan, &fleet, &ids))?;
    let rows: [(&str, fn(&Readings) -> Spread); 4] = [
        ("instances by id, a second", |readings| readings.gets),
        ("instances by id, a second of processor time", |readings| readings.gets_of_core),
        ("instances by id with what they were launched as, a second of processor time", |readings| {
            readings.profiles
        }),
        ("a page of 100, filtered by subnet and status, ms: median (middle 90 %)", |readings| {
            readings.page_millis
        }),
    ];
    for (what, figure) in rows {
        table.row([what.to_owned(), figure(&idle).to_string(), figure(&busy).to_string()]);
    }
    let goals =
        [("idle", &idle), ("while 64 callers launch", &busy)].into_iter().flat_map(|(when, readings)| {
            let (gets, page) = (readings.gets_of_core, readings.page_millis);
            [
                Goal::new(
                    format!("{when}: instances by id, a second of one core"),
                    "≥ 400,000",
                    gets.to_string(),
                    gets.median >= 400_000.0,
                ),
                Goal::new(
                    format!("{when}: a filtered page of 100, ms"),
                    "< 1",
                    page.to_string(),
                    page.median < 1.0,
                ),
            ]
        });
    Ok(Section {
        title: "Reads",
        about: format!(
            "One thread reads from a store that holds {} instances, opened with all defaults: instances by \
             ids drawn at random, and pages of 100 from random places of the listing of one subnet's instances that are \
             pending (its total is part of the page). While callers launch, 65 threads share the processors: the \
             rate of gets is also given for each second of the reader's processor time; the time of a page is what the \
             reader waited.",
            short(many.instances as f64)
        ),
        goals: goals.collect(),
        tables: vec![table],
        ..Section::default()
    })
}

/// What ids there are to draw from.
struct Ids {
    epoch: u16,
    last: u64,
}

impl Ids {
    fn of(fleet: &Fleet) -> Result<Self, Failure> {
        let Serial { epoch, number } = fleet.hatchery.snapshot().sequence()?.next;
        Ok(Self { epoch, last: number })
    }

    /// An id; one in a hundred or so names a launch and no instance.
    fn at(&self, number: u64) -> InstanceId {
        InstanceId(Serial { epoch: self.epoch, number: 1 + ours::scatter(number) % self.last })
    }
}

/// Runs `read` while callers launch.
fn beside_launches<T>(fleet: &Fleet, read: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let over = AtomicBool::new(false);
    let next = AtomicU64::new(fleet.hatchery.last().0.number() << 40);
    std::thread::scope(|scope| {
        let launchers: Vec<_> = (0..CALLERS)
            .map(|_| {
                scope.spawn(|| -> Result<(), Failure> {
                    while !over.load(Ordering::Relaxed) {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        fleet.launch(number, number as usize, 1)?;
                    }
                    Ok(())
                })
            })
            .collect();
        let found = read();
        over.store(true, Ordering::Relaxed);
        for launcher in launchers {
            launcher.join().map_err(|_| "a caller panicked")??;
        }
        found
    })
}

struct Readings {
    gets: Spread,
    gets_of_core: Spread,
    profiles: Spread,
    page_millis: Spread,
}

impl Readings {
    fn take(plan: &Plan, fleet: &Fleet, ids: &Ids) -> Result<Self, Failure> {
        let (mut gets, mut gets_of_core, mut profiles) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..=plan.rounds as u64 {
            let get = |number| -> Result<(), Failure> {
                black_box(fleet.hatchery.snapshot().instance(ids.at(round << 32 | number))?);
                Ok(())
            };
            let whole = |number| -> Result<(), Failure> {
                let snapshot = fleet.hatchery.snapshot();
                let instance = snapshot.instance(ids.at(round << 32 | number))?;
                black_box(instance.map(|instance| snapshot.profile(instance)).transpose()?);
                Ok(())
            };
            let (got, whole) = (repeat(plan.turn(), get)?, repeat(plan.turn(), whole)?);
            // The first round warms the caches.
            if round > 0 {
                gets.push(got.0);
                gets_of_core.push(got.1);
                profiles.push(whole.1);
            }
        }
        let pages = pages(plan.turn() * plan.rounds as u32, fleet, ids)?;
        let [gets, gets_of_core, profiles] = [gets, gets_of_core, profiles].map(Spread::of);
        Ok(Self { gets, gets_of_core, profiles, page_millis: pages })
    }
}

/// How often a second `work` is done, by the clock and by the processor time of this thread.
fn repeat(took: Duration, mut work: impl FnMut(u64) -> Result<(), Failure>) -> Result<(f64, f64), Failure> {
    let (start, start_of_core) = (Instant::now(), processor_time()?);
    let mut count = 0;
    while start.elapsed() < took {
        for _ in 0..64 {
            work(count)?;
            count += 1;
        }
    }
    let of_core = processor_time()?.saturating_sub(start_of_core);
    Ok((count as f64 / start.elapsed().as_secs_f64(), count as f64 / of_core.as_secs_f64()))
}

/// How long pages take, in milliseconds: as many as there is time for, and three at least.
fn pages(took: Duration, fleet: &Fleet, ids: &Ids) -> Result<Spread, Failure> {
    let mut millis = Vec::new();
    let start = Instant::now();
    while millis.len() < 3 || (start.elapsed() < took && millis.len() < PAGES) {
        let number = millis.len();
        let filter = InstanceFilter {
            subnet: Some(ours::subnet_label(number).parse()?),
            status: Some(Shown::Pending),
            ..InstanceFilter::all(ME, fleet.region())
        };
        let paging = Paging::After { last: Some(ids.at(number as u64)), size: PAGE };
        let began = Instant::now();
        let page = fleet.hatchery.snapshot().instances(&filter, paging)?;
        millis.push(began.elapsed().as_secs_f64() * 1e3);
        if page.total < PAGE {
            return Err("the listing has too little in it".into());
        }
    }
    Ok(Spread::middle(millis))
}

/// How long this thread ran so far, as the scheduler counts it.
fn processor_time() -> Result<Duration, Failure> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let ran = told.split(' ').next().ok_or("this system does not tell processor time")?;
    Ok(Duration::from_nanos(ran.parse()?))
}
