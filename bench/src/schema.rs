//! The one transaction that every peer commits: the records a launch of ours writes, under the same keys
//! and as long, with the reads that they depend on.
//!
//! It is taken from the journal of a store of ours, so that it cannot fall behind the format:
//!
//! | record | what a peer does |
//! |---|---|
//! | token | looks it up, refuses it if it is there, puts it |
//! | sequence, account, stock, group, … | reads, counts up, writes back |
//! | subnet | reads, counts up, writes back: the count says which addresses are next |
//! | pages of addresses | reads those of the addresses, sets their bits, writes back |
//! | spec, batch, instances, work items, timers | puts them under new keys |
//!
//! A peer decides nothing else: no catalogue, no rules, no encoding, no checksums. That is in its favour.

use std::collections::BTreeMap;
use std::path::Path;

use crate::journal;
use crate::measure::Failure;
use crate::ours::{self, SUBNETS};
use crate::peers::{Pair, Read};

/// Kinds of keys, by their first byte.
mod kind {
    pub(super) const SUBNET: u8 = 88;
    pub(super) const PAGE: u8 = 96;
    pub(super) const TOKEN: u8 = 120;
    pub(super) const SPEC: u8 = 128;
    pub(super) const BATCH: u8 = 136;
    pub(super) const INSTANCE: u8 = 144;
    pub(super) const TIMER: u8 = 184;
    pub(super) const WORK: u8 = 192;
}

/// Where numbers stand in keys, behind the kind byte and the epoch of a serial.
const SERIAL_AT: usize = 3;
const WORK_SERIAL_AT: usize = 11;
/// Where the counter stands in a value that is read, changed and written back; behind the head's two bytes.
const COUNTER_AT: usize = 2;

/// What a launch of one amount writes.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) amount: u8,
    /// How long its frame in the journal is, on average.
    pub(crate) frame_bytes: usize,
    token: Pair,
    /// What every launch changes, save the subnet and its pages.
    shared: Vec<Pair>,
    subnet: Vec<u8>,
    page: Vec<u8>,
    new: Vec<Pair>,
}

/// One launch to be committed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    /// Which launch of all.
    pub(crate) number: u64,
    pub(crate) subnet: usize,
}

impl Schema {
    /// What launches of `amount` write, from a store that is made in `dir` for it.
    pub(crate) fn take(dir: &Path, amount: u8) -> Result<Self, Failure> {
        const LAUNCHES: usize = 64;
        let folder = tempfile::tempdir_in(dir)?;
        let store = folder.path().join("store");
        let fleet = ours::Fleet::create(&store)?;
        let furnished = fleet.hatchery.last().0.number();
        for subnet in 0..LAUNCHES {
            fleet.launch(subnet as u64, subnet, amount)?;
        }
        let (mut bytes, mut last) = (0, Vec::new());
        journal::read(&store, |frame| {
            if frame.revision > furnished {
                bytes += frame.size();
                last = frame.puts();
            }
        })?;
        let mut schema = Self {
            amount,
            frame_bytes: bytes / LAUNCHES,
            token: Pair::default(),
            shared: Vec::new(),
            subnet: Vec::new(),
            page: Vec::new(),
            new: Vec::new(),
        };
        last.into_iter().for_each(|pair| schema.sort(pair));
        Ok(schema)
    }

    fn sort(&mut self, pair: Pair) {
        match pair.0.first().copied() {
            Some(kind::TOKEN) => self.token = pair,
            Some(kind::SUBNET) => self.subnet = pair.1,
            Some(kind::PAGE) => self.page = pair.1,
            Some(kind::SPEC | kind::BATCH | kind::INSTANCE | kind::TIMER | kind::WORK) => self.new.push(pair),
            Some(_) | None => self.shared.push(pair),
        }
    }

    /// How many records a launch writes, and how many bytes they are.
    pub(crate) fn size(&self) -> (usize, usize) {
        let rest = self.subnet.len() + self.page.len() + 2 * subnet_key(0).len() + 3;
        let pairs = self.shared.iter().chain(&self.new).chain([&self.token]);
        pairs.fold((2, rest), |(count, bytes), (key, value)| (count + 1, bytes + key.len() + value.len()))
    }

    /// What has to be there before the first launch.
    pub(crate) fn furniture(&self) -> Vec<Pair> {
        let subnets = (0..SUBNETS).map(|subnet| (subnet_key(subnet), zeroed(&self.subnet)));
        self.shared.iter().map(|(key, value)| (key.clone(), zeroed(value))).chain(subnets).collect()
    }

