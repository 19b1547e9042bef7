//! For whom the model works, as the result of a run says it: flat, for programs.

use churn::model::{Slice, SliceOutcome};
use serde::{Deserialize, Serialize};

/// One kind of customers; figures are null where it is not evaluated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SliceResult {
    /// By what customers are told apart: `contact`, `segment`, `sales_channel`, `tenure`, `renewal`, `province_group`.
    pub by: String,
    /// Which of them; `missing` where it is not known.
    pub value: String,
    /// `holdout`, or `pooled`: all customers with a label, those of the training out of fold.
    pub measured_on: String,
    /// Customers.
    pub rows: u64,
    /// Churners among them; over `rows` it is the PR-AUC of a ranking by lot.
    pub positives: u64,
    /// Why there are no figures.
    pub not_evaluated: Option<String>,
    /// Average precision.
    pub pr_auc: Option<f64>,
    /// The lower end of its 95 % bootstrap interval.
    pub pr_auc_low: Option<f64>,
    /// The upper end.
    pub pr_auc_high: Option<f64>,
    /// PR-AUC over the churn rate: how many times better than by lot.
    pub lift: Option<f64>,
    /// Churners that are flagged.
    pub recall: Option<f64>,
    /// Churners among those flagged.
    pub precision: Option<f64>,
    /// Mean probability minus churn rate.
    pub overrated_by: Option<f64>,
}

impl From<&Slice> for SliceResult {
    fn from(slice: &Slice) -> Self {
        let figures = slice.figures();
        let interval = figures.and_then(|figures| figures.pr_auc_interval);
        let not_evaluated = match &slice.outcome {
            SliceOutcome::Evaluated(_) => None,
            SliceOutcome::NotEvaluated(why) => Some(why.clone()),
        };
        Self {
            by: slice.by.as_str().to_owned(),
            value: slice.value.clone(),
            measured_on: slice.measured_on.as_str().to_owned(),
            rows: slice.rows,
            positives: slice.positives,
            not_evaluated,
            pr_auc: figures.map(|figures| figures.pr_auc),
            pr_auc_low: interval.map(|interval| interval.low),
            pr_auc_high: interval.map(|interval| interval.high),
            lift: figures.map(|figures| figures.lift),
            recall: figures.map(|figures| figures.recall),
            precision: figures.map(|figures| figures.precision),
            overrated_by: figures.map(|figures| figures.overrated_by),
        }
    }
}

#[cfg(test)]
mod tests {
    use churn::model::{SliceBy, SliceRows};

    use super::*;

    #[test]
    fn a_slice_without_figures_says_why_and_has_nulls() {
        let slice = Slice {
            by: SliceBy::SalesChannel,
            value: "Office".to_owned(),
            measured_on: SliceRows::Pooled,
            rows: 80,
            positives: 12,
            outcome: SliceOutcome::NotEvaluated("12 churners among 80 customers; 30 are needed".to_owned()),
        };
        let json = serde_json::to_value(SliceResult::from(&slice)).unwrap();
        assert_eq!((json["by"].as_str(), json["measured_on"].as_str()), (Some("sales_channel"), Some("pooled")));
        assert_eq!(json["positives"], 12);
        assert!(
            json["pr_auc"].is_null() && json["not_evaluated"].as_str().unwrap().contains("30 are needed"),
            "{json}"
        );
    }
}
