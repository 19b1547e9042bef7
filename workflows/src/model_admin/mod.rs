//! `ModelAdmin`: a person promotes, rolls back to, withdraws or reinstates a model. One change, on record in the registry
//! with who, why, when and which run; people hear of it.

#![expect(missing_docs, reason = "the macro makes a constant of every handler and leaves its documentation behind")]

mod events;

use events::news;
use protocol::model_admin::{AdministerModel, ModelAdminInput, ModelAdminReport, WORKFLOW_TYPE};
use protocol::{ErrorNumber, Pipeline};
use temporalio_common::data_converters::RawValue;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{WorkflowContext, WorkflowResult};

use crate::run::{Call, Execution, Failure, Weight};

/// One change; it has no state of its own: the lake remembers.
#[workflow]
#[derive(Default)]
pub struct ModelAdmin;

#[workflow_methods]
impl ModelAdmin {
    /// Makes one change; see [`ModelAdminInput`] for what it takes.
    #[run(name = WORKFLOW_TYPE)]
    pub async fn run(ctx: &mut WorkflowContext<Self>, input: RawValue) -> WorkflowResult<ModelAdminReport> {
        let wish = match ModelAdminInput::parse(&input) {
            Ok(wish) => wish,
            Err(problem) => return Err(Failure::of(ErrorNumber::BadInput, problem).into()),
        };
        Ok(change(&Execution::of_itself(ctx.clone()), wish).await?)
    }
}

/// Changes, and tells people what was changed.
async fn change(execution: &Execution<ModelAdmin>, wish: ModelAdminInput) -> Result<ModelAdminReport, Failure> {
    let summary = format!("{} model {}", wish.action.as_str(), wish.version);
    let place = wish.action.as_str();
    let request = AdministerModel { run: execution.run.clone(), wish };
    // A change that was made and that nobody heard of is worse than one that a cancellation did not stop.
    let call = Call::between(place, Weight::Light, summary).unstoppable();
    let change = execution.call(Pipeline::administer_model, request, call).await?;
    execution.tell(news(&change)).await;
    Ok(ModelAdminReport { change, undelivered_alerts: execution.undelivered() })
}
