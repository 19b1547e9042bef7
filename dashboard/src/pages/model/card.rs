//! The model card as a page shows it: the Markdown that `churn::model::ModelCard` writes, read into blocks whose texts
//! a template escapes.

use askama::Template;
use churn::markdown::{self, Block};

/// A card. `{{ card|safe }}` places it.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "model_card.html")]
pub struct CardPart {
    blocks: Vec<Block>,
}

impl CardPart {
    /// Reads a card.
    pub fn of(card: &str) -> Self {
        Self { blocks: markdown::blocks(card) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_card_says_is_text_and_never_a_tag() {
        let html =
            CardPart::of("# <script>\n\n`<i>` and a ` alone\n\n| <td> |\n|---|\n| <b> |\n- <li>\n").render().unwrap();
        for tag in ["<script>", "<i>", "<td> ", "<b>", "<li><"] {
            assert!(!html.contains(tag), "{tag}: {html}");
        }
        assert!(html.contains("&#60;script&#62;"), "{html}");
    }
}
