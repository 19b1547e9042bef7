//! Cards: one number each, with what it means.

use askama::Template;

use crate::format::Shown;
use crate::words::{Language, Said, Word};

/// Whether a change is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sense {
    /// People are glad of it.
    Better,
    /// They are not.
    Worse,
    /// Neither.
    Neutral,
}

/// The change against the published run before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// The change with its sign: `+31`; or that it is not known, with the reason.
    pub text: Shown,
    /// Whether it is good.
    pub sense: Sense,
    /// Against what: "since yesterday".
    pub since: String,
}

impl Delta {
    /// The class in the style sheet.
    pub fn class(&self) -> &'static str {
        match self.sense {
            Sense::Better => "better",
            Sense::Worse => "worse",
            Sense::Neutral => "same",
        }
    }
}

/// One number and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// What it is.
    pub label: String,
    /// The number.
    pub value: Shown,
    /// One line more.
    pub note: Option<Said>,
    /// The page behind it, with the filter set.
    pub href: Option<String>,
    /// Its definition and formula.
    pub help: Option<String>,
    /// Its change.
    pub delta: Option<Delta>,
}

impl Card {
    /// A card of a label and a value.
    pub fn new(label: impl Into<String>, value: impl Into<Shown>) -> Self {
        Self { label: label.into(), value: value.into(), note: None, href: None, help: None, delta: None }
    }

    /// With one line more.
    pub fn note(self, note: impl Into<Said>) -> Self {
        self.noted(Some(note))
    }

    /// With one line more, where there is one.
    pub fn noted(self, note: Option<impl Into<Said>>) -> Self {
        Self { note: note.map(Into::into), ..self }
    }

    /// With the page behind it.
    pub fn href(self, href: impl Into<String>) -> Self {
        Self { href: Some(href.into()), ..self }
    }

    /// With its definition and formula.
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// With its change.
    pub fn delta(self, delta: Option<Delta>) -> Self {
        Self { delta, ..self }
    }
}

/// The cards of a page. `{{ cards|safe }}` places them.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/cards.html")]
pub struct Cards {
    /// What the reader reads.
    pub language: Language,
    /// In their order.
    pub cards: Vec<Card>,
}

impl Cards {
    /// The name of a definition's button, for who cannot see the card around it.
    fn ask(&self, label: &str) -> String {
        self.language.fill(Word::CardAsk, &[("label", label)])
    }
}
