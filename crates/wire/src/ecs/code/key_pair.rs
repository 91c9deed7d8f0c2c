//! Codes of key pairs (`ecs-actions.md` section 8). A name that no key pair goes by, and none that
//! is in use, has a code: deleting is not refused.

use super::Message::Fixed;
use super::{Code, codes};

codes! {
    KEY_PAIR;

    /// `CreateKeyPair`, `ImportKeyPair`.
    INVALID_KEY_PAIR_NAME_MALFORMED = 400 "InvalidKeyPairName.Malformed"
        Fixed("Specified Key Pair name is not valid.");
    /// `CreateKeyPair`, `ImportKeyPair`.
    KEY_PAIR_ALREADY_EXIST = 400 "KeyPair.AlreadyExist"
        Fixed("The key pair already exist.");
    /// `CreateKeyPair`, `ImportKeyPair`.
    QUOTA_EXCEED_KEY_PAIR = 403 "QuotaExceed.KeyPair"
        Fixed("The key pair quota exceeds.");
    /// `ImportKeyPair`.
    INVALID_PUBLIC_KEY_BODY_MALFORMED = 400 "InvalidPublicKeyBody.Malformed"
        Fixed("The PublicKeyBody format is not supported.");
}
