//! A lake in an S3 bucket, below a prefix, so that several may share a bucket.
//!
//! Every object that this program writes carries its SHA-256 as metadata and is checked against it
//! when it is read. Pointers move by S3's own conditional writes.

mod cache;
mod checksum;
mod client;
mod download;
mod exact;
mod objects;
mod ranges;
mod settings;
mod upload;
mod versions;

use std::path::{Path, PathBuf};

use aws_sdk_s3::Client;
use aws_sdk_s3::types::ServerSideEncryption;
use cache::Cache;
use objects::Stored;

pub use client::s3_client;
use protocol::Key;
pub use settings::S3Settings;

use crate::LakeError;

/// The metadata field with the content's SHA-256.
const DIGEST: &str = "sha256";
/// The metadata field that tells one writer's write from another's.
const WRITER: &str = "writer";

/// The S3 adapter.
#[derive(Debug, Clone)]
pub struct S3Lake {
    client: Client,
    place: Place,
    kms_key: Option<String>,
    part_bytes: u64,
    parallel_parts: usize,
    cache: Cache,
}

/// Bucket and prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The bucket.
    pub bucket: String,
    /// Empty, or ending in `/`.
    prefix: String,
}

impl Place {
    /// Parses `s3://bucket` or `s3://bucket/prefix`; a prefix is a key.
    pub fn parse(uri: &str) -> Option<Self> {
        let rest = uri.strip_prefix("s3://")?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{}/", Key::parse(prefix).ok()?) };
        (!bucket.is_empty()).then(|| Self { bucket: bucket.to_owned(), prefix })
    }

    fn object(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    fn uri(&self, key: &str) -> String {
        format!("s3://{}/{}{key}", self.bucket, self.prefix)
    }
}

impl S3Lake {
    /// The lake at a place; copies of large objects are kept below `copies`, which must be on the file system
    /// of the steps' scratch space.
    pub fn new(client: Client, place: Place, settings: &S3Settings, copies: &Path) -> Self {
        Self {
            client,
            place,
            kms_key: settings.kms_key.clone(),
            part_bytes: settings.part_mib << 20,
            parallel_parts: settings.parallel_parts,
            cache: Cache::new(copies.join("lake-cache"), settings.cache_gib << 30),
        }
    }

    /// The URI of an object, for services that read the lake themselves.
    pub fn uri(&self, key: &str) -> String {
        self.place.uri(key)
    }

    /// The key of an object's URI, if it is in this lake.
    pub fn key_of(&self, uri: &str) -> Option<String> {
        uri.strip_prefix(&self.place.uri("")).map(str::to_owned)
    }

    /// The key that objects are encrypted with, if it is not S3's own.
    pub fn kms_key(&self) -> Option<&str> {
        self.kms_key.as_deref()
    }

    /// Without a key of the settings nothing is asked for: the bucket's own default encryption decides, which
    /// may be a key of its own.
    fn encryption(&self) -> Option<ServerSideEncryption> {
        self.kms_key.as_ref().map(|_| ServerSideEncryption::AwsKms)
    }

    /// A local path with the object's content, below `scratch`.
    pub(super) async fn local_copy(&self, key: &Key, scratch: &Path) -> Result<PathBuf, LakeError> {
        let (target, key) = (key.below(scratch), key.as_str());
        let stored = self.stored(key).await?.ok_or_else(|| self.missing(key))?;
        make_parent(&target, key, self)?;
        if stored.head.bytes <= self.part_bytes {
            let (bytes, _) = self.get(key).await?.ok_or_else(|| self.missing(key))?;
            std::fs::write(&target, bytes).map_err(|e| self.io("write the copy of", key, e))?;
            return Ok(target);
        }
        self.link(key, &stored, &target).await?;
        Ok(target)
    }

    /// Links the cached copy, loaded if need be. The link stays while a step works with it, whatever the
    /// cache drops meanwhile.
    async fn link(&self, key: &str, stored: &Stored, target: &Path) -> Result<(), LakeError> {
        let slot = self.cache.slot(&self.place.uri(key), &stored.head.version, self.part_bytes);
        let slot = slot.map_err(|e| self.io("make room for", key, e))?;
        // Held until it is linked: a second activity waits for the copy instead of loading it again.
        let _held = slot.hold().await.map_err(|e| self.io("lock the copy of", key, e))?;
        if !slot.is_whole() {
            self.cache.forget(&slot);
            self.download(key, stored, &slot).await?;
            self.cache.trim(&slot).map_err(|e| self.io("make room for", key, e))?;
        }
        slot.touch();
        match std::fs::hard_link(slot.file(), target) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            linked => linked.map_err(|e| self.io("link the copy of", key, e)),
        }
    }

    fn missing(&self, key: &str) -> LakeError {
        LakeError::Missing { key: key.to_owned(), lake: self.to_string() }
    }

    fn damaged(&self, key: &str) -> LakeError {
        LakeError::Damaged { key: key.to_owned(), lake: self.to_string() }
    }

    fn io(&self, doing: &'static str, key: &str, source: std::io::Error) -> LakeError {
        LakeError::io(doing, key, self.to_string(), source)
    }
}

fn make_parent(path: &Path, key: &str, lake: &S3Lake) -> Result<(), LakeError> {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    made.map_err(|e| lake.io("make a folder for the copy of", key, e))
}

impl std::fmt::Display for S3Lake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.place.uri("").trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_a_bucket_and_perhaps_a_prefix() {
        let place = |uri| Place::parse(uri).map(|place| place.uri("raw/x"));
        assert_eq!(place("s3://lake").as_deref(), Some("s3://lake/raw/x"));
        assert_eq!(place("s3://lake/").as_deref(), Some("s3://lake/raw/x"));
        assert_eq!(place("s3://lake/team/churn/").as_deref(), Some("s3://lake/team/churn/raw/x"));
        assert_eq!(place("s3://"), None);
        assert_eq!(place("./lake"), None);
        assert_eq!(place("s3://lake/team/../other"), None);
        assert_eq!(place("s3://lake/team//churn"), None);
    }
}
