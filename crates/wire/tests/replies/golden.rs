//! The exact bytes of every kind of reply. `UPDATE_GOLDEN=1 cargo test -p wire` writes them anew;
//! then the diff is to be read as if it were code.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fleet::{Charge, Launched, Rate};
use wire::Format;
use wire::ecs::{refusal, reply};

use super::samples::{REQUEST_ID, replies};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

#[test]
fn every_reply_is_what_it_was() {
    let mut files = BTreeSet::new();
    for (action, sample, reply) in replies() {
        for (format, extension) in [(Format::Json, "json"), (Format::Xml, "xml")] {
            let file = format!("{action}{sample}.{extension}");
            let path = directory().join(&file);
            let body = reply.clone().render(REQUEST_ID, format) + "\n";
            if std::env::var_os("UPDATE_GOLDEN").is_some() {
                fs::write(&path, &body).unwrap();
            }
            let golden = fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(body, golden, "{file}");
            assert!(files.insert(file), "two samples go by one name");
        }
    }
    let found = fs::read_dir(directory()).unwrap();
    let found: BTreeSet<String> =
        found.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(found, files, "a golden file of no reply");
}

#[test]
fn a_dry_run_that_would_succeed_is_a_fault() {
    let would = Launched::Would(3);
    assert_eq!(reply::run_instances(&would, Charge::PostPaid, Rate(1)), Err(refusal::rehearsed()));
    assert_eq!(reply::create_instance(&would, Charge::PostPaid, Rate(1)), Err(refusal::rehearsed()));
}
