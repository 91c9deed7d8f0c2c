//! What is no record is refused, and said to be what it is.

use proptest::prelude::*;
use proptest::sample::Index;

use super::{Pair, config, encode, golden, label, long_spec, read, read_error, sealed, strategies};
use crate::codec::{DecodeError, ReadError, parts};
use crate::keys;

/// The payload of a record, without what is around it.
fn payload(pairs: &[Pair]) -> Vec<u8> {
    pairs.iter().flat_map(|(_, value)| value[2..value.len() - 4].to_vec()).collect()
}

/// Flips every `step`th bit of all keys and values in turn.
fn flipped(pairs: &[Pair], step: usize) -> impl Iterator<Item = (Vec<Pair>, String)> + '_ {
    let bytes = |pair: usize| pairs[pair].0.len() + pairs[pair].1.len();
    let bits = (0..pairs.len()).flat_map(move |pair| (0..bytes(pair) * 8).map(move |bit| (pair, bit)));
    bits.step_by(step).map(|(pair, bit)| {
        let mut damaged = pairs.to_vec();
        let (key, value) = &mut damaged[pair];
        let (byte, mask) = (bit / 8, 1 << (bit % 8));
        match byte.checked_sub(key.len()) {
            None => key[byte] ^= mask,
            Some(byte) => value[byte] ^= mask,
        }
        (damaged, format!("bit {bit} of pair {pair}"))
    })
}

#[test]
fn every_flipped_bit_of_every_kind_is_refused() {
    for (name, record) in golden::records() {
        for (damaged, place) in flipped(&encode(&record).unwrap(), 1) {
            assert!(read(&damaged).is_err(), "{name}: {place}");
        }
    }
}

#[test]
fn flipped_bits_of_a_long_record_are_refused() {
    for (damaged, place) in flipped(&encode(&long_spec()).unwrap(), 61) {
        assert!(read(&damaged).is_err(), "{place}");
    }
}

proptest! {
    #![proptest_config(config("damage"))]

    #[test]
    fn every_flipped_bit_of_a_record_is_refused(record in strategies::record()) {
        let pairs = encode(&record).unwrap();
        let step = 1 + payload(&pairs).len() / 128;
        for (damaged, place) in flipped(&pairs, step) {
            prop_assert!(read(&damaged).is_err(), "{}", place);
        }
    }

    #[test]
    fn a_record_under_another_key_is_refused(record in strategies::record(), key in strategies::key()) {
        prop_assume!(record.key() != key);
        let mut pairs = encode(&record).unwrap();
        pairs[0].0 = keys::encode(&key);
        let refused = matches!(read_error(&pairs), DecodeError::Checksum { part: 0, .. });
        prop_assert!(refused);
    }

    #[test]
    fn any_bytes_are_read_without_panic(
        key in prop::collection::vec(any::<u8>(), 0..40),
        head in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let _ = parts(&head);
        prop_assert!(read(&[(key, head)]).is_err());
    }

    /// Behind the checksum: what a faulty writer could have sealed.
    #[test]
    fn any_sealed_bytes_are_read_without_panic(
        key in strategies::key(),
        version in 0_u8..3,
        bytes in prop::collection::vec(prop_oneof![0_u8..8, any::<u8>()], 0..200),
    ) {
        if let Ok(record) = read(&sealed(&key, version, &bytes)) {
            prop_assert_eq!(record.key(), key);
        }
    }

    #[test]
    fn a_sealed_record_with_a_byte_changed_is_read_without_panic(
        record in strategies::record(),
        at in any::<Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = payload(&encode(&record).unwrap());
        prop_assume!(!bytes.is_empty());
        *at.get_mut(&mut bytes) = byte;
        if let Ok(other) = read(&sealed(&record.key(), 1, &bytes)) {
            prop_assert_eq!(other.key(), record.key());
        }
    }

    #[test]
    fn a_sealed_record_that_is_cut_or_goes_on_is_refused(record in strategies::record(), more in any::<u8>()) {
        let pairs = encode(&record).unwrap();
        let (version, mut bytes) = (pairs[0].1[0], payload(&pairs));
        bytes.push(more);
        let longer = sealed(&record.key(), version, &bytes);
        let refused = matches!(read(&longer), Err(ReadError::Record(DecodeError::Payload { .. })));
        prop_assert!(refused);
        if bytes.len() > 1 {
            bytes.truncate(bytes.len() - 2);
            prop_assert!(read(&sealed(&record.key(), version, &bytes)).is_err());
        }
    }
}

#[test]
fn a_missing_part_is_named() {
    let pairs = encode(&long_spec()).unwrap();
    for missing in 1..6 {
        let mut rest = pairs.clone();
        rest.remove(missing);
        let part = u8::try_from(missing).unwrap();
        assert_eq!(read_error(&rest), DecodeError::MissingPart { part, parts: 5 });
    }
}

#[test]
fn swapped_parts_are_refused() {
    let mut pairs = encode(&long_spec()).unwrap();
    let (one, two) = (pairs[1].1.clone(), pairs[2].1.clone());
    pairs[1].1 = two;
    pairs[2].1 = one;
    assert!(matches!(read_error(&pairs), DecodeError::Checksum { part: 1, .. }));
}

#[test]
fn a_part_of_an_earlier_writing_is_refused() {
    let fleet::Record::Spec(batch, spec) = long_spec() else { panic!("a spec is a spec") };
    let earlier = encode(&fleet::Record::Spec(batch, spec.clone())).unwrap();
    let rewritten = fleet::Spec { zone: label("cn-hangzhou-h"), ..(*spec).clone() };
    let mut later = encode(&fleet::Record::Spec(batch, rewritten.into())).unwrap();
    assert_eq!(earlier[1].0, later[1].0);
    later[1].1.clone_from(&earlier[1].1);
    assert!(matches!(read_error(&later), DecodeError::Checksum { part: 1, .. }));
}

