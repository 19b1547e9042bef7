//! What a page offers as files: `/risk/export.csv?the same query`, and its pictures.

use axum::response::Response;
use polars::prelude::DataFrame;

use crate::data::Snapshot;
use crate::export::{self, Download, Kind, List};
use crate::format::Format;
use crate::frame::{Figure, Link, PageId, TablePart};
use crate::query::{BadValue, Query};
use crate::server::{PageError, Visit};
use crate::words::{Language, Word};

/// A file of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum File {
    /// All columns of the filtered rows.
    Rows(Kind),
    /// A picture of the page, by its name there.
    Picture(String),
    /// A table of a page that has several, by its name there.
    Table(String, Kind),
}

impl File {
    /// The file of the last part of a path; none for another name.
    pub fn of_name(name: &str) -> Option<Self> {
        if let Some(extension) = name.strip_prefix("export.") {
            return Kind::ALL.into_iter().find(|kind| kind.extension() == extension).map(Self::Rows);
        }
        if let Some(picture) = name.strip_suffix(".svg") {
            return Some(Self::Picture(picture.to_owned()));
        }
        table_of_name(name).map(|(table, kind)| Self::Table(table.to_owned(), kind))
    }
}

/// The download row of a table: the filtered rows, all pages, all columns.
pub fn links(language: Language, query: &Query) -> Vec<Link> {
    links_of(language, query, "export")
}

/// The download row of one table of a page that has several, by its name there.
pub fn links_of(language: Language, query: &Query, table: &str) -> Vec<Link> {
    let link = |kind: Kind| {
        let word = match kind {
            Kind::Csv => Word::TableCsv,
            Kind::ExcelCsv => Word::TableExcel,
            Kind::Parquet => Word::TableParquet,
        };
        Link::new(language.say(word), at(query, &format!("{table}.{}", kind.extension())))
    };
    Kind::ALL.map(link).into()
}

/// A picture of the page and its numbers as files.
pub fn picture(language: Language, query: &Query, name: &str) -> Vec<Link> {
    let mut links = links_of(language, query, name);
    links.push(Link::new(language.say(Word::TableSvg), at(query, &format!("{name}.svg"))));
    links
}

/// The table of a page that has several, and the form of its file, of the last part of a path.
pub fn table_of_name(name: &str) -> Option<(&str, Kind)> {
    let (table, extension) = name.split_once('.')?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.extension() == extension)?;
    Some((table, kind))
}

/// The table with its rows as files, by its name on the page of this query.
pub fn listed(table: TablePart, query: &Query, list: impl Into<List>) -> TablePart {
    let links = links_of(table.language, query, table.id);
    table.downloads(links).list(list)
}

/// The one of these tables that has this name as a file, or the numbers of this picture, named after page and table; no
/// file where none has the name.
pub async fn list(
    visit: &Visit,
    (tables, figures): (&[TablePart], &[Figure]),
    name: &str,
    kind: Kind,
    of: &Download<'_>,
) -> Result<Response, PageError> {
    let table = tables.iter().find(|table| table.id == name).and_then(|table| table.list.as_ref());
    let numbers = || figures.iter().find(|figure| figure.id == name).map(|figure| &figure.chart.numbers);
    let found = table.or_else(numbers).ok_or(PageError::NotFound { what: "table" })?;
    let (rows, page) = (found.frame()?, format!("{}-{name}", of.page));
    export::rows(&rows, kind, visit.language, &Download { page: &page, ..of.clone() }).await
}

/// A file of what belongs to no results, runs and alerts: it is of today, and of no model and no run.
pub fn of_now(visit: &Visit, page: PageId) -> Download<'_> {
    let (page, as_of) = (page.name(), Format::day_of(visit.now));
    Download { page, as_of, model: "", run: "", filter: visit.filter_in_log() }
}

/// A file of a page about these results.
pub fn of_results<'a>(visit: &Visit, page: PageId, snapshot: &'a Snapshot) -> Download<'a> {
    download(page.name(), snapshot, visit.filter_in_log())
}

/// The rows as a file.
pub async fn rows(
    visit: &Visit,
    page: PageId,
    snapshot: &Snapshot,
    frame: &DataFrame,
    kind: Kind,
) -> Result<Response, PageError> {
    let filter = visit.filter_in_log_of(|name| frame.column(name).is_ok());
    export::rows(frame, kind, visit.language, &download(page.name(), snapshot, filter)).await
}

/// Refuses a file for which something was asked that nobody understands: a page says what it used instead, a file cannot.
pub fn understood(visit: &Visit, bad: &[BadValue]) -> Result<(), PageError> {
    let Some(BadValue { key, value, .. }) = bad.first() else { return Ok(()) };
    let problem = visit.language.fill(Word::FileBadValue, &[("value", value), ("name", key)]);
    Err(PageError::Refused { problem })
}

/// A picture of a page as a file; no file where the page has no picture of that name.
pub fn chart(
    visit: &Visit,
    page: PageId,
    snapshot: &Snapshot,
    figures: &[Figure],
    name: &str,
) -> Result<Response, PageError> {
    drawn(figures, name, &of_results(visit, page, snapshot))
}

/// The same, named after what `of` says.
pub fn drawn(figures: &[Figure], name: &str, of: &Download<'_>) -> Result<Response, PageError> {
    let figure = figures.iter().find(|figure| figure.id == name).ok_or(PageError::NotFound { what: "picture" })?;
    let page = format!("{}-{name}", of.page);
    Ok(export::svg(figure.chart.file(), &Download { page: &page, ..of.clone() }))
}

fn download<'a>(page: &'a str, snapshot: &'a Snapshot, filter: String) -> Download<'a> {
    let (as_of, model, run) = (snapshot.as_of(), snapshot.model_version(), snapshot.run_id());
    Download { page, as_of, model, run, filter }
}

/// The files of the overview are below `/overview/`, those of every other page below its own path.
fn at(query: &Query, file: &str) -> String {
    let folder = if query.path() == "/" { "/overview" } else { query.path() };
    query.at(&format!("{folder}/{file}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_is_the_same_query_at_another_path() {
        let query = Query::parse("/risk", Some("tier=high&page=2"));
        let links = links(Language::En, &query);
        assert_eq!(links[1].href, "/risk/export.excel.csv?tier=high&page=2");
        let files = picture(Language::En, &Query::parse("/", None), "tiers").into_iter().map(|link| link.href);
        let forms = ["csv", "excel.csv", "parquet", "svg"].map(|form| format!("/overview/tiers.{form}"));
        assert_eq!(files.collect::<Vec<_>>(), forms);
        assert_eq!(File::of_name("tiers.svg"), Some(File::Picture("tiers".to_owned())));
        assert_eq!(File::of_name("export.parquet"), Some(File::Rows(Kind::Parquet)));
        assert_eq!(File::of_name("export.exe"), None);
        assert_eq!(File::of_name("alerts.excel.csv"), Some(File::Table("alerts".to_owned(), Kind::ExcelCsv)));
        assert_eq!(File::of_name("alerts.exe"), None);
        assert_eq!(links_of(Language::En, &query, "segments")[0].href, "/risk/segments.csv?tier=high&page=2");
        assert_eq!(table_of_name("segments.excel.csv"), Some(("segments", Kind::ExcelCsv)));
        assert_eq!(table_of_name("segments.svg"), None);
    }
}
