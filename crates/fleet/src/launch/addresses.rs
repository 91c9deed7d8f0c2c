//! The addresses of a launch: those of its first interface, of its further ones, and IPv6 (rules
//! N-10 to N-16, V and E as far as they need the fleet).

use super::find::Found;
use super::{Addresses, Judged, Launch, LaunchRefusal};
use crate::TakenAddresses;
use crate::View;
use crate::decide::Draft;

impl Launch {
    /// Existence: rule E-03.
    pub(super) fn find_interfaces<V: View>(&self, _draft: &Draft<'_, V>, _found: &Found) -> Judged<(), V> {
        Ok(())
    }

    /// Relations: rules N-12 to N-14 and N-16.
    pub(super) fn relate_addresses<V: View>(&self, draft: &Draft<'_, V>, found: &Found) -> Judged<(), V> {
        let subnet = &found.subnet;
        let Addresses::Given(address) = self.addresses else { return Ok(()) };
        if self.wanted.most() > 1 {
            return Err(LaunchRefusal::OneAddressForMany(self.wanted.most()).halt());
        }
        if !subnet.block.contains(address) {
            return Err(LaunchRefusal::AddressOutside(address).halt());
        }
        if subnet.block.is_reserved(address) {
            return Err(LaunchRefusal::AddressReserved(address).halt());
        }
        match draft.given_address(subnet, address)? {
            Some(_) => Ok(()),
            None => Err(LaunchRefusal::AddressTaken(address).halt()),
        }
    }

    /// Relations: rules V-03 to V-08 and E-04.
    pub(super) fn relate_interfaces<V: View>(&self, _draft: &Draft<'_, V>, _found: &Found) -> Judged<(), V> {
        Ok(())
    }

    /// As many addresses as there are to be instances, or fewer where the subnet has fewer.
    pub(super) fn take_addresses<V: View>(
        &self,
        draft: &Draft<'_, V>,
        found: &Found,
        count: u8,
    ) -> Judged<TakenAddresses, V> {
        match self.addresses {
            Addresses::Any => Ok(draft.next_addresses(&found.subnet, u32::from(count))?),
            Addresses::Given(address) => match draft.given_address(&found.subnet, address)? {
                Some(taken) => Ok(taken),
                None => Err(LaunchRefusal::AddressTaken(address).halt()),
            },
        }
    }
}
