//! Who did what: one line each for signing in, a download, an act of an operator, and one for every request. No line
//! holds a customer: a request is logged by the template of its route.

use axum::http::{Method, StatusCode};
use chrono::NaiveDate;

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
        /// Which rows: the filter, by [`filter`], so that no value names a customer.
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

/// Keys that pages know; the name of another one may be anything.
const KEYS: [&str; 31] = [
    "tier",
    "segment",
    "renewal_bucket",
    "customer_intent",
    "sentiment_label",
    "province",
    "sales_channel",
    "action",
    "timing",
    "reason",
    "has_interaction",
    "in_training",
    "from",
    "to",
    "loss",
    "budget",
    "t",
    "sort",
    "page",
    "per",
    "layer",
    "table",
    "col",
    "state",
    "mode",
    "outcome",
    "run",
    "version",
    "lang",
    "theme",
    "q",
];
/// Keys of numbers.
const NUMBERS: [&str; 7] = ["from", "to", "loss", "budget", "t", "page", "per"];
/// Keys of days.
const DAYS: [&str; 2] = ["from", "to"];
/// Keys of which every value is one of our own words, and these words.
const WORDS: [(&str, &[&str]); 4] = [
    ("tier", &["low", "medium", "high", "critical"]),
    ("has_interaction", &["yes", "no"]),
    ("lang", &["en", "es"]),
    ("theme", &["light", "dark"]),
];
/// What stands for a name or a value that may be a customer's.
const HIDDEN: &str = "?";

/// A filter as it may stand in a log: its keys, and the values that are a number, a day or a word of ours. Whatever
/// else somebody wrote into the address may name a customer, whatever the key.
pub fn filter<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let shown = |(key, value): (&'a str, &'a str)| {
        let name = if KEYS.contains(&key) { key } else { HIDDEN };
        let value = if is_harmless(key, value) { value } else { HIDDEN };
        format!("{name}={value}")
    };
    pairs.into_iter().map(shown).collect::<Vec<_>>().join(" ")
}

fn is_harmless(key: &str, value: &str) -> bool {
    let is_number = || value.parse::<f64>().is_ok_and(f64::is_finite);
    let is_day = || !value.contains(char::is_whitespace) && value.parse::<NaiveDate>().is_ok();
    let is_word = || WORDS.iter().any(|(of, words)| *of == key && words.contains(&value));
    (NUMBERS.contains(&key) && is_number()) || (DAYS.contains(&key) && is_day()) || is_word()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_shows_words_of_ours_and_no_customer() {
        let pairs = [("tier", "critical"), ("tier", "high"), ("q", "24011ae4ebbe3035"), ("loss", "10.5")];
        assert_eq!(filter(pairs), "tier=critical tier=high q=? loss=10.5");
        assert_eq!(filter([("from", "2024-01-31"), ("to", "0.5"), ("lang", "es")]), "from=2024-01-31 to=0.5 lang=es");
        assert_eq!(filter([]), "");
    }

    #[test]
    fn a_customer_under_any_key_or_as_a_key_is_not_shown() {
        for key in KEYS {
            assert_eq!(filter([(key, "C00371")]), format!("{key}=?"));
        }
        assert_eq!(filter([("C00371", "1"), ("f\n1", "customer_id eq c1")]), "?=? ?=?");
        let pairs = [("segment", "SME\nINFO"), ("from", "2024\n-01-31"), ("loss", "inf"), ("segment", "12345")];
        assert_eq!(filter(pairs), "segment=? from=? loss=? segment=?");
    }
}
