//! Pages of listings: a part of the rows, and how many there are in all.

use alloc::vec::Vec;

/// Which part of a listing is wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Paging<Id> {
    /// The page with this number, from 1, of pages of this size.
    Numbered {
        /// Which page.
        number: usize,
        /// How many rows a page has.
        size: usize,
    },
    /// The rows after this one, or from the start.
    After {
        /// The last row that was seen.
        last: Option<Id>,
        /// How many rows at most.
        size: usize,
    },
}

/// A part of a listing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page<T, Id> {
    /// The rows, newest first.
    pub rows: Vec<T>,
    /// How many rows the whole listing has.
    pub total: usize,
    /// The last row, if there are more.
    pub more_after: Option<Id>,
}

/// Collects the rows of a page while all rows go by.
#[derive(Debug)]
pub struct PageCollector<T, Id> {
    paging: Paging<Id>,
    page: Page<T, Id>,
    last: Option<Id>,
}

impl<T, Id: Copy + Ord> PageCollector<T, Id> {
    /// Nothing collected yet.
    #[must_use]
    pub const fn new(paging: Paging<Id>) -> Self {
        Self { paging, page: Page { rows: Vec::new(), total: 0, more_after: None }, last: None }
    }

    /// Takes the next row, newest first.
    pub fn see(&mut self, id: Id, row: impl FnOnce() -> T) {
        let (wanted, size) = match self.paging {
            Paging::Numbered { number, size } => {
                let skipped = number.saturating_sub(1).saturating_mul(size);
                (self.page.total >= skipped, size)
            }
            Paging::After { last, size } => (last.is_none_or(|last| id < last), size),
        };
        self.page.total = self.page.total.saturating_add(1);
        if !wanted {
            return;
        }
        if self.page.rows.len() < size {
            self.page.rows.push(row());
            self.last = Some(id);
        } else {
            self.page.more_after = self.last;
        }
    }

    /// The page, once every row has gone by.
    #[must_use]
    pub fn into_page(self) -> Page<T, Id> {
        self.page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    fn page(paging: Paging<u8>) -> (Vec<u8>, usize, Option<u8>) {
        let mut collector = PageCollector::new(paging);
        for id in [9, 7, 5, 3, 1] {
            collector.see(id, || id);
        }
        let Page { rows, total, more_after } = collector.into_page();
        (rows, total, more_after)
    }

    #[test]
    fn a_page_has_its_rows_the_total_and_where_to_go_on() {
        for (paging, expected) in [
            (Paging::Numbered { number: 1, size: 2 }, (vec![9, 7], 5, Some(7))),
            (Paging::Numbered { number: 3, size: 2 }, (vec![1], 5, None)),
            (Paging::Numbered { number: 4, size: 2 }, (vec![], 5, None)),
            (Paging::Numbered { number: 1, size: 5 }, (vec![9, 7, 5, 3, 1], 5, None)),
            (Paging::After { last: None, size: 2 }, (vec![9, 7], 5, Some(7))),
            (Paging::After { last: Some(7), size: 2 }, (vec![5, 3], 5, Some(3))),
            (Paging::After { last: Some(6), size: 3 }, (vec![5, 3, 1], 5, None)),
            (Paging::After { last: Some(1), size: 3 }, (vec![], 5, None)),
        ] {
            assert_eq!(page(paging), expected, "{paging:?}");
        }
    }
}
