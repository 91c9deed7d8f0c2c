//! The catalogue: what can be asked for, and how much of it there is.

mod change;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{
    AccountId, Asset, AssetType, BareMetalType, BareMetalZone, CatalogueItem, DiskKind, Host, Key, Label,
    Money, Rate, Record, Stock, StockKey, SubnetBlock, Time,
};

/// What can be asked for. Small enough to be held in memory whole.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Catalogue {
    /// The regions.
    pub regions: BTreeMap<Label, Region>,
    /// The zones of all regions.
    pub zones: BTreeMap<Label, Zone>,
    /// The instance types.
    pub instance_types: BTreeMap<Label, InstanceType>,
    /// The images.
    pub images: BTreeMap<Label, Image>,
    /// What else a launch can name.
    pub assets: BTreeMap<(AssetType, Label), Asset>,
}

/// A region.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Region {
    /// What it goes by.
    pub label: Label,
    /// What people call it.
    pub local_name: String,
    /// The addresses that its instances are reached at from the internet.
    pub public_block: Option<SubnetBlock>,
}

/// A zone of a region.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Zone {
    /// What it goes by.
    pub label: Label,
    /// The region it is in.
    pub region: Label,
    /// What people call it.
    pub local_name: String,
    /// Whether anything can be launched there.
    pub sale: Sale,
    /// The kinds of disks it offers, in order; all kinds when none is said.
    pub disks: Vec<DiskKind>,
    /// What it has for bare metal; `None` where there is none.
    pub bare_metal: Option<Arc<BareMetalZone>>,
}

/// Whether something can be asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sale {
    /// It can.
    Open,
    /// Not any more; what exists goes on.
    Closed,
}

/// An instance type.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InstanceType {
    /// What it goes by.
    pub label: Label,
    /// The family it belongs to.
    pub family: Label,
    /// Processors.
    pub cpus: u16,
    /// Memory, MiB.
    pub memory_mib: u32,
    /// What its processors understand.
    pub architecture: Architecture,
    /// Whether it can be asked for.
    pub sale: Sale,
    /// What thirty days cost in advance, for an account that is charged.
    pub monthly_price: Money,
    /// What it can do besides.
    pub abilities: Abilities,
}

/// What an instance type can do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Abilities {
    /// How its disks are reached.
    pub io: IoSupport,
    /// The kinds of disks it takes, in order; those of its way to reach them when none is said.
    pub disks: Vec<DiskKind>,
    /// How many interfaces it has room for, the first among them.
    pub interfaces: u8,
    /// How many IPv4 addresses an interface takes.
    pub ipv4_per_interface: u8,
    /// How many IPv6 addresses an interface takes.
    pub ipv6_per_interface: u8,
    /// Whether it saves credit for bursts.
    pub burstable: bool,
    /// Whether it only runs in a cluster with a fast network.
    pub hpc: bool,
    /// Disks in its host.
    pub local_disks: LocalDisks,
    /// Graphics processors.
    pub gpus: u16,
    /// Which ones, for people.
    pub gpu_name: String,
    /// What an hour of spare capacity costs now; `None` when it is not for bids.
    pub spot_price: Option<Rate>,
    /// What an hour costs, for people.
    pub hourly_price: Rate,
    /// What it is as bare metal; `None` when it is none.
    pub bare_metal: Option<Arc<BareMetalType>>,
}

impl Default for Abilities {
    /// What types of today can do.
    fn default() -> Self {
        Self {
            io: IoSupport::Only,
            disks: Vec::new(),
            interfaces: 2,
            ipv4_per_interface: 6,
            ipv6_per_interface: 0,
            burstable: false,
            hpc: false,
            local_disks: LocalDisks::default(),
            gpus: 0,
            gpu_name: String::new(),
            spot_price: None,
            hourly_price: Rate(0),
            bare_metal: None,
        }
    }
}

/// How an instance type can reach its disks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IoSupport {
    /// The old way only.
    Never,
    /// Either way.
    Optional,
    /// The fast way only.
    Only,
}

/// Disks in the host of an instance type.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LocalDisks {
    /// How many.
    pub count: u8,
    /// How large each is, GiB.
    pub size_gib: u32,
}

/// What a processor understands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Architecture {
    /// 64-bit x86.
    X86_64,
    /// 64-bit Arm.
    Arm64,
    /// 32-bit x86: only of images.
    I386,
}

