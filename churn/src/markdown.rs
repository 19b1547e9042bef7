//! The Markdown that our documents are written in, read into blocks: headings, paragraphs, lists, tables, and code between
//! backticks. What is not one of these forms stays text, so that whoever shows it only has to escape texts.

/// A text, or code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// What it says.
    pub text: String,
    /// Whether it stood between backticks.
    pub code: bool,
}

/// A line of texts and code.
pub type Spans = Vec<Span>;

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading of any level.
    Heading {
        /// What it says.
        text: Spans,
    },
    /// Lines that belong together.
    Paragraph {
        /// What they say.
        text: Spans,
    },
    /// A list.
    List {
        /// Its items.
        items: Vec<Spans>,
    },
    /// A table.
    Table {
        /// The heads of its columns.
        head: Vec<Spans>,
        /// Its rows.
        rows: Vec<Vec<Spans>>,
    },
}

/// A bar that separates no cells, and what stands for it while cells are separated.
const ESCAPED: &str = "\\|";
const HIDDEN: &str = "\0";

/// A text for a cell of a table: its bars are no borders.
pub fn cell(text: &str) -> String {
    text.replace('|', ESCAPED).replace('\n', " ")
}

/// What the last lines were.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Empty,
    Heading,
    Row,
    Item,
    Text,
}

/// Reads a document.
pub fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut before = Line::Empty;
    for line in markdown.lines().map(str::trim) {
        let now = kind(line);
        let goes_on = now == before;
        match (now, blocks.last_mut().filter(|_| goes_on)) {
            (Line::Empty, _) => {}
            (Line::Heading, _) => blocks.push(Block::Heading { text: spans(line.trim_start_matches('#').trim()) }),
            (Line::Row, Some(Block::Table { .. })) if is_rule(line) => {}
            (Line::Row, Some(Block::Table { rows, .. })) => rows.push(cells(line)),
            (Line::Row, _) => blocks.push(Block::Table { head: cells(line), rows: Vec::new() }),
            (Line::Item, Some(Block::List { items })) => items.push(spans(item(line))),
            (Line::Item, _) => blocks.push(Block::List { items: vec![spans(item(line))] }),
            (Line::Text, Some(Block::Paragraph { text })) => {
                text.push(Span { text: " ".to_owned(), code: false });
                text.extend(spans(line));
            }
            (Line::Text, _) => blocks.push(Block::Paragraph { text: spans(line) }),
        }
        before = now;
    }
    blocks
}

fn kind(line: &str) -> Line {
    if line.is_empty() {
        return Line::Empty;
    }
    match line.as_bytes()[0] {
        b'#' => Line::Heading,
        b'|' => Line::Row,
        b'-' if line.starts_with("- ") => Line::Item,
        _ => Line::Text,
    }
}

/// `|---|---:|`
fn is_rule(line: &str) -> bool {
    line.chars().all(|sign| matches!(sign, '|' | '-' | ':' | ' '))
}

fn item(line: &str) -> &str {
    line.strip_prefix("- ").unwrap_or(line).trim()
}

fn cells(line: &str) -> Vec<Spans> {
    let inner = line.strip_prefix('|').unwrap_or(line);
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    let inner = inner.replace(ESCAPED, HIDDEN);
    inner.split('|').map(|cell| spans(&cell.trim().replace(HIDDEN, "|"))).collect()
}

/// Every second part between backticks is code; a backtick without its other half is a backtick.
fn spans(text: &str) -> Spans {
    let ticks = text.matches('`').count();
    if !ticks.is_multiple_of(2) {
        return vec![Span { text: text.to_owned(), code: false }];
    }
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(place, part)| Span { text: part.to_owned(), code: place % 2 == 1 });
    parts.filter(|span| !span.text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str = "# Churn model 0123\n\nExperiment <b>E5</b>.\nFitted on 486.\n\n## Gate: Rejected\n\n\
        | check | passed |\n|---|---|\n| `pr_auc_floor` | yes |\n| x | no |\n\n- The `proba_low` is one.\n- Two.\n";

    #[test]
    fn a_document_is_read_block_by_block() {
        let blocks = blocks(CARD);
        let text = |text: &str| Span { text: text.to_owned(), code: false };
        let code = |text: &str| Span { text: text.to_owned(), code: true };
        assert_eq!(blocks.len(), 5);
        assert_eq!(blocks[0], Block::Heading { text: vec![text("Churn model 0123")] });
        let said = vec![text("Experiment <b>E5</b>."), text(" "), text("Fitted on 486.")];
        assert_eq!(blocks[1], Block::Paragraph { text: said });
        let rows = vec![vec![vec![code("pr_auc_floor")], vec![text("yes")]], vec![vec![text("x")], vec![text("no")]]];
        assert_eq!(blocks[3], Block::Table { head: vec![vec![text("check")], vec![text("passed")]], rows });
        let items = vec![vec![text("The "), code("proba_low"), text(" is one.")], vec![text("Two.")]];
        assert_eq!(blocks[4], Block::List { items });
    }

    #[test]
    fn a_bar_in_a_cell_is_no_border() {
        let table = format!("| a | b |\n|---|---|\n| {} | y |\n", cell("x | z"));
        let Some(Block::Table { rows, .. }) = blocks(&table).pop() else { panic!("{table}") };
        assert_eq!((rows[0].len(), rows[0][0][0].text.as_str()), (2, "x | z"));
    }
}
