//! The bytes of one record. Whatever they are, reading never panics. What is read is written and read again as the
//! same, whatever odd spelling it had. Checksums are made right, or a fuzzer would never get past them; so the first
//! bytes choose a kind, by a record that was really written, and the rest are a payload, or changes to a real one.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use store::inside::{pairs, record};

/// A record of every kind, as it is stored.
static WRITTEN: LazyLock<Vec<Vec<(Vec<u8>, Vec<u8>)>>> = LazyLock::new(|| {
    let records = testkit::one_of_every_kind("planted");
    records.iter().map(|record| pairs(record).expect("it fits")).collect()
});

/// A value with a checksum that is right, as `docs/storage-format.md` has it.
fn sealed(key: &[u8], front: &[u8], before: u32) -> (Vec<u8>, u32) {
    let mut hasher = crc32fast::Hasher::new_with_initial(before);
    hasher.update(key);
    hasher.update(front);
    let checksum = hasher.finalize();
    ([front, &checksum.to_le_bytes()].concat(), checksum)
}

/// The payload of what was written, put together.
fn payload(pairs: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    pairs.iter().flat_map(|(_, value)| value[2..value.len() - 4].to_vec()).collect()
}

fuzz_target!(|data: &[u8]| {
    let [mode, kind, version, rest @ ..] = data else { return };
    let real = &WRITTEN[usize::from(*kind) % WRITTEN.len()];
    let key = &real[0].0;
    let read = match mode % 3 {
        // Any bytes at all, under a key that is right or any.
        0 => {
            let (head, key_too) = rest.split_at(rest.len() / 2);
            drop(record(key_too, head, |_| Some(rest.to_vec())));
            record(key, rest, |_| Some(rest.to_vec()))
        }
        // A payload of any bytes.
        1 => {
            let (head, _) = sealed(key, &[&[version % 3, 0], rest].concat(), 0);
            record(key, &head, |_| None)
        }
        // A real payload with a few bytes changed, and cut in two parts.
        _ => {
            let mut bytes = payload(real);
            for change in rest.chunks_exact(3) {
                let at = usize::from(u16::from_be_bytes([change[0], change[1]])) % bytes.len().max(1);
                match bytes.get_mut(at) {
                    Some(byte) => *byte = change[2],
                    None => bytes.push(change[2]),
                }
            }
            let (first, second) = bytes.split_at(bytes.len() / 2);
            let part_key = part_key(key, 1);
            let (head, checksum) = sealed(key, &[&[real[0].1[0], 1], first].concat(), 0);
            let (part, _) = sealed(&part_key, &[&[real[0].1[0], 1], second].concat(), checksum);
            record(key, &head, |asked| (asked == part_key).then(|| part.clone()))
        }
    };
    let Ok(read) = read else { return };
    let Ok(written) = pairs(&read) else { return };
    let again = record(&written[0].0, &written[0].1, |key| {
        written.iter().find(|(other, _)| other == key).map(|(_, value)| value.clone())
    });
    assert_eq!(again.as_ref(), Ok(&read), "what is written is read as the same");
});

/// The key of a further part: `docs/storage-format.md`.
fn part_key(key: &[u8], number: u8) -> Vec<u8> {
    [&[240], key, &[number]].concat()
}
