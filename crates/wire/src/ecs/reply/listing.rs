//! The part of a listing that a reply shows, and what it says about the rest.

use std::cmp::Reverse;
use std::fmt::Display;

use fleet::{Page, Paging};

use crate::document::Object;
use crate::ecs::request::paging;

/// One page of a listing, as a reply shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listing<T> {
    /// The rows of the page.
    pub rows: Vec<T>,
    /// How many rows the whole listing has.
    pub total: usize,
    /// Which page it is, from 1.
    pub number: usize,
    /// How many rows a page has at most.
    pub size: usize,
    /// Where to go on. Empty at the end, and when pages are asked for by number: a client that
    /// followed both would read rows twice.
    pub next_token: String,
}

impl<T> Listing<T> {
    /// The page that was asked for as `paging` says.
    #[must_use]
    pub fn of_page<Id: Display>(page: Page<T, Id>, paging: &Paging<Id>) -> Self {
        let Page { rows, total, more_after } = page;
        match *paging {
            Paging::Numbered { number, size } => {
                Self { rows, total, number, size, next_token: String::new() }
            }
            Paging::After { size, .. } => {
                let next_token = more_after.as_ref().map(paging::next_token).unwrap_or_default();
                Self { rows, total, number: 1, size, next_token }
            }
        }
    }

    /// The page that was asked for, out of `all` rows, each of which goes by a label. They are shown
    /// by descending label, so that of those whose labels were drawn the newest come first.
    #[must_use]
    pub fn of_labelled<L: Clone + Display + Ord>(
        mut all: Vec<T>,
        paging: &Paging<L>,
        label: impl Fn(&T) -> &L,
    ) -> Self {
        let total = all.len();
        all.sort_by(|one, other| Reverse(label(one)).cmp(&Reverse(label(other))));
        let (rest, size): (Vec<T>, usize) = match paging {
            Paging::Numbered { number, size } => {
                (all.into_iter().skip(number.saturating_sub(1).saturating_mul(*size)).collect(), *size)
            }
            Paging::After { last, size } => {
                let wanted = |row: &T| last.as_ref().is_none_or(|last| label(row) < last);
                (all.into_iter().filter(wanted).collect(), *size)
            }
        };
        let more = rest.len() > size;
        let rows: Vec<T> = rest.into_iter().take(size).collect();
        let more_after = rows.last().filter(|_| more).map(|last| label(last).clone());
        Self::of_page(Page { rows, total, more_after }, paging)
    }

    /// What the answer repeats of the request, and how much there is.
    pub(super) fn numbers(&self) -> Object {
        Object::new()
            .integer("TotalCount", self.total)
            .integer("PageNumber", self.number)
            .integer("PageSize", self.size)
    }

    /// The same, for the actions that can also be paged by token.
    pub(super) fn numbers_and_token(&self) -> Object {
        self.numbers().text("NextToken", self.next_token.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fleet::Label;

    fn label(text: &str) -> Label {
        Label::parse(text).unwrap()
    }

    #[test]
    fn a_page_is_cut_out_of_all_rows() {
        let all = || ["c", "a", "e", "b", "d"].map(label).to_vec();
        let after = |last: &str, size| Paging::After { last: Some(label(last)), size };
        for (paging, rows, next) in [
            (Paging::Numbered { number: 1, size: 2 }, "ed", None),
            (Paging::Numbered { number: 2, size: 2 }, "cb", None),
            (Paging::Numbered { number: 3, size: 2 }, "a", None),
            (Paging::Numbered { number: 4, size: 2 }, "", None),
            (Paging::Numbered { number: usize::MAX, size: usize::MAX }, "", None),
            (Paging::After { last: None, size: 2 }, "ed", Some("d")),
            (after("d", 2), "cb", Some("b")),
            (after("b", 2), "a", None),
            (after("c", 2), "ba", None),
            (after("a", 2), "", None),
            (after("bb", 5), "ba", None),
        ] {
            let listing = Listing::of_labelled(all(), &paging, |label| label);
            let shown: String = listing.rows.iter().map(Label::as_str).collect();
            let token = next.map(|next| paging::next_token(&next)).unwrap_or_default();
            assert_eq!((&*shown, listing.total, listing.next_token), (rows, 5, token), "{paging:?}");
        }
    }

    #[test]
    fn a_token_is_given_out_only_where_one_was_asked_for() {
        let page = Page { rows: vec!['a'], total: 2, more_after: Some(7) };
        let numbered = Listing::of_page(page.clone(), &Paging::Numbered { number: 3, size: 1 });
        assert_eq!((numbered.number, numbered.size, &*numbered.next_token), (3, 1, ""));
        let after = Listing::of_page(page.clone(), &Paging::After { last: None, size: 1 });
        assert_eq!((after.number, after.size, after.next_token), (1, 1, paging::next_token(&7)));
        let last =
            Listing::of_page(Page { more_after: None, ..page }, &Paging::After { last: Some(7), size: 1 });
        assert_eq!(last.next_token, "");
    }
}
