//! One worker process: a worker in it for every task queue, one for workflows and light activities, one for the
//! activities that keep a core busy, so that workflow tasks never wait for a computation, and perhaps one for
//! activities that wait for other machines.

use std::future::Future;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use activities::AtWork;
use anyhow::Context;
use futures::future::join_all;
use temporalio_client::Client;
use temporalio_common::telemetry::metrics::CoreMeter;
use temporalio_common::telemetry::{PrometheusExporterOptions, TelemetryOptions, start_prometheus_metric_exporter};
use temporalio_sdk::runtime::worker_tuner::{FixedSizeSlotSupplier, TunerHolder};
use temporalio_sdk::runtime::{Runtime, RuntimeOptions};
use temporalio_sdk::{Worker, WorkerOptions};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;
use tracing::{error, info};

use crate::deployment::Version;

/// How many workflow tasks, and how many light activities, run at once.
pub const LIGHT_SLOTS: usize = 20;
/// How many activities wait at once for jobs of other machines: each asks for a status now and then.
pub const WAITING_SLOTS: usize = 500;
/// A killed worker's workflow tasks wait this long for it; the SDK's default is 10 s.
const STICKY_TIMEOUT: Duration = Duration::from_secs(2);
/// Running activities may end by themselves for this long, then they are cancelled.
pub const GRACE: Duration = Duration::from_secs(5);
/// After the cancellation: an activity that does not listen must not keep the process for ever.
const LAST_WORD: Duration = Duration::from_secs(20);
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(30);
/// A cancellation reaches an activity with its next heartbeat; the SDK holds those back for up to a minute.
const HEARTBEATS_HELD_BACK: Duration = Duration::from_secs(3);

/// What an operator chooses.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    /// The task queue of workflows and light activities; the names of the others follow from it.
    pub task_queue: String,
    /// How many CPU-heavy activities run at once: the number of cores, usually.
    pub cpu_slots: NonZeroUsize,
    /// Where Prometheus may read `/metrics`.
    pub metrics_address: Option<SocketAddr>,
    /// Which version of the code this is.
    pub version: Version,
}

/// How a worker ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// All its work has ended or was handed back.
    Well,
    /// Something it was at work on did not end, however long it was waited for.
    CutOff,
}

/// A task queue, and who does its work.
pub struct Queue<'a> {
    /// Its name.
    pub name: String,
    /// How many of its activities run at once.
    pub slots: usize,
    /// Adds its workflows and activities.
    pub register: Registration<'a>,
}

/// Adds workflows and activities to a worker.
pub type Registration<'a> = Box<dyn FnOnce(&mut WorkerOptions) -> anyhow::Result<()> + 'a>;

/// Runs a worker for every queue until `shutdown` resolves, then stops them gracefully, within [`GRACE`] and [`LAST_WORD`].
///
/// `at_work` names what is being done when that is not enough. The future is not `Send`: await it in `main`, do not spawn it.
pub async fn run_worker(
    client: &Client,
    settings: &WorkerSettings,
    queues: Vec<Queue<'_>>,
    meter: Option<Arc<dyn CoreMeter>>,
    at_work: &AtWork,
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<Ending> {
    let runtime = runtime(meter)?;
    let mut workers = Vec::new();
    for queue in queues {
        let mut options = options(&queue.name, queue.slots, &settings.version);
        (queue.register)(&mut options)?;
        workers.push(Worker::new(&runtime, client.clone(), options)?);
    }
    let stops: Vec<_> = workers.iter().map(Worker::shutdown_handle).collect();
    let stop_all = || stops.iter().for_each(|stop| stop());

    info!(
        task_queue = %settings.task_queue,
        light_slots = LIGHT_SLOTS,
        cpu_slots = settings.cpu_slots,
        namespace = client.options().namespace,
        build_id = %settings.version.build_id,
        deployment = settings.version.deployment.as_deref().unwrap_or("none"),
        "worker started"
    );
    // When one of them fails, the others have no reason to go on.
    let run = |worker: Worker| {
        let stop_all = &stop_all;
        async move {
            let mut worker = worker;
            worker.run().await.inspect_err(|_| stop_all())
        }
    };
    let all = async {
        let ended = join_all(workers.into_iter().map(run)).await;
        ended.into_iter().collect::<Result<(), _>>().context("worker")
    };
    let mut all = pin!(all);
    tokio::select! {
        ended = &mut all => return ended.map(|()| Ending::Well),
        () = shutdown => info!("worker is stopping"),
    }
    stop_all();
    let Ok(ended) = timeout(GRACE + LAST_WORD, all).await else {
        let (waited_secs, still) = ((GRACE + LAST_WORD).as_secs(), at_work.names().join(", "));
        error!(waited_secs, at_work = still, "worker is cut off: what it is at work on does not end");
        return Ok(Ending::CutOff);
    };
    ended.inspect(|()| info!("worker stopped"))?;
    Ok(Ending::Well)
}

/// Resolves at the first SIGTERM or SIGINT after this call.
pub fn stop_signal() -> anyhow::Result<impl Future<Output = ()> + Send + use<>> {
    let mut terminate = signal(SignalKind::terminate()).context("could not listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("could not listen for SIGINT")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Serves `/metrics` as long as the process is there; the meter that shows something on it.
pub fn serve_metrics(address: SocketAddr) -> anyhow::Result<Arc<dyn CoreMeter>> {
    let options = PrometheusExporterOptions::builder().socket_addr(address).counters_total_suffix(true).build();
    let exporter = start_prometheus_metric_exporter(options)
        .with_context(|| format!("could not serve metrics at http://{address}/metrics"))?;
    info!(address = %exporter.bound_addr, "metrics are served at /metrics");
    Ok(exporter.meter)
}

fn runtime(meter: Option<Arc<dyn CoreMeter>>) -> anyhow::Result<Runtime> {
    let mut telemetry = TelemetryOptions::default();
    telemetry.metrics = meter;
    let options = RuntimeOptions::builder()
        .telemetry_options(telemetry)
        .heartbeat_interval(Some(HEARTBEAT_INTERVAL))
        .build()
        .map_err(anyhow::Error::msg)?;
    Ok(Runtime::from_current_tokio(options)?)
}

fn options(task_queue: &str, activity_slots: usize, version: &Version) -> WorkerOptions {
    let slots = TunerHolder::builder()
        .workflow_task_slot_supplier(FixedSizeSlotSupplier::new(LIGHT_SLOTS))
        .activity_task_slot_supplier(FixedSizeSlotSupplier::new(activity_slots))
        .local_activity_task_slot_supplier(FixedSizeSlotSupplier::new(LIGHT_SLOTS))
        .nexus_task_slot_supplier(FixedSizeSlotSupplier::new(1))
        .build();
    WorkerOptions::new(task_queue)
        .deployment_options(version.options())
        .tuner(slots)
        .sticky_queue_schedule_to_start_timeout(STICKY_TIMEOUT)
        .graceful_shutdown_period(GRACE)
        .max_heartbeat_throttle_interval(HEARTBEATS_HELD_BACK)
        .build()
}
