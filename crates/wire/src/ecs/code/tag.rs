//! Codes of tags of things that are there (`ecs-actions.md` section 8), and those of their own that
//! `CreateSecurityGroup` has.

use super::Message::{Dynamic, Fixed};
use super::{Code, codes};

codes! {
    TAG;

    /// `TagResources`, `UntagResources`, `ListTagResources`: absent.
    MISSING_PARAMETER_REGION_ID = 404 "MissingParameter.RegionId"
        Fixed("The parameter - RegionId should not be null");
    /// The same: absent.
    MISSING_PARAMETER_RESOURCE_TYPE = 404 "MissingParameter.ResourceType"
        Fixed("The parameter - ResourceType should not be null");
    /// The same: none is named.
    MISSING_PARAMETER_RESOURCE_IDS = 404 "MissingParameter.ResourceIds"
        Fixed("The parameter - ResourceIds.N should not be null");
    /// `TagResources`: none is named.
    MISSING_PARAMETER_TAGS = 404 "MissingParameter.Tags"
        Fixed("The parameter - Tags should not be null");
    /// More than 50.
    NUMBER_EXCEED_RESOURCE_IDS = 400 "NumberExceed.ResourceIds"
        Fixed("The ResourceIds parameter's number is exceed , Valid : 50");
    /// More than 20.
    NUMBER_EXCEED_TAGS = 400 "NumberExceed.Tags"
        Fixed("The Tags parameter's number is exceed , Valid : 20");
    /// `ResourceType` is none.
    INVALID_RESOURCE_TYPE_NOT_FOUND = 404 "InvalidResourceType.NotFound"
        Fixed("The ResourceType provided does not exist in our records.");
    /// One of them does not exist.
    INVALID_RESOURCE_ID_NOT_FOUND = 404 "InvalidResourceId.NotFound"
        Fixed("The specified ResourceIds are not found in our records.");
    /// One of them has no tags.
    INVALID_RESOURCE_ID_NOT_SUPPORTED = 403 "InvalidResourceId.NotSupported"
        Fixed("The specified ResourceId does not support tagging.");
    /// `TagResources`; a launch spells the index with a capital, rule T-02.
    INVALID_TAG_VALUE_MALFORMED_TAG = 400 "InvalidTagValue.Malformed"
        Fixed("The specified Tag.n.Value is not valid.");
    /// `ListTagResources`: a value without a key.
    INVALID_PARAMETER_TAG_VALUE = 400 "InvalidParameter.TagValue"
        Dynamic;
    /// `TagResources`: keys that differ in the case of their letters.
    TAG_KEY_DUPLICATION = 403 "TagKey.Duplication"
        Fixed("The TagKey has duplication with others, case-insensitive.");
    /// `UntagResources`: a key of the system's.
    NO_PERMISSION_TAG = 403 "NoPermission.Tag"
        Fixed("The operator is not permission for the tag.");
    /// `TagResources`: more than 20 on one resource.
    OPERATION_DENIED_QUOTA_EXCEED = 400 "OperationDenied.QuotaExceed"
        Fixed("The quota of tags on resource is beyond permitted range.");

    /// `CreateSecurityGroup`.
    INVALID_TAG_KEY_MALFORMED_GROUP = 400 "InvalidTagKey.Malformed"
        Fixed("Specified tag key is not valid.");
    /// `CreateSecurityGroup`.
    INVALID_TAG_VALUE_MALFORMED_GROUP = 400 "InvalidTagValue.Malformed"
        Fixed("Specified tag value is not valid.");
}
