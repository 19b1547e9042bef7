//! Which customers no model trains on, and the folds of the others: decided by a hash alone.
//!
//! The hash sees only the customer and a salt, so a customer keeps its side whatever else is in
//! the data, and champion and challenger can be compared on rows that neither has seen.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::examples::Examples;
use super::settings::SplitSettings;
use crate::error::{Error, Result};

/// How far the churn rate of a side may be from the overall one before the report says so.
const MAX_RATE_DIFFERENCE: f64 = 0.01;

/// Positions of the training and the holdout customers among the examples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Split {
    pub training: Vec<usize>,
    pub holdout: Vec<usize>,
}

/// The sides of a split in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitReport {
    /// Customers that models are fitted on.
    pub training_rows: usize,
    /// Churners among them.
    pub training_positives: usize,
    /// Customers that no model is fitted on.
    pub holdout_rows: usize,
    /// Churners among them.
    pub holdout_positives: usize,
    /// Customers without a label: scored, but neither fitted nor measured.
    pub unlabelled_rows: usize,
    /// Share of churners among all labelled customers.
    pub churn_rate: f64,
    /// Whether both sides are within one point of it. A small table misses it by chance.
    pub within_one_point: bool,
}

impl Split {
    /// Sends every customer to its side; a side without both churners and stayers is an error.
    pub fn by_hash(examples: &Examples, settings: &SplitSettings) -> Result<Self> {
        let (holdout, training): (Vec<_>, Vec<_>) =
            (0..examples.len()).partition(|&row| is_held_out(&examples.ids[row], settings));
        let split = Self { training, holdout };
        for (name, rows) in [("training", &split.training), ("holdout", &split.holdout)] {
            let positives = rows.iter().filter(|&&row| examples.labels[row]).count();
            if positives == 0 || positives == rows.len() {
                return Err(Error::model(
                    "split the customers",
                    format!(
                        "the {name} side has {} customers, {positives} of them churned, and needs some of both; \
                         use more customers",
                        rows.len()
                    ),
                ));
            }
        }
        Ok(split)
    }

    /// The sides in numbers, of a gold table with `rows` rows.
    pub fn report(&self, examples: &Examples, rows: usize) -> SplitReport {
        let positives = |side: &[usize]| side.iter().filter(|&&row| examples.labels[row]).count();
        let (training_positives, holdout_positives) = (positives(&self.training), positives(&self.holdout));
        let churn_rate = examples.positives() as f64 / examples.len() as f64;
        let is_close =
            |positives: usize, rows: usize| (positives as f64 / rows as f64 - churn_rate).abs() <= MAX_RATE_DIFFERENCE;
        SplitReport {
            training_rows: self.training.len(),
            training_positives,
            holdout_rows: self.holdout.len(),
            holdout_positives,
            unlabelled_rows: rows - examples.len(),
            churn_rate,
            within_one_point: is_close(training_positives, self.training.len())
                && is_close(holdout_positives, self.holdout.len()),
        }
    }
}

/// Whether no model of this split is ever fitted on a customer.
pub(super) fn is_held_out(customer_id: &str, settings: &SplitSettings) -> bool {
    unit_hash(&settings.holdout_salt, customer_id) < settings.holdout_share
}

/// The fold of a customer, 0 to `folds` - 1.
pub(super) fn fold_of(customer_id: &str, settings: &SplitSettings) -> u32 {
    (unit_hash(&settings.fold_salt, customer_id) * f64::from(settings.folds)) as u32
}

/// A number in [0, 1) that depends on the salt and the customer only: the first 53 bits of SHA-256.
fn unit_hash(salt: &str, customer_id: &str) -> f64 {
    let digest = Sha256::new().chain_update(salt).chain_update([0]).chain_update(customer_id).finalize();
    let head = digest.iter().take(8).fold(0_u64, |bits, &byte| bits << 8 | u64::from(byte));
    (head >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;

    fn examples(customers: usize) -> Examples {
        let ids: Vec<String> = (0..customers).map(|i| format!("C{i:05}")).collect();
        let churn: Vec<i32> = (0..customers).map(|i| i32::from(i % 10 == 3)).collect();
        Examples::of(&df!("customer_id" => ids, "churn" => churn).unwrap()).unwrap()
    }

    #[test]
    fn the_hash_is_the_published_one() {
        // python: int.from_bytes(hashlib.sha256(b"holdout-1\0C00001").digest()[:8], "big") >> 11, over 2**53
        assert_eq!(unit_hash("holdout-1", "C00001"), 0.159_641_875_539_723_53);
    }

    #[test]
    fn a_customer_keeps_its_side_when_others_come_and_go() {
        let settings = SplitSettings::default();
        let (all, few) = (examples(4000), examples(1000));
        let held = |examples: &Examples| {
            let split = Split::by_hash(examples, &settings).unwrap();
            split
                .holdout
                .into_iter()
                .map(|row| examples.ids[row].clone())
                .filter(|id| id.as_str() < "C01000")
                .collect::<Vec<_>>()
        };
        assert_eq!(held(&all), held(&few));
    }

    #[test]
    fn the_holdout_has_its_share_of_customers_and_of_churners() {
        let examples = examples(20_000);
        let split = Split::by_hash(&examples, &SplitSettings::default()).unwrap();
        let report = split.report(&examples, 20_005);
        assert!((report.holdout_rows as f64 / 20_000.0 - 0.20).abs() < 0.01, "{report:?}");
        assert!(report.within_one_point, "{report:?}");
        assert_eq!(report.unlabelled_rows, 5);
    }

    #[test]
    fn folds_are_even_and_have_nothing_to_do_with_the_holdout() {
        let settings = SplitSettings::default();
        let examples = examples(20_000);
        let split = Split::by_hash(&examples, &settings).unwrap();
        for side in [&split.training, &split.holdout] {
            let mut counts = [0_usize; 5];
            for &row in side {
                counts[fold_of(&examples.ids[row], &settings) as usize] += 1;
            }
            assert!(counts.iter().all(|&n| (n as f64 / side.len() as f64 - 0.2).abs() < 0.03), "{counts:?}");
        }
    }

    #[test]
    fn a_holdout_without_churners_asks_for_more_customers() {
        let problem = Split::by_hash(&examples(12), &SplitSettings::default()).unwrap_err().to_string();
        assert!(problem.contains("use more customers"), "{problem}");
    }
}
