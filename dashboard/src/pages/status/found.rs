//! The runs of the page: as the server lists them, or, where it does not answer, as the lake has them on record.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use lake::documents::RunLine;
use lake::keys;
use protocol::RunId;

use super::state::{PER_PAGE, State, matches};
use crate::data::{DataError, EndedRun, moment};
use crate::frame::RunState;
use crate::pages::run_line::Line;
use crate::query::Range;
use crate::server::Visit;
use crate::temporal::{Answer, Counts, RunsPage, ServerRun, Waiting};

/// So many runs on record are looked through.
const MOST_ON_RECORD: usize = 500;
/// So many runs at work are asked how far they are.
const MOST_ASKED: usize = 8;
/// A file has at most so many pages of the server, of so many runs.
const FILE_PAGES: usize = 5;
const FILE_PAGE: u16 = 200;

/// How far a run at work is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AtWork {
    /// The stages at work, and the percentage of stages that have ended.
    Stage(String, u32),
    /// No worker answers for it.
    NoWorker,
}

/// A run of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The run.
    pub line: Line,
    /// How far it is, while it is at work.
    pub at_work: Option<AtWork>,
}

/// Who says so.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// The server; what the next page is asked with, if there is one.
    Server {
        /// What the next page is asked with.
        next: Option<String>,
        /// Whether the page that was asked for is none any more, so that it is the first one.
        starts_over: bool,
    },
    /// The lake's index.
    Lake {
        /// What the server said; nothing where it is there and knows no run.
        down: Option<String>,
        /// When the newest run on record ended.
        newest: Option<DateTime<Utc>>,
        /// Which of them.
        range: Range,
    },
}

/// The runs of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The newest first.
    pub runs: Vec<Entry>,
    /// Who says so.
    pub source: Source,
}

impl Found {
    /// Whether a run of them is at work.
    pub fn is_at_work(&self) -> bool {
        self.runs.iter().any(|run| matches!(run.line.state, RunState::Running | RunState::Waiting))
    }
}

/// The runs that the page shows.
pub async fn runs(visit: &Visit, state: &State) -> Result<Found, DataError> {
    match listed(visit, state).await {
        Answer::Known((page, starts_over)) if !(page.runs.is_empty() && state.is_everything()) => {
            let runs = entries(visit, &page.runs).await;
            Ok(Found { runs, source: Source::Server { next: page.next, starts_over } })
        }
        Answer::Known(_) | Answer::NoWorker => on_record(visit, state, None).await,
        Answer::Down { reason } => on_record(visit, state, Some(reason)).await,
    }
}

/// The page that is asked for; the first one where the server does not take the token, which counts for a while only.
async fn listed(visit: &Visit, state: &State) -> Answer<(RunsPage, bool)> {
    let (temporal, now) = (visit.site.temporal(), visit.now);
    let asked = temporal.runs(&state.filter, state.token.as_deref(), PER_PAGE, now).await;
    let (asked, starts_over) = match (asked, &state.token) {
        (Answer::Down { .. }, Some(_)) => (temporal.runs(&state.filter, None, PER_PAGE, now).await, true),
        (asked, _) => (asked, false),
    };
    match asked {
        Answer::Known(page) => Answer::Known((page, starts_over)),
        Answer::Down { reason } => Answer::Down { reason },
        Answer::NoWorker => Answer::NoWorker,
    }
}

