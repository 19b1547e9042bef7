//! A model trained once more from what is stored, by the settings and features that it names itself, and compared byte by
//! byte. The same data and settings give the same bytes on any number of threads.

use std::path::Path;

use anyhow::Context;
use churn::model::{METADATA, Metadata, NoCheckpoints};
use lake::documents::ModelList;
use lake::keys::{self, TopFolder};
use lake::{Lake, file_digest};
use protocol::Digest;
use serde::Serialize;

use super::facts::{metadata_of, stored_table};
use crate::display::Bar;
use crate::lineage::manifest_of_training;

/// What came of a rebuild.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Rebuilt {
    /// Every file has the same bytes.
    Same,
    /// Some have not.
    Different {
        /// Which.
        files: Vec<String>,
        /// Why that may be, where it is plain.
        reason: Option<String>,
    },
    /// It could not be found out.
    Unknown {
        /// Why, and what to do.
        reason: String,
    },
}

/// Trains the version again on this machine and compares.
pub async fn rebuild(lake: &Lake, list: &ModelList, version: &str, scratch: &Path) -> anyhow::Result<Rebuilt> {
    let unknown = |reason: String| Ok(Rebuilt::Unknown { reason });
    let metadata = metadata_of(lake, list).await?;
    let Some(training) = manifest_of_training(lake, &keys::model_file(version, METADATA)).await? else {
        let reason = "the manifest of its training (models/train/) is gone: nobody knows which table it was trained on";
        return unknown(reason.to_owned());
    };
    let Some(digest) = training.spec.inputs.get("gold_master") else {
        return unknown("the manifest of its training names no table gold_master".to_owned());
    };
    let Some((gold, _)) = stored_table(lake, TopFolder::Gold, "gold_master", digest).await? else {
        return unknown(format!(
            "the table that it was trained on (gold_master, SHA-256 {digest}) is gone; a run with the raw files and the \
             date of then makes it again"
        ));
    };
    let gold = lake.copy(&gold, scratch).await?;
    let folder = scratch.join(format!("rebuilt-{version}"));
    let made = (gold, metadata.clone(), folder.clone());
    let work = tokio::task::spawn_blocking(move || train(&made.0, &made.1, &made.2));
    work.await.context("a bug: the training thread was lost")??;
    compare(list, version, &folder, &metadata)
}

/// As the entry point of a training job does it.
fn train(gold: &Path, metadata: &Metadata, folder: &Path) -> churn::Result<()> {
    let gold = churn::table_file::read(gold)?;
    let Metadata { experiment, features, settings, .. } = metadata;
    let bar = Bar::new("boosting rounds");
    let trained = churn::model::train(&gold, experiment, features, settings, &NoCheckpoints, &bar);
    bar.finish();
    trained?.bundle.save(folder)
}

fn compare(list: &ModelList, version: &str, folder: &Path, metadata: &Metadata) -> anyhow::Result<Rebuilt> {
    let mut files = Vec::new();
    for file in list.files() {
        let name = file.key.trim_start_matches(&keys::model(version)).to_owned();
        if digest_of(&folder.join(&name))?.as_ref() != Some(&file.digest) {
            files.push(name);
        }
    }
    if files.is_empty() {
        return Ok(Rebuilt::Same);
    }
    let path = folder.join(METADATA);
    let bytes = std::fs::read(&path).with_context(|| format!("could not read {}", path.display()))?;
    let now: Metadata = serde_json::from_slice(&bytes).context("the rebuilt model's metadata")?;
    Ok(Rebuilt::Different { files, reason: other_code(metadata, &now) })
}

fn digest_of(path: &Path) -> anyhow::Result<Option<Digest>> {
    if !path.is_file() {
        return Ok(None);
    }
    Ok(Some(file_digest::of_file(path, &churn::Unwatched)?))
}

/// Other code gives other bytes: then nothing is said against the stored files.
fn other_code(then: &Metadata, now: &Metadata) -> Option<String> {
    let is_other = then.code_version != now.code_version || then.libraries != now.libraries;
    is_other.then(|| {
        format!(
            "it was trained by other code ({} with {:?}; this program is {} with {:?}): take the program of then",
            then.code_version, then.libraries, now.code_version, now.libraries
        )
    })
}
