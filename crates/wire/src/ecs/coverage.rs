//! Every documented parameter of every action that is served, and how it is treated today. One
//! table: the page `docs/wire-coverage.md` and the test that the parsers agree come from it.
//!
//! A parameter that is not in the table is unknown, and ignored all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::request::Action;
use crate::params::Params;

/// How a parameter is treated today.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Treatment {
    /// It does what the reference says.
    Honoured,
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

const BOTH: &[Action] = &[Action::RunInstances, Action::CreateInstance];
const RUN: &[Action] = &[Action::RunInstances];
const CREATE: &[Action] = &[Action::CreateInstance];

const fn group(actions: &'static [Action], treatment: Treatment, names: &'static [&'static str]) -> Group {
    Group { actions, treatment, names }
}

/// Every parameter in the table.
pub fn parameters() -> impl Iterator<Item = Parameter> {
    TABLE.iter().flat_map(|Group { actions, treatment, names }| {
        names.iter().map(|name| Parameter { name, actions, treatment: *treatment })
    })
}

/// Takes what an action accepts without looking at it, so that only the unknown is left.
pub(super) fn drop_accepted(action: Action, params: &mut Params) {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for parameter in parameters() {
        if parameter.treatment == Treatment::Accepted && parameter.actions.contains(&action) {
            known.insert(parameter.name);
        }
    }
    let accepted: Vec<String> = params.leftover().filter(|name| known.contains(&*pattern(name))).collect();
    for name in accepted {
        params.take_raw(&name);
    }
}

/// A name with `N` in place of each index.
fn pattern(name: &str) -> String {
    let part = |part: &str| match part.bytes().all(|byte| byte.is_ascii_digit()) {
        true => "N".to_owned(),
        false => part.to_owned(),
    };
    name.split('.').map(part).collect::<Vec<_>>().join(".")
}

/// The page `docs/wire-coverage.md`.
#[must_use]
pub fn page() -> String {
    let mut page = String::from(INTRODUCTION);
    let _ = writeln!(
        page,
        "\n## How many\n\n| action | honoured | checked | accepted |\n| --- | ---: | ---: | ---: |"
    );
    for action in Action::ALL {
        let count = |treatment| {
            let of = |parameter: &Parameter| {
                parameter.treatment == treatment && parameter.actions.contains(&action)
            };
            parameters().filter(of).count()
        };
        let counts = [Treatment::Honoured, Treatment::Checked, Treatment::Accepted].map(count);
        let [honoured, checked, accepted] = counts;
        let _ = writeln!(page, "| {} | {honoured} | {checked} | {accepted} |", action.name());
    }
    let _ = writeln!(page, "\n## RunInstances and CreateInstance\n");
    let _ = writeln!(page, "| parameter | RunInstances | CreateInstance |\n| --- | --- | --- |");
    for (name, [run, create]) in launch_rows() {
        let _ = writeln!(page, "| `{name}` | {run} | {create} |");
    }
    for action in Action::ALL.into_iter().filter(|action| !BOTH.contains(action)) {
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
            Self::Checked => "checked",
            Self::Accepted => "accepted",
        }
    }
}

fn rows(action: Action) -> BTreeMap<&'static str, Treatment> {
    let of = |parameter: &Parameter| parameter.actions.contains(&action);
    parameters().filter(of).map(|parameter| (parameter.name, parameter.treatment)).collect()
}

fn launch_rows() -> BTreeMap<&'static str, [&'static str; 2]> {
    let columns = [Action::RunInstances, Action::CreateInstance].map(rows);
    let names = columns.iter().flat_map(BTreeMap::keys);
    let word = |column: &BTreeMap<_, Treatment>, name| column.get(name).map_or("", |found| found.word());
    names.map(|name| (*name, columns.each_ref().map(|column| word(column, name)))).collect()
}

const INTRODUCTION: &str = "\
# What the wire takes

Generated from the table in `crates/wire/src/ecs/coverage.rs`; a test compares. Every parameter that the
contract or the typed SDKs document is here, whatever becomes of it:

