//! A look at the raw files: which deliveries are new, and what the others wait for.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use churn::Kind;
use lake::documents::{RawWatch, SeenDelivery};
use protocol::pipeline::PipelineInput;
use protocol::raw_watcher::{Delivery, DeliveryState, RawWatched, Ready, WatchRaw, WatcherInput};

use super::judge::{ListedDelivery, Patience, Waits, judge};
use super::listing::list_deliveries;
use crate::error::{Error, Result};
use crate::heartbeat::{Heartbeat, compute};
use crate::metrics;
use crate::steps::Environment;
use crate::steps::run::{Data, RunTarget, workflow_id};

/// A look tells no more than this; the next one goes on.
const MOST_TOLD: usize = 50;

/// Lists what is there, and reads what is complete, at rest, and was not read before.
#[expect(clippy::disallowed_methods, reason = "how long something has been so is a question of now")]
pub async fn watch_raw(environment: &Environment, heartbeat: &Heartbeat, request: WatchRaw) -> Result<RawWatched> {
    let watched = look(environment, heartbeat, &request.input, Utc::now()).await?;
    environment.metrics.show(&metrics::of_deliveries(&watched));
    Ok(watched)
}

async fn look(
    environment: &Environment,
    heartbeat: &Heartbeat,
    input: &WatcherInput,
    now: DateTime<Utc>,
) -> Result<RawWatched> {
    let listed = list_deliveries(&environment.lake, &input.raw_prefix).await?;
    let (before, version) = RawWatch::find(&environment.lake, &input.raw_prefix).await?;
    let mut after = RawWatch { deliveries: BTreeMap::new(), ..before.clone() };
    let mut watched = RawWatched::default();
    for listed in listed {
        let (mut seen, waits) = judge(&listed, before.deliveries.get(&listed.prefix), now, patience(input));
        let since = match &waits {
            Waits::Incomplete { since, .. } => since.clone(),
            Waits::Settling | Waits::Settled => seen.unchanged_since.clone(),
        };
        let state = match waits {
            Waits::Incomplete { tell, .. } => Some(DeliveryState::Incomplete { missing: listed.missing.clone(), tell }),
            Waits::Settling => Some(DeliveryState::Settling),
            Waits::Settled => read(environment, heartbeat, input, &listed, &mut seen, &before).await?,
        };
        after.deliveries.insert(listed.prefix.clone(), seen);
        match state {
            None => watched.known += 1,
            Some(state) => watched.deliveries.push(Delivery { prefix: listed.prefix, since, state }),
        }
    }
    watched.deliveries = first_to_serve(watched.deliveries);
    if after != before {
        after.store(&environment.lake, version.as_ref()).await?;
    }
    Ok(watched)
}

/// So many as a history bears. One that is ready is never kept back by those that wait.
fn first_to_serve(mut deliveries: Vec<Delivery>) -> Vec<Delivery> {
    deliveries.sort_by_key(|delivery| !matches!(delivery.state, DeliveryState::Ready(_)));
    deliveries.truncate(MOST_TOLD);
    deliveries
}

fn patience(input: &WatcherInput) -> Patience {
    let seconds = |secs: u64| TimeDelta::seconds(i64::from(u32::try_from(secs).unwrap_or(u32::MAX)));
    Patience { settle: seconds(input.settle_secs), overdue: seconds(input.overdue_secs) }
}

/// The content of a delivery that is at rest; nothing where it has a run.
async fn read(
    environment: &Environment,
    heartbeat: &Heartbeat,
    input: &WatcherInput,
    listed: &ListedDelivery,
    seen: &mut SeenDelivery,
    before: &RawWatch,
) -> Result<Option<DeliveryState>> {
    let has_run = |seen: &SeenDelivery| seen.content.as_ref().is_some_and(|content| before.run_of(content).is_some());
    if has_run(seen) {
        return Ok(None);
    }
    let usual = PipelineInput::new(input.mode);
    let raw_prefix = Some(listed.prefix.clone()).filter(|prefix| prefix != usual.raw_prefix());
    let asked = PipelineInput { raw_prefix, ..usual };
    let data = match identify(environment, heartbeat, asked.clone()).await {
        Ok(data) => data,
        Err(error) if is_about_the_files(&error) => {
            let problem = format!("{}: {error}", error.type_name());
            return Ok(Some(DeliveryState::Unusable { problem, tell: !seen.told }));
        }
        Err(error) => return Err(error),
    };
    seen.content = Some(data.dataset.clone());
    if has_run(seen) {
        return Ok(None);
    }
    let place = RunTarget { lake: environment.lake.identity().await?, settings: environment.configuration.digest() };
    let workflow_id = workflow_id(&asked, &place, &data).into();
    let input = place.require(data.require(asked));
    Ok(Some(DeliveryState::Ready(Box::new(Ready { workflow_id, content: data.dataset, input }))))
}

/// A run of its own cannot begin with such files either: it has no date. Trouble with the lake is none of theirs.
fn is_about_the_files(error: &Error) -> bool {
    let cancelled = matches!(error, Error::Churn(churn::Error::Cancelled));
    matches!(error, Error::Churn(_)) && !cancelled && error.kind() == Kind::Permanent
}

/// Gigabytes are read: on a thread that may block.
async fn identify(environment: &Environment, heartbeat: &Heartbeat, input: PipelineInput) -> Result<Data> {
    let (lake, registry) = (environment.lake.clone(), environment.registry.clone());
    let scratch = environment.scratch()?;
    let runtime = tokio::runtime::Handle::current();
    compute(heartbeat, "the look at a delivery", move |watch| {
        runtime.block_on(Data::find(&lake, &registry, &input, scratch.path(), watch))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ready_delivery_is_not_kept_back_by_many_that_wait() {
        let waiting = |number: usize| Delivery {
            prefix: format!("raw/{number:03}"),
            since: String::new(),
            state: DeliveryState::Settling,
        };
        let mut deliveries: Vec<_> = (0..MOST_TOLD + 9).map(waiting).collect();
        let input = PipelineInput::new(protocol::pipeline::Mode::Score);
        let ready = Ready { workflow_id: String::from("w").into(), content: protocol::Digest::of(b"content"), input };
        deliveries.push(Delivery { state: DeliveryState::Ready(Box::new(ready)), ..waiting(999) });
        let served = first_to_serve(deliveries);
        assert_eq!(
            (served.len(), served[0].prefix.as_str(), served[1].prefix.as_str()),
            (MOST_TOLD, "raw/999", "raw/000")
        );
    }
}
