//! The floor: the same bytes, appended and synced, with nothing decided and nothing indexed.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use crate::Turn;

/// How much space is written before the turn; it is used over and over.
const SPACE: u64 = 64 * 1024 * 1024;

/// Appends in groups: whoever finds nobody writing writes for all that wait.
struct Appender {
    file: File,
    state: Mutex<State>,
    written: Condvar,
}

#[derive(Default)]
struct State {
    /// How many frames have been handed in, and how many of them are durable.
    asked: u64,
    durable: u64,
    writing: bool,
    at: u64,
}

/// One turn of `callers` threads, each appending frames of `bytes` bytes one after the other.
pub(crate) fn turn(dir: &Path, callers: usize, bytes: usize, took: Duration) -> io::Result<Turn> {
    let path = dir.join("floor");
    let file = OpenOptions::new().write(true).create(true).truncate(true).open(&path)?;
    let zeros = vec![0_u8; 1024 * 1024];
    for at in (0..SPACE).step_by(zeros.len()) {
        file.write_all_at(&zeros, at)?;
    }
    file.sync_all()?;
    let appender = Appender { file, state: Mutex::default(), written: Condvar::new() };
    let commits = AtomicU64::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..callers {
            scope.spawn(|| {
                while start.elapsed() < took {
                    appender.append(bytes);
                    commits.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let turn = Turn { commits: commits.into_inner(), took: start.elapsed() };
    std::fs::remove_file(path)?;
    Ok(turn)
}

impl Appender {
    fn append(&self, bytes: usize) {
        let mut state = self.state.lock().expect("no writer panics");
        state.asked += 1;
        let mine = state.asked;
        loop {
            if state.durable >= mine {
                return;
            }
            if state.writing {
                state = self.written.wait(state).expect("no writer panics");
                continue;
            }
            state.writing = true;
            let (through, count) = (state.asked, state.asked - state.durable);
            let size = bytes as u64 * count;
            if state.at + size > SPACE {
                state.at = 0;
            }
            let at = state.at;
            state.at += size;
            drop(state);
            let frames = vec![0xa5_u8; size as usize];
            self.file.write_all_at(&frames, at).expect("the disk takes it");
            self.file.sync_data().expect("the disk keeps it");
            state = self.state.lock().expect("no writer panics");
            state.durable = through;
            state.writing = false;
            self.written.notify_all();
        }
    }
}
