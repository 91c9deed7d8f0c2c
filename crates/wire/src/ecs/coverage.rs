//! Every documented parameter of every action that is served, and how it is treated today. One
//! table: the page `docs/wire-coverage.md` and the test that the parsers agree come from it.
//!
//! A parameter that is not in the table is unknown, and ignored all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::request::Action;
use super::request::launch::table::{self, Row};
use super::request::launch::tail::to_pattern;
use super::request::take::ignore;
use crate::params::Params;

/// How a parameter is treated today.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Treatment {
    /// It does what the reference says.
    Honoured,
    /// A value that is not valid is refused; one that is, stays with the instances and is shown.
    Kept,
    /// A value that is not valid is refused; one that is, is not kept.
    Checked,
    /// It is taken and not kept.
    Accepted,
}

/// One parameter of some actions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Parameter {
    /// Its name, with `N` for an index.
    pub name: &'static str,
    /// Whose it is.
    pub actions: &'static [Action],
    /// How it is treated.
    pub treatment: Treatment,
}

/// Parameters of the same actions that are treated alike.
struct Group {
    actions: &'static [Action],
    treatment: Treatment,
    names: &'static [&'static str],
}

const TEMPLATES: &[Action] = &[
    Action::CreateLaunchTemplate,
    Action::CreateLaunchTemplateVersion,
    Action::DescribeLaunchTemplates,
    Action::DescribeLaunchTemplateVersions,
    Action::DeleteLaunchTemplate,
    Action::DeleteLaunchTemplateVersion,
    Action::ModifyLaunchTemplateDefaultVersion,
];
const LAUNCHES: [Action; 2] = [Action::RunInstances, Action::CreateInstance];

const fn group(actions: &'static [Action], treatment: Treatment, names: &'static [&'static str]) -> Group {
    Group { actions, treatment, names }
}

/// Every parameter in the table.
pub fn parameters() -> impl Iterator<Item = Parameter> {
    let others = TABLE.iter().flat_map(|Group { actions, treatment, names }| {
        names.iter().map(|name| Parameter { name, actions, treatment: *treatment })
    });
    let launches = table::TABLE.iter().map(|Row { name, actions, treatment, .. }| Parameter {
        name,
        actions,
        treatment: *treatment,
    });
    others.chain(launches)
}

/// Takes what an action accepts without looking at it, so that only the unknown is left.
pub(super) fn drop_accepted(action: Action, params: &mut Params) {
    if LAUNCHES.contains(&action) {
        // What these accept, they take themselves; what their envelope brings along is taken here.
        return ignore(params, DELEGATION);
    }
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for parameter in parameters() {
        if parameter.treatment == Treatment::Accepted && parameter.actions.contains(&action) {
            known.insert(parameter.name);
        }
    }
    params.take_known(|name, _| known.contains(&*pattern(name)).then_some(()));
}

/// A name with `N` in place of each index.
fn pattern(name: &str) -> String {
    let mut pattern = String::new();
    to_pattern(name, &mut pattern);
    pattern
}

/// The page `docs/wire-coverage.md`.
#[must_use]
pub fn page() -> String {
    let mut page = String::from(INTRODUCTION);
    let _ = writeln!(
        page,
        "\n## How many\n\n| action | honoured | kept | checked | accepted |\n| --- | ---: | ---: | ---: | ---: |"
    );
    for action in Action::ALL {
        let count = |treatment| {
            let of = |parameter: &Parameter| {
                parameter.treatment == treatment && parameter.actions.contains(&action)
            };
            parameters().filter(of).count()
        };
        let counts =
            [Treatment::Honoured, Treatment::Kept, Treatment::Checked, Treatment::Accepted].map(count);
        let [honoured, kept, checked, accepted] = counts;
        let _ = writeln!(page, "| {} | {honoured} | {kept} | {checked} | {accepted} |", action.name());
    }
    page.push_str(LAUNCH_INTRODUCTION);
    for Row { name, actions, pages, treatment, value, wrong } in table::TABLE {
        let run = if actions.contains(&Action::RunInstances) { "R" } else { "" };
        let create = if actions.contains(&Action::CreateInstance) { "C" } else { "" };
        let wrong = wrong.map_or_else(String::new, |code| format!("`{}`", code.code));
        let (pages, treatment) = (pages.word(), treatment.word());
        let _ = writeln!(page, "| `{name}` | {run}{create} | {pages} | {value} | {treatment} | {wrong} |");
    }
    for action in Action::ALL.into_iter().filter(|action| !LAUNCHES.contains(action)) {
        let _ = writeln!(page, "\n## {}\n\n| parameter | |\n| --- | --- |", action.name());
        for (name, treatment) in rows(action) {
            let _ = writeln!(page, "| `{name}` | {} |", treatment.word());
        }
    }
    page
}

impl Treatment {
    const fn word(self) -> &'static str {
        match self {
            Self::Honoured => "honoured",
            Self::Kept => "kept",
            Self::Checked => "checked",
            Self::Accepted => "accepted",
        }
    }
}

