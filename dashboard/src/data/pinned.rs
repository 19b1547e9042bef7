//! The results of a run that somebody names, found by its record.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use lake::documents::RunRecord;
use protocol::ModelVersion;
use protocol::progress::StageResult;
use serde::Deserialize;

use super::DataError;
use super::results::{Results, moment};
use super::store::Store;

/// The tables that a result consists of.
const OF_RESULTS: [&str; 8] =
    ["scores", "recommendations", "contributions", "reasons", "offers", "drift", "drift_page", "performance"];

/// What is needed of a run's result; newer words are no trouble.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Outcome {
    stages: Vec<StageResult<String>>,
    champion: Option<ModelVersion>,
}

/// The results of the run of this ID.
pub async fn results_of(store: &Arc<Store>, run_id: &str, now: DateTime<Utc>) -> Result<Results, DataError> {
    let record = store.run(run_id, now).await?.ok_or_else(|| DataError::UnknownRun { run: run_id.to_owned() })?;
    let keys = outputs(&record);
    let not_made = |table: &str| DataError::NotMade { run: record.run.run_id.clone(), table: table.to_owned() };
    let (as_of, model_version) = (record.summary().as_of, model_version(&record));
    let (Some(as_of), Some(model_version), true) = (as_of, model_version, keys.contains_key("scores")) else {
        return Err(not_made("scores"));
    };
    let never_published = record.facts.published == Some(false);
    let mut found = BTreeMap::new();
    for table in OF_RESULTS {
        let Some(key) = keys.get(table) else { continue };
        match store.reference(key).await? {
            Some(reference) => drop(found.insert(table.to_owned(), reference)),
            None => return Err(gone(store, &record, key).await),
        }
    }
    Ok(Results {
        run_id: record.run.run_id.clone(),
        workflow_id: record.run.workflow_id.clone(),
        started: moment(&record.run.started),
        as_of,
        model_version,
        never_published,
        published_at: record.ended.as_deref().and_then(moment).filter(|_| !never_published),
        outputs: found,
    })
}

/// The model that scored in a run.
pub fn model_version(record: &RunRecord) -> Option<ModelVersion> {
    outcome(record).champion.or_else(|| record.summary().model.map(|model| model.version))
}

/// The keys of all that a run's stages made or found, by table.
pub fn outputs(record: &RunRecord) -> BTreeMap<String, String> {
    outcome(record).stages.into_iter().flat_map(|stage| stage.outputs).collect()
}

/// That something is gone, and what is left of the same run.
pub async fn gone(store: &Store, record: &RunRecord, key: &str) -> DataError {
    let mut left = Vec::new();
    for (table, key) in outputs(record) {
        if store.is_there(&key).await.unwrap_or(false) {
            left.push(table);
        }
    }
    DataError::Gone { run: record.run.run_id.clone(), key: key.to_owned(), left }
}

fn outcome(record: &RunRecord) -> Outcome {
    serde_json::from_value(record.result.clone()).unwrap_or_default()
}
