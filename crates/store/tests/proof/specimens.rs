//! Real stores on a real disk, to be damaged: each a folder that is copied, harmed, opened and judged.

use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use fleet::{Revision, Span, Time};
use tempfile::TempDir;

use crate::judge::{Digest, all, fold};
use crate::losses::Chance;
use crate::play::{Play, Told, furnish};
use crate::states::STORE;
use crate::steps::Step;
use store::engine::local::{self, Local};
use store::engine::{Change, ChangesError, Commit, Engine, Write};
use store::{Options, Store, inside};

/// How the process ended that had it open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ended {
    Well,
    /// Killed: its last commits are in the journal alone.
    Killed,
}

/// A store on disk, and what is in it.
#[derive(Debug)]
pub(crate) struct Specimen {
    pub(crate) name: &'static str,
    pub(crate) options: local::Options,
    pub(crate) ended: Ended,
    home: TempDir,
    expected: Expected,
    /// Where its files stand as they were at an earlier time.
    earlier: Option<TempDir>,
}

/// What is in a store, and all that it tells of how it came there.
#[derive(Debug)]
struct Expected {
    digest: Digest,
    changes: Vec<Change>,
    /// The last commit.
    last: Revision,
}

/// What became of a damaged store.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// It opened, holds what it held, and had nothing to say.
    Unharmed,
    /// It opened, holds what it held, and said what it had mended.
    Mended,
    /// It did not open, or did not read: the kind of reason.
    Refused(String),
    /// It opened, said that an end was torn, and holds what there was before that end.
    Torn,
    /// It opened, had nothing to say, and ends earlier, at a commit after the last checkpoint.
    Shorter,
    /// It opened and holds something else.
    Silent(String),
    /// Something panicked.
    Panicked,
}

impl Verdict {
    /// Whether it is what was promised; `unwritten` says whether the harm may have made the end of the newest segment
    /// look as if nothing had ever been written there. `docs/guarantees.md` has why nobody can know then.
    pub(crate) const fn is_right(&self, ended: Ended, unwritten: bool) -> bool {
        match self {
            Self::Unharmed | Self::Mended | Self::Refused(_) => true,
            Self::Torn => matches!(ended, Ended::Killed),
            Self::Shorter => matches!(ended, Ended::Killed) && unwritten,
            Self::Silent(_) | Self::Panicked => false,
        }
    }

    /// What it is counted as.
    pub(crate) fn kind(&self) -> String {
        match self {
            Self::Unharmed => "unharmed".into(),
            Self::Mended => "mended".into(),
            Self::Torn => "torn".into(),
            Self::Shorter => "shorter".into(),
            Self::Refused(why) => format!("refused: {why}"),
            Self::Silent(_) => "silent".into(),
            Self::Panicked => "panicked".into(),
        }
    }
}

pub(crate) fn tight() -> local::Options {
    local::Options {
        segment_size: 4 * 1024,
        table_entries: 40,
        cache_bytes: 1024 * 1024,
        checkpoint_segments: 2,
        snapshot_min_bytes: 6 * 1024,
        keep_for: Span::from_secs(0),
        keep_bytes: 8 * 1024,
        spare_segments: 1,
        ballast_bytes: 0,
        free_space_min: 0,
        sync: local::Sync::Never,
        ..local::Options::default()
    }
}

pub(crate) fn roomy() -> local::Options {
    local::Options { segment_size: 256 * 1024, keep_for: Span::from_days(7), keep_bytes: u64::MAX, ..tight() }
}

/// The options of one with much in it, which is not to take for ever.
pub(crate) fn wide() -> local::Options {
    local::Options { table_entries: 4096, snapshot_min_bytes: 256 * 1024, checkpoint_segments: 4, ..roomy() }
}

