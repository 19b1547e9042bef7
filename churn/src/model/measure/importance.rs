//! Which features matter to a model over all customers.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::model::bundle::Bundle;
use crate::model::bundle::out_of_fold::Scorer;
use crate::model::matrix::Matrix;
use crate::watch::Watch;

/// The weight of one feature; the one-hot columns of a category are taken together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// The feature.
    pub feature: String,
    /// Mean absolute TreeSHAP contribution on the holdout, in log-odds.
    pub mean_abs_shap: f64,
    /// Share of the loss that its splits saved in training.
    pub gain: f64,
}

/// By mean |SHAP| on the rows of `matrix`, which are of customers that no model is fitted on; the largest first.
pub(in crate::model) fn importance(bundle: &Bundle, matrix: &Matrix, watch: &dyn Watch) -> Result<Vec<Importance>> {
    let contributions = bundle.explain(matrix, &vec![Scorer::Final; matrix.rows], watch)?;
    let mut shap = vec![0.0; contributions.features.len()];
    for row in 0..matrix.rows {
        for (sum, &value) in shap.iter_mut().zip(contributions.row(row)) {
            *sum += f64::from(value.abs());
        }
    }
    let gains = bundle.fitted.gains(matrix.width)?;
    let total = gains.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let mut column_gains = gains.into_iter();
    let mut all: Vec<Importance> = bundle
        .preprocessing
        .widths()
        .zip(shap)
        .map(|((feature, width), sum)| Importance {
            feature: feature.to_owned(),
            mean_abs_shap: sum / matrix.rows.max(1) as f64,
            gain: column_gains.by_ref().take(width).sum::<f64>() / total,
        })
        .collect();
    all.sort_by(|a, b| b.mean_abs_shap.total_cmp(&a.mean_abs_shap));
    Ok(all)
}
