//! What can be asked for: zones, types, images, what there is, prices.

use fleet::{BareMetalType, Catalogue, Charge, Image, InstanceType, Label, Line, Os, RaidLevel, Stock};

use super::super::body::{Body, invalid};
use super::super::words::{self, Supply};
use super::super::{Code, Fault};
use super::launch::charge_of;

/// How many types one request names at most.
const TYPES_MAX: usize = 100;

/// Which zones are shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ZoneListing {
    /// Those with cloud routers, or those without.
    pub cloud_router: Option<bool>,
}

/// Which types are shown.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TypeListing {
    /// One of these; each has to be there.
    pub ids: Vec<Label>,
    image: Option<Label>,
    cpus: (Option<i64>, Option<i64>),
    memory_gb: (Option<i64>, Option<i64>),
    bandwidth_min: Option<i64>,
    raids: Vec<Option<RaidLevel>>,
    subnets: Option<bool>,
    disk_gb: (Option<i64>, Option<i64>),
    high_availability: Option<bool>,
}

/// Whose stock is shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SupplyListing {
    /// The zone, as it was sent.
    pub zone: Option<String>,
    /// Those that can be paid for in advance, or by use.
    pub prepaid: bool,
    instance_type: Option<Label>,
    supply: Option<Supply>,
}

/// Which images are shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ImageListing {
    /// Those that suit this type, which has to be there.
    pub instance_type: Option<Label>,
    ids: Vec<Label>,
    name: Option<String>,
    catalog: Option<String>,
    image_type: Option<String>,
    os: Option<Option<Os>>,
}

/// What a price is asked of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PriceInquiry {
    /// The zone, as it was sent.
    pub zone: String,
    /// The type.
    pub instance_type: Label,
    /// How it is paid for.
    pub charge: Charge,
    /// The line, where it was said.
    pub line: Option<Line>,
    /// How much goes out, Mbit/s.
    pub out_mbps: u16,
}

impl ZoneListing {
    pub(super) fn parse(body: Body<'_>) -> Self {
        Self { cloud_router: body.boolean("isCloudRouterAvailable") }
    }
}

impl TypeListing {
    pub(super) fn parse(body: Body<'_>) -> Result<Self, Fault> {
        let ids = body.texts("instanceTypeIds");
        if ids.len() > TYPES_MAX {
            return Err(invalid("instanceTypeIds"));
        }
        let between = |least: &str, most: &str| (body.integer(least), body.integer(most));
        Ok(Self {
            ids: ids.into_iter().map(super::super::body::named).collect(),
            image: body.label("imageId"),
            cpus: between("minimumCpuCoreCount", "maximumCpuCoreCount"),
            memory_gb: between("minimumMemorySize", "maximumMemorySize"),
            bandwidth_min: body.integer("minimumBandwidth"),
            raids: body.integers("supportRaids").into_iter().map(words::raid_level).collect(),
            subnets: body.boolean("supportSubnet"),
            disk_gb: between("minimumDiskSize", "maximumDiskSize"),
            high_availability: body.boolean("isHA"),
        })
    }

    /// Whether the listing shows a type, which is bare metal.
    #[must_use]
    pub fn matches(&self, of: &InstanceType, is: &BareMetalType, catalogue: &Catalogue) -> bool {
        let within = |(least, most): (Option<i64>, Option<i64>), found: i64| {
            least.is_none_or(|least| least <= found) && most.is_none_or(|most| found <= most)
        };
        let image = self.image.as_ref().map(|label| catalogue.images.get(label));
        let bandwidth = i64::from(most_out(is));
        (self.ids.is_empty() || self.ids.contains(&of.label))
            && image.is_none_or(|image| image.is_some_and(|image| is.takes(of, image)))
            && within(self.cpus, i64::from(of.cpus))
            && within(self.memory_gb, i64::from(of.memory_mib / 1024))
            && self.bandwidth_min.is_none_or(|least| least <= bandwidth)
            && self.raids.iter().all(|level| level.is_some_and(|level| is.quick_raids.contains(&level)))
            && self.subnets.is_none_or(|subnets| subnets == is.subnets)
            && within(self.disk_gb, i64::from(total_disk(is)))
            && self.high_availability.is_none_or(|wanted| wanted == is.high_availability)
    }
}

