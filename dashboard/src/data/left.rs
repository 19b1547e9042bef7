//! What a run left: written when it ends, never written anew, and perhaps mended where it was torn.

use std::future::Future;

use chrono::{DateTime, Utc};

use super::DataError;
use super::store::Store;
use super::torn::Torn;

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
    /// What a run left at a key, as `read` reads it. What cannot be read is noted, and looked at again after some seconds:
    /// somebody may have mended it.
    pub(super) async fn left<T>(
        &self,
        key: &str,
        now: DateTime<Utc>,
        torn: &Torn,
        read: impl Future<Output = Result<Option<T>, DataError>>,
    ) -> Result<Left<T>, DataError> {
        if let Some(error) = self.unreadable.get::<DataError>(key, now) {
            torn.note(error);
            return Ok(Left::Unreadable);
        }
        match read.await {
            Ok(Some(found)) => Ok(Left::There(found)),
            Ok(None) => Ok(Left::Nothing),
            Err(error) if error.is_unreadable() => {
                self.unreadable.keep(key.to_owned(), now, error.clone());
                torn.note(error);
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
        let (store, key) = (site.site.store(), keys::run_record(RUN));
        let whole = site.lake.read(&key).await.unwrap();
        site.lake.put(&key, whole[..whole.len() / 2].to_vec()).await.unwrap();
        let torn = Torn::default();
        assert!(store.published_runs(5, now(), &torn).await.unwrap().is_empty() && torn.names(&key));
        site.lake.put(&key, whole).await.unwrap();
        let torn = Torn::default();
        assert!(store.published_runs(5, now(), &torn).await.unwrap().is_empty(), "it was looked at just now");
        assert!(torn.names(&key), "what is remembered is noted, too");
        let torn = Torn::default();
        assert!(store.ended_runs(vec![RUN.into()], now(), &torn).await.unwrap().is_empty() && torn.names(&key));
        let torn = Torn::default();
        assert_eq!(store.published_runs(5, now() + LOOK_EVERY, &torn).await.unwrap().len(), 1);
        assert!(store.ended_run(&RUN.into(), now() + LOOK_EVERY, &torn).await.unwrap().is_some());
        assert!(torn.noted().is_empty());
    }
}
