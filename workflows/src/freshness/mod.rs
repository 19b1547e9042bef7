//! `Freshness`: the promise "scores by 07:00", held against what is published. A schedule starts it every few minutes;
//! people hear when the promise is broken, and when the scores have come.

#![expect(missing_docs, reason = "the macro makes a constant of every handler and leaves its documentation behind")]

mod events;

use events::news;
use protocol::freshness::{FreshnessInput, FreshnessReport, JudgeFreshness, NoteFreshness, WORKFLOW_TYPE};
use protocol::{ErrorNumber, Pipeline};
use temporalio_common::data_converters::RawValue;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{WorkflowContext, WorkflowResult};

use crate::run::{Call, Execution, Failure, Weight};

/// One look at the promise; it has no state of its own: the lake remembers.
#[workflow]
#[derive(Default)]
pub struct Freshness;

#[workflow_methods]
impl Freshness {
    /// Looks once; see [`FreshnessInput`] for what it takes.
    #[run(name = WORKFLOW_TYPE)]
    pub async fn run(ctx: &mut WorkflowContext<Self>, input: RawValue) -> WorkflowResult<FreshnessReport> {
        let promise = match FreshnessInput::parse(&input) {
            Ok(promise) => promise,
            Err(problem) => return Err(Failure::of(ErrorNumber::BadInput, problem).into()),
        };
        Ok(look(&Execution::of_itself(ctx.clone()), promise).await?)
    }
}

/// Judges, tells what is news, and remembers that it was told; also that the raw watcher is silent.
async fn look(execution: &Execution<Freshness>, promise: FreshnessInput) -> Result<FreshnessReport, Failure> {
    let summary = format!("are there scores by {} {}", promise.by, promise.time_zone);
    let call = Call::between("judge", Weight::Light, summary);
    let judged = execution.call(Pipeline::judge_freshness, JudgeFreshness { promise }, call).await?;
    let news = news(&judged.report).filter(|_| judged.tell);
    if let Some(event) = news
        // What nobody heard is told again by the next look.
        && execution.tell(event).await
    {
        let told = judged.report.state;
        let call = Call::between("remember", Weight::Light, format!("people heard: {}", told.as_str()));
        execution.call(Pipeline::note_freshness, NoteFreshness { told }, call).await?;
    }
    execution.tell_silence(judged.silence).await?;
    Ok(judged.report)
}
