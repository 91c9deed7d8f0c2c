//! Records there and back, and what is no record.

#![allow(clippy::arithmetic_side_effects, reason = "a test that overflows fails")]

mod bare_metal;
mod damage;
mod golden;
pub(super) mod numbers;
pub(crate) mod strategies;

use std::collections::BTreeMap;
use std::convert::Infallible;

use fleet::{
    Amendment, BatchId, Device, Disk, DiskKind, Label, NamePart, Naming, Record, Secret, Serial, Spec, Tag,
};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

use super::{DecodeError, EncodeError, ReadError, decode, frame, parts};
use crate::engine::{RECORD_MAX, Writes};
use crate::keys;

/// A key and its value.
pub(super) type Pair = (Vec<u8>, Vec<u8>);

/// What a record is stored as.
pub(super) fn encode(record: &Record) -> Result<Vec<Pair>, EncodeError> {
    let mut writes = Writes::default();
    super::encode(&record.key(), record, &mut writes)?;
    Ok(pairs(&writes))
}

/// What stands under `key` when these fields are sealed as if they were a record of it.
fn sealed(key: &fleet::Key, version: u8, fields: &[u8]) -> Vec<Pair> {
    let mut writes = Writes::default();
    let write = |value: super::payload::Value<'_>| {
        value.0.extend_from_slice(&[version, 0]);
        value.0.extend_from_slice(fields);
        Ok(())
    };
    frame::add(key, write, &mut writes).unwrap();
    pairs(&writes)
}

fn pairs(writes: &Writes) -> Vec<Pair> {
    writes.iter().map(|write| (write.key.to_vec(), write.value.unwrap().to_vec())).collect()
}

