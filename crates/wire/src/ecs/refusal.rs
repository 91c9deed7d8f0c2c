//! What a client reads when the fleet refuses: one match per kind of refusal. What is refused and
//! in which order is the fleet's business; the words are `contract/ecs-run-instances.md` section 2,
//! `contract/lifecycle.md` section 3 and `contract/ecs-actions.md` sections 5 and 6.

mod launch;
mod resources;

use fleet::{
    AmendRefusal, Attribute, Charge, Edition, IncidentRefusal, NetworkRefusal, PowerRefusal,
    PublicAddressRefusal, ReleaseAllRefusal, ReleaseRefusal, SetReleaseRefusal, Status, TemplateRef,
    TemplateRefusal, Uneconomical, Verb,
};

use super::{Code, Fault};

pub use launch::launch;
pub use resources::{key_pair, once, removal, rules, tags};

/// Why an instance does not do what `verb` asks.
#[must_use]
pub fn power(refusal: &PowerRefusal, verb: Verb) -> Fault {
    use PowerRefusal as R;
    match refusal {
        R::Unknown(_) => unknown_instance(),
        R::Locked(_) => Fault::new(Code::INSTANCE_LOCKED_FOR_SECURITY),
        R::Unpaid(charge) => Fault::new(match (verb, charge) {
            (Verb::Start, Charge::PrePaid { .. }) => Code::INSTANCE_EXPIRED,
            (Verb::Start, Charge::PostPaid) => Code::INSUFFICIENT_BALANCE,
            // This dialect has no words for the last four.
            (
                Verb::Stop
                | Verb::Reboot
                | Verb::Release
                | Verb::ForceRelease
                | Verb::Restart
                | Verb::Bin
                | Verb::Empty
                | Verb::Reinstall,
                _,
            ) => Code::INSTANCE_EXPIRED_OR_IN_ARREARS,
        }),
        R::WrongStatus(status) => Fault::new(wrong_status(*status, verb)),
        R::Unconfirmed => Fault::new(Code::INSTANCE_TYPE_PARAMETER_MISMATCH).about("ConfirmStop"),
        R::Uneconomical(reason) => {
            let code = match reason {
                Uneconomical::PaidFor => Code::INVALID_INSTANCE_ID_NOT_SUPPORT_PRE_PAY,
                Uneconomical::Spot => Code::INVALID_INSTANCE_ID_NOT_SUPPORT_SPOT,
                Uneconomical::LocalDisks => Code::INVALID_INSTANCE_ID_NOT_SUPPORT_LOCAL_DISK,
            };
            Fault::new(code).about("StoppedMode")
        }
        R::NoStock(_) => Fault::new(Code::OPERATION_DENIED_NO_STOCK),
        R::BidTooLow => {
            let detail = "The price limit of the spot instance is lower than the public price.";
            Fault::with(Code::OPERATION_DENIED_SPOT_PRICE_LOWER_THAN_PUBLIC_PRICE, detail)
        }
    }
}

/// Why many instances are not released: as of one, but for what is not there.
#[must_use]
pub fn release_all(refusal: &ReleaseAllRefusal) -> Fault {
    match refusal {
        ReleaseAllRefusal::One(_, ReleaseRefusal::Unknown(_)) => {
            Fault::new(Code::INVALID_INSTANCE_IDS_NOT_FOUND).about("InstanceId")
        }
        ReleaseAllRefusal::One(_, refusal) => release(refusal),
        ReleaseAllRefusal::TokenReused => {
            Fault::new(Code::IDEMPOTENT_PARAMETER_MISMATCH).about("ClientToken")
        }
        ReleaseAllRefusal::IdsExhausted => failed(),
    }
}

