//! Lists that grow with the data live in the lake. Messages, and so histories, carry a list's key,
//! digest and length.

use lake::{Lake, keys, to_json};
use protocol::Digest;
use protocol::{Readings, TableRef};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Result;

/// Stores a list under its content: the same list is the same object.
pub async fn store<T: Serialize + Sync>(lake: &Lake, entries: &[T]) -> Result<TableRef> {
    let bytes = to_json(&entries);
    let digest = Digest::of(&bytes);
    let key = keys::list(&digest);
    lake.put(&key, bytes).await?;
    Ok(TableRef { key, digest, rows: entries.len() as u64 })
}

/// A stored list, if it is the one that was stored.
pub async fn load<T: DeserializeOwned>(lake: &Lake, list: &TableRef) -> Result<Vec<T>> {
    Ok(lake.read_json_exactly(list).await?)
}

/// Few files as they are, many as a list.
pub async fn told(lake: &Lake, files: Vec<TableRef>) -> Result<Readings> {
    if files.len() <= Readings::FEW {
        return Ok(Readings { files, list: None });
    }
    Ok(Readings { files: Vec::new(), list: Some(store(lake, &files).await?) })
}

/// The files that a message tells of.
pub async fn files(lake: &Lake, readings: &Readings) -> Result<Vec<TableRef>> {
    match &readings.list {
        Some(list) => load(lake, list).await,
        None => Ok(readings.files.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lake::FolderLake;

    fn file(place: usize) -> TableRef {
        let key = format!("raw/consumption/{place:05}.parquet");
        TableRef { digest: Digest::of(key.as_bytes()), key, rows: 1 }
    }

    #[tokio::test]
    async fn few_files_are_told_and_many_are_listed_in_their_order() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        for (count, listed) in [(Readings::FEW, false), (Readings::FEW + 1, true), (10_000, true)] {
            let all: Vec<_> = (0..count).map(file).collect();
            let readings = told(&lake, all.clone()).await.unwrap();
            assert_eq!(readings.list.as_ref().map(|list| list.rows), listed.then_some(count as u64));
            assert!(serde_json::to_vec(&readings).unwrap().len() < 20_000, "a message stays small");
            assert_eq!(files(&lake, &readings).await.unwrap(), all);
        }
    }

    #[tokio::test]
    async fn a_list_that_is_not_the_one_that_was_stored_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let list = store(&lake, &[file(1)]).await.unwrap();
        let other = store(&lake, &[file(2)]).await.unwrap();
        std::fs::copy(root.path().join(&other.key), root.path().join(&list.key)).unwrap();
        let error = load::<TableRef>(&lake, &list).await.unwrap_err();
        assert_eq!(error.type_name(), "SG0029 TableDamaged");
        // Stored again, it is right again.
        store(&lake, &[file(1)]).await.unwrap();
        assert_eq!(load::<TableRef>(&lake, &list).await.unwrap(), [file(1)]);
    }
}
