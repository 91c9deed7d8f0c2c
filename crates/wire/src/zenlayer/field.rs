//! Every documented field of every request: its type, and how it is treated today. One table: bodies
//! are checked against it before anybody reads them, and `docs/wire-coverage-zenlayer.md` comes from it.

use serde_json::Value;

use super::{Action, Code, Fault, Fields};

/// One field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Field {
    /// Its name within what it is in.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it holds a list of that.
    pub list: bool,
    /// How it is treated.
    pub treatment: Treatment,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number; a text that spells one will do.
    Integer,
    /// Any number; a text that spells one will do.
    Float,
    /// Whether something holds.
    Boolean,
    /// Further fields.
    Object(&'static [Field]),
}

/// How a field is treated today.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Treatment {
    /// It does what the reference says.
    Honoured,
    /// It is kept and handed to provisioners.
    Kept,
    /// It is taken and not kept.
    Accepted,
}

const fn of(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, list: false, treatment: Treatment::Honoured }
}

const fn text(name: &'static str) -> Field {
    of(name, Kind::Text)
}

const fn integer(name: &'static str) -> Field {
    of(name, Kind::Integer)
}

const fn float(name: &'static str) -> Field {
    of(name, Kind::Float)
}

const fn boolean(name: &'static str) -> Field {
    of(name, Kind::Boolean)
}

const fn object(name: &'static str, fields: &'static [Field]) -> Field {
    of(name, Kind::Object(fields))
}

const fn list(field: Field) -> Field {
    Field { list: true, ..field }
}

const fn kept(field: Field) -> Field {
    Field { treatment: Treatment::Kept, ..field }
}

const fn accepted(field: Field) -> Field {
    Field { treatment: Treatment::Accepted, ..field }
}

const TAG: &[Field] = &[text("key"), text("value")];
const TAGS: Field = object("tags", &[list(object("tags", TAG))]);
const FILTER_TAGS: Field = list(object("tags", TAG));
const PREPAID: Field = object("instanceChargePrepaid", &[integer("period")]);
const RAID: Field = object(
    "raidConfig",
    &[
        integer("raidType"),
        list(object("customRaids", &[integer("raidType"), list(integer("diskSequence"))])),
    ],
);
const PARTITIONS: Field = list(object("partitions", &[text("fsPath"), text("fsType"), integer("size")]));
const NIC: Field = object("nic", &[text("wanName"), text("lanName")]);
const MARKETING: Field =
    object("marketingOptions", &[accepted(text("discountCode")), accepted(boolean("usePocVoucher"))]);
const MEMBERS: Field = list(object("subnetInstanceList", &[text("instanceId"), text("privateIpAddress")]));
const INSTANCES: &[Field] = &[list(text("instanceIds"))];
const INSTANCE: &[Field] = &[text("instanceId")];

