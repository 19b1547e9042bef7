//! Model performance: is the champion good, for whom, and why was it let in?

mod board;
mod card;
mod offers;
mod state;
mod subject;
mod tables;
#[cfg(test)]
pub mod tests;
mod timeline;
#[cfg(test)]
mod torn_tests;
mod view;
mod what_if;

use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use lake::keys;
use protocol::experiment_ladder::Leaderboard;

use self::board::Line;
use self::card::CardPart;
use self::offers::Offers;
use self::state::State;
use self::subject::{Looked, Subject};
use self::tables::{Sources, TableName};
use self::view::{Asked, Choices, Explorer, Fact};
use crate::export::{self, Download, Kind};
use crate::format::Format;
use crate::frame::{Cards, Figure, Frame, Link, PageId, TablePart};
use crate::pages::{File, downloads, gone};
use crate::query::BadValue;
use crate::server::{self, PageError, Visit};
use crate::words::Said;

pub use self::state::{THRESHOLD, VERSION};

/// The page.
#[derive(Template)]
#[template(path = "model.html")]
struct ModelPage {
    frame: Frame,
    choices: Choices,
    /// Why no model has passed the gate, where none has.
    refused: Option<Vec<Said>>,
    facts: Vec<Fact>,
    documents: Vec<Link>,
    cards: Cards,
    checks: TablePart,
    /// What the gate saw in each kind of customers, and in single columns.
    slice_losses: Option<TablePart>,
    single_columns: Option<TablePart>,
    /// Beside the champion: picture and figures.
    against: Option<(Figure, TablePart)>,
    /// Curves, reliability, confusion.
    figures: Vec<Figure>,
    /// For whom it works: picture and figures.
    slices: Option<(Figure, TablePart)>,
    calibrations: Option<TablePart>,
    explorer: Option<Explorer>,
    /// Segments, channels.
    groups: Vec<TablePart>,
    importance: Option<Figure>,
    /// How early it sees it coming.
    lead_time: Option<(Figure, Vec<TablePart>)>,
    unseen: Option<TablePart>,
    peer: Option<TablePart>,
    board: TablePart,
    /// What the ladder tried.
    ladder: Option<TablePart>,
    timeline: TablePart,
    card: Option<CardPart>,
}

/// The page where there is no model.
#[derive(Template)]
#[template(path = "model_empty.html")]
struct EmptyPage {
    frame: Frame,
    /// What the ladder tried; no model is needed for it.
    ladder: Option<TablePart>,
}

/// `GET /model`
pub async fn page(visit: Visit) -> Response {
    visit.answer(made(&visit).await).await
}

/// `GET /model/roc.svg`, `GET /model/segments.csv`, `GET /model/model_card.md`
pub async fn file(visit: Visit, Path(name): Path<String>) -> Response {
    visit.download(downloaded(&visit, &name).await).await
}

async fn made(visit: &Visit) -> Result<String, PageError> {
    let looked = Looked::at(visit).await?;
    let (state, bad) = read(visit, &looked);
    let Some(seen) = see(visit, &looked, &state).await? else { return empty(visit, bad).await };
    let asked = Asked { visit, looked: &looked, subject: &seen.subject, state: &state, offers: seen.offers };
    let mut frame = visit.frame(PageId::Model, bad).await;
    frame.banners.extend(asked.offers.gone.as_ref().map(|problem| gone::banner(visit.language, problem)));
    let page = ModelPage {
        choices: view::choices(&asked),
        refused: view::refused(&asked),
        facts: view::facts(&asked),
        documents: view::documents(&asked),
        cards: view::cards(&asked),
        checks: view::checks(&asked),
        slice_losses: view::slice_losses(&asked),
        single_columns: view::single_columns(&asked),
        against: view::against(&asked),
        figures: view::figures(&asked),
        slices: view::slices(&asked),
        calibrations: view::calibrations(&asked),
        explorer: view::explorer(&asked),
        groups: view::groups(&asked),
        importance: view::importance(&asked),
        lead_time: view::lead_time(&asked),
        unseen: view::unseen(&asked),
        peer: view::peer(&asked),
        board: view::board(&asked, &seen.lines),
        ladder: seen.ladder.as_deref().map(|board| view::ladder(visit, board, seen.subject.made_of())),
        timeline: view::timeline(&asked, &timeline::events(&looked.registry)),
        card: seen.subject.card.clone(),
        frame,
    };
    server::render(&page)
}

async fn empty(visit: &Visit, bad: Vec<BadValue>) -> Result<String, PageError> {
    let found = visit.site.store().newest_ladder(visit.now, visit.torn()).await?;
    let ladder = found.as_deref().map(|board| view::ladder(visit, board, None));
    server::render(&EmptyPage { frame: visit.frame(PageId::Model, bad).await, ladder })
}

