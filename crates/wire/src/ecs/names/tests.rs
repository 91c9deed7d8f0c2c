//! The examples of the contract and of the FAQ it quotes, and both sides of every limit.

use super::*;

const MALFORMED: Code = Code::INVALID_INSTANCE_NAME_MALFORMED;
const NO_ROOM: Code = Code::INVALID_PARAMS_INSTANCE_NAME_EXCEED;

fn all(text: &str, unique_suffix: bool, rule: NameRule, amount: u8) -> Result<Vec<String>, Code> {
    let names = names_conform(Names { naming: naming(text), unique_suffix }, rule, amount)?;
    Ok((0..amount).filter_map(|index| names.name(index)).collect())
}

#[test]
fn patterns_expand_as_the_contract_says() {
    for (text, unique_suffix, expected) in [
        ("MyInstance", false, Ok(["MyInstance", "MyInstance"])),
        ("MyInstance", true, Ok(["MyInstance001", "MyInstance002"])),
        (
            "k8s-node-[1,4]-alibabacloud",
            false,
            Ok(["k8s-node-0001-alibabacloud", "k8s-node-0002-alibabacloud"]),
        ),
        ("k8s-node-[1,4]-ali", true, Ok(["k8s-node-0001-ali001", "k8s-node-0002-ali002"])),
        ("instance-[99,3]", true, Ok(["instance-099", "instance-100"])),
        ("instance-[99,2]", false, Ok(["instance-99", "instance-100"])),
        ("x[]", false, Ok(["x000000", "x000001"])),
        ("x[,]", false, Ok(["x000000", "x000001"])),
        ("x[99]", false, Ok(["x000099", "x000100"])),
        ("x[99,]y", false, Ok(["x000099y", "x000100y"])),
        ("x[,4]", false, Ok(["x0000", "x0001"])),
        ("x[1234,1]", false, Ok(["x1234", "x1235"])),
        ("x[999999,6]", false, Ok(["x999999", "x999999"])),
        ("x[007,2]", false, Ok(["x07", "x08"])),
        ("[1,4]x", false, Err(MALFORMED)),
        ("x[1000000,6]", false, Err(MALFORMED)),
        ("x[0000001,6]", false, Err(MALFORMED)),
        ("x[1,0]", false, Err(MALFORMED)),
        ("x[1,7]", false, Err(MALFORMED)),
        ("x[1, 4]", false, Err(MALFORMED)),
        ("x[ 1,4]", false, Err(MALFORMED)),
        ("x[-1,4]", false, Err(MALFORMED)),
        ("x[1,4,5]", false, Err(MALFORMED)),
        ("x[a]", false, Err(MALFORMED)),
        ("x[1,4", false, Err(MALFORMED)),
        ("x]1,4[", false, Err(MALFORMED)),
        ("x[1][2]", false, Err(MALFORMED)),
        ("1x[1]", false, Err(MALFORMED)),
        ("x[1]/", false, Err(MALFORMED)),
    ] {
        let expected = expected.map(|names| names.map(str::to_owned).to_vec());
        assert_eq!(all(text, unique_suffix, NameRule::Instance, 2), expected, "{text}");
    }
}

#[test]
fn every_expanded_name_has_to_fit() {
    let long = |characters: usize, behind: &str| format!("{}{behind}", "a".repeat(characters));
    for (text, unique_suffix, amount, expected) in [
        (long(128, ""), false, 1, Ok(())),
        (long(129, ""), false, 1, Err(MALFORMED)),
        (long(125, ""), true, 100, Ok(())),
        (long(126, ""), true, 1, Err(NO_ROOM)),
        (long(129, ""), true, 1, Err(MALFORMED)),
        (long(126, "[99,2]"), false, 1, Ok(())),
        (long(126, "[99,2]"), false, 2, Err(MALFORMED)),
        (long(126, "[1,2]"), true, 2, Ok(())),
        (long(121, "[1,2]bc"), true, 2, Ok(())),
        (long(122, "[1,2]bc"), true, 2, Err(NO_ROOM)),
    ] {
        assert_eq!(all(&text, unique_suffix, NameRule::Instance, amount).map(|_| ()), expected, "{text}");
    }
}

#[test]
fn names() {
    for (text, expected) in [
        ("", false),
        ("a", false),
        ("ab", true),
        ("a1:_-.", true),
        ("测试", true),
        ("äb", true),
        ("1a", false),
        ("-a", false),
        ("a b", false),
        ("a/b", false),
        ("http://x", false),
        ("https://x", false),
        ("http:", true),
        ("a\u{0}", false),
        ("ab\n", false),
    ] {
        assert_eq!(name(text).is_some(), expected, "{text:?}");
    }
    assert!(name(&"测".repeat(128)).is_some());
    assert!(name(&"测".repeat(129)).is_none());
}

#[test]
fn host_names() {
    for (text, linux, windows) in [
        ("", false, false),
        ("a", false, false),
        ("ab", true, true),
        ("Bctest01", true, true),
        ("a-b", true, true),
        ("a.b", true, false),
        ("a..b", false, false),
        ("a--b", false, false),
        ("a.-b", false, false),
        (".ab", false, false),
        ("ab.", false, false),
        ("-ab", false, false),
        ("ab-", false, false),
        ("123", true, false),
        ("12a", true, true),
        ("a_b", false, false),
        ("测试", false, false),
        ("abcdefghijklmno", true, true),
        ("abcdefghijklmnop", true, false),
    ] {
        assert_eq!(host_name(text, NameRule::Host(Os::Linux)).is_some(), linux, "{text} on Linux");
        assert_eq!(host_name(text, NameRule::Host(Os::Windows)).is_some(), windows, "{text} on Windows");
        assert_eq!(host_name(text, NameRule::AnyHost).is_some(), linux || windows, "{text} anywhere");
    }
    assert!(host_name(&"a".repeat(64), NameRule::Host(Os::Linux)).is_some());
    assert!(host_name(&"a".repeat(65), NameRule::Host(Os::Linux)).is_none());
}

#[test]
fn host_names_leave_room_for_the_suffix() {
    let no_room = Err(Code::INVALID_PARAMS_HOSTNAME_EXCEED);
    let malformed = Err(Code::INVALID_HOST_NAME_MALFORMED);
    for (text, rule, expected) in [
        ("LocalHost", NameRule::Host(Os::Linux), Ok(vec!["LocalHost001".to_owned()])),
        ("abcdefghijkl", NameRule::Host(Os::Windows), Ok(vec!["abcdefghijkl001".to_owned()])),
        ("abcdefghijklm", NameRule::Host(Os::Windows), no_room.clone()),
        ("abcdefghijklmnop", NameRule::Host(Os::Windows), malformed.clone()),
        ("n-[1,2]", NameRule::Host(Os::Windows), Ok(vec!["n-01".to_owned()])),
        ("12[1,2]", NameRule::Host(Os::Windows), malformed.clone()),
        ("a-[1]-", NameRule::Host(Os::Linux), malformed),
        (&"a".repeat(62), NameRule::AnyHost, no_room),
    ] {
        assert_eq!(all(text, true, rule, 1), expected, "{text}");
    }
}

#[test]
fn descriptions() {
    for (text, expected) in [
        ("", false),
        ("x", false),
        ("xy", true),
        ("测试 with anything: /\\\"'<>", true),
        ("http://x", false),
        ("https://x", false),
        ("see http://x", true),
    ] {
        assert_eq!(description(text).is_some(), expected, "{text}");
    }
    assert!(description(&"测".repeat(256)).is_some());
    assert!(description(&"测".repeat(257)).is_none());
}