impl Specimen {
    /// A fleet in which these steps were taken.
    pub(crate) fn fleet(name: &'static str, engine: local::Options, steps: &str, ended: Ended) -> Self {
        let options = Options { policy: testkit::SmallWorld::policy(), engine, ..Options::default() };
        Self::made(name, engine, ended, |path| {
            let store = Store::create(path, STORE, options).unwrap();
            let mut play = Play::new(&store);
            furnish(&mut play, None);
            take(&mut play, steps);
            inside::into_engine(store)
        })
    }

    /// A fleet, closed, in which more steps were taken later; and its files as they stood before those.
    pub(crate) fn twice(name: &'static str, engine: local::Options, steps: [&str; 2]) -> (Self, PathBuf) {
        let first = Self::fleet(name, engine, steps[0], Ended::Well);
        let options = Options { policy: testkit::SmallWorld::policy(), engine, ..Options::default() };
        let mut later = Self::made(name, engine, Ended::Well, |path| {
            copy(&first.pristine(), path).unwrap();
            let (store, _) = Store::open(path, options).unwrap();
            take(&mut Play::new(&store), steps[1]);
            inside::into_engine(store)
        });
        later.earlier = Some(first.home);
        let earlier = later.earlier.as_ref().unwrap().path().join("pristine");
        (later, earlier)
    }

    /// Bytes under so many keys, put in so many commits of one.
    pub(crate) fn bytes(
        name: &'static str,
        engine: local::Options,
        (keys, commits): (u64, u64),
        ended: Ended,
    ) -> Self {
        Self::made(name, engine, ended, |path| {
            let store = Local::create(path, STORE, engine).unwrap();
            for number in 0..commits {
                let mut key = (number * 7919 % keys).to_be_bytes().to_vec();
                if key.last().is_some_and(|last| last % 2 == 1) {
                    // As a token, which the index keeps in runs.
                    key[0] = 120;
                }
                // Nothing that could be compressed.
                let mut chance = Chance::new(number);
                let length = usize::try_from(number % 500).unwrap();
                let value: Vec<u8> = (0..length).map(|_| chance.below(256).try_into().unwrap()).collect();
                let write = Write { key, value: (number % 11 != 0).then_some(value) };
                let writes = vec![write].into();
                let commit = Commit { time: Time::from_millis(number), expected: Vec::new(), writes };
                store.commit(vec![commit]).unwrap()[0].as_ref().unwrap();
            }
            Box::new(store)
        })
    }

    fn made(
        name: &'static str,
        options: local::Options,
        ended: Ended,
        make: impl FnOnce(&Path) -> Box<dyn Engine>,
    ) -> Self {
        let home = tempfile::tempdir().unwrap();
        let live = home.path().join("live");
        let engine = make(&live);
        let expected = Expected {
            digest: Digest::of(engine.as_ref()),
            changes: changes(engine.as_ref()).unwrap(),
            last: engine.last().0,
        };
        let pristine = home.path().join("pristine");
        if ended == Ended::Killed {
            copy(&live, &pristine).unwrap();
            drop(engine);
        } else {
            drop(engine);
            copy(&live, &pristine).unwrap();
        }
        fs::remove_dir_all(&live).unwrap();
        Self { name, options, ended, home, expected, earlier: None }
    }

    pub(crate) fn pristine(&self) -> PathBuf {
        self.home.path().join("pristine")
    }

