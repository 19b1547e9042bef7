//! What the dashboard says, in English and in Spanish.
//!
//! The texts are in `messages/<language>/<page>.toml`; `build.rs` makes [`Word`] of them, so that no text can be
//! missing in one language. Values are put in by [`Language::fill`], in the form of [`crate::format::Format`].

#[cfg(test)]
mod messages;
mod said;

use churn::recommend::Sentence;

pub use said::Said;

include!(concat!(env!("OUT_DIR"), "/words.rs"));

impl Word {
    /// The key in the files of texts.
    pub fn key(self) -> &'static str {
        KEYS[self as usize]
    }
}

/// A language of the readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English, with the forms of Europe (`en-GB`): 31 Dec 2024.
    #[default]
    En,
    /// Spanish of Spain, which says "usted".
    Es,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::Es];

    /// The name in `lang="…"`, in the query and in the cookie: `en`, `es`.
    pub fn lang(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }

    /// Its own name for itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Es => "Español",
        }
    }

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::En => Self::Es,
            Self::Es => Self::En,
        }
    }

    /// The language of a tag: `es` and `es-MX` are Spanish; nothing for one that nobody here speaks.
    pub fn of(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().trim();
        Self::ALL.into_iter().find(|language| language.lang().eq_ignore_ascii_case(primary))
    }

    /// The language of an `Accept-Language` header that the reader likes best, of those spoken here (RFC 9110, 12.5.4).
    pub fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(f64, Self)> = None;
        for choice in header.split(',') {
            let mut parts = choice.split(';');
            let Some(language) = parts.next().and_then(Self::of) else { continue };
            let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(Ok(1.0), str::parse::<f64>);
            let Ok(weight) = weight else { continue };
            // Of equal weights the first one wins.
            if weight > best.map_or(0.0, |(weight, _)| weight) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }

    /// A text without places to fill.
    pub fn say(self, word: Word) -> &'static str {
        TEXTS[word as usize][self as usize]
    }

    /// A text with the values in their places: `{rows}` becomes the value of `rows`. Values are put in once: what looks
    /// like a place in a value stays as it is. A place without a value is a mistake of the caller, and left out.
    pub fn fill(self, word: Word, values: &[(&str, &str)]) -> String {
        let mut rest = self.say(word);
        let mut text = String::with_capacity(rest.len() + 16);
        while let Some((before, (name, after))) = next_place(rest) {
            text.push_str(before);
            let value = values.iter().find(|(known, _)| *known == name);
            debug_assert!(value.is_some(), "{} has no value for {name}", word.key());
            text.push_str(value.map_or("", |(_, value)| value));
            rest = after;
        }
        text.push_str(rest);
        text
    }

    /// The text for this many: `one` for 1, else `many`.
    pub fn count(self, number: u64, one: Word, many: Word, values: &[(&str, &str)]) -> String {
        self.fill(if number == 1 { one } else { many }, values)
    }

    /// A sentence that the lake holds in every language.
    pub fn sentence(self, sentence: &Sentence) -> &str {
        match self {
            Self::En => &sentence.en,
            Self::Es => &sentence.es,
        }
    }
}

/// What stands before the next place, its name, and what follows.
fn next_place(text: &str) -> Option<(&str, (&str, &str))> {
    let (before, after) = text.split_once('{')?;
    Some((before, after.split_once('}')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_gets_the_language_that_is_liked_best() {
        assert_eq!(Language::accepted("es-ES,es;q=0.9,en;q=0.8"), Some(Language::Es));
        assert_eq!(Language::accepted("fr, en;q=0.3, es;q=0.7"), Some(Language::Es));
        assert_eq!(Language::accepted("en, es"), Some(Language::En));
        assert_eq!(Language::accepted("es;q=0, de"), None);
        assert_eq!(Language::accepted(";;q=x,,"), None);
    }

    #[test]
    fn a_tag_is_read_by_its_first_part() {
        assert_eq!(Language::of("ES-mx"), Some(Language::Es));
        assert_eq!(Language::of("english"), None);
    }

    #[test]
    fn values_are_put_in_once() {
        let text = Language::En.fill(Word::TableRange, &[("from", "{total}"), ("to", "100"), ("total", "1,516")]);
        assert_eq!(text, "{total}–100 of 1,516");
    }

    #[test]
    fn the_champion_has_one_name_in_spanish() {
        for word in Word::ALL {
            let text = Language::Es.say(word).to_lowercase();
            assert!(!text.contains("modelo en uso") && !text.contains("campeón"), "{}: {text}", word.key());
        }
    }

    #[test]
    fn every_text_has_both_languages_and_a_key() {
        for word in Word::ALL {
            assert!(Language::ALL.iter().all(|language| !language.say(word).trim().is_empty()), "{}", word.key());
        }
    }
}
