//! One look, straight down: what is new gets a run, of what is in trouble people hear, and both are remembered. A run that
//! cannot be started keeps no other delivery from its own. Where somebody told of a change, looks follow until it has settled.

use std::time::Duration;

use protocol::Pipeline;
use protocol::pipeline::PipelineInput;
use protocol::raw_watcher::{
    Delivery, DeliveryNote, DeliveryState, NoteDeliveries, Noted, RawWatched, Ready, WatchRaw, WatchedDelivery,
    WatcherInput, WatcherResult,
};
use temporalio_common::data_converters::{PayloadConverter, RawValue};
use temporalio_sdk::{
    ChildWorkflowOptions, ChildWorkflowStartError, ParentClosePolicy, StartChildWorkflowExecutionFailedCause,
    TimerOptions, WorkflowIdReusePolicy,
};

use super::RawWatcher;
use super::asked::Left;
use super::events::trouble;
use crate::ChurnPipeline;
use crate::run::{Call, Execution, Failure, Weight};

type Watcher = Execution<RawWatcher>;

/// A watcher that is told of changes all the time looks so often, so that its history has an end; the schedule goes on.
const MOST_LOOKS: u32 = 30;
/// It rests no longer between two looks, however long a delivery takes to settle.
const LONGEST_REST: Duration = Duration::from_hours(1);
/// The patch that tells watchers which look again from those of before, which ended after one look whatever they were told.
const LOOKS_AGAIN: &str = "look-again";

/// Looks, and again where somebody told of a change that has not settled.
pub async fn watch(watcher: &Watcher, input: WatcherInput) -> Result<WatcherResult, Failure> {
    let mut result = WatcherResult::default();
    for look in 1..=MOST_LOOKS {
        let left = look_once(watcher, &input, &mut result).await?;
        if look == MOST_LOOKS || !is_followed(watcher, left) {
            break;
        }
        rest(watcher, &input).await?;
    }
    result.undelivered_alerts = watcher.undelivered();
    Ok(result)
}

/// Looks, starts runs, tells people, remembers. The runs are added to the result, all else is as this look saw it.
async fn look_once(watcher: &Watcher, input: &WatcherInput, result: &mut WatcherResult) -> Result<Left, Failure> {
    watcher.ctx.state_mut(|state| state.asked.begin());
    let watched = look(watcher, input.clone()).await?;
    let left = Left::of(&watched);
    (result.known, result.waiting) = (watched.known, Vec::new());
    let serving = async |delivery: &Delivery| serve(watcher, delivery, &mut *result).await;
    let (notes, served) = serve_each(watched.deliveries, serving).await;
    // Also beside a failure: those runs are at work.
    remember(watcher, input.raw_prefix.clone(), notes).await?;
    watcher.tell_silence(watched.silence).await?;
    served?;
    Ok(left)
}

/// Whether another look follows. The patch is asked for only where one would: histories of before have no mark of it.
fn is_followed(watcher: &Watcher, left: Left) -> bool {
    watcher.ctx.state(|state| state.asked.is_followed(left)) && watcher.ctx.patched(LOOKS_AGAIN)
}

/// Waits until what changed may have settled.
async fn rest(watcher: &Watcher, input: &WatcherInput) -> Result<(), Failure> {
    // A second more: looks on two machines go by two clocks.
    let pause = Duration::from_secs(input.settle_secs.saturating_add(1)).min(LONGEST_REST);
    let timer = TimerOptions::builder(pause).summary("until the raw files may be at rest".to_owned()).build();
    let _ = watcher.ctx.timer(timer).await;
    if watcher.ctx.cancellation_token().is_cancelled() {
        return Err(Failure::Cancelled);
    }
    Ok(())
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
