//! Frames of a store's journal, as `docs/storage-format.md` lays them out: what a launch writes, and
//! which launches shared a sync.

use std::fs;
use std::io;
use std::path::Path;

use crate::peers::Pair;

const SEGMENT_HEADER: usize = 64;
const FRAME_HEADER: usize = 40;

/// One commit.
pub(crate) struct Frame<'j> {
    pub(crate) revision: u64,
    /// The last revision that was durable when this one was written: the same for all of a group.
    pub(crate) synced: u64,
    bytes: &'j [u8],
}

impl Frame<'_> {
    /// How many bytes it takes in the file.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len().next_multiple_of(8)
    }

    /// What it puts. Nothing that a launch writes is a removal.
    pub(crate) fn puts(&self) -> Vec<Pair> {
        let mut puts = Vec::new();
        let mut at = FRAME_HEADER;
        while let (Some(key), Some(value)) =
            (number::<2>(self.bytes, at + 1), number::<2>(self.bytes, at + 3))
        {
            let (key, value) = (key as usize, value as usize);
            let Some(body) = self.bytes.get(at + 5..at + 5 + key + value) else { break };
            puts.push((body[..key].to_vec(), body[key..].to_vec()));
            at += 5 + key + value;
        }
        puts
    }
}

/// Shows every frame of the journal of `store`, in order.
pub(crate) fn read(store: &Path, mut see: impl FnMut(Frame<'_>)) -> io::Result<()> {
    let mut segments: Vec<_> =
        fs::read_dir(store.join("journal"))?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    segments.retain(|path| path.extension().is_some_and(|end| end == "segment"));
    segments.sort();
    let mut last = None;
    for segment in segments {
        let bytes = fs::read(segment)?;
        let mut at = SEGMENT_HEADER;
        while let Some(frame) = frame(&bytes, at) {
            // What an older life of the file left behind the last frame has another revision.
            if last.is_some_and(|last| frame.revision != last + 1) {
                break;
            }
            last = Some(frame.revision);
            at += frame.size();
            see(frame);
        }
    }
    Ok(())
}

fn frame(segment: &[u8], at: usize) -> Option<Frame<'_>> {
    let length = number::<4>(segment, at)? as usize;
    if length < FRAME_HEADER {
        return None;
    }
    let bytes = segment.get(at..at + length)?;
    Some(Frame { revision: number::<8>(bytes, 16)?, synced: number::<8>(bytes, 32)?, bytes })
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<u64> {
    let digits = bytes.get(at..at + N)?;
    Some(digits.iter().fold(0, |number, digit| number << 8 | u64::from(*digit)))
}
