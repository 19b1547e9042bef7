//! Markdown as HTML: its blocks with their texts escaped.

use super::escape;
use crate::markdown::{Block, Span, Spans, blocks};

/// The blocks of a document; its headings become elements of this name, `h2` for example.
pub fn of_markdown(markdown: &str, heading: &str) -> String {
    blocks(markdown).iter().map(|block| element(block, heading)).collect()
}

fn element(block: &Block, heading: &str) -> String {
    match block {
        Block::Heading { text } => wrapped(heading, text) + "\n",
        Block::Paragraph { text } => wrapped("p", text) + "\n",
        Block::List { items } => {
            let items: String = items.iter().map(|item| wrapped("li", item)).collect();
            format!("<ul>{items}</ul>\n")
        }
        Block::Table { head, rows } => {
            let (head, body) = (row("th", head), rows.iter().map(|cells| row("td", cells)).collect::<String>());
            format!("<table class=\"words\"><thead>{head}</thead><tbody>{body}</tbody></table>\n")
        }
    }
}

fn row(tag: &str, cells: &[Spans]) -> String {
    let cells: String = cells.iter().map(|cell| wrapped(tag, cell)).collect();
    format!("<tr>{cells}</tr>")
}

fn wrapped(tag: &str, spans: &[Span]) -> String {
    format!("<{tag}>{}</{tag}>", words(spans))
}

fn words(spans: &[Span]) -> String {
    let word = |span: &Span| {
        let text = escape(&span.text);
        if span.code { format!("<code>{text}</code>") } else { text }
    };
    spans.iter().map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_has_its_element_and_what_it_says_is_no_markup() {
        let html = of_markdown("## A `b`\n\nx <i>\n\n- one\n\n| h |\n|---|\n| <td> |\n", "h2");
        let lines = [
            "<h2>A <code>b</code></h2>",
            "<p>x &lt;i&gt;</p>",
            "<ul><li>one</li></ul>",
            "<table class=\"words\"><thead><tr><th>h</th></tr></thead><tbody><tr><td>&lt;td&gt;</td></tr></tbody></table>",
        ];
        assert_eq!(html.lines().collect::<Vec<_>>(), lines);
    }
}
