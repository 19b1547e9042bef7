//! Figures of runs before that of the page: computed once of a few columns, and not known where their table is gone.

use std::sync::Arc;

use polars::prelude::DataFrame;
use protocol::TableRef;

use super::DataError;
use super::store::Store;

impl Store {
    /// What is computed once of some columns of an earlier run's table; the table itself is let go of. Nothing where it
    /// was deleted or cannot be read: then a change is not known, and the page is there all the same.
    pub async fn derive_of_earlier<T: Send + Sync + 'static>(
        &self,
        name: &str,
        key: &str,
        columns: &'static [&'static str],
        compute: impl FnOnce(&DataFrame) -> Result<T, DataError> + Send + 'static,
    ) -> Result<Option<Arc<T>>, DataError> {
        let Some(reference) = self.reference_of_earlier(key).await? else { return Ok(None) };
        if let Some(known) = self.derived.known(name, &reference.digest) {
            return Ok(Some(known));
        }
        if !self.is_there(key).await? {
            return Ok(None);
        }
        let loaded = self.load_columns(&reference, columns).await;
        let Some(frame) = self.of_earlier(key, loaded).await? else { return Ok(None) };
        self.derive(name, &reference.digest, move || compute(&frame)).await.map(Some)
    }

    /// The table of an earlier run; nothing where its manifest was deleted or cannot be read.
    pub async fn reference_of_earlier(&self, key: &str) -> Result<Option<TableRef>, DataError> {
        match self.reference(key).await {
            Err(error) if error.is_unreadable() => Ok(None),
            found => found,
        }
    }

    /// What was read of an earlier run's table; nothing where it was deleted or is damaged, and an error
    /// where the lake is gone.
    pub async fn of_earlier<T>(&self, key: &str, loaded: Result<T, DataError>) -> Result<Option<T>, DataError> {
        match loaded {
            Ok(found) => Ok(Some(found)),
            Err(error) => {
                if self.is_there(key).await? {
                    tracing::warn!(%error, key, "a table of an earlier run cannot be read; what was then is not shown");
                }
                Ok(None)
            }
        }
    }
}
