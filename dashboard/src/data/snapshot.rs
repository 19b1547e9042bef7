//! What one request sees: the pointers as they were at its beginning, and only what they name.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use churn::contract::{Layer, QualityReport};
use churn::drift::DriftReport;
use churn::model::performance::PerformanceReport;
use churn::model::{Evaluation, Verdict};
use churn::recommend::{OffersReport, ReasonTexts};
use lake::documents::{ChampionPointer, Publication};
use lake::keys;
use polars::prelude::DataFrame;
use protocol::{Digest, ModelVersion, RunId, TableRef, WorkflowId};
use serde::de::DeserializeOwned;

use super::blocking::blocking;
use super::if_known::IfKnown;
use super::pinned;
use super::results::{Results, Standing};
use super::store::{MOST_ROWS_FILTERED, Store, StoredRun};
use super::torn::Torn;
use super::{DataError, cells};

/// What one request sees of the lake. A page that asks it for everything never mixes two runs.
#[derive(Debug, Clone)]
pub struct Snapshot {
    store: Arc<Store>,
    results: Arc<Results>,
    standing: Standing,
    champion: Result<Option<Arc<ChampionPointer>>, DataError>,
    torn: Torn,
    now: DateTime<Utc>,
}

impl Store {
    /// One look at the pointers: the published results, or with `pin` those of that run.
    pub async fn snapshot(self: &Arc<Self>, pin: Option<&str>, now: DateTime<Utc>) -> Result<Snapshot, DataError> {
        let torn = Torn::default();
        let published = match self.document::<Publication>(keys::PUBLISHED, now).await {
            // Results of a run that is on record are shown without it.
            found if pin.is_some() => torn.or_note(found)?,
            found => found?,
        };
        let champion = match self.document::<ChampionPointer>(keys::CHAMPION, now).await {
            // Results are shown without it; who needs it asks for the problem.
            Err(error) if error.is_unreadable() => Err(error),
            found => Ok(found?),
        };
        let (results, standing) = match (pin, published) {
            (Some(run), Some(pointer)) if pointer.run_id == *run => (Results::of_pointer(&pointer), Standing::Current),
            (Some(run), _) => (pinned::results_of(self, run, now).await?, Standing::Past),
            (None, Some(pointer)) => (Results::of_pointer(&pointer), Standing::Current),
            (None, None) => return Err(DataError::NothingPublished { lake: self.lake().to_string() }),
        };
        let (store, results) = (Arc::clone(self), Arc::new(results));
        Ok(Snapshot { store, results, standing, champion, torn, now })
    }
}

impl Snapshot {
    /// The run that made what is shown.
    pub fn run_id(&self) -> &RunId {
        &self.results.run_id
    }

    /// Its workflow.
    pub fn workflow_id(&self) -> &WorkflowId {
        &self.results.workflow_id
    }

    /// When the run started, if that is known.
    pub fn started(&self) -> Option<DateTime<Utc>> {
        self.results.started
    }

    /// The date the results are for.
    pub fn as_of(&self) -> NaiveDate {
        self.results.as_of.date()
    }

    /// The model that scored.
    pub fn model_version(&self) -> &ModelVersion {
        &self.results.model_version
    }

    /// Whether the run's record says that its results were not published.
    pub fn never_published(&self) -> bool {
        self.results.never_published
    }

    /// When the results were published; of past ones, when their run ended; nothing of those that were not published.
    pub fn published_at(&self) -> Option<DateTime<Utc>> {
        self.results.published_at
    }

    /// Whether they are the ones of now.
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// The champion of now, if there is one whose pointer can be read.
    pub fn champion(&self) -> Option<&ChampionPointer> {
        self.champion.as_ref().ok()?.as_deref()
    }

    /// Why the pointer to the champion cannot be read, where it cannot.
    pub fn champion_problem(&self) -> Option<&DataError> {
        self.champion.as_ref().err()
    }

    /// The reference of one of the results' tables.
    pub fn output(&self, table: &str) -> Result<&TableRef, DataError> {
        let not_made = || DataError::NotMade { run: self.run_id().clone(), table: table.to_owned() };
        self.results.outputs.get(table).ok_or_else(not_made)
    }

