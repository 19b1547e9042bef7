//! From where everything that stays is reached: pointers, models, young runs, runs that somebody names.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use lake::documents::{Publication, ResultsPointer, RunRecord, published_months};
use lake::keys::{self, TopFolder};
use lake::{Lake, LakeError};
use protocol::ModelVersion;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::registry::Registry;

/// So many months keep what was published last for them: the season comes again after twelve.
const KEPT_MONTHS: usize = 14;

/// Of which models the training tables stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Models {
    /// Of every registered one.
    All,
    /// Of those that are or were champion.
    Champions,
}

/// What reaches something.
#[derive(Debug, Default)]
pub struct Roots {
    /// Keys that something names.
    pub keys: BTreeSet<String>,
    /// Models whose evaluations stay.
    pub evaluated: BTreeSet<String>,
    /// Models whose training tables stay.
    pub trained: BTreeSet<String>,
    /// What cannot be read.
    pub doubts: Vec<String>,
}

impl Roots {
    /// Reads all that may reach something; a run is young when its record was written after `limit`.
    pub async fn of(lake: &Lake, limit: DateTime<Utc>, kept: &[RunRecord], models: Models) -> Result<Self> {
        let mut roots = Self::default();
        roots.pointers(lake).await;
        roots.months(lake).await?;
        roots.models(lake, models).await;
        roots.signed_models(lake, models).await?;
        roots.young_runs(lake, limit).await?;
        for record in kept {
            roots.names_in(record);
        }
        Ok(roots)
    }

    async fn pointers(&mut self, lake: &Lake) {
        if let Some(published) = self.read::<Publication>(lake, keys::PUBLISHED).await {
            self.keys.extend(published.outputs.into_values().map(|output| output.key));
        }
        for pointer in [keys::LATEST_SCORES, keys::LATEST_MONITORING] {
            if let Some(pointer) = self.read::<ResultsPointer>(lake, pointer).await {
                self.keys.extend(pointer.outputs.into_values().map(|output| output.key));
            }
        }
    }

    /// What later runs are held against: the customers of the last months, and their scores, whose labels may still come.
    async fn months(&mut self, lake: &Lake) -> Result<()> {
        for month in published_months(lake).await?.into_iter().rev().take(KEPT_MONTHS) {
            self.keys.extend(month.features.map(|features| features.key));
            self.keys.extend(month.outputs.get("scores").map(|scores| scores.key.clone()));
        }
        Ok(())
    }

    /// The pointer, its moves, every entry of the registry, and what somebody has signed and nobody judged yet.
    async fn models(&mut self, lake: &Lake, models: Models) {
        let registry = Registry::in_lake(lake.clone());
        let champions: Vec<ModelVersion> = match registry.moves().await {
            Ok(moves) => moves.into_iter().flat_map(|moved| [Some(moved.version), moved.previous]).flatten().collect(),
            Err(error) => self.doubt(Vec::new(), &error),
        };
        let registered = match registry.all().await {
            Ok(registered) => registered,
            Err(error) => self.doubt(Vec::new(), &error),
        };
        for entry in registered {
            self.keys.extend(entry.judgements.iter().map(|judgement| judgement.evaluation.key.clone()));
            self.evaluated.insert(entry.version.to_string());
            if models == Models::All {
                self.trained.insert(entry.version.to_string());
            }
        }
        let champions = champions.into_iter().map(|version| version.to_string());
        for version in champions {
            self.evaluated.insert(version.clone());
            self.trained.insert(version);
        }
    }

    /// Whoever signed a model vouches for it, also where no run came as far as a judgement.
    async fn signed_models(&mut self, lake: &Lake, models: Models) -> Result<()> {
        for object in lake.list(keys::MODELS).await? {
            let Some(version) = keys::signed_version(&object.key) else { continue };
            self.evaluated.insert(version.to_owned());
            if models == Models::All {
                self.trained.insert(version.to_owned());
            }
        }
        Ok(())
    }

    /// Records are found by listing, not by the index, which may lack one.
    async fn young_runs(&mut self, lake: &Lake, limit: DateTime<Utc>) -> Result<()> {
        for object in lake.list(keys::RUNS).await? {
            let Some(run_id) = keys::run_of_record(&object.key) else { continue };
            if object.modified.is_some_and(|written| written < limit) {
                continue;
            }
            match RunRecord::find(lake, run_id).await {
                Ok(Some(record)) => self.names_in(&record),
                Ok(None) => {}
                Err(error) => self.doubts.push(format!("the record of run {run_id} cannot be read: {error}")),
            }
        }
        Ok(())
    }

    /// Every key of the lake that a record names, whatever workflow or version wrote it.
    fn names_in(&mut self, record: &RunRecord) {
        keys_in(&record.result, &mut self.keys);
        self.keys.extend(record.inputs.values().map(|input| input.key.clone()));
    }

    async fn read<T: DeserializeOwned>(&mut self, lake: &Lake, key: &str) -> Option<T> {
        match lake.get_json::<T>(key).await {
            Ok(stored) => stored.map(|(value, _)| value),
            Err(error) => {
                self.doubts.push(pointer_doubt(key, &error));
                None
            }
        }
    }

    fn doubt<T>(&mut self, nothing: T, error: &Error) -> T {
        self.doubts.push(format!("the registry cannot be read: {error}"));
        nothing
    }
}

fn pointer_doubt(key: &str, error: &LakeError) -> String {
    format!("{key} cannot be read: {error}")
}

/// Texts in a document that are keys of what the pipeline writes.
fn keys_in(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if is_key(text) => {
            keys.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| keys_in(item, keys)),
        Value::Object(fields) => fields.values().for_each(|field| keys_in(field, keys)),
        _ => {}
    }
}

fn is_key(text: &str) -> bool {
    TopFolder::ALL.iter().any(|folder| text.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn a_model_that_was_signed_and_never_judged_keeps_its_tables() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(lake::FolderLake::open(root.path()).unwrap());
        for key in ["models/signed/signature.json", "models/unsigned/files.json", "models/train/a/signature.json"] {
            lake.put(key, b"{}".to_vec()).await.unwrap();
        }
        let limit = DateTime::<Utc>::MIN_UTC;
        let all = Roots::of(&lake, limit, &[], Models::All).await.unwrap();
        let signed = BTreeSet::from(["signed".to_owned()]);
        assert_eq!((&all.evaluated, &all.trained, all.doubts.len()), (&signed, &signed, 0));
        let champions = Roots::of(&lake, limit, &[], Models::Champions).await.unwrap();
        assert_eq!((&champions.evaluated, champions.trained.len()), (&signed, 0));
    }

    #[test]
    fn every_key_in_a_result_is_found_also_in_a_newer_version_s() {
        let mut keys = BTreeSet::new();
        let result = json!({ "stages": [{ "outputs": { "gold": "gold/gold_master/a/g.parquet" } }],
            "new": { "deep": ["scored/scores/b/s.parquet", "goldfish", "raw/x.csv", 7] } });
        keys_in(&result, &mut keys);
        assert_eq!(keys.into_iter().collect::<Vec<_>>(), ["gold/gold_master/a/g.parquet", "scored/scores/b/s.parquet"]);
    }
}
