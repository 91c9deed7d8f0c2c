//! Text with all of its mutants in it: what is inserted where, and which mutant a place in the result belongs to.

use std::collections::BTreeSet;
use std::ops::Range;

/// Names a mutant in this run.
pub(crate) type Id = u32;

/// A piece of inserted text. What belongs to a mutant is left out with it.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) of: Option<Id>,
    pub(crate) text: String,
}

impl Piece {
    pub(crate) fn always(text: &str) -> Self {
        Self { of: None, text: text.to_owned() }
    }

    pub(crate) fn of(id: Id, text: String) -> Self {
        Self { of: Some(id), text }
    }
}

/// A place in the original, and what stands before and after it.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) range: Range<usize>,
    pub(crate) before: Vec<Piece>,
    pub(crate) after: Vec<Piece>,
}

impl Site {
    fn ids(&self) -> impl Iterator<Item = Id> {
        self.before.iter().chain(&self.after).filter_map(|piece| piece.of)
    }
}

/// The text with its mutants.
#[derive(Debug)]
pub(crate) struct Woven {
    pub(crate) text: String,
    /// Where the text of one mutant is, and then where a site is with all of its mutants.
    own: Vec<(Range<usize>, Id)>,
    sites: Vec<(Range<usize>, BTreeSet<Id>)>,
}

impl Woven {
    /// The one mutant whose text has the place in it, or touches it.
    pub(crate) fn mutant_at(&self, place: &Range<usize>) -> Option<Id> {
        let around =
            self.own.iter().filter(|(range, _)| range.start <= place.start && place.end <= range.end);
        around.min_by_key(|(range, _)| range.len()).map(|(_, id)| *id)
    }

    /// All mutants of the narrowest site around the place.
    pub(crate) fn site_at(&self, place: &Range<usize>) -> Option<&BTreeSet<Id>> {
        let around =
            self.sites.iter().filter(|(range, _)| range.start <= place.start && place.end <= range.end);
        around.min_by_key(|(range, _)| range.len()).map(|(_, ids)| ids)
    }
}

/// Puts the sites into the text, without the mutants that are `left_out`. `sites` has what is outside before what is
/// inside of it.
pub(crate) fn weave(text: &str, sites: &[Site], left_out: &BTreeSet<Id>) -> Woven {
    let is_in = |site: &&Site| site.ids().any(|id| !left_out.contains(&id));
    let sites: Vec<&Site> = sites.iter().filter(is_in).collect();
    // At one place, what ends there comes before what begins there; what is inside ends first and begins last.
    let ends = sites
        .iter()
        .enumerate()
        .map(|(index, site)| (site.range.end, 0, usize::MAX.saturating_sub(index), index));
    let starts = sites.iter().enumerate().map(|(index, site)| (site.range.start, 1, index, index));
    let mut events: Vec<_> = ends.chain(starts).collect();
    events.sort_unstable();

    let mut woven = Woven { text: String::new(), own: Vec::new(), sites: Vec::new() };
    let mut began = vec![0; sites.len()];
    let mut copied = 0;
    for (at, kind, _, index) in events {
        woven.text.push_str(text.get(copied..at).unwrap_or_default());
        copied = at;
        let (Some(site), Some(start)) = (sites.get(index), began.get_mut(index)) else { continue };
        if kind == 1 {
            *start = woven.text.len();
            insert(&mut woven, &site.before, left_out);
        } else {
            insert(&mut woven, &site.after, left_out);
            // What is only inserted is all its own.
            if !site.range.is_empty() {
                let ids = site.ids().filter(|id| !left_out.contains(id)).collect();
                woven.sites.push((*start..woven.text.len(), ids));
            }
        }
    }
    woven.text.push_str(text.get(copied..).unwrap_or_default());
    woven
}

fn insert(woven: &mut Woven, pieces: &[Piece], left_out: &BTreeSet<Id>) {
    for Piece { of, text } in pieces {
        if of.is_some_and(|id| left_out.contains(&id)) {
            continue;
        }
        let start = woven.text.len();
        woven.text.push_str(text);
        if let Some(id) = of {
            woven.own.push((start..woven.text.len(), *id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(range: Range<usize>, id: Id) -> Site {
        let before = vec![Piece::always("("), Piece::of(id, format!("{id}? "))];
        Site { range, before, after: vec![Piece::always(")")] }
    }

    #[test]
    fn what_is_inside_stays_inside() {
        let sites = [site(0..5, 1), site(0..1, 2), site(4..5, 3)];
        let woven = weave("a + b;", &sites, &BTreeSet::new());
        assert_eq!(woven.text, "(1? (2? a) + (3? b));");
        assert_eq!(woven.mutant_at(&(1..3)), Some(1));
        assert_eq!(woven.site_at(&(5..6)), Some(&BTreeSet::from([2])));
        assert_eq!(woven.site_at(&(11..12)), Some(&BTreeSet::from([1])));
    }

    #[test]
    fn what_does_not_compile_is_left_out() {
        let sites = [site(0..5, 1), site(4..5, 3)];
        assert_eq!(weave("a + b;", &sites, &BTreeSet::from([1])).text, "a + (3? b);");
    }
}
