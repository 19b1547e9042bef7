//! What runs wrote into their records in English words of ours, in the reader's language: notes of the gate, why the
//! drift is as serious as it is, states. What people and programs said stays as it is, marked as English.

use std::collections::BTreeMap;

use churn::drift::{DriftLevel, DriftReport};
use churn::model::Check;
use lake::documents::RunRecord;

use crate::format::Format;
use crate::frame::Mark;
use crate::pages::run_line::{mode_name, outcome_name};
use crate::pages::{checks, drift};
use crate::words::{Said, Word};

/// The words of one record, by part and name of a field.
#[derive(Debug, Default)]
pub struct Told(BTreeMap<(&'static str, String), Said>);

impl Told {
    /// Of a record; its drift report tells the reason in another language.
    pub fn of(format: Format, record: &RunRecord, report: Option<&DriftReport>) -> Self {
        let (language, result) = (format.0, &record.result);
        let mut told = Self::default();
        for found in result["verdict"]["checks"].as_array().into_iter().flatten() {
            let Ok(check) = serde_json::from_value::<Check>(found.clone()) else { continue };
            told.add("checks", format!("{}.note", check.name.as_str()), checks::note(format, &check));
        }
        if let Some(reason) = result["drift"]["reason"].as_str() {
            told.add("drift", "reason", drift::recorded_reason(language, report, reason));
        }
        if let Ok(level) = serde_json::from_value::<DriftLevel>(result["drift"]["level"].clone()) {
            told.add("drift", "level", Mark::drift(level, language).text());
        }
        if let Some(outcome) = result["outcome"].as_str() {
            told.add("outcome", "outcome", outcome_name(language, outcome));
        }
        if let Some(state) = result["state"].as_str().and_then(state) {
            told.add("outcome", "state", language.say(state));
        }
        if let Some(message) = result["error"]["message"].as_str() {
            told.add("outcome", "error.message", Said::english(language, message));
        }
        if let Some(mode) = record.input.as_ref().and_then(|input| input["mode"].as_str()) {
            told.add("input", "mode", mode_name(language, mode));
        }
        told
    }

    /// What a field says, where it says words.
    pub fn field(&self, part: &'static str, path: &str) -> Option<&Said> {
        self.0.get(&(part, path.to_owned()))
    }

    fn add(&mut self, part: &'static str, path: impl Into<String>, said: impl Into<Said>) {
        self.0.insert((part, path.into()), said.into());
    }
}

/// How a run ended; a word of a newer version stays as it is.
fn state(recorded: &str) -> Option<Word> {
    match recorded {
        "completed" => Some(Word::StateDone),
        "failed" => Some(Word::StateFailed),
        "cancelled" => Some(Word::StatusCancelled),
        _ => None,
    }
}
