//! Customer lookup: what do I say to this customer on the phone?

mod call;
mod months;
mod search;
#[cfg(test)]
mod tests;
mod view;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path};
use axum::http::StatusCode;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use axum::response::{IntoResponse, Response};
use polars::prelude::DataFrame;

use self::call::Call;
use self::search::{FIELD, Found, Lookup, MOST, Search};
use self::view::Pictures;
use crate::data::{DataError, Snapshot, cells};
use crate::frame::{Cards, Frame, PageId, TablePart};
use crate::link::{self, Hits, Token};
use crate::pages::call_sheet::{self, Fact, Sheet, Told};
use crate::pages::{File, customers, downloads, recommendations};
use crate::server::{self, PageError, Visit};
use crate::words::Word;

/// What the script of a page asks for while somebody types.
const JSON: &str = "application/json";

/// The page of a customer.
#[derive(Template)]
#[template(path = "customer/page.html")]
struct CustomerPage {
    frame: Frame,
    /// The ID, for the list of the last customers in this tab.
    id: String,
    cards: Cards,
    pictures: Pictures,
    steps: Vec<String>,
    reasons: Vec<Told>,
    profile: Vec<Fact>,
    months: Option<TablePart>,
    /// Why what moves the risk, or the months, are not there.
    no_why: &'static str,
    no_months: &'static str,
    policy: TablePart,
    /// What only the printer sees.
    sheet: Sheet,
}

/// `GET /customers`
pub async fn lookup(visit: Visit) -> Response {
    let page = asked(&visit).await;
    visit.answer(page).await
}

/// `POST /customers`: to the customer, or to those who may be meant.
pub async fn search(visit: Visit, headers: HeaderMap, Form(form): Form<Vec<(String, String)>>) -> Response {
    let typed = form.into_iter().find(|(key, _)| key == FIELD).map(|(_, typed)| typed).unwrap_or_default();
    let is_typing = headers.get(ACCEPT).is_some_and(|accepted| accepted.as_bytes() == JSON.as_bytes());
    if is_typing {
        return completed(&visit, &typed).await;
    }
    match found(&visit, &typed).await {
        Ok(response) => response,
        Err(error) => visit.answer(Err(error)).await,
    }
}

/// `GET /customers/{token}`
pub async fn page(visit: Visit, Path(token): Path<String>) -> Response {
    let page = made(&visit, &token).await;
    visit.answer(page).await
}

/// `GET /customers/{token}/why.svg`, `GET /customers/{token}/months.csv`
pub async fn file(visit: Visit, Path((token, name)): Path<(String, String)>) -> Response {
    let file = downloaded(&visit, &token, &name).await;
    visit.download(file).await
}

async fn asked(visit: &Visit) -> Result<String, PageError> {
    // Where there is nobody to find, the page says why.
    visit.snapshot()?;
    let frame = visit.frame(PageId::Lookup, Vec::new()).await;
    server::render(&Lookup { frame, search: Search::new(visit, ""), found: Found::default() })
}

async fn found(visit: &Visit, typed: &str) -> Result<Response, PageError> {
    let ids = ids(visit.snapshot()?).await?;
    let sorted: Vec<&str> = ids.iter().map(String::as_str).collect();
    let found = match link::search(&sorted, typed, MOST) {
        Hits::One(id) => return Ok(to(visit, id)),
        hits => Found::of(visit, &hits),
    };
    let frame = visit.frame(PageId::Lookup, Vec::new()).await;
    let page = server::render(&Lookup { frame, search: Search::new(visit, typed), found });
    Ok(visit.answer(page).await)
}

/// The answer that leads to a customer's page, of the same run and in the same language.
fn to(visit: &Visit, id: &str) -> Response {
    let token = visit.site.link_key().token(id);
    let href = visit.customer_of(token);
    link::go(token, href.split_once('?').map_or("", |(_, query)| query))
}

/// The IDs that begin so, as JSON; no ID where there is nothing to look in.
async fn completed(visit: &Visit, typed: &str) -> Response {
    let (status, ids) = match visit.snapshot() {
        Ok(snapshot) => match ids(snapshot).await {
            Ok(ids) => (StatusCode::OK, ids),
            Err(error) => (PageError::from(error).status(), Arc::default()),
        },
        Err(error) => (error.status(), Arc::default()),
    };
    let sorted: Vec<&str> = ids.iter().map(String::as_str).collect();
    let begins = search::completed(&link::search(&sorted, typed, MOST));
    (status, [(CONTENT_TYPE, JSON)], serde_json::json!(begins).to_string()).into_response()
}

/// The IDs of all customers in their order; made once per scores.
async fn ids(snapshot: &Snapshot) -> Result<Arc<Vec<String>>, DataError> {
    let scores = snapshot.scores().await?;
    snapshot.derive("sorted ids", snapshot.scores_digest()?, move || sorted_ids(&scores)).await
}

fn sorted_ids(scores: &DataFrame) -> Result<Vec<String>, DataError> {
    let mut ids: Vec<String> = cells::texts(scores, "customer_id")?.into_iter().flatten().map(str::to_owned).collect();
    ids.sort_unstable();
    Ok(ids)
}

async fn made(visit: &Visit, token: &str) -> Result<String, PageError> {
    let snapshot = visit.snapshot()?;
    let call = call(visit, snapshot, token).await?;
    let (format, sources) = (visit.format(), call.sources());
    let title = visit.language.fill(Word::CustomerTitle, &[("id", &call.known.id)]);
    let page = CustomerPage {
        id: call.known.id.clone(),
        cards: view::cards(visit, &call),
        pictures: view::pictures(visit, &call),
        steps: call_sheet::steps(format, sources),
        reasons: call_sheet::reasons(format, sources),
        profile: call_sheet::profile(format, &call.known),
        months: call.months.as_ref().map(|months| view::months(visit, &call.known.id, months)),
        no_why: visit.language.say(call.no_why),
        no_months: visit.language.say(call.no_months),
        policy: recommendations::policy_of(visit, snapshot).await?,
        sheet: Sheet::of(format, sources),
        frame: visit.frame_of(Some(PageId::Lookup), title, Vec::new()).await,
    };
    server::render(&page)
}

async fn downloaded(visit: &Visit, token: &str, name: &str) -> Result<Response, PageError> {
    let snapshot = visit.snapshot()?;
    let Some(file) = File::of_name(name) else { return Err(PageError::NotFound { what: "file" }) };
    let call = call(visit, snapshot, token).await?;
    match file {
        File::Picture(picture) => {
            downloads::chart(visit, PageId::Lookup, snapshot, &view::pictures(visit, &call).all(), &picture)
        }
        File::Table(table, kind) => {
            let months = call.months.as_ref().map(|months| view::months(visit, &call.known.id, months));
            let download = downloads::of_results(visit, PageId::Lookup, snapshot);
            let figures = view::pictures(visit, &call).all();
            downloads::list(visit, (months.as_slice(), &figures), &table, kind, &download).await
        }
        File::Rows(_) => Err(PageError::NotFound { what: "table" }),
    }
}

/// Everything of the customer of a link; a link to nobody leads nowhere.
async fn call(visit: &Visit, snapshot: &Snapshot, token: &str) -> Result<Call, PageError> {
    let nobody = PageError::NotFound { what: "customer" };
    let Some(token) = Token::parse(token) else { return Err(nobody) };
    let directory = customers::directory(visit, snapshot).await?;
    let Some(row) = directory.get(&token) else { return Err(nobody) };
    Ok(Call::of(visit, snapshot, token, *row).await?)
}
