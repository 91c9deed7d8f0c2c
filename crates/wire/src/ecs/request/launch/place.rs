//! Where instances are: groups, subnet, addresses, their line to the internet (N, V, E-05).

use std::net::{Ipv4Addr, Ipv6Addr};

use fleet::{Addresses, InterfaceWish, Internet, InternetCharge, Ipv6Wish, Label, Wanted};

use super::edition::{AddressForMany, Inward, Reading};
use super::interface::{self, Interfaces, Primary};
use super::{LaunchAction, conflict};
use crate::ecs::request::take::{choice, label, take_label};
use crate::ecs::{Code, Fault};
use crate::params::{Params, integer};

/// What a launch says about its place.
pub(super) struct Place {
    pub(super) groups: Vec<Label>,
    pub(super) subnet: Option<Label>,
    pub(super) addresses: Addresses,
    pub(super) internet: Internet,
    pub(super) ipv6: Ipv6Wish,
    pub(super) interfaces: Vec<InterfaceWish>,
    /// The indices that the interfaces were sent with.
    pub(super) indices: Vec<u32>,
    /// What is left for the end: the fault of an address, or of an interface that is not there.
    late: Result<(), Fault>,
}

/// The IPv6 addresses that one interface asks for, not judged yet.
pub(super) struct Ipv6 {
    pub(super) list: Vec<String>,
    pub(super) count: Option<String>,
    /// What the faults of the list are about.
    pub(super) about: String,
}

/// Rules N-11, N-18 to N-20, V-01, V-02, N-16, N-03, E-01, E-02, E-05, in this order.
pub(super) fn place(
    params: &mut Params,
    (action, reading): (LaunchAction, &Reading),
    wanted: Wanted,
) -> Result<Place, Fault> {
    let group = take_label(params, "SecurityGroupId");
    let subnet = take_label(params, "VSwitchId");
    let address = params.take("PrivateIpAddress", address)?;
    let internet = internet(params, reading.inward)?;
    let mut place = Place {
        groups: Vec::from_iter(group),
        subnet,
        addresses: address.map_or(Addresses::Any, Addresses::Given),
        internet,
        ipv6: Ipv6Wish::None,
        interfaces: Vec::new(),
        indices: Vec::new(),
        late: Ok(()),
    };
    if action == LaunchAction::Create {
        return Ok(place);
    }

    let ipv6 = Ipv6 {
        list: params.take_list("Ipv6Address")?,
        count: params.take_text("Ipv6AddressCount"),
        about: "Ipv6Address".to_owned(),
    };
    ipv6.shape(wanted)?;
    if address.is_some() {
        reading.address.suits(wanted, "PrivateIpAddress")?;
    }
    let groups = params.take_list("SecurityGroupIds")?;
    if !groups.is_empty() {
        if !place.groups.is_empty() {
            return Err(conflict("SecurityGroupIds", "SecurityGroupId"));
        }
        place.groups = groups.iter().map(|text| label(text)).collect();
    }
    let queues = params.find("NetworkInterfaceQueueNumber").is_some_and(|text| !text.is_empty());
    let Interfaces { primary, further, indices, attached } = interface::interfaces(params, reading)?;
    place.interfaces = further;
    place.indices = indices;
    let ipv6 = match primary {
        Some(primary) => place.replaced_by(primary, &ipv6, queues, (wanted, reading))?,
        None => ipv6,
    };
    match ipv6.wish(reading) {
        Ok(wish) => {
            place.ipv6 = wish;
            place.late = attached;
        }
        Err(fault) => place.late = Err(fault),
    }
    Ok(place)
}

impl Place {
    /// What comes after all that is shape: what text can tell of rules V-05 and V-06, and that an
    /// interface which is named is not there.
    pub(super) fn late(&mut self) -> Result<(), Fault> {
        std::mem::replace(&mut self.late, Ok(()))
    }

    /// Rule E-05: a primary interface says it all, or nothing of it is said outside.
    fn replaced_by(
        &mut self,
        primary: Primary,
        outside: &Ipv6,
        queues: bool,
        (wanted, reading): (Wanted, &Reading),
    ) -> Result<Ipv6, Fault> {
        let said = [
            ("SecurityGroupId", !self.groups.is_empty()),
            ("VSwitchId", self.subnet.is_some()),
            ("PrivateIpAddress", self.addresses != Addresses::Any),
            ("Ipv6Address", !outside.list.is_empty()),
            ("Ipv6AddressCount", outside.count.is_some()),
            ("NetworkInterfaceQueueNumber", queues),
        ];
        if let Some((name, _)) = said.into_iter().find(|(_, said)| *said) {
            return Err(conflict("NetworkInterface", name));
        }
        let Primary { wish, ipv6 } = primary;
        if let Some(address) = wish.address {
            reading.address.suits(wanted, "PrimaryIpAddress")?;
            self.addresses = Addresses::Given(address);
        }
        ipv6.shape(wanted)?;
        self.groups = wish.groups;
        self.subnet = wish.subnet;
        Ok(ipv6)
    }
}

