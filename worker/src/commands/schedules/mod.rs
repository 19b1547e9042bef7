//! `spanishgas schedules`: what runs when, from `schedules.yaml`.

mod apply;
mod backfill;
mod control;
mod list;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use activities::settings_folder;
use anyhow::bail;
use temporalio_client::Client;

use crate::connect::{ServerArguments, connect};
use crate::schedules::{Described, Schedules, SchedulesFile};

pub use control::{Turn, note, set};

/// How long a Temporal server is looked for.
const SERVER_WITHIN: Duration = Duration::from_secs(10);

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub action: Action,
}

#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Bring the server's schedules in line with schedules.yaml; for example `schedules apply`. What is paused by hand stays paused.
    Apply(apply::Apply),
    /// Say what `apply` would do; for example `schedules diff`. Exit code 0: nothing, 2: something, 1: it could not be found out.
    Diff(apply::Diff),
    /// Show every schedule with its last and next runs; for example `schedules list`.
    List(list::List),
    /// Stop starting runs until somebody resumes it; for example `schedules pause nightly-retrain --by ana --reason "wrong prices"`.
    Pause(control::Change),
    /// Start runs again; for example `schedules resume nightly-retrain --by ana --reason "prices are right again"`.
    Resume(control::Change),
    /// Start a run now; for example `schedules trigger nightly-retrain`. Exit code 1: nothing was started, since the run before is at work.
    Trigger(control::Trigger),
    /// Make up for the runs of some days, each as of its own day; for example `schedules backfill nightly-retrain 2024-10-01 2024-10-07`.
    /// A watcher's look has no day, and is refused.
    Backfill(backfill::Backfill),
}

/// Where the schedules are, and the file that says what they should be.
#[derive(Debug, clap::Args)]
pub struct Places {
    /// A folder with configuration files that replace the built-in ones: schedules.yaml among them.
    #[arg(long, env = "SPANISHGAS_CONFIG")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub server: ServerArguments,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

impl Places {
    fn file(&self) -> anyhow::Result<SchedulesFile> {
        settings_folder::check(self.config.as_deref())?;
        SchedulesFile::load(self.config.as_deref())
    }

    async fn connect(&self) -> anyhow::Result<Client> {
        connect(&self.server.settings()?, SERVER_WITHIN).await
    }
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.action {
        Action::Apply(apply) => apply::apply(&apply).await,
        Action::Diff(diff) => apply::diff(&diff).await,
        Action::List(list) => list::list(&list).await,
        Action::Pause(change) => control::pause(&change).await,
        Action::Resume(change) => control::resume(&change).await,
        Action::Trigger(trigger) => control::trigger(&trigger).await,
        Action::Backfill(backfill) => backfill::backfill(&backfill).await,
    }
}

/// The schedule of an ID, which must be there.
async fn must_be_there(schedules: &Schedules<'_>, id: &str) -> anyhow::Result<Described> {
    match schedules.describe(id).await? {
        Some(described) => Ok(described),
        None => bail!(
            "there is no schedule {id}; `spanishgas schedules list` shows those that are there, `spanishgas schedules \
             apply` makes those of schedules.yaml"
        ),
    }
}
