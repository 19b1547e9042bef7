//! Data explorer: what is in the data this run used, and can I trust it?

mod contract;
mod detail;
mod layers;
mod pictures;
mod presets;
mod profile;
mod rows;
mod state;
#[cfg(test)]
mod tests;
mod values;
mod view;
mod wilson;

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use churn::contract::{Layer as Contract, QualityReport};
use polars::prelude::DataFrame;
use protocol::TableRef;

use crate::data::{DataError, IfKnown, Snapshot, blocking, cells, outputs_of_run};
use crate::export::{self, Download};
use crate::frame::{Figure, Frame, Link, PageId, TablePart};
use crate::pages::{File, downloads};
use crate::query::{BadValue, Query};
use crate::server::{self, PageError, Site, Visit};

use self::detail::Detail;
use self::layers::Listed;
use self::presets::Presets;
use self::profile::Profile;
use self::state::State;
use self::view::{COLUMNS, FilterLine, LayerLine};

pub use layers::Layer;
pub use profile::{BINS, bins, quantile, sorted};
pub use state::{BY, COLUMN, KEYS, LAYER, NULLS, Op, TABLE};
pub use view::{meaning, plain};

/// A table of more rows is not paged here.
const MOST_ROWS: u64 = 5_000_000;

/// The page and its files.
pub fn routes() -> Router<Site> {
    Router::new().route("/explorer", get(page)).route("/explorer/{file}", get(file))
}

