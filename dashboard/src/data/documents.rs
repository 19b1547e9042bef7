//! JSON of the lake, parsed once per version: asked for again after some seconds, and read again only where its version
//! is another. One that is not there is asked for every time: who has just published a first result sees it.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use lake::{Lake, LakeError, Version};
use serde::de::DeserializeOwned;

/// So long a document is taken as it was seen.
pub const LOOK_EVERY: TimeDelta = TimeDelta::seconds(5);
/// So many documents are kept.
const MOST: usize = 512;

/// The documents that are kept, by key and type.
#[derive(Debug, Default)]
pub struct Documents {
    held: Mutex<BTreeMap<(String, TypeId), Held>>,
}

/// A document as it was seen.
#[derive(Debug, Clone)]
struct Held {
    looked: DateTime<Utc>,
    version: Version,
    value: Arc<dyn Any + Send + Sync>,
}

impl Held {
    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        let age = now - self.looked;
        age >= TimeDelta::zero() && age < LOOK_EVERY
    }

    fn value<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        Arc::clone(&self.value).downcast().ok()
    }
}

impl Documents {
    /// The document at a key, if there is one.
    pub async fn find<T>(&self, lake: &Lake, key: &str, now: DateTime<Utc>) -> Result<Option<Arc<T>>, LakeError>
    where
        T: DeserializeOwned + Send + Sync + 'static,
    {
        let name = (key.to_owned(), TypeId::of::<T>());
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
        if let Some(held) = &held {
            if held.is_fresh(now) {
                return Ok(held.value());
            }
            if lake.head(key).await?.is_some_and(|head| head.version == held.version) {
                self.keep(name, Held { looked: now, ..held.clone() });
                return Ok(held.value());
            }
        }
        let Some((value, version)) = lake.get_json::<T>(key).await? else {
            self.held.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
            return Ok(None);
        };
        let value = Arc::new(value);
        self.keep(name, Held { looked: now, version, value: Arc::<T>::clone(&value) });
        Ok(Some(value))
    }

    fn keep(&self, name: (String, TypeId), held: Held) {
        let mut all = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(name, held);
        while all.len() > MOST {
            let oldest = all.iter().min_by_key(|(_, held)| held.looked).map(|(name, _)| name.clone());
            let Some(oldest) = oldest else { return };
            all.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use lake::FolderLake;

    use super::*;

    #[tokio::test]
    async fn a_document_is_seen_anew_after_some_seconds_and_a_torn_one_is_an_error_until_it_is_mended() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let documents = Documents::default();
        let at = |seconds: i64| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        let find = async |seconds: i64| documents.find::<u32>(&lake, "a.json", at(seconds)).await;
        assert_eq!(find(0).await.unwrap(), None);
        lake.put_json("a.json", &1_u32).await.unwrap();
        assert_eq!(find(0).await.unwrap().as_deref(), Some(&1), "what was not there is looked for again at once");
        lake.put("a.json", b"{ torn".to_vec()).await.unwrap();
        assert_eq!(find(4).await.unwrap().as_deref(), Some(&1), "it was looked at just now");
        assert!(matches!(find(5).await, Err(LakeError::Unreadable { .. })));
        lake.put_json("a.json", &2_u32).await.unwrap();
        assert_eq!(find(5).await.unwrap().as_deref(), Some(&2));
        lake.remove("a.json").await.unwrap();
        assert_eq!(find(10).await.unwrap(), None);
        lake.put_json("a.json", &3_u32).await.unwrap();
        assert_eq!(find(10).await.unwrap().as_deref(), Some(&3));
    }
}
