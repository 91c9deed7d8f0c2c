//! What targets share: parameters as a client might send them, drawn from the fuzzer's bytes. Names
//! come from the table of what is documented, values from what such a parameter usually holds, from
//! the dictionary, or from nowhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use wire::ecs::coverage;
use wire::ecs::request::Action;
use wire::{Params, percent};

/// The words of the dictionary that libFuzzer is given as well.
static WORDS: LazyLock<Vec<String>> =
    LazyLock::new(|| include_str!("../dict/wire.dict").lines().filter_map(word).collect());

/// The documented names of each action, with `N` for an index.
static DOCUMENTED: LazyLock<BTreeMap<Action, Documented>> = LazyLock::new(|| {
    let mut documented: BTreeMap<Action, Documented> = BTreeMap::new();
    for parameter in coverage::parameters() {
        for action in parameter.actions {
            let of = documented.entry(*action).or_default();
            of.names.push(parameter.name);
            of.patterns.insert(parameter.name);
            of.undotted.insert(parameter.name.replace('.', ""));
        }
    }
    documented
});

/// What an action documents.
#[derive(Default)]
pub struct Documented {
    /// The names of its parameters, with `N` for an index.
    pub names: Vec<&'static str>,
    patterns: BTreeSet<&'static str>,
    undotted: BTreeSet<String>,
}

impl Documented {
    /// Whether `name` is one of them.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        let name = if name.contains('.') { &*pattern(name) } else { name };
        self.patterns.contains(name)
    }

    /// Whether `name` is one of them but for its dots, as some clients spell it.
    #[must_use]
    pub fn knows_undotted(&self, name: &str) -> bool {
        self.undotted.contains(name)
    }
}

/// What `action` documents.
#[must_use]
pub fn documented(action: Action) -> &'static Documented {
    &DOCUMENTED[&action]
}

/// A name with `N` for each index that is spelled as one. What is sent with `N` itself matches nothing.
fn pattern(name: &str) -> String {
    let part = |part| match part {
        "N" => "",
        _ if is_index(part) => "N",
        _ => part,
    };
    name.split('.').map(part).collect::<Vec<_>>().join(".")
}

/// Whether it is an index of a list: they count from 1, and have one spelling each.
#[must_use]
pub fn is_index(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `Unstructured` for texts and choices of this API.
pub struct Draw<'a>(Unstructured<'a>);

impl<'a> Draw<'a> {
    /// Draws from these bytes.
    #[must_use]
    pub fn new(data: &'a [u8]) -> Self {
        Self(Unstructured::new(data))
    }

    /// One of them.
    pub fn one<T: Copy>(&mut self, of: &[T]) -> Result<T> {
        self.0.choose(of).copied()
    }

    /// Whether it is one time in `times`; no, when there is nothing left to draw from.
    pub fn rarely(&mut self, times: u8) -> Result<bool> {
        self.0.int_in_range(0..=times - 1).map(|drawn| drawn == times - 1)
    }

