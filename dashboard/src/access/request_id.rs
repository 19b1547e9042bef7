//! What tells one request from all others, on its page of errors and in the log.

use crate::secret::random;
use std::fmt::{self, Write as _};

/// Sixteen characters of hexadecimal digits. An extension of every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// A new one. It is no secret: where the system gives no random bytes, it is zero, and the log has the time.
    pub fn new() -> Self {
        let mut text = String::with_capacity(16);
        for byte in random::<8>().unwrap_or_default() {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for RequestId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
