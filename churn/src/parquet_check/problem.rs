//! What a check finds.

/// What is wrong with a file, as the end of a sentence that begins with its name.
pub(crate) type Problem = String;
