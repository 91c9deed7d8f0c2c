//! The process that gets killed: opens a store, or makes it, asks what its lanes ask, and tells each answer at once.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use hatchery::{Command, CommitError, Hatchery, OpenError, Revision, StoreError, Time};

use crate::lane::Lane;
use crate::step::{Answer, Fleet};
use crate::told::{Acknowledged, Mouth};
use crate::trouble::{Outcome, told};
use crate::world;

/// The reader of the feed that history is kept for.
pub(crate) const ORACLE: &str = "oracle";
/// How many steps are tried after the store has failed: none may succeed.
const AFTER_FAILURE: u64 = 3;
/// How many steps of a lane that is alone there are between two rounds of upkeep.
const UPKEEP_EVERY: u64 = 40;

/// How a victim is to behave.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The store.
    #[arg(long)]
    pub(crate) store: PathBuf,
    /// What the options of the store are drawn from.
    #[arg(long)]
    pub(crate) life: u64,
    /// How many steps each lane takes before it ends by itself.
    #[arg(long, default_value_t = u64::MAX)]
    pub(crate) steps: u64,
    /// End without closing the store, as a crash does.
    #[arg(long)]
    pub(crate) leave: bool,
    /// What must stay free for launches, in bytes.
    #[arg(long, default_value_t = 0)]
    pub(crate) floor: u64,
}

type Out = Mouth<std::io::Stdout>;

/// What the threads of a victim share.
struct Scene {
    store: Hatchery,
    mouth: Out,
    over: AtomicBool,
}

/// Does what standard input says, in lines of lanes.
pub(crate) fn run(arguments: &Arguments) -> Outcome<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let lanes = Lane::read(&text)?;
    let mouth = Mouth::new(std::io::stdout());
    match open(arguments) {
        Ok(store) => {
            mouth.opened(store.last().0);
            let scene = Scene { store, mouth, over: AtomicBool::new(false) };
            act(&scene, lanes, arguments);
            let Scene { store, mouth, .. } = scene;
            mouth.ended();
            if arguments.leave {
                std::process::exit(0);
            }
            drop(store);
        }
        Err(error) => {
            mouth.failed(&told(&error));
            mouth.ended();
        }
    }
    Ok(())
}

fn open(arguments: &Arguments) -> Result<Hatchery, StoreError> {
    let mut options = world::options(arguments.life);
    options.engine.free_space_min = arguments.floor;
    let path = &arguments.store;
    let store = match Hatchery::open(path, options.clone()) {
        Ok((store, _)) => store,
        // Making it may have been cut short before; what there is of it is no store yet.
        Err(StoreError::Open(OpenError::ManifestMissing { .. })) => {
            Hatchery::create(path, world::STORE, options)?
        }
        Err(error) => return Err(error),
    };
    keep_history(&store)?;
    Ok(store)
}

/// Keeps what the oracle has not read yet.
pub(crate) fn keep_history(store: &Hatchery) -> Result<(), StoreError> {
    if store.stats().holds.contains_key(ORACLE) {
        return Ok(());
    }
    match store.hold_feed(ORACLE, Revision::ZERO) {
        Ok(()) => Ok(()),
        Err(hatchery::HoldError::Engine(error)) => Err(StoreError::Engine(error)),
        // Then the oracle will find out.
        Err(_) => Ok(()),
    }
}

/// Founds, then lets the lanes loose. One that is alone does the upkeep too, so that a run is the same each time.
fn act(scene: &Scene, lanes: Vec<Lane>, arguments: &Arguments) {
    let (founders, callers): (Vec<_>, Vec<_>) =
        lanes.into_iter().partition(|lane| lane.number == Lane::FOUNDER);
    let alone = callers.len() == 1;
    for founder in founders {
        walk(scene, founder, arguments, false);
    }
    thread::scope(|scope| {
        let keepers =
            (!alone).then(|| (scope.spawn(|| keep(scene, &arguments.store)), scope.spawn(|| read(scene))));
        let walks: Vec<_> = callers
            .into_iter()
            .map(|lane| scope.spawn(move || walk(scene, lane, arguments, alone)))
            .collect();
        for walk in walks {
            if walk.join().is_err() {
                scene.mouth.wrong("a lane panicked");
            }
        }
        scene.over.store(true, Ordering::Relaxed);
        if let Some((keeper, reader)) = keepers
            && (keeper.join().is_err() || reader.join().is_err())
        {
            scene.mouth.wrong("a keeper or a reader panicked");
        }
    });
}

