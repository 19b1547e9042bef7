//! `approvals approve` and `approvals reject`.

use std::process::ExitCode;
use std::time::Duration;

use protocol::name_no_customer;
use protocol::pipeline::Decision;
use protocol::progress::{APPROVE, REJECT};
use serde_json::json;

use crate::at_work::named;
use crate::connect::{ServerArguments, connect};
use crate::update::tell;

#[derive(Debug, clap::Args)]
pub struct Decide {
    /// The run: its workflow's ID, as `approvals list` shows it, or the beginning of one that no other run at work has.
    #[arg(value_name = "RUN")]
    pub run: String,
    /// Who decides.
    #[arg(long)]
    pub by: String,
    /// Why.
    #[arg(long, default_value = "")]
    pub comment: String,
    #[command(flatten)]
    pub server: ServerArguments,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

pub async fn approve(decide: Decide) -> anyhow::Result<ExitCode> {
    decision(decide, APPROVE).await
}

pub async fn reject(decide: Decide) -> anyhow::Result<ExitCode> {
    decision(decide, REJECT).await
}

async fn decision(decide: Decide, update: &str) -> anyhow::Result<ExitCode> {
    let words = [("--by", decide.by.as_str()), ("--comment", decide.comment.as_str())];
    name_no_customer(&words).map_err(anyhow::Error::msg)?;
    let client = connect(&decide.server.settings()?, Duration::from_secs(10)).await?;
    let queue = &decide.server.task_queue;
    let run = named(&client, queue, &decide.run).await?;
    let said = tell(&run, queue, update, &Decision { by: decide.by, comment: decide.comment }).await?;
    let id = &run.info().workflow_id;
    if decide.json {
        println!("{}", serde_json::to_string_pretty(&json!({ "workflow_id": id, "answer": said }))?);
    } else {
        println!("{id}: {said}");
    }
    Ok(ExitCode::SUCCESS)
}
