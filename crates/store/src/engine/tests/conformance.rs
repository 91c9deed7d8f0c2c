//! What the suite for everybody's engines (`testkit::engines`) does not ask: how long a commit may be is
//! between us and our journal.

use super::{STORE, blind, put, small};
use crate::engine::local::Local;
use crate::engine::memory::Memory;
use crate::engine::{Engine, FRAME_MAX, RECORD_MAX, Refused, Write};
use fleet::Revision;

#[test]
fn the_limits_of_records_and_commits_are_exact() {
    let home = tempfile::tempdir().unwrap();
    limits_are_exact(&Memory::new());
    limits_are_exact(&Local::create(&home.path().join("store"), STORE, small()).unwrap());
}

fn limits_are_exact(engine: &dyn Engine) {
    let sized = |size: usize| Write { key: vec![b'k'; 10], value: Some(vec![0; size - 10]) };
    let too_large = |size| Refused::RecordTooLarge { key: vec![b'k'; 10], size, max: RECORD_MAX };
    let answers = engine
        .commit(vec![
            blind(1, vec![sized(RECORD_MAX)]),
            blind(1, vec![put("a", "1"), sized(RECORD_MAX + 1)]),
            blind(1, vec![sized(RECORD_MAX - 1)]),
        ])
        .unwrap();
    assert_eq!(answers, [Ok(Revision::new(1)), Err(too_large(RECORD_MAX + 1)), Ok(Revision::new(2))]);

    let many = FRAME_MAX / RECORD_MAX;
    let refused = engine.commit(vec![blind(1, vec![sized(RECORD_MAX); many])]).unwrap();
    assert!(matches!(refused[0], Err(Refused::CommitTooLarge { size, max: FRAME_MAX }) if size > FRAME_MAX));
    engine.commit(vec![blind(1, vec![sized(RECORD_MAX); many - 10])]).unwrap()[0].as_ref().unwrap();
    assert_eq!(engine.last().0, Revision::new(3));
}
