//! Which part of a listing a client asks for, by page number or by token.
//!
//! ```text
//!  PageNumber=2&PageSize=50          the second page of fifty
//!  MaxResults=50                     the first fifty
//!  MaxResults=50&NextToken=aS0x…     the fifty after the row that the token names
//! ```

use std::fmt::Display;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fleet::{EventId, InstanceId, Label, Paging, RuleId};

use crate::ecs::{Code, Fault};
use crate::params::{Params, integer};

/// The number of rows on a page when nothing is said.
pub const PAGE_SIZE: usize = 10;

/// The token that names the row with this id: what comes after it is the next page.
#[must_use]
pub fn next_token(last: &impl Display) -> String {
    URL_SAFE_NO_PAD.encode(last.to_string())
}

/// What a token can name.
pub(super) trait Row: Sized {
    fn parse(text: &str) -> Option<Self>;
}

impl Row for InstanceId {
    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl Row for EventId {
    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl Row for RuleId {
    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl Row for Label {
    fn parse(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

/// The part asked for by number: pages of at most `size_max`.
pub(super) fn numbered<Id>(params: &mut Params, size_max: usize) -> Result<Paging<Id>, Fault> {
    let within = |at_most: usize| {
        move |text: &str| match integer(text) {
            Ok(number) if (1..=at_most).contains(&number) => Ok(number),
            Ok(_) | Err(_) => Err(Code::INVALID_PARAMETER_NAMED),
        }
    };
    let number = params.take("PageNumber", within(usize::MAX))?;
    let size = params.take("PageSize", within(size_max))?;
    Ok(Paging::Numbered { number: number.unwrap_or(1), size: size.unwrap_or(PAGE_SIZE) })
}

/// The part asked for by token, if it is: `MaxResults` is brought between its limits, not refused.
pub(super) fn after<Id: Row>(
    params: &mut Params,
    limits: (usize, usize),
) -> Result<Option<Paging<Id>>, Fault> {
    let (least, most) = limits;
    let size = params.take("MaxResults", integer::<usize>)?;
    let last = params.take("NextToken", |text| token(text).ok_or(Code::INVALID_PARAMETER_NAMED))?;
    if size.is_none() && last.is_none() {
        return Ok(None);
    }
    let size = size.unwrap_or(PAGE_SIZE).clamp(least, most);
    Ok(Some(Paging::After { last, size }))
}

/// The part asked for, by token or else by number.
pub(super) fn either<Id: Row>(
    params: &mut Params,
    size_max: usize,
    limits: (usize, usize),
) -> Result<Paging<Id>, Fault> {
    let numbered = numbered(params, size_max)?;
    Ok(after(params, limits)?.unwrap_or(numbered))
}

fn token<Id: Row>(text: &str) -> Option<Id> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    Id::parse(std::str::from_utf8(&bytes).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fleet::Serial;

    const ID: InstanceId = InstanceId(Serial { epoch: 1, number: 42 });

    fn paging(query: &str) -> Result<Paging<InstanceId>, String> {
        let mut params = Params::parse(query.as_bytes(), b"").unwrap();
        either(&mut params, 100, (10, 100)).map_err(|fault| fault.parameter.unwrap().into_owned())
    }

    #[test]
    fn a_page_is_asked_for_by_number_or_by_token() {
        let token = next_token(&ID);
        let with_token = format!("MaxResults=20&NextToken={token}");
        let token_only = format!("NextToken={token}");
        let broken = format!("NextToken={token}A");
        let numbered = |number, size| Ok(Paging::Numbered { number, size });
        let after = |last, size| Ok(Paging::After { last, size });
        for (query, expected) in [
            ("", numbered(1, 10)),
            ("PageNumber=&PageSize=", numbered(1, 10)),
            ("PageNumber=3&PageSize=100", numbered(3, 100)),
            ("PageSize=101", Err("PageSize".to_owned())),
            ("PageSize=0", Err("PageSize".to_owned())),
            ("PageNumber=0", Err("PageNumber".to_owned())),
            ("PageNumber=x", Err("PageNumber".to_owned())),
            ("PageNumber=-1", Err("PageNumber".to_owned())),
            ("MaxResults=1", after(None, 10)),
            ("MaxResults=50&PageNumber=7", after(None, 50)),
            ("MaxResults=101", after(None, 100)),
            ("MaxResults=-1", Err("MaxResults".to_owned())),
            (&with_token, after(Some(ID), 20)),
            (&token_only, after(Some(ID), 10)),
            (&broken, Err("NextToken".to_owned())),
            ("NextToken=%2A", Err("NextToken".to_owned())),
            ("NextToken=aS1h", Err("NextToken".to_owned())),
        ] {
            assert_eq!(paging(query), expected, "{query}");
        }
    }
}
