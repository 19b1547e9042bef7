//! What the workflows that try models have in common: the raw files and the date of their labels, the tables of any date,
//! candidates, and a report. They publish no scores and register no model: whatever they find, the champion stays.

mod tables;

pub use tables::Months;

use std::time::Duration;

use churn::SnapshotDate;
use churn::label::LabelDates;
use churn::model::{TrialFigures, TrialName};
use protocol::progress::StageState;
use protocol::search_attributes as attributes;
use protocol::steps::{
    AskedDate, DateLabels, Expected, LabelUse, PublishReport, RawSnapshot, Report, SnapshotRaw, TryModel, named,
};
use protocol::{Pipeline, Reuse, TableRef};
use temporalio_sdk::{WorkflowCancellationToken, WorkflowContext};

use crate::run::{Call, Event, Execution, Failure, Tracked, Tracker, Weight};

/// A run that tries models.
pub struct Trials<W: Tracked> {
    pub execution: Execution<W>,
    pub tracker: Tracker<W>,
    reuse: Reuse,
    /// What is at work listens to it: cancelled at the first failure.
    pub rest: WorkflowCancellationToken,
}

/// What was found before anything is computed.
pub struct Delivery {
    /// The raw files.
    pub raw: RawSnapshot,
    /// The labels that the run works with.
    pub labels: TableRef,
    /// Their date.
    pub label: LabelDates,
}

impl<W: Tracked> Trials<W> {
    /// Opens the run: all stages pending.
    pub fn start(ctx: WorkflowContext<W>, stages: impl IntoIterator<Item = W::Stage>, reuse: Reuse) -> Self {
        let execution = Execution::of_itself(ctx);
        let tracker = Tracker::start(&execution, stages);
        let rest = execution.ctx.cancellation_token().child_token();
        Self { execution, tracker, reuse, rest }
    }

    /// Does the work of a stage from its first line of progress to its last.
    pub async fn stage<T>(
        &self,
        stage: W::Stage,
        work: impl Future<Output = Result<T, Failure>>,
        rows: impl FnOnce(&T) -> u64,
    ) -> Result<T, Failure> {
        self.tracker.begin(stage);
        let done = work.await?;
        self.tracker.close(stage, StageState::Done, rows(&done), None);
        Ok(done)
    }

    /// Does the work, or fails where it takes longer than the settings of the run allow.
    pub async fn within_the_limit<T>(
        &self,
        raw: &RawSnapshot,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let limit = raw.settings.run_limit_secs.map(Duration::from_secs);
        let standing = || format!("stage {} was at work", self.tracker.at_work());
        self.execution.within(limit, || Duration::ZERO, standing, work).await
    }

    /// Looks at the raw files, and finds the date of their labels. A date that the run names must fit it.
    pub async fn look(
        &self,
        raw_prefix: &str,
        experiment: Option<String>,
        as_of: Option<SnapshotDate>,
    ) -> Result<Delivery, Failure> {
        let request = SnapshotRaw {
            run: self.execution.run.clone(),
            raw_prefix: raw_prefix.to_owned(),
            experiment,
            date: AskedDate { as_of, no_later_than: None },
            expected: Expected::default(),
            scores: false,
            rehash: false,
        };
        let call = Call::between("raw", Weight::First, format!("snapshot and check {raw_prefix}"));
        let raw = self.execution.call(Pipeline::snapshot_raw, request, call).await?;
        let labels = named(&raw.tables, "churn_label").map_err(|error| missing_output(&error))?;
        let label = self.date_labels(&raw, &labels, as_of).await?;
        let dataset = attributes::DATASET.value_set(raw.digest.short().to_owned());
        self.execution.ctx.upsert_search_attributes([dataset]);
        Ok(Delivery { raw, labels, label })
    }

    async fn date_labels(
        &self,
        raw: &RawSnapshot,
        labels: &TableRef,
        as_of: Option<SnapshotDate>,
    ) -> Result<LabelDates, Failure> {
        let request = DateLabels {
            run: self.execution.run.clone(),
            labels: labels.digest.clone(),
            column: raw.label_date(),
            delivered_to: raw.last_date,
            as_of,
            purpose: if as_of.is_some() { LabelUse::Training } else { LabelUse::Measuring },
        };
        let call = Call::between("the date of the labels", Weight::Light, "the date of the labels");
        self.execution.call(Pipeline::date_labels, request, call).await
    }

    /// The figures of a candidate, measured on the table that it is fitted on, or on a later one.
    pub async fn try_model(
        &self,
        trial: &TrialName,
        gold: &TableRef,
        later: Option<&TableRef>,
        summary: String,
    ) -> Result<TrialFigures, Failure> {
        let request = TryModel {
            run: self.execution.run.clone(),
            gold: gold.clone(),
            later: later.cloned(),
            trial: trial.clone(),
            reuse: self.reuse,
        };
        let call = Call::between(summary.clone(), Weight::Heavy, summary).stopped_by(Some(&self.rest));
        Ok(self.execution.call(Pipeline::try_model, request, call).await?.figures)
    }

    /// Stores the report, which people find by the pointer of its kind.
    pub async fn publish(&self, report: Report) -> Result<TableRef, Failure> {
        let request = PublishReport { run: self.execution.run.clone(), report };
        let call = Call::between("report", Weight::Light, "store the report");
        self.execution.call(Pipeline::publish_report, request, call).await
    }

    /// Ends a run: one without a result says so, and people hear of it. `which` says what kind of run.
    pub async fn end<T>(&self, which: &str, ended: Result<T, Failure>) -> Result<T, Failure> {
        let Err(stop) = &ended else {
            self.execution.ctx.upsert_search_attributes([attributes::STAGE.value_set("done".to_owned())]);
            return ended;
        };
        self.tracker.fail_running(stop.name());
        if let Some(event) = Event::of_failure(which, stop) {
            self.execution.tell(event).await;
        }
        ended
    }
}

fn missing_output(error: &protocol::steps::MissingOutput) -> Failure {
    Failure::of(protocol::ErrorNumber::MissingObject, error.to_string())
}
