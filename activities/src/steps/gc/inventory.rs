//! What might be deleted: the folders of stages, and lists.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use lake::keys::{self, TopFolder};
use lake::{Lake, ObjectMeta, StageManifest};

use crate::error::Result;

/// A stage's folder, or a list: it goes as a whole or stays.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// The folder, ending in `/`, or a list's key.
    pub name: String,
    /// All that is in it.
    pub objects: Vec<ObjectMeta>,
    /// The manifest; none of what was never finished, and of lists.
    pub manifest: Option<StageManifest>,
}

impl Unit {
    /// The size of all.
    pub fn bytes(&self) -> u64 {
        self.objects.iter().map(|object| object.bytes).sum()
    }

    /// When something in it was written last; none where that is not known of all.
    pub fn written(&self) -> Option<DateTime<Utc>> {
        let times: Option<Vec<_>> = self.objects.iter().map(|object| object.modified).collect();
        times?.into_iter().max()
    }
}

/// All stages of a lake with their manifests, and the manifests of all trainings.
#[derive(Debug, Default)]
pub struct Inventory {
    /// What might be deleted.
    pub units: Vec<Unit>,
    /// What every model was trained on.
    pub trainings: Vec<StageManifest>,
    /// What cannot be read.
    pub doubts: Vec<String>,
}

impl Inventory {
    /// Lists and reads a lake.
    pub async fn of(lake: &Lake) -> Result<Self> {
        let mut inventory = Self::default();
        for folder in TopFolder::WITH_STAGES {
            let objects = lake.list(&format!("{}/", folder.as_str())).await?;
            for (name, objects) in group(objects) {
                let manifest = inventory.manifest(lake, &objects).await?;
                inventory.units.push(Unit { name, objects, manifest });
            }
        }
        for object in lake.list(keys::TRAININGS).await? {
            let manifest = inventory.manifest(lake, &[object]).await?;
            inventory.trainings.extend(manifest);
        }
        Ok(inventory)
    }

    async fn manifest(&mut self, lake: &Lake, objects: &[ObjectMeta]) -> Result<Option<StageManifest>> {
        let Some(object) = objects.iter().find(|object| keys::is_manifest(&object.key)) else { return Ok(None) };
        match StageManifest::open(&lake.read(&object.key).await?) {
            Ok(manifest) => Ok(Some(manifest)),
            Err(problem) => {
                let key = &object.key;
                self.doubts.push(format!("{key} cannot be read ({problem}): what it was made of is not known"));
                Ok(None)
            }
        }
    }
}

/// The objects by the stage or list that they belong to; what is neither (pointers, reports, alerts) is left out.
fn group(objects: Vec<ObjectMeta>) -> BTreeMap<String, Vec<ObjectMeta>> {
    let mut units: BTreeMap<String, Vec<ObjectMeta>> = BTreeMap::new();
    for object in objects {
        if let Some(unit) = unit_of(&object.key) {
            units.entry(unit).or_default().push(object);
        }
    }
    units
}

/// `bronze/silver/<digest>/`, or `bronze/lists/<digest>.json`.
fn unit_of(key: &str) -> Option<String> {
    let is_digest = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match key.split('/').collect::<Vec<_>>().as_slice() {
        ["bronze", "lists", list] => is_digest(list.strip_suffix(".json")?).then(|| key.to_owned()),
        // The reports of runs and the alerts are beside the one stage.
        ["monitoring", stage, ..] if *stage != "drift" => None,
        [layer, stage, digest, _, ..] if is_digest(digest) => Some(format!("{layer}/{stage}/{digest}/")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_and_lists_may_be_deleted_and_nothing_else() {
        let digest = "0123456789ab";
        for (key, unit) in [
            (format!("gold/gold_master/{digest}/gold_master.parquet"), Some(format!("gold/gold_master/{digest}/"))),
            (format!("monitoring/drift/{digest}/drift.json"), Some(format!("monitoring/drift/{digest}/"))),
            (
                format!("evaluated/4f90bd8cc09437d0/{digest}/manifest.json"),
                Some(format!("evaluated/4f90bd8cc09437d0/{digest}/")),
            ),
            (format!("bronze/lists/{digest}.json"), Some(format!("bronze/lists/{digest}.json"))),
            (format!("monitoring/{digest}/{digest}/drift.json"), None),
            ("monitoring/latest.json".to_owned(), None),
            ("monitoring/alerts/0123456789ab.json".to_owned(), None),
            ("scored/latest.json".to_owned(), None),
            ("scored/scores/somebodys/own.parquet".to_owned(), None),
            (format!("gold/{digest}"), None),
        ] {
            assert_eq!(unit_of(&key), unit, "{key}");
        }
    }
}
