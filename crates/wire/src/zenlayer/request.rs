//! Requests of this dialect: from the fields of a body to what they mean.

pub mod catalogue;
pub mod instances;
pub mod launch;
pub mod network;

use fleet::{
    AccountId, Attach, Bin, Detach, InstanceId, JoinNetwork, Label, MoveMany, Paging, Reinstall, Serial, Verb,
};

use self::catalogue::{ImageListing, PriceInquiry, SupplyListing, TypeListing, ZoneListing};
use self::instances::InstanceListing;
use self::launch::{NewInstances, plain_name};
use self::network::{NetworkListing, NewNetwork, SubnetListing, SubnetOrder};
use super::body::{Body, named};
use super::{Action, Fault, Fields};

/// How many rows a page has when nothing is said.
pub const PAGE_SIZE: i64 = 20;
/// How many rows a page has at most.
pub const PAGE_SIZE_MAX: i64 = 1000;

/// A request, by its action.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are the actions'")]
pub enum Request {
    DescribeZones(ZoneListing),
    CreateInstances(Box<NewInstances>),
    DescribeInstanceTypes(TypeListing),
    DescribeAvailableResources(SupplyListing),
    DescribeImages(ImageListing),
    DescribeInstances(Box<InstanceListing>),
    /// StartInstances, StopInstances, RebootInstances, ReleaseInstances.
    Move(MoveMany),
    ReinstallInstance(Box<Reinstall>),
    TerminateInstance(Bin),
    /// ModifyInstancesAttribute: the instances, and the name.
    Rename(Vec<InstanceId>, String),
    /// ModifyInstancesResourceGroup: the instances, and the group.
    Regroup(Vec<InstanceId>, Label),
    DescribeInstanceInternetStatus(InstanceId),
    InquiryPriceCreateInstance(PriceInquiry),
    RenewInstance(InstanceId),
    CreateVpc(NewNetwork),
    DescribeVpcs(NetworkListing),
    DeleteVpc(Label),
    /// Those of this zone, and with this id.
    DescribeVpcAvailableRegions(Option<Label>, Option<Label>),
    CreateSubnet(SubnetOrder),
    DescribeSubnets(SubnetListing),
    DeleteSubnet(Label),
    /// This zone alone.
    DescribeSubnetAvailableResources(Option<Label>),
    AssociateSubnetInstances(Attach),
    UnAssociateSubnetInstance(Detach),
    AssociateVpcSubnet(JoinNetwork),
}

/// What the fields of a body ask for, on behalf of `account`.
///
/// # Errors
/// What is wrong with them, in the order: types, presence, enumerations, names and login.
pub fn parse(action: Action, fields: &Fields, account: AccountId) -> Result<Request, Fault> {
    action.check(fields)?;
    let body = Body(fields);
    let many = |verb| {
        let instances = instances::ids(body)?;
        Ok::<_, Fault>(Request::Move(MoveMany { account, instances, verb }))
    };
    let one = || body.needed("instanceId").map(instance_id);
    let label = |name| body.needed(name).map(named);
    Ok(match action {
        Action::DescribeZones => Request::DescribeZones(ZoneListing::parse(body)),
        Action::CreateInstances => Request::CreateInstances(Box::new(NewInstances::parse(body, account)?)),
        Action::DescribeInstanceTypes => Request::DescribeInstanceTypes(TypeListing::parse(body)?),
        Action::DescribeAvailableResources => {
            Request::DescribeAvailableResources(SupplyListing::parse(body)?)
        }
        Action::DescribeImages => Request::DescribeImages(ImageListing::parse(body)),
        Action::DescribeInstances => {
            Request::DescribeInstances(Box::new(InstanceListing::parse(body, account)?))
        }
        Action::StartInstances => many(Verb::Start)?,
        Action::StopInstances => many(Verb::Stop)?,
        Action::RebootInstances => many(Verb::Restart)?,
        Action::ReleaseInstances => many(Verb::Empty)?,
        Action::ReinstallInstance => Request::ReinstallInstance(Box::new(launch::reinstall(body, account)?)),
        Action::TerminateInstance => Request::TerminateInstance(Bin { account, instance: one()? }),
        Action::ModifyInstancesAttribute => {
            Request::Rename(instances::ids(body)?, plain_name(body, "instanceName")?.to_owned())
        }
        Action::ModifyInstancesResourceGroup => {
            Request::Regroup(instances::ids(body)?, label("resourceGroupId")?)
        }
        Action::DescribeInstanceInternetStatus => Request::DescribeInstanceInternetStatus(one()?),
        Action::InquiryPriceCreateInstance => Request::InquiryPriceCreateInstance(PriceInquiry::parse(body)?),
        Action::RenewInstance => Request::RenewInstance(one()?),
        Action::CreateVpc => Request::CreateVpc(NewNetwork::parse(body, account)?),
        Action::DescribeVpcs => Request::DescribeVpcs(NetworkListing::parse(body)?),
        Action::DeleteVpc => Request::DeleteVpc(label("vpcId")?),
        Action::DescribeVpcAvailableRegions => {
            Request::DescribeVpcAvailableRegions(body.label("zoneId"), body.label("vpcRegionId"))
        }
        Action::CreateSubnet => Request::CreateSubnet(SubnetOrder::parse(body, account)?),
        Action::DescribeSubnets => Request::DescribeSubnets(SubnetListing::parse(body)?),
        Action::DeleteSubnet => Request::DeleteSubnet(label("subnetId")?),
        Action::DescribeSubnetAvailableResources => {
            Request::DescribeSubnetAvailableResources(body.label("zoneId"))
        }
        Action::AssociateSubnetInstances => {
            Request::AssociateSubnetInstances(network::attach(body, account)?)
        }
        Action::UnAssociateSubnetInstance => Request::UnAssociateSubnetInstance(Detach {
            account,
            subnet: label("subnetId")?,
            instance: one()?,
        }),
        Action::AssociateVpcSubnet => Request::AssociateVpcSubnet(JoinNetwork {
            account,
            subnet: label("subnetId")?,
            network: label("vpcId")?,
        }),
    })
}

/// The instance that a text names; one that nobody has where it names none.
pub(crate) fn instance_id(text: &str) -> InstanceId {
    InstanceId::parse(text).unwrap_or(InstanceId(Serial::HIGHEST))
}

fn paging<Id>(body: Body<'_>) -> Result<Paging<Id>, Fault> {
    let number: Option<u32> = body.within("pageNum", 1..=i64::from(u32::MAX))?;
    let size: Option<u32> = body.within("pageSize", 1..=PAGE_SIZE_MAX)?;
    let (number, size) = (number.map_or(1, i64::from), size.map_or(PAGE_SIZE, i64::from));
    let count = |found: i64| usize::try_from(found).unwrap_or(usize::MAX);
    Ok(Paging::Numbered { number: count(number), size: count(size) })
}

/// The tags that a listing asks for; one without a value asks for the key alone.
fn tag_filter(body: Body<'_>) -> Vec<(String, Option<String>)> {
    let tag = |tag: Body<'_>| Some((tag.text("key")?.to_owned(), tag.text("value").map(str::to_owned)));
    body.objects("tags").into_iter().filter_map(tag).collect()
}
