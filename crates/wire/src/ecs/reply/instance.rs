//! `DescribeInstances` and `DescribeInstanceStatus`: `contract/ecs-actions.md` section 2.

use std::sync::Arc;

use fleet::{
    Architecture, Catalogue, Charge, Image, Instance, InstanceType, InternetCharge, Os, Protection, Shown,
    Spec,
};

use super::{Listing, NONE, Reply, ids, tags};
use crate::document::Object;
use crate::time;

/// When an instance that is paid by use expires: never, in the words of the service.
const NEVER: &str = "2099-12-31T15:59Z";

/// Instances with all that is known of them. One that its owner does not see any more is left out.
#[must_use]
pub fn describe_instances(listing: &Listing<(Instance, Arc<Spec>)>, catalogue: &Catalogue) -> Reply {
    let row = |(instance, spec): &(Instance, Arc<Spec>)| {
        instance.shown().map(|shown| Row { instance, spec, shown, catalogue }.object())
    };
    let body = listing.numbers_and_token().list("Instances", "Instance", listing.rows.iter().filter_map(row));
    Reply::new("DescribeInstances", body)
}

/// Instances and what each is doing. One that its owner does not see any more is left out.
#[must_use]
pub fn describe_instance_status(listing: &Listing<(Instance, Arc<Spec>)>) -> Reply {
    let row = |(instance, _): &(Instance, Arc<Spec>)| {
        let shown = instance.shown()?;
        Some(Object::new().text("InstanceId", ids::instance(instance.id)).text("Status", status(shown)))
    };
    let rows = listing.rows.iter().filter_map(row);
    Reply::new("DescribeInstanceStatus", listing.numbers().list("InstanceStatuses", "InstanceStatus", rows))
}

/// The five statuses of the wire.
const fn status(shown: Shown) -> &'static str {
    match shown {
        Shown::Pending => "Pending",
        Shown::Starting => "Starting",
        Shown::Running => "Running",
        Shown::Stopping => "Stopping",
        Shown::Stopped => "Stopped",
    }
}

/// What one row is made from.
struct Row<'a> {
    instance: &'a Instance,
    spec: &'a Spec,
    shown: Shown,
    catalogue: &'a Catalogue,
}

impl Row<'_> {
    fn object(&self) -> Object {
        let object = self.identity(Object::new());
        let object = self.hardware(object);
        let object = self.software(object);
        let object = self.terms(object);
        let object = self.network(object);
        unmodelled(object)
    }

    fn identity(&self, object: Object) -> Object {
        let Self { instance, spec, .. } = self;
        object
            .text("InstanceId", ids::instance(instance.id))
            .text("InstanceName", ids::name(instance, spec))
            .text("HostName", ids::host_name(instance, spec, self.image()))
            .text("Description", &*spec.description)
            .text("SerialNumber", ids::serial_number(instance.id))
            .text("RegionId", spec.region.as_str())
            .text("ZoneId", spec.zone.as_str())
            .text("Status", status(self.shown))
            .text("StoppedMode", stopped_mode(self.shown, spec.charge))
            .text("CreationTime", time::minutes(instance.created_at))
            .text("StartTime", instance.started_at.map(time::minutes).unwrap_or_default())
            .list("Tags", "Tag", tags(&spec.tags))
    }

    fn hardware(&self, object: Object) -> Object {
        let found = self.catalogue.instance_types.get(&self.spec.instance_type);
        let (cores, threads_per_core) = found.map_or((0, 0), cores);
        let cpu_options = Object::new()
            .integer("CoreCount", cores)
            .integer("ThreadsPerCore", threads_per_core)
            .text("Numa", "");
        object
            .text("InstanceType", self.spec.instance_type.as_str())
            .text("InstanceTypeFamily", found.map_or("", |found| found.family.as_str()))
            .integer("Cpu", found.map_or(0, |found| found.cpus))
            .integer("Memory", found.map_or(0, |found| found.memory_mib))
            .object("CpuOptions", cpu_options)
            .integer("GPUAmount", 0)
            .text("GPUSpec", "")
            .boolean("IoOptimized", true)
            .integer("LocalStorageAmount", 0)
            .integer("LocalStorageCapacity", 0)
    }

    fn software(&self, object: Object) -> Object {
        let os_name = self.image().map_or("", |image| &image.os_name);
        object
            .text("ImageId", self.spec.image.as_ref().map_or("", |image| image.as_str()))
            .text("OSName", os_name)
            .text("OSNameEn", os_name)
            .text("OSType", self.image().map_or("", |image| os_type(image.os)))
            .text("KeyPairName", "")
            .object("ImageOptions", Object::new().boolean("LoginAsNonRoot", false))
    }

    fn terms(&self, object: Object) -> Object {
        let Self { instance, spec, .. } = self;
        let charge = match spec.charge {
            Charge::PostPaid => "PostPaid",
            Charge::PrePaid { .. } => "PrePaid",
        };
        let expires_at = instance.expires_at(spec.charge.paid_span());
        object
            .text("InstanceChargeType", charge)
            .text("ExpiredTime", expires_at.map_or_else(|| NEVER.to_owned(), time::minutes))
            .text("AutoReleaseTime", "")
            .boolean("DeletionProtection", instance.protection == Protection::On)
            .text("SaleCycle", "")
            .text("SpotStrategy", "NoSpot")
            .decimal("SpotPriceLimit", 0, 0)
            .integer("SpotDuration", 1)
            .text("SpotInterruptionBehavior", "Terminate")
    }

    fn network(&self, object: Object) -> Object {
        let Self { instance, spec, .. } = self;
        let address = instance.address.to_string();
        let vpc = Object::new()
            .text("VpcId", spec.network.as_str())
            .text("VSwitchId", spec.subnet.as_str())
            .text("NatIpAddress", "")
            .list("PrivateIpAddress", "IpAddress", [address.as_str()]);
        let private = Object::new().text("PrivateIpAddress", address.as_str()).boolean("Primary", true);
        let interface = Object::new()
            .text("NetworkInterfaceId", ids::interface(instance.id))
            .text("MacAddress", ids::mac_address(instance.id))
            .text("PrimaryIpAddress", address.as_str())
            .text("Type", "Primary")
            .list("PrivateIpSets", "PrivateIpSet", [private])
            .list("Ipv6Sets", "Ipv6Set", NONE);
        let internet_charge = match spec.internet.charge {
            InternetCharge::ByTraffic => "PayByTraffic",
            InternetCharge::ByBandwidth => "PayByBandwidth",
        };
        object
            .text("InstanceNetworkType", "vpc")
            .object("VpcAttributes", vpc)
            .list("NetworkInterfaces", "NetworkInterface", [interface])
            .list("SecurityGroupIds", "SecurityGroupId", spec.groups.iter().map(|group| group.as_str()))
            .text("InternetChargeType", internet_charge)
            .integer("InternetMaxBandwidthIn", spec.internet.in_mbps_max)
            .integer("InternetMaxBandwidthOut", spec.internet.out_mbps_max)
            .list("PublicIpAddress", "IpAddress", NONE)
            .list("InnerIpAddress", "IpAddress", NONE)
            .list("RdmaIpAddress", "IpAddress", NONE)
    }

    fn image(&self) -> Option<&Image> {
        self.catalogue.images.get(self.spec.image.as_ref()?)
    }
}

