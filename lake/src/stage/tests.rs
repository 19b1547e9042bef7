//! A stage is found when every byte of it is there, and made again when not; its manifest comes last.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use protocol::Digest;
use protocol::steps::StageOutcome;
use protocol::{Reuse, Run};
use serde_json::json;

use crate::keys::TopFolder;
use crate::stage::{Made, StageSpec};
use crate::{FolderLake, Lake};

fn spec(code_version: u32, input: &[u8], as_of: &str) -> StageSpec {
    StageSpec {
        layer: TopFolder::Gold,
        stage: "gold_master".to_owned(),
        code_version,
        inputs: BTreeMap::from([("silver".to_owned(), Digest::of(input))]),
        settings: json!({ "as_of": as_of }),
    }
}

fn run(id: &str) -> Run {
    Run { workflow_id: id.into(), run_id: format!("{id}-1").into(), started: "2024-12-31T02:00:00.000Z".to_owned() }
}

/// A stage with two outputs in a lake of its own.
struct Stage {
    root: tempfile::TempDir,
    scratch: tempfile::TempDir,
    lake: Lake,
    spec: StageSpec,
}

impl Stage {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        Self { root, scratch: tempfile::tempdir().unwrap(), lake, spec: spec(1, b"a", "2024-12-31") }
    }

    async fn published(id: &str) -> Self {
        let stage = Self::new();
        assert_eq!(stage.find().await, None);
        stage.publish(id).await.unwrap();
        stage
    }

    async fn publish(&self, id: &str) -> crate::Result<StageOutcome> {
        let made = ["one", "two"].map(|name| {
            let path = self.scratch.path().join(name);
            fs::write(&path, format!("content of {name}")).unwrap();
            Made::file(name, name.to_owned(), path, 3).unwrap()
        });
        self.spec.publish(&self.lake, &run(id), made.into()).await
    }

    async fn find(&self) -> Option<StageOutcome> {
        self.spec.find(&self.lake, Reuse::Unchanged).await.unwrap()
    }

    fn at(&self, file: &str) -> PathBuf {
        self.root.path().join(format!("gold/gold_master/{}/{file}", self.spec.digest().short()))
    }
}

#[test]
fn layer_stage_code_inputs_and_settings_each_move_the_digest() {
    let first = spec(1, b"a", "2024-12-31");
    assert_eq!(spec(1, b"a", "2024-12-31").digest(), first.digest());
    let renamed = StageSpec { stage: "silver".to_owned(), ..first.clone() };
    let moved = StageSpec { layer: TopFolder::Scored, ..first.clone() };
    let mut of_another_name = first.clone();
    of_another_name.inputs = BTreeMap::from([("bronze".to_owned(), Digest::of(b"a"))]);
    let others = [spec(2, b"a", "2024-12-31"), spec(1, b"b", "2024-12-31"), spec(1, b"a", "2024-12-30")];
    for other in others.into_iter().chain([renamed, moved, of_another_name]) {
        assert_ne!(other.digest(), first.digest(), "{other:?}");
    }
}

#[tokio::test]
async fn a_published_stage_is_found_with_the_run_that_made_it_unless_everything_is_to_run() {
    let stage = Stage::new();
    assert_eq!(stage.find().await, None);
    let published = stage.publish("first").await.unwrap();
    assert_eq!((published.rows, published.skipped, published.repaired), (6, None, None));
    let found = stage.find().await.unwrap();
    assert_eq!(found.skipped.as_deref(), Some("unchanged since run first"));
    assert_eq!(found.output("one").unwrap().digest, Digest::of(b"content of one"));
    assert!(found.output("other").is_err());
    assert_eq!(stage.spec.find(&stage.lake, Reuse::Nothing).await.unwrap(), None);
    assert_eq!(stage.publish("again").await.unwrap().repaired, None, "it was whole");
}

#[tokio::test]
async fn a_stage_whose_outputs_are_not_all_stored_has_no_manifest() {
    let stage = Stage::new();
    // The second output cannot be stored: a folder stands in its place.
    fs::create_dir_all(stage.at("two")).unwrap();
    stage.publish("first").await.unwrap_err();
    assert!(stage.at("one").is_file() && !stage.at("manifest.json").exists());
    assert_eq!(stage.find().await, None);
}

#[tokio::test]
async fn every_flipped_bit_of_an_output_has_the_stage_made_again_and_told_of() {
    for file in ["one", "two"] {
        for bit in [0, 5, 77] {
            let stage = Stage::published("first").await;
            let path = stage.at(file);
            let mut bytes = fs::read(&path).unwrap();
            bytes[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, bytes).unwrap();
            assert_eq!(stage.find().await, None, "bit {bit} of {file}");
            let repaired = stage.publish("second").await.unwrap().repaired.unwrap();
            assert!(repaired.contains(&format!("/{file} had SHA-256")), "{repaired}");
            assert_eq!(fs::read(&path).unwrap(), format!("content of {file}").into_bytes());
            assert_eq!(stage.find().await.unwrap().skipped.as_deref(), Some("unchanged since run second"));
        }
    }
}

#[tokio::test]
async fn a_lost_output_has_the_stage_made_again_and_told_of() {
    let stage = Stage::published("first").await;
    fs::remove_file(stage.at("two")).unwrap();
    assert_eq!(stage.find().await, None);
    let repaired = stage.publish("second").await.unwrap().repaired.unwrap();
    assert!(repaired.contains("/two had SHA-256") && repaired.ends_with("has nothing"), "{repaired}");
}

#[tokio::test]
async fn every_flipped_bit_of_a_manifest_is_harmless_or_has_the_stage_made_again() {
    let stage = Stage::published("first").await;
    let manifest = stage.at("manifest.json");
    let whole = fs::read(&manifest).unwrap();
    let found = stage.find().await.unwrap();
    let mut noticed = 0;
    for bit in 0..whole.len() * 8 {
        let mut damaged = whole.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        fs::write(&manifest, damaged).unwrap();
        match stage.find().await {
            None => noticed += 1,
            same => assert_eq!(same.as_ref(), Some(&found), "bit {bit}"),
        }
    }
    assert!(noticed > whole.len() * 4, "{noticed}");
    fs::write(&manifest, &whole[..whole.len() / 2]).unwrap();
    let repaired = stage.publish("second").await.unwrap().repaired.unwrap();
    assert!(repaired.contains("manifest.json: "), "{repaired}");
}

#[tokio::test]
async fn a_manifest_of_another_stage_or_of_before_there_were_seals_proves_what_it_says() {
    let stage = Stage::published("first").await;
    let sealed = fs::read(stage.at("manifest.json")).unwrap();
    let mut manifest: serde_json::Value = serde_json::from_slice(&sealed).unwrap();
    assert!(manifest.as_object_mut().unwrap().shift_remove("seal").is_some());
    fs::write(stage.at("manifest.json"), manifest.to_string()).unwrap();
    assert!(stage.find().await.is_some());
    manifest["spec"]["code_version"] = 2.into();
    fs::write(stage.at("manifest.json"), manifest.to_string()).unwrap();
    assert_eq!(stage.find().await, None);
}
