//! The signature of a model, `models/<version>/signature.json`: who holds the key has made these files, or has vouched
//! for them.

use protocol::{Digest, ModelVersion};
use serde::{Deserialize, Serialize};

/// How a signature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureAlgorithm {
    /// Ed25519, RFC 8032, by a key from a file.
    Ed25519,
    /// HMAC-SHA-256, RFC 2104, by a key in AWS KMS.
    HmacSha256,
}

/// The document. The same key and the same files give the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelSignature {
    /// How the signature is made.
    pub algorithm: SignatureAlgorithm,
    /// Which key made it: the first 16 characters of the SHA-256 of the public key; of a key in KMS, what KMS calls it.
    pub key_id: String,
    /// The model's version.
    pub version: ModelVersion,
    /// The digest of `files.json`, which has the digest of every file.
    pub files: Digest,
    /// The signature over version and digest, in Base64; of a key in KMS, its message authentication code.
    pub signature: String,
}

impl ModelSignature {
    /// What is signed: the version is part of it, so that the files of one version do not pass for another's.
    pub fn message(version: &str, files: &Digest) -> Vec<u8> {
        format!("spanishgas model 1\n{version}\n{files}\n").into_bytes()
    }
}
