//! Every parameter of `RunInstances` and `CreateInstance`: whose it is, since when, what its value
//! has to be, and what becomes of it. `contract/ecs-run-instances.md` section 1.
//!
//! What is *kept* is read from here and nowhere else (see `tail`): nothing acts on it, so its kind
//! says all. What is *honoured* is read by the code of its rules, and a test holds that code to the
//! limits given here. The order of the kept rows is the order in which they are judged.

use std::fmt;

use crate::ecs::Code;
use crate::ecs::coverage::Treatment;
use crate::ecs::request::Action;

/// One parameter of one of the actions, or of both alike.
#[derive(Clone, Copy, Debug)]
pub(in crate::ecs) struct Row {
    /// Its name, with `N` for each index.
    pub(in crate::ecs) name: &'static str,
    /// Whose it is.
    pub(in crate::ecs) actions: &'static [Action],
    /// Which pages have it.
    pub(in crate::ecs) pages: Pages,
    /// What becomes of it.
    pub(in crate::ecs) treatment: Treatment,
    /// What its value has to be.
    pub(in crate::ecs) value: Value,
    /// What `RunInstances` answers to another value, where that has a code of its own.
    pub(in crate::ecs) wrong: Option<Code>,
}

/// Which pages of the reference have a parameter. Clients of any time send what they know, so all
/// are read in every edition.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::ecs) enum Pages {
    /// Those of 2019 and today's.
    All,
    /// Those of 2019 only.
    Seeds,
    /// Only newer ones.
    Newest,
}

/// What a value has to be. Empty is absent in every kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::ecs) enum Value {
    /// `true` or `false`, in any case.
    Boolean,
    /// A whole number between these.
    Integer(u64, u64),
    /// One of a closed list.
    Choice(&'static [&'static str]),
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// Anything of at most so many characters.
    Text(usize),
    /// What the rules of the parameter say, in short.
    Ruled(&'static str),
}

