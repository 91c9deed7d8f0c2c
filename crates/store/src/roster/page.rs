//! A page and its total out of the members that were found.

use std::collections::BTreeSet;

use fleet::{Page, PageCollector, Paging, Serial};
use roaring::RoaringTreemap;

use super::set::{bound, pack, unpack};

/// Members of a roster that a listing may show.
#[derive(Debug)]
pub(crate) struct Found {
    /// Those of whom the roster and the reader agree.
    sure: RoaringTreemap,
    /// Those that have to be read to know.
    unsure: BTreeSet<u64>,
    /// Whether those of whom it is sure are shown without another look.
    exact: bool,
}

impl Found {
    /// `None` when somebody of whom it is unsure has an id that cannot be packed.
    pub(super) fn new(mut sure: RoaringTreemap, unsure: &[Serial], exact: bool) -> Option<Self> {
        let unsure: BTreeSet<u64> = unsure.iter().copied().map(pack).collect::<Option<_>>()?;
        for id in &unsure {
            sure.remove(*id);
        }
        Some(Self { sure, unsure, exact })
    }

    /// The page, newest first. `read` reads a row, if the listing shows it. `None` when somebody is not
    /// shown of whom it was sure: then the roster is wrong, and no page comes of it.
    pub(crate) fn page<T, Id: Copy + Ord, E>(
        self,
        paging: Paging<Id>,
        (id_of, serial_of): (impl Fn(Serial) -> Id, impl Fn(Id) -> Serial),
        mut read: impl FnMut(Id) -> Result<Option<T>, E>,
    ) -> Result<Option<Page<T, Id>>, E> {
        let Self { sure: mut shown, unsure, exact } = self;
        if !exact {
            shown.extend(unsure);
            let mut collector = PageCollector::new(paging);
            for id in shown.iter().rev().map(|id| id_of(unpack(id))) {
                if let Some(row) = read(id)? {
                    collector.see(id, || row);
                }
            }
            return Ok(Some(collector.into_page()));
        }
        for id in unsure {
            if read(id_of(unpack(id)))?.is_some() {
                shown.insert(id);
            }
        }
        let total = shown.len();
        let size = match paging {
            Paging::Numbered { number, size } => {
                skip(&mut shown, number.saturating_sub(1).saturating_mul(size));
                size
            }
            Paging::After { last, size } => {
                if let Some(last) = last.and_then(|last| bound(serial_of(last))) {
                    shown.remove_range(last..);
                }
                size
            }
        };
        let mut ids = shown.iter().rev().map(|id| id_of(unpack(id)));
        let mut page =
            Page { rows: Vec::new(), total: usize::try_from(total).unwrap_or(usize::MAX), more_after: None };
        let mut last = None;
        for id in ids.by_ref().take(size) {
            let Some(row) = read(id)? else { return Ok(None) };
            page.rows.push(row);
            last = Some(id);
        }
        page.more_after = last.filter(|_| ids.next().is_some());
        Ok(Some(page))
    }
}

/// Leaves out the highest `count`.
fn skip(shown: &mut RoaringTreemap, count: usize) {
    let first = u64::try_from(count).ok().filter(|count| *count < shown.len());
    let first = first.and_then(|count| shown.select(shown.len().checked_sub(count)?.checked_sub(1)?));
    match first.map(|first| first.checked_add(1)) {
        Some(Some(above)) => drop(shown.remove_range(above..)),
        Some(None) => {}
        None => shown.clear(),
    }
}
