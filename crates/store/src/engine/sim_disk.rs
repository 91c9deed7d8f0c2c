//! A disk in memory that keeps what was synced and may forget the rest, and that can fail at any
//! chosen operation. For simulation and tests: it panics where a caller asks for what cannot be.
//!
//! An *operation* is whatever changes the disk or makes a change durable: making a file or a folder,
//! writing, reserving, renaming, removing, syncing. Reading is none. Operations are counted, and a
//! [`Fault`] hits the one with the number that was chosen, so that a run can be repeated with every
//! operation failing in turn.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use fleet::Span;

use super::chance::Chance;
use crate::engine::disk::{Disk, DiskFile};

/// What happens at the chosen operation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// The power goes while it is under way: nothing works from then on.
    PowerCut,
    /// It fails and does nothing; others go on.
    Fails(ErrorKind),
    /// If it is a write, half of it happens; it fails in any case.
    HalfFails,
    /// Something in it panics.
    Panics,
    /// It, or the first sync after it, says that it is done, and nothing is durable: the device lies. A
    /// later sync that is honest makes up for it.
    Lies,
    /// It takes so long; see [`SimDisk::take_stall`].
    Stalls(Span),
}

/// What of the unsynced things is still there after the power was cut.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Loss {
    /// None of them.
    All,
    /// All of them.
    Nothing,
    /// Each sector and the later names by chance, from this seed.
    Some(u64),
}

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;
/// What two copies of a file share until one of them is written to.
const SHARED: usize = 16 * 1024;

/// A disk in memory. Clones are handles of the same one.
#[derive(Clone, Default)]
pub struct SimDisk(Arc<Mutex<World>>);

/// What its files hold may be secret.
impl fmt::Debug for SimDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SimDisk").finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct World {
    inodes: BTreeMap<usize, Inode>,
    made: usize,
    names: BTreeMap<String, usize>,
    synced_names: BTreeMap<String, usize>,
    /// Not yet synced, in order.
    name_changes: Vec<NameChange>,
    operations: usize,
    /// How many bytes it holds; by default there is no end of it.
    capacity: Option<usize>,
    fault: Option<(usize, Fault)>,
    struck: bool,
    stall: Span,
    dead: bool,
}

#[derive(Clone, Debug, Default)]
struct Inode {
    bytes: Bytes,
    synced: Bytes,
    unsynced: Vec<(usize, Vec<u8>)>,
    /// How many have it open: until the last lets go it is there without a name.
    handles: usize,
}

/// The bytes of a file. A disk is copied at every crash and most of it never changes again, so copies share
/// what they have in common.
#[derive(Clone, Debug, Default)]
struct Bytes {
    parts: Vec<Arc<Vec<u8>>>,
    length: usize,
}

impl Bytes {
    fn write(&mut self, offset: usize, mut written: &[u8]) {
        self.length = self.length.max(offset + written.len());
        let zeros = || Arc::new(vec![0; SHARED]);
        self.parts.resize_with(self.length.div_ceil(SHARED).max(self.parts.len()), zeros);
        let mut at = offset;
        while !written.is_empty() {
            let (part, within) = (at / SHARED, at % SHARED);
            let (now, later) = written.split_at(written.len().min(SHARED - within));
            Arc::make_mut(&mut self.parts[part])[within..within + now.len()].copy_from_slice(now);
            (at, written) = (at + now.len(), later);
        }
    }

    fn read(&self, offset: usize, length: usize) -> Vec<u8> {
        let start = offset.min(self.length);
        let end = start.saturating_add(length).min(self.length);
        let mut read = Vec::with_capacity(end - start);
        while start + read.len() < end {
            let at = start + read.len();
            let (part, within) = (at / SHARED, at % SHARED);
            read.extend_from_slice(&self.parts[part][within..(within + end - at).min(SHARED)]);
        }
        read
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        let mut made = Self::default();
        made.write(0, bytes);
        made
    }
}

impl Inode {
    /// A file with these bytes, all of them synced.
    fn whole(bytes: Bytes) -> Self {
        Self { synced: bytes.clone(), bytes, ..Self::default() }
    }
}

