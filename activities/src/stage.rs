//! Stages: content-addressed, immutable, and done when their manifest is there.
//!
//! The digest covers the stage's code version, the content of its inputs and its part of the
//! settings; so the same inputs find the same folder, whoever runs. The manifest is written last.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use churn::DataFrame;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::error::Result;
use crate::lake::{Lake, keys};
use crate::messages::{Reuse, Run, StageOutcome, TableRef};

/// What decides a stage's outputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageSpec {
    /// The lake's top folder: `bronze`, `silver`, `gold`, `models`, `evaluated`, `scored` or `monitoring`.
    pub layer: String,
    /// The stage's name.
    pub stage: String,
    /// Raised by hand when the same input gives another output.
    pub code_version: u32,
    /// The content digest of each input.
    pub inputs: BTreeMap<String, Digest>,
    /// The part of the settings that changes the output.
    pub settings: serde_json::Value,
}

/// A file that a stage made, not yet in the lake.
#[derive(Debug)]
pub struct Made {
    table: String,
    file: String,
    path: PathBuf,
    digest: Digest,
    rows: u64,
}

impl Made {
    /// A table, written to `scratch` as `<name>.parquet`.
    pub fn table(name: &str, frame: &mut DataFrame, scratch: &Path) -> churn::Result<Self> {
        let file = format!("{name}.parquet");
        let path = scratch.join(&file);
        churn::table_file::write(frame, &path)?;
        Self::file(name, file, path, frame.height() as u64)
    }

    /// A file that is already written.
    pub fn file(name: &str, file: String, path: PathBuf, rows: u64) -> churn::Result<Self> {
        let digest = Digest::of_file(&path, &churn::Unwatched)?;
        Ok(Self { table: name.to_owned(), file, path, digest, rows })
    }
}

/// The proof that a stage is complete.
#[derive(Debug, Serialize, Deserialize)]
struct StageManifest {
    spec: StageSpec,
    made_by: String,
    outputs: BTreeMap<String, TableRef>,
    rows: u64,
}

impl StageSpec {
    /// The stage's digest.
    pub fn digest(&self) -> Digest {
        Digest::of_json(self)
    }

    /// The stage's folder, ending in `/`.
    fn folder(&self) -> String {
        keys::stage(&self.layer, &self.stage, &self.digest())
    }

    fn manifest_key(&self) -> String {
        self.folder() + "manifest.json"
    }

    /// The finished stage, when its manifest is there and may be used.
    pub async fn find(&self, lake: &Lake, reuse: Reuse) -> Result<Option<StageOutcome>> {
        if reuse == Reuse::Nothing {
            return Ok(None);
        }
        let found = lake.get_json::<StageManifest>(&self.manifest_key()).await?;
        Ok(found.map(|(manifest, _)| StageOutcome {
            digest: self.digest(),
            outputs: manifest.outputs,
            rows: manifest.rows,
            skipped: Some(format!("unchanged since run {}", manifest.made_by)),
        }))
    }

    /// Stores what the stage made in its folder, then its manifest.
    pub async fn publish(&self, lake: &Lake, run: &Run, made: Vec<Made>) -> Result<StageOutcome> {
        self.publish_in(lake, run, &self.folder(), made).await
    }

    /// The same with the outputs in a folder of another name; the manifest stays in the stage's own.
    pub async fn publish_in(&self, lake: &Lake, run: &Run, folder: &str, made: Vec<Made>) -> Result<StageOutcome> {
        let digest = self.digest();
        let mut outputs = BTreeMap::new();
        for output in made {
            let key = format!("{folder}{}", output.file);
            lake.put_file(&key, &output.path).await?;
            outputs.insert(output.table, TableRef { key, digest: output.digest, rows: output.rows });
        }
        let rows = outputs.values().map(|output| output.rows).sum();
        let manifest =
            StageManifest { spec: self.clone(), made_by: run.workflow_id.clone(), outputs: outputs.clone(), rows };
        lake.put_json(&self.manifest_key(), &manifest).await?;
        Ok(StageOutcome { digest, outputs, rows, skipped: None })
    }
}

/// The content digests of stored inputs.
pub fn digests(inputs: &BTreeMap<String, TableRef>) -> BTreeMap<String, Digest> {
    inputs.iter().map(|(name, input)| (name.clone(), input.digest.clone())).collect()
}