    /// Decides a group of launches, each on what the ones before it leave.
    pub(crate) fn decide(&self, group: &[Order], read: Read<'_>) -> Result<Vec<Pair>, Failure> {
        let tokens: Vec<_> = group.iter().map(|order| self.token_key(order.number)).collect();
        let subnets: Vec<_> = group.iter().map(|order| subnet_key(order.subnet)).collect();
        let mut keys = tokens.clone();
        keys.extend(self.shared.iter().map(|(key, _)| key.clone()));
        keys.extend(subnets.iter().cloned());
        let mut found: BTreeMap<_, _> = keys.iter().cloned().zip(read(&keys)?).collect();
        if tokens.iter().any(|token| found.remove(token).flatten().is_some()) {
            return Err("a token was used before".into());
        }
        let mut state = BTreeMap::new();
        for (key, value) in found {
            state.insert(key, value.ok_or("what every launch changes is not there")?);
        }
        let pages = self.take_addresses(group, &mut state)?;
        let keys: Vec<_> = pages.keys().cloned().collect();
        for ((key, bits), page) in pages.into_iter().zip(read(&keys)?) {
            let mut page = page.unwrap_or_else(|| zeroed(&self.page));
            bits.into_iter().for_each(|bit| page[COUNTER_AT + bit / 8] |= 1 << (bit % 8));
            state.insert(key, page);
        }
        for order in group {
            self.put_new(order.number, &mut state);
        }
        Ok(state.into_iter().collect())
    }

    /// Fails unless all of these launches are there, and no others.
    pub(crate) fn verify(&self, launches: impl Iterator<Item = u64>, read: Read<'_>) -> Result<(), Failure> {
        let tokens: Vec<_> = launches.map(|number| self.token_key(number)).collect();
        let instances = tokens.len() as u64 * u64::from(self.amount);
        if read(&tokens)?.iter().any(Option::is_none) {
            return Err("a launch that was acknowledged is not there".into());
        }
        let keys: Vec<_> = self.shared.iter().map(|(key, _)| key.clone()).collect();
        for value in read(&keys)? {
            let counted = count_up(&mut value.ok_or("a shared record is not there")?, 0)?;
            if u64::from(counted) != instances {
                return Err(format!("{instances} instances were launched, and {counted} counted").into());
            }
        }
        Ok(())
    }

    /// Counts up what every launch changes; says which bits of which pages are taken.
    fn take_addresses(
        &self,
        group: &[Order],
        state: &mut BTreeMap<Vec<u8>, Vec<u8>>,
    ) -> Result<BTreeMap<Vec<u8>, Vec<usize>>, Failure> {
        let mut pages: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let amount = u32::from(self.amount);
        for order in group {
            for (key, _) in &self.shared {
                count_up(state.get_mut(key).ok_or("a shared record is not there")?, amount)?;
            }
            let subnet = state.get_mut(&subnet_key(order.subnet)).ok_or("the subnet is not there")?;
            let first = count_up(subnet, amount)?;
            for address in first..first + amount {
                let page = (address / 256) as u8;
                pages.entry(page_key(order.subnet, page)).or_default().push((address % 256) as usize);
            }
        }
        Ok(pages)
    }

    fn put_new(&self, number: u64, state: &mut BTreeMap<Vec<u8>, Vec<u8>>) {
        state.insert(self.token_key(number), altered(&self.token.1, number));
        let room = u64::from(self.amount) + 1;
        for (index, (key, value)) in self.new.iter().enumerate() {
            // Records of one kind come in the order of their serials, and no two kinds have a key in common.
            let serial = number * room * 4 + index as u64;
            let mut key = key.clone();
            let at = match key[0] {
                kind::TIMER => key.len() - 8,
                kind::WORK => WORK_SERIAL_AT,
                _ => SERIAL_AT,
            };
            key[at..at + 8].copy_from_slice(&serial.to_be_bytes());
            state.insert(key, altered(value, serial));
        }
    }

    fn token_key(&self, number: u64) -> Vec<u8> {
        let text = ours::token(number);
        let mut key = self.token.0.clone();
        let end = key.len() - 1;
        key[end - text.len()..end].copy_from_slice(text.as_bytes());
        key
    }
}

fn subnet_key(subnet: usize) -> Vec<u8> {
    let mut key = vec![kind::SUBNET];
    key.extend(ours::subnet_label(subnet).bytes());
    key.push(0);
    key
}

fn page_key(subnet: usize, page: u8) -> Vec<u8> {
    let mut key = vec![kind::PAGE, 1];
    key.extend(ours::subnet_label(subnet).bytes());
    key.extend([0, page]);
    key
}

fn zeroed(value: &[u8]) -> Vec<u8> {
    vec![0; value.len()]
}

/// Adds to the counter in a value; what it was before.
fn count_up(value: &mut [u8], by: u32) -> Result<u32, Failure> {
    let counter = value.get_mut(COUNTER_AT..COUNTER_AT + 4).ok_or("the record is too short")?;
    let before = u32::from_le_bytes(counter.try_into()?);
    counter.copy_from_slice(&(before + by).to_le_bytes());
    Ok(before)
}

/// The value, with other bytes in place of the checksum at its end.
fn altered(value: &[u8], serial: u64) -> Vec<u8> {
    let mut value = value.to_vec();
    let sum = (ours::scatter(serial) as u32).to_le_bytes();
    if let Some(end) = value.last_chunk_mut::<4>() {
        *end = sum;
    }
    value
}