#[derive(Clone, Debug)]
enum NameChange {
    Create(String, usize),
    Rename(String, String),
    Remove(String),
}

impl NameChange {
    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Create(name, inode) => {
                names.insert(name.clone(), *inode);
            }
            Self::Rename(from, to) => {
                if let Some(inode) = names.remove(from) {
                    names.insert(to.clone(), inode);
                }
            }
            Self::Remove(name) => {
                names.remove(name);
            }
        }
    }

    fn directory(&self) -> &str {
        match self {
            Self::Create(name, _) | Self::Rename(name, _) | Self::Remove(name) => directory(name),
        }
    }
}

fn directory(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(directory, _)| directory)
}

impl SimDisk {
    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// From now on it holds so many bytes and no more.
    pub fn shrink_to(&self, bytes: usize) {
        self.world().capacity = Some(bytes);
    }

    /// How many bytes are taken.
    #[must_use]
    pub fn used(&self) -> usize {
        self.world().used()
    }

    /// How many files it keeps: with a name, or open, or with a name that a reboot may bring back.
    #[must_use]
    pub fn files(&self) -> usize {
        self.world().inodes.len()
    }

    /// How many operations there were that a fault could have hit.
    #[must_use]
    pub fn operations(&self) -> usize {
        self.world().operations
    }

    /// Lets `fault` happen at the operation with this number, counted from now, from 0.
    pub fn fail_at(&self, operation: usize, fault: Fault) {
        let mut world = self.world();
        world.operations = 0;
        world.struck = false;
        world.fault = Some((operation, fault));
    }

    /// Whether the last fault that was asked for has happened.
    #[must_use]
    pub fn struck(&self) -> bool {
        self.world().struck
    }

    /// Whether the power is off.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.world().dead
    }

    /// For how long operations stalled since this was last asked. No clock runs in here: who simulates
    /// moves theirs.
    #[must_use]
    pub fn take_stall(&self) -> Span {
        core::mem::take(&mut self.world().stall)
    }

    /// Stops the machine and starts it again with what is left.
    #[must_use]
    pub fn reboot(&self, loss: Loss) -> Self {
        let mut world = self.world();
        world.dead = true;
        let mut chance = Chance::new(match loss {
            Loss::Some(seed) => seed,
            Loss::All | Loss::Nothing => 0,
        });
        let mut keeps = |many: usize| match loss {
            Loss::All => 0,
            Loss::Nothing => many,
            Loss::Some(_) => chance.below(many as u64 + 1) as usize,
        };
        let mut names = world.synced_names.clone();
        let kept = keeps(world.name_changes.len());
        world.name_changes.iter().take(kept).for_each(|change| change.apply(&mut names));
        let named: BTreeSet<usize> = names.values().copied().collect();
        let inodes = world.inodes.iter().filter(|(number, _)| named.contains(*number));
        let inodes = inodes.map(|(number, inode)| {
            let mut bytes = inode.synced.clone();
            for (offset, written) in &inode.unsynced {
                for (number, sector) in written.chunks(SECTOR).enumerate() {
                    if keeps(1) == 1 {
                        bytes.write(offset + number * SECTOR, sector);
                    }
                }
            }
            (*number, Inode::whole(bytes))
        });
        let inodes = inodes.collect();
        let (made, capacity) = (world.made, world.capacity);
        let synced_names = names.clone();
        Self(Arc::new(Mutex::new(World { inodes, made, names, synced_names, capacity, ..World::default() })))
    }

    /// A copy, with everything in it synced.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        let copy = self.restart();
        {
            let mut world = copy.world();
            world.synced_names = world.names.clone();
            world.name_changes.clear();
            for inode in world.inodes.values_mut() {
                *inode = Inode::whole(core::mem::take(&mut inode.bytes));
            }
        }
        copy
    }

    /// What another process finds when this one was killed: everything, but not all of it synced.
    #[must_use]
    pub fn restart(&self) -> Self {
        let world = self.world();
        let closed = |(number, inode): (&usize, &Inode)| (*number, Inode { handles: 0, ..inode.clone() });
        Self(Arc::new(Mutex::new(World {
            inodes: world.inodes.iter().map(closed).collect(),
            made: world.made,
            names: world.names.clone(),
            synced_names: world.synced_names.clone(),
            name_changes: world.name_changes.clone(),
            capacity: world.capacity,
            ..World::default()
        })))
    }

    /// The bytes of a file, synced or not.
    ///
    /// # Panics
    /// When there is no such file; so for the next.
    #[must_use]
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        let world = self.world();
        world.inodes[&world.names[name]].bytes.read(0, usize::MAX)
    }

    /// Replaces a file's bytes, durably.
    pub fn replace(&self, name: &str, bytes: &[u8]) {
        let mut world = self.world();
        let number = world.names[name];
        let handles = world.inodes[&number].handles;
        world.inodes.insert(number, Inode { handles, ..Inode::whole(bytes.into()) });
    }

    /// Counts an operation, which may be the one to fail. `half` is what it does when it half fails.
    fn operation(&self, half: impl FnOnce(&mut World)) -> io::Result<MutexGuard<'_, World>> {
        let mut world = self.world();
        if world.dead {
            return Err(io::Error::other("the power is off"));
        }
        let number = world.operations;
        world.operations += 1;
        let Some((_, fault)) = world.fault.filter(|(at, _)| *at == number) else { return Ok(world) };
        // A lie waits for a sync.
        world.struck = fault != Fault::Lies;
        match fault {
            Fault::PowerCut => {
                half(&mut world);
                world.dead = true;
                Err(io::Error::other("the power went off"))
            }
            Fault::Fails(kind) => Err(kind.into()),
            Fault::HalfFails => {
                half(&mut world);
                Err(ErrorKind::WriteZero.into())
            }
            Fault::Panics => {
                drop(world);
                panic!("planted")
            }
            Fault::Lies => Ok(world),
            Fault::Stalls(span) => {
                world.stall = Span::from_millis(world.stall.millis() + span.millis());
                Ok(world)
            }
        }
    }
}

