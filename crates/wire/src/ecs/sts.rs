//! The Sts API (2015-04-01): who asks. `contract/wire.md` section 5.

use fleet::AccountId;

use super::reply::Reply;
use super::{Code, Fault};
use crate::document::Object;

/// The action of this API that is served.
pub const GET_CALLER_IDENTITY: &str = "GetCallerIdentity";

/// The answer to `action` for somebody who signed with a key of `account`. Keys are the account's
/// own: there are no users beside it.
///
/// # Errors
/// When the action is another.
pub fn reply(action: &str, account: AccountId) -> Result<Reply, Fault> {
    if action != GET_CALLER_IDENTITY {
        return Err(Code::INVALID_ACTION_NOT_FOUND.into());
    }
    let id = account.0.to_string();
    let body = Object::new()
        .text("AccountId", id.as_str())
        .text("UserId", id.as_str())
        .text("Arn", format!("acs:ram::{id}:root"))
        .text("IdentityType", "Account");
    Ok(Reply::new(GET_CALLER_IDENTITY, body))
}