/// What nothing in the fleet stands behind, in the words of the contract's example.
fn unmodelled(object: Object) -> Object {
    let eip = Object::new()
        .text("AllocationId", "")
        .text("IpAddress", "")
        .integer("Bandwidth", 0)
        .text("InternetChargeType", "")
        .boolean("IsSupportUnassociate", false);
    let dedicated_host = Object::new()
        .text("DedicatedHostId", "")
        .text("DedicatedHostName", "")
        .text("DedicatedHostClusterId", "");
    let reservation =
        Object::new().text("CapacityReservationId", "").text("CapacityReservationPreference", "");
    let metadata = Object::new()
        .text("HttpEndpoint", "enabled")
        .text("HttpTokens", "optional")
        .integer("HttpPutResponseHopLimit", 0);
    object
        .object("EipAddress", eip)
        .text("CreditSpecification", "")
        .text("DeploymentSetId", "")
        .text("HpcClusterId", "")
        .text("ClusterId", "")
        .text("VlanId", "")
        .text("ResourceGroupId", "")
        .boolean("Recyclable", false)
        .boolean("DeviceAvailable", true)
        .object("DedicatedHostAttribute", dedicated_host)
        .object("DedicatedInstanceAttribute", Object::new().text("Affinity", "").text("Tenancy", ""))
        .object("EcsCapacityReservationAttr", reservation)
        .object("MetadataOptions", metadata)
        .object("HibernationOptions", Object::new().boolean("Configured", false))
        .list("OperationLocks", "LockReason", NONE)
}

/// Whether an instance that is off is paid for. Stopping never stops the charging here.
const fn stopped_mode(shown: Shown, charge: Charge) -> &'static str {
    match shown {
        Shown::Stopped => match charge {
            Charge::PostPaid => "KeepCharging",
            Charge::PrePaid { .. } => "Not-applicable",
        },
        Shown::Pending | Shown::Starting | Shown::Running | Shown::Stopping => "Not-applicable",
    }
}

/// Cores, and threads of each. An x86 core has two threads where the processors come in pairs.
fn cores(instance_type: &InstanceType) -> (u16, u16) {
    let cpus = instance_type.cpus;
    match instance_type.architecture {
        Architecture::X86_64 if cpus.is_multiple_of(2) => (cpus / 2, 2),
        Architecture::X86_64 | Architecture::Arm64 | Architecture::I386 => (cpus, 1),
    }
}

/// A kind of operating system, as instances and images show it.
pub(super) const fn os_type(os: Os) -> &'static str {
    match os {
        Os::Linux => "linux",
        Os::Windows => "windows",
    }
}
