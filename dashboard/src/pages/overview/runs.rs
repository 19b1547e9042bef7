//! The newest runs in a line each: as the server knows them, or, where it does not answer, as the lake does.

use chrono::{DateTime, Utc};
use lake::documents::RunLine;

use crate::data::moment;
use crate::frame::{Mark, RunState};
use crate::pages::names;
use crate::temporal::{self, ServerRun};
use crate::words::{Language, Word};

/// A run in a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The run.
    pub run_id: String,
    /// When it started.
    pub started: Option<DateTime<Utc>>,
    /// How long it took, or has taken so far, in seconds.
    pub seconds: Option<f64>,
    /// `train` or `score`.
    pub mode: Option<String>,
    /// How it stands.
    pub state: RunState,
    /// What became of it: the outcome, or the error.
    pub outcome: Option<String>,
}

impl Line {
    /// As the server knows it.
    pub fn of_server(run: &ServerRun, waiting: &[temporal::Waiting], now: DateTime<Utc>) -> Self {
        let waits = waiting.iter().any(|waiting| waiting.run_id == run.run_id);
        let state = match run.state {
            Some(temporal::RunState::Running) if waits => RunState::Waiting,
            Some(temporal::RunState::Running) | None => RunState::Running,
            Some(temporal::RunState::Completed | temporal::RunState::ContinuedAsNew) => RunState::Done,
            Some(_) => RunState::Failed,
        };
        Self {
            run_id: run.run_id.clone(),
            started: run.started,
            seconds: run.started.map(|started| seconds(started, run.ended.unwrap_or(now))),
            mode: run.mode.clone(),
            state,
            outcome: run.outcome.clone().filter(|_| state == RunState::Done),
        }
    }

    /// As the lake has it on record.
    pub fn of_record(line: &RunLine) -> Self {
        let (started, ended) = (moment(&line.started), line.ended.as_deref().and_then(moment));
        Self {
            run_id: line.run_id.to_string(),
            started,
            seconds: started.zip(ended).map(|(started, ended)| seconds(started, ended)),
            mode: line.mode.clone(),
            state: if line.state == "completed" { RunState::Done } else { RunState::Failed },
            outcome: line.outcome.clone().or_else(|| line.error.clone()),
        }
    }

    /// Sign and word of what became of it.
    pub fn mark(&self, language: Language) -> Mark {
        let mark = Mark::state(self.state, language);
        match self.outcome.as_deref() {
            Some(outcome) => mark.called(outcome_name(language, outcome)),
            None => mark,
        }
    }

    /// What it was for.
    pub fn mode_name(&self, language: Language) -> String {
        match self.mode.as_deref() {
            Some("train") => language.say(Word::OverviewTrain).to_owned(),
            Some("score") => language.say(Word::OverviewScore).to_owned(),
            Some(other) => other.to_owned(),
            None => String::new(),
        }
    }
}

/// The outcome of a run as readers say it; an error stands as it is.
fn outcome_name(language: Language, outcome: &str) -> String {
    let word = match outcome {
        "promoted" => Word::OverviewPromoted,
        "already_champion" => Word::OverviewAlreadyChampion,
        "rejected" => Word::OverviewRejected,
        "no_champion" => Word::OverviewNoChampion,
        "scored" => Word::OverviewScored,
        other => return names::word(language, other),
    };
    language.say(word).to_owned()
}

fn seconds(from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    (to - from).num_milliseconds() as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_run_says_what_became_of_it() {
        let line = |state: &str, outcome: Option<&str>, error: Option<&str>| -> Line {
            let line: RunLine = serde_json::from_value(json!({
                "run_id": "r1", "workflow_id": "w", "state": state, "outcome": outcome, "error": error, "mode": "train",
                "started": "2026-11-25T02:00:00.000Z", "ended": "2026-11-25T02:00:24.500Z",
            }))
            .unwrap();
            Line::of_record(&line)
        };
        let promoted = line("completed", Some("promoted"), None);
        assert_eq!((promoted.seconds, promoted.state), (Some(24.5), RunState::Done));
        assert_eq!(promoted.mark(Language::En).word, Language::En.say(Word::OverviewPromoted));
        let failed = line("failed", None, Some("SG0001 BadData"));
        assert_eq!(failed.mark(Language::Es).text(), "✕ SG0001 BadData");
        assert_eq!(failed.mode_name(Language::Es), Language::Es.say(Word::OverviewTrain));
    }
}
