//! One tree per reply, written as JSON or as XML by the rules of the wire.
//!
//! A list always has a wrapper, also when it is empty: clients index into it without looking.

mod json;
mod xml;

/// How a reply is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// `application/json`
    Json,
    /// `text/xml`
    Xml,
}

impl Format {
    /// The value of Content-Type, in the exact spelling that clients compare with.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json;charset=utf-8",
            Self::Xml => "text/xml;charset=utf-8",
        }
    }

    /// The format that `text` names, in any case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            json if json.eq_ignore_ascii_case("JSON") => Some(Self::Json),
            xml if xml.eq_ignore_ascii_case("XML") => Some(Self::Xml),
            _ => None,
        }
    }
}

/// One value of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Named fields.
    Object(Object),
    /// `{"inner":[…]}`; the outer name is the name of the field.
    List {
        /// The name that each item repeats in XML.
        inner: &'static str,
        /// The items, in order.
        items: Vec<Node>,
    },
    /// A text.
    Text(String),
    /// A text that only the rendered reply shows.
    Hidden(Hidden),
    /// A whole number.
    Integer(i64),
    /// A number with digits behind the point.
    Decimal(Decimal),
    /// `true` or `false`.
    Boolean(bool),
    /// A value of a field that XML leaves out.
    JsonOnly(Box<Node>),
}

/// A text that `Debug` does not show.
#[derive(Clone, Eq, PartialEq)]
pub struct Hidden(String);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden")
    }
}

/// The number `units / 10^scale`, exact. Written with at least one digit behind the point.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Decimal {
    /// The digits.
    pub units: i64,
    /// How many of them stand behind the point.
    pub scale: u8,
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scale = usize::from(self.scale);
        let digits = format!("{:0width$}", self.units.unsigned_abs(), width = scale.saturating_add(1));
        let (whole, part) = digits.split_at(digits.len().saturating_sub(scale));
        let part = part.trim_end_matches('0');
        let sign = if self.units < 0 { "-" } else { "" };
        let part = if part.is_empty() { "0" } else { part };
        write!(f, "{sign}{whole}.{part}")
    }
}

/// Named fields, in the order in which they were added.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Object {
    fields: Vec<(&'static str, Node)>,
}

impl Object {
    /// No fields.
    #[must_use]
    pub const fn new() -> Self {
        Self { fields: Vec::new() }
    }

    /// Adds a field of any kind.
    #[must_use]
    pub fn field(mut self, name: &'static str, node: impl Into<Node>) -> Self {
        self.fields.push((name, node.into()));
        self
    }

    /// Adds a text.
    #[must_use]
    pub fn text(self, name: &'static str, text: impl Into<String>) -> Self {
        self.field(name, Node::Text(text.into()))
    }

    /// Adds a text that `Debug` does not show.
    #[must_use]
    pub fn hidden(self, name: &'static str, text: impl Into<String>) -> Self {
        self.field(name, Node::Hidden(Hidden(text.into())))
    }

    /// Adds a whole number; one that is too large for the format is the largest.
    #[must_use]
    pub fn integer(self, name: &'static str, number: impl TryInto<i64>) -> Self {
        self.field(name, Node::Integer(number.try_into().unwrap_or(i64::MAX)))
    }

    /// Adds the number `units / 10^scale`.
    #[must_use]
    pub fn decimal(self, name: &'static str, units: i64, scale: u8) -> Self {
        self.field(name, Node::Decimal(Decimal { units, scale }))
    }

    /// Adds `true` or `false`.
    #[must_use]
    pub fn boolean(self, name: &'static str, truth: bool) -> Self {
        self.field(name, Node::Boolean(truth))
    }

    /// Adds an object.
    #[must_use]
    pub fn object(self, name: &'static str, object: Self) -> Self {
        self.field(name, Node::Object(object))
    }

    /// Adds a list in its wrapper, be it empty: `"outer":{"inner":[…]}`.
    #[must_use]
    pub fn list<I>(self, outer: &'static str, inner: &'static str, items: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<Node>,
    {
        self.field(outer, Node::List { inner, items: items.into_iter().map(Into::into).collect() })
    }

    /// Adds a field when there is something to add.
    #[must_use]
    pub fn maybe(self, name: &'static str, node: Option<impl Into<Node>>) -> Self {
        match node {
            Some(node) => self.field(name, node),
            None => self,
        }
    }
}

impl From<Object> for Node {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Node {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<Decimal> for Node {
    fn from(number: Decimal) -> Self {
        Self::Decimal(number)
    }
}

impl From<bool> for Node {
    fn from(truth: bool) -> Self {
        Self::Boolean(truth)
    }
}

/// A whole body: a tree and the name of its root, which only XML shows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Document {
    root: String,
    body: Object,
}

/// What an error body says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ErrorBody<'a> {
    /// The id of the request: an upper-case UUID.
    pub request_id: &'a str,
    /// The Host of the request.
    pub host_id: &'a str,
    /// The code that clients compare with.
    pub code: &'static str,
    /// The sentence for people.
    pub message: &'a str,
    /// Where to read on.
    pub recommend: Option<&'a str>,
}

impl Document {
    /// The answer of `action`: the id of the request and what the action says. The name of an action
    /// is ours, never the client's: it becomes the name of an element.
    #[must_use]
    pub fn success(action: &'static str, request_id: &str, body: Object) -> Self {
        let mut fields = Object::new().text("RequestId", request_id);
        fields.fields.extend(body.fields);
        Self { root: format!("{action}Response"), body: fields }
    }

    /// An error.
    #[must_use]
    pub fn error(error: &ErrorBody<'_>) -> Self {
        let body = Object::new()
            .text("RequestId", error.request_id)
            .text("HostId", error.host_id)
            .text("Code", error.code)
            .text("Message", error.message)
            .maybe("Recommend", error.recommend);
        Self { root: "Error".to_owned(), body }
    }

    /// The text of the body. It goes with [`Format::content_type`].
    #[must_use]
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Json => json::render(&self.body),
            Format::Xml => xml::render(&self.root, &self.body),
        }
    }
}

#[cfg(test)]
mod tests;
