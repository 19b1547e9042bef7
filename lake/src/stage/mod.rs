//! Stages: content-addressed, immutable, and done when their manifest is there and true.
//!
//! The digest covers the stage's code version, the content of its inputs and its part of the
//! settings; so the same inputs find the same folder, whoever runs. The manifest is written last.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use churn::DataFrame;
use protocol::Digest;
use protocol::steps::StageOutcome;
use protocol::{Reuse, Run, TableRef, WorkflowId};
use serde::{Deserialize, Serialize};

use crate::documents::sealed;
use crate::error::{Error, Result};
use crate::file_digest;
use crate::keys::TopFolder;
use crate::{Lake, LakeError, keys};

mod difference;
mod newest;
#[cfg(test)]
mod tests;

pub use difference::Difference;
pub use newest::{NewestStage, newest_stage};

/// What decides a stage's outputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageSpec {
    /// The lake's top folder.
    pub layer: TopFolder,
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
        let digest = file_digest::of_file(&path, &churn::Unwatched)?;
        Ok(Self { table: name.to_owned(), file, path, digest, rows })
    }

    /// The file's name and the digest of its content.
    pub fn content(&self) -> (String, Digest) {
        (self.file.clone(), self.digest.clone())
    }
}

/// The proof that a stage is complete, stored with a seal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageManifest {
    /// What decided the outputs.
    pub spec: StageSpec,
    /// The workflow that made them.
    pub made_by: WorkflowId,
    /// The outputs by table name.
    pub outputs: BTreeMap<String, TableRef>,
    /// All their rows.
    pub rows: u64,
}

impl StageManifest {
    /// Reads a stored manifest; the error says what is wrong with it.
    pub fn open(bytes: &[u8]) -> Result<Self, String> {
        sealed::open(bytes)
    }
}

impl StageSpec {
    /// The stage's digest.
    pub fn digest(&self) -> Digest {
        Digest::of_json(self)
    }

    /// The stage's folder, ending in `/`.
    pub fn folder(&self) -> String {
        keys::stage(self.layer, &self.stage, &self.digest())
    }

    fn manifest_key(&self) -> String {
        self.folder() + keys::MANIFEST
    }

    /// The finished stage, when it may be used and is there as its manifest says. One that is damaged is
    /// not there: it is made again, and [`Self::publish`] tells of it.
    pub async fn find(&self, lake: &Lake, reuse: Reuse) -> Result<Option<StageOutcome>> {
        if reuse == Reuse::Nothing {
            return Ok(None);
        }
        Ok(match self.look(lake).await? {
            Stored::Whole(manifest) => Some(StageOutcome {
                digest: self.digest(),
                outputs: manifest.outputs,
                rows: manifest.rows,
                skipped: Some(format!("unchanged since run {}", manifest.made_by)),
                job: None,
                repaired: None,
            }),
            Stored::Damaged(damage) => {
                tracing::warn!(stage = self.folder(), damage, "a stored stage is damaged and is made again");
                None
            }
            Stored::Nothing => None,
        })
    }

    /// What is there of the stage. Every output is read: a manifest proves only what was true once.
    pub async fn look(&self, lake: &Lake) -> Result<Stored> {
        let key = self.manifest_key();
        let damaged = |what: &dyn std::fmt::Display| Stored::Damaged(format!("{key}: {what}"));
        let bytes = match lake.get(&key).await {
            Ok(Some((bytes, _))) => bytes,
            Ok(None) => return Ok(Stored::Nothing),
            Err(error) => return damage(error.into()).map(|damage| damaged(&damage)),
        };
        let manifest = match StageManifest::open(&bytes) {
            Ok(manifest) => manifest,
            Err(problem) => return Ok(damaged(&problem)),
        };
        if manifest.spec != *self {
            return Ok(damaged(&"it is the manifest of another stage"));
        }
        for output in manifest.outputs.values() {
            if let Err(error) = lake.verify(output).await {
                return damage(error).map(Stored::Damaged);
            }
        }
        Ok(Stored::Whole(manifest))
    }

    /// Stores what the stage made in its folder, then its manifest.
    pub async fn publish(&self, lake: &Lake, run: &Run, made: Vec<Made>) -> Result<StageOutcome> {
        self.publish_in(lake, run, &self.folder(), made).await
    }

    /// The same with the outputs in a folder of another name; the manifest stays in the stage's own.
    pub async fn publish_in(&self, lake: &Lake, run: &Run, folder: &str, made: Vec<Made>) -> Result<StageOutcome> {
        let digest = self.digest();
        let repaired = match self.look(lake).await? {
            Stored::Damaged(damage) => Some(damage),
            Stored::Whole(_) | Stored::Nothing => None,
        };
        let mut outputs = BTreeMap::new();
        for output in made {
            let key = format!("{folder}{}", output.file);
            lake.put_file(&key, &output.path).await?;
            outputs.insert(output.table, TableRef { key, digest: output.digest, rows: output.rows });
        }
        let rows = outputs.values().map(|output| output.rows).sum();
        let manifest =
            StageManifest { spec: self.clone(), made_by: run.workflow_id.clone(), outputs: outputs.clone(), rows };
        lake.put(&self.manifest_key(), sealed::seal(&manifest)).await?;
        Ok(StageOutcome { digest, outputs, rows, skipped: None, job: None, repaired })
    }
}

/// What is in the lake of a stage.
#[derive(Debug)]
pub enum Stored {
    /// It was never finished.
    Nothing,
    /// Every output is there with its digest.
    Whole(StageManifest),
    /// It was finished once, and this is wrong with it now.
    Damaged(String),
}

/// The words for an object that is not what was stored; any other trouble stays an error.
fn damage(error: Error) -> Result<String> {
    match error {
        Error::Lake(
            LakeError::TableDamaged { key, expected, found } | LakeError::InputChanged { key, expected, found },
        ) => Ok(format!("{key} had SHA-256 {expected} and has {found}")),
        Error::Lake(error @ (LakeError::Damaged { .. } | LakeError::UnsafeKey(_))) => Ok(error.to_string()),
        other => Err(other),
    }
}

/// The outputs that a stored manifest names; the error says what is wrong with it.
pub fn outputs_of_manifest(bytes: &[u8]) -> Result<BTreeMap<String, TableRef>, String> {
    Ok(StageManifest::open(bytes)?.outputs)
}

/// The content digests of stored inputs.
pub fn digests(inputs: &BTreeMap<String, TableRef>) -> BTreeMap<String, Digest> {
    inputs.iter().map(|(name, input)| (name.clone(), input.digest.clone())).collect()
}
