//! A key of KMS for tests, made of a seed.

use futures::FutureExt;
use futures::future::ready;
use lake::{RemoteError, RemoteErrorKind};
use ring::hmac::{HMAC_SHA256, Key, sign, verify};

use super::{Call, KeyFacts, KmsKey, KmsKeyName, Mac, MacKey};

/// What the role of the process may do with the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// To sign and to check.
    Both,
    /// To check alone.
    Check,
    /// Nothing at this moment: the service is out of reach.
    Nothing,
}

/// A key that is named by an alias.
#[derive(Debug, Clone)]
pub struct FakeMacKey {
    name: KmsKeyName,
    seed: u8,
    /// What may be done with it.
    pub allowed: Allowed,
    /// What `describe` says of it.
    pub state: &'static str,
}

impl FakeMacKey {
    /// The key of a seed.
    pub fn new(name: &str, seed: u8) -> Self {
        Self { name: name.parse().unwrap(), seed, allowed: Allowed::Both, state: "Enabled" }
    }

    fn arn(&self) -> String {
        format!("arn:aws:kms:eu-west-1:123456789012:key/{:032x}", self.seed)
    }

    fn key(&self) -> Key {
        Key::new(HMAC_SHA256, &[self.seed; 32])
    }

    fn ask(&self, operation: &'static str) -> Result<(), RemoteError> {
        let (kind, said) = match self.allowed {
            Allowed::Both => return Ok(()),
            Allowed::Check if operation == "VerifyMac" => return Ok(()),
            Allowed::Check => (RemoteErrorKind::Denied, "AccessDeniedException (HTTP 400): no"),
            Allowed::Nothing => (RemoteErrorKind::Unavailable, "HTTP 503"),
        };
        Err(RemoteError { service: "kms", operation, target: self.name.to_string(), kind, said: said.to_owned() })
    }
}

impl KmsKey for FakeMacKey {
    fn name(&self) -> &KmsKeyName {
        &self.name
    }

    fn describe(&self) -> Call<'_, KeyFacts> {
        let facts = KeyFacts { arn: self.arn(), spec: "HMAC_256".to_owned(), state: self.state.to_owned() };
        ready(Ok(facts)).boxed()
    }
}

impl MacKey for FakeMacKey {
    fn mac<'a>(&'a self, message: &'a [u8]) -> Call<'a, Mac> {
        let code = || Mac { key_id: self.arn(), bytes: sign(&self.key(), message).as_ref().to_vec() };
        ready(self.ask("GenerateMac").map(|()| code())).boxed()
    }

    fn is_mac<'a>(&'a self, message: &'a [u8], mac: &'a [u8]) -> Call<'a, bool> {
        ready(self.ask("VerifyMac").map(|()| verify(&self.key(), message, mac).is_ok())).boxed()
    }

    fn require_mac(&self) -> Call<'_, ()> {
        ready(self.ask("GenerateMac")).boxed()
    }
}