    /// The files of it, but for the lock, by their names in the folder.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        list(&self.pristine(), "", &mut found);
        found.retain(|name| name != "LOCK");
        found.sort();
        found
    }

    pub(crate) fn read(&self, file: &str) -> Vec<u8> {
        fs::read(self.pristine().join(file)).unwrap()
    }

    /// Whether a file or a folder of it is the same in another folder.
    pub(crate) fn is_like(&self, other: &Path, part: &str) -> bool {
        let of = |folder: &Path| {
            let mut names = Vec::new();
            list(folder, "", &mut names);
            names.retain(|name| name == part || name.starts_with(&format!("{part}/")));
            names.sort();
            names.into_iter().map(|name| (fs::read(folder.join(&name)).unwrap(), name)).collect::<Vec<_>>()
        };
        of(&self.pristine()) == of(other)
    }

    /// Copies it, lets `harm` do something to the copy, and opens that.
    pub(crate) fn judge(&self, harm: impl FnOnce(&Path)) -> Verdict {
        let path = self.home.path().join("copy");
        if path.exists() {
            fs::remove_dir_all(&path).unwrap();
        }
        copy(&self.pristine(), &path).unwrap();
        harm(&path);
        catch_unwind(AssertUnwindSafe(|| self.open(&path))).unwrap_or(Verdict::Panicked)
    }

    fn open(&self, path: &Path) -> Verdict {
        let (store, report) = match Local::open(path, self.options) {
            Ok(opened) => opened,
            Err(error) => return Verdict::Refused(first_word(&format!("{error:?}"))),
        };
        let quiet = report.cut.is_none() && report.rebuilt.is_none() && report.checkpoint.is_none();
        let quiet = quiet && report.holds.is_none() && report.snapshots.is_empty();
        let digest = catch_unwind(AssertUnwindSafe(|| Digest::of(&store)));
        let Ok(digest) = digest else { return Verdict::Refused("reading".into()) };
        let told = match changes(&store) {
            Ok(told) => told,
            Err(error) => {
                // What there is is right, and what it came from says that it cannot be told.
                let same = digest == self.expected.digest;
                return if same { Verdict::Mended } else { Verdict::Silent(error) };
            }
        };
        let same_feed = self.expected.changes.ends_with(&told) || told.ends_with(&self.expected.changes);
        if digest == self.expected.digest && same_feed {
            return if quiet { Verdict::Unharmed } else { Verdict::Mended };
        }
        if self.is_as_of(&store, &told) {
            return if report.cut.is_some() { Verdict::Torn } else { Verdict::Shorter };
        }
        Verdict::Silent(format!("at {} instead of {}: {report:?}", store.last().0, self.expected.last))
    }

    /// Whether it holds what it held after an earlier commit, and tells the same of how it came there.
    fn is_as_of(&self, store: &Local, told: &[Change]) -> bool {
        let last = store.last().0;
        let whole = &self.expected.changes;
        let until: Vec<_> = whole.iter().take_while(|change| change.revision <= last).cloned().collect();
        // Without the whole history nobody can say what it came to.
        let from_the_first = until.first().is_none_or(|first| first.revision == Revision::new(1));
        last < self.expected.last
            && told.iter().all(|change| until.contains(change))
            && (!from_the_first || all(store) == fold(&until))
    }
}

fn take(play: &mut Play<'_>, steps: &str) {
    for step in steps.split("; ") {
        let told = Step::parse(step).take(play);
        assert!(matches!(told, Told::Done(_)), "{step}: {told:?}");
    }
}

/// All that the feed still tells.
fn changes(engine: &dyn Engine) -> Result<Vec<Change>, String> {
    let found = match engine.changes(Revision::ZERO, usize::MAX) {
        Err(ChangesError::HistoryGone { oldest }) => {
            engine.changes(Revision::new(oldest.number() - 1), usize::MAX)
        }
        found => found,
    };
    found.map_err(|error| format!("{error:?}"))
}

fn first_word(text: &str) -> String {
    text.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

fn list(folder: &Path, within: &str, found: &mut Vec<String>) {
    for item in fs::read_dir(folder).unwrap() {
        let item = item.unwrap();
        let name = format!("{within}{}", item.file_name().to_str().unwrap());
        if item.path().is_dir() {
            list(&item.path(), &format!("{name}/"), found);
        } else {
            found.push(name);
        }
    }
}

pub(crate) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for item in fs::read_dir(from)? {
        let item = item?;
        let target = to.join(item.file_name());
        if item.path().is_dir() {
            copy(&item.path(), &target)?;
        } else {
            fs::copy(item.path(), target)?;
        }
    }
    Ok(())
}
