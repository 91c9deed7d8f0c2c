//! Disks, interfaces, and the small listings beside instances: `contract/ecs-actions.md` sections 8 and 9.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use fleet::{
    Catalogue, Charge, Disk, DiskKind, DiskLevel, InstanceId, KeptDisk, Label, OnRelease, PeriodUnit,
    Profile, Renewal, Time,
};

use super::{Listing, NONE, Reply, ids};
use crate::document::Object;
use crate::ecs::request::companion::RenewalStatus;
use crate::time;

/// A disk, with its instance or without.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DiskRow {
    /// The instance it has, or came with.
    pub origin: InstanceId,
    /// The instance it has.
    pub instance: Option<InstanceId>,
    /// Which of its disks it is: 0 is the system disk.
    pub index: u8,
    /// Where.
    pub region: Label,
    /// Where, more exactly.
    pub zone: Label,
    /// What it is.
    pub disk: Disk,
    /// The image it was made from; only a system disk has one.
    pub image: Option<Label>,
    /// How it is paid for, and until when.
    pub paid: (Charge, Option<Time>),
    /// When it came.
    pub created_at: Time,
    /// When it lost its instance.
    pub detached_at: Option<Time>,
    /// The group of resources it is accounted to.
    pub resource_group: Option<Label>,
}

impl DiskRow {
    /// The disks of an instance, the system disk first. One that could not be made, or is being
    /// made, has none.
    pub fn of_instance(profile: &Profile) -> impl Iterator<Item = Self> + '_ {
        let there = match profile.instance.machine {
            fleet::Machine::Present => profile.instance.shown().is_some(),
            fleet::Machine::Absent | fleet::Machine::Possible => false,
        };
        let spec = &profile.spec;
        let disks = std::iter::once(&spec.system_disk).chain(&spec.data_disks).filter(move |_| there);
        (0_u8..).zip(disks).map(move |(index, disk)| Self {
            origin: profile.instance.id,
            instance: Some(profile.instance.id),
            index,
            region: spec.region.clone(),
            zone: spec.zone.clone(),
            disk: disk.clone(),
            image: spec.image.clone().filter(|_| index == 0),
            paid: (spec.charge, profile.instance.expires_at(spec.charge.paid_span())),
            created_at: profile.instance.created_at,
            detached_at: None,
            resource_group: spec.terms.resource_group.clone(),
        })
    }

    /// A disk that outlived its instance. From then on it is paid for by use.
    #[must_use]
    pub fn kept(kept: KeptDisk) -> Self {
        let KeptDisk { instance, index, account: _, region, zone, disk, created_at, kept_at } = kept;
        Self {
            origin: instance,
            instance: None,
            index,
            region,
            zone,
            disk,
            image: None,
            paid: (Charge::PostPaid, None),
            created_at,
            detached_at: Some(kept_at),
            resource_group: None,
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> String {
        ids::disk(self.origin, self.index)
    }

    /// The name of its category.
    #[must_use]
    pub const fn category(&self) -> &'static str {
        match self.disk.kind {
            DiskKind::Basic => "cloud",
            DiskKind::Efficiency => "cloud_efficiency",
            DiskKind::Ssd => "cloud_ssd",
            DiskKind::Essd => "cloud_essd",
            DiskKind::EssdEntry => "cloud_essd_entry",
            DiskKind::Auto => "cloud_auto",
            DiskKind::RegionalAuto => "cloud_regional_disk_auto",
            DiskKind::LocalSsd => "ephemeral_ssd",
            DiskKind::ElasticStandard => "elastic_ephemeral_disk_standard",
            DiskKind::ElasticPremium => "elastic_ephemeral_disk_premium",
        }
    }

    /// The name of its performance level.
    #[must_use]
    pub fn level(&self) -> Option<&'static str> {
        self.disk.level.map(|level| match level {
            DiskLevel::Pl0 => "PL0",
            DiskLevel::Pl1 => "PL1",
            DiskLevel::Pl2 => "PL2",
            DiskLevel::Pl3 => "PL3",
        })
    }

    /// Whether it is paid for in advance.
    #[must_use]
    pub fn is_prepaid(&self) -> bool {
        self.paid.0.paid_span().is_some()
    }

    /// Whether it goes when its instance does.
    #[must_use]
    pub fn goes_with_instance(&self) -> bool {
        self.disk.on_release == OnRelease::Delete
    }

    fn object(&self) -> Object {
        let (charge, expires_at) = self.paid;
        let instance = self.instance.map(ids::instance);
        let attached_at = instance.as_ref().map(|_| time::seconds(self.created_at));
        let device = instance.as_ref().map(|_| ids::device(self.disk.device)).unwrap_or_default();
        let attachment = instance.as_ref().map(|instance| {
            Object::new()
                .text("InstanceId", instance.as_str())
                .text("Device", device.as_str())
                .text("AttachedTime", time::seconds(self.created_at))
        });
        let local = self.disk.kind == DiskKind::LocalSsd;
        Object::new()
            .text("DiskId", self.id())
            .text("DiskName", &*self.disk.name)
            .text("Description", &*self.disk.description)
            .text("RegionId", self.region.as_str())
            .text("ZoneId", self.zone.as_str())
            .text("Status", if self.instance.is_some() { "In_use" } else { "Available" })
            .text("Type", if self.index == 0 { "system" } else { "data" })
            .text("Category", self.category())
            .text("PerformanceLevel", self.level().unwrap_or_default())
            .integer("Size", self.disk.size_gib)
            .text("ImageId", self.image.as_ref().map_or("", Label::as_str))
            .text("SourceSnapshotId", self.disk.snapshot.as_ref().map_or("", Label::as_str))
            .text("AutoSnapshotPolicyId", self.disk.snapshot_policy.as_ref().map_or("", Label::as_str))
            .boolean("Encrypted", self.disk.encrypted)
            .text("KMSKeyId", self.disk.key.as_ref().map_or("", Label::as_str))
            .text("InstanceId", instance.unwrap_or_default())
            .text("Device", device.as_str())
            .boolean("DeleteWithInstance", self.goes_with_instance())
            .boolean("DeleteAutoSnapshot", false)
            .boolean("EnableAutoSnapshot", self.disk.snapshot_policy.is_some())
            .boolean("EnableAutomatedSnapshotPolicy", self.disk.snapshot_policy.is_some())
            .boolean("Portable", self.index > 0 && !local)
            .text("DiskChargeType", if charge == Charge::PostPaid { "PostPaid" } else { "PrePaid" })
            .text("ExpiredTime", expires_at.map_or_else(|| NEVER.to_owned(), time::minutes))
            .text("CreationTime", time::seconds(self.created_at))
            .text("AttachedTime", attached_at.unwrap_or_default())
            .text("DetachedTime", self.detached_at.map(time::seconds).unwrap_or_default())
            .text("MultiAttach", "Disabled")
            .text("ResourceGroupId", self.resource_group.as_ref().map_or("", Label::as_str))
            .text("ProductCode", "")
            .list("Attachments", "Attachment", attachment)
            .list("MountInstances", "MountInstance", NONE)
            .list("OperationLocks", "OperationLock", NONE)
            .list("Tags", "Tag", NONE)
    }
}

