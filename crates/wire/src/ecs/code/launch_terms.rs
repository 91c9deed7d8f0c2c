//! Codes of RunInstances and CreateInstance: charging, hosts, tags, the rest (rules C, S, H, T, X, Q).

use super::Message::{Dynamic, Fixed};
use super::{Code, codes};

codes! {
    TERMS;

    /// Rule C-01: `InstanceChargeType` neither `PrePaid` nor `PostPaid`.
    INVALID_INSTANCE_CHARGE_TYPE_NOT_FOUND = 404 "InvalidInstanceChargeType.NotFound"
        Fixed("The InstanceChargeType does not exist in our records");
    /// Rule C-02: `PrePaid` and Period absent or not in the list of its unit.
    INVALID_PERIOD = 400 "InvalidPeriod"
        Fixed("The specified period is not valid.");
    /// Rule C-03: `PeriodUnit` neither Week nor Month.
    INVALID_PERIOD_TYPE_VALUE_NOT_SUPPORTED = 400 "InvalidPeriodType.ValueNotSupported"
        Fixed("The specified parameter PeriodType is invalid.");
    /// Rule C-04: `PeriodUnit` neither Week nor Month.
    INVALID_PERIOD_UNIT_VALUE_NOT_SUPPORTED = 400 "InvalidPeriodUnit.ValueNotSupported"
        Fixed("The specified parameter PeriodUnit is not valid.");
    /// Rule C-05: `AutoRenew`=true, `PrePaid`, `AutoRenewPeriod` not in the list of its unit (C: or absent).
    INVALID_AUTO_RENEW_PERIOD_VALUE_NOT_SUPPORTED = 400 "InvalidAutoRenewPeriod.ValueNotSupported"
        Fixed("The specified autoRenewPeriod is not valid.");
    /// Rule C-06: `DeletionProtection`=true and not `PostPaid`.
    INVALID_CHARGE_TYPE_VALUE_NOT_SUPPORTED = 403 "InvalidChargeType.ValueNotSupported"
        Fixed("The operation is not permitted due to deletion protection only support postPaid instance");
    /// Rule C-07: `AutoReleaseTime` malformed, under 30 minutes ahead, or over 3 years ahead.
    INVALID_AUTO_RELEASE_TIME_MALFORMED = 400 "InvalidAutoReleaseTime.Malformed"
        Fixed("The specified parameter AutoReleaseTime is not valid.");
    /// Rule C-08: `AutoReleaseTime` with `PrePaid`.
    CHARGE_TYPE_VIOLATION = 403 "ChargeTypeViolation"
        Fixed("The operation is not permitted due to charge type of the instance.");
    /// Rule C-09: `PrePaid` and the account cannot pay (account model).
    INVALID_PAY_METHOD = 403 "InvalidPayMethod"
        Fixed("The specified pay method is not valid.");
    /// Rule S-01: `SpotStrategy` unknown.
    INVALID_SPOT_STRATEGY = 400 "InvalidSpotStrategy"
        Fixed("The specified SpotStrategy is not valid.");
    /// Rule S-02: `SpotStrategy` other than `NoSpot` with `PrePaid`.
    INVALID_SPOT_PREPAID = 400 "InvalidSpotPrepaid"
        Fixed("The specified Spot type is not support PrePay Instance.");
    /// Rule S-03: `SpotWithPriceLimit` and `SpotPriceLimit` absent, not positive or with more than 3 decimals.
    INVALID_SPOT_PRICE_LIMIT = 400 "InvalidSpotPriceLimit"
        Fixed("The specified SpotPriceLimitis not valid.");
    /// Rule S-04: `SpotPriceLimit` below the current price.
    INVALID_SPOT_PRICE_LIMIT_LOWER_THAN_PUBLIC_PRICE = 400 "InvalidSpotPriceLimit.LowerThanPublicPrice"
        Fixed(r#"The specified parameter "spotPriceLimit" can't be lower than current public price."#);
    /// Rule S-05: `SpotInterruptionBehavior` unknown (seeds: anything but Terminate).
    INVALID_SPOT_INTERRUPTION_BEHAVIOR = 400 "InvalidSpotInterruptionBehavior"
        Dynamic;
    /// Rule S-06: `SpotDuration` not 0 or 1.
    INVALID_SPOT_DURATION = 400 "InvalidSpotDuration"
        Fixed("The specified SpotDuration is not valid.");
    /// Rule H-01: `DedicatedHostId` unknown.
    INVALID_DEDICATED_HOST_ID_NOT_FOUND = 400 "InvalidDedicatedHostId.NotFound"
        Fixed("The specified DedicatedHostId does not exist.");
    /// Rule H-02: dedicated host lacks room.
    LACK_RESOURCE = 400 "LackResource"
        Fixed("There's no enough resource on the specified dedicated host.");
    /// Rule H-03: `PrePaid` on a `PostPaid` dedicated host.
    CHARGE_TYPE_VIOLATION_POST_PAID_DEDICATED_HOST = 400 "ChargeTypeViolation.PostPaidDedicatedHost"
        Fixed("Prepaid instance onto postpaid dedicated host is not allowed.");
    /// Rule H-04: Tenancy neither default nor host.
    INVALID_PARAM_TENANCY = 400 "InvalidParam.Tenancy"
        Fixed("The specified Tenancy is invalid.");
    /// Rule H-05: `DeploymentSetId` unknown.
    DEPLOYMENT_SET_NOT_FOUND = 404 "DeploymentSet.NotFound"
        Fixed("The specified deployment set does not exist.");
    /// Rule H-06: `DeploymentSetId` with a dedicated host.
    INVALID_DEPLOYMENT_ON_HOST = 400 "InvalidDeploymentOnHost"
        Dynamic;
    /// Rule H-07: SCC type without `HpcClusterId`.
    INVALID_HPC_CLUSTER_ID_NECESSARY = 400 "InvalidHpcClusterId.Necessary"
        Fixed("The HpcClusterId is necessary.");
    /// Rule H-08: `HpcClusterId` with an ordinary type.
    INVALID_HPC_CLUSTER_ID_UNNECESSARY = 400 "InvalidHpcClusterId.Unnecessary"
        Fixed("The specified HpcClusterId is unnecessary.");
    /// Rule T-01: tag key empty, too long, forbidden prefix or URL.
    INVALID_TAG_KEY_MALFORMED = 400 "InvalidTagKey.Malformed"
        Fixed("The specified Tag.n.Key is not valid.");
    /// Rule T-02: tag value too long or forbidden content.
    INVALID_TAG_VALUE_MALFORMED = 400 "InvalidTagValue.Malformed"
        Fixed("The specified Tag.N.Value is not valid.");
    /// Rule T-03: N above 20.
    INVALID_TAG_COUNT = 400 "InvalidTagCount"
        Fixed("The specified tags are beyond the permitted range.");
    /// Rule T-04: same key twice.
    DUPLICATE_TAG_KEY = 400 "Duplicate.TagKey"
        Fixed("The Tag.N.Key contain duplicate key.");
    /// Rule T-05: `Tag.N.Value` without `Tag.N.Key`.
    INVALID_TAG_MISMATCH = 400 "InvalidTag.Mismatch"
        Fixed("The specified Tag.n.Key and Tag.n.Value are not match.");
    /// Rule X-01: `RamRoleName` unknown.
    INVALID_RAM_ROLE_NOT_FOUND = 404 "InvalidRamRole.NotFound"
        Fixed(r#"The specified parameter "RAMRoleName" does not exist."#);
    /// Rule X-02: `CreditSpecification` not Standard/Unlimited, or a non-burstable type.
    INVALID_PARAMETER_CREDIT_SPECIFICATION = 400 "InvalidParameter.CreditSpecification"
        Fixed("The specified CreditSpecification is not supported in this region.");
    /// Rule X-03: `ResourceGroupId` unknown.
    INVALID_RESOURCE_GROUP_NOT_FOUND = 404 "InvalidResourceGroup.NotFound"
        Fixed("The ResourceGroup provided does not exist in our records.");
    /// Rule X-05: `DryRun`=true and every check above passed: nothing created, no token recorded.
    DRY_RUN_OPERATION = 400 "DryRunOperation"
        Fixed("Request validation has been passed with DryRun flag set.");
    /// Rule X-06: `HttpEndpoint` not enabled/disabled.
    INVALID_HTTP_ENDPOINT_NOT_SUPPORTED = 400 "InvalidHttpEndpoint.NotSupported"
        Fixed("The specified HttpEndpoint not supported, you can use enabled(default) or disabled.");
    /// Rule X-07: `HttpTokens` not optional/required.
    INVALID_HTTP_TOKENS_NOT_SUPPORTED = 400 "InvalidHttpTokens.NotSupported"
        Fixed("The specified HttpTokens not supported, you can use optional(default) or required.");
    /// Table of RunInstances, newer document: hop limit out of range.
    INVALID_HTTP_PUT_RESPONSE_HOP_LIMIT_NOT_SUPPORTED = 400 "InvalidHttpPutResponseHopLimit.NotSupported"
        Fixed("The specified HttpPutResponseHopLimit not supported, more than 1 and less than 64 is reasonable.");
    /// Rule X-08: `PrivatePoolOptions.MatchCriteria`=Target without Id.
    MISSING_PARAMETER_PRIVATE_POOL_OPTIONS_ID = 400 "MissingParameter.PrivatePoolOptionsId"
        Fixed("The specified PrivatePoolOptions.Id should not be null.");
    /// Rule X-09: `PrivatePoolOptions.Id` with a `MatchCriteria` other than Target.
    INVALID_PRIVATE_POOL_OPTIONS_ID = 400 "Invalid.PrivatePoolOptionsId"
        Fixed("The parameter PrivatePoolOptions.Id should be null when PrivatePoolOptions.MatchCriteria is not Target.");
    /// Rule Q-01: account cap on pay-as-you-go instances (account model).
    QUOTA_EXCEED_AFTERPAY_INSTANCE = 400 "QuotaExceed.AfterpayInstance"
        Fixed("The maximum number of Pay-As-You-Go instances is exceeded.");
    /// Rule Q-02: account has unpaid bills (account model).
    ACCOUNT_ARREARAGE = 400 "Account.Arrearage"
        Fixed("Your account has an outstanding payment.");
}
