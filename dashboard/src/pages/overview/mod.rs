//! Overview: what must I know in 30 seconds, and what is wrong?

mod before;
mod changes;
mod due;
#[cfg(test)]
mod tests;
mod trend;
mod view;

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use chrono::TimeDelta;
use churn::drift::DriftReport;
use churn::model::{CheckName, Evaluation};
use churn::recommend::ReasonTexts;
use lake::documents::RunLine;
use lake::keys;
use polars::prelude::DataFrame;
use protocol::RunId;

use self::before::Before;
use self::due::Due;
use self::trend::Trend;
use crate::data::{DataError, ListedAlert, Snapshot, Standing, cells, moment};
use crate::export::Kind;
use crate::frame::{Cards, Figure, Frame, Link, PageId, TablePart};
use crate::pages::risk::{Columns, Sums};
use crate::pages::run_line::Line;
use crate::pages::{File, downloads};
use crate::server::{self, PageError, Visit};
use crate::temporal::{Answer, Counts, RunFilter};

/// Completed runs are counted over so many days.
const DAYS: i64 = 30;
/// The tables show so many runs and alerts.
const LAST: usize = 5;
/// Of so many runs on record it is known that they have a page.
const ON_RECORD: usize = 100;
/// A trend shows so many published runs.
const TREND: usize = 20;

/// The page.
#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    frame: Frame,
    cards: Cards,
    /// The run that the changes on them are against.
    against: Option<Link>,
    figures: Vec<Figure>,
    trends: Vec<Figure>,
    today: TablePart,
    runs: TablePart,
    alerts: TablePart,
}

/// Everything that the page says.
struct Morning {
    /// The sums of all customers.
    sums: Sums,
    /// The offers that are due now.
    due: Due,
    /// The rows of the first of them.
    today: Today,
    /// How good the model is that scored.
    evaluation: Option<Arc<Evaluation>>,
    /// What the gate asks of PR-AUC, as the model's verdict has it.
    floor: Option<f64>,
    /// The drift report.
    drift: Option<Arc<DriftReport>>,
    /// The newest runs, whichever the page is pinned to.
    runs: Vec<Line>,
    /// The newest of them; of a pinned page its own run.
    last: Option<Line>,
    /// How many runs there were; or why that is not known.
    counts: Answer<Counts>,
    /// The newest alerts.
    alerts: Vec<ListedAlert>,
    /// The runs that have a page.
    on_record: BTreeSet<RunId>,
    /// The published runs, the newest first.
    trend: Trend,
    /// What is known of the one before that of the page; none where there is none.
    before: Option<Before>,
}

/// The customers who are called today.
struct Today {
    scores: DataFrame,
    recommendations: DataFrame,
    reasons: Option<Arc<ReasonTexts>>,
}

/// `GET /`
pub async fn page(visit: Visit) -> Response {
    visit.answer(made(&visit).await).await
}

/// `GET /overview/tiers.svg`, `GET /overview/export.csv`: today's calls, `GET /overview/runs.csv`
pub async fn file(visit: Visit, Path(name): Path<String>) -> Response {
    visit.download(downloaded(&visit, &name).await).await
}

async fn made(visit: &Visit) -> Result<String, PageError> {
    let snapshot = visit.snapshot()?;
    let morning = morning(visit, snapshot).await?;
    let page = OverviewPage {
        cards: view::cards(visit, snapshot, &morning),
        against: view::against(visit, &morning),
        figures: view::figures(visit, &morning),
        trends: view::trends(visit, &morning),
        today: view::today(visit, &morning)?,
        runs: view::runs(visit, snapshot, &morning),
        alerts: view::alerts(visit, snapshot, &morning),
        frame: visit.frame(PageId::Overview, Vec::new()).await,
    };
    server::render(&page)
}

async fn downloaded(visit: &Visit, name: &str) -> Result<Response, PageError> {
    let snapshot = visit.snapshot()?;
    let file = File::of_name(name);
    if let Some(File::Rows(kind)) = file {
        return calls(visit, snapshot, kind).await;
    }
    let morning = morning(visit, snapshot).await?;
    match file {
        Some(File::Picture(picture)) => {
            let figures = [view::figures(visit, &morning), view::trends(visit, &morning)].concat();
            downloads::chart(visit, PageId::Overview, snapshot, &figures, &picture)
        }
        Some(File::Table(table, kind)) => {
            let tables = [view::runs(visit, snapshot, &morning), view::alerts(visit, snapshot, &morning)];
            if tables.iter().any(|one| one.id == table) {
                let download = downloads::of_now(visit, PageId::Overview);
                return downloads::list(visit, (&tables, &[]), &table, kind, &download).await;
            }
            let figures = [view::figures(visit, &morning), view::trends(visit, &morning)].concat();
            let download = downloads::of_results(visit, PageId::Overview, snapshot);
            downloads::list(visit, (&[], &figures), &table, kind, &download).await
        }
        Some(File::Rows(_)) | None => Err(PageError::NotFound { what: "file" }),
    }
}

