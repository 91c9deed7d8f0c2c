//! What a server says when it has started: where it is, who may call, and a request to paste.

use std::net::SocketAddr;

use hatchery::{AccountId, Hatchery, Sale, StockKey, StoreError, Time, View as _};
use wire::Params;
use wire::ecs::sign_v1::signed_query;
use wire::ecs::{Method, Signer};

use crate::credentials::Credentials;
use crate::say;

/// Greets whoever started the server.
pub(crate) fn greet(
    hatchery: &Hatchery,
    credentials: &Credentials,
    account: AccountId,
    address: SocketAddr,
    wall: Time,
) {
    let Credentials { key_id, secret } = credentials;
    say(format_args!("endpoint   http://{address}\naccess key {key_id}\nsecret     {secret}\n"));
    match launch_params(hatchery, account) {
        Ok(Some(params)) => {
            let query = sign(params, credentials, wall);
            say("Launch an instance (signed for the next 15 minutes, good for one use):\n");
            say(format_args!("curl -s 'http://{address}/?{query}'\n"));
        }
        Ok(None) => say("The catalogue offers nothing that could be launched.\n"),
        Err(error) => say(format_args!("No sample request can be made: {error}\n")),
    }
}

/// The parameters of a launch that this catalogue and these networks allow.
fn launch_params(hatchery: &Hatchery, account: AccountId) -> Result<Option<Params>, StoreError> {
    let snapshot = hatchery.snapshot();
    let catalogue = snapshot.catalogue();
    let groups = snapshot.groups(account)?;
    for subnet in snapshot.subnets(account)? {
        let Some(zone) = catalogue.zones.get(&subnet.zone).filter(|zone| zone.sale == Sale::Open) else {
            continue;
        };
        let Some(group) = groups.iter().find(|group| group.network == subnet.network) else { continue };
        for instance_type in catalogue.instance_types.values().filter(|found| found.sale == Sale::Open) {
            let key = StockKey { zone: zone.label.clone(), instance_type: instance_type.label.clone() };
            let image =
                catalogue.images.values().find(|image| image.architecture == instance_type.architecture);
            let (Some(stock), Some(image)) = (snapshot.stock(&key)?, image) else { continue };
            if stock.free() == 0 || subnet.pool.free == 0 {
                continue;
            }
            let mut params = Params::new();
            params.set("Action", "RunInstances");
            params.set("Version", "2014-05-26");
            params.set("Format", "JSON");
            params.set("RegionId", zone.region.as_str());
            params.set("ImageId", image.label.as_str());
            params.set("InstanceType", instance_type.label.as_str());
            params.set("SecurityGroupId", group.label.as_str());
            params.set("VSwitchId", subnet.label.as_str());
            params.set("InstanceName", "hello-[1,3]");
            return Ok(Some(params));
        }
    }
    Ok(None)
}

fn sign(params: Params, credentials: &Credentials, wall: Time) -> String {
    let mut nonce = [0_u8; 16];
    // Without chance the time alone makes the nonce: the sample is for one use anyway.
    let _ = getrandom::fill(&mut nonce);
    let nonce = format!("{:032x}", u128::from_be_bytes(nonce) ^ u128::from(wall.millis()));
    let secret = credentials.secret();
    let signer = Signer { key_id: &credentials.key_id, secret: &secret, nonce: &nonce, timestamp: wall };
    signed_query(Method::Get, params, &signer)
}
