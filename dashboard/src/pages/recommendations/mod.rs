//! Recommendations: which offers, in which order, within which budget?

mod budget;
mod columns;
mod policy;
mod state;
mod sums;
#[cfg(test)]
mod tests;
mod view;
mod worth;

use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use churn::recommend::{OffersReport, ReasonTexts};
use polars::prelude::DataFrame;

use self::budget::{Cut, Line};
use self::columns::Offers;
use self::state::State;
use self::sums::Sums;
use crate::data::{DataError, Snapshot, blocking, cells};
use crate::frame::{Cards, Figure, Frame, Link, PageId, TablePart};
use crate::pages::call_sheet::{Contributions, Known, Sheet, Sources};
use crate::pages::risk::Columns;
use crate::pages::{File, Filters, downloads};
use crate::query::{BadValue, Range};
use crate::server::{self, PageError, Visit};
use crate::words::Word;

pub use self::columns::WINDOWS;
pub use self::state::{FIELDS, SORTED_BY};

/// So many sheets are made at once: a page of the table, and of a longer one its begin.
const MOST_SHEETS: usize = 200;

/// The page.
#[derive(Template)]
#[template(path = "recommendations/page.html")]
struct RecommendationsPage {
    frame: Frame,
    filters: Filters,
    /// What the budget is enough for, in a sentence.
    budget: Option<String>,
    cards: Cards,
    figures: Vec<Figure>,
    table: TablePart,
    /// To the call sheets of these rows.
    sheets: Link,
    policy: TablePart,
    /// What the run says of its offers as a whole; nothing of runs from before that was said.
    worth: Option<worth::Part>,
}

/// The call sheets of a page of the table.
#[derive(Template)]
#[template(path = "recommendations/sheets.html")]
struct SheetsPage {
    frame: Frame,
    range: String,
    back: Link,
    sheets: Vec<Sheet>,
}

/// What the filters let through.
struct Filtered {
    offers: Arc<Offers>,
    recommendations: Arc<DataFrame>,
    texts: Option<Arc<ReasonTexts>>,
    report: Option<Arc<OffersReport>>,
    passed: Arc<Passed>,
    /// The words of the filters that no customer has.
    unknown: Vec<BadValue>,
    /// What the budget of the URL is enough for.
    cut: Option<Cut>,
}

/// The recommendations that pass.
struct Passed {
    /// Positions in the table, in its order on the page.
    rows: Vec<usize>,
    sums: Sums,
    line: Line,
}

/// `GET /recommendations`
pub async fn page(visit: Visit) -> Response {
    let page = made(&visit).await;
    visit.answer(page).await
}

/// `GET /recommendations/export.csv` and the like, `GET /recommendations/policy.csv`, `GET /recommendations/actions.svg`
pub async fn file(visit: Visit, Path(name): Path<String>) -> Response {
    let file = downloaded(&visit, &name).await;
    visit.download(file).await
}

/// `GET /recommendations/sheets`: a call sheet for every row of the page of the table.
pub async fn sheets(visit: Visit) -> Response {
    let page = sheets_made(&visit).await;
    visit.answer(page).await
}

async fn made(visit: &Visit) -> Result<String, PageError> {
    let snapshot = visit.snapshot()?;
    let mut reader = visit.reader();
    let mut state = State::read(&mut reader);
    let mut bad = reader.bad();
    let filtered = filter(snapshot, &mut state).await?;
    bad.extend_from_slice(&filtered.unknown);
    let range = state.paging.of(filtered.passed.rows.len());
    let asked = view::Asked { visit, state: &state, filtered: &filtered };
    let page = RecommendationsPage {
        filters: view::filters(&asked),
        budget: view::budget(&asked),
        cards: view::cards(&asked),
        figures: view::figures(&asked),
        table: view::table(&asked, range)?,
        sheets: view::sheets_link(&asked, sheets_of(range).len()),
        policy: policy_of(visit, snapshot).await?,
        worth: filtered.report.as_deref().map(|report| worth::part(visit, report)),
        frame: visit.frame(PageId::Recommendations, bad).await,
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
            let pick = move || cells::rows_at(&filtered.recommendations, &filtered.passed.rows);
            let rows = blocking("the picking of rows", pick).await?;
            downloads::rows(visit, PageId::Recommendations, snapshot, &rows, kind).await
        }
        Some(File::Picture(picture)) => {
            let asked = view::Asked { visit, state: &state, filtered: &filtered };
            downloads::chart(visit, PageId::Recommendations, snapshot, &view::figures(&asked), &picture)
        }
        Some(File::Table(table, kind)) => {
            let worth = filtered.report.as_deref().map(|report| worth::part(visit, report));
            let of_worth = worth.into_iter().flat_map(|part| [part.plans, part.rates]);
            let tables: Vec<_> = of_worth.chain([policy_of(visit, snapshot).await?]).collect();
            let figures = view::figures(&view::Asked { visit, state: &state, filtered: &filtered });
            let download = downloads::of_results(visit, PageId::Recommendations, snapshot);
            downloads::list(visit, (&tables, &figures), &table, kind, &download).await
        }
        None => Err(PageError::NotFound { what: "file" }),
    }
}

