//! The words of this dialect and what they mean to the fleet: one table for each, read both ways.

use fleet::{FileSystem, ImageOrigin, Instance, Line, Os, RaidLevel, ReleasedFrom, Spec, State};

/// The word of a value, and the value of a word.
macro_rules! words {
    ($(#[$doc:meta])* $module:ident: $type:ty { $($word:literal = $value:pat => $made:expr),* $(,)? }) => {
        $(#[$doc])*
        pub(super) mod $module {
            #[allow(unused_imports, reason = "not every table needs all of them")]
            use super::*;

            pub(crate) const fn word(value: $type) -> &'static str {
                match value { $($value => $word),* }
            }

            #[allow(dead_code, reason = "some words are only written")]
            pub(crate) fn parse(word: &str) -> Option<$type> {
                match word { $($word => Some($made),)* _ => None }
            }
        }
    };
}

words! {
    /// What is billed of a line.
    line: Line {
        "ByBandwidth" = Line::Bandwidth => Line::Bandwidth,
        "ByTrafficPackage" = Line::TrafficPackage => Line::TrafficPackage,
        "ByInstanceBandwidth95" = Line::Peak => Line::Peak,
        "ByClusterBandwidth95" = Line::ClusterPeak => Line::ClusterPeak,
    }
}

words! {
    /// How a partition is written.
    file_system: FileSystem {
        "ext2" = FileSystem::Ext2 => FileSystem::Ext2,
        "ext3" = FileSystem::Ext3 => FileSystem::Ext3,
        "ext4" = FileSystem::Ext4 => FileSystem::Ext4,
        "NTFS" = FileSystem::Ntfs => FileSystem::Ntfs,
    }
}

words! {
    /// A kind of operating system.
    os: Os {
        "Linux" = Os::Linux => Os::Linux,
        "Windows" = Os::Windows => Os::Windows,
    }
}

words! {
    /// How much of a type there is: `contract/zenlayer.md` section 4.
    supply: Supply {
        "SELL" = Supply::Plenty => Supply::Plenty,
        "SELL_SHORTAGE" = Supply::Short => Supply::Short,
        "SOLD_OUT" = Supply::None => Supply::None,
    }
}

words! {
    /// What an instance does: `contract/lifecycle.md` section 7.
    status: Seen {
        "PENDING" = Seen::Pending => Seen::Pending,
        "CREATING" = Seen::Creating => Seen::Creating,
        "CREATE_FAILED" = Seen::CreateFailed => Seen::CreateFailed,
        "INSTALLING" = Seen::Installing => Seen::Installing,
        "INSTALL_FAILED" = Seen::InstallFailed => Seen::InstallFailed,
        "RUNNING" = Seen::Running => Seen::Running,
        "STOPPED" = Seen::Stopped => Seen::Stopped,
        "BOOTING" = Seen::Booting => Seen::Booting,
        "STOPPING" = Seen::Stopping => Seen::Stopping,
        "RECYCLE" = Seen::Recycle => Seen::Recycle,
        "RECYCLING" = Seen::Recycling => Seen::Recycling,
    }
}

/// What the owner of an instance sees of it in this dialect.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[allow(missing_docs, reason = "the names are the words")]
pub enum Seen {
    Pending,
    Creating,
    CreateFailed,
    Installing,
    InstallFailed,
    Running,
    Stopped,
    Booting,
    Stopping,
    Recycle,
    Recycling,
}

impl Seen {
    /// What is seen of `instance`; `None` once it is gone. What a provisioner has begun is being
    /// created; until then it is pending. A first boot counts as a part of the creation.
    #[must_use]
    pub const fn of(instance: &Instance) -> Option<Self> {
        Some(match &instance.state {
            State::Pending(work) if work.attempt == 0 => Self::Pending,
            State::Pending(_) => Self::Creating,
            State::Installing(_) => Self::Installing,
            State::Starting(..) if instance.started_at.is_none() => Self::Creating,
            State::Starting(..) => Self::Booting,
            State::Running => Self::Running,
            State::Stopping(..) => Self::Stopping,
            State::Stopped(_) => Self::Stopped,
            State::Blank => Self::InstallFailed,
            State::Failed(_) => Self::CreateFailed,
            State::Binned { .. } => Self::Recycle,
            State::Releasing(ReleasedFrom::Failed, _) => return None,
            State::Releasing(
                ReleasedFrom::Running | ReleasedFrom::Stopped(_) | ReleasedFrom::Binned(_),
                _,
            ) => Self::Recycling,
        })
    }
}

/// How much of a type there is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Supply {
    /// More than ten.
    Plenty,
    /// Ten or fewer.
    Short,
    /// Nothing.
    None,
}

impl Supply {
    /// What so many units come to.
    #[must_use]
    pub const fn of(units: u32) -> Self {
        match units {
            0 => Self::None,
            1..=10 => Self::Short,
            11.. => Self::Plenty,
        }
    }
}

/// The number of a level.
pub(super) const fn raid_number(level: RaidLevel) -> u8 {
    match level {
        RaidLevel::Striped => 0,
        RaidLevel::Mirrored => 1,
        RaidLevel::Parity => 5,
        RaidLevel::StripedMirrors => 10,
    }
}

/// The level with this number.
pub(super) fn raid_level(number: i64) -> Option<RaidLevel> {
    RaidLevel::ALL.into_iter().find(|level| i64::from(raid_number(*level)) == number)
}

/// The kind of an image.
pub(super) const fn image_type(origin: ImageOrigin) -> &'static str {
    match origin {
        ImageOrigin::System | ImageOrigin::Market => "PUBLIC_IMAGE",
        ImageOrigin::Own | ImageOrigin::Others => "CUSTOM_IMAGE",
    }
}

/// The catalog that an image of this name is in.
pub(super) fn catalog(os_name: &str) -> &str {
    const CATALOGS: [&str; 5] = ["CentOS", "Windows", "Ubuntu", "Debian", "ESXi"];
    let known = CATALOGS.into_iter().find(|catalog| {
        os_name.get(..catalog.len()).is_some_and(|start| start.eq_ignore_ascii_case(catalog))
    });
    known.unwrap_or_else(|| os_name.split_whitespace().next().unwrap_or_default())
}

/// The line of an instance, be it no bare metal.
pub(super) fn line_of(spec: &Spec) -> Line {
    match (&spec.bare_metal, spec.internet.charge) {
        (Some(bare_metal), _) => bare_metal.line,
        (None, fleet::InternetCharge::ByBandwidth) => Line::Bandwidth,
        (None, fleet::InternetCharge::ByTraffic) => Line::TrafficPackage,
    }
}

/// The word of a charge.
pub(super) const PREPAID: &str = "PREPAID";
/// The word of the other charge.
pub(super) const POSTPAID: &str = "POSTPAID";
