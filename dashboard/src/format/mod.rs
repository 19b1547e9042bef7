//! Numbers, dates and spans of time as the readers write them: CLDR's forms for `en-GB` and `es-ES`.
//!
//! What is not known is never 0 or a dash: [`Format::or_unknown`] says so, with the reason.

mod decimal;
mod time;

use crate::words::{Language, Word};

/// Shows values in a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format(pub Language);

/// A value as it is shown, and what more there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    /// What stands there.
    pub text: String,
    /// What a pointer over it tells: why a value is not known, or its whole form.
    pub title: Option<String>,
}

impl Shown {
    /// A text that needs no explanation.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), title: None }
    }

    /// The same with an explanation.
    pub fn because(self, title: impl Into<String>) -> Self {
        Self { title: Some(title.into()), ..self }
    }

    /// The explanation, or an empty text.
    pub fn hint(&self) -> &str {
        self.title.as_deref().unwrap_or_default()
    }
}

impl From<String> for Shown {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Shown {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl Format {
    /// The value that is known, or "n/a" with the reason why not.
    pub fn or_unknown(self, known: Option<String>, reason: &str) -> Shown {
        known.map_or_else(|| self.unknown(reason), Shown::new)
    }

    /// "n/a" with the reason.
    pub fn unknown(self, reason: &str) -> Shown {
        Shown::new(self.0.say(Word::FormatUnknown)).because(reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_says_so_with_its_reason() {
        let shown = Format(Language::Es).or_unknown(None, "sin margen conocido");
        assert_eq!((shown.text.as_str(), shown.hint()), ("n/d", "sin margen conocido"));
        assert_eq!(Format(Language::En).or_unknown(Some("0".to_owned()), "").text, "0");
    }
}
