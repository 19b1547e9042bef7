//! Keys in AWS KMS: one that models are signed with, one that the keys of payloads are sealed with. The key itself never
//! leaves the service; what may be done with it, and by whom, IAM and the key's policy say.

#[cfg(feature = "aws")]
mod aws;
#[cfg(test)]
pub mod fake;
mod key_source;
mod name;

use std::fmt;
use std::sync::Arc;

use churn::Kind;
use futures::future::BoxFuture;
use lake::RemoteError;

pub use key_source::{KeySource, KeySources};
pub use name::KmsKeyName;

/// A call to KMS: it is there at once, or in a moment, or after a few seconds not at all.
pub type Call<'a, T> = BoxFuture<'a, Result<T, RemoteError>>;

/// A key in KMS.
pub trait KmsKey: fmt::Debug + Send + Sync {
    /// Its name in the settings.
    fn name(&self) -> &KmsKeyName;

    /// What KMS says of it. Reads only.
    fn describe(&self) -> Call<'_, KeyFacts>;
}

/// A key of HMAC-SHA-256 (`HMAC_256`): who may ask KMS for a code can sign, who may ask whether one is right can check.
pub trait MacKey: KmsKey {
    /// The code of a message of at most 4,096 bytes.
    fn mac<'a>(&'a self, message: &'a [u8]) -> Call<'a, Mac>;

    /// Whether this key made the code of this message.
    fn is_mac<'a>(&'a self, message: &'a [u8], mac: &'a [u8]) -> Call<'a, bool>;

    /// Asks for a code without getting one: refused to who may only check.
    fn require_mac(&self) -> Call<'_, ()>;
}

/// A symmetric key (`SYMMETRIC_DEFAULT`) that seals the keys of data.
pub trait WrappingKey: KmsKey {
    /// A new key of 256 bits.
    fn new_data_key(&self) -> Call<'_, DataKey>;

    /// Opens what [`Self::new_data_key`] sealed, here or in another process.
    fn open<'a>(&'a self, sealed: &'a [u8]) -> Call<'a, Opened>;
}

/// What KMS says of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    /// Its ARN.
    pub arn: String,
    /// What kind of key it is, in the words of KMS: `HMAC_256`, `SYMMETRIC_DEFAULT`.
    pub spec: String,
    /// Whether it can be used, in the words of KMS: `Enabled`.
    pub state: String,
}

/// A message authentication code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mac {
    /// Which key made it, as KMS names it.
    pub key_id: String,
    /// The code.
    pub bytes: Vec<u8>,
}

/// A new key for data: as it is, and as only KMS opens it.
#[derive(Debug, Clone)]
pub struct DataKey {
    /// Which key sealed it, as KMS names it.
    pub key_id: String,
    /// The key.
    pub plain: PlainKey,
    /// The key as it may be stored.
    pub sealed: Vec<u8>,
}

/// The bytes of a key. They are never shown.
#[derive(Clone)]
pub struct PlainKey(pub Vec<u8>);

impl fmt::Debug for PlainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PlainKey").finish_non_exhaustive()
    }
}

/// What became of a sealed key.
#[derive(Debug, Clone)]
pub enum Opened {
    /// It is open.
    Key(PlainKey),
    /// Another key sealed it.
    OtherKey,
    /// Its bytes are not those that were sealed.
    Changed,
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Signing models.
    Models,
    /// Encrypting payloads.
    Payloads,
}

impl Purpose {
    fn spec(self) -> &'static str {
        match self {
            Self::Models => "HMAC_256",
            Self::Payloads => "SYMMETRIC_DEFAULT",
        }
    }
}

/// Looks whether a key is there, can be used, and is of the right kind; the words of either.
pub async fn look(key: &dyn KmsKey, purpose: Purpose) -> Result<String, String> {
    let facts = key.describe().await.map_err(|error| match error.kind.kind() {
        // Nobody tries again here.
        Kind::Retry => error.happened(),
        Kind::Permanent => error.to_string(),
    })?;
    let (name, KeyFacts { arn, spec, state }) = (key.name(), facts);
    if spec != purpose.spec() {
        return Err(format!("the key {name} in KMS is a {spec}, and must be a {}: name another one", purpose.spec()));
    }
    if state != "Enabled" {
        return Err(format!("the key {name} in KMS is {state}, and must be Enabled: enable it, or name another one"));
    }
    Ok(format!("{name} in KMS is {arn}, {spec}, {state}"))
}

/// The key that models are signed with. No call is made before it is used.
#[cfg(feature = "aws")]
pub fn mac_key(name: &KmsKeyName) -> churn::Result<Arc<dyn MacKey>> {
    Ok(Arc::new(aws::AwsKey::new(name.clone())))
}

/// The key that seals the keys of payloads. No call is made before it is used.
#[cfg(feature = "aws")]
pub fn wrapping_key(name: &KmsKeyName) -> churn::Result<Arc<dyn WrappingKey>> {
    Ok(Arc::new(aws::AwsKey::new(name.clone())))
}

/// The key that models are signed with: none in this build.
#[cfg(not(feature = "aws"))]
pub fn mac_key(name: &KmsKeyName) -> churn::Result<Arc<dyn MacKey>> {
    Err(without_aws("signing key", name))
}

/// The key that seals the keys of payloads: none in this build.
#[cfg(not(feature = "aws"))]
pub fn wrapping_key(name: &KmsKeyName) -> churn::Result<Arc<dyn WrappingKey>> {
    Err(without_aws("payload key", name))
}

#[cfg(not(feature = "aws"))]
fn without_aws(what: &str, name: &KmsKeyName) -> churn::Error {
    let how = "this program was built without AWS; build it with the feature `aws`, or give a file";
    churn::Error::settings(what, format!("the key {name} is in KMS, and {how}"))
}

#[cfg(test)]
mod tests {
    use super::fake::FakeMacKey;
    use super::*;

    #[tokio::test]
    async fn a_key_of_another_kind_or_state_is_told_before_it_is_used() {
        let key = FakeMacKey::new("alias/models", 1);
        let found = look(&key, Purpose::Models).await.unwrap();
        assert!(found.contains("alias/models") && found.contains("HMAC_256"), "{found}");
        let problem = look(&key, Purpose::Payloads).await.unwrap_err();
        assert!(problem.contains("must be a SYMMETRIC_DEFAULT"), "{problem}");
        let mut disabled = key;
        disabled.state = "Disabled";
        let problem = look(&disabled, Purpose::Models).await.unwrap_err();
        assert!(problem.contains("is Disabled"), "{problem}");
    }

    #[test]
    fn no_byte_of_a_key_is_shown() {
        let key = DataKey { key_id: "k".to_owned(), plain: PlainKey(vec![77; 32]), sealed: Vec::new() };
        assert!(!format!("{key:?}").contains("77"), "{key:?}");
    }
}
