//! The actions that are served: `contract/zenlayer.md` section 1.

use super::{Code, Fault};

/// The version of the API.
pub const VERSION: &str = "2022-11-20";

macro_rules! actions {
    ($($name:ident),* $(,)?) => {
        /// An action. Its name is the one on the wire.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[allow(missing_docs, reason = "the names are the reference's")]
        pub enum Action {
            $($name),*
        }

        impl Action {
            /// Every action, in the order of the reference.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name)),*
                }
            }
        }
    };
}

actions! {
    DescribeZones,
    CreateInstances,
    DescribeInstanceTypes,
    DescribeAvailableResources,
    DescribeImages,
    DescribeInstances,
    StartInstances,
    StopInstances,
    RebootInstances,
    ReinstallInstance,
    TerminateInstance,
    ReleaseInstances,
    ModifyInstancesAttribute,
    ModifyInstancesResourceGroup,
    DescribeInstanceInternetStatus,
    InquiryPriceCreateInstance,
    RenewInstance,
    CreateVpc,
    DescribeVpcs,
    DeleteVpc,
    DescribeVpcAvailableRegions,
    CreateSubnet,
    DescribeSubnets,
    DeleteSubnet,
    DescribeSubnetAvailableResources,
    AssociateSubnetInstances,
    UnAssociateSubnetInstance,
    AssociateVpcSubnet,
}

impl Action {
    /// The action of this name, in this version.
    ///
    /// # Errors
    /// When there is none.
    pub fn parse(name: &str, version: &str) -> Result<Self, Fault> {
        let named = Self::ALL.iter().find(|action| action.name() == name);
        named.copied().filter(|_| version == VERSION).ok_or(Code::INVALID_ACTION.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_goes_by_its_name_in_its_version() {
        assert_eq!(Action::ALL.len(), 28);
        for action in Action::ALL {
            assert_eq!(Action::parse(action.name(), VERSION), Ok(*action));
            assert_eq!(Action::parse(action.name(), "2026-02-01"), Err(Code::INVALID_ACTION.into()));
        }
        assert_eq!(Action::parse("createInstances", VERSION), Err(Code::INVALID_ACTION.into()));
    }
}