    /// A word of the dictionary.
    pub fn word(&mut self) -> Result<&'static str> {
        self.0.choose(&WORDS).map(String::as_str)
    }

    /// Any short text.
    pub fn text(&mut self) -> Result<String> {
        let bytes = self.0.int_in_range(0..=40)?;
        Ok(String::from_utf8_lossy(self.0.bytes(bytes)?).replace('\0', ""))
    }

    /// Parameters of a request for `action`, in the order in which they are sent, each once.
    pub fn pairs(&mut self, action: Action) -> Result<Vec<(String, String)>> {
        let own = documented(action);
        let mut pairs = Vec::new();
        // Without these most requests go no further.
        if !self.rarely(8)? {
            let needed = NEEDED.iter().filter(|name| own.patterns.contains(*name));
            pairs.extend(needed.map(|name| (name.replace(".N", ".1"), plausible(name)[0].to_owned())));
        }
        let count = self.0.int_in_range(0..=16)?;
        for _ in 0..count {
            let documented = match self.one(&[Own, Own, Own, Own, Own, Own, Own, Foreign, Word, Text])? {
                Own => self.one(&own.names)?.to_owned(),
                Foreign => {
                    let other = self.one(&Action::ALL)?;
                    self.one(&documented(other).names)?.to_owned()
                }
                Word => self.word()?.to_owned(),
                Text => self.text()?,
            };
            let mut name = self.indexed(&documented)?;
            // As some clients spell it.
            if self.rarely(16)? {
                name = name.replace('.', "");
            }
            if name.matches('.').count() < Params::DEPTH_MAX {
                pairs.push((name, self.value(&documented)?));
            }
        }
        let mut seen = BTreeSet::new();
        pairs.retain(|(name, _)| seen.insert(name.clone()));
        let turn = self.0.int_in_range(0..=pairs.len())?;
        pairs.rotate_left(turn);
        Ok(pairs)
    }

    fn indexed(&mut self, name: &str) -> Result<String> {
        let mut parts = Vec::new();
        for part in name.split('.') {
            parts.push(match part {
                "N" => {
                    self.one(&["1", "1", "1", "2", "2", "3", "10", "16", "17", "100", "101", "0", "01"])?
                }
                part => part,
            });
        }
        Ok(parts.join("."))
    }

    fn value(&mut self, name: &str) -> Result<String> {
        let mut value = match self.one(&[Own, Own, Own, Own, Own, Foreign, Word, Text])? {
            Own => self.one(plausible(name))?.to_owned(),
            Foreign => String::new(),
            Word => self.word()?.to_owned(),
            Text => self.text()?,
        };
        // Nearly what it was.
        match self.one(&[0, 0, 0, 0, 0, 0, 1, 2])? {
            1 => drop(value.pop()),
            2 => value.push(self.one(&['0', ' ', 'x', '.', '\u{6d4b}', '%'])?),
            _ => {}
        }
        Ok(value)
    }
}

/// Where a name or a value comes from.
#[derive(Clone, Copy)]
enum Origin {
    Own,
    Foreign,
    Word,
    Text,
}
use Origin::{Foreign, Own, Text, Word};

/// Parameters as a query, in the order given.
#[must_use]
pub fn query<'p>(pairs: impl IntoIterator<Item = &'p (String, String)>) -> String {
    let encoded =
        |(name, value): &(String, String)| [percent::encode(name), percent::encode(value)].join("=");
    pairs.into_iter().map(encoded).collect::<Vec<_>>().join("&")
}

const NEEDED: &[&str] = &[
    "RegionId",
    "ImageId",
    "InstanceType",
    "SecurityGroupId",
    "VSwitchId",
    "InstanceId",
    "InstanceId.N",
    "VpcId",
    "ZoneId",
    "CidrBlock",
    "DestinationResource",
    "LaunchTemplateName",
    "EventType",
    "EventId",
    "EventId.N",
    "NotBefore",
    "ResourceType",
    "DeleteVersion.N",
    "DefaultVersionNumber",
    "InstanceIds",
];

/// What a parameter usually holds.
fn plausible(name: &str) -> &'static [&'static str] {
    let last = name.rsplit('.').find(|part| *part != "N").unwrap_or(name);
    let found = PLAUSIBLE.iter().find(|(names, _)| names.contains(&last));
    let is_id = last.ends_with("Id") || last.ends_with("Name");
    found.map_or(
        if is_id { &["a-1", "web", "a-2"] } else { &["true", "1", "web", "false", "2"] },
        |(_, values)| values,
    )
}

