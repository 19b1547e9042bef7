//! Tables in memory by the digest of their content: the ones used last stay, up to so many bytes.
//!
//! What has a digest never changes, so nothing here goes stale. Two requests for a table that is not there load it once.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::DataFrame;
use protocol::Digest;
use tokio::sync::OnceCell;

/// So much of tables is kept in memory.
pub const MOST_BYTES: usize = 512 << 20;

/// The tables that are kept.
#[derive(Debug)]
pub struct Tables {
    most_bytes: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    uses: u64,
    by_digest: BTreeMap<Digest, Entry>,
}

#[derive(Debug)]
struct Entry {
    table: Arc<OnceCell<Loaded>>,
    last_use: u64,
}

/// A table, and how much of the room it takes: every request asks.
#[derive(Debug)]
struct Loaded {
    table: Arc<DataFrame>,
    bytes: usize,
}

impl Loaded {
    fn new(table: DataFrame) -> Self {
        Self { bytes: table.estimated_size(), table: Arc::new(table) }
    }
}

impl Entry {
    fn bytes(&self) -> usize {
        self.table.get().map_or(0, |loaded| loaded.bytes)
    }
}

impl Tables {
    /// None yet.
    pub fn new(most_bytes: usize) -> Self {
        Self { most_bytes, held: Mutex::default() }
    }

    /// The table of a digest; `load` brings it where it is not held. What cannot be loaded is tried again by the next.
    pub async fn get<E>(
        &self,
        digest: &Digest,
        load: impl Future<Output = Result<DataFrame, E>>,
    ) -> Result<Arc<DataFrame>, E> {
        let cell = self.cell(digest);
        let table = cell.get_or_try_init(|| async { load.await.map(Loaded::new) }).await;
        let table = table.map(|loaded| Arc::clone(&loaded.table));
        self.make_room(digest);
        table
    }

    fn cell(&self, digest: &Digest) -> Arc<OnceCell<Loaded>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.uses += 1;
        let last_use = held.uses;
        let entry = held.by_digest.entry(digest.clone()).or_insert_with(|| Entry { table: Arc::default(), last_use });
        entry.last_use = last_use;
        Arc::clone(&entry.table)
    }

    /// Lets go of the tables that were not used for longest; never of the one that is being used.
    fn make_room(&self, used_now: &Digest) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        while held.by_digest.values().map(Entry::bytes).sum::<usize>() > self.most_bytes {
            let others = held.by_digest.iter().filter(|(digest, entry)| *digest != used_now && entry.bytes() > 0);
            let oldest = others.min_by_key(|(_, entry)| entry.last_use).map(|(digest, _)| digest.clone());
            let Some(oldest) = oldest else { return };
            held.by_digest.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use polars::df;

    use super::*;

    fn table(rows: i64) -> DataFrame {
        df!("x" => (0..rows).collect::<Vec<_>>()).unwrap()
    }

    /// Asks for a table of 100 rows (800 bytes); whether it had to be loaded.
    async fn is_loaded(tables: &Tables, name: &str) -> bool {
        let loads = Cell::new(false);
        let load = async {
            loads.set(true);
            Ok::<_, String>(table(100))
        };
        tables.get(&Digest::of(name.as_bytes()), load).await.unwrap();
        loads.get()
    }

    #[tokio::test]
    async fn a_table_is_loaded_once_and_the_one_unused_for_longest_makes_room() {
        let tables = Tables::new(2000);
        assert!(is_loaded(&tables, "a").await && is_loaded(&tables, "b").await);
        assert!(!is_loaded(&tables, "a").await, "it is held");
        assert!(is_loaded(&tables, "c").await, "and takes the place of b");
        assert!(!is_loaded(&tables, "a").await);
        assert!(is_loaded(&tables, "b").await);
    }

    #[tokio::test]
    async fn a_table_larger_than_the_room_is_given_all_the_same_and_a_failure_is_not_kept() {
        let tables = Tables::new(10);
        assert!(is_loaded(&tables, "large").await);
        let failing = async { Err("no answer") };
        assert_eq!(tables.get(&Digest::of(b"x"), failing).await.err(), Some("no answer"));
        assert!(is_loaded(&tables, "x").await);
    }
}
