//! Where instances are: groups, subnet, addresses, their line to the internet (N, V, E).

use std::net::{Ipv4Addr, Ipv6Addr};

use fleet::{Addresses, Internet, InternetCharge, Label, Wanted};

use super::{LaunchAction, conflict, entry_label};
use crate::ecs::names;
use crate::ecs::request::take::{choice, label, take_label};
use crate::ecs::{Code, Fault};
use crate::params::{Entry, Params, integer};

/// How many IPv6 addresses one network interface can have.
const IPV6_MAX: usize = 10;

/// What a launch says about its place.
pub(super) struct Place {
    pub(super) groups: Vec<Label>,
    pub(super) subnet: Option<Label>,
    pub(super) addresses: Addresses,
    pub(super) internet: Internet,
    ipv6: Ipv6,
}

/// The IPv6 addresses asked for. Looked at and not kept: the fleet gives out none yet.
struct Ipv6 {
    list: Vec<String>,
    count: Option<usize>,
}

/// One network interface.
struct Interface {
    index: u32,
    kind: InterfaceKind,
    groups: Vec<Label>,
    subnet: Option<Label>,
    address: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum InterfaceKind {
    Primary,
    Secondary,
}

/// Rules N-11, N-18 to N-20, V-01, V-02, N-16, N-03, E-01, E-02, E-05, in this order.
pub(super) fn place(params: &mut Params, action: LaunchAction, wanted: Wanted) -> Result<Place, Fault> {
    let group = take_label(params, "SecurityGroupId");
    let subnet = take_label(params, "VSwitchId");
    let address = params.take("PrivateIpAddress", address)?;
    let internet = internet(params)?;
    let mut place = Place {
        groups: Vec::from_iter(group),
        subnet,
        addresses: address.map_or(Addresses::Any, Addresses::Given),
        internet,
        ipv6: Ipv6 { list: Vec::new(), count: None },
    };
    if action == LaunchAction::Create {
        return Ok(place);
    }

    place.ipv6 = ipv6(params, wanted)?;
    if let (Addresses::Given(_), 2..) = (place.addresses, wanted.most()) {
        return Err(one_at_a_time("PrivateIpAddress"));
    }
    let groups = params.take_list("SecurityGroupIds")?;
    if !groups.is_empty() {
        if !place.groups.is_empty() {
            return Err(conflict("SecurityGroupIds", "SecurityGroupId"));
        }
        place.groups = groups.iter().map(|text| label(text)).collect();
    }
    let Some(primary) = interfaces(params)? else { return Ok(place) };
    place.replaced_by(primary, wanted)
}

/// Rules V-05 to V-07, as far as text can tell.
pub(super) fn relations(place: &Place) -> Result<(), Fault> {
    let Ipv6 { list, count } = &place.ipv6;
    let beyond = |detail: &str| Fault::with(Code::INVALID_OPERATION_IPV6_COUNT_EXCEEDED, detail);
    if list.len() > IPV6_MAX || count.is_some_and(|count| count > IPV6_MAX) {
        let detail = "The specified number of IPv6 addresses exceeds the limit of 10.";
        return Err(beyond(detail).about("Ipv6Address"));
    }
    let mut seen: Vec<Ipv6Addr> = Vec::new();
    for text in list {
        let address: Ipv6Addr = text.parse().map_err(|_| {
            Fault::with(Code::INVALID_IP_ADDRESS, "The specified IPv6 address is not valid.")
                .about("Ipv6Address")
        })?;
        if seen.contains(&address) {
            let detail = "The specified IPv6 address is repeated.";
            return Err(Fault::with(Code::INVALID_IP_IP_REPEATED, detail).about("Ipv6Address"));
        }
        seen.push(address);
    }
    Ok(())
}

impl Place {
    /// Rule E-05: a primary interface says it all, or nothing of it is said outside.
    fn replaced_by(mut self, primary: Interface, wanted: Wanted) -> Result<Self, Fault> {
        let Ipv6 { list, count } = &self.ipv6;
        let said = [
            ("SecurityGroupId", !self.groups.is_empty()),
            ("VSwitchId", self.subnet.is_some()),
            ("PrivateIpAddress", self.addresses != Addresses::Any),
            ("Ipv6Address", !list.is_empty()),
            ("Ipv6AddressCount", count.is_some()),
        ];
        if let Some((name, _)) = said.into_iter().find(|(_, said)| *said) {
            return Err(conflict("NetworkInterface", name));
        }
        let name = format!("NetworkInterface.{}.PrimaryIpAddress", primary.index);
        if let Some(text) = primary.address {
            let address = address(&text).map_err(|code| Fault::new(code).about(name))?;
            self.addresses = Addresses::Given(address);
            if wanted.most() > 1 {
                return Err(one_at_a_time("PrimaryIpAddress"));
            }
        }
        Ok(Self { groups: primary.groups, subnet: primary.subnet, ..self })
    }
}

fn address(text: &str) -> Result<Ipv4Addr, Code> {
    text.parse().map_err(|_| Code::INVALID_PRIVATE_IP_ADDRESS_MALFORMED)
}

/// Rules N-16 and V-02.
fn one_at_a_time(name: &str) -> Fault {
    let detail = format!("The specified Amount must be 1 when {name} is specified.");
    Fault::with(Code::INVALID_PARAM_AMOUNT, detail).about("Amount")
}

/// Rules N-18 to N-20.
fn internet(params: &mut Params) -> Result<Internet, Fault> {
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
    let out = params.take("InternetMaxBandwidthOut", out)?;
    let inward = within(1, 200, Code::INVALID_INTERNET_MAX_BANDWIDTH_IN_MALFORMED);
    let inward = params.take("InternetMaxBandwidthIn", inward)?;
    Ok(Internet {
        charge: charge.unwrap_or(Internet::NONE.charge),
        in_mbps_max: inward.unwrap_or(Internet::NONE.in_mbps_max),
        out_mbps_max: out.unwrap_or(Internet::NONE.out_mbps_max),
    })
}

/// Rules V-01 and V-02.
fn ipv6(params: &mut Params, wanted: Wanted) -> Result<Ipv6, Fault> {
    let list = params.take_list("Ipv6Address")?;
    let count = params.take("Ipv6AddressCount", integer::<usize>)?;
    if !list.is_empty() && count.is_some() {
        return Err(conflict("Ipv6AddressCount", "Ipv6Address"));
    }
    if !list.is_empty() && wanted.most() > 1 {
        return Err(one_at_a_time("Ipv6Address"));
    }
    Ok(Ipv6 { list, count })
}

/// Rules E-01 and E-02: the primary interface, if there is one. What it says replaces what is said
/// outside; of the secondary one nothing is kept.
fn interfaces(params: &mut Params) -> Result<Option<Interface>, Fault> {
    let mut entries = params.take_structs("NetworkInterface")?;
    let primary = |entry: &&Entry| entry.params.find("InstanceType") == Some("Primary");
    let primaries = entries.iter().filter(primary).count();
    if primaries > 1 || entries.len().saturating_sub(primaries) > 1 {
        let detail = "At most one network interface of each kind can be specified.";
        return Err(Fault::with(Code::INVALID_PARAM_NETWORK_INTERFACE, detail).about("NetworkInterface"));
    }
    let interfaces: Vec<Interface> = entries.iter_mut().map(interface).collect::<Result<_, _>>()?;
    entries.into_iter().for_each(|entry| params.give_back(entry));
    Ok(interfaces.into_iter().find(|interface| interface.kind == InterfaceKind::Primary))
}

fn interface(entry: &mut Entry) -> Result<Interface, Fault> {
    let Entry { index, params } = entry;
    let kinds = [("Primary", InterfaceKind::Primary), ("Secondary", InterfaceKind::Secondary)];
    let kind = choice(params, "InstanceType", &kinds, Code::INVALID_PARAMETER)?;
    let wrong = Code::INVALID_PARAM_NETWORK_INTERFACE;
    params.take("NetworkInterfaceName", |text| names::name(text).ok_or(wrong))?;
    params.take("Description", |text| names::description(text).ok_or(Code::INVALID_DESCRIPTION_MALFORMED))?;
    let group = entry_label(params, "SecurityGroupId");
    let groups = params.take_list("SecurityGroupIds")?;
    if group.is_some() && !groups.is_empty() {
        let detail = "A network interface takes SecurityGroupId or SecurityGroupIds, not both.";
        return Err(Fault::with(wrong, detail).about(format!("NetworkInterface.{index}.SecurityGroupIds")));
    }
    Ok(Interface {
        index: *index,
        kind: kind.unwrap_or(InterfaceKind::Secondary),
        groups: group.into_iter().chain(groups.iter().map(|text| label(text))).collect(),
        subnet: entry_label(params, "VSwitchId"),
        address: params.take_text("PrimaryIpAddress"),
    })
}