async fn downloaded(visit: &Visit, name: &str) -> Result<Response, PageError> {
    if let Some((view::LADDER, kind)) = downloads::table_of_name(name) {
        return tried(visit, kind).await;
    }
    let looked = Looked::at(visit).await?;
    let (state, _) = read(visit, &looked);
    let seen = see(visit, &looked, &state).await?.ok_or(PageError::NotFound { what: "model" })?;
    if let Some((table, kind)) = downloads::table_of_name(name)
        && let Some(table) = TableName::parse(table)
    {
        let events = timeline::events(&looked.registry);
        let sources = Sources { subject: &seen.subject, lines: &seen.lines, events: &events };
        let rows = tables::table(table, &sources)?.ok_or(PageError::NotFound { what: "table" })?;
        let title = format!("{}-{}", PageId::Model.name(), table.as_str());
        return export::rows(&rows, kind, visit.language, &download(visit, &looked, &seen.subject, &title)).await;
    }
    let Some(file) = File::of_name(name) else { return document(visit, &looked, &seen.subject, name).await };
    let asked = Asked { visit, looked: &looked, subject: &seen.subject, state: &state, offers: seen.offers };
    let figures = view::pictures(&asked);
    match file {
        File::Picture(picture) => {
            let figure = figures.iter().find(|figure| figure.id == picture);
            let figure = figure.ok_or(PageError::NotFound { what: "picture" })?;
            let title = format!("{}-{picture}", PageId::Model.name());
            Ok(export::svg(figure.chart.file(), &download(visit, &looked, &seen.subject, &title)))
        }
        File::Table(name, kind) => {
            let download = download(visit, &looked, &seen.subject, PageId::Model.name());
            downloads::list(visit, (&[], &figures), &name, kind, &download).await
        }
        File::Rows(_) => Err(PageError::NotFound { what: "table" }),
    }
}

/// What the ladder tried: it is of no version.
async fn tried(visit: &Visit, kind: Kind) -> Result<Response, PageError> {
    let found = visit.site.store().newest_ladder(visit.now, visit.torn()).await?;
    let board = found.ok_or(PageError::NotFound { what: "table" })?;
    let download =
        Download { as_of: board.as_of.date(), run: &board.run_id, ..downloads::of_now(visit, PageId::Model) };
    downloads::list(visit, (&[view::ladder(visit, &board, None)], &[]), view::LADDER, kind, &download).await
}

/// A document of the version as it lies in the lake.
async fn document(visit: &Visit, looked: &Looked<'_>, subject: &Subject, name: &str) -> Result<Response, PageError> {
    let version = &subject.version;
    let (key, title, kind, extension) = match name {
        "model_card.html" => (keys::model_card_page(version), "model-card", "text/html; charset=utf-8", "html"),
        "model_card.md" => (keys::model_card(version), "model-card", "text/markdown; charset=utf-8", "md"),
        "evaluation.json" => (keys::judged_evaluation(version), "model-evaluation", "application/json", "json"),
        "verdict.json" => (keys::verdict(version), "model-verdict", "application/json", "json"),
        _ => return Err(PageError::NotFound { what: "file" }),
    };
    // What is no evaluation any more is no file of one.
    if let Some(problem) = looked.torn.of(&key) {
        return Err(problem.into());
    }
    let bytes = visit.site.store().file(&key, visit.now).await?.ok_or(PageError::NotFound { what: "file" })?;
    Ok(export::document((*bytes).clone(), kind, extension, &download(visit, looked, subject, title)))
}

/// A file is named by the version that it is about, and by the date and the run of the results or, without any, by
/// today.
fn download<'a>(visit: &'a Visit, looked: &Looked<'a>, subject: &'a Subject, title: &'a str) -> Download<'a> {
    Download {
        page: title,
        as_of: looked.snapshot.map_or_else(|| Format::day_of(visit.now), crate::data::Snapshot::as_of),
        model: &subject.version,
        run: looked.snapshot.map_or("", |snapshot| &**snapshot.run_id()),
        filter: visit.filter_in_log(),
    }
}

fn read(visit: &Visit, looked: &Looked<'_>) -> (State, Vec<BadValue>) {
    let mut reader = visit.reader();
    let state = State::read(&mut reader, &looked.versions, looked.usual());
    (state, reader.bad())
}

/// What was read for the page.
struct Seen {
    subject: Subject,
    lines: Vec<Line>,
    ladder: Option<Arc<Leaderboard>>,
    offers: Offers,
}

/// Reads what is known of the version; nothing where there is none.
async fn see(visit: &Visit, looked: &Looked<'_>, state: &State) -> Result<Option<Seen>, PageError> {
    let Some(version) = &state.version else { return Ok(None) };
    let (store, now) = (visit.site.store(), visit.now);
    let subject = Subject::of(store, version, looked, now).await?;
    let (lines, ladder) = (board::lines(store, looked, now).await?, store.newest_ladder(now, visit.torn()).await?);
    let own = subject.evaluation.as_ref().map(|evaluation| evaluation.summary.metrics.threshold);
    let offers = Offers::of(looked.snapshot, version, state.threshold.or(own)).await?;
    Ok(Some(Seen { subject, lines, ladder, offers }))
}