/// An image.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Image {
    /// What it goes by.
    pub label: Label,
    /// What people call it.
    pub name: String,
    /// Its kind of operating system.
    pub os: Os,
    /// Its operating system, for people.
    pub os_name: String,
    /// What it was built for.
    pub architecture: Architecture,
    /// How large it is, GiB.
    pub size_gib: u32,
    /// Whether it can be used.
    pub status: ImageStatus,
    /// What is known of it besides.
    pub traits: ImageTraits,
}

/// What is known of an image.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ImageTraits {
    /// The family it is the newest of, unless a newer one is.
    pub family: Option<Arc<str>>,
    /// Where it comes from.
    pub origin: ImageOrigin,
    /// When it was made.
    pub created_at: Time,
    /// Whether a password is in it.
    pub has_password: bool,
    /// Whether it can reach disks the fast way.
    pub io_optimized: bool,
    /// Whether it runs what is handed over when it first boots.
    pub cloud_init: bool,
    /// The least memory it takes, MiB.
    pub memory_min_mib: u32,
    /// The account it is for; everybody when it is left out.
    pub account: Option<AccountId>,
}

impl Default for ImageTraits {
    /// A system image that everything works with.
    fn default() -> Self {
        Self {
            family: None,
            origin: ImageOrigin::System,
            created_at: Time::START,
            has_password: false,
            io_optimized: true,
            cloud_init: true,
            memory_min_mib: 0,
            account: None,
        }
    }
}

/// Where an image comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ImageOrigin {
    /// The provider.
    System,
    /// The account itself.
    Own,
    /// Another account, which shares it.
    Others,
    /// A market: it has to be bought.
    Market,
}

/// A kind of operating system.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Os {
    /// Linux.
    Linux,
    /// Windows.
    Windows,
}

/// Whether an image can be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ImageStatus {
    /// It can.
    Available,
    /// Not yet.
    Creating,
    /// Not any more; what exists goes on.
    Deprecated,
}

/// How much of a type a zone offers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Offer {
    /// Which type where.
    pub stock: StockKey,
    /// How many units in all.
    pub total: u32,
}

impl Catalogue {
    /// Adds an item, in place of one with the same label.
    pub fn add(&mut self, item: CatalogueItem) {
        match item {
            CatalogueItem::Region(region) => drop(self.regions.insert(region.label.clone(), region)),
            CatalogueItem::Zone(zone) => drop(self.zones.insert(zone.label.clone(), zone)),
            CatalogueItem::InstanceType(instance_type) => {
                drop(self.instance_types.insert(instance_type.label.clone(), instance_type));
            }
            CatalogueItem::Image(image) => drop(self.images.insert(image.label.clone(), image)),
            CatalogueItem::Asset(asset) => {
                drop(self.assets.insert((asset.what.of(), asset.label.clone()), asset));
            }
        }
    }

    /// Whether an item of the same kind goes by the label of `item`.
    #[must_use]
    pub fn holds(&self, item: &CatalogueItem) -> bool {
        match item {
            CatalogueItem::Region(region) => self.regions.contains_key(&region.label),
            CatalogueItem::Zone(zone) => self.zones.contains_key(&zone.label),
            CatalogueItem::InstanceType(instance_type) => {
                self.instance_types.contains_key(&instance_type.label)
            }
            CatalogueItem::Image(image) => self.images.contains_key(&image.label),
            CatalogueItem::Asset(asset) => self.asset(asset.what.of(), &asset.label).is_some(),
        }
    }

    /// Everything in it.
    pub fn items(&self) -> impl Iterator<Item = CatalogueItem> + '_ {
        let regions = self.regions.values().cloned().map(CatalogueItem::Region);
        let zones = self.zones.values().cloned().map(CatalogueItem::Zone);
        let instance_types = self.instance_types.values().cloned().map(CatalogueItem::InstanceType);
        let images = self.images.values().cloned().map(CatalogueItem::Image);
        let assets = self.assets.values().cloned().map(CatalogueItem::Asset);
        regions.chain(zones).chain(instance_types).chain(images).chain(assets)
    }

    /// An asset, be it closed.
    #[must_use]
    pub fn asset(&self, kind: AssetType, label: &Label) -> Option<&Asset> {
        self.assets.get(&(kind, label.clone()))
    }

    /// This catalogue after `newer` took its place: what `newer` no longer has stays, closed, since
    /// instances may still stand on it.
    #[must_use]
    fn replaced_by(&self, newer: &Self) -> Self {
        let mut merged = Self { regions: self.regions.clone(), ..Self::default() };
        for zone in self.zones.values() {
            merged.add(CatalogueItem::Zone(Zone { sale: Sale::Closed, ..zone.clone() }));
        }
        for instance_type in self.instance_types.values() {
            let closed = InstanceType { sale: Sale::Closed, ..instance_type.clone() };
            merged.add(CatalogueItem::InstanceType(closed));
        }
        for image in self.images.values() {
            let status = ImageStatus::Deprecated;
            merged.add(CatalogueItem::Image(Image { status, ..image.clone() }));
        }
        for asset in self.assets.values() {
            merged.add(CatalogueItem::Asset(Asset { sale: Sale::Closed, ..asset.clone() }));
        }
        newer.items().for_each(|item| merged.add(item));
        merged
    }
}

