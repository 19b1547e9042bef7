//! `schedules list`.

use std::process::ExitCode;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use temporalio_client::Client;
use temporalio_common::protos::temporal::api::schedule::v1::ScheduleActionResult;

use super::Places;
use crate::run_handle::{handle, state};
use crate::schedules::{Described, Schedules, SchedulesFile, status_name, time};

/// How many coming runs are shown.
const NEXT: usize = 3;
/// So many runs are asked how they stand.
const ASKED: usize = 5;
/// What a schedule says of a run whose end it has not heard of.
const RUNNING: &str = "RUNNING";

#[derive(Debug, clap::Args)]
pub struct List {
    #[command(flatten)]
    pub places: Places,
}

/// One schedule as people look at it.
#[derive(Debug, Serialize)]
struct Line {
    id: String,
    /// Whether the file names it.
    declared: bool,
    /// Whether it is on the server.
    present: bool,
    paused: bool,
    note: String,
    /// The coming times, UTC.
    next: Vec<String>,
    last: Option<LastRun>,
    /// The runs that are at work.
    running: Vec<String>,
    /// How many runs it started.
    started: i64,
    /// How many times were left out since the run before was at work.
    skipped: i64,
    /// How many times were missed for longer than the catch-up window.
    missed: i64,
}

#[derive(Debug, Serialize)]
struct LastRun {
    scheduled: Option<String>,
    started: Option<String>,
    workflow_id: String,
    run_id: String,
    status: String,
}

pub async fn list(list: &List) -> anyhow::Result<ExitCode> {
    let file = list.places.file()?;
    let client = list.places.connect().await?;
    let schedules = Schedules::of(&client, &list.places.server.task_queue);
    let mut ids: Vec<_> = file.schedules.iter().map(|schedule| schedule.id.clone()).collect();
    ids.extend(schedules.marked().await?.into_iter().filter(|id| file.find(id).is_none()));
    let mut lines = Vec::new();
    for id in ids {
        let described = schedules.describe(&id).await?;
        lines.push(line(&file, id, described));
    }
    ask_the_runs(&client, &mut lines).await?;
    if list.places.json {
        println!("{}", serde_json::to_string_pretty(&lines)?);
    } else {
        show(&lines);
    }
    Ok(ExitCode::SUCCESS)
}

fn line(file: &SchedulesFile, id: String, described: Option<Described>) -> Line {
    let (declared, present) = (file.find(&id).is_some(), described.is_some());
    let Described { schedule, info, .. } = described.unwrap_or_default();
    let state = schedule.state.unwrap_or_default();
    let next = info.future_action_times.iter().take(NEXT).filter_map(|at| time(*at)).map(text);
    Line {
        id,
        declared,
        present,
        paused: state.paused,
        note: state.notes,
        next: next.collect(),
        last: info.recent_actions.last().map(last),
        running: info.running_workflows.into_iter().map(|run| run.workflow_id).collect(),
        started: info.action_count,
        skipped: info.overlap_skipped,
        missed: info.missed_catchup_window,
    }
}

/// A schedule hears of the end of a run late, or when the next one is due: a run that it shows at work is asked itself.
async fn ask_the_runs(client: &Client, lines: &mut [Line]) -> anyhow::Result<()> {
    for line in lines.iter_mut().filter(|line| line.is_at_work()).take(ASKED) {
        let Some(last) = &line.last else { continue };
        let state = state(&handle(client, &last.workflow_id)).await?;
        line.hear(state.as_deref());
    }
    Ok(())
}

impl Line {
    fn is_at_work(&self) -> bool {
        self.last.as_ref().is_some_and(|last| last.status == RUNNING)
    }

    /// How the last run stands, in the server's own word; nothing where the server has forgotten it.
    fn hear(&mut self, state: Option<&str>) {
        let Some(last) = &mut self.last else { return };
        last.status = state.map_or_else(|| "ENDED".to_owned(), str::to_uppercase);
        if last.status != RUNNING {
            self.running.retain(|id| *id != last.workflow_id);
        }
    }
}

fn last(action: &ScheduleActionResult) -> LastRun {
    let started = action.start_workflow_result.clone().unwrap_or_default();
    LastRun {
        scheduled: action.schedule_time.and_then(time).map(text),
        started: action.actual_time.and_then(time).map(text),
        workflow_id: started.workflow_id,
        run_id: started.run_id,
        status: status_name(action.start_workflow_status()).to_owned(),
    }
}

/// A time as the lists show it.
pub fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn show(lines: &[Line]) {
    println!("{:<20} {:<9} {:<21} {:<21} last run", "schedule", "state", "next", "last");
    for line in lines {
        let state = match (line.present, line.paused) {
            (false, _) => "not made",
            (true, true) => "paused",
            (true, false) => "on",
        };
        let next = line.next.first().filter(|_| !line.paused).map_or("-", String::as_str);
        let last = line.last.as_ref().and_then(|last| last.started.as_deref()).unwrap_or("-");
        let run = line.last.as_ref().map(|last| format!("{} {}", last.status, last.workflow_id)).unwrap_or_default();
        println!("{}", format!("{:<20} {state:<9} {next:<21} {last:<21} {run}", line.id).trim_end());
        if !line.note.is_empty() {
            println!("{:<20} {}", "", line.note);
        }
        if line.present && !line.declared {
            println!("{:<20} no longer in schedules.yaml; apply --prune removes it", "");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_has_ended_is_not_at_work() {
        let run = "nightly-1".to_owned();
        let last = LastRun {
            scheduled: None,
            started: None,
            workflow_id: run.clone(),
            run_id: String::new(),
            status: RUNNING.to_owned(),
        };
        let mut line = Line {
            id: "nightly".to_owned(),
            declared: true,
            present: true,
            paused: false,
            note: String::new(),
            next: Vec::new(),
            last: Some(last),
            running: vec![run],
            started: 1,
            skipped: 0,
            missed: 0,
        };
        line.hear(Some("running"));
        assert!(line.is_at_work() && line.running.len() == 1);
        line.hear(Some("completed"));
        assert!(!line.is_at_work() && line.running.is_empty());
        assert_eq!(line.last.unwrap().status, "COMPLETED");
    }
}
