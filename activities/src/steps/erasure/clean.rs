//! The cleaning of one place: rows left out, a stage deleted, words replaced; noted as it is done.

use std::path::Path;
use std::sync::Arc;

use churn::Unwatched;
use churn::erasure::{CustomerNames, leave_out};
use lake::documents::{ErasureNotes, sealed};
use lake::{Lake, LakeError, Versions, Whereabouts, keys, to_json};
use serde_json::Value;

use crate::error::{Error, Result};

/// The field with the digest of a sealed document.
const SEAL: &str = "seal";

/// What a cleaning works with.
pub(super) struct Cleaner<'a> {
    pub lake: &'a Lake,
    pub customers: Arc<CustomerNames>,
    pub scratch: &'a Path,
}

impl Cleaner<'_> {
    /// Writes a raw file anew without the customers' rows; its older versions go. What a link led to stays, and is noted.
    pub async fn leave_out_rows(&self, key: &str, notes: &mut ErasureNotes) -> Result<()> {
        let scratch =
            tempfile::TempDir::new_in(self.scratch).map_err(churn::Error::file("make a folder in", self.scratch))?;
        let seen = self.stamp(key).await?;
        let source = self.lake.local_copy(key, scratch.path()).await?;
        let (customers, name, target) = (Arc::clone(&self.customers), key.to_owned(), scratch.path().join("without"));
        let copy = target.clone();
        let work = tokio::task::spawn_blocking(move || {
            let rows = leave_out(&source, &name, &copy, &customers.rule(), &Unwatched)?;
            Ok::<_, churn::Error>((rows, customers.are_in_file(&copy, &name, &Unwatched)?))
        });
        let left_out = work.await.map_err(|source| Error::TaskLost { doing: "the removal of rows", source })?;
        let (rows, is_named_still) = match left_out {
            Ok(left_out) => left_out,
            Err(error @ churn::Error::Data(_)) => {
                self.leave(key, &format!("it cannot be written anew: {error}"), notes);
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        if is_named_still {
            self.leave(key, "what another row says names one of them", notes);
        }
        if rows > 0 {
            // A delivery that came meanwhile is not lost: the next attempt reads it.
            if self.stamp(key).await? != seen {
                return Err(LakeError::Conflict { key: self.shown(key) }.into());
            }
            let place = self.lake.whereabouts(key).await?;
            self.lake.put_file(key, &target).await?;
            if let Whereabouts::LinkedFile(original) = place {
                notes.outside.insert(self.shown(key), self.shown(&original.display().to_string()));
            }
            notes.done.raw_rows += rows;
            notes.done.rewrote(&self.shown(key));
            self.forget(key, Versions::Older, notes).await?;
        }
        Ok(())
    }

    /// What tells whether an object was changed, without its content.
    async fn stamp(&self, key: &str) -> Result<Option<String>> {
        let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
        let listed = self.lake.list(folder).await?;
        Ok(listed.into_iter().find(|object| object.key == key).map(|object| object.stamp))
    }

    /// Deletes a stage's folder. The manifest goes first: what is left of it after a crash is not finished.
    pub async fn delete_folder(&self, folder: &str, notes: &mut ErasureNotes) -> Result<()> {
        let objects = self.lake.list(folder).await?;
        let (manifests, others): (Vec<_>, Vec<_>) = objects.iter().partition(|object| keys::is_manifest(&object.key));
        notes.done.deleted(&self.shown(folder));
        for object in manifests.into_iter().chain(others) {
            self.forget(&object.key, Versions::All, notes).await?;
        }
        Ok(())
    }

    /// Deletes one object.
    pub async fn delete(&self, key: &str, notes: &mut ErasureNotes) -> Result<()> {
        notes.done.deleted(&self.shown(key));
        self.forget(key, Versions::All, notes).await
    }

    /// Writes a document anew with another word in the place of an ID.
    pub async fn replace_words(&self, key: &str, notes: &mut ErasureNotes) -> Result<()> {
        let Some((bytes, seen)) = self.lake.get(key).await? else { return Ok(()) };
        let Ok(mut document) = serde_json::from_slice::<Value>(&bytes) else {
            self.leave(key, "it is no JSON, so that no rule says how to clean it", notes);
            return Ok(());
        };
        let had_seal = document.as_object_mut().is_some_and(|fields| fields.shift_remove(SEAL).is_some());
        let take_out = |text: &str| {
            // What a certificate lists are keys, and none of them may become one of no object.
            if key.starts_with(keys::CERTIFICATES) {
                self.customers.taken_out_of_key(text)
            } else {
                self.customers.taken_out_of(text)
            }
        };
        let document = without_names(document, &take_out);
        let bytes = if had_seal { sealed::seal(&document) } else { to_json(&document) };
        self.lake.compare_and_swap(key, Some(&seen), bytes).await?;
        notes.done.rewrote(&self.shown(key));
        self.forget(key, Versions::Older, notes).await
    }

    /// Notes an object that a person must look at, and why. The notes become the certificate: they name nobody.
    pub fn leave(&self, key: &str, reason: &str, notes: &mut ErasureNotes) {
        notes.left.insert(self.shown(key), self.shown(reason));
    }

    /// A key, or words with one, as the notes have it.
    fn shown(&self, key: &str) -> String {
        self.customers.taken_out_of_key(key)
    }

    async fn forget(&self, key: &str, which: Versions, notes: &mut ErasureNotes) -> Result<()> {
        notes.done.versions += self.lake.remove_versions(key, which).await? as u64;
        Ok(())
    }
}

fn without_names(value: Value, take_out: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(take_out(&text)),
        Value::Array(items) => items.into_iter().map(|item| without_names(item, take_out)).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, field)| (take_out(&name), without_names(field, take_out))).collect()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use lake::FolderLake;
    use serde_json::json;

    use super::super::survey::{Cleaning, survey};
    use super::*;

    #[tokio::test]
    async fn rows_words_and_folders_go_and_the_notes_say_so() {
        let root = tempfile::tempdir().unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let customers = Arc::new(CustomerNames::parse(["C17"]).unwrap());
        let cleaner = Cleaner { lake: &lake, customers, scratch: scratch.path() };
        let mut notes = ErasureNotes::default();

        let raw = "raw/churn_label.csv";
        lake.put(raw, b"customer_id,churn\nC17,0\nC18,1\n".to_vec()).await.unwrap();
        cleaner.leave_out_rows(raw, &mut notes).await.unwrap();
        assert_eq!(lake.read(raw).await.unwrap(), b"customer_id,churn\nC18,1\n");

        let sealed_document = "runs/x/run.json";
        lake.put(sealed_document, sealed::seal(&json!({ "examples": ["C17", "C171"], "n": 1 }))).await.unwrap();
        cleaner.replace_words(sealed_document, &mut notes).await.unwrap();
        let read: Value = sealed::open(&lake.read(sealed_document).await.unwrap()).unwrap();
        assert_eq!(read, json!({ "examples": ["erased", "C171"], "n": 1 }));

        let folder = "gold/gold_master/0123456789ab/";
        for file in ["manifest.json", "gold_master.parquet"] {
            lake.put(&format!("{folder}{file}"), b"x".to_vec()).await.unwrap();
        }
        cleaner.delete_folder(folder, &mut notes).await.unwrap();
        assert!(lake.list(folder).await.unwrap().is_empty());

        let mention = "raw/customer_interactions.json";
        lake.put(mention, br#"[{"customer_id":"C18","interaction_summary":"as C17 says"}]"#.to_vec()).await.unwrap();
        cleaner.leave_out_rows(mention, &mut notes).await.unwrap();
        assert_eq!(notes.left.keys().collect::<Vec<_>>(), [mention]);
        assert_eq!((notes.done.raw_rows, notes.done.rewritten_count(), notes.done.deleted_count()), (1, 2, 1));
    }

    #[tokio::test]
    async fn what_a_link_leads_to_is_as_it_was_and_the_notes_say_so() {
        let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let customers = Arc::new(CustomerNames::parse(["C17"]).unwrap());
        let content = "customer_id,churn\nC17,0\nC18,1\n";
        let original = elsewhere.path().canonicalize().unwrap().join("churn_label.csv");
        std::fs::write(&original, content).unwrap();
        std::fs::create_dir(root.path().join("raw")).unwrap();
        symlink(&original, root.path().join("raw/churn_label.csv")).unwrap();
        symlink(elsewhere.path(), root.path().join("raw/delivery")).unwrap();

        let found = survey(&lake, &customers, root.path(), &|_, _| {}).await.unwrap();
        let [file, in_folder] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((file.key.as_str(), &file.cleaning), ("raw/churn_label.csv", &Cleaning::Rows));
        let Cleaning::ByHand(reason) = &in_folder.cleaning else { panic!("{in_folder:?}") };
        assert!(reason.contains(original.parent().unwrap().to_str().unwrap()), "{reason}");

        let cleaner = Cleaner { lake: &lake, customers, scratch: root.path() };
        let mut notes = ErasureNotes::default();
        cleaner.leave_out_rows(&file.key, &mut notes).await.unwrap();
        assert_eq!(lake.read(&file.key).await.unwrap(), b"customer_id,churn\nC18,1\n");
        assert_eq!(std::fs::read_to_string(&original).unwrap(), content);
        assert_eq!(notes.outside[&file.key], original.to_str().unwrap());
    }

    #[tokio::test]
    async fn no_note_and_no_certificate_names_a_customer_by_a_key() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let customers = Arc::new(CustomerNames::parse(["C17"]).unwrap());
        let cleaner = Cleaner { lake: &lake, customers, scratch: root.path() };
        let mut notes = ErasureNotes::default();
        let raw = "raw/C17/churn_label.csv";
        lake.put(raw, b"customer_id,churn\nC17,\"0\n".to_vec()).await.unwrap();
        cleaner.leave_out_rows(raw, &mut notes).await.unwrap();
        let before = "erasure/certificates/00000000000000ff.json";
        lake.put(before, to_json(&json!({ "left": { "raw/C17.txt": "no rule" } }))).await.unwrap();
        cleaner.replace_words(before, &mut notes).await.unwrap();
        let noted = serde_json::to_string(&notes).unwrap();
        assert!(!noted.contains("C17") && noted.contains("raw/<erased>/churn_label.csv"), "{noted}");
        let certificate: Value = lake.read_json(before).await.unwrap();
        assert_eq!(certificate, json!({ "left": { "raw/<erased>.txt": "no rule" } }));
    }
}
