//! What is read for the page: the report of the run, the columns that are looked at closely, the runs before.

use std::collections::BTreeMap;
use std::sync::Arc;

use churn::drift::{ColumnKind, DriftReport, PREDICTION};
use churn::model::RiskTier;
use churn::recommend::ReasonTexts;
use polars::prelude::DataFrame;
use protocol::TableRef;

use super::history;
use super::lines::{self, Line};
use super::shares::{self, Share};
use super::sides::{self, Sides};
use super::state::State;
use crate::data::{DataError, DriftOfRun, Snapshot, cells, outputs_of_run};
use crate::pages::risk;
use crate::server::Visit;

/// The stage's table that the features are in.
const FEATURES: &str = "gold_master";
/// So many runs are on the strip.
pub const RUNS: usize = 60;

/// The report and its columns.
pub struct Reported {
    /// What the run found.
    pub report: Arc<DriftReport>,
    /// Its columns, with how much each matters.
    pub lines: Vec<Line>,
    /// Whether the model's evaluation is there, which tells what matters.
    pub is_weighed: bool,
}

/// A column that is looked at closely.
pub struct Closer {
    /// What the report says of it.
    pub line: Line,
    /// Its values; none of texts, and where a table of theirs is not there any more.
    pub sides: Option<Arc<Sides>>,
    /// Its categories; none of numbers, and where a table of theirs is not there any more.
    pub shares: Option<Arc<Vec<Share>>>,
}

impl Closer {
    /// Whether nothing is left but what the report says.
    pub fn is_gone(&self) -> bool {
        self.sides.is_none() && self.shares.is_none()
    }
}

/// Customers by tier on both sides.
pub type Mix = [BTreeMap<RiskTier, u64>; 2];

/// What the page shows.
pub struct Seen {
    /// The report.
    pub reported: Reported,
    /// The column that the reader chose.
    pub chosen: Option<Closer>,
    /// What the model says.
    pub prediction: Option<Closer>,
    /// Customers by tier in the training and now; none where one of the two tables is not there any more.
    pub mix: Option<Arc<Mix>>,
    /// The runs up to this one, the oldest first.
    pub runs: Vec<Arc<DriftOfRun>>,
    /// What columns mean, in the words of the run.
    pub reasons: Option<Arc<ReasonTexts>>,
    /// The table of the results that was deleted, where one was.
    pub gone: Option<DataError>,
}

/// A table and its content.
type Table = (TableRef, Arc<DataFrame>);

impl Reported {
    /// The report of the run; none where it made none.
    pub async fn of(snapshot: &Snapshot) -> Result<Option<Self>, DataError> {
        if snapshot.output("drift").is_err() {
            return Ok(None);
        }
        let (report, evaluation) = (snapshot.drift().await?, snapshot.evaluation().await?);
        let lines = lines::lines(&report, evaluation.as_deref());
        Ok(Some(Self { report, lines, is_weighed: evaluation.is_some() }))
    }
}

impl Seen {
    /// Reads what the state asks for.
    pub async fn of(visit: &Visit, snapshot: &Snapshot, reported: Reported, state: &State) -> Result<Self, DataError> {
        let (training, mut gone) = (training(snapshot).await?, None);
        let line = |name: &str| reported.lines.iter().find(|line| line.name() == name).cloned();
        let chosen = match state.column.as_deref().and_then(line) {
            Some(line) => Some(closer(snapshot, training.as_ref(), line, &mut gone).await?),
            None => None,
        };
        let prediction = match line(PREDICTION) {
            Some(line) => Some(closer(snapshot, training.as_ref(), line, &mut gone).await?),
            None => None,
        };
        let reasons = snapshot.reasons().await?;
        let mix = mix(snapshot, training.as_ref(), &mut gone).await?;
        Ok(Self { chosen, prediction, mix, runs: runs(visit, snapshot).await?, reasons, gone, reported })
    }
}

