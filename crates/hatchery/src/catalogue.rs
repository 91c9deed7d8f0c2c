//! A catalogue as people write it: TOML.

use std::collections::{BTreeMap, BTreeSet};

use fleet::{
    AccountId, Architecture, Catalogue, CatalogueItem, CreateGroup, CreateNetwork, CreateSubnet, Image,
    ImageStatus, InstanceType, Label, LabelSource, LoadCatalogue, Money, Offer, Os, Region, Sale, StockKey,
    SubnetBlock, Zone,
};
use serde::Deserialize;

/// A catalogue file: what can be asked for, and networks to begin with.
///
/// ```toml
/// [[region]]
/// id = "cn-hangzhou"
///
/// [[zone]]
/// id = "cn-hangzhou-g"
/// region = "cn-hangzhou"
///
/// [[instance_type]]
/// id = "ecs.g6.large"
/// family = "ecs.g6"
/// cpus = 2
/// memory_mib = 8192
/// stock = { cn-hangzhou-g = 100 }
///
/// [[image]]
/// id = "img-linux"
/// os = "linux"
/// size_gib = 20
/// ```
#[derive(Clone, Debug)]
pub struct CatalogueFile {
    catalogue: Catalogue,
    offers: Vec<Offer>,
    networks: Vec<NetworkRow>,
    subnets: Vec<SubnetRow>,
    groups: Vec<GroupRow>,
}

