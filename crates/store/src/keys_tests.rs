//! Keys: order, round trip, and what is no key.

#![allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails")]

use proptest::prelude::*;

use super::*;
use crate::codec::tests::{config, strategies};

proptest! {
    #![proptest_config(config("keys"))]

    #[test]
    fn a_key_is_read_back(key in strategies::key()) {
        prop_assert_eq!(decode(&encode(&key)), Ok(key));
    }

    #[test]
    fn encoded_keys_sort_as_keys_do(keys in prop::collection::vec(strategies::key(), 2..60)) {
        sorts(keys)?;
    }

    #[test]
    fn encoded_keys_of_one_kind_sort_as_keys_do(keys in strategies::keys_of_one_kind()) {
        sorts(keys)?;
    }

    #[test]
    fn what_decodes_is_what_is_encoded(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        if let Ok(key) = decode(&bytes) {
            prop_assert_eq!(encode(&key), bytes);
        }
    }

    #[test]
    fn a_key_ends_where_it_ends(key in strategies::key(), more in any::<u8>()) {
        let mut bytes = encode(&key);
        bytes.push(more);
        prop_assert_eq!(decode(&bytes), Err(KeyError::Trailing { bytes: 1 }));
        bytes.truncate(bytes.len() - 2);
        prop_assert!(decode(&bytes).is_err());
    }

    #[test]
    fn parts_stand_behind_all_records(key in strategies::key(), other in strategies::key(), number in 1_u8..) {
        let part = part(&encode(&key), number);
        prop_assert!(is_part(&part));
        prop_assert!(!is_part(&encode(&other)));
        prop_assert!(part > encode(&other));
        prop_assert_eq!(decode(&part), Err(KeyError::Part));
    }
}

/// The encoded keys are in the order of the keys, and none is the beginning of another: if one were,
/// it would be the beginning of its next neighbour.
fn sorts(mut keys: Vec<Key>) -> Result<(), TestCaseError> {
    keys.sort();
    keys.dedup();
    for pair in keys.windows(2) {
        prop_assert!(pair[0].kind() <= pair[1].kind());
        let [lower, higher] = [&pair[0], &pair[1]].map(encode);
        prop_assert!(lower < higher, "{:?} is not encoded before {:?}", pair[0], pair[1]);
        prop_assert!(!higher.starts_with(&lower), "{:?} begins with {:?}", pair[1], pair[0]);
    }
    Ok(())
}

#[test]
fn kinds_on_disk_stay() {
    let numbers = [
        8, 16, 20, 24, 32, 40, 48, 56, 64, 72, 80, 88, 92, 96, 98, 100, 104, 108, 112, 120, 124, 128, 136,
        144, 152, 156, 160, 168, 176, 184, 192, 196, 200, 208, 216,
    ];
    let found = one_of_each().map(|key| *encode(&key).first().unwrap());
    assert_eq!(found, numbers);
}

#[test]
fn the_names_of_key_pairs_are_any_text() {
    let key = |name: &str| encode(&Key::KeyPair(AccountId(1), name.into()));
    let front = [&[kind::KEY_PAIR], &1_u64.to_be_bytes()[..]].concat();
    for (name, bytes) in [
        ("", &b"\0"[..]),
        ("web", b"web\0"),
        ("\u{5bc6}\u{94a5}", "\u{5bc6}\u{94a5}\0".as_bytes()),
        ("a\0b", b"a\x01\x01b\0"),
        ("a\x01b", b"a\x01\x02b\0"),
        ("a\x02b", b"a\x02b\0"),
    ] {
        assert_eq!(key(name), [&front[..], bytes].concat(), "{name:?}");
    }
}

#[test]
fn ranges_hold_just_their_kind() {
    let ranges = [
        (Key::stocks(), kind::STOCK),
        (Key::timers(Time::END), kind::TIMER),
        (Key::work(Time::END), kind::WORK),
        (Key::rules(&Label::lowest()), kind::RULE),
        (Key::key_pairs(AccountId(1)), kind::KEY_PAIR),
        (Key::template_names(AccountId(7), &Label::lowest()), kind::TEMPLATE_NAME),
        (Key::template_versions(&Label::lowest()), kind::TEMPLATE_VERSION),
    ];
    for ((first, last), kind) in ranges {
        let (first, last) = (encode(&first), encode(&last));
        assert!(first <= last);
        assert_eq!([first[0], last[0]], [kind, kind]);
    }
}

