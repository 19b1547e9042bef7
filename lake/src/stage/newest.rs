//! The stage of a name that was made last: what a new one is compared with.

use super::{StageManifest, StageSpec};
use crate::error::Result;
use crate::{Lake, ObjectMeta, keys};

/// The stage of a name whose manifest was written last.
#[derive(Debug, Clone, PartialEq)]
pub struct NewestStage {
    /// Its folder, ending in `/`.
    pub folder: String,
    /// Its manifest, or what is wrong with it.
    pub manifest: Result<StageManifest, String>,
}

/// The newest stage with the layer and name of `spec`, if there is one.
pub async fn newest_stage(lake: &Lake, spec: &StageSpec) -> Result<Option<NewestStage>> {
    let objects = lake.list(&keys::stages(spec.layer, &spec.stage)).await?;
    let manifests = objects.into_iter().filter(|object| keys::is_manifest(&object.key));
    let Some(newest) = manifests.max_by(|a, b| age(a).cmp(&age(b))) else { return Ok(None) };
    let manifest = StageManifest::open(&lake.read(&newest.key).await?);
    let folder = newest.key.trim_end_matches(keys::MANIFEST).to_owned();
    Ok(Some(NewestStage { folder, manifest }))
}

/// Of two of one moment the key decides, so that the answer is the same each time.
fn age(object: &ObjectMeta) -> (Option<chrono::DateTime<chrono::Utc>>, &str) {
    (object.modified, &object.key)
}

impl StageManifest {
    /// The bytes of all outputs, as far as they are there.
    pub async fn bytes(&self, lake: &Lake) -> Result<u64> {
        let Some(folder) = self.outputs.values().find_map(|output| output.key.rsplit_once('/')) else { return Ok(0) };
        let objects = lake.list(&format!("{}/", folder.0)).await?;
        let is_output = |object: &&ObjectMeta| self.outputs.values().any(|output| output.key == object.key);
        Ok(objects.iter().filter(is_output).map(|object| object.bytes).sum())
    }
}