async fn sheets_made(visit: &Visit) -> Result<String, PageError> {
    let snapshot = visit.snapshot()?;
    let mut reader = visit.reader();
    let mut state = State::read(&mut reader);
    let mut bad = reader.bad();
    let filtered = filter(snapshot, &mut state).await?;
    bad.extend_from_slice(&filtered.unknown);
    let range = state.paging.of(filtered.passed.rows.len());
    let shown = sheets_of(range);
    let scores = snapshot.scores().await?;
    let contributions = visit.torn().or_note(Contributions::of(snapshot).await)?;
    let sheet = |row: usize| -> Result<Sheet, DataError> {
        let known = Known::of(&scores, &filtered.recommendations, row)?;
        let why = match &contributions {
            Some(contributions) => contributions.of_row(row)?,
            None => None,
        };
        let texts = filtered.texts.as_deref();
        Ok(Sheet::of(visit.format(), Sources { known: &known, why: why.as_ref(), texts }))
    };
    let made = filtered.passed.rows[shown.clone()].iter().map(|&row| sheet(row)).collect::<Result<Vec<_>, _>>()?;
    let title = visit.language.say(Word::OffersSheets).to_owned();
    let page = SheetsPage {
        range: view::range(visit.format(), &shown, range.total),
        back: Link::new(visit.language.say(Word::OffersBack), visit.query.at(PageId::Recommendations.path())),
        sheets: made,
        frame: visit.frame_of(Some(PageId::Recommendations), title, bad).await,
    };
    server::render(&page)
}

/// The rows of the page that get a sheet.
fn sheets_of(range: Range) -> std::ops::Range<usize> {
    range.start..range.end.min(range.start + MOST_SHEETS)
}

/// The columns once per recommendations, then the rows that pass, their sums, their order, and what the budget is for.
async fn filter(snapshot: &Snapshot, state: &mut State) -> Result<Filtered, DataError> {
    let (offers, recommendations) = (offers(snapshot).await?, snapshot.recommendations().await?);
    let unknown = state.leave_out_unknown(&offers);
    let (budget, state, known) = (state.budget, state.clone(), Arc::clone(&offers));
    let name = snapshot.with_scores(&state.of_rows())?;
    let digest = &snapshot.output("recommendations")?.digest;
    let pass = snapshot.filtered(&name, digest, recommendations.height(), move || {
        let mut rows = state.rows(&known);
        let (sums, line) = (Sums::of(&known, &rows), Line::of(&known, &rows));
        state.sort(&known, &mut rows);
        Ok(Passed { rows, sums, line })
    });
    let passed = pass.await?;
    let (texts, report) = (snapshot.reasons().await?, snapshot.offers().await?);
    let cut = budget.map(|budget| passed.line.cut(budget));
    Ok(Filtered { offers, recommendations, texts, report, passed, unknown, cut })
}

/// The recommendations of a run with the scores of the same customers.
async fn offers(snapshot: &Snapshot) -> Result<Arc<Offers>, DataError> {
    let (scores, recommendations) = (snapshot.scores().await?, snapshot.recommendations().await?);
    let read = Arc::clone(&scores);
    let columns = snapshot.derive("risk columns", snapshot.scores_digest()?, move || Columns::of(&read)).await?;
    let (name, digest) = (snapshot.with_scores("offers")?, &snapshot.output("recommendations")?.digest);
    snapshot.derive(&name, digest, move || Offers::of(&scores, columns, &recommendations)).await
}

/// The offer policy of the results, for a customer's page.
pub async fn policy_of(visit: &Visit, snapshot: &Snapshot) -> Result<TablePart, DataError> {
    let (offers, digest) = (offers(snapshot).await?, &snapshot.output("recommendations")?.digest);
    let name = snapshot.with_scores("offer policy")?;
    let of_tiers = snapshot.derive(&name, digest, move || Ok(policy::policy(&offers))).await?;
    Ok(view::policy(visit, &of_tiers))
}
