//! Two runs side by side: what went in, by which settings and code, and what came out, differences alone by default.

mod fields;
#[cfg(test)]
mod tests;
mod told;
mod view;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use churn::drift::DriftReport;
use churn::model::{TierMoves, tiers_of};
use lake::documents::RunRecord;
use lake::keys;
use polars::prelude::DataFrame;
use protocol::TableRef;

use crate::data::{DataError, StoredRun, outputs_of_run};
use crate::frame::{Figure, Frame, Link, TablePart};
use crate::server::{self, PageError, Site, Visit};
use crate::words::{Said, Word};

use self::fields::Shown;
use self::told::Told;

/// The key that asks for everything, and its words.
pub const ALL: &str = "all";
/// Everything, or differences alone.
pub const ANSWERS: [&str; 2] = [YES, NO];
const YES: &str = "yes";
const NO: &str = "no";

/// The page and its picture.
pub fn routes() -> Router<Site> {
    Router::new()
        .route("/runs/{run_id}/compare/{other}", get(page))
        .route("/runs/{run_id}/compare/{other}/{file}", get(file))
}

/// The page.
#[derive(Template)]
#[template(path = "compare.html")]
struct ComparePage {
    frame: Frame,
    lead: String,
    /// What is wrong with a record that cannot be read.
    problem: Option<Said>,
    before: Link,
    after: Link,
    links: Vec<Link>,
    /// Why there are no tiers.
    note: Option<String>,
    figures: Vec<Figure>,
    parts: Vec<TablePart>,
}

/// Who is in which tier before and after; or the run that has no scores.
type Moved = Result<Arc<TierMoves>, String>;

/// `GET /runs/{run_id}/compare/{other}`: before, after
async fn page(visit: Visit, Path((before, after)): Path<(String, String)>) -> Response {
    visit.answer(made(&visit, &before, &after).await).await
}

/// `GET /runs/{run_id}/compare/{other}/moves.svg`, `GET .../export.csv`
async fn file(visit: Visit, Path((before, after, name)): Path<(String, String, String)>) -> Response {
    visit.download(downloaded(&visit, (&before, &after), &name).await).await
}

async fn made(visit: &Visit, before: &str, after: &str) -> Result<String, PageError> {
    let mut reader = visit.reader();
    let shown = reader.one_or(ALL, all, Shown::Differences, NO);
    let bad = reader.bad();
    let (before, after) = (record(visit, before).await?, record(visit, after).await?);
    let moved = moved(visit, &before, &after).await?;
    let told = [told(visit, &before).await?, told(visit, &after).await?];
    let title = visit.language.say(Word::CompareTitle).to_owned();
    let frame = visit.frame_of_run(None, title, bad).await;
    let (lead, problem, parts) = match fields::compared(&before, &after, shown) {
        Ok(compared) => (view::lead(visit, &compared), None, view::parts(visit, &compared, &told)),
        Err(problem) => {
            let problem = Said::english(visit.language, problem.to_string());
            (visit.language.say(Word::CompareUnreadable).to_owned(), Some(problem), Vec::new())
        }
    };
    let page = ComparePage {
        lead,
        problem,
        before: view::run(visit, &before),
        after: view::run(visit, &after),
        links: view::links(visit, &before, &after, shown),
        note: moved.as_ref().err().map(|run| view::no_scores(visit, run)),
        figures: moved.iter().map(|moves| view::moves(visit, moves)).collect(),
        parts,
        frame,
    };
    server::render(&page)
}

fn all(value: &str) -> Option<Shown> {
    match value {
        YES => Some(Shown::Everything),
        NO => Some(Shown::Differences),
        _ => None,
    }
}

async fn downloaded(visit: &Visit, (before, after): (&str, &str), name: &str) -> Result<Response, PageError> {
    let (before, after) = (record(visit, before).await?, record(visit, after).await?);
    let shown = visit.reader().one_or(ALL, all, Shown::Differences, NO);
    view::file(visit, name, (&before, &after), shown, moved(visit, &before, &after).await?).await
}

async fn record(visit: &Visit, run_id: &str) -> Result<StoredRun, DataError> {
    let found = visit.site.store().run(run_id, visit.now).await?;
    found.ok_or_else(|| DataError::UnknownRun { run: run_id.to_owned() })
}

/// What a run has on record in words, in the reader's language.
async fn told(visit: &Visit, record: &RunRecord) -> Result<Told, DataError> {
    let key = keys::drift_report(&record.run.run_id);
    let report = visit.torn().or_note(visit.site.store().document::<DriftReport>(&key, visit.now).await)?;
    Ok(Told::of(visit.format(), record, report.as_deref()))
}

/// The customers from tier to tier, counted once for two tables of scores.
async fn moved(visit: &Visit, before: &RunRecord, after: &RunRecord) -> Result<Moved, DataError> {
    let store = visit.site.store();
    let Some(was) = scores(visit, before).await? else { return Ok(Err(before.run.run_id.to_string())) };
    let Some(is) = scores(visit, after).await? else { return Ok(Err(after.run.run_id.to_string())) };
    // A damaged table is none, and a banner names it.
    let table_before = visit.torn().or_note(store.table(&was).await.map(Some))?;
    let Some(table_before) = table_before else { return Ok(Err(before.run.run_id.to_string())) };
    let table_after = visit.torn().or_note(store.table(&is).await.map(Some))?;
    let Some(table_after) = table_after else { return Ok(Err(after.run.run_id.to_string())) };
    let name = format!("tier moves since {}", was.digest);
    let moves = store.derive(&name, &is.digest, move || between(&table_before, &table_after)).await?;
    Ok(Ok(moves))
}

fn between(before: &DataFrame, after: &DataFrame) -> Result<TierMoves, DataError> {
    let tiers = |table: &DataFrame| tiers_of(table).map_err(lake::Error::from);
    Ok(TierMoves::between(&tiers(before)?, &tiers(after)?))
}

/// The scores of a run, where they are still there.
async fn scores(visit: &Visit, record: &RunRecord) -> Result<Option<TableRef>, DataError> {
    let store = visit.site.store();
    let Some(key) = outputs_of_run(record).remove("scores") else { return Ok(None) };
    if !store.is_there(&key).await? {
        return Ok(None);
    }
    visit.torn().or_note(store.reference(&key).await)
}
