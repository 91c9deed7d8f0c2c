//! Codes of RunInstances and CreateInstance: where instances go (rules P, L, N, V, E).

use super::Message::{Dynamic, Fixed};
use super::{Code, codes};

codes! {
    PLACE;

    /// Rule P-02: `RegionId` unknown.
    INVALID_REGION_ID_NOT_FOUND = 404 "InvalidRegionId.NotFound"
        Fixed("The specified RegionId does not exist.");
    /// Rule P-03: `ZoneId` unknown or not in the region.
    INVALID_ZONE_ID_NOT_FOUND = 404 "InvalidZoneId.NotFound"
        Fixed("The specified zoneId does not exist.");
    /// Rule P-04: zone closed for sale.
    ZONE_NOT_ON_SALE = 403 "Zone.NotOnSale"
        Fixed("The resource in the specified zone is no longer available for sale. Please try other regions and zones.");
    /// Rule P-05: no `ImageId`, no `ImageFamily`, no template that gives one.
    MISSING_PARAMETER_IMAGE_ID = 400 "MissingParameter"
        Fixed("The input parameter ImageId that is mandatory for processing this request is not supplied.");
    /// Rule P-06: `ImageId` unknown or not visible in the region.
    INVALID_IMAGE_ID_NOT_FOUND = 404 "InvalidImageId.NotFound"
        Fixed("The specified ImageId does not exist.");
    /// Rule P-07: image Status is not Available.
    INCORRECT_IMAGE_STATUS = 400 "IncorrectImageStatus"
        Fixed("The specified Image is not available.");
    /// Rules P-08, N-03, V-01, E-05, M-08: `ImageId` and `ImageFamily` both given; `SecurityGroupId` and `SecurityGroupIds.N` both given; `Ipv6Address.N` and `Ipv6AddressCount` both given; `NetworkInterface.N.InstanceType`=Primary together with `SecurityGroupId`(s), VSwitchId, `PrivateIpAddress`, `Ipv6Address.N` or `Ipv6AddressCount`; `HostName` and `HostNames.N` both given.
    INVALID_PARAMETER_CONFLICT = 400 "InvalidParameter.Conflict"
        Dynamic;
    /// Rule P-09: no `InstanceType` and no template that gives one.
    MISSING_PARAMETER_INSTANCE_TYPE = 400 "MissingParameter"
        Fixed("The input parameter InstanceType that is mandatory for processing this request is not supplied.");
    /// Rule P-10: `InstanceType` not in the catalogue / region.
    INVALID_INSTANCE_TYPE_VALUE_NOT_SUPPORTED = 400 "InvalidInstanceType.ValueNotSupported"
        Fixed("The specified InstanceType does not exist or beyond the permitted range.");
    /// Rule P-11: type sold in the region, not in the zone of the request.
    INVALID_INSTANCE_TYPE_ZONE_NOT_SUPPORTED = 403 "InvalidInstanceType.ZoneNotSupported"
        Fixed("The specified zone does not support this instancetype.");
    /// Rule P-12: type retired from sale.
    INSTANCE_TYPE_OFFLINE = 403 "InstanceType.Offline"
        Dynamic;
    /// Rule P-13: image and type incompatible: architecture; 32-bit image with more than 4 GiB; Windows image on 512 MiB unless Windows Server 1709.
    IMAGE_NOT_SUPPORT_INSTANCE_TYPE = 403 "ImageNotSupportInstanceType"
        Fixed("The specified image does not support the specified InstanceType.");
    /// Rule P-14: `IoOptimized` is neither none nor optimized.
    INVALID_IO_OPTIMIZE_VALUE_NOT_SUPPORTED = 400 "InvalidIoOptimize.ValueNotSupported"
        Fixed("The specified IoOptimize is not valid.");
    /// Rule P-15: `IoOptimized`=none with a type that is I/O optimized only.
    DEPENDENCY_VIOLATION_IO_OPTIMIZED = 404 "DependencyViolation.IoOptimized"
        Fixed("The specified instancetype must be IoOptimized instance.");
    /// Rule P-16: `IoOptimized`=optimized with a type that has none.
    IO_OPTIMIZED_NOT_SUPPORTED = 404 "IoOptimized.NotSupported"
        Fixed("The specified instancetype is not support IoOptimized instance");
    /// Rule L-01: `LaunchTemplateId` / `LaunchTemplateName` unknown.
    INVALID_LAUNCH_TEMPLATE_NOT_FOUND = 404 "InvalidLaunchTemplate.NotFound"
        Dynamic;
    /// Rule L-02: `LaunchTemplateVersion` not in the template.
    INVALID_LAUNCH_TEMPLATE_VERSION_NOT_FOUND = 404 "InvalidLaunchTemplateVersion.NotFound"
        Dynamic;
    /// Rule N-02: security group unknown.
    INVALID_SECURITY_GROUP_ID_NOT_FOUND = 404 "InvalidSecurityGroupId.NotFound"
        Fixed("The specified SecurityGroupId does not exist.");
    /// Rule N-05: VSwitchId unknown.
    INVALID_VSWITCH_ID_NOT_FOUND = 404 "InvalidVSwitchId.NotFound"
        Fixed("Specified virtual switch does not exist.");
    /// Rule N-06: VSwitchId unknown.
    INVALID_VSWITCH_ID_NOT_FOUND_CREATE_INSTANCE = 403 "InvalidVSwitchId.NotFound"
        Fixed("The VSwitchId provided does not exist in our records.");
    /// Rule N-07: vSwitch is Pending.
    INCORRECT_VSWITCH_STATUS = 400 "IncorrectVSwitchStatus"
        Fixed("The current status of virtual switch does not support this operation.");
    /// Rule N-08: security group and vSwitch in different VPCs.
    INVALID_PARAMETER_MISMATCH_VPC = 400 "InvalidParameter.Mismatch"
        Fixed("Specified security group and virtual switch are not in the same VPC.");
    /// Rule N-09: `ZoneId` differs from the zone of the vSwitch.
    INVALID_PARAMETER_MISMATCH_ZONE = 400 "InvalidParameter.Mismatch"
        Fixed("Specified virtual switch is not in the specified zone.");
    /// Rule N-11: `PrivateIpAddress` is not an IPv4 literal.
    INVALID_PRIVATE_IP_ADDRESS_MALFORMED = 400 "InvalidPrivateIpAddress.Malformed"
        Fixed("Specified private IP address is malformed.");
    /// Rule N-12: `PrivateIpAddress` outside the vSwitch block.
    INVALID_PRIVATE_IP_ADDRESS = 400 "InvalidPrivateIpAddress"
        Fixed("Specified private IP address is not in the CIDR block of virtual switch.");
    /// Rule N-13: `PrivateIpAddress` is the first or one of the last three addresses of the block.
    INVALID_VSWITCH_ID_IP_INVALID = 403 "InvalidVSwitchId.IpInvalid"
        Dynamic;
    /// Rule N-14: `PrivateIpAddress` already used.
    INVALID_PRIVATE_IP_ADDRESS_DUPLICATED = 400 "InvalidPrivateIpAddress.Duplicated"
        Fixed("Specified private IP address is duplicated.");
    /// Rule N-15: vSwitch has fewer free addresses than instances (checked at submit time).
    QUOTA_EXCEEDED_PRIVATE_IP_ADDRESS = 400 "QuotaExceeded.PrivateIpAddress"
        Fixed("Don't have enough private IPs in this switch.");
    /// Rules N-16, V-02: `PrivateIpAddress` with Amount above 1; `Ipv6Address.N` with Amount above 1.
    INVALID_PARAM_AMOUNT = 403 "InvalidParam.Amount"
        Dynamic;
    /// Rule N-17: group would hold more than 1000 instances.
    SECURITY_GROUP_INSTANCE_LIMIT_EXCEED = 403 "SecurityGroupInstanceLimitExceed"
        Fixed("The maximum number of instances in a security group is exceeded.");
    /// Rule N-18: `InternetChargeType` unknown.
    INVALID_INTERNET_CHARGE_TYPE_VALUE_NOT_SUPPORTED = 400 "InvalidInternetChargeType.ValueNotSupported"
        Fixed("The specified InternetChargeType is not valid.");
    /// Rule N-19: `InternetMaxBandwidthOut` outside 0 to 100.
    INVALID_INTERNET_MAX_BANDWIDTH_OUT_MALFORMED = 400 "InvalidInternetMaxBandwidthOut.Malformed"
        Fixed("The specified parameter internetMaxBandwidthOut is not valid.");
    /// Rule N-20: `InternetMaxBandwidthIn` outside 1 to 200.
    INVALID_INTERNET_MAX_BANDWIDTH_IN_MALFORMED = 400 "InvalidInternetMaxBandwidthIn.Malformed"
        Fixed("The specified parameter internetMaxBandwidthIn is not valid.");
    /// Rule V-03: type has no IPv6.
    INVALID_OPERATION_IPV6_NOT_SUPPORT = 403 "InvalidOperation.Ipv6NotSupport"
        Dynamic;
    /// Rule V-04: vSwitch has no IPv6 block.
    INVALID_VSWITCH_IPV6_NOT_TURN_ON = 403 "InvalidVSwitch.Ipv6NotTurnOn"
        Dynamic;
    /// Rule V-05: more IPv6 addresses than the type allows per ENI (or than 10).
    INVALID_OPERATION_IPV6_COUNT_EXCEEDED = 403 "InvalidOperation.Ipv6CountExceeded"
        Dynamic;
    /// Rule V-06: IPv6 address malformed or outside the vSwitch block.
    INVALID_IP_ADDRESS = 403 "InvalidIp.Address"
        Dynamic;
    /// Rule V-07: same IPv6 address twice.
    INVALID_IP_IP_REPEATED = 403 "InvalidIp.IpRepeated"
        Dynamic;
    /// Rule V-08: IPv6 address in use.
    INVALID_IP_IP_ASSIGNED = 403 "InvalidIp.IpAssigned"
        Dynamic;
    /// Rules E-01, E-02: more than one secondary ENI at creation; `NetworkInterface.N.SecurityGroupId` and .`SecurityGroupIds.N` both given.
    INVALID_PARAM_NETWORK_INTERFACE = 400 "InvalidParam.NetworkInterface"
        Dynamic;
    /// Table of RunInstances, newer document: the number of queues of a network interface is not valid.
    INVALID_PARAMETER_INVALID_ENI_QUEUE_NUMBER = 403 "InvalidParameter.InvalidEniQueueNumber"
        Dynamic;
    /// Rule E-03: vSwitch of an ENI unknown.
    INVALID_VSWITCH_ID_NOT_EXIST = 404 "InvalidVSwitchId.NotExist"
        Dynamic;
    /// Rule E-04: type has no secondary ENI slot.
    INVALID_INSTANCE_TYPE_ELASTIC_NETWORK_INTERFACE_NOT_SUPPORTED = 400 "InvalidInstanceType.ElasticNetworkInterfaceNotSupported"
        Fixed("The specified instance type does not support Elastic Network Interface, you cannot attach Elastic Network Interface to generation I instances.");
}
