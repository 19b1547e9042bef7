//! `spanishgas pause RUN` and `resume RUN`: a run waits before its next stage, for a reason.

use std::process::ExitCode;
use std::time::Duration;

use protocol::name_no_customer;
use protocol::progress::{PAUSE, PauseRequest, RESUME};
use serde_json::json;

use super::models::Who;
use crate::at_work::named;
use crate::connect::{ServerArguments, connect};
use crate::update::tell;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: spanishgas pause nightly-retrain --by ana --reason \"wrong prices\"\n\
    Exit code: 0 done; 1 the run refuses, is not at work, or cannot be reached")]
pub struct Pause {
    #[command(flatten)]
    pub change: Change,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: spanishgas resume nightly-retrain --by ana --reason \"prices are right again\"\n\
    Exit code: 0 done; 1 the run refuses, is not at work, or cannot be reached")]
pub struct Resume {
    #[command(flatten)]
    pub change: Change,
}

#[derive(Debug, clap::Args)]
pub struct Change {
    /// The run: its workflow's ID, or the beginning of one that no other run at work has.
    #[arg(value_name = "RUN")]
    pub run: String,
    #[command(flatten)]
    pub who: Who,
    #[command(flatten)]
    pub server: ServerArguments,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

pub async fn pause(pause: Pause) -> anyhow::Result<ExitCode> {
    change(pause.change, PAUSE).await
}

pub async fn resume(resume: Resume) -> anyhow::Result<ExitCode> {
    change(resume.change, RESUME).await
}

async fn change(change: Change, update: &str) -> anyhow::Result<ExitCode> {
    let words = [("--by", change.who.by.as_str()), ("--reason", change.who.reason.as_str())];
    name_no_customer(&words).map_err(anyhow::Error::msg)?;
    let client = connect(&change.server.settings()?, Duration::from_secs(10)).await?;
    let queue = &change.server.task_queue;
    let run = named(&client, queue, &change.run).await?;
    let Who { by, reason } = change.who;
    let said = tell(&run, queue, update, &PauseRequest { by, reason }).await?;
    let id = &run.info().workflow_id;
    if change.json {
        println!("{}", serde_json::to_string_pretty(&json!({ "workflow_id": id, "answer": said }))?);
    } else {
        println!("{id} is {said}");
    }
    Ok(ExitCode::SUCCESS)
}