/// Why an instance is not changed.
#[must_use]
pub fn amend(refusal: &AmendRefusal, edition: Edition) -> Fault {
    use AmendRefusal as R;
    match refusal {
        R::Unknown(_) => unknown_instance(),
        R::PaidFor => Fault::new(Code::CHARGE_TYPE_VIOLATION).about("DeletionProtection"),
        R::Locked => Fault::new(Code::INSTANCE_LOCKED_FOR_SECURITY),
        R::WrongStatus(attribute, status) => Fault::new(fixed_in(*attribute, *status)),
        R::UnknownGroup(_) => Fault::new(Code::INVALID_SECURITY_GROUP_ID_NOT_FOUND).about("SecurityGroupIds"),
        R::GroupElsewhere { .. } => {
            Fault::new(Code::INVALID_PARAMETER_MISMATCH_VPC).about("SecurityGroupIds")
        }
        R::GroupFull(_) => Fault::new(match edition {
            Edition::Seeds => Code::OPERATION_DENIED_GROUP_FULL,
            Edition::Newest | Edition::Either => Code::SECURITY_GROUP_INSTANCE_LIMIT_EXCEED_MODIFY,
        }),
        R::NotBurstable => {
            let detail = "The specified instance type does not support CreditSpecification.";
            Fault::with(Code::CREDIT_NOT_FOUND, detail).about("CreditSpecification")
        }
        R::HostNameForImage => Fault::new(Code::INVALID_HOST_NAME_MALFORMED).about("HostName"),
        R::PasswordForImage => Fault::new(Code::INVALID_PASSWORD_MALFORMED).about("Password"),
        R::UserDataBarred => Fault::new(Code::INVALID_USER_DATA_FORBIDDEN).about("UserData"),
        R::UserDataForImage => Fault::new(Code::INVALID_USER_DATA_NOT_SUPPORTED).about("UserData"),
    }
}

/// How a status that forbids changing `attribute` is told. Bursts have codes of their own: one when
/// the instance is off, one on its way between statuses.
const fn fixed_in(attribute: Attribute, status: Status) -> Code {
    match (attribute, status) {
        (Attribute::Credit, Status::Stopped | Status::Blank | Status::Failed) => {
            Code::INVALID_INSTANCE_STATUS_NOT_RUNNING
        }
        (
            Attribute::Credit,
            Status::Pending
            | Status::Installing
            | Status::Starting
            | Status::Running
            | Status::Stopping
            | Status::Binned
            | Status::Releasing,
        ) => Code::INVALID_INSTANCE_STATUS_CREDIT_SPEC_RESTRICTED,
        (
            Attribute::Name
            | Attribute::Description
            | Attribute::Protection
            | Attribute::Settings
            | Attribute::HostName
            | Attribute::Password
            | Attribute::UserData
            | Attribute::Groups,
            _,
        ) => Code::INCORRECT_INSTANCE_STATUS,
    }
}

/// Why an instance does not go by itself at the time that was asked for.
#[must_use]
pub fn set_release(refusal: SetReleaseRefusal) -> Fault {
    match refusal {
        SetReleaseRefusal::Unknown(_) => Fault::new(Code::NO_SUCH_RESOURCE).about("InstanceId"),
        SetReleaseRefusal::PaidFor => Fault::new(Code::CHARGE_TYPE_VIOLATION),
    }
}

/// Why an instance gets no public address.
#[must_use]
pub fn public_address(refusal: &PublicAddressRefusal) -> Fault {
    use PublicAddressRefusal as R;
    match refusal {
        R::Unknown(_) => unknown_instance(),
        R::Locked => Fault::new(Code::INSTANCE_LOCKED_FOR_SECURITY),
        R::Unpaid => Fault::new(Code::INSTANCE_EXPIRED_OR_IN_ARREARS),
        R::WrongStatus(_) => Fault::new(Code::INCORRECT_INSTANCE_STATUS),
        R::HasOne => Fault::new(Code::ALLOCATED_ALREADY),
        R::NoBandwidth => Fault::new(Code::ALLOCATE_IP_INVALID_INSTANCE_BANDWIDTH),
        R::NoneLeft(_) => Fault::new(Code::INSUFFICIENT_PUBLIC_IP),
    }
}

/// Why events are neither made up nor withdrawn.
#[must_use]
pub fn incident(refusal: IncidentRefusal) -> Fault {
    use IncidentRefusal as R;
    let with = |code, detail: &str| Fault::with(code, detail);
    match refusal {
        R::UnknownInstance(_) => unknown_instance(),
        R::Passed(_) => {
            with(Code::INVALID_NOT_BEFORE_PASSED, "The specified NotBefore has passed.").about("NotBefore")
        }
        R::TooMany(_) => with(
            Code::SIMULATED_EVENT_LIMIT_EXCEEDED,
            "The amount of simulated events of an instance exceeds its limit.",
        ),
        R::UnknownEvent(_) => unknown_event(),
        R::Real(_) => with(
            Code::CANNOT_CANCEL_SYSTEM_EVENT_NOT_SIMULATED,
            "The specified event is not a simulated one.",
        ),
        // Nothing that is asked for here is what the fleet itself brings about.
        R::NotToAnnounce => with(Code::INVALID_PARAMETER_SIMULATED, "The specified event is not simulated.")
            .about("EventType"),
        R::Over(_) => {
            with(Code::INVALID_PARAMETER_SIMULATED, "The specified event is over.").about("EventId")
        }
    }
}

