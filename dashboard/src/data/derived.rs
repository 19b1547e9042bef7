//! What is computed once of a table that never changes: the rows by customer, distributions, the rows of a filter.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use protocol::Digest;
use tokio::sync::OnceCell;

use super::DataError;
use super::blocking::blocking;

const COMPUTING: &str = "the computing of a page";

/// What was computed, by its name and the digest of what it was computed of. Whoever asks for what is being computed
/// waits for it.
#[derive(Debug)]
pub struct Derived {
    /// So many are kept.
    most: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    uses: u64,
    by_name: BTreeMap<Name, Entry>,
}

#[derive(Debug)]
struct Entry {
    value: Arc<OnceCell<Value>>,
    last_use: u64,
}

/// What a value is called: its kind, its name, and what it was computed of.
type Name = (TypeId, String, Digest);
type Value = Arc<dyn Any + Send + Sync>;

fn named<T: 'static>(name: &str, digest: &Digest) -> Name {
    (TypeId::of::<T>(), name.to_owned(), digest.clone())
}

impl Derived {
    /// Nothing yet; of more than `most`, the one unused for longest is let go of.
    pub fn new(most: usize) -> Self {
        Self { most, held: Mutex::default() }
    }

    /// The value of this name for this digest; computed on a thread for such work where it is not held. A failure is not
    /// kept.
    pub async fn get<T: Send + Sync + 'static>(
        &self,
        name: &str,
        digest: &Digest,
        compute: impl FnOnce() -> Result<T, DataError> + Send + 'static,
    ) -> Result<Arc<T>, DataError> {
        let compute = async { Ok::<Value, DataError>(Arc::new(blocking(COMPUTING, compute).await?)) };
        let cell = self.cell(named::<T>(name, digest));
        let value = Arc::clone(cell.get_or_try_init(|| compute).await?);
        let other = |_| DataError::TaskLost { doing: COMPUTING, problem: format!("{name} is of another kind") };
        value.downcast().map_err(other)
    }

    /// What is held under a name, if it is.
    pub fn known<T: Send + Sync + 'static>(&self, name: &str, digest: &Digest) -> Option<Arc<T>> {
        let name = named::<T>(name, digest);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.uses += 1;
        let uses = held.uses;
        let entry = held.by_name.get_mut(&name)?;
        entry.last_use = uses;
        Arc::clone(entry.value.get()?).downcast().ok()
    }

    /// Keeps a value that came another way.
    pub fn keep_value<T: Send + Sync + 'static>(&self, name: &str, digest: &Digest, value: Arc<T>) {
        // Somebody who was faster has computed the same.
        let _same = self.cell(named::<T>(name, digest)).set(value);
    }

    fn cell(&self, name: Name) -> Arc<OnceCell<Value>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.uses += 1;
        let last_use = held.uses;
        let entry = held.by_name.entry(name).or_insert_with(|| Entry { value: Arc::default(), last_use });
        entry.last_use = last_use;
        let value = Arc::clone(&entry.value);
        held.make_room(self.most);
        value
    }
}

impl Held {
    fn make_room(&mut self, most: usize) {
        while self.by_name.len() > most {
            let oldest = self.by_name.iter().min_by_key(|(_, entry)| entry.last_use).map(|(name, _)| name.clone());
            let Some(oldest) = oldest else { return };
            self.by_name.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn many_who_ask_at_once_have_it_computed_once() {
        let (derived, times) = (Derived::new(2), Arc::new(AtomicUsize::new(0)));
        let digest = Digest::of(b"table");
        let ask = || {
            let times = Arc::clone(&times);
            derived.get("sum", &digest, move || Ok(times.fetch_add(1, Ordering::SeqCst)))
        };
        let all = futures::future::join_all((0..32).map(|_| ask())).await;
        assert!(all.into_iter().all(|value| *value.unwrap() == 0));
        assert_eq!(times.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn the_one_unused_for_longest_makes_room_and_a_failure_is_tried_again() {
        let (derived, digest) = (Derived::new(2), Digest::of(b"table"));
        let failing = || Err(DataError::TaskLost { doing: "a test", problem: String::new() });
        assert!(derived.get::<u32>("a", &digest, failing).await.is_err());
        assert_eq!(derived.known::<u32>("a", &digest), None);
        for name in ["a", "b", "a", "c"] {
            derived.get(name, &digest, || Ok(7_u32)).await.unwrap();
        }
        let held = ["a", "b", "c"].map(|name| derived.known::<u32>(name, &digest).is_some());
        assert_eq!(held, [true, false, true]);
    }
}
