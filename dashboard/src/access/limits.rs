//! How much one visitor may take: bytes of a form, seconds, places at the table.

use std::time::Duration;

/// The bytes of a body. Forms hold a few words.
pub const BODY_BYTES: usize = 64 * 1024;
/// How long a form may take to come in; whoever sends one slowly holds no place meanwhile.
pub const BODY_WITHIN: Duration = Duration::from_secs(2);
/// How long an answer may take to begin, the waiting for a place included.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// So many answers are made at once; others wait. Health needs no place.
pub const AT_ONCE: usize = 32;
