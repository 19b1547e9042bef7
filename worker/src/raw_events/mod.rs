//! Events of new raw files: each starts a look at once, where the schedule would look minutes later. An event is removed when the
//! Temporal server has taken what it asks for, and not before.

mod looks;

use std::convert::Infallible;
use std::time::Duration;

use activities::events::{Events, Receipt};
use activities::metrics::{Metrics, of_events};
use churn::Kind;
use temporalio_client::Client;
use tokio::time::sleep;
use tracing::{info, warn};

/// A delivery may be uploaded for hours, file by file: what comes within this time is followed by one look.
const BETWEEN_LOOKS: Duration = Duration::from_secs(30);
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// After what no waiting mends, such as a right that is missing: the worker of an erasure has none on the queue.
const UNTIL_MENDED: Duration = Duration::from_mins(10);

/// Follows events until it is dropped. What fails is tried again: the worker's other work does not wait for it.
pub async fn follow(client: &Client, task_queue: &str, events: &Events, metrics: &Metrics) -> Infallible {
    info!("events of new raw files are listened to");
    loop {
        let receipts = take(events).await;
        if receipts.is_empty() {
            continue;
        }
        let looks = ask_for_looks(client, task_queue).await;
        info!(events = receipts.len(), looks, "events of new raw files are followed");
        metrics.show(&of_events(receipts.len()));
        remove(events, &receipts).await;
        sleep(BETWEEN_LOOKS).await;
    }
}

async fn take(events: &Events) -> Vec<Receipt> {
    let mut pause = SHORTEST_PAUSE;
    loop {
        match events.take().await {
            Ok(receipts) => return receipts,
            Err(error) => {
                warn!(%error, "events of new raw files cannot be taken");
                match error.kind() {
                    Kind::Retry => rest(&mut pause).await,
                    Kind::Permanent => sleep(UNTIL_MENDED).await,
                }
            }
        }
    }
}

/// Asks until the server takes it; meanwhile no other event is taken, so that none is tried too often and put aside.
async fn ask_for_looks(client: &Client, task_queue: &str) -> usize {
    let mut pause = SHORTEST_PAUSE;
    loop {
        match looks::ask(client, task_queue).await {
            Ok(looks) => return looks,
            Err(error) => {
                warn!(problem = %format!("{error:#}"), "events of new raw files wait: no look can be asked for");
            }
        }
        rest(&mut pause).await;
    }
}

/// One that stays comes again, and is followed by a look that finds nothing new.
async fn remove(events: &Events, receipts: &[Receipt]) {
    if let Err(error) = events.remove(receipts).await {
        warn!(%error, "events that were followed cannot be removed, and come again");
    }
}

/// Longer each time.
async fn rest(pause: &mut Duration) {
    sleep(*pause).await;
    *pause = (*pause * 2).min(LONGEST_PAUSE);
}