/// Makes a catalogue the one in force, and sets how much there is of everything.
///
/// What an earlier catalogue had and this one does not is closed for sale, not removed; a stock
/// without an offer is closed for sale, and keeps just what is taken. So it is with hosts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct LoadCatalogue {
    /// What can be asked for from now on.
    pub catalogue: Catalogue,
    /// How much of it there is.
    pub offers: Vec<Offer>,
    /// The hosts of somebody's own; how much of each is taken is the fleet's to say.
    pub hosts: Vec<Host>,
}

/// Why a catalogue is not taken.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CatalogueRefusal {
    /// A zone is in a region that is not there.
    #[error("zone {zone} is in region {region}, which the catalogue does not have")]
    UnknownRegion {
        /// The zone.
        zone: Label,
        /// The region it names.
        region: Label,
    },
    /// An offer is of something that is not there.
    #[error("{} of type {} are offered in zone {}, and the catalogue does not have both", .0.total, .0.stock.instance_type, .0.stock.zone)]
    UnknownOffer(Offer),
    /// Two regions would give out the same public addresses.
    #[error("the public blocks of regions {0} and {1} overlap")]
    PublicBlocksOverlap(Label, Label),
    /// Public addresses are out that the region would no longer have.
    #[error("{out} addresses of {}, the public block of region {region}, are out; it can grow, and nothing else", .block.net())]
    PublicBlockInUse {
        /// The region.
        region: Label,
        /// The block it has.
        block: SubnetBlock,
        /// The block it would have.
        wanted: Option<SubnetBlock>,
        /// How many addresses instances have, or are cooling down.
        out: u32,
    },
    /// An asset is in a region that is not there.
    #[error("{asset}, a {of:?}, is in region {region}, which the catalogue does not have")]
    UnknownAssetRegion {
        /// What it is.
        of: AssetType,
        /// Which.
        asset: Label,
        /// The region it names.
        region: Label,
    },
    /// A host is in a zone that is not there.
    #[error("host {host} is in zone {zone}, which the catalogue does not have")]
    UnknownHostZone {
        /// The host.
        host: Label,
        /// The zone it names.
        zone: Label,
    },
    /// Two hosts go by one label.
    #[error("there are two hosts {0}")]
    HostTwice(Label),
    /// More instances are on a host than it would have room for.
    #[error("{places} places on host {host} are less than the {taken} taken")]
    PlacesBelowUse {
        /// The host.
        host: Label,
        /// The places asked for.
        places: u32,
        /// How many instances are on it.
        taken: u32,
    },
    /// A host with instances on it would be somewhere else.
    #[error("host {host} would move from zone {zone} to {wanted}, and {taken} instances are on it")]
    HostMoved {
        /// The host.
        host: Label,
        /// The zone it is in.
        zone: Label,
        /// The zone asked for.
        wanted: Label,
        /// How many instances are on it.
        taken: u32,
    },
    /// A zone would be in another region.
    #[error("zone {zone} would move from region {region} to {wanted}")]
    ZoneMoved {
        /// The zone.
        zone: Label,
        /// The region it is in.
        region: Label,
        /// The region asked for.
        wanted: Label,
    },
    /// A type that instances have would be another size.
    #[error("type {} would be another size or architecture, and {taken} instances in zone {} have it", .key.instance_type, .key.zone)]
    TypeInUse {
        /// Which type where.
        key: StockKey,
        /// How many instances have it there.
        taken: u32,
    },
    /// Instances hold more than there would be.
    #[error("a total of {total} of type {} in zone {} is less than the {taken} taken and {missing} missing", .key.instance_type, .key.zone)]
    TotalBelowUse {
        /// Which stock.
        key: StockKey,
        /// The total asked for.
        total: u32,
        /// How many units instances hold.
        taken: u32,
        /// How many units do not exist.
        missing: u32,
    },
}

