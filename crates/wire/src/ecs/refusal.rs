//! What a client reads when the fleet refuses: one match per kind of refusal. What is refused and
//! in which order is the fleet's business; the words are `contract/ecs-run-instances.md` section 2,
//! `contract/lifecycle.md` section 3 and `contract/ecs-actions.md` sections 5 and 6.

use fleet::{
    AfterCreation, LaunchRefusal, Limit, Needed, NetworkRefusal, PowerRefusal, ReleaseRefusal, Status, Verb,
};

use super::{Code, Fault};

/// Why nothing is launched. What becomes of the instances says which action asked:
/// `RunInstances` starts them, `CreateInstance` leaves its one stopped.
#[must_use]
pub fn launch(refusal: &LaunchRefusal, after: AfterCreation) -> Fault {
    use LaunchRefusal as R;
    match refusal {
        R::UnknownRegion(_) => Fault::new(Code::INVALID_REGION_ID_NOT_FOUND).about("RegionId"),
        R::TokenReused => Fault::new(Code::IDEMPOTENT_PARAMETER_MISMATCH).about("ClientToken"),
        // The key is good, and whoever runs the server has opened no account for it.
        R::UnknownAccount(_) => Fault::new(Code::FORBIDDEN_UNAUTHORIZED),
        R::UnknownZone(_) => Fault::new(Code::INVALID_ZONE_ID_NOT_FOUND).about("ZoneId"),
        R::ZoneClosed(_) => Fault::new(Code::ZONE_NOT_ON_SALE).about("ZoneId"),
        R::Missing(needed) => missing(*needed),
        R::UnknownImage(_) => Fault::new(Code::INVALID_IMAGE_ID_NOT_FOUND).about("ImageId"),
        R::UnknownInstanceType(_) => {
            Fault::new(Code::INVALID_INSTANCE_TYPE_VALUE_NOT_SUPPORTED).about("InstanceType")
        }
        R::UnknownGroup(_) => Fault::new(Code::INVALID_SECURITY_GROUP_ID_NOT_FOUND).about("SecurityGroupId"),
        R::UnknownSubnet(_) => Fault::new(unknown_subnet(after)).about("VSwitchId"),
        R::ImageNotAvailable(_) => Fault::new(Code::INCORRECT_IMAGE_STATUS).about("ImageId"),
        R::NotSoldInZone { .. } => {
            Fault::new(Code::INVALID_INSTANCE_TYPE_ZONE_NOT_SUPPORTED).about("InstanceType")
        }
        R::TypeClosed(label) => {
            let detail = format!("The specified InstanceType {label} is no longer available for sale.");
            Fault::with(Code::INSTANCE_TYPE_OFFLINE, detail).about("InstanceType")
        }
        R::ImageNotForType { .. } => Fault::new(Code::IMAGE_NOT_SUPPORT_INSTANCE_TYPE).about("ImageId"),
        R::GroupElsewhere { .. } => Fault::new(Code::INVALID_PARAMETER_MISMATCH_VPC).about("SecurityGroupId"),
        R::SubnetElsewhere { .. } => Fault::new(Code::INVALID_PARAMETER_MISMATCH_ZONE).about("VSwitchId"),
        R::AddressOutside(_) => Fault::new(Code::INVALID_PRIVATE_IP_ADDRESS).about("PrivateIpAddress"),
        R::AddressReserved(address) => {
            let detail =
                format!("The specified PrivateIpAddress {address} is reserved by the virtual switch.");
            Fault::with(Code::INVALID_VSWITCH_ID_IP_INVALID, detail).about("PrivateIpAddress")
        }
        R::AddressTaken(_) => {
            Fault::new(Code::INVALID_PRIVATE_IP_ADDRESS_DUPLICATED).about("PrivateIpAddress")
        }
        R::OneAddressForMany(wanted) => {
            let detail = format!("The Amount {wanted} must be 1 when PrivateIpAddress is specified.");
            Fault::with(Code::INVALID_PARAM_AMOUNT, detail).about("Amount")
        }
        R::HostNameForImage => Fault::new(Code::INVALID_HOST_NAME_MALFORMED).about("HostName"),
        R::Short(shortage) => Fault::new(short(shortage.binding, after)),
        // This dialect has no words to ask for bare metal.
        R::BareMetal(_) | R::IdsExhausted => failed(),
    }
}

fn missing(needed: Needed) -> Fault {
    match needed {
        Needed::Image => Fault::new(Code::MISSING_PARAMETER_IMAGE_ID).about("ImageId"),
        Needed::InstanceType => Fault::new(Code::MISSING_PARAMETER_INSTANCE_TYPE).about("InstanceType"),
        Needed::Group => Fault::missing("SecurityGroupId"),
        Needed::Subnet => Fault::missing("VSwitchId"),
    }
}

/// Rules N-05 and N-06: one code, two statuses.
const fn unknown_subnet(after: AfterCreation) -> Code {
    match after {
        AfterCreation::Start => Code::INVALID_VSWITCH_ID_NOT_FOUND,
        AfterCreation::Stay => Code::INVALID_VSWITCH_ID_NOT_FOUND_CREATE_INSTANCE,
    }
}