/// The page.
#[derive(Template)]
#[template(path = "explorer.html")]
struct ExplorerPage {
    frame: Frame,
    layers: Vec<LayerLine>,
    /// What the contract of the layer says: class, glyph, words.
    contract: Option<(&'static str, &'static str, String)>,
    violations: Option<TablePart>,
    /// What the readings held: label and count.
    readings: Vec<(&'static str, String)>,
    /// Why the table is not shown, and a table that is.
    instead: Option<(String, Option<Link>)>,
    columns: Option<TablePart>,
    /// The heading of the pictures.
    heading: Option<String>,
    figures: Vec<Figure>,
    assumptions: Vec<String>,
    /// The lines of the form of filters, and what it brings along.
    filters: Vec<FilterLine>,
    hidden: Vec<(String, String)>,
    clear: Option<String>,
    rows: Option<TablePart>,
}

/// The tables of the run, and the one that is looked at.
struct Choice {
    tables: Vec<Listed>,
    chosen: Option<Listed>,
    /// The reports of the contracts that the page shows: of the raw files, of bronze, of the chosen layer.
    reports: BTreeMap<&'static str, Arc<IfKnown<QualityReport>>>,
}

impl Choice {
    fn report(&self, layer: Contract) -> Option<&QualityReport> {
        self.reports.get(layer.as_str())?.known()
    }
}

/// A table in memory, and what is asked of it.
struct Looked {
    frame: Arc<DataFrame>,
    profile: Arc<Profile>,
    /// How each column is spread, by its name, as small as a word.
    sparks: Arc<BTreeMap<String, String>>,
    state: State,
    /// The column that is looked at closely.
    detail: Option<Arc<Detail>>,
    /// The pictures that people look at first, of the features.
    presets: Option<Arc<Presets>>,
    /// The positions of the rows that pass, in order.
    rows: Arc<Vec<usize>>,
}

/// What there is to see of the chosen table.
enum Seen {
    /// Its rows.
    Table(Box<Looked>),
    /// The report of its contract: a raw file.
    Report,
    /// It has too many rows for a page.
    TooLarge,
}

/// `GET /explorer`
async fn page(visit: Visit) -> Response {
    visit.answer(made(&visit).await).await
}

/// `GET /explorer/export.csv`, `GET /explorer/columns.csv`, `GET /explorer/violations.csv`, `GET /explorer/spread.svg`
async fn file(visit: Visit, Path(name): Path<String>) -> Response {
    visit.download(downloaded(&visit, &name).await).await
}

async fn made(visit: &Visit) -> Result<String, PageError> {
    let snapshot = visit.snapshot()?;
    let (choice, mut bad) = choose(visit, snapshot).await?;
    let seen = match &choice.chosen {
        Some(chosen) => see(visit, snapshot, chosen, &mut bad).await?,
        None => Seen::Report,
    };
    let reasons = snapshot.reasons().await?;
    let record = snapshot.record().await?;
    let mut page = ExplorerPage {
        layers: view::layers(visit, &choice),
        contract: contract::said(visit, &choice),
        violations: contract::violations(visit, &choice),
        readings: contract::readings(visit, &choice),
        instead: view::instead(visit, &choice, &seen),
        columns: None,
        heading: None,
        figures: Vec::new(),
        assumptions: Vec::new(),
        filters: Vec::new(),
        hidden: Vec::new(),
        clear: None,
        rows: None,
        frame: visit.frame(PageId::Explorer, bad).await,
    };
    match &seen {
        Seen::Table(looked) => {
            page.columns = Some(view::columns(visit, looked, reasons.as_deref()));
            page.heading = Some(pictures::heading(visit, looked, reasons.as_deref()));
            page.figures = pictures::figures(visit, looked);
            if let Some(presets) = &looked.presets {
                page.assumptions = pictures::assumptions(visit, presets, &choice, record.as_deref());
            }
            page.filters = view::filters(visit, looked);
            page.hidden = view::hidden(&visit.query);
            page.clear = view::clear(&visit.query);
            page.rows = Some(view::rows(visit, looked)?);
        }
        Seen::Report => page.columns = contract::columns(visit, &choice),
        Seen::TooLarge => {}
    }
    server::render(&page)
}

async fn downloaded(visit: &Visit, name: &str) -> Result<Response, PageError> {
    let snapshot = visit.snapshot()?;
    let (choice, mut bad) = choose(visit, snapshot).await?;
    let chosen = choice.chosen.as_ref().ok_or(PageError::NotFound { what: "table" })?;
    let seen = see(visit, snapshot, chosen, &mut bad).await?;
    downloads::understood(visit, &bad)?;
    // The page shows any table: a file's name, which is in the audit too, says which one it is of.
    let of = format!("{}-{}", PageId::Explorer.name(), chosen.name);
    let filter = match &seen {
        Seen::Table(looked) => visit.filter_in_log_of(|name| looked.profile.column(name).is_some()),
        Seen::Report | Seen::TooLarge => visit.filter_in_log(),
    };
    let of_figures = match &seen {
        Seen::Table(looked) => looked.state.column.as_ref().map(|column| format!("{of}-{column}")),
        Seen::Report | Seen::TooLarge => None,
    };
    // The pictures are of one column, if one was chosen: two columns have files of two names.
    let of_figures = of_figures.unwrap_or_else(|| of.clone());
    let download = Download { page: &of, filter, ..downloads::of_results(visit, PageId::Explorer, snapshot) };
    match (File::of_name(name), seen) {
        (Some(File::Rows(kind)), Seen::Table(looked)) => {
            let Looked { frame, rows, .. } = *looked;
            let rows = blocking("the picking of rows", move || cells::rows_at(&frame, &rows)).await?;
            export::rows(&rows, kind, visit.language, &download).await
        }
        (Some(File::Table(table, kind)), Seen::Table(looked)) if table == COLUMNS => {
            let page = format!("{of}-{COLUMNS}");
            export::rows(&looked.profile.table()?, kind, visit.language, &Download { page: &page, ..download }).await
        }
        (Some(File::Table(table, kind)), seen) => {
            let tables = [contract::violations(visit, &choice), contract::columns(visit, &choice)];
            let tables: Vec<TablePart> = tables.into_iter().flatten().collect();
            let figures = match &seen {
                Seen::Table(looked) => pictures::figures(visit, looked),
                Seen::Report | Seen::TooLarge => Vec::new(),
            };
            let is_table = tables.iter().any(|one| one.id == table);
            let page = if is_table { &of } else { &of_figures };
            downloads::list(visit, (&tables, &figures), &table, kind, &Download { page, ..download }).await
        }
        (Some(File::Picture(picture)), Seen::Table(looked)) => {
            downloads::drawn(&pictures::figures(visit, &looked), &picture, &Download { page: &of_figures, ..download })
        }
        (Some(File::Rows(_) | File::Picture(_)), Seen::Report | Seen::TooLarge) => {
            Err(PageError::NotFound { what: "table" })
        }
        (None, _) => Err(PageError::NotFound { what: "file" }),
    }
}

/// The tables of the run and the reports of their contracts; which of them is meant.
async fn choose(visit: &Visit, snapshot: &Snapshot) -> Result<(Choice, Vec<BadValue>), DataError> {
    let mut reports = BTreeMap::new();
    for layer in [Contract::Raw, Contract::Bronze, Contract::Silver, Contract::Gold] {
        if let Some(report) = snapshot.quality(layer).await? {
            reports.insert(layer.as_str(), report);
        }
    }
    let raw = reports.get(Contract::Raw.as_str()).and_then(|report| report.known());
    let raw_files: Vec<String> =
        raw.iter().flat_map(|report| &report.tables).map(|table| table.table.clone()).collect();
    let tables = layers::tables(&outputs(snapshot).await?, &raw_files);
    let mut reader = visit.reader();
    let known = |name: &str| tables.iter().any(|table| table.name == name).then(|| name.to_owned());
    let name = reader.one(state::TABLE, known);
    let layer = reader.one(state::LAYER, Layer::of_word);
    let chosen = layers::chosen(&tables, name.as_deref(), layer).cloned();
    Ok((Choice { tables, chosen, reports }, reader.bad()))
}

/// What the stages of the run made, by table; before it has a record, what it published.
async fn outputs(snapshot: &Snapshot) -> Result<BTreeMap<String, String>, DataError> {
    if let Some(record) = snapshot.record().await? {
        return Ok(outputs_of_run(&record));
    }
    let published = ["scores", "recommendations", "contributions"].into_iter();
    let found = published.filter_map(|table| Some((table.to_owned(), snapshot.output(table).ok()?.key.clone())));
    Ok(found.collect())
}

/// The chosen table with all that is asked of it.
async fn see(visit: &Visit, snapshot: &Snapshot, chosen: &Listed, bad: &mut Vec<BadValue>) -> Result<Seen, DataError> {
    let Some(key) = &chosen.key else { return Ok(Seen::Report) };
    // Of hourly readings not even the number is asked for.
    if chosen.is_hourly() || rows_of(snapshot, key).await?.is_some_and(|rows| rows > MOST_ROWS) {
        return Ok(Seen::TooLarge);
    }
    let (reference, frame) = load(snapshot, &chosen.name).await?;
    let digest = &reference.digest;
    let read = Arc::clone(&frame);
    let profile = snapshot.derive("explorer profile", digest, move || Profile::of(&read)).await?;
    let (drawn, language) = (Arc::clone(&profile), visit.language);
    let sparks = format!("explorer sparks {language:?}");
    let sparks = snapshot.derive(&sparks, digest, move || Ok(view::sparks(language, &drawn))).await?;
    let state = read_state(&visit.query, &profile, bad);
    let detail = match &state.column {
        Some(column) => {
            let (read, column) = (Arc::clone(&frame), column.clone());
            let name = format!("explorer column {column}");
            Some(snapshot.derive(&name, digest, move || Detail::of(&read, &column)).await?)
        }
        None => None,
    };
    let presets = if chosen.name == presets::TABLE && detail.is_none() {
        let read = Arc::clone(&frame);
        Some(snapshot.derive("explorer presets", digest, move || Presets::of(&read)).await?)
    } else {
        None
    };
    let (read, asked) = (Arc::clone(&frame), state.clone());
    let filtered = move || rows::rows(&read, &asked);
    let rows = snapshot.filtered(&state.of_rows(), digest, frame.height(), filtered).await?;
    Ok(Seen::Table(Box::new(Looked { frame, profile, sparks, state, detail, presets, rows })))
}

fn read_state(query: &Query, profile: &Profile, bad: &mut Vec<BadValue>) -> State {
    let mut reader = crate::query::Reader::new(query);
    let state = State::read(&mut reader, query, profile);
    bad.extend(reader.bad());
    state
}

/// How many rows a table has, where its manifest is there.
async fn rows_of(snapshot: &Snapshot, key: &str) -> Result<Option<u64>, DataError> {
    Ok(snapshot.store().reference(key).await?.map(|reference| reference.rows))
}

async fn load(snapshot: &Snapshot, table: &str) -> Result<(TableRef, Arc<DataFrame>), DataError> {
    match snapshot.output(table) {
        Ok(reference) => Ok((reference.clone(), snapshot.table(table).await?)),
        Err(_) => snapshot.stage_table(table).await,
    }
}
