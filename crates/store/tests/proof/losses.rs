//! Every disk that a crash can leave behind: what was synced, and of what was not, any part.
//!
//! The parts are what `docs/storage-format.md` assumes can come or go by itself: each sector of each write, the
//! length that a write of zeros gives a file, and each change of a name. Any of them may be there, or not.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::tape::{Image, Inode, NameChange, Op};

const SECTOR: usize = 512;
/// Up to so many parts, every combination is tried.
pub(crate) const EXHAUSTIVE: usize = 6;

/// Bytes that were written, and where.
type Written = (usize, Arc<[u8]>);

/// What is durable at one moment of a tape, and what is not yet.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    durable: Image,
    writes: BTreeMap<Inode, Vec<Written>>,
    names: Vec<NameChange>,
}

/// One thing that a crash keeps or loses.
#[derive(Clone, Debug)]
enum Part {
    Bytes { inode: Inode, offset: usize, bytes: Arc<[u8]>, from: usize, to: usize },
    Name(NameChange),
}

impl Moment {
    /// Before the tape began.
    pub(crate) fn new(base: Image) -> Self {
        Self { durable: base, writes: BTreeMap::new(), names: Vec::new() }
    }

    /// Goes on by one operation.
    pub(crate) fn step(&mut self, op: &Op) {
        match op {
            Op::Write { inode, offset, bytes } => {
                self.writes.entry(*inode).or_default().push((*offset, Arc::clone(bytes)));
            }
            Op::Sync(inode) => {
                for (offset, bytes) in self.writes.remove(inode).unwrap_or_default() {
                    self.durable.write(*inode, offset, &bytes);
                }
            }
            Op::Forget(inode) => {
                self.writes.remove(inode);
            }
            Op::Names(change) => {
                if let NameChange::Create(_, inode) = change {
                    // A file has a number before it has a name that lasts.
                    self.durable.files.resize(self.durable.files.len().max(inode + 1), Arc::default());
                }
                self.names.push(change.clone());
            }
            Op::SyncDirectory(directory) => {
                let durable = &mut self.durable;
                self.names.retain(|change| {
                    let lasts = change.directory() == directory;
                    if lasts {
                        durable.rename(change);
                    }
                    !lasts
                });
            }
        }
    }

    /// The parts that a crash now could keep or lose.
    fn parts(&self) -> Vec<Part> {
        let mut parts: Vec<_> = self.names.iter().cloned().map(Part::Name).collect();
        for (inode, writes) in &self.writes {
            let mut touched = Vec::new();
            for (offset, bytes) in writes {
                self.sectors(*inode, (*offset, bytes), &mut touched, &mut parts);
            }
        }
        parts
    }

    /// The sectors of one write that would change anything. Zeros behind the end of a file are one part.
    fn sectors(
        &self,
        inode: Inode,
        (offset, bytes): (usize, &Arc<[u8]>),
        touched: &mut Vec<usize>,
        parts: &mut Vec<Part>,
    ) {
        let file = &self.durable.files[inode];
        let mut zeros: Option<(usize, usize)> = None;
        let mut from = 0;
        while from < bytes.len() {
            // Up to where the next sector of the disk begins.
            let sector = (offset + from) / SECTOR;
            let to = bytes.len().min((sector + 1) * SECTOR - offset);
            let (begin, end) = (offset + from, offset + to);
            let piece = &bytes[from..to];
            let there = file.get(begin..end);
            let behind = begin >= file.len() && piece.iter().all(|byte| *byte == 0);
            if behind && !touched.contains(&sector) {
                zeros = Some((zeros.map_or(from, |(first, _)| first), to));
            } else if there != Some(piece) || touched.contains(&sector) {
                touched.push(sector);
                parts.push(Part::Bytes { inode, offset, bytes: Arc::clone(bytes), from, to });
            }
            from = to;
        }
        if let Some((from, to)) = zeros {
            parts.push(Part::Bytes { inode, offset, bytes: Arc::clone(bytes), from, to });
        }
    }

    /// What is left when the machine stops now and keeps what `keeps` says of each part.
    fn crash(&self, parts: &[Part], mut keeps: impl FnMut(usize) -> bool) -> Image {
        let mut image = self.durable.clone();
        for (number, part) in parts.iter().enumerate() {
            if !keeps(number) {
                continue;
            }
            match part {
                Part::Bytes { inode, offset, bytes, from, to } => {
                    image.write(*inode, offset + from, &bytes[*from..*to]);
                }
                Part::Name(change) => image.rename(change),
            }
        }
        drop_orphans(&mut image);
        image
    }

    /// The disks that a crash now can leave: all of them, when they are few; or `sample` of them, the most telling
    /// first: everything, nothing, all but one, only one, the first so many, and the rest by chance.
    pub(crate) fn crashes(&self, sample: usize, chance: &mut Chance) -> Vec<Image> {
        let parts = self.parts();
        let count = parts.len();
        if count <= EXHAUSTIVE {
            return (0..1_usize << count)
                .map(|kept| self.crash(&parts, |number| kept >> number & 1 == 1))
                .collect();
        }
        let mut images = vec![self.crash(&parts, |_| true), self.crash(&parts, |_| false)];
        for shape in 0..sample.saturating_sub(2) {
            let one = chance.below(count);
            images.push(match shape % 5 {
                0 => self.crash(&parts, |number| number != one),
                1 => self.crash(&parts, |number| number == one),
                2 => self.crash(&parts, |number| number <= one),
                3 => self.crash(&parts, |number| number >= one),
                _ => self.crash(&parts, |_| chance.below(2) == 1),
            });
        }
        images
    }

    /// What is left when all of it is lost but the first part.
    pub(crate) fn crash_with_one_part(&self) -> Image {
        self.crash(&self.parts(), |number| number == 0)
    }

    /// What is left when all of it is lost.
    pub(crate) fn crash_with_nothing(&self) -> Image {
        self.crash(&[], |_| false)
    }

    /// One of them, by chance.
    pub(crate) fn some_crash(&self, chance: &mut Chance) -> Image {
        let parts = self.parts();
        let kept = chance.below(5);
        self.crash(&parts, |_| chance.below(4) < kept)
    }
}

/// Files in a directory that was lost are lost with it.
fn drop_orphans(image: &mut Image) {
    let directories = &image.directories;
    image.names.retain(|name, _| {
        let parent = crate::tape::directory(name);
        parent.is_empty() || directories.iter().any(|known| known == parent)
    });
}

/// Numbers that look drawn and are the same every time: splitmix64.
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to but without `bound`, which is not 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }
}
