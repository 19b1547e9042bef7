//! The page about what is wrong: what was tried, on what, what to do, and what goes on.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use protocol::ErrorNumber;

use super::html::{html, render};
use super::visit::Asker;
use super::{PageError, Visit};
use crate::data::DataError;
use crate::frame::{Frame, Link, PageId};
use crate::temporal::{Answer, RunFilter, RunState};
use crate::words::{Language, Said, Word};

/// What is shown instead of a page.
#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    /// What it means for the reader.
    lead: String,
    /// The message, as the log has it.
    message: Said,
    /// The page of the error's number, in the repository.
    number: Option<String>,
    /// A command that helps.
    command: Option<&'static str>,
    /// How far a run is that will bring what is missing.
    at_work: Option<String>,
    /// What is left of a run whose files were deleted.
    left: Vec<String>,
    /// Where to go on.
    links: Vec<Link>,
}

/// The page about an error.
pub async fn of(visit: &Visit, error: &PageError) -> Response {
    page(visit, error, error.status()).await
}

/// Why there is no file: a page for a person, plain words for a program, which must not take a page for the file.
pub async fn no_file(visit: &Visit, error: &PageError) -> Response {
    let status = match error.status() {
        // A lake in which nothing is published yet is as it should be, and has no file of it.
        StatusCode::OK => StatusCode::NOT_FOUND,
        status => status,
    };
    match visit.asker {
        Asker::Browser => page(visit, error, status).await,
        Asker::Program => {
            note(error);
            let (title, _) = words(error);
            (status, format!("{}\n{error}\n", visit.language.say(title))).into_response()
        }
    }
}

async fn page(visit: &Visit, error: &PageError, status: StatusCode) -> Response {
    note(error);
    let (title, lead) = words(error);
    let frame = visit.frame_of(None, visit.language.say(title).to_owned(), Vec::new()).await;
    let page = ErrorPage {
        lead: visit.language.say(lead).to_owned(),
        message: message(visit.language, error),
        number: error.number().map(ErrorNumber::page),
        command: command(error),
        at_work: at_work(visit, error).await,
        left: left(error),
        links: links(visit),
        frame,
    };
    match render(&page) {
        Ok(text) => html(status, text),
        // Not even this template can be filled: the words alone.
        Err(broken) => html(broken.status(), format!("{}\n", Language::En.say(Word::ErrorBrokenLead))),
    }
}

fn note(error: &PageError) {
    if error.is_trouble() {
        tracing::error!(%error, "a page of the dashboard cannot be shown");
    }
}

/// Title and first sentence.
fn words(error: &PageError) -> (Word, Word) {
    match error {
        PageError::NotFound { .. } => (Word::ErrorNotFoundTitle, Word::ErrorNotFoundLead),
        PageError::Refused { .. } => (Word::ErrorRefusedTitle, Word::ErrorRefusedLead),
        PageError::Temporal { .. } => (Word::ErrorTemporalTitle, Word::ErrorTemporalLead),
        PageError::Data(DataError::NothingPublished { .. }) => (Word::ErrorEmptyTitle, Word::ErrorEmptyLead),
        PageError::Data(DataError::UnknownRun { .. }) => (Word::ErrorUnknownRunTitle, Word::ErrorUnknownRunLead),
        PageError::Data(DataError::NotMade { .. }) => (Word::ErrorNotMadeTitle, Word::ErrorNotMadeLead),
        PageError::Data(DataError::Gone { .. }) => (Word::ErrorGoneTitle, Word::ErrorGoneLead),
        PageError::Data(DataError::LakeGone { .. }) => (Word::ErrorLakeGoneTitle, Word::ErrorLakeGoneLead),
        PageError::Data(DataError::Lake(_)) => (Word::ErrorLakeTitle, Word::ErrorLakeLead),
        PageError::Data(DataError::Table { .. } | DataError::TaskLost { .. }) | PageError::Broken { .. } => {
            (Word::ErrorBrokenTitle, Word::ErrorBrokenLead)
        }
    }
}

/// What was tried and what came of it; only what a form is refused for is in the reader's language.
fn message(language: Language, error: &PageError) -> Said {
    match error {
        PageError::Refused { problem } => problem.as_str().into(),
        error => Said::english(language, error.to_string()),
    }
}

fn command(error: &PageError) -> Option<&'static str> {
    match error {
        PageError::Data(DataError::NothingPublished { .. }) => Some("spanishgas run --mode train"),
        PageError::Data(DataError::UnknownRun { .. }) => Some("spanishgas runs"),
        _ => None,
    }
}

/// Where nothing is published yet, the run that may bring it.
async fn at_work(visit: &Visit, error: &PageError) -> Option<String> {
    if !matches!(error, PageError::Data(DataError::NothingPublished { .. })) {
        return None;
    }
    let (temporal, now) = (visit.site.temporal(), visit.now);
    let running = RunFilter { state: Some(RunState::Running), ..RunFilter::default() };
    let runs = temporal.runs(&running, None, 1, now).await;
    let run = runs.known()?.runs.first()?;
    let progress = temporal.progress(&run.workflow_id, Some(&run.run_id), now).await;
    let said = match &progress {
        Answer::Known(progress) => {
            let percent = visit.format().percent(f64::from(progress.percent) / 100.0);
            visit.language.fill(Word::ErrorAtWork, &[("stage", &progress.stage), ("percent", &percent)])
        }
        Answer::Down { .. } | Answer::NoWorker => visit.language.say(Word::ErrorAtWorkSilent).to_owned(),
    };
    Some(said)
}

fn left(error: &PageError) -> Vec<String> {
    match error {
        PageError::Data(DataError::Gone { left, .. }) => left.clone(),
        _ => Vec::new(),
    }
}

/// The overview and the runs, of now: whatever the address is pinned to may be what is wrong.
fn links(visit: &Visit) -> Vec<Link> {
    let pages = [PageId::Overview, PageId::Status];
    pages.map(|page| Link::new(visit.language.say(page.word()), page.path())).into()
}
