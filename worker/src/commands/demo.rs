//! `spanishgas demo`: data, server, worker and one run in one process tree, on free loopback ports.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use activities::configuration::Configuration;
use activities::registry::Registry;
use activities::steps::run::{Data, RunTarget, workflow_id};
use activities::steps::tables::raw::Look;
use anyhow::{Context, bail};
use chrono_tz::Tz;
use churn::SnapshotDate;
use futures::FutureExt;
use futures::future::Shared;
use lake::Lake;
use protocol::pipeline::{AsOf, PipelineInput};
use temporalio_client::Client;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::dashboard::LISTENS;
use super::dev_server::in_folder;
use super::generate_data;
use super::run::{ModeArgument, follow_to_the_end, parse_date};
use super::worker::{cores, serve};
use crate::connect::connect;
use crate::deployment::DeploymentArguments;
use crate::dev_server::DevServer;
use crate::display::Bar;
use crate::environment::{EnvironmentOptions, Profile, TrainingLimits, World};
use crate::launch::Repeat;
use crate::pipeline_run::start;
use crate::scratch::Scratch;
use crate::search_attributes;
use crate::summary::refused;
use crate::worker_process::{Ending, GRACE, WorkerSettings, stop_signal};

/// Below this many customers the holdout is so small that chance decides at the business floor.
const SMALL: u64 = 10_000;
/// The floor that a small demo runs with.
const SMALL_DEMO_FLOOR: f64 = 0.30;
/// After a signal the worker gets so long: its own grace, and time for what is cancelled then, a training above all, to end
/// and to be given back to the server. Whoever pressed Ctrl-C waits for no more than that.
const STOPPED_WITHIN: Duration = GRACE.saturating_add(Duration::from_secs(10));
const STOPPED: &str = "stopped by a signal; nothing half-done is published, and the same command goes on from there";

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// Use the raw files that are in LAKE/raw.
    #[arg(long)]
    pub no_generate: bool,
    /// Replace raw files in LAKE/raw that the generator did not make.
    #[arg(long, conflicts_with = "no_generate")]
    pub overwrite: bool,
    /// How many customers to invent.
    #[arg(long, default_value_t = 20_099, value_parser = clap::value_parser!(u32).range(1..))]
    pub customers: u32,
    /// The same seed gives the same files.
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
    /// What the run does.
    #[arg(long, value_enum, default_value = "train")]
    pub mode: ModeArgument,
    /// The date the run looks from, YYYY-MM-DD [default: the last date in the readings].
    #[arg(long, value_parser = parse_date)]
    pub as_of: Option<SnapshotDate>,
    /// The experiment to train [default: the champion's].
    #[arg(long)]
    pub experiment: Option<String>,
    /// The PR-AUC a challenger must reach [default: model.yaml; 0.30 below 10,000 customers].
    #[arg(long)]
    pub pr_auc_floor: Option<f64>,
    /// The Temporal CLI [default: TEMPORAL_CLI, the project's tools, PATH].
    #[arg(long)]
    pub temporal_cli: Option<PathBuf>,
    /// Print the result as one JSON object on standard output.
    #[arg(long)]
    pub json: bool,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    if arguments.places.profile != Profile::Local {
        bail!("the demo runs on this machine alone; in an AWS account start `worker` and `run` with --profile aws");
    }
    let stopped = stop_signal()?.shared();
    let options = in_folder(&arguments.places.lake.join(".temporal"), arguments.temporal_cli.as_deref())?;
    // What is wrong with the settings is said before the long work.
    let configuration = arguments.places.load_configuration()?;
    prepare_data(&arguments, &stopped)?;
    let wanted = Wanted::of(&arguments, configuration)?;
    let server = DevServer::start(&options).await?;
    eprintln!("Temporal  {}  UI {}", server.grpc_address(), server.ui_url());
    let outcome = tokio::select! {
        outcome = work(&arguments, wanted, &server, stopped.clone()) => outcome,
        () = given_up(stopped) => Err(anyhow::anyhow!(
            "{STOPPED}, half a minute late: its worker did not end within {} s", STOPPED_WITHIN.as_secs()
        )),
    };
    server.end_at_once().await?;
    let code = outcome?;
    if !arguments.json {
        println!("{}", where_to_look(&arguments.places.lake));
    }
    Ok(code)
}

