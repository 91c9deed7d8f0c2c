//! The signing vectors of version 1.0, two of them published by the vendor, five computed with the
//! vendor's SDK: as lists of parameters, and as requests on the wire.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::sync::Mutex;

use fleet::Time;
use serde_json::Value;
use wire::Params;
use wire::ecs::sign_v1::{self, Method, Secret, Signer};
use wire::ecs::{AccessKey, Credentials, Envelope, Nonces, Request, authenticate};

fn vectors() -> Vec<Value> {
    serde_json::from_str(include_str!("vectors/sign-v1.json")).unwrap()
}

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field].as_str().unwrap()
}

#[test]
fn every_vector_is_signed_as_published() {
    assert_eq!(vectors().len(), 7);
    for vector in vectors() {
        let id = text(&vector, "id");
        let mut params = Params::new();
        for (name, value) in vector["params"].as_object().unwrap() {
            params.set(name, value.as_str().unwrap());
        }
        let method = Method::parse(text(&vector, "method")).unwrap();
        let secret = Secret::new(text(&vector, "access_key_secret"));
        let string_to_sign = sign_v1::string_to_sign(method, &params);
        assert_eq!(params.render(), text(&vector, "canonicalized_query"), "{id}");
        assert_eq!(string_to_sign, text(&vector, "string_to_sign"), "{id}");
        assert_eq!(sign_v1::sign(&secret, &string_to_sign), text(&vector, "signature"), "{id}");
        assert_eq!(sign_v1::verify(&secret, &string_to_sign, text(&vector, "signature")), Ok(()), "{id}");
    }
}

#[test]
fn every_vector_is_believed_as_a_request() {
    for vector in vectors() {
        let id = text(&vector, "id");
        let request = Request {
            method: text(&vector, "method"),
            query: text(&vector, "request_target").strip_prefix("/?").unwrap().as_bytes(),
            headers: &[("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")],
            body: text(&vector, "form_body").as_bytes(),
        };
        let envelope = Envelope::parse(&request).unwrap();
        let Credentials::V1(v1) = &envelope.credentials else { panic!("{id}") };
        assert_eq!(v1.string_to_sign, text(&vector, "string_to_sign"), "{id}");
        assert_eq!(envelope.action, text(&vector["params"], "Action"), "{id}");

        let key = |_: &str| {
            Some(AccessKey { account: id, secret: Secret::new(text(&vector, "access_key_secret")) })
        };
        let nonces = Mutex::new(Nonces::default());
        assert_eq!(authenticate(&envelope, key, v1.timestamp, &nonces), Ok(id));
    }
}

#[test]
fn what_a_client_signs_is_believed() {
    for method in [Method::Get, Method::Post] {
        let mut params = Params::new();
        params.set("Action", "RunInstances");
        params.set("Version", "2014-05-26");
        params.set("InstanceName", "测试 *~+/&=%-_.");
        let secret = Secret::new("contractSecret/+=01");
        let timestamp = Time::from_secs(1_767_323_045);
        let signer = Signer { key_id: "LTAI", secret: &secret, nonce: "n", timestamp };
        let query = sign_v1::signed_query(method, params, &signer);
        let request = Request { method: method.name(), query: query.as_bytes(), ..Request::default() };
        let envelope = Envelope::parse(&request).unwrap();
        assert_eq!(envelope.params.find("InstanceName"), Some("测试 *~+/&=%-_."));
        let key = |_: &str| Some(AccessKey { account: (), secret: secret.clone() });
        let nonces = Mutex::new(Nonces::default());
        assert_eq!(authenticate(&envelope, key, timestamp, &nonces), Ok(()));
    }
}
