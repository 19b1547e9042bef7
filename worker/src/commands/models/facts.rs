//! What is known of a version: what it was made of and how, what it reached, what it looks at, how large it is.

use std::collections::BTreeMap;

use activities::registry::Registry;
use churn::model::{METADATA, Metadata};
use lake::documents::{ModelList, RunRecord};
use lake::keys::{self, TopFolder};
use lake::{Lake, StageManifest};
use protocol::{Digest, TableRef};
use serde_json::{Map, Value, json};

use crate::lineage::manifest_of_training;

/// What is known, by part; and what is not known any more.
#[derive(Debug, Default)]
pub struct Facts {
    /// What can be compared.
    pub parts: BTreeMap<&'static str, Value>,
    /// What is gone.
    pub notes: Vec<String>,
}

impl Facts {
    /// Everything that the lake has of a version; an error where it has no such model.
    pub async fn of(lake: &Lake, registry: &Registry, version: &str) -> anyhow::Result<Self> {
        let mut facts = Self::default();
        let list = ModelList::find(lake, version).await?;
        let metadata = metadata_of(lake, &list).await?;
        let training = manifest_of_training(lake, &keys::model_file(version, METADATA)).await?;
        facts.made_how(&metadata, training.as_ref());
        facts.made_of(lake, registry, version, training.as_ref()).await?;
        facts.reached(registry, version).await?;
        facts.size(lake, &list, version).await?;
        Ok(facts)
    }

    fn made_how(&mut self, metadata: &Metadata, training: Option<&StageManifest>) {
        let settings = json!({
            "experiment": metadata.experiment, "algorithm": metadata.algorithm, "training": metadata.settings,
        });
        self.parts.insert("settings", settings);
        let features: Map<_, _> = metadata.features.iter().map(|it| (it.name.clone(), json!(it.kind))).collect();
        self.parts.insert("features", features.into());
        let code = json!({
            "model": metadata.code_version, "libraries": metadata.libraries,
            "training_stage": training.map(|manifest| manifest.spec.code_version),
        });
        self.parts.insert("code", code);
    }

    /// The tables and raw files; what a deleted table was made of nobody knows any more.
    async fn made_of(
        &mut self,
        lake: &Lake,
        registry: &Registry,
        version: &str,
        training: Option<&StageManifest>,
    ) -> anyhow::Result<()> {
        let gold = training.and_then(|manifest| manifest.spec.inputs.get("gold_master"));
        let made = match gold {
            Some(digest) => stored_table(lake, TopFolder::Gold, "gold_master", digest).await?,
            None => None,
        };
        if made.is_none() {
            self.notes.push(format!("the table that model {version} was trained on is gone: its date is not known"));
        }
        let record = first_run(lake, registry, version).await?;
        if record.is_none() {
            self.notes.push(format!("no run on record has judged model {version}: its raw files are not known"));
        }
        let files = record.iter().flat_map(|record| &record.inputs);
        let files: Map<_, _> = files.map(|(name, file)| (name.clone(), json!(file.digest.short()))).collect();
        let inputs = json!({
            "gold_master": gold.map(Digest::short), "raw_files": files,
            "as_of": made.as_ref().and_then(|(_, manifest)| manifest.spec.settings.get("as_of")),
            "gold_code": made.as_ref().map(|(_, manifest)| manifest.spec.code_version),
        });
        self.parts.insert("inputs", inputs);
        Ok(())
    }

    async fn reached(&mut self, registry: &Registry, version: &str) -> anyhow::Result<()> {
        let Some(entry) = registry.find(version).await? else {
            self.notes.push(format!("model {version} is not registered: it has no figures and no checks"));
            return Ok(());
        };
        let checks = entry.verdict.checks.iter().map(|check| (check.name.to_string(), json!(check)));
        self.parts.insert("checks", checks.collect::<Map<_, _>>().into());
        self.parts.insert("status", json!({ "status": entry.status }));
        match registry.judged_evaluation(version).await {
            Ok(evaluation) => {
                let summary = &evaluation.summary;
                let metrics = json!({
                    "metrics": summary.metrics, "pr_auc_interval": summary.pr_auc_interval,
                    "holdout_rows": summary.holdout_rows, "holdout_positives": summary.holdout_positives,
                });
                self.parts.insert("metrics", metrics);
                let importance = evaluation.importance.into_iter();
                let importance: Map<_, _> = importance.map(|it| (it.feature, json!(it.mean_abs_shap))).collect();
                self.parts.insert("importance", importance.into());
            }
            Err(error) => self.notes.push(format!("the figures of model {version} cannot be read: {error}")),
        }
        Ok(())
    }

    async fn size(&mut self, lake: &Lake, list: &ModelList, version: &str) -> anyhow::Result<()> {
        let folder = keys::model(version);
        let objects = lake.list(&folder).await?;
        let of_model = objects.iter().filter(|object| list.files().iter().any(|file| file.key == object.key));
        let sizes: Map<_, _> =
            of_model.map(|object| (object.key[folder.len()..].to_owned(), json!(object.bytes))).collect();
        self.parts.insert("size", sizes.into());
        Ok(())
    }
}

/// What a version says of itself.
pub async fn metadata_of(lake: &Lake, list: &ModelList) -> anyhow::Result<Metadata> {
    let is_metadata = |file: &&TableRef| file.key.ends_with(&format!("/{METADATA}"));
    let Some(file) = list.files().iter().find(is_metadata) else {
        anyhow::bail!("the model's list of files has no {METADATA}; it cannot be described");
    };
    Ok(lake.read_json_exactly(file).await?)
}

/// The stored table of a stage with this content, and the manifest that names it.
pub async fn stored_table(
    lake: &Lake,
    folder: TopFolder,
    stage: &str,
    digest: &Digest,
) -> anyhow::Result<Option<(TableRef, StageManifest)>> {
    for object in lake.list(&keys::stages(folder, stage)).await? {
        if !keys::is_manifest(&object.key) {
            continue;
        }
        let Some((bytes, _)) = lake.get(&object.key).await? else { continue };
        let Ok(manifest) = StageManifest::open(&bytes) else { continue };
        if let Some(table) = manifest.outputs.values().find(|output| output.digest == *digest) {
            return Ok(Some((table.clone(), manifest)));
        }
    }
    Ok(None)
}

/// The record of the run that judged a version first: the one that trained it, or that found it trained.
async fn first_run(lake: &Lake, registry: &Registry, version: &str) -> anyhow::Result<Option<RunRecord>> {
    let Some(entry) = registry.find(version).await? else { return Ok(None) };
    let run_id = entry.judgements.first().map_or(entry.run_id, |judgement| judgement.run_id.clone());
    if run_id.is_empty() {
        return Ok(None);
    }
    Ok(RunRecord::find(lake, &run_id).await?)
}
