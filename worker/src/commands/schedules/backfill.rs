//! `schedules backfill`: the runs of days that are over. Each is started for its scheduled time, and with
//! `as_of: scheduled` looks from the day that had ended by then.

use std::process::ExitCode;
use std::str::FromStr;

use anyhow::{Context, bail};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use protocol::pipeline::{AsOf, PipelineInput, WORKFLOW_TYPE};
use serde::Serialize;
use temporalio_common::protos::temporal::api::schedule::v1::{
    BackfillRequest, Schedule, SchedulePatch, schedule_action::Action,
};

use super::list::text;
use super::{Places, must_be_there};
use crate::display::thousands;
use crate::pollers;
use crate::schedules::{Overlap, ScheduledWorkflow, Schedules};

/// More runs than these start only when somebody says so: a wrong year is a slip of one key.
const MANY: usize = 100;

#[derive(Debug, clap::Args)]
pub struct Backfill {
    /// The schedule, as `schedules list` shows it.
    #[arg(value_name = "SCHEDULE")]
    pub id: String,
    /// The first day whose runs are made up for, YYYY-MM-DD in the schedule's time zone.
    #[arg(value_parser = parse_day)]
    pub from: NaiveDate,
    /// The last day.
    #[arg(value_parser = parse_day)]
    pub to: NaiveDate,
    /// What happens while the run before is at work: one after the other, unless said otherwise.
    #[arg(long, value_enum, default_value = "buffer_all")]
    pub overlap: Overlap,
    /// Say which runs that would be, and start none.
    #[arg(long)]
    pub dry_run: bool,
    /// Start them also where they are more than 100.
    #[arg(long, conflicts_with = "dry_run")]
    pub yes: bool,
    #[command(flatten)]
    pub places: Places,
}

fn parse_day(text: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| "write a day as YYYY-MM-DD".to_owned())
}

/// One run that is made up for.
#[derive(Debug, Serialize)]
struct MadeUp {
    /// When it was due, UTC.
    scheduled: String,
    /// The last date that it may look from, of a pipeline run.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
}

#[derive(Debug, Serialize)]
struct Report<'a> {
    id: &'a str,
    started: bool,
    runs: Vec<MadeUp>,
}

pub async fn backfill(backfill: &Backfill) -> anyhow::Result<ExitCode> {
    let client = backfill.places.connect().await?;
    let queue = &backfill.places.server.task_queue;
    let schedules = Schedules::of(&client, queue);
    let described = must_be_there(&schedules, &backfill.id).await?;
    let looks_back = looks_from_its_time(&backfill.id, &described.schedule)?;
    let zone = zone(&described.schedule)?;
    let (from, to) = span(backfill.from, backfill.to, zone)?;
    let due = schedules.due(&backfill.id, from.into(), to.into()).await?;
    if due.is_empty() {
        bail!("{} is not due from {} to {}", backfill.id, backfill.from, backfill.to);
    }
    if let Some(late) = due.iter().find(|due| **due > Utc::now()) {
        bail!(
            "{} is due at {}, which is still to come: only days that are over are made up for",
            backfill.id,
            text(*late)
        );
    }
    if !backfill.dry_run {
        require_few_or_yes(due.len(), backfill)?;
        let request = BackfillRequest {
            start_time: Some(std::time::SystemTime::from(from).into()),
            end_time: Some(std::time::SystemTime::from(to).into()),
            overlap_policy: backfill.overlap.policy().into(),
        };
        let patch = SchedulePatch { backfill_request: vec![request], ..SchedulePatch::default() };
        schedules.patch(&backfill.id, patch).await?;
        let listeners = pollers::look(&client, queue).await?;
        if !listeners.are_there() {
            eprintln!("NOTE: {listeners}");
        }
    }
    let as_of = |due: DateTime<Utc>| (looks_back == Looks::Back).then(|| AsOf::last_whole_day(due).to_string());
    let runs = due.into_iter().map(|due| MadeUp { scheduled: text(due), as_of: as_of(due) }).collect();
    tell(&Report { id: &backfill.id, started: !backfill.dry_run, runs }, backfill.places.json)?;
    Ok(ExitCode::SUCCESS)
}

fn require_few_or_yes(runs: usize, backfill: &Backfill) -> anyhow::Result<()> {
    if runs > MANY && !backfill.yes {
        bail!(
            "{} is due {} times from {} to {}: --yes starts as many runs, --dry-run shows them; nothing was started",
            backfill.id,
            thousands(runs as u64),
            backfill.from,
            backfill.to
        );
    }
    Ok(())
}

/// What the runs of a schedule look from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looks {
    /// Their scheduled time.
    Back,
    /// Nothing that we know: it is no pipeline run.
    Unknown,
}

