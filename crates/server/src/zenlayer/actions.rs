//! From a request to its answer: each action is one command or one listing of the hatchery.

use std::fmt::{Debug, Display};

use hatchery::{
    AccountId, AssetType, Command, CommitError, Hatchery, InstanceId, Label, Launch, Launched, Password,
    Region, Reinstall, Relabel, RemoveEither, RemoveNetwork, Sale, Secret, SetRenewal, StoreError, Time,
    TokenText, Zone,
};
use wire::zenlayer::request::launch::NewInstances;
use wire::zenlayer::request::network::{NewNetwork, SubnetOrder};
use wire::zenlayer::{Action, Code, Envelope, Fault, Fields, Request, refusal, reply, request, view};

use super::listings;
use crate::front::Front;
use crate::sealing;

/// Who asks, and when.
pub(super) struct Call<'f> {
    pub(super) hatchery: &'f Hatchery,
    pub(super) account: AccountId,
    pub(super) now: Time,
    front: &'f Front,
    request_id: &'f str,
}

/// Carries out what `envelope` asks for on behalf of `account`.
pub(super) fn run(
    front: &Front,
    envelope: &Envelope<'_>,
    account: AccountId,
    request_id: &str,
) -> Result<Fields, Fault> {
    let action = Action::parse(envelope.action, envelope.version)?;
    let request = request::parse(action, &envelope.fields()?, account)?;
    let now = front.clock.store();
    Call { hatchery: &front.hatchery, account, now, front, request_id }.answer(request)
}