impl AddressForMany {
    /// Rule N-16.
    fn suits(self, wanted: Wanted, name: &str) -> Result<(), Fault> {
        match self {
            Self::Refused if wanted.most() > 1 => Err(one_at_a_time(name)),
            Self::Refused | Self::First => Ok(()),
        }
    }
}

impl Ipv6 {
    /// Rules V-01 and V-02.
    fn shape(&self, wanted: Wanted) -> Result<(), Fault> {
        if !self.list.is_empty() && self.count.is_some() {
            return Err(conflict("Ipv6AddressCount", "Ipv6Address"));
        }
        if !self.list.is_empty() && wanted.most() > 1 {
            return Err(one_at_a_time("Ipv6Address"));
        }
        Ok(())
    }

    /// How long the list may be, and rule V-06 as far as text can tell. More than the type takes, and
    /// the same address twice, are for the fleet to find.
    fn wish(self, reading: &Reading) -> Result<Ipv6Wish, Fault> {
        let Self { list, count, about } = self;
        if list.len() > reading.ipv6_addresses_max {
            return Err(too_many(reading.ipv6_addresses_max).about(about));
        }
        if let Some(count) = count {
            let count = integer::<u64>(&count).map_err(|_| Fault::invalid(format!("{about}Count")))?;
            let count = u8::try_from(count).unwrap_or(u8::MAX);
            return Ok(if count == 0 { Ipv6Wish::None } else { Ipv6Wish::Count(count) });
        }
        let malformed = |_| {
            Fault::with(Code::INVALID_IP_ADDRESS, "The specified IPv6 address is not valid.")
                .about(about.clone())
        };
        let addresses: Vec<Ipv6Addr> =
            list.iter().map(|text| text.parse().map_err(malformed)).collect::<Result<_, _>>()?;
        Ok(if addresses.is_empty() { Ipv6Wish::None } else { Ipv6Wish::Given(addresses) })
    }
}

fn too_many(most: usize) -> Fault {
    let detail = format!("The specified number of IPv6 addresses exceeds the limit of {most}.");
    Fault::with(Code::INVALID_OPERATION_IPV6_COUNT_EXCEEDED, detail)
}

pub(super) fn address(text: &str) -> Result<Ipv4Addr, Code> {
    text.parse().map_err(|_| Code::INVALID_PRIVATE_IP_ADDRESS_MALFORMED)
}

/// Rules N-16 and V-02.
fn one_at_a_time(name: &str) -> Fault {
    let detail = format!("The specified Amount must be 1 when {name} is specified.");
    Fault::with(Code::INVALID_PARAM_AMOUNT, detail).about("Amount")
}

/// Rules N-18 to N-20.
fn internet(params: &mut Params, reading: Inward) -> Result<Internet, Fault> {
    let within = |least: u16, most: u16, code: Code| {
        move |text: &str| match integer(text) {
            Ok(mbps) if (least..=most).contains(&mbps) => Ok(mbps),
            Ok(_) | Err(_) => Err(code),
        }
    };
    let charges =
        [("PayByTraffic", InternetCharge::ByTraffic), ("PayByBandwidth", InternetCharge::ByBandwidth)];
    let code = Code::INVALID_INTERNET_CHARGE_TYPE_VALUE_NOT_SUPPORTED;
    let charge = choice(params, "InternetChargeType", &charges, code)?;
    let out = within(0, 100, Code::INVALID_INTERNET_MAX_BANDWIDTH_OUT_MALFORMED);
    let out = params.take("InternetMaxBandwidthOut", out)?.unwrap_or(Internet::NONE.out_mbps_max);
    let most = match reading {
        Inward::Fixed => Internet::NONE.in_mbps_max,
        Inward::AsOut => out.max(10),
    };
    let inward = within(1, most, Code::INVALID_INTERNET_MAX_BANDWIDTH_IN_MALFORMED);
    let inward = params.take("InternetMaxBandwidthIn", inward)?;
    Ok(Internet {
        charge: charge.unwrap_or(Internet::NONE.charge),
        in_mbps_max: inward.unwrap_or(most),
        out_mbps_max: out,
    })
}
