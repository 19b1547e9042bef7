//! A sentence in every language that the readers of the lake speak.

use serde::{Deserialize, Serialize};

/// One sentence (or the name in it) in each language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// English.
    pub en: String,
    /// Spanish of Spain; it says "usted".
    pub es: String,
}

impl Sentence {
    /// A name that is the same in every language.
    pub fn same(text: &str) -> Self {
        Self { en: text.to_owned(), es: text.to_owned() }
    }

    /// The text of each language.
    pub(super) fn texts(&self) -> [&str; 2] {
        [&self.en, &self.es]
    }

    /// The sentence with `name` at every `place`, each language with its own.
    pub(super) fn fill(&self, place: &str, name: &Self) -> Self {
        Self { en: self.en.replace(place, &name.en), es: self.es.replace(place, &name.es) }
    }
}
