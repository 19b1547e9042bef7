//! What `backtest` and `ladder` have in common: a workflow that tries models is started and followed to its report, or the
//! newest report is shown.

use std::time::Duration;

use anyhow::{Context, bail};
use lake::Lake;
use lake::documents::{NewestReport, ReportKind, newest_report};
use protocol::Digest;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::connect::{ServerArguments, connect};
use crate::environment::EnvironmentOptions;
use crate::follow::{Ended, Failure, follow};
use crate::launch::{self, Launched, Repeat, Start};
use crate::run_handle::handle;
use crate::scratch::Scratch;

/// How long a Temporal server is looked for.
const SERVER_WITHIN: Duration = Duration::from_secs(10);

/// A workflow that tries models.
pub struct TrialRun<'a> {
    pub workflow_type: &'static str,
    pub kind: ReportKind,
    pub places: &'a EnvironmentOptions,
    pub server: &'a ServerArguments,
    /// Whether a failure is printed as one JSON object.
    pub json: bool,
}

impl TrialRun<'_> {
    /// Starts it, or finds the run of the same question at work, and follows it; no report where it failed, which is said.
    pub async fn run<R: DeserializeOwned>(&self, input: &impl Serialize) -> anyhow::Result<Option<R>> {
        let scratch = Scratch::new(None)?;
        let lake = self.places.open_lake(scratch.path()).await?;
        let client = connect(&self.server.settings()?, SERVER_WITHIN).await?;
        let id = self.workflow_id(&lake, input).await?;
        let start = Start {
            workflow_type: self.workflow_type,
            id: &id,
            task_queue: &self.server.task_queue,
            summary: self.workflow_type,
            // What it found before is found again, and looked at again where anything has changed.
            repeat: Repeat::Any,
            version: None,
        };
        if matches!(launch::start(&client, start, input).await?, Launched::EndedBefore) {
            bail!("workflow {id} ended before and was not started again");
        }
        eprintln!("workflow {id}");
        match follow::<R>(&handle(&client, &id), &self.server.task_queue, &[]).await? {
            Ended::Completed(report) => Ok(Some(*report)),
            Ended::Failed(Failure { state, error_type, message }) => {
                if self.json {
                    let error = json!({ "type": error_type, "message": message });
                    println!("{}", serde_json::to_string_pretty(&json!({ "state": state, "error": error }))?);
                }
                eprintln!("{}: {error_type} {message}", state.to_uppercase());
                Ok(None)
            }
        }
    }

    /// The newest report of the lake; no server is needed.
    pub async fn newest<R: DeserializeOwned>(&self) -> anyhow::Result<(NewestReport, R)> {
        let scratch = Scratch::new(None)?;
        let lake = self.places.open_lake(scratch.path()).await?;
        let found = newest_report(&lake, self.kind).await?;
        found.with_context(|| format!("there is no report yet in {lake}: spanishgas {} makes one", self.kind.as_str()))
    }

    /// The same question in the same lake has the same ID, so that it is not at work twice.
    async fn workflow_id(&self, lake: &Lake, input: &impl Serialize) -> anyhow::Result<String> {
        let question = Digest::of_json(&(lake.identity().await?.to_string(), serde_json::to_value(input)?));
        Ok(format!("{}-{}", self.kind.as_str(), question.short()))
    }
}

/// An interval beside its figure.
pub fn interval(interval: Option<churn::model::Interval>) -> String {
    interval.map_or_else(|| "not known".to_owned(), |interval| format!("{:.3} to {:.3}", interval.low, interval.high))
}
