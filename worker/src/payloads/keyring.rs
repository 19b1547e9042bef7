//! All keys of a process, from files and in AWS KMS: the first one encrypts, all decrypt.

use std::time::Instant;

use activities::kms::{KeySource, wrapping_key};
use anyhow::Context;

use super::envelope::Envelope;
use super::keys::Keys;
use super::{Problem, Sealed, aes};

/// The keys, in the order of the setting.
#[derive(Debug, Default)]
pub struct Keyring(Vec<Source>);

/// One place of keys.
#[derive(Debug)]
pub enum Source {
    /// A file.
    File(Keys),
    /// A key in KMS.
    Kms(Box<Envelope>),
}

impl Keyring {
    /// Reads the files; a key in KMS is only named.
    pub fn open(sources: &[KeySource]) -> anyhow::Result<Self> {
        Ok(Self(sources.iter().map(Source::open).collect::<anyhow::Result<_>>()?))
    }

    /// These places.
    #[cfg(test)]
    pub fn of(sources: Vec<Source>) -> Self {
        Self(sources)
    }

    /// The places, in the order of the setting.
    pub fn sources(&self) -> &[Source] {
        &self.0
    }

    /// Decrypts what was encrypted with a key from a file.
    pub fn open_with_file(&self, key_id: &str, sealed: &[u8]) -> Result<Vec<u8>, Problem> {
        let key = self.0.iter().find_map(|source| match source {
            Source::File(keys) => keys.find(key_id),
            Source::Kms(_) => None,
        });
        match key {
            Some(key) => aes::open(key, key_id, sealed),
            None => Err(self.unknown(key_id)),
        }
    }

    /// Decrypts what came with a sealed data key: from memory, whichever key in KMS opened it; else each one that may have
    /// sealed it is asked, and no other, those that are named by themselves before aliases.
    pub async fn open_with_kms(
        &self,
        key_id: &str,
        data_key: &[u8],
        sealed: &[u8],
        now: Instant,
    ) -> Result<Vec<u8>, Problem> {
        let envelopes: Vec<&Envelope> = self.0.iter().filter_map(Source::envelope).collect();
        for envelope in &envelopes {
            if let Some(plain) = envelope.open_from_memory(key_id, data_key, sealed, now).await? {
                return Ok(plain);
            }
        }
        let asked = envelopes.into_iter().filter(|envelope| envelope.key().name().may_be(key_id));
        let (aliases, exact): (Vec<_>, Vec<_>) = asked.partition(|envelope| envelope.key().name().is_alias());
        for envelope in exact.into_iter().chain(aliases) {
            if let Some(plain) = envelope.open(key_id, data_key, sealed, now).await? {
                return Ok(plain);
            }
        }
        Err(self.unknown(key_id))
    }

    /// What people know all keys by.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.0.iter().flat_map(Source::names)
    }

    fn unknown(&self, key_id: &str) -> Problem {
        let names: Vec<_> = self.names().collect();
        let held = if names.is_empty() { "is no key".to_owned() } else { format!("are only {}", names.join(", ")) };
        Problem::UnknownKey { key_id: key_id.to_owned(), held }
    }
}

impl Source {
    fn open(source: &KeySource) -> anyhow::Result<Self> {
        match source {
            KeySource::File(path) => Keys::read(path).map(Self::File),
            KeySource::Kms(name) => {
                let key = wrapping_key(name).context("could not use the payload key")?;
                Ok(Self::Kms(Box::new(Envelope::new(key))))
            }
        }
    }

    fn envelope(&self) -> Option<&Envelope> {
        match self {
            Self::File(_) => None,
            Self::Kms(envelope) => Some(envelope.as_ref()),
        }
    }

    /// What people know the key by that encrypts: its ID, or its name in KMS.
    pub fn name(&self) -> &str {
        match self {
            Self::File(keys) => keys.current(),
            Self::Kms(envelope) => envelope.key().name().as_str(),
        }
    }

    /// The same, and where it is: a key in KMS is named as in the setting.
    pub fn label(&self) -> String {
        match self {
            Self::File(keys) => keys.current().to_owned(),
            Self::Kms(envelope) => format!("kms:{}", envelope.key().name()),
        }
    }

    /// Encrypts.
    pub async fn seal(&self, bytes: Vec<u8>, now: Instant) -> Result<Sealed, Problem> {
        match self {
            Self::File(keys) => keys.seal(bytes),
            Self::Kms(envelope) => envelope.seal(bytes, now).await,
        }
    }

    fn names(&self) -> Vec<String> {
        match self {
            Self::File(keys) => keys.ids().map(str::to_owned).collect(),
            Self::Kms(_) => vec![self.label()],
        }
    }
}
