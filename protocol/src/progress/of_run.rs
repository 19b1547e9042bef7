//! All stages of a run, and the lines that sum them up.

use std::fmt::Write as _;

use churn::SnapshotDate;
use churn::quality::{Finding, Severity, worst_first};
use serde::{Deserialize, Serialize};

use super::{Pause, RetryReport, Stage, StageProgress, StageResult, StageState, WaitingApproval};
use crate::steps::StageTimes;

/// What query `progress` answers. Rows done *within* a running activity are in its heartbeats,
/// which the Temporal UI and `spanishgas run` show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress<S> {
    /// The stages at work, joined by `, `; empty between stages, and when the run ended before the last stage;
    /// `done` when every stage has ended.
    pub stage: String,
    /// Stages done or skipped, in percent of all.
    pub percent: u32,
    /// Rows of all finished stages.
    pub rows: u64,
    /// The date the run looks from, once it is known; none of a workflow that looks from no date.
    #[serde(default)]
    pub as_of: Option<SnapshotDate>,
    /// When the run started, RFC 3339.
    pub started: String,
    /// When this last changed, RFC 3339.
    pub updated: String,
    /// Stage by stage.
    pub stages: Vec<StageProgress<S>>,
    /// The same as a stage's `trouble`, of an activity between the stages.
    #[serde(default)]
    pub trouble: Option<String>,
    /// Who lets the run wait before its next stage, and why, while somebody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Pause>,
    /// The promotion that waits for a person, while one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<WaitingApproval>,
    /// What was found in the delivery and in the tables made of it so far, the worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quality: Vec<Finding>,
}

/// Before its run has begun.
impl<S> Default for Progress<S> {
    fn default() -> Self {
        Self {
            stage: String::new(),
            percent: 0,
            rows: 0,
            as_of: None,
            started: String::new(),
            updated: String::new(),
            stages: Vec::new(),
            trouble: None,
            paused: None,
            approval: None,
            quality: Vec::new(),
        }
    }
}

impl<S> Progress<S> {
    /// Nothing has happened yet.
    pub fn new(stages: impl IntoIterator<Item = S>, started: String) -> Self {
        let stages = stages.into_iter().map(StageProgress::pending).collect();
        Self { updated: started.clone(), started, stages, ..Self::default() }
    }

    /// All stages are to be done again, in a run that is known already.
    pub fn start_over(&mut self, stages: impl IntoIterator<Item = S>) {
        self.stages = stages.into_iter().map(StageProgress::pending).collect();
        self.quality.clear();
    }

    /// More was found.
    pub fn find(&mut self, findings: &[Finding]) {
        self.quality.extend_from_slice(findings);
        worst_first(&mut self.quality);
    }
}

impl<S: Clone> Progress<S> {
    /// The stages that have ended, as a result lists them.
    pub fn results(&self) -> Vec<StageResult<S>> {
        self.stages.iter().filter(|line| line.seconds.is_some()).map(StageResult::of).collect()
    }
}

impl<S: Stage> Progress<S> {
    /// The line of a stage, to be changed.
    pub fn stage_mut(&mut self, name: S) -> Option<&mut StageProgress<S>> {
        self.stages.iter_mut().find(|stage| stage.name == name)
    }

    /// When the stages that have ended were at work; one that nobody began was never.
    pub fn times(&self) -> Vec<StageTimes> {
        let times = |line: &StageProgress<S>| {
            let (started, seconds) = line.started.clone().zip(line.seconds)?;
            let name = line.name.as_str().to_owned();
            Some(StageTimes { name, started, seconds, rows: line.rows, state: line.state })
        };
        self.stages.iter().filter_map(times).collect()
    }

    /// The stages that have begun and not ended.
    pub fn at_work(&self) -> impl Iterator<Item = S> {
        self.stages.iter().filter(|line| line.state == StageState::Running).map(|line| line.name)
    }

    /// An activity is tried again and again: said on the line of its stage, if that is at work.
    pub fn hear_of(&mut self, report: &RetryReport) {
        let words = format!("attempt {} of {}: {}", report.attempt, report.activity, report.why);
        let running = |stage: &&mut StageProgress<S>| stage.state == StageState::Running;
        let line = S::of_activity(&report.activity).and_then(|name| self.stage_mut(name)).filter(running);
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
        let ended = |stage: &&StageProgress<S>| matches!(stage.state, StageState::Done | StageState::Skipped);
        let finished = self.stages.iter().filter(ended).count();
        let all_ended = self.stages.iter().all(|stage| stage.seconds.is_some());
        self.stage = if all_ended { "done".to_owned() } else { self.names_at_work() };
        self.percent = u32::try_from(100 * finished / self.stages.len().max(1)).unwrap_or(100);
        self.rows = self.stages.iter().map(|stage| stage.rows).sum();
        self.updated = now;
    }

