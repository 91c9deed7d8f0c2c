//! Listings of the catalogue: `contract/ecs-actions.md` section 4.

use std::collections::BTreeSet;

use fleet::{Architecture, Image, ImageStatus, InstanceType, Label, NamePattern, Os, Paging, Rehearsal};

use super::take::{choice, decimal, flag, ignore, label, labels, region, rehearsal, tag_filter, take_label};
use super::{Request, paging};
use crate::ecs::{Code, Fault};
use crate::params::{Params, integer};

/// How many types are on a page when nothing is said, and at most.
const TYPES_MAX: usize = 1600;

/// What is asked about what can be made where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AvailableResource {
    /// Where.
    pub region: Label,
    /// Where, more exactly.
    pub zone: Option<Label>,
    /// What the answer is to list.
    pub destination: Destination,
    /// Only with this type.
    pub instance_type: Option<Label>,
    /// Only types with as many processors.
    pub cpus: Option<u16>,
    /// Only types with as much memory, MiB.
    pub memory_mib: Option<u32>,
    /// Only with system disks of this category.
    pub system_disk: Option<String>,
    /// Only with data disks of this category.
    pub data_disk: Option<String>,
    /// Whether what is asked for can be had here at all: not so for a classic network, plain disks,
    /// reserved instances, dedicated hosts.
    pub served: bool,
}

/// What an answer about what is available lists.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(missing_docs, reason = "the names are those of the API reference")]
pub enum Destination {
    Zone,
    IoOptimized,
    InstanceType,
    Network,
    DedicatedHost,
    SystemDisk,
    DataDisk,
}

/// Which instance types to list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InstanceTypeListing {
    /// One of these.
    pub ids: Option<BTreeSet<Label>>,
    /// Of one of these families.
    pub families: Option<BTreeSet<Label>>,
    /// Between so many processors.
    pub cpus: (Option<u16>, Option<u16>),
    /// Between so much memory, MiB.
    pub memory_mib: (Option<u32>, Option<u32>),
    /// One of these.
    pub architectures: Option<Vec<Architecture>>,
    /// Which part of them.
    pub paging: Paging<Label>,
}

/// Which images to list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ImageListing {
    /// Where.
    pub region: Label,
    /// One of these.
    pub ids: Option<BTreeSet<Label>>,
    /// Named so.
    pub name: Option<NamePattern>,
    /// In one of these statuses.
    pub statuses: Vec<ImageStatus>,
    /// With this kind of operating system.
    pub os: Option<Os>,
    /// Built for this.
    pub architecture: Option<Architecture>,
    /// Running on this type.
    pub instance_type: Option<Label>,
    /// Which part of them.
    pub paging: Paging<Label>,
    /// Whether the listing is meant.
    pub rehearsal: Rehearsal,
}

impl InstanceTypeListing {
    /// Whether the listing shows `found`.
    #[must_use]
    pub fn matches(&self, found: &InstanceType) -> bool {
        fn within<T: Ord>((least, most): &(Option<T>, Option<T>), size: &T) -> bool {
            least.as_ref().is_none_or(|least| least <= size) && most.as_ref().is_none_or(|most| size <= most)
        }
        self.ids.as_ref().is_none_or(|ids| ids.contains(&found.label))
            && self.families.as_ref().is_none_or(|families| families.contains(&found.family))
            && within(&self.cpus, &found.cpus)
            && within(&self.memory_mib, &found.memory_mib)
            && self.architectures.as_ref().is_none_or(|all| all.contains(&found.architecture))
    }
}

impl ImageListing {
    /// Whether the listing shows `image`. What `instance_type` names, if it is named and exists, is
    /// for the caller to find.
    #[must_use]
    pub fn matches(&self, image: &Image, instance_type: Option<&InstanceType>) -> bool {
        let runs = match (&self.instance_type, instance_type) {
            (None, _) => true,
            (Some(_), Some(found)) => found.architecture == image.architecture,
            (Some(_), None) => false,
        };
        runs && self.ids.as_ref().is_none_or(|ids| ids.contains(&image.label))
            && self.name.as_ref().is_none_or(|name| name.matches(&image.name))
            && self.statuses.contains(&image.status)
            && self.os.is_none_or(|os| os == image.os)
            && self.architecture.is_none_or(|architecture| architecture == image.architecture)
    }
}

