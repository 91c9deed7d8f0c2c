//! Public addresses: a pool for each region that the catalogue gives a block, and the command that
//! gives one to an instance that was made without.
//!
//! Launches that start their instances take from the pool as well, when the line to the internet is
//! to carry anything out. Where a region has no pool they go without, and nothing is refused: whoever
//! wants public addresses says so in the catalogue.

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::lock::{Barrier, Use};
use crate::pool::{Source, Takings};
use crate::{
    AccountId, CatalogueRefusal, Instance, InstanceId, Key, Label, Pool, PoolId, Record, Region, State,
    Status, SubnetBlock, Time,
};

/// The public addresses of a region.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicPool {
    /// The region.
    pub region: Label,
    /// Its addresses.
    pub block: SubnetBlock,
    /// What is left of them.
    pub pool: Pool,
}

impl PublicPool {
    /// A pool of which nothing is taken.
    #[must_use]
    pub fn fresh(region: Label, block: SubnetBlock) -> Self {
        Self { region, block, pool: Pool::fresh(block.extent()) }
    }

    /// How many of its addresses instances have, or are cooling down.
    #[must_use]
    pub fn out(&self) -> u32 {
        self.block.usable().saturating_sub(self.pool.free)
    }
}

/// Gives an instance a public address (AllocatePublicIpAddress). It keeps it until it is gone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct GivePublicAddress {
    /// Whose instance it is.
    pub account: AccountId,
    /// Which.
    pub instance: InstanceId,
}

/// Why an instance gets no public address: `contract/ecs-actions.md`, AllocatePublicIpAddress.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PublicAddressRefusal {
    /// The account has no such instance, or it is released.
    #[error("there is no instance {0}")]
    Unknown(InstanceId),
    /// It is locked for security reasons.
    #[error("the instance is locked")]
    Locked,
    /// What it costs is not paid.
    #[error("the instance is not paid for")]
    Unpaid,
    /// It is neither running nor off.
    #[error("the instance is {0:?}")]
    WrongStatus(Status),
    /// It has one.
    #[error("the instance has a public address already")]
    HasOne,
    /// Its line carries nothing out.
    #[error("the line of the instance carries nothing out")]
    NoBandwidth,
    /// The region has none left, or never had any.
    #[error("region {0} has no public address left")]
    NoneLeft(Label),
}

impl Command for GivePublicAddress {
    type Reply = Instance;
    type Refusal = PublicAddressRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<Instance, Halt<PublicAddressRefusal, V::Failure>> {
        use PublicAddressRefusal as R;
        let found = draft.visible_instance(self.account, self.instance)?;
        let unknown = || Halt::Refused(R::Unknown(self.instance));
        let instance = found.ok_or_else(unknown)?;
        match draft.barrier(&instance, Use::Stop, now)? {
            Some(Barrier::Locked(_)) => return Err(Halt::Refused(R::Locked)),
            Some(Barrier::Unpaid(_)) => return Err(Halt::Refused(R::Unpaid)),
            None => {}
        }
        match instance.state {
            State::Running | State::Stopped(_) => {}
            State::Pending(_)
            | State::Installing(_)
            | State::Blank
            | State::Binned { .. }
            | State::Starting(..)
            | State::Stopping(..)
            | State::Failed(_)
            | State::Releasing(..) => return Err(Halt::Refused(R::WrongStatus(instance.state.status()))),
        }
        if instance.public.is_some() {
            return Err(Halt::Refused(R::HasOne));
        }
        let spec = draft.spec(instance.batch)?.ok_or_else(unknown)?;
        if spec.internet.out_mbps_max == 0 {
            return Err(Halt::Refused(R::NoBandwidth));
        }
        let none_left = || Halt::Refused(R::NoneLeft(spec.region.clone()));
        let pool = draft.public_pool(&spec.region)?.ok_or_else(none_left)?;
        let (id, block) = (PoolId::Public(pool.region.clone()), pool.block);
        let mut takings = Takings::default();
        takings.open(Source::Public(pool));
        let taken = takings.take_next(draft, &id, 1)?;
        let public = taken.first().map(|offset| block.address(*offset)).ok_or_else(none_left)?;

        let instance = Instance { public: Some(public), ..instance };
        draft.put_takings(takings);
        draft.put(Record::Instance(instance.clone()));
        Ok(instance)
    }
}

impl<V: View> Draft<'_, V> {
    /// Makes the public pool of a region what the catalogue says. One with addresses out can grow
    /// where it is, and nothing else.
    pub(crate) fn set_public_block(
        &mut self,
        region: &Region,
    ) -> Result<(), Halt<CatalogueRefusal, V::Failure>> {
        let before = self.public_pool(&region.label)?;
        let wanted = region.public_block;
        if before.as_ref().map(|before| before.block) == wanted {
            return Ok(());
        }
        let Some(before) = before else {
            let fresh = wanted.map(|block| PublicPool::fresh(region.label.clone(), block));
            fresh.into_iter().for_each(|pool| self.put(Record::PublicPool(pool)));
            return Ok(());
        };
        if before.out() == 0 {
            let id = PoolId::Public(region.label.clone());
            self.remove_pages(&id, before.block.extent())?;
            match wanted {
                Some(block) => self.put(Record::PublicPool(PublicPool::fresh(region.label.clone(), block))),
                None => self.remove(Key::PublicPool(region.label.clone())),
            }
            return Ok(());
        }
        match wanted.filter(|wanted| wanted.grows(before.block)) {
            Some(wanted) => Ok(self.grow_public_pool(before, wanted)?),
            None => Err(Halt::Refused(CatalogueRefusal::PublicBlockInUse {
                region: region.label.clone(),
                block: before.block,
                wanted,
                out: before.out(),
            })),
        }
    }

    /// The last addresses of the block it had are no longer reserved, and all on one page.
    fn grow_public_pool(&mut self, before: PublicPool, block: SubnetBlock) -> Result<(), V::Failure> {
        let (old, new) = (before.block.extent(), block.extent());
        let id = PoolId::Public(before.region.clone());
        let pool = Pool { free: new.usable().saturating_sub(before.out()), ..before.pool };
        let mut grown = PublicPool { block, pool, ..before };
        if let Some(number) = old.pages().last() {
            let mut page = self.address_page(&id, old, number)?;
            page.taken = page.taken.without_all(old.fixed(number)).with_all(new.fixed(number));
            grown.pool = grown.pool.with_page(pool.free, &page);
            self.put(Record::AddressPage(page));
        }
        self.put(Record::PublicPool(grown));
        Ok(())
    }
}
