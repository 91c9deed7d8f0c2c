//! Network interfaces (E-01, E-02). A primary one says where the instance is; the others it has
//! besides.

use std::sync::Arc;

use fleet::{InterfaceWish, Label, OnRelease};

use super::edition::Reading;
use super::entry_label;
use super::place::{Ipv6, address};
use crate::ecs::names;
use crate::ecs::request::take::{choice, flag, label};
use crate::ecs::{Code, Fault};
use crate::params::{Entry, Params};

/// The interfaces of a launch.
pub(super) struct Interfaces {
    pub(super) primary: Option<Primary>,
    pub(super) further: Vec<InterfaceWish>,
    /// The indices that they were sent with.
    pub(super) indices: Vec<u32>,
    /// Whether one is named that would have to be there already. There are none of those.
    pub(super) attached: Result<(), Fault>,
}

/// The interface that says where the instance is.
pub(super) struct Primary {
    pub(super) wish: InterfaceWish,
    pub(super) ipv6: Ipv6,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Primary,
    Secondary,
}

/// Rules E-01 and E-02.
pub(super) fn interfaces(params: &mut Params, reading: &Reading) -> Result<Interfaces, Fault> {
    let mut entries = params.take_structs("NetworkInterface")?;
    let primary = |entry: &&Entry| entry.params.find("InstanceType") == Some("Primary");
    let primaries = entries.iter().filter(primary).count();
    if primaries > 1 || entries.len().saturating_sub(primaries) > 1 {
        let detail = "At most one network interface of each kind can be specified.";
        return Err(Fault::with(Code::INVALID_PARAM_NETWORK_INTERFACE, detail).about("NetworkInterface"));
    }
    let mut found = Interfaces { primary: None, further: Vec::new(), indices: Vec::new(), attached: Ok(()) };
    for entry in &mut entries {
        found.indices.push(entry.index);
        let (kind, wish) = interface(entry, reading)?;
        match kind {
            Kind::Primary => found.primary = Some(Primary { wish, ipv6: ipv6(entry)? }),
            Kind::Secondary => {
                let ipv6 = count(&entry.params, "Ipv6AddressCount");
                found.further.push(InterfaceWish { ipv6, ..wish });
            }
        }
        if let Some(id) = entry.params.take_text("NetworkInterfaceId") {
            let detail = format!("The specified NetworkInterfaceId {id} does not exist.");
            let about = format!("NetworkInterface.{}.NetworkInterfaceId", entry.index);
            found.attached = Err(Fault::with(Code::INVALID_PARAM_NETWORK_INTERFACE, detail).about(about));
        }
    }
    entries.into_iter().for_each(|entry| params.give_back(entry));
    Ok(found)
}

fn interface(entry: &mut Entry, reading: &Reading) -> Result<(Kind, InterfaceWish), Fault> {
    let Entry { index, params } = entry;
    let kinds = [("Primary", Kind::Primary), ("Secondary", Kind::Secondary)];
    let kind = choice(params, "InstanceType", &kinds, Code::INVALID_PARAMETER)?;
    let wrong = Code::INVALID_PARAM_NETWORK_INTERFACE;
    let text = |text: &str, good: bool, code: Code| good.then(|| Arc::<str>::from(text)).ok_or(code);
    let name = params.take("NetworkInterfaceName", |name| text(name, reading.names.admits(name), wrong))?;
    let malformed = Code::INVALID_DESCRIPTION_MALFORMED;
    let description = params.take("Description", |it| text(it, names::is_description(it), malformed))?;
    let group = entry_label(params, "SecurityGroupId");
    let groups = params.take_list("SecurityGroupIds")?;
    if group.is_some() && !groups.is_empty() {
        let detail = "A network interface takes SecurityGroupId or SecurityGroupIds, not both.";
        return Err(Fault::with(wrong, detail).about(format!("NetworkInterface.{index}.SecurityGroupIds")));
    }
    let wish = InterfaceWish {
        address: params.take("PrimaryIpAddress", address)?,
        subnet: entry_label(params, "VSwitchId"),
        groups: group.into_iter().chain(groups.iter().map(|text| label(text))).collect::<Vec<Label>>(),
        name: name.unwrap_or_default(),
        description: description.unwrap_or_default(),
        on_release: match flag(params, "DeleteOnRelease")? {
            Some(false) => OnRelease::Keep,
            Some(true) | None => OnRelease::Delete,
        },
        secondary: count(params, "SecondaryPrivateIpAddressCount"),
        ipv6: 0,
    };
    Ok((kind.unwrap_or(Kind::Secondary), wish))
}

/// A number that stays where it is, for what is only kept; what is none is refused where that is read.
fn count(params: &Params, name: &str) -> u8 {
    params.find(name).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// What the primary interface says of IPv6; of another one it is only kept.
fn ipv6(entry: &mut Entry) -> Result<Ipv6, Fault> {
    Ok(Ipv6 {
        list: entry.params.take_list("Ipv6Address")?,
        count: entry.params.take_text("Ipv6AddressCount"),
        about: format!("NetworkInterface.{}.Ipv6Address", entry.index),
    })
}
