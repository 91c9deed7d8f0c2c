//! Key pairs and the roles of instances: `contract/ecs-actions.md` sections 8 and 9.

use fleet::{Instance, KeyPair, Label, Spec};

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

/// What programs on instances may do.
#[must_use]
pub fn describe_instance_ram_role<S: AsRef<Spec>>(listing: &Listing<(Instance, S)>, region: &Label) -> Reply {
    let rows = listing.rows.iter().map(|(instance, spec)| {
        let role = spec.as_ref().role.as_ref().map_or("", Label::as_str);
        Object::new().text("InstanceId", ids::instance(instance.id)).text("RamRoleName", role)
    });
    let body = Object::new().integer("TotalCount", listing.total).text("RegionId", region.as_str());
    let body = body.list("InstanceRamRoleSets", "InstanceRamRoleSet", rows);
    Reply::new("DescribeInstanceRamRole", body)
}

fn named(pair: &KeyPair) -> Object {
    Object::new().text("KeyPairName", &*pair.name).text("KeyPairFingerPrint", pair.fingerprint.as_str())
}
