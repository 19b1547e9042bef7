//! One run as far as anybody knows it: its record, or, before it has one, what the server and its worker say.

use std::collections::BTreeMap;
use std::sync::Arc;

use churn::drift::DriftReport;
use lake::documents::RunLine;
use lake::keys;
use protocol::RunId;
use protocol::progress::Progress;

use crate::data::{DataError, EndedRun, ListedAlert, StoredRun, moment};
use crate::frame::RunState;
use crate::pages::run_line::Line;
use crate::server::Visit;
use crate::temporal::{Answer, RunFilter, ServerRun, Stopped, Work};

/// So many runs on record are looked through for the one before.
const MOST_ON_RECORD: usize = 100;
/// A run without a record is at work, or ended lately: it is among so many.
const MOST_AT_SERVER: u16 = 200;
/// So many other runs are offered for comparing.
const TO_COMPARE: usize = 10;

/// One run.
pub struct Seen {
    /// In a line.
    pub line: Line,
    /// Its record; none while it is at work, and of one that was ended at once.
    pub record: Option<StoredRun>,
    /// How far it is, while it is at work.
    pub progress: Option<Answer<Progress<String>>>,
    /// The activities that have not ended, by their type.
    pub work: BTreeMap<String, Work>,
    /// Who told it to stop, where somebody did and the server still knows.
    pub stopped: Option<Stopped>,
    /// The run on record before it that came to a result.
    pub before: Option<Arc<EndedRun>>,
    /// Other runs on record, the newest first.
    pub others: Vec<RunId>,
    /// Its drift report, where there is one that can be read.
    pub drift: Option<Arc<DriftReport>>,
    /// What people were told of it.
    pub alerts: Vec<ListedAlert>,
}

impl Seen {
    /// Whether it goes on.
    pub fn is_at_work(&self) -> bool {
        self.progress.is_some()
    }

    /// How far it is, where a worker says so.
    pub fn known_progress(&self) -> Option<&Progress<String>> {
        self.progress.as_ref().and_then(Answer::known)
    }
}

/// The run of this ID.
pub async fn find(visit: &Visit, run_id: &str) -> Result<Seen, DataError> {
    let (store, now) = (visit.site.store(), visit.now);
    let record = store.run(run_id, now).await?;
    let mut line = match &record {
        Some(record) => Line::of_record(&RunLine::of(record)),
        None => Line::of_server(&at_server(visit, run_id).await?, &[], now),
    };
    let at_work = record.is_none() && line.state == RunState::Running;
    let (progress, work) = if at_work { asked(visit, &line).await } else { (None, BTreeMap::new()) };
    if progress.as_ref().and_then(Answer::known).is_some_and(|progress| progress.approval.is_some()) {
        line.state = RunState::Waiting;
    }
    let lines = store.newest_runs_if_readable(MOST_ON_RECORD, now, visit.torn()).await?;
    let before = match run_before(&lines, &line) {
        Some(before) => store.ended_run(&before.run_id, now, visit.torn()).await?,
        None => None,
    };
    let others = lines.iter().filter(|other| other.mode.is_some() && other.run_id != *line.run_id);
    let drift = match &record {
        Some(_) => visit.torn().or_note(store.document::<DriftReport>(&keys::drift_report(run_id), now).await)?,
        None => None,
    };
    let alerts = store.newest_alerts(now, visit.torn()).await?;
    let of_run = alerts.iter().filter(|alert| alert.alert.alert.run.run_id == *line.run_id);
    Ok(Seen {
        stopped: stopped(visit, &line).await,
        others: others.take(TO_COMPARE).map(|other| other.run_id.clone()).collect(),
        drift,
        alerts: of_run.cloned().collect(),
        line,
        record,
        progress,
        work,
        before,
    })
}

/// What the server knows of a run without a record.
async fn at_server(visit: &Visit, run_id: &str) -> Result<ServerRun, DataError> {
    let listed = visit.site.temporal().runs(&RunFilter::default(), None, MOST_AT_SERVER, visit.now).await;
    let found = listed.known().and_then(|page| page.runs.iter().find(|run| run.run_id == run_id)).cloned();
    found.ok_or_else(|| DataError::UnknownRun { run: run_id.to_owned() })
}

/// Who told the run to stop; of one that ended otherwise nobody is asked.
async fn stopped(visit: &Visit, line: &Line) -> Option<Stopped> {
    if !matches!(line.outcome.as_deref(), Some("cancelled" | "terminated")) {
        return None;
    }
    let asked = visit.site.temporal().stopped(&line.workflow_id, &line.run_id, visit.now).await;
    asked.known().cloned().flatten()
}

async fn asked(visit: &Visit, line: &Line) -> (Option<Answer<Progress<String>>>, BTreeMap<String, Work>) {
    let (temporal, now) = (visit.site.temporal(), visit.now);
    let (progress, work) = tokio::join!(
        temporal.progress(&line.workflow_id, Some(&line.run_id), now),
        temporal.work(&line.workflow_id, Some(&line.run_id), now),
    );
    (Some(progress), work.known().cloned().unwrap_or_default())
}

/// The run of the pipeline before this one that came to a result.
pub fn run_before<'a>(lines: &'a [RunLine], line: &Line) -> Option<&'a RunLine> {
    let mut completed = lines.iter().filter(|other| other.mode.is_some() && other.state == "completed");
    completed.find(|other| other.run_id != *line.run_id && moment(&other.started) < line.started)
}
