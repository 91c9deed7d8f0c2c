//! The plainest valid request for each action, in a [`World`](super::World).

/// What a launch says at least.
const LAUNCH: &str =
    "RegionId=cn-hangzhou&ImageId=img-linux&InstanceType=ecs.g5.large&SecurityGroupId=sg-a&VSwitchId=vsw-a";

/// Whether the action belongs to the API of networks.
pub(super) fn is_of_vpc(action: &str) -> bool {
    ["CreateVpc", "CreateVSwitch", "DeleteVpc", "DeleteVSwitch", "DescribeVpcs", "DescribeVSwitches"]
        .contains(&action)
}

/// The parameters of the plainest valid request for `action`; none where nothing is needed.
pub(super) fn of(action: &str) -> &'static str {
    match action {
        "RunInstances" | "CreateInstance" => LAUNCH,
        "StartInstance" | "DeleteInstance" => "InstanceId={stopped}",
        "StopInstance"
        | "RebootInstance"
        | "DescribeInstanceAttribute"
        | "DescribeUserData"
        | "ModifyInstanceAttribute" => "InstanceId={running}",
        "StartInstances" | "DeleteInstances" => "RegionId=cn-hangzhou&InstanceId.1={stopped}",
        "StopInstances" | "RebootInstances" => "RegionId=cn-hangzhou&InstanceId.1={running}",
        "ModifyInstanceAutoReleaseTime" => "InstanceId={running}&AutoReleaseTime=2026-01-03T00:00:00Z",
        "CreateSimulatedSystemEvents" => {
            "RegionId=cn-hangzhou&EventType=SystemMaintenance.Reboot&InstanceId.1={running}&NotBefore=2026-01-03T00:00:00Z"
        }
        "CancelSimulatedSystemEvents" => "RegionId=cn-hangzhou&EventId.1={simulated}",
        "AcceptInquiredSystemEvent" => "RegionId=cn-hangzhou&EventId={simulated}",
        "DescribeAvailableResource" => "RegionId=cn-hangzhou&DestinationResource=Zone",
        "CreateVpc" => "RegionId=cn-hangzhou&CidrBlock=172.16.0.0/12",
        "CreateVSwitch" => "VpcId=vpc-a&ZoneId=cn-hangzhou-g&CidrBlock=192.168.200.0/24",
        "CreateSecurityGroup" => "RegionId=cn-hangzhou&VpcId=vpc-a",
        "CreateLaunchTemplate" => "RegionId=cn-hangzhou&LaunchTemplateName=fresh",
        "CreateLaunchTemplateVersion" | "DescribeLaunchTemplateVersions" | "DeleteLaunchTemplate" => {
            "RegionId=cn-hangzhou&LaunchTemplateName=tmplA"
        }
        "DeleteLaunchTemplateVersion" => "RegionId=cn-hangzhou&LaunchTemplateName=tmplA&DeleteVersion.1=2",
        "ModifyLaunchTemplateDefaultVersion" => {
            "RegionId=cn-hangzhou&LaunchTemplateName=tmplA&DefaultVersionNumber=2"
        }
        "AuthorizeSecurityGroup" => {
            "RegionId=cn-hangzhou&SecurityGroupId=sg-2&IpProtocol=tcp&PortRange=22/22&SourceCidrIp=10.0.0.0/8"
        }
        "DeleteSecurityGroup" => "RegionId=cn-hangzhou&SecurityGroupId=sg-1",
        "DeleteVSwitch" => "VSwitchId=vsw-b",
        "DeleteVpc" => "VpcId=vpc-empty",
        "CreateKeyPair" => "RegionId=cn-hangzhou&KeyPairName=fresh",
        "ImportKeyPair" => concat!(
            "RegionId=cn-hangzhou&KeyPairName=fresh&PublicKeyBody=",
            include_str!("../../../wire/tests/vectors/id_rsa.pub")
        ),
        "TagResources" => "RegionId=cn-hangzhou&ResourceType=instance&ResourceId.1={running}&Tag.1.Key=key",
        "UntagResources" => "RegionId=cn-hangzhou&ResourceType=instance&ResourceId.1={running}&TagKey.1=key",
        "ListTagResources" => "RegionId=cn-hangzhou&ResourceType=instance&ResourceId.1={running}",
        "AllocatePublicIpAddress" => "InstanceId={wide}",
        "DescribeInstanceVncUrl" => "RegionId=cn-hangzhou&InstanceId={running}",
        _ => "RegionId=cn-hangzhou",
    }
}
