//! The evaluation that a version was judged by, as it was when it was judged.

use churn::model::Evaluation;
use lake::documents::Registration;
use lake::{Lake, LakeError, keys, outputs_of_manifest};
use protocol::Digest;
use protocol::TableRef;

use crate::error::Result;
use crate::registry::Registry;

impl Registry {
    /// The evaluation that a version was judged by.
    pub async fn judged_evaluation(&self, version: &str) -> Result<Evaluation> {
        let registered = self.find(version).await?;
        judged_evaluation(&self.lake, version, registered.as_ref()).await
    }
}

/// The copy beside the model, which is kept as long as the model; where that is not one that a judgement
/// names, the stored evaluation itself.
async fn judged_evaluation(lake: &Lake, version: &str, registered: Option<&Registration>) -> Result<Evaluation> {
    let mut judged: Vec<_> =
        registered.iter().flat_map(|entry| &entry.judgements).map(|j| j.evaluation.clone()).collect();
    if judged.is_empty() {
        // Entries of before there was a record of judgements.
        judged = stored_evaluations(lake, version).await?;
    }
    let bytes = read(lake, version, &judged).await?;
    Ok(serde_json::from_slice(&bytes).map_err(|e| LakeError::Unreadable {
        key: keys::judged_evaluation(version),
        expected: "an evaluation",
        problem: e.to_string(),
    })?)
}

async fn read(lake: &Lake, version: &str, judged: &[TableRef]) -> Result<Vec<u8>> {
    let key = keys::judged_evaluation(version);
    let copy = lake.get(&key).await?.map(|(bytes, _)| bytes);
    let Some(last) = judged.last() else {
        let copy = copy.ok_or_else(|| LakeError::Missing { key: key.clone(), lake: lake.to_string() })?;
        tracing::warn!(key, "nothing tells the digest of this evaluation any more; it is read as it is");
        return Ok(copy);
    };
    if let Some(copy) = copy {
        let found = Digest::of(&copy);
        if judged.iter().any(|evaluation| evaluation.digest == found) {
            return Ok(copy);
        }
    }
    match lake.read_exactly(last).await {
        Err(lake::Error::Lake(LakeError::TableDamaged { expected, found, .. })) => {
            Err(LakeError::TableDamaged { key, expected, found }.into())
        }
        read => {
            tracing::warn!(key, "damaged or gone; the evaluation that it is a copy of is read instead");
            Ok(read?)
        }
    }
}

async fn stored_evaluations(lake: &Lake, version: &str) -> Result<Vec<TableRef>> {
    let mut found = Vec::new();
    for object in lake.list(&keys::evaluations(version)).await? {
        if keys::is_manifest(&object.key)
            && let Some((bytes, _)) = lake.get(&object.key).await?
        {
            // One that cannot be read is made again by the next evaluation, and names nothing now.
            found.extend(outputs_of_manifest(&bytes).unwrap_or_default().into_values());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use lake::FolderLake;

    const COPY: &str = "models/v/evaluation.json";

    fn lake() -> (tempfile::TempDir, Lake) {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        (root, lake)
    }

    fn evaluation(content: &[u8]) -> TableRef {
        TableRef { key: "evaluated/v/1/evaluation.json".to_owned(), digest: Digest::of(content), rows: 0 }
    }

    #[tokio::test]
    async fn a_damaged_or_lost_copy_is_not_read_but_what_it_is_a_copy_of() {
        let (root, lake) = lake();
        let judged = [evaluation(b"earlier"), evaluation(b"last")];
        // Of an earlier judgement: the gate was ended between its two writes.
        for copy in ["last", "earlier"] {
            lake.put(COPY, copy.into()).await.unwrap();
            assert_eq!(read(&lake, "v", &judged).await.unwrap(), copy.as_bytes());
        }
        lake.put("evaluated/v/1/evaluation.json", b"last".to_vec()).await.unwrap();
        lake.put(COPY, b"lasu".to_vec()).await.unwrap();
        assert_eq!(read(&lake, "v", &judged).await.unwrap(), b"last");
        fs::remove_file(root.path().join(COPY)).unwrap();
        assert_eq!(read(&lake, "v", &judged).await.unwrap(), b"last");

        fs::remove_dir_all(root.path().join("evaluated")).unwrap();
        lake.put(COPY, b"lasu".to_vec()).await.unwrap();
        let refused = read(&lake, "v", &judged).await.unwrap_err();
        assert_eq!(refused.type_name(), "SG0029 TableDamaged");
        assert!(refused.to_string().contains(COPY), "{refused}");
    }

    #[tokio::test]
    async fn without_any_judgement_there_is_nothing_to_compare_with() {
        let (_root, lake) = lake();
        assert_eq!(read(&lake, "v", &[]).await.unwrap_err().type_name(), "SG0008 MissingObject");
        lake.put(COPY, b"content".to_vec()).await.unwrap();
        assert_eq!(read(&lake, "v", &[]).await.unwrap(), b"content");
        assert_eq!(stored_evaluations(&lake, "v").await.unwrap(), []);
    }
}
