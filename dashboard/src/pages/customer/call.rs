//! Everything that a call needs of one customer.

use std::sync::Arc;

use churn::recommend::ReasonTexts;
use lake::keys;

use super::months::{self, Months, OfCustomer};
use crate::data::{DataError, Past, PublishedRun, Snapshot};
use crate::link::Token;
use crate::pages::call_sheet::{Calibration, Contributions, Known, Sources, Why};
use crate::server::Visit;

/// So many published runs are looked back at.
const RUNS: usize = 20;
/// How the keys of records begin, and those of their index.
const RUNS_ON_RECORD: &str = "runs/";
/// What makes a probability of log-odds, beside the model.
const CALIBRATOR: &str = "calibrator.json";

/// Everything that a call needs.
pub struct Call {
    /// What the tables know.
    pub known: Known,
    /// What moves the risk; older runs do not know.
    pub why: Option<Why>,
    /// The probability where every customer begins; none where the model's calibration is not there.
    pub begin: Option<f64>,
    /// The sentences; older runs have English ones in the table alone.
    pub texts: Option<Arc<ReasonTexts>>,
    /// The last months; none where their table is gone, or does not know the customer.
    pub months: Option<OfCustomer>,
    /// The published runs up to that of the page, the oldest first.
    pub past: Vec<(PublishedRun, Past)>,
    /// Whether something of the runs on record cannot be read: then there are others.
    pub is_past_unread: bool,
}

impl Call {
    /// Of the customer in this row of the scores.
    pub async fn of(visit: &Visit, snapshot: &Snapshot, token: Token, row: usize) -> Result<Self, DataError> {
        let (scores, recommendations) = (snapshot.scores().await?, snapshot.recommendations().await?);
        let known = Known::of(&scores, &recommendations, row)?;
        // What moves the risk stands beside what it is.
        let why = match visit.torn().or_note(Contributions::of(snapshot).await)? {
            Some(contributions) => contributions.of_row(row)?,
            None => None,
        };
        let begin = match &why {
            Some(why) => begin(visit, snapshot, why).await?,
            None => None,
        };
        Ok(Self {
            why,
            begin,
            texts: snapshot.reasons().await?,
            months: months(snapshot, &known.id).await?,
            past: past(visit, snapshot, token).await?,
            is_past_unread: visit.torn().names(RUNS_ON_RECORD),
            known,
        })
    }

    /// What sentences and sheets are made of.
    pub fn sources(&self) -> Sources<'_> {
        Sources { known: &self.known, why: self.why.as_ref(), texts: self.texts.as_deref() }
    }
}

async fn begin(visit: &Visit, snapshot: &Snapshot, why: &Why) -> Result<Option<f64>, DataError> {
    let key = keys::model_file(snapshot.model_version(), CALIBRATOR);
    // The picture says log-odds where there is none.
    let calibration = visit.torn().or_note(snapshot.store().document::<Calibration>(&key, visit.now).await)?;
    Ok(calibration.map(|calibration| calibration.of_log_odds.probability(why.base)))
}

/// The months are a picture beside the page: without their table it is a page all the same.
async fn months(snapshot: &Snapshot, id: &str) -> Result<Option<OfCustomer>, DataError> {
    let months = match snapshot.derive_of_stage("months", months::TABLE, &months::COLUMNS, Months::of).await {
        Err(DataError::NotMade { .. } | DataError::Gone { .. }) => return Ok(None),
        months => snapshot.torn().or_note(months.map(Some))?,
    };
    Ok(months.and_then(|months| months.of_customer(id)))
}

async fn past(visit: &Visit, snapshot: &Snapshot, token: Token) -> Result<Vec<(PublishedRun, Past)>, DataError> {
    let store = snapshot.store();
    let mut runs = store.published_runs(RUNS, visit.now, visit.torn()).await?;
    let own = runs.iter().position(|run| run.run_id == *snapshot.run_id());
    runs.drain(..own.unwrap_or_default());
    let probabilities = store.probabilities(&runs, token, visit.site.link_key()).await?;
    Ok(runs.into_iter().zip(probabilities).rev().collect())
}
