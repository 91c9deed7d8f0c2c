//! One request as a list of changes to the plainest valid one, which is how recipes are written.

use std::collections::BTreeMap;

use wire::Params;
use wire::ecs::{Method, Secret, Signer};

use super::base;
use super::world::{KEY_ID, NOW, SECRET, World};

/// A request, before it is signed.
///
/// Changes are written like a query, not encoded:
///
/// ```text
///  Amount=3                        the parameter has this value
///  -ImageId                        the parameter is absent, and all of its list
///  InstanceId={world}              what the world of that name is called there, see World
///  InstanceName={a*129}            a text so many times
///  DataDisk.{1..17}.Size=20        one for each number
///  SecurityGroupIds.{1..6}=sg-#    and it in the value as well
///  !Signature=x   !-Timestamp      after it was signed
///  @DELETE                         another method of HTTP
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ask {
    method: String,
    params: BTreeMap<String, String>,
    /// What happens to it behind its signer's back; `None` takes a parameter out.
    tampered: Vec<(String, Option<String>)>,
}

impl Ask {
    /// The plainest request for `action` that is valid in a [`World`].
    #[must_use]
    pub fn plain(action: &str) -> Self {
        let ask = Self::empty();
        let version = if base::is_of_vpc(action) { "2016-04-28" } else { "2014-05-26" };
        ask.with(&format!("Action={action}&Version={version}")).with(base::of(action))
    }

    /// A request that says nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self { method: "GET".into(), params: BTreeMap::new(), tampered: Vec::new() }
    }

    /// The request with this value, as it is.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.params.insert(name.into(), value.into());
        self
    }

    /// The request with some changes.
    ///
    /// # Panics
    /// When they cannot be read.
    #[must_use]
    pub fn with(mut self, changes: &str) -> Self {
        for change in changes.split('&').filter(|change| !change.is_empty()) {
            match change.split_at(1) {
                ("@", method) => self.method = method.into(),
                ("-", name) => {
                    let list = format!("{name}.");
                    self.params.retain(|found, _| found != name && !found.starts_with(&list));
                }
                ("!", change) => self.tampered.push(match change.strip_prefix('-') {
                    Some(name) => (name.into(), None),
                    None => pair(change, |name, value| (name.into(), Some(repeated(value)))),
                }),
                _ => pair(change, |name, value| {
                    let names = numbered(name).into_iter();
                    self.params
                        .extend(names.map(|(name, number)| (name, repeated(&value.replace('#', &number)))));
                }),
            }
        }
        self
    }

    /// Whether a parameter of this name, or of a list of this name, is in it.
    #[must_use]
    pub fn says(&self, name: &str) -> bool {
        self.params.keys().any(|found| found.split('.').next() == name.split('.').next())
    }

    /// Its parameters, with what the world calls things by.
    #[must_use]
    pub fn params(&self, world: &World) -> Params {
        let mut params = Params::new();
        self.params.iter().for_each(|(name, value)| params.set(name.clone(), world.named(value)));
        params
    }

    /// The method of HTTP.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The query that sends it, signed with the key of the world. A nonce is used once, unless
    /// the request says which.
    ///
    /// # Panics
    /// When it was tampered with in a way that no query can have.
    #[must_use]
    pub fn query(&self, world: &World, nonce: &str) -> String {
        let secret = Secret::new(SECRET);
        let nonce = self.params.get("SignatureNonce").map_or(nonce, String::as_str);
        let key_id = self.params.get("AccessKeyId").map_or(KEY_ID, String::as_str);
        let signer = Signer { key_id, secret: &secret, nonce, timestamp: NOW };
        let signed = wire::ecs::sign_v1::signed_query(Method::Get, self.params(world), &signer);
        if self.tampered.is_empty() {
            return signed;
        }
        let mut params = Params::parse(signed.as_bytes(), b"").expect("a query that was just rendered");
        for (name, value) in &self.tampered {
            params.take_raw(name);
            if let Some(value) = value {
                params.set(name.clone(), value.clone());
            }
        }
        params.render()
    }
}

fn pair<T>(change: &str, then: impl FnOnce(&str, &str) -> T) -> T {
    let (name, value) = change.split_once('=').unwrap_or_else(|| panic!("no change: {change}"));
    then(name, value)
}

/// The names that `DataDisk.{1..17}.Size` stands for, each with its number.
fn numbered(name: &str) -> Vec<(String, String)> {
    let Some((before, rest)) = name.split_once('{') else { return vec![(name.into(), "#".into())] };
    let (range, after) = rest.split_once('}').expect("a closing brace");
    let (first, last) = range.split_once("..").expect("a range");
    let (first, last): (u32, u32) = (first.parse().expect("a number"), last.parse().expect("a number"));
    (first..=last).map(|number| (format!("{before}{number}{after}"), number.to_string())).collect()
}

/// The text that `x{a*3}` stands for: `xaaa`. Braces without a number stay: they are names.
fn repeated(value: &str) -> String {
    let parts = || {
        let (before, rest) = value.split_once('{')?;
        let (inner, after) = rest.split_once('}')?;
        let (text, count) = inner.rsplit_once('*')?;
        Some((before, text, count.parse().ok()?, after))
    };
    match parts() {
        Some((before, text, count, after)) => format!("{before}{}{after}", text.repeat(count)),
        None => value.into(),
    }
}
