//! What cards said in the published run before, where its record does not have it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use churn::model::{Evaluation, RiskTier};
use lake::keys;
use polars::prelude::DataFrame;

use super::due;
use crate::data::{DataError, PublishedRun, Store, Torn, cells};

/// The tiers that count as at risk.
pub const AT_RISK: [RiskTier; 2] = [RiskTier::High, RiskTier::Critical];
/// The columns of the scores that are read.
const OF_SCORES: [&str; 2] = ["risk_tier", "expected_monthly_loss"];

/// The figures of a published run; what is gone, or cannot be read, is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Before {
    /// The expected loss of customers with a high or critical risk, EUR a month.
    pub loss_at_risk: Option<f64>,
    /// How many offers were due at once.
    pub offers: Option<u64>,
    /// How good the model that scored was on its holdout.
    pub pr_auc: Option<f64>,
    /// The same by the other measure.
    pub roc_auc: Option<f64>,
}

impl Before {
    /// Of a run; what cannot be read of it is noted.
    pub async fn of(store: &Store, run: &PublishedRun, now: DateTime<Utc>, torn: &Torn) -> Result<Self, DataError> {
        let evaluation = evaluation(store, run, now, torn).await?;
        let metrics = evaluation.as_ref().map(|found| &found.summary.metrics);
        Ok(Self {
            loss_at_risk: loss_at_risk(store, run, torn).await?,
            offers: offers(store, run, torn).await?,
            pr_auc: metrics.map(|metrics| metrics.pr_auc),
            roc_auc: metrics.map(|metrics| metrics.roc_auc),
        })
    }
}

async fn evaluation(
    store: &Store,
    run: &PublishedRun,
    now: DateTime<Utc>,
    torn: &Torn,
) -> Result<Option<Arc<Evaluation>>, DataError> {
    let Some(version) = &run.model_version else { return Ok(None) };
    torn.or_note(store.document(&keys::judged_evaluation(version), now).await)
}

async fn loss_at_risk(store: &Store, run: &PublishedRun, torn: &Torn) -> Result<Option<f64>, DataError> {
    let Some(key) = &run.scores else { return Ok(None) };
    let loss = store.derive_of_earlier("loss at risk", key, &OF_SCORES, torn, at_risk).await?;
    Ok(loss.map(|loss| *loss))
}

fn at_risk(scores: &DataFrame) -> Result<f64, DataError> {
    let tiers = cells::texts(scores, "risk_tier")?.into_iter().map(|label| label.and_then(RiskTier::from_label));
    let losses = cells::numbers(scores, "expected_monthly_loss")?;
    let of_tiers = tiers.zip(losses).filter(|(tier, _)| tier.is_some_and(|tier| AT_RISK.contains(&tier)));
    Ok(of_tiers.filter_map(|(_, loss)| loss).sum())
}

async fn offers(store: &Store, run: &PublishedRun, torn: &Torn) -> Result<Option<u64>, DataError> {
    let Some(key) = &run.recommendations else { return Ok(None) };
    let offers = store.derive_of_earlier("offers due", key, &due::COLUMNS, torn, due::count).await?;
    Ok(offers.map(|offers| *offers))
}
