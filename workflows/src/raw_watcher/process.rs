//! One look, straight down: what is new gets a run, of what is in trouble people hear, and both are remembered. A run that
//! cannot be started keeps no other delivery from its own.

use protocol::Pipeline;
use protocol::pipeline::PipelineInput;
use protocol::raw_watcher::{
    Delivery, DeliveryNote, DeliveryState, NoteDeliveries, Noted, RawWatched, Ready, WatchRaw, WatchedDelivery,
    WatcherInput, WatcherResult,
};
use temporalio_common::data_converters::{PayloadConverter, RawValue};
use temporalio_sdk::{
    ChildWorkflowOptions, ChildWorkflowStartError, ParentClosePolicy, StartChildWorkflowExecutionFailedCause,
    WorkflowIdReusePolicy,
};

use super::RawWatcher;
use super::events::trouble;
use crate::ChurnPipeline;
use crate::run::{Call, Execution, Failure, Weight};

type Watcher = Execution<RawWatcher>;

/// Looks, starts runs, tells people, remembers.
pub async fn watch(watcher: &Watcher, input: WatcherInput) -> Result<WatcherResult, Failure> {
    let raw_prefix = input.raw_prefix.clone();
    let watched = look(watcher, input).await?;
    let mut result = WatcherResult { known: watched.known, ..WatcherResult::default() };
    let serving = async |delivery: &Delivery| serve(watcher, delivery, &mut result).await;
    let (notes, served) = serve_each(watched.deliveries, serving).await;
    // Also beside a failure: those runs are at work.
    remember(watcher, raw_prefix, notes).await?;
    watcher.tell_silence(watched.silence).await?;
    served?;
    result.undelivered_alerts = watcher.undelivered();
    Ok(result)
}

async fn look(watcher: &Watcher, input: WatcherInput) -> Result<RawWatched, Failure> {
    let summary = format!("look at {}/", input.raw_prefix);
    let request = WatchRaw { run: watcher.run.clone(), input };
    watcher.call(Pipeline::watch_raw, request, Call::between("look", Weight::Heavy, summary)).await
}

/// Serves one delivery after the other; what is to be remembered of them, and the first failure. Only a cancellation keeps
/// the rest from being served.
async fn serve_each(
    deliveries: Vec<Delivery>,
    mut serve: impl AsyncFnMut(&Delivery) -> Result<Option<Noted>, Failure>,
) -> (Vec<DeliveryNote>, Result<(), Failure>) {
    let (mut notes, mut served) = (Vec::new(), Ok(()));
    for delivery in deliveries {
        match serve(&delivery).await {
            Ok(noted) => notes.extend(noted.map(|noted| DeliveryNote { prefix: delivery.prefix, noted })),
            Err(Failure::Cancelled) => return (notes, Err(Failure::Cancelled)),
            Err(failure) => served = served.and(Err(failure)),
        }
    }
    (notes, served)
}

/// What is done about a delivery, and what is to be remembered of it.
async fn serve(watcher: &Watcher, delivery: &Delivery, result: &mut WatcherResult) -> Result<Option<Noted>, Failure> {
    if let DeliveryState::Ready(ready) = &delivery.state {
        if start(watcher, ready).await? == Started::Now {
            result.started.push(ready.workflow_id.clone());
        } else {
            result.known += 1;
        }
        let (content, workflow_id) = (ready.content.clone(), ready.workflow_id.clone());
        return Ok(Some(Noted::Run { content, workflow_id }));
    }
    let waits_for = delivery.state.waits_for().unwrap_or_default();
    result.waiting.push(WatchedDelivery { prefix: delivery.prefix.clone(), waits_for, since: delivery.since.clone() });
    let Some(event) = trouble(delivery) else { return Ok(None) };
    // What nobody heard is told again by the next look.
    let is_told = watcher.tell(event).await;
    Ok(is_told.then_some(Noted::Told))
}

/// What came of the attempt to start a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Started {
    /// It is at work.
    Now,
    /// Somebody started it before.
    Before,
}

/// Starts the run, which goes on by itself. Its ID is that of its content: no second one is started, whatever came of
/// the first.
async fn start(watcher: &Watcher, ready: &Ready) -> Result<Started, Failure> {
    let options = ChildWorkflowOptions::builder()
        .workflow_id(ready.workflow_id.to_string())
        .id_reuse_policy(WorkflowIdReusePolicy::RejectDuplicate)
        .parent_close_policy(ParentClosePolicy::Abandon)
        .static_summary(format!("churn pipeline, mode {}, by the raw watcher", ready.input.mode.as_str()))
        .build();
    match watcher.ctx.start_child_workflow(ChurnPipeline::run, payload(&ready.input), options).await {
        Ok(_) => Ok(Started::Now),
        Err(ChildWorkflowStartError::StartFailed {
            cause: StartChildWorkflowExecutionFailedCause::WorkflowAlreadyExists,
            ..
        }) => Ok(Started::Before),
        Err(error) => Err(watcher.cause(Failure::child_not_started(&error))),
    }
}

fn payload(input: &PipelineInput) -> RawValue {
    RawValue::from_value(&serde_json::to_value(input).unwrap_or_default(), &PayloadConverter::default())
}

async fn remember(watcher: &Watcher, raw_prefix: String, notes: Vec<DeliveryNote>) -> Result<(), Failure> {
    if notes.is_empty() {
        return Ok(());
    }
    let call = Call::between("remember", Weight::Light, format!("remember {} deliveries", notes.len()));
    watcher.call(Pipeline::note_deliveries, NoteDeliveries { raw_prefix, notes }, call).await.map(drop)
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use protocol::{Digest, ErrorNumber};

    use super::*;

    fn settled(prefix: &str) -> Delivery {
        Delivery { prefix: prefix.to_owned(), since: String::new(), state: DeliveryState::Settling }
    }

    fn run_of(delivery: &Delivery) -> Noted {
        let content = Digest::of(delivery.prefix.as_bytes());
        Noted::Run { content, workflow_id: delivery.prefix.as_str().into() }
    }

    /// What is remembered where the second of three runs ends so.
    fn remembered(second: impl Fn() -> Failure) -> (Vec<String>, Result<(), Failure>) {
        let serving = async |delivery: &Delivery| match delivery.prefix.as_str() {
            "raw/2" => Err(second()),
            _ => Ok(Some(run_of(delivery))),
        };
        let deliveries = ["raw/1", "raw/2", "raw/3"].map(settled).into();
        let (notes, served) = serve_each(deliveries, serving).now_or_never().expect("nothing to wait for");
        (notes.into_iter().map(|note| note.prefix).collect(), served)
    }

    #[test]
    fn a_run_that_cannot_be_started_keeps_no_other_from_being_started_and_remembered() {
        let (notes, served) = remembered(|| Failure::of(ErrorNumber::ActivityFailed, "no such namespace"));
        assert_eq!(notes, ["raw/1", "raw/3"]);
        assert!(served.is_err_and(|failure| failure.is(ErrorNumber::ActivityFailed)));
    }

    #[test]
    fn a_cancellation_ends_the_look_and_what_was_started_is_remembered() {
        let (notes, served) = remembered(|| Failure::Cancelled);
        assert_eq!(notes, ["raw/1"]);
        assert!(matches!(served, Err(Failure::Cancelled)));
    }
}
