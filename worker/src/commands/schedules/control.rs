//! `schedules pause`, `resume` and `trigger`.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use protocol::name_no_customer;
use serde_json::json;
use temporalio_client::Client;
use temporalio_common::protos::temporal::api::schedule::v1::{ScheduleInfo, SchedulePatch, TriggerImmediatelyRequest};
use tokio::time::{Instant, sleep};

use super::{Places, must_be_there};
use crate::commands::models::Who;
use crate::pollers;
use crate::schedules::Schedules;

/// A server starts a triggered run at once, or a moment later.
const STARTED_WITHIN: Duration = Duration::from_secs(10);

#[derive(Debug, clap::Args)]
pub struct Change {
    /// The schedule, as `schedules list` shows it.
    #[arg(value_name = "SCHEDULE")]
    pub id: String,
    #[command(flatten)]
    pub who: Who,
    #[command(flatten)]
    pub places: Places,
}

#[derive(Debug, clap::Args)]
pub struct Trigger {
    /// The schedule, as `schedules list` shows it; one that is paused starts a run all the same.
    #[arg(value_name = "SCHEDULE")]
    pub id: String,
    #[command(flatten)]
    pub places: Places,
}

/// Whether a schedule starts runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It stops.
    Off,
    /// It starts again.
    On,
}

pub async fn pause(change: &Change) -> anyhow::Result<ExitCode> {
    let note = turned(change, Turn::Off).await?;
    say(change, true, &note)
}

pub async fn resume(change: &Change) -> anyhow::Result<ExitCode> {
    let file = change.places.file()?;
    let note = turned(change, Turn::On).await?;
    if file.find(&change.id).is_some_and(|schedule| schedule.paused) {
        eprintln!("NOTE: schedules.yaml says that it is paused: the next `schedules apply` pauses it again");
    }
    say(change, false, &note)
}

async fn turned(change: &Change, turn: Turn) -> anyhow::Result<String> {
    let note = note(turn, change.who.by.trim(), change.who.reason.trim())?;
    let client = change.places.connect().await?;
    set(&client, &change.places.server.task_queue, &change.id, turn, note).await
}

/// Pauses or resumes a schedule, with a note that people read; the note.
pub async fn set(client: &Client, task_queue: &str, id: &str, turn: Turn, note: String) -> anyhow::Result<String> {
    let patch = match turn {
        Turn::Off => SchedulePatch { pause: note.clone(), ..SchedulePatch::default() },
        Turn::On => SchedulePatch { unpause: note.clone(), ..SchedulePatch::default() },
    };
    let schedules = Schedules::of(client, task_queue);
    must_be_there(&schedules, id).await?;
    schedules.patch(id, patch).await?;
    Ok(note)
}

/// Who turned it, and why.
pub fn note(turn: Turn, by: &str, reason: &str) -> anyhow::Result<String> {
    let what = match turn {
        Turn::Off => "paused",
        Turn::On => "resumed",
    };
    name_no_customer(&[("--by", by), ("--reason", reason)]).map_err(anyhow::Error::msg)?;
    if by.is_empty() || reason.is_empty() {
        bail!("a schedule is {what} by somebody, for a reason: --by ana --reason \"wrong prices\"");
    }
    Ok(format!("{what} by {by}: {reason}"))
}

fn say(change: &Change, paused: bool, note: &str) -> anyhow::Result<ExitCode> {
    if change.places.json {
        println!("{}", serde_json::to_string_pretty(&json!({ "id": change.id, "paused": paused, "note": note }))?);
    } else {
        println!("{} is {note}", change.id);
    }
    Ok(ExitCode::SUCCESS)
}

/// What became of a trigger.
#[derive(Debug, PartialEq, Eq)]
enum Triggered {
    Started(String),
    /// It waits for the end of the run before.
    Waiting,
    /// The run before is at work, and the schedule leaves out what overlaps.
    Skipped,
}

pub async fn trigger(trigger: &Trigger) -> anyhow::Result<ExitCode> {
    let client = trigger.places.connect().await?;
    let queue = &trigger.places.server.task_queue;
    let schedules = Schedules::of(&client, queue);
    let before = must_be_there(&schedules, &trigger.id).await?.info;
    let at_once = Some(TriggerImmediatelyRequest::default());
    schedules.patch(&trigger.id, SchedulePatch { trigger_immediately: at_once, ..SchedulePatch::default() }).await?;
    let triggered = await_outcome(&schedules, &trigger.id, &before).await?;
    let listeners = pollers::look(&client, queue).await?;
    if !listeners.are_there() {
        eprintln!("NOTE: {listeners}");
    }
    tell(trigger, &triggered, &before)
}

async fn await_outcome(schedules: &Schedules<'_>, id: &str, before: &ScheduleInfo) -> anyhow::Result<Triggered> {
    let started = Instant::now();
    loop {
        let now = must_be_there(schedules, id).await?.info;
        if let Some(triggered) = outcome(before, &now) {
            return Ok(triggered);
        }
        if started.elapsed() > STARTED_WITHIN {
            bail!("the server took the trigger of {id} and has not acted on it within {} s", STARTED_WITHIN.as_secs());
        }
        sleep(Duration::from_millis(100)).await;
    }
}

fn outcome(before: &ScheduleInfo, now: &ScheduleInfo) -> Option<Triggered> {
    if now.action_count > before.action_count {
        let run = now.recent_actions.last().and_then(|action| action.start_workflow_result.clone());
        return Some(Triggered::Started(run.unwrap_or_default().workflow_id));
    }
    if now.overlap_skipped > before.overlap_skipped {
        return Some(Triggered::Skipped);
    }
    (now.buffer_size > before.buffer_size).then_some(Triggered::Waiting)
}

fn tell(trigger: &Trigger, triggered: &Triggered, before: &ScheduleInfo) -> anyhow::Result<ExitCode> {
    let id = &trigger.id;
    let running = before.running_workflows.iter().map(|run| run.workflow_id.as_str()).collect::<Vec<_>>().join(", ");
    let (outcome, run, words) = match triggered {
        Triggered::Started(run) => ("started", Some(run), format!("{id} started workflow {run}")),
        Triggered::Waiting => ("waiting", None, format!("{id} starts a run when {running} has ended")),
        Triggered::Skipped => {
            ("skipped", None, format!("{id} started nothing: {running} is at work, and its overlap is skip"))
        }
    };
    if trigger.places.json {
        println!("{}", serde_json::to_string_pretty(&json!({ "id": id, "outcome": outcome, "workflow_id": run }))?);
    } else {
        println!("{words}");
    }
    Ok(if *triggered == Triggered::Skipped { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_a_trigger_is_in_the_counters() {
        let before = ScheduleInfo { action_count: 3, overlap_skipped: 1, ..ScheduleInfo::default() };
        assert_eq!(outcome(&before, &before), None);
        let after = |change: fn(&mut ScheduleInfo)| {
            let mut now = before.clone();
            change(&mut now);
            outcome(&before, &now)
        };
        assert!(matches!(after(|now| now.action_count = 4), Some(Triggered::Started(_))));
        assert_eq!(after(|now| now.overlap_skipped = 2), Some(Triggered::Skipped));
        assert_eq!(after(|now| now.buffer_size = 1), Some(Triggered::Waiting));
    }
}
