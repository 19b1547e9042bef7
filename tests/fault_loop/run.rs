//! One run on a server: started, cancelled, awaited with a bound.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use temporalio_client::errors::WorkflowGetResultError;
use temporalio_client::{
    Client, ClientOptions, Connection, ConnectionOptions, Url, WorkflowCancelOptions, WorkflowDescribeOptions,
    WorkflowExecutionStatus, WorkflowGetResultOptions, WorkflowHandle, WorkflowStartOptions, WorkflowTerminateOptions,
};
use temporalio_common::data_converters::{PayloadConverter, RawValue};
use temporalio_common::error::IncomingError;
use tokio::runtime::Runtime;
use workflows::ChurnPipeline;

use support::new_name;

/// What the workflow IDs of the loop begin with.
pub const PURPOSE: &str = "faulty";

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

/// A started run.
pub struct Run {
    handle: WorkflowHandle<Client, ChurnPipeline>,
}

/// How a run ended.
#[derive(Debug)]
pub enum End {
    /// With a result.
    Completed,
    /// As somebody wished.
    Cancelled,
    /// With a number and words.
    Failed(String, String),
    /// Not, or in a way that nobody wished.
    Otherwise(String),
}

/// Why a run does not go on as it should.
#[derive(Debug)]
pub enum Trouble {
    /// An attempt has failed and is made again; what it said.
    Attempt(String),
    /// It works no more.
    Ended,
}

impl Run {
    /// Starts `ChurnPipeline` in train mode.
    pub fn start(address: &str, queue: &str) -> Self {
        let id = new_name(PURPOSE);
        let value = RawValue::from_value(&serde_json::json!({ "mode": "train" }), &PayloadConverter::default());
        RUNTIME.block_on(async {
            let url: Url = format!("http://{address}").parse().expect("an address");
            let connection =
                Connection::connect(ConnectionOptions::new(url).build()).await.expect("the server answers");
            let client = Client::new(connection, ClientOptions::new("default").build()).expect("a client");
            let options = WorkflowStartOptions::new(queue, id.as_str()).build();
            client.start_workflow(ChurnPipeline::run, value, options).await.expect("the run starts");
            Self { handle: client.get_workflow_handle::<ChurnPipeline>(id) }
        })
    }

    /// Asks it to stop.
    pub fn cancel(&self) {
        RUNTIME.block_on(self.handle.cancel(WorkflowCancelOptions::default())).expect("a run can be cancelled");
    }

    /// What goes wrong at the moment, if anything does.
    pub fn trouble(&self) -> Option<Trouble> {
        let asked = self.handle.describe(WorkflowDescribeOptions::default());
        let described = RUNTIME.block_on(asked).expect("a run can be described");
        if described.status() != WorkflowExecutionStatus::Running {
            return Some(Trouble::Ended);
        }
        let pending = &described.raw_description.pending_activities;
        let failure = pending.iter().find_map(|activity| activity.last_failure.as_ref());
        failure.map(|failure| Trouble::Attempt(failure.message.clone()))
    }

    /// Waits for its end. What is at work after this time is stuck, and is terminated.
    pub fn end(&self, within: Duration) -> End {
        let began = Instant::now();
        RUNTIME.block_on(async {
            loop {
                let left = within.saturating_sub(began.elapsed());
                let asked = self.handle.get_result(WorkflowGetResultOptions::default());
                match tokio::time::timeout(left, asked).await {
                    Err(_) => return self.stuck(within).await,
                    Ok(Ok(_)) => return End::Completed,
                    Ok(Err(error)) => match ended(&error) {
                        Some(end) => return end,
                        // The server is gone for a while.
                        None => tokio::time::sleep(Duration::from_millis(250)).await,
                    },
                }
            }
        })
    }

    async fn stuck(&self, within: Duration) -> End {
        let _ = self.handle.terminate(WorkflowTerminateOptions::default()).await;
        End::Otherwise(format!("it is still at work after {} s", within.as_secs()))
    }
}

fn ended(error: &WorkflowGetResultError) -> Option<End> {
    match error {
        WorkflowGetResultError::Failed(cause) => Some(failed(cause)),
        WorkflowGetResultError::Cancelled { .. } => Some(End::Cancelled),
        WorkflowGetResultError::Rpc(_) => None,
        other => Some(End::Otherwise(other.to_string())),
    }
}

fn failed(error: &IncomingError) -> End {
    let mut deepest = error;
    while let Some(cause) = deepest.cause() {
        deepest = cause;
    }
    let number = match deepest {
        IncomingError::Application(failure) => failure.type_name().unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    End::Failed(number, deepest.failure().message.clone())
}
