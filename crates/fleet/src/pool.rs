//! Pools of addresses, as pages of 256 bits with a summary, so that taking the next free address, a
//! given one, or many costs the same whether the pool is empty or nearly full.
//!
//! A subnet's IPv4 addresses, the IPv6 addresses that are drawn in it, and a region's public
//! addresses are pools, and all the same to what is in here: at most 65536 addresses, each known by
//! its number. The high byte of a number is its page, the low byte its bit.
//!
//! ```text
//! subnet 10.0.0.0/16     summary: how many are free, and one bit a page, set when the page is full
//! page 0                 10.0.0.0 … 10.0.0.255      one bit an address, set when it is not free
//! page 255               10.0.255.0 … 10.0.255.255  the last three bits are reserved
//! ```
//!
//! An address is free, reserved, held by an instance, or cooling down (`cooling.rs`); each is just
//! one of these.

use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

use crate::address::Bits;
use crate::decide::Draft;
use crate::{Attachment, Instance, Ipv6Claim, Key, Label, PublicPool, Record, Spec, Subnet, View};

/// Names a pool of addresses.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum PoolId {
    /// The IPv4 addresses of a subnet.
    Subnet(Label),
    /// The IPv6 addresses of a subnet that are drawn: see [`SubnetIpv6`](crate::SubnetIpv6).
    SubnetIpv6(Label),
    /// The public addresses of a region.
    Public(Label),
}

/// How many addresses a pool has, and how many at its ends are never given out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Extent {
    /// How many there are in all; at most 65536.
    pub size: u32,
    /// How many at the start are reserved.
    pub first: u32,
    /// How many at the end are reserved.
    pub last: u32,
}

impl Extent {
    /// How many addresses a page covers.
    const PAGE_SIZE: u32 = 256;

    /// How many addresses can be given out.
    #[must_use]
    pub const fn usable(self) -> u32 {
        self.size.saturating_sub(self.first).saturating_sub(self.last)
    }

    /// The numbers of its pages.
    pub fn pages(self) -> impl Iterator<Item = u8> {
        let count = self.size.div_ceil(Self::PAGE_SIZE);
        (0..=u8::MAX).take_while(move |number| u32::from(*number) < count)
    }

    /// Whether the address is never given out.
    #[must_use]
    pub fn is_reserved(self, offset: u16) -> bool {
        let offset = u32::from(offset);
        offset < self.first || offset >= self.size.saturating_sub(self.last)
    }

    /// The bits of a page that are never given out, those behind the last address among them.
    #[must_use]
    pub fn fixed(self, number: u8) -> Bits {
        (0..=u8::MAX)
            .filter(|bit| self.is_reserved(u16::from_be_bytes([number, *bit])))
            .fold(Bits::default(), Bits::with)
    }
}

/// The summary of a pool.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pool {
    /// How many of its addresses can be given out now.
    pub free: u32,
    /// Set where a page of its addresses is full.
    pub full_pages: Bits,
}

impl Pool {
    /// A pool of which nothing is taken.
    #[must_use]
    pub fn fresh(extent: Extent) -> Self {
        Self { free: extent.usable(), full_pages: Bits::default() }
    }

    /// The pool with `free` addresses, and a summary that knows whether `page` is full.
    pub(crate) fn with_page(self, free: u32, page: &AddressPage) -> Self {
        let full_pages = match page.taken.is_full() {
            true => self.full_pages.with(page.number),
            false => self.full_pages.without(page.number),
        };
        Self { free, full_pages }
    }
}

/// One page of a pool.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AddressPage {
    /// The pool it belongs to.
    pub pool: PoolId,
    /// Which of its pages it is.
    pub number: u8,
    /// Set where an address is not free, or is none.
    pub taken: Bits,
}

impl AddressPage {
    /// A page of which nothing is taken but what is reserved.
    #[must_use]
    pub fn fresh(pool: PoolId, extent: Extent, number: u8) -> Self {
        Self { pool, number, taken: extent.fixed(number) }
    }
}