fn rows(action: Action) -> BTreeMap<&'static str, Treatment> {
    let of = |parameter: &Parameter| parameter.actions.contains(&action);
    parameters().filter(of).map(|parameter| (parameter.name, parameter.treatment)).collect()
}

const INTRODUCTION: &str = "\
# What the wire takes

Generated from the tables in `crates/wire/src/ecs/coverage.rs` and, for launches,
`crates/wire/src/ecs/request/launch/table.rs`; a test compares. Every parameter that the
contract or the typed SDKs document is here, whatever becomes of it:

- **honoured**: it does what the reference says.
- **kept**: a value that is not valid is refused; one that is, stays with the instances, is shown where replies
  have a place for it, and is handed to provisioners. Nothing in here acts on it.
- **checked**: a value that is not valid is refused with the code of its rule; one that is, is not kept.
- **accepted**: it is taken and not kept. Clients send it, and may go on doing so.

What is not here is unknown, and ignored. Empty is absent, except for the value of a tag. Of a network interface
only the primary one is honoured. What a launch template is told is honoured in that it is kept, shown, and taken over
by a launch from it; that launch then treats it as it treats its own. A filter for something that nothing has, such
as a classic network, selects nothing.
";

const LAUNCH_INTRODUCTION: &str = "
## RunInstances and CreateInstance

Whose: R is RunInstances, C is CreateInstance. Pages: \"2019\" has left today's reference, \"today\" was not in that of
2019; all are read in every edition. A value of another kind is answered with the last column, or with the code of its
rule, or with `InvalidParameter`.

| parameter | whose | pages | value | what becomes of it | wrong |
| --- | --- | --- | --- | --- | --- |
";

