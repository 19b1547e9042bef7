//! What a run's stages were made of: their manifests, found from the run's record.

use std::collections::BTreeMap;

use anyhow::bail;
use lake::documents::{NamedRun, RunRecord, find_run, newest_runs};
use lake::{Lake, StageManifest, keys};
use protocol::RunId;
use protocol::pipeline::StageName;
use protocol::progress::StageResult;

use crate::display::few;

/// The manifests of a run's stages, of those that have one.
pub type Manifests = BTreeMap<StageName, StageManifest>;

/// The record of the run that a person names; the error says what to do.
pub async fn named_run(lake: &Lake, name: &str) -> anyhow::Result<RunRecord> {
    match find_run(lake, name).await? {
        NamedRun::One(record) => Ok(*record),
        NamedRun::None => bail!(
            "no run {name} is on record in {lake}; `spanishgas runs` lists them: give a run ID, its first characters, a \
             workflow ID, or latest"
        ),
        NamedRun::Several(runs) => {
            let runs: Vec<_> = runs.iter().map(RunId::as_str).collect();
            // The newest come first.
            bail!("several runs begin with {name}: {}; give more of the ID", few(&runs))
        }
    }
}

/// The manifests of the stages that have outputs. One that is gone or damaged is left out: what it said is lost.
pub async fn manifests_of(lake: &Lake, stages: &[StageResult<StageName>]) -> anyhow::Result<Manifests> {
    let mut manifests = Manifests::new();
    for stage in stages {
        let found = match (stage.name, stage.outputs.values().next()) {
            (StageName::Raw | StageName::Gate | StageName::Publish, _) | (_, None) => None,
            (StageName::Train, Some(output)) => manifest_of_training(lake, output).await?,
            (_, Some(output)) => manifest_beside(lake, output).await?,
        };
        manifests.extend(found.map(|manifest| (stage.name, manifest)));
    }
    Ok(manifests)
}

async fn manifest_beside(lake: &Lake, output: &str) -> anyhow::Result<Option<StageManifest>> {
    let Some((folder, _)) = output.rsplit_once('/') else { return Ok(None) };
    open(lake, &format!("{folder}/{}", keys::MANIFEST)).await
}

/// A model's manifest is not beside it: several trainings may have given the same model.
pub async fn manifest_of_training(lake: &Lake, output: &str) -> anyhow::Result<Option<StageManifest>> {
    for object in lake.list(keys::TRAININGS).await? {
        if !keys::is_manifest(&object.key) {
            continue;
        }
        let manifest = open(lake, &object.key).await?;
        let made_it = |manifest: &StageManifest| manifest.outputs.values().any(|made| made.key == output);
        if let Some(manifest) = manifest.filter(made_it) {
            return Ok(Some(manifest));
        }
    }
    Ok(None)
}

async fn open(lake: &Lake, key: &str) -> anyhow::Result<Option<StageManifest>> {
    let stored = lake.get(key).await?;
    Ok(stored.and_then(|(bytes, _)| StageManifest::open(&bytes).ok()))
}

/// The runs on record that started before this one, the newest first, with their stages' manifests; at most `most`.
pub async fn runs_before(lake: &Lake, record: &RunRecord, most: usize) -> anyhow::Result<Vec<(RunId, Manifests)>> {
    let mut before = Vec::new();
    for line in newest_runs(lake, usize::MAX).await? {
        if before.len() >= most {
            break;
        }
        if line.started >= record.run.started || line.run_id == record.run.run_id {
            continue;
        }
        let Some(stages) =
            RunRecord::find(lake, &line.run_id).await.ok().flatten().and_then(|record| record.stages().ok())
        else {
            continue;
        };
        before.push((line.run_id, manifests_of(lake, &stages).await?));
    }
    Ok(before)
}
