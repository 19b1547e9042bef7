//! How a lake is kept in S3.

use serde::Deserialize;

/// Section `lake` of `aws.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct S3Settings {
    /// The key that objects are encrypted with; S3's own (SSE-S3) when absent.
    pub kms_key: Option<String>,
    /// Bucket names in the path instead of the host name: for emulators and some S3-like stores.
    pub path_style: bool,
    /// The size of a part of an upload or download, in MiB; objects above it move in parts.
    pub part_mib: u64,
    /// How many parts move at once.
    pub parallel_parts: usize,
    /// How much disk the copies of large objects may take, in GiB; the oldest go first.
    pub cache_gib: u64,
}

impl Default for S3Settings {
    fn default() -> Self {
        Self { kms_key: None, path_style: false, part_mib: 16, parallel_parts: 8, cache_gib: 20 }
    }
}
