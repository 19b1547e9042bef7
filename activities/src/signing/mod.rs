//! The signing port: whether models are signed and checked, and with which key.
//!
//! A signature says that whoever holds the key has made a model's files, or has vouched for them; it does not say that
//! the model passed the gate. Where signing is on, no model without one is loaded, and none becomes champion. A key in AWS
//! KMS never leaves it: KMS signs, and KMS is asked whether it did.

mod key_file;
mod pem;
#[cfg(test)]
pub mod sample;
mod signing_key;

use std::collections::BTreeSet;

use lake::documents::ModelSignature;
use protocol::Digest;

use crate::error::{Error, Result};
use crate::kms::KeySource;
pub use key_file::KeyFile;
pub use signing_key::SigningKey;

/// Whether models are signed.
#[derive(Debug, Clone, Default)]
pub enum Signing {
    /// Models are neither signed nor asked for a signature.
    #[default]
    Off,
    /// The first of these keys that can sign signs; all of them are trusted. There is at least one.
    On(Vec<SigningKey>),
}

impl Signing {
    /// With the keys that are named; off without any. A file is read, and the error says what is wrong with it; a key in
    /// KMS is not asked for anything yet.
    pub fn load(sources: &[KeySource]) -> churn::Result<Self> {
        let keys = sources.iter().map(SigningKey::open).collect::<churn::Result<Vec<_>>>()?;
        Ok(if keys.is_empty() { Self::Off } else { Self::On(keys) })
    }

    /// Whether models must be signed.
    pub fn is_on(&self) -> bool {
        !self.keys().is_empty()
    }

    /// The keys, in the order of the setting.
    pub fn keys(&self) -> &[SigningKey] {
        match self {
            Self::Off => &[],
            Self::On(keys) => keys,
        }
    }

    /// What others know all keys by.
    pub fn names(&self) -> BTreeSet<String> {
        self.keys().iter().flat_map(SigningKey::names).collect()
    }

    /// The key that signs; none in a process that can only check.
    pub fn signer(&self) -> Option<&SigningKey> {
        self.keys().iter().find(|key| key.can_sign())
    }

    /// Refuses a process that must sign and can only check, before it has worked for nothing.
    pub async fn require_signer(&self) -> Result<()> {
        match self.signer() {
            Some(key) => key.require_signature().await,
            None if self.is_on() => {
                let problem =
                    "a model must be signed, and no key that is given holds a private key: give this process one";
                Err(churn::Error::settings("signing key", problem).into())
            }
            None => Ok(()),
        }
    }

    /// The signature of a version whose list of files has this digest; none where signing is off.
    pub async fn sign(&self, version: &str, files: &Digest) -> Result<Option<ModelSignature>> {
        let Some(signer) = self.signer() else { return self.require_signer().await.map(|()| None) };
        let signed = signer.sign(&ModelSignature::message(version, files)).await?;
        Ok(signed.map(|signed| ModelSignature {
            algorithm: signed.algorithm,
            key_id: signed.key_id,
            version: version.into(),
            files: files.clone(),
            signature: signed.signature,
        }))
    }

    /// Refuses a version whose list of files, with this digest, has no signature by a key that is trusted. Where signing
    /// is off every version is accepted.
    pub async fn check(&self, version: &str, files: Option<&Digest>, signature: Option<&ModelSignature>) -> Result<()> {
        if !self.is_on() {
            return Ok(());
        }
        let Some(signature) = signature else { return Err(untrusted(version, "it has no signature")) };
        let Some(files) = files else { return Err(untrusted(version, "it has no list of files to be signed")) };
        if signature.version != version || signature.files != *files {
            return Err(untrusted(version, "its signature is about other files"));
        }
        match self.verify(signature, &ModelSignature::message(version, files)).await? {
            Verified::Yes => Ok(()),
            Verified::No => Err(untrusted(version, "its signature is not one of the key that it names")),
            Verified::UnknownKey => {
                let problem = format!("it is signed with key {}, which is not trusted here", signature.key_id);
                Err(untrusted(version, &problem))
            }
        }
    }

    /// Asks every key that may have made the signature, until one has.
    async fn verify(&self, signature: &ModelSignature, message: &[u8]) -> Result<Verified> {
        let mut verified = Verified::UnknownKey;
        for key in self.keys() {
            match key.verify(signature, message).await? {
                Verified::Yes => return Ok(Verified::Yes),
                Verified::No => verified = Verified::No,
                Verified::UnknownKey => {}
            }
        }
        Ok(verified)
    }
}

