//! What is computed once of a table that never changes: the rows by customer, distributions.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use protocol::Digest;

use super::DataError;
use super::blocking::blocking;

/// So many are kept.
const MOST: usize = 128;

/// What was computed, by its name and the digest of what it was computed of.
#[derive(Debug, Default)]
pub struct Derived {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    uses: u64,
    by_name: BTreeMap<(String, Digest), (u64, Arc<dyn Any + Send + Sync>)>,
}

impl Derived {
    /// The value of this name for this digest; computed on a thread for such work where it is not held.
    pub async fn get<T: Send + Sync + 'static>(
        &self,
        name: &str,
        digest: &Digest,
        compute: impl FnOnce() -> Result<T, DataError> + Send + 'static,
    ) -> Result<Arc<T>, DataError> {
        if let Some(known) = self.known(name, digest) {
            return Ok(known);
        }
        let value = Arc::new(blocking("the computing of a page", compute).await?);
        self.keep_value(name, digest, Arc::clone(&value));
        Ok(value)
    }

    /// What is held under a name, if it is.
    pub fn known<T: Send + Sync + 'static>(&self, name: &str, digest: &Digest) -> Option<Arc<T>> {
        let name = (name.to_owned(), digest.clone());
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.uses += 1;
        let uses = held.uses;
        let (last_use, value) = held.by_name.get_mut(&name)?;
        *last_use = uses;
        Arc::clone(value).downcast().ok()
    }

    /// Keeps a value, and lets go of the one unused for longest when there are many.
    pub fn keep_value<T: Send + Sync + 'static>(&self, name: &str, digest: &Digest, value: Arc<T>) {
        let name = (name.to_owned(), digest.clone());
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let uses = held.uses;
        held.by_name.insert(name, (uses, value));
        while held.by_name.len() > MOST {
            let oldest = held.by_name.iter().min_by_key(|(_, (last_use, _))| *last_use).map(|(name, _)| name.clone());
            let Some(oldest) = oldest else { return };
            held.by_name.remove(&oldest);
        }
    }
}
