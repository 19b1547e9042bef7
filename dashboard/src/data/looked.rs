//! What a look at many documents found: kept for some seconds, together with what it could not read.

use std::future::Future;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::DataError;
use super::store::Store;
use super::torn::Torn;

/// What a look found, and what it could not read.
pub(super) type Looked<T> = (T, Torn);

impl Store {
    /// What the last look of some seconds ago found, or `look` finds now; what it could not read is noted every time.
    pub(super) async fn looked<T, F>(
        &self,
        question: &str,
        now: DateTime<Utc>,
        torn: &Torn,
        look: impl FnOnce() -> F,
    ) -> Result<Arc<T>, DataError>
    where
        T: Send + Sync + 'static,
        F: Future<Output = Result<Looked<T>, DataError>>,
    {
        if let Some((found, unread)) = self.lists.get::<Looked<Arc<T>>>(question, now) {
            torn.also(&unread);
            return Ok(found);
        }
        let (found, unread) = look().await?;
        torn.also(&unread);
        let found = Arc::new(found);
        self.lists.keep::<Looked<Arc<T>>>(question.to_owned(), now, (Arc::clone(&found), unread));
        Ok(found)
    }
}
