//! The progress of a run: kept in the workflow's state, shown by its query, its search attribute and the Temporal UI.

use chrono::DateTime;
use protocol::progress::{MADE_AGAIN, Progress, Stage, StageResult, StageState};
use protocol::search_attributes as attributes;
use protocol::steps::{StageOutcome, StageTimes};
use temporalio_common::data_converters::RawValue;
use temporalio_sdk::{SyncWorkflowContext, WorkflowContext};

use super::Execution;
use super::execution::{now, text};

/// The state of a workflow that has stages.
pub trait Tracked {
    /// The names of the stages.
    type Stage: Stage;

    /// How far the run is.
    fn progress(&self) -> &Progress<Self::Stage>;

    /// The same, to be changed.
    fn progress_mut(&mut self) -> &mut Progress<Self::Stage>;
}

/// Brings the progress of a run up to date.
pub struct Tracker<W: Tracked> {
    ctx: WorkflowContext<W>,
}

impl<W: Tracked> Tracker<W> {
    /// Opens the progress: all stages pending.
    pub fn start(execution: &Execution<W>, stages: impl IntoIterator<Item = W::Stage>) -> Self {
        let progress = Progress::new(stages, execution.run.started.clone());
        let ctx = execution.ctx.clone();
        ctx.state_mut(|state| {
            // People may have paused the run before it began.
            let paused = state.progress_mut().paused.take();
            *state.progress_mut() = Progress { paused, ..progress };
        });
        Self { ctx }
    }

    /// All stages are to be done again.
    pub fn start_over(&self, stages: impl IntoIterator<Item = W::Stage>) {
        self.change(|progress| progress.start_over(stages));
    }

    /// A stage starts.
    pub fn begin(&self, stage: W::Stage) {
        let now = text(now(&self.ctx));
        self.change(|progress| {
            if let Some(line) = progress.stage_mut(stage) {
                line.state = StageState::Running;
                line.started = Some(now);
            }
        });
        self.ctx.upsert_search_attributes([attributes::STAGE.value_set(self.at_work())]);
    }

    /// More slices of a stage are done.
    pub fn slices_done(&self, stage: W::Stage, more: u64, all: u64) {
        let count = |slices: u64| u32::try_from(slices).unwrap_or(u32::MAX);
        self.change(|progress| {
            if let Some(line) = progress.stage_mut(stage) {
                let done = line.slices.map_or(0, |(done, _)| done).saturating_add(count(more));
                line.slices = Some((done, count(all)));
            }
        });
    }

    /// A stage has its outputs.
    pub fn finish(&self, stage: W::Stage, outcome: &StageOutcome) {
        let outputs = outcome.outputs.iter().map(|(table, output)| (table.clone(), output.key.clone())).collect();
        self.change(|progress| {
            if let Some(line) = progress.stage_mut(stage) {
                line.outputs = outputs;
            }
        });
        let state = if outcome.skipped.is_some() { StageState::Skipped } else { StageState::Done };
        let repaired = outcome.repaired.as_ref().map(|damage| format!("{MADE_AGAIN}{damage}"));
        self.close(stage, state, outcome.rows, outcome.skipped.clone().or(repaired));
    }

    /// A stage ends, for better or worse.
    pub fn close(&self, stage: W::Stage, state: StageState, rows: u64, reason: Option<String>) {
        let now = now(&self.ctx);
        self.change(|progress| {
            if let Some(line) = progress.stage_mut(stage) {
                let started = line.started.as_deref().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
                line.seconds = Some(started.map_or(0.0, |started| (now - started.to_utc()).as_seconds_f64()));
                line.state = state;
                line.rows = rows;
                line.reason = reason;
            }
        });
    }

    /// The stages at work end with the run.
    pub fn fail_running(&self, reason: &str) {
        for stage in self.ctx.state(|state| state.progress().at_work().collect::<Vec<_>>()) {
            self.close(stage, StageState::Failed, 0, Some(reason.to_owned()));
        }
    }

    /// Whether a stage has begun and not ended.
    pub fn is_at_work(&self, stage: W::Stage) -> bool {
        self.ctx.state(|state| state.progress().at_work().any(|at_work| at_work == stage))
    }

    /// The names of the stages at work, joined by `, `.
    pub fn at_work(&self) -> String {
        self.ctx.state(|state| state.progress().stage.clone())
    }

    /// The stages that have ended, as a result lists them.
    pub fn results(&self) -> Vec<StageResult<W::Stage>> {
        self.ctx.state(|state| state.progress().results())
    }

    /// When the stages that have ended were at work.
    pub fn times(&self) -> Vec<StageTimes> {
        self.ctx.state(|state| state.progress().times())
    }

    /// Changes the progress and shows it in the Temporal UI.
    pub fn change(&self, change: impl FnOnce(&mut Progress<W::Stage>)) {
        let now = text(now(&self.ctx));
        let details = self.ctx.state_mut(|state| {
            let progress = state.progress_mut();
            change(progress);
            progress.summarise(now);
            progress.markdown()
        });
        self.ctx.set_current_details(details);
    }
}

/// What the signal [`protocol::progress::SIGNAL`] does: an activity of the run is tried again and again, and its own
/// attempts say so. Whoever else may signal: what cannot be read changes nothing.
pub fn hear_of<W: Tracked>(state: &mut W, ctx: &SyncWorkflowContext<W>, report: RawValue) {
    let payload = report.payloads.into_iter().next();
    if let Some(report) = payload.and_then(|payload| serde_json::from_slice(&payload.data).ok()) {
        state.progress_mut().hear_of(&report);
        ctx.set_current_details(state.progress().markdown());
    }
}
