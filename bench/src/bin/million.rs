//! Reads, size and openings of a store of a million instances, through the calls that an embedder makes.
//!
//! `cargo run --release --manifest-path bench/Cargo.toml --bin million -- fill DIR`, then `reads DIR`,
//! `open DIR`, `rebuild DIR`. `fill` ends without closing the store, as a kill would, so that `open` opens
//! after one.

use std::error::Error;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use hatchery::{
    AccountId, CatalogueFile, Claim, EventFilter, Hatchery, InstanceFilter, InstanceId, Launch, Launched,
    NamePattern, OpenAccount, Options, Paging, Policy, Report, Shown, Span, StoreId, Tag, Time, View as _,
    Wanted, WorkOutcome,
};

const ME: AccountId = AccountId(1);
const SUBNETS: usize = 60;
const ZONES: usize = 4;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    section: Section,
}

#[derive(Subcommand)]
enum Section {
    /// Makes a store, fills it, and ends without closing it.
    Fill {
        dir: PathBuf,
        #[arg(long, default_value_t = 1_000_000)]
        instances: usize,
        /// How many instances a launch asks for.
        #[arg(long, default_value_t = 1)]
        amount: u8,
        /// Whether the instances are made, and run.
        #[arg(long)]
        made: bool,
    },
    /// Opens the store and reads.
    Reads {
        dir: PathBuf,
        /// How many launch meanwhile, in a second round.
        #[arg(long, default_value_t = 64)]
        callers: usize,
    },
    /// Opens the store, reads one page, and ends without closing it.
    Open { dir: PathBuf },
    /// Removes the index and opens.
    Rebuild { dir: PathBuf },
    /// Checkpoints, and says what is on disk.
    Size { dir: PathBuf },
}

type Done = Result<(), Box<dyn Error>>;

fn main() -> Done {
    match Arguments::parse().section {
        Section::Fill { dir, instances, amount, made } => fill(&dir, instances, amount, made),
        Section::Reads { dir, callers } => reads(&dir, callers),
        Section::Open { dir } => {
            let hatchery = timed_open(&dir)?;
            page_of(&hatchery, "first page", &filter());
            page_of(&hatchery, "second page", &filter());
            resident();
            std::process::exit(0)
        }
        Section::Rebuild { dir } => {
            std::fs::remove_dir_all(dir.join("index"))?;
            let hatchery = timed_open(&dir)?;
            resident();
            drop(hatchery);
            Ok(())
        }
        Section::Size { dir } => {
            let hatchery = timed_open(&dir)?;
            let start = Instant::now();
            hatchery.checkpoint()?;
            println!("checkpoint {:?}", start.elapsed());
            resident();
            println!("{:?}", hatchery.stats().snapshots);
            sizes(&dir)
        }
    }
}

fn now() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(since.as_millis() as u64)
}

fn options() -> Options {
    Options { policy: Policy { group_members_max: u32::MAX, ..Policy::default() }, ..Options::default() }
}

fn timed_open(dir: &Path) -> Result<Hatchery, Box<dyn Error>> {
    let start = Instant::now();
    let (hatchery, report) = Hatchery::open(dir, options())?;
    println!(
        "opened in {:?}: revision {}, replayed {}, rebuilt {:?}",
        start.elapsed(),
        report.last,
        report.replayed,
        report.rebuilt.map(|rebuilt| (rebuilt.because, rebuilt.from))
    );
    Ok(hatchery)
}

fn fill(dir: &Path, instances: usize, amount: u8, made: bool) -> Done {
    let start = Instant::now();
    let hatchery = Hatchery::create(dir, StoreId([7; 16]), options())?;
    furnish(&hatchery)?;
    let launched = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for caller in 0..64 {
            let (hatchery, launched) = (&hatchery, &launched);
            scope.spawn(move || {
                let mut number = caller;
                while launched.fetch_add(u64::from(amount), Ordering::Relaxed) < instances as u64 {
                    number += 64;
                    let launch = launch(number, amount).expect("the labels are labels");
                    hatchery.commit(launch, now()).expect("there is enough of everything");
                    if made {
                        work(hatchery, usize::from(amount));
                    }
                }
                while made && work(hatchery, 100) > 0 {}
            });
        }
    });
    println!("filled in {:?}", start.elapsed());
    resident();
    sizes(dir)?;
    std::process::exit(0)
}