/// What ran out. Money is short only where it is paid in advance, and seed 002 says of that charge
/// type: an account without sufficient credit is answered `InvalidPayMethod` (rule C-09).
const fn short(binding: Limit, after: AfterCreation) -> Code {
    match binding {
        Limit::Quota => Code::QUOTA_EXCEED_AFTERPAY_INSTANCE,
        Limit::Money => Code::INVALID_PAY_METHOD,
        Limit::GroupPlaces => Code::SECURITY_GROUP_INSTANCE_LIMIT_EXCEED,
        Limit::Addresses => Code::QUOTA_EXCEEDED_PRIVATE_IP_ADDRESS,
        Limit::Stock => out_of_stock(after),
    }
}

/// Rules: one code, two messages.
const fn out_of_stock(after: AfterCreation) -> Code {
    match after {
        AfterCreation::Start => Code::OPERATION_DENIED_NO_STOCK,
        AfterCreation::Stay => Code::OPERATION_DENIED_NO_STOCK_CREATE_INSTANCE,
    }
}

/// Why an instance does not do what `verb` asks.
#[must_use]
pub fn power(refusal: &PowerRefusal, verb: Verb) -> Fault {
    match refusal {
        PowerRefusal::Unknown(_) => unknown_instance(),
        PowerRefusal::WrongStatus(status) => Fault::new(wrong_status(*status, verb)),
    }
}

/// Why an instance is not released.
#[must_use]
pub fn release(refusal: &ReleaseRefusal) -> Fault {
    match refusal {
        ReleaseRefusal::Unknown(_) => unknown_instance(),
        ReleaseRefusal::Protected => Fault::new(Code::INVALID_OPERATION_DELETION_PROTECTION),
        // Only the bin asks for promises, and this dialect has none.
        ReleaseRefusal::Promised | ReleaseRefusal::PaidFor(_) => Fault::new(Code::CHARGE_TYPE_VIOLATION),
        // Force changes which statuses are wrong, not how the wrong ones are told.
        ReleaseRefusal::WrongStatus(status) => Fault::new(wrong_status(*status, Verb::Release)),
    }
}

fn unknown_instance() -> Fault {
    Fault::new(Code::INVALID_INSTANCE_ID_NOT_FOUND).about("InstanceId")
}

/// How a status that forbids `verb` is told: `contract/lifecycle.md` section 3. What is still being
/// made has a code of its own, except for a start.
const fn wrong_status(status: Status, verb: Verb) -> Code {
    match (status, verb) {
        (
            Status::Pending,
            Verb::Stop
            | Verb::Reboot
            | Verb::Release
            | Verb::ForceRelease
            | Verb::Restart
            | Verb::Bin
            | Verb::Empty
            | Verb::Reinstall,
        ) => Code::INCORRECT_INSTANCE_STATUS_INITIALIZING,
        (Status::Pending, Verb::Start)
        | (
            Status::Installing
            | Status::Starting
            | Status::Running
            | Status::Stopping
            | Status::Stopped
            | Status::Blank
            | Status::Binned
            | Status::Failed
            | Status::Releasing,
            Verb::Start
            | Verb::Stop
            | Verb::Reboot
            | Verb::Release
            | Verb::ForceRelease
            | Verb::Restart
            | Verb::Bin
            | Verb::Empty
            | Verb::Reinstall,
        ) => Code::INCORRECT_INSTANCE_STATUS,
    }
}

/// Why a VPC, a vSwitch or a security group is not made. Where two of the three actions can be
/// refused alike, they are told alike.
#[must_use]
pub fn network(refusal: &NetworkRefusal) -> Fault {
    use NetworkRefusal as R;
    match refusal {
        R::UnknownRegion(_) => Fault::new(Code::INVALID_REGION_ID_NOT_FOUND).about("RegionId"),
        R::UnknownZone(_) => Fault::new(Code::INVALID_ZONE_ID_NOT_FOUND).about("ZoneId"),
        R::UnknownNetwork(_) => Fault::new(Code::INVALID_VPC_ID_NOT_FOUND).about("VpcId"),
        // Labels are drawn for clients; one that was given by hand was in the way.
        R::LabelTaken(_) => Fault::new(Code::OPERATION_CONFLICT),
        R::NotPrivate(_) => Fault::new(Code::INVALID_PARAMETER_CIDR_BLOCK).about("CidrBlock"),
        R::OutsideNetwork { .. } => Fault::new(Code::INVALID_PARAMETER_CIDR_BLOCK_IN_VPC).about("CidrBlock"),
        R::Overlaps { .. } => Fault::new(Code::INVALID_CIDR_BLOCK_OVERLAPPED).about("CidrBlock"),
        R::TooManySubnets => Fault::new(Code::QUOTA_EXCEEDED_VSWITCH),
        R::IdsExhausted => failed(),
    }
}

/// A dry run that would have succeeded (rule X-05).
#[must_use]
pub const fn rehearsed() -> Fault {
    Fault::new(Code::DRY_RUN_OPERATION)
}

/// Too much is going on. Nothing happened, and the client may try again.
#[must_use]
pub const fn busy() -> Fault {
    Fault::new(Code::SERVICE_UNAVAILABLE)
}

/// The failure is ours. The client learns no more than that. Never after a commit: clients repeat it.
#[must_use]
pub const fn failed() -> Fault {
    Fault::new(Code::INTERNAL_ERROR)
}

#[cfg(test)]
mod tests;
