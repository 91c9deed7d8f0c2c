//! What the instances of a launch have in common, on disk.

use serde::{Deserialize, Serialize};

use super::error::{DecodeError, EncodeError};
use super::field::{Protection, label};
use super::payload::{Payload, Stored};

const SPEC_VERSION: u8 = 1;

#[derive(Deserialize, Serialize)]
struct Spec<'a> {
    region: &'a str,
    zone: &'a str,
    image: &'a str,
    instance_type: &'a str,
    network: &'a str,
    subnet: &'a str,
    #[serde(borrow)]
    groups: Vec<&'a str>,
    charge: Charge,
    after_creation: AfterCreation,
    protection: Protection,
    #[serde(borrow)]
    names: Names<'a>,
    #[serde(borrow)]
    host_names: Names<'a>,
    description: &'a str,
    #[serde(borrow)]
    tags: Vec<Tag<'a>>,
    internet: Internet,
}

#[derive(Deserialize, Serialize)]
struct Names<'a> {
    #[serde(borrow)]
    naming: Naming<'a>,
    unique_suffix: bool,
}

pinned! {
    enum Naming<'a> {
        1 = OwnId,
        2 = Fixed { name: &'a str },
        3 = Numbered { prefix: &'a str, begin: u32, digits: u8, suffix: &'a str },
    }
}

#[derive(Deserialize, Serialize)]
struct Tag<'a> {
    key: &'a str,
    value: &'a str,
}

#[derive(Deserialize, Serialize)]
struct Internet {
    charge: InternetCharge,
    in_mbps_max: u16,
    out_mbps_max: u16,
}

pinned! {
    enum Charge {
        1 = PostPaid,
        2 = PrePaid { count: u8, unit: PeriodUnit },
    }
}

pinned_mirrors! {
    AfterCreation { 1 = Start, 2 = Stay }
    InternetCharge { 1 = ByTraffic, 2 = ByBandwidth }
    PeriodUnit { 1 = Week, 2 = Month }
}

pub(super) fn write_spec(spec: &fleet::Spec) -> Result<Payload, EncodeError> {
    let tags = spec.tags.iter();
    let fields = Spec {
        region: spec.region.as_str(),
        zone: spec.zone.as_str(),
        image: spec.image.as_str(),
        instance_type: spec.instance_type.as_str(),
        network: spec.network.as_str(),
        subnet: spec.subnet.as_str(),
        groups: spec.groups.iter().map(fleet::Label::as_str).collect(),
        charge: spec.charge.into(),
        after_creation: spec.after_creation.into(),
        protection: spec.protection.into(),
        names: (&spec.names).into(),
        host_names: (&spec.host_names).into(),
        description: &spec.description,
        tags: tags.map(|fleet::Tag { key, value }| Tag { key, value }).collect(),
        internet: Internet {
            charge: spec.internet.charge.into(),
            in_mbps_max: spec.internet.in_mbps_max,
            out_mbps_max: spec.internet.out_mbps_max,
        },
    };
    Payload::write(SPEC_VERSION, &fields)
}

pub(super) fn read_spec(stored: &Stored<'_>) -> Result<fleet::Spec, DecodeError> {
    const NAME: &str = "spec";
    let fields: Spec<'_> = match stored.version {
        SPEC_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, SPEC_VERSION)),
    };
    let tags = fields.tags.into_iter();
    Ok(fleet::Spec {
        region: label(fields.region)?,
        zone: label(fields.zone)?,
        image: label(fields.image)?,
        instance_type: label(fields.instance_type)?,
        network: label(fields.network)?,
        subnet: label(fields.subnet)?,
        groups: fields.groups.into_iter().map(label).collect::<Result<_, _>>()?,
        charge: fields.charge.into(),
        after_creation: fields.after_creation.into(),
        protection: fields.protection.into(),
        names: fields.names.into(),
        host_names: fields.host_names.into(),
        description: fields.description.into(),
        tags: tags.map(|Tag { key, value }| fleet::Tag { key: key.into(), value: value.into() }).collect(),
        internet: fleet::Internet {
            charge: fields.internet.charge.into(),
            in_mbps_max: fields.internet.in_mbps_max,
            out_mbps_max: fields.internet.out_mbps_max,
        },
    })
}

impl<'a> From<&'a fleet::Names> for Names<'a> {
    fn from(fleet::Names { naming, unique_suffix }: &'a fleet::Names) -> Self {
        let naming = match naming {
            fleet::Naming::OwnId => Naming::OwnId,
            fleet::Naming::Fixed(name) => Naming::Fixed { name },
            fleet::Naming::Numbered { prefix, begin, digits, suffix } => {
                Naming::Numbered { prefix, begin: *begin, digits: *digits, suffix }
            }
        };
        Self { naming, unique_suffix: *unique_suffix }
    }
}

impl From<Names<'_>> for fleet::Names {
    fn from(Names { naming, unique_suffix }: Names<'_>) -> Self {
        let naming = match naming {
            Naming::OwnId => fleet::Naming::OwnId,
            Naming::Fixed { name } => fleet::Naming::Fixed(name.into()),
            Naming::Numbered { prefix, begin, digits, suffix } => {
                fleet::Naming::Numbered { prefix: prefix.into(), begin, digits, suffix: suffix.into() }
            }
        };
        Self { naming, unique_suffix }
    }
}

impl From<fleet::Charge> for Charge {
    fn from(charge: fleet::Charge) -> Self {
        match charge {
            fleet::Charge::PostPaid => Self::PostPaid,
            fleet::Charge::PrePaid { count, unit } => Self::PrePaid { count, unit: unit.into() },
        }
    }
}

impl From<Charge> for fleet::Charge {
    fn from(charge: Charge) -> Self {
        match charge {
            Charge::PostPaid => Self::PostPaid,
            Charge::PrePaid { count, unit } => Self::PrePaid { count, unit: unit.into() },
        }
    }
}

#[cfg(test)]
#[test]
fn numbers_on_disk_stay() {
    use super::tests::numbers::stay;
    stay(
        Naming::NUMBERS,
        [
            (1, Naming::OwnId),
            (2, Naming::Fixed { name: "" }),
            (3, Naming::Numbered { prefix: "", begin: 0, digits: 0, suffix: "" }),
        ],
    );
    let unit = PeriodUnit::Week;
    stay(Charge::NUMBERS, [(1, Charge::PostPaid), (2, Charge::PrePaid { count: 0, unit })]);
    stay(AfterCreation::NUMBERS, [(1, AfterCreation::Start), (2, AfterCreation::Stay)]);
    stay(InternetCharge::NUMBERS, [(1, InternetCharge::ByTraffic), (2, InternetCharge::ByBandwidth)]);
    stay(PeriodUnit::NUMBERS, [(1, PeriodUnit::Week), (2, PeriodUnit::Month)]);
    stay(Protection::NUMBERS, [(1, Protection::Off), (2, Protection::On)]);
}
