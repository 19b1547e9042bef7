//! Which customers are in another risk tier now.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Context;
use churn::DataFrame;
use churn::model::RiskTier;
use serde::Serialize;

/// The tier of every customer.
pub type Tiers = BTreeMap<String, String>;

/// How many customers went from which tier to which.
#[derive(Debug, PartialEq, Eq, Serialize)]
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

/// The customers whose tier changed: who, from, to. An absent tier is empty.
pub fn as_csv(before: &Tiers, after: &Tiers) -> String {
    let mut text = String::from("customer_id,from,to\n");
    let new = after.keys().filter(|customer| !before.contains_key(*customer));
    for customer in before.keys().chain(new) {
        let tier = |tiers: &Tiers| tiers.get(customer).cloned().unwrap_or_default();
        let (from, to) = (tier(before), tier(after));
        if from != to {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{},{from},{to}", quoted(customer));
        }
    }
    text
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// The tiers of a table of scores.
pub fn of_scores(scores: &DataFrame) -> anyhow::Result<Tiers> {
    let column = |name: &str| {
        let column = scores.column(name).and_then(|column| column.str());
        column.with_context(|| format!("the stored scores have no texts in `{name}`"))
    };
    let pairs = column("customer_id")?.iter().zip(column("risk_tier")?.iter());
    Ok(pairs.filter_map(|(customer, tier)| Some((customer?.to_owned(), tier?.to_owned()))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiers(pairs: &[(&str, &str)]) -> Tiers {
        pairs.iter().map(|(customer, tier)| ((*customer).to_owned(), (*tier).to_owned())).collect()
    }

    #[test]
    fn customers_are_counted_from_tier_to_tier() {
        let [low, high] = [RiskTier::ALL[0].as_str(), RiskTier::ALL[2].as_str()];
        let before = tiers(&[("a", low), ("b", low), ("c", high), ("gone", low)]);
        let after = tiers(&[("a", low), ("b", high), ("c", low), ("new, \"one\"", low)]);
        let moves = TierMoves::between(&before, &after);
        assert_eq!((moves.changed, moves.new, moves.gone), (2, 1, 1));
        assert_eq!((moves.table[low][low], moves.table[low][high], moves.table[high][low]), (1, 1, 1));
        assert_eq!(moves.table.len(), RiskTier::ALL.len(), "tiers without a customer are there too");
        let csv = as_csv(&before, &after);
        let expected =
            format!("customer_id,from,to\nb,{low},{high}\nc,{high},{low}\ngone,{low},\n\"new, \"\"one\"\"\",,{low}\n");
        assert_eq!(csv, expected);
        assert_eq!(TierMoves::between(&before, &before).changed, 0);
    }
}
