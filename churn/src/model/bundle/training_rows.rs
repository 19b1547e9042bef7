//! Who was in training, without saying who: a fingerprint of each customer.
//!
//! A score of a customer that the model was fitted on flatters the model, so scoring must know them; and an ID has no
//! business in a model. A fingerprint is 63 bits of SHA-256 over the training's digest and the ID: whoever has an ID can ask for
//! it, nobody can read one off, and those of two trainings have nothing to do with each other. It is a pseudonym all the
//! same: see `DECISIONS/0013-who-was-in-training.md`.

use std::path::Path;

use polars::prelude::{Column, DataFrame};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::table_file;

const COLUMN: &str = "fingerprint";

/// The customers of one training.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::model) struct TrainingRows {
    training_digest: String,
    /// Increasing.
    fingerprints: Vec<i64>,
}

impl TrainingRows {
    /// Of the customers that a model is fitted on.
    pub fn of(training_digest: &str, ids: &[String]) -> Self {
        let mut fingerprints: Vec<i64> = ids.iter().map(|id| fingerprint(training_digest, id)).collect();
        fingerprints.sort_unstable();
        Self { training_digest: training_digest.to_owned(), fingerprints }
    }

    /// Whether this customer is one of them.
    pub fn holds(&self, customer_id: &str) -> bool {
        self.fingerprints.binary_search(&fingerprint(&self.training_digest, customer_id)).is_ok()
    }

    /// Writes them, in the order of their numbers: it tells nothing of the customers' own.
    pub fn write(&self, path: &Path) -> Result<()> {
        let column = Column::new(COLUMN.into(), self.fingerprints.as_slice());
        let mut table =
            DataFrame::new(self.fingerprints.len(), vec![column]).map_err(Error::table("list who was in training"))?;
        table_file::write(&mut table, path)
    }

    /// Reads what [`Self::write`] wrote.
    pub fn read(path: &Path, training_digest: &str) -> Result<Self> {
        let table = table_file::read(path)?;
        let column = table.column(COLUMN).and_then(Column::i64).map_err(Error::table("read who was in training"))?;
        let mut fingerprints: Vec<i64> = column.iter().flatten().collect();
        fingerprints.sort_unstable();
        Ok(Self { training_digest: training_digest.to_owned(), fingerprints })
    }
}

fn fingerprint(training_digest: &str, customer_id: &str) -> i64 {
    let digest = Sha256::new().chain_update(training_digest).chain_update([0]).chain_update(customer_id).finalize();
    let head = digest.iter().take(8).fold(0_u64, |bits, &byte| bits << 8 | u64::from(byte));
    (head >> 1) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(range: std::ops::Range<u32>) -> Vec<String> {
        range.map(|i| format!("C{i:05}")).collect()
    }

    #[test]
    fn those_of_the_training_are_known_again_and_nobody_else_is() {
        let rows = TrainingRows::of("a digest", &ids(0..2000));
        assert!(ids(0..2000).iter().all(|id| rows.holds(id)));
        assert!(!ids(2000..20_000).iter().any(|id| rows.holds(id)));
    }

    #[test]
    fn the_file_gives_the_same_answers_and_holds_no_id() {
        let rows = TrainingRows::of("a digest", &ids(0..300));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("training_rows.parquet");
        rows.write(&path).unwrap();
        assert_eq!(TrainingRows::read(&path, "a digest").unwrap(), rows);
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(6).any(|part| part == b"C00017"));
        // Of another training they are other numbers.
        let other = TrainingRows::of("another digest", &ids(0..300));
        assert!(other.fingerprints.iter().all(|number| rows.fingerprints.binary_search(number).is_err()));
    }

    #[test]
    fn the_fingerprint_is_the_published_one() {
        // python: int.from_bytes(hashlib.sha256(b"d\0C00001").digest()[:8], "big") >> 1
        assert_eq!(fingerprint("d", "C00001"), 1_568_236_603_678_515_463);
    }
}
