//! `spanishgas run`: start a run, follow it, say what came of it.

use std::process::ExitCode;
use std::time::Duration;

use activities::steps::run::{Data, RunTarget, latest, workflow_id};
use activities::steps::tables::raw::Look;
use chrono::Utc;
use churn::SnapshotDate;
use clap::ValueEnum;
use protocol::pipeline::{AsOf, COUNTED, Mode, PipelineInput, PipelineResult};
use temporalio_client::Client;

use crate::connect::{ServerArguments, connect};
use crate::display::Bar;
use crate::environment::EnvironmentOptions;
use crate::follow::{Ended, ask, follow};
use crate::launch::{Launched, Repeat};
use crate::pipeline_run::start;
use crate::run_handle::{handle, run_id};
use crate::scratch::Scratch;
use crate::summary::{refused, summary, without_result};

/// What a run does, on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ModeArgument {
    /// Train a challenger, decide, score with the champion.
    Train,
    /// Score with the champion.
    Score,
}

impl From<ModeArgument> for Mode {
    fn from(mode: ModeArgument) -> Self {
        match mode {
            ModeArgument::Train => Self::Train,
            ModeArgument::Score => Self::Score,
        }
    }
}

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "independent flags of the command line")]
pub struct Arguments {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// What the run does.
    #[arg(long, value_enum)]
    pub mode: ModeArgument,
    /// The date the run looks from, YYYY-MM-DD [default: the last date in the readings].
    #[arg(long, value_parser = parse_date)]
    pub as_of: Option<SnapshotDate>,
    /// The folder of the raw files in the lake, or latest: the newest delivery whose run ended well [default: raw].
    #[arg(long)]
    pub raw_prefix: Option<String>,
    /// The experiment to train [default: the champion's].
    #[arg(long)]
    pub experiment: Option<String>,
    /// Wait for a person's approval before a promotion.
    #[arg(long)]
    pub require_approval: bool,
    /// Run every stage, and run again what has run before.
    #[arg(long)]
    pub force: bool,
    /// Read every raw file and check every table again, also those that are noted as unchanged.
    #[arg(long)]
    pub rehash: bool,
    /// The workflow's ID [default: derived from the data].
    #[arg(long)]
    pub workflow_id: Option<String>,
    #[command(flatten)]
    pub server: ServerArguments,
    /// Print the result as one JSON object.
    #[arg(long)]
    pub json: bool,
}

impl Arguments {
    /// A run of a mode, with all defaults.
    pub fn of_mode(mode: ModeArgument, places: EnvironmentOptions, server: ServerArguments) -> Self {
        Self {
            places,
            mode,
            as_of: None,
            raw_prefix: None,
            experiment: None,
            require_approval: false,
            force: false,
            rehash: false,
            workflow_id: None,
            server,
            json: false,
        }
    }
}

/// Parses a date argument.
pub fn parse_date(text: &str) -> Result<SnapshotDate, String> {
    SnapshotDate::parse(text).map_err(|error| error.to_string())
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let client = connect(&arguments.server.settings()?, Duration::from_secs(10)).await?;
    let input = PipelineInput {
        as_of: arguments.as_of.map(AsOf::Date),
        raw_prefix: arguments.raw_prefix.clone(),
        experiment: arguments.experiment.clone(),
        require_approval: arguments.require_approval,
        force: arguments.force,
        rehash: arguments.rehash,
        ..PipelineInput::new(arguments.mode.into())
    };
    let task_queue = &arguments.server.task_queue;
    let is_latest = input.asks_for_latest();
    let (asked, wanted) = (input.clone(), arguments.workflow_id.clone());
    let found = identify(&arguments.places, &arguments.server, wanted.clone(), input).await;
    let (id, input) = found.inspect_err(|error| {
        if arguments.json {
            println!("{:#}", refused(error, wanted.as_deref(), &asked));
        }
    })?;
    if is_latest {
        eprintln!("raw files  {}/, the latest delivery", input.raw_prefix());
    }
    let repeat = if arguments.force { Repeat::Any } else { Repeat::Failed };
    let launched = start(&client, &id, task_queue, &input, repeat).await?;
    follow_to_the_end(&client, task_queue, &id, &input, launched, arguments.json).await
}

/// The ID that was asked for, or the one that the data gives; and the input with what must be so where it is served.
pub async fn identify(
    places: &EnvironmentOptions,
    server: &ServerArguments,
    wanted: Option<String>,
    input: PipelineInput,
) -> anyhow::Result<(String, PipelineInput)> {
    let scratch = Scratch::new(None)?;
    let lake = places.make_lake(scratch.path()).await?;
    server.require_understood(&lake).await?;
    let own_settings = || places.load_configuration();
    let place = RunTarget::find(&lake, &server.task_queue, own_settings).await?;
    let input = place.require(latest::with_folder(&lake, input, Utc::now()).await?);
    if let Some(id) = wanted {
        return Ok((id, input));
    }
    let registry = places.open_registry(scratch.path()).await?;
    let bar = Bar::new("raw files");
    let look = Look { zone: place.zone, scratch: scratch.path(), watch: &bar };
    let data = Data::find(&lake, &registry, &input, look).await?;
    bar.finish();
    Ok((workflow_id(&input, &place, &data), data.require(input)))
}

/// Follows a run and prints what came of it.
pub async fn follow_to_the_end(
    client: &Client,
    task_queue: &str,
    id: &str,
    input: &PipelineInput,
    launched: Launched,
    json: bool,
) -> anyhow::Result<ExitCode> {
    match launched {
        Launched::Running => eprintln!("workflow {id}"),
        Launched::EndedBefore => eprintln!("workflow {id} ran before: this is its result; --force runs it again"),
    }
    let handle = handle(client, id);
    match follow::<PipelineResult>(&handle, task_queue, &COUNTED).await? {
        Ended::Completed(result) => {
            if json {
                println!("{}", serde_json::to_string_pretty(&result)?);
            } else {
                println!("{}", summary(&result));
            }
            Ok(ExitCode::SUCCESS)
        }
        Ended::Failed(failure) => {
            if json {
                let run_id = run_id(&handle).await?;
                let progress = ask(&handle).await;
                let object = without_result(&failure, id, &run_id, input.mode, progress.as_ref());
                println!("{}", serde_json::to_string_pretty(&object)?);
            }
            eprintln!("{}: {} {}", failure.state.to_uppercase(), failure.error_type, failure.message);
            Ok(ExitCode::FAILURE)
        }
    }
}
