//! Today's customers in the form of the drift reference, and their count by tier.

use std::collections::BTreeMap;

use polars::prelude::{Column, DataFrame};

use crate::columns::PREDICTION;
use crate::error::{Error, Result};
use crate::model::bundle::Bundle;
use crate::model::tier::RiskTier;

impl Bundle {
    /// The model's features as `gold` has them and the column `churn_proba`, like [`Self::reference`].
    ///
    /// Predictions are not rounded: ties would look like drift. As in the reference each is by a model that has not seen
    /// the customer.
    pub fn observe(&self, gold: &DataFrame) -> Result<DataFrame> {
        let predictions = self.predict_unseen(gold)?;
        gold.select(self.metadata().features.iter().map(|feature| feature.name.as_str()))
            .and_then(|mut table| {
                table.with_column(Column::new(PREDICTION.into(), predictions))?;
                Ok(table)
            })
            .map_err(Error::table("observe the features"))
    }
}

/// Customers by risk tier of a scores table; every tier is there, empty ones with 0.
pub fn tier_counts(scores: &DataFrame) -> Result<BTreeMap<String, u64>> {
    let labels = scores.column("risk_tier").and_then(Column::str).map_err(Error::table("count the risk tiers"))?;
    let mut counts: BTreeMap<String, u64> = RiskTier::ALL.iter().map(|tier| (tier.as_str().to_owned(), 0)).collect();
    for label in labels.iter().flatten() {
        *counts.entry(label.to_owned()).or_default() += 1;
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;

    #[test]
    fn a_tier_without_customers_counts_zero() {
        let scores = df!("risk_tier" => ["Low (<40%)", "Critical (>80%)", "Low (<40%)"]).unwrap();
        let counts = tier_counts(&scores).unwrap();
        assert_eq!(counts["Low (<40%)"], 2);
        assert_eq!(counts["High (60-80%)"], 0);
        assert_eq!(counts.len(), 4);
    }
}
