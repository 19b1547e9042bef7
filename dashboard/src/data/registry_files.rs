//! What was read of the registry of models.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use lake::documents::{ChampionPointer, Registration};
use lake::{Lake, LakeError, ObjectMeta};
use serde::de::DeserializeOwned;

/// What was read of the registry, by key and the stamp that the listing gave it: a look reads what changed.
#[derive(Debug, Default)]
pub struct RegistryFiles {
    /// Every version's entry.
    pub entries: Seen<Registration>,
    /// Every move of the champion.
    pub moves: Seen<ChampionPointer>,
}

/// Documents by their key, each with the stamp that it had.
#[derive(Debug)]
pub struct Seen<T>(Mutex<BTreeMap<String, (String, Arc<T>)>>);

impl<T> Default for Seen<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: DeserializeOwned> Seen<T> {
    /// The document of a listing's line; none where it went meanwhile.
    pub async fn read(&self, lake: &Lake, object: &ObjectMeta) -> Result<Option<Arc<T>>, LakeError> {
        if let Some(known) = self.known(object) {
            return Ok(Some(known));
        }
        let Some((document, _)) = lake.get_json::<T>(&object.key).await? else { return Ok(None) };
        let document = Arc::new(document);
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(object.key.clone(), (object.stamp.clone(), Arc::clone(&document)));
        Ok(Some(document))
    }

    fn known(&self, object: &ObjectMeta) -> Option<Arc<T>> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (stamp, document) = seen.get(&object.key)?;
        (*stamp == object.stamp).then(|| Arc::clone(document))
    }
}