    /// The digest of the scores: what names customers' links and file names.
    pub fn scores_digest(&self) -> Result<&Digest, DataError> {
        Ok(&self.output("scores")?.digest)
    }

    /// The name of what is computed of these scores and another table: the digest that it is kept under is of the other
    /// table alone, which another run may have made of other scores too.
    pub fn with_scores(&self, name: &str) -> Result<String, DataError> {
        Ok(format!("{name} with scores {}", self.scores_digest()?))
    }

    /// One row per customer, the highest risk first.
    pub async fn scores(&self) -> Result<Arc<DataFrame>, DataError> {
        self.table("scores").await
    }

    /// One row per customer in the same order.
    pub async fn recommendations(&self) -> Result<Arc<DataFrame>, DataError> {
        self.table("recommendations").await
    }

    /// Ten rows per customer in the same order.
    pub async fn contributions(&self) -> Result<Arc<DataFrame>, DataError> {
        self.table("contributions").await
    }

    /// What codes and actions say in every language; none of runs from before it was stored, which have the sentences in
    /// their tables in English alone, nor where it cannot be read.
    pub async fn reasons(&self) -> Result<Option<Arc<ReasonTexts>>, DataError> {
        self.beside("reasons").await
    }

    /// What the run says of its offers as a whole; none of runs from before that was said, nor where it cannot be read.
    pub async fn offers(&self) -> Result<Option<Arc<OffersReport>>, DataError> {
        self.beside("offers").await
    }

    /// What could not be read of that which a page goes on without.
    pub fn torn(&self) -> &Torn {
        &self.torn
    }

    /// The drift report of the same run.
    pub async fn drift(&self) -> Result<Arc<DriftReport>, DataError> {
        self.json("drift").await
    }

    /// What the model promised and what came to pass; none of runs from before that was looked at.
    pub async fn performance(&self) -> Result<Option<Arc<PerformanceReport>>, DataError> {
        match self.output("performance") {
            Ok(_) => self.json("performance").await.map(Some),
            Err(_) => Ok(None),
        }
    }

    /// One of the results' documents as it lies in the lake; none where it was not made.
    pub async fn document(&self, table: &str) -> Result<Option<Arc<Vec<u8>>>, DataError> {
        match self.output(table) {
            Ok(reference) => self.store.file(&reference.key, self.now).await,
            Err(_) => Ok(None),
        }
    }

    /// How good the model that scored was on its holdout, if that is known and can be read.
    pub async fn evaluation(&self) -> Result<Option<Arc<Evaluation>>, DataError> {
        let key = keys::judged_evaluation(self.model_version());
        self.torn.or_note(self.store.document(&key, self.now).await)
    }

    /// What the gate said of it, in the same way.
    pub async fn verdict(&self) -> Result<Option<Arc<Verdict>>, DataError> {
        let key = keys::verdict(self.model_version());
        self.torn.or_note(self.store.document(&key, self.now).await)
    }

    /// The record of the run; none in the seconds between its publication and its end, or where it cannot be read.
    pub async fn record(&self) -> Result<Option<StoredRun>, DataError> {
        self.torn.or_note(self.store.run(self.run_id(), self.now).await)
    }

    /// The contract report of a layer; none where it is not there, cannot be read, or is of a newer version.
    pub async fn quality(&self, layer: Layer) -> Result<Option<Arc<IfKnown<QualityReport>>>, DataError> {
        let key = keys::quality_report(self.run_id(), layer);
        let report = self.torn.or_note(self.store.document::<IfKnown<_>>(&key, self.now).await)?;
        Ok(report.filter(|report| report.known().is_some()))
    }

    /// One of the results' tables.
    pub async fn table(&self, table: &str) -> Result<Arc<DataFrame>, DataError> {
        let reference = self.output(table)?;
        match self.store.table(reference).await {
            Ok(frame) => Ok(frame),
            Err(error) => Err(self.why(reference, error).await),
        }
    }

    /// A table of any stage of the run, by its name in the record: `gold_master`, `silver_customer` ...
    pub async fn stage_table(&self, table: &str) -> Result<(TableRef, Arc<DataFrame>), DataError> {
        let reference = self.stage_output(table).await?;
        let frame = self.store.table(&reference).await?;
        Ok((reference, frame))
    }

