//! What a new catalogue may not change under instances that exist, and how hosts are resized.

use alloc::vec::Vec;

use super::{Catalogue, CatalogueRefusal, InstanceType, LoadCatalogue, Sale};
use crate::decide::{Draft, Halt};
use crate::{Asset, Host, Key, Label, Stock, View};

impl LoadCatalogue {
    /// Whether everything that assets and hosts name is there too.
    pub(super) fn places_are_known(&self) -> Result<(), CatalogueRefusal> {
        for Asset { label, region, what, .. } in self.catalogue.assets.values() {
            if let Some(region) = region
                && !self.catalogue.regions.contains_key(region)
            {
                let (of, asset, region) = (what.of(), label.clone(), region.clone());
                return Err(CatalogueRefusal::UnknownAssetRegion { of, asset, region });
            }
        }
        for Host { label, zone, .. } in &self.hosts {
            if !self.catalogue.zones.contains_key(zone) {
                let (host, zone) = (label.clone(), zone.clone());
                return Err(CatalogueRefusal::UnknownHostZone { host, zone });
            }
        }
        Ok(())
    }

    /// Every host whose record changes. One that is not given is closed, and keeps just what is on it.
    pub(super) fn hosts_after<V: View>(
        &self,
        draft: &Draft<'_, V>,
    ) -> Result<Vec<Host>, Halt<CatalogueRefusal, V::Failure>> {
        let (first, last) = Key::hosts();
        let mut after = Vec::new();
        for key in draft.keys(&first, &last, usize::MAX)? {
            let Key::Host(label) = key else { continue };
            let given = self.hosts.iter().any(|host| host.label == label);
            if let (false, Some(host)) = (given, draft.host(&label)?) {
                let closed = Host { sale: Sale::Closed, places: host.taken, ..host.clone() };
                after.extend((closed != host).then_some(closed));
            }
        }
        for host in &self.hosts {
            let before = draft.host(&host.label)?;
            let taken = before.as_ref().map_or(0, |before| before.taken);
            let host = Host { taken, ..host.clone() };
            let (label, places) = (host.label.clone(), host.places);
            if places < taken {
                return Err(Halt::Refused(CatalogueRefusal::PlacesBelowUse { host: label, places, taken }));
            }
            if let Some(Host { zone, .. }) = before.as_ref().filter(|_| taken > 0)
                && *zone != host.zone
            {
                let (zone, wanted) = (zone.clone(), host.zone.clone());
                let moved = CatalogueRefusal::HostMoved { host: label, zone, wanted, taken };
                return Err(Halt::Refused(moved));
            }
            after.extend((before.as_ref() != Some(&host)).then_some(host));
        }
        Ok(after)
    }

    /// Whether zones stay in their regions: subnets and instances are in both.
    pub(super) fn zones_stay(&self, before: &Catalogue) -> Result<(), CatalogueRefusal> {
        for zone in self.catalogue.zones.values() {
            if let Some(before) = before.zones.get(&zone.label)
                && before.region != zone.region
            {
                let (region, wanted) = (before.region.clone(), zone.region.clone());
                return Err(CatalogueRefusal::ZoneMoved { zone: zone.label.clone(), region, wanted });
            }
        }
        Ok(())
    }

    /// Whether a type that `stock` has instances of is as big as before: that is what was launched.
    pub(super) fn size_stays(&self, before: &Catalogue, stock: &Stock) -> Result<(), CatalogueRefusal> {
        let of = |catalogue: &Catalogue| {
            let it = catalogue.instance_types.get(&stock.key.instance_type);
            it.map(|InstanceType { cpus, memory_mib, architecture, .. }| (*cpus, *memory_mib, *architecture))
        };
        match (of(before), of(&self.catalogue)) {
            (Some(before), Some(after)) if before != after && stock.taken() > 0 => {
                Err(CatalogueRefusal::TypeInUse { key: stock.key.clone(), taken: stock.taken() })
            }
            _ => Ok(()),
        }
    }

    /// Whether no label is given to two hosts.
    pub(super) fn hosts_are_distinct(&self) -> Result<(), CatalogueRefusal> {
        let mut labels: Vec<&Label> = self.hosts.iter().map(|host| &host.label).collect();
        labels.sort_unstable();
        let twice = labels.windows(2).find_map(|pair| match pair {
            [one, other] if one == other => Some((*one).clone()),
            _ => None,
        });
        twice.map_or(Ok(()), |host| Err(CatalogueRefusal::HostTwice(host)))
    }
}
