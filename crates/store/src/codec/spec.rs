//! What the instances of a launch have in common, on disk.

use serde::{Deserialize, Serialize};

use super::bare_metal::BareMetal;
use super::disk::{Disk, OnRelease};
use super::error::{DecodeError, EncodeError};
use super::field::{Protection, Settings, Tag, label, read_settings, read_tags, write_settings, write_tags};
use super::payload::{Stored, Value};
use super::terms::{Charge, Hosting, Terms};

const SPEC_VERSION: u8 = 1;

#[derive(Deserialize, Serialize)]
struct Spec<'a> {
    region: &'a str,
    zone: &'a str,
    image: Option<&'a str>,
    instance_type: &'a str,
    cpus: u16,
    hourly: u64,
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
    io: Io,
    #[serde(borrow)]
    system_disk: Disk<'a>,
    #[serde(borrow)]
    data_disks: Vec<Disk<'a>>,
    #[serde(borrow)]
    interfaces: Vec<Interface<'a>>,
    #[serde(borrow)]
    terms: Terms<'a>,
    key_pair: Option<&'a str>,
    role: Option<&'a str>,
    #[serde(borrow)]
    hosting: Hosting<'a>,
    #[serde(borrow)]
    settings: Settings<'a>,
    #[serde(borrow)]
    bare_metal: Option<BareMetal<'a>>,
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
        4 = Each { names: Vec<&'a str> },
        5 = Parts { parts: Vec<NamePart<'a>> },
    }
}

pinned! {
    enum NamePart<'a> {
        1 = Text { text: &'a str },
        2 = Number { begin: u32, digits: u8 },
    }
}

#[derive(Deserialize, Serialize)]
struct Internet {
    charge: InternetCharge,
    in_mbps_max: u16,
    out_mbps_max: u16,
}

#[derive(Deserialize, Serialize)]
struct Interface<'a> {
    subnet: &'a str,
    #[serde(borrow)]
    groups: Vec<&'a str>,
    name: &'a str,
    description: &'a str,
    on_release: OnRelease,
}

pinned_mirrors! {
    AfterCreation { 1 = Start, 2 = Stay }
    InternetCharge { 1 = ByTraffic, 2 = ByBandwidth }
    Io { 1 = Plain, 2 = Optimized }
}

pub(super) fn write_spec(spec: &fleet::Spec, to: Value<'_>) -> Result<(), EncodeError> {
    let fields = Spec {
        region: spec.region.as_str(),
        zone: spec.zone.as_str(),
        image: spec.image.as_ref().map(fleet::Label::as_str),
        instance_type: spec.instance_type.as_str(),
        cpus: spec.cpus,
        hourly: spec.hourly.0,
        network: spec.network.as_str(),
        subnet: spec.subnet.as_str(),
        groups: texts(&spec.groups),
        charge: spec.charge.into(),
        after_creation: spec.after_creation.into(),
        protection: spec.protection.into(),
        names: (&spec.names).into(),
        host_names: (&spec.host_names).into(),
        description: &spec.description,
        tags: write_tags(&spec.tags),
        internet: Internet {
            charge: spec.internet.charge.into(),
            in_mbps_max: spec.internet.in_mbps_max,
            out_mbps_max: spec.internet.out_mbps_max,
        },
        io: spec.io.into(),
        system_disk: (&spec.system_disk).into(),
        data_disks: spec.data_disks.iter().map(Into::into).collect(),
        interfaces: spec.interfaces.iter().map(Into::into).collect(),
        terms: (&spec.terms).into(),
        key_pair: spec.key_pair.as_deref(),
        role: spec.role.as_ref().map(fleet::Label::as_str),
        hosting: (&spec.hosting).into(),
        settings: write_settings(&spec.settings),
        bare_metal: spec.bare_metal.as_deref().map(Into::into),
    };
    to.write(SPEC_VERSION, &fields)
}

