//! Manifest, checkpoint, and the readers that are registered: short files with a checksum. Whatever their bytes are,
//! reading never panics; what is read says what was written; and there is one spelling of everything.
#![no_main]

use libfuzzer_sys::fuzz_target;
use store::StoreId;
use store::engine::journal::Identity;
use store::inside::{checkpoint, holds, manifest, sheets};

fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let checksum = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&checksum.to_be_bytes());
    bytes
}

fuzz_target!(|data: &[u8]| {
    let identity = Identity { store: StoreId([7; 16]), epoch: 1 };
    let [mode, rest @ ..] = data else { return };
    match mode % 4 {
        0 => {
            let _refused_or_not = (manifest(rest), checkpoint(rest), holds(rest, identity));
        }
        // Everything but the checksum is the fuzzer's.
        1 | 2 => {
            let mut bytes = sheets(identity, [1, 2, 3])[usize::from(mode % 4) - 1].clone();
            bytes.truncate(60);
            for (byte, change) in bytes.iter_mut().zip(rest) {
                *byte ^= change;
            }
            let bytes = sealed(bytes);
            let read = if mode % 4 == 1 { manifest(&bytes) } else { checkpoint(&bytes) };
            if let Ok((identity, numbers)) = read {
                let written = &sheets(identity, numbers)[usize::from(mode % 4) - 1];
                assert_eq!(*written, bytes, "there is one spelling");
            }
        }
        _ => {
            let mut bytes = b"HATCHHLD".to_vec();
            bytes.extend_from_slice(&1_u32.to_be_bytes());
            bytes.extend_from_slice(&identity.epoch.to_be_bytes());
            bytes.extend_from_slice(&identity.store.0);
            bytes.extend_from_slice(rest);
            if let Ok(readers) = holds(&sealed(bytes), identity) {
                let named: usize = readers.keys().map(String::len).sum();
                assert!(named <= rest.len(), "no name is invented");
            }
        }
    }
});
