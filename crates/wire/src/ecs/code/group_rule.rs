//! Codes of the rules of security groups (`ecs-actions.md` section 5). The document lists them for
//! `AuthorizeSecurityGroup`; its three companions share them.

use super::Message::Fixed;
use super::{Code, codes};

codes! {
    GROUP_RULE;

    /// The id cannot be one.
    INVALID_SECURITY_GROUP_ID_MALFORMED = 400 "InvalidSecurityGroupId.Malformed"
        Fixed(r#"The specified parameter "SecurityGroupId" is not valid."#);
    /// `IpProtocol` is none.
    INVALID_IP_PROTOCOL_VALUE_NOT_SUPPORTED = 400 "InvalidIpProtocol.ValueNotSupported"
        Fixed("The parameter IpProtocol must be specified with case insensitive TCP, UDP, ICMP, GRE or All.");
    /// `PortRange` is none (sic: the code speaks of `IpProtocol`).
    INVALID_IP_PROTOCOL_MALFORMED = 400 "InvalidIpProtocol.Malformed"
        Fixed(r#"The specified parameter "PortRange" is not valid."#);
    /// `PortRange` is one, and not of this protocol.
    OPERATION_DENIED_PORT_RANGE = 400 "OperationDenied"
        Fixed("The specified IpProtocol does not exist or IpProtocol and PortRange do not match.");
    /// `SourcePortRange` is none.
    INVALID_SOURCE_PORT_RANGE_MALFORMED = 400 "InvalidSourcePortRange.Malformed"
        Fixed(r#"The specified parameter "SourcePortRange" is not valid."#);
    /// `SourceCidrIp` or `Ipv6SourceCidrIp` is none.
    INVALID_SOURCE_CIDR_IP_MALFORMED = 400 "InvalidSourceCidrIp.Malformed"
        Fixed("The specified parameter \"SourceCidrIp\" is not valid.");
    /// `DestCidrIp` or `Ipv6DestCidrIp` is none.
    INVALID_DEST_CIDR_IP_MALFORMED = 400 "InvalidDestCidrIp.Malformed"
        Fixed("The specified parameter DestCidrIp is not valid.");
    /// `Policy` is neither accept nor drop.
    INVALID_POLICY_MALFORMED = 400 "InvalidPolicy.Malformed"
        Fixed(r#"The specified parameter "Policy" is not valid."#);
    /// `Priority` is no number.
    INVALID_PRIORITY_MALFORMED = 400 "InvalidPriority.Malformed"
        Fixed("The parameter Priority is invalid.");
    /// `Priority` is not 1 to 100.
    INVALID_PRIORITY_VALUE_NOT_SUPPORTED = 400 "InvalidPriority.ValueNotSupported"
        Fixed("The parameter Priority is invalid.");
    /// `NicType` is neither internet nor intranet.
    INVALID_NIC_TYPE_VALUE_NOT_SUPPORTED = 400 "InvalidNicType.ValueNotSupported"
        Fixed("The specified NicType does not exist.");
    /// `NicType` is internet: no group of a VPC has that.
    INVALID_NIC_TYPE_MISMATCH = 400 "InvalidNicType.Mismatch"
        Fixed("Specified nic type conflicts with the authorization record.");
    /// `NicType` is internet beside a group.
    INVALID_SOURCE_GROUP_ID_MISMATCH_NIC_TYPE = 403 "InvalidSourceGroupId.Mismatch"
        Fixed("NicType is required or NicType expects intranet.");
    /// `Description` of a rule (sic).
    INVALID_SECURITY_GROUP_DISCRIPTION_MALFORMED_RULE = 400 "InvalidSecurityGroupDiscription.Malformed"
        Fixed("The specified security group rule description is not valid.");
    /// Neither addresses nor a group, in a request for one rule.
    MISSING_PARAMETER_SOURCE_BLANK = 403 "MissingParameter"
        Fixed(r#"The input parameter "SourceGroupId" or "SourceCidrIp" cannot be both blank."#);
    /// The same, in one of `Permissions.N`.
    MISSING_PARAMETER_SOURCE = 400 "MissingParameter.Source"
        Fixed("Either SourceCidrIp or SourceGroupId must be specified.");
    /// Source and destination are equal (sic).
    INVALID_PARAMTER_CONFLICT_CIDR = 400 "InvalidParamter.Conflict"
        Fixed("The specified SourceCidrIp should be different from the DestCidrIp.");
    /// The group names itself (sic).
    INVALID_PARAMTER_CONFLICT_GROUP = 403 "InvalidParamter.Conflict"
        Fixed("The specified SecurityGroupId should be different from the SourceGroupId.");
    /// The group on the other side does not exist.
    INVALID_SOURCE_GROUP_ID_NOT_FOUND = 404 "InvalidSourceGroupId.NotFound"
        Fixed("The SourceGroupId provided does not exist in our records.");
    /// The group on the other side is elsewhere.
    INVALID_SOURCE_GROUP_ID_MISMATCH_VPC = 400 "InvalidSourceGroupId.Mismatch"
        Fixed("Specified security group and source group are not in the same VPC.");
    /// The group has 200 rules.
    AUTHORIZATION_LIMIT_EXCEED = 403 "AuthorizationLimitExceed"
        Fixed("The limit of authorization records in the security group reaches.");
}
