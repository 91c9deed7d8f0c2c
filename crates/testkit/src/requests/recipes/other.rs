//! Listings, networks, templates.

use crate::requests::recipe::{Recipe, of};
use crate::requests::world::Step;

#[rustfmt::skip]
pub(in crate::requests) const RECIPES: &[Recipe] = &[
    // Instances and their events.
    of("DescribeInstances", 404, "InvalidStatus.NotFound", "Status=Nope"),
    of("DescribeInstances", 404, "InvalidNetworkType.NotFound", "InstanceNetworkType=none"),
    of("DescribeInstances", 404, "InvalidInternetChargeType.ValueNotSupported", "InternetChargeType=none"),
    of("DescribeInstances", 404, "InvalidInstanceChargeType.NotFound", "InstanceChargeType=none"),
    of("DescribeInstances", 404, "InvalidLockReason.NotFound", "LockReason=none"),
    of("DescribeInstances", 404, "InvalidFilterKey.NotFound", "Filter.1.Key=none&Filter.1.Value=x"),
    of("DescribeInstances", 400, "InvalidTag.Mismatch", "Tag.1.Value=x"),
    of("DescribeInstances", 400, "InvalidTagCount", "Tag.21.Key=x"),
    of("DescribeInstances", 400, "InvalidHpcClusterId.NotFound", "HpcClusterId=none"),
    of("DescribeInstances", 400, "InvalidParameter", "PageSize=x"),
    of("DescribeInstances", 400, "DryRunOperation", "DryRun=true"),
    of("DescribeInstances", 404, "InvalidRegionId.NotFound", "RegionId=nowhere"),
    of("DescribeInstanceHistoryEvents", 403, "EventIdLimitExceeded", "EventId.{1..101}={simulated}"),
    of("DescribeInstanceHistoryEvents", 403, "InvalidParameter", "EventCycleStatus=none"),
    of("DescribeInstanceHistoryEvents", 404, "MissingParameter", "-RegionId"),
    of("DescribeInstanceHistoryEvents", 403, "InvalidParameter.TimeEndBeforeStart", "NotBefore.Start=2026-01-03T00:00:00Z&NotBefore.End=2026-01-02T00:00:00Z"),
    of("DescribeInstancesFullStatus", 403, "EventIdLimitExceeded", "EventId.{1..101}={simulated}"),
    of("DescribeInstancesFullStatus", 403, "InstanceIdLimitExceeded", "InstanceId.{1..101}={running}"),
    of("DescribeInstancesFullStatus", 403, "MissingParameter", "-RegionId"),
    of("DescribeInstancesFullStatus", 403, "InvalidParameter", "Status=none"),

    // The catalogue.
    of("DescribeAvailableResource", 400, "Invalid.Param", "-DestinationResource"),
    of("DescribeAvailableResource", 404, "Invalid.DestinationResource", "DestinationResource=none"),
    of("DescribeAvailableResource", 400, "Invalid.InstanceChargeType", "InstanceChargeType=none"),
    of("DescribeAvailableResource", 404, "Invalid.IoOptimized", "IoOptimized=maybe"),
    of("DescribeAvailableResource", 404, "Invalid.NetworkCategory", "NetworkCategory=none"),
    of("DescribeAvailableResource", 404, "Invalid.RegionId", "RegionId=nowhere"),
    of("DescribeAvailableResource", 404, "Invalid.ResourceType", "ResourceType=none"),
    of("DescribeAvailableResource", 404, "Invalid.SpotStrategy", "SpotStrategy=none"),
    of("DescribeAvailableResource", 403, "InvalidParam.Cores", "Cores=2"),
    of("DescribeAvailableResource", 403, "InvalidParam.Memory", "Memory=8"),
    of("DescribeAvailableResource", 403, "InvalidParam.TypeAndCpuMem.Conflict", "DestinationResource=InstanceType&InstanceType=ecs.g5.large&Cores=2"),
    of("DescribeAvailableResource", 403, "InvalidDedicatedHostId.NotFound", "DedicatedHostId=dh-none"),
    of("DescribeImages", 404, "InvalidStatus.NotFound", "Status=Nope"),

    // Networks.
    of("CreateVpc", 400, "InvalidParameter", "CidrBlock=8.8.8.0/24"),
    of("CreateVpc", 400, "InvalidVpcName.Malformed", "VpcName=1"),
    of("CreateVpc", 400, "InvalidVpcDiscription.Malformed", "Description=x"),
    of("CreateVSwitch", 400, "MissingParameter", "-VpcId"),
    of("CreateVSwitch", 404, "InvalidVpcId.NotFound", "VpcId=vpc-none"),
    of("CreateVSwitch", 400, "InvalidParameter", "CidrBlock=10.0.0.0/24"),
    of("CreateVSwitch", 400, "InvalidCidrBlock.Overlapped", "CidrBlock=192.168.1.0/25"),
    of("CreateVSwitch", 400, "InvalidVSwitchName.Malformed", "VSwitchName=1"),
    of("CreateVSwitch", 400, "InvalidVSwitchDiscription.Malformed", "Description=x"),
    of("CreateSecurityGroup", 404, "InvalidVpcId.NotFound", "VpcId=vpc-none"),
    of("CreateSecurityGroup", 403, "InvalidVpcId.NotFound", "-VpcId"),
    of("CreateSecurityGroup", 400, "InvalidSecurityGroupName.Malformed", "SecurityGroupName=1"),
    of("CreateSecurityGroup", 400, "InvalidSecurityGroupDiscription.Malformed", "Description=x"),
    of("DescribeVSwitches", 400, "MissingParameter", "-RegionId"),

    // Templates.
    of("CreateLaunchTemplate", 400, "InvalidRegion.NotExist", "RegionId=nowhere"),
    of("CreateLaunchTemplate", 400, "MissingParameter", "-LaunchTemplateName"),
    of("CreateLaunchTemplate", 400, "InvalidLaunchTemplateName.Malformed", "LaunchTemplateName=1"),
    of("CreateLaunchTemplate", 400, "InvalidDescription.Malformed", "VersionDescription=x"),
    of("CreateLaunchTemplate", 403, "LaunchTemplateName.Duplicated", "LaunchTemplateName=tmplA"),
    of("CreateLaunchTemplate", 400, "InvalidUserData.SizeExceeded", "UserData={AAAA*11000}"),
    of("CreateLaunchTemplate", 400, "InvalidUserData.Base64FormatInvalid", "UserData=?"),
    of("CreateLaunchTemplateVersion", 404, "InvalidLaunchTemplate.NotFound", "LaunchTemplateName=none"),
    of("CreateLaunchTemplateVersion", 403, "LaunchTemplateVersionLimitExceed", "").before(&[Step::Ask("CreateLaunchTemplateVersion", ""); 28]),
    of("DescribeLaunchTemplateVersions", 400, "InvalidLaunchTemplate.NotFound", "LaunchTemplateName=none"),
    of("DeleteLaunchTemplate", 404, "InvalidLaunchTemplate.NotFound", "LaunchTemplateName=none"),
];
