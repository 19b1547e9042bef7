//! Following a run of any workflow to its end: its stages live, then its result. The workflow must answer the
//! query `progress`; one that does not is followed all the same, without lines.

mod failure;
mod patience;
mod stage_lines;
mod waits;

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::time::Duration;

use anyhow::Context;
pub use failure::Failure;
use protocol::progress::{Counted, Progress, QUERY};
use serde::de::DeserializeOwned;
use stage_lines::StageLines;
use temporalio_client::{Client, UntypedQuery, WorkflowGetResultOptions, WorkflowQueryOptions};
use temporalio_common::data_converters::RawValue;
use waits::Waits;

use crate::pending::pending;
use crate::pollers;
use crate::run_handle::RunHandle;

/// How often a run is asked how far it is.
const ASK_EVERY: Duration = Duration::from_millis(500);
/// How often the server is asked who works for the run; the first time after as long.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A worker answers a query at once. One that it loses, since it drops the run from its cache in that moment (a fault of the
/// SDK 1.1.1), is never answered: so none is waited for longer than this.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// So often a query is asked in all.
const ASKED: usize = 2;

/// How a followed run ended.
pub enum Ended<R> {
    /// With a result.
    Completed(Box<R>),
    /// Without one.
    Failed(Failure),
}

/// Shows the stages until the run ends, and says when nobody is there to do the work. `counted` are the stages of
/// the workflow whose activities count what they have done.
///
/// # Errors
/// When the server does not say how the run ended, or its result is no `R`.
pub async fn follow<R: DeserializeOwned>(
    handle: &RunHandle,
    task_queue: &str,
    counted: &'static [Counted],
) -> anyhow::Result<Ended<R>> {
    let lines = StageLines::new(counted);
    let ended = tokio::select! {
        ended = end(handle) => ended,
        never = show_stages(handle, &lines) => match never {},
        never = tell_who_listens(handle.client(), task_queue, &lines) => match never {},
    };
    if let Some(progress) = ask::<String>(handle).await {
        lines.show(&progress, &BTreeMap::new());
    }
    lines.close();
    ended
}

async fn end<R: DeserializeOwned>(handle: &RunHandle) -> anyhow::Result<Ended<R>> {
    match patience::result(|| handle.get_result(WorkflowGetResultOptions::default())).await {
        Ok(result) => Ok(Ended::Completed(Box::new(read(&result).context("could not read the run's result")?))),
        Err(error) => Failure::of(error).map(Ended::Failed),
    }
}

async fn show_stages(handle: &RunHandle, lines: &StageLines) -> Infallible {
    let mut ticks = tokio::time::interval(ASK_EVERY);
    // The highest attempt that was told of, by activity.
    let mut told: BTreeMap<String, u32> = BTreeMap::new();
    let mut heard: BTreeSet<String> = BTreeSet::new();
    let mut waits = Waits::default();
    loop {
        ticks.tick().await;
        let pending = pending(handle).await;
        if let Some(progress) = ask::<String>(handle).await {
            lines.show(&progress, &pending);
            waits.news(&handle.info().workflow_id, &progress).iter().for_each(|news| lines.say(news));
            let of_stages = progress.stages.iter().filter_map(|stage| stage.trouble.as_ref());
            for trouble in of_stages.chain(&progress.trouble) {
                // What is pending in the run itself is told of below; what is in its children, by them alone.
                let own = pending.keys().any(|activity| trouble.contains(activity.as_str()));
                if !own && heard.insert(trouble.clone()) {
                    lines.say(trouble);
                }
            }
        }
        for (activity, pending) in &pending {
            let before = told.get(activity).copied().unwrap_or_default();
            if let Some(trouble) = pending.trouble(activity).filter(|_| pending.attempt > before) {
                lines.say(&trouble);
                told.insert(activity.clone(), pending.attempt);
            }
        }
    }
}

/// Says nothing while workers listen; else who does not, and again whenever that changes.
async fn tell_who_listens(client: &Client, task_queue: &str, lines: &StageLines) -> Infallible {
    let mut told = None;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        match pollers::look(client, task_queue).await {
            Ok(listeners) if told.is_none() && listeners.are_there() => {}
            Ok(listeners) => {
                if told.as_ref() != Some(&listeners.to_string()) {
                    lines.say(&listeners.to_string());
                }
                told = Some(listeners.to_string());
            }
            // The result's own call tells of a server that is out of reach.
            Err(error) => tracing::debug!(%error, "who listens is not known"),
        }
    }
}

/// How far the run is, its stages named by `S`; nothing while no worker answers.
pub async fn ask<S: DeserializeOwned>(handle: &RunHandle) -> Option<Progress<S>> {
    let query = || {
        let nothing = RawValue::new(Vec::new());
        handle.query(UntypedQuery::new(QUERY), nothing, WorkflowQueryOptions::default())
    };
    read(&answered(ANSWER_WITHIN, query).await?).ok()
}

/// The answer to a question, which is asked again where none comes within a time.
async fn answered<T, E, F>(within: Duration, mut ask: impl FnMut() -> F) -> Option<T>
where
    F: Future<Output = Result<T, E>>,
{
    for _ in 0..ASKED {
        if let Ok(Ok(answer)) = tokio::time::timeout(within, ask()).await {
            return Some(answer);
        }
    }
    None
}

/// Reads what a workflow answers: one JSON value, or nothing at all.
fn read<T: DeserializeOwned>(answer: &RawValue) -> serde_json::Result<T> {
    let data = answer.payloads.first().map(|payload| payload.data.as_slice()).unwrap_or_default();
    serde_json::from_slice(if data.is_empty() { b"null" } else { data })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::pending;

    use super::*;

    /// Answers only questions from the `first` on; how often it was asked, and what it said.
    async fn asked_of(first: usize) -> (usize, Option<&'static str>) {
        let asked = Cell::new(0);
        let question = || {
            asked.set(asked.get() + 1);
            let is_lost = asked.get() < first;
            async move { if is_lost { pending().await } else { Ok::<_, Infallible>("here") } }
        };
        let answer = answered(Duration::from_millis(1), question).await;
        (asked.get(), answer)
    }

    #[tokio::test]
    async fn a_lost_question_is_asked_once_more_and_then_given_up() {
        assert_eq!(asked_of(1).await, (1, Some("here")));
        assert_eq!(asked_of(2).await, (2, Some("here")));
        assert_eq!(asked_of(3).await, (2, None));
    }
}
