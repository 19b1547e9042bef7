//! `spanishgas gc`: deletes stored outputs that nothing reaches any more. On any doubt it deletes nothing.

use std::process::ExitCode;
use std::time::Duration;

use activities::steps::gc::{self, Found, Models, Unit};
use chrono::{DateTime, TimeDelta, Utc};
use clap::ValueEnum;
use lake::Lake;
use serde::Serialize;
use temporalio_client::Client;

use crate::connect::{ServerArguments, connect};
use crate::display::size;
use crate::environment::EnvironmentOptions;
use crate::lineage::named_run;
use crate::scratch::Scratch;

/// There is something to delete, and nobody has said --yes.
const WORK: u8 = 2;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: spanishgas gc --older-than 30 --yes\n\
    Exit code: 0 nothing is to be deleted, or all of it was; 2 there is something to delete; 1 a doubt, or an error: nothing \
    is deleted, or no more than before somebody began to reach more")]
pub struct Arguments {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// Only what was written more than so many days ago, and no run of these days reaches.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub older_than: u32,
    /// Keep what this run reaches too, however old: its ID, its first characters, or its workflow's ID; may be repeated.
    #[arg(long, value_name = "RUN")]
    pub keep: Vec<String>,
    /// Of which models the tables that they were trained on stay: of all registered ones, or of those that are or were champion.
    #[arg(long, value_enum, default_value = "all")]
    pub models: KeptModels,
    /// Only show what would be deleted; the default.
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// Delete it. The Temporal server must say that no run is at work.
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub server: ServerArguments,
    /// Print what is (to be) deleted as one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Of which models the training tables stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeptModels {
    /// Of every registered one.
    All,
    /// Of those that are or were champion.
    Champions,
}

impl From<KeptModels> for Models {
    fn from(kept: KeptModels) -> Self {
        match kept {
            KeptModels::All => Self::All,
            KeptModels::Champions => Self::Champions,
        }
    }
}

/// What `spanishgas gc --json` prints.
#[derive(Debug, Serialize)]
struct Collection {
    older_than_days: u32,
    /// Whether it was deleted, all of it.
    deleted: bool,
    /// How many of the folders were.
    folders_deleted: usize,
    /// What nothing reaches.
    folders: Vec<Collected>,
    bytes: u64,
    objects: usize,
    /// How much stays, for which reason.
    kept_reached: usize,
    kept_young: usize,
    /// Why nothing was deleted, or not all.
    doubts: Vec<String>,
}

/// A stage's folder, or a list.
#[derive(Debug, Serialize)]
struct Collected {
    folder: String,
    bytes: u64,
    objects: usize,
    /// When it was written last.
    written: Option<DateTime<Utc>>,
    /// Whether it was ever finished.
    finished: bool,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let scratch = Scratch::new(None)?;
    let lake = arguments.places.open_lake(scratch.path()).await?;
    let limit = Utc::now() - TimeDelta::days(i64::from(arguments.older_than));
    let mut kept = Vec::new();
    for name in &arguments.keep {
        kept.push(named_run(&lake, name).await?);
    }
    let found = gc::find(&lake, limit, &kept, arguments.models.into()).await?;
    let Found { unreached, reached, young, mut doubts, reaching } = found;
    let server = if arguments.yes { ask(&lake, &arguments.server, &mut doubts).await } else { None };
    let mut gone = 0;
    if let Some(client) = server.filter(|_| doubts.is_empty()) {
        gone = gc::delete(&lake, &client, &reaching, &unreached, &|_, _| {}).await?;
        if gone < unreached.len() {
            doubts.push("a run began or a pointer moved meanwhile: look again when no run is at work".to_owned());
        }
    }
    let is_deleted = arguments.yes && doubts.is_empty();
    let collection = Collection {
        older_than_days: arguments.older_than,
        deleted: is_deleted,
        folders_deleted: gone,
        bytes: unreached.iter().map(Unit::bytes).sum(),
        objects: unreached.iter().map(|unit| unit.objects.len()).sum(),
        folders: unreached.iter().map(Collected::of).collect(),
        kept_reached: reached,
        kept_young: young,
        doubts,
    };
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&collection)?);
    } else {
        print!("{}", text(&collection));
    }
    Ok(match (collection.doubts.is_empty(), is_deleted || collection.folders.is_empty()) {
        (false, _) => ExitCode::FAILURE,
        (true, true) => ExitCode::SUCCESS,
        (true, false) => ExitCode::from(WORK),
    })
}

impl Collected {
    fn of(unit: &Unit) -> Self {
        Self {
            folder: unit.name.clone(),
            bytes: unit.bytes(),
            objects: unit.objects.len(),
            written: unit.written(),
            finished: unit.manifest.is_some(),
        }
    }
}

/// The server, and as doubts why nothing may be deleted now: runs that are at work may have found any stage, and nobody
/// sees which.
async fn ask(lake: &Lake, server: &ServerArguments, doubts: &mut Vec<String>) -> Option<Client> {
    match open_runs(lake, server).await {
        Ok((client, runs)) => {
            let busy = runs.iter().map(|id| format!("run {id} is at work: it may build on anything stored"));
            doubts.extend(busy);
            Some(client)
        }
        Err(error) => {
            doubts.push(format!("whether a run is at work is not known: {error:#}"));
            None
        }
    }
}

async fn open_runs(lake: &Lake, server: &ServerArguments) -> anyhow::Result<(Client, Vec<String>)> {
    let client = connect(&server.settings()?, Duration::from_secs(5)).await?;
    let runs = gc::runs_at_work(lake, &client).await.map_err(anyhow::Error::msg)?;
    Ok((client, runs))
}

fn text(collection: &Collection) -> String {
    let (count, bytes, days) = (collection.folders.len(), size(collection.bytes), collection.older_than_days);
    let mut lines = vec![match (collection.folders.is_empty(), collection.deleted) {
        (true, _) => format!("NOTHING TO DELETE: nothing is older than {days} days and reached by nothing."),
        (false, true) => format!("DELETED: {count} folders, {bytes}."),
        (false, false) => format!("TO DELETE: {count} folders, {bytes}, older than {days} days; --yes deletes them."),
    }];
    if !collection.folders.is_empty() {
        lines.push(format!("\n{:<20} {:>10} {:>8}  folder", "written", "size", "objects"));
    }
    for folder in &collection.folders {
        let written = folder.written.map(|time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default();
        let note = if folder.finished { "" } else { " (never finished, or a list)" };
        let (bytes, objects, name) = (size(folder.bytes), folder.objects, &folder.folder);
        lines.push(format!("{written:<20} {bytes:>10} {objects:>8}  {name}{note}"));
    }
    let (reached, young) = (collection.kept_reached, collection.kept_young);
    lines.push(format!("\nkept  {reached} folders that something reaches, {young} that are younger"));
    lines.extend(collection.doubts.iter().map(|doubt| format!("doubt {doubt}")));
    if !collection.doubts.is_empty() {
        lines.push(match collection.folders_deleted {
            0 => "nothing was deleted".to_owned(),
            some => format!("{some} folders were deleted"),
        });
    }
    lines.join("\n") + "\n"
}
