//! Figures of runs before that of the page: computed once of a few columns, and not known where their table is gone, or
//! cannot be read, which is noted.

use std::sync::Arc;

use polars::prelude::DataFrame;
use protocol::TableRef;

use super::DataError;
use super::store::Store;
use super::torn::Torn;

impl Store {
    /// What is computed once of some columns of an earlier run's table; the table itself is let go of. Nothing where it
    /// was deleted or cannot be read: then a change is not known, and the page is there all the same. What cannot be
    /// read is noted.
    pub async fn derive_of_earlier<T: Send + Sync + 'static>(
        &self,
        name: &str,
        key: &str,
        columns: &'static [&'static str],
        torn: &Torn,
        compute: impl FnOnce(&DataFrame) -> Result<T, DataError> + Send + 'static,
    ) -> Result<Option<Arc<T>>, DataError> {
        let Some(reference) = self.reference_of_earlier(key, torn).await? else { return Ok(None) };
        if let Some(known) = self.derived.known(name, &reference.digest) {
            return Ok(Some(known));
        }
        if !self.is_there(key).await? {
            return Ok(None);
        }
        let loaded = self.load_columns(&reference, columns).await;
        let Some(frame) = self.of_earlier(key, loaded, torn).await? else { return Ok(None) };
        self.derive(name, &reference.digest, move || compute(&frame)).await.map(Some)
    }

    /// The table of an earlier run; nothing where its manifest was deleted, or cannot be read, which is noted.
    pub async fn reference_of_earlier(&self, key: &str, torn: &Torn) -> Result<Option<TableRef>, DataError> {
        torn.or_note(self.reference(key).await)
    }

    /// What was read of an earlier run's table; nothing where it was deleted, or is damaged, which is noted, and an
    /// error where the lake is gone.
    pub async fn of_earlier<T>(
        &self,
        key: &str,
        loaded: Result<T, DataError>,
        torn: &Torn,
    ) -> Result<Option<T>, DataError> {
        match loaded {
            Ok(found) => Ok(Some(found)),
            Err(error) => {
                if self.is_there(key).await? {
                    tracing::warn!(%error, key, "a table of an earlier run cannot be read; what was then is not shown");
                    if error.is_unreadable() {
                        torn.note(error);
                    }
                }
                Ok(None)
            }
        }
    }
}