/// A pipeline run that does not look from its scheduled time would do the same for every day; so would a watcher's look.
fn looks_from_its_time(id: &str, schedule: &Schedule) -> anyhow::Result<Looks> {
    let Some(Action::StartWorkflow(started)) = schedule.action.clone().and_then(|action| action.action) else {
        return Ok(Looks::Unknown);
    };
    let workflow = started.workflow_type.map(|kind| kind.name).unwrap_or_default();
    if workflow != WORKFLOW_TYPE {
        if ScheduledWorkflow::is_one(&workflow) {
            bail!(
                "the runs of {id} ({workflow}) look at what is there now, whatever their day: there is nothing to make \
                 up for; `spanishgas schedules trigger {id}` looks once"
            );
        }
        return Ok(Looks::Unknown);
    }
    let input = started.input.unwrap_or_default().payloads.into_iter().next().unwrap_or_default();
    let input: PipelineInput =
        serde_json::from_slice(&input.data).with_context(|| format!("the input of schedule {id} is unusable"))?;
    if input.as_of != Some(AsOf::Scheduled) {
        bail!(
            "the runs of {id} do not look from their scheduled time: every day would give the same; write `as_of: \
             scheduled` into its input in schedules.yaml and apply it"
        );
    }
    Ok(Looks::Back)
}

fn zone(schedule: &Schedule) -> anyhow::Result<Tz> {
    let name = schedule.spec.as_ref().map(|spec| spec.timezone_name.as_str()).filter(|name| !name.is_empty());
    let name = name.unwrap_or("UTC");
    Tz::from_str(name).map_err(|_| anyhow::anyhow!("the schedule's time zone {name} is not known here"))
}

/// From the first moment of the first day to the last second of the last.
fn span(from: NaiveDate, to: NaiveDate, zone: Tz) -> anyhow::Result<(DateTime<Utc>, DateTime<Utc>)> {
    if to < from {
        bail!("the last day {to} is before the first {from}");
    }
    let begins = |day: NaiveDate| {
        // Where the clock jumps over midnight, the day begins an hour later.
        let hours = (0..3).filter_map(|hour| day.and_hms_opt(hour, 0, 0));
        hours.filter_map(|time| zone.from_local_datetime(&time).earliest()).map(|time| time.to_utc()).next()
    };
    let after = to.checked_add_days(Days::new(1)).and_then(begins);
    match (begins(from), after) {
        (Some(from), Some(after)) => Ok((from, after - TimeDelta::seconds(1))),
        _ => bail!("{from} to {to} is no span of the calendar"),
    }
}

fn tell(report: &Report<'_>, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(report)?);
        return Ok(());
    }
    let verb = if report.started { "starts" } else { "would start" };
    println!("{} {verb} {} runs", report.id, report.runs.len());
    for run in &report.runs {
        let as_of = run.as_of.as_ref().map(|date| format!(", as of {date} (or the last date in the readings)"));
        println!("  due {}{}", run.scheduled, as_of.unwrap_or_default());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use temporalio_common::protos::temporal::api::schedule::v1::ScheduleState;

    use super::*;
    use crate::schedules::{ScheduleDefinition, SchedulesFile};

    #[test]
    fn days_begin_and_end_in_the_zone_of_the_schedule() {
        let day = |text| parse_day(text).unwrap();
        let shown = |(from, to): (DateTime<Utc>, DateTime<Utc>)| [text(from), text(to)];
        // Summer time ends on the 27th.
        let october = span(day("2024-10-26"), day("2024-10-27"), Tz::Europe__Madrid).unwrap();
        assert_eq!(shown(october), ["2024-10-25T22:00:00Z", "2024-10-27T22:59:59Z"]);
        assert!(span(day("2024-10-27"), day("2024-10-26"), Tz::UTC).is_err());
    }

    #[test]
    fn a_pipeline_that_looks_from_the_last_reading_is_not_made_up_for() {
        let file = SchedulesFile::load(None).unwrap();
        let mut nightly = file.find("nightly-retrain").unwrap().clone();
        let looks = |definition: &ScheduleDefinition| {
            let wanted = crate::schedules::wanted(definition, "q", ScheduleState::default()).unwrap();
            looks_from_its_time(&definition.id, &wanted)
        };
        assert_eq!(looks(&nightly).unwrap(), Looks::Back);
        nightly.input = serde_json::json!({ "mode": "train" });
        assert!(looks(&nightly).unwrap_err().to_string().contains("as_of: scheduled"));
        for watcher in ["raw-watcher", "freshness", "garbage-collection"] {
            let refused = looks(file.find(watcher).unwrap()).unwrap_err().to_string();
            assert!(refused.contains(&format!("schedules trigger {watcher}")), "{refused}");
        }
    }
}
