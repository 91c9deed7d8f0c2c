//! Reading a body that was checked against the table of fields: nothing, null, an empty text and an
//! empty list are the same here.

use fleet::Label;
use serde_json::Value;

use super::field::{number, whole};
use super::{Code, Fault, Fields};

/// The fields of a body, or of an object in one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body<'a>(pub(super) &'a Fields);

impl<'a> Body<'a> {
    fn value(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn values(self, name: &str) -> impl Iterator<Item = &'a Value> {
        self.value(name).and_then(Value::as_array).into_iter().flatten()
    }

    pub(super) fn text(self, name: &str) -> Option<&'a str> {
        self.value(name)?.as_str().filter(|text| !text.is_empty())
    }

    pub(super) fn texts(self, name: &str) -> Vec<&'a str> {
        self.values(name).filter_map(Value::as_str).collect()
    }

    pub(super) fn integer(self, name: &str) -> Option<i64> {
        whole(self.value(name)?)
    }

    pub(super) fn integers(self, name: &str) -> Vec<i64> {
        self.values(name).filter_map(whole).collect()
    }

    pub(super) fn float(self, name: &str) -> Option<f64> {
        number(self.value(name)?)
    }

    pub(super) fn boolean(self, name: &str) -> Option<bool> {
        self.value(name)?.as_bool()
    }

    pub(super) fn object(self, name: &str) -> Option<Self> {
        self.value(name)?.as_object().map(Self)
    }

    pub(super) fn objects(self, name: &str) -> Vec<Self> {
        self.values(name).filter_map(Value::as_object).map(Self).collect()
    }

    /// A text that has to be there.
    pub(super) fn needed(self, name: &str) -> Result<&'a str, Fault> {
        self.text(name).ok_or_else(|| Fault::about(Code::MISSING_PARAMETER, name))
    }

    /// What a text names, if one is there.
    pub(super) fn label(self, name: &str) -> Option<Label> {
        self.text(name).map(named)
    }

    /// A whole number that is there and within bounds.
    pub(super) fn within<N: TryFrom<i64>>(
        self,
        name: &str,
        bounds: std::ops::RangeInclusive<i64>,
    ) -> Result<Option<N>, Fault> {
        let Some(found) = self.integer(name) else { return Ok(None) };
        let found = N::try_from(found).ok().filter(|_| bounds.contains(&found));
        found.map(Some).ok_or_else(|| invalid(name))
    }
}

/// The label that `text` spells; one that nothing goes by where it spells none.
pub(super) fn named(text: &str) -> Label {
    Label::parse(text).unwrap_or_else(|_| Label::highest())
}

pub(super) fn invalid(name: &str) -> Fault {
    Fault::about(Code::INVALID_PARAMETER_VALUE, name)
}
