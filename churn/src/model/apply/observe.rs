//! Today's customers in the form of the drift reference, what the features weigh, and the count of customers by tier.

use std::collections::BTreeMap;

use polars::prelude::{Column, DataFrame, DataType};

use crate::columns::PREDICTION;
use crate::error::{Error, Result};
use crate::model::bundle::Bundle;
use crate::model::bundle::out_of_fold::Scorer;
use crate::model::examples::{customer_ids, take};
use crate::model::split::is_held_out;
use crate::model::tier::RiskTier;
use crate::watch::Watch;

/// So many rows of the reference tell what the features weigh, to a few thousandths.
const WEIGHED_ROWS: usize = 2000;

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

    /// The calibrated churn probability of every customer that no fold's model was fitted on either, in the order of
    /// `gold`: those that the split keeps out of training, and those whose label nobody knows yet. The others have none.
    pub fn predict_held_out(&self, gold: &DataFrame) -> Result<Vec<Option<f64>>> {
        let (ids, labels) = (customer_ids(gold)?, known_labels(gold)?);
        let split = &self.metadata.settings.split;
        let held_out = self.predict(gold)?.into_iter().zip(&ids).zip(&labels).map(|((prediction, id), label)| {
            let was_kept_out = is_held_out(id, split) || label.is_none();
            was_kept_out.then_some(prediction)
        });
        Ok(held_out.collect())
    }

    /// Each feature's share of all that moves the model: of the mean |SHAP| over some rows of the reference, evenly
    /// spread. They sum to 1, or are all 0 where nothing moves it.
    pub fn feature_shares(&self, watch: &dyn Watch) -> Result<BTreeMap<String, f64>> {
        let rows = self.reference.height();
        let step = rows.div_ceil(WEIGHED_ROWS).max(1);
        let some: Vec<usize> = (0..rows).step_by(step).collect();
        // The reference names nobody, and what the final model makes of its features is what is asked.
        let matrix = self.matrix(&take(&self.reference, &some)?)?;
        let contributions = self.explain(&matrix, &vec![Scorer::Final; some.len()], watch)?;
        let mut sums = vec![0.0; contributions.features.len()];
        for row in 0..some.len() {
            for (sum, &value) in sums.iter_mut().zip(contributions.row(row)) {
                *sum += f64::from(value.abs());
            }
        }
        let whole = sums.iter().sum::<f64>();
        let share = |sum: f64| if whole > 0.0 { sum / whole } else { 0.0 };
        Ok(contributions.features.iter().cloned().zip(sums.into_iter().map(share)).collect())
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

/// The labels of a gold table: whether each customer churned, where that is known.
pub(in crate::model) fn known_labels(gold: &DataFrame) -> Result<Vec<Option<bool>>> {
    let churn = gold.column("churn").and_then(|column| column.cast(&DataType::Float64));
    let churn = churn.map_err(Error::table("read the labels"))?;
    let churn = churn.f64().map_err(Error::table("read the labels"))?;
    Ok(churn.iter().map(|label| label.map(|label| label != 0.0)).collect())
}

#[cfg(test)]
mod tests {
    use polars::df;
    use polars::prelude::{IntoLazy, NULL, lit};

    use super::*;
    use crate::model::sample;
    use crate::watch::Unwatched;

    #[test]
    fn a_tier_without_customers_counts_zero() {
        let scores = df!("risk_tier" => ["Low (<40%)", "Critical (>80%)", "Low (<40%)"]).unwrap();
        let counts = tier_counts(&scores).unwrap();
        assert_eq!(counts["Low (<40%)"], 2);
        assert_eq!(counts["High (60-80%)"], 0);
        assert_eq!(counts.len(), 4);
    }

    #[test]
    fn only_customers_that_the_model_cannot_have_seen_are_predicted_honestly() {
        let gold = sample::gold(600);
        let bundle = sample::bundle(&gold, &sample::settings());
        let (all, unseen) = (bundle.predict(&gold).unwrap(), bundle.predict_held_out(&gold).unwrap());
        assert_eq!(unseen.iter().flatten().count(), bundle.metadata().split.holdout_rows);
        assert!(unseen.iter().zip(&all).all(|(unseen, all)| unseen.is_none_or(|unseen| unseen == *all)));
        let unlabelled = gold.lazy().with_column(lit(NULL).cast(DataType::Int32).alias("churn")).collect().unwrap();
        assert_eq!(bundle.predict_held_out(&unlabelled).unwrap().iter().flatten().count(), 600);
    }

    #[test]
    fn the_view_of_today_is_that_of_the_reference_each_customer_predicted_by_a_model_that_has_not_seen_them() {
        let gold = sample::gold(600);
        let bundle = sample::bundle(&gold, &sample::settings());
        let observed = bundle.observe(&gold).unwrap();
        assert_eq!(observed.get_column_names(), bundle.reference().get_column_names());
        let predictions = observed.column(PREDICTION).unwrap().f64().unwrap().to_vec();
        let unseen = bundle.predict_unseen(&gold).unwrap();
        assert_eq!(predictions, unseen.into_iter().map(Some).collect::<Vec<_>>());
        assert_ne!(predictions, bundle.predict(&gold).unwrap().into_iter().map(Some).collect::<Vec<_>>());
    }

    #[test]
    fn the_shares_of_the_features_sum_to_one_and_the_strongest_is_known() {
        let gold = sample::gold(3000);
        let bundle = sample::bundle(&gold, &sample::settings());
        let shares = bundle.feature_shares(&Unwatched).unwrap();
        assert_eq!(shares.len(), sample::features().len());
        assert!((shares.values().sum::<f64>() - 1.0).abs() < 1e-9);
        let strongest = shares.iter().max_by(|a, b| a.1.total_cmp(b.1)).unwrap();
        assert_eq!(strongest.0, "customer_intent");
    }
}
