//! How far a run is: what query `progress` answers and the Temporal UI shows.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use churn::SnapshotDate;
use serde::{Deserialize, Serialize};

use super::input::Mode;
use super::retry_report::RetryReport;
use crate::StageName;

/// What a stage is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StageState {
    /// Not yet.
    Pending,
    /// At work.
    Running,
    /// Done by this run.
    Done,
    /// Found unchanged.
    Skipped,
    /// Ended the run.
    Failed,
}

/// One stage's line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageProgress {
    /// Which.
    pub name: StageName,
    /// What it is doing.
    pub state: StageState,
    /// Rows made (or found).
    pub rows: u64,
    /// When it started, RFC 3339, by the workflow's clock.
    pub started: Option<String>,
    /// How long it took, when it has ended.
    pub seconds: Option<f64>,
    /// Slices finished and in all, where a stage has slices.
    pub slices: Option<(u32, u32)>,
    /// Why it was skipped, failed, or was made again.
    pub reason: Option<String>,
    /// The tables it made (or found) by name, as keys in the lake.
    #[serde(default)]
    pub outputs: BTreeMap<String, String>,
    /// What keeps it from going on: an activity that is tried for the third time or more, and why.
    #[serde(default)]
    pub trouble: Option<String>,
}

/// What query `progress` answers. Rows done *within* a running activity are in its heartbeats,
/// which the Temporal UI and `spanishgas run` show.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// The stages at work, joined by `, `; `done` at the end.
    pub stage: String,
    /// Stages finished, in percent of all.
    pub percent: u32,
    /// Rows of all finished stages.
    pub rows: u64,
    /// The date the run looks from, once it is known.
    #[serde(default)]
    pub as_of: Option<SnapshotDate>,
    /// When the run started, RFC 3339.
    pub started: String,
    /// When this last changed, RFC 3339.
    pub updated: String,
    /// Stage by stage.
    pub stages: Vec<StageProgress>,
    /// The same as a stage's `trouble`, of an activity between the stages.
    #[serde(default)]
    pub trouble: Option<String>,
}

impl Progress {
    /// Nothing has happened yet.
    pub fn new(mode: Mode, started: String) -> Self {
        let pending = |name| StageProgress {
            name,
            state: StageState::Pending,
            rows: 0,
            started: None,
            seconds: None,
            slices: None,
            reason: None,
            outputs: BTreeMap::new(),
            trouble: None,
        };
        let stages = StageName::of(mode).into_iter().map(pending).collect();
        Self { updated: started.clone(), started, stages, ..Self::default() }
    }

    /// All stages are to be done again, in a run that is known already.
    pub fn start_over(&mut self, mode: Mode) {
        self.stages = Self::new(mode, String::new()).stages;
    }

    /// The line of a stage, to be changed.
    pub fn stage_mut(&mut self, name: StageName) -> Option<&mut StageProgress> {
        self.stages.iter_mut().find(|stage| stage.name == name)
    }

    /// An activity is tried again and again: said on the line of its stage, if that is at work.
    pub fn hear_of(&mut self, report: &RetryReport) {
        let words = format!("attempt {} of {}: {}", report.attempt, report.activity, report.why);
        let running = |stage: &&mut StageProgress| stage.state == StageState::Running;
        let line = StageName::of_activity(&report.activity).and_then(|name| self.stage_mut(name)).filter(running);
        match line {
            Some(line) => line.trouble = Some(words),
            None => self.trouble = Some(words),
        }
    }

