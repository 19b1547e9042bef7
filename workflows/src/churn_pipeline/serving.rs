//! From the gold table to what the business reads, by the champion.

use chrono::{DateTime, Utc};
use churn::SnapshotDate;
use protocol::pipeline::{AsOf, StageName};
use protocol::progress::StageState;
use protocol::steps::{
    AskedDate, Champion, DriftFound, PublishRun, Published, RawSnapshot, Recommended, ScoreCustomers, Scored, Sight,
    StageOutcome,
};
use protocol::{ModelVersion, Pipeline, Run};
use temporalio_sdk::WorkflowCancellationToken;

use super::stages::Stages;
use super::tables::{Outputs, Tables, pick, table};
use crate::run::{Call, Failure, Weight, both};

/// The patch of runs that look for drift while they score.
const DRIFT_BESIDE_SCORES: &str = "drift-beside-scores";

/// All that is made with the champion, before it is published.
pub struct Served {
    /// The scores.
    pub scored: Scored,
    /// Offers and reasons.
    pub recommended: Recommended,
    /// This run's customers beside those of the training.
    pub drift: DriftFound,
}

impl Stages {
    /// The model that scores, if there is one.
    pub async fn find_champion(&self) -> Result<Option<Champion>, Failure> {
        self.wait_while_paused().await?;
        self.execution.call(Pipeline::find_champion, (), Call::of(StageName::Score, Weight::Light, "who scores")).await
    }

    /// Without a champion nothing is scored, and every stage of it says so.
    pub fn leave_out_scoring(&self) {
        for stage in [StageName::Score, StageName::Recommend, StageName::Drift, StageName::Publish] {
            self.tracker.close(stage, StageState::Skipped, 0, Some("no champion".to_owned()));
        }
    }

    /// Scores and recommends, and looks for drift meanwhile: neither needs the other.
    pub async fn serve_all(
        &self,
        raw: &RawSnapshot,
        tables: &Tables,
        as_of: SnapshotDate,
        version: &ModelVersion,
    ) -> Result<Served, Failure> {
        if !self.execution.ctx.patched(DRIFT_BESIDE_SCORES) {
            // How runs of before go on.
            let (scored, recommended) = self.score_and_recommend(raw, tables, as_of, version, None).await?;
            let drift = self.detect_drift(tables, as_of, version, None).await?;
            return Ok(Served { scored, recommended, drift });
        }
        let rest = self.execution.ctx.cancellation_token().child_token();
        // Boxed, or the run's future would be too large to be moved about.
        let scores = Box::pin(self.score_and_recommend(raw, tables, as_of, version, Some(&rest)));
        let drift = Box::pin(self.detect_drift(tables, as_of, version, Some(&rest)));
        let ((scored, recommended), drift) = both(&rest, scores, drift).await?;
        Ok(Served { scored, recommended, drift })
    }

    async fn score_and_recommend(
        &self,
        raw: &RawSnapshot,
        tables: &Tables,
        as_of: SnapshotDate,
        version: &ModelVersion,
        stop: Option<&WorkflowCancellationToken>,
    ) -> Result<(Scored, Recommended), Failure> {
        let scored = self.score(tables, as_of, version, stop).await?;
        let recommended = self.recommend(raw, tables, &scored, as_of, version, stop).await?;
        Ok((scored, recommended))
    }

    /// Scores every customer.
    async fn score(
        &self,
        tables: &Tables,
        as_of: SnapshotDate,
        version: &ModelVersion,
        stop: Option<&WorkflowCancellationToken>,
    ) -> Result<Scored, Failure> {
        let stage = StageName::Score;
        self.wait_while_paused_until(stop).await?;
        self.tracker.begin(stage);
        let request = self.with_model(stage, as_of, &tables.by_name(), version);
        let summary = format!("score with {version}");
        let activity = Pipeline::score_customers;
        let call = Call::of(stage, Weight::Heavy, summary).stopped_by(stop);
        let scored = self.execution.call(activity, request, call).await?;
        self.finish(stage, &scored.stage);
        Ok(scored)
    }

