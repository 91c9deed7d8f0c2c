//! A disk in memory that keeps what was synced and may forget the rest, and that can fail at any
//! chosen operation.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::engine::disk::{Disk, DiskFile};

/// What happens at the chosen operation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// The power goes while it is under way: nothing works from then on.
    PowerCut,
    /// It fails and does nothing; others go on.
    Fails(ErrorKind),
    /// If it is a write, half of it happens; it fails in any case.
    HalfFails,
    /// Something in it panics.
    Panics,
}

/// What of the unsynced things is still there after the power was cut.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Loss {
    All,
    Nothing,
    /// Each sector and the later names by chance, from this seed.
    Some(u64),
}

const SECTOR: usize = 512;

#[derive(Clone, Debug, Default)]
pub(crate) struct SimDisk(Arc<Mutex<World>>);

#[derive(Debug, Default)]
struct World {
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
    synced_names: BTreeMap<String, usize>,
    /// Not yet synced, in order.
    name_changes: Vec<NameChange>,
    operations: usize,
    /// How many bytes it holds; by default there is no end of it.
    capacity: Option<usize>,
    fault: Option<(usize, Fault)>,
    dead: bool,
}

#[derive(Clone, Debug, Default)]
struct Inode {
    bytes: Vec<u8>,
    synced: Vec<u8>,
    unsynced: Vec<(usize, Vec<u8>)>,
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
    pub(crate) fn shrink_to(&self, bytes: usize) {
        self.world().capacity = Some(bytes);
    }

    /// How many bytes are taken.
    pub(crate) fn used(&self) -> usize {
        self.world().used()
    }

    /// How many operations there were that a fault could have hit.
    pub(crate) fn operations(&self) -> usize {
        self.world().operations
    }

    /// Lets `fault` happen at the operation with this number, counted from now, from 0.
    pub(crate) fn fail_at(&self, operation: usize, fault: Fault) {
        let mut world = self.world();
        world.operations = 0;
        world.fault = Some((operation, fault));
    }

    /// Stops the machine and starts it again with what is left.
    pub(crate) fn reboot(&self, loss: Loss) -> Self {
        let mut world = self.world();
        world.dead = true;
        let mut chance = Chance(match loss {
            Loss::Some(seed) => seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            Loss::All | Loss::Nothing => 1,
        });
        let mut keeps = |many: usize| match loss {
            Loss::All => 0,
            Loss::Nothing => many,
            Loss::Some(_) => chance.below(many + 1),
        };
        let mut names = world.synced_names.clone();
        let kept = keeps(world.name_changes.len());
        world.name_changes.iter().take(kept).for_each(|change| change.apply(&mut names));
        let inodes = world.inodes.iter().map(|inode| {
            let mut bytes = inode.synced.clone();
            for (offset, written) in &inode.unsynced {
                for (number, sector) in written.chunks(SECTOR).enumerate() {
                    if keeps(1) == 1 {
                        write(&mut bytes, offset + number * SECTOR, sector);
                    }
                }
            }
            Inode { synced: bytes.clone(), bytes, unsynced: Vec::new() }
        });
        let inodes = inodes.collect();
        Self(Arc::new(Mutex::new(World { inodes, synced_names: names.clone(), names, ..World::default() })))
    }

    /// A copy, with everything in it synced.
    pub(crate) fn snapshot(&self) -> Self {
        let copy = self.restart();
        {
            let mut world = copy.world();
            world.synced_names = world.names.clone();
            world.name_changes.clear();
            for inode in &mut world.inodes {
                *inode =
                    Inode { synced: inode.bytes.clone(), bytes: inode.bytes.clone(), unsynced: Vec::new() };
            }
        }
        copy
    }

    /// What another process finds when this one was killed: everything, but not all of it synced.
    pub(crate) fn restart(&self) -> Self {
        let world = self.world();
        Self(Arc::new(Mutex::new(World {
            inodes: world.inodes.clone(),
            names: world.names.clone(),
            synced_names: world.synced_names.clone(),
            name_changes: world.name_changes.clone(),
            capacity: world.capacity,
            ..World::default()
        })))
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        let world = self.world();
        world.inodes[world.names[name]].bytes.clone()
    }