impl LoadCatalogue {
    fn consistent(&self) -> Result<(), CatalogueRefusal> {
        for zone in self.catalogue.zones.values() {
            if !self.catalogue.regions.contains_key(&zone.region) {
                let (zone, region) = (zone.label.clone(), zone.region.clone());
                return Err(CatalogueRefusal::UnknownRegion { zone, region });
            }
        }
        for offer in &self.offers {
            let known = self.catalogue.zones.contains_key(&offer.stock.zone)
                && self.catalogue.instance_types.contains_key(&offer.stock.instance_type);
            if !known {
                return Err(CatalogueRefusal::UnknownOffer(offer.clone()));
            }
        }
        self.places_are_known()?;
        self.hosts_are_distinct()
    }
}

impl Command for LoadCatalogue {
    type Reply = ();
    type Refusal = CatalogueRefusal;

    fn decide<V: View>(
        &self,
        draft: &mut Draft<'_, V>,
        now: Time,
    ) -> Result<(), Halt<CatalogueRefusal, V::Failure>> {
        self.consistent().map_err(Halt::Refused)?;
        self.zones_stay(draft.catalogue()).map_err(Halt::Refused)?;
        let mut totals: BTreeMap<StockKey, Option<u32>> = BTreeMap::new();
        let (first, last) = Key::stocks();
        for key in draft.keys(&first, &last, usize::MAX)? {
            if let Key::Stock(key) = key {
                totals.insert(key, None);
            }
        }
        for offer in &self.offers {
            totals.insert(offer.stock.clone(), Some(offer.total));
        }
        let mut stocks = Vec::new();
        for (key, total) in totals {
            let before = draft.stock(&key)?;
            let stock = before.clone().unwrap_or_else(|| Stock::new(key.clone(), 0));
            self.size_stays(draft.catalogue(), &stock).map_err(Halt::Refused)?;
            let (taken, missing) = (stock.taken(), stock.missing());
            let sale = total.map_or(Sale::Closed, |_| Sale::Open);
            let total = total.unwrap_or_else(|| taken.saturating_add(missing));
            let resized = stock.resize(total).map(|stock| stock.with_sale(sale));
            let resized = resized.ok_or(Halt::Refused(CatalogueRefusal::TotalBelowUse {
                key,
                total,
                taken,
                missing,
            }))?;
            if before.as_ref() != Some(&resized) {
                stocks.push(resized);
            }
        }
        let hosts = self.hosts_after(draft)?;

        let merged = draft.catalogue().replaced_by(&self.catalogue);
        merged.public_blocks_apart().map_err(Halt::Refused)?;
        merged.regions.values().try_for_each(|region| draft.set_public_block(region))?;

        let repriced = merged.instance_types.values().any(|found| {
            let before = draft.catalogue().instance_types.get(&found.label);
            before.is_some_and(|before| before.abilities.spot_price != found.abilities.spot_price)
        });

        // From here on the catalogue is in force. What stays as it was is not written again.
        let items: Vec<_> = merged.items().filter(|item| !draft.catalogue().has(item)).collect();
        items.into_iter().for_each(|item| draft.put(Record::Catalogue(item)));
        stocks.into_iter().for_each(|stock| draft.put(Record::Stock(stock)));
        hosts.into_iter().for_each(|host| draft.put(Record::Host(host)));
        if repriced {
            draft.judge_bids(now);
        }
        Ok(())
    }
}

impl Catalogue {
    fn public_blocks_apart(&self) -> Result<(), CatalogueRefusal> {
        let mut blocks: Vec<(SubnetBlock, &Label)> =
            self.regions.values().filter_map(|region| Some((region.public_block?, &region.label))).collect();
        // Blocks are whole powers of two: one that overlaps another begins in it or holds its start.
        blocks.sort_unstable();
        for pair in blocks.windows(2) {
            if let [(first, one), (second, other)] = pair
                && (first.contains(second.net().network()) || second.contains(first.net().network()))
            {
                return Err(CatalogueRefusal::PublicBlocksOverlap((*one).clone(), (*other).clone()));
            }
        }
        Ok(())
    }

    fn has(&self, item: &CatalogueItem) -> bool {
        match item {
            CatalogueItem::Region(region) => self.regions.get(&region.label) == Some(region),
            CatalogueItem::Zone(zone) => self.zones.get(&zone.label) == Some(zone),
            CatalogueItem::InstanceType(instance_type) => {
                self.instance_types.get(&instance_type.label) == Some(instance_type)
            }
            CatalogueItem::Image(image) => self.images.get(&image.label) == Some(image),
            CatalogueItem::Asset(asset) => self.asset(asset.what.of(), &asset.label) == Some(asset),
        }
    }
}
