//! Tables: sorted by links in their heads, page by page, with a row of downloads.

use askama::Template;

use super::{Link, Mark, Pager};
use crate::export::List;
use crate::format::Shown;
use crate::query::{Direction, Query, SORT, Sort};
use crate::words::{Language, Said, Word};

/// On which side a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Texts.
    Left,
    /// Numbers, with their units.
    Right,
}

/// How a column is sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sorting {
    /// The same view sorted by this column; by the other order if it is sorted by it already.
    pub href: String,
    /// The order of now, if the table is sorted by this column.
    pub order: Option<Direction>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its head.
    pub head: String,
    /// On which side it stands.
    pub align: Align,
    /// How it is sorted; columns without cannot be.
    pub sorting: Option<Sorting>,
    /// What a pointer over its head tells.
    pub hint: Option<String>,
}

impl Column {
    /// A column of texts.
    pub fn text(head: impl Into<String>) -> Self {
        Self { head: head.into(), align: Align::Left, sorting: None, hint: None }
    }

    /// A column of numbers.
    pub fn number(head: impl Into<String>) -> Self {
        Self { align: Align::Right, ..Self::text(head) }
    }

    /// With a link that sorts by it, by its name in the address.
    pub fn sorted_by(self, query: &Query, sort: Sort, name: &'static str) -> Self {
        let order = (sort.column == name).then_some(sort.direction);
        self.sorted(query.with(SORT, &sort.clicked(name).value()), order)
    }

    /// With a link that sorts by it.
    pub fn sorted(self, href: impl Into<String>, order: Option<Direction>) -> Self {
        Self { sorting: Some(Sorting { href: href.into(), order }), ..self }
    }

    /// With an explanation.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    fn class(&self) -> &'static str {
        match self.align {
            Align::Left => "",
            Align::Right => "n",
        }
    }

    fn aria_sort(&self) -> Option<&'static str> {
        match self.sorting.as_ref()?.order? {
            Direction::Ascending => Some("ascending"),
            Direction::Descending => Some("descending"),
        }
    }

    fn arrow(&self) -> &'static str {
        match self.sorting.as_ref().and_then(|sorting| sorting.order) {
            Some(Direction::Ascending) => "▲",
            Some(Direction::Descending) => "▼",
            None => "",
        }
    }
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// What stands there.
    pub shown: Shown,
    /// Where it leads.
    pub href: Option<String>,
    /// A tier or a state before it.
    pub mark: Option<Mark>,
    /// More texts, behind "2 more".
    pub more: Vec<Said>,
    /// A picture of the numbers: a spark.
    pub svg: Option<String>,
    /// The language of the text, where it is not the page's.
    pub lang: Option<&'static str>,
    /// A second text beside it, maybe in another language.
    pub also: Option<Said>,
    /// What a run wrote in English of the same, behind a word that opens it.
    pub original: Option<String>,
    class: &'static str,
}

impl Cell {
    /// A text.
    pub fn text(shown: impl Into<Shown>) -> Self {
        Self { shown: shown.into(), ..Self::default() }
    }

    /// A text that may be in another language.
    pub fn said(said: Said) -> Self {
        Self { lang: said.lang, ..Self::text(said.text) }
    }

    /// The same, where it does not matter so much.
    pub fn said_quietly(said: Said) -> Self {
        Self { class: "quiet", ..Self::said(said) }
    }

    /// With a second text beside it.
    pub fn also(self, also: Option<Said>) -> Self {
        Self { also, ..self }
    }

    /// With what a run wrote in English of the same.
    pub fn original(self, original: Option<String>) -> Self {
        Self { original, ..self }
    }

    /// A text that does not matter so much.
    pub fn quiet(shown: impl Into<Shown>) -> Self {
        Self { class: "quiet", ..Self::text(shown) }
    }

    /// A text that stays on one line.
    pub fn short(shown: impl Into<Shown>) -> Self {
        Self { class: "short", ..Self::text(shown) }
    }