    /// Replaces a file's bytes, durably.
    pub(crate) fn replace(&self, name: &str, bytes: &[u8]) {
        let mut world = self.world();
        let inode = world.names[name];
        world.inodes[inode] = Inode { bytes: bytes.to_vec(), synced: bytes.to_vec(), unsynced: Vec::new() };
    }

    /// Counts an operation, which may be the one to fail. `half` is what it does when it half fails.
    fn operation(&self, half: impl FnOnce(&mut World)) -> io::Result<MutexGuard<'_, World>> {
        let mut world = self.world();
        if world.dead {
            return Err(io::Error::other("the power is off"));
        }
        let number = world.operations;
        world.operations += 1;
        match world.fault {
            Some((at, Fault::PowerCut)) if at == number => {
                half(&mut world);
                world.dead = true;
                Err(io::Error::other("the power went off"))
            }
            Some((at, Fault::Fails(kind))) if at == number => Err(kind.into()),
            Some((at, Fault::Panics)) if at == number => {
                drop(world);
                panic!("planted")
            }
            Some((at, Fault::HalfFails)) if at == number => {
                half(&mut world);
                Err(ErrorKind::WriteZero.into())
            }
            Some(_) | None => Ok(world),
        }
    }
}

fn write(bytes: &mut Vec<u8>, offset: usize, written: &[u8]) {
    let end = offset + written.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[offset..end].copy_from_slice(written);
}

impl World {
    /// How many bytes files take that have a name.
    fn used(&self) -> usize {
        self.names.values().map(|inode| self.inodes[*inode].bytes.len()).sum()
    }

    fn write(&mut self, inode: usize, offset: u64, bytes: &[u8]) {
        let offset = usize::try_from(offset).unwrap();
        let inode = &mut self.inodes[inode];
        write(&mut inode.bytes, offset, bytes);
        inode.unsynced.push((offset, bytes.to_vec()));
    }

    fn rename(&mut self, change: NameChange) {
        change.apply(&mut self.names);
        self.name_changes.push(change);
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
        let inode = world.inodes.len();
        world.inodes.push(Inode::default());
        world.rename(NameChange::Create(name.into(), inode));
        Ok(Box::new(SimFile { disk: self.clone(), inode }))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let world = self.world();
        let inode = *world.names.get(name).ok_or(ErrorKind::NotFound)?;
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
        let (done, left): (Vec<_>, Vec<_>) =
            world.name_changes.drain(..).partition(|change| change.directory() == wanted);
        world.name_changes = left;
        done.iter().for_each(|change| change.apply(&mut world.synced_names));
        Ok(())
    }
}

#[derive(Debug)]
struct SimFile {
    disk: SimDisk,
    inode: usize,
}

impl DiskFile for SimFile {
    fn size(&self) -> io::Result<u64> {
        Ok(u64::try_from(self.disk.world().inodes[self.inode].bytes.len()).unwrap())
    }

    fn read(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let world = self.disk.world();
        let bytes = &world.inodes[self.inode].bytes;
        let start = usize::try_from(offset).unwrap().min(bytes.len());
        let end = start.saturating_add(length).min(bytes.len());
        Ok(bytes[start..end].to_vec())
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let half = &bytes[..bytes.len() / 2];
        let mut world = self.disk.operation(|world| match world.fault {
            // Cut off under way: any part of it may have happened.
            Some((_, Fault::PowerCut)) => world.write(self.inode, offset, bytes),
            Some(_) | None => world.write(self.inode, offset, half),
        })?;
        let end = usize::try_from(offset).unwrap() + bytes.len();
        let growth = end.saturating_sub(world.inodes[self.inode].bytes.len());
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
        let forgotten = |world: &mut World| world.inodes[self.inode].unsynced.clear();
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
        let inode = &mut world.inodes[self.inode];
        for (offset, written) in core::mem::take(&mut inode.unsynced) {
            write(&mut inode.synced, offset, &written);
        }
        Ok(())
    }

    fn is_named(&self, name: &str) -> io::Result<bool> {
        Ok(self.disk.world().names.get(name) == Some(&self.inode))
    }
}

/// xorshift64: small, and the same everywhere.
#[derive(Debug)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % bound
    }
}
