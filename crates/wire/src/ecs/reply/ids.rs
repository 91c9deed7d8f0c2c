//! The ids of the wire, and what an instance is called besides: all made from its own id, so that
//! nothing of it is stored and it is the same for ever.

use fleet::{BatchId, Device, EventId, Image, InstanceId, KeyPair, Label, Os, Profile, RuleId, Serial};

/// Before the 20 characters of an instance id.
pub const INSTANCE_PREFIX: &str = "i-";
/// Before the 20 characters of an event id.
pub const EVENT_PREFIX: &str = "e-";

/// Before the 20 characters of the id of a rule of a security group.
pub const RULE_PREFIX: &str = "sgr-";

/// A rule of a security group.
#[must_use]
pub fn rule(id: RuleId) -> String {
    format!("{RULE_PREFIX}{id}")
}

/// A key pair: made from its fingerprint.
#[must_use]
pub fn key_pair(pair: &KeyPair) -> String {
    format!("ssh-{}", pair.fingerprint.replace(':', ""))
}
/// Stands for an instance's own id in the host name it is launched with.
pub const OWN_ID: &str = "${instance_id}";
/// As long as every id of an instance, and made of the same characters.
pub const LIKE_AN_INSTANCE: &str = "i-00000000000000000000";

/// An instance.
#[must_use]
pub fn instance(id: InstanceId) -> String {
    format!("{INSTANCE_PREFIX}{id}")
}

/// An event.
#[must_use]
pub fn event(id: EventId) -> String {
    format!("{EVENT_PREFIX}{id}")
}

/// The order that paid for a launch.
#[must_use]
pub fn order(id: BatchId) -> String {
    id.to_string()
}

/// The first network interface of an instance.
#[must_use]
pub fn interface(id: InstanceId) -> String {
    format!("eni-{id}")
}

/// The interface of an instance at `index`: 0 is the first.
#[must_use]
pub fn interface_at(id: InstanceId, index: u8) -> String {
    if index == 0 { interface(id) } else { format!("eni-{id}{index:02x}") }
}

/// The disk of an instance at `index`: 0 is the one it boots from.
#[must_use]
pub fn disk(id: InstanceId, index: u8) -> String {
    format!("d-{id}{index:02x}")
}

/// Where a disk is seen by its instance: `/dev/xvda`, …, `/dev/xvdz`, `/dev/xvdaa`, ….
#[must_use]
pub fn device(Device(place): Device) -> String {
    let letter =
        |place: u16| u8::try_from(place % 26).map_or('a', |place| char::from(b'a'.saturating_add(place)));
    match place.checked_div(26) {
        Some(0) | None => format!("/dev/xvd{}", letter(place)),
        Some(first) => format!("/dev/xvd{}{}", letter(first.saturating_sub(1)), letter(place)),
    }
}

/// The hardware address of the interface of an instance at `index`, below 16. The index stands in
/// the highest bits of the number.
#[must_use]
pub fn mac_address_at(InstanceId(Serial { epoch, number }): InstanceId, index: u8) -> String {
    let number = number ^ u64::from(index & 15) << 36;
    mac_address(InstanceId(Serial { epoch, number }))
}

/// The hardware address of that interface: unicast, locally administered.
///
/// ```text
///  eeeeee10  nnnnnnnn nnnnnnnn nnnnnnnn nnnnnnnn nnnnnnnn
///  epoch     number
/// ```
///
/// Distinct while a store draws fewer than 2^40 ids in fewer than 64 epochs.
#[must_use]
pub fn mac_address(InstanceId(Serial { epoch, number }): InstanceId) -> String {
    let [_, epoch] = epoch.to_be_bytes();
    let [_, _, _, a, b, c, d, e] = number.to_be_bytes();
    let first = (epoch << 2) | 0b10;
    format!("{first:02x}:{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}")
}

/// The serial number of an instance: a UUID of version 8, which is for values of one's own.
/// Distinct for distinct instances.
#[must_use]
pub fn serial_number(InstanceId(Serial { epoch, number }): InstanceId) -> String {
    let (high, low) = (number >> 32, number & 0xffff_ffff);
    format!("{high:08x}-{epoch:04x}-8000-8000-{low:012x}")
}