/// The server's runs with how far those at work are.
async fn entries(visit: &Visit, runs: &[ServerRun]) -> Vec<Entry> {
    let waiting = waiting(visit).await;
    let lines: Vec<_> = runs.iter().map(|run| Line::of_server(run, &waiting, visit.now)).collect();
    let at_work = lines.iter().filter(|line| line.stage.is_some() || line.state == RunState::Running);
    let asked = at_work.take(MOST_ASKED).map(|line| async move {
        let progress = visit.site.temporal().progress(&line.workflow_id, Some(&line.run_id), visit.now).await;
        (line.run_id.clone(), progress)
    });
    let mut answers = BTreeMap::new();
    for (run_id, answer) in futures::future::join_all(asked).await {
        let at_work = match answer {
            Answer::Known(progress) => Some(AtWork::Stage(progress.stage, progress.percent)),
            Answer::NoWorker => Some(AtWork::NoWorker),
            Answer::Down { .. } => None,
        };
        answers.insert(run_id, at_work);
    }
    let entry = |line: Line| Entry { at_work: answers.remove(&line.run_id).flatten(), line };
    lines.into_iter().map(entry).collect()
}

async fn waiting(visit: &Visit) -> Vec<Waiting> {
    match visit.site.temporal().approvals(visit.now).await {
        Answer::Known(waiting) => waiting,
        Answer::Down { .. } | Answer::NoWorker => Vec::new(),
    }
}

async fn on_record(visit: &Visit, state: &State, down: Option<String>) -> Result<Found, DataError> {
    let store = visit.site.store();
    let all = store.newest_runs_if_readable(MOST_ON_RECORD, visit.now, visit.torn()).await?;
    let newest = all.first().and_then(|line| moment(line.ended.as_deref().unwrap_or(&line.started)));
    let chosen: Vec<&RunLine> = pipeline_runs(&all).filter(|line| matches(&state.filter, line)).collect();
    let range = state.paging.of(chosen.len());
    let lines = with_drift(visit, &chosen[range.start..range.end]).await?;
    let runs = lines.into_iter().map(|line| Entry { line, at_work: None }).collect();
    Ok(Found { runs, source: Source::Lake { down, newest, range } })
}

/// Runs on record, with the drift that each found.
async fn with_drift(visit: &Visit, lines: &[&RunLine]) -> Result<Vec<Line>, DataError> {
    let ids = lines.iter().map(|line| line.run_id.clone()).collect();
    let ended = visit.site.store().ended_runs(ids, visit.now, visit.torn()).await?;
    let ended: BTreeMap<&RunId, &EndedRun> = ended.iter().map(|run| (&run.run_id, &**run)).collect();
    let drift = |line: &RunLine| ended.get(&line.run_id).and_then(|run| run.drift.clone());
    Ok(lines.iter().map(|line| Line { drift: drift(line), ..Line::of_record(line) }).collect())
}

/// The runs of the pipeline: other workflows have no mode. What a newer version made of a mode stays in the list.
fn pipeline_runs(lines: &[RunLine]) -> impl Iterator<Item = &RunLine> {
    lines.iter().filter(|line| line.mode.is_some())
}

/// What a file of runs holds: all that the filters let through, up to a thousand. Of an index that cannot be read no file
/// is made.
pub async fn all(visit: &Visit, state: &State) -> Result<Vec<Line>, DataError> {
    let (temporal, now) = (visit.site.temporal(), visit.now);
    let (mut lines, mut token): (Vec<Line>, Option<String>) = (Vec::new(), None);
    for _ in 0..FILE_PAGES {
        let Answer::Known(page) = temporal.runs(&state.filter, token.as_deref(), FILE_PAGE, now).await else { break };
        lines.extend(page.runs.iter().map(|run| Line::of_server(run, &[], now)));
        token = page.next;
        if token.is_none() {
            break;
        }
    }
    if !lines.is_empty() {
        return Ok(lines);
    }
    let recorded = visit.site.store().newest_runs(MOST_ON_RECORD, now).await?;
    let chosen: Vec<&RunLine> = pipeline_runs(&recorded).filter(|line| matches(&state.filter, line)).collect();
    with_drift(visit, &chosen).await
}

/// How many runs there were: the server says it, or the lake, of those that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counted {
    /// As the server counts.
    Server(Counts),
    /// As they are on record; those at work are on no record.
    Record(Counts),
    /// Nobody says it: the server does not, and the index of the records cannot be read.
    Unread,
}