/// Keys of one file.
impl From<KeyFile> for Signing {
    fn from(keys: KeyFile) -> Self {
        Self::On(vec![SigningKey::File(keys)])
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
    use std::sync::Arc;

    use lake::documents::SignatureAlgorithm;

    use super::sample::{private, public};
    use super::*;
    use crate::kms::fake::{Allowed, FakeMacKey};

    fn signing(pem: &str) -> Signing {
        KeyFile::parse(pem).unwrap().into()
    }

    fn kms(seed: u8, allowed: Allowed) -> SigningKey {
        let mut key = FakeMacKey::new("alias/models", seed);
        key.allowed = allowed;
        SigningKey::Kms(Arc::new(key))
    }

    fn files() -> Digest {
        Digest::of(b"files.json")
    }

    fn problem(checked: Result<()>) -> String {
        let error = checked.unwrap_err();
        assert_eq!(error.type_name(), "SG0042 UntrustedModel");
        error.to_string()
    }

    #[tokio::test]
    async fn the_private_key_signs_and_the_public_one_checks() {
        let sign = async || signing(&private(1)).sign("v", &files()).await.unwrap().unwrap();
        let signature = sign().await;
        assert_eq!(sign().await, signature, "the same bytes every time");
        for key in [private(1), public(1)] {
            signing(&key).check("v", Some(&files()), Some(&signature)).await.unwrap();
        }
        let refused = signing(&public(1)).sign("v", &files()).await.unwrap_err().to_string();
        assert!(refused.contains("private key"), "{refused}");
    }

    #[tokio::test]
    async fn what_is_not_signed_as_it_is_here_is_refused_with_its_reason() {
        let (first, second) = (signing(&private(1)), signing(&private(2)));
        let good = first.sign("v", &files()).await.unwrap().unwrap();
        let check = async |version: &str, files: &Digest, signature: Option<&ModelSignature>| {
            problem(first.check(version, Some(files), signature).await)
        };
        assert!(check("v", &files(), None).await.contains("no signature"));
        assert!(check("v", &Digest::of(b"changed"), Some(&good)).await.contains("other files"));
        assert!(check("other", &files(), Some(&good)).await.contains("other files"));
        let of_second = second.sign("v", &files()).await.unwrap().unwrap();
        assert!(check("v", &files(), Some(&of_second)).await.contains("not trusted"));
        let forged = ModelSignature { key_id: good.key_id.clone(), ..of_second };
        assert!(check("v", &files(), Some(&forged)).await.contains("not one of the key"));
        let broken = ModelSignature { signature: "?".to_owned(), ..good.clone() };
        assert!(check("v", &files(), Some(&broken)).await.contains("not one of the key"));
        assert!(problem(first.check("v", None, Some(&good)).await).contains("no list of files"));
    }

    #[tokio::test]
    async fn a_key_in_kms_signs_and_who_may_only_check_does_not() {
        let both = Signing::On(vec![kms(1, Allowed::Both)]);
        let good = both.sign("v", &files()).await.unwrap().unwrap();
        assert_eq!(good.algorithm, SignatureAlgorithm::HmacSha256);
        assert!(good.key_id.starts_with("arn:aws:kms:"), "{}", good.key_id);
        assert_eq!(both.sign("v", &files()).await.unwrap().unwrap(), good, "the same bytes every time");

        let checks = Signing::On(vec![kms(1, Allowed::Check)]);
        checks.check("v", Some(&files()), Some(&good)).await.unwrap();
        let refused = checks.require_signer().await.unwrap_err();
        assert_eq!(refused.type_name(), "SG0021 AccessDenied", "{refused}");
        let changed = Digest::of(b"changed");
        assert!(problem(checks.check("v", Some(&changed), Some(&good)).await).contains("other files"));
        let forged = ModelSignature { files: changed.clone(), ..good.clone() };
        assert!(problem(checks.check("v", Some(&changed), Some(&forged)).await).contains("not one of the key"));
        let broken = ModelSignature { signature: "?".to_owned(), ..good.clone() };
        assert!(problem(checks.check("v", Some(&files()), Some(&broken)).await).contains("not one of the key"));

        // Nobody takes a model for a changed one because KMS does not answer.
        let silent = Signing::On(vec![kms(1, Allowed::Nothing)]);
        let unknown = silent.check("v", Some(&files()), Some(&good)).await.unwrap_err();
        assert!(matches!(unknown, Error::Remote(_)), "{unknown}");
    }

    #[tokio::test]
    async fn what_was_signed_with_another_key_of_the_setting_stays_trusted() {
        let file = KeyFile::parse(&private(1)).unwrap();
        let of_file = Signing::from(file).sign("v", &files()).await.unwrap().unwrap();
        let public = SigningKey::File(KeyFile::parse(&public(1)).unwrap());
        // The file comes first and cannot sign: the key in KMS does.
        let moved = Signing::On(vec![public, kms(2, Allowed::Both), kms(3, Allowed::Both)]);
        moved.check("v", Some(&files()), Some(&of_file)).await.unwrap();
        let of_kms = moved.sign("v", &files()).await.unwrap().unwrap();
        assert_eq!(of_kms.algorithm, SignatureAlgorithm::HmacSha256);
        let rotated = Signing::On(vec![kms(3, Allowed::Both), kms(2, Allowed::Check)]);
        rotated.check("v", Some(&files()), Some(&of_kms)).await.unwrap();
        assert!(problem(rotated.check("v", Some(&files()), Some(&of_file)).await).contains("not trusted"));
        let only_file = signing(&private(1));
        assert!(problem(only_file.check("v", Some(&files()), Some(&of_kms)).await).contains("not trusted"));
    }

    #[tokio::test]
    async fn where_signing_is_off_nothing_is_asked() {
        let off = Signing::load(&[]).unwrap();
        assert!(!off.is_on());
        off.require_signer().await.unwrap();
        off.check("v", None, None).await.unwrap();
        assert_eq!(off.sign("v", &files()).await.unwrap(), None);
    }
}
