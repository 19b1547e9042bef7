//! The form of filters above a table: it works without a script, and its fields are the URL's.

use askama::Template;

use crate::query::{PAGE, Query};
use crate::words::{Language, Word};

/// A value to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// As the URL has it.
    pub value: String,
    /// As the reader sees it.
    pub text: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl Choice {
    /// A value, and whether it is among the chosen ones.
    pub fn new(value: impl Into<String>, text: impl Into<String>, chosen: bool) -> Self {
        Self { value: value.into(), text: text.into(), chosen }
    }
}

/// A field of the form.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// Any number of values.
    Many {
        /// The key of the URL.
        key: &'static str,
        /// What is filtered.
        label: String,
        /// The values.
        choices: Vec<Choice>,
    },
    /// At most one value.
    One {
        /// The key of the URL.
        key: &'static str,
        /// What is filtered.
        label: String,
        /// The values.
        choices: Vec<Choice>,
    },
    /// A number from a least one on, or up to a most.
    Number {
        /// The key of the URL.
        key: &'static str,
        /// What is filtered.
        label: String,
        /// As it was typed; empty for none.
        value: String,
        /// What the number is of: `€`.
        unit: &'static str,
    },
    /// A day, from which or up to which.
    Date {
        /// The key of the URL.
        key: &'static str,
        /// What is filtered.
        label: String,
        /// As it was chosen; empty for none.
        value: String,
    },
}

impl Field {
    /// How many of its values are chosen.
    fn chosen(&self) -> usize {
        match self {
            Self::Many { choices, .. } | Self::One { choices, .. } => {
                choices.iter().filter(|choice| choice.chosen).count()
            }
            Self::Number { value, .. } | Self::Date { value, .. } => usize::from(!value.is_empty()),
        }
    }
}

/// The form. `{{ filters|safe }}` places it.
#[derive(Debug, Clone, Template)]
#[template(path = "filters.html")]
pub struct Filters {
    /// What the reader reads.
    pub language: Language,
    /// The page.
    pub action: String,
    /// Its fields.
    pub fields: Vec<Field>,
    /// What else the URL says: order, run, language.
    pub hidden: Vec<(String, String)>,
    /// The page without filters, where there are some.
    pub clear: Option<String>,
}

impl Filters {
    /// The form of a page; `keys` are those of its fields.
    pub fn new(language: Language, query: &Query, keys: &[&str], fields: Vec<Field>) -> Self {
        Self {
            language,
            action: query.path().to_owned(),
            fields,
            hidden: query.hidden(keys),
            clear: query.has_any(keys).then(|| query.except(&[keys, &[PAGE]].concat()).href()),
        }
    }

    fn say(&self, word: Word) -> &'static str {
        self.language.say(word)
    }
}
