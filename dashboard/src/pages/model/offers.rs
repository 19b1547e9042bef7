//! What a threshold means for the customers of the results: how many it flags, and what an offer costs.

use std::sync::Arc;

use polars::prelude::DataFrame;
use protocol::ModelVersion;

use crate::data::{DataError, Snapshot, cells};
use crate::pages::risk::Columns;

/// Nothing is offered.
const NO_OFFER: &str = "no_offer";

/// What the results tell.
#[derive(Debug, Clone, Default)]
pub struct Offers {
    /// The most that an offer of the results may cost a month, on average, EUR; none without offers.
    pub mean_cost: Option<f64>,
    /// How many customers reach the threshold; not known where another version scored them.
    pub flagged_now: Option<u64>,
    /// The table of the results that was deleted, where one was.
    pub gone: Option<DataError>,
}

impl Offers {
    /// Of the results, for the version that is shown.
    pub async fn of(
        snapshot: Option<&Snapshot>,
        version: &ModelVersion,
        threshold: Option<f64>,
    ) -> Result<Self, DataError> {
        let (Some(snapshot), Some(threshold)) = (snapshot, threshold) else { return Ok(Self::default()) };
        let (torn, mut gone) = (snapshot.torn(), None);
        let mean = torn.or_note(DataError::or_note(mean(snapshot).await, &mut gone))?;
        let is_theirs = snapshot.model_version() == version;
        let flagged_now = if is_theirs {
            torn.or_note(DataError::or_note(flagged(snapshot, threshold).await, &mut gone))?
        } else {
            None
        };
        Ok(Self { mean_cost: mean.flatten(), flagged_now, gone })
    }
}

async fn mean(snapshot: &Snapshot) -> Result<Option<f64>, DataError> {
    let recommendations = snapshot.recommendations().await?;
    let digest = &snapshot.output("recommendations")?.digest;
    let mean = snapshot.derive("mean offer", digest, move || mean_cost(&recommendations)).await?;
    Ok(*mean)
}

async fn flagged(snapshot: &Snapshot, threshold: f64) -> Result<u64, DataError> {
    let scores = snapshot.scores().await?;
    let read = Arc::clone(&scores);
    let columns = snapshot.derive("risk columns", snapshot.scores_digest()?, move || Columns::of(&read)).await?;
    Ok(columns.probability.iter().filter(|probability| **probability >= threshold).count() as u64)
}

fn mean_cost(recommendations: &DataFrame) -> Result<Option<f64>, DataError> {
    let actions = cells::texts(recommendations, "action")?;
    let costs = cells::numbers(recommendations, "max_offer_eur")?;
    let offered = actions.into_iter().zip(costs).filter(|(action, _)| action.is_some_and(|action| action != NO_OFFER));
    let costs: Vec<f64> = offered.filter_map(|(_, cost)| cost).collect();
    Ok((!costs.is_empty()).then(|| costs.iter().sum::<f64>() / costs.len() as f64))
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;

    #[test]
    fn only_what_is_offered_counts() {
        let table = df!("action" => ["offer_small", "no_offer", "offer_large"], "max_offer_eur" => [Some(2.0), None, Some(4.0)]);
        assert_eq!(mean_cost(&table.unwrap()).unwrap(), Some(3.0));
        let nothing = df!("action" => ["no_offer"], "max_offer_eur" => [None::<f64>]).unwrap();
        assert_eq!(mean_cost(&nothing).unwrap(), None);
    }
}
