//! Key pairs. One that is made is drawn at random here, and its private half goes into one answer: it
//! is neither stored nor logged.

use std::sync::Arc;

use hatchery::{AddKeyPair, KeyPair, View as _};
use rsa::RsaPrivateKey;
use rsa::pkcs1::{EncodeRsaPrivateKey as _, LineEnding};
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts as _;
use wire::ecs::reply::{self, Listing, Reply};
use wire::ecs::request::KeyPairRequest;
use wire::ecs::request::key_pair::{KeyPairListing, KeyPairWish};
use wire::ecs::ssh_key::PublicKey;
use wire::ecs::{Fault, refusal};

use crate::actions::{Call, failed, known_region};

/// How long a modulus is (`contract/ecs-actions.md`, CreateKeyPair).
const BITS: usize = 2048;

pub(crate) fn answer(call: &Call<'_>, request: KeyPairRequest) -> Result<Reply, Fault> {
    match request {
        KeyPairRequest::Create(wish) => create(call, wish),
        KeyPairRequest::Import(wish, key) => {
            known_region(&call.hatchery.snapshot(), &wish.region)?;
            Ok(reply::import_key_pair(&keep(call, wish.with(&key))?))
        }
        KeyPairRequest::List(wanted) => list(call, &wanted),
        KeyPairRequest::Delete(remove, region) => {
            known_region(&call.hatchery.snapshot(), &region)?;
            call.commit(remove, |never| match *never {}).map(|_| Reply::done("DeleteKeyPairs"))
        }
    }
}

fn create(call: &Call<'_>, wish: KeyPairWish) -> Result<Reply, Fault> {
    {
        // Drawing a key takes its time, so what would be refused anyway is refused before.
        let snapshot = call.hatchery.snapshot();
        known_region(&snapshot, &wish.region)?;
        if snapshot.key_pair((wish.account, &wish.name)).map_err(failed)?.is_some() {
            return Err(refusal::key_pair(&hatchery::KeyPairRefusal::NameTaken(Arc::clone(&wish.name))));
        }
    }
    let private = RsaPrivateKey::new(&mut OsRng, BITS).map_err(not_drawn)?;
    let pem = private.to_pkcs1_pem(LineEnding::LF).map_err(not_drawn)?;
    let public = PublicKey::from_numbers(&private.e().to_bytes_be(), &private.n().to_bytes_be());
    let pair = keep(call, wish.with(&public))?;
    Ok(reply::create_key_pair(&pair, &pem))
}

/// What went wrong says nothing of the key; it is not logged all the same.
fn not_drawn<E>(_: E) -> Fault {
    tracing::error!("no key pair could be drawn");
    refusal::failed()
}

fn keep(call: &Call<'_>, add: AddKeyPair) -> Result<KeyPair, Fault> {
    call.commit(add, refusal::key_pair)
}

fn list(call: &Call<'_>, wanted: &KeyPairListing) -> Result<Reply, Fault> {
    let snapshot = call.hatchery.snapshot();
    known_region(&snapshot, &wanted.region)?;
    let mut found = snapshot.key_pairs(call.origin.account).map_err(failed)?;
    found.retain(|pair| wanted.matches(pair));
    let listing = Listing::of_labelled(found, &wanted.paging, |pair| &pair.name);
    Ok(reply::describe_key_pairs(&listing, wanted.with_public_key))
}
