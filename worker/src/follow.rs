//! Following a run to its end: its stages live, then its result.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::time::Duration;

use anyhow::{Context, bail};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use protocol::StageName;
use protocol::pipeline::{PipelineResult, StageResult};
use protocol::pipeline::{Progress, StageProgress, StageState};
use serde_json::{Value, json};
use temporalio_client::errors::WorkflowGetResultError;
use temporalio_client::{
    Client, WorkflowDescribeOptions, WorkflowGetResultOptions, WorkflowHandle, WorkflowQueryOptions,
};
use temporalio_common::error::IncomingError;
use workflows::ChurnPipeline;

use crate::display::on_terminal;
use crate::pending::{Pending, pending};
use crate::pollers;
use crate::summary::thousands;

/// How often a run is asked how far it is.
const ASK_EVERY: Duration = Duration::from_millis(500);
/// How often the server is asked who works for the run; the first time after as long.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How a followed run ended.
pub enum Ended {
    /// With a result.
    Completed(Box<PipelineResult>),
    /// Without one.
    Failed(Failure),
}

/// A run without a result.
#[derive(Debug)]
pub struct Failure {
    /// `failed`, `cancelled`, `terminated` or `timed_out`.
    pub state: &'static str,
    /// The number and name of the error table.
    pub error_type: String,
    /// What failed, and what to do.
    pub message: String,
}

/// Shows the stages until the run ends, and says when nobody is there to do the work.
pub async fn follow(handle: &WorkflowHandle<Client, ChurnPipeline>, task_queue: &str) -> anyhow::Result<Ended> {
    let display = Display::new();
    let result = async {
        match handle.get_result(WorkflowGetResultOptions::default()).await {
            Ok(result) => Ok(Ended::Completed(Box::new(result))),
            Err(error) => failure(error).map(Ended::Failed),
        }
    };
    let ended = tokio::select! {
        ended = result => ended,
        never = show_stages(handle, &display) => match never {},
        never = tell_who_listens(handle.client(), task_queue, &display) => match never {},
    };
    if let Some(progress) = ask(handle).await {
        display.show(&progress, &BTreeMap::new());
    }
    display.close();
    ended
}

async fn show_stages(handle: &WorkflowHandle<Client, ChurnPipeline>, display: &Display) -> Infallible {
    let mut ticks = tokio::time::interval(ASK_EVERY);
    // The highest attempt that was told of, by activity.
    let mut told: BTreeMap<String, u32> = BTreeMap::new();
    let mut heard: BTreeSet<String> = BTreeSet::new();
    loop {
        ticks.tick().await;
        let pending = pending(handle).await;
        if let Some(progress) = ask(handle).await {
            display.show(&progress, &pending);
            let of_stages = progress.stages.iter().filter_map(|stage| stage.trouble.as_ref());
            for trouble in of_stages.chain(&progress.trouble) {
                // What is pending in the run itself is told of below; what is in its children, by them alone.
                let own = pending.keys().any(|activity| trouble.contains(activity.as_str()));
                if !own && heard.insert(trouble.clone()) {
                    display.say(trouble);
                }
            }
        }
        for (activity, pending) in &pending {
            let before = told.get(activity).copied().unwrap_or_default();
            if let Some(trouble) = pending.trouble(activity).filter(|_| pending.attempt > before) {
                display.say(&trouble);
                told.insert(activity.clone(), pending.attempt);
            }
        }
    }
}

/// Says nothing while workers listen; else who does not, and again whenever that changes.
async fn tell_who_listens(client: &Client, task_queue: &str, display: &Display) -> Infallible {
    let mut told = None;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        match pollers::look(client, task_queue).await {
            Ok(listeners) if told.is_none() && listeners.are_there() => {}
            Ok(listeners) => {
                if told.as_ref() != Some(&listeners.to_string()) {
                    display.say(&listeners.to_string());
                }
                told = Some(listeners.to_string());
            }
            // The result's own call tells of a server that is out of reach.
            Err(error) => tracing::debug!(%error, "who listens is not known"),
        }
    }
}

/// How far the run is; nothing while no worker answers.
pub async fn ask(handle: &WorkflowHandle<Client, ChurnPipeline>) -> Option<Progress> {
    let query = handle.query(ChurnPipeline::progress, (), WorkflowQueryOptions::default());
    tokio::time::timeout(Duration::from_secs(5), query).await.ok()?.ok()
}

fn failure(error: WorkflowGetResultError) -> anyhow::Result<Failure> {
    let ended = |state, message: &str| Failure { state, error_type: String::new(), message: message.to_owned() };
    Ok(match error {
        WorkflowGetResultError::Failed(cause) => {
            let (error_type, message) = deepest(&cause);
            Failure { state: "failed", error_type, message }
        }
        WorkflowGetResultError::Cancelled { .. } => ended("cancelled", "the run was cancelled"),
        WorkflowGetResultError::Terminated { .. } => ended("terminated", "the run was terminated"),
        WorkflowGetResultError::TimedOut => ended("timed_out", "the run exceeded its time limit"),
        other => bail!("could not get the run's result: {other}"),
    })
}

