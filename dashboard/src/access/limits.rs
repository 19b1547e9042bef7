//! How much one visitor may take: bytes of a form, seconds, places at the table.

use std::time::Duration;

/// The bytes of a body. Forms hold a few words.
pub const BODY_BYTES: usize = 64 * 1024;
/// How long an answer may take to begin, the waiting for a place included.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// So many answers are made at once; others wait.
pub const AT_ONCE: usize = 32;