/// An address that is not free, and the pool it goes back to.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum HeldAddress {
    /// Of a subnet.
    Subnet(Label, Ipv4Addr),
    /// Of the IPv6 block of a subnet.
    SubnetIpv6(Label, Ipv6Addr),
    /// Of a region.
    Public(Label, Ipv4Addr),
}

impl HeldAddress {
    /// The pool it is of.
    #[must_use]
    pub fn pool(&self) -> PoolId {
        match self {
            Self::Subnet(label, _) => PoolId::Subnet(label.clone()),
            Self::SubnetIpv6(label, _) => PoolId::SubnetIpv6(label.clone()),
            Self::Public(region, _) => PoolId::Public(region.clone()),
        }
    }
}

impl Instance {
    /// Every address it holds. What is given back when it is gone is just this, and what an audit
    /// expects to be taken as well.
    pub fn held_addresses<'a>(&'a self, spec: &'a Spec) -> impl Iterator<Item = HeldAddress> + 'a {
        let first = HeldAddress::Subnet(spec.subnet.clone(), self.address);
        let further = spec.interfaces.iter().zip(&self.further);
        let further =
            further.map(|(interface, address)| HeldAddress::Subnet(interface.subnet.clone(), *address));
        let public = self.public.map(|address| HeldAddress::Public(spec.region.clone(), address));
        let ipv6 = self.ipv6.iter().map(|address| HeldAddress::SubnetIpv6(spec.subnet.clone(), *address));
        let attached = self.attached.iter().map(Attachment::held);
        core::iter::once(first).chain(further).chain(public).chain(ipv6).chain(attached)
    }
}

/// Where an address of a pool is written down.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// As a bit of a page.
    Bit(u16),
    /// As a record of its own.
    Apart(Ipv6Claim),
}

/// A record that has pools in it.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "a launch opens a handful of them")]
pub(crate) enum Source {
    Subnet(Subnet),
    Public(PublicPool),
}

impl Source {
    /// The pool `id`, if it is in here.
    pub(crate) fn pool(&self, id: &PoolId) -> Option<(Extent, Pool)> {
        match (self, id) {
            (Self::Subnet(subnet), PoolId::Subnet(label)) if subnet.label == *label => {
                Some((subnet.block.extent(), subnet.pool))
            }
            (Self::Subnet(subnet), PoolId::SubnetIpv6(label)) if subnet.label == *label => {
                subnet.ipv6.map(|ipv6| (crate::SubnetIpv6::EXTENT, ipv6.pool))
            }
            (Self::Public(public), PoolId::Public(region)) if public.region == *region => {
                Some((public.block.extent(), public.pool))
            }
            (
                Self::Subnet(_) | Self::Public(_),
                PoolId::Subnet(_) | PoolId::SubnetIpv6(_) | PoolId::Public(_),
            ) => None,
        }
    }

    fn set_pool(&mut self, id: &PoolId, pool: Pool) {
        match (self, id) {
            (Self::Subnet(subnet), PoolId::Subnet(_)) => subnet.pool = pool,
            (Self::Subnet(subnet), PoolId::SubnetIpv6(_)) => {
                subnet.ipv6 = subnet.ipv6.map(|ipv6| ipv6.with_pool(pool));
            }
            (Self::Public(public), PoolId::Public(_)) => public.pool = pool,
            (Self::Subnet(_), PoolId::Public(_))
            | (Self::Public(_), PoolId::Subnet(_) | PoolId::SubnetIpv6(_)) => {}
        }
    }

    /// Where `held` is written down, when it is an address of a pool in here that is given out.
    pub(crate) fn place(&self, held: &HeldAddress) -> Option<Place> {
        let bit = match (self, held) {
            (Self::Subnet(subnet), HeldAddress::Subnet(_, address)) => subnet.block.offset(*address)?,
            (Self::Public(public), HeldAddress::Public(_, address)) => public.block.offset(*address)?,
            (Self::Subnet(subnet), HeldAddress::SubnetIpv6(_, address)) => {
                match subnet.ipv6.filter(|ipv6| ipv6.contains(*address))?.offset(*address) {
                    Some(offset) => offset,
                    None => {
                        let (subnet, address) = (subnet.label.clone(), *address);
                        return Some(Place::Apart(Ipv6Claim { subnet, address }));
                    }
                }
            }
            (Self::Subnet(_), HeldAddress::Public(..))
            | (Self::Public(_), HeldAddress::Subnet(..) | HeldAddress::SubnetIpv6(..)) => return None,
        };
        let (extent, _) = self.pool(&held.pool())?;
        (!extent.is_reserved(bit)).then_some(Place::Bit(bit))
    }

