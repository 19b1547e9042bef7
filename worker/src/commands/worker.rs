//! `spanishgas worker`.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use activities::signing::Signing;
use activities::traces::Traces;
use activities::{AtWork, Configuration, PipelineActivities};
use anyhow::Context;
use lake::documents::{PayloadKeys, SettingsInForce};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use protocol::task_queues::{cpu_queue, wait_queue};
use temporalio_client::Client;

use crate::connect::{ServerArguments, connect};
use crate::deployment::DeploymentArguments;
use crate::environment::{EnvironmentOptions, REVISION, TrainingLimits, World};
use crate::raw_events::follow;
use crate::scratch::Scratch;
use crate::search_attributes;
use crate::worker_process::{
    Ending, LIGHT_SLOTS, Queue, WAITING_SLOTS, WorkerSettings, run_worker, serve_metrics, stop_signal,
};

/// The exit code of a worker that something kept from ending well (`EX_TEMPFAIL` of sysexits.h).
const CUT_OFF: u8 = 75;
/// How long such a worker may take to leave.
const EXITED_WITHIN: Duration = Duration::from_secs(5);

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    #[command(flatten)]
    pub server: ServerArguments,
    /// How many CPU-heavy activities run at once [default: one per core].
    #[arg(long)]
    pub cpu_slots: Option<NonZeroUsize>,
    /// Where Prometheus may read /metrics, for example 127.0.0.1:9464 [default: nowhere].
    #[arg(long)]
    pub metrics: Option<SocketAddr>,
    /// Where the spans of runs go: an OpenTelemetry collector, by OTLP over HTTP, for example http://127.0.0.1:4318 [default: nowhere].
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<String>,
    /// The folder for temporary files [default: the system's].
    #[arg(long)]
    pub scratch: Option<PathBuf>,
    #[command(flatten)]
    pub training: TrainingLimits,
    #[command(flatten)]
    pub deployment: DeploymentArguments,
    /// How long to wait for the server at start, in seconds.
    #[arg(long, default_value_t = 300)]
    pub patience_secs: u64,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let shutdown = stop_signal()?;
    tokio::pin!(shutdown);
    let version = arguments.deployment.version()?;
    let configuration = arguments.places.load_configuration()?;
    let scratch = Scratch::new(arguments.scratch.as_deref())?;
    let copies = arguments.scratch.as_deref().unwrap_or(scratch.path());
    let server = arguments.server.settings()?;
    let traces = open_traces(arguments.otlp_endpoint.as_deref())?;
    let prepared = async {
        let world =
            Box::pin(arguments.places.open_world(configuration, scratch.path(), copies, arguments.training)).await?;
        let client = connect(&server, Duration::from_secs(arguments.patience_secs)).await?;
        search_attributes::ensure(&client).await?;
        anyhow::Ok((world, client))
    };
    let (mut world, client) = tokio::select! {
        prepared = prepared => prepared?,
        () = &mut shutdown => return Ok(ExitCode::SUCCESS),
    };
    world.environment.traces = traces.clone();
    let environment = &world.environment;
    let signing = environment.registry.signing();
    if let Some(key) = signing.signer().or_else(|| signing.keys().first()) {
        tracing::info!(key_id = key.id(), can_sign = key.can_sign(), "models are signed and checked");
    }
    let codec = arguments.server.payloads.codec()?;
    if let Some(key_id) = codec.key_id() {
        tracing::info!(key_id, "payloads are encrypted");
    }
    let settings = WorkerSettings {
        task_queue: arguments.server.task_queue,
        cpu_slots: arguments.cpu_slots.map_or_else(cores, Ok)?,
        metrics_address: arguments.metrics,
        version,
    };
    // Who starts a run asks for these; a lake that is out of reach now is told of by the first run.
    let note = in_force(&settings.task_queue, &environment.configuration, signing, codec.keys());
    if let Err(error) = note.announce(&environment.lake).await {
        tracing::warn!(%error, "the settings in force could not be noted in the lake");
    }
    let ending = serve(&client, &settings, world, shutdown).await?;
    traces.flush().await;
    Ok(match ending {
        Ending::Well => ExitCode::SUCCESS,
        Ending::CutOff => cut_off(),
    })
}