    /// Brings the summary lines up to date.
    pub fn summarise(&mut self, now: String) {
        // Whatever it was: the work has gone on.
        self.trouble = None;
        for stage in self.stages.iter_mut().filter(|stage| stage.state != StageState::Running) {
            stage.trouble = None;
        }
        let names = |state| {
            let these = self.stages.iter().filter(move |stage| stage.state == state);
            these.map(|stage| stage.name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let ended = |stage: &&StageProgress| matches!(stage.state, StageState::Done | StageState::Skipped);
        let finished = self.stages.iter().filter(ended).count();
        let all_ended = self.stages.iter().all(|stage| stage.seconds.is_some());
        self.stage = if all_ended { "done".to_owned() } else { names(StageState::Running) };
        self.percent = u32::try_from(100 * finished / self.stages.len().max(1)).unwrap_or(100);
        self.rows = self.stages.iter().map(|stage| stage.rows).sum();
        self.updated = now;
    }

    /// The table that the Temporal UI shows as current details.
    pub fn markdown(&self) -> String {
        let mut text = String::from("| stage | state | rows | seconds | |\n|---|---|---:|---:|---|\n");
        for stage in &self.stages {
            let state = serde_json::to_value(stage.state).unwrap_or_default();
            let seconds = stage.seconds.map(|seconds| format!("{seconds:.1}")).unwrap_or_default();
            let slices = stage.slices.map(|(done, all)| format!("slice {done} of {all}")).unwrap_or_default();
            let note = stage.trouble.as_deref().map(in_a_cell).or_else(|| stage.reason.clone()).unwrap_or(slices);
            let (name, state) = (stage.name.as_str(), state.as_str().unwrap_or_default());
            // Writing to a string cannot fail.
            let _ = writeln!(text, "| {name} | {state} | {} | {seconds} | {note} |", stage.rows);
        }
        if let Some(trouble) = &self.trouble {
            let _ = write!(text, "\n{trouble}\n");
        }
        text
    }
}

/// A line break or a bar would end the cell of a markdown table.
fn in_a_cell(text: &str) -> String {
    text.replace(['\n', '\r'], " ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_counts_skipped_stages_as_finished() {
        let mut progress = Progress::new(Mode::Train, "2024-12-31T00:00:00Z".to_owned());
        for name in [StageName::Raw, StageName::BronzeCustomer, StageName::Silver] {
            progress.stage_mut(name).unwrap().state = StageState::Skipped;
        }
        progress.stage_mut(StageName::Gold).unwrap().state = StageState::Running;
        progress.summarise("2024-12-31T00:00:01Z".to_owned());
        assert_eq!((progress.percent, progress.stage.as_str()), (25, "gold"));
    }

    fn report(activity: &str, attempt: u32) -> RetryReport {
        RetryReport { activity: activity.to_owned(), attempt, why: "SG0010 LakeUnreachable: a | b".to_owned() }
    }

    #[test]
    fn a_trouble_is_on_the_line_of_its_stage_until_that_ends() {
        let mut progress = Progress::new(Mode::Train, "2024-12-31T00:00:00Z".to_owned());
        progress.stage_mut(StageName::BronzeCustomerMonth).unwrap().state = StageState::Running;
        progress.hear_of(&report("aggregate_slice", 3));
        progress.summarise("2024-12-31T00:00:01Z".to_owned());
        assert!(progress.markdown().contains(r"| attempt 3 of aggregate_slice: SG0010 LakeUnreachable: a \| b |"));
        progress.stage_mut(StageName::BronzeCustomerMonth).unwrap().state = StageState::Done;
        progress.summarise("2024-12-31T00:00:02Z".to_owned());
        assert!(!progress.markdown().contains("attempt 3"));
    }

    #[test]
    fn a_trouble_between_the_stages_is_below_them_until_the_work_goes_on() {
        let mut progress = Progress::new(Mode::Train, "2024-12-31T00:00:00Z".to_owned());
        progress.hear_of(&report("check_layer", 4));
        assert!(progress.markdown().ends_with("\nattempt 4 of check_layer: SG0010 LakeUnreachable: a | b\n"));
        progress.summarise("2024-12-31T00:00:01Z".to_owned());
        assert!(!progress.markdown().contains("attempt 4"));
    }
}
