//! A section of a card: its words, and the pictures that only its HTML shows.

use crate::html;

/// A section of a card.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardSection {
    markdown: String,
    pictures: Vec<String>,
}

/// What is known beside the model and its judgement; what is not known is an empty section, which is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardContext {
    /// What the label says, and from where the model looks.
    pub label: CardSection,
    /// How much skill is left so long before.
    pub lead_time: CardSection,
    /// What offers assume.
    pub offers: CardSection,
    /// What it was made of, and by whom it was judged.
    pub lineage: CardSection,
}

impl CardSection {
    /// Words in Markdown: a heading, and what follows it.
    pub fn text(markdown: String) -> Self {
        Self { markdown, pictures: Vec::new() }
    }

    /// The same with a picture as HTML; one that is empty is none.
    pub fn with(mut self, picture: String) -> Self {
        if !picture.is_empty() {
            self.pictures.push(picture);
        }
        self
    }

    /// Whether it says nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.markdown.is_empty()
    }

    /// Its words.
    pub fn markdown(&self) -> &str {
        &self.markdown
    }

    /// Its words and pictures; its headings are elements of this name.
    pub(super) fn html(&self, heading: &str) -> String {
        format!("<section>\n{}{}</section>\n", html::of_markdown(&self.markdown, heading), self.pictures.concat())
    }
}
