//! A stored model on its way to where it is loaded. XGBoost ends the whole process over a damaged file, so
//! every byte is compared before anything is loaded.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use protocol::{Digest, ModelVersion, TableRef};
use serde::{Deserialize, Serialize};

use crate::documents::sealed;
use crate::error::Result;
use crate::{Lake, LakeError, Made, keys, outputs_of_manifest};

/// The list of a model's files, beside them; the name of that output of a training, too.
pub const MODEL_FILES: &str = "files.json";

/// What the list holds.
#[derive(Debug, Serialize, Deserialize)]
struct ModelFiles {
    files: BTreeMap<String, Digest>,
}

/// The list of the files of a new model, to be stored with them.
pub fn list_model_files(made: &[Made], scratch: &Path) -> churn::Result<Made> {
    let files = ModelFiles { files: made.iter().map(Made::content).collect() };
    let path = scratch.join(MODEL_FILES);
    std::fs::write(&path, sealed::seal(&files)).map_err(churn::Error::file("write", &path))?;
    Made::file(MODEL_FILES, MODEL_FILES.to_owned(), path, 0)
}

/// The files of a version, each with the digest that the training noted.
#[derive(Debug, Clone)]
pub struct ModelList {
    version: ModelVersion,
    files: Vec<TableRef>,
    digest: Option<Digest>,
}

impl ModelList {
    /// From the version's own list, or from the manifest of the training that made it, which is all that older
    /// versions have.
    pub async fn find(lake: &Lake, version: &str) -> Result<Self> {
        let key = keys::model_file(version, MODEL_FILES);
        let missing = || LakeError::Missing { key: key.clone(), lake: lake.to_string() };
        let problem = match lake.get(&key).await? {
            Some((bytes, _)) => match sealed::open::<ModelFiles>(&bytes) {
                Ok(list) => {
                    let digest = Some(Digest::of(&bytes));
                    return Ok(Self { version: version.into(), files: list.of(version), digest });
                }
                Err(problem) => LakeError::Unreadable { key, expected: "the list of a model's files", problem },
            },
            None => missing(),
        };
        let known = files_of_training(lake, version).await?;
        let files = known.ok_or(problem)?;
        Ok(Self { version: version.into(), files, digest: None })
    }

    /// The files.
    pub fn files(&self) -> &[TableRef] {
        &self.files
    }

    /// The digest of the list as it is stored, which a signature is about; none of a version without a list.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// Copies of the files below `scratch`, each compared with its digest; their folder.
    pub async fn fetch(&self, lake: &Lake, scratch: &Path) -> Result<PathBuf> {
        let mut folder = scratch.join(keys::model(&self.version));
        for file in &self.files {
            let copy = lake.copy(file, scratch).await?;
            folder = copy.parent().map_or(folder, Path::to_owned);
        }
        Ok(folder)
    }
}

impl ModelFiles {
    fn of(self, version: &str) -> Vec<TableRef> {
        let file =
            |(name, digest): (String, Digest)| TableRef { key: keys::model_file(version, &name), digest, rows: 0 };
        self.files.into_iter().map(file).collect()
    }
}

async fn files_of_training(lake: &Lake, version: &str) -> Result<Option<Vec<TableRef>>> {
    let folder = keys::model(version);
    for object in lake.list(keys::TRAININGS).await? {
        let Some((bytes, _)) = lake.get(&object.key).await?.filter(|_| keys::is_manifest(&object.key)) else {
            continue;
        };
        match outputs_of_manifest(&bytes) {
            Ok(outputs) if outputs.values().any(|output| output.key.starts_with(&folder)) => {
                let list = keys::model_file(version, MODEL_FILES);
                return Ok(Some(outputs.into_values().filter(|output| output.key != list).collect()));
            }
            Ok(_) => {}
            Err(problem) => tracing::warn!(key = object.key, problem, "a manifest cannot be read"),
        }
    }
    Ok(None)
}
