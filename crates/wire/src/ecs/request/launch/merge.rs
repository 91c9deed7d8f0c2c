//! A launch that starts from a template: rule L-03.
//!
//! What the request says and is not empty wins; else what the template says is taken as if the request
//! had said it. Parameters that name one thing in several ways, or one list, are a *family*: when the
//! request says anything of one, nothing of it is taken from the template. Lists are not mixed entry by
//! entry, since their indices name nothing, and a group in two spellings would be a conflict that nobody
//! asked for.
//!
//! ```text
//!  request                      template                        merged
//!  DataDisk.1.Size=20           DataDisk.1.Size=40              DataDisk.1.Size=20
//!                               DataDisk.2.Size=40
//!  SecurityGroupId=sg-a         SecurityGroupIds.1=sg-b         SecurityGroupId=sg-a
//!  SystemDisk.Size=40           SystemDisk.Category=cloud_ssd   both
//! ```

use std::collections::BTreeSet;

use crate::params::Params;

/// Takes over what `template` says of every family that `params` say nothing of.
pub(super) fn merge<'t>(params: &mut Params, template: impl IntoIterator<Item = (&'t str, &'t str)>) {
    let said = params.iter().filter(|(_, value)| !value.is_empty());
    let said: BTreeSet<String> = said.map(|(name, _)| family(name)).collect();
    for (name, value) in template {
        if !said.contains(&family(name)) {
            params.set(name, value);
        }
    }
}

/// What `name` has something to say about. The name of a list alone is no part of the list.
fn family(name: &str) -> String {
    let list = name.split_once('.').filter(|(_, rest)| {
        let index = rest.split('.').next().unwrap_or_default();
        let digits = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
        digits && !index.starts_with('0')
    });
    match list.map(|(list, _)| list) {
        Some("SecurityGroupIds") => "SecurityGroupId".to_owned(),
        Some("Ipv6Address") => "Ipv6AddressCount".to_owned(),
        Some("HostNames") => "HostName".to_owned(),
        Some(list) => format!("{list}."),
        // Some clients leave the dots out.
        None => name.replace('.', ""),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn merged(request: &str, template: &str) -> String {
        let mut params = Params::parse(request.as_bytes(), b"").unwrap();
        let template = Params::parse(template.as_bytes(), b"").unwrap();
        merge(&mut params, template.iter());
        params.render()
    }

    #[test]
    fn what_the_request_says_wins_family_by_family() {
        for (request, template, expected) in [
            ("", "", ""),
            ("", "ImageId=t", "ImageId=t"),
            ("ImageId=r", "", "ImageId=r"),
            ("ImageId=r", "ImageId=t", "ImageId=r"),
            ("ImageId=", "ImageId=t", "ImageId=t"),
            ("ImageId=r", "ZoneId=t", "ImageId=r&ZoneId=t"),
            ("SystemDisk.Size=40", "SystemDisk.Size=20", "SystemDisk.Size=40"),
            ("SystemDisk.Size=40", "SystemDisk.Category=t", "SystemDisk.Category=t&SystemDisk.Size=40"),
            ("SystemDiskSize=40", "SystemDisk.Size=20", "SystemDiskSize=40"),
            ("DataDisk.2.Size=40", "DataDisk.1.Size=20&DataDisk.1.Category=t", "DataDisk.2.Size=40"),
            ("DataDisk.1.Size=", "DataDisk.1.Size=20", "DataDisk.1.Size=20"),
            ("Tag.1.Key=r", "Tag.1.Key=t&Tag.1.Value=v", "Tag.1.Key=r"),
            ("", "Tag.1.Key=t&Tag.1.Value=", "Tag.1.Key=t&Tag.1.Value="),
            ("SecurityGroupId=r", "SecurityGroupIds.1=t", "SecurityGroupId=r"),
            ("SecurityGroupIds.2=r", "SecurityGroupId=t", "SecurityGroupIds.2=r"),
            (
                "NetworkInterface.1.VSwitchId=r",
                "NetworkInterface.1.SecurityGroupIds.1=t&SecurityGroupIds.1=u",
                "NetworkInterface.1.VSwitchId=r&SecurityGroupIds.1=u",
            ),
            ("Ipv6Address.1=r", "Ipv6AddressCount=2", "Ipv6Address.1=r"),
            ("HostNames.1=r", "HostName=t", "HostNames.1=r"),
            ("DataDisk=r", "DataDisk.1.Size=20", "DataDisk=r&DataDisk.1.Size=20"),
            ("Tag.01.Key=r", "Tag.1.Key=t", "Tag.01.Key=r&Tag.1.Key=t"),
        ] {
            assert_eq!(merged(request, template), expected, "{request} over {template}");
        }
    }

    fn said() -> impl Strategy<Value = Params> {
        let name = prop::sample::select(&[
            "ImageId",
            "SystemDisk.Size",
            "SystemDiskSize",
            "DataDisk.1.Size",
            "DataDisk.2.Size",
            "Tag.1.Key",
            "SecurityGroupId",
            "SecurityGroupIds.1",
            "NetworkInterface.1.SecurityGroupIds.1",
        ]);
        prop::collection::vec((name, "[ab]{0,1}"), 0..8).prop_map(|said| {
            let mut params = Params::new();
            said.into_iter().for_each(|(name, value)| params.set(name, value));
            params
        })
    }

    proptest! {
        #[test]
        fn every_value_is_the_requests_or_else_the_templates(request in said(), template in said()) {
            let mut merged = request.clone();
            merge(&mut merged, template.iter());
            for (name, value) in request.iter().filter(|(_, value)| !value.is_empty()) {
                prop_assert_eq!(merged.find(name), Some(value));
            }
            let says = |name: &str| {
                request.iter().any(|(said, value)| !value.is_empty() && family(said) == family(name))
            };
            for (name, value) in template.iter() {
                let expected = if says(name) { request.find(name) } else { Some(value) };
                prop_assert_eq!(merged.find(name), expected, "{}", name);
            }
            for (name, _) in merged.iter() {
                prop_assert!(request.find(name).or(template.find(name)).is_some());
            }
        }

        #[test]
        fn merging_nothing_is_nothing_and_merging_twice_is_once(request in said(), template in said()) {
            let mut merged = request.clone();
            merge(&mut merged, []);
            prop_assert_eq!(&merged, &request);
            merge(&mut merged, template.iter().filter(|(_, value)| !value.is_empty()));
            let once = merged.clone();
            merge(&mut merged, template.iter().filter(|(_, value)| !value.is_empty()));
            prop_assert_eq!(merged, once);
        }

        #[test]
        fn what_shares_no_family_is_united(request in said(), template in said()) {
            let families = |params: &Params| params.iter().map(|(name, _)| family(name)).collect::<BTreeSet<_>>();
            prop_assume!(families(&request).is_disjoint(&families(&template)));
            let mut merged = request.clone();
            merge(&mut merged, template.iter());
            let mut united = request;
            template.iter().for_each(|(name, value)| united.set(name, value));
            prop_assert_eq!(merged, united);
        }
    }
}
