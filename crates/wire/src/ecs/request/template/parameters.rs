//! What a version of a template keeps: the launch parameters that the reference lists for it, in the
//! spelling of RunInstances, each with the type that its value has to have.
//!
//! `Password` is not among them, neither in the reference nor here: a template holds none.

use fleet::TemplateParameters;

use crate::document::{Decimal, Node};
use crate::ecs::Fault;
use crate::ecs::code::Code;
use crate::ecs::request::take::decimal;
use crate::params::{Entry, Params, boolean, integer};

/// The type of a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A number with at most three digits behind the point.
    Float,
}

use Kind::{Boolean, Float, Integer, Text};

/// A name and the type of its value.
pub(crate) type Field = (&'static str, Kind);

/// Parameters that stand alone.
#[rustfmt::skip]
pub(crate) const SINGLE: &[Field] = &[
    ("AutoReleaseTime", Text), ("AutoRenew", Boolean), ("AutoRenewPeriod", Integer),
    ("CreditSpecification", Text), ("DeletionProtection", Boolean), ("DeploymentSetId", Text),
    ("Description", Text), ("EnableVmOsConfig", Boolean), ("HostName", Text), ("HttpEndpoint", Text),
    ("HttpPutResponseHopLimit", Integer), ("HttpTokens", Text), ("ImageId", Text),
    ("ImageOwnerAlias", Text), ("InstanceChargeType", Text), ("InstanceName", Text),
    ("InstanceType", Text), ("InternetChargeType", Text), ("InternetMaxBandwidthIn", Integer),
    ("InternetMaxBandwidthOut", Integer), ("IoOptimized", Text), ("Ipv6AddressCount", Integer),
    ("KeyPairName", Text), ("NetworkType", Text), ("PasswordInherit", Boolean), ("Period", Integer),
    ("PeriodUnit", Text), ("PrivateIpAddress", Text), ("RamRoleName", Text), ("ResourceGroupId", Text),
    ("SecurityEnhancementStrategy", Text), ("SecurityGroupId", Text), ("SpotDuration", Integer),
    ("SpotPriceLimit", Float), ("SpotStrategy", Text), ("UserData", Text), ("VSwitchId", Text),
    ("VpcId", Text), ("ZoneId", Text),
];

/// Parameters of one thing, behind its name and a dot. Those of one thing stand together.
#[rustfmt::skip]
pub(crate) const NESTED: &[Field] = &[
    ("SystemDisk.AutoSnapshotPolicyId", Text), ("SystemDisk.BurstingEnabled", Boolean),
    ("SystemDisk.Category", Text), ("SystemDisk.DeleteWithInstance", Boolean),
    ("SystemDisk.Description", Text), ("SystemDisk.DiskName", Text), ("SystemDisk.Encrypted", Text),
    ("SystemDisk.Iops", Integer), ("SystemDisk.KMSKeyId", Text), ("SystemDisk.PerformanceLevel", Text),
    ("SystemDisk.ProvisionedIops", Integer), ("SystemDisk.Size", Integer),
    ("ImageOptions.LoginAsNonRoot", Boolean), ("SecurityOptions.TrustedSystemMode", Text),
];

/// Of the first version only, and not shown: no reply has a place for it.
pub(crate) const FIRST_ONLY: Field = ("SecurityOptions.EnableSecureBoot", Boolean);

/// The fields of an entry `DataDisk.N`.
#[rustfmt::skip]
pub(crate) const DATA_DISK: &[Field] = &[
    ("AutoSnapshotPolicyId", Text), ("BurstingEnabled", Boolean), ("Category", Text),
    ("DeleteWithInstance", Boolean), ("Description", Text), ("Device", Text), ("DiskName", Text),
    ("Encrypted", Text), ("KMSKeyId", Text), ("PerformanceLevel", Text), ("ProvisionedIops", Integer),
    ("Size", Integer), ("SnapshotId", Text),
];

/// The fields of an entry `NetworkInterface.N`, but for its list of groups.
#[rustfmt::skip]
pub(crate) const NETWORK_INTERFACE: &[Field] = &[
    ("DeleteOnRelease", Boolean), ("Description", Text), ("InstanceType", Text),
    ("NetworkInterfaceName", Text), ("NetworkInterfaceTrafficMode", Text), ("PrimaryIpAddress", Text),
    ("SecurityGroupId", Text), ("VSwitchId", Text),
];

/// The fields of an entry `Tag.N`. An empty value is a value.
pub(crate) const TAG: &[Field] = &[("Key", Text), ("Value", Text)];

/// The list of groups, of an instance and of a network interface.
pub(crate) const GROUPS: &str = "SecurityGroupIds";

/// Which version is made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Version {
    First,
    Further,
}

impl Kind {
    /// The value that `text` spells, as a reply shows it; `None` when it spells none.
    pub(crate) fn node(self, text: &str) -> Option<Node> {
        Some(match self {
            Self::Text => Node::from(text),
            Self::Integer => Node::Integer(integer(text).ok()?),
            Self::Boolean => Node::Boolean(boolean(text).ok()?),
            Self::Float => Node::Decimal(Decimal { units: i64::try_from(decimal(text, 3)?).ok()?, scale: 3 }),
        })
    }
}

/// Takes what a version keeps. Empty is absent.
pub(super) fn take(params: &mut Params, version: Version) -> Result<TemplateParameters, Fault> {
    let mut kept = Kept(Vec::new());
    let first = (version == Version::First).then_some(&FIRST_ONLY);
    for field in SINGLE.iter().chain(NESTED).chain(first) {
        kept.take(params, "", field)?;
    }
    kept.take_groups(params, "")?;
    kept.take_entries(params, "DataDisk", DATA_DISK)?;
    kept.take_entries(params, "NetworkInterface", NETWORK_INTERFACE)?;
    kept.take_entries(params, "Tag", TAG)?;
    Ok(TemplateParameters(kept.0))
}

struct Kept(Vec<(String, String)>);

impl Kept {
    /// Takes one value, if it is there; `path` is what stands before its name in the whole.
    fn take(&mut self, params: &mut Params, path: &str, (name, kind): &Field) -> Result<(), Fault> {
        let Some(value) = params.take_raw(name) else { return Ok(()) };
        let is_tag_value = path.starts_with("Tag.") && *name == "Value";
        if value.is_empty() && !is_tag_value {
            return Ok(());
        }
        let name = format!("{path}{name}");
        if kind.node(&value).is_none() {
            return Err(Fault::new(Code::INVALID_PARAMETER_OF_TEMPLATE).about(name));
        }
        self.0.push((name, value));
        Ok(())
    }

    fn take_groups(&mut self, params: &mut Params, path: &str) -> Result<(), Fault> {
        let groups = params.take_list(GROUPS)?;
        let named = (1_u32..).zip(groups).map(|(index, group)| (format!("{path}{GROUPS}.{index}"), group));
        self.0.extend(named);
        Ok(())
    }

    fn take_entries(
        &mut self,
        params: &mut Params,
        list: &'static str,
        fields: &[Field],
    ) -> Result<(), Fault> {
        for Entry { index, params: mut entry } in params.take_structs(list)? {
            let path = format!("{list}.{index}.");
            for field in fields {
                self.take(&mut entry, &path, field)?;
            }
            if list == "NetworkInterface" {
                self.take_groups(&mut entry, &path)?;
            }
            params.give_back(Entry { index, params: entry });
        }
        Ok(())
    }
}
