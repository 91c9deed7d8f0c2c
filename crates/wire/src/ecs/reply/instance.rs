//! `DescribeInstances` and `DescribeInstanceStatus`: `contract/ecs-actions.md` section 2.

use fleet::{
    Affinity, Architecture, Capacity, Catalogue, Charge, Credit, Image, Instance, InstanceType,
    InternetCharge, Interruption, Io, Label, LockReason, Os, Profile, Protection, Rate, Shown, Spec, Spot,
    State, Tenancy,
};

use super::companion::InterfaceRow;
use super::{Listing, NONE, Reply, ids, options, tags};
use crate::document::Object;
use crate::time;

/// When an instance that is paid by use expires: never, in the words of the service.
const NEVER: &str = "2099-12-31T15:59Z";

/// Instances with all that is known of them. One that its owner does not see any more is left out.
#[must_use]
pub fn describe_instances(listing: &Listing<Profile>, catalogue: &Catalogue) -> Reply {
    let row = |profile: &Profile| Row::new(profile, catalogue).map(|row| row.object());
    let body = listing.numbers_and_token().list("Instances", "Instance", listing.rows.iter().filter_map(row));
    Reply::new("DescribeInstances", body)
}

/// Instances and what each is doing. One that its owner does not see any more is left out.
#[must_use]
pub fn describe_instance_status(listing: &Listing<Profile>) -> Reply {
    let row = |profile: &Profile| {
        let shown = profile.instance.shown()?;
        Some(
            Object::new()
                .text("InstanceId", ids::instance(profile.instance.id))
                .text("Status", status(shown)),
        )
    };
    let rows = listing.rows.iter().filter_map(row);
    Reply::new("DescribeInstanceStatus", listing.numbers().list("InstanceStatuses", "InstanceStatus", rows))
}

/// The five statuses of the wire.
pub(super) const fn status(shown: Shown) -> &'static str {
    match shown {
        Shown::Pending => "Pending",
        Shown::Starting => "Starting",
        Shown::Running => "Running",
        Shown::Stopping => "Stopping",
        Shown::Stopped => "Stopped",
    }
}

/// What one row is made from.
pub(super) struct Row<'a> {
    profile: &'a Profile,
    instance: &'a Instance,
    spec: &'a Spec,
    shown: Shown,
    catalogue: &'a Catalogue,
}

impl<'a> Row<'a> {
    /// `None` when its owner does not see the instance any more.
    pub(super) fn new(profile: &'a Profile, catalogue: &'a Catalogue) -> Option<Self> {
        let (instance, spec) = (&profile.instance, &*profile.spec);
        instance.shown().map(|shown| Self { profile, instance, spec, shown, catalogue })
    }
}

