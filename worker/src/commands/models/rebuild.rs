//! A model trained once more from what is stored, by the settings and features that it names itself, and compared byte by
//! byte. The same data and settings give the same bytes on any number of threads.

use std::path::{Path, PathBuf};

use anyhow::Context;
use churn::model::{METADATA, MadeBy, Metadata, NoCheckpoints};
use lake::documents::ModelList;
use lake::keys::{self, TopFolder};
use lake::{Lake, file_digest};
use protocol::Digest;
use serde::Serialize;

use super::damage::damage;
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
    },
    /// Other code made it, which gives other bytes: nothing is said for or against the stored files.
    OtherCode {
        /// Which, and what to do.
        reason: String,
    },
    /// What it was trained on is deleted or damaged.
    InputsGone {
        /// What, and what to do.
        reason: String,
    },
    /// Its own files are not what the training left: what they name is not followed.
    NotTried {
        /// Why.
        reason: String,
    },
}

/// Trains the version again on this machine and compares. Nothing of the lake changes: all that is made lies in `scratch`.
pub async fn rebuild(lake: &Lake, list: &ModelList, version: &str, scratch: &Path) -> anyhow::Result<Rebuilt> {
    let metadata = metadata_of(lake, list).await?;
    if let Some(reason) = other_code(&metadata) {
        return Ok(Rebuilt::OtherCode { reason });
    }
    let gold = match trained_on(lake, version, scratch).await? {
        Ok(gold) => gold,
        Err(reason) => return Ok(Rebuilt::InputsGone { reason }),
    };
    let folder = scratch.join(format!("rebuilt-{version}"));
    let made = folder.clone();
    let work = tokio::task::spawn_blocking(move || train(&gold, &metadata, &made));
    work.await.context("a bug: the training thread was lost")??;
    let files = differing(list, version, &folder)?;
    Ok(if files.is_empty() { Rebuilt::Same } else { Rebuilt::Different { files } })
}

/// A copy of the table that a version was trained on, or why there is none.
async fn trained_on(lake: &Lake, version: &str, scratch: &Path) -> anyhow::Result<Result<PathBuf, String>> {
    let gone = |reason: &str| Ok(Err(reason.to_owned()));
    let Some(training) = manifest_of_training(lake, &keys::model_file(version, METADATA)).await? else {
        return gone(
            "the manifest of its training (models/train/) is gone: nobody knows which table it was trained on",
        );
    };
    let Some(digest) = training.spec.inputs.get("gold_master") else {
        return gone("the manifest of its training names no table gold_master");
    };
    let Some((gold, _)) = stored_table(lake, TopFolder::Gold, "gold_master", digest).await? else {
        return gone(&format!(
            "the table that it was trained on (gold_master, SHA-256 {digest}) is gone; a run with the raw files and the \
             date of then makes it again"
        ));
    };
    match lake.copy(&gold, scratch).await {
        Ok(path) => Ok(Ok(path)),
        Err(error) => Ok(Err(format!("the table that it was trained on cannot be used: {}", damage(error)?))),
    }
}

/// Why this program gives other bytes, where it is not the one of then.
fn other_code(metadata: &Metadata) -> Option<String> {
    let (then, now) = (MadeBy::of(metadata), MadeBy::this_program(&metadata.settings));
    (then != now).then(|| {
        format!("it was trained by other code ({then}; this program is {now}): to compare, take the program of then")
    })
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

/// The files of the list that came out otherwise, or not at all.
fn differing(list: &ModelList, version: &str, folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut files = Vec::new();
    for file in list.files() {
        let name = file.key.trim_start_matches(&keys::model(version)).to_owned();
        if digest_of(&folder.join(&name))?.as_ref() != Some(&file.digest) {
            files.push(name);
        }
    }
    Ok(files)
}

fn digest_of(path: &Path) -> anyhow::Result<Option<Digest>> {
    if !path.is_file() {
        return Ok(None);
    }
    Ok(Some(file_digest::of_file(path, &churn::Unwatched)?))
}
