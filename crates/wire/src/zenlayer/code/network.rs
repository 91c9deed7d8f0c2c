//! Codes of networks and subnets.

use super::Code;

codes! {
    NETWORK;

    /// `AssociateSubnetInstances`: same private address twice.
    INVALID_PARAMETER_DUPLICATE_LAN_IP = 400 "The private address `{}` is specified twice.";
    /// `AssociateSubnetInstances`: address outside the subnet or reserved.
    INVALID_PARAMETER_LAN_IP_NOT_SUPPORT = 400 "The specified private address cannot be used in the subnet.";
    /// `CreateSubnet`: cidrBlock malformed.
    INVALID_PARAMETER_SUBNET_CIDR_BLOCK = 400 "The specified cidrBlock `{}` is malformed.";
    /// `CreateSubnet`: cidrBlock outside the VPC.
    INVALID_PARAMETER_SUBNET_CIDR_NOT_BELONG_VPC = 400 "The specified cidrBlock is not inside the VPC.";
    /// `CreateSubnet`: address not private.
    INVALID_PARAMETER_SUBNET_LAN_IP = 400 "The specified cidrBlock `{}` is not private.";
    /// `CreateSubnet`: mask out of range.
    INVALID_PARAMETER_SUBNET_LAN_IP_NETMASK = 400 "The netmask of the specified cidrBlock is not supported.";
    /// `CreateVpc`: cidrBlock malformed.
    INVALID_PARAMETER_VPC_CIDR_BLOCK = 400 "The specified cidrBlock `{}` is malformed.";
    /// `CreateVpc`: address not private.
    INVALID_PARAMETER_VPC_LAN_IP = 400 "The specified cidrBlock `{}` is not private.";
    /// `CreateVpc`: mask out of range.
    INVALID_PARAMETER_VPC_LAN_IP_NETMASK = 400 "The netmask of the specified cidrBlock is not supported.";
    /// `CreateSubnet`, `AssociateVpcSubnet`: cidrBlock overlaps another subnet.
    INVALID_PARAMETER_VPC_SUBNET_OVER_LAP = 400 "The specified cidrBlock overlaps another subnet of the VPC.";
    /// `CreateSubnet`, `AssociateVpcSubnet`: vpcId unknown.
    INVALID_VPC_NOT_FOUND = 404 "The specified vpcId `{}` is not found.";
    /// `CreateVpc`: vpcRegionId unknown.
    INVALID_VPC_REGION_NOT_FOUND = 404 "The specified vpcRegionId `{}` is not found.";
    /// `AssociateSubnetInstances`: instance and subnet in different zones.
    OPERATION_DENIED_DIFFERENT_ZONE = 403 "Instance `{}` and subnet are in different zones.";
    /// `StopInstances`, `AssociateSubnetInstances`: an instance is not RUNNING.
    OPERATION_DENIED_INSTANCE_NOT_RUNNING = 403 "Instance `{}` is not running.";
    /// `AssociateSubnetInstances`: instance type has no private network.
    OPERATION_DENIED_INSTANCE_NOT_SUPPORT_SUBNET = 403 "The instance type does not support subnets.";
    /// `AssociateSubnetInstances`: address in use.
    OPERATION_DENIED_IP_ASSOCIATED_INSTANCE = 403 "The private address `{}` is in use.";
    /// `CreateSubnet`, `AssociateVpcSubnet`: zone has no VPC region.
    OPERATION_DENIED_NO_AVAILABLE_VPC_REGION = 403 "The zone has no VPC region.";
    /// `AssociateVpcSubnet`: subnet already in another VPC.
    OPERATION_DENIED_SUBNET_ASSOCIATED_OTHER_VPC = 403 "The subnet is in another VPC.";
    /// `CreateSubnet`: subnet cap.
    OPERATION_DENIED_SUBNET_EXCEED_LIMIT = 403 "The number of subnets exceeds the limit.";
    /// `DeleteSubnet`, `AssociateSubnetInstances`: subnet still has instances / instance already
    /// inside.
    OPERATION_DENIED_SUBNET_EXIST_INSTANCE = 403 "The subnet has instances.";
    /// `AssociateSubnetInstances`: instance listed twice.
    OPERATION_DENIED_SUBNET_NOT_REPEAT_INSTANCE = 403 "Instance `{}` is specified twice.";
    /// `DeleteSubnet`, `AssociateSubnetInstances`, `AssociateVpcSubnet`: subnet status forbids it.
    OPERATION_DENIED_SUBNET_STATUS_NOT_SUPPORT = 403 "The status of the subnet does not support this operation.";
    /// `DeleteVpc`: VPC still has subnets.
    OPERATION_DENIED_VPC_EXIST_SUBNET_ASSIGN = 403 "The VPC has subnets.";
    /// `CreateVpc`: VPC cap of the region.
    OPERATION_DENIED_VPC_REGION_EXCEED_LIMIT = 403 "The number of VPCs in the region exceeds the limit.";
    /// `DeleteVpc`, `CreateSubnet`, `AssociateVpcSubnet`: VPC status forbids it.
    OPERATION_DENIED_VPC_STATUS_NOT_SUPPORT = 403 "The status of the VPC does not support this operation.";
    /// `CreateSubnet`, `AssociateVpcSubnet`: per-zone subnet cap of the VPC.
    OPERATION_DENIED_VPC_ZONE_SUBNET_EXCEED_LIMIT = 403 "The number of subnets in the VPC exceeds the limit.";
    /// `CreateSubnet`, `AssociateVpcSubnet`: zone outside the VPC region.
    OPERATION_DENIED_ZONE_NOT_BELONG_VPC = 403 "The zone is not in the region of the VPC.";
    /// `CreateSubnet`: zone has no subnet feature.
    OPERATION_DENIED_ZONE_NOT_SUPPORT_SUBNET = 403 "The zone does not support subnets.";
    /// `DeleteVpc`, `DeleteSubnet`, `ModifyInstancesResourceGroup`: resource unknown.
    OPERATION_FAILED_RESOURCE_NOT_FOUND = 404 "The specified resource `{}` is not found.";
}
