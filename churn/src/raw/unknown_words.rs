//! The words that tools write where a value is not known.

/// In any case; whatever has neither letters nor digits is none as well.
const WORDS: [&str; 17] = [
    "n/a",
    "na",
    "#n/a",
    "n.a.",
    "null",
    "(null)",
    "<null>",
    "<na>",
    "\\n",
    "none",
    "nan",
    "nil",
    "undefined",
    "unknown",
    "desconocido",
    "#ref!",
    "#value!",
];

/// Whether a cell says that nothing is known.
pub(super) fn is_word(id: &str) -> bool {
    WORDS.iter().any(|word| id.eq_ignore_ascii_case(word)) || !id.chars().any(char::is_alphanumeric)
}
