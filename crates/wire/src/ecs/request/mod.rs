//! What a request means, resolved as far as its text alone can: from [`Params`] to commands and
//! filters of [`fleet`]. Whether what it names exists is for the fleet to say.
//!
//! A text that cannot be a label or an id names nothing. A filter for it selects nothing; what one
//! action needs is not found. Unknown parameters are ignored: clients send new ones before we know them.

pub mod action;
pub mod attribute;
pub mod batch;
pub mod catalogue;
pub mod companion;
pub mod delete;
pub mod events;
pub mod group_rule;
pub mod instances;
pub mod key_pair;
pub mod launch;
pub mod network;
pub mod paging;
pub mod power;
pub mod system_event;
pub mod tag;
pub(super) mod take;
pub mod template;

use fleet::{
    AccountId, CreateGroup, CreateNetwork, CreateSubnet, Direction, Edition, Fingerprint, Label, Launch,
    Once, Reboot, Rehearsal, Release, Start, Stop, Time,
};

use super::{Fault, coverage};
use crate::params::Params;
use attribute::AttributeRequest;
use batch::{BatchRequest, Verb};
use catalogue::{AvailableResource, ImageListing, InstanceTypeListing};
use companion::CompanionRequest;
use events::EventListing;
use instances::{InstanceListing, StatusListing};
use network::{GroupListing, NetworkListing, SubnetListing};
use system_event::SystemEventRequest;
use template::TemplateRequest;

pub use action::Action;
pub use delete::DeleteRequest;
pub use group_rule::GroupRuleRequest;
pub use key_pair::KeyPairRequest;
pub use launch::{LaunchAction, LaunchHead};
pub use tag::TagRequest;
pub use take::unnamed;

/// What a request means.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Make instances that start.
    RunInstances(Box<Launch>),
    /// Make one instance that stays off.
    CreateInstance(Box<Launch>),
    /// Boot an instance.
    StartInstance(Start, Rehearsal),
    /// Shut an instance down.
    StopInstance(Stop, Rehearsal),
    /// Boot an instance anew.
    RebootInstance(Reboot, Rehearsal),
    /// Give an instance back.
    DeleteInstance(Release, Rehearsal),
    /// List instances.
    DescribeInstances(Box<InstanceListing>),
    /// List statuses of instances.
    DescribeInstanceStatus(Box<StatusListing>),
    /// List events.
    DescribeInstanceHistoryEvents(Box<EventListing>),
    /// Say what can be made where.
    DescribeAvailableResource(Box<AvailableResource>),
    /// List regions.
    DescribeRegions,
    /// List the zones of this region.
    DescribeZones(Label),
    /// List instance types.
    DescribeInstanceTypes(Box<InstanceTypeListing>),
    /// List images.
    DescribeImages(Box<ImageListing>),
    /// Make a network.
    CreateVpc(Box<Once<CreateNetwork>>, Rehearsal),
    /// List networks.
    DescribeVpcs(Box<NetworkListing>),
    /// Make a subnet.
    CreateVSwitch(Box<Once<CreateSubnet>>),
    /// List subnets.
    DescribeVSwitches(Box<SubnetListing>),
    /// Make a group. It goes where its network is; the region of its token has to exist nonetheless.
    CreateSecurityGroup(Box<Once<CreateGroup>>),
    /// List groups.
    DescribeSecurityGroups(Box<GroupListing>),
    /// Change one instance, or show it.
    Attribute(AttributeRequest),
    /// Move or release many instances.
    Batch(BatchRequest),
    /// Full statuses and simulated events.
    SystemEvent(SystemEventRequest),
    /// What clients ask for beside instances.
    Companion(CompanionRequest),
    /// Something about launch templates.
    Template(Box<TemplateRequest>),
    /// Remove a network, a subnet or a group.
    Delete(DeleteRequest),
    /// Rules of a group.
    GroupRule(Box<GroupRuleRequest>),
    /// Key pairs.
    KeyPair(Box<KeyPairRequest>),
    /// Tags.
    Tag(Box<TagRequest>),
}

