//! What an instance was asked to have that nothing in here acts on, as replies show it: each setting in
//! its documented place, and the documented default where none was asked for.

use fleet::Settings;

use crate::document::Object;

/// The options of the processor; `cores` and `threads` are what the type has.
pub(super) fn cpu(settings: &Settings, cores: u16, threads: u16) -> Object {
    let number =
        |name: &str, default: u16| settings.get(name).and_then(|text| text.parse().ok()).unwrap_or(default);
    let text = |name: &str| settings.get(name).unwrap_or_default();
    Object::new()
        .integer("CoreCount", number("CpuOptions.Core", cores))
        .integer("ThreadsPerCore", number("CpuOptions.ThreadsPerCore", threads))
        .text("Numa", text("CpuOptions.Numa"))
        .text("TopologyType", text("CpuOptions.TopologyType"))
        .text("NestedVirtualization", text("CpuOptions.NestedVirtualization"))
}

/// How the instance reads about itself.
pub(super) fn metadata(settings: &Settings) -> Object {
    let hops = settings.get("HttpPutResponseHopLimit").and_then(|text| text.parse().ok());
    Object::new()
        .text("HttpEndpoint", settings.get("HttpEndpoint").unwrap_or("enabled"))
        .text("HttpTokens", settings.get("HttpTokens").unwrap_or("optional"))
        .integer("HttpPutResponseHopLimit", hops.unwrap_or(0_i64))
}

/// Whether the instance can sleep.
pub(super) fn hibernation(settings: &Settings) -> Object {
    Object::new().boolean("Configured", is_on(settings, "HibernationOptions.Configured"))
}

/// Who logs in.
pub(super) fn image(settings: &Settings) -> Object {
    Object::new().boolean("LoginAsNonRoot", is_on(settings, "ImageOptions.LoginAsNonRoot"))
}

/// What it holds of a capacity that was reserved.
pub(super) fn reservation(settings: &Settings) -> Object {
    let text = |name: &str| settings.get(name).unwrap_or_default();
    Object::new()
        .text("CapacityReservationId", text("PrivatePoolOptions.Id"))
        .text("CapacityReservationPreference", text("PrivatePoolOptions.MatchCriteria"))
}

/// The rest, which has fields of its own at the end of a row.
pub(super) fn rest(object: Object, settings: &Settings) -> Object {
    let text = |name: &str, default: &'static str| settings.get(name).unwrap_or(default).to_owned();
    let names = Object::new()
        .text("HostnameType", text("PrivateDnsNameOptions.HostnameType", "Custom"))
        .boolean("EnableIpDnsARecord", is_on(settings, "PrivateDnsNameOptions.EnableIpDnsARecord"))
        .boolean("EnableIpDnsPtrRecord", is_on(settings, "PrivateDnsNameOptions.EnableIpDnsPtrRecord"))
        .boolean(
            "EnableInstanceIdDnsARecord",
            is_on(settings, "PrivateDnsNameOptions.EnableInstanceIdDnsARecord"),
        )
        .boolean(
            "EnableInstanceIdDnsAAAARecord",
            is_on(settings, "PrivateDnsNameOptions.EnableInstanceIdDnsAAAARecord"),
        );
    let clock = Object::new().text("PtpStatus", text("ClockOptions.PtpStatus", "disabled"));
    let security =
        Object::new().boolean("EnableSecureBoot", is_on(settings, "SecurityOptions.EnableSecureBoot"));
    object
        .object("PrivateDnsNameOptions", names)
        .object("ClockOptions", clock)
        .object("SecurityOptions", security)
        .object("AdditionalInfo", Object::new().text("ManagedHostId", text("ManagedHostId", "")))
        .text("ISP", text("Isp", ""))
        .text("ClusterId", text("ClusterId", ""))
        .text("VlanId", text("VlanId", ""))
}

fn is_on(settings: &Settings, name: &str) -> bool {
    settings.get(name) == Some("true")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Format};

    fn shown(object: Object) -> String {
        Document::success("A", "R", object).render(Format::Json)
    }

    #[test]
    fn what_was_asked_for_is_shown_and_the_default_where_nothing_was() {
        let asked: Settings = [
            ("CpuOptions.Core", "1"),
            ("CpuOptions.TopologyType", "DiscreteCoreToHTMapping"),
            ("HttpTokens", "required"),
            ("HttpPutResponseHopLimit", "3"),
            ("HibernationOptions.Configured", "true"),
            ("PrivateDnsNameOptions.HostnameType", "IpBased"),
            ("PrivateDnsNameOptions.EnableIpDnsARecord", "true"),
            ("Isp", "cmcc"),
        ]
        .into_iter()
        .collect();
        let cpu = shown(cpu(&asked, 2, 2));
        assert!(cpu.contains(r#""CoreCount":1,"ThreadsPerCore":2"#), "{cpu}");
        assert!(cpu.contains(r#""TopologyType":"DiscreteCoreToHTMapping""#), "{cpu}");
        let metadata = shown(metadata(&asked));
        assert!(metadata.contains(r#""HttpEndpoint":"enabled","HttpTokens":"required""#), "{metadata}");
        assert!(metadata.contains(r#""HttpPutResponseHopLimit":3"#), "{metadata}");
        assert!(shown(hibernation(&asked)).contains(r#""Configured":true"#));
        assert!(shown(hibernation(&Settings::default())).contains(r#""Configured":false"#));
        let rest = shown(rest(Object::new(), &asked));
        assert!(rest.contains(r#""HostnameType":"IpBased","EnableIpDnsARecord":true"#), "{rest}");
        assert!(rest.contains(r#""ISP":"cmcc""#), "{rest}");
    }
}