    fn into_record(self) -> Record {
        match self {
            Self::Subnet(subnet) => Record::Subnet(subnet),
            Self::Public(public) => Record::PublicPool(public),
        }
    }
}

/// Addresses that are about to be taken, and what that makes of their pools. Nothing has happened
/// before [`Draft::put_takings`].
#[derive(Debug, Default)]
pub(crate) struct Takings {
    sources: Vec<Source>,
    /// Few, each once: a launch takes from one or two of each pool.
    pages: Vec<AddressPage>,
    claims: Vec<Ipv6Claim>,
}

impl Takings {
    /// Opens the pools of a record; one that is open already stays as it is.
    pub(crate) fn open(&mut self, source: Source) {
        let id = match &source {
            Source::Subnet(subnet) => PoolId::Subnet(subnet.label.clone()),
            Source::Public(public) => PoolId::Public(public.region.clone()),
        };
        if self.source(&id).is_none() {
            // Nearly always it is the only one, and they are large.
            self.sources.reserve_exact(1);
            self.sources.push(source);
        }
    }

    fn source(&self, id: &PoolId) -> Option<&Source> {
        self.sources.iter().find(|source| source.pool(id).is_some())
    }

    fn page<V: View>(
        &self,
        draft: &Draft<'_, V>,
        id: &PoolId,
        extent: Extent,
        number: u8,
    ) -> Result<AddressPage, V::Failure> {
        match self.pages.iter().find(|page| page.number == number && page.pool == *id) {
            Some(page) => Ok(page.clone()),
            None => draft.address_page(id, extent, number),
        }
    }

    fn set(&mut self, page: AddressPage, free: u32) {
        let id = &page.pool;
        for source in &mut self.sources {
            if let Some((_, pool)) = source.pool(id) {
                source.set_pool(id, pool.with_page(free, &page));
            }
        }
        let same = |other: &&mut AddressPage| other.number == page.number && other.pool == page.pool;
        match self.pages.iter_mut().find(same) {
            Some(other) => *other = page,
            None => {
                self.pages.reserve_exact(1);
                self.pages.push(page);
            }
        }
    }

    /// Takes the `count` lowest free addresses of a pool; fewer when there are fewer.
    pub(crate) fn take_next<V: View>(
        &mut self,
        draft: &Draft<'_, V>,
        id: &PoolId,
        count: u32,
    ) -> Result<Vec<u16>, V::Failure> {
        let mut taken = Vec::new();
        let mut left = count;
        while left > 0 {
            let Some((extent, pool)) = self.source(id).and_then(|source| source.pool(id)) else { break };
            let Some(number) = pool.full_pages.first_clear() else { break };
            if u32::from(number).saturating_mul(Extent::PAGE_SIZE) >= extent.size {
                break;
            }
            let mut page = self.page(draft, id, extent, number)?;
            let mut free = pool.free;
            while left > 0
                && let Some(bit) = page.taken.first_clear()
            {
                page.taken = page.taken.with(bit);
                taken.push(u16::from_be_bytes([number, bit]));
                (left, free) = (left.saturating_sub(1), free.saturating_sub(1));
            }
            self.set(page, free);
        }
        Ok(taken)
    }