fn work(hatchery: &Hatchery, limit: usize) -> usize {
    let claim = Claim { worker: "maker".parse().expect("a label"), lease: Span::from_secs(600), limit };
    let items = hatchery.commit(claim, now()).expect("work");
    for item in &items {
        let report = Report { id: item.id, attempt: item.attempt, outcome: WorkOutcome::Done };
        hatchery.commit(report, now()).expect("a report");
    }
    items.len()
}

fn resident() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    for line in status.lines().filter(|line| line.starts_with("VmHWM") || line.starts_with("VmRSS")) {
        println!("{line}");
    }
}

fn size_of(path: &Path) -> std::io::Result<u64> {
    let meta = std::fs::metadata(path)?;
    if !meta.is_dir() {
        return Ok(meta.len());
    }
    let mut bytes = 0;
    for item in std::fs::read_dir(path)? {
        bytes += size_of(&item?.path())?;
    }
    Ok(bytes)
}

fn sizes(dir: &Path) -> Done {
    for item in std::fs::read_dir(dir)? {
        let path = item?.path();
        println!("{:>14} {}", size_of(&path)?, path.display());
    }
    Ok(())
}

fn filter() -> InstanceFilter {
    InstanceFilter { id_prefix: "i-", ..InstanceFilter::all(ME, "r".parse().expect("a label")) }
}

fn ids(hatchery: &Hatchery) -> Vec<InstanceId> {
    let mut all = Vec::new();
    let mut last = None;
    let start = Instant::now();
    let snapshot = hatchery.snapshot();
    while all.len() < 200_000 {
        let page = snapshot.instances(&filter(), Paging::After { last, size: 10_000 }).expect("a page");
        all.extend(page.rows.iter().map(|row| row.instance.id));
        last = page.more_after;
        if last.is_none() {
            break;
        }
    }
    println!("{} ids in {:?}", all.len(), start.elapsed());
    all
}

fn page_of(hatchery: &Hatchery, what: &str, filter: &InstanceFilter) {
    let mut took = Vec::new();
    let mut total = 0;
    let begun = Instant::now();
    while took.len() < 200 && (took.is_empty() || begun.elapsed() < Duration::from_secs(2)) {
        let start = Instant::now();
        let page = hatchery.snapshot().instances(filter, Paging::Numbered { number: 1, size: 100 });
        total = black_box(page.expect("a page")).total;
        took.push(start.elapsed());
    }
    took.sort();
    let at = |part: usize| took[(took.len() - 1) * part / 100];
    println!("{what:<30} total {total:>8}  median {:?}  p99 {:?}  ({} reads)", at(50), at(99), took.len());
}

fn pages(hatchery: &Hatchery) {
    page_of(hatchery, "all", &filter());
    page_of(hatchery, "zone", &InstanceFilter { zone: "z1".parse().ok(), ..filter() });
    page_of(hatchery, "status", &InstanceFilter { status: Some(Shown::Running), ..filter() });
    let two = InstanceFilter { subnet: "s7".parse().ok(), instance_type: "t3".parse().ok(), ..filter() };
    page_of(hatchery, "subnet, type", &two);
    let tags = vec![("env".to_owned(), Some("e3".to_owned()))];
    page_of(hatchery, "tag, status", &InstanceFilter { tags, status: Some(Shown::Pending), ..filter() });
    let name = |text| InstanceFilter { name: Some(NamePattern::new(text)), ..filter() };
    page_of(hatchery, "name, whole", &name("worker-77"));
    page_of(hatchery, "name, *", &name("worker-7*"));
    let addresses = Some(["10.3.0.77".parse().expect("an address")].into());
    page_of(hatchery, "address", &InstanceFilter { addresses, ..filter() });
    let start = Instant::now();
    let events =
        hatchery.snapshot().events(&EventFilter::finished(ME), Paging::Numbered { number: 1, size: 100 });
    println!("events {} in {:?}", events.expect("events").total, start.elapsed());
}

