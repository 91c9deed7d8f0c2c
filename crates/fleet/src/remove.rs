//! Removing networks and subnets: only what nothing depends on any more.

use crate::View;
use crate::decide::{Command, Draft, Halt};
use crate::{AccountId, Key, Label, Network, Record, Subnet, Time};

/// Removes a network.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RemoveNetwork {
    /// Whose it is.
    pub account: AccountId,
    /// Which.
    pub label: Label,
}

/// Removes a subnet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RemoveSubnet {
    /// Whose it is.
    pub account: AccountId,
    /// Which.
    pub label: Label,
}

/// Why a thing is not removed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RemoveRefusal {
    /// The account has no such thing.
    #[error("there is no {0}")]
    Unknown(Label),
    /// Subnets are in the network, or addresses of the subnet are taken.
    #[error("something in {0} is still there")]
    InUse(Label),
}

type Judged<T, V> = Result<T, Halt<RemoveRefusal, <V as View>::Failure>>;

impl Command for RemoveNetwork {
    type Reply = Network;
    type Refusal = RemoveRefusal;

    fn decide<V: View>(&self, draft: &mut Draft<'_, V>, _now: Time) -> Judged<Network, V> {
        let network = draft.network(&self.label)?.filter(|network| network.account == self.account);
        let network = network.ok_or_else(|| Halt::Refused(RemoveRefusal::Unknown(self.label.clone())))?;
        if !network.subnets.is_empty() {
            return Err(Halt::Refused(RemoveRefusal::InUse(self.label.clone())));
        }

        draft.remove(Key::Network(network.label.clone()));
        Ok(network)
    }
}

impl Command for RemoveSubnet {
    type Reply = Subnet;
    type Refusal = RemoveRefusal;

    fn decide<V: View>(&self, draft: &mut Draft<'_, V>, _now: Time) -> Judged<Subnet, V> {
        let subnet = draft.subnet(&self.label)?.filter(|subnet| subnet.account == self.account);
        let subnet = subnet.ok_or_else(|| Halt::Refused(RemoveRefusal::Unknown(self.label.clone())))?;
        if subnet.free < subnet.block.usable() {
            return Err(Halt::Refused(RemoveRefusal::InUse(self.label.clone())));
        }

        if let Some(mut network) = draft.network(&subnet.network)? {
            network.subnets.retain(|(label, _)| *label != subnet.label);
            draft.put(Record::Network(network));
        }
        let pages = (0..=u8::MAX).take_while(|number| u32::from(*number) < subnet.block.pages());
        for number in pages {
            let key = Key::AddressPage(subnet.label.clone(), number);
            if draft.get(&key)?.is_some() {
                draft.remove(key);
            }
        }
        draft.remove(Key::Subnet(subnet.label.clone()));
        Ok(subnet)
    }
}