/// Today's calls as a file: whatever else of the page cannot be read takes nothing from them.
async fn calls(visit: &Visit, snapshot: &Snapshot, kind: Kind) -> Result<Response, PageError> {
    let (scores, recommendations) = (snapshot.scores().await?, snapshot.recommendations().await?);
    let due = due(snapshot, &scores, &recommendations).await?;
    let rows = cells::rows_at(&recommendations, &due.first)?;
    downloads::rows(visit, PageId::Overview, snapshot, &rows, kind).await
}

/// Looks at everything: what the server does not answer is left open, what the lake does not give is an error.
async fn morning(visit: &Visit, snapshot: &Snapshot) -> Result<Morning, DataError> {
    let (store, now) = (snapshot.store(), visit.now);
    let scores = snapshot.scores().await?;
    let recommendations = snapshot.recommendations().await?;
    let sums = sums(snapshot, &scores).await?;
    let due = due(snapshot, &scores, &recommendations).await?;
    let today = Today {
        scores: cells::rows_at(&scores, &due.first)?,
        recommendations: cells::rows_at(&recommendations, &due.first)?,
        reasons: snapshot.reasons().await?,
    };
    let published = store.published_runs(TREND, now, visit.torn()).await?;
    let losses = store.losses(&published, visit.torn()).await?;
    let on_record = store.newest_runs_if_readable(ON_RECORD, now, visit.torn()).await?;
    let is_unread = |run: &&RunLine| visit.torn().names(&keys::run_record(&run.run_id));
    let unread: Vec<_> = on_record.iter().filter(is_unread).filter_map(|run| moment(&run.started)).collect();
    let started = snapshot.started();
    let trend = Trend::of(published, losses, snapshot.run_id(), started).without(&unread, started);
    let before = match trend.before() {
        Some(point) => Some(Before::of(store, &point.run, now, visit.torn()).await?),
        None => None,
    };
    let since = (now - TimeDelta::days(DAYS)).date_naive();
    let runs = newest(visit).await?;
    let last = match snapshot.standing() {
        Standing::Current => runs.first().cloned(),
        Standing::Past => snapshot.record().await?.map(|record| Line::of_record(&RunLine::of(&record))),
    };
    Ok(Morning {
        sums: (*sums).clone(),
        due: (*due).clone(),
        today,
        evaluation: snapshot.evaluation().await?,
        floor: floor(snapshot).await?,
        drift: drift(snapshot).await?,
        runs,
        last,
        counts: visit.site.temporal().counts(since, now).await,
        alerts: store.newest_alerts(now, visit.torn()).await?.iter().take(LAST).cloned().collect(),
        on_record: on_record.iter().map(|run| run.run_id.clone()).collect(),
        trend,
        before,
    })
}

async fn sums(snapshot: &Snapshot, scores: &Arc<DataFrame>) -> Result<Arc<Sums>, DataError> {
    let (digest, read) = (snapshot.scores_digest()?, Arc::clone(scores));
    let columns = snapshot.derive("risk columns", digest, move || Columns::of(&read)).await?;
    let all = move || Ok(Sums::of(&columns, &(0..columns.rows()).collect::<Vec<_>>()));
    snapshot.derive("sums", digest, all).await
}

async fn due(
    snapshot: &Snapshot,
    scores: &Arc<DataFrame>,
    recommendations: &Arc<DataFrame>,
) -> Result<Arc<Due>, DataError> {
    let (name, digest) = (snapshot.with_scores("due")?, &snapshot.output("recommendations")?.digest);
    let (scores, recommendations) = (Arc::clone(scores), Arc::clone(recommendations));
    snapshot.derive(&name, digest, move || Due::of(&scores, &recommendations)).await
}

/// What the gate asked of the model's PR-AUC.
async fn floor(snapshot: &Snapshot) -> Result<Option<f64>, DataError> {
    let verdict = snapshot.verdict().await?;
    let mut checks = verdict.iter().flat_map(|verdict| &verdict.checks);
    Ok(checks.find(|check| check.name == CheckName::PrAucFloor).map(|check| check.limit))
}

/// The drift report; none where the run made none, or where it cannot be read.
async fn drift(snapshot: &Snapshot) -> Result<Option<Arc<DriftReport>>, DataError> {
    if snapshot.output("drift").is_err() {
        return Ok(None);
    }
    snapshot.torn().or_note(snapshot.drift().await.map(Some))
}

/// The newest runs, as whoever answers knows them.
async fn newest(visit: &Visit) -> Result<Vec<Line>, DataError> {
    let (temporal, now) = (visit.site.temporal(), visit.now);
    let asked = temporal.runs(&RunFilter::default(), None, LAST as u16, now).await;
    if let Answer::Known(page) = asked {
        let waiting = match temporal.approvals(now).await {
            Answer::Known(waiting) => waiting,
            Answer::Down { .. } | Answer::NoWorker => Vec::new(),
        };
        // A server that was started anew knows none of the runs on record.
        if !page.runs.is_empty() {
            return Ok(page.runs.iter().map(|run| Line::of_server(run, &waiting, now)).collect());
        }
    }
    let recorded = visit.site.store().newest_runs_if_readable(LAST, now, visit.torn()).await?;
    Ok(recorded.iter().map(Line::of_record).collect())
}
