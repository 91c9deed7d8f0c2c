//! Why documented errors cannot come about here, and which ones only come about elsewhere.

/// Reasons, and the rows they are for: a code (or how it begins, with `*`), and where that is not
/// enough a status, all its actions, or both.
#[rustfmt::skip]
pub(crate) const ARGUED: &[(&str, &[&str])] = &[
    ("There is no classic network: every instance is in a VPC.", &[
        "InvalidNetworkType.Mismatch", "InvalidNetworkType.MismatchRamRole", "InvalidNetworkType.NotSupported",
        "InvalidSpotInterruptionBehavior.ClassicNetworkNotSupport", "OperationDenied.InvalidNetworkType", "OperationDenied 403 RunInstances",
        "InvalidVSwitchId.Necessary", "Invalid.NetworkType", "OperationDenied.NoVlan",
    ]),
    ("There is no default VPC: a launch names its vSwitch.", &[
        "IncorrectDefaultVpcStatus", "DefaultVswitch.Existed", "InvalidSecurityGroup.NotInDefaultVpc", "InvalidVSwitch.DefaultVSwitchNotSupport",
    ]),
    ("Nobody chooses a public address: in a VPC that is OperationDenied.", &["InvalidIpAddress.NotFound", "IpInUse"]),
    ("Decisions are serial: nothing of the same token, the same network or the same instance is ever in flight.", &[
        "LastTokenProcessing", "IdempotentProcessing", "TOKEN_PROCESSING", "OperationFailed.IdempotentTokenProcessing", "TaskConflict",
        "OperationDenied.CreatingConflict", "OperationDenied 404", "OperationConflict", "InvalidRelationResource.NotFound",
    ]),
    ("A subnet is never without its network, and nobody else's is visible.", &["VpcNotFound"]),
    ("There are no RAM users and no policies: a key is its account.", &[
        "Forbidden.NotSupportRAM", "Forbidden.RAM", "Forbidden.SubUser", "Forbidden.Unauthorized",
    ]),
    ("Features are the same in every region.", &["Forbidden.RegionId", "InvalidRegion.NotSupport", "OperationDenied.ResourceControl"]),
    ("Another spelling, or an older form, of a row that is reached: InvalidAccessKeyId.NotFound 404.", &["InvalidAccessKeyId.NotFound 400"]),
    ("Another spelling: InvalidAction.NotFound.", &["InvalidAction"]),
    ("Another spelling: IdempotentParameterMismatch.", &["InvalidIdempotenceParameter.Mismatch"]),
    ("Another spelling: MissingParameter; empty is absent.", &["InvalidParameter.IsNull"]),
    ("Another spelling: InvalidPeriod.", &["MissingParamter"]),
    ("Another spelling: InvalidParameter.Conflict, or the code of the parameter.", &["InvalidParameter.NotMatch"]),
    ("Another spelling: InvalidInternetMaxBandwidthIn.Malformed and InvalidInternetMaxBandwidthOut.Malformed.", &["InvalidParameter.Bandwidth"]),
    ("Another spelling: InvalidHostName.Malformed.", &["HOSTNAME_ILLEGAL"]),
    ("Another spelling: InvalidPassword.Malformed.", &["InvalidHostPassword.Malformed"]),
    ("Another spelling: InvalidSecurityGroupId.NotFound.", &["InvalidSecurityGroupId"]),
    ("Another spelling: InvalidDataDiskSnapshotId.NotFound.", &["InvalidSnapshotId.NotFound"]),
    ("Another spelling: InvalidDataDiskCategory.ValueNotSupported, InvalidSystemDiskCategory.ValueNotSupported.", &["InvalidDiskCategory.ValueNotSupported"]),
    ("Another spelling: InvalidDiskCategory.NotSupported.", &["InvalidDataDiskCategory.NotSupported", "OperationDenied.DiskTypeNotSupport", "OperationDenied.LocalDiskUnsupported"]),
    ("Another spelling: CategoryNotSupported.", &["OperationDenied.ZoneSystemCategoryNotMatch"]),
    ("Another spelling: InvalidDiskCategory.Mismatch 400.", &["InvalidDiskCategory.Mismatch 403"]),
    ("Another spelling: InstanceDiskCategoryLimitExceed 400.", &["InstanceDiskCategoryLimitExceed 403"]),
    ("Another spelling: InstanceDiskNumber.LimitExceed.", &["InstanceDiskNumLimitExceed"]),
    ("Another spelling: InvalidSystemDiskSize.ValueNotSupported.", &["InvalidDisk.SystemDiskSize", "InvalidSystemDiskSize.LessThanMinSize"]),
    ("Another spelling: DeleteWithInstance.Conflict.", &["InvalidDiskIds.NotPortable"]),
    ("Another spelling: the InvalidSnapshotId codes, and InvalidDataDiskSize.ValueNotSupported.", &[
        "OperationDenied.SnapshotNotAllowed", "OperationDenied.SnapshotNotValid", "OperationDenied.SnapshotParamsNotValid",
    ]),
    ("Another spelling: InvalidParameter.Mismatch.", &["OperationDenied.InconsistentNetwork"]),
    ("Another spelling: Zone.NotOnSale 403.", &["Zone.NotOnSale 400", "InvalidVpcZone.NotSupported", "OperationDenied.ZoneNotAllowed"]),
    ("Another spelling: InvalidInstanceType.ZoneNotSupported, InvalidDiskCategory.NotSupported or CategoryNotSupported, whichever part of the combination is at fault.", &["InvalidResourceType.NotSupported"]),
    ("Another spelling: the code of what does not suit the type.", &["InvalidInstanceType.NotSupported 403"]),
    ("Another spelling: RegionUnauthorized 403.", &["RegionUnauthorized 400"]),
    ("Another spelling: InvalidPayMethod.", &["PaymentMethodNotFound", "InvalidAccountStatus.NotEnoughBalance"]),
    ("Another spelling: InsufficientBalance 403.", &["InsufficientBalance 400"]),
    ("Another spelling: QuotaExceed.PostPaidDisk; there is one quota of disks.", &["QuotaExceed.PortableCloudDisk"]),
    ("Another spelling: InvalidTagCount.", &["QuotaExceed.Tags"]),
    ("Another spelling: InvalidDedicatedHostStatus.NotSupport.", &["IncorrectDedicatedHostStatus"]),
    ("Another spelling: IncorrectInstanceStatus; a client would repeat a 5xx for ever.", &["InstanceNotReady"]),
    ("Another spelling: the code of what the account may not do.", &["OperationDenied 400 RunInstances", "OperationDenied 400 CreateInstance"]),
    ("Another spelling: a failure of ours is InternalError.", &["UnknownError", "InnerServiceFailed"]),
    ("What nothing knows is ignored, and what is known is served.", &["UnsupportedParameter"]),
    ("No attribute needs an instance that is paid for in advance.", &["ChargeTypeViolation 400"]),
    ("Disks are ready as soon as their instance is, and go with it.", &["DiskError"]),
    ("Disks have no actions of their own that could name one.", &["InvalidDiskId.NotFound", "CategoryViolation"]),
    ("There are no route tables.", &["DependencyViolation.RouteEntry"]),
    ("Interfaces are not linked with each other.", &["InvalidOperation.EniLinked"]),
    ("Interfaces have no queues: their number is kept, and nothing acts on it.", &[
        "InvalidOperation.ExceedInstanceTypeQueueNumber", "InvalidOperation.MaxEniQueueNumberExceeded",
    ]),
    ("No other product manages anything here.", &["InvalidOperation.ResourceManagedByCloudProduct"]),
    ("There is no recycle bin in this dialect.", &["IncorrectRecycleBinStatus"]),
    ("The retired ClusterId is kept and never looked up: there are no such clusters.", &["InvalidClusterId.NotFound"]),
    ("An image that is not there has no origin: it is InvalidImageId.NotFound.", &["InvalidMarketImage.NotFound"]),
    ("Images have no charge type.", &["InvalidMarketImageChargeType.NotSupport"]),
    ("Every image can grow.", &["InvalidSystemDiskSize.ImageNotSupportResize"]),
    ("The members of a deployment set are not counted, and may have any type.", &[
        "QuotaExceed.DeploymentSetInstanceQuotaFull", "InvalidInstanceType.NotSupported 400",
    ]),
    ("The only charge type a dedicated host refuses is PrePaid on one that is not, and that is ChargeTypeViolation.PostPaidDedicatedHost.", &["InvalidInstanceChargeType.NotSupport"]),
    ("Instances are not counted by VPC.", &["QuotaExceeded"]),
    ("Of two readings the milder one is taken: All says nothing beside keys that are named.", &["Param.Conflict"]),
    ("Every account may look at its events.", &["OperationDenied.NotInWhiteList"]),
    ("Another spelling: InvalidSourceGroupId.NotFound.", &["InvalidSourceGroup.NotFound"]),
    ("The actions on tags have no parameter of this name any more.", &["Invalid.Scope"]),
];

/// What a recipe cannot bring about, because it takes more than one request and a world: the row, and
/// the test that does.
pub(crate) const ELSEWHERE: &[(&str, &str)] = &[
    ("ServiceUnavailable", "overload_is_told_at_once_and_changes_nothing"),
    ("IncompleteSignature", "every_required_header_has_to_be_signed"),
    ("Throttling", "authentication_goes_key_window_signature_nonce"),
    ("InternalError", "dry_runs_and_the_store"),
];
