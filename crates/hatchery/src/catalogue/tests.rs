//! What is wrong with a file is said with line and key, all of it at once; and the example has everything.

use super::*;

/// The problems of a text, a line each.
fn problems(text: &str) -> Vec<String> {
    match CatalogueFile::parse(text) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems().iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn a_mistake_is_named_with_its_line_and_key() {
    const REGION: &str = "[[region]]\nid = 'r'\n";
    const ZONE: &str = "[[region]]\nid = 'r'\n[[zone]]\nid = 'z'\nregion = 'r'\n";
    const TYPE: &str = "[[instance_type]]\nid = 't'\nfamily = 'f'\ncpus = 1\nmemory_mib = 1\n";
    const IMAGE: &str = "[[image]]\nid = 'i'\nos = 'linux'\nsize_gib = 1\n";
    for (before, text, expected) in [
        // No TOML.
        ("", "\n\n[[", "line 3: unquoted keys cannot be empty"),
        ("", "a = ", "line 1: "),
        // Keys and tables that are not known, or are missing.
        ("", "[[regoin]]\nid = 'r'", "line 1: regoin is not known; account, deployment_set, "),
        (REGION, "colour = 1", "line 3: region.colour is not known; id, name, public_block are"),
        (
            TYPE,
            "local_disks = { cuont = 1, count = 1, size_gib = 1 }",
            "line 6: instance_type.local_disks.cuont is not known; count, size_gib are",
        ),
        ("", "[[region]]\nname = 'r'", "line 1: region.id is missing"),
        ("", "[[deployment_set]]\nid = 'd'", "line 1: deployment_set.places is missing"),
        ("", "[[image]]\nid = 'i'\nsize_gib = 1", "line 1: image.os is missing"),
        (REGION, "[[zone]]\nid = 'z'", "line 3: zone.region is missing"),
        // Types.
        (
            "",
            "[region]\nid = 'r'",
            "line 1: region is no list of tables, each below its name in double brackets",
        ),
        ("", "region = [1]", "line 1: region is no list of tables, "),
        ("", "[[account]]", "line 1: account is of type array; a table is wanted"),
        (
            REGION,
            "[[zone]]\nid = 'z'\nregion = 1",
            "line 5: zone.region is of type integer; a string is wanted",
        ),
        (ZONE, "closed = 'no'", "line 6: zone.closed is of type string; true or false is wanted"),
        (ZONE, "disks = 'ssd'", "line 6: zone.disks is of type string; a list is wanted"),
        (TYPE, "stock = 5", "line 6: instance_type.stock is of type integer; a table is wanted"),
        (TYPE, "gpus = 1.5", "line 6: instance_type.gpus is of type float; an integer is wanted"),
        // Numbers.
        (TYPE, "interfaces = -1", "line 6: instance_type.interfaces is -1; 0 to 255 is allowed"),
        (TYPE, "interfaces = 256", "line 6: instance_type.interfaces is 256; 0 to 255 is allowed"),
        (
            "",
            "[account]\nbalance = -5",
            "line 2: account.balance is -5; 0 to 18446744073709551615 is allowed",
        ),
        (
            "",
            "[account]\nquotas = { cpus = -1 }",
            "line 2: account.quotas.cpus is -1; 0 to 4294967295 is allowed",
        ),
        (
            ZONE,
            "[[instance_type]]\nid = 't'\nfamily = 'f'\ncpus = 1\nmemory_mib = 1\nstock = { z = -1 }",
            "line 11: instance_type.stock.z is -1; 0 to 4294967295 is allowed",
        ),
        // Prices.
        (TYPE, "spot_price = '0.2001'", "line 6: instance_type.spot_price is `0.2001`, no price: "),
        (TYPE, "spot_price = '-1'", "line 6: instance_type.spot_price is `-1`, no price: "),
        (
            TYPE,
            "hourly_price = 0.2",
            "line 6: instance_type.hourly_price is of type float; a price as a string, ",
        ),
        // Words.
        (
            "",
            "[[region]]\nid = 'a b'",
            "line 2: region.id is `a b`: character ' ' at byte 1 of a label is not printable ASCII",
        ),
        (ZONE, "disks = ['ssd', 'floppy']", "line 6: zone.disks is `floppy`; basic, efficiency, "),
        (
            TYPE,
            "architecture = 'i386'",
            "line 6: instance_type.architecture is `i386`; x86_64, arm64 are known",
        ),
        (TYPE, "io = 'yes'", "line 6: instance_type.io is `yes`; never, optional, only are known"),
        (IMAGE, "origin = 'hell'", "line 5: image.origin is `hell`; system, own, others, market are known"),
        (IMAGE, "status = 'new'", "line 5: image.status is `new`; available, creating, deprecated are known"),
        (
            "",
            "[[image]]\nid = 'i'\nos = 'beos'\nsize_gib = 1",
            "line 3: image.os is `beos`; linux, windows are known",
        ),
        ("", "[account]\nbars = ['zone:']", "line 2: account.bars is `zone:`; arrears, "),
        (
            "",
            "[[key_pair]]\nname = 'k'\nfingerprint = ''\npublic_key = ''",
            "line 2: key_pair.name has 1 characters; 2 to 128 are allowed",
        ),
        // Points in time, networks.
        (
            IMAGE,
            "created = '2026-01-02'",
            "line 5: image.created is of type string; a date and time without quotes is wanted",
        ),
        (IMAGE, "created = 2026-01-02", "line 5: image.created is `2026-01-02`, no point in time after 1970"),
        (
            REGION,
            "[[network]]\nid = 'n'\nregion = 'r'\nblock = '10.0.0.0'",
            "line 6: network.block is `10.0.0.0`, no IPv4 network",
        ),
        (
            ZONE,
            "[[network]]\nid = 'n'\nregion = 'r'\nblock = '10.0.0.0/8'\n[[subnet]]\nid = 's'\nnetwork = 'n'\nzone = 'z'\nblock = '10.0.0.0/30'",
            "line 14: subnet.block is `10.0.0.0/30`, no block of a subnet: an IPv4 network with a mask of /16 to /29 is",
        ),
        // Ids.
        (REGION, "[[region]]\nid = 'r'", "line 3: region.id is `r`, as in line 1"),
        ("", "[[role]]\nid = 'a'\n[[role]]\nid = 'a'", "line 3: role.id is `a`, as in line 1"),
        (
            "",
            "[[key_pair]]\nname = 'kk'\nfingerprint = ''\npublic_key = ''\n[[key_pair]]\nname = 'kk'\nfingerprint = ''\npublic_key = ''",
            "line 5: key_pair.name is `kk`, as in line 1",
        ),
        (
            "",
            "[[zone]]\nid = 'z'\nregion = 'r'",
            "line 3: zone.region is `r`, and the file has no region of that id",
        ),
        (
            TYPE,
            "stock = { z = 1 }",
            "line 6: instance_type.stock.z is `z`, and the file has no zone of that id",
        ),
        (
            "",
            "[[role]]\nid = 'a'\nregion = 'r'",
            "line 3: role.region is `r`, and the file has no region of that id",
        ),
        (
            "",
            "[[host]]\nid = 'h'\nplaces = 1\nzone = 'z'",
            "line 4: host.zone is `z`, and the file has no zone of that id",
        ),
        (
            "",
            "[[group]]\nid = 'g'\nnetwork = 'n'",
            "line 3: group.network is `n`, and the file has no network of that id",
        ),
    ] {
        let found = problems(&format!("{before}{text}"));
        assert_eq!(found.len(), 1, "{text:?}: {found:#?}");
        assert!(found[0].starts_with(expected), "{text:?}: {}", found[0]);
    }
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_the_lines() {
    let text = "
[[zone]]
id = 'z'
region = 'nowhere'
colour = 'red'

[[instance_type]]
family = 'f'
cpus = -1
memory_mib = 'much'

[[region]]
id = 'r'
[[region]]
id = 'r'
";
    let expected = [
        "line 4: zone.region is `nowhere`, and the file has no region of that id",
        "line 5: zone.colour is not known; bare_metal, closed, disks, id, name, region are",
        "line 7: instance_type.id is missing",
        "line 9: instance_type.cpus is -1; 0 to 65535 is allowed",
        "line 10: instance_type.memory_mib is of type string; an integer is wanted",
        "line 14: region.id is `r`, as in line 12",
    ];
    assert_eq!(problems(text), expected);
    let error = CatalogueFile::parse(text).unwrap_err().to_string();
    assert_eq!(error, format!("{} (and 5 more)", expected[0]));
}

/// A row with a mistake is still there for others to name: one mistake is told once.
#[test]
fn a_mistake_in_a_row_is_not_one_of_those_who_name_it() {
    let text = "[[region]]\nid = 'r'\nname = 1\n[[zone]]\nid = 'z'\nregion = 'r'";
    assert_eq!(problems(text), ["line 3: region.name is of type integer; a string is wanted"]);
}

#[test]
fn the_example_uses_every_key_there_is() {
    let text = include_str!("../../../cli/examples/catalogue.toml");
    let (_, reading) = Reading::read(text, CatalogueFile::read);
    assert_eq!(reading.unused(), []);
    reading.finish().unwrap();
}

#[test]
fn an_empty_file_is_an_empty_catalogue() {
    let file = CatalogueFile::parse("").unwrap();
    assert_eq!(file.load(), LoadCatalogue::default());
    assert!(file.counts().iter().all(|(_, count)| *count == 0));
}

/// Wherever a file is cut off, what is said of it is said of a line that is there.
#[test]
fn a_file_that_is_cut_off_is_told_where() {
    let text = include_str!("../../../cli/examples/catalogue.toml");
    for at in (0..text.len()).step_by(41).filter(|at| text.is_char_boundary(*at)) {
        let text = &text[..at];
        if let Err(error) = CatalogueFile::parse(text) {
            let lines = text.lines().count().max(1);
            assert!(
                error.problems().iter().all(|problem| (1..=lines).contains(&problem.line)),
                "{at}: {error}"
            );
        }
    }
}