#[rustfmt::skip]
const PLAUSIBLE: &[(&[&str], &[&str])] = &[
    (&["RegionId"], &["cn-hangzhou"]),
    (&["InstanceId"], &["i-00010000000000000001", "i-00010000000000000002"]),
    (&["EventId"], &["e-00010000000000000001"]),
    (&["InstanceIds", "DiskIds", "PrivateIpAddresses", "EipAddresses"], &["[\"i-00010000000000000001\"]", "[]", "[\"10.0.0.1\"]"]),
    (&["InstanceType"], &["ecs.g6.large", "Primary", "Secondary"]),
    (&["InstanceName", "HostName", "HostNames"], &["web", "k8s-node-[1,4]-ali", "web[]", "web-${instance_id}", "a1", "web.x"]),
    (&["Password"], &["Qwer1234!", "/Qwer1234!", "Qwer12345"]),
    (&["UserData"], &["cXdlcg==", "QQ=="]),
    (&["Amount", "MinAmount"], &["1", "2", "3", "100"]),
    (&["PrivateIpAddress", "PrimaryIpAddress", "InnerIpAddress"], &["10.0.0.1", "192.168.1.7", "10.0.0.255"]),
    (&["Ipv6Address"], &["2001:db8::1", "2001:DB8::1", "::"]),
    (&["CidrBlock"], &["10.0.0.0/24", "172.16.0.0/12", "10.0.0.0/8", "10.0.0.8/29"]),
    (&["InternetChargeType"], &["PayByTraffic", "PayByBandwidth"]),
    (&["InternetMaxBandwidthIn", "InternetMaxBandwidthOut"], &["1", "0", "5", "100", "200"]),
    (&["Category", "SystemDiskCategory", "DataDiskCategory"], &["cloud_essd", "cloud", "cloud_efficiency", "cloud_ssd", "cloud_auto", "cloud_essd_entry", "ephemeral_ssd"]),
    (&["Size"], &["40", "20", "100", "2048", "5"]),
    (&["PerformanceLevel"], &["PL1", "PL0", "PL2", "PL3"]),
    (&["Device"], &["/dev/xvdb", "/dev/xvdc", "/dev/xvdzz"]),
    (&["IoOptimized"], &["optimized", "none", "true"]),
    (&["InstanceChargeType", "DiskChargeType"], &["PostPaid", "PrePaid"]),
    (&["Period", "AutoRenewPeriod"], &["1", "2", "3", "6", "12", "60"]),
    (&["PeriodUnit"], &["Month", "Week", "month"]),
    (&["AutoReleaseTime", "NotBefore", "Start", "End"], &["2026-07-01T12:00:00Z", "2026-01-02T04:04:05Z", "2026-01-02T03:04:05Z"]),
    (&["SpotStrategy"], &["NoSpot", "SpotWithPriceLimit", "SpotAsPriceGo"]),
    (&["SpotPriceLimit"], &["0.5", "1", "0.123"]),
    (&["SpotDuration"], &["0", "1"]),
    (&["SpotInterruptionBehavior"], &["Terminate", "Stop"]),
    (&["CreditSpecification"], &["Standard", "Unlimited"]),
    (&["Tenancy", "Affinity"], &["default", "host"]),
    (&["SecurityEnhancementStrategy"], &["Active", "Deactive"]),
    (&["NetworkInterfaceTrafficMode"], &["Standard", "HighPerformance"]),
    (&["HostnameType"], &["Custom", "IpBased"]),
    (&["HttpEndpoint"], &["enabled", "disabled"]),
    (&["HttpTokens"], &["optional", "required"]),
    (&["MatchCriteria"], &["Open", "Target", "None"]),
    (&["StoppedMode"], &["KeepCharging", "StopCharging"]),
    (&["BatchOptimization"], &["AllTogether", "SuccessFirst"]),
    (&["EventType", "InstanceEventType"], &["SystemFailure.Delete", "SystemMaintenance.Reboot", "SystemFailure.Stop"]),
    (&["InstanceEventCycleStatus", "EventCycleStatus"], &["Executing", "Executed", "Avoided"]),
    (&["Status"], &["Running", "Stopped", "Available", "In_use"]),
    (&["HealthStatus"], &["Impaired", "Ok"]),
    (&["DestinationResource"], &["InstanceType", "Zone", "SystemDisk"]),
    (&["ResourceType"], &["instance", "disk"]),
    (&["NetworkType", "InstanceNetworkType", "NetworkCategory"], &["vpc", "classic"]),
    (&["SecurityGroupType"], &["normal", "enterprise"]),
    (&["SecurityGroupIds"], &["sg-1", "sg-2", "[\"sg-1\"]"]),
    (&["PageNumber", "PageSize", "MaxResults"], &["1", "10", "20", "50", "100"]),
    (&["Key"], &["team", "CreationStartTime", "k", ""]),
    (&["Value"], &["web", "2026-01-02T03:04Z", ""]),
    (&["LaunchTemplateVersion", "DeleteVersion", "DefaultVersionNumber"], &["1", "2"]),
];

/// The word in a line of the dictionary.
fn word(line: &str) -> Option<String> {
    let escaped = line.strip_prefix('"')?.strip_suffix('"')?;
    let mut bytes = Vec::new();
    let mut rest = escaped.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match (byte, byte == b'\\') {
            (byte, false) => byte,
            (_, true) => match rest.next()? {
                b'x' => {
                    let digits = [rest.next()?, rest.next()?];
                    u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
                }
                byte => byte,
            },
        });
    }
    String::from_utf8(bytes).ok()
}