#[test]
fn what_is_no_key_is_named() {
    let label = |text: &[u8]| [&[kind::REGION], text, &[0]].concat();
    let token = [&[kind::TOKEN], &[0; 8][..], &[9]].concat();
    let asset = [kind::ASSET, 9, b'a', 0];
    let escape = |text: &[u8]| [&[kind::KEY_PAIR], &[0; 8][..], text, &[0]].concat();
    let timer = [&[kind::TIMER], &[0; 8][..], &[99], &[0; 10]].concat();
    let settlement = [&[kind::TIMER], &[0; 8][..], &[14, 0, 1], &[0; 8]].concat();
    let pool = [kind::ADDRESS_PAGE, 4, b'a', 0, 0];
    let template = [&[kind::TEMPLATE_NAME], &[0; 8][..], b"r\0\n\0"].concat();
    let long = "x".repeat(129);
    for (bytes, expected) in [
        (vec![], "a key is empty"),
        (vec![0], "0 is no kind of key"),
        (vec![9], "9 is no kind of key"),
        (vec![kind::PART, 1], "the key is that of a further part of a record"),
        (vec![kind::ACCOUNT, 1, 2], "a key ends with 2 bytes of a number of 8"),
        (vec![kind::ZONE, b'a', b'b'], "a text of 2 bytes in a key has no end"),
        (vec![kind::SEQUENCE, 7], "1 bytes stand behind the last field of a key"),
        (label(b""), "`` in a key is no label: a label is empty"),
        (label(b"a\xff"), "a text in a key is no UTF-8 at its byte 1"),
        (
            label(long.as_bytes()),
            &format!("`{long}` in a key is no label: a label has 129 bytes, at most 128 are allowed"),
        ),
        (token, "9 in a key is no action of a token"),
        (timer, "99 in a key is no kind of timer"),
        (settlement, "an account of epoch 1, and accounts have none"),
        (pool.into(), "4 in a key is no pool of addresses"),
        (template, "\"\\n\" in a key is no name of a template"),
        (asset.into(), "9 in a key is no type of asset"),
        (escape(b"a\x01"), "a text in a key has an escape before None"),
        (escape(b"a\x01b"), "a text in a key has an escape before Some(98)"),
    ] {
        assert_eq!(decode(&bytes).unwrap_err().to_string(), expected, "{bytes:?}");
    }
}

/// One key of each kind, in the order of the variants of [`Key`].
pub(crate) fn one_of_each() -> [Key; 35] {
    let label = || Label::parse("a").unwrap();
    let serial = Serial::LOWEST;
    let instance = InstanceId(serial);
    let name = TemplateName::parse("a").unwrap();
    let text = TokenText::parse("t").unwrap();
    let token = TokenKey { account: AccountId(0), action: TokenAction::Launch, region: label(), text };
    [
        Key::Sequence,
        Key::Account(AccountId(0)),
        Key::Holdings(AccountId(0), label()),
        Key::Region(label()),
        Key::Zone(label()),
        Key::InstanceType(label()),
        Key::Image(label()),
        Key::Asset(AssetType::Snapshot, label()),
        Key::Host(label()),
        Key::Stock(StockKey { zone: label(), instance_type: label() }),
        Key::Network(label()),
        Key::Subnet(label()),
        Key::PublicPool(label()),
        Key::AddressPage(PoolId::Subnet(label()), 0),
        Key::Ipv6Claim(label(), std::net::Ipv6Addr::LOCALHOST),
        Key::Cooling(instance),
        Key::Group(label()),
        Key::Rule(label(), RuleId(serial)),
        Key::KeyPair(AccountId(0), "".into()),
        Key::Token(token),
        Key::Receipt(ReceiptId(serial)),
        Key::Spec(BatchId(serial)),
        Key::Batch(BatchId(serial)),
        Key::Instance(instance),
        Key::Amendment(instance),
        Key::Disk(instance, 1),
        Key::Password(BatchId(serial)),
        Key::UserData(BatchId(serial)),
        Key::Event(EventId(serial)),
        Key::Timer(Time::START, TimerKind::TokenExpiry(BatchId(serial))),
        Key::Work(Time::START, WorkId { instance, order: 0 }),
        Key::WorkStats,
        Key::Template(label()),
        Key::TemplateVersion(label(), 1),
        Key::TemplateName(TemplateNameKey { account: AccountId(0), region: label(), name }),
    ]
}