    /// What is computed once of some columns of a stage's table; the table itself is let go of.
    pub async fn derive_of_stage<T: Send + Sync + 'static>(
        &self,
        name: &str,
        table: &str,
        columns: &'static [&'static str],
        compute: impl FnOnce(&DataFrame) -> Result<T, DataError> + Send + 'static,
    ) -> Result<Arc<T>, DataError> {
        let reference = self.stage_output(table).await?;
        if let Some(known) = self.store.derived.known(name, &reference.digest) {
            return Ok(known);
        }
        let frame = self.store.load_columns(&reference, columns).await?;
        self.derive(name, &reference.digest, move || compute(&frame)).await
    }

    async fn stage_output(&self, table: &str) -> Result<TableRef, DataError> {
        let not_made = || DataError::NotMade { run: self.run_id().clone(), table: table.to_owned() };
        let record = self.record().await?.ok_or_else(not_made)?;
        let key = pinned::outputs(&record).remove(table).ok_or_else(not_made)?;
        match self.store.reference(&key).await? {
            Some(reference) => Ok(reference),
            None => Err(pinned::gone(&self.store, &record, &key).await),
        }
    }

    /// Something that is computed once of a table that never changes; `name` says what.
    pub async fn derive<T: Send + Sync + 'static>(
        &self,
        name: &str,
        of: &Digest,
        compute: impl FnOnce() -> Result<T, DataError> + Send + 'static,
    ) -> Result<Arc<T>, DataError> {
        self.store.derived.get(name, of, compute).await
    }

    /// The same for the rows that pass a filter, with their sums: the next pages of a table, and its files, do not filter
    /// and sort again. `name` says the page and everything that the rows depend on; of a table of very many `rows` they
    /// are computed each time.
    pub async fn filtered<T: Send + Sync + 'static>(
        &self,
        name: &str,
        of: &Digest,
        rows: usize,
        compute: impl FnOnce() -> Result<T, DataError> + Send + 'static,
    ) -> Result<Arc<T>, DataError> {
        if rows > MOST_ROWS_FILTERED {
            return blocking("the filtering of rows", compute).await.map(Arc::new);
        }
        self.store.filtered.get(name, of, compute).await
    }

    /// The store behind it, for what belongs to no run: alerts, runs, models.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// One of the results' documents that a page shows beside others; none where it was not made, or cannot be read.
    async fn beside<T: DeserializeOwned + Send + Sync + 'static>(
        &self,
        table: &str,
    ) -> Result<Option<Arc<T>>, DataError> {
        if self.output(table).is_err() {
            return Ok(None);
        }
        self.torn.or_note(self.json(table).await.map(Some))
    }

    async fn json<T: DeserializeOwned + Send + Sync + 'static>(&self, table: &str) -> Result<Arc<T>, DataError> {
        let reference = self.output(table)?;
        match self.store.document(&reference.key, self.now).await {
            Ok(Some(document)) => Ok(document),
            Ok(None) => Err(self.gone(reference).await),
            Err(error) => Err(error),
        }
    }

    /// A table that cannot be read because nothing is there was deleted.
    async fn why(&self, reference: &TableRef, error: DataError) -> DataError {
        match self.store.is_there(&reference.key).await {
            Ok(false) => self.gone(reference).await,
            Ok(true) | Err(_) => error,
        }
    }

    async fn gone(&self, reference: &TableRef) -> DataError {
        let mut left = Vec::new();
        for (table, output) in &self.results.outputs {
            if self.store.is_there(&output.key).await.unwrap_or(false) {
                left.push(table.clone());
            }
        }
        DataError::Gone { run: self.run_id().clone(), key: reference.key.clone(), left }
    }
}

/// The position of every customer in the scores, by the text that `name` makes of the ID.
pub fn positions<K: Ord>(
    scores: &DataFrame,
    name: impl Fn(&str) -> K,
) -> Result<std::collections::BTreeMap<K, usize>, DataError> {
    let ids = cells::texts(scores, "customer_id")?;
    Ok(ids.into_iter().enumerate().filter_map(|(row, id)| Some((name(id?), row))).collect())
}