/// The name an instance goes by: the one it was given, or its id as clients know it.
#[must_use]
pub fn name(profile: &Profile) -> String {
    profile.name(INSTANCE_PREFIX)
}

/// What an instance calls itself: as it was asked for, or `iZ…Z` made from its id. Windows takes 15
/// characters at most, so there the end of the id has to do.
#[must_use]
pub fn host_name(profile: &Profile, image: Option<&Image>) -> String {
    let id = profile.instance.id.to_string();
    let end = id.get(8..).unwrap_or(&id);
    let windows = image.is_some_and(|image| image.os == Os::Windows);
    match profile.host_name() {
        Some(name) if !name.contains(OWN_ID) => name,
        Some(name) if windows => name.replace(OWN_ID, &format!("i-{end}")),
        Some(name) => name.replace(OWN_ID, &format!("{INSTANCE_PREFIX}{id}")),
        None if windows => format!("iZ{end}Z"),
        None => format!("iZ{id}Z"),
    }
}

/// The router of a VPC.
#[must_use]
pub fn router(network: &Label) -> String {
    beside_vpc("vrt-", network)
}

/// The system's route table of a VPC.
#[must_use]
pub fn route_table(network: &Label) -> String {
    beside_vpc("vtb-", network)
}

fn beside_vpc(prefix: &str, network: &Label) -> String {
    let own = network.as_str().strip_prefix("vpc-").unwrap_or(network.as_str());
    format!("{prefix}{own}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const SERIALS: [Serial; 8] = [
        Serial { epoch: 1, number: 1 },
        Serial { epoch: 1, number: 42 },
        Serial { epoch: 1, number: 0xff },
        Serial { epoch: 1, number: 0x100 },
        Serial { epoch: 1, number: 0xff_ffff_ffff },
        Serial { epoch: 2, number: 1 },
        Serial { epoch: 2, number: 0xff_ffff_ffff },
        Serial { epoch: 64, number: 1 },
    ];

    #[test]
    fn everything_made_from_an_id_is_its_own() {
        let ids = || SERIALS.into_iter().map(InstanceId);
        for make in [instance, interface, mac_address, serial_number] {
            assert_eq!(ids().map(make).collect::<BTreeSet<_>>().len(), SERIALS.len());
        }
    }

    #[test]
    fn they_look_as_clients_expect() {
        let id = InstanceId(Serial { epoch: 1, number: 42 });
        assert_eq!(instance(id), "i-0001000000000000001a");
        assert_eq!(event(EventId(id.0)), "e-0001000000000000001a");
        assert_eq!(interface(id), "eni-0001000000000000001a");
        assert_eq!(mac_address(id), "06:00:00:00:00:2a");
        assert_eq!(serial_number(id), "00000000-0001-8000-8000-00000000002a");
        assert_eq!(
            (interface_at(id, 0), interface_at(id, 2)),
            (interface(id), format!("{}02", interface(id)))
        );
        assert_eq!((disk(id, 0), disk(id, 16)), (format!("d-{id}00"), format!("d-{id}10")));
        assert_eq!(
            (mac_address_at(id, 0), mac_address_at(id, 2)),
            (mac_address(id), "06:20:00:00:00:2a".into())
        );
        for (place, expected) in
            [(0, "a"), (1, "b"), (25, "z"), (26, "aa"), (27, "ab"), (51, "az"), (52, "ba")]
        {
            assert_eq!(device(Device(place)), format!("/dev/xvd{expected}"));
        }
        let highest = InstanceId(Serial::HIGHEST);
        assert_eq!(mac_address(highest), "fe:ff:ff:ff:ff:ff");
        assert_eq!(serial_number(highest), "ffffffff-ffff-8000-8000-0000ffffffff");
        let label = |text| Label::parse(text).unwrap();
        assert_eq!((router(&label("vpc-a")), route_table(&label("net"))), ("vrt-a".into(), "vtb-net".into()));
    }
}
