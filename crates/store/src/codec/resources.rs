//! Rules of groups, holdings and receipts on disk.

use std::net::{Ipv4Addr, Ipv6Addr};

use fleet::{AccountId, Label, ReceiptId, RuleId, Time};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};

use super::error::{DecodeError, EncodeError};
use super::field::{Settings, Tag, label, read_settings, read_tags, write_settings, write_tags};
use super::launch::TokenKey;
use super::payload::{Stored, Value};

const RULE_VERSION: u8 = 1;
const HOLDINGS_VERSION: u8 = 1;
const RECEIPT_VERSION: u8 = 1;

/// What an owner says of a thing.
#[derive(Deserialize, Serialize)]
pub(super) struct Marks<'a> {
    #[serde(borrow)]
    tags: Vec<Tag<'a>>,
    resource_group: Option<&'a str>,
    settings: Settings<'a>,
}

impl<'a> From<&'a fleet::Marks> for Marks<'a> {
    fn from(marks: &'a fleet::Marks) -> Self {
        Self {
            tags: write_tags(&marks.tags),
            resource_group: marks.resource_group.as_ref().map(Label::as_str),
            settings: write_settings(&marks.settings),
        }
    }
}

impl TryFrom<Marks<'_>> for fleet::Marks {
    type Error = DecodeError;

    fn try_from(marks: Marks<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            tags: read_tags(marks.tags),
            resource_group: marks.resource_group.map(label).transpose()?,
            settings: read_settings(marks.settings),
        })
    }
}

pinned_mirrors! {
    Direction { 1 = In, 2 = Out }
    Verdict { 1 = Accept, 2 = Drop }
    Protocol { 1 = Tcp, 2 = Udp, 3 = Icmp, 4 = Gre, 5 = All }
}

pinned! {
    enum Ports {
        1 = All,
        2 = Range { first: u16, last: u16 },
    }
}

pinned! {
    enum Net {
        1 = V4 { address: [u8; 4], mask: u8 },
        2 = V6 { address: [u8; 16], mask: u8 },
    }
}

pinned! {
    enum Peer<'a> {
        1 = Block { net: Net },
        2 = Group { label: &'a str },
        3 = List { label: &'a str },
    }
}

#[derive(Deserialize, Serialize)]
struct Rule<'a> {
    direction: Direction,
    verdict: Verdict,
    priority: u8,
    protocol: Protocol,
    ports: Ports,
    source_ports: Option<Ports>,
    port_list: Option<&'a str>,
    #[serde(borrow)]
    far: Peer<'a>,
    near: Option<Net>,
    description: &'a str,
    created_at: u64,
}

pub(super) fn write_rule(rule: &fleet::Rule, to: Value<'_>) -> Result<(), EncodeError> {
    let traffic = &rule.traffic;
    let fields = Rule {
        direction: traffic.direction.into(),
        verdict: traffic.verdict.into(),
        priority: traffic.priority,
        protocol: traffic.protocol.into(),
        ports: traffic.ports.into(),
        source_ports: traffic.source_ports.map(Into::into),
        port_list: traffic.port_list.as_ref().map(Label::as_str),
        far: match &traffic.far {
            fleet::Peer::Block(net) => Peer::Block { net: (*net).into() },
            fleet::Peer::Group(label) => Peer::Group { label: label.as_str() },
            fleet::Peer::List(label) => Peer::List { label: label.as_str() },
        },
        near: traffic.near.map(Into::into),
        description: &rule.description,
        created_at: rule.created_at.millis(),
    };
    to.write(RULE_VERSION, &fields)
}

pub(super) fn read_rule(group: Label, id: RuleId, stored: &Stored<'_>) -> Result<fleet::Rule, DecodeError> {
    const NAME: &str = "rule";
    let fields: Rule<'_> = match stored.version {
        RULE_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, RULE_VERSION)),
    };
    let traffic = fleet::Traffic {
        direction: fields.direction.into(),
        verdict: fields.verdict.into(),
        priority: fields.priority,
        protocol: fields.protocol.into(),
        ports: fields.ports.into(),
        source_ports: fields.source_ports.map(Into::into),
        port_list: fields.port_list.map(label).transpose()?,
        far: match fields.far {
            Peer::Block { net } => fleet::Peer::Block(net.try_into()?),
            Peer::Group { label: group } => fleet::Peer::Group(label(group)?),
            Peer::List { label: list } => fleet::Peer::List(label(list)?),
        },
        near: fields.near.map(TryInto::try_into).transpose()?,
    };
    let created_at = Time::from_millis(fields.created_at);
    Ok(fleet::Rule { id, group, traffic, description: fields.description.into(), created_at })
}