/// Invents the raw files, unless they are to be taken as they are. It takes this thread; the signal is heard on another one.
fn prepare_data(
    arguments: &Arguments,
    stopped: &Shared<impl Future<Output = ()> + Send + 'static>,
) -> anyhow::Result<()> {
    if arguments.no_generate {
        return Ok(());
    }
    let out = arguments.places.lake.join("raw");
    eprintln!("inventing {} customers (seed {}) in {}", arguments.customers, arguments.seed, out.display());
    let generate = generate_data::Arguments {
        customers: arguments.customers,
        seed: arguments.seed,
        offer_effect: None,
        months: 12,
        out,
        overwrite: arguments.overwrite,
        if_empty: false,
    };
    let is_stopped = Arc::new(AtomicBool::new(false));
    let (hears, stopped) = (Arc::clone(&is_stopped), stopped.clone());
    let listener = tokio::spawn(async move {
        stopped.await;
        hears.store(true, Ordering::Relaxed);
    });
    let made = generate_data::run_until(&is_stopped, &generate).map(drop);
    listener.abort();
    if is_stopped.load(Ordering::Relaxed) {
        bail!(STOPPED);
    }
    made.context("could not invent the raw files (--no-generate takes those that are there)")
}

/// What the run is asked for. Its raw files are read on a thread of their own while the server starts.
struct Wanted {
    configuration: Box<Configuration>,
    lake: Lake,
    input: PipelineInput,
    scratch: Scratch,
    data: JoinHandle<activities::Result<Data>>,
    bar: Arc<Bar>,
}

impl Wanted {
    fn of(arguments: &Arguments, configuration: Configuration) -> anyhow::Result<Self> {
        let lake = arguments.places.make_folder()?;
        let input = PipelineInput {
            as_of: arguments.as_of.map(AsOf::Date),
            experiment: arguments.experiment.clone(),
            ..PipelineInput::new(arguments.mode.into())
        };
        let scratch = Scratch::new(None)?;
        let bar = Arc::new(Bar::hidden("raw files"));
        let zone = configuration.pipeline.time_zone;
        let data = read(lake.clone(), input.clone(), zone, scratch.path().to_owned(), Arc::clone(&bar));
        Ok(Self { configuration: Box::new(configuration), lake, input, scratch, data, bar })
    }
}

/// Begins to read the raw files.
fn read(
    lake: Lake,
    input: PipelineInput,
    zone: Tz,
    scratch: PathBuf,
    bar: Arc<Bar>,
) -> JoinHandle<activities::Result<Data>> {
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let registry = Registry::in_lake(lake.clone());
        runtime.block_on(Data::find(&lake, &registry, &input, Look { zone, scratch: &scratch, watch: &*bar }))
    })
}

/// After the signal, and after the time that the worker has to end.
async fn given_up(stopped: impl Future<Output = ()>) {
    stopped.await;
    tokio::time::sleep(STOPPED_WITHIN).await;
}

/// All that is there before the worker asks for its first task.
struct Ready {
    client: Client,
    id: String,
    input: PipelineInput,
    settings: WorkerSettings,
    world: World,
    scratch: Scratch,
}