pub(super) fn regions(params: &mut Params) -> Request {
    ignore(params, &["AcceptLanguage", "InstanceChargeType", "ResourceType"]);
    Request::DescribeRegions
}

pub(super) fn zones(params: &mut Params) -> Result<Label, Fault> {
    ignore(params, &["AcceptLanguage", "InstanceChargeType", "SpotStrategy", "Verbose"]);
    region(params)
}

/// The codes come in the order of the parameters in the contract.
pub(super) fn available_resource(params: &mut Params) -> Result<AvailableResource, Fault> {
    if params.find("RegionId").is_some_and(|text| !text.is_empty() && Label::parse(text).is_err()) {
        return Err(Fault::new(Code::INVALID_REGION_ID_MALFORMED).about("RegionId"));
    }
    let region = region(params)?;
    let code = Code::INVALID_DESTINATION_RESOURCE;
    let missing = Fault::new(Code::INVALID_PARAM_DESTINATION_RESOURCE).about("DestinationResource");
    let destination = choice(params, "DestinationResource", &DESTINATIONS, code)?.ok_or(missing)?;
    let zone = take_label(params, "ZoneId");
    let mut served = served(params)?;
    let instance_type = take_label(params, "InstanceType");
    let cpus = params.take("Cores", integer::<u16>)?;
    let memory_mib = params.take("Memory", memory_mib)?;
    let listing_types = destination == Destination::InstanceType;
    if cpus.is_some() && !listing_types {
        return Err(Fault::new(Code::INVALID_PARAM_CORES).about("Cores"));
    }
    if memory_mib.is_some() && !listing_types {
        return Err(Fault::new(Code::INVALID_PARAM_MEMORY).about("Memory"));
    }
    if instance_type.is_some() && (cpus.is_some() || memory_mib.is_some()) {
        return Err(Fault::new(Code::INVALID_PARAM_TYPE_AND_CPU_MEM_CONFLICT).about("InstanceType"));
    }
    let kinds = [("instance", true), ("disk", true), ("reservedinstance", false), ("ddh", false)];
    let kind = choice(params, "ResourceType", &kinds, Code::INVALID_RESOURCE_TYPE)?;
    served &= kind.unwrap_or(true);
    if params.take_text("DedicatedHostId").is_some() {
        let code = Code::INVALID_DEDICATED_HOST_ID_NOT_FOUND_AVAILABLE;
        return Err(Fault::new(code).about("DedicatedHostId"));
    }
    ignore(params, &["Scope", "SpotDuration"]);
    let system_disk = params.take_text("SystemDiskCategory");
    let data_disk = params.take_text("DataDiskCategory");
    Ok(AvailableResource {
        region,
        zone,
        destination,
        instance_type,
        cpus,
        memory_mib,
        system_disk,
        data_disk,
        served,
    })
}

const DESTINATIONS: [(&str, Destination); 7] = [
    ("Zone", Destination::Zone),
    ("IoOptimized", Destination::IoOptimized),
    ("InstanceType", Destination::InstanceType),
    ("Network", Destination::Network),
    ("ddh", Destination::DedicatedHost),
    ("SystemDisk", Destination::SystemDisk),
    ("DataDisk", Destination::DataDisk),
];

/// Whether the way it is to be paid for and reached is one that there is.
fn served(params: &mut Params) -> Result<bool, Fault> {
    let charges = [("PostPaid", ()), ("PrePaid", ())];
    choice(params, "InstanceChargeType", &charges, Code::INVALID_INSTANCE_CHARGE_TYPE)?;
    let strategies = [("NoSpot", ()), ("SpotWithPriceLimit", ()), ("SpotAsPriceGo", ())];
    choice(params, "SpotStrategy", &strategies, Code::INVALID_SPOT_STRATEGY_AVAILABLE)?;
    let io = [("none", false), ("optimized", true)];
    let io = choice(params, "IoOptimized", &io, Code::INVALID_IO_OPTIMIZED)?;
    let networks = [("classic", false), ("vpc", true)];
    let network = choice(params, "NetworkCategory", &networks, Code::INVALID_NETWORK_CATEGORY)?;
    Ok(io.unwrap_or(true) && network.unwrap_or(true))
}

