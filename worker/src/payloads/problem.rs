//! Why a payload cannot be read or written.

use churn::Kind;
use lake::RemoteError;

/// Why a payload cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It needs a key that is not here.
    #[error(
        "a payload is encrypted with key {key_id}, and here {held}; give --payload-key (SPANISHGAS_PAYLOAD_KEY) a file \
         that holds that key, or kms: and its name"
    )]
    UnknownKey {
        /// The key that it was encrypted with.
        key_id: String,
        /// Which keys there are.
        held: String,
    },
    /// Its bytes are not those that were encrypted.
    #[error("a payload that was encrypted with key {key_id} does not open: its bytes were changed")]
    NotGenuine {
        /// The key that it was encrypted with.
        key_id: String,
    },
    /// Another program encrypted it.
    #[error("a payload is encrypted by `{cipher}`; only payloads by AES-256-GCM can be read: another program wrote it")]
    OtherCipher {
        /// What it says of itself.
        cipher: String,
    },
    /// The machine gave no random numbers, or the payload is beyond all limits.
    #[error("a payload of {bytes} bytes could not be encrypted with key {key_id}")]
    NotSealed {
        /// The key.
        key_id: String,
        /// Its size.
        bytes: usize,
    },
    /// KMS did not make or open the key of a payload.
    #[error("the key of a payload: {0}")]
    KeyService(#[from] RemoteError),
}

impl Problem {
    /// Whether the same payload may be read or written a moment later.
    pub fn kind(&self) -> Kind {
        match self {
            Self::KeyService(error) => error.kind.kind(),
            Self::UnknownKey { .. } | Self::NotGenuine { .. } | Self::OtherCipher { .. } | Self::NotSealed { .. } => {
                Kind::Permanent
            }
        }
    }
}
