//! A map from keys is what a search tree of them is, however its keys come.

use std::collections::BTreeMap;

use fleet::{AccountId, BatchId, InstanceId, Key, KeyMap, Serial, Time, TimerKind, WorkId};
use proptest::collection::vec;
use proptest::prelude::*;
use testkit::label;

fn serial(number: u64) -> Serial {
    Serial { number, ..Serial::LOWEST }
}

fn instance(number: u64) -> InstanceId {
    InstanceId(serial(number))
}

fn key() -> impl Strategy<Value = Key> {
    let number = 0_u64..100;
    prop_oneof![
        Just(Key::Sequence),
        number.clone().prop_map(|id| Key::Account(AccountId(id))),
        number.clone().prop_map(|name| Key::Subnet(label(&format!("s-{name}")))),
        number.clone().prop_map(|id| Key::Batch(BatchId(serial(id)))),
        number.clone().prop_map(|id| Key::Instance(instance(id))),
        (number.clone(), 0_u64..3)
            .prop_map(|(id, at)| Key::Timer(Time::from_secs(at), TimerKind::BinEnd(instance(id)))),
        (number, 0_u64..3).prop_map(|(id, at)| {
            Key::Work(Time::from_secs(at), WorkId { instance: instance(id), order: 0 })
        }),
        Just(Key::WorkStats),
    ]
}

/// Few of each kind, and more than are moved up.
fn keys() -> impl Strategy<Value = Vec<Key>> {
    prop_oneof![vec(key(), 0..80), vec(key(), 800..1000)]
}

proptest! {
    #[test]
    fn a_map_of_keys_holds_what_a_tree_of_them_holds(
        keys in keys(),
        asked in key(),
        (one, other) in (key(), key()),
    ) {
        let mut map = KeyMap::default();
        let mut tree = BTreeMap::new();
        for (count, key) in keys.into_iter().enumerate() {
            map.insert(key.clone(), count);
            tree.insert(key, count);
        }
        prop_assert_eq!(map.get(&asked), tree.get(&asked));
        prop_assert_eq!(map.contains_key(&asked), tree.contains_key(&asked));
        prop_assert!(map.range(&asked..=&asked).eq(tree.range(&asked..=&asked)));
        prop_assert!(map.iter().eq(tree.iter()));
        let (first, last) = if one <= other { (&one, &other) } else { (&other, &one) };
        prop_assert!(map.range(first..=last).eq(tree.range(first..=last)));
        if first < last {
            prop_assert_eq!(map.range(last..=first).count(), 0);
        }
        let mut copy = KeyMap::default();
        copy.extend(map.iter().map(|(key, count)| (key.clone(), *count)));
        prop_assert!(copy.iter().eq(tree.iter()));
        prop_assert!(map.into_iter().eq(tree));
    }
}

/// A launch asks for what it puts in this order; after it, an older key comes late.
#[test]
fn a_key_that_comes_late_is_found_and_replaced() {
    let mut map = KeyMap::default();
    for number in [1, 5, 9, 3, 3, 9, 1] {
        map.insert(Key::Instance(instance(number)), number);
    }
    map.insert(Key::Instance(instance(3)), 30);
    let there: Vec<_> = map.into_iter().map(|(_, value)| value).collect();
    assert_eq!(there, [1, 30, 5, 9]);
}

/// Of one kind more than are few, and then those between them: each is found, replaced and walked over.
#[test]
fn keys_between_many_others_are_found() {
    for many in [63, 64, 65, 200] {
        let mut map = KeyMap::default();
        let evens = (0..many).map(|number| number * 2);
        for number in evens.clone().chain(evens.map(|even| even + 1)) {
            map.insert(Key::Instance(instance(number)), 0);
            map.insert(Key::Instance(instance(number)), number);
        }
        for number in 0..many * 2 {
            let key = Key::Instance(instance(number));
            assert_eq!(map.get(&key), Some(&number), "of {many}");
            assert_eq!(map.range(&key..=&key).collect::<Vec<_>>(), [(&key, &number)], "of {many}");
        }
        assert_eq!(map.get(&Key::Instance(instance(many * 2))), None);
        assert!(map.iter().map(|(_, number)| *number).eq(0..many * 2), "of {many}");
    }
}

proptest! {
    #[test]
    fn keys_of_one_kind_are_together_and_kinds_are_in_the_order_of_keys((one, other) in (key(), key())) {
        let same = std::mem::discriminant(&one) == std::mem::discriminant(&other);
        prop_assert_eq!(one.kind() == other.kind(), same);
        if !same {
            prop_assert_eq!(one.kind().cmp(&other.kind()), one.cmp(&other));
        }
        prop_assert!(one.kind() < Key::KINDS);
    }
}