    fn names_at_work(&self) -> String {
        self.at_work().map(Stage::as_str).collect::<Vec<_>>().join(", ")
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
        for finding in self.quality.iter().filter(|finding| finding.severity > Severity::Info) {
            let _ = write!(text, "\n{}: {}\n", finding.severity.as_str(), in_a_cell(&finding.to_string()));
        }
        if let Some(Pause { by, reason, since, .. }) = &self.paused {
            let _ = write!(text, "\nPaused by {by} since {since}, before the next stage: {}\n", in_a_cell(reason));
        }
        if let Some(WaitingApproval { version, pr_auc, asked, expires_at, .. }) = &self.approval {
            let _ = write!(
                text,
                "\nModel {version} (PR-AUC {pr_auc:.3}) waits for a person since {asked}: update `approve` or `reject`. \
                 Without an answer it is rejected at {expires_at}.\n"
            );
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
    use crate::pipeline::{Mode, StageName};

    #[test]
    fn percent_counts_skipped_stages_as_finished() {
        let mut progress = Progress::new(StageName::of(Mode::Train), "2024-12-31T00:00:00Z".to_owned());
        for name in [StageName::Raw, StageName::BronzeCustomer, StageName::Silver] {
            progress.stage_mut(name).unwrap().state = StageState::Skipped;
        }
        progress.stage_mut(StageName::Gold).unwrap().state = StageState::Running;
        progress.summarise("2024-12-31T00:00:01Z".to_owned());
        assert_eq!((progress.percent, progress.stage.as_str()), (25, "gold"));
    }

    #[test]
    fn the_times_are_those_of_the_stages_that_began_and_ended() {
        let mut progress = Progress::new(StageName::of(Mode::Score), "2024-12-31T00:00:00Z".to_owned());
        let started = Some("2024-12-31T00:00:01Z".to_owned());
        for (name, state, seconds) in
            [(StageName::Raw, StageState::Done, Some(2.5)), (StageName::Gold, StageState::Running, None)]
        {
            let line = progress.stage_mut(name).unwrap();
            (line.started, line.state, line.seconds) = (started.clone(), state, seconds);
        }
        // Left out without a beginning: nobody is champion.
        let line = progress.stage_mut(StageName::Score).unwrap();
        (line.state, line.seconds) = (StageState::Skipped, Some(0.0));
        let times = progress.times();
        assert_eq!(times.iter().map(|stage| (stage.name.as_str(), stage.seconds)).collect::<Vec<_>>(), [("raw", 2.5)]);
    }

    fn report(activity: &str, attempt: u32) -> RetryReport {
        RetryReport { activity: activity.to_owned(), attempt, why: "SG0010 LakeUnreachable: a | b".to_owned() }
    }

    #[test]
    fn a_trouble_is_on_the_line_of_its_stage_until_that_ends() {
        let mut progress = Progress::new(StageName::of(Mode::Train), "2024-12-31T00:00:00Z".to_owned());
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
        let mut progress = Progress::new(StageName::of(Mode::Train), "2024-12-31T00:00:00Z".to_owned());
        progress.hear_of(&report("check_layer", 4));
        assert!(progress.markdown().ends_with("\nattempt 4 of check_layer: SG0010 LakeUnreachable: a | b\n"));
        progress.summarise("2024-12-31T00:00:01Z".to_owned());
        assert!(!progress.markdown().contains("attempt 4"));
    }

    #[test]
    fn what_a_run_waits_for_is_below_the_stages_and_no_field_of_one_that_waits_for_nothing() {
        let mut progress = Progress::new(StageName::of(Mode::Train), "2024-12-31T00:00:00Z".to_owned());
        let json = serde_json::to_value(&progress).unwrap();
        assert!(json.get("paused").is_none() && json.get("approval").is_none(), "{json}");
        let (by, reason) = ("ana".to_owned(), "wrong prices".to_owned());
        progress.paused = Some(Pause { by, reason, since: "2024-12-31T00:00:01Z".to_owned(), resumed: None });
        progress.approval = Some(WaitingApproval {
            version: "new".into(),
            experiment: "E5_full".to_owned(),
            champion: None,
            pr_auc: 0.75,
            roc_auc: 0.9,
            brier: 0.04,
            champion_pr_auc: None,
            checks: Vec::new(),
            asked: "2024-12-31T00:00:02Z".to_owned(),
            remind_at: "2025-01-01T00:00:02Z".to_owned(),
            reminded: None,
            expires_at: "2025-01-03T00:00:02Z".to_owned(),
        });
        progress.summarise("2024-12-31T00:00:03Z".to_owned());
        let shown = progress.markdown();
        for part in ["Paused by ana since 2024-12-31T00:00:01Z", "wrong prices", "Model new", "at 2025-01-03T00:00:02Z"]
        {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        let json = serde_json::to_value(&progress).unwrap();
        let paused = serde_json::json!({ "by": "ana", "reason": "wrong prices", "since": "2024-12-31T00:00:01Z" });
        assert_eq!(json["paused"], paused);
        let read: Progress<String> = serde_json::from_value(json).unwrap();
        assert_eq!(read.approval, progress.approval);
    }

    #[test]
    fn whoever_only_reads_takes_the_stages_as_words() {
        let mut progress = Progress::new(StageName::of(Mode::Score), "2024-12-31T00:00:00Z".to_owned());
        progress.stage_mut(StageName::Raw).unwrap().seconds = Some(1.5);
        let json = serde_json::to_value(&progress).unwrap();
        let read: Progress<String> = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), json);
        assert_eq!(read.results()[0].name, "raw");
    }
}
