//! Which customers are in another risk tier than before.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;
use serde::Serialize;

use super::tier::RiskTier;
use crate::columns::texts;
use crate::error::Result;

/// The tier of every customer: ID and label.
pub type Tiers = BTreeMap<String, String>;

/// The tiers of a table of scores.
pub fn tiers_of(scores: &DataFrame) -> Result<Tiers> {
    let pairs = texts(scores, "customer_id")?.into_iter().zip(texts(scores, "risk_tier")?);
    Ok(pairs.filter_map(|(customer, tier)| Some((customer?.to_owned(), tier?.to_owned()))).collect())
}

/// How many customers went from which tier to which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TierMoves {
    /// Customers in another tier than before.
    pub changed: u64,
    /// Customers that were not scored before.
    pub new: u64,
    /// Customers that are not scored any more.
    pub gone: u64,
    /// From a tier to a tier, of all who were scored both times.
    pub table: BTreeMap<String, BTreeMap<String, u64>>,
}

impl TierMoves {
    /// From the tiers before to those after.
    pub fn between(before: &Tiers, after: &Tiers) -> Self {
        let mut table: BTreeMap<String, BTreeMap<String, u64>> =
            RiskTier::ALL.iter().map(|tier| (tier.as_str().to_owned(), BTreeMap::new())).collect();
        let mut changed = 0;
        let mut both = 0;
        for (customer, from) in before {
            if let Some(to) = after.get(customer) {
                *table.entry(from.clone()).or_default().entry(to.clone()).or_default() += 1;
                changed += u64::from(from != to);
                both += 1;
            }
        }
        Self { changed, new: after.len() as u64 - both, gone: before.len() as u64 - both, table }
    }
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;

    #[test]
    fn customers_are_counted_from_tier_to_tier() {
        let [low, high] = [RiskTier::Low.as_str(), RiskTier::High.as_str()];
        let scores =
            |customers: &[&str], tiers: &[&str]| df!("customer_id" => customers, "risk_tier" => tiers).unwrap();
        let before = tiers_of(&scores(&["a", "b", "c", "gone"], &[low, low, high, low])).unwrap();
        let after = tiers_of(&scores(&["new", "c", "b", "a"], &[low, low, high, low])).unwrap();
        let moves = TierMoves::between(&before, &after);
        assert_eq!((moves.changed, moves.new, moves.gone), (2, 1, 1));
        assert_eq!((moves.table[low][low], moves.table[low][high], moves.table[high][low]), (1, 1, 1));
        assert_eq!(moves.table.len(), RiskTier::ALL.len(), "tiers without a customer are there too");
        assert_eq!(TierMoves::between(&before, &before).changed, 0);
    }
}
