//! Runs in a line each: as the server knows them, or, where it does not answer, as the lake does.

use chrono::{DateTime, NaiveDate, Utc};
use churn::SnapshotDate;
use lake::documents::RunLine;

use crate::data::moment;
use crate::export::{List, iso};
use crate::frame::{Mark, RunState};
use crate::pages::names;
use crate::temporal::{self, ServerRun};
use crate::words::{Language, Word};

/// So many characters of an ID are shown in a line.
const SHORT: usize = 8;

/// A run in a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The run.
    pub run_id: String,
    /// Its workflow.
    pub workflow_id: String,
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
    /// The date it looks from.
    pub as_of: Option<NaiveDate>,
    /// The stages that were at work when one last began; nothing of a run that has ended.
    pub stage: Option<String>,
    /// The PR-AUC of the model that it is about.
    pub pr_auc: Option<f64>,
    /// The drift level, as a word of the data.
    pub drift: Option<String>,
    /// The version of the model that it is about.
    pub model: Option<String>,
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
            workflow_id: run.workflow_id.clone(),
            started: run.started,
            seconds: run.started.map(|started| seconds(started, run.ended.unwrap_or(now))),
            mode: run.mode.clone(),
            state,
            outcome: match run.state {
                Some(
                    end @ (temporal::RunState::Cancelled
                    | temporal::RunState::Terminated
                    | temporal::RunState::TimedOut),
                ) => Some(end.as_str().to_owned()),
                _ => run.outcome.clone().filter(|_| state == RunState::Done),
            },
            as_of: run.as_of,
            stage: run.stage.clone().filter(|_| matches!(state, RunState::Running | RunState::Waiting)),
            pr_auc: run.pr_auc,
            drift: run.drift.clone(),
            model: run.model_version.clone(),
        }
    }

    /// As the lake has it on record.
    pub fn of_record(line: &RunLine) -> Self {
        let (started, ended) = (moment(&line.started), line.ended.as_deref().and_then(moment));
        Self {
            run_id: line.run_id.to_string(),
            workflow_id: line.workflow_id.to_string(),
            started,
            seconds: started.zip(ended).map(|(started, ended)| seconds(started, ended)),
            mode: line.mode.clone(),
            state: if line.state == "completed" { RunState::Done } else { RunState::Failed },
            outcome: line.outcome.clone().or_else(|| line.error.clone()),
            as_of: line.as_of.map(SnapshotDate::date),
            stage: None,
            pr_auc: line.pr_auc,
            // The index does not have it; the record has.
            drift: None,
            model: line.model_version.as_ref().map(ToString::to_string),
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
        self.mode.as_deref().map(|mode| mode_name(language, mode)).unwrap_or_default()
    }

    /// The end of its ID: `…9fe3a1b2`. The beginning is the time, the same for all runs of a morning.
    pub fn short(&self) -> String {
        short(&self.run_id)
    }
}

/// The runs as a file has them.
pub fn list(lines: &[Line]) -> List {
    List::of(lines)
        .text("run_id", |line| line.run_id.clone())
        .text("workflow_id", |line| line.workflow_id.clone())
        .text("mode", |line| line.mode.clone())
        .text("as_of", |line| line.as_of.map(|date| date.to_string()))
        .text("state", |line| line.state.as_str().to_owned())
        .text("outcome", |line| line.outcome.clone())
        .text("started", |line| line.started.map(iso))
        .number("seconds", |line| line.seconds)
        .number("pr_auc", |line| line.pr_auc)
        .text("drift", |line| line.drift.clone())
        .text("model_version", |line| line.model.clone())
        .into()
}

/// The end of an ID of a run.
pub fn short(run_id: &str) -> String {
    let length = run_id.chars().count();
    if length <= SHORT {
        run_id.to_owned()
    } else {
        format!("…{}", run_id.chars().skip(length - SHORT).collect::<String>())
    }
}

/// What a run is for, as readers say it.
pub fn mode_name(language: Language, mode: &str) -> String {
    match mode {
        "train" => language.say(Word::OverviewTrain).to_owned(),
        "score" => language.say(Word::OverviewScore).to_owned(),
        other => other.to_owned(),
    }
}

/// The outcome of a run as readers say it; an error stands as it is.
pub fn outcome_name(language: Language, outcome: &str) -> String {
    let word = match outcome {
        "promoted" => Word::OverviewPromoted,
        "already_champion" => Word::OverviewAlreadyChampion,
        "rejected" => Word::OverviewRejected,
        "no_champion" => Word::OverviewNoChampion,
        "scored" => Word::OverviewScored,
        "cancelled" => Word::StatusCancelled,
        "terminated" => Word::StatusTerminated,
        "timed_out" => Word::StatusTimedOut,
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
        assert_eq!(
            (failed.short().as_str(), short("01a214f3-f7d3-7616-b0a6-de8413cca5cb").as_str()),
            ("r1", "…13cca5cb")
        );
    }
}
