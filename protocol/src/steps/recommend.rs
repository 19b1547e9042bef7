//! What `write_recommendations` answers.

use churn::recommend::{OffersReport, PolicyKind};
use serde::{Deserialize, Serialize};

use super::stage::StageOutcome;

/// Recommendations, and what the run says of its offers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recommended {
    /// The stage.
    #[serde(flatten)]
    pub stage: StageOutcome,
    /// The offers as a whole; nothing of runs from before that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offers: Option<OffersSummary>,
}

/// The offers of a run, in short; all of it is in `offers.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OffersSummary {
    /// Who chose them: the tiers' rule, or value.
    pub policy: PolicyKind,
    /// How many are made.
    pub offers: u64,
    /// What they may cost a month, EUR.
    pub cost_eur: f64,
    /// What they are expected to be worth, EUR over the months of the settings.
    pub value_eur: f64,
    /// What value would offer within the limits, EUR over the same months.
    pub by_value_eur: f64,
    /// What may be spent a month, EUR, where the settings limit it.
    pub budget_eur: Option<f64>,
    /// Where the save rates come from: `assumed`, `measured` or `partly measured`.
    pub save_rates: String,
    /// Customers of the control group, whose offer is held back.
    pub control: u64,
    /// Whether the effect of offers can be measured: there is a control group.
    pub measurable: bool,
    /// All of it in a sentence.
    pub words: String,
}

impl OffersSummary {
    /// Of the report.
    pub fn of(report: &OffersReport) -> Self {
        Self {
            policy: report.policy,
            offers: report.offered.offers,
            cost_eur: report.offered.cost_eur,
            value_eur: report.offered.value_eur,
            by_value_eur: report.value.value_eur,
            budget_eur: report.limits.budget_eur,
            save_rates: report.save_rates.basis().to_owned(),
            control: report.control.offers,
            measurable: report.is_measurable,
            words: report.words.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_an_older_worker_is_read_as_the_stage_alone() {
        let older = serde_json::json!({
            "digest": "0".repeat(64), "outputs": {}, "rows": 7, "skipped": null,
        });
        let read: Recommended = serde_json::from_value(older).unwrap();
        assert_eq!((read.stage.rows, read.offers), (7, None));
    }
}
