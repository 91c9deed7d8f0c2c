//! The actions that are served, by name and API.

use crate::ecs::{Code, Fault, Service};

/// Something that can be asked for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[allow(missing_docs, reason = "the names are those of the API reference")]
pub enum Action {
    RunInstances,
    CreateInstance,
    StartInstance,
    StopInstance,
    RebootInstance,
    DeleteInstance,
    DescribeInstances,
    DescribeInstanceStatus,
    DescribeInstanceHistoryEvents,
    DescribeAvailableResource,
    DescribeRegions,
    DescribeZones,
    DescribeInstanceTypes,
    DescribeImages,
    CreateVpc,
    DescribeVpcs,
    CreateVSwitch,
    DescribeVSwitches,
    CreateSecurityGroup,
    DescribeSecurityGroups,
    ModifyInstanceAttribute,
    ModifyInstanceAutoReleaseTime,
    DescribeInstanceAttribute,
    AllocatePublicIpAddress,
    DescribeUserData,
    DeleteInstances,
    StartInstances,
    StopInstances,
    RebootInstances,
    DescribeInstancesFullStatus,
    CreateSimulatedSystemEvents,
    CancelSimulatedSystemEvents,
    AcceptInquiredSystemEvent,
    DescribeDisks,
    DescribeNetworkInterfaces,
    DescribeTasks,
    DescribeInstanceTypeFamilies,
    DescribeInstanceVncUrl,
    DescribeInstanceRamRole,
    DescribeInstanceAutoRenewAttribute,
    DescribeInstanceMaintenanceAttributes,
    DescribeInstanceAttachmentAttributes,
    CreateLaunchTemplate,
    CreateLaunchTemplateVersion,
    DescribeLaunchTemplates,
    DescribeLaunchTemplateVersions,
    DeleteLaunchTemplate,
    DeleteLaunchTemplateVersion,
    ModifyLaunchTemplateDefaultVersion,
    DeleteVpc,
    DeleteVSwitch,
    DeleteSecurityGroup,
    AuthorizeSecurityGroup,
    AuthorizeSecurityGroupEgress,
    RevokeSecurityGroup,
    DescribeSecurityGroupAttribute,
    CreateKeyPair,
    ImportKeyPair,
    DescribeKeyPairs,
    DeleteKeyPairs,
    TagResources,
    UntagResources,
    ListTagResources,
}

impl Action {
    /// Every action there is.
    pub const ALL: [Self; 63] = [
        Self::RunInstances,
        Self::CreateInstance,
        Self::StartInstance,
        Self::StopInstance,
        Self::RebootInstance,
        Self::DeleteInstance,
        Self::DescribeInstances,
        Self::DescribeInstanceStatus,
        Self::DescribeInstanceHistoryEvents,
        Self::DescribeAvailableResource,
        Self::DescribeRegions,
        Self::DescribeZones,
        Self::DescribeInstanceTypes,
        Self::DescribeImages,
        Self::CreateVpc,
        Self::DescribeVpcs,
        Self::CreateVSwitch,
        Self::DescribeVSwitches,
        Self::CreateSecurityGroup,
        Self::DescribeSecurityGroups,
        Self::ModifyInstanceAttribute,
        Self::ModifyInstanceAutoReleaseTime,
        Self::DescribeInstanceAttribute,
        Self::AllocatePublicIpAddress,
        Self::DescribeUserData,
        Self::DeleteInstances,
        Self::StartInstances,
        Self::StopInstances,
        Self::RebootInstances,
        Self::DescribeInstancesFullStatus,
        Self::CreateSimulatedSystemEvents,
        Self::CancelSimulatedSystemEvents,
        Self::AcceptInquiredSystemEvent,
        Self::DescribeDisks,
        Self::DescribeNetworkInterfaces,
        Self::DescribeTasks,
        Self::DescribeInstanceTypeFamilies,
        Self::DescribeInstanceVncUrl,
        Self::DescribeInstanceRamRole,
        Self::DescribeInstanceAutoRenewAttribute,
        Self::DescribeInstanceMaintenanceAttributes,
        Self::DescribeInstanceAttachmentAttributes,
        Self::CreateLaunchTemplate,
        Self::CreateLaunchTemplateVersion,
        Self::DescribeLaunchTemplates,
        Self::DescribeLaunchTemplateVersions,
        Self::DeleteLaunchTemplate,
        Self::DeleteLaunchTemplateVersion,
        Self::ModifyLaunchTemplateDefaultVersion,
        Self::DeleteVpc,
        Self::DeleteVSwitch,
        Self::DeleteSecurityGroup,
        Self::AuthorizeSecurityGroup,
        Self::AuthorizeSecurityGroupEgress,
        Self::RevokeSecurityGroup,
        Self::DescribeSecurityGroupAttribute,
        Self::CreateKeyPair,
        Self::ImportKeyPair,
        Self::DescribeKeyPairs,
        Self::DeleteKeyPairs,
        Self::TagResources,
        Self::UntagResources,
        Self::ListTagResources,
    ];