/// Who sent a request, what it said in all, and when it came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Origin {
    /// Who asks.
    pub account: AccountId,
    /// A digest of all that was asked.
    pub fingerprint: Fingerprint,
    /// When.
    pub now: Time,
    /// Which edition of the reference a launch is read by.
    pub edition: Edition,
}

/// What `params` mean as a request for `action`. What is left in them nobody knows.
///
/// For a launch this takes both steps of [`LaunchHead`] at once; who wants to know first whether
/// its token was used takes them one by one.
///
/// # Errors
/// The first fault, in the order of `contract/ecs-run-instances.md` section 3.
pub fn parse(action: Action, params: &mut Params, origin: &Origin) -> Result<Request, Fault> {
    let request = resolve(action, params, origin)?;
    coverage::drop_accepted(action, params);
    Ok(request)
}

fn resolve(action: Action, params: &mut Params, origin: &Origin) -> Result<Request, Fault> {
    let account = origin.account;
    Ok(match action {
        Action::RunInstances => Request::RunInstances(launch::read(LaunchAction::Run, params, origin)?),
        Action::CreateInstance => {
            Request::CreateInstance(launch::read(LaunchAction::Create, params, origin)?)
        }
        Action::StartInstance => {
            let (start, rehearsal) = power::start(params, account)?;
            Request::StartInstance(start, rehearsal)
        }
        Action::StopInstance => {
            let (stop, rehearsal) = power::stop(params, account, origin.edition)?;
            Request::StopInstance(stop, rehearsal)
        }
        Action::RebootInstance => {
            let (reboot, rehearsal) = power::reboot(params, account)?;
            Request::RebootInstance(reboot, rehearsal)
        }
        Action::DeleteInstance => {
            let (release, rehearsal) = power::delete(params, account)?;
            Request::DeleteInstance(release, rehearsal)
        }
        Action::DescribeInstances => {
            Request::DescribeInstances(Box::new(instances::instances(params, account)?))
        }
        Action::DescribeInstanceStatus => {
            Request::DescribeInstanceStatus(Box::new(instances::statuses(params, account)?))
        }
        Action::DescribeInstanceHistoryEvents => {
            Request::DescribeInstanceHistoryEvents(Box::new(events::events(params, account)?))
        }
        Action::DescribeAvailableResource => {
            Request::DescribeAvailableResource(Box::new(catalogue::available_resource(params)?))
        }
        Action::DescribeRegions => catalogue::regions(params),
        Action::DescribeZones => Request::DescribeZones(catalogue::zones(params)?),
        Action::DescribeInstanceTypes => {
            Request::DescribeInstanceTypes(Box::new(catalogue::instance_types(params)?))
        }
        Action::DescribeImages => Request::DescribeImages(Box::new(catalogue::images(params)?)),
        Action::CreateVpc => {
            let (network, rehearsal) = network::create_network(params, origin)?;
            Request::CreateVpc(Box::new(network), rehearsal)
        }
        Action::DescribeVpcs => Request::DescribeVpcs(Box::new(network::networks(params)?)),
        Action::CreateVSwitch => Request::CreateVSwitch(Box::new(network::create_subnet(params, origin)?)),
        Action::DescribeVSwitches => Request::DescribeVSwitches(Box::new(network::subnets(params)?)),
        Action::CreateSecurityGroup => {
            Request::CreateSecurityGroup(Box::new(network::create_group(params, origin)?))
        }
        Action::DescribeSecurityGroups => Request::DescribeSecurityGroups(Box::new(network::groups(params)?)),
        Action::ModifyInstanceAttribute => {
            Request::Attribute(attribute::modify(params, origin, origin.edition)?)
        }
        Action::ModifyInstanceAutoReleaseTime => Request::Attribute(attribute::set_release(params, origin)?),
        Action::DescribeInstanceAttribute => Request::Attribute(attribute::describe(params)?),
        Action::AllocatePublicIpAddress => Request::Attribute(attribute::give_public(params, account)?),
        Action::DescribeUserData => Request::Attribute(attribute::user_data(params)?),
        Action::DeleteInstances => Request::Batch(batch::delete(params, origin)?),
        Action::StartInstances => Request::Batch(batch::moves(Verb::Start, params, origin)?),
        Action::StopInstances => Request::Batch(batch::moves(Verb::Stop, params, origin)?),
        Action::RebootInstances => Request::Batch(batch::moves(Verb::Reboot, params, origin)?),
        Action::DescribeInstancesFullStatus => {
            Request::SystemEvent(system_event::full_status(params, origin)?)
        }
        Action::CreateSimulatedSystemEvents => Request::SystemEvent(system_event::create(params, origin)?),
        Action::CancelSimulatedSystemEvents => Request::SystemEvent(system_event::cancel(params, origin)?),
        Action::AcceptInquiredSystemEvent => Request::SystemEvent(system_event::accept(params)?),
        Action::DescribeDisks => Request::Companion(companion::disks(params, account)?),
        Action::DescribeNetworkInterfaces => Request::Companion(companion::interfaces(params, account)?),
        Action::DescribeTasks => Request::Companion(companion::tasks(params)?),
        Action::DescribeInstanceTypeFamilies => Request::Companion(companion::families(params)?),
        Action::DescribeInstanceVncUrl => Request::Companion(companion::console(params)?),
        Action::DescribeInstanceRamRole => Request::Companion(companion::roles(params, account)?),
        Action::DescribeInstanceAutoRenewAttribute => {
            Request::Companion(companion::renewals(params, account)?)
        }
        Action::DescribeInstanceMaintenanceAttributes => {
            Request::Companion(companion::maintenance(params, account)?)
        }
        Action::DescribeInstanceAttachmentAttributes => {
            Request::Companion(companion::attachments(params, account)?)
        }
        Action::CreateLaunchTemplate => about_templates(template::create(params, account)?),
        Action::CreateLaunchTemplateVersion => about_templates(template::create_version(params, account)?),
        Action::DescribeLaunchTemplates => about_templates(template::templates(params)?),
        Action::DescribeLaunchTemplateVersions => about_templates(template::versions(params, account)?),
        Action::DeleteLaunchTemplate => about_templates(template::delete(params, account)?),
        Action::DeleteLaunchTemplateVersion => about_templates(template::delete_versions(params, account)?),
        Action::ModifyLaunchTemplateDefaultVersion => {
            about_templates(template::set_default(params, account)?)
        }
        Action::DeleteVpc => Request::Delete(delete::network(params, account)?),
        Action::DeleteVSwitch => Request::Delete(delete::subnet(params, account)?),
        Action::DeleteSecurityGroup => Request::Delete(delete::group(params, account)?),
        Action::AuthorizeSecurityGroup => group_rule(group_rule::add(params, account, Direction::In)?),
        Action::AuthorizeSecurityGroupEgress => group_rule(group_rule::add(params, account, Direction::Out)?),
        Action::RevokeSecurityGroup => group_rule(group_rule::remove(params, account)?),
        Action::DescribeSecurityGroupAttribute => group_rule(group_rule::list(params, account)?),
        Action::CreateKeyPair => key_pair(key_pair::create(params, account)?),
        Action::ImportKeyPair => key_pair(key_pair::import(params, account)?),
        Action::DescribeKeyPairs => key_pair(key_pair::list(params)?),
        Action::DeleteKeyPairs => key_pair(key_pair::delete(params, account)?),
        Action::TagResources => Request::Tag(Box::new(tag::set(params, account)?)),
        Action::UntagResources => Request::Tag(Box::new(tag::unset(params, account)?)),
        Action::ListTagResources => Request::Tag(Box::new(tag::list(params, account)?)),
    })
}

fn group_rule(request: GroupRuleRequest) -> Request {
    Request::GroupRule(Box::new(request))
}

fn key_pair(request: KeyPairRequest) -> Request {
    Request::KeyPair(Box::new(request))
}

fn about_templates(request: TemplateRequest) -> Request {
    Request::Template(Box::new(request))
}
