//! What became of a launch, in one answer.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod common;

use common::{Client, House, LAUNCH, Reply, STRANGER_KEY_ID, Setup};
use serde_json::{Value, json};
use wire::ecs::Method;

const DESCRIBE: [(&str, &str); 3] =
    [("Action", "DescribeLaunch"), ("Version", "2014-05-26"), ("Format", "JSON")];

fn ask(house: &House, client: Client<'_>, names: &[(&str, &str)]) -> Reply {
    let query = client.sign(Method::Get, &[&DESCRIBE[..], names].concat());
    house.send(&format!("GET /_hatchery/launch?{query} HTTP/1.1\r\nHost: h\r\n\r\n"))
}

fn told(house: &House, names: &[(&str, &str)]) -> Value {
    let reply = ask(house, Client::new(), names);
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

fn counts(told: &Value) -> [u64; 4] {
    ["pending", "made", "failed", "released"].map(|count| told[count].as_u64().unwrap())
}

#[test]
fn what_became_of_a_launch_is_one_answer() {
    let house = House::new(Setup { sandbox: true, ..Setup::default() });
    assert_eq!(house.turn("/_hatchery/creations/fail", r#"{"count":1,"reason":"stock"}"#).status, 200);
    let more = [("Amount", "3"), ("ClientToken", "the-token")];
    let launched = house.call(&[&LAUNCH[..], &more].concat());
    let (request, ids) = (launched.json()["RequestId"].as_str().unwrap().to_owned(), launched.instances());
    assert_eq!(ids.len(), 3, "{launched:?}");

    let by_request = told(&house, &[("LaunchRequestId", &request)]);
    assert_eq!(counts(&by_request), [3, 0, 0, 0]);
    assert_eq!(
        (&by_request["requestId"], &by_request["clientToken"]),
        (&json!(request), &json!("the-token"))
    );
    for _ in 0..8 {
        house.provisioner.lock().step(&house.hatchery, house.clock.store()).unwrap();
        assert_eq!(house.turn("/_hatchery/clock/advance", r#"{"seconds":2}"#).status, 200);
    }
    let launch = by_request["launchId"].as_str().unwrap();
    for name in [("LaunchRequestId", &*request), ("ClientToken", "the-token"), ("LaunchId", launch)] {
        let told = told(&house, &[name, ("RegionId", "cn-hangzhou")]);
        assert_eq!(counts(&told), [0, 2, 1, 0], "{name:?}");
        let of = |outcome: &str| {
            let instances = told["instances"].as_array().unwrap();
            instances.iter().find(|one| one["outcome"] == outcome).unwrap().clone()
        };
        assert_eq!((&of("failed")["reason"], &of("failed")["status"]), (&json!("stock"), &json!("Stopped")));
        assert_eq!((&of("made")["reason"], &of("made")["status"]), (&Value::Null, &json!("Running")));
        let named = told["instances"].as_array().unwrap().iter().map(|one| one["instanceId"].clone());
        assert_eq!(named.collect::<Vec<_>>(), ids.iter().map(|id| json!(id)).collect::<Vec<_>>());
    }
}

#[test]
fn who_is_told_of_a_launch_and_who_is_not() {
    let house = House::new(Setup::default());
    let launched = house.call(&[&LAUNCH[..], &[("ClientToken", "mine")]].concat());
    let request = launched.json()["RequestId"].as_str().unwrap().to_owned();
    let mine = [("LaunchRequestId", &*request)];
    assert_eq!(ask(&house, Client::new(), &mine).status, 200, "it takes no sandbox");
    let stranger = Client { key_id: STRANGER_KEY_ID, ..Client::new() };
    assert_eq!(ask(&house, stranger, &mine).status, 404, "it is another account's");
    let wrong = Client { secret: "guessed", ..Client::new() };
    assert_eq!(ask(&house, wrong, &mine).code(), "400 SignatureDoesNotMatch");
    for (names, status) in [
        (&[][..], 400),
        (&[("ClientToken", "mine"), ("LaunchRequestId", &*request)][..], 400),
        (&[("LaunchId", "not an id")][..], 400),
        (&[("ClientToken", "another")][..], 404),
        (&[("ClientToken", "mine"), ("RegionId", "cn-nowhere")][..], 404),
        (&[("LaunchId", "00000000000000000001")][..], 404),
    ] {
        assert_eq!(ask(&house, Client::new(), names).status, status, "{names:?}");
    }
    let other = Client::new().sign(Method::Get, &[&common::REGIONS[..], &[("Format", "JSON")]].concat());
    let other = house.send(&format!("GET /_hatchery/launch?{other} HTTP/1.1\r\nHost: h\r\n\r\n"));
    assert_eq!(other.code(), "404 InvalidAction.NotFound", "what another door does");
}
