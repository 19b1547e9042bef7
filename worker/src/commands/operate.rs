//! What operators do from the dashboard: the same as the commands of this program do, under the name of who is signed in.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use chrono::Utc;
use dashboard::pages::operate::{Act, CarryOut, Effect, Order, Turned};
use protocol::pipeline::{Decision, Mode, PipelineInput, WORKFLOW_TYPE};
use protocol::progress::{APPROVE, PAUSE, PauseRequest, REJECT, RESUME};
use serde::Serialize;
use temporalio_client::errors::WorkflowInteractionError;
use temporalio_client::{Client, WorkflowCancelOptions};

use super::alerts::{Known, acknowledge};
use super::run::identify;
use super::schedules::{Turn, note, set};
use crate::connect::{ServerArguments, connect};
use crate::environment::EnvironmentOptions;
use crate::launch::{self, Launched, Repeat, Start};
use crate::pollers;
use crate::run_handle::{handle, state};
use crate::scratch::Scratch;
use crate::update::tell;

/// How long a Temporal server is looked for.
const SERVER_WITHIN: Duration = Duration::from_secs(5);

/// Where orders are carried out.
#[derive(Debug)]
struct Operator {
    places: EnvironmentOptions,
    server: ServerArguments,
}

/// Carries out what operators order from the pages.
pub fn carry_out(places: EnvironmentOptions, server: ServerArguments) -> CarryOut {
    let operator = Arc::new(Operator { places, server });
    Arc::new(move |order: Order| {
        let operator = Arc::clone(&operator);
        Box::pin(async move { operator.obey(order).await.map_err(|error| format!("{error:#}")) })
    })
}

impl Operator {
    async fn obey(&self, order: Order) -> anyhow::Result<Effect> {
        match order.act {
            Act::StartTrain => Box::pin(self.start(Mode::Train, &order)).await,
            Act::StartScore => Box::pin(self.start(Mode::Score, &order)).await,
            Act::Approve => self.decide(APPROVE, order).await,
            Act::Reject => self.decide(REJECT, order).await,
            Act::Pause => self.hold(PAUSE, order).await,
            Act::Resume => self.hold(RESUME, order).await,
            Act::Cancel => self.cancel(&order).await,
            Act::Acknowledge => Box::pin(self.acknowledge(&order)).await,
            Act::PauseSchedule => self.turn(Turn::Off, &order).await,
            Act::ResumeSchedule => self.turn(Turn::On, &order).await,
        }
    }

    /// As `spanishgas run` does, under the same ID: the same question is not answered twice.
    async fn start(&self, mode: Mode, order: &Order) -> anyhow::Result<Effect> {
        let client = self.client().await?;
        let task_queue = &self.server.task_queue;
        let (id, input) = identify(&self.places, &self.server, None, PipelineInput::new(mode)).await?;
        let before = state(&handle(&client, &id)).await?;
        let summary = format!("churn pipeline, mode {}, started by {}", mode.as_str(), order.by);
        let start = Start {
            workflow_type: WORKFLOW_TYPE,
            id: &id,
            task_queue,
            summary: &summary,
            repeat: Repeat::Failed,
            version: None,
        };
        let launched = launch::start(&client, start, &input).await?;
        let listeners = pollers::look(&client, task_queue).await?;
        Ok(match launched {
            Launched::EndedBefore => Effect::AnsweredBefore(id),
            Launched::Running if before.as_deref() == Some("running") => Effect::AlreadyAtWork(id),
            Launched::Running if listeners.are_there() => Effect::AtWork(id),
            Launched::Running => Effect::Waits { id, why: listeners.to_string() },
        })
    }

    async fn decide(&self, update: &str, order: Order) -> anyhow::Result<Effect> {
        self.update(&order.subject, update, &Decision { by: order.by, comment: order.reason }).await
    }

    async fn hold(&self, update: &str, order: Order) -> anyhow::Result<Effect> {
        self.update(&order.subject, update, &PauseRequest { by: order.by, reason: order.reason }).await
    }

    /// Tells the run of exactly this ID: another one whose ID begins so is never meant by a page.
    async fn update(&self, id: &str, update: &str, input: &(impl Serialize + Sync)) -> anyhow::Result<Effect> {
        let client = self.client().await?;
        let answer = tell(&handle(&client, id), &self.server.task_queue, update, input).await?;
        Ok(Effect::Told { id: id.to_owned(), answer })
    }

    async fn cancel(&self, order: &Order) -> anyhow::Result<Effect> {
        let client = self.client().await?;
        let id = &order.subject;
        let reason = format!("{}: {}", order.by, order.reason);
        let options = WorkflowCancelOptions::builder().reason(reason).build();
        match handle(&client, id).cancel(options).await {
            Ok(()) => Ok(Effect::Stopping(id.clone())),
            Err(WorkflowInteractionError::NotFound(_)) => bail!("run {id} is not at work any more"),
            Err(error) => Err(error).with_context(|| format!("could not cancel run {id}")),
        }
    }

    async fn acknowledge(&self, order: &Order) -> anyhow::Result<Effect> {
        let until = order.until.context("an acknowledgement counts until a date; give one")?;
        let scratch = Scratch::new(None)?;
        let lake = self.places.open_lake(scratch.path()).await?;
        let known = Known { by: &order.by, reason: &order.reason, until };
        Ok(Effect::Known(Box::new(acknowledge(&lake, &order.subject, known, Utc::now()).await?)))
    }

    async fn turn(&self, turn: Turn, order: &Order) -> anyhow::Result<Effect> {
        let client = self.client().await?;
        let note = note(turn, &order.by, &order.reason)?;
        set(&client, &self.server.task_queue, &order.subject, turn, note).await?;
        let turned = match turn {
            Turn::Off => Turned::Off,
            Turn::On => Turned::On,
        };
        let (id, by, reason) = (order.subject.clone(), order.by.clone(), order.reason.clone());
        Ok(Effect::Schedule { id, turned, by, reason })
    }

    async fn client(&self) -> anyhow::Result<Client> {
        connect(&self.server.settings()?, SERVER_WITHIN).await
    }
}
