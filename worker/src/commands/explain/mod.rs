//! `spanishgas explain RUN`: why each stage of a run ran or was skipped, what went in, what came of it, what it cost.

mod explanation;
mod why;
mod words;

use std::process::ExitCode;

use explanation::Explanation;
use lake::documents::{RunRecord, StoredAlert};
use lake::{Lake, keys};

use crate::environment::EnvironmentOptions;
use crate::lineage::{manifests_of, named_run, runs_before};
use crate::scratch::Scratch;

/// A stage that ran is compared with the newest of so many runs before that has one.
const RUNS_BEFORE: usize = 5;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: spanishgas explain latest\n\
    Exit code: 0; 1 when there is no such run, or the lake cannot be read")]
pub struct Arguments {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// The run: its ID or the first characters, its workflow's ID (the newest run of that), or latest.
    #[arg(value_name = "RUN")]
    pub run: String,
    /// Print the explanation as one JSON object.
    #[arg(long)]
    pub json: bool,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let scratch = Scratch::new(None)?;
    let lake = arguments.places.open_lake(scratch.path()).await?;
    let record = named_run(&lake, &arguments.run).await?;
    let explanation = explain(&lake, &record).await?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&explanation)?);
    } else {
        print!("{}", words::text(&explanation));
    }
    Ok(ExitCode::SUCCESS)
}

async fn explain(lake: &Lake, record: &RunRecord) -> anyhow::Result<Explanation> {
    let stages = record.stages()?;
    let manifests = manifests_of(lake, &stages).await?;
    let before = runs_before(lake, record, RUNS_BEFORE).await?;
    let alerts = alerts_of(lake, record).await?;
    Ok(Explanation::of(record, &stages, &manifests, &before, alerts))
}

/// What people were told of a run, the first first.
async fn alerts_of(lake: &Lake, record: &RunRecord) -> anyhow::Result<Vec<StoredAlert>> {
    let mut alerts = Vec::new();
    for object in lake.list(keys::ALERTS).await? {
        // An alert of a newer version is not ours to explain.
        let stored = lake.get_json::<StoredAlert>(&object.key).await.ok().flatten();
        alerts.extend(stored.map(|(alert, _)| alert).filter(|alert| alert.alert.run.run_id == record.run.run_id));
    }
    alerts.sort_by(|a, b| a.at.cmp(&b.at));
    Ok(alerts)
}