/// What a worker of a task queue says that it works with.
fn in_force(
    task_queue: &str,
    configuration: &Configuration,
    signing: &Signing,
    payload_keys: PayloadKeys,
) -> SettingsInForce {
    SettingsInForce {
        task_queue: task_queue.to_owned(),
        digest: configuration.digest(),
        time_zone: Some(configuration.pipeline.time_zone.name().to_owned()),
        model_keys: Some(signing.names()),
        payload_keys: Some(payload_keys),
    }
}

/// Where spans go. The variable is the one of all programs: that this one was built without traces must not keep it from its work.
fn open_traces(endpoint: Option<&str>) -> anyhow::Result<Traces> {
    let Some(endpoint) = endpoint.filter(|endpoint| !endpoint.is_empty()) else { return Ok(Traces::default()) };
    if !Traces::ARE_BUILT_IN {
        tracing::warn!("spans are asked for, and this program was built without the feature otel");
        return Ok(Traces::default());
    }
    let traces = Traces::open(endpoint, REVISION)?;
    tracing::info!(endpoint, "spans go to a collector");
    Ok(traces)
}

/// Runs the pipeline's workflows and activities until `shutdown` resolves, and follows events of new raw files meanwhile.
pub async fn serve(
    client: &Client,
    settings: &WorkerSettings,
    world: World,
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<Ending> {
    let World { mut environment, events } = world;
    let meter = settings.metrics_address.map(serve_metrics).transpose()?;
    if let Some(meter) = &meter {
        environment.metrics = environment.metrics.with_prometheus(Arc::clone(meter));
    }
    let at_work = AtWork::traced(environment.traces.clone());
    let activities = || PipelineActivities { environment: environment.clone(), at_work: at_work.clone() };
    let queue = |name: String, slots| Queue {
        name,
        slots,
        register: Box::new(|options| {
            options.register_activities(activities());
            Ok(())
        }),
    };
    let mut queues = vec![
        Queue {
            name: settings.task_queue.clone(),
            slots: LIGHT_SLOTS,
            register: Box::new(|options| {
                options.register_activities(activities());
                Ok(workflows::register(options)?)
            }),
        },
        queue(cpu_queue(&settings.task_queue), settings.cpu_slots.get()),
    ];
    if environment.trainer.is_elsewhere() {
        queues.push(queue(wait_queue(&settings.task_queue), WAITING_SLOTS));
    }
    let work = run_worker(client, settings, queues, meter, &at_work, shutdown);
    if !events.are_told() {
        return work.await;
    }
    tokio::select! {
        ended = work => ended,
        never = Box::pin(follow(client, &settings.task_queue, &events, &environment.metrics)) => match never {},
    }
}

/// One slot per core, so that computations never compete.
pub fn cores() -> anyhow::Result<NonZeroUsize> {
    std::thread::available_parallelism().context("could not count the cores; give --cpu-slots")
}

/// The exit code, and an end even if the C libraries' own clean-up meets the thread that hangs.
fn cut_off() -> ExitCode {
    std::thread::spawn(|| {
        std::thread::sleep(EXITED_WITHIN);
        // There is nothing left to do about a failure.
        let _ = kill(Pid::this(), Signal::SIGKILL);
    });
    ExitCode::from(CUT_OFF)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    #[test]
    fn a_worker_says_the_zone_of_its_settings() {
        let mut configuration = Configuration::load(None).unwrap();
        configuration.pipeline.time_zone = Tz::Atlantic__Canary;
        let note = in_force("q", &configuration, &Signing::Off, PayloadKeys::default());
        assert_eq!(note.time_zone.as_deref(), Some("Atlantic/Canary"));
        assert_eq!((note.task_queue.as_str(), note.digest), ("q", configuration.digest()));
    }
}
