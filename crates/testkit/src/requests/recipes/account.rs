//! Launches that the account cannot have: what it may not do, and how much it may have.

use crate::requests::recipe::{Recipe, create, run};

#[rustfmt::skip]
pub(in crate::requests) const RECIPES: &[Recipe] = &[
    run("Q-01", 400, "QuotaExceed.AfterpayInstance", "").terms("quotas = { postpaid = 1 }"),
    create("Q-01", 400, "QuotaExceed.AfterpayInstance", "").terms("quotas = { postpaid = 1 }"),
    run("", 403, "QuotaExceed.ElasticQuota", "").terms("quotas = { cpus = 1 }"),
    create("", 403, "QuotaExceed.PostPaidDisk", "").terms("quotas = { disks = 1 }"),
    run("Q-02", 400, "Account.Arrearage", "").terms("bars = ['arrears']"),
    run("", 403, "RealNameAuthenticationError", "").terms("bars = ['unverified']"),
    run("C-09", 403, "InvalidPayMethod", "InstanceChargeType=PrePaid&Period=1").terms("bars = ['no_pay_method']"),
    create("", 400, "OperationDenied.IllegalPaymentPolicy", "").terms("bars = ['pay_agreement']"),
    run("", 403, "InvalidInstance.UnPaidOrder", "").terms("bars = ['unpaid_order']"),
    run("", 400, "InvalidSpotAliUid", "SpotStrategy=SpotAsPriceGo").terms("bars = ['spot']"),
    create("", 400, "InvalidSpotAuthorized", "SpotStrategy=SpotAsPriceGo").terms("bars = ['spot']"),
    run("", 403, "InvalidUserData.Forbidden", "UserData=AAAA").terms("bars = ['user_data']"),
    run("", 403, "InvalidUser.PassRoleForbidden", "RamRoleName=role-ecs").terms("bars = ['roles']"),
    run("", 403, "Forbbiden", "ImageId=img-others").terms("bars = ['resources']"),
    run("", 400, "InvalidParameter.Encrypted.KmsNotEnabled", "DataDisk.1.Size=40&DataDisk.1.Encrypted=true").terms("bars = ['key_service']"),
    run("", 403, "UserNotInTheWhiteList", "DataDisk.1.Size=40&DataDisk.1.Encrypted=true&DataDisk.1.KMSKeyId=key-on").terms("bars = ['own_keys']"),
    run("", 403, "InvalidParameter.KMSKeyId.KMSUnauthorized", "DataDisk.1.Size=40&DataDisk.1.Encrypted=true&DataDisk.1.KMSKeyId=key-on").terms("bars = ['key_grant']"),
    run("", 403, "RegionUnauthorized", "").terms("bars = ['region:cn-hangzhou']"),
    run("", 403, "Zone.NotOpen", "").terms("bars = ['zone:cn-hangzhou-g']"),
    run("", 400, "InvalidInstanceType.ValueUnauthorized", "").terms("bars = ['instance_type:ecs.g5.large']"),
    create("", 400, "InvalidInstanceType.ValueUnauthorized", "").terms("bars = ['instance_type:ecs.g5.large']"),
    run("", 403, "InvalidSystemDiskCategory.ValueUnauthorized", "SystemDisk.Category=cloud_ssd").terms("bars = ['disk:ssd']"),
    run("", 403, "ImageNotSubscribed", "ImageId=img-market").terms("bars = ['image_subscription:img-market']"),
    run("", 403, "QuotaExceed.BuyImage", "ImageId=img-market").terms("bars = ['image_purchase:img-market']"),
    create("", 403, "QuotaExceed.BuyImage", "ImageId=img-market").terms("bars = ['image_purchase:img-market']"),
    create("", 403, "OperationDenied.ImageNotValid", "ImageId=img-others").terms("bars = ['image_share:img-others']"),
];