    /// A number with its unit.
    pub fn number(shown: impl Into<Shown>) -> Self {
        Self { class: "n", ..Self::text(shown) }
    }

    /// A text that leads somewhere.
    pub fn link(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { href: Some(href.into()), ..Self::short(Shown::new(text)) }
    }

    /// A tier or a state.
    pub fn mark(mark: Mark) -> Self {
        Self { mark: Some(mark), class: "short", ..Self::default() }
    }

    /// The first of several texts; the others behind "2 more".
    pub fn list(texts: impl IntoIterator<Item = impl Into<Said>>) -> Self {
        let mut texts = texts.into_iter().map(Into::<Said>::into);
        let first = Self::said_quietly(texts.next().unwrap_or_default());
        Self { more: texts.collect(), ..first }
    }

    /// A spark, as [`crate::chart::spark()`] draws it.
    pub fn picture(svg: String) -> Self {
        Self { svg: Some(svg), ..Self::default() }
    }

    fn class(&self) -> &'static str {
        self.class
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// As many as there are columns; the first one names the row.
    pub cells: Vec<Cell>,
    /// Whether the row is set off from the others.
    pub stands_out: bool,
}

impl From<Vec<Cell>> for Row {
    fn from(cells: Vec<Cell>) -> Self {
        Self { cells, stands_out: false }
    }
}

/// A table with all that belongs to it. `{{ table|safe }}` places it.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/table.html")]
pub struct TablePart {
    /// What the reader reads.
    pub language: Language,
    /// The name in the page, unique there.
    pub id: &'static str,
    /// What it shows.
    pub caption: String,
    /// A line under the caption.
    pub note: Option<String>,
    /// The columns, the four most important ones first.
    pub columns: Vec<Column>,
    /// The rows of this page.
    pub rows: Vec<Row>,
    /// What is said where there are no rows.
    pub empty: String,
    /// Which rows these are; none for a table that is shown whole.
    pub pager: Option<Pager>,
    /// The page that shows all of what this table shows the first of.
    pub all: Option<Link>,
    /// The same rows, all pages, as files.
    pub downloads: Vec<Link>,
    /// The rows as such a file has them, of a short table that brings them along.
    pub list: Option<List>,
}

impl TablePart {
    /// A table that is shown whole.
    pub fn new(language: Language, id: &'static str, caption: impl Into<String>, columns: Vec<Column>) -> Self {
        Self {
            language,
            id,
            caption: caption.into(),
            note: None,
            columns,
            rows: Vec::new(),
            empty: language.say(Word::TableEmpty).to_owned(),
            pager: None,
            all: None,
            downloads: Vec::new(),
            list: None,
        }
    }

    /// With its rows.
    pub fn rows(self, rows: impl IntoIterator<Item = Row>) -> Self {
        Self { rows: rows.into_iter().collect(), ..self }
    }

    /// With a line under the caption.
    pub fn note(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }

    /// With what is said where there are no rows.
    pub fn empty(self, empty: impl Into<String>) -> Self {
        Self { empty: empty.into(), ..self }
    }

    /// With the line that leads to other pages.
    pub fn pager(self, pager: Pager) -> Self {
        Self { pager: Some(pager), ..self }
    }

    /// With the page that shows all of what this table shows the first of.
    pub fn all(self, all: Link) -> Self {
        Self { all: Some(all), ..self }
    }

    /// With the same rows as files.
    pub fn downloads(self, downloads: Vec<Link>) -> Self {
        Self { downloads, ..self }
    }

    /// With the rows as these files have them.
    pub fn list(self, list: impl Into<List>) -> Self {
        Self { list: Some(list.into()), ..self }
    }

    fn say(&self, word: Word) -> &'static str {
        self.language.say(word)
    }

    /// "2 more".
    fn more(&self, cell: &Cell) -> String {
        self.language.fill(Word::TableMore, &[("count", &cell.more.len().to_string())])
    }
}
