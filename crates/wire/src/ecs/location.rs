//! The Location API (2015-12-12): where an API is served. `contract/wire.md` section 5.

use fleet::Label;

use super::reply::Reply;
use super::request::unnamed;
use super::{Code, Fault};
use crate::document::Object;
use crate::params::Params;

/// The action of this API that is served.
pub const DESCRIBE_ENDPOINTS: &str = "DescribeEndpoints";

/// Which endpoint is asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EndpointListing {
    /// In this region. It has to exist.
    pub region: Label,
    service: String,
}

impl EndpointListing {
    /// What `params` mean as a request for `action`.
    ///
    /// # Errors
    /// When the action is another, or no region or no service is named.
    pub fn parse(action: &str, params: &mut Params) -> Result<Self, Fault> {
        if action != DESCRIBE_ENDPOINTS {
            return Err(Code::INVALID_ACTION_NOT_FOUND.into());
        }
        let mut named = |name: &'static str| params.take_text(name).ok_or(Fault::missing(name));
        let region = Label::parse(&named("Id")?).unwrap_or_else(|_| unnamed());
        Ok(Self { region, service: named("ServiceCode")? })
    }

    /// The answer: `endpoint`, whatever the service. One listener serves all there are; a client that
    /// was told of none would turn to the public one.
    #[must_use]
    pub fn reply(&self, endpoint: &str) -> Reply {
        let row = Object::new()
            .text("Id", self.region.as_str())
            .text("Namespace", "")
            // This is how the service spells it.
            .text("SerivceCode", self.service.as_str())
            .text("Type", "openAPI")
            .list("Protocols", "Protocols", ["HTTP", "HTTPS"])
            .text("Endpoint", endpoint);
        let body = Object::new().boolean("Success", true).list("Endpoints", "Endpoint", [row]);
        Reply::new(DESCRIBE_ENDPOINTS, body)
    }
}
