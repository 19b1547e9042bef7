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

use crate::data::{DataError, EndedRun};
use crate::export::{self, Kind};
use crate::frame::{Banner, BannerLevel, Cards, Frame, Link, PageId, TablePart};
use crate::pages::{Filters, downloads, run_line};
use crate::server::{self, PageError, Site, Visit};
use crate::temporal::{Answer, Scheduled};
use crate::words::Word;

use self::found::{Counted, Found, Source};
use self::state::State;

pub use state::{FIELDS, MODES, OUTCOMES, TOKEN};

/// Runs are counted over so many days.
const DAYS: i64 = 30;
/// While a run is at work the page looks again after so many seconds.
const LOOK_AGAIN_SECS: u32 = 3;

/// The page and its files.
pub fn routes() -> Router<Site> {
    // Beside `/runs/{run_id}` every file has a route of its own.
    Kind::ALL.into_iter().fold(Router::new().route("/runs", get(page)), |router, kind| {
        let file = |name: &str| format!("/runs/{name}.{}", kind.extension());
        router
            .route(&file("export"), get(move |visit: Visit| runs_file(visit, kind)))
            .route(&file(view::SCHEDULES), get(move |visit: Visit| schedules_file(visit, kind)))
    })
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

/// `GET /runs/export.csv`
async fn runs_file(visit: Visit, kind: Kind) -> Response {
    visit.download(runs_listed(&visit, kind).await).await
}

/// `GET /runs/schedules.csv`
async fn schedules_file(visit: Visit, kind: Kind) -> Response {
    visit.download(schedules_listed(&visit, kind).await).await
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

async fn runs_listed(visit: &Visit, kind: Kind) -> Result<Response, PageError> {
    let state = State::read(&mut visit.reader());
    let runs = run_line::list(&found::all(visit, &state).await?).frame()?;
    export::rows(&runs, kind, visit.language, &downloads::of_now(visit, PageId::Status)).await
}

async fn schedules_listed(visit: &Visit, kind: Kind) -> Result<Response, PageError> {
    let known = visit.site.temporal().schedules(visit.now).await;
    let tables = [view::schedules(visit, &known)];
    downloads::list(visit, (&tables, &[]), view::SCHEDULES, kind, &downloads::of_now(visit, PageId::Status)).await
}