pub(super) fn read_spec(stored: &Stored<'_>) -> Result<fleet::Spec, DecodeError> {
    const NAME: &str = "spec";
    let fields: Spec<'_> = match stored.version {
        SPEC_VERSION => stored.read(NAME)?,
        _ => return Err(stored.unknown(NAME, SPEC_VERSION)),
    };
    Ok(fleet::Spec {
        region: label(fields.region)?,
        zone: label(fields.zone)?,
        image: fields.image.map(label).transpose()?,
        instance_type: label(fields.instance_type)?,
        cpus: fields.cpus,
        hourly: fleet::Rate(fields.hourly),
        network: label(fields.network)?,
        subnet: label(fields.subnet)?,
        groups: labels(fields.groups)?,
        charge: fields.charge.into(),
        after_creation: fields.after_creation.into(),
        protection: fields.protection.into(),
        names: fields.names.into(),
        host_names: fields.host_names.into(),
        description: fields.description.into(),
        tags: read_tags(fields.tags),
        internet: fleet::Internet {
            charge: fields.internet.charge.into(),
            in_mbps_max: fields.internet.in_mbps_max,
            out_mbps_max: fields.internet.out_mbps_max,
        },
        io: fields.io.into(),
        system_disk: fields.system_disk.try_into()?,
        data_disks: fields.data_disks.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
        interfaces: fields.interfaces.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
        terms: fields.terms.try_into()?,
        key_pair: fields.key_pair.map(Into::into),
        role: fields.role.map(label).transpose()?,
        hosting: fields.hosting.try_into()?,
        settings: read_settings(fields.settings),
        bare_metal: fields.bare_metal.map(TryInto::try_into).transpose()?.map(std::sync::Arc::new),
    })
}

fn texts(labels: &[fleet::Label]) -> Vec<&str> {
    labels.iter().map(fleet::Label::as_str).collect()
}

fn labels(texts: Vec<&str>) -> Result<Vec<fleet::Label>, DecodeError> {
    texts.into_iter().map(label).collect()
}

impl<'a> From<&'a fleet::Interface> for Interface<'a> {
    fn from(interface: &'a fleet::Interface) -> Self {
        Self {
            subnet: interface.subnet.as_str(),
            groups: texts(&interface.groups),
            name: &interface.name,
            description: &interface.description,
            on_release: interface.on_release.into(),
        }
    }
}

impl TryFrom<Interface<'_>> for fleet::Interface {
    type Error = DecodeError;

    fn try_from(interface: Interface<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            subnet: label(interface.subnet)?,
            groups: labels(interface.groups)?,
            name: interface.name.into(),
            description: interface.description.into(),
            on_release: interface.on_release.into(),
        })
    }
}

impl<'a> From<&'a fleet::Names> for Names<'a> {
    fn from(fleet::Names { naming, unique_suffix }: &'a fleet::Names) -> Self {
        let naming = match naming {
            fleet::Naming::OwnId => Naming::OwnId,
            fleet::Naming::Fixed(name) => Naming::Fixed { name },
            fleet::Naming::Numbered { prefix, begin, digits, suffix } => {
                Naming::Numbered { prefix, begin: *begin, digits: *digits, suffix }
            }
            fleet::Naming::Each(names) => Naming::Each { names: names.iter().map(|name| &**name).collect() },
            fleet::Naming::Parts(parts) => {
                let part = |part: &'a fleet::NamePart| match part {
                    fleet::NamePart::Text(text) => NamePart::Text { text },
                    fleet::NamePart::Number { begin, digits } => {
                        NamePart::Number { begin: *begin, digits: *digits }
                    }
                };
                Naming::Parts { parts: parts.iter().map(part).collect() }
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
            Naming::Each { names } => fleet::Naming::Each(names.into_iter().map(Into::into).collect()),
            Naming::Parts { parts } => {
                let part = |part: NamePart<'_>| match part {
                    NamePart::Text { text } => fleet::NamePart::Text(text.into()),
                    NamePart::Number { begin, digits } => fleet::NamePart::Number { begin, digits },
                };
                fleet::Naming::Parts(parts.into_iter().map(part).collect())
            }
        };
        Self { naming, unique_suffix }
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
            (4, Naming::Each { names: vec![] }),
            (5, Naming::Parts { parts: Vec::new() }),
        ],
    );
    let number = NamePart::Number { begin: 0, digits: 0 };
    stay(NamePart::NUMBERS, [(1, NamePart::Text { text: "" }), (2, number)]);
    stay(AfterCreation::NUMBERS, [(1, AfterCreation::Start), (2, AfterCreation::Stay)]);
    stay(InternetCharge::NUMBERS, [(1, InternetCharge::ByTraffic), (2, InternetCharge::ByBandwidth)]);
    stay(Io::NUMBERS, [(1, Io::Plain), (2, Io::Optimized)]);
    stay(Protection::NUMBERS, [(1, Protection::Off), (2, Protection::On)]);
}
