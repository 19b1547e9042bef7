//! What the records of ended runs say in a few figures: read once, for a record is written when its run has ended.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::StreamExt;
use lake::documents::RunRecord;
use lake::keys;
use protocol::RunId;
use protocol::progress::StageResult;

use super::DataError;
use super::left::Left;
use super::results::moment;
use super::store::Store;
use super::torn::Torn;

/// So many records are read at once.
const AT_ONCE: usize = 16;

/// A run that has ended, in a few figures.
#[derive(Debug, Clone, PartialEq)]
pub struct EndedRun {
    /// The run.
    pub run_id: RunId,
    /// When it started.
    pub started: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended: Option<DateTime<Utc>>,
    /// The stages that had ended, in their order.
    pub stages: Vec<StageResult<String>>,
    /// What its training cost, in USD, where the settings tell the price.
    pub cost_usd: Option<f64>,
    /// The drift level, as a word of the data.
    pub drift: Option<String>,
}

impl Store {
    /// A run that has ended; none where it has no record, or one that this version cannot read, which is noted.
    pub async fn ended_run(
        &self,
        run_id: &RunId,
        now: DateTime<Utc>,
        torn: &Torn,
    ) -> Result<Option<Arc<EndedRun>>, DataError> {
        if let Some(known) = self.by_run.known(run_id) {
            return Ok(Some(known));
        }
        let found = self.left(&keys::run_record(run_id), now, torn, self.run(run_id, now)).await?;
        let Left::There(record) = found else { return Ok(None) };
        let run = Arc::new(EndedRun::of(&record));
        self.by_run.keep(run.run_id.clone(), Arc::clone(&run));
        Ok(Some(run))
    }

    /// Those of these runs that have a record, in the same order; one that cannot be read is noted.
    pub async fn ended_runs(
        &self,
        run_ids: Vec<RunId>,
        now: DateTime<Utc>,
        torn: &Torn,
    ) -> Result<Vec<Arc<EndedRun>>, DataError> {
        let ask = |run_id: RunId| async move { self.ended_run(&run_id, now, torn).await };
        let asked: Vec<_> = run_ids.into_iter().map(ask).collect();
        let answers: Vec<_> = futures::stream::iter(asked).buffered(AT_ONCE).collect().await;
        answers.into_iter().filter_map(Result::transpose).collect()
    }
}

impl EndedRun {
    /// Of a record; what a newer version words otherwise is left out.
    pub fn of(record: &RunRecord) -> Self {
        let result = &record.result;
        Self {
            run_id: record.run.run_id.clone(),
            started: moment(&record.run.started),
            ended: record.ended.as_deref().and_then(moment),
            stages: serde_json::from_value(result["stages"].clone()).unwrap_or_default(),
            cost_usd: result["model"]["job"]["cost_usd"].as_f64(),
            drift: result["drift"]["level"].as_str().map(str::to_owned),
        }
    }

    /// How long it took, in seconds.
    pub fn seconds(&self) -> Option<f64> {
        let (started, ended) = self.started.zip(self.ended)?;
        Some((ended - started).num_milliseconds() as f64 / 1000.0)
    }

    /// The rows of a stage.
    pub fn rows(&self, stage: &str) -> Option<u64> {
        self.stages.iter().find(|one| one.name == stage).map(|one| one.rows)
    }
}