/// Everything is opened before anything is served.
async fn get_ready(arguments: &Arguments, wanted: Wanted, server: &DevServer) -> anyhow::Result<Ready> {
    let Wanted { mut configuration, lake, input, scratch, data, bar } = wanted;
    let client = connect(&server.settings()?, Duration::from_secs(30)).await?;
    search_attributes::ensure(&client).await?;
    if let Some(floor) = floor(arguments)? {
        let usual = configuration.model.gate.pr_auc_floor;
        eprintln!("NOTE: this demo's gate asks for PR-AUC >= {floor:.2} instead of {usual:.2}");
        configuration.model.gate.pr_auc_floor = floor;
    }
    if !arguments.no_generate {
        configuration.registry.forgive_other_worlds();
    }
    let place = RunTarget::of(lake.identity().await?, &configuration);
    bar.show();
    let found = data.await.context("could not read the raw files")?;
    let data = found.map_err(anyhow::Error::from).inspect_err(|error| {
        if arguments.json {
            println!("{:#}", refused(error, None, &input));
        }
    })?;
    bar.finish();
    let id = workflow_id(&input, &place, &data);
    let input = place.require(data.require(input));

    let world = Box::pin(arguments.places.open_world(
        *configuration,
        scratch.path(),
        scratch.path(),
        TrainingLimits::default(),
    ))
    .await?;
    let settings = WorkerSettings {
        task_queue: protocol::task_queues::TASK_QUEUE.to_owned(),
        cpu_slots: cores()?,
        metrics_address: None,
        version: DeploymentArguments::default().version()?,
    };
    Ok(Ready { client, id, input, settings, world, scratch })
}

/// Serves and runs at once; the worker stops when the run has ended. After a signal it stops too, while the server is there
/// to hear what it gives back: the next demo would else wait for the heartbeats of a worker that is gone.
async fn work(
    arguments: &Arguments,
    wanted: Wanted,
    server: &DevServer,
    stopped: Shared<impl Future<Output = ()>>,
) -> anyhow::Result<ExitCode> {
    let ready = tokio::select! {
        ready = get_ready(arguments, wanted, server) => ready?,
        () = stopped.clone() => bail!(STOPPED),
    };
    let Ready { client, id, input, settings, world, scratch: _kept } = ready;
    let (stop, told) = tokio::sync::oneshot::channel::<()>();
    let worker = serve(&client, &settings, world, async { drop(told.await) });
    let run = async {
        let code = tokio::select! {
            code = one_run(&client, &id, &input, arguments.json) => code,
            () = stopped => Err(anyhow::anyhow!(STOPPED)),
        };
        drop(stop);
        code
    };
    let (worker, code) = tokio::join!(worker, run);
    if worker.context("the worker of the demo")? == Ending::CutOff {
        bail!("the demo's worker had to be cut off; its last lines say what did not end");
    }
    code
}

/// The demo's server keeps its history: the same data run again finds its stages unchanged.
async fn one_run(client: &Client, id: &str, input: &PipelineInput, json: bool) -> anyhow::Result<ExitCode> {
    let launched = start(client, id, protocol::task_queues::TASK_QUEUE, input, Repeat::Any).await?;
    follow_to_the_end(client, protocol::task_queues::TASK_QUEUE, id, input, launched, json).await
}

fn floor(arguments: &Arguments) -> anyhow::Result<Option<f64>> {
    if arguments.pr_auc_floor.is_some() {
        return Ok(arguments.pr_auc_floor);
    }
    let labels = arguments.places.lake.join("raw/churn_label.csv");
    // A missing file is the pipeline's to report, with all others that are missing.
    let customers = match std::fs::read(&labels) {
        Ok(bytes) => bytes.split(|byte| *byte == b'\n').count() as u64,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("could not read {}", labels.display())),
    };
    Ok((customers < SMALL).then_some(SMALL_DEMO_FLOOR))
}

fn where_to_look(lake: &Path) -> String {
    let lake = lake.display();
    let program = std::env::current_exe().map_or_else(|_| "spanishgas".to_owned(), |path| path.display().to_string());
    format!(
        "results    {lake}/scored/latest.json, {lake}/models/champion.json, {lake}/monitoring/latest.json\n\
         Dashboard  http://{LISTENS} after: {program} dashboard --lake {lake}\n\
         Web UI     http://127.0.0.1:8233 with this run in it, after: {program} dev-server --state {lake}/.temporal"
    )
}