#[test]
fn a_head_that_asks_for_too_much_is_refused() {
    let key = keys::encode(&golden::spec().key());
    let mut crc = crc32(0, &key, &[1, 255, 0]);
    let mut pairs = vec![(key.clone(), value(&[1, 255, 0], crc))];
    for number in 1..=255 {
        let part = keys::part(&key, number);
        let front = [&[1, number][..], &[0; 4000]].concat();
        crc = crc32(crc, &part, &front);
        pairs.push((part, value(&front, crc)));
    }
    let expected = DecodeError::TooLong { bytes: 68_001, limit: 65_536 };
    assert_eq!(read_error(&pairs), expected);
}

#[test]
fn a_part_that_says_it_is_another_is_refused() {
    let key = keys::encode(&golden::spec().key());
    let crc = crc32(0, &key, &[1, 1, 0]);
    let part = keys::part(&key, 1);
    let front = [2, 7, 0];
    let pairs = [(key, value(&[1, 1, 0], crc)), (part.clone(), value(&front, crc32(crc, &part, &front)))];
    let expected = DecodeError::ForeignPart { part: 1, version: 1, found_part: 7, found_version: 2 };
    assert_eq!(read_error(&pairs), expected);
}

/// The checksum and the layout once more, from the words of the documentation.
fn crc32(before: u32, key: &[u8], front: &[u8]) -> u32 {
    let mut crc = !before;
    for byte in key.iter().chain(front) {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 * (crc & 1));
        }
    }
    !crc
}

fn value(front: &[u8], crc: u32) -> Vec<u8> {
    [front, &crc.to_le_bytes()].concat()
}

#[test]
fn another_version_is_refused_for_every_kind() {
    for (name, record) in golden::records() {
        let pairs = encode(&record).unwrap();
        let (newest, bytes) = (pairs[0].1[0], payload(&pairs));
        for version in [0, newest + 1, 255] {
            let error = read_error(&sealed(&record.key(), version, &bytes));
            let named = match version {
                0 => matches!(error, DecodeError::NoVersion { found: 0, .. }),
                _ => {
                    matches!(error, DecodeError::NewerVersion { found, newest: known, .. } if (found, known) == (version, newest))
                }
            };
            assert!(named, "{name}: {error}");
        }
    }
    let newer = read_error(&sealed(&golden::spec().key(), 2, &[]));
    assert_eq!(newer.to_string(), "a spec of version 2 is newer than 1, the newest that is known here");
}

#[test]
fn fields_that_break_the_rule_of_their_type_are_named() {
    let stock = fleet::StockKey { zone: label("z"), instance_type: label("t") };
    let network = |region: &[u8], mask| [&[1], region, &[10, 0, 0, 1, mask], &[0; 10]].concat();
    let subnet = |mask| [&[1, 1, b'n', 1, b'z', 10, 0, 0, 0, mask, 0, 0, 0, 0, 0][..], &[0; 36]].concat();
    let batch = |text: &[u8]| [&[1, 1, 1, 0, 0, 0, 1, 1, 1, 1, b'r'], text, &[0]].concat();
    let id = fleet::BatchId(fleet::Serial { epoch: 1, number: 1 });
    for (key, fields, expected) in [
        (
            fleet::Key::Stock(stock),
            vec![3, 2, 2, 1],
            "2 taken and 2 missing are more than 3, the total of the stock",
        ),
        (
            fleet::Key::Network(label("n")),
            network(&[3, b'a', b' ', b'b'], 8),
            "\"a b\" is no label: character ' ' at byte 1 of a label is not printable ASCII",
        ),
        (fleet::Key::Network(label("n")), network(&[1, b'r'], 33), "10.0.0.1/33 is no block of a network"),
        (fleet::Key::Subnet(label("s")), subnet(33), "10.0.0.0/33 is no block of a network"),
        (fleet::Key::Subnet(label("s")), subnet(30), "10.0.0.0/30 is no block of a subnet"),
        (
            fleet::Key::Rule(label("g"), fleet::RuleId(fleet::Serial::LOWEST)),
            [&[1, 1, 1, 1, 1, 0, 0, 1, 2][..], &[0; 16], &[129, 0, 0, 0]].concat(),
            "::/129 is no such IPv6 block",
        ),
        (fleet::Key::Batch(id), batch(&[1, b'\n']), "\"\\n\" is no token"),
        (
            fleet::Key::Template(label("t")),
            vec![1, 1, b'r', 1, b'\n', 0, 0, 1, 1, 1, 1, 0, 0],
            "\"\\n\" is no name of a template",
        ),
        (
            fleet::Key::Asset(fleet::AssetType::StorageSet, label("a")),
            vec![0, 0, 1, 2, 1],
            "an asset of type Role stands under the key of a StorageSet",
        ),
        (
            fleet::Key::Zone(label("z")),
            vec![1, b'r', 0, 3],
            "the fields of a zone do not parse: 3 is no Sale",
        ),
        (
            fleet::Key::Zone(label("z")),
            vec![1, b'r', 0, 1, 0, 0, 0],
            "the fields of a zone do not parse: Slice had bytes remaining after deserialization",
        ),
    ] {
        assert_eq!(read_error(&sealed(&key, 1, &fields)).to_string(), expected);
    }
}