- **honoured**: it does what the reference says.
- **checked**: a value that is not valid is refused with the code of its rule; one that is, is not kept.
- **accepted**: it is taken and not kept. Clients send it, and may go on doing so.

What is not here is unknown, and ignored. Empty is absent, except for the value of a tag. Of a network interface
only the primary one is honoured. A launch template is never found: there are none yet. A filter for something
that nothing has, such as a key pair, selects nothing.
";

// As many names on a line as fit: one a line would be six hundred lines.
#[rustfmt::skip]
const TABLE: &[Group] = &[
    group(&Action::ALL, Treatment::Accepted, DELEGATION),
    group(BOTH, Treatment::Honoured, &[
        "RegionId", "ZoneId", "ImageId", "InstanceType", "ClientToken", "DryRun", "InstanceName", "HostName",
        "Description", "SecurityGroupId", "VSwitchId", "PrivateIpAddress", "InternetChargeType",
        "InternetMaxBandwidthIn", "InternetMaxBandwidthOut", "InstanceChargeType", "Period", "PeriodUnit",
        "DeletionProtection", "Tag.N.Key", "Tag.N.Value",
    ]),
    group(RUN, Treatment::Honoured, &[
        "Amount", "MinAmount", "UniqueSuffix", "SecurityGroupIds.N", "NetworkInterface.N.InstanceType",
        "NetworkInterface.N.SecurityGroupId", "NetworkInterface.N.SecurityGroupIds.N",
        "NetworkInterface.N.VSwitchId", "NetworkInterface.N.PrimaryIpAddress",
    ]),
    group(CREATE, Treatment::Honoured, &["Tag.N.key", "Tag.N.value"]),
    group(BOTH, Treatment::Checked, &[
        "ImageFamily", "IoOptimized", "Password", "PasswordInherit", "UserData",
        "SecurityEnhancementStrategy", "SystemDisk.Category", "SystemDisk.Size", "SystemDisk.DiskName",
        "SystemDisk.Description", "SystemDisk.PerformanceLevel", "DataDisk.N.Size", "DataDisk.N.Category",
        "DataDisk.N.SnapshotId", "DataDisk.N.DiskName", "DataDisk.N.Description", "DataDisk.N.Device",
        "DataDisk.N.DeleteWithInstance", "DataDisk.N.Encrypted", "DataDisk.N.KMSKeyId",
        "DataDisk.N.PerformanceLevel", "AutoRenew", "AutoRenewPeriod", "DedicatedHostId", "SpotStrategy",
        "SpotPriceLimit", "SpotDuration", "SpotInterruptionBehavior", "CreditSpecification",
    ]),
    group(RUN, Treatment::Checked, &[
        "LaunchTemplateId", "LaunchTemplateName", "HostNames.N", "Ipv6Address.N", "Ipv6AddressCount",
        "NetworkInterface.N.NetworkInterfaceName", "NetworkInterface.N.Description", "AutoReleaseTime",
        "Tenancy", "Affinity", "HttpEndpoint", "HttpTokens", "PrivatePoolOptions.Id",
        "PrivatePoolOptions.MatchCriteria",
    ]),
    group(BOTH, Treatment::Accepted, &[
        "ResourceGroupId", "KeyPairName", "RamRoleName", "SystemDisk.Encrypted", "SystemDisk.KMSKeyId",
        "SystemDisk.EncryptAlgorithm", "SystemDisk.StorageClusterId", "DataDisk.N.BurstingEnabled",
        "DataDisk.N.ProvisionedIops", "DataDisk.N.EncryptAlgorithm", "DataDisk.N.StorageClusterId",
        "StorageSetId", "StorageSetPartitionNumber", "DeploymentSetId", "DeploymentSetGroupNo",
        "HpcClusterId", "ManagedHostId", "HttpPutResponseHopLimit", "HibernationOptions.Configured",
        "Arn.N.AssumeRoleFor", "Arn.N.RoleType", "Arn.N.Rolearn",
    ]),
    group(CREATE, Treatment::Accepted, &[
        "ClusterId", "NodeControllerId", "UseAdditionalService", "InnerIpAddress", "VlanId", "Tenancy",
        "Affinity", "HttpEndpoint", "HttpTokens", "PrivatePoolOptions.Id", "PrivatePoolOptions.MatchCriteria",
    ]),
    group(RUN, Treatment::Accepted, &[
        "LaunchTemplateVersion", "AutoPay", "ImageOptions.LoginAsNonRoot", "NetworkInterfaceQueueNumber",
        "Isp", "NetworkOptions.EnableJumboFrame", "NetworkOptions.BandwidthWeighting",
        "NetworkOptions.EnableNetworkEncryption", "PrivateDnsNameOptions.HostnameType",
        "PrivateDnsNameOptions.EnableInstanceIdDnsAAAARecord",
        "PrivateDnsNameOptions.EnableInstanceIdDnsARecord", "PrivateDnsNameOptions.EnableIpDnsARecord",
        "PrivateDnsNameOptions.EnableIpDnsPtrRecord", "NetworkInterface.N.DeleteOnRelease",
        "NetworkInterface.N.Ipv6Address.N", "NetworkInterface.N.Ipv6AddressCount",
        "NetworkInterface.N.NetworkCardIndex", "NetworkInterface.N.NetworkInterfaceId",
        "NetworkInterface.N.NetworkInterfaceTrafficMode", "NetworkInterface.N.QueueNumber",
        "NetworkInterface.N.QueuePairNumber", "NetworkInterface.N.RxQueueSize",
        "NetworkInterface.N.SecondaryPrivateIpAddressCount", "NetworkInterface.N.SourceDestCheck",
        "NetworkInterface.N.TxQueueSize", "SystemDisk.AutoSnapshotPolicyId", "SystemDisk.BurstingEnabled",
        "SystemDisk.ProvisionedIops", "DataDisk.N.AutoSnapshotPolicyId",
        "SchedulerOptions.DedicatedHostClusterId", "CpuOptions.Core", "CpuOptions.ThreadsPerCore",
        "CpuOptions.Numa", "CpuOptions.TopologyType", "CpuOptions.NestedVirtualization",
        "SecurityOptions.ConfidentialComputingMode", "SecurityOptions.TrustedSystemMode",
        "SecurityOptions.EnableSecureBoot", "ClockOptions.PtpStatus",
    ]),
    group(
        &[Action::StartInstance, Action::StopInstance, Action::RebootInstance, Action::DeleteInstance],
        Treatment::Honoured, &[
            "InstanceId", "DryRun",
        ],
    ),
    group(&[Action::StartInstance], Treatment::Checked, &["InitLocalDisk"]),
    group(&[Action::StopInstance], Treatment::Checked, &[
        "ForceStop", "StoppedMode", "ConfirmStop", "Hibernate",
    ]),
    group(&[Action::RebootInstance], Treatment::Checked, &["ForceStop"]),
    group(&[Action::DeleteInstance], Treatment::Honoured, &["Force"]),
    group(&[Action::DeleteInstance], Treatment::Checked, &["ForceStop", "TerminateSubscription"]),
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
        "PageSize", "MaxResults", "NextToken",
    ]),
    group(&[Action::DescribeInstanceHistoryEvents], Treatment::Accepted, &[
        "ImpactLevel", "Tag.N.Key", "Tag.N.Value",
    ]),
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
    group(&[Action::DescribeInstanceRamRole], Treatment::Honoured, &[
        "RegionId", "InstanceIds", "RamRoleName", "PageNumber", "PageSize",
    ]),
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
];

const RULES: &[Action] =
    &[Action::AuthorizeSecurityGroup, Action::AuthorizeSecurityGroupEgress, Action::RevokeSecurityGroup];

/// Envelopes take these out of every request.
const DELEGATION: &[&str] = &["OwnerAccount", "OwnerId", "ResourceOwnerAccount", "ResourceOwnerId"];

#[cfg(test)]
mod tests;
