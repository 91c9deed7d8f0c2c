//! From a request to its reply: each action is one command or one listing of the hatchery.

use std::fmt::{Debug, Display};

use hatchery::{
    AfterCreation, Charge, Command, CommitError, FailedShown, Hatchery, Label, Launch, LaunchRefusal,
    Launched, NetworkRefusal, OnceRefusal, Password, PowerRefusal, Rehearsal, Snapshot, Status, StoreError,
    Time, Token, TokenOutcome, TokenText, Verb, View as _,
};
use wire::ecs::refusal;
use wire::ecs::reply::{self, Reply};
use wire::ecs::request::{self, Action, LaunchAction, LaunchHead, Origin, Request};
use wire::ecs::{Code, Envelope, Fault, Service, sts};

use crate::front::Front;
use crate::{attributes, companions, groups, key_pairs, listings, sealing, system_events, tags, templates};

/// Who asked what, and when.
pub(crate) struct Call<'f> {
    pub(crate) front: &'f Front,
    pub(crate) hatchery: &'f Hatchery,
    pub(crate) origin: Origin,
    endpoint: &'f str,
    request_id: &'f str,
}

/// Carries out what `envelope` asks for on behalf of `account`.
pub(crate) fn run(
    front: &Front,
    envelope: Envelope,
    account: hatchery::AccountId,
    (endpoint, request_id): (&str, &str),
) -> Result<Reply, Fault> {
    match envelope.service()? {
        Service::Ecs | Service::Vpc => {}
        Service::Location => return listings::endpoints(front, envelope, endpoint),
        Service::Sts => return sts::reply(&envelope.action, account),
    }
    let action = Action::parse(&envelope.action, &envelope.version)?;
    let now = front.clock.store();
    let edition = front.edition;
    let origin = Origin { account, fingerprint: envelope.fingerprint, now, edition };
    let call = Call { front, hatchery: &front.hatchery, origin, endpoint, request_id };
    let mut params = envelope.params;
    let launch =
        [LaunchAction::Run, LaunchAction::Create].into_iter().find(|one| Action::from(*one) == action);
    if let Some(launch) = launch {
        return call.launch(launch, params);
    }
    let request = request::parse(action, &mut params, &origin)?;
    for unknown in params.leftover() {
        tracing::debug!(?unknown, action = action.name(), "a parameter that nobody knows");
    }
    call.answer(request)
}

impl Call<'_> {
    /// Why an instance is not moved. One that could not be made is not there at all for clients that
    /// are not shown it.
    pub(crate) fn power(&self, refused: &PowerRefusal, verb: Verb) -> Fault {
        let hidden = self.front.failed == FailedShown::Hidden;
        match hidden && *refused == PowerRefusal::WrongStatus(Status::Failed) {
            true => refusal::unknown_instance(),
            false => refusal::power(refused, verb),
        }
    }

    pub(crate) fn seal(&self, password: Password) -> Result<Password, Fault> {
        sealing::seal(&self.front.vault, self.origin.account, password)
    }

    fn now(&self) -> Time {
        self.origin.now
    }

    /// A launch. Its region and its token count before anything else it says.
    fn launch(&self, action: LaunchAction, params: wire::Params) -> Result<Reply, Fault> {
        let mut head = LaunchHead::parse(action, params, &self.origin)?;
        let after = action.after_creation();
        {
            let snapshot = self.hatchery.snapshot();
            known_region(&snapshot, head.region())?;
            if let Some((key, token)) = head.token()
                && let Some(earlier) = snapshot.token(&key).map_err(failed)?
                && self.now() < earlier.expires_at
            {
                if earlier.fingerprint != token.fingerprint {
                    return Err(refusal::launch(&LaunchRefusal::TokenReused, after));
                }
                if let Some(reply) = replay(&snapshot, &earlier, after) {
                    return reply;
                }
            }
            if let Some(source) = head.template()? {
                head.merge(&templates::look_up(&snapshot, &source)?);
            }
        }
        let launch = head.launch()?;
        self.run_launch(launch, after)
    }

    fn run_launch(&self, mut launch: Launch, after: AfterCreation) -> Result<Reply, Fault> {
        let password = launch.login.password.take();
        launch.login.password = password.map(|password| self.seal(password)).transpose()?;
        launch.request = TokenText::parse(self.request_id);
        launch.token_reading = self.front.token_readings.ecs;
        let charge = launch.charge;
        let launched = self.commit(launch, |refusal| {
            if let LaunchRefusal::Short(shortage) = refusal {
                tracing::info!(?shortage, "too few instances can be had");
            }
            refusal::launch(refusal, after)
        })?;
        launched_reply(&launched, charge, after)
    }

    fn answer(&self, request: Request) -> Result<Reply, Fault> {
        match request {
            Request::RunInstances(launch) => self.run_launch(*launch, AfterCreation::Start),
            Request::CreateInstance(launch) => self.run_launch(*launch, AfterCreation::Stay),
            Request::StartInstance(start, rehearsal) => {
                self.act("StartInstance", start, rehearsal, |refused| self.power(refused, Verb::Start))
            }
            Request::StopInstance(stop, rehearsal) => {
                self.act("StopInstance", stop, rehearsal, |refused| self.power(refused, Verb::Stop))
            }
            Request::RebootInstance(reboot, rehearsal) => {
                self.act("RebootInstance", reboot, rehearsal, |refused| self.power(refused, Verb::Reboot))
            }
            Request::DeleteInstance(release, rehearsal) => {
                self.act("DeleteInstance", release, rehearsal, refusal::release)
            }
            Request::CreateVpc(network, rehearsal) => {
                let resource_group = network.command.marks.resource_group.clone();
                let made = self.rehearse_or_commit(*network, rehearsal, not_made)?;
                Ok(reply::create_vpc(&made, resource_group.as_ref()))
            }
            Request::CreateVSwitch(subnet) => Ok(reply::create_vswitch(&self.commit(*subnet, not_made)?)),
            Request::CreateSecurityGroup(group) => {
                known_region(&self.hatchery.snapshot(), &group.region)?;
                Ok(reply::create_security_group(&self.commit(*group, not_made)?))
            }
            Request::Delete(request) => groups::delete(self, &request),
            Request::GroupRule(request) => groups::answer(self, *request),
            Request::KeyPair(request) => key_pairs::answer(self, *request),
            Request::Tag(request) => tags::answer(self, *request),
            Request::DescribeInstances(wanted) => listings::instances(self, &wanted),
            Request::DescribeInstanceStatus(wanted) => listings::statuses(self, &wanted),
            Request::DescribeInstanceHistoryEvents(wanted) => listings::events(self, &wanted),
            Request::DescribeAvailableResource(wanted) => listings::available_resource(self, &wanted),
            Request::DescribeRegions => {
                Ok(reply::describe_regions(self.hatchery.snapshot().catalogue(), self.endpoint))
            }
            Request::DescribeZones(region) => listings::zones(self, &region),
            Request::DescribeInstanceTypes(wanted) => Ok(listings::instance_types(self, &wanted)),
            Request::DescribeImages(wanted) => listings::images(self, &wanted),
            Request::DescribeVpcs(wanted) => listings::networks(self, &wanted),
            Request::DescribeVSwitches(wanted) => listings::subnets(self, &wanted),
            Request::DescribeSecurityGroups(wanted) => listings::groups(self, &wanted),
            Request::Template(request) => templates::answer(self, *request),
            Request::Attribute(request) => attributes::attribute(self, request),
            Request::Batch(request) => attributes::batch(self, request),
            Request::SystemEvent(request) => system_events::answer(self, request),
            Request::Companion(request) => companions::answer(self, request),
        }
    }

    fn act<C>(
        &self,
        action: &'static str,
        command: C,
        rehearsal: Rehearsal,
        told: impl Fn(&C::Refusal) -> Fault,
    ) -> Result<Reply, Fault>
    where
        C: Command + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send + Debug + Display,
    {
        self.rehearse_or_commit(command, rehearsal, told).map(|_| Reply::done(action))
    }

    /// The Host of the request.
    pub(crate) const fn endpoint(&self) -> &str {
        self.endpoint
    }

    pub(crate) fn rehearse_or_commit<C>(
        &self,
        command: C,
        rehearsal: Rehearsal,
        told: impl Fn(&C::Refusal) -> Fault,
    ) -> Result<C::Reply, Fault>
    where
        C: Command + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send + Debug + Display,
    {
        match rehearsal {
            Rehearsal::No => self.commit(command, told),
            Rehearsal::Yes => {
                let rehearsed = self.hatchery.rehearse(command, self.now());
                rehearsed.map_err(|error| not_committed(error, told))?;
                Err(refusal::rehearsed())
            }
        }
    }

    pub(crate) fn commit<C>(&self, command: C, told: impl Fn(&C::Refusal) -> Fault) -> Result<C::Reply, Fault>
    where
        C: Command + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send + Debug + Display,
    {
        self.hatchery.commit(command, self.now()).map_err(|error| not_committed(error, told))
    }
}