// As many names on a line as fit: one a line would be six hundred lines.
#[rustfmt::skip]
const TABLE: &[Group] = &[
    group(&Action::ALL, Treatment::Accepted, DELEGATION),
    group(
        &[Action::StartInstance, Action::StopInstance, Action::RebootInstance, Action::DeleteInstance],
        Treatment::Honoured, &[
            "InstanceId", "DryRun",
        ],
    ),
    group(&[Action::StartInstance], Treatment::Checked, &["InitLocalDisk"]),
    group(&[Action::StopInstance], Treatment::Honoured, &["ForceStop", "StoppedMode", "ConfirmStop"]),
    group(&[Action::StopInstance], Treatment::Checked, &["Hibernate"]),
    group(&[Action::RebootInstance], Treatment::Checked, &["ForceStop"]),
    group(&[Action::DeleteInstance], Treatment::Honoured, &["Force", "TerminateSubscription"]),
    group(&[Action::DeleteInstance], Treatment::Checked, &["ForceStop"]),
    group(&[Action::DescribeInstances], Treatment::Honoured, &[
        "RegionId", "InstanceIds", "Status", "InstanceName", "VpcId", "VSwitchId", "ZoneId", "ImageId",
        "InstanceType", "SecurityGroupId", "InstanceNetworkType", "InstanceChargeType",
        "PrivateIpAddresses", "PublicIpAddresses", "EipAddresses", "InnerIpAddresses",
        "Ipv6Address.N", "RdmaIpAddresses", "KeyPairName", "HpcClusterId", "ResourceGroupId", "IoOptimized",
        "LockReason", "DeviceAvailable", "HttpEndpoint", "HttpTokens",
        "Tag.N.Key", "Tag.N.Value", "PageNumber", "PageSize", "MaxResults", "NextToken", "DryRun",
        "InstanceTypeFamily", "InternetChargeType", "Filter.N.Key", "Filter.N.Value",
    ]),
    group(&[Action::DescribeInstances], Treatment::Accepted, &[
        "AdditionalAttributes.N", "HttpPutResponseHopLimit", "NeedSaleCycle",
    ]),
    group(&[Action::DescribeInstanceStatus], Treatment::Honoured, &[
        "RegionId", "ZoneId", "InstanceId.N", "PageNumber", "PageSize",
    ]),
    group(&[Action::DescribeInstanceStatus], Treatment::Accepted, &["ClusterId"]),
    group(&[Action::DescribeInstanceHistoryEvents], Treatment::Honoured, &[
        "RegionId", "InstanceId", "ResourceType", "ResourceId.N", "EventId.N", "InstanceEventCycleStatus.N",
        "EventCycleStatus", "InstanceEventType.N", "EventType", "EventPublishTime.Start",
        "EventPublishTime.End", "NotBefore.Start", "NotBefore.End", "ResourceGroupId", "PageNumber",
        "PageSize", "MaxResults", "NextToken", "Tag.N.Key", "Tag.N.Value",
    ]),
    group(&[Action::DescribeInstanceHistoryEvents], Treatment::Accepted, &["ImpactLevel"]),
    group(&[Action::DescribeAvailableResource], Treatment::Honoured, &[
        "RegionId", "DestinationResource", "ZoneId", "IoOptimized", "InstanceType", "SystemDiskCategory",
        "DataDiskCategory", "NetworkCategory", "Cores", "Memory", "ResourceType", "DedicatedHostId",
    ]),
    group(&[Action::DescribeAvailableResource], Treatment::Checked, &["InstanceChargeType", "SpotStrategy"]),
    group(&[Action::DescribeAvailableResource], Treatment::Accepted, &["Scope", "SpotDuration"]),
    group(&[Action::DescribeRegions], Treatment::Accepted, &[
        "AcceptLanguage", "InstanceChargeType", "ResourceType",
    ]),
    group(&[Action::DescribeZones], Treatment::Honoured, &["RegionId"]),
    group(&[Action::DescribeZones], Treatment::Accepted, &[
        "AcceptLanguage", "InstanceChargeType", "SpotStrategy", "Verbose",
    ]),
    group(&[Action::DescribeInstanceTypes], Treatment::Honoured, &[
        "InstanceTypes.N", "InstanceTypeFamily", "InstanceTypeFamilies.N", "CpuArchitecture",
        "CpuArchitectures.N", "MinimumCpuCoreCount", "MaximumCpuCoreCount", "MinimumMemorySize",
        "MaximumMemorySize", "MaxResults", "NextToken",
    ]),
    group(&[Action::DescribeInstanceTypes], Treatment::Accepted, &[
        "AdditionalAttributes.N", "GPUSpec", "GpuSpecs.N", "InstanceCategories.N", "InstanceCategory",
        "InstanceFamilyLevel", "LocalStorageCategories.N", "LocalStorageCategory", "MaximumCpuSpeedFrequency",
        "MaximumCpuTurboFrequency", "MaximumGPUAmount", "MinimumBaselineCredit", "MinimumCpuSpeedFrequency",
        "MinimumCpuTurboFrequency", "MinimumDiskQuantity", "MinimumEniIpv6AddressQuantity",
        "MinimumEniPrivateIpAddressQuantity", "MinimumEniQuantity", "MinimumEriQuantity", "MinimumGPUAmount",
        "MinimumInitialCredit", "MinimumInstanceBandwidthRx", "MinimumInstanceBandwidthTx",
        "MinimumInstancePpsRx", "MinimumInstancePpsTx", "MinimumLocalStorageAmount",
        "MinimumLocalStorageCapacity", "MinimumPrimaryEniQueueNumber", "MinimumQueuePairNumber",
        "MinimumSecondaryEniQueueNumber", "NvmeSupport", "PhysicalProcessorModel",
        "PhysicalProcessorModels.N",
    ]),
    group(&[Action::DescribeImages], Treatment::Honoured, &[
        "RegionId", "ImageId", "ImageName", "ImageFamily", "ImageOwnerAlias", "Status", "OSType",
        "Architecture", "InstanceType", "IsSupportIoOptimized", "SnapshotId", "ResourceGroupId", "Tag.N.Key",
        "Tag.N.Value", "PageNumber", "PageSize", "DryRun",
    ]),
    group(&[Action::DescribeImages], Treatment::Accepted, &[
        "ActionType", "Filter.N.Key", "Filter.N.Value", "ImageOwnerId", "IsPublic", "IsSupportCloudinit",
        "ShowExpired", "Usable", "Usage",
    ]),
    group(&[Action::CreateVpc], Treatment::Honoured, &[
        "RegionId", "CidrBlock", "VpcName", "Description", "DryRun", "UserCidr",
    ]),
    group(&[Action::CreateVSwitch], Treatment::Honoured, &[
        "RegionId", "VpcId", "ZoneId", "CidrBlock", "VSwitchName", "Description",
    ]),
    group(&[Action::CreateSecurityGroup], Treatment::Honoured, &[
        "RegionId", "VpcId", "SecurityGroupName", "Description", "SecurityGroupType",
    ]),
    group(&[Action::CreateVpc, Action::CreateVSwitch, Action::CreateSecurityGroup], Treatment::Honoured, &[
        "Tag.N.Key", "Tag.N.Value", "ClientToken",
    ]),
    group(&[Action::CreateSecurityGroup], Treatment::Checked, &["ServiceManaged"]),
    group(&[Action::CreateVpc, Action::CreateSecurityGroup], Treatment::Honoured, &["ResourceGroupId"]),
    group(&[Action::CreateVpc], Treatment::Accepted, &["EnableIpv6", "Ipv6CidrBlock"]),
    group(&[Action::CreateVSwitch], Treatment::Accepted, &["Ipv6CidrBlock", "VpcIpv6CidrBlock"]),
    group(
        &[Action::DescribeVpcs, Action::DescribeVSwitches, Action::DescribeSecurityGroups],
        Treatment::Honoured, &[
            "RegionId", "VpcId", "ResourceGroupId", "Tag.N.Key", "Tag.N.Value", "PageNumber", "PageSize",
            "DryRun",
        ],
    ),
    group(&[Action::DescribeVpcs], Treatment::Honoured, &["VpcName", "IsDefault"]),
    group(&[Action::DescribeVpcs], Treatment::Accepted, &["VpcOwnerId"]),
    group(&[Action::DescribeVSwitches], Treatment::Honoured, &[
        "VSwitchId", "ZoneId", "VSwitchName", "IsDefault",
    ]),
    group(&[Action::DescribeVSwitches], Treatment::Accepted, &["RouteTableId"]),
    group(&[Action::DescribeSecurityGroups], Treatment::Honoured, &[
        "SecurityGroupId", "SecurityGroupIds", "SecurityGroupName", "FuzzyQuery", "NetworkType",
        "SecurityGroupType", "ServiceManaged", "MaxResults", "NextToken",
    ]),
    group(&[Action::DescribeSecurityGroups], Treatment::Accepted, &["IsQueryEcsCount"]),
    group(&[Action::DeleteVpc], Treatment::Honoured, &["VpcId"]),
    group(&[Action::DeleteVSwitch], Treatment::Honoured, &["VSwitchId"]),
    group(&[Action::DeleteVpc, Action::DeleteVSwitch], Treatment::Accepted, &["RegionId"]),
    group(&[Action::DeleteSecurityGroup], Treatment::Honoured, &["RegionId", "SecurityGroupId"]),
    group(RULES, Treatment::Honoured, &[
        "RegionId", "SecurityGroupId", "IpProtocol", "PortRange", "SourcePortRange", "SourceCidrIp",
        "Ipv6SourceCidrIp", "DestCidrIp", "Ipv6DestCidrIp", "Policy", "Priority", "NicType", "Description",
        "Permissions.N.IpProtocol", "Permissions.N.PortRange", "Permissions.N.PortRangeListId",
        "Permissions.N.SourcePortRange", "Permissions.N.SourceCidrIp", "Permissions.N.Ipv6SourceCidrIp",
        "Permissions.N.DestCidrIp", "Permissions.N.Ipv6DestCidrIp", "Permissions.N.Policy",
        "Permissions.N.Priority", "Permissions.N.NicType", "Permissions.N.Description",
    ]),
    group(RULES, Treatment::Accepted, &["ClientToken"]),
    group(&[Action::AuthorizeSecurityGroup, Action::RevokeSecurityGroup], Treatment::Honoured, &[
        "SourceGroupId", "SourcePrefixListId", "Permissions.N.SourceGroupId",
        "Permissions.N.SourcePrefixListId",
    ]),
    group(&[Action::AuthorizeSecurityGroup, Action::RevokeSecurityGroup], Treatment::Accepted, &[
        "SourceGroupOwnerAccount", "SourceGroupOwnerId", "Permissions.N.SourceGroupOwnerAccount",
        "Permissions.N.SourceGroupOwnerId",
    ]),
    group(&[Action::AuthorizeSecurityGroupEgress], Treatment::Honoured, &[
        "DestGroupId", "DestPrefixListId", "Permissions.N.DestGroupId", "Permissions.N.DestPrefixListId",
    ]),
    group(&[Action::AuthorizeSecurityGroupEgress], Treatment::Accepted, &[
        "DestGroupOwnerAccount", "DestGroupOwnerId", "Permissions.N.DestGroupOwnerAccount",
        "Permissions.N.DestGroupOwnerId",
    ]),
    group(&[Action::RevokeSecurityGroup], Treatment::Honoured, &["SecurityGroupRuleId.N"]),
    group(&[Action::DescribeSecurityGroupAttribute], Treatment::Honoured, &[
        "RegionId", "SecurityGroupId", "Direction", "NicType", "MaxResults", "NextToken",
    ]),
    group(&[Action::DescribeSecurityGroupAttribute], Treatment::Accepted, &["Attribute"]),
    group(&[Action::CreateKeyPair, Action::ImportKeyPair], Treatment::Honoured, &[
        "RegionId", "KeyPairName", "ResourceGroupId", "Tag.N.Key", "Tag.N.Value",
    ]),
    group(&[Action::ImportKeyPair], Treatment::Honoured, &["PublicKeyBody"]),
    group(&[Action::DescribeKeyPairs], Treatment::Honoured, &[
        "RegionId", "KeyPairName", "KeyPairFingerPrint", "IncludePublicKey", "ResourceGroupId", "Tag.N.Key",
        "Tag.N.Value", "PageNumber", "PageSize",
    ]),
    group(&[Action::DeleteKeyPairs], Treatment::Honoured, &["RegionId", "KeyPairNames"]),
    group(
        &[Action::TagResources, Action::UntagResources, Action::ListTagResources], Treatment::Honoured, &[
            "RegionId", "ResourceType", "ResourceId.N",
        ],
    ),
    group(&[Action::TagResources, Action::ListTagResources], Treatment::Honoured, &[
        "Tag.N.Key", "Tag.N.Value",
    ]),
    group(&[Action::UntagResources], Treatment::Honoured, &["TagKey.N", "All"]),
    group(&[Action::ListTagResources], Treatment::Honoured, &[
        "TagFilter.N.TagKey", "TagFilter.N.TagValues.N", "NextToken",
    ]),
    group(TEMPLATES, Treatment::Honoured, &["RegionId"]),
    group(
        &[
            Action::CreateLaunchTemplateVersion, Action::DescribeLaunchTemplateVersions,
            Action::DeleteLaunchTemplate, Action::DeleteLaunchTemplateVersion,
            Action::ModifyLaunchTemplateDefaultVersion,
        ],
        Treatment::Honoured, &["LaunchTemplateId", "LaunchTemplateName"],
    ),
    group(&[Action::CreateLaunchTemplate], Treatment::Honoured, &[
        "LaunchTemplateName", "TemplateResourceGroupId", "TemplateTag.N.Key", "TemplateTag.N.Value",
        "SecurityOptions.EnableSecureBoot",
    ]),
    group(&[Action::DescribeLaunchTemplates], Treatment::Honoured, &[
        "LaunchTemplateId.N", "LaunchTemplateName.N", "TemplateResourceGroupId", "TemplateTag.N.Key",
        "TemplateTag.N.Value", "PageNumber", "PageSize",
    ]),
    group(&[Action::DescribeLaunchTemplateVersions], Treatment::Honoured, &[
        "LaunchTemplateVersion.N", "MinVersion", "MaxVersion", "DefaultVersion", "DetailFlag", "PageNumber",
        "PageSize",
    ]),
    group(&[Action::DeleteLaunchTemplateVersion], Treatment::Honoured, &["DeleteVersion.N"]),
    group(&[Action::ModifyLaunchTemplateDefaultVersion], Treatment::Honoured, &["DefaultVersionNumber"]),
    group(&[Action::CreateLaunchTemplate, Action::CreateLaunchTemplateVersion], Treatment::Honoured, &[
        "VersionDescription", "AutoReleaseTime", "AutoRenew", "AutoRenewPeriod", "CreditSpecification",
        "DeletionProtection", "DeploymentSetId", "Description", "EnableVmOsConfig", "HostName",
        "HttpEndpoint", "HttpPutResponseHopLimit", "HttpTokens", "ImageId", "ImageOwnerAlias",
        "InstanceChargeType", "InstanceName", "InstanceType", "InternetChargeType",
        "InternetMaxBandwidthIn", "InternetMaxBandwidthOut", "IoOptimized", "Ipv6AddressCount",
        "KeyPairName", "NetworkType", "PasswordInherit", "Period", "PeriodUnit", "PrivateIpAddress",
        "RamRoleName", "ResourceGroupId", "SecurityEnhancementStrategy", "SecurityGroupId",
        "SecurityGroupIds.N", "SpotDuration", "SpotPriceLimit", "SpotStrategy", "UserData", "VSwitchId",
        "VpcId", "ZoneId", "SystemDisk.AutoSnapshotPolicyId", "SystemDisk.BurstingEnabled",
        "SystemDisk.Category", "SystemDisk.DeleteWithInstance", "SystemDisk.Description",
        "SystemDisk.DiskName", "SystemDisk.Encrypted", "SystemDisk.Iops", "SystemDisk.KMSKeyId",
        "SystemDisk.PerformanceLevel", "SystemDisk.ProvisionedIops", "SystemDisk.Size",
        "ImageOptions.LoginAsNonRoot", "SecurityOptions.TrustedSystemMode",
        "DataDisk.N.AutoSnapshotPolicyId", "DataDisk.N.BurstingEnabled", "DataDisk.N.Category",
        "DataDisk.N.DeleteWithInstance", "DataDisk.N.Description", "DataDisk.N.Device",
        "DataDisk.N.DiskName", "DataDisk.N.Encrypted", "DataDisk.N.KMSKeyId", "DataDisk.N.PerformanceLevel",
        "DataDisk.N.ProvisionedIops", "DataDisk.N.Size", "DataDisk.N.SnapshotId",
        "NetworkInterface.N.DeleteOnRelease", "NetworkInterface.N.Description",
        "NetworkInterface.N.InstanceType", "NetworkInterface.N.NetworkInterfaceName",
        "NetworkInterface.N.NetworkInterfaceTrafficMode", "NetworkInterface.N.PrimaryIpAddress",
        "NetworkInterface.N.SecurityGroupId", "NetworkInterface.N.SecurityGroupIds.N",
        "NetworkInterface.N.VSwitchId", "Tag.N.Key", "Tag.N.Value",
    ]),
    group(&[Action::ModifyInstanceAttribute], Treatment::Honoured, &[
        "InstanceId", "InstanceName", "Description", "HostName", "Password", "UserData", "SecurityGroupIds.N",
        "DeletionProtection", "CreditSpecification", "Recyclable", "EnableJumboFrame",
        "EnableNetworkEncryption", "NetworkInterfaceQueueNumber", "CpuOptions.Core",
        "CpuOptions.ThreadsPerCore", "CpuOptions.TopologyType", "CpuOptions.NestedVirtualization",
        "PrivateDnsNameOptions.HostnameType", "PrivateDnsNameOptions.EnableInstanceIdDnsAAAARecord",
        "PrivateDnsNameOptions.EnableInstanceIdDnsARecord", "PrivateDnsNameOptions.EnableIpDnsARecord",
        "PrivateDnsNameOptions.EnableIpDnsPtrRecord", "RemoteConnectionOptions.Type",
    ]),
    group(&[Action::ModifyInstanceAttribute], Treatment::Accepted, &["RemoteConnectionOptions.Password"]),
    group(&[Action::AllocatePublicIpAddress], Treatment::Honoured, &["InstanceId"]),
    group(&[Action::AllocatePublicIpAddress], Treatment::Checked, &["IpAddress", "VlanId"]),
    group(&[Action::ModifyInstanceAutoReleaseTime], Treatment::Honoured, &["InstanceId", "AutoReleaseTime"]),
    group(
        &[Action::ModifyInstanceAutoReleaseTime, Action::DescribeUserData],
        Treatment::Accepted, &["RegionId"],
    ),
    group(
        &[Action::DescribeInstanceAttribute, Action::DescribeUserData],
        Treatment::Honoured, &["InstanceId"],
    ),
    group(
        &[Action::DeleteInstances, Action::StartInstances, Action::StopInstances, Action::RebootInstances],
        Treatment::Honoured, &["RegionId", "InstanceId.N", "DryRun"],
    ),
    group(&[Action::DeleteInstances], Treatment::Honoured, &["ClientToken", "Force", "TerminateSubscription"]),
    group(&[Action::DeleteInstances], Treatment::Checked, &["ForceStop"]),
    group(
        &[Action::StartInstances, Action::StopInstances, Action::RebootInstances],
        Treatment::Honoured, &["BatchOptimization"],
    ),
    group(&[Action::StopInstances], Treatment::Honoured, &["ForceStop", "StoppedMode"]),
    group(&[Action::RebootInstances], Treatment::Checked, &["ForceReboot"]),
    group(&[Action::DescribeInstancesFullStatus], Treatment::Honoured, &[
        "RegionId", "InstanceId.N", "EventId.N", "Status", "HealthStatus", "EventType", "InstanceEventType.N",
        "EventPublishTime.Start", "EventPublishTime.End", "NotBefore.Start", "NotBefore.End", "PageNumber",
        "PageSize",
    ]),
    group(&[Action::CreateSimulatedSystemEvents], Treatment::Honoured, &[
        "RegionId", "EventType", "InstanceId.N", "NotBefore", "TriggerRealOps",
    ]),
    group(&[Action::CancelSimulatedSystemEvents], Treatment::Honoured, &["RegionId", "EventId.N"]),
    group(&[Action::AcceptInquiredSystemEvent], Treatment::Honoured, &["RegionId", "EventId"]),
    group(&[Action::AcceptInquiredSystemEvent], Treatment::Accepted, &["Choice"]),
    group(&[Action::DescribeDisks], Treatment::Honoured, &[
        "RegionId", "DiskIds", "Status", "InstanceId", "ZoneId", "DiskType", "Category", "PerformanceLevel",
        "DiskName", "DeleteWithInstance", "Encrypted", "KMSKeyId", "SnapshotId", "AutoSnapshotPolicyId",
        "DiskChargeType", "ResourceGroupId", "Filter.N.Key", "Filter.N.Value", "Tag.N.Key", "Tag.N.Value",
        "LockReason", "EnableShared", "Portable", "MultiAttach", "PageNumber", "PageSize", "MaxResults",
        "NextToken", "DryRun",
    ]),
    group(&[Action::DescribeDisks], Treatment::Checked, &[
        "EnableAutoSnapshot", "EnableAutomatedSnapshotPolicy", "DeleteAutoSnapshot",
    ]),
    group(&[Action::DescribeDisks], Treatment::Accepted, &["AdditionalAttributes.N"]),
    group(&[Action::DescribeNetworkInterfaces], Treatment::Honoured, &[
        "RegionId", "NetworkInterfaceId.N", "InstanceId", "Type", "PrimaryIpAddress", "PrivateIpAddress.N",
        "Ipv6Address.N", "VpcId", "VSwitchId", "SecurityGroupId", "NetworkInterfaceName", "Status",
        "ServiceManaged", "ResourceGroupId", "Tag.N.Key", "Tag.N.Value", "PageNumber", "PageSize",
        "MaxResults", "NextToken",
    ]),
    group(&[Action::DescribeTasks], Treatment::Honoured, &["RegionId", "PageNumber", "PageSize"]),
    group(&[Action::DescribeTasks], Treatment::Accepted, &[
        "StartTime", "EndTime", "ResourceIds.N", "TaskAction", "TaskGroupId", "TaskIds", "TaskStatus",
    ]),
    group(&[Action::DescribeInstanceTypeFamilies], Treatment::Honoured, &["RegionId", "Generation"]),
    group(&[Action::DescribeInstanceVncUrl], Treatment::Honoured, &["RegionId", "InstanceId"]),
    group(&[Action::DescribeInstanceRamRole], Treatment::Honoured, &[
        "RegionId", "InstanceIds", "RamRoleName", "PageNumber", "PageSize",
    ]),
    group(&[Action::DescribeInstanceAutoRenewAttribute], Treatment::Honoured, &[
        "RegionId", "InstanceId", "RenewalStatus", "PageNumber", "PageSize",
    ]),
    group(&[Action::DescribeInstanceMaintenanceAttributes], Treatment::Honoured, &[
        "RegionId", "InstanceId.N", "PageNumber", "PageSize",
    ]),
    group(&[Action::DescribeInstanceAttachmentAttributes], Treatment::Honoured, &[
        "RegionId", "InstanceIds", "PageNumber", "PageSize",
    ]),
];

const RULES: &[Action] =
    &[Action::AuthorizeSecurityGroup, Action::AuthorizeSecurityGroupEgress, Action::RevokeSecurityGroup];

/// Envelopes take these out of every request.
const DELEGATION: &[&str] = &["OwnerAccount", "OwnerId", "ResourceOwnerAccount", "ResourceOwnerId"];

#[cfg(test)]
mod tests;
