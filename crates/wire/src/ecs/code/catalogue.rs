//! Codes of the catalogue's listings (`ecs-actions.md` section 4).
//! `DescribeRegions`, `DescribeZones` and `DescribeInstanceTypes` have none of their own.

use super::Message::Fixed;
use super::{Code, codes};

codes! {
    CATALOGUE;

    /// `DescribeAvailableResource`: its own spelling of an unknown region.
    INVALID_REGION_ID = 404 "Invalid.RegionId"
        Fixed("The specified RegionId does not exist.");
    /// `DescribeAvailableResource`: what is no id at all.
    INVALID_REGION_ID_MALFORMED = 400 "InvalidRegionId.MalFormed"
        Fixed("The specified parameter RegionId is not valid.");
    /// `DescribeAvailableResource`: the account may use no region.
    UNAVAILABLE_REGIONS = 404 "Unavailable.Regions"
        Fixed("The available regions does not exists");
    /// `DescribeAvailableResource`: DestinationResource is absent.
    INVALID_PARAM_DESTINATION_RESOURCE = 400 "Invalid.Param"
        Fixed("The input parameter DestinationResource that is mandatory for processing this request is not supplied.");
    /// `DescribeAvailableResource`.
    INVALID_DESTINATION_RESOURCE = 404 "Invalid.DestinationResource"
        Fixed("The specified DestinationResource is not valid.");
    /// `DescribeAvailableResource`.
    INVALID_INSTANCE_CHARGE_TYPE = 400 "Invalid.InstanceChargeType"
        Fixed("The specified InstanceChargeType is not valid.");
    /// `DescribeAvailableResource`; a launch says `InvalidSpotStrategy`, rule S-01.
    INVALID_SPOT_STRATEGY_AVAILABLE = 404 "Invalid.SpotStrategy"
        Fixed("The specified SpotStrategy is not valid.");
    /// `DescribeAvailableResource`.
    INVALID_IO_OPTIMIZED = 404 "Invalid.IoOptimized"
        Fixed("The specified IoOptimized is not valid.");
    /// `DescribeAvailableResource`.
    INVALID_NETWORK_CATEGORY = 404 "Invalid.NetworkCategory"
        Fixed("The specified NetworkCategory is not valid.");
    /// `DescribeAvailableResource`.
    INVALID_RESOURCE_TYPE = 404 "Invalid.ResourceType"
        Fixed("The ResourceType provided does not exist in our records.");
    /// `DescribeAvailableResource`: Cores without `DestinationResource=InstanceType`.
    INVALID_PARAM_CORES = 403 "InvalidParam.Cores"
        Fixed("The specified parameter 'Cores' should be empty");
    /// `DescribeAvailableResource`: Memory without `DestinationResource=InstanceType`.
    INVALID_PARAM_MEMORY = 403 "InvalidParam.Memory"
        Fixed("The specified parameter 'Memory' should be empty");
    /// `DescribeAvailableResource`: Cores or Memory together with `InstanceType`.
    INVALID_PARAM_TYPE_AND_CPU_MEM_CONFLICT = 403 "InvalidParam.TypeAndCpuMem.Conflict"
        Fixed("The specified 'InstanceType' and 'Cores','Memory' are not blank at the same time.");
    /// `DescribeAvailableResource`; a launch answers 400, rule H-01.
    INVALID_DEDICATED_HOST_ID_NOT_FOUND_AVAILABLE = 403 "InvalidDedicatedHostId.NotFound"
        Fixed("The specified DedicatedHostId does not exist.");
}
