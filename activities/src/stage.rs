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
            job: None,
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
        Ok(StageOutcome { digest, outputs, rows, skipped: None, job: None })
    }
}

/// The content digests of stored inputs.
pub fn digests(inputs: &BTreeMap<String, TableRef>) -> BTreeMap<String, Digest> {
    inputs.iter().map(|(name, input)| (name.clone(), input.digest.clone())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::lake::FolderLake;

    fn spec(code_version: u32, input: &[u8], as_of: &str) -> StageSpec {
        StageSpec {
            layer: "gold".to_owned(),
            stage: "gold_master".to_owned(),
            code_version,
            inputs: BTreeMap::from([("silver".to_owned(), Digest::of(input))]),
            settings: json!({ "as_of": as_of }),
        }
    }

    fn run(id: &str) -> Run {
        Run { workflow_id: id.to_owned(), run_id: format!("{id}-1"), started: "2024-12-31T02:00:00.000Z".to_owned() }
    }

    #[test]
    fn code_inputs_and_settings_each_move_the_digest() {
        let digest = |spec: StageSpec| spec.digest();
        let first = digest(spec(1, b"a", "2024-12-31"));
        assert_eq!(digest(spec(1, b"a", "2024-12-31")), first);
        for other in [spec(2, b"a", "2024-12-31"), spec(1, b"b", "2024-12-31"), spec(1, b"a", "2024-12-30")] {
            assert_ne!(digest(other), first);
        }
    }

    #[tokio::test]
    async fn a_published_stage_is_found_with_the_run_that_made_it_unless_everything_is_to_run() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let file = root.path().join("out.json");
        std::fs::write(&file, "{}").unwrap();
        let spec = spec(1, b"a", "2024-12-31");
        assert_eq!(spec.find(&lake, Reuse::Unchanged).await.unwrap(), None);

        let made = vec![Made::file("table", "out.json".to_owned(), file, 3).unwrap()];
        let published = spec.publish(&lake, &run("first"), made).await.unwrap();
        assert_eq!((published.rows, published.skipped), (3, None));

        let found = spec.find(&lake, Reuse::Unchanged).await.unwrap().unwrap();
        assert_eq!(found.skipped.as_deref(), Some("unchanged since run first"));
        assert_eq!(found.output("table").unwrap().digest, Digest::of(b"{}"));
        assert!(found.output("other").is_err());
        assert_eq!(spec.find(&lake, Reuse::Nothing).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_stage_is_not_done_before_its_last_output_is_stored() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let spec = spec(1, b"a", "2024-12-31");
        let made = ["first.json", "second.json"].map(|name| {
            let path = root.path().join(name);
            std::fs::write(&path, "{}").unwrap();
            Made::file(name, name.to_owned(), path, 1).unwrap()
        });
        // As a full disk would have it: the second cannot be stored.
        std::fs::remove_file(root.path().join("second.json")).unwrap();
        spec.publish(&lake, &run("first"), made.into()).await.unwrap_err();
        assert_eq!(spec.find(&lake, Reuse::Unchanged).await.unwrap(), None);
    }
}
