//! What a decision leaves under a key is the record that stands there, whether it takes memory of its own or not.

use fleet::{Ipv6Claim, Key, Left, Record, Write};
use testkit::{Scene, SmallWorld, label, launch, many};

#[test]
fn what_is_left_under_a_key_is_the_record() {
    let mut scene = Scene::new(SmallWorld::new().stock(9).build());
    scene.run(&many(launch(), 3, 3)).unwrap();
    let claim = Ipv6Claim { subnet: label("s"), address: "fd00::7".parse().unwrap() };
    let records: Vec<Record> = scene.world.records().cloned().chain([Record::Ipv6Claim(claim)]).collect();
    let mut key_only = 0;
    for record in records {
        let (key, left) = (record.key(), Left::of(&record.key(), record.clone()));
        let says_everything = matches!(key, Key::Timer(..) | Key::Work(..) | Key::Ipv6Claim(..));
        assert_eq!(
            (left == Left::KeyOnly, left.shared().is_none()),
            (says_everything, says_everything),
            "{key:?}"
        );
        assert!(left.is_there());
        assert_eq!(left.record(&key).as_deref(), Some(&record));
        assert_eq!(Write::from((key, left)), Write::Put(record));
        key_only += usize::from(says_everything);
    }
    assert!(key_only > 4, "work for each instance, a deadline, and the claim");
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
