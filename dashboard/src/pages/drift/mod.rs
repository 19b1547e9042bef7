//! Drift monitor: has the world moved, does it matter, since when?

mod history;
mod kept;
mod lines;
mod measures;
mod report_files;
mod said;
mod seen;
mod shares;
mod sides;
mod state;
mod tables;
#[cfg(test)]
mod tests;
mod view;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use lake::documents::ChampionPointer;
use lake::keys;

use self::report_files::Document;
use self::seen::{Reported, Seen};
use self::state::State;
use self::tables::TableName;
use self::view::{Asked, CLOSER, Choices, Fact, Heading};
use crate::data::{DataError, Snapshot};
use crate::export::{self, Download};
use crate::frame::{Cards, Figure, Frame, Link, PageId, TablePart};
use crate::pages::{File, Filters, downloads, gone};
use crate::query::BadValue;
use crate::server::{self, PageError, Site, Visit};
use crate::words::Word;

pub use self::lines::Status;
pub use self::said::{reason, recorded_reason};
pub use self::state::{COLUMN, SORTED_BY, STATE};

/// The page and its files.
pub fn routes() -> Router<Site> {
    Router::new().route("/drift", get(page)).route("/drift/{file}", get(file))
}

/// The page.
#[derive(Template)]
#[template(path = "drift.html")]
struct DriftPage {
    frame: Frame,
    cards: Cards,
    facts: Vec<Fact>,
    /// The reports as files.
    documents: Vec<Link>,
    /// The level of every run.
    levels: Option<Figure>,
    filters: Filters,
    table: TablePart,
    /// The chosen column, the prediction, what changed since the last published run, what was promised.
    parts: Vec<Part>,
    /// What moved farthest.
    by_column: Option<Figure>,
    skipped: TablePart,
}

/// What is said and drawn of one thing. `{{ part|safe }}` places it.
#[derive(Template)]
#[template(path = "drift_part.html")]
struct Part {
    /// The name in the page, unique there.
    id: &'static str,
    heading: Heading,
    /// The form that chooses what it is about.
    choices: Option<Choices>,
    figures: Vec<Figure>,
    /// The same in figures.
    measures: Option<TablePart>,
}

/// The page where there is nothing to compare.
#[derive(Template)]
#[template(path = "drift_empty.html")]
struct EmptyPage {
    frame: Frame,
    /// Why.
    lead: &'static str,
    /// What helps.
    command: &'static str,
    /// The level of the runs before.
    levels: Option<Figure>,
}

/// Why there is nothing to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nothing {
    /// There is no model whose training values today's could be held against.
    NoChampion,
    /// There is one, and no results of it.
    NotPublished,
    /// The run made no report.
    NoReport,
}

impl Nothing {
    fn lead(self) -> Word {
        match self {
            Self::NoChampion => Word::DriftNoChampion,
            Self::NotPublished => Word::DriftNotPublished,
            Self::NoReport => Word::DriftNoReport,
        }
    }

    fn command(self) -> &'static str {
        match self {
            Self::NoChampion => "spanishgas run --mode train",
            Self::NotPublished | Self::NoReport => "spanishgas run --mode score",
        }
    }
}

/// `GET /drift`
async fn page(visit: Visit) -> Response {
    visit.answer(made(&visit).await).await
}

/// `GET /drift/export.csv`, `GET /drift/quantiles.csv`, `GET /drift/spread.svg`, `GET /drift/report.html`
async fn file(visit: Visit, Path(name): Path<String>) -> Response {
    visit.download(downloaded(&visit, &name).await).await
}

async fn made(visit: &Visit) -> Result<String, PageError> {
    let Some(snapshot) = published(visit)? else { return unpublished(visit).await };
    let Some(reported) = Reported::of(snapshot).await? else { return unreported(visit, snapshot).await };
    let (state, bad) = read(visit, &reported);
    let seen = Seen::of(visit, snapshot, reported, &state).await?;
    let asked = Asked { visit, snapshot, state: &state, seen: &seen };
    let mut frame = visit.frame(PageId::Drift, bad).await;
    frame.banners.extend(seen.gone.as_ref().map(|problem| gone::banner(visit.language, problem)));
    let page = DriftPage {
        cards: view::cards(&asked),
        facts: view::facts(&asked),
        levels: view::levels(&asked),
        filters: view::filters(&asked),
        table: view::table(&asked),
        parts: [chosen(&asked), prediction(&asked), skew(&asked), kept(&asked)].into_iter().flatten().collect(),
        by_column: view::by_column(&asked),
        skipped: view::skipped(&asked),
        documents: view::documents(&asked),
        frame,
    };
    server::render(&page)
}

