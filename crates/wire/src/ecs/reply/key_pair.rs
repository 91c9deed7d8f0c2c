//! Key pairs: `contract/ecs-actions.md` section 9.

use fleet::{KeyPair, Label};

use super::{Listing, Reply, ids, tags};
use crate::document::Object;
use crate::time;

/// A key pair that was made. The private half is in this answer and nowhere else.
#[must_use]
pub fn create_key_pair(pair: &KeyPair, private_key: &str) -> Reply {
    let body = named(pair).text("KeyPairId", ids::key_pair(pair)).hidden("PrivateKeyBody", private_key);
    Reply::new("CreateKeyPair", body)
}

/// A key pair whose public half was brought.
#[must_use]
pub fn import_key_pair(pair: &KeyPair) -> Reply {
    Reply::new("ImportKeyPair", named(pair))
}

/// Key pairs, with their public halves when they are asked for.
#[must_use]
pub fn describe_key_pairs(listing: &Listing<KeyPair>, with_public_key: bool) -> Reply {
    let rows = listing.rows.iter().map(|pair| {
        named(pair)
            .text("CreationTime", time::seconds(pair.created_at))
            .text("ResourceGroupId", pair.resource_group.as_ref().map_or("", Label::as_str))
            .list("Tags", "Tag", tags(&pair.tags))
            .maybe("PublicKey", with_public_key.then_some(pair.public_key.as_str()))
    });
    Reply::new("DescribeKeyPairs", listing.numbers().list("KeyPairs", "KeyPair", rows))
}

fn named(pair: &KeyPair) -> Object {
    Object::new().text("KeyPairName", &*pair.name).text("KeyPairFingerPrint", pair.fingerprint.as_str())
}