impl World {
    /// How many bytes files take that have a name.
    fn used(&self) -> usize {
        self.names.values().map(|inode| self.inodes[inode].bytes.length).sum()
    }

    fn write(&mut self, inode: usize, offset: u64, bytes: &[u8]) {
        let offset = usize::try_from(offset).unwrap();
        let inode = self.inodes.get_mut(&inode).unwrap();
        inode.bytes.write(offset, bytes);
        inode.unsynced.push((offset, bytes.to_vec()));
    }

    fn rename(&mut self, change: NameChange) {
        change.apply(&mut self.names);
        self.name_changes.push(change);
    }

    /// Whether the device lies about the sync that is asked for.
    fn lies(&mut self) -> bool {
        let lies = !self.struck
            && self.fault.is_some_and(|(at, fault)| fault == Fault::Lies && at < self.operations);
        self.struck |= lies;
        lies
    }

    /// Frees what has no name any more, would have none after a reboot, and is not open.
    fn reclaim(&mut self) {
        let pending = self.name_changes.iter().filter_map(|change| match change {
            NameChange::Create(_, inode) => Some(*inode),
            NameChange::Rename(..) | NameChange::Remove(_) => None,
        });
        let named = self.names.values().chain(self.synced_names.values()).copied();
        let kept: BTreeSet<usize> = named.chain(pending).collect();
        self.inodes.retain(|number, inode| inode.handles > 0 || kept.contains(number));
    }
}

impl Disk for SimDisk {
    fn path(&self, name: &str) -> PathBuf {
        PathBuf::from("sim").join(name)
    }

