//! What a run left: written when it ends, never written anew, and perhaps mended where it was torn.

use std::future::Future;

use chrono::{DateTime, Utc};

use super::DataError;
use super::store::Store;

/// What was read of a document that a run left.
#[derive(Debug)]
pub(super) enum Left<T> {
    /// This.
    There(T),
    /// The run left none.
    Nothing,
    /// It is there and cannot be read: nobody may take that for the last word.
    Unreadable,
}

impl Store {
    /// What a run left at a key, as `read` reads it. What cannot be read is looked at again after some seconds: somebody
    /// may have mended it.
    pub(super) async fn left<T>(
        &self,
        key: &str,
        now: DateTime<Utc>,
        read: impl Future<Output = Result<Option<T>, DataError>>,
    ) -> Result<Left<T>, DataError> {
        if self.unreadable.get::<bool>(key, now).is_some() {
            return Ok(Left::Unreadable);
        }
        match read.await {
            Ok(Some(found)) => Ok(Left::There(found)),
            Ok(None) => Ok(Left::Nothing),
            Err(error) if error.is_unreadable() => {
                self.unreadable.keep(key.to_owned(), now, true);
                Ok(Left::Unreadable)
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use lake::keys;

    use crate::data::{LOOK_EVERY, Torn};
    use crate::test_site::{RUN, TestSite, now};

    #[tokio::test]
    async fn a_torn_record_is_there_again_when_it_is_mended_without_a_restart() {
        let site = TestSite::published().await;
        let (store, torn, key) = (site.site.store(), Torn::default(), keys::run_record(RUN));
        let whole = site.lake.read(&key).await.unwrap();
        site.lake.put(&key, whole[..whole.len() / 2].to_vec()).await.unwrap();
        assert!(store.published_runs(5, now(), &torn).await.unwrap().is_empty());
        site.lake.put(&key, whole).await.unwrap();
        assert!(store.published_runs(5, now(), &torn).await.unwrap().is_empty(), "it was looked at just now");
        assert_eq!(store.published_runs(5, now() + LOOK_EVERY, &torn).await.unwrap().len(), 1);
    }
}