/// The runs up to that of the page, the oldest first.
pub async fn runs(visit: &Visit, snapshot: &Snapshot) -> Result<Vec<Arc<DriftOfRun>>, DataError> {
    let runs = snapshot.store().drift_of_runs(RUNS, visit.now, visit.torn()).await?;
    Ok(history::up_to(runs, snapshot.run_id()))
}

/// A column with its values on both sides, computed once for the two tables.
async fn closer(
    snapshot: &Snapshot,
    training: Option<&Table>,
    line: Line,
    gone: &mut Option<DataError>,
) -> Result<Closer, DataError> {
    let now = if line.is_prediction() {
        DataError::or_note(scores(snapshot).await, gone)?
    } else {
        features(snapshot).await?
    };
    let (Some((before, then)), Some((after, now))) = (training, now) else {
        return Ok(Closer { line, sides: None, shares: None });
    };
    let (name, then, column) =
        (format!("drift of {} since {}", line.name(), before.digest), Arc::clone(then), line.name().to_owned());
    if line.found.kind == ColumnKind::Category {
        let shares = snapshot.derive(&name, &after.digest, move || shares::of_tables(&then, &now, &column)).await?;
        return Ok(Closer { line, sides: None, shares: Some(shares) });
    }
    let sides = snapshot.derive(&name, &after.digest, move || Sides::of_tables(&then, &now, &column)).await?;
    Ok(Closer { line, sides: Some(sides), shares: None })
}

async fn mix(
    snapshot: &Snapshot,
    training: Option<&Table>,
    gone: &mut Option<DataError>,
) -> Result<Option<Arc<Mix>>, DataError> {
    let Some((before, then)) = training else { return Ok(None) };
    let (name, then) = (format!("tiers since {}", before.digest), Arc::clone(then));
    let Some((after, now)) = DataError::or_note(scores(snapshot).await, gone)? else { return Ok(None) };
    let counted = move || -> Result<Mix, DataError> {
        let then = sides::tiers(&cells::numbers(&then, PREDICTION)?);
        let mut counts: BTreeMap<RiskTier, u64> = RiskTier::ALL.into_iter().map(|tier| (tier, 0)).collect();
        for tier in risk::Columns::of(&now)?.tier {
            *counts.entry(tier).or_default() += 1;
        }
        Ok([then, counts])
    };
    snapshot.derive(&name, &after.digest, counted).await.map(Some)
}

/// The values that the model learnt from; none where they are not there any more, or cannot be read.
async fn training(snapshot: &Snapshot) -> Result<Option<Table>, DataError> {
    let values = snapshot.store().training_values(snapshot.model_version()).await;
    match snapshot.torn().or_note(values)? {
        Some(reference) => if_there(snapshot, reference).await,
        None => Ok(None),
    }
}

/// The features of the run; none where they are not there any more or cannot be read, or before the run is on record.
async fn features(snapshot: &Snapshot) -> Result<Option<Table>, DataError> {
    let Some(record) = snapshot.record().await? else { return Ok(None) };
    let Some(key) = outputs_of_run(&record).remove(FEATURES) else { return Ok(None) };
    match snapshot.torn().or_note(snapshot.store().reference(&key).await)? {
        Some(reference) => if_there(snapshot, reference).await,
        None => Ok(None),
    }
}

async fn scores(snapshot: &Snapshot) -> Result<Table, DataError> {
    Ok((snapshot.output("scores")?.clone(), snapshot.scores().await?))
}

/// The table, or none where its file was deleted or is damaged.
async fn if_there(snapshot: &Snapshot, reference: TableRef) -> Result<Option<Table>, DataError> {
    let store = snapshot.store();
    let loaded = store.table(&reference).await;
    if loaded.is_err() && !store.is_there(&reference.key).await? {
        return Ok(None);
    }
    snapshot.torn().or_note(loaded.map(|frame| Some((reference, frame))))
}
