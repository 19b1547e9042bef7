//! What a lake tells of an object.

use chrono::{DateTime, Utc};

/// Which version of an object somebody saw; for compare-and-swap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(pub(crate) String);

/// Which versions of an object go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versions {
    /// All but the one of now.
    Older,
    /// All: nothing is left of the object.
    All,
}

/// What a listing tells of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectMeta {
    /// The key.
    pub key: String,
    /// The size in bytes.
    pub bytes: u64,
    /// When it was written last, where the lake tells.
    pub modified: Option<DateTime<Utc>>,
    /// Another one after every change: the times and number of a file, the ETag and time of an object.
    pub stamp: String,
}

/// What a lake tells of one object without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectHead {
    /// The size in bytes.
    pub bytes: u64,
    /// The version for compare-and-swap (S3: the ETag).
    pub version: Version,
    /// The version in a bucket that keeps old ones.
    pub version_id: Option<String>,
    /// The SHA-256, where the lake keeps it.
    pub digest: Option<String>,
}
