//! The end of what nothing reaches, in an order in which a run that begins meanwhile is never left with a pointer to nothing.
//!
//! The manifest goes first, then it is asked whether anybody has begun to reach more, and only then the tables go. Who
//! publishes does it the other way round: the pointer moves, and then the manifests are looked for. So one of the two
//! sees the other, whoever is first.

use lake::{Lake, keys};
use temporalio_client::Client;

use super::at_work::runs_at_work;
use super::inventory::Unit;
use super::reaching::Reaching;
use crate::error::Result;

/// Deletes one folder or list after the other, until a run is at work or something reaches more than at the look. Answers
/// how many are gone; the others are as they were. `told` hears how many are done, and of how many.
pub async fn delete(
    lake: &Lake,
    client: &Client,
    seen: &Reaching,
    units: &[Unit],
    told: &(dyn Fn(u64, u64) + Sync),
) -> Result<usize> {
    if !units.is_empty() && !nothing_new(lake, client, seen).await? {
        return Ok(0);
    }
    for (done, unit) in units.iter().enumerate() {
        told(done as u64, units.len() as u64);
        let opened = Opened::of(lake, unit).await?;
        let is_free = nothing_new(lake, client, seen).await;
        if !matches!(is_free, Ok(true)) {
            opened.close(lake).await?;
            return is_free.map(|_| done);
        }
        opened.empty(lake).await?;
    }
    Ok(units.len())
}

/// Who cannot be asked might say that a run is at work.
async fn nothing_new(lake: &Lake, client: &Client, seen: &Reaching) -> Result<bool> {
    let is_quiet = runs_at_work(lake, client).await.is_ok_and(|runs| runs.is_empty());
    Ok(is_quiet && Reaching::of(lake).await? == *seen)
}

/// A folder without its manifest: nobody takes it for finished, and all else is there.
struct Opened<'a> {
    unit: &'a Unit,
    manifest: Option<(&'a str, Vec<u8>)>,
}

impl<'a> Opened<'a> {
    /// Takes the manifest away. A list has none.
    async fn of(lake: &Lake, unit: &'a Unit) -> Result<Self> {
        let mut manifest = None;
        if let Some(object) = unit.objects.iter().find(|object| keys::is_manifest(&object.key))
            && let Some((bytes, _)) = lake.get(&object.key).await?
        {
            lake.remove(&object.key).await?;
            manifest = Some((object.key.as_str(), bytes));
        }
        Ok(Self { unit, manifest })
    }

    /// Puts the manifest back, unless somebody has made the stage again meanwhile.
    async fn close(self, lake: &Lake) -> Result<()> {
        if let Some((key, bytes)) = self.manifest {
            lake.put_if_absent(key, bytes).await?;
        }
        Ok(())
    }

    /// Deletes all else.
    async fn empty(self, lake: &Lake) -> Result<()> {
        for object in self.unit.objects.iter().filter(|object| !keys::is_manifest(&object.key)) {
            lake.remove(&object.key).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use lake::FolderLake;
    use protocol::{Digest, TableRef};

    use super::*;
    use crate::steps::serving::publish::require_there;

    const FOLDER: &str = "scored/scores/0123456789ab/";

    fn key(file: &str) -> String {
        format!("{FOLDER}{file}")
    }

    /// A lake with a stage of one table.
    async fn lake_with_stage() -> (tempfile::TempDir, Lake, Unit) {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        for file in ["scores.parquet", keys::MANIFEST] {
            lake.put(&key(file), file.into()).await.unwrap();
        }
        let objects = lake.list(FOLDER).await.unwrap();
        (root, lake, Unit { name: FOLDER.to_owned(), objects, manifest: None })
    }

    #[tokio::test]
    async fn who_publishes_while_a_folder_is_deleted_sees_it_and_what_is_left_alone_is_as_it_was() {
        let (_root, lake, unit) = lake_with_stage().await;
        let table = TableRef { key: key("scores.parquet"), digest: Digest::of(b"scores.parquet"), rows: 1 };
        let published = BTreeMap::from([("scores".to_owned(), table)]);
        require_there(&lake, &published).await.unwrap();

        let opened = Opened::of(&lake, &unit).await.unwrap();
        // The table is there still, and will not be for long.
        let refused = require_there(&lake, &published).await.unwrap_err();
        assert_eq!(refused.type_name(), "SG0029 TableDamaged");
        assert!(refused.to_string().contains("manifest.json"), "{refused}");
        opened.close(&lake).await.unwrap();
        require_there(&lake, &published).await.unwrap();
        assert_eq!(lake.list(FOLDER).await.unwrap().len(), 2);

        Opened::of(&lake, &unit).await.unwrap().empty(&lake).await.unwrap();
        assert_eq!(lake.list(FOLDER).await.unwrap(), []);
        let refused = require_there(&lake, &published).await.unwrap_err();
        assert!(
            refused.to_string().contains("found nothing at scored/scores/0123456789ab/scores.parquet"),
            "{refused}"
        );
    }

    #[tokio::test]
    async fn a_stage_that_was_made_again_meanwhile_keeps_its_own_manifest() {
        let (_root, lake, unit) = lake_with_stage().await;
        let opened = Opened::of(&lake, &unit).await.unwrap();
        lake.put(&key(keys::MANIFEST), b"made again".to_vec()).await.unwrap();
        opened.close(&lake).await.unwrap();
        assert_eq!(lake.read(&key(keys::MANIFEST)).await.unwrap(), b"made again");
    }

    #[tokio::test]
    async fn a_list_has_no_manifest_and_goes_all_the_same() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let name = "bronze/lists/0123456789ab.json".to_owned();
        lake.put(&name, b"[]".to_vec()).await.unwrap();
        let unit = Unit { objects: lake.list("bronze/lists/").await.unwrap(), name, manifest: None };
        Opened::of(&lake, &unit).await.unwrap().empty(&lake).await.unwrap();
        assert_eq!(lake.list("bronze/lists/").await.unwrap(), []);
    }
}
