//! The signing port: whether models are signed and checked, and with which key.
//!
//! A signature says that whoever holds the key has made a model's files, or has vouched for them; it does not say that
//! the model passed the gate. Where signing is on, no model without one is loaded, and none becomes champion.

mod key_file;
mod pem;
#[cfg(test)]
pub mod sample;

use std::path::Path;

use lake::documents::{ModelSignature, SignatureAlgorithm};
use protocol::Digest;

use crate::error::{Error, Result};
pub use key_file::KeyFile;

/// Where the key is. A key in AWS KMS would be a variant of its own, as with the other ports; there is none yet.
#[derive(Debug, Clone, Default)]
pub enum Signing {
    /// Models are neither signed nor asked for a signature.
    #[default]
    Off,
    /// Ed25519 keys from a file in PEM.
    KeyFile(KeyFile),
}

impl Signing {
    /// Reads the key file, if one is named; the error says what is wrong with it.
    pub fn load(file: Option<&Path>) -> churn::Result<Self> {
        Ok(file.map(KeyFile::read).transpose()?.map_or(Self::Off, Self::KeyFile))
    }

    /// Whether models must be signed.
    pub fn is_on(&self) -> bool {
        !matches!(self, Self::Off)
    }

    /// Refuses a process that must sign and can only check, before it has worked for nothing.
    pub fn require_signer(&self) -> Result<()> {
        match self {
            Self::KeyFile(keys) if !keys.can_sign() => {
                let problem =
                    "a model must be signed, and the file holds no private key: give this process the private key";
                Err(churn::Error::settings("signing key", problem).into())
            }
            Self::Off | Self::KeyFile(_) => Ok(()),
        }
    }

    /// The signature of a version whose list of files has this digest; none where signing is off.
    pub fn sign(&self, version: &str, files: &Digest) -> Result<Option<ModelSignature>> {
        self.require_signer()?;
        let Self::KeyFile(keys) = self else { return Ok(None) };
        Ok(keys.sign(&ModelSignature::message(version, files)).map(|(key_id, signature)| ModelSignature {
            algorithm: SignatureAlgorithm::Ed25519,
            key_id,
            version: version.into(),
            files: files.clone(),
            signature,
        }))
    }

    /// Refuses a version whose list of files, with this digest, has no signature by a key that is trusted. Where signing
    /// is off every version is accepted.
    pub fn check(&self, version: &str, files: Option<&Digest>, signature: Option<&ModelSignature>) -> Result<()> {
        let Self::KeyFile(keys) = self else { return Ok(()) };
        let Some(signature) = signature else { return Err(untrusted(version, "it has no signature")) };
        let Some(files) = files else { return Err(untrusted(version, "it has no list of files to be signed")) };
        if signature.version != version || signature.files != *files {
            return Err(untrusted(version, "its signature is about other files"));
        }
        match keys.verify(&signature.key_id, &ModelSignature::message(version, files), &signature.signature) {
            Verified::Yes => Ok(()),
            Verified::No => Err(untrusted(version, "its signature is not one of the key that it names")),
            Verified::UnknownKey => {
                let problem = format!("it is signed with key {}, which is not trusted here", signature.key_id);
                Err(untrusted(version, &problem))
            }
        }
    }
}

/// What became of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::signing) enum Verified {
    /// The key made the signature.
    Yes,
    /// It did not.
    No,
    /// Nobody knows the key.
    UnknownKey,
}

fn untrusted(version: &str, problem: &str) -> Error {
    Error::UntrustedModel { version: version.to_owned(), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::sample::{private, public};
    use super::*;

    fn signing(pem: &str) -> Signing {
        Signing::KeyFile(KeyFile::parse(pem).unwrap())
    }

    fn files() -> Digest {
        Digest::of(b"files.json")
    }

    fn problem(checked: Result<()>) -> String {
        let error = checked.unwrap_err();
        assert_eq!(error.type_name(), "SG0042 UntrustedModel");
        error.to_string()
    }

    #[test]
    fn the_private_key_signs_and_the_public_one_checks() {
        let sign = || signing(&private(1)).sign("v", &files()).unwrap().unwrap();
        let signature = sign();
        assert_eq!(sign(), signature, "the same bytes every time");
        for key in [private(1), public(1)] {
            signing(&key).check("v", Some(&files()), Some(&signature)).unwrap();
        }
        let refused = signing(&public(1)).sign("v", &files()).unwrap_err().to_string();
        assert!(refused.contains("no private key"), "{refused}");
    }

    #[test]
    fn what_is_not_signed_as_it_is_here_is_refused_with_its_reason() {
        let (first, second) = (signing(&private(1)), signing(&private(2)));
        let good = first.sign("v", &files()).unwrap().unwrap();
        let check = |version: &str, files: &Digest, signature: Option<&ModelSignature>| {
            problem(first.check(version, Some(files), signature))
        };
        assert!(check("v", &files(), None).contains("no signature"));
        assert!(check("v", &Digest::of(b"changed"), Some(&good)).contains("other files"));
        assert!(check("other", &files(), Some(&good)).contains("other files"));
        let of_second = second.sign("v", &files()).unwrap().unwrap();
        assert!(check("v", &files(), Some(&of_second)).contains("not trusted"));
        let forged = ModelSignature { key_id: good.key_id.clone(), ..of_second };
        assert!(check("v", &files(), Some(&forged)).contains("not one of the key"));
        let broken = ModelSignature { signature: "?".to_owned(), ..good.clone() };
        assert!(check("v", &files(), Some(&broken)).contains("not one of the key"));
        assert!(problem(first.check("v", None, Some(&good))).contains("no list of files"));
    }

    #[test]
    fn where_signing_is_off_nothing_is_asked() {
        let off = Signing::load(None).unwrap();
        assert!(!off.is_on());
        off.check("v", None, None).unwrap();
        assert_eq!(off.sign("v", &files()).unwrap(), None);
    }
}