/// Why a text is no catalogue file.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CatalogueError {
    /// It is not TOML, or a value is not what the key asks for.
    #[error("line {line}: {message}")]
    Malformed {
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// Two things go by one name.
    #[error("there are two items of kind {kind} with the id {label}")]
    Twice {
        /// The kind of table.
        kind: &'static str,
        /// The name.
        label: Label,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    region: Vec<RegionRow>,
    #[serde(default)]
    zone: Vec<ZoneRow>,
    #[serde(default)]
    instance_type: Vec<InstanceTypeRow>,
    #[serde(default)]
    image: Vec<ImageRow>,
    #[serde(default)]
    network: Vec<NetworkRow>,
    #[serde(default)]
    subnet: Vec<SubnetRow>,
    #[serde(default)]
    group: Vec<GroupRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegionRow {
    id: LabelText,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ZoneRow {
    id: LabelText,
    region: LabelText,
    #[serde(default)]
    name: String,
    #[serde(default)]
    closed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InstanceTypeRow {
    id: LabelText,
    family: LabelText,
    cpus: u16,
    memory_mib: u32,
    #[serde(default)]
    architecture: ArchitectureText,
    #[serde(default)]
    closed: bool,
    #[serde(default)]
    monthly_price: u64,
    #[serde(default)]
    stock: BTreeMap<LabelText, u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImageRow {
    id: LabelText,
    #[serde(default)]
    name: String,
    os: OsText,
    #[serde(default)]
    os_name: String,
    #[serde(default)]
    architecture: ArchitectureText,
    size_gib: u32,
    #[serde(default)]
    status: ImageStatusText,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkRow {
    id: LabelText,
    region: LabelText,
    block: NetText,
    #[serde(default)]
    name: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SubnetRow {
    id: LabelText,
    network: LabelText,
    zone: LabelText,
    block: BlockText,
    #[serde(default)]
    name: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupRow {
    id: LabelText,
    network: LabelText,
    #[serde(default)]
    name: String,
}

#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(try_from = "String")]
struct LabelText(Label);

impl TryFrom<String> for LabelText {
    type Error = fleet::LabelError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Label::parse(&text).map(Self)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
struct NetText(ipnet::Ipv4Net);

impl TryFrom<String> for NetText {
    type Error = ipnet::AddrParseError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
struct BlockText(SubnetBlock);

#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no block of a subnet: an IPv4 network with a mask of /16 to /29 is")]
struct NoBlock(String);

impl TryFrom<String> for BlockText {
    type Error = NoBlock;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().ok().and_then(SubnetBlock::new).map(Self).ok_or(NoBlock(text))
    }
}

#[derive(Clone, Copy, Default, Deserialize)]
enum ArchitectureText {
    #[default]
    #[serde(rename = "x86_64")]
    X86_64,
    #[serde(rename = "arm64")]
    Arm64,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OsText {
    Linux,
    Windows,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ImageStatusText {
    #[default]
    Available,
    Creating,
    Deprecated,
}

impl From<ArchitectureText> for Architecture {
    fn from(text: ArchitectureText) -> Self {
        match text {
            ArchitectureText::X86_64 => Self::X86_64,
            ArchitectureText::Arm64 => Self::Arm64,
        }
    }
}

fn or_id(name: String, id: &Label) -> String {
    if name.is_empty() { id.as_str().into() } else { name }
}

const fn sale(closed: bool) -> Sale {
    if closed { Sale::Closed } else { Sale::Open }
}

impl RegionRow {
    fn item(self) -> CatalogueItem {
        let LabelText(label) = self.id;
        CatalogueItem::Region(Region { local_name: or_id(self.name, &label), label })
    }
}

impl ZoneRow {
    fn item(self) -> CatalogueItem {
        let LabelText(label) = self.id;
        let local_name = or_id(self.name, &label);
        CatalogueItem::Zone(Zone {
            label,
            region: self.region.0,
            local_name,
            sale: sale(self.closed),
            disks: Vec::new(),
            bare_metal: None,
        })
    }
}

impl InstanceTypeRow {
    fn offers(&self) -> impl Iterator<Item = Offer> + '_ {
        self.stock.iter().map(|(LabelText(zone), total)| Offer {
            stock: StockKey { zone: zone.clone(), instance_type: self.id.0.clone() },
            total: *total,
        })
    }

    fn item(self) -> CatalogueItem {
        CatalogueItem::InstanceType(InstanceType {
            label: self.id.0,
            family: self.family.0,
            cpus: self.cpus,
            memory_mib: self.memory_mib,
            architecture: self.architecture.into(),
            sale: sale(self.closed),
            monthly_price: Money(self.monthly_price),
            abilities: fleet::Abilities::default(),
        })
    }
}

impl ImageRow {
    fn item(self) -> CatalogueItem {
        let LabelText(label) = self.id;
        CatalogueItem::Image(Image {
            name: or_id(self.name, &label),
            os: match self.os {
                OsText::Linux => Os::Linux,
                OsText::Windows => Os::Windows,
            },
            os_name: or_id(self.os_name, &label),
            label,
            architecture: self.architecture.into(),
            size_gib: self.size_gib,
            status: match self.status {
                ImageStatusText::Available => ImageStatus::Available,
                ImageStatusText::Creating => ImageStatus::Creating,
                ImageStatusText::Deprecated => ImageStatus::Deprecated,
            },
            traits: fleet::ImageTraits::default(),
        })
    }
}

impl CatalogueFile {
    /// The file that `text` spells.
    ///
    /// # Errors
    /// When it is not TOML, a table has a key that is not known or lacks one that is needed, a
    /// value is not what its key asks for, or two items go by one name.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        let file: File = toml::from_str(text).map_err(|error| CatalogueError::Malformed {
            line: error.span().map_or(1, |span| line_of(text, span.start)),
            message: error.message().into(),
        })?;
        let offers = file.instance_type.iter().flat_map(InstanceTypeRow::offers).collect();
        let regions = file.region.into_iter().map(RegionRow::item);
        let zones = file.zone.into_iter().map(ZoneRow::item);
        let instance_types = file.instance_type.into_iter().map(InstanceTypeRow::item);
        let images = file.image.into_iter().map(ImageRow::item);
        let mut catalogue = Catalogue::default();
        for item in regions.chain(zones).chain(instance_types).chain(images) {
            let (kind, label) = kind_and_label(&item);
            if catalogue.holds(&item) {
                return Err(CatalogueError::Twice { kind, label });
            }
            catalogue.add(item);
        }
        no_twice("network", file.network.iter().map(|row| &row.id))?;
        no_twice("subnet", file.subnet.iter().map(|row| &row.id))?;
        no_twice("group", file.group.iter().map(|row| &row.id))?;
        let File { network: networks, subnet: subnets, group: groups, .. } = File {
            region: Vec::new(),
            zone: Vec::new(),
            instance_type: Vec::new(),
            image: Vec::new(),
            ..file
        };
        Ok(Self { catalogue, offers, networks, subnets, groups })
    }

    /// The command that puts the catalogue in force.
    #[must_use]
    pub fn load(&self) -> LoadCatalogue {
        LoadCatalogue { catalogue: self.catalogue.clone(), offers: self.offers.clone() }
    }

    /// The commands that make the networks of the file for `account`.
    pub fn networks(&self, account: AccountId) -> impl Iterator<Item = CreateNetwork> + '_ {
        self.networks.iter().map(move |row| CreateNetwork {
            account,
            label: LabelSource::Given(row.id.0.clone()),
            region: row.region.0.clone(),
            block: row.block.0,
            name: row.name.clone(),
            description: String::new(),
        })
    }

    /// The commands that make the subnets of the file for `account`, to be run after the networks.
    pub fn subnets(&self, account: AccountId) -> impl Iterator<Item = CreateSubnet> + '_ {
        self.subnets.iter().map(move |row| CreateSubnet {
            account,
            label: LabelSource::Given(row.id.0.clone()),
            network: row.network.0.clone(),
            zone: row.zone.0.clone(),
            block: row.block.0,
            name: row.name.clone(),
            description: String::new(),
        })
    }

    /// The commands that make the groups of the file for `account`, to be run after the networks.
    pub fn groups(&self, account: AccountId) -> impl Iterator<Item = CreateGroup> + '_ {
        self.groups.iter().map(move |row| CreateGroup {
            account,
            label: LabelSource::Given(row.id.0.clone()),
            network: row.network.0.clone(),
            name: row.name.clone(),
            description: String::new(),
        })
    }
}

fn no_twice<'r>(kind: &'static str, ids: impl Iterator<Item = &'r LabelText>) -> Result<(), CatalogueError> {
    let mut seen = BTreeSet::new();
    for LabelText(label) in ids {
        if !seen.insert(label) {
            return Err(CatalogueError::Twice { kind, label: label.clone() });
        }
    }
    Ok(())
}

fn kind_and_label(item: &CatalogueItem) -> (&'static str, Label) {
    match item {
        CatalogueItem::Region(region) => ("region", region.label.clone()),
        CatalogueItem::Zone(zone) => ("zone", zone.label.clone()),
        CatalogueItem::InstanceType(instance_type) => ("instance_type", instance_type.label.clone()),
        CatalogueItem::Image(image) => ("image", image.label.clone()),
        CatalogueItem::Asset(asset) => ("asset", asset.label.clone()),
    }
}

fn line_of(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or(text);
    before.bytes().filter(|byte| *byte == b'\n').count().saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_named_with_its_line() {
        for (text, expected) in [
            ("[[region]]\nid = 'a b'", "line 2: character ' ' at byte 1 of a label is not printable ASCII"),
            ("[[region]]\nid = 'r'\ncolour = 1", "line 3: unknown field `colour`, expected `id` or `name`"),
            ("[[region]]\nname = 'r'", "line 1: missing field `id`"),
            ("[[zone]]\nid = 'z'\nregion = 1", "line 3: invalid type: integer `1`, expected a string"),
            ("\n\n[[", "line 3: "),
            (
                "[[subnet]]\nid = 's'\nnetwork = 'n'\nzone = 'z'\nblock = '10.0.0.0/30'",
                "line 5: `10.0.0.0/30` is no block of a subnet: an IPv4 network with a mask of /16 to /29 is",
            ),
            (
                "[[region]]\nid = 'r'\n[[region]]\nid = 'r'",
                "there are two items of kind region with the id r",
            ),
            (
                "[[group]]\nid = 'g'\nnetwork = 'n'\n[[group]]\nid = 'g'\nnetwork = 'm'",
                "there are two items of kind group with the id g",
            ),
        ] {
            let error = CatalogueFile::parse(text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{text:?}: {error}");
        }
    }
}