/// The most that goes out of a type in any zone, Mbit/s.
pub(in super::super) fn most_out(is: &BareMetalType) -> u16 {
    is.offers.values().map(|offer| offer.out_mbps_max).max().unwrap_or(0)
}

/// The room of all its disks, GB.
pub(in super::super) fn total_disk(is: &BareMetalType) -> u32 {
    is.disk_sizes().fold(0, u32::saturating_add)
}

impl SupplyListing {
    pub(super) fn parse(body: Body<'_>) -> Result<Self, Fault> {
        let prepaid = match body.needed("instanceChargeType") {
            Ok(words::PREPAID) => true,
            Ok(words::POSTPAID) => false,
            Ok(_) | Err(_) => return Err(Code::INVALID_CHARGE_TYPE_NOT_SUPPORT.into()),
        };
        let supply = match body.text("sellStatus") {
            None => None,
            Some(word) => Some(words::supply::parse(word).ok_or_else(|| invalid("sellStatus"))?),
        };
        let zone = body.text("zoneId").map(str::to_owned);
        Ok(Self { zone, prepaid, instance_type: body.label("instanceTypeId"), supply })
    }

    /// Whether the listing shows a stock of a type that is bare metal.
    #[must_use]
    pub fn matches(&self, stock: &Stock, is: &BareMetalType) -> bool {
        let offer = is.offers.get(&stock.key.zone);
        let charged = offer.is_some_and(|offer| if self.prepaid { offer.prepaid } else { offer.postpaid });
        charged
            && self.zone.as_ref().is_none_or(|zone| zone == stock.key.zone.as_str())
            && self.instance_type.as_ref().is_none_or(|wanted| *wanted == stock.key.instance_type)
            && self.supply.is_none_or(|supply| supply == Supply::of(stock.free()))
    }
}

impl ImageListing {
    pub(super) fn parse(body: Body<'_>) -> Self {
        Self {
            instance_type: body.label("instanceTypeId"),
            ids: body.texts("imageIds").into_iter().map(super::super::body::named).collect(),
            name: body.text("imageName").map(str::to_owned),
            catalog: body.text("catalog").map(str::to_owned),
            image_type: body.text("imageType").map(str::to_owned),
            os: body.text("osType").map(words::os::parse),
        }
    }

    /// Whether the listing shows `image`; `instance_type` is the one that was named.
    #[must_use]
    pub fn matches(&self, image: &Image, instance_type: Option<&InstanceType>) -> bool {
        let suits =
            |of: &InstanceType| of.abilities.bare_metal.as_ref().is_some_and(|is| is.takes(of, image));
        (self.ids.is_empty() || self.ids.contains(&image.label))
            && self.instance_type.as_ref().is_none_or(|_| instance_type.is_some_and(suits))
            && self.name.as_ref().is_none_or(|name| image.name.contains(name.as_str()))
            && self.catalog.as_ref().is_none_or(|wanted| wanted == words::catalog(&image.os_name))
            && self.image_type.as_ref().is_none_or(|wanted| wanted == words::image_type(image.traits.origin))
            && self.os.is_none_or(|os| os == Some(image.os))
    }
}

impl PriceInquiry {
    pub(super) fn parse(body: Body<'_>) -> Result<Self, Fault> {
        let zone = body.needed("zoneId")?.to_owned();
        let instance_type = super::super::body::named(body.needed("instanceTypeId")?);
        let charge = charge_of(body.needed("instanceChargeType")?, body)?;
        let line = match body.text("internetChargeType") {
            None => None,
            Some(word) => {
                Some(words::line::parse(word).ok_or(Code::OPERATION_FILED_INTERNET_CHARGE_TYPE_NOT_SUPPORT)?)
            }
        };
        let out_mbps = body.within("internetMaxBandwidthOut", 0..=i64::from(u16::MAX))?;
        let out_mbps = out_mbps.unwrap_or(fleet::BareMetalOffer::OUT_MBPS);
        Ok(Self { zone, instance_type, charge, line, out_mbps })
    }
}