/// When a disk that is paid by use expires, in the words of the service.
const NEVER: &str = "2999-09-08T16:00Z";

/// Disks.
#[must_use]
pub fn describe_disks(listing: &Listing<DiskRow>) -> Reply {
    let body = listing.numbers_and_token().list("Disks", "Disk", listing.rows.iter().map(DiskRow::object));
    Reply::new("DescribeDisks", body)
}

/// A network interface: one of those of an instance.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InterfaceRow {
    /// Whose it is.
    pub profile: Profile,
    /// Which of its interfaces it is: 0 is the primary one.
    pub index: u8,
}

impl InterfaceRow {
    /// The interfaces of an instance, the primary one first, while its owner sees it.
    pub fn of_instance(profile: &Profile) -> impl Iterator<Item = Self> + '_ {
        let further = profile.instance.further.iter().zip(&profile.spec.interfaces).count();
        let seen = profile.instance.shown().is_some();
        (0_u8..=u8::MAX)
            .take(further.saturating_add(1))
            .filter(move |_| seen)
            .map(|index| Self { profile: profile.clone(), index })
    }

    /// What was said of it; nothing of the primary one.
    fn further(&self) -> Option<&fleet::Interface> {
        self.index.checked_sub(1).and_then(|index| self.profile.spec.interfaces.get(usize::from(index)))
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> String {
        ids::interface_at(self.profile.instance.id, self.index)
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> Ipv4Addr {
        let further = self.index.checked_sub(1);
        let further = further.and_then(|index| self.profile.instance.further.get(usize::from(index)));
        further.copied().unwrap_or(self.profile.instance.address)
    }

    /// Its IPv6 addresses: only the primary one has any.
    #[must_use]
    pub fn ipv6(&self) -> &[Ipv6Addr] {
        if self.index == 0 { &self.profile.instance.ipv6 } else { &[] }
    }

    /// Where its address comes from.
    #[must_use]
    pub fn subnet(&self) -> &Label {
        self.further().map_or(&self.profile.spec.subnet, |further| &further.subnet)
    }

    /// The groups it is in.
    #[must_use]
    pub fn groups(&self) -> &[Label] {
        self.further().map_or_else(|| self.profile.groups(), |further| &further.groups)
    }

    /// For people.
    #[must_use]
    pub fn name(&self) -> &str {
        self.further().map_or("", |further| &further.name)
    }

    fn object(&self) -> Object {
        let instance = &self.profile.instance;
        let address = self.address().to_string();
        let goes = self.further().is_none_or(|further| further.on_release == OnRelease::Delete);
        let public = instance.public.filter(|_| self.index == 0).map(|public| public.to_string());
        let public =
            Object::new().text("AllocationId", "").text("PublicIpAddress", public.unwrap_or_default());
        let attachment = Object::new()
            .text("InstanceId", ids::instance(instance.id))
            .integer("DeviceIndex", self.index)
            .integer("NetworkCardIndex", 0)
            .text("TrunkNetworkInterfaceId", "");
        let private = Object::new()
            .text("PrivateIpAddress", address.as_str())
            .boolean("Primary", true)
            .object("AssociatedPublicIp", public.clone());
        let ipv6 = self.ipv6().iter().map(|one| Object::new().text("Ipv6Address", one.to_string()));
        Object::new()
            .text("NetworkInterfaceId", self.id())
            .text("NetworkInterfaceName", self.name())
            .text("Description", self.further().map_or("", |further| &further.description))
            .text("Status", "InUse")
            .text("Type", if self.index == 0 { "Primary" } else { "Secondary" })
            .text("InstanceId", ids::instance(instance.id))
            .object("Attachment", attachment)
            .text("VpcId", self.profile.spec.network.as_str())
            .text("VSwitchId", self.subnet().as_str())
            .text("ZoneId", self.profile.spec.zone.as_str())
            .text("MacAddress", ids::mac_address_at(instance.id, self.index))
            .text("PrivateIpAddress", address.as_str())
            .list("PrivateIpSets", "PrivateIpSet", [private])
            .list("Ipv6Sets", "Ipv6Set", ipv6)
            .object("AssociatedPublicIp", public)
            .list("SecurityGroupIds", "SecurityGroupId", self.groups().iter().map(Label::as_str))
            .boolean("DeleteOnRelease", goes)
            .boolean("ServiceManaged", false)
            .text("OwnerId", instance.account.to_string())
            .text("ResourceGroupId", "")
            .text("NetworkInterfaceTrafficMode", "Standard")
            .text("CreationTime", time::seconds(instance.created_at))
            .list("Tags", "Tag", NONE)
    }
}

/// Network interfaces.
#[must_use]
pub fn describe_network_interfaces(listing: &Listing<InterfaceRow>) -> Reply {
    let rows = listing.rows.iter().map(InterfaceRow::object);
    let body = listing.numbers_and_token().list("NetworkInterfaceSets", "NetworkInterfaceSet", rows);
    Reply::new("DescribeNetworkInterfaces", body)
}

/// No action in here makes tasks.
#[must_use]
pub fn describe_tasks(listing: &Listing<Label>, region: &Label) -> Reply {
    let body = listing.numbers().text("RegionId", region.as_str()).list("TaskSet", "Task", NONE);
    Reply::new("DescribeTasks", body)
}

/// The families of the instance types in the catalogue, of this generation where one is named.
#[must_use]
pub fn describe_instance_type_families(catalogue: &Catalogue, generation: Option<&str>) -> Reply {
    let types = catalogue.instance_types.values();
    let families: BTreeSet<&Label> = types.map(|instance_type| &instance_type.family).collect();
    let rows = families.into_iter().filter_map(|family| {
        let of = self::generation(family);
        let shown = generation.is_none_or(|wanted| wanted == of);
        let row = Object::new().text("InstanceTypeFamilyId", family.as_str()).text("Generation", of);
        shown.then_some(row)
    });
    let body = Object::new().list("InstanceTypeFamilies", "InstanceTypeFamily", rows);
    Reply::new("DescribeInstanceTypeFamilies", body)
}

/// The generation of a family as its name says: `ecs.g7` is of the seventh, and a name without a
/// number of the first.
fn generation(family: &Label) -> String {
    let digits = family.as_str().chars().skip_while(|c| !c.is_ascii_digit());
    let digits: String = digits.take_while(char::is_ascii_digit).collect();
    format!("ecs-{}", if digits.is_empty() { "1" } else { &digits })
}

/// Where the console of an instance would be. There is nothing behind it: a provisioner may have one.
#[must_use]
pub fn describe_instance_vnc_url(instance: InstanceId, endpoint: &str) -> Reply {
    let url = format!("wss://{endpoint}/vnc/{}", ids::instance(instance));
    Reply::new("DescribeInstanceVncUrl", Object::new().text("VncUrl", url))
}

/// The roles of instances.
#[must_use]
pub fn describe_instance_ram_role(listing: &Listing<Profile>, region: &Label) -> Reply {
    let rows = listing.rows.iter().map(|profile| {
        Object::new()
            .text("InstanceId", ids::instance(profile.instance.id))
            .text("RamRoleName", profile.spec.role.as_ref().map_or("", Label::as_str))
    });
    let body = Object::new().integer("TotalCount", listing.total).text("RegionId", region.as_str());
    Reply::new("DescribeInstanceRamRole", body.list("InstanceRamRoleSets", "InstanceRamRoleSet", rows))
}

impl RenewalStatus {
    /// What happens to the instance of `profile` when its money runs out.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        match profile.renewal() {
            Renewal::On { .. } => Self::AutoRenewal,
            Renewal::Off => Self::Normal,
        }
    }

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, status)| *status == self).map_or("", |(name, _)| name)
    }
}

