//! One place of keys: a file, or AWS KMS.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lake::documents::{ModelSignature, SignatureAlgorithm};

use super::{KeyFile, Verified};
use crate::error::Result;
use crate::kms::{KeySource, MacKey, mac_key};

/// The bytes of a code of HMAC-SHA-256.
const MAC_BYTES: usize = 32;

/// Where a key is.
#[derive(Debug, Clone)]
pub enum SigningKey {
    /// Ed25519 keys from a file in PEM.
    File(KeyFile),
    /// A key of HMAC-SHA-256 in AWS KMS.
    Kms(Arc<dyn MacKey>),
}

/// A signature, before it is said what it is of.
#[derive(Debug)]
pub(in crate::signing) struct Signed {
    pub algorithm: SignatureAlgorithm,
    pub key_id: String,
    /// In Base64.
    pub signature: String,
}

impl SigningKey {
    /// Reads a file; the error says what is wrong with it. A key in KMS is only named.
    pub fn open(source: &KeySource) -> churn::Result<Self> {
        match source {
            KeySource::File(path) => KeyFile::read(path).map(Self::File),
            KeySource::Kms(name) => mac_key(name).map(Self::Kms),
        }
    }

    /// The ID of the key; of one in KMS its name in the settings.
    pub fn id(&self) -> &str {
        match self {
            Self::File(keys) => keys.id(),
            Self::Kms(key) => key.name().as_str(),
        }
    }

    /// What others know its keys by: the IDs of those in a file; of one in KMS `kms:` and its name in the settings.
    pub fn names(&self) -> Vec<String> {
        match self {
            Self::File(keys) => keys.ids().map(str::to_owned).collect(),
            Self::Kms(key) => vec![format!("kms:{}", key.name())],
        }
    }

    /// Whether it may sign: a file with a private key can, and a key in KMS unless KMS refuses.
    pub fn can_sign(&self) -> bool {
        match self {
            Self::File(keys) => keys.can_sign(),
            Self::Kms(_) => true,
        }
    }

    /// Refuses a key that would refuse to sign.
    pub(in crate::signing) async fn require_signature(&self) -> Result<()> {
        match self {
            Self::File(_) => Ok(()),
            Self::Kms(key) => Ok(key.require_mac().await?),
        }
    }

    /// The signature of a message; none of a file without a private key.
    pub(in crate::signing) async fn sign(&self, message: &[u8]) -> Result<Option<Signed>> {
        match self {
            Self::File(keys) => Ok(keys.sign(message).map(|(key_id, signature)| Signed {
                algorithm: SignatureAlgorithm::Ed25519,
                key_id,
                signature,
            })),
            Self::Kms(key) => {
                let mac = key.mac(message).await?;
                let signature = STANDARD.encode(&mac.bytes);
                Ok(Some(Signed { algorithm: SignatureAlgorithm::HmacSha256, key_id: mac.key_id, signature }))
            }
        }
    }

    /// Whether it made the signature of this message. KMS is asked for the key of the settings, never for one that a
    /// signature names.
    pub(in crate::signing) async fn verify(&self, signature: &ModelSignature, message: &[u8]) -> Result<Verified> {
        match (self, signature.algorithm) {
            (Self::File(keys), SignatureAlgorithm::Ed25519) => {
                Ok(keys.verify(&signature.key_id, message, &signature.signature))
            }
            (Self::Kms(key), SignatureAlgorithm::HmacSha256) if key.name().may_be(&signature.key_id) => {
                // KMS refuses to look at what cannot be a code.
                let mac = STANDARD.decode(&signature.signature).ok().filter(|mac| mac.len() == MAC_BYTES);
                let Some(mac) = mac else { return Ok(Verified::No) };
                Ok(if key.is_mac(message, &mac).await? { Verified::Yes } else { Verified::No })
            }
            (Self::File(_), SignatureAlgorithm::HmacSha256)
            | (Self::Kms(_), SignatureAlgorithm::Ed25519 | SignatureAlgorithm::HmacSha256) => Ok(Verified::UnknownKey),
        }
    }
}
