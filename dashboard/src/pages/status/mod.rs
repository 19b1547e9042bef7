//! Pipeline status: did last night work, what runs now, what comes next?

mod figures;
mod found;
mod state;
#[cfg(test)]
mod tests;
mod times;
mod view;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use polars::df;
use polars::prelude::DataFrame;

use crate::data::{DataError, EndedRun};
use crate::export::{self, Download, Kind};
use crate::frame::{Banner, BannerLevel, Cards, Frame, Link, PageId, TablePart};
use crate::pages::Filters;
use crate::pages::run_line::Line;
use crate::server::{self, PageError, Site, Visit};
use crate::temporal::{Answer, Scheduled};
use crate::words::Word;

use self::found::{Counted, Found, Source};
use self::state::State;

pub use state::{FIELDS, MODES, OUTCOMES, TOKEN};
pub use view::state_word;

/// Runs are counted over so many days.
const DAYS: i64 = 30;
/// While a run is at work the page looks again after so many seconds.
const LOOK_AGAIN_SECS: u32 = 3;

/// The page and its files.
pub fn routes() -> Router<Site> {
    Router::new()
        .route("/runs", get(page))
        .route("/runs/export.csv", get(csv))
        .route("/runs/export.excel.csv", get(excel))
        .route("/runs/export.parquet", get(parquet))
}

/// The page.
#[derive(Template)]
#[template(path = "status.html")]
struct StatusPage {
    frame: Frame,
    /// What operators may start.
    acts: Vec<Link>,
    cards: Cards,
    filters: Filters,
    runs: TablePart,
    /// The newest runs, the next page.
    turn: Vec<Link>,
    schedules: TablePart,
}

/// Everything that the page says.
struct Status {
    found: Found,
    counted: Counted,
    /// The runs of the last days that have ended.
    ended: Vec<Arc<EndedRun>>,
    schedules: Answer<Vec<Scheduled>>,
}

/// `GET /runs`
async fn page(visit: Visit) -> Response {
    visit.answer(made(&visit).await).await
}

async fn csv(visit: Visit) -> Response {
    visit.download(downloaded(&visit, Kind::Csv).await).await
}

async fn excel(visit: Visit) -> Response {
    visit.download(downloaded(&visit, Kind::ExcelCsv).await).await
}

async fn parquet(visit: Visit) -> Response {
    visit.download(downloaded(&visit, Kind::Parquet).await).await
}

/// It needs no published results: whoever looks here may wait for the first ones.
async fn made(visit: &Visit) -> Result<String, PageError> {
    let mut reader = visit.reader();
    let state = State::read(&mut reader);
    let bad = reader.bad();
    let status = status(visit, &state).await?;
    let mut frame = visit.frame(PageId::Status, bad).await;
    frame.banners.extend(banner(visit, &status.found));
    frame.refresh_secs = status.found.is_at_work().then_some(LOOK_AGAIN_SECS);
    let page = StatusPage {
        acts: view::acts(visit),
        cards: view::cards(visit, &status),
        filters: view::filters(visit, &state),
        runs: view::runs(visit, &state, &status.found),
        turn: view::turn(visit, &state, &status.found),
        schedules: view::schedules(visit, &status.schedules),
        frame,
    };
    server::render(&page)
}

async fn status(visit: &Visit, state: &State) -> Result<Status, DataError> {
    let temporal = visit.site.temporal();
    let (found, lately, schedules) =
        tokio::join!(found::runs(visit, state), found::lately(visit, DAYS), temporal.schedules(visit.now));
    let (counted, ended) = lately?;
    Ok(Status { found: found?, counted, ended, schedules })
}

/// A link to a later page of the server's list counts for a while only.
fn banner(visit: &Visit, found: &Found) -> Option<Banner> {
    let starts_over = matches!(found.source, Source::Server { starts_over: true, .. });
    starts_over.then(|| Banner::new(BannerLevel::Info, visit.language.say(Word::StatusStartsOver)))
}

async fn downloaded(visit: &Visit, kind: Kind) -> Result<Response, PageError> {
    let state = State::read(&mut visit.reader());
    let rows = table(&found::all(visit, &state).await?)?;
    let download = Download {
        page: PageId::Status.name(),
        as_of: visit.now.date_naive(),
        model: "",
        person: &visit.person,
        filter: visit.filter_in_log(),
    };
    export::rows(&rows, kind, visit.language, &download).await
}

/// The runs as a file has them.
fn table(lines: &[Line]) -> Result<DataFrame, DataError> {
    let texts = |of: fn(&Line) -> Option<String>| lines.iter().map(of).collect::<Vec<_>>();
    let numbers = |of: fn(&Line) -> Option<f64>| lines.iter().map(of).collect::<Vec<_>>();
    let made = df!(
        "run_id" => texts(|line| Some(line.run_id.clone())),
        "workflow_id" => texts(|line| Some(line.workflow_id.clone())),
        "mode" => texts(|line| line.mode.clone()),
        "as_of" => texts(|line| line.as_of.map(|date| date.to_string())),
        "state" => texts(|line| Some(view::state_word(line.state).to_owned())),
        "outcome" => texts(|line| line.outcome.clone()),
        "started" => texts(|line| line.started.map(|started| started.to_rfc3339())),
        "seconds" => numbers(|line| line.seconds),
        "pr_auc" => numbers(|line| line.pr_auc),
        "drift" => texts(|line| line.drift.clone()),
        "model_version" => texts(|line| line.model.clone()),
    );
    made.map_err(DataError::table("list the runs"))
}
