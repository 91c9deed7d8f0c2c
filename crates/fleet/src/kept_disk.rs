//! Disks that outlive their instance. While an instance is there its disks follow from it and have
//! no records; the release of one makes a record of each disk that is to stay.

use crate::View;
use crate::decide::Draft;
use crate::{AccountId, Batch, Disk, Instance, InstanceId, Label, OnRelease, Outcome, Record, Spec, Time};

/// A disk whose instance is gone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeptDisk {
    /// The instance it came with.
    pub instance: InstanceId,
    /// Which of its disks it was: 0 is the system disk, 1 the first further one.
    pub index: u8,
    /// Whose it is.
    pub account: AccountId,
    /// Where.
    pub region: Label,
    /// Where, more exactly.
    pub zone: Label,
    /// What it is.
    pub disk: Disk,
    /// When it was asked for.
    pub created_at: Time,
    /// When its instance was gone.
    pub kept_at: Time,
}

impl<V: View> Draft<'_, V> {
    /// Keeps those disks of an instance that stay when it goes. An instance that was never made has none.
    pub(crate) fn keep_disks(&mut self, instance: &Instance, spec: &Spec, batch: Option<&Batch>, now: Time) {
        let outcome = batch.and_then(|batch| batch.outcomes.get(usize::from(instance.index)));
        if outcome != Some(&Outcome::Made) {
            return;
        }
        for (index, disk) in (1_u8..).zip(&spec.data_disks) {
            if disk.on_release == OnRelease::Keep {
                self.put(Record::Disk(KeptDisk {
                    instance: instance.id,
                    index,
                    account: instance.account,
                    region: spec.region.clone(),
                    zone: spec.zone.clone(),
                    disk: disk.clone(),
                    created_at: instance.created_at,
                    kept_at: now,
                }));
            }
        }
    }
}
