//! The floor: the bytes of the journal, appended and synced, with nothing decided and nothing indexed.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Instant;

use crate::contenders::Load;
use crate::grouped::Grouped;
use crate::measure::{Ack, Failure, Groups, Turn, drive};

/// How much space is written before the turn, as much as a segment of the journal; it is used over and over.
const SPACE: u64 = 16 * 1024 * 1024;

/// A file whose space was written before.
struct Tape {
    file: File,
    at: u64,
    frames: Vec<u8>,
}

impl Tape {
    fn new(dir: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).open(dir.join("floor"))?;
        let zeros = vec![0_u8; 1024 * 1024];
        for at in (0..SPACE).step_by(zeros.len()) {
            file.write_all_at(&zeros, at)?;
        }
        file.sync_all()?;
        Ok(Self { file, at: 0, frames: Vec::new() })
    }

    /// Writes so many bytes behind the last ones, with one write, and syncs them.
    fn append(&mut self, bytes: usize) -> io::Result<()> {
        if self.frames.len() < bytes {
            self.frames.resize(bytes, 0xa5);
        }
        if self.at + bytes as u64 > SPACE {
            self.at = 0;
        }
        self.file.write_all_at(&self.frames[..bytes], self.at)?;
        self.at += bytes as u64;
        self.file.sync_data()
    }
}

/// Callers that each append a frame and wait for its sync, in groups like those of the peers.
pub(crate) fn callers(dir: &Path, load: &Load<'_>) -> Result<Turn, Failure> {
    let mut tape = Tape::new(dir)?;
    let bytes = load.schema.frame_bytes;
    let queue = Grouped::new(move |group: &[()]| Ok(tape.append(bytes * group.len())?));
    let (acks, took) = drive(load.callers, load.took, |_, _| queue.run(()).map(|()| 0))?;
    Ok(Turn { groups: queue.groups(), ..Turn::new(&acks, took)? })
}

/// One thread that appends as many frames at once as the groups of *local* have, and nobody to hand the
/// acknowledgement to: what the disk allows to whoever groups in this way.
pub(crate) fn disk(dir: &Path, load: &Load<'_>) -> Result<Turn, Failure> {
    let mut tape = Tape::new(dir)?;
    let size = load.group.round().max(1.0) as usize;
    let (mut acks, mut ends) = (Vec::new(), Vec::new());
    let start = Instant::now();
    let mut began = start.elapsed();
    while began < load.took {
        tape.append(load.schema.frame_bytes * size)?;
        let at = start.elapsed();
        acks.extend(std::iter::repeat_n(Ack { at, waited: at - began, mark: 0 }, size));
        ends.push(at);
        began = at;
    }
    let turn = Turn::new(&acks, start.elapsed())?;
    Ok(Turn { groups: Groups::of(&ends, turn.commits), ..turn })
}