/// The runs of the last days: how many, and what the records of those that ended say.
pub async fn lately(visit: &Visit, days: i64) -> Result<(Counted, Vec<Arc<EndedRun>>), DataError> {
    let since = visit.now - TimeDelta::days(days);
    let counts = visit.site.temporal().counts(since.date_naive(), visit.now).await;
    let all = visit.site.store().newest_runs_if_readable(MOST_ON_RECORD, visit.now, visit.torn()).await?;
    let is_unread = visit.torn().names(keys::RUN_INDEX);
    let is_recent = |line: &&RunLine| moment(&line.started).is_some_and(|started| started >= since);
    let recent: Vec<_> = pipeline_runs(&all).filter(is_recent).collect();
    let ids: Vec<RunId> = recent.iter().map(|line| line.run_id.clone()).collect();
    let ended = visit.site.store().ended_runs(ids, visit.now, visit.torn()).await?;
    let counted = match counts {
        // A server that was started anew knows none of the runs on record.
        Answer::Known(counts) if counts.total > 0 || (recent.is_empty() && !is_unread) => Counted::Server(counts),
        Answer::Known(_) | Answer::Down { .. } | Answer::NoWorker if is_unread => Counted::Unread,
        Answer::Known(_) | Answer::Down { .. } | Answer::NoWorker => Counted::Record(on_record_counts(&recent)),
    };
    Ok((counted, ended))
}

fn on_record_counts(lines: &[&RunLine]) -> Counts {
    let of = |state: &str| lines.iter().filter(|line| line.state == state).count() as u64;
    Counts { total: lines.len() as u64, running: 0, completed: of("completed"), failed: of("failed") }
}

#[cfg(test)]
mod tests {
    use protocol::pipeline::Mode;
    use serde_json::json;

    use super::*;
    use crate::temporal::{self, RunFilter};

    fn line(state: &str, mode: Option<&str>, started: &str) -> RunLine {
        let line = json!({ "run_id": started, "workflow_id": "w", "state": state, "mode": mode, "started": started });
        serde_json::from_value(line).unwrap()
    }

    #[test]
    fn runs_on_record_are_filtered_as_the_server_filters() {
        let lines = [
            line("completed", Some("train"), "2024-12-30T02:00:00.000Z"),
            line("failed", Some("score"), "2024-12-31T23:59:59.000Z"),
            line("cancelled", Some("score"), "2025-01-01T00:00:00.000Z"),
        ];
        let passing = |filter: &RunFilter| lines.iter().map(|line| matches(filter, line)).collect::<Vec<_>>();
        assert_eq!(passing(&RunFilter::default()), [true, true, true]);
        let failed = RunFilter { state: Some(temporal::RunState::Failed), ..RunFilter::default() };
        assert_eq!(passing(&failed), [false, true, false]);
        let cancelled = RunFilter { state: Some(temporal::RunState::Cancelled), ..RunFilter::default() };
        assert_eq!(passing(&cancelled), [false, false, true]);
        let score = RunFilter { mode: Some(Mode::Score), ..RunFilter::default() };
        assert_eq!(passing(&score), [false, true, true]);
        let last = chrono::NaiveDate::from_ymd_opt(2024, 12, 31);
        assert_eq!(passing(&RunFilter { to: last, ..RunFilter::default() }), [true, true, false]);
        assert_eq!(passing(&RunFilter { from: last, ..RunFilter::default() }), [false, true, true]);
    }

    #[test]
    fn what_is_on_record_is_counted_by_its_end_and_other_workflows_are_not() {
        let lines = [
            line("completed", Some("train"), "a"),
            line("failed", Some("train"), "b"),
            line("cancelled", Some("train"), "c"),
            line("completed", None, "d"),
        ];
        let ours: Vec<_> = pipeline_runs(&lines).collect();
        assert_eq!(on_record_counts(&ours), Counts { total: 3, running: 0, completed: 1, failed: 1 });
    }
}
