//! What holds for every input: what is rendered parses to itself, what is signed verifies, and no
//! bytes make anything here panic.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]

use fleet::Time;
use proptest::prelude::*;
use wire::ecs::sign_v1::{self, Method, Secret};
use wire::ecs::{Envelope, Request, names};
use wire::{Document, Format, Object, Params, percent, time};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9_.~ *+&=%/-]{0,12}",
        proptest::collection::vec(any::<char>().prop_filter("no zero", |c| *c != '\0'), 0..8)
            .prop_map(String::from_iter),
    ]
}

fn params() -> impl Strategy<Value = Params> {
    let name = prop_oneof![
        "[A-C](\\.[1-3](\\.[A-C])?)?",
        text().prop_filter("too deep", |n| n.split('.').count() <= 8)
    ];
    proptest::collection::vec((name, text()), 0..12).prop_map(|pairs| {
        let mut params = Params::new();
        for (name, value) in pairs {
            params.set(name, value);
        }
        params
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rendering_and_parsing_is_the_identity(params in params()) {
        let query = params.render();
        let parsed = Params::parse(query.as_bytes(), b"").unwrap();
        prop_assert_eq!(&parsed, &params);
        prop_assert_eq!(Params::parse(b"", query.as_bytes()).unwrap(), params);
        prop_assert_eq!(parsed.render(), query);
    }

    #[test]
    fn what_parses_renders_to_what_parses_to_the_same(query in any::<Vec<u8>>(), form in any::<Vec<u8>>()) {
        if let Ok(params) = Params::parse(&query, &form) {
            prop_assert_eq!(Params::parse(params.render().as_bytes(), b"").unwrap(), params);
        }
    }

    #[test]
    fn encoding_and_decoding_is_the_identity(text in text()) {
        prop_assert_eq!(percent::decode(percent::encode(&text).as_bytes()), Ok(text));
    }

    #[test]
    fn taking_and_giving_back_loses_nothing_that_says_something(mut params in params()) {
        let mut before: Vec<(String, String)> =
            params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        for name in ["A", "B", "C"] {
            for entry in params.take_structs_up_to(name, u32::MAX).unwrap() {
                params.give_back(entry);
            }
        }
        let after: Vec<_> = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        before.retain(|pair| after.contains(pair) || !pair.1.is_empty());
        prop_assert_eq!(before, after);
    }

    #[test]
    fn what_is_signed_verifies_and_nothing_else(params in params(), secret in text(), other in text()) {
        let text = sign_v1::string_to_sign(Method::Post, &params);
        let signature = sign_v1::sign(&Secret::new(secret.as_str()), &text);
        prop_assert!(sign_v1::verify(&Secret::new(secret.as_str()), &text, &signature).is_ok());
        prop_assert_eq!(sign_v1::verify(&Secret::new(other.as_str()), &text, &signature).is_ok(), other == secret);
        prop_assert!(sign_v1::verify(&Secret::new(secret), &text, &other).is_err());
    }

    #[test]
    fn no_request_makes_an_envelope_panic(
        method in prop_oneof![Just("GET"), Just("POST"), Just("")],
        query in any::<Vec<u8>>(),
        text in text(),
        body in any::<Vec<u8>>(),
    ) {
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("accept", text.as_str())];
        let _ = Envelope::parse(&Request { method, query: &query, headers: &headers, body: &body });
        let query = format!("AccessKeyId=k&Signature={text}&SignatureNonce=n&Timestamp={text}&Version=v&Action=a");
        let _ = Envelope::parse(&Request { method, query: query.as_bytes(), headers: &headers, body: &[] });
        let _ = time::parse(&text);
        let _ = names::naming(&text);
    }

    #[test]
    fn times_survive_being_written(second in 0_u64..=253_402_300_799) {
        let time = Time::from_secs(second);
        prop_assert_eq!(time::parse_seconds(&time::seconds(time)), Ok(time));
        prop_assert_eq!(time::parse_minutes(&time::minutes(time)), Ok(Time::from_secs(second - second % 60)));
    }

    #[test]
    fn every_text_survives_both_formats(text in text()) {
        let document = Document::success("A", "R", Object::new().text("T", text.as_str()));
        let json: serde_json::Value = serde_json::from_str(&document.render(Format::Json)).unwrap();
        prop_assert_eq!(json.get("T").unwrap(), &text);

        let legal = |c: char| matches!(c, '\t' | '\n' | '\r') || !(c.is_control() || c == '\u{fffe}' || c == '\u{ffff}');
        let expected: String = text.chars().map(|c| if legal(c) { c } else { '\u{fffd}' }).collect();
        let xml = document.render(Format::Xml);
        let inner = xml.split_once("<T>").unwrap().1.split_once("</T>").unwrap().0;
        prop_assert_eq!(quick_xml::escape::unescape(inner).unwrap(), expected);
    }
}
