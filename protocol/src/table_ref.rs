//! A stored object, as messages name it.

use serde::{Deserialize, Serialize};

use crate::Digest;

/// A stored object and what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRef {
    /// The key in the lake.
    pub key: String,
    /// The content's digest.
    pub digest: Digest,
    /// The rows of a table, the entries of a list, 0 for other objects.
    pub rows: u64,
}