    fn create_dir(&self, _name: &str) -> io::Result<()> {
        self.operation(|_| {}).map(|_| ())
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut world = self.operation(|_| {})?;
        if world.names.contains_key(name) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        let inode = world.made;
        world.made += 1;
        world.inodes.insert(inode, Inode { handles: 1, ..Inode::default() });
        world.rename(NameChange::Create(name.into(), inode));
        Ok(Box::new(SimFile { disk: self.clone(), inode }))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut world = self.world();
        let inode = *world.names.get(name).ok_or(ErrorKind::NotFound)?;
        world.inodes.get_mut(&inode).unwrap().handles += 1;
        Ok(Box::new(SimFile { disk: self.clone(), inode }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let change = NameChange::Rename(from.into(), to.into());
        let late = change.clone();
        self.operation(|world| world.rename(late))?.rename(change);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        if !self.world().names.contains_key(name) {
            return Err(ErrorKind::NotFound.into());
        }
        self.operation(|_| {})?.rename(NameChange::Remove(name.into()));
        Ok(())
    }

    fn list(&self, wanted: &str) -> io::Result<Vec<String>> {
        let world = self.world();
        let within = world.names.keys().filter(|name| directory(name) == wanted);
        Ok(within.map(|name| name.rsplit('/').next().unwrap().to_owned()).collect())
    }

    fn free(&self) -> io::Result<u64> {
        let world = self.world();
        Ok(world.capacity.map_or(u64::MAX, |capacity| capacity.saturating_sub(world.used()) as u64))
    }

    fn sync_dir(&self, wanted: &str) -> io::Result<()> {
        let mut world = self.operation(|_| {})?;
        if world.lies() {
            return Ok(());
        }
        let (done, left): (Vec<_>, Vec<_>) =
            world.name_changes.drain(..).partition(|change| change.directory() == wanted);
        world.name_changes = left;
        done.iter().for_each(|change| change.apply(&mut world.synced_names));
        world.reclaim();
        Ok(())
    }
}

#[derive(Debug)]
struct SimFile {
    disk: SimDisk,
    inode: usize,
}

impl SimFile {
    fn with<T>(&self, world: &mut World, work: impl FnOnce(&mut Inode) -> T) -> T {
        work(world.inodes.get_mut(&self.inode).expect("an open file is there"))
    }
}

impl Drop for SimFile {
    fn drop(&mut self) {
        self.with(&mut self.disk.world(), |inode| inode.handles -= 1);
    }
}

impl DiskFile for SimFile {
    fn size(&self) -> io::Result<u64> {
        Ok(u64::try_from(self.disk.world().inodes[&self.inode].bytes.length).unwrap())
    }

    fn read(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let world = self.disk.world();
        Ok(world.inodes[&self.inode].bytes.read(usize::try_from(offset).unwrap(), length))
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let half = &bytes[..bytes.len() / 2];
        let mut world = self.disk.operation(|world| match world.fault {
            // Cut off under way: any part of it may have happened.
            Some((_, Fault::PowerCut)) => world.write(self.inode, offset, bytes),
            Some(_) | None => world.write(self.inode, offset, half),
        })?;
        let end = usize::try_from(offset).unwrap() + bytes.len();
        let growth = end.saturating_sub(world.inodes[&self.inode].bytes.length);
        if world.capacity.is_some_and(|capacity| world.used() + growth > capacity) {
            return Err(ErrorKind::StorageFull.into());
        }
        world.write(self.inode, offset, bytes);
        Ok(())
    }

    fn reserve(&self, bytes: u64) -> io::Result<()> {
        let zeros = vec![0; usize::try_from(bytes).unwrap()];
        self.write_at(0, &zeros)
    }

    fn sync_data(&self) -> io::Result<()> {
        let forgotten = |world: &mut World| self.with(world, |inode| inode.unsynced.clear());
        let mut world = match self.disk.operation(|_| {}) {
            Ok(world) => world,
            Err(error) => {
                // As Linux does: what could not be written is still read, but never written again.
                if !self.disk.world().dead {
                    forgotten(&mut self.disk.world());
                }
                return Err(error);
            }
        };
        if world.lies() {
            return Ok(());
        }
        self.with(&mut world, |inode| {
            for (offset, written) in core::mem::take(&mut inode.unsynced) {
                inode.synced.write(offset, &written);
            }
        });
        Ok(())
    }

    fn is_named(&self, name: &str) -> io::Result<bool> {
        Ok(self.disk.world().names.get(name) == Some(&self.inode))
    }
}