pub(super) fn instance_types(params: &mut Params) -> Result<InstanceTypeListing, Fault> {
    ignore(params, &["RegionId"]);
    let ids = params.take_list_up_to("InstanceTypes", 10)?;
    let mut families = params.take_list("InstanceTypeFamilies")?;
    families.extend(params.take_text("InstanceTypeFamily"));
    let mut architectures = params.take_list("CpuArchitectures")?;
    architectures.extend(params.take_text("CpuArchitecture"));
    let cpus = (params.take("MinimumCpuCoreCount", integer)?, params.take("MaximumCpuCoreCount", integer)?);
    let memory_mib =
        (params.take("MinimumMemorySize", memory_mib)?, params.take("MaximumMemorySize", memory_mib)?);
    let whole = Paging::After { last: None, size: TYPES_MAX };
    Ok(InstanceTypeListing {
        ids: set(&ids),
        families: set(&families),
        cpus,
        memory_mib,
        architectures: (!architectures.is_empty())
            .then(|| architectures.iter().filter_map(|text| cpu_architecture(text)).collect()),
        paging: match params.find("MaxResults").is_some_and(|size| !size.is_empty()) {
            true => paging::after(params, (1, TYPES_MAX))?.unwrap_or(whole),
            // The token alone asks for the rest, not for ten of it.
            false => match paging::after(params, (1, TYPES_MAX))? {
                Some(Paging::After { last, .. }) => Paging::After { last, size: TYPES_MAX },
                Some(Paging::Numbered { .. }) | None => whole,
            },
        },
    })
}

pub(super) fn images(params: &mut Params) -> Result<ImageListing, Fault> {
    let region = region(params)?;
    let mut ids = labels(params, "ImageId");
    let name = params.take_text("ImageName").map(|name| NamePattern::new(&name));
    let statuses = params.take("Status", statuses)?;
    let systems = [("linux", Os::Linux), ("windows", Os::Windows)];
    let os = choice(params, "OSType", &systems, Code::INVALID_PARAMETER_NAMED)?;
    let architectures =
        [("x86_64", Some(Architecture::X86_64)), ("arm64", Some(Architecture::Arm64)), ("i386", None)];
    let architecture = choice(params, "Architecture", &architectures, Code::INVALID_PARAMETER_NAMED)?;
    let instance_type = take_label(params, "InstanceType");
    let owners = [("system", true), ("self", false), ("others", false), ("marketplace", false)];
    let owner = choice(params, "ImageOwnerAlias", &owners, Code::INVALID_PARAMETER_NAMED)?;
    let mut asked = architecture == Some(None) || owner == Some(false);
    asked |= flag(params, "IsSupportIoOptimized")? == Some(false);
    for name in ["ImageFamily", "SnapshotId", "ResourceGroupId"] {
        asked |= params.take_text(name).is_some();
    }
    asked |= !tag_filter(params)?.is_empty();
    if asked {
        ids = Some(BTreeSet::new());
    }
    let paging = paging::numbered(params, 100)?;
    Ok(ImageListing {
        region,
        ids,
        name,
        statuses: statuses.unwrap_or_else(|| vec![ImageStatus::Available]),
        os,
        architecture: architecture.flatten(),
        instance_type,
        paging,
        rehearsal: rehearsal(params)?,
    })
}

/// Statuses separated by commas. Some that exist elsewhere do not here.
fn statuses(text: &str) -> Result<Vec<ImageStatus>, Code> {
    let mut statuses = Vec::new();
    for part in text.split(',') {
        match part.trim() {
            "Available" => statuses.push(ImageStatus::Available),
            "Creating" => statuses.push(ImageStatus::Creating),
            "Deprecated" => statuses.push(ImageStatus::Deprecated),
            "Waiting" | "UnAvailable" | "CreateFailed" => {}
            _ => return Err(Code::INVALID_STATUS_NOT_FOUND),
        }
    }
    Ok(statuses)
}

/// Memory written in GiB.
fn memory_mib(text: &str) -> Result<u32, Code> {
    let thousandths = decimal(text, 3).and_then(|size| size.checked_mul(1024));
    let mib = thousandths.and_then(|size| u32::try_from(size / 1000).ok());
    mib.ok_or(Code::INVALID_PARAMETER_NAMED)
}

fn cpu_architecture(text: &str) -> Option<Architecture> {
    match text {
        "X86" => Some(Architecture::X86_64),
        "ARM" => Some(Architecture::Arm64),
        _ => None,
    }
}

fn set(texts: &[String]) -> Option<BTreeSet<Label>> {
    (!texts.is_empty()).then(|| texts.iter().map(|text| label(text)).collect())
}