/// Failures go where everybody sees them.
pub(crate) fn config(name: &str) -> ProptestConfig {
    let path = format!("{}/../../proptest-regressions/store-{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let persistence = FileFailurePersistence::Direct(Box::leak(path.into_boxed_str()));
    ProptestConfig { failure_persistence: Some(Box::new(persistence)), ..ProptestConfig::default() }
}

/// Reads the record whose head is the first of `pairs` and whose parts are among the others.
pub(super) fn read(pairs: &[Pair]) -> Result<Record, ReadError<Infallible>> {
    let values: BTreeMap<_, _> = pairs.iter().map(|(key, value)| (&key[..], value)).collect();
    let (key, head) = &pairs[0];
    decode(key, head, |part| Ok(values.get(part).map(|value| (*value).clone())))
}

pub(super) fn read_error(pairs: &[Pair]) -> DecodeError {
    match read(pairs) {
        Ok(record) => panic!("{record:?} was read"),
        Err(ReadError::Record(error)) => error,
    }
}

pub(super) fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

/// The longest spec the wire lets through: 20 tags of 128 characters of four bytes each, key and value alike.
pub(super) fn long_spec() -> Record {
    let long = |mark: &str, index: usize| format!("{mark}{index:02}{}", "\u{1f95a}".repeat(125));
    let tags = (0..20).map(|index| Tag { key: long("k", index), value: long("v", index) });
    let Record::Spec(batch, spec) = golden::spec() else { panic!("a spec is a spec") };
    let description = "\u{1f95a}".repeat(256).into();
    Record::Spec(batch, Spec { tags: tags.collect(), description, ..(*spec).clone() }.into())
}

proptest! {
    #![proptest_config(config("codec"))]

    #[test]
    fn a_record_is_read_back(record in strategies::record()) {
        let pairs = encode(&record).unwrap();
        prop_assert_eq!(&pairs[0].0, &keys::encode(&record.key()));
        prop_assert_eq!(usize::from(parts(&pairs[0].1).unwrap()), pairs.len() - 1);
        for (key, value) in &pairs {
            prop_assert!(key.len() + value.len() <= RECORD_MAX);
        }
        prop_assert_eq!(read(&pairs), Ok(record));
    }
}

#[test]
fn a_long_spec_is_cut_into_parts_and_comes_back() {
    let spec = long_spec();
    let pairs = encode(&spec).unwrap();
    assert_eq!(pairs.len(), 6);
    assert_eq!(parts(&pairs[0].1), Ok(5));
    let full = pairs.iter().filter(|(key, value)| key.len() + value.len() == RECORD_MAX);
    assert_eq!(full.count(), 5, "all but the last part are full");
    for (number, (key, value)) in (1..).zip(&pairs[1..]) {
        assert_eq!(key, &keys::part(&pairs[0].0, number));
        assert_eq!(value[1], number);
    }
    assert_eq!(read(&pairs), Ok(spec));
}

/// The most that a launch can ask for, each as long as it may be.
#[test]
fn a_spec_with_all_disks_tags_and_settings_comes_back() {
    let Record::Spec(batch, spec) = long_spec() else { panic!("a spec is a spec") };
    let egg = "\u{1f95a}";
    let disk = |device| Disk {
        name: egg.repeat(128).into(),
        description: egg.repeat(256).into(),
        device: Device(device),
        snapshot: Some(Label::highest()),
        key: Some(Label::highest()),
        snapshot_policy: Some(Label::highest()),
        ..Disk::new(DiskKind::Essd, 65_536)
    };
    let settings = (0..100).map(|index| (format!("DataDisk.{index}.BurstingEnabled"), "x".repeat(64)));
    let spec = Spec {
        system_disk: disk(0),
        data_disks: (1..=16).map(disk).collect(),
        settings: settings.collect(),
        ..(*spec).clone()
    };
    let record = Record::Spec(batch, spec.into());
    let pairs = encode(&record).unwrap();
    assert!(pairs.len() > 12, "{}", pairs.len());
    assert_eq!(read(&pairs), Ok(record));
}

#[test]
fn a_secret_is_not_shown() {
    let batch = BatchId(Serial { epoch: 1, number: 9 });
    let record = Record::Password(batch, Secret::new(b"tell nobody"));
    assert!(format!("{record:?}").ends_with("(11 secret bytes))"), "{record:?}");
    let amendment = Amendment { password: Some(Secret::new(b"tell nobody")), ..Amendment::default() };
    assert!(!format!("{amendment:?}").contains("tell"));
}

#[test]
fn a_record_that_is_too_long_is_refused() {
    let Record::Spec(batch, spec) = golden::spec() else { panic!("a spec is a spec") };
    let described = |bytes: usize| {
        let description = "x".repeat(bytes).into();
        Record::Spec(batch, Spec { description, ..(*spec).clone() }.into())
    };
    let Err(EncodeError::TooLong { bytes, limit: 65_536 }) = encode(&described(65_530)) else {
        panic!("a record of more than 64 KiB was written")
    };
    let longest = described(65_530 - (bytes - 65_536));
    let pairs = encode(&longest).unwrap();
    assert_eq!(pairs.iter().map(|(_, value)| value.len() - 6).sum::<usize>(), 65_536);
    assert_eq!(read(&pairs), Ok(longest));
}

#[test]
fn a_part_that_cannot_be_fetched_is_the_fetchers_error() {
    let (key, head) = encode(&long_spec()).unwrap().swap_remove(0);
    assert_eq!(decode(&key, &head, |_| Err("disk")), Err(ReadError::Part("disk")));
}

/// The sizes that `docs/storage-format.md` and the budgets of the store speak of.
#[test]
fn small_records_stay_small() {
    for (name, most) in [
        ("instance, pending", 60),
        ("instance, pending and claimed", 76),
        ("instance, running", 56),
        ("batch of one", 96),
        ("spec", 256),
        ("token", 120),
        ("page of addresses", 72),
        ("timer, creation deadline", 26),
        ("work item", 29),
    ] {
        let (_, record) = golden::records().into_iter().find(|(of, _)| *of == name).unwrap();
        let pairs = encode(&record).unwrap();
        let bytes: usize = pairs.iter().map(|(key, value)| key.len() + value.len()).sum();
        println!("{name}: {bytes} bytes, {} of them key", pairs[0].0.len());
        assert!(bytes <= most, "{name}: {bytes} bytes, more than {most}");
    }
}

#[test]
fn every_naming_is_read_back() {
    let Record::Spec(_, spec) = golden::spec() else { panic!("a spec is a spec") };
    let batch = BatchId(Serial { epoch: 1, number: 9 });
    let numbered = Naming::Numbered { prefix: "p".into(), begin: 999_999, digits: 6, suffix: "".into() };
    let each = Naming::Each(vec!["web".into(), "db".into()]);
    let parts = vec![NamePart::Text("p".into()), NamePart::Number { begin: 1, digits: 2 }];
    for naming in [Naming::OwnId, Naming::Fixed("web".into()), numbered, each, Naming::Parts(parts)] {
        let mut spec = (*spec).clone();
        spec.names.naming = naming;
        let record = Record::Spec(batch, spec.into());
        assert_eq!(read(&encode(&record).unwrap()), Ok(record));
    }
}
