//! One run: stage by stage with what it made, what went in, what came out, and what went wrong.

mod facts;
mod lines;
mod seen;
mod tables;
#[cfg(test)]
mod tests;
mod view;

use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use lake::keys;

use crate::data::{DataError, EndedRun};
use crate::export::{self, AsItLies, Download, Taken};
use crate::format::Format;
use crate::frame::{Figure, Frame, Link, RunState, TablePart};
use crate::pages::run_line::short;
use crate::pages::{File, downloads};
use crate::server::{self, PageError, Site, Visit};
use crate::words::Word;

use self::facts::Fact;
use self::lines::StageLine;
use self::seen::Seen;
use self::view::Trouble;

/// The record as the lake has it.
const RECORD: &str = "run.json";
/// The name in names of files.
const NAME: &str = "run";
/// While the run is at work the page looks again after so many seconds.
const LOOK_AGAIN_SECS: u32 = 3;

/// The page and its files.
pub fn routes() -> Router<Site> {
    Router::new().route("/runs/{run_id}", get(page)).route("/runs/{run_id}/{file}", get(file))
}

/// The page.
#[derive(Template)]
#[template(path = "run.html")]
struct RunPage {
    frame: Frame,
    /// Why it ended early.
    error: Option<Trouble>,
    /// What operators may do about it.
    acts: Vec<Link>,
    /// Why nobody says how far it is.
    silent: Option<&'static str>,
    stages: TablePart,
    figures: Vec<Figure>,
    facts: Vec<Fact>,
    tables: Vec<TablePart>,
    /// Runs to compare it with.
    others: Vec<Link>,
    links: Vec<Link>,
}

/// `GET /runs/{run_id}`
async fn page(visit: Visit, Path(run_id): Path<String>) -> Response {
    visit.answer(made(&visit, &run_id).await).await
}

/// `GET /runs/{run_id}/run.json`, `GET /runs/{run_id}/export.csv`, `GET /runs/{run_id}/checks.csv`,
/// `GET /runs/{run_id}/seconds.svg`
async fn file(visit: Visit, Path((run_id, name)): Path<(String, String)>) -> Response {
    visit.download(downloaded(&visit, &run_id, &name).await).await
}

async fn made(visit: &Visit, run_id: &str) -> Result<String, PageError> {
    let seen = seen::find(visit, run_id).await?;
    let stages = stages(&seen);
    let title = visit.language.fill(Word::RunTitle, &[("run", &short(run_id))]);
    let mut frame = visit.frame_of_run(Some(run_id), title, Vec::new()).await;
    frame.refresh_secs = seen.is_at_work().then_some(LOOK_AGAIN_SECS);
    let page = RunPage {
        error: view::trouble(visit, &seen),
        acts: view::acts(visit, &seen),
        silent: view::silent(visit, &seen),
        stages: tables::stages(visit, &seen, &stages),
        figures: view::figures(visit, &stages),
        facts: facts::of(visit, &seen),
        tables: tables::of(visit, &seen, &stages),
        others: view::others(visit, &seen),
        links: view::links(visit, &seen),
        frame,
    };
    server::render(&page)
}

/// The stages, as the record or the worker has them.
fn stages(seen: &Seen) -> Vec<StageLine> {
    let before = seen.before.as_deref();
    match (&seen.record, seen.known_progress()) {
        (Some(record), _) => lines::of_record(&EndedRun::of(record).stages, seen.line.state == RunState::Done, before),
        (None, Some(progress)) => lines::of_progress(progress, &seen.work, before),
        (None, None) => Vec::new(),
    }
}

async fn downloaded(visit: &Visit, run_id: &str, name: &str) -> Result<Response, PageError> {
    let seen = seen::find(visit, run_id).await?;
    if name == RECORD {
        return record(visit, &seen).await;
    }
    let stages = stages(&seen);
    match File::of_name(name) {
        Some(File::Rows(kind)) => {
            let rows = lines::list(&stages).frame()?;
            export::rows(&rows, kind, visit.language, &download(visit, &seen, NAME)).await
        }
        Some(File::Picture(picture)) => {
            let figures = view::figures(visit, &stages);
            let found = figures.iter().find(|figure| figure.id == picture);
            let figure = found.ok_or(PageError::NotFound { what: "picture" })?;
            Ok(export::svg(figure.chart.file(), &download(visit, &seen, &format!("{NAME}-{picture}"))))
        }
        Some(File::Table(table, kind)) => {
            let (tables, figures) = (tables::of(visit, &seen, &stages), view::figures(visit, &stages));
            downloads::list(visit, (&tables, &figures), &table, kind, &download(visit, &seen, NAME)).await
        }
        None => Err(PageError::NotFound { what: "file" }),
    }
}

fn download<'a>(visit: &'a Visit, seen: &'a Seen, page: &'a str) -> Download<'a> {
    Download {
        page,
        as_of: seen.line.as_of.unwrap_or_else(|| Format::day_of(visit.now)),
        model: seen.line.model.as_deref().unwrap_or_default(),
        run: &seen.line.run_id,
        filter: format!("run={}", seen.line.run_id),
    }
}

/// The record, byte by byte.
async fn record(visit: &Visit, seen: &Seen) -> Result<Response, PageError> {
    let none = PageError::NotFound { what: "record" };
    if seen.record.is_none() {
        return Err(none);
    }
    let stored = visit.site.store().lake().get(&keys::run_record(&seen.line.run_id)).await.map_err(DataError::from)?;
    let (bytes, _) = stored.ok_or(none)?;
    let mut response = Body::from(bytes).into_response();
    let filter = format!("run={}", seen.line.run_id);
    response.extensions_mut().insert(AsItLies);
    response.extensions_mut().insert(Taken { file: RECORD.to_owned(), rows: 0, filter });
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