impl Pages {
    pub(in crate::ecs) const fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Seeds => "2019",
            Self::Newest => "today",
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("`true`, `false`"),
            Self::Integer(least, most) => write!(f, "{least} to {most}"),
            Self::Choice(choices) => {
                for (at, choice) in choices.iter().enumerate() {
                    write!(f, "{}`{choice}`", if at == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
            Self::Ipv4 => f.write_str("an IPv4 address"),
            Self::Ipv6 => f.write_str("an IPv6 address"),
            Self::Text(most) => write!(f, "at most {most} characters"),
            Self::Ruled(rules) => f.write_str(rules),
        }
    }
}

const BOTH: &[Action] = &[Action::RunInstances, Action::CreateInstance];
const RUN: &[Action] = &[Action::RunInstances];
const CREATE: &[Action] = &[Action::CreateInstance];

const fn honoured(name: &'static str, actions: &'static [Action], pages: Pages, value: Value) -> Row {
    Row { name, actions, pages, treatment: Treatment::Honoured, value, wrong: None }
}

const fn kept(name: &'static str, actions: &'static [Action], pages: Pages, value: Value) -> Row {
    Row { treatment: Treatment::Kept, ..honoured(name, actions, pages, value) }
}

impl Row {
    const fn or(self, wrong: Code) -> Self {
        Self { wrong: Some(wrong), ..self }
    }
}

use Pages::{All, Newest, Seeds};
use Value::{Boolean, Choice, Integer, Ipv4, Ipv6, Ruled, Text};

/// The longest id or word that is kept without being looked at, in characters.
const WORD: usize = 128;
const NAME: Value = Ruled("2 to 128 characters, first a letter, then letters, digits, `:` `_` `-` `.`");
const DESCRIPTION: Value = Ruled("2 to 256 characters, no URL at the start");
const ID: Value = Ruled("an id");
const LEVEL: Value = Choice(&["PL0", "PL1", "PL2", "PL3"]);
const WIDE: Value = Integer(0, 0xffff_ffff);
const HOSTS: Value = Choice(&["default", "host"]);
const ABLE: Value = Choice(&["enabled", "disabled"]);

// One row a line, in columns: a table is to be looked down.
#[rustfmt::skip]
pub(in crate::ecs) const TABLE: &[Row] = &[
    // Identity and placement.
    honoured("RegionId",        BOTH, All,    ID),
    honoured("ZoneId",          BOTH, All,    ID),
    honoured("ImageId",         BOTH, All,    ID),
    honoured("ImageFamily",     BOTH, Newest, Ruled("2 to 128 characters")),
    honoured("InstanceType",    BOTH, All,    ID),
    honoured("ResourceGroupId", BOTH, All,    ID),
    honoured("ClientToken",     BOTH, All,    Ruled("1 to 64 characters of ASCII")),
    honoured("DryRun",          BOTH, All,    Boolean),
    kept("ClusterId",           CREATE, Seeds, Text(WORD)),
    kept("NodeControllerId",    CREATE, Seeds, Text(WORD)),

    // Launch template.
    honoured("LaunchTemplateId",      RUN, All, ID),
    honoured("LaunchTemplateName",    RUN, All, Ruled("a name")),
    honoured("LaunchTemplateVersion", RUN, All, Ruled("a number")),

    // Amounts and names.
    honoured("Amount",       RUN,  All,    Integer(1, 100)),
    honoured("MinAmount",    RUN,  All,    Integer(1, 100)),
    honoured("InstanceName", BOTH, All,    Ruled("2 to 128 characters, first a letter, then letters, digits, `:` `_` `-` `.`; RunInstances: or `prefix[begin,digits]suffix`")),
    honoured("HostName",     BOTH, All,    Ruled("2 to 64 (Windows: 15) letters, digits, `.` `-`; RunInstances: or `prefix[begin,digits]suffix`; `${instance_id}` in it is the id")),
    honoured("HostNames.N",  RUN,  Newest, Ruled("one host name for each instance")),
    honoured("UniqueSuffix", RUN,  All,    Boolean),
    honoured("Description",  BOTH, All,    DESCRIPTION),

    // Login.
    honoured("Password",        BOTH, All, Ruled("8 to 30 characters of three (2019: four) of four kinds")),
    honoured("PasswordInherit", BOTH, All, Boolean),
    honoured("KeyPairName",     BOTH, All, Ruled("a name")),
    honoured("RamRoleName",     BOTH, All, Ruled("a name")),
    honoured("UserData",        BOTH, All, Ruled("Base64 of at most 32 KiB (2019: 16 KiB)")),
    kept("SecurityEnhancementStrategy", BOTH,   All,    Choice(&["Active", "Deactive"])),
    kept("UseAdditionalService",        CREATE, Seeds,  Boolean),
    kept("ImageOptions.LoginAsNonRoot", RUN,    Newest, Boolean),

    // Network.
    honoured("SecurityGroupId",         BOTH, All,    ID),
    honoured("SecurityGroupIds.N",      RUN,  All,    ID),
    honoured("VSwitchId",               BOTH, All,    ID),
    honoured("PrivateIpAddress",        BOTH, All,    Ipv4),
    honoured("InternetChargeType",      BOTH, All,    Choice(&["PayByTraffic", "PayByBandwidth"])),
    honoured("InternetMaxBandwidthIn",  BOTH, All,    Integer(1, 200)),
    honoured("InternetMaxBandwidthOut", BOTH, All,    Integer(0, 100)),
    honoured("Ipv6Address.N",           RUN,  All,    Ipv6),
    honoured("Ipv6AddressCount",        RUN,  All,    Ruled("1 to 10")),
    kept("NetworkInterfaceQueueNumber",            RUN,    Newest, Integer(1, 0xffff)).or(Code::INVALID_PARAMETER_INVALID_ENI_QUEUE_NUMBER),
    kept("InnerIpAddress",                         CREATE, Seeds,  Ipv4),
    kept("VlanId",                                 CREATE, Seeds,  Text(WORD)),
    kept("Isp",                                    RUN,    Newest, Text(WORD)),
    kept("NetworkOptions.EnableJumboFrame",        RUN,    Newest, Boolean),
    kept("NetworkOptions.BandwidthWeighting",      RUN,    Newest, Text(WORD)),
    kept("NetworkOptions.EnableNetworkEncryption", RUN,    Newest, Boolean),
    kept("PrivateDnsNameOptions.HostnameType",     RUN,    Newest, Choice(&["Custom", "IpBased", "InstanceIdBased"])),
    kept("PrivateDnsNameOptions.EnableInstanceIdDnsAAAARecord", RUN, Newest, Boolean),
    kept("PrivateDnsNameOptions.EnableInstanceIdDnsARecord",    RUN, Newest, Boolean),
    kept("PrivateDnsNameOptions.EnableIpDnsARecord",            RUN, Newest, Boolean),
    kept("PrivateDnsNameOptions.EnableIpDnsPtrRecord",          RUN, Newest, Boolean),

    // Network interfaces.
    honoured("NetworkInterface.N.InstanceType",         RUN, Newest, Choice(&["Primary", "Secondary"])),
    honoured("NetworkInterface.N.PrimaryIpAddress",     RUN, All,    Ipv4),
    honoured("NetworkInterface.N.VSwitchId",            RUN, All,    ID),
    honoured("NetworkInterface.N.SecurityGroupId",      RUN, All,    ID),
    honoured("NetworkInterface.N.SecurityGroupIds.N",   RUN, All,    ID),
    honoured("NetworkInterface.N.NetworkInterfaceName", RUN, All,    NAME),
    honoured("NetworkInterface.N.Description",          RUN, All,    DESCRIPTION),
    honoured("NetworkInterface.N.DeleteOnRelease",      RUN, Newest, Boolean),
    honoured("NetworkInterface.N.NetworkInterfaceId",   RUN, Newest, Ruled("refused: there is none to be attached")),
    kept("NetworkInterface.N.Ipv6Address.N",                  RUN, Newest, Ipv6).or(Code::INVALID_IP_ADDRESS),
    kept("NetworkInterface.N.Ipv6AddressCount",               RUN, Newest, Integer(1, 10)),
    kept("NetworkInterface.N.NetworkCardIndex",               RUN, Newest, WIDE),
    kept("NetworkInterface.N.NetworkInterfaceTrafficMode",    RUN, Newest, Choice(&["Standard", "HighPerformance"])),
    kept("NetworkInterface.N.QueueNumber",                    RUN, Newest, Integer(1, 0xffff)).or(Code::INVALID_PARAMETER_INVALID_ENI_QUEUE_NUMBER),
    kept("NetworkInterface.N.QueuePairNumber",                RUN, Newest, WIDE),
    kept("NetworkInterface.N.RxQueueSize",                    RUN, Newest, WIDE),
    kept("NetworkInterface.N.TxQueueSize",                    RUN, Newest, WIDE),
    kept("NetworkInterface.N.SecondaryPrivateIpAddressCount", RUN, Newest, Integer(1, 49)),
    kept("NetworkInterface.N.SourceDestCheck",                RUN, Newest, Boolean),

    // Disks.
    honoured("SystemDisk.Category",             BOTH,   All,    Choice(&["cloud", "cloud_efficiency", "cloud_ssd", "cloud_essd", "cloud_auto", "cloud_essd_entry", "ephemeral_ssd"])),
    honoured("SystemDisk.Size",                 BOTH,   All,    Ruled("GiB, by category: 1 to 2048")),
    honoured("SystemDisk.DiskName",             BOTH,   All,    NAME),
    honoured("SystemDisk.Description",          BOTH,   All,    DESCRIPTION),
    honoured("SystemDisk.PerformanceLevel",     RUN,    All,    LEVEL),
    honoured("SystemDisk.PerformanceLevel",     CREATE, Newest, LEVEL),
    honoured("SystemDisk.AutoSnapshotPolicyId", RUN,    All,    ID),
    honoured("SystemDisk.Encrypted",            BOTH,   Newest, Boolean),
    honoured("SystemDisk.KMSKeyId",             BOTH,   Newest, ID),
    kept("SystemDisk.BurstingEnabled",          RUN,    Newest, Boolean),
    kept("SystemDisk.ProvisionedIops",          RUN,    Newest, WIDE),
    kept("SystemDisk.EncryptAlgorithm",         BOTH,   Newest, Text(WORD)),
    kept("SystemDisk.StorageClusterId",         BOTH,   Newest, Text(WORD)),
    honoured("DataDisk.N.Category",             BOTH,   All,    Choice(&["cloud", "cloud_efficiency", "cloud_ssd", "cloud_essd", "cloud_auto", "cloud_essd_entry", "ephemeral_ssd", "cloud_regional_disk_auto", "elastic_ephemeral_disk_standard", "elastic_ephemeral_disk_premium"])),
    honoured("DataDisk.N.Size",                 BOTH,   All,    Ruled("GiB, by category: 1 to 65536")),
    honoured("DataDisk.N.SnapshotId",           BOTH,   All,    ID),
    honoured("DataDisk.N.DiskName",             BOTH,   All,    NAME),
    honoured("DataDisk.N.Description",          BOTH,   All,    DESCRIPTION),
    honoured("DataDisk.N.Device",               BOTH,   All,    Ruled("`/dev/xvdb` to `/dev/xvdz`, today to `/dev/xvdzz`")),
    honoured("DataDisk.N.DeleteWithInstance",   BOTH,   All,    Boolean),
    honoured("DataDisk.N.Encrypted",            BOTH,   All,    Boolean),
    honoured("DataDisk.N.KMSKeyId",             RUN,    All,    ID),
    honoured("DataDisk.N.KMSKeyId",             CREATE, Newest, ID),
    honoured("DataDisk.N.PerformanceLevel",     RUN,    All,    LEVEL),
    honoured("DataDisk.N.PerformanceLevel",     CREATE, Newest, LEVEL),
    honoured("DataDisk.N.AutoSnapshotPolicyId", RUN,    All,    ID),
    kept("DataDisk.N.BurstingEnabled",          BOTH,   Newest, Boolean),
    kept("DataDisk.N.ProvisionedIops",          BOTH,   Newest, WIDE),
    kept("DataDisk.N.EncryptAlgorithm",         BOTH,   Newest, Text(WORD)),
    kept("DataDisk.N.StorageClusterId",         BOTH,   Newest, Text(WORD)),
    honoured("IoOptimized",                     BOTH,   All,    Choice(&["none", "optimized"])),
    honoured("StorageSetId",                    BOTH,   All,    ID),
    honoured("StorageSetPartitionNumber",       RUN,    All,    Integer(1, 0xffff)),
    honoured("StorageSetPartitionNumber",       CREATE, All,    Integer(2, 0xffff)),

    // Charging.
    honoured("InstanceChargeType",       BOTH, All,    Choice(&["PostPaid", "PrePaid"])),
    honoured("Period",                   BOTH, All,    Ruled("weeks: 1 to 4; months: 1 to 9, 12, 24, 36, 48, 60")),
    honoured("PeriodUnit",               BOTH, All,    Ruled("`Week` or `Month`, in any case")),
    honoured("AutoRenew",                BOTH, All,    Boolean),
    honoured("AutoRenewPeriod",          BOTH, All,    Ruled("weeks: 1 to 3; months: 1, 2, 3, 6, 12, 24, 36, 48, 60")),
    kept("AutoPay",                      RUN,  Newest, Boolean),
    honoured("AutoReleaseTime",          RUN,  All,    Ruled("`yyyy-MM-ddTHH:mm:ssZ`, 30 minutes to 3 years ahead")),
    honoured("DeletionProtection",       BOTH, All,    Boolean),
    honoured("SpotStrategy",             BOTH, All,    Choice(&["NoSpot", "SpotWithPriceLimit", "SpotAsPriceGo"])),
    honoured("SpotPriceLimit",           BOTH, All,    Ruled("above 0, at most 3 decimals")),
    honoured("SpotDuration",             BOTH, All,    Integer(0, 1)),
    honoured("SpotInterruptionBehavior", BOTH, All,    Choice(&["Terminate", "Stop"])),
    honoured("CreditSpecification",      BOTH, All,    Choice(&["Standard", "Unlimited"])),

    // Dedicated hosts, sets, capacity.
    honoured("DedicatedHostId",      BOTH,   All,    ID),
    honoured("Tenancy",              RUN,    All,    HOSTS),
    honoured("Tenancy",              CREATE, Newest, HOSTS),
    honoured("Affinity",             RUN,    All,    HOSTS),
    honoured("Affinity",             CREATE, Newest, HOSTS),
    honoured("DeploymentSetId",      BOTH,   All,    ID),
    honoured("DeploymentSetGroupNo", BOTH,   Newest, Integer(1, 7)),
    honoured("HpcClusterId",         BOTH,   All,    ID),
    kept("SchedulerOptions.DedicatedHostClusterId", RUN,  Newest, Text(WORD)),
    kept("ManagedHostId",                           BOTH, Newest, Text(WORD)),

    // Processor, metadata, security.
    kept("CpuOptions.Core",                 RUN,  All,    Integer(1, 0xffff)),
    kept("CpuOptions.ThreadsPerCore",       RUN,  All,    Integer(1, 0xffff)),
    kept("CpuOptions.Numa",                 RUN,  All,    Text(WORD)),
    kept("CpuOptions.TopologyType",         RUN,  Newest, Choice(&["ContinuousCoreToHTMapping", "DiscreteCoreToHTMapping"])),
    kept("CpuOptions.NestedVirtualization", RUN,  Newest, Text(WORD)),
    kept("SecurityOptions.ConfidentialComputingMode", RUN, Newest, Choice(&["Enclave", "TDX"])),
    kept("SecurityOptions.TrustedSystemMode",         RUN, Newest, Choice(&["vTPM"])),
    kept("SecurityOptions.EnableSecureBoot",          RUN, Newest, Boolean),
    kept("HibernationOptions.Configured",   BOTH, Newest, Boolean),
    kept("ClockOptions.PtpStatus",          RUN,  Newest, ABLE),
    kept("Arn.N.AssumeRoleFor",             BOTH, Newest, Text(WORD)),
    kept("Arn.N.RoleType",                  BOTH, Newest, Text(WORD)),
    kept("Arn.N.Rolearn",                   BOTH, Newest, Text(256)),
    kept("HttpEndpoint",                    BOTH, Newest, ABLE).or(Code::INVALID_HTTP_ENDPOINT_NOT_SUPPORTED),
    kept("HttpTokens",                      BOTH, Newest, Choice(&["optional", "required"])).or(Code::INVALID_HTTP_TOKENS_NOT_SUPPORTED),
    kept("HttpPutResponseHopLimit",         BOTH, Newest, Integer(1, 64)).or(Code::INVALID_HTTP_PUT_RESPONSE_HOP_LIMIT_NOT_SUPPORTED),
    kept("PrivatePoolOptions.MatchCriteria", BOTH, Newest, Choice(&["Open", "Target", "None"])),
    kept("PrivatePoolOptions.Id",            BOTH, Newest, Text(WORD)),

    // Tags.
    honoured("Tag.N.Key",   BOTH,   All,   Ruled("1 to 128 (2019: 64) characters")),
    honoured("Tag.N.Value", BOTH,   All,   Ruled("0 to 128 characters")),
    honoured("Tag.N.key",   CREATE, Seeds, Ruled("as Tag.N.Key")),
    honoured("Tag.N.value", CREATE, Seeds, Ruled("as Tag.N.Value")),
];

#[cfg(test)]
mod tests;