fn gets(hatchery: &Hatchery, ids: &[InstanceId], what: &str) {
    let start = Instant::now();
    let mut got = 0_usize;
    let mut at = 0_usize;
    while start.elapsed() < Duration::from_secs(1) {
        for _ in 0..1000 {
            at = (at + 7919) % ids.len();
            let snapshot = hatchery.snapshot();
            let instance = snapshot.instance(ids[at]).expect("a read").expect("it is there");
            got += usize::from(black_box(snapshot.profile(instance).expect("a read")).is_some());
        }
    }
    println!("{what}: {:.0} profiles a second", got as f64 / start.elapsed().as_secs_f64());
}

fn reads(dir: &Path, callers: usize) -> Done {
    let hatchery = timed_open(dir)?;
    resident();
    let all = ids(&hatchery);
    resident();
    gets(&hatchery, &all, "of 200,000, new");
    gets(&hatchery, &all, "of 200,000, again");
    gets(&hatchery, &all[..all.len().min(1000)], "of 1,000");
    pages(&hatchery);
    resident();
    println!("while {callers} launch:");
    let (over, launched) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for caller in 0..callers {
            let (hatchery, over, launched) = (&hatchery, &over, &launched);
            scope.spawn(move || {
                let mut number = caller;
                while !over.load(Ordering::Relaxed) {
                    number += 64;
                    let launch = launch(number, 1).expect("the labels are labels");
                    hatchery.commit(launch, now()).expect("there is enough of everything");
                    launched.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let start = Instant::now();
        pages(&hatchery);
        gets(&hatchery, &all, "of 200,000");
        over.store(true, Ordering::Relaxed);
        println!(
            "{:.0} launches a second",
            launched.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64()
        );
    });
    resident();
    Ok(())
}

fn furnish(hatchery: &Hatchery) -> Done {
    let mut text = String::from("[[region]]\nid = 'r'\n[[image]]\nid = 'i'\nos = 'linux'\nsize_gib = 20\n");
    for zone in 0..ZONES {
        text += &format!("[[zone]]\nid = 'z{zone}'\nregion = 'r'\n");
    }
    let stock: Vec<String> = (0..ZONES).map(|zone| format!("z{zone} = 100000000")).collect();
    for of in 0..8 {
        text += &format!(
            "[[instance_type]]\nid = 't{of}'\nfamily = 'f'\ncpus = 1\nmemory_mib = 1024\nstock = {{ {} }}\n",
            stock.join(", ")
        );
    }
    text += "[[network]]\nid = 'n'\nregion = 'r'\nblock = '10.0.0.0/8'\n[[group]]\nid = 'g'\nnetwork = 'n'\n";
    for subnet in 0..SUBNETS {
        let zone = subnet % ZONES;
        text += &format!(
            "[[subnet]]\nid = 's{subnet}'\nnetwork = 'n'\nzone = 'z{zone}'\nblock = '10.{subnet}.0.0/16'\n"
        );
    }
    let file = CatalogueFile::parse(&text)?;
    hatchery.commit(file.load(), now())?;
    hatchery.commit(OpenAccount { id: ME, instance_limit: u32::MAX, grant: None }, now())?;
    file.networks(ME).try_for_each(|network| hatchery.commit(network, now()).map(drop))?;
    file.subnets(ME).try_for_each(|subnet| hatchery.commit(subnet, now()).map(drop))?;
    file.groups(ME).try_for_each(|group| hatchery.commit(group, now()).map(drop))?;
    Ok(())
}

fn launch(number: usize, amount: u8) -> Result<Launch, Box<dyn Error>> {
    Ok(Launch {
        image: Some("i".parse()?),
        instance_type: Some(format!("t{}", number / 7 % 8).parse()?),
        groups: vec!["g".parse()?],
        subnet: Some(format!("s{}", number % SUBNETS).parse()?),
        wanted: Wanted::new(amount, amount).ok_or("the amount is 1 to 100")?,
        tags: vec![Tag { key: "env".into(), value: format!("e{}", number % 5) }],
        ..Launch::new(ME, "r".parse()?)
    })
}
