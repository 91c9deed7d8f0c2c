//! Rules of groups, key pairs, tags, deletions, public addresses.

use crate::requests::recipe::{Recipe, of};
use crate::requests::world::Step;

#[rustfmt::skip]
pub(in crate::requests) const RECIPES: &[Recipe] = &[
    // Rules of groups.
    of("AuthorizeSecurityGroup", 400, "InvalidSecurityGroupId.Malformed", "SecurityGroupId=no id"),
    of("AuthorizeSecurityGroup", 404, "InvalidSecurityGroupId.NotFound", "SecurityGroupId=sg-none"),
    of("AuthorizeSecurityGroup", 400, "InvalidIpProtocol.ValueNotSupported", "IpProtocol=smoke"),
    of("AuthorizeSecurityGroup", 400, "InvalidIpProtocol.Malformed", "PortRange=22"),
    of("AuthorizeSecurityGroup", 400, "OperationDenied", "IpProtocol=icmp"),
    of("AuthorizeSecurityGroup", 400, "InvalidSourcePortRange.Malformed", "SourcePortRange=22"),
    of("AuthorizeSecurityGroup", 400, "InvalidSourceCidrIp.Malformed", "SourceCidrIp=here"),
    of("AuthorizeSecurityGroup", 400, "InvalidDestCidrIp.Malformed", "DestCidrIp=there"),
    of("AuthorizeSecurityGroup", 400, "InvalidPolicy.Malformed", "Policy=maybe"),
    of("AuthorizeSecurityGroup", 400, "InvalidPriority.Malformed", "Priority=first"),
    of("AuthorizeSecurityGroup", 400, "InvalidPriority.ValueNotSupported", "Priority=101"),
    of("AuthorizeSecurityGroup", 400, "InvalidNicType.ValueNotSupported", "NicType=none"),
    of("AuthorizeSecurityGroup", 400, "InvalidNicType.Mismatch", "NicType=internet"),
    of("AuthorizeSecurityGroup", 403, "InvalidSourceGroupId.Mismatch", "-SourceCidrIp&SourceGroupId=sg-1&NicType=internet"),
    of("AuthorizeSecurityGroup", 400, "InvalidSecurityGroupDiscription.Malformed", "Description={d*513}"),
    of("AuthorizeSecurityGroup", 403, "MissingParameter", "-SourceCidrIp"),
    of("AuthorizeSecurityGroup", 400, "MissingParameter.Source", "-SourceCidrIp&-IpProtocol&-PortRange&Permissions.1.IpProtocol=tcp&Permissions.1.PortRange=22/22"),
    of("AuthorizeSecurityGroup", 400, "InvalidParamter.Conflict", "DestCidrIp=10.0.0.0/8"),
    of("AuthorizeSecurityGroup", 403, "InvalidParamter.Conflict", "-SourceCidrIp&SourceGroupId=sg-2"),
    of("AuthorizeSecurityGroup", 404, "InvalidSourceGroupId.NotFound", "-SourceCidrIp&SourceGroupId=sg-none"),
    of("AuthorizeSecurityGroup", 400, "InvalidSourceGroupId.Mismatch", "-SourceCidrIp&SourceGroupId=sg-b"),
    of("AuthorizeSecurityGroup", 403, "AuthorizationLimitExceed", "PortRange=300/300").before(&[Step::Times(200, "AuthorizeSecurityGroup", "PortRange=#/#")]),

    // Key pairs.
    of("CreateKeyPair", 400, "InvalidKeyPairName.Malformed", "KeyPairName=1"),
    of("CreateKeyPair", 400, "KeyPair.AlreadyExist", "KeyPairName=kp-a"),
    of("CreateKeyPair", 403, "QuotaExceed.KeyPair", "").before(&[Step::Times(499, "ImportKeyPair", "KeyPairName=pair-#")]),
    of("ImportKeyPair", 400, "MissingParameter", "-PublicKeyBody"),
    of("ImportKeyPair", 400, "InvalidPublicKeyBody.Malformed", "PublicKeyBody=secret"),

    // Tags.
    of("TagResources", 404, "MissingParameter.RegionId", "-RegionId"),
    of("TagResources", 404, "MissingParameter.ResourceType", "-ResourceType"),
    of("TagResources", 404, "MissingParameter.ResourceIds", "-ResourceId"),
    of("TagResources", 404, "MissingParameter.Tags", "-Tag"),
    of("TagResources", 400, "NumberExceed.ResourceIds", "ResourceId.{1..51}={running}"),
    of("TagResources", 400, "NumberExceed.Tags", "Tag.{1..21}.Key=key-#"),
    of("TagResources", 404, "InvalidResourceType.NotFound", "ResourceType=none"),
    of("TagResources", 404, "InvalidResourceId.NotFound", "ResourceId.1=i-00000000000000000000"),
    of("TagResources", 403, "InvalidResourceId.NotSupported", "ResourceType=image&ResourceId.1=img-linux"),
    of("TagResources", 400, "InvalidTagKey.Malformed", "Tag.1.Key=aliyun"),
    of("TagResources", 400, "InvalidTagValue.Malformed", "Tag.1.Value={v*129}"),
    of("TagResources", 400, "Duplicate.TagKey", "Tag.{1..2}.Key=key"),
    of("TagResources", 403, "TagKey.Duplication", "Tag.1.Key=key&Tag.2.Key=KEY"),
    of("TagResources", 400, "OperationDenied.QuotaExceed", "").before(&[Step::Ask("TagResources", "Tag.{1..20}.Key=key-#")]),
    of("UntagResources", 403, "NoPermission.Tag", "TagKey.1=acs:system"),
    of("ListTagResources", 400, "InvalidParameter.TagValue", "Tag.1.Value=value"),

    // What is deleted, and how many there can be.
    of("DeleteVSwitch", 400, "DependencyViolation", "VSwitchId=vsw-world"),
    of("DeleteVSwitch", 400, "IncorrectVSwitchStatus", "VSwitchId=vsw-pending"),
    of("DeleteVSwitch", 400, "MissingParameter", "-VSwitchId"),
    of("DeleteVSwitch", 404, "InvalidVSwitchId.NotFound", "VSwitchId=vsw-none"),
    of("DeleteVpc", 400, "DependencyViolation", "VpcId=vpc-a"),
    of("DeleteVpc", 404, "InvalidVpcId.NotFound", "VpcId=vpc-none"),
    of("DeleteSecurityGroup", 403, "DependencyViolation", "SecurityGroupId=sg-a"),
    of("DeleteSecurityGroup", 403, "DependencyViolation", "").before(&[Step::Ask("AuthorizeSecurityGroup", "-SourceCidrIp&SourceGroupId=sg-1")]),
    of("DeleteSecurityGroup", 404, "InvalidSecurityGroupId.NotFound", "SecurityGroupId=sg-none"),
    of("CreateVpc", 400, "QuotaExceeded.Vpc", "").before(&[Step::Times(5, "CreateVpc", "")]),
    of("CreateSecurityGroup", 403, "QuotaExceed.SecurityGroup", "").before(&[Step::Times(90, "CreateSecurityGroup", "")]),
    of("CreateSecurityGroup", 400, "InvalidTagKey.Malformed", "Tag.1.Key=aliyun"),
    of("CreateSecurityGroup", 400, "InvalidTagValue.Malformed", "Tag.1.Key=key&Tag.1.Value={v*129}"),

    // Public addresses.
    of("AllocatePublicIpAddress", 403, "AllocatedAlready", "").before(&[Step::Ask("AllocatePublicIpAddress", "")]),
    of("AllocatePublicIpAddress", 400, "AllocateIpInvalidInstanceBandwidth", "InstanceId={running}"),
    of("AllocatePublicIpAddress", 400, "InsufficientPublicIp", "").before(&[Step::Ask("RunInstances", "InstanceType=ecs.world.large&Amount=4&InternetMaxBandwidthOut=1")]),
    of("AllocatePublicIpAddress", 400, "OperationDenied", "IpAddress=203.0.113.1"),
    of("AllocatePublicIpAddress", 403, "InstanceLockedForSecurity", "").before(&[Step::Lock("wide", fleet::LockReason::Security)]),
    of("AllocatePublicIpAddress", 404, "InvalidInstanceId.NotFound", "InstanceId=i-00000000000000000000"),
];