/// How instances are renewed.
#[must_use]
pub fn describe_instance_auto_renew_attribute(listing: &Listing<Profile>) -> Reply {
    let rows = listing.rows.iter().map(|profile| {
        let (enabled, duration, unit) = match profile.renewal() {
            Renewal::Off => (false, 0, ""),
            Renewal::On { count, unit: PeriodUnit::Week } => (true, count, "Week"),
            Renewal::On { count, unit: PeriodUnit::Month } => (true, count, "Month"),
        };
        Object::new()
            .text("InstanceId", ids::instance(profile.instance.id))
            .boolean("AutoRenewEnabled", enabled)
            .integer("Duration", duration)
            .text("PeriodUnit", unit)
            .text("RenewalStatus", RenewalStatus::of(profile).name())
    });
    let body = listing.numbers().list("InstanceRenewAttributes", "InstanceRenewAttribute", rows);
    Reply::new("DescribeInstanceAutoRenewAttribute", body)
}

/// How instances are mended: as the service does when nothing is said.
#[must_use]
pub fn describe_instance_maintenance_attributes(listing: &Listing<Profile>) -> Reply {
    let rows = listing.rows.iter().map(|profile| {
        let action = Object::new().text("Value", "AutoRecover").text("DefaultValue", "AutoRecover").list(
            "SupportedValues",
            "SupportedValue",
            ["Stop", "AutoRecover", "AutoRedeploy"],
        );
        Object::new()
            .text("InstanceId", ids::instance(profile.instance.id))
            .object("ActionOnMaintenance", action)
            .boolean("NotifyOnMaintenance", false)
            .list("MaintenanceWindows", "MaintenanceWindow", NONE)
    });
    let body = listing.numbers().list("MaintenanceAttributes", "MaintenanceAttribute", rows);
    Reply::new("DescribeInstanceMaintenanceAttributes", body)
}

/// The pools of capacity that instances were launched from.
#[must_use]
pub fn describe_instance_attachment_attributes(listing: &Listing<Profile>) -> Reply {
    let rows = listing.rows.iter().map(|profile| {
        let criteria = profile.setting("PrivatePoolOptions.MatchCriteria").unwrap_or("None");
        Object::new()
            .text("InstanceId", ids::instance(profile.instance.id))
            .text("PrivatePoolOptionsId", profile.setting("PrivatePoolOptions.Id").unwrap_or_default())
            .text("PrivatePoolOptionsMatchCriteria", criteria)
    });
    let body = listing.numbers().list("Instances", "Instance", rows);
    Reply::new("DescribeInstanceAttachmentAttributes", body)
}
