//! The registry of models as the pages see it: every version's entry, every move of the champion, and the files beside
//! them.

use std::sync::{Arc, PoisonError};

use chrono::{DateTime, Utc};
use lake::documents::{ChampionPointer, ModelList, Registration};
use lake::{LakeError, keys};
use protocol::TableRef;

use super::DataError;
use super::looked::Looked;
use super::store::Store;
use super::torn::Torn;

/// The file of a model with its training values.
const REFERENCE: &str = "reference.parquet";

/// The registry at one look.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Registry {
    /// Every version's entry, the one that was registered last first.
    pub entries: Vec<Arc<Registration>>,
    /// Every move of the champion, the first one first.
    pub moves: Vec<Arc<ChampionPointer>>,
}

impl Store {
    /// The registry, looked at every few seconds. A version or a move whose document cannot be read is left out, and noted.
    pub async fn registry(&self, now: DateTime<Utc>, torn: &Torn) -> Result<Arc<Registry>, DataError> {
        self.looked("registry", now, torn, || self.look_at_registry(now)).await
    }

    async fn look_at_registry(&self, now: DateTime<Utc>) -> Result<Looked<Registry>, DataError> {
        let (mut registry, torn) = (Registry::default(), Torn::default());
        // Sorted by key, and moves are numbered: the first one comes first.
        for object in self.lake().list(keys::MODELS).await? {
            if keys::is_registration(&object.key) {
                let entry = self.models.entries.read(self.lake(), &object).await;
                registry.entries.extend(torn.or_note(entry.map_err(DataError::from))?);
            } else if object.key.starts_with(keys::CHAMPION_MOVES) {
                let moved = self.models.moves.read(self.lake(), &object).await;
                registry.moves.extend(torn.or_note(moved.map_err(DataError::from))?);
            }
        }
        // The last move's record is written after the pointer; who died in between left it to the pointer.
        let pointer = torn.or_note(self.document::<ChampionPointer>(keys::CHAMPION, now).await)?;
        let unrecorded = pointer.filter(|pointer| registry.moves.last() != Some(pointer));
        registry.moves.extend(unrecorded);
        registry.entries.sort_by(|a, b| registered(b).cmp(registered(a)).then_with(|| a.version.cmp(&b.version)));
        Ok((registry, torn))
    }

    /// A file as it is, if there is one; looked at every few seconds.
    pub async fn file(&self, key: &str, now: DateTime<Utc>) -> Result<Option<Arc<Vec<u8>>>, DataError> {
        let question = format!("file {key}");
        if let Some(known) = self.lists.get::<Option<Arc<Vec<u8>>>>(&question, now) {
            return Ok(known);
        }
        let file = self.lake().get(key).await?.map(|(bytes, _)| Arc::new(bytes));
        if file.is_none() {
            self.must_be_there().await?;
        }
        self.lists.keep(question, now, file.clone());
        Ok(file)
    }

    /// The training values of a model, which drift is measured against; none where the model is gone.
    pub async fn training_values(&self, version: &str) -> Result<Option<TableRef>, DataError> {
        let key = keys::model_file(version, REFERENCE);
        if let Some(known) = self.references.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Some(known.clone()));
        }
        let list = match ModelList::find(self.lake(), version).await {
            Ok(list) => list,
            Err(lake::Error::Lake(LakeError::Missing { .. })) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let found = list.files().iter().find(|file| file.key == key).cloned();
        if let Some(found) = &found {
            let mut references = self.references.lock().unwrap_or_else(PoisonError::into_inner);
            references.insert(key, found.clone());
        }
        Ok(found)
    }
}

/// When a version was first registered; entries from before that was noted come last.
fn registered(entry: &Registration) -> &str {
    entry.registered_at.as_deref().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use lake::{MODEL_FILES, Made, list_model_files};
    use polars::df;

    use super::*;
    use crate::test_site::{MODEL, TestSite};

    #[tokio::test]
    async fn training_values_are_those_that_the_models_list_names_and_none_of_a_model_that_is_gone() {
        let site = TestSite::empty();
        let store = site.site.store();
        assert_eq!(store.training_values(MODEL).await.unwrap(), None);
        let scratch = tempfile::tempdir().unwrap();
        let mut table = df!("tenure_months" => [1.0, 2.0]).unwrap();
        let made = Made::table("reference", &mut table, scratch.path()).unwrap();
        let (file, digest) = made.content();
        assert_eq!(file, REFERENCE);
        list_model_files(&[made], scratch.path()).unwrap();
        for file in [REFERENCE, MODEL_FILES] {
            site.lake.put_file(&keys::model_file(MODEL, file), &scratch.path().join(file)).await.unwrap();
        }
        let found = store.training_values(MODEL).await.unwrap().unwrap();
        assert_eq!((found.key.as_str(), &found.digest), (keys::model_file(MODEL, REFERENCE).as_str(), &digest));
        assert!(store.table(&found).await.unwrap().equals(&table));
        // What a list names never changes: it is not read again.
        site.lake.remove(&keys::model_file(MODEL, MODEL_FILES)).await.unwrap();
        assert_eq!(store.training_values(MODEL).await.unwrap(), Some(found));
    }
}