impl Action {
    /// The fields of its request.
    #[must_use]
    #[allow(clippy::too_many_lines, reason = "a table")]
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::DescribeZones => {
                const { &[accepted(text("acceptLanguage")), boolean("isCloudRouterAvailable")] }
            }
            Self::CreateInstances => {
                const {
                    &[
                        text("zoneId"),
                        text("instanceChargeType"),
                        PREPAID,
                        text("instanceTypeId"),
                        text("imageId"),
                        kept(text("ipxeUrl")),
                        text("resourceGroupId"),
                        text("instanceName"),
                        text("hostname"),
                        integer("amount"),
                        text("password"),
                        kept(text("keyId")),
                        list(kept(text("sshKeys"))),
                        text("internetChargeType"),
                        integer("internetMaxBandwidthOut"),
                        kept(float("trafficPackageSize")),
                        text("subnetId"),
                        RAID,
                        PARTITIONS,
                        NIC,
                        kept(text("userData")),
                        kept(text("clusterId")),
                        kept(boolean("enablePrimaryIPv6")),
                        MARKETING,
                        TAGS,
                        kept(boolean("enableGatewayMode")),
                    ]
                }
            }
            Self::DescribeInstanceTypes => {
                const {
                    &[
                        text("imageId"),
                        list(text("instanceTypeIds")),
                        integer("minimumCpuCoreCount"),
                        integer("maximumCpuCoreCount"),
                        integer("minimumMemorySize"),
                        integer("maximumMemorySize"),
                        integer("minimumBandwidth"),
                        list(integer("supportRaids")),
                        boolean("supportSubnet"),
                        integer("minimumDiskSize"),
                        integer("maximumDiskSize"),
                        boolean("isHA"),
                    ]
                }
            }
            Self::DescribeAvailableResources => {
                const { &[text("instanceTypeId"), text("instanceChargeType"), text("zoneId"), text("sellStatus")] }
            }
            Self::DescribeImages => {
                const {
                    &[
                        list(text("imageIds")),
                        text("imageName"),
                        text("catalog"),
                        text("imageType"),
                        text("osType"),
                        text("instanceTypeId"),
                    ]
                }
            }
            Self::DescribeInstances => {
                const {
                    &[
                        list(text("instanceIds")),
                        text("zoneId"),
                        text("resourceGroupId"),
                        text("instanceTypeId"),
                        text("internetChargeType"),
                        text("imageId"),
                        text("subnetId"),
                        text("instanceStatus"),
                        text("instanceName"),
                        text("hostname"),
                        list(text("publicIpAddresses")),
                        list(text("privateIpAddresses")),
                        integer("pageNum"),
                        integer("pageSize"),
                        list(text("tagKeys")),
                        FILTER_TAGS,
                    ]
                }
            }
            Self::StartInstances | Self::StopInstances | Self::RebootInstances | Self::ReleaseInstances => {
                INSTANCES
            }
            Self::TerminateInstance | Self::DescribeInstanceInternetStatus | Self::RenewInstance => INSTANCE,
            Self::ReinstallInstance => {
                const {
                    &[
                        text("instanceId"),
                        text("imageId"),
                        kept(text("ipxeUrl")),
                        text("hostname"),
                        kept(text("password")),
                        kept(text("keyId")),
                        list(kept(text("sshKeys"))),
                        RAID,
                        PARTITIONS,
                        NIC,
                        kept(text("userData")),
                    ]
                }
            }
            Self::ModifyInstancesAttribute => const { &[list(text("instanceIds")), text("instanceName")] },
            Self::ModifyInstancesResourceGroup => {
                const { &[list(text("instanceIds")), text("resourceGroupId")] }
            }
            Self::InquiryPriceCreateInstance => {
                const {
                    &[
                        text("zoneId"),
                        text("instanceTypeId"),
                        text("instanceChargeType"),
                        PREPAID,
                        accepted(float("trafficPackageSize")),
                        integer("internetMaxBandwidthOut"),
                        text("internetChargeType"),
                    ]
                }
            }
            Self::CreateVpc => {
                const {
                    &[
                        text("cidrBlock"),
                        text("vpcRegionId"),
                        accepted(text("resourceGroupId")),
                        text("vpcName"),
                        accepted(TAGS),
                    ]
                }
            }
            Self::DescribeVpcs => {
                const {
                    &[
                        list(text("vpcIds")),
                        text("cidrBlock"),
                        text("vpcStatus"),
                        text("vpcName"),
                        text("vpcRegionId"),
                        text("resourceGroupId"),
                        integer("pageSize"),
                        integer("pageNum"),
                        list(text("tagKeys")),
                        FILTER_TAGS,
                    ]
                }
            }
            Self::DeleteVpc => const { &[text("vpcId")] },
            Self::DescribeVpcAvailableRegions => const { &[text("zoneId"), text("vpcRegionId")] },
            Self::CreateSubnet => {
                const {
                    &[
                        text("cidrBlock"),
                        text("zoneId"),
                        accepted(text("resourceGroupId")),
                        text("subnetName"),
                        text("vpcId"),
                    ]
                }
            }
            Self::DescribeSubnets => {
                const {
                    &[
                        list(text("subnetIds")),
                        text("cidrBlock"),
                        text("zoneId"),
                        text("subnetName"),
                        text("vpcId"),
                        text("resourceGroupId"),
                        text("subnetStatus"),
                        integer("pageSize"),
                        integer("pageNum"),
                    ]
                }
            }
            Self::DeleteSubnet => const { &[text("subnetId")] },
            Self::DescribeSubnetAvailableResources => const { &[text("zoneId")] },
            Self::AssociateSubnetInstances => const { &[text("subnetId"), MEMBERS] },
            Self::UnAssociateSubnetInstance => const { &[text("subnetId"), text("instanceId")] },
            Self::AssociateVpcSubnet => const { &[text("subnetId"), text("vpcId")] },
        }
    }

    /// Whether every field that is known holds what it should. The others do not matter.
    ///
    /// # Errors
    /// About the first in order of the table that does not.
    pub(super) fn check(self, body: &Fields) -> Result<(), Fault> {
        check(self.fields(), body)
    }
}

fn check(fields: &[Field], body: &Fields) -> Result<(), Fault> {
    for field in fields {
        match body.get(field.name) {
            None | Some(Value::Null) => {}
            Some(Value::Array(values)) if field.list => {
                values.iter().try_for_each(|value| field.check_one(value))?;
            }
            Some(_) if field.list => return Err(field.fault()),
            Some(value) => field.check_one(value)?,
        }
    }
    Ok(())
}

impl Field {
    fn check_one(&self, value: &Value) -> Result<(), Fault> {
        let fits = match self.kind {
            Kind::Text => value.is_string(),
            Kind::Integer => whole(value).is_some(),
            Kind::Float => number(value).is_some(),
            Kind::Boolean => value.is_boolean(),
            Kind::Object(fields) => {
                let body = value.as_object().ok_or_else(|| self.fault())?;
                return check(fields, body);
            }
        };
        if fits { Ok(()) } else { Err(self.fault()) }
    }

    fn fault(&self) -> Fault {
        Fault::about(Code::INVALID_PARAMETER_VALUE, self.name)
    }
}

/// The whole number that a value is, or spells in digits.
pub(super) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The number that a value is, or spells.
pub(super) fn number(value: &Value) -> Option<f64> {
    let found: f64 = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.parse().ok()?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    found.is_finite().then_some(found)
}