/// One lane, until it ends or the store fails.
fn walk(scene: &Scene, mut lane: Lane, arguments: &Arguments, upkeep: bool) {
    for _ in 0..arguments.steps {
        let Ok(Some(step)) = lane.step() else { return };
        if upkeep && lane.next.is_multiple_of(UPKEEP_EVERY) {
            look_after(scene, lane.next / UPKEEP_EVERY, &arguments.store);
        }
        match step.play(&mut Live { store: &scene.store, now: lane.now() }) {
            Ok(answer) => tell(scene, &mut lane, &answer),
            Err(why) => {
                scene.mouth.failed(&format!("{} {}: {}", step.name(), lane.next, told(&why)));
                if !matches!(why, StoreError::DiskLow(_)) {
                    return stay_shut(scene, &lane);
                }
                // Nothing of it is left, and all else goes on.
                let text = "no room".to_owned();
                let answer = Answer { idle: true, lesson: step.lesson_of_idle(&text), text };
                tell(scene, &mut lane, &answer);
            }
        }
        if upkeep {
            look(scene);
        }
    }
}

fn tell(scene: &Scene, lane: &mut Lane, answer: &Answer) {
    let (index, idle, text) = (lane.next, answer.idle, answer.text.clone());
    scene.mouth.acknowledged(lane.number, &Acknowledged { index, idle, text });
    lane.learn(answer);
}

/// Whether a store that has failed refuses everything, and shows nothing that is not durable.
fn stay_shut(scene: &Scene, lane: &Lane) {
    let before = scene.store.last();
    for _ in 0..AFTER_FAILURE {
        let Ok(Some(step)) = lane.step() else { return };
        // A refusal by the core promises nothing.
        if let Ok(answer) = step.play(&mut Live { store: &scene.store, now: lane.now() })
            && !answer.idle
        {
            scene.mouth.wrong(&format!("a store that failed took {} and said {}", step.name(), answer.text));
        }
    }
    look(scene);
    if scene.store.last() != before {
        scene.mouth.wrong("a store that failed went on");
    }
}

/// Reads, and tells what was seen.
fn look(scene: &Scene) {
    let snapshot = scene.store.snapshot();
    let read = hatchery::View::get(&snapshot, &hatchery::Key::Sequence);
    match read {
        Ok(_) => scene.mouth.seen(snapshot.revision()),
        Err(error) => scene.mouth.failed(&format!("reading: {}", told(&error))),
    }
}

fn read(scene: &Scene) {
    while !scene.over.load(Ordering::Relaxed) {
        look(scene);
        thread::sleep(Duration::from_millis(2));
    }
}

/// Upkeep in a thread of its own, as a host has it.
fn keep(scene: &Scene, path: &Path) {
    let mut round = scene.store.last().0.number();
    while !scene.over.load(Ordering::Relaxed) && scene.store.failure().is_none() {
        look_after(scene, round, path);
        round = round.wrapping_add(1);
        thread::sleep(Duration::from_millis(3));
    }
}

/// A checkpoint, a piece of a snapshot, or now and then a backup.
fn look_after(scene: &Scene, round: u64, path: &Path) {
    let mut chance = Rng::with_seed(round);
    let done = match chance.u8(..16) {
        0..2 => scene.store.checkpoint(),
        2 => {
            let copy = path.with_extension("copy");
            // One that was killed may have left some of it.
            let _was_there_or_not = std::fs::remove_dir_all(&copy);
            let made = scene.store.backup(&copy, &mut |_| {}).map(drop);
            // It was made to be made.
            let _removed_or_not = std::fs::remove_dir_all(&copy);
            made
        }
        _ => scene.store.maintain(chance.u64(1024..65_536)).map(drop),
    };
    if let Err(error) = done {
        scene.mouth.failed(&format!("upkeep: {}", told(&error)));
    }
}

/// A store that is asked in earnest.
struct Live<'s> {
    store: &'s Hatchery,
    now: Time,
}

impl Fleet for Live<'_> {
    type Failure = StoreError;

    fn run<C>(&mut self, command: &C) -> Result<Result<C::Reply, C::Refusal>, StoreError>
    where
        C: Command + Clone + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send,
    {
        loop {
            match self.store.commit(command.clone(), self.now) {
                Ok(reply) => return Ok(Ok(reply)),
                Err(CommitError::Refused(refusal)) => return Ok(Err(refusal)),
                Err(CommitError::Failed(error)) => return Err(error),
                // Nothing happened, and it may be tried again.
                Err(CommitError::Busy { .. }) => thread::yield_now(),
            }
        }
    }
}
