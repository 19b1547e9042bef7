//! Who did what: one line each for signing in, a download, an act of an operator, and one for every request. No line
//! holds a customer: a request is logged by the template of its route.

use axum::http::{Method, StatusCode};
use chrono::NaiveDate;

use super::person::Person;
use crate::pages::vocabulary;

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

/// Keys of numbers.
const NUMBERS: [&str; 7] = ["from", "to", "loss", "budget", "t", "page", "per"];
/// Keys of days.
const DAYS: [&str; 2] = ["from", "to"];
/// What stands for a name or a value that may be a customer's.
const HIDDEN: &str = "?";

/// A filter as it may stand in a log: its keys, and the values that are a number, a day or a word of ours. Whatever
/// else somebody wrote into the address may name a customer, whatever the key.
pub fn filter<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    filter_of(pairs, |_| false)
}

/// The same of a table whose columns are known: their names may stand in a log, too.
pub fn filter_of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>, is_column: impl Fn(&str) -> bool) -> String {
    let shown = |(key, value): (&'a str, &'a str)| {
        let name = if vocabulary::keys().any(|known| known == key) { key } else { HIDDEN };
        let names_a_column = || vocabulary::names_columns(key) && is_column(vocabulary::ordered_by(key, value));
        let value = if is_harmless(key, value) || names_a_column() { value } else { HIDDEN };
        format!("{name}={value}")
    };
    pairs.into_iter().map(shown).collect::<Vec<_>>().join(" ")
}

fn is_harmless(key: &str, value: &str) -> bool {
    let is_number = || value.parse::<f64>().is_ok_and(f64::is_finite);
    let is_day = || !value.contains(char::is_whitespace) && value.parse::<NaiveDate>().is_ok();
    (NUMBERS.contains(&key) && is_number()) || (DAYS.contains(&key) && is_day()) || vocabulary::knows(key, value)
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
        let all = "segment=SME sales_channel=Office province=28 sort=-churn_proba state=failed o1=ge per=all";
        let pairs: Vec<_> = all.split(' ').filter_map(|pair| pair.split_once('=')).collect();
        assert_eq!(filter(pairs), all);
    }

    #[test]
    fn the_columns_of_a_table_are_shown_where_they_are_known_and_no_value_of_theirs() {
        let (name, descending) = ("tenure_months", "-tenure_months");
        let pairs = [("col", name), ("c1", name), ("sort", descending), ("v1", name)];
        assert_eq!(filter(pairs), "col=? c1=? sort=-tenure_months v1=?");
        let known = filter_of(pairs, |column| column == name);
        assert_eq!(known, "col=tenure_months c1=tenure_months sort=-tenure_months v1=?");
    }

    #[test]
    fn a_customer_under_any_key_or_as_a_key_is_not_shown() {
        for key in vocabulary::keys() {
            for id in ["C00371", "c00371", "-C00371", "24011ae4ebbe3035"] {
                assert_eq!(filter_of([(key, id)], |name| name == "tenure_months"), format!("{key}=?"));
            }
        }
        assert_eq!(filter([("C00371", "1"), ("f\n1", "customer_id eq c1")]), "?=? ?=?");
        let pairs = [("segment", "SME\nINFO"), ("from", "2024\n-01-31"), ("loss", "inf"), ("segment", "12345")];
        assert_eq!(filter(pairs), "segment=? from=? loss=? segment=?");
    }
}
