//! Codes of launch templates (`ecs-actions.md` section 7). Those that a launch shares are with its own.

use super::Message::{Around, Dynamic, Fixed};
use super::{Code, codes};

codes! {
    TEMPLATE;

    /// All but `RunInstances`: `RegionId` unknown.
    INVALID_REGION_NOT_EXIST = 400 "InvalidRegion.NotExist"
        Dynamic;
    /// `CreateLaunchTemplate`, `CreateLaunchTemplateVersion`: a parameter is absent.
    MISSING_PARAMETER_OF_TEMPLATE = 400 "MissingParameter"
        Fixed("The input parameter that is mandatory for processing this request is not supplied.");
    /// `CreateLaunchTemplate`, `CreateLaunchTemplateVersion`: a value is not of its type.
    INVALID_PARAMETER_OF_TEMPLATE = 400 "InvalidParameter"
        Fixed("the parameter(s) provided is(are) invalid.");
    /// `CreateLaunchTemplate`.
    INVALID_LAUNCH_TEMPLATE_NAME_MALFORMED = 400 "InvalidLaunchTemplateName.Malformed"
        Fixed("The specified parameter LaunchTemplateName is not valid.");
    /// `CreateLaunchTemplate`, `CreateLaunchTemplateVersion`.
    INVALID_VERSION_DESCRIPTION_MALFORMED = 400 "InvalidDescription.Malformed"
        Fixed("The specified parameter \"VersionDescription\" is not valid.");
    /// `DescribeLaunchTemplateVersions` has a status of its own for a template that is not there.
    INVALID_LAUNCH_TEMPLATE_NOT_FOUND_TO_DESCRIBE = 400 "InvalidLaunchTemplate.NotFound"
        Dynamic;
    /// `CreateLaunchTemplate`: 30 in a region.
    LAUNCH_TEMPLATE_LIMIT_EXCEED = 403 "LaunchTemplateLimitExceed"
        Fixed("The maximum number of templates is exceeded.");
    /// `CreateLaunchTemplate`.
    LAUNCH_TEMPLATE_NAME_DUPLICATED = 403 "LaunchTemplateName.Duplicated"
        Around { before: "The specified LaunchTemplateName \"", after: "\" already exist." };
    /// `CreateLaunchTemplateVersion`: 30 of a template.
    LAUNCH_TEMPLATE_VERSION_LIMIT_EXCEED = 403 "LaunchTemplateVersionLimitExceed"
        Dynamic;
    /// `CreateLaunchTemplate`, `CreateLaunchTemplateVersion`: the failure is ours.
    INNER_SERVICE_FAILED = 403 "InnerServiceFailed"
        Fixed("call inner service failed");
}