/// There is no such event.
#[must_use]
pub fn unknown_event() -> Fault {
    Fault::with(Code::INVALID_EVENT_ID_NOT_FOUND, "The specified EventId does not exist.").about("EventId")
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

/// There is no such instance.
#[must_use]
pub fn unknown_instance() -> Fault {
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
        R::NetworkPending(_) => Fault::new(Code::INCORRECT_VPC_STATUS).about("VpcId"),
        R::NotIpv6Network(_) | R::NotIpv6Subnet(_) | R::Ipv6Taken { .. } => {
            Fault::new(Code::INVALID_PARAMETER_CIDR_BLOCK).about("Ipv6CidrBlock")
        }
        R::ZoneClosed(_) => Fault::new(Code::RESOURCE_NOT_AVAILABLE).about("ZoneId"),
        R::TooManySubnets => Fault::new(Code::QUOTA_EXCEEDED_VSWITCH),
        R::TooManyNetworks => Fault::new(Code::QUOTA_EXCEEDED_VPC),
        R::TooManyGroups => Fault::new(Code::QUOTA_EXCEED_SECURITY_GROUP),
        R::IdsExhausted => failed(),
    }
}

/// Why a template is left as it is.
#[must_use]
pub fn template(refusal: &TemplateRefusal, of: &TemplateRef) -> Fault {
    use TemplateRefusal as R;
    match refusal {
        R::UnknownRegion(_) => unknown_region_of_template(),
        R::UnknownTemplate => unknown_template(Code::INVALID_LAUNCH_TEMPLATE_NOT_FOUND, of),
        R::UnknownVersion(_) => unknown_template_version(),
        R::NameTaken(name) => Fault::with(Code::LAUNCH_TEMPLATE_NAME_DUPLICATED, name.as_str()),
        R::TooManyTemplates => Fault::new(Code::LAUNCH_TEMPLATE_LIMIT_EXCEED),
        R::TooManyVersions => Fault::with(
            Code::LAUNCH_TEMPLATE_VERSION_LIMIT_EXCEED,
            "The maximum number of versions of the launch template is exceeded.",
        ),
        // The reference has no code of its own for this one.
        R::VersionIsDefault(_) => Fault::with(
            Code::INVALID_PARAMETER_DETAIL,
            "The default version of a launch template cannot be deleted.",
        )
        .about("DeleteVersion"),
        R::TooLong { .. } => Fault::new(Code::INVALID_PARAMETER_OF_TEMPLATE),
        // Labels are drawn for clients; one that was given by hand was in the way.
        R::LabelTaken(_) => Fault::new(Code::OPERATION_CONFLICT),
        R::NumbersExhausted => Fault::new(Code::INNER_SERVICE_FAILED),
    }
}

/// The region of a template is not there.
#[must_use]
pub fn unknown_region_of_template() -> Fault {
    Fault::with(Code::INVALID_REGION_NOT_EXIST, "The specified region does not exist.").about("RegionId")
}

/// Rule L-01: the template is not there. Actions differ in the status.
#[must_use]
pub fn unknown_template(code: Code, of: &TemplateRef) -> Fault {
    let parameter = match of {
        TemplateRef::Label(_) | TemplateRef::Both(..) => "LaunchTemplateId",
        TemplateRef::Name(_) => "LaunchTemplateName",
    };
    Fault::with(code, "The specified launch template does not exist.").about(parameter)
}

/// Rule L-02: the template is there, its version is not.
#[must_use]
pub fn unknown_template_version() -> Fault {
    let detail = "The specified version of the launch template does not exist.";
    Fault::with(Code::INVALID_LAUNCH_TEMPLATE_VERSION_NOT_FOUND, detail).about("LaunchTemplateVersion")
}

/// A dry run of an action on many instances that would have succeeded.
#[must_use]
pub const fn rehearsed_batch() -> Fault {
    Fault::new(Code::DRYRUN_SUCCESS)
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
