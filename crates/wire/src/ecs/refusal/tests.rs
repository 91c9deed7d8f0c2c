//! One row for every refusal: what each action answers, word for word.

use std::net::Ipv4Addr;

use fleet::{AccountId, InstanceId, Label, Serial, Shortage, SubnetBlock, Time, Wanted};

use super::*;

fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

fn told(fault: &Fault) -> String {
    format!("{} {}: {}", fault.code.status, fault.code.code, fault.message())
}

fn shortage(binding: Limit) -> LaunchRefusal {
    LaunchRefusal::Short(Shortage {
        binding,
        wanted: Wanted::ONE,
        quota: 0,
        money: Some(0),
        group_places: 0,
        addresses: 0,
        stock: 0,
    })
}

/// Every refusal of a launch, how it is told for `RunInstances`, and for `CreateInstance` where that differs.
fn launches() -> Vec<(LaunchRefusal, &'static str, Option<&'static str>)> {
    use LaunchRefusal as R;
    let address = Ipv4Addr::new(192, 168, 1, 1);
    let (x, y) = (label("x"), label("y"));
    vec![
        (
            R::UnknownRegion(x.clone()),
            "404 InvalidRegionId.NotFound: The specified RegionId does not exist.",
            None,
        ),
        (
            R::TokenReused,
            "400 IdempotentParameterMismatch: The request is retried with updated parameters.",
            None,
        ),
        (
            R::UnknownAccount(AccountId(7)),
            "403 Forbidden.Unauthorized: User not authorized to operate on the specified resource.",
            None,
        ),
        (R::UnknownZone(x.clone()), "404 InvalidZoneId.NotFound: The specified zoneId does not exist.", None),
        (
            R::ZoneClosed(x.clone()),
            "403 Zone.NotOnSale: The resource in the specified zone is no longer available for sale. Please try other regions and zones.",
            None,
        ),
        (
            R::Missing(Needed::Image),
            "400 MissingParameter: The input parameter ImageId that is mandatory for processing this request is not supplied.",
            None,
        ),
        (
            R::Missing(Needed::InstanceType),
            "400 MissingParameter: The input parameter InstanceType that is mandatory for processing this request is not supplied.",
            None,
        ),
        (
            R::Missing(Needed::Group),
            r#"400 MissingParameter: The input parameter "SecurityGroupId" that is mandatory for processing this request is not supplied."#,
            None,
        ),
        (
            R::Missing(Needed::Subnet),
            r#"400 MissingParameter: The input parameter "VSwitchId" that is mandatory for processing this request is not supplied."#,
            None,
        ),
        (
            R::UnknownImage(x.clone()),
            "404 InvalidImageId.NotFound: The specified ImageId does not exist.",
            None,
        ),
        (
            R::UnknownInstanceType(x.clone()),
            "400 InvalidInstanceType.ValueNotSupported: The specified InstanceType does not exist or beyond the permitted range.",
            None,
        ),
        (
            R::UnknownGroup(x.clone()),
            "404 InvalidSecurityGroupId.NotFound: The specified SecurityGroupId does not exist.",
            None,
        ),
        (
            R::UnknownSubnet(x.clone()),
            "404 InvalidVSwitchId.NotFound: Specified virtual switch does not exist.",
            Some("403 InvalidVSwitchId.NotFound: The VSwitchId provided does not exist in our records."),
        ),
        (
            R::ImageNotAvailable(x.clone()),
            "400 IncorrectImageStatus: The specified Image is not available.",
            None,
        ),
        (
            R::NotSoldInZone { instance_type: x.clone(), zone: y.clone() },
            "403 InvalidInstanceType.ZoneNotSupported: The specified zone does not support this instancetype.",
            None,
        ),
        (
            R::TypeClosed(x.clone()),
            "403 InstanceType.Offline: The specified InstanceType x is no longer available for sale.",
            None,
        ),
        (
            R::ImageNotForType { image: x.clone(), instance_type: y.clone() },
            "403 ImageNotSupportInstanceType: The specified image does not support the specified InstanceType.",
            None,
        ),
        (
            R::GroupElsewhere { group: x.clone(), subnet: y.clone() },
            "400 InvalidParameter.Mismatch: Specified security group and virtual switch are not in the same VPC.",
            None,
        ),
        (
            R::SubnetElsewhere { subnet: x, zone: y },
            "400 InvalidParameter.Mismatch: Specified virtual switch is not in the specified zone.",
            None,
        ),
        (
            R::AddressOutside(address),
            "400 InvalidPrivateIpAddress: Specified private IP address is not in the CIDR block of virtual switch.",
            None,
        ),
        (
            R::AddressReserved(address),
            "403 InvalidVSwitchId.IpInvalid: The specified PrivateIpAddress 192.168.1.1 is reserved by the virtual switch.",
            None,
        ),
        (
            R::AddressTaken(address),
            "400 InvalidPrivateIpAddress.Duplicated: Specified private IP address is duplicated.",
            None,
        ),
        (
            R::OneAddressForMany(3),
            "403 InvalidParam.Amount: The Amount 3 must be 1 when PrivateIpAddress is specified.",
            None,
        ),
        (
            R::HostNameForImage,
            r#"400 InvalidHostName.Malformed: The specified parameter "HostName" is not valid."#,
            None,
        ),
        (
            shortage(Limit::Quota),
            "400 QuotaExceed.AfterpayInstance: The maximum number of Pay-As-You-Go instances is exceeded.",
            None,
        ),
        (shortage(Limit::Money), "403 InvalidPayMethod: The specified pay method is not valid.", None),
        (
            shortage(Limit::GroupPlaces),
            "403 SecurityGroupInstanceLimitExceed: The maximum number of instances in a security group is exceeded.",
            None,
        ),
        (
            shortage(Limit::Addresses),
            "400 QuotaExceeded.PrivateIpAddress: Don't have enough private IPs in this switch.",
            None,
        ),
        (
            shortage(Limit::Stock),
            "403 OperationDenied.NoStock: The resource is out of stock in the specified zone. Please try other types, or choose other regions and zones.",
            Some(
                "403 OperationDenied.NoStock: The requested resource is sold out in the specified zone; try other types of resources or other regions and zones.",
            ),
        ),
        (
            R::IdsExhausted,
            "500 InternalError: The request processing has failed due to some unknown error, exception or failure.",
            None,
        ),
    ]
}