impl Call<'_> {
    fn answer(&self, request: Request) -> Result<Fields, Fault> {
        match request {
            Request::DescribeZones(wanted) => Ok(listings::zones(self, &wanted)),
            Request::CreateInstances(order) => self.create(*order),
            Request::DescribeInstanceTypes(wanted) => listings::instance_types(self, &wanted),
            Request::DescribeAvailableResources(wanted) => listings::supplies(self, &wanted),
            Request::DescribeImages(wanted) => listings::images(self, &wanted),
            Request::DescribeInstances(wanted) => listings::instances(self, &wanted),
            Request::Move(all) => {
                let verb = all.verb;
                self.act(all, |refused| refusal::many(refused, verb))
            }
            Request::ReinstallInstance(reinstall) => {
                let password = reinstall.password.as_ref().map(|password| self.seal(password)).transpose()?;
                self.act(Reinstall { password, ..*reinstall }, refusal::reinstall)
            }
            Request::TerminateInstance(bin) => self.act(bin, refusal::bin),
            Request::Rename(instances, name) => self.relabel(instances, Some(name), None),
            Request::Regroup(instances, group) => self.regroup(instances, &group),
            Request::DescribeInstanceInternetStatus(id) => listings::internet_status(self, id),
            Request::InquiryPriceCreateInstance(inquiry) => listings::price(self, &inquiry),
            Request::RenewInstance(id) => self.renew(id),
            Request::CreateVpc(order) => self.create_network(order),
            Request::DescribeVpcs(wanted) => listings::networks(self, &wanted),
            Request::DeleteVpc(label) => {
                let remove = RemoveNetwork { account: self.account, label };
                self.act(remove, refusal::remove_network)
            }
            Request::DescribeVpcAvailableRegions(zone, region) => {
                listings::network_regions(self, zone.as_ref(), region.as_ref())
            }
            Request::CreateSubnet(order) => self.create_subnet(order),
            Request::DescribeSubnets(wanted) => listings::subnets(self, &wanted),
            Request::DeleteSubnet(label) => {
                let remove = RemoveEither { account: self.account, label };
                self.act(remove, refusal::remove_subnet)
            }
            Request::DescribeSubnetAvailableResources(zone) => listings::subnet_zones(self, zone.as_ref()),
            Request::AssociateSubnetInstances(attach) => self.act(attach, refusal::attach),
            Request::UnAssociateSubnetInstance(detach) => self.act(detach, refusal::attach),
            Request::AssociateVpcSubnet(join) => self.act(join, refusal::join),
        }
    }

    /// A password as it is kept.
    fn seal(&self, password: &Secret) -> Result<Secret, Fault> {
        sealing::seal_secret(&self.front.vault, self.account, password).ok_or_else(refusal::failed)
    }

    /// A launch. The region is the one that the zone is in.
    fn create(&self, order: NewInstances) -> Result<Fields, Fault> {
        let NewInstances { zone, mut launch } = order;
        let region = self.zone(&zone)?.region;
        if let Some(Password { secret, .. }) = &mut launch.login.password {
            *secret = self.seal(secret)?;
        }
        let request = TokenText::parse(self.request_id);
        let token_reading = self.front.token_readings.zenlayer;
        let launch = Launch { region, request, token_reading, ..launch };
        let launched = self.commit(launch, |refused| refusal::launch(refused, &zone))?;
        match launched {
            Launched::Batch { id, instances, hourly: _ } => Ok(reply::create_instances(id, &instances)),
            // Nothing in this dialect is a dry run.
            Launched::Would(_) => Err(refusal::failed()),
            Launched::Refused(refused) => Err(refusal::launch(&refused, &zone)),
        }
    }

    fn relabel(
        &self,
        instances: Vec<InstanceId>,
        name: Option<String>,
        setting: Option<(&str, &str)>,
    ) -> Result<Fields, Fault> {
        let relabel = Relabel {
            account: self.account,
            instances,
            name: name.map(Into::into),
            settings: setting.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
        };
        self.act(relabel, |refused| refusal::many(refused, hatchery::Verb::Restart))
    }

    fn regroup(&self, instances: Vec<InstanceId>, group: &Label) -> Result<Fields, Fault> {
        let catalogue = self.hatchery.snapshot().catalogue().clone();
        let known = catalogue.asset(AssetType::ResourceGroup, group);
        let known = known.is_some_and(|asset| asset.sale == Sale::Open);
        if !known && group.as_str() != view::DEFAULT_RESOURCE_GROUP {
            return Err(Fault::about(Code::OPERATION_FAILED_RESOURCE_GROUP_NOT_FOUND, group.as_str()));
        }
        self.relabel(instances, None, Some((view::RESOURCE_GROUP_SETTING, group.as_str())))
    }

    /// What is paid in advance is paid again when it runs out.
    fn renew(&self, id: InstanceId) -> Result<Fields, Fault> {
        let (_, spec, _) = listings::instance(self, id)?;
        let renewal = match spec.charge {
            hatchery::Charge::PostPaid => hatchery::Renewal::Off,
            hatchery::Charge::PrePaid { count, unit } => hatchery::Renewal::On { count, unit },
        };
        self.act(SetRenewal { account: self.account, instance: id, renewal }, refusal::renew)
    }

    fn create_network(&self, order: NewNetwork) -> Result<Fields, Fault> {
        let NewNetwork { region, network } = order;
        let snapshot = self.hatchery.snapshot();
        if !listings::network_zones(&snapshot).any(|(found, _)| found.label == region) {
            return Err(Fault::about(Code::INVALID_VPC_REGION_NOT_FOUND, region.as_str()));
        }
        drop(snapshot);
        Ok(reply::network::create_vpc(&self.commit(network, refusal::network)?))
    }

    fn create_subnet(&self, order: SubnetOrder) -> Result<Fields, Fault> {
        let SubnetOrder { zone, subnet } = order;
        let has = self.zone(&zone)?.bare_metal;
        if !has.as_ref().is_some_and(|has| has.subnets) {
            return Err(Code::OPERATION_DENIED_ZONE_NOT_SUPPORT_SUBNET.into());
        }
        if subnet.network.is_some() && !has.is_some_and(|has| has.networks) {
            return Err(Code::OPERATION_DENIED_NO_AVAILABLE_VPC_REGION.into());
        }
        Ok(reply::network::create_subnet(&self.commit(subnet, refusal::subnet)?))
    }

    /// A zone that has bare metal.
    pub(super) fn zone(&self, name: &str) -> Result<Zone, Fault> {
        let snapshot = self.hatchery.snapshot();
        let label = Label::parse(name).ok();
        let zone = label.and_then(|label| snapshot.catalogue().zones.get(&label));
        let zone = zone.filter(|zone| zone.bare_metal.is_some()).cloned();
        zone.ok_or_else(|| Fault::about(Code::INVALID_ZONE_NOT_FOUND, name))
    }

    fn act<C>(&self, command: C, told: impl Fn(&C::Refusal) -> Fault) -> Result<Fields, Fault>
    where
        C: Command + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send + Debug + Display,
    {
        self.commit(command, told).map(|_| reply::done())
    }

    fn commit<C>(&self, command: C, told: impl Fn(&C::Refusal) -> Fault) -> Result<C::Reply, Fault>
    where
        C: Command + Send + Sync + 'static,
        C::Reply: Send,
        C::Refusal: Send + Debug + Display,
    {
        self.hatchery.commit(command, self.now).map_err(|error| match error {
            CommitError::Refused(refused) => told(&refused),
            CommitError::Busy { .. } => refusal::busy(),
            CommitError::Failed(error) => failed(error),
        })
    }
}

/// The log learns what failed, the client only that something did.
pub(super) fn failed(error: StoreError) -> Fault {
    tracing::error!(%error, "the store failed");
    refusal::failed()
}

/// A region that networks can be made in, and a zone of it.
pub(super) type NetworkZone<'c> = (&'c Region, &'c Zone);
