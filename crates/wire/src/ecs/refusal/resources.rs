//! How refusals about what stands around instances are told.

use fleet::{KeyPairRefusal, OnceRefusal, RemoveRefusal, RuleRefusal, TagRefusal};

use super::failed;
use crate::ecs::request::DeleteRequest;
use crate::ecs::{Code, Fault};

/// Why a thing is not made, with a token or without one; `told` says the rest.
pub fn once<R>(refusal: &OnceRefusal<R>, told: impl Fn(&R) -> Fault) -> Fault {
    match refusal {
        OnceRefusal::TokenReused => Fault::new(Code::IDEMPOTENT_PARAMETER_MISMATCH).about("ClientToken"),
        OnceRefusal::IdsExhausted => failed(),
        OnceRefusal::Refused(refusal) => told(refusal),
    }
}

/// Why a key pair is not kept.
#[must_use]
pub fn key_pair(refusal: &KeyPairRefusal) -> Fault {
    match refusal {
        KeyPairRefusal::NameTaken(_) => Fault::new(Code::KEY_PAIR_ALREADY_EXIST).about("KeyPairName"),
        KeyPairRefusal::TooMany => Fault::new(Code::QUOTA_EXCEED_KEY_PAIR),
    }
}

/// Why the rules of a security group stay as they are. The documents name no codes of their own for
/// the group on the other side of what goes out.
#[must_use]
pub fn rules(refusal: &RuleRefusal) -> Fault {
    match refusal {
        RuleRefusal::UnknownGroup(_) => {
            Fault::new(Code::INVALID_SECURITY_GROUP_ID_NOT_FOUND).about("SecurityGroupId")
        }
        RuleRefusal::UnknownPeer(_) => {
            Fault::new(Code::INVALID_SOURCE_GROUP_ID_NOT_FOUND).about("SourceGroupId")
        }
        RuleRefusal::SamePeer => Fault::new(Code::INVALID_PARAMTER_CONFLICT_GROUP).about("SourceGroupId"),
        RuleRefusal::PeerElsewhere(_) => {
            Fault::new(Code::INVALID_SOURCE_GROUP_ID_MISMATCH_VPC).about("SourceGroupId")
        }
        RuleRefusal::TooMany => Fault::new(Code::AUTHORIZATION_LIMIT_EXCEED),
        RuleRefusal::IdsExhausted => failed(),
    }
}

/// Why no tag is changed.
#[must_use]
pub fn tags(refusal: &TagRefusal) -> Fault {
    match refusal {
        TagRefusal::Unknown(_) => Fault::new(Code::INVALID_RESOURCE_ID_NOT_FOUND).about("ResourceId"),
        TagRefusal::NotTaggable(_) => Fault::new(Code::INVALID_RESOURCE_ID_NOT_SUPPORTED).about("ResourceId"),
        TagRefusal::TooMany => Fault::new(Code::OPERATION_DENIED_QUOTA_EXCEED),
        TagRefusal::DiffersInCase(_) => Fault::new(Code::TAG_KEY_DUPLICATION).about("Tag"),
    }
}

/// Why what `request` names is not removed.
#[must_use]
pub fn removal(refusal: &RemoveRefusal, request: &DeleteRequest) -> Fault {
    match (refusal, request) {
        (RemoveRefusal::Unknown(_), DeleteRequest::Network(_)) => {
            Fault::new(Code::INVALID_VPC_ID_NOT_FOUND).about("VpcId")
        }
        (RemoveRefusal::Unknown(_), DeleteRequest::Subnet(_)) => {
            Fault::new(Code::INVALID_VSWITCH_ID_NOT_FOUND).about("VSwitchId")
        }
        (RemoveRefusal::Unknown(_), DeleteRequest::Group(_)) => {
            Fault::new(Code::INVALID_SECURITY_GROUP_ID_NOT_FOUND).about("SecurityGroupId")
        }
        (RemoveRefusal::Pending(_), _) => {
            Fault::new(Code::INCORRECT_VSWITCH_STATUS_DELETE).about("VSwitchId")
        }
        (RemoveRefusal::InUse(_), _) => Fault::new(Code::DEPENDENCY_VIOLATION),
        (RemoveRefusal::HasMembers { .. }, _) => Fault::new(Code::DEPENDENCY_VIOLATION_MEMBERS),
        (RemoveRefusal::Named { .. }, _) => Fault::new(Code::DEPENDENCY_VIOLATION_AUTHORIZED),
    }
}