/// The results that the page is about; none where nothing is published.
fn published(visit: &Visit) -> Result<Option<&Snapshot>, PageError> {
    match visit.snapshot() {
        Ok(snapshot) => Ok(Some(snapshot)),
        Err(PageError::Data(DataError::NothingPublished { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

fn read(visit: &Visit, reported: &Reported) -> (State, Vec<BadValue>) {
    let mut reader = visit.reader();
    let state = State::read(&mut reader, &reported.lines);
    (state, reader.bad())
}

/// The column that the reader chose, and its statistic over the runs.
fn chosen(asked: &Asked<'_>) -> Option<Part> {
    let closer = asked.seen.chosen.as_ref()?;
    Some(Part {
        id: CLOSER,
        heading: view::closer(asked, closer),
        choices: Some(view::choices(asked)),
        figures: view::chosen(asked).into_iter().chain(view::trend(asked)).collect(),
        measures: Some(view::measures(asked, closer, TableName::Chosen.as_str())),
    })
}

/// What the model says, and the customers by tier; where the reader chose it, the rest stands there.
fn prediction(asked: &Asked<'_>) -> Option<Part> {
    let closer = asked.seen.prediction.as_ref()?;
    let is_chosen = asked.state.column.as_deref() == Some(closer.line.name());
    let both_sides = if is_chosen { Vec::new() } else { view::prediction(asked) };
    Some(Part {
        id: "prediction",
        heading: view::what_the_model_says(asked, closer),
        choices: None,
        figures: both_sides.into_iter().chain(view::mix(asked)).collect(),
        measures: (!is_chosen).then(|| view::measures(asked, closer, TableName::Prediction.as_str())),
    })
}

/// What changed since the last published run; nothing where there was none.
fn skew(asked: &Asked<'_>) -> Option<Part> {
    let heading = view::since_the_last_run(asked)?;
    Some(Part { id: "since", heading, choices: None, figures: Vec::new(), measures: view::skew(asked) })
}

/// What the model promised run by run, and what came to pass; nothing where no run says.
fn kept(asked: &Asked<'_>) -> Option<Part> {
    let promises = kept::promises(&asked.seen.runs);
    if promises.is_empty() {
        return None;
    }
    Some(Part {
        id: "promised",
        heading: view::what_was_promised(asked),
        choices: None,
        figures: view::kept(asked, &promises).into_iter().collect(),
        measures: Some(view::promises(asked, &promises)),
    })
}

async fn unpublished(visit: &Visit) -> Result<String, PageError> {
    let champion = visit.site.store().document::<ChampionPointer>(keys::CHAMPION, visit.now).await;
    let champion = visit.torn().or_note(champion)?;
    // One that cannot be read is one all the same.
    let is_there = champion.is_some() || visit.torn().names(keys::CHAMPION);
    let why = if is_there { Nothing::NotPublished } else { Nothing::NoChampion };
    nothing(visit, why, None).await
}

async fn unreported(visit: &Visit, snapshot: &Snapshot) -> Result<String, PageError> {
    let runs = seen::runs(visit, snapshot).await?;
    nothing(visit, Nothing::NoReport, view::levels_of(visit, &runs)).await
}

async fn nothing(visit: &Visit, why: Nothing, levels: Option<Figure>) -> Result<String, PageError> {
    let frame = visit.frame(PageId::Drift, Vec::new()).await;
    let lead = visit.language.say(why.lead());
    server::render(&EmptyPage { frame, lead, command: why.command(), levels })
}

async fn downloaded(visit: &Visit, name: &str) -> Result<Response, PageError> {
    let snapshot = published(visit)?.ok_or(PageError::NotFound { what: "drift report" })?;
    let Some(reported) = Reported::of(snapshot).await? else { return levels_alone(visit, snapshot, name).await };
    let (state, _) = read(visit, &reported);
    let seen = Seen::of(visit, snapshot, reported, &state).await?;
    let filter = visit.filter_in_log_of(|name| seen.reported.lines.iter().any(|line| line.name() == name));
    if let Some((table, kind)) = downloads::table_of_name(name)
        && let Some(table) = TableName::parse(table)
    {
        let rows = tables::table(table, &seen, &state)?.ok_or(PageError::NotFound { what: "table" })?;
        let title = table.title(&page_of(state.column.as_deref().filter(|_| table == TableName::Chosen)));
        let download = Download { page: &title, filter, ..downloads::of_results(visit, PageId::Drift, snapshot) };
        return export::rows(&rows, kind, visit.language, &download).await;
    }
    if let Some(document) = Document::of_name(name) {
        return stored(visit, snapshot, document).await;
    }
    let asked = Asked { visit, snapshot, state: &state, seen: &seen };
    let page = page_of(state.column.as_deref().filter(|_| view::is_of_column(name)));
    let download = Download { page: &page, filter, ..downloads::of_results(visit, PageId::Drift, snapshot) };
    drawn(visit, &view::pictures(&asked), name, &download).await
}

/// The page in the name of a file, with the column that the file is about: two columns have files of two names.
fn page_of(column: Option<&str>) -> String {
    let page = PageId::Drift.name();
    column.map_or_else(|| page.to_owned(), |column| format!("{page}-{column}"))
}

/// A picture of the page, or its numbers.
async fn drawn(visit: &Visit, figures: &[Figure], name: &str, of: &Download<'_>) -> Result<Response, PageError> {
    match File::of_name(name) {
        Some(File::Picture(picture)) => downloads::drawn(figures, &picture, of),
        Some(File::Table(table, kind)) => downloads::list(visit, (&[], figures), &table, kind, of).await,
        Some(File::Rows(_)) | None => Err(PageError::NotFound { what: "file" }),
    }
}

/// A report of the run as it lies in the lake.
async fn stored(visit: &Visit, snapshot: &Snapshot, document: Document) -> Result<Response, PageError> {
    if document == Document::Performance {
        // What is no such report any more is no file of one.
        snapshot.performance().await?;
    }
    let bytes = snapshot.document(document.output()).await?.ok_or(PageError::NotFound { what: "file" })?;
    let download = Download {
        page: document.title(),
        as_of: snapshot.as_of(),
        model: snapshot.model_version(),
        run: snapshot.run_id(),
        filter: visit.filter_in_log(),
    };
    let (kind, extension) = document.kind();
    Ok(export::document((*bytes).clone(), kind, extension, &download))
}

/// Of a run without a report there is the picture of the runs before.
async fn levels_alone(visit: &Visit, snapshot: &Snapshot, name: &str) -> Result<Response, PageError> {
    let levels: Vec<Figure> = view::levels_of(visit, &seen::runs(visit, snapshot).await?).into_iter().collect();
    drawn(visit, &levels, name, &downloads::of_results(visit, PageId::Drift, snapshot)).await
}
