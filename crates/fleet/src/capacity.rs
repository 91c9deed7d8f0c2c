//! How many instances a launch makes, and what can keep it from making more.

/// How many instances a launch makes: as many of `most` as can be had, `least` or none at all.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Wanted {
    most: u8,
    least: u8,
}

impl Wanted {
    /// The most that one launch makes.
    pub const MAX: u8 = 100;
    /// Just one.
    pub const ONE: Self = Self { most: 1, least: 1 };

    /// Between `least` and `most`; `None` unless `1 <= least <= most <= 100`.
    #[must_use]
    pub const fn new(most: u8, least: u8) -> Option<Self> {
        if 1 <= least && least <= most && most <= Self::MAX { Some(Self { most, least }) } else { None }
    }

    /// As many as this, if they can be had.
    #[must_use]
    pub const fn most(self) -> u8 {
        self.most
    }

    /// At least this many.
    #[must_use]
    pub const fn least(self) -> u8 {
        self.least
    }
}

/// What a launch can be short of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Limit {
    /// Instances that the account may have.
    Quota,
    /// Instances that it may have and pay by use (rule Q-01).
    PostpaidQuota,
    /// Processors that it may have and pay by use.
    CpuQuota,
    /// Disks that it may have and pay by use.
    DiskQuota,
    /// Money of the account.
    Money,
    /// Places in a group.
    GroupPlaces,
    /// Free addresses of the subnets.
    Addresses,
    /// Free IPv6 addresses of the subnet.
    Ipv6Addresses,
    /// Free public addresses of the region.
    PublicAddresses,
    /// Units in stock.
    Stock,
}

/// What there was of everything when a launch fell short of its minimum.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Shortage {
    /// What ran out; the first in order where several did.
    pub binding: Limit,
    /// What was asked for.
    pub wanted: Wanted,
    /// Instances that the account may still have.
    pub quota: u32,
    /// Instances that it may still have and pay by use; `None` when there is no such limit, or they
    /// are paid in advance.
    pub postpaid: Option<u32>,
    /// Instances that it may still have the processors of; `None` likewise.
    pub cpus: Option<u32>,
    /// Instances that it may still have the disks of; `None` likewise.
    pub disks: Option<u32>,
    /// Instances that it can pay for; `None` when nothing is charged.
    pub money: Option<u32>,
    /// Places on the dedicated host they are to run on; `None` when they are to run on none. It has
    /// room for the minimum: one that has not is refused among the relations (rule H-02).
    pub host_places: Option<u32>,
    /// Places in the fullest of the groups.
    pub group_places: u32,
    /// Instances that the free addresses of the subnets are enough for.
    pub addresses: u32,
    /// Instances that the free IPv6 addresses of the subnet are enough for; `None` when none is wanted.
    pub ipv6_addresses: Option<u32>,
    /// Free public addresses of the region; `None` when none is wanted, or the region has no pool.
    pub public_addresses: Option<u32>,
    /// Units in stock.
    pub stock: u32,
}

impl Shortage {
    /// There is nothing of anything that is always counted.
    #[must_use]
    pub const fn nothing(wanted: Wanted) -> Self {
        Self {
            binding: Limit::Stock,
            wanted,
            quota: 0,
            postpaid: None,
            cpus: None,
            disks: None,
            money: None,
            host_places: None,
            group_places: 0,
            addresses: 0,
            ipv6_addresses: None,
            public_addresses: None,
            stock: 0,
        }
    }

    /// Every limit and what it allows, in the order they are judged.
    fn limits(&self) -> [(Limit, u32); 10] {
        let unless_none = |allows: Option<u32>| allows.unwrap_or(u32::MAX);
        [
            (Limit::Quota, self.quota),
            (Limit::PostpaidQuota, unless_none(self.postpaid)),
            (Limit::CpuQuota, unless_none(self.cpus)),
            (Limit::DiskQuota, unless_none(self.disks)),
            (Limit::Money, unless_none(self.money)),
            (Limit::GroupPlaces, self.group_places),
            (Limit::Addresses, self.addresses),
            (Limit::Ipv6Addresses, unless_none(self.ipv6_addresses)),
            (Limit::PublicAddresses, unless_none(self.public_addresses)),
            (Limit::Stock, self.stock),
        ]
    }

    /// How many all limits together allow.
    pub(crate) fn allowed(&self) -> u8 {
        let limits = self.limits().into_iter().map(|(_, allows)| allows);
        let allowed = limits.chain(self.host_places).min().unwrap_or(0);
        u8::try_from(allowed).unwrap_or(u8::MAX).min(self.wanted.most)
    }

    /// The first limit that allows less than the minimum.
    pub(crate) fn falls_short(&self) -> Option<Limit> {
        let least = u32::from(self.wanted.least);
        self.limits().into_iter().find(|(_, allows)| *allows < least).map(|(limit, _)| limit)
    }
}

impl Limit {
    /// Whether it is the account's, which is judged before what others can take away meanwhile.
    pub(crate) const fn is_quota(self) -> bool {
        match self {
            Self::Quota | Self::PostpaidQuota | Self::CpuQuota | Self::DiskQuota => true,
            Self::Money
            | Self::GroupPlaces
            | Self::Addresses
            | Self::Ipv6Addresses
            | Self::PublicAddresses
            | Self::Stock => false,
        }
    }
}