#[test]
fn every_refusal_of_a_launch() {
    for (refusal, run, create) in launches() {
        assert_eq!(told(&launch(&refusal, AfterCreation::Start)), run, "{refusal}");
        assert_eq!(told(&launch(&refusal, AfterCreation::Stay)), create.unwrap_or(run), "{refusal}");
    }
}

const WRONG: &str =
    "403 IncorrectInstanceStatus: The current status of the resource does not support this operation.";
const INITIALIZING: &str = "403 IncorrectInstanceStatus.Initializing: The specified instance status does not support this operation.";
const UNKNOWN: &str = "404 InvalidInstanceId.NotFound: The specified InstanceId does not exist.";

#[test]
fn every_verb_in_every_status_that_forbids_it() {
    let table = "
        Pending    Start wrong  Stop initializing  Reboot initializing  Release initializing  ForceRelease initializing
        Installing Start wrong  Stop wrong         Reboot wrong         Release wrong         ForceRelease wrong
        Starting   Start wrong  Stop wrong         Reboot wrong         Release wrong         ForceRelease wrong
        Running    Start wrong  Stop -             Reboot -             Release wrong         ForceRelease -
        Stopping   Start wrong  Stop wrong         Reboot wrong         Release wrong         ForceRelease wrong
        Stopped    Start -      Stop wrong         Reboot wrong         Release -             ForceRelease -
        Blank      Start wrong  Stop wrong         Reboot wrong         Release -             ForceRelease -
        Binned     Start wrong  Stop wrong         Reboot wrong         Release wrong         ForceRelease wrong
        Failed     Start wrong  Stop wrong         Reboot wrong         Release -             ForceRelease -
        Releasing  Start wrong  Stop wrong         Reboot wrong         Release wrong         ForceRelease wrong";
    let mut actual = String::new();
    for status in Status::ALL {
        actual += &format!("\n{status:?}");
        for verb in [Verb::Start, Verb::Stop, Verb::Reboot, Verb::Release, Verb::ForceRelease] {
            let releases = matches!(verb, Verb::Release | Verb::ForceRelease);
            let told = match fleet::step(status, verb) {
                Some(_) => "-".to_owned(),
                None if releases => told(&release(&ReleaseRefusal::WrongStatus(status))),
                None => told(&power(&PowerRefusal::WrongStatus(status), verb)),
            };
            let word = match told.as_str() {
                WRONG => "wrong",
                INITIALIZING => "initializing",
                other => other,
            };
            actual += &format!(" {verb:?} {word}");
        }
    }
    let words = |text: &str| text.split_whitespace().map(String::from).collect::<Vec<_>>();
    assert_eq!(words(&actual), words(table));
}

