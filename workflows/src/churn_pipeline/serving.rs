//! From the gold table to what the business reads, by the champion.

use churn::SnapshotDate;
use protocol::pipeline::StageName;
use protocol::progress::StageState;
use protocol::steps::{Champion, DriftFound, PublishRun, Published, ScoreCustomers, Scored, StageOutcome};
use protocol::{ModelVersion, Pipeline};

use super::stages::Stages;
use super::tables::{Outputs, Tables, pick, table};
use crate::run::{Call, Failure, Weight};

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

    /// Scores every customer.
    pub async fn score(&self, tables: &Tables, as_of: SnapshotDate, version: &ModelVersion) -> Result<Scored, Failure> {
        let stage = StageName::Score;
        self.wait_while_paused().await?;
        self.tracker.begin(stage);
        let request = self.with_model(stage, as_of, &tables.by_name(), version);
        let summary = format!("score with {version}");
        let activity = Pipeline::score_customers;
        let scored = self.execution.call(activity, request, Call::of(stage, Weight::Heavy, summary)).await?;
        self.finish(stage, &scored.stage);
        Ok(scored)
    }

    /// Writes offers and reasons.
    pub async fn recommend(
        &self,
        tables: &Tables,
        scored: &Scored,
        as_of: SnapshotDate,
        version: &ModelVersion,
    ) -> Result<StageOutcome, Failure> {
        let stage = StageName::Recommend;
        let mut tables = tables.by_name();
        tables.insert("scores".to_owned(), table(&scored.stage.outputs, "scores")?);
        let request = self.with_model(stage, as_of, &tables, version);
        let activity = Pipeline::write_recommendations;
        self.one_activity(stage, activity, request, Weight::Heavy, "offers and reasons").await
    }

    /// Compares this run's customers with the champion's training data.
    pub async fn detect_drift(
        &self,
        tables: &Tables,
        as_of: SnapshotDate,
        version: &ModelVersion,
    ) -> Result<DriftFound, Failure> {
        let stage = StageName::Drift;
        self.wait_while_paused().await?;
        self.tracker.begin(stage);
        let request = self.with_model(stage, as_of, &tables.by_name(), version);
        let activity = Pipeline::detect_drift;
        let found = self
            .execution
            .call(activity, request, Call::of(stage, Weight::Heavy, "compare with the reference"))
            .await?;
        self.finish(stage, &found.stage);
        Ok(found)
    }

    /// Moves the pointers after all they point to is complete, unless what is published is newer.
    pub async fn publish(
        &self,
        as_of: SnapshotDate,
        version: &ModelVersion,
        stages: &[&StageOutcome],
    ) -> Result<Published, Failure> {
        let stage = StageName::Publish;
        self.wait_while_paused().await?;
        self.tracker.begin(stage);
        let outputs = stages.iter().flat_map(|stage| stage.outputs.clone()).collect();
        let request = PublishRun { run: self.execution.run.clone(), as_of, version: version.clone(), outputs };
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
        ScoreCustomers { stage: self.request(stage, as_of, pick(tables, stage.inputs())), version: version.clone() }
    }
}