    /// The action that `name` names in the API of `version`.
    ///
    /// # Errors
    /// When it names none: rule G-06.
    pub fn parse(name: &str, version: &str) -> Result<Self, Fault> {
        let service = Service::parse(version);
        let action = Self::ALL.into_iter().find(|action| {
            action.name() == name && service.is_some_and(|service| action.is_served_by(service))
        });
        action.ok_or(Fault::new(Code::INVALID_ACTION_NOT_FOUND))
    }

    /// Its name, as it is sent.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RunInstances => "RunInstances",
            Self::CreateInstance => "CreateInstance",
            Self::StartInstance => "StartInstance",
            Self::StopInstance => "StopInstance",
            Self::RebootInstance => "RebootInstance",
            Self::DeleteInstance => "DeleteInstance",
            Self::DescribeInstances => "DescribeInstances",
            Self::DescribeInstanceStatus => "DescribeInstanceStatus",
            Self::DescribeInstanceHistoryEvents => "DescribeInstanceHistoryEvents",
            Self::DescribeAvailableResource => "DescribeAvailableResource",
            Self::DescribeRegions => "DescribeRegions",
            Self::DescribeZones => "DescribeZones",
            Self::DescribeInstanceTypes => "DescribeInstanceTypes",
            Self::DescribeImages => "DescribeImages",
            Self::CreateVpc => "CreateVpc",
            Self::DescribeVpcs => "DescribeVpcs",
            Self::CreateVSwitch => "CreateVSwitch",
            Self::DescribeVSwitches => "DescribeVSwitches",
            Self::CreateSecurityGroup => "CreateSecurityGroup",
            Self::DescribeSecurityGroups => "DescribeSecurityGroups",
            Self::ModifyInstanceAttribute => "ModifyInstanceAttribute",
            Self::ModifyInstanceAutoReleaseTime => "ModifyInstanceAutoReleaseTime",
            Self::DescribeInstanceAttribute => "DescribeInstanceAttribute",
            Self::AllocatePublicIpAddress => "AllocatePublicIpAddress",
            Self::DescribeUserData => "DescribeUserData",
            Self::DeleteInstances => "DeleteInstances",
            Self::StartInstances => "StartInstances",
            Self::StopInstances => "StopInstances",
            Self::RebootInstances => "RebootInstances",
            Self::DescribeInstancesFullStatus => "DescribeInstancesFullStatus",
            Self::CreateSimulatedSystemEvents => "CreateSimulatedSystemEvents",
            Self::CancelSimulatedSystemEvents => "CancelSimulatedSystemEvents",
            Self::AcceptInquiredSystemEvent => "AcceptInquiredSystemEvent",
            Self::DescribeDisks => "DescribeDisks",
            Self::DescribeNetworkInterfaces => "DescribeNetworkInterfaces",
            Self::DescribeTasks => "DescribeTasks",
            Self::DescribeInstanceTypeFamilies => "DescribeInstanceTypeFamilies",
            Self::DescribeInstanceVncUrl => "DescribeInstanceVncUrl",
            Self::DescribeInstanceRamRole => "DescribeInstanceRamRole",
            Self::DescribeInstanceAutoRenewAttribute => "DescribeInstanceAutoRenewAttribute",
            Self::DescribeInstanceMaintenanceAttributes => "DescribeInstanceMaintenanceAttributes",
            Self::DescribeInstanceAttachmentAttributes => "DescribeInstanceAttachmentAttributes",
            Self::CreateLaunchTemplate => "CreateLaunchTemplate",
            Self::CreateLaunchTemplateVersion => "CreateLaunchTemplateVersion",
            Self::DescribeLaunchTemplates => "DescribeLaunchTemplates",
            Self::DescribeLaunchTemplateVersions => "DescribeLaunchTemplateVersions",
            Self::DeleteLaunchTemplate => "DeleteLaunchTemplate",
            Self::DeleteLaunchTemplateVersion => "DeleteLaunchTemplateVersion",
            Self::ModifyLaunchTemplateDefaultVersion => "ModifyLaunchTemplateDefaultVersion",
            Self::DeleteVpc => "DeleteVpc",
            Self::DeleteVSwitch => "DeleteVSwitch",
            Self::DeleteSecurityGroup => "DeleteSecurityGroup",
            Self::AuthorizeSecurityGroup => "AuthorizeSecurityGroup",
            Self::AuthorizeSecurityGroupEgress => "AuthorizeSecurityGroupEgress",
            Self::RevokeSecurityGroup => "RevokeSecurityGroup",
            Self::DescribeSecurityGroupAttribute => "DescribeSecurityGroupAttribute",
            Self::CreateKeyPair => "CreateKeyPair",
            Self::ImportKeyPair => "ImportKeyPair",
            Self::DescribeKeyPairs => "DescribeKeyPairs",
            Self::DeleteKeyPairs => "DeleteKeyPairs",
            Self::TagResources => "TagResources",
            Self::UntagResources => "UntagResources",
            Self::ListTagResources => "ListTagResources",
        }
    }

    /// Networks and subnets are in both APIs, the old form in the one of ECS; so are the regions
    /// and zones that a client of either asks for.
    const fn is_served_by(self, service: Service) -> bool {
        match service {
            Service::Ecs => true,
            Service::Vpc => matches!(
                self,
                Self::CreateVpc
                    | Self::DescribeVpcs
                    | Self::CreateVSwitch
                    | Self::DescribeVSwitches
                    | Self::DescribeRegions
                    | Self::DescribeZones
                    | Self::DeleteVpc
                    | Self::DeleteVSwitch
                    | Self::TagResources
                    | Self::UntagResources
                    | Self::ListTagResources
            ),
            Service::Location | Service::Sts => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_version_name_an_action_or_none() {
        const ECS: &str = "2014-05-26";
        const VPC: &str = "2016-04-28";
        for action in Action::ALL {
            assert_eq!(Action::parse(action.name(), ECS), Ok(action));
        }
        for (name, version, expected) in [
            ("CreateVpc", VPC, Some(Action::CreateVpc)),
            ("DescribeVSwitches", VPC, Some(Action::DescribeVSwitches)),
            ("RunInstances", VPC, None),
            ("CreateSecurityGroup", VPC, None),
            ("RunInstances", "2014-05-27", None),
            ("RunInstances", "", None),
            ("runinstances", ECS, None),
            ("NoSuchAction", ECS, None),
            ("", ECS, None),
        ] {
            let expected = expected.ok_or(Fault::new(Code::INVALID_ACTION_NOT_FOUND));
            assert_eq!(Action::parse(name, version), expected, "{name} {version}");
        }
    }
}