impl From<fleet::Ports> for Ports {
    fn from(ports: fleet::Ports) -> Self {
        match ports {
            fleet::Ports::All => Self::All,
            fleet::Ports::Range { first, last } => Self::Range { first, last },
        }
    }
}

impl From<Ports> for fleet::Ports {
    fn from(ports: Ports) -> Self {
        match ports {
            Ports::All => Self::All,
            Ports::Range { first, last } => Self::Range { first, last },
        }
    }
}

impl From<IpNet> for Net {
    fn from(net: IpNet) -> Self {
        match net {
            IpNet::V4(net) => Self::V4 { address: net.addr().octets(), mask: net.prefix_len() },
            IpNet::V6(net) => Self::V6 { address: net.addr().octets(), mask: net.prefix_len() },
        }
    }
}

impl TryFrom<Net> for IpNet {
    type Error = DecodeError;

    fn try_from(net: Net) -> Result<Self, DecodeError> {
        match net {
            Net::V4 { address, mask } => {
                let address = Ipv4Addr::from(address);
                let net = Ipv4Net::new(address, mask).map_err(|_| DecodeError::Block { address, mask })?;
                Ok(net.into())
            }
            Net::V6 { address, mask } => {
                let address = Ipv6Addr::from(address);
                let net =
                    Ipv6Net::new(address, mask).map_err(|_| DecodeError::Ipv6Block { address, mask })?;
                Ok(net.into())
            }
        }
    }
}

#[derive(Deserialize, Serialize)]
struct Holdings {
    networks: u32,
    groups: u32,
}

pub(super) fn write_holdings(holdings: &fleet::Holdings, to: Value<'_>) -> Result<(), EncodeError> {
    let fleet::Holdings { account: _, region: _, networks, groups } = *holdings;
    to.write(HOLDINGS_VERSION, &Holdings { networks, groups })
}

pub(super) fn read_holdings(
    account: AccountId,
    region: Label,
    stored: &Stored<'_>,
) -> Result<fleet::Holdings, DecodeError> {
    const NAME: &str = "holdings";
    let Holdings { networks, groups } = match stored.version {
        HOLDINGS_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, HOLDINGS_VERSION)),
    };
    Ok(fleet::Holdings { account, region, networks, groups })
}

#[derive(Deserialize, Serialize)]
struct Receipt<'a> {
    #[serde(borrow)]
    token: TokenKey<'a>,
    made: &'a str,
}

pub(super) fn write_receipt(receipt: &fleet::Receipt, to: Value<'_>) -> Result<(), EncodeError> {
    let fields = Receipt { token: (&receipt.token).into(), made: receipt.made.as_str() };
    to.write(RECEIPT_VERSION, &fields)
}

pub(super) fn read_receipt(id: ReceiptId, stored: &Stored<'_>) -> Result<fleet::Receipt, DecodeError> {
    const NAME: &str = "receipt";
    let fields: Receipt<'_> = match stored.version {
        RECEIPT_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, RECEIPT_VERSION)),
    };
    Ok(fleet::Receipt { id, token: fields.token.try_into()?, made: label(fields.made)? })
}

#[cfg(test)]
#[test]
fn numbers_on_disk_stay() {
    use super::tests::numbers::stay;
    use {Direction as D, Net as N, Peer as P, Ports as O, Protocol as R, Verdict as V};
    let v4 = || N::V4 { address: [0; 4], mask: 0 };
    stay(D::NUMBERS, [(1, D::In), (2, D::Out)]);
    stay(V::NUMBERS, [(1, V::Accept), (2, V::Drop)]);
    stay(R::NUMBERS, [(1, R::Tcp), (2, R::Udp), (3, R::Icmp), (4, R::Gre), (5, R::All)]);
    stay(O::NUMBERS, [(1, O::All), (2, O::Range { first: 1, last: 2 })]);
    stay(N::NUMBERS, [(1, v4()), (2, N::V6 { address: [0; 16], mask: 0 })]);
    let (group, list) = (P::Group { label: "a" }, P::List { label: "a" });
    stay(P::NUMBERS, [(1, P::Block { net: v4() }), (2, group), (3, list)]);
}
