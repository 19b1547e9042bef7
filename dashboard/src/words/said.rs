//! Texts that may not be in the reader's language: what runs and programs wrote in English.

use askama::Template;

use super::{Language, Word, next_place};

/// A text, and the language that it is in where that is not the page's. `{{ said|safe }}` places it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Template)]
#[template(path = "parts/said.html")]
pub struct Said {
    /// What stands there.
    pub text: String,
    /// For `lang="…"` around it; nothing where it is in the page's language.
    pub lang: Option<&'static str>,
}

impl Said {
    /// English words on a page of this language.
    pub fn english(language: Language, text: impl Into<String>) -> Self {
        let lang = (language != Language::En).then(|| Language::En.lang());
        Self { text: text.into(), lang }
    }

    /// What a translation made of English words: it leaves as they are those that it does not know.
    pub fn translated(language: Language, text: String, english: &str) -> Self {
        if text == english { Self::english(language, text) } else { Self::from(text) }
    }
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self { text, lang: None }
    }
}

impl From<&str> for Said {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl Language {
    /// A sentence that a run wrote in English, in this language. It is known by its words: those that one of the forms
    /// has in English; what stands in the places of the form is kept. A sentence of no form stays as it is.
    pub fn retell(self, english: &str, forms: &[Word]) -> Said {
        if self == Self::En {
            return english.into();
        }
        let known = forms.iter().find_map(|form| Some((*form, values(Self::En.say(*form), english)?)));
        match known {
            Some((form, values)) => self.fill(form, &values).into(),
            None => Said::english(self, english),
        }
    }

    /// A part of such a sentence: what stands in a place is told anew by the place's name. Nothing for one of no form, and
    /// where something stands in a place that cannot.
    pub fn retell_part(
        self,
        english: &str,
        forms: &[Word],
        tell: &dyn Fn(&str, &str) -> Option<String>,
    ) -> Option<String> {
        let of_form = |form: &Word| {
            let found = values(Self::En.say(*form), english)?;
            let told = found.into_iter().map(|(name, value)| Some((name, tell(name, value)?)));
            let told: Vec<(&str, String)> = told.collect::<Option<_>>()?;
            let told: Vec<(&str, &str)> = told.iter().map(|(name, value)| (*name, value.as_str())).collect();
            Some(self.fill(*form, &told))
        };
        forms.iter().find_map(of_form)
    }
}

/// What stands in the places of a form, where a text has all its other words.
fn values<'a>(form: &'static str, text: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
    let mut found = Vec::new();
    let (mut form, mut text) = (form, text);
    while let Some((before, (name, after))) = next_place(form) {
        text = text.strip_prefix(before)?;
        let value = match next_place(after) {
            Some((between, _)) => text.split_once(between)?.0,
            None => text.strip_suffix(after)?,
        };
        found.push((name, value));
        text = text.strip_prefix(value)?;
        form = after;
    }
    (text == form).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_of_a_known_form_is_told_and_another_is_marked_as_english() {
        let forms = [Word::AlertPromotedByHand, Word::AlertPromoted];
        let told = |english: &str| Language::Es.retell(english, &forms);
        assert_eq!(told("model 4f90 promoted").text, Language::Es.fill(Word::AlertPromoted, &[("version", "4f90")]));
        let by_hand = Language::Es.fill(Word::AlertPromotedByHand, &[("version", "4f90")]);
        assert_eq!(told("model 4f90 promoted by hand"), Said::from(by_hand));
        for unknown in ["the moon fell", "model 4f90 promoted twice", "a model 4f90 promoted", "model"] {
            assert_eq!(told(unknown), Said { text: unknown.to_owned(), lang: Some("en") });
            assert_eq!(Language::En.retell(unknown, &forms), Said::from(unknown));
        }
    }

    #[test]
    fn several_places_are_read_in_their_order() {
        let form = "{by} said {word}, loud";
        assert_eq!(values(form, "ana said it, loud"), Some(vec![("by", "ana"), ("word", "it")]));
        assert_eq!(values(form, "ana said it"), None);
        assert_eq!(values("nothing", "nothing"), Some(Vec::new()));
        assert_eq!(values("nothing", "nothing more"), None);
    }

    #[test]
    fn a_translation_that_knew_nothing_is_english() {
        assert_eq!(Said::translated(Language::Es, "moved".to_owned(), "moved").lang, Some("en"));
        assert_eq!(Said::translated(Language::Es, "another".to_owned(), "moved").lang, None);
        assert_eq!(Said::translated(Language::En, "moved".to_owned(), "moved").lang, None);
    }
}
