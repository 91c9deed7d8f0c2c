//! What a launch writes down once nothing can refuse it any more.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::find::Found;
use super::take::Taken;
use super::{Launch, Launched};
use crate::View;
use crate::decide::Draft;
use crate::{
    Attachment, Batch, BatchId, Device, Disk, DiskKind, Group, Image, Instance, InstanceId, Machine,
    OnRelease, Outcome, Record, Spec, State, Time, TimerKind, Token,
};

impl Launch {
    /// Writes down what was decided.
    pub(super) fn write<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        found: Found,
        taken: Taken,
        batch: BatchId,
        first: InstanceId,
        now: Time,
    ) -> Launched {
        let spec = self.spec(&found);
        let ids = (0..taken.count)
            .filter_map(|index| Some((index, first.0.plus(u64::from(index)).map(InstanceId)?)));
        let attachments = taken.attached.iter().flat_map(|taken| &taken.addresses);
        let mut attachments = found.attached.iter().map(|subnet| &subnet.label).cycle().zip(attachments);
        for ((index, id), address) in ids.zip(&taken.addresses.addresses) {
            let attached = attachments.next();
            let attached =
                attached.map(|(subnet, address)| Attachment { subnet: subnet.clone(), address: *address });
            let instance = Instance {
                id,
                account: self.account,
                batch,
                index,
                state: State::Stopped,
                machine: Machine::Absent,
                address: *address,
                paid: taken.price,
                protection: self.protection,
                created_at: now,
                started_at: None,
                orders: 0,
                release_at: self.terms.release_at,
                public: None,
                further: Vec::new(),
                ipv6: Vec::new(),
                amended: false,
                attached: attached.into_iter().collect(),
            };
            let state = State::Pending(instance.next_work(now));
            draft.put_waiting(Instance { state, ..instance });
        }
        let token = self.token.as_ref().map(|token| (self.token_key(token), token.fingerprint));
        let batch = Batch {
            id: batch,
            account: self.account,
            first,
            outcomes: (0..taken.count).map(|_| Outcome::Pending).collect(),
            living: taken.count,
            launched_at: now,
            token: token.as_ref().map(|(key, _)| key.clone()),
            may_go: false,
        };
        if let Some((key, fingerprint)) = token {
            let expires_at = now.after(draft.policy().token_retention);
            draft.put(Record::Token(Token { key, fingerprint, batch: batch.id, expires_at }));
        }
        for group in found.groups {
            let members = group.members.saturating_add(u32::from(taken.count));
            draft.put(Record::Group(Group { members, ..group }));
        }
        draft.put(Record::Account(taken.account));
        draft.put(Record::Stock(taken.stock));
        draft.put_taken(found.subnet, taken.addresses);
        if let (Some(subnet), Some(attached)) = (found.attached, taken.attached) {
            draft.put_taken(subnet, attached);
        }
        draft.put(Record::Spec(batch.id, Arc::new(spec)));
        let deadline = now.after(draft.policy().creation_deadline);
        draft.put(Record::Timer(deadline, TimerKind::CreationDeadline(batch.id)));
        let launched = Launched::Batch { id: batch.id, instances: batch.instances().collect() };
        draft.put(Record::Batch(batch));
        launched
    }

    fn spec(&self, found: &Found) -> Spec {
        Spec {
            region: self.region.clone(),
            zone: found.zone.label.clone(),
            image: found.image.as_ref().map(|image| image.label.clone()),
            instance_type: found.instance_type.label.clone(),
            network: found.subnet.network.clone(),
            subnet: found.subnet.label.clone(),
            groups: found.groups.iter().map(|group| group.label.clone()).collect(),
            charge: self.charge,
            after_creation: self.after_creation,
            protection: self.protection,
            names: self.names.clone(),
            host_names: self.host_names.clone(),
            description: self.description.clone(),
            tags: self.tags.clone(),
            internet: self.internet,
            io: self.io.unwrap_or_default(),
            system_disk: self.system_disk(found.image.as_ref()),
            data_disks: Vec::new(),
            interfaces: Vec::new(),
            terms: self.terms.clone(),
            key_pair: self.login.key_pair.clone(),
            role: self.role.clone(),
            hosting: self.hosting.clone(),
            settings: self.settings.clone(),
            bare_metal: self.bare_metal.clone(),
        }
    }

    fn system_disk(&self, image: Option<&Image>) -> Disk {
        let wish = &self.system_disk;
        Disk {
            kind: wish.kind.unwrap_or(DiskKind::Efficiency),
            size_gib: wish.size_gib.unwrap_or_else(|| image.map_or(0, |image| image.size_gib).max(40)),
            level: wish.level,
            snapshot: None,
            name: wish.name.clone().unwrap_or_default(),
            description: wish.description.clone().unwrap_or_default(),
            device: Device::SYSTEM,
            on_release: OnRelease::Delete,
            encrypted: wish.encrypted.unwrap_or(false),
            key: wish.key.clone(),
            snapshot_policy: wish.snapshot_policy.clone(),
        }
    }
}
