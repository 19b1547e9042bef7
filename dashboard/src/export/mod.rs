//! What people take away: the filtered rows with all columns under their own names, as CSV, as CSV for the Excel of the
//! reader's language, as Parquet; and a chart as SVG. Every answer tells what is taken with it ([`Taken`]), which is
//! written down where it is sent: who, which file, how many rows, which filter.

mod cell;
mod list;
mod name;
mod stream;
mod text;

use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use polars::prelude::{DataFrame, ParquetCompression, ParquetWriter};

use crate::server::PageError;
use crate::words::Language;

pub use cell::{iso, iso_of};
pub use list::{List, Listing};
use name::not_all_read;
pub use name::{end_of_run, file_name};
use text::Dialect;

/// What could not be read while a file was made.
pub const NOT_READ: HeaderName = HeaderName::from_static("x-not-read");
/// How many rows a file has.
pub const ROW_COUNT: HeaderName = HeaderName::from_static("x-row-count");

/// The form of a file of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// For programs: comma, point, ISO dates.
    Csv,
    /// For Excel: a mark of UTF-8, semicolon, and the decimal sign of the language.
    ExcelCsv,
    /// For programs that know types.
    Parquet,
}

impl Kind {
    /// All of them, in the order of the links above a table.
    pub const ALL: [Self; 3] = [Self::Csv, Self::ExcelCsv, Self::Parquet];

    /// What a file's name ends with.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::ExcelCsv => "excel.csv",
            Self::Parquet => "parquet",
        }
    }
}

/// What is taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download<'a> {
    /// The page's name: `risk`.
    pub page: &'a str,
    /// The date that the rows are of.
    pub as_of: NaiveDate,
    /// The model's version; its first eight characters stand in the name.
    pub model: &'a str,
    /// The run that made the rows; empty where none did. The end of its ID stands in the name.
    pub run: &'a str,
    /// The filter, without a word that may name a customer.
    pub filter: String,
}

impl Download<'_> {
    /// `spanishgas-risk-2024-12-31-4f90bd8c-run-13cca5cb.csv`
    pub fn file(&self, extension: &str) -> String {
        file_name(self.page, self.as_of, (self.model, self.run), extension)
    }
}

/// What goes away with an answer: one of its extensions, which nobody is sent, for whoever writes it down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The file's name.
    pub file: String,
    /// Its rows; none of a picture or a document.
    pub rows: usize,
    /// Which rows.
    pub filter: String,
}

/// A file that is a document of the lake as it lies there: what else cannot be read takes nothing from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsItLies;

/// Says in a file's name, and in a header, that it was made while these documents could not be read.
pub fn made_without(file: &mut Response, keys: &[String]) {
    if keys.is_empty() || file.extensions().get::<AsItLies>().is_some() {
        return;
    }
    let Some(taken) = file.extensions_mut().get_mut::<Taken>() else { return };
    taken.file = not_all_read(&taken.file);
    let name = taken.file.clone();
    name_it(file.headers_mut(), &name);
    if let Ok(value) = HeaderValue::from_str(&keys.join(", ")) {
        file.headers_mut().insert(NOT_READ, value);
    }
}

/// The rows in a form.
pub async fn rows(
    frame: &DataFrame,
    kind: Kind,
    language: Language,
    download: &Download<'_>,
) -> Result<Response, PageError> {
    match kind {
        Kind::Csv => Ok(csv(frame, download)),
        Kind::ExcelCsv => Ok(excel_csv(frame, language, download)),
        Kind::Parquet => parquet(frame, download).await,
    }
}

/// The rows as CSV (RFC 4180, UTF-8, a line end is `\n`): raw names, ISO dates, decimal point; sent while it is written.
pub fn csv(frame: &DataFrame, download: &Download<'_>) -> Response {
    streamed(frame, Dialect::PLAIN, Kind::Csv, download)
}

/// The rows as an Excel of the language opens them with a double click.
pub fn excel_csv(frame: &DataFrame, language: Language, download: &Download<'_>) -> Response {
    streamed(frame, Dialect::excel(language), Kind::ExcelCsv, download)
}

/// The rows as Parquet, with their types. The file is made in memory: 200,990 scores are about 20 MB.
pub async fn parquet(frame: &DataFrame, download: &Download<'_>) -> Result<Response, PageError> {
    let (rows, mut frame) = (frame.height(), frame.clone());
    let written = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes).with_compression(ParquetCompression::Snappy).finish(&mut frame).map(|_| bytes)
    });
    let lost = |error: tokio::task::JoinError| PageError::Broken { doing: "write Parquet", problem: error.to_string() };
    let bytes = written.await.map_err(lost)??;
    let extension = Kind::Parquet.extension();
    Ok(attachment(Body::from(bytes), "application/vnd.apache.parquet", extension, Some(rows), download))
}

/// A chart as a picture that stands alone: the text of [`crate::chart::Chart::file`].
pub fn svg(picture: String, download: &Download<'_>) -> Response {
    attachment(Body::from(picture), "image/svg+xml", "svg", None, download)
}

/// A document of the lake as it lies there: a model card, an evaluation.
pub fn document(bytes: Vec<u8>, kind: &'static str, extension: &str, download: &Download<'_>) -> Response {
    let mut file = attachment(Body::from(bytes), kind, extension, None, download);
    file.extensions_mut().insert(AsItLies);
    file
}

fn streamed(frame: &DataFrame, dialect: Dialect, kind: Kind, download: &Download<'_>) -> Response {
    let (body, rows) = (stream::body(frame.clone(), dialect), Some(frame.height()));
    attachment(body, "text/csv; charset=utf-8; header=present", kind.extension(), rows, download)
}

fn attachment(
    body: Body,
    kind: &'static str,
    extension: &str,
    rows: Option<usize>,
    download: &Download<'_>,
) -> Response {
    let (mut response, file) = (body.into_response(), download.file(extension));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    name_it(headers, &file);
    if let Some(rows) = rows {
        headers.insert(ROW_COUNT, HeaderValue::from(rows as u64));
    }
    let taken = Taken { file, rows: rows.unwrap_or_default(), filter: download.filter.clone() };
    response.extensions_mut().insert(taken);
    response
}

/// The characters of a name of ours fit into a header.
fn name_it(headers: &mut HeaderMap, file: &str) {
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{file}\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
}

#[cfg(test)]
mod tests;