    /// Takes a given address. `false` when it is not free, and then nothing is taken.
    pub(crate) fn take<V: View>(
        &mut self,
        draft: &Draft<'_, V>,
        held: &HeldAddress,
    ) -> Result<bool, V::Failure> {
        let id = &held.pool();
        let Some(source) = self.source(id) else { return Ok(false) };
        let offset = match source.place(held) {
            None => return Ok(false),
            Some(Place::Apart(claim)) => {
                let free = !self.claims.contains(&claim) && draft.get(&claim.key())?.is_none();
                self.claims.extend(free.then_some(claim));
                return Ok(free);
            }
            Some(Place::Bit(offset)) => offset,
        };
        let Some((extent, pool)) = source.pool(id) else { return Ok(false) };
        let [number, bit] = offset.to_be_bytes();
        let mut page = self.page(draft, id, extent, number)?;
        if page.taken.is_set(bit) {
            return Ok(false);
        }
        page.taken = page.taken.with(bit);
        self.set(page, pool.free.saturating_sub(1));
        Ok(true)
    }

    /// How many addresses from a given one on are free without a gap, at most `most`.
    pub(crate) fn free_run<V: View>(
        &self,
        draft: &Draft<'_, V>,
        first: &HeldAddress,
        most: u32,
    ) -> Result<u32, V::Failure> {
        let id = first.pool();
        let Some(source) = self.source(&id) else { return Ok(0) };
        let (Some(Place::Bit(start)), Some((extent, _))) = (source.place(first), source.pool(&id)) else {
            return Ok(0);
        };
        let mut page: Option<AddressPage> = None;
        let mut run = 0;
        for offset in (start..=u16::MAX).take(most.try_into().unwrap_or(usize::MAX)) {
            let [number, bit] = offset.to_be_bytes();
            let current = match page.take().filter(|page| page.number == number) {
                Some(current) => current,
                None => self.page(draft, &id, extent, number)?,
            };
            if u32::from(offset) >= extent.size || current.taken.is_set(bit) {
                break;
            }
            run = u32::from(offset).saturating_sub(u32::from(start)).saturating_add(1);
            page = Some(current);
        }
        Ok(run)
    }
}

impl<V: View> Draft<'_, V> {
    /// The record that has the pool `id` in it.
    pub(crate) fn source(&self, id: &PoolId) -> Result<Option<Source>, V::Failure> {
        Ok(match id {
            PoolId::Subnet(label) | PoolId::SubnetIpv6(label) => self.subnet(label)?.map(Source::Subnet),
            PoolId::Public(region) => self.public_pool(region)?.map(Source::Public),
        })
    }

    /// Puts pools as they are after addresses were taken out of them.
    pub(crate) fn put_takings(&mut self, takings: Takings) {
        takings.sources.into_iter().for_each(|source| self.put(source.into_record()));
        takings.pages.into_iter().for_each(|page| self.put(Record::AddressPage(page)));
        takings.claims.into_iter().for_each(|claim| self.put(Record::Ipv6Claim(claim)));
    }

    /// Removes the pages of a pool that is to be no more, of which nothing is taken.
    pub(crate) fn remove_pages(&mut self, id: &PoolId, extent: Extent) -> Result<(), V::Failure> {
        for number in extent.pages() {
            let key = Key::AddressPage(id.clone(), number);
            if self.get(&key)?.is_some() {
                self.remove(key);
            }
        }
        Ok(())
    }

    /// Puts an address back into its pool. One that is free already stays so.
    pub(crate) fn put_back(&mut self, held: &HeldAddress) -> Result<(), V::Failure> {
        let id = held.pool();
        let Some(mut source) = self.source(&id)? else { return Ok(()) };
        let offset = match source.place(held) {
            None => return Ok(()),
            Some(Place::Apart(claim)) => {
                self.remove(claim.key());
                return Ok(());
            }
            Some(Place::Bit(offset)) => offset,
        };
        let Some((extent, pool)) = source.pool(&id) else { return Ok(()) };
        let [number, bit] = offset.to_be_bytes();
        let mut page = self.address_page(&id, extent, number)?;
        if !page.taken.is_set(bit) {
            return Ok(());
        }
        page.taken = page.taken.without(bit);
        source.set_pool(&id, pool.with_page(pool.free.saturating_add(1), &page));
        self.put(source.into_record());
        self.put(Record::AddressPage(page));
        Ok(())
    }
}
