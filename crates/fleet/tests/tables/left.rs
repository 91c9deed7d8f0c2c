//! What a decision leaves under a key is the record that stands there, whether it takes memory of its own or not.

use fleet::{Key, Left, Record, Write};
use testkit::{Scene, SmallWorld, launch, many};

#[test]
fn what_is_left_under_a_key_is_the_record() {
    let mut scene = Scene::new(SmallWorld::new().stock(9).build());
    scene.run(&many(launch(), 3, 3)).unwrap();
    let records: Vec<Record> = scene.world.records().cloned().collect();
    let mut bare = 0;
    for record in records {
        let (key, left) = (record.key(), Left::from(record.clone()));
        let says_everything = matches!(key, Key::Timer(..) | Key::Work(..));
        assert_eq!(
            (left == Left::Bare, left.shared().is_none()),
            (says_everything, says_everything),
            "{key:?}"
        );
        assert!(left.is_there());
        assert_eq!(left.record(&key).as_deref(), Some(&record));
        assert_eq!(Write::from((key, left)), Write::Put(record));
        bare += usize::from(says_everything);
    }
    assert!(bare > 3, "work for each instance, and a deadline");
}

#[test]
fn a_removal_leaves_nothing_under_any_key() {
    let mut scene = Scene::new(SmallWorld::new().stock(9).build());
    scene.launch_one(&launch());
    for key in scene.world.records().map(Record::key) {
        assert!(!Left::Nothing.is_there());
        assert_eq!((Left::Nothing.record(&key), Left::Nothing.shared()), (None, None));
        assert_eq!(Write::from((key.clone(), Left::Nothing)), Write::Remove(key));
    }
}
