//! Why nothing is launched, as data: what was found, where, and the limit. Who asked is told in the
//! words of a dialect, elsewhere.

use core::net::Ipv4Addr;

use super::bare_metal::BareMetalRefusal;
use crate::decide::Halt;
use crate::{AccountId, Label, Shortage};

/// Something that a launch has to say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Needed {
    /// The image.
    Image,
    /// The instance type.
    InstanceType,
    /// A group.
    Group,
    /// The subnet.
    Subnet,
}

/// Why nothing is launched.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum LaunchRefusal {
    #[error("there is no region {0}")]
    UnknownRegion(Label),
    #[error("the token was used for another request")]
    TokenReused,
    #[error("there is no account {0}")]
    UnknownAccount(AccountId),
    #[error("there is no zone {0} in the region")]
    UnknownZone(Label),
    #[error("zone {0} is closed for sale")]
    ZoneClosed(Label),
    #[error("a launch needs {0:?}")]
    Missing(Needed),
    #[error("there is no image {0}")]
    UnknownImage(Label),
    #[error("there is no instance type {0}")]
    UnknownInstanceType(Label),
    #[error("there is no group {0}")]
    UnknownGroup(Label),
    #[error("there is no subnet {0}")]
    UnknownSubnet(Label),
    #[error("image {0} is not available")]
    ImageNotAvailable(Label),
    #[error("instance type {instance_type} is not sold in zone {zone}")]
    NotSoldInZone { instance_type: Label, zone: Label },
    #[error("instance type {0} is not sold any more")]
    TypeClosed(Label),
    #[error("image {image} does not run on instance type {instance_type}")]
    ImageNotForType { image: Label, instance_type: Label },
    #[error("group {group} is not in the network of subnet {subnet}")]
    GroupElsewhere { group: Label, subnet: Label },
    #[error("subnet {subnet} is not in zone {zone}")]
    SubnetElsewhere { subnet: Label, zone: Label },
    #[error("{0} is not an address of the subnet")]
    AddressOutside(Ipv4Addr),
    #[error("{0} is reserved")]
    AddressReserved(Ipv4Addr),
    #[error("{0} is taken")]
    AddressTaken(Ipv4Addr),
    #[error("one address is named for {0} instances")]
    OneAddressForMany(u8),
    #[error("the host name does not suit the image")]
    HostNameForImage,
    #[error("{0}")]
    BareMetal(BareMetalRefusal),
    #[error("too few can be had: {0:?}")]
    Short(Shortage),
    #[error("there are no more ids")]
    IdsExhausted,
}

impl LaunchRefusal {
    pub(super) fn halt<F>(self) -> Halt<Self, F> {
        Halt::Refused(self)
    }
}
