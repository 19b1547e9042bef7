//! Figures of runs before that of the page: computed once of a few columns, and not known where their table is gone.

use std::sync::Arc;

use polars::prelude::DataFrame;

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
        let reference = match self.reference(key).await {
            Err(error) if error.is_unreadable() => None,
            found => found?,
        };
        let Some(reference) = reference else { return Ok(None) };
        if let Some(known) = self.derived.known(name, &reference.digest) {
            return Ok(Some(known));
        }
        if !self.is_there(key).await? {
            return Ok(None);
        }
        match self.load_columns(&reference, columns).await {
            Ok(frame) => self.derive(name, &reference.digest, move || compute(&frame)).await.map(Some),
            Err(error) => {
                tracing::warn!(%error, key, "a table of an earlier run cannot be read; what changed since is not shown");
                Ok(None)
            }
        }
    }
}
