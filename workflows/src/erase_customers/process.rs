//! One erasure, straight down.

use std::time::Duration;

use chrono::TimeDelta;
use protocol::erasure::{
    Begun, CertifyErasure, EraseInput, EraseStep, ErasureReport, RemoveCustomers, Removed, RunsBefore, ScoredAnew,
    Sweep,
};
use protocol::pipeline::{Mode, PipelineInput};
use protocol::{ErrorNumber, Pipeline, WorkflowId};
use temporalio_common::data_converters::{PayloadConverter, RawValue};
use temporalio_sdk::{ChildWorkflowOptions, ParentClosePolicy, TimerOptions};

use super::EraseCustomers;
use super::events::news;
use crate::ChurnPipeline;
use crate::run::{Call, Execution, Failure, Weight, now, text};

type Erasure = Execution<EraseCustomers>;

/// The machines of one server have a clock each; they agree to within this. A run too many is waited for, and none too few.
const BETWEEN_CLOCKS: TimeDelta = TimeDelta::seconds(10);
/// Most runs end in these first looks.
const FIRST_LOOKS: u32 = 24;
const BETWEEN_FIRST_LOOKS: Duration = Duration::from_secs(5);
const BETWEEN_LOOKS: Duration = Duration::from_mins(5);
/// Three days with the ones above; then a person must end the run that does not end.
const MOST_LOOKS: u32 = FIRST_LOOKS + 3 * 24 * 12;

/// Tombstones, removal, a scoring without them, removal of the rest, certificate; a training where one is wanted; and people hear of it.
pub async fn erase(erasure: &Erasure, input: EraseInput) -> Result<ErasureReport, Failure> {
    let begun = begin(erasure, &input).await?;
    wait_for_older_runs(erasure).await?;
    let removed = remove(erasure, &input, Sweep::ButPublished).await?;
    let scored_folder = removed.score.as_ref().and_then(|wanted| wanted.raw_prefix.clone());
    let raw_prefix = input.raw_prefix.clone().or(scored_folder);
    let scored = match removed.score {
        Some(wanted) => Some(score(erasure, wanted).await?),
        None => None,
    };
    remove(erasure, &input, Sweep::All).await?;
    let report = certify(erasure, &input, begun).await?;
    let retrain = if input.retrain { Some(train(erasure, &input, raw_prefix).await?) } else { None };
    let report = ErasureReport { scored, retrain, ..report };
    if let Some(event) = news(&report) {
        erasure.tell(event).await;
    }
    Ok(ErasureReport { undelivered_alerts: erasure.undelivered(), ..report })
}

async fn begin(erasure: &Erasure, input: &EraseInput) -> Result<Begun, Failure> {
    let request = EraseStep { run: erasure.run.clone(), request: input.request.clone(), lake: input.lake.clone() };
    let call = Call::between("begin", Weight::Light, "write the tombstones");
    erasure.call(Pipeline::begin_erasure, request, call).await
}

/// A run that began before the tombstones were there may write what it read then; it is waited for. When runs began the
/// server's clock says, and so it does of now, when they are there: the clock of the worker that wrote them may be slow.
async fn wait_for_older_runs(erasure: &Erasure) -> Result<(), Failure> {
    let at = text(now(&erasure.ctx) + BETWEEN_CLOCKS);
    for look in 1..=MOST_LOOKS {
        let request = RunsBefore { at: at.clone() };
        let call = Call::between("wait", Weight::Light, "are runs of before at work");
        let open = erasure.call(Pipeline::runs_before, request, call).await?;
        if open.count == 0 {
            return Ok(());
        }
        let pause = if look <= FIRST_LOOKS { BETWEEN_FIRST_LOOKS } else { BETWEEN_LOOKS };
        let words = format!("{} runs of before are at work: {}", open.count, open.some.join(", "));
        let _ = erasure.ctx.timer(TimerOptions::builder(pause).summary(words).build()).await;
        if erasure.ctx.cancellation_token().is_cancelled() {
            return Err(Failure::Cancelled);
        }
    }
    let message = "runs that began before the erasure have been at work for three days; end or cancel them \
                   (`temporal workflow list --query \"WorkflowType = 'ChurnPipeline' AND ExecutionStatus = 'Running'\"`), then \
                   start the erasure again with --request";
    Err(Failure::of(ErrorNumber::RunTimedOut, message))
}

async fn remove(erasure: &Erasure, input: &EraseInput, sweep: Sweep) -> Result<Removed, Failure> {
    let summary = match sweep {
        Sweep::ButPublished => "take them out, but of what is published",
        Sweep::All => "take them out of all",
    };
    let (run, request, raw_prefix) = (erasure.run.clone(), input.request.clone(), input.raw_prefix.clone());
    let request = RemoveCustomers { run, request, sweep, raw_prefix };
    erasure.call(Pipeline::remove_customers, request, Call::between("remove", Weight::Heavy, summary)).await
}

/// Makes what the business reads anew. Where that fails the erasure goes on: then nothing is published until a run is.
async fn score(erasure: &Erasure, wanted: PipelineInput) -> Result<ScoredAnew, Failure> {
    let workflow_id: WorkflowId = format!("{}-score", erasure.run.workflow_id).into();
    let options = ChildWorkflowOptions::builder()
        .workflow_id(workflow_id.to_string())
        .static_summary("score the others anew, by an erasure".to_owned())
        .build();
    let child = erasure.ctx.start_child_workflow(ChurnPipeline::run, payload(&wanted), options).await;
    let child = child.map_err(|error| erasure.cause(Failure::child_not_started(&error)))?;
    match child.result().await.map_err(|error| erasure.cause(Failure::in_child(&error))) {
        Ok(_) => Ok(ScoredAnew { workflow_id, completed: true }),
        Err(Failure::Cancelled) if erasure.ctx.cancellation_token().is_cancelled() => Err(Failure::Cancelled),
        // The run itself has told people why.
        Err(_) => Ok(ScoredAnew { workflow_id, completed: false }),
    }
}

async fn certify(erasure: &Erasure, input: &EraseInput, begun: Begun) -> Result<ErasureReport, Failure> {
    let (run, request, retrain) = (erasure.run.clone(), input.request.clone(), input.retrain);
    let call = Call::between("certify", Weight::Light, "write the certificate, remove the request");
    // Half a certificate is none, and the request must not stay.
    erasure.call(Pipeline::certify_erasure, CertifyErasure { run, request, begun, retrain }, call.unstoppable()).await
}

/// Starts the training, which goes on by itself: a person may have to approve its model.
async fn train(erasure: &Erasure, input: &EraseInput, raw_prefix: Option<String>) -> Result<WorkflowId, Failure> {
    let workflow_id: WorkflowId = format!("{}-train", erasure.run.workflow_id).into();
    let options = ChildWorkflowOptions::builder()
        .workflow_id(workflow_id.to_string())
        .parent_close_policy(ParentClosePolicy::Abandon)
        .static_summary("train without the erased customers".to_owned())
        .build();
    let wanted = PipelineInput { lake: input.lake.clone(), raw_prefix, ..PipelineInput::new(Mode::Train) };
    let started = erasure.ctx.start_child_workflow(ChurnPipeline::run, payload(&wanted), options).await;
    started.map(|_| workflow_id).map_err(|error| erasure.cause(Failure::child_not_started(&error)))
}

fn payload(input: &PipelineInput) -> RawValue {
    RawValue::from_value(&serde_json::to_value(input).unwrap_or_default(), &PayloadConverter::default())
}
