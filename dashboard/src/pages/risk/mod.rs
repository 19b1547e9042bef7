//! Customer risk: who is at risk, and what is at stake?

mod columns;
mod state;
mod sums;
#[cfg(test)]
mod tests;
mod view;

use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use polars::prelude::DataFrame;

use crate::data::{DataError, Snapshot, blocking, cells};
use crate::frame::{Cards, Figure, Frame, PageId, TablePart};
use crate::pages::{File, Filters, downloads};
use crate::query::BadValue;
use crate::server::{self, PageError, Visit};

pub use columns::{Category, Columns, IN_TRAINING};
pub use state::{Contact, FIELDS, SORTED_BY, State, Training, leave_out_unknown, tier, tier_value};
pub use sums::Sums;
pub use view::tier_bars;

/// The page.
#[derive(Template)]
#[template(path = "risk.html")]
struct RiskPage {
    frame: Frame,
    cards: Cards,
    figures: Vec<Figure>,
    filters: Filters,
    table: TablePart,
    /// What the interval of a probability means.
    caption: String,
}

/// What the filters let through.
struct Filtered {
    scores: Arc<DataFrame>,
    columns: Arc<Columns>,
    passed: Arc<Passed>,
    /// The words of the filters that no customer has.
    unknown: Vec<BadValue>,
}

/// The customers that pass.
struct Passed {
    /// Positions in the scores, in the order of the table.
    rows: Vec<usize>,
    sums: Sums,
}

/// `GET /risk`
pub async fn page(visit: Visit) -> Response {
    visit.answer(made(&visit).await).await
}

/// `GET /risk/export.csv` and the like, `GET /risk/tiers.svg`
pub async fn file(visit: Visit, Path(name): Path<String>) -> Response {
    visit.download(downloaded(&visit, &name).await).await
}

async fn made(visit: &Visit) -> Result<String, PageError> {
    let snapshot = visit.snapshot()?;
    let mut reader = visit.reader();
    let mut state = State::read(&mut reader);
    let mut bad = reader.bad();
    let filtered = filter(snapshot, &mut state).await?;
    bad.extend_from_slice(&filtered.unknown);
    let range = state.paging.of(filtered.passed.rows.len());
    let shown = cells::rows_at(&filtered.scores, &filtered.passed.rows[range.start..range.end])?;
    let asked = view::Asked { visit, state: &state, threshold: threshold(snapshot).await? };
    let page = RiskPage {
        cards: view::cards(&asked, &filtered.passed.sums),
        figures: view::figures(&asked, &filtered.passed.sums),
        filters: view::filters(&asked, &filtered.columns),
        table: view::table(&asked, &shown, range)?,
        caption: view::caption(&asked),
        frame: visit.frame(PageId::Risk, bad).await,
    };
    server::render(&page)
}

async fn downloaded(visit: &Visit, name: &str) -> Result<Response, PageError> {
    let snapshot = visit.snapshot()?;
    let mut reader = visit.reader();
    let mut state = State::read(&mut reader);
    let mut bad = reader.bad();
    let filtered = filter(snapshot, &mut state).await?;
    bad.extend_from_slice(&filtered.unknown);
    downloads::understood(visit, &bad)?;
    match File::of_name(name) {
        Some(File::Rows(kind)) => {
            let rows = blocking("the picking of rows", move || cells::rows_at(&filtered.scores, &filtered.passed.rows))
                .await?;
            downloads::rows(visit, PageId::Risk, snapshot, &rows, kind).await
        }
        Some(File::Picture(picture)) => {
            let asked = view::Asked { visit, state: &state, threshold: threshold(snapshot).await? };
            downloads::chart(visit, PageId::Risk, snapshot, &view::figures(&asked, &filtered.passed.sums), &picture)
        }
        Some(File::Table(name, kind)) => {
            let asked = view::Asked { visit, state: &state, threshold: threshold(snapshot).await? };
            let figures = view::figures(&asked, &filtered.passed.sums);
            let download = downloads::of_results(visit, PageId::Risk, snapshot);
            downloads::list(visit, (&[], &figures), &name, kind, &download).await
        }
        None => Err(PageError::NotFound { what: "file" }),
    }
}

/// The columns once per scores, then the rows that pass, their sums and their order.
async fn filter(snapshot: &Snapshot, state: &mut State) -> Result<Filtered, DataError> {
    let scores = snapshot.scores().await?;
    let read = Arc::clone(&scores);
    let columns = snapshot.derive("risk columns", snapshot.scores_digest()?, move || Columns::of(&read)).await?;
    let unknown = state.leave_out_unknown(&columns);
    let (state, known) = (state.clone(), Arc::clone(&columns));
    let name = state.of_rows();
    let pass = snapshot.filtered(&name, snapshot.scores_digest()?, scores.height(), move || {
        let mut rows = state.rows(&known);
        let sums = Sums::of(&known, &rows);
        state.sort(&known, &mut rows);
        Ok(Passed { rows, sums })
    });
    Ok(Filtered { passed: pass.await?, scores, columns, unknown })
}

/// From this probability on the model flags a customer; none where its evaluation is not there.
async fn threshold(snapshot: &Snapshot) -> Result<Option<f64>, DataError> {
    Ok(snapshot.evaluation().await?.map(|evaluation| evaluation.summary.metrics.threshold))
}
