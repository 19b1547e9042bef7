//! `schedules apply` and `schedules diff`.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use serde::Serialize;
use tokio::time::{Instant, sleep};

use super::Places;
use crate::schedules::{Change, Described, Planned, Prune, Schedules, SchedulesFile, plan};

/// The exit code of `diff` where there is something to do, as users of Terraform know it.
const WORK: u8 = 2;
/// A server shows a change at once, or a moment later.
const SHOWN_WITHIN: Duration = Duration::from_secs(10);

#[derive(Debug, clap::Args)]
pub struct Apply {
    /// Remove the schedules that were made from an earlier file for this task queue and that this one does not name; others are never touched.
    #[arg(long)]
    pub prune: bool,
    #[command(flatten)]
    pub places: Places,
}

#[derive(Debug, clap::Args)]
pub struct Diff {
    /// Count what `apply --prune` would remove as something to do.
    #[arg(long)]
    pub prune: bool,
    #[command(flatten)]
    pub places: Places,
}

pub async fn diff(diff: &Diff) -> anyhow::Result<ExitCode> {
    let file = diff.places.file()?;
    let client = diff.places.connect().await?;
    let schedules = Schedules::of(&client, &diff.places.server.task_queue);
    let (_, plan) = look(&schedules, &file, &diff.places.server.task_queue, prune(diff.prune)).await?;
    let is_work = plan.iter().any(Planned::is_work);
    tell(&plan, Tense::Future, diff.places.json)?;
    Ok(if is_work { ExitCode::from(WORK) } else { ExitCode::SUCCESS })
}

/// Describes, compares, changes what differs, and describes again.
pub async fn apply(apply: &Apply) -> anyhow::Result<ExitCode> {
    let file = apply.places.file()?;
    let client = apply.places.connect().await?;
    let queue = &apply.places.server.task_queue;
    let schedules = Schedules::of(&client, queue);
    let (present, planned) = look(&schedules, &file, queue, prune(apply.prune)).await?;
    for change in &planned {
        make(&schedules, change, &present).await?;
    }
    await_agreement(&schedules, &file, queue, prune(apply.prune)).await?;
    tell(&planned, Tense::Past, apply.places.json)?;
    Ok(ExitCode::SUCCESS)
}

fn prune(asked: bool) -> Prune {
    if asked { Prune::Remove } else { Prune::Leave }
}

type Present = Vec<(String, Option<Described>)>;

/// What is there, and what must be done about it.
async fn look(
    schedules: &Schedules<'_>,
    file: &SchedulesFile,
    task_queue: &str,
    prune: Prune,
) -> anyhow::Result<(Present, Vec<Planned>)> {
    let mut ids: Vec<_> = file.schedules.iter().map(|schedule| schedule.id.clone()).collect();
    ids.extend(schedules.marked().await?.into_iter().filter(|id| file.find(id).is_none()));
    let mut present = Vec::new();
    for id in ids {
        let described = schedules.describe(&id).await?;
        present.push((id, described));
    }
    let planned = plan(file, task_queue, &present, prune)?;
    Ok((present, planned))
}

async fn make(schedules: &Schedules<'_>, planned: &Planned, present: &Present) -> anyhow::Result<()> {
    let Planned { id, change, wanted, .. } = planned;
    match (change, wanted.clone()) {
        (Change::Create, Some(wanted)) => schedules.create(id, wanted).await,
        (Change::Update { .. }, Some(wanted)) => {
            let described = present.iter().find(|(other, _)| other == id).and_then(|(_, described)| described.clone());
            schedules.update(id, wanted, described.unwrap_or_default().seen).await
        }
        (Change::Remove, _) => schedules.delete(id).await,
        _ => Ok(()),
    }
}

/// The server drops an update that came too late without a word: only another look tells.
async fn await_agreement(
    schedules: &Schedules<'_>,
    file: &SchedulesFile,
    task_queue: &str,
    prune: Prune,
) -> anyhow::Result<()> {
    let started = Instant::now();
    loop {
        let (_, left) = look(schedules, file, task_queue, prune).await?;
        let left: Vec<_> =
            left.iter().filter(|planned| planned.is_work()).map(|planned| line(planned, Tense::Future)).collect();
        if left.is_empty() {
            return Ok(());
        }
        if started.elapsed() > SHOWN_WITHIN {
            bail!(
                "after the changes the server still holds something else; somebody may have changed it meanwhile: run \
                 `spanishgas schedules apply` again\n{}",
                left.join("\n")
            );
        }
        sleep(Duration::from_millis(100)).await;
    }
}

/// Whether a change is to be made, or was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tense {
    Future,
    Past,
}

#[derive(Serialize)]
struct Report<'a> {
    schedules: &'a [Planned],
    work: bool,
}

fn tell(plan: &[Planned], tense: Tense, json: bool) -> anyhow::Result<()> {
    if json {
        let work = plan.iter().any(Planned::is_work);
        println!("{}", serde_json::to_string_pretty(&Report { schedules: plan, work })?);
        return Ok(());
    }
    for planned in plan {
        println!("{}", line(planned, tense));
    }
    Ok(())
}

fn line(planned: &Planned, tense: Tense) -> String {
    let (mark, words) = match (&planned.change, tense) {
        (Change::Create, Tense::Future) => ("+", "is to be made".to_owned()),
        (Change::Create, Tense::Past) => ("+", "made".to_owned()),
        (Change::Update { .. }, Tense::Future) => ("~", "is to be changed".to_owned()),
        (Change::Update { .. }, Tense::Past) => ("~", "changed".to_owned()),
        (Change::Remove, Tense::Future) => ("-", "is to be removed".to_owned()),
        (Change::Remove, Tense::Past) => ("-", "removed".to_owned()),
        (Change::Nothing, _) => ("=", "as it should be".to_owned()),
        (Change::Leave, _) => ("?", "no longer in schedules.yaml; apply --prune removes it".to_owned()),
    };
    let differences = match &planned.change {
        Change::Update { differences } => differences.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    };
    let pause = planned.paused_by_hand.as_ref();
    let pause = pause.map(|reason| format!("stays paused until somebody resumes it: {reason}"));
    let below = differences.into_iter().chain(pause).map(|words| format!("\n      {words}"));
    format!("{mark} {:<20} {words}{}", planned.id, below.collect::<String>())
}