    /// Writes offers and reasons.
    async fn recommend(
        &self,
        raw: &RawSnapshot,
        tables: &Tables,
        scored: &Scored,
        as_of: SnapshotDate,
        version: &ModelVersion,
        stop: Option<&WorkflowCancellationToken>,
    ) -> Result<Recommended, Failure> {
        let stage = StageName::Recommend;
        self.wait_while_paused_until(stop).await?;
        self.tracker.begin(stage);
        let mut tables = tables.by_name();
        tables.extend(raw.tables.clone());
        tables.insert("scores".to_owned(), table(&scored.stage.outputs, "scores")?);
        let request = self.with_model(stage, as_of, &tables, version);
        let activity = Pipeline::write_recommendations;
        let call = Call::of(stage, Weight::Heavy, "offers and reasons").stopped_by(stop);
        let recommended = self.execution.call(activity, request, call).await?;
        self.finish(stage, &recommended.stage);
        Ok(recommended)
    }

    /// Compares this run's customers with the champion's training data.
    async fn detect_drift(
        &self,
        tables: &Tables,
        as_of: SnapshotDate,
        version: &ModelVersion,
        stop: Option<&WorkflowCancellationToken>,
    ) -> Result<DriftFound, Failure> {
        let stage = StageName::Drift;
        self.wait_while_paused_until(stop).await?;
        self.tracker.begin(stage);
        let request = self.with_model(stage, as_of, &tables.by_name(), version);
        let activity = Pipeline::detect_drift;
        let call = Call::of(stage, Weight::Heavy, "compare with the reference").stopped_by(stop);
        let found = self.execution.call(activity, request, call).await?;
        self.finish(stage, &found.stage);
        Ok(found)
    }

    /// Moves the pointers after all they point to is complete, unless what is published is newer.
    pub async fn publish(
        &self,
        raw: &RawSnapshot,
        as_of: SnapshotDate,
        version: &ModelVersion,
        tables: &Tables,
        stages: &[&StageOutcome],
    ) -> Result<Published, Failure> {
        let stage = StageName::Publish;
        self.wait_while_paused().await?;
        self.tracker.begin(stage);
        let outputs = stages.iter().flat_map(|stage| stage.outputs.clone()).collect();
        let (run, covered_to) = (self.execution.run.clone(), self.covered_to(raw));
        let sight = sight(self.asked, covered_to, &run);
        let features = Some(tables.gold_master.clone());
        let request = PublishRun { run, as_of, version: version.clone(), outputs, features, sight };
        let activity = Pipeline::publish_run;
        let published =
            self.execution.call(activity, request, Call::of(stage, Weight::Light, "move the pointers")).await?;
        self.finish(stage, &published.stage);
        Ok(published)
    }

    /// The request of a stage that works with a model: its inputs, out of all tables that are there.
    fn with_model(
        &self,
        stage: StageName,
        as_of: SnapshotDate,
        tables: &Outputs,
        version: &ModelVersion,
    ) -> ScoreCustomers {
        let mut inputs = pick(tables, stage.inputs());
        inputs.extend(pick(tables, stage.optional_inputs()));
        ScoreCustomers { stage: self.request(stage, as_of, inputs), version: version.clone() }
    }
}

/// Whether the run looks at the present: from the last day that its readings cover, or as far as the day of its start
/// allows. A backfill does neither.
fn sight(asked: AskedDate, covered_to: SnapshotDate, run: &Run) -> Sight {
    let as_of = asked.with_readings_to(covered_to);
    let yesterday = run.started.parse::<DateTime<Utc>>().ok().map(AsOf::last_whole_day);
    let is_present = as_of >= covered_to || yesterday.is_some_and(|yesterday| as_of >= yesterday);
    if is_present { Sight::Present } else { Sight::Past }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_today_looks_at_the_present_and_a_backfill_at_the_past() {
        let date = |text| SnapshotDate::parse(text).unwrap();
        let run = Run { workflow_id: "w".into(), run_id: "r".into(), started: "2025-01-15T05:00:00.000Z".to_owned() };
        let of = |as_of, no_later_than, last| sight(AskedDate { as_of, no_later_than }, date(last), &run);
        assert_eq!(of(None, None, "2024-12-31"), Sight::Present, "all that is there");
        assert_eq!(of(None, Some(date("2025-01-14")), "2024-12-31"), Sight::Present, "the night of a schedule");
        assert_eq!(of(None, Some(date("2025-01-14")), "2025-01-15"), Sight::Present, "today's readings are incomplete");
        assert_eq!(of(None, Some(date("2025-01-07")), "2025-01-14"), Sight::Past, "a night that is made up for");
        assert_eq!(of(Some(date("2024-10-31")), None, "2024-12-31"), Sight::Past, "a backfill");
    }
}