fn deepest(error: &IncomingError) -> (String, String) {
    let mut current = error;
    while let Some(cause) = current.cause() {
        current = cause;
    }
    let kind = match current {
        IncomingError::Application(failure) => failure.type_name().unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    (kind, current.failure().message.clone())
}

impl Failure {
    /// The one JSON object of a run without a result: the same fields, as far as it came.
    pub fn to_json(&self, workflow_id: &str, run_id: &str, mode: &str, progress: Option<&Progress>) -> Value {
        let ended = progress.iter().flat_map(|progress| &progress.stages).filter(|stage| stage.seconds.is_some());
        let stages: Vec<_> = ended.map(StageResult::of).collect();
        let as_of = progress.and_then(|progress| progress.as_of);
        json!({
            "run_id": run_id, "workflow_id": workflow_id, "state": self.state, "outcome": null, "mode": mode,
            "as_of": as_of, "stages": stages, "model": null, "verdict": null, "tiers": {}, "drift": null,
            "error": { "type": self.error_type, "message": self.message },
        })
    }
}

/// The activity whose heartbeats tell how far a stage is, and what it counts.
fn heartbeat_of(stage: StageName) -> Option<(&'static str, &'static str)> {
    match stage {
        StageName::Raw => Some(("snapshot_raw", "bytes")),
        StageName::BronzeCustomer => Some(("build_bronze_customer", "contacts")),
        StageName::BronzeCustomerMonth => Some(("aggregate_slice", "rows")),
        StageName::Train => Some(("train_model", "rounds")),
        StageName::Recommend => Some(("write_recommendations", "rows")),
        _ => None,
    }
}

/// One line per stage on a terminal; elsewhere one line per change.
enum Display {
    Live { lines: MultiProgress, bars: std::cell::RefCell<BTreeMap<StageName, ProgressBar>> },
    Plain { shown: std::cell::RefCell<BTreeMap<StageName, StageState>> },
}

impl Display {
    fn new() -> Self {
        if on_terminal() {
            return Self::Live { lines: MultiProgress::new(), bars: std::cell::RefCell::default() };
        }
        Self::Plain { shown: std::cell::RefCell::default() }
    }

    fn show(&self, progress: &Progress, pending: &BTreeMap<String, Pending>) {
        for stage in &progress.stages {
            match self {
                Self::Live { lines, bars } => {
                    let mut bars = bars.borrow_mut();
                    let bar = bars.entry(stage.name).or_insert_with(|| line_of(lines));
                    bar.set_message(format!("{} {}", text(stage), running(stage, pending)));
                    bar.tick();
                }
                Self::Plain { shown } => {
                    let before = shown.borrow_mut().insert(stage.name, stage.state);
                    let ended = !matches!(stage.state, StageState::Pending | StageState::Running);
                    if ended && before != Some(stage.state) {
                        eprintln!("{}", text(stage));
                    }
                }
            }
        }
    }

    /// A line of its own.
    fn say(&self, text: &str) {
        match self {
            // It stays above the bars.
            Self::Live { lines, .. } => drop(lines.println(text)),
            Self::Plain { .. } => eprintln!("{text}"),
        }
    }

    fn close(&self) {
        if let Self::Live { bars, .. } = self {
            bars.borrow().values().for_each(ProgressBar::abandon);
        }
    }
}

fn line_of(lines: &MultiProgress) -> ProgressBar {
    let bar = lines.add(ProgressBar::new_spinner());
    bar.set_style(ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar
}

fn text(stage: &StageProgress) -> String {
    let mark = match stage.state {
        StageState::Pending => "·",
        StageState::Running => "▶",
        StageState::Done => "✔",
        StageState::Skipped => "≡",
        StageState::Failed => "✘",
    };
    let seconds = stage.seconds.map(|seconds| format!("{seconds:.1} s")).unwrap_or_default();
    let rows = if stage.rows > 0 { format!("{} rows", thousands(stage.rows)) } else { String::new() };
    let reason = stage.reason.as_deref().unwrap_or_default();
    format!("{mark} {:<22} {seconds:>8} {rows:>18}  {reason}", stage.name.as_str()).trim_end().to_owned()
}

fn running(stage: &StageProgress, pending: &BTreeMap<String, Pending>) -> String {
    if stage.state != StageState::Running {
        return String::new();
    }
    let slices = stage.slices.map(|(done, all)| format!("slices {done}/{all} ")).unwrap_or_default();
    let beat = heartbeat_of(stage.name).and_then(|(activity, unit)| Some((pending.get(activity)?, unit)));
    match beat {
        Some((Pending { done, total, .. }, unit)) if *total > 0 => {
            format!("{slices}{} of {} {unit} ({} %)", thousands(*done), thousands(*total), 100 * done / total)
        }
        _ => slices,
    }
}

/// The handle of a run by its workflow's ID.
pub fn handle(client: &Client, id: &str) -> WorkflowHandle<Client, ChurnPipeline> {
    client.get_workflow_handle::<ChurnPipeline>(id)
}

/// The ID of the latest run of a workflow.
pub async fn run_id(handle: &WorkflowHandle<Client, ChurnPipeline>) -> anyhow::Result<String> {
    let described = handle.describe(WorkflowDescribeOptions::default()).await.context("could not find the run")?;
    let info = described.raw_description.workflow_execution_info.unwrap_or_default();
    Ok(info.execution.map(|execution| execution.run_id).unwrap_or_default())
}