/// Why a VPC, a vSwitch or a security group is not made, with a token or without one.
fn not_made(refused: &OnceRefusal<NetworkRefusal>) -> Fault {
    refusal::once(refused, refusal::network)
}

/// The answer that was given for a token, from what its launch left behind. Whatever has become of the
/// template it started from, and whatever the clock now makes of its times, the answer stays the same.
fn replay(snapshot: &Snapshot<'_>, earlier: &Token, after: AfterCreation) -> Option<Result<Reply, Fault>> {
    let TokenOutcome::Batch(batch) = earlier.outcome else { return None };
    let left = || Ok::<_, StoreError>((snapshot.batch(batch)?, snapshot.spec(batch)?));
    match left() {
        Ok((Some(batch), Some(spec))) => {
            let (instances, hourly) = (batch.instances().collect(), spec.hourly);
            let launched = Launched::Batch { id: batch.id, instances, hourly };
            Some(launched_reply(&launched, spec.charge, after))
        }
        Ok((Some(_) | None, None) | (None, Some(_))) => None,
        Err(error) => Some(Err(failed(error))),
    }
}

fn launched_reply(launched: &Launched, charge: Charge, after: AfterCreation) -> Result<Reply, Fault> {
    match after {
        AfterCreation::Start => reply::run_instances(launched, charge),
        AfterCreation::Stay => reply::create_instance(launched, charge),
    }
}

/// What a client is told of a command that came to no reply.
fn not_committed<R>(error: CommitError<R>, told: impl Fn(&R) -> Fault) -> Fault {
    match error {
        CommitError::Refused(refused) => told(&refused),
        CommitError::Busy { .. } => refusal::busy(),
        CommitError::Failed(error @ StoreError::DiskLow(_)) => {
            tracing::warn!(%error, "refused what would grow");
            refusal::busy()
        }
        CommitError::Failed(error) => failed(error),
    }
}

/// The log learns what failed, the client only that something did.
pub(crate) fn failed(error: StoreError) -> Fault {
    tracing::error!(%error, "the store failed");
    refusal::failed()
}

pub(crate) fn known_region(snapshot: &Snapshot<'_>, region: &Label) -> Result<(), Fault> {
    match snapshot.catalogue().regions.contains_key(region) {
        true => Ok(()),
        false => Err(Fault::new(Code::INVALID_REGION_ID_NOT_FOUND).about("RegionId")),
    }
}