impl Row<'_> {
    fn object(&self) -> Object {
        let object = self.common(Object::new());
        let object = self.software(object);
        let object = self.terms(object);
        let object = self.hosting(object);
        let object = self.interfaces(object);
        let object = object.list("Tags", "Tag", tags(self.profile.tags()));
        options::rest(object, &self.profile.settings())
    }

    /// What `DescribeInstanceAttribute` shows: less, and one field of another type.
    pub(super) fn attribute(&self) -> Object {
        let io = match self.spec.io {
            Io::Plain => "none",
            Io::Optimized => "optimized",
        };
        let host = self.spec.hosting.host.as_ref().map_or("", Label::as_str);
        let host = Object::new().text("DedicatedHostId", host).text("DedicatedHostName", "");
        let flag = |name: &str| self.profile.setting(name) == Some("true");
        self.common(Object::new())
            .text("ImageId", self.spec.image.as_ref().map_or("", Label::as_str))
            .text("IoOptimized", io)
            .object("EipAddress", eip())
            .text("ClusterId", self.profile.setting("ClusterId").unwrap_or_default())
            .text("VlanId", self.profile.setting("VlanId").unwrap_or_default())
            .object("DedicatedHostAttribute", host)
            .boolean("EnableJumboFrame", flag("NetworkOptions.EnableJumboFrame"))
            .boolean("EnableNetworkEncryption", flag("NetworkOptions.EnableNetworkEncryption"))
    }

    /// What both show.
    fn common(&self, object: Object) -> Object {
        let Self { profile, instance, spec, .. } = self;
        let found = self.instance_type();
        let charge = match spec.charge {
            Charge::PostPaid => "PostPaid",
            Charge::PrePaid { .. } => "PrePaid",
        };
        let internet_charge = match spec.internet.charge {
            InternetCharge::ByTraffic => "PayByTraffic",
            InternetCharge::ByBandwidth => "PayByBandwidth",
        };
        let credit = match profile.credit() {
            None => "",
            Some(Credit::Standard) => "Standard",
            Some(Credit::Unlimited) => "Unlimited",
        };
        let expires_at = instance.expires_at(spec.charge.paid_span());
        let lock = profile.lock().map(|lock| Object::new().text("LockReason", lock_reason(lock)));
        let vpc = Object::new()
            .text("VpcId", spec.network.as_str())
            .text("VSwitchId", spec.subnet.as_str())
            .text("NatIpAddress", "")
            .list("PrivateIpAddress", "IpAddress", [instance.address.to_string()]);
        object
            .text("InstanceId", ids::instance(instance.id))
            .text("InstanceName", ids::name(profile))
            .text("HostName", ids::host_name(profile, self.image()))
            .text("Description", profile.description())
            .text("SerialNumber", ids::serial_number(instance.id))
            .text("RegionId", spec.region.as_str())
            .text("ZoneId", spec.zone.as_str())
            .text("Status", status(self.shown))
            .text("StoppedMode", stopped_mode(&instance.state, self.shown, spec.charge))
            .text("CreationTime", time::minutes(instance.created_at))
            .text("InstanceType", spec.instance_type.as_str())
            .integer("Cpu", found.map_or(0, |found| found.cpus))
            .integer("Memory", found.map_or(0, |found| found.memory_mib))
            .text("CreditSpecification", credit)
            .text("InstanceChargeType", charge)
            .text("ExpiredTime", expires_at.map_or_else(|| NEVER.to_owned(), time::minutes))
            .list("OperationLocks", "LockReason", lock)
            .text("InstanceNetworkType", "vpc")
            .object("VpcAttributes", vpc)
            .list("SecurityGroupIds", "SecurityGroupId", profile.groups().iter().map(Label::as_str))
            .text("InternetChargeType", internet_charge)
            .integer("InternetMaxBandwidthIn", spec.internet.in_mbps_max)
            .integer("InternetMaxBandwidthOut", spec.internet.out_mbps_max)
            .list("PublicIpAddress", "IpAddress", instance.public.map(|public| public.to_string()))
            .list("InnerIpAddress", "IpAddress", NONE)
    }

    fn instance_type(&self) -> Option<&InstanceType> {
        self.catalogue.instance_types.get(&self.spec.instance_type)
    }

    fn software(&self, object: Object) -> Object {
        let Self { profile, instance, spec, .. } = self;
        let found = self.instance_type();
        let (cores, threads_per_core) = found.map_or((0, 0), cores);
        let settings = profile.settings();
        let (gpus, gpu_name) =
            found.map_or((0, ""), |found| (found.abilities.gpus, &*found.abilities.gpu_name));
        let local = found.map(|found| found.abilities.local_disks).unwrap_or_default();
        let os_name = self.image().map_or("", |image| &image.os_name);
        object
            .text("StartTime", instance.started_at.map(time::minutes).unwrap_or_default())
            .text("InstanceTypeFamily", found.map_or("", |found| found.family.as_str()))
            .object("CpuOptions", options::cpu(&settings, cores, threads_per_core))
            .integer("GPUAmount", gpus)
            .text("GPUSpec", gpu_name)
            .boolean("IoOptimized", spec.io == Io::Optimized)
            .integer("LocalStorageAmount", local.count)
            .integer("LocalStorageCapacity", u64::from(local.size_gib).saturating_mul(u64::from(local.count)))
            .text("ImageId", spec.image.as_ref().map_or("", Label::as_str))
            .text("OSName", os_name)
            .text("OSNameEn", os_name)
            .text("OSType", self.image().map_or("", |image| os_type(image.os)))
            .text("KeyPairName", profile.key_pair().unwrap_or_default())
            .object("ImageOptions", options::image(&settings))
            .object("MetadataOptions", options::metadata(&settings))
            .object("HibernationOptions", options::hibernation(&settings))
    }

    fn terms(&self, object: Object) -> Object {
        let Self { profile, instance, spec, .. } = self;
        let (strategy, limit, hours, interruption) = match spec.terms.spot {
            None => ("NoSpot", Rate(0), 1, Interruption::Release),
            Some(Spot { at_most: None, protected_hours, interruption }) => {
                ("SpotAsPriceGo", Rate(0), protected_hours, interruption)
            }
            Some(Spot { at_most: Some(most), protected_hours, interruption }) => {
                ("SpotWithPriceLimit", most, protected_hours, interruption)
            }
        };
        let interruption = match interruption {
            Interruption::Release => "Terminate",
            Interruption::Stop => "Stop",
        };
        let limit = i64::try_from(limit.0).unwrap_or(i64::MAX);
        let group = spec.terms.resource_group.as_ref().map_or("", Label::as_str);
        object
            .text("AutoReleaseTime", instance.release_at.map(time::minutes).unwrap_or_default())
            .boolean("DeletionProtection", instance.protection == Protection::On)
            .text("SaleCycle", "")
            .text("SpotStrategy", strategy)
            .decimal("SpotPriceLimit", limit, if limit == 0 { 0 } else { 3 })
            .integer("SpotDuration", hours)
            .text("SpotInterruptionBehavior", interruption)
            .text("ResourceGroupId", group)
            .boolean("Recyclable", profile.setting("Recyclable") == Some("true"))
            .boolean("DeviceAvailable", true)
    }

    fn hosting(&self, object: Object) -> Object {
        let hosting = &self.spec.hosting;
        let text = |label: &Option<Label>| label.as_ref().map_or(String::new(), ToString::to_string);
        let host = Object::new()
            .text("DedicatedHostId", text(&hosting.host))
            .text("DedicatedHostName", "")
            .text("DedicatedHostClusterId", "");
        let affinity = match hosting.affinity {
            Affinity::Any => "",
            Affinity::Host => "host",
        };
        let tenancy = match hosting.tenancy {
            Tenancy::Shared => "",
            Tenancy::Dedicated => "host",
        };
        object
            .object("DedicatedHostAttribute", host)
            .object(
                "DedicatedInstanceAttribute",
                Object::new().text("Affinity", affinity).text("Tenancy", tenancy),
            )
            .text("DeploymentSetId", text(&hosting.deployment_set))
            .maybe("DeploymentSetGroupNo", hosting.deployment_group.map(i64::from))
            .text("HpcClusterId", text(&hosting.hpc_cluster))
            .object("EcsCapacityReservationAttr", options::reservation(&self.profile.settings()))
            .object("EipAddress", eip().boolean("IsSupportUnassociate", false))
            .list("RdmaIpAddress", "IpAddress", NONE)
    }

    fn interfaces(&self, object: Object) -> Object {
        let rows = InterfaceRow::of_instance(self.profile).map(|row| {
            let address = row.address().to_string();
            let private = Object::new().text("PrivateIpAddress", address.as_str()).boolean("Primary", true);
            let ipv6 = row.ipv6().iter().map(|one| Object::new().text("Ipv6Address", one.to_string()));
            Object::new()
                .text("NetworkInterfaceId", row.id())
                .text("MacAddress", ids::mac_address_at(self.instance.id, row.index))
                .text("PrimaryIpAddress", address.as_str())
                .text("Type", if row.index == 0 { "Primary" } else { "Secondary" })
                .list("PrivateIpSets", "PrivateIpSet", [private])
                .list("Ipv6Sets", "Ipv6Set", ipv6)
        });
        object.list("NetworkInterfaces", "NetworkInterface", rows)
    }

    fn image(&self) -> Option<&Image> {
        self.catalogue.images.get(self.spec.image.as_ref()?)
    }
}

/// No instance has such an address.
fn eip() -> Object {
    Object::new()
        .text("AllocationId", "")
        .text("IpAddress", "")
        .integer("Bandwidth", 0)
        .text("InternetChargeType", "")
}

/// The name of a lock.
const fn lock_reason(lock: LockReason) -> &'static str {
    match lock {
        LockReason::Money => "financial",
        LockReason::Security => "security",
        LockReason::Recycling => "Recycling",
        LockReason::HostMoney => "dedicatedhostfinancial",
        LockReason::Refunded => "refunded",
    }
}

/// Whether an instance that is off is paid for.
const fn stopped_mode(state: &State, shown: Shown, charge: Charge) -> &'static str {
    match (shown, charge, state) {
        (Shown::Stopped, Charge::PostPaid, State::Stopped(Capacity::GivenBack)) => "StopCharging",
        (Shown::Stopped, Charge::PostPaid, _) => "KeepCharging",
        (Shown::Stopped, Charge::PrePaid { .. }, _)
        | (Shown::Pending | Shown::Starting | Shown::Running | Shown::Stopping, _, _) => "Not-applicable",
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
