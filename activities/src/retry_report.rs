//! An activity that does not come to its end is told of: from the third attempt on, its own workflow
//! hears why, and shows it in its progress. A telling that fails is only logged.

use std::time::Duration;

use churn::Kind;
use protocol::progress::{RetryReport, SIGNAL};
use temporalio_client::{
    UntypedSignal, UntypedWorkflow, WorkflowDescribeOptions, WorkflowHandle, WorkflowSignalOptions,
};
use temporalio_common::data_converters::{CommonAttributes, PayloadConverter, RawValue};
use temporalio_common::protos::temporal::api::failure::v1::Failure;
use temporalio_common::protos::temporal::api::failure::v1::failure::FailureInfo;
use temporalio_sdk::activities::ActivityContext;

use crate::error::Error;

/// The type of the workflows that sum slices for a run; nobody looks at them.
const CHILD: &str = "AggregateSlices";
/// The attempts that are told of: few, because each is an event of the run's history.
const TOLD: [u32; 7] = [3, 4, 6, 10, 20, 50, 100];
/// The attempt whose failure is told when it happens; later ones when the next begins, so that attempts
/// that were lost with their worker are told of too.
const FIRST_TOLD: u32 = TOLD[0];
/// How long the server may take for each call.
const PATIENCE: Duration = Duration::from_secs(5);
/// As many characters of a failure are told.
const CHARACTERS: usize = 400;

/// An attempt begins.
pub async fn at_the_beginning(ctx: &ActivityContext) {
    let attempt = ctx.info().attempt;
    if attempt <= FIRST_TOLD || !TOLD.contains(&attempt) {
        return;
    }
    let why = last_failure(ctx).await.unwrap_or_else(|| "the attempts before did not come to their end".to_owned());
    tell(ctx, why).await;
}

/// An attempt has failed.
pub async fn at_the_end(ctx: &ActivityContext, error: &Error) {
    let stopped = matches!(error, Error::Churn(churn::Error::Cancelled));
    if ctx.info().attempt == FIRST_TOLD && error.kind() == Kind::Retry && !stopped {
        tell(ctx, format!("{}: {error}", error.type_name())).await;
    }
}

/// A failure in words: number and name, then the message.
pub fn words(failure: &Failure) -> String {
    let message = message(failure);
    let words = match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) if !info.r#type.is_empty() => {
            format!("{}: {message}", info.r#type)
        }
        _ => message,
    };
    shortened(&words)
}

/// Where payloads are encrypted, the message is in one, which the client has decrypted.
fn message(failure: &Failure) -> String {
    let attributes = failure.encoded_attributes.as_ref();
    let attributes = attributes.and_then(|payload| serde_json::from_slice::<CommonAttributes>(&payload.data).ok());
    attributes.map_or_else(|| failure.message.clone(), |attributes| attributes.message)
}

async fn tell(ctx: &ActivityContext, why: String) {
    let info = ctx.info();
    let report = RetryReport { activity: info.activity_type.clone(), attempt: info.attempt, why: shortened(&why) };
    tracing::warn!(
        activity = report.activity,
        attempt = report.attempt,
        why = report.why,
        "an activity is tried again and again"
    );
    let Some(handle) = run_that_shows_it(ctx).await else { return };
    let value = RawValue::from_value(&report, &PayloadConverter::default());
    // The same telling once, however often its answer is lost.
    let workflow = info.workflow_run_id.as_deref().unwrap_or_default();
    let request_id = format!("{SIGNAL}-{workflow}-{}-{}", info.activity_id, info.attempt);
    let options = WorkflowSignalOptions::builder().request_id(request_id).build();
    match tokio::time::timeout(PATIENCE, handle.signal(UntypedSignal::new(SIGNAL), value, options)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the workflow could not be told of a trouble"),
        Err(_) => tracing::warn!("the workflow could not be told of a trouble: no answer from the server"),
    }
}

/// The run of an activity. One that works for a child of a run is told of by the run.
async fn run_that_shows_it(
    ctx: &ActivityContext,
) -> Option<WorkflowHandle<temporalio_client::Client, UntypedWorkflow>> {
    let own = workflow(ctx)?;
    if ctx.info().workflow_type.as_deref() != Some(CHILD) {
        return Some(own);
    }
    let described = tokio::time::timeout(PATIENCE, own.describe(WorkflowDescribeOptions::default())).await.ok()?;
    let parent = described.ok()?.into_raw().workflow_execution_info?.parent_execution?;
    Some(ctx.client().get_workflow_handle::<UntypedWorkflow>(parent.workflow_id))
}

async fn last_failure(ctx: &ActivityContext) -> Option<String> {
    let handle = workflow(ctx)?;
    let described = tokio::time::timeout(PATIENCE, handle.describe(WorkflowDescribeOptions::default())).await.ok()?;
    let pending = described.ok()?.into_raw().pending_activities;
    let mine = pending.into_iter().find(|activity| activity.activity_id == ctx.info().activity_id)?;
    mine.last_failure.as_ref().map(words)
}

fn workflow(ctx: &ActivityContext) -> Option<WorkflowHandle<temporalio_client::Client, UntypedWorkflow>> {
    ctx.workflow_handle::<UntypedWorkflow>()
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= CHARACTERS {
        return text.to_owned();
    }
    text.chars().take(CHARACTERS).chain("...".chars()).collect()
}

#[cfg(test)]
mod tests {
    use temporalio_common::protos::temporal::api::common::v1::Payload;
    use temporalio_common::protos::temporal::api::failure::v1::ApplicationFailureInfo;

    use super::*;

    #[test]
    fn a_failure_is_told_with_its_number_and_at_most_so_long() {
        let info = ApplicationFailureInfo { r#type: "SG0010 LakeUnreachable".to_owned(), ..Default::default() };
        let failure = Failure {
            message: "ñ".repeat(1000),
            failure_info: Some(FailureInfo::ApplicationFailureInfo(info)),
            ..Default::default()
        };
        let told = words(&failure);
        assert!(told.starts_with("SG0010 LakeUnreachable: ñ") && told.ends_with("..."), "{told}");
        assert_eq!(told.chars().count(), CHARACTERS + 3);
        let data = br#"{"message":"no such bucket","stack_trace":""}"#.to_vec();
        let encoded_attributes = Some(Payload { data, ..Default::default() });
        let hidden = Failure { message: "Encoded failure".to_owned(), encoded_attributes, ..failure };
        assert_eq!(words(&hidden), "SG0010 LakeUnreachable: no such bucket");
        assert_eq!(
            words(&Failure { message: "activity Heartbeat timeout".to_owned(), ..Default::default() }),
            "activity Heartbeat timeout"
        );
    }
}
