//! What a launch writes down once nothing can refuse it any more.

use alloc::sync::Arc;

use super::addresses::TakenAddresses;
use super::find::Found;
use super::relate::Related;
use super::take::Taken;
use super::{Launch, Launched};
use crate::View;
use crate::decide::Draft;
use crate::{
    Batch, BatchId, Capacity, Fingerprint, Group, Hosting, Instance, InstanceId, Machine, Outcome, Rate,
    Record, Spec, State, Tenancy, Terms, Time, TimerKind, Token, TokenAction, TokenKey, TokenOutcome,
};

impl Launch {
    /// Writes down what was decided, under the ids that were drawn for the launch and its first
    /// instance.
    pub(super) fn write<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        found: Found,
        related: Related,
        taken: Taken,
        (batch, first): (BatchId, InstanceId),
        now: Time,
    ) -> Result<Launched, V::Failure> {
        let spec = self.spec(&found, related);
        let hourly = spec.hourly;
        let ids = (0..taken.count)
            .filter_map(|index| Some((index, first.0.plus(u64::from(index)).map(InstanceId)?)));
        let TakenAddresses { each, takings } = taken.addresses;
        for (((index, id), addresses), payment) in ids.zip(each).zip(taken.payments) {
            let instance = Instance {
                id,
                account: self.account,
                batch,
                index,
                state: State::Stopped(Capacity::Kept),
                machine: Machine::Absent,
                address: addresses.first,
                paid: payment.amount,
                portions: payment.portions,
                protection: self.protection,
                created_at: now,
                started_at: None,
                orders: 0,
                release_at: self.terms.release_at,
                public: addresses.public,
                further: addresses.further,
                ipv6: addresses.ipv6,
                amended: false,
                attached: addresses.attached.into_iter().collect(),
                paid_until: self.charge.paid_span().map(|span| now.after(span)),
            };
            let state = State::Pending(instance.next_work(now));
            let instance = draft.put_waiting(Instance { state, ..instance });
            draft.schedule_release(&instance);
            draft.schedule_expiry(&instance);
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
            request: self.name_by_request(draft, batch)?,
            refused: None,
        };
        if let Some((key, fingerprint)) = token {
            let expires_at = now.after(draft.policy().token_retention);
            let outcome = TokenOutcome::Batch(batch.id);
            draft.put(Record::Token(Token { key, fingerprint, outcome, expires_at }));
        }
        for group in found.groups.into_iter().chain(found.further.groups) {
            let members = group.members.saturating_add(u32::from(taken.count));
            draft.put(Record::Group(Group { members, ..group }));
        }
        let mut account = taken.account;
        if spec.hourly_by_use() > Rate(0) {
            account.meter_from(first, now);
        }
        draft.put_settled(account, now)?;
        draft.put(Record::Stock(taken.stock));
        draft.put_takings(takings);
        if let Some(host) = taken.host {
            draft.put(Record::Host(host));
        }
        if let Some(password) = &self.login.password {
            draft.put(Record::Password(batch.id, password.secret.clone()));
        }
        if let Some(user_data) = &self.user_data {
            draft.put(Record::UserData(batch.id, user_data.clone()));
        }
        draft.put(Record::Spec(batch.id, Arc::new(spec)));
        let deadline = now.after(draft.policy().creation_deadline);
        draft.put(Record::Timer(deadline, TimerKind::CreationDeadline(batch.id)));
        let instances = batch.instances().collect();
        let launched = Launched::Batch { id: batch.id, instances, hourly };
        draft.put(Record::Batch(batch));
        Ok(launched)
    }

    /// Notes the id of the request, unless it names another launch.
    fn name_by_request<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        batch: BatchId,
    ) -> Result<Option<TokenKey>, V::Failure> {
        let Some(text) = &self.request else { return Ok(None) };
        let key = self.key(TokenAction::Request, text);
        if draft.token(&key)?.is_some() {
            return Ok(None);
        }
        // It goes with the launch.
        let (fingerprint, outcome, expires_at) =
            (Fingerprint([0; 32]), TokenOutcome::Batch(batch), Time::END);
        draft.put(Record::Token(Token { key: key.clone(), fingerprint, outcome, expires_at }));
        Ok(Some(key))
    }

    fn spec(&self, found: &Found, related: Related) -> Spec {
        let Related { io, disks, host, .. } = related;
        let os = found.image.as_ref().map(|image| image.os);
        let tenancy = if host.is_some() { Tenancy::Dedicated } else { self.hosting.tenancy };
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
            cpus: found.instance_type.cpus,
            hourly: found.instance_type.abilities.hourly_price,
            io,
            system_disk: disks.system,
            data_disks: disks.data,
            interfaces: found.further.interfaces(),
            terms: Terms { spot: self.spot(), ..self.terms.clone() },
            key_pair: self.login.key_pair.clone().filter(|_| os.is_none_or(|os| self.minds_key_pair(os))),
            role: self.role.clone(),
            hosting: Hosting { host: host.map(|host| host.label), tenancy, ..self.hosting.clone() },
            settings: self.settings.clone(),
            bare_metal: self.bare_metal.clone(),
        }
    }
}
