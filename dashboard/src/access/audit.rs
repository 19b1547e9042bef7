//! Who did what: one line each for signing in, a download, an act of an operator, and one for every request. No line
//! holds a customer: a request is logged by the template of its route.

use axum::http::{Method, StatusCode};

use super::person::Person;

/// What somebody did that people may ask for later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done<'a> {
    /// Signed in with a token.
    SignedIn,
    /// Signed out.
    SignedOut,
    /// Took rows away.
    Downloaded {
        /// The file's name.
        file: &'a str,
        /// Its rows.
        rows: usize,
        /// Which rows: the filter, as whoever knows its words tells it, so that no value names a customer.
        filter: &'a str,
    },
    /// Started, decided, paused, cancelled or acknowledged something.
    Operated {
        /// The act: `approve`.
        act: &'a str,
        /// On what: a workflow's ID, a schedule, an alert.
        subject: &'a str,
        /// What came of it, in the words of who did it.
        outcome: Outcome<'a>,
    },
}

/// What came of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// It was done.
    Done(&'a str),
    /// It was refused.
    Refused(&'a str),
}

/// Writes it down.
pub fn record(person: &Person, done: Done<'_>) {
    let (person, role) = (person.name.as_str(), person.role.as_str());
    match done {
        Done::SignedIn => tracing::info!(target: "audit", person, role, "signed in"),
        Done::SignedOut => tracing::info!(target: "audit", person, role, "signed out"),
        Done::Downloaded { file, rows, filter } => {
            tracing::info!(target: "audit", person, role, file, rows, filter, "downloaded");
        }
        Done::Operated { act, subject, outcome: Outcome::Done(answer) } => {
            tracing::info!(target: "audit", person, role, act, subject, answer, "an operator acted");
        }
        Done::Operated { act, subject, outcome: Outcome::Refused(answer) } => {
            tracing::warn!(target: "audit", person, role, act, subject, answer, "an operator's act was refused");
        }
    }
}

/// Somebody gave a wrong token, or too many of them. What they called themselves is not repeated: it may be the token.
pub fn refused_sign_in(address: &str, why: &str) {
    tracing::warn!(target: "audit", address, why, "nobody was signed in");
}

/// An answer, for the log of requests.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// How it was asked for.
    pub method: &'a Method,
    /// The template of the route.
    pub route: &'a str,
    /// The status.
    pub status: StatusCode,
    /// How long it took to begin.
    pub millis: i64,
}

/// Writes it down; what asks for our health every few seconds is seen at DEBUG.
pub fn answered(answered: &Answered<'_>) {
    let Answered { method, route, status, millis } = *answered;
    let status = status.as_u16();
    if matches!(route, "/healthz" | "/readyz") {
        tracing::debug!(target: "access", %method, route, status, millis, "answered");
    } else {
        tracing::info!(target: "access", %method, route, status, millis, "answered");
    }
}
