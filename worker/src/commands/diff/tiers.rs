//! The customers whose tier changed, for a file of their own.

use std::fmt::Write as _;

use churn::model::Tiers;

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

#[cfg(test)]
mod tests {
    use churn::model::RiskTier;

    use super::*;

    fn tiers(pairs: &[(&str, &str)]) -> Tiers {
        pairs.iter().map(|(customer, tier)| ((*customer).to_owned(), (*tier).to_owned())).collect()
    }

    #[test]
    fn whoever_changed_the_tier_is_named_with_both_and_an_absent_one_is_empty() {
        let [low, high] = [RiskTier::ALL[0].as_str(), RiskTier::ALL[2].as_str()];
        let before = tiers(&[("a", low), ("b", low), ("c", high), ("gone", low)]);
        let after = tiers(&[("a", low), ("b", high), ("c", low), ("new, \"one\"", low)]);
        let csv = as_csv(&before, &after);
        let expected =
            format!("customer_id,from,to\nb,{low},{high}\nc,{high},{low}\ngone,{low},\n\"new, \"\"one\"\"\",,{low}\n");
        assert_eq!(csv, expected);
    }
}
