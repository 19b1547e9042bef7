//! What the URL of the page says: which runs, from where on.

use chrono::{Datelike, NaiveDate};
use lake::documents::RunLine;
use protocol::pipeline::{Mode, Outcome};

use crate::data::moment;
use crate::query::{Paging, Query, Reader};
use crate::temporal::{RunFilter, RunState};

/// The keys of the form's fields.
pub const FIELDS: [&str; 5] = ["state", "mode", "outcome", "from", "to"];
/// The key of the server's word for the next page.
pub const TOKEN: &str = "token";
/// A page of the server's list has so many runs.
pub const PER_PAGE: u16 = 50;

/// The modes, as the form has them.
pub const MODES: [Mode; 2] = [Mode::Train, Mode::Score];
/// The outcomes, as the form has them.
pub const OUTCOMES: [Outcome; 5] =
    [Outcome::Promoted, Outcome::AlreadyChampion, Outcome::Rejected, Outcome::NoChampion, Outcome::Scored];
/// Who runs a pipeline in other years is mistaken.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2999;

/// The state of the page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// Which runs.
    pub filter: RunFilter,
    /// What the page before said the next one is asked with.
    pub token: Option<String>,
    /// The page of the lake's list, where the server does not answer.
    pub paging: Paging,
}

impl State {
    /// Reads it.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let outcome = |value: &str| OUTCOMES.into_iter().find(|outcome| outcome.as_str() == value);
        Self {
            filter: RunFilter {
                state: reader.one("state", RunState::of_word),
                mode: reader.one("mode", |value| MODES.into_iter().find(|mode| mode.as_str() == value)),
                outcome: reader.one("outcome", outcome),
                from: reader.one("from", date),
                to: reader.one("to", date),
            },
            token: reader.one(TOKEN, |value| Some(value.to_owned())),
            paging: Paging::read(reader),
        }
    }

    /// Whether it is the page that one sees first.
    pub fn is_everything(&self) -> bool {
        self.filter == RunFilter::default() && self.token.is_none()
    }
}

fn date(value: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(value, "%Y-%m-%d").ok().filter(|date| YEARS.contains(&date.year()))
}

/// The page of the newest runs with the same filters.
pub fn newest(query: &Query) -> Query {
    query.except(&[TOKEN, crate::query::PAGE])
}

/// Whether a run on record is one of those that are asked for, by the rules of the server.
pub fn matches(filter: &RunFilter, line: &RunLine) -> bool {
    let day = moment(&line.started).map(|started| started.date_naive());
    // Records tell `cancelled`, `failed` and `completed`; what a newer version says is in no state.
    filter.state.is_none_or(|state| RunState::of_word(&line.state) == Some(state))
        && filter.mode.is_none_or(|mode| line.mode.as_deref() == Some(mode.as_str()))
        && filter.outcome.is_none_or(|outcome| line.outcome.as_deref() == Some(outcome.as_str()))
        && filter.from.is_none_or(|from| day.is_some_and(|day| day >= from))
        && filter.to.is_none_or(|to| day.is_some_and(|day| day <= to))
}