#[test]
fn an_instance_that_is_not_there_is_told_alike_everywhere() {
    let id = InstanceId(Serial::LOWEST);
    for verb in Verb::ALL {
        assert_eq!(told(&power(&PowerRefusal::Unknown(id), verb)), UNKNOWN);
    }
    assert_eq!(told(&release(&ReleaseRefusal::Unknown(id))), UNKNOWN);
}

#[test]
fn what_holds_up_a_release() {
    for (refusal, expected) in [
        (
            ReleaseRefusal::Protected,
            "403 InvalidOperation.DeletionProtection: The operation is not allowed due to deletion protection.",
        ),
        (
            ReleaseRefusal::PaidFor(Time::END),
            "403 ChargeTypeViolation: The operation is not permitted due to charge type of the instance.",
        ),
    ] {
        assert_eq!(told(&release(&refusal)), expected, "{refusal}");
    }
}

#[test]
fn every_refusal_of_a_network() {
    use NetworkRefusal as R;
    let block = SubnetBlock::new("10.0.0.0/24".parse().unwrap()).unwrap().net();
    let x = label("x");
    for (refusal, expected) in [
        (R::UnknownRegion(x.clone()), "404 InvalidRegionId.NotFound: The specified RegionId does not exist."),
        (R::UnknownZone(x.clone()), "404 InvalidZoneId.NotFound: The specified zoneId does not exist."),
        (R::UnknownNetwork(x.clone()), "404 InvalidVpcId.NotFound: Specified VPC does not exist."),
        (
            R::LabelTaken(x.clone()),
            "409 OperationConflict: Request was denied due to conflict with a previous request.",
        ),
        (R::NotPrivate(block), "400 InvalidParameter: Specified CIDR block is not valid"),
        (
            R::OutsideNetwork { block, network: block },
            "400 InvalidParameter: Specified CIDR block is not valid in VPC.",
        ),
        (
            R::Overlaps { block, subnet: x, other: block },
            "400 InvalidCidrBlock.Overlapped: Specified CIDR block overlapped with other subnets.",
        ),
        (R::TooManySubnets, "400 QuotaExceeded.VSwitch: Virtual switch quota exceeded."),
        (
            R::IdsExhausted,
            "500 InternalError: The request processing has failed due to some unknown error, exception or failure.",
        ),
    ] {
        assert_eq!(told(&network(&refusal)), expected, "{refusal}");
    }
}

#[test]
fn dry_runs_and_the_store() {
    for (fault, expected) in [
        (rehearsed(), "400 DryRunOperation: Request validation has been passed with DryRun flag set."),
        (busy(), "503 ServiceUnavailable: The request has failed due to a temporary failure of the server."),
        (
            failed(),
            "500 InternalError: The request processing has failed due to some unknown error, exception or failure.",
        ),
    ] {
        assert_eq!(told(&fault), expected);
    }
}
