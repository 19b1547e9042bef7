//! One call of an activity: how much it asks of a machine, what stops it, and how its failure is named.

use protocol::progress::Stage;
use temporalio_common::ActivityDefinition;
use temporalio_common::data_converters::TemporalDeserializable;
use temporalio_sdk::WorkflowCancellationToken;

use super::options::{Weight, options};
use super::{Execution, Failure};

/// How an activity is called.
#[derive(Debug, Clone)]
pub struct Call {
    place: String,
    weight: Weight,
    summary: String,
    stops: Stops,
}

/// What stops a call before its end.
#[derive(Debug, Clone)]
enum Stops {
    /// The run's cancellation.
    WithRun,
    /// Another token; the run's cancellation reaches it if it is a child of the run's.
    With(WorkflowCancellationToken),
    /// Nothing.
    Never,
}

impl Call {
    /// A call for a stage; `summary` is what the Temporal UI shows.
    pub fn of(stage: impl Stage, weight: Weight, summary: impl Into<String>) -> Self {
        Self::between(stage.as_str(), weight, summary)
    }

    /// A call for what is no stage; `place` names it in a failure.
    pub fn between(place: impl Into<String>, weight: Weight, summary: impl Into<String>) -> Self {
        let stops = if weight.hears_cancellation() { Stops::WithRun } else { Stops::Never };
        Self { place: place.into(), weight, summary: summary.into(), stops }
    }

    /// The same, stopped by a token.
    pub fn stopped_by(self, token: Option<&WorkflowCancellationToken>) -> Self {
        let stops = token.cloned().map_or(Stops::WithRun, Stops::With);
        Self { stops, ..self }
    }

    /// The same, whatever is cancelled meanwhile.
    pub fn unstoppable(self) -> Self {
        Self { stops: Stops::Never, ..self }
    }
}

impl<W> Execution<W> {
    /// Calls an activity and waits for its answer.
    ///
    /// # Errors
    /// [`Failure::Cancelled`] where the run is cancelled, however the activity ended; only what nothing stops must
    /// say itself how it ended.
    pub async fn call<A>(&self, activity: A, input: impl Into<A::Input>, call: Call) -> Result<A::Output, Failure>
    where
        A: ActivityDefinition,
        A::Output: TemporalDeserializable,
    {
        let mut options = options(call.weight, self.ctx.task_queue(), call.summary);
        let is_cut_off = !matches!(call.stops, Stops::Never);
        options.cancellation_token = match call.stops {
            Stops::WithRun => None,
            Stops::With(token) => Some(token),
            Stops::Never => Some(WorkflowCancellationToken::new()),
        };
        self.ctx.execute_activity(activity, input, options).await.map_err(|error| {
            let failed = Failure::in_stage(&call.place, &error);
            if is_cut_off { self.cause(failed) } else { failed }
        })
    }
}
