//! Everything that a call needs of one customer.

use std::sync::Arc;

use churn::recommend::ReasonTexts;
use lake::keys;

use super::months::{self, Months, OfCustomer};
use crate::data::{DataError, Past, PublishedRun, Snapshot, Torn};
use crate::link::Token;
use crate::pages::call_sheet::{Calibration, Contributions, Known, Sources, Why};
use crate::server::Visit;
use crate::words::Word;

/// So many published runs are looked back at.
const RUNS: usize = 20;
/// What makes a probability of log-odds, beside the model.
const CALIBRATOR: &str = "calibrator.json";

/// Everything that a call needs.
pub struct Call {
    /// What the tables know.
    pub known: Known,
    /// What moves the risk; older runs do not know.
    pub why: Option<Why>,
    /// Why that is not known, where it is not.
    pub no_why: Word,
    /// The probability where every customer begins; none where the model's calibration is not there.
    pub begin: Option<f64>,
    /// The sentences; older runs have English ones in the table alone.
    pub texts: Option<Arc<ReasonTexts>>,
    /// The last months; none where their table is gone, or does not know the customer.
    pub months: Option<OfCustomer>,
    /// Why there are none, where there are none.
    pub no_months: Word,
    /// The published runs up to that of the page, the oldest first.
    pub past: Vec<(PublishedRun, Past)>,
    /// Whether something of those runs cannot be read: then there are others, or more is known of them.
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
        let (months, no_months) = months(snapshot, &known.id).await?;
        let unread = Torn::default();
        let past = past(visit, snapshot, token, &unread).await?;
        visit.torn().also(&unread);
        Ok(Self {
            why,
            no_why: no_why(visit, snapshot),
            begin,
            texts: snapshot.reasons().await?,
            months,
            no_months,
            past,
            is_past_unread: !unread.noted().is_empty(),
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

/// Why nothing is known of what moves the risk: the run stored none of it, or it cannot be read.
fn no_why(visit: &Visit, snapshot: &Snapshot) -> Word {
    let is_unread = snapshot.output("contributions").is_ok_and(|output| visit.torn().names(output.key.as_str()));
    if is_unread { Word::CustomerWhyTorn } else { Word::CustomerNoWhy }
}

/// The months are a picture beside the page: without their table it is a page all the same, and says why.
async fn months(snapshot: &Snapshot, id: &str) -> Result<(Option<OfCustomer>, Word), DataError> {
    let found = snapshot.derive_of_stage("months", months::TABLE, &months::COLUMNS, Months::of).await;
    let is_unread = match &found {
        // Where the table is, the record of the run says.
        Err(DataError::NotMade { .. }) => snapshot.torn().names(&keys::run_record(snapshot.run_id())),
        Err(error) => error.is_unreadable(),
        Ok(_) => false,
    };
    let found = match found {
        Err(DataError::NotMade { .. } | DataError::Gone { .. }) => None,
        months => snapshot.torn().or_note(months.map(Some))?,
    };
    let why = if is_unread { Word::CustomerMonthsTorn } else { Word::CustomerNoMonths };
    Ok((found.and_then(|months| months.of_customer(id)), why))
}

/// The published runs up to that of the page; what cannot be read of them is noted in `unread`.
async fn past(
    visit: &Visit,
    snapshot: &Snapshot,
    token: Token,
    unread: &Torn,
) -> Result<Vec<(PublishedRun, Past)>, DataError> {
    let store = snapshot.store();
    let mut runs = store.published_runs(RUNS, visit.now, unread).await?;
    let own = runs.iter().position(|run| run.run_id == *snapshot.run_id());
    runs.drain(..own.unwrap_or_default());
    let probabilities = store.probabilities(&runs, token, visit.site.link_key(), unread).await?;
    Ok(runs.into_iter().zip(probabilities).rev().collect())
}
