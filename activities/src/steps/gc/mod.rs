//! What nothing reaches any more, and its end: the command `gc` and the workflow `GarbageCollection` look and delete by this
//! alone. On any doubt nothing is deleted.

mod at_work;
mod deletion;
mod inventory;
mod reaching;
mod roots;
mod sweep;

pub use at_work::runs_at_work;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
pub use deletion::delete;
use inventory::Inventory;
pub use inventory::Unit;
use lake::Lake;
use lake::documents::RunRecord;
use protocol::garbage_collection::{FindGarbage, GarbageLook, Heap, SweepGarbage};
pub use reaching::Reaching;
pub use roots::Models;
use roots::Roots;
use temporalio_client::Client;

use crate::error::Result;
use crate::heartbeat::Heartbeat;
use crate::steps::Environment;

/// So many folders are deleted before the lake is looked at again.
const FOLDERS_A_STEP: usize = 1000;
/// So many doubts are told in words; all are counted.
const DOUBTS_IN_WORDS: usize = 5;

/// What a look at a lake found.
#[derive(Debug)]
pub struct Found {
    /// Nothing reaches these, and they are old.
    pub unreached: Vec<Unit>,
    /// How many folders are reached.
    pub reached: usize,
    /// How many nothing reaches, and are young or of unknown age.
    pub young: usize,
    /// Why nothing may be deleted.
    pub doubts: Vec<String>,
    /// What may not have moved when something of it is deleted.
    pub reaching: Reaching,
}

/// Looks for what was written before `limit` and is reached by nothing: no pointer, no model, no run of the time since, none
/// of the runs in `kept`.
pub async fn find(lake: &Lake, limit: DateTime<Utc>, kept: &[RunRecord], models: Models) -> Result<Found> {
    let reaching = Reaching::of(lake).await?;
    let inventory = Inventory::of(lake).await?;
    let roots = Roots::of(lake, limit, kept, models).await?;
    let swept = sweep::sweep(&inventory, &roots, limit);
    let (reached, young) = (swept.reached, swept.young);
    let doubts = [inventory.doubts.clone(), roots.doubts, swept.doubts].concat();
    Ok(Found { unreached: swept.unreached.into_iter().cloned().collect(), reached, young, doubts, reaching })
}

/// Says what nothing reaches.
#[expect(clippy::disallowed_methods, reason = "how old something is, is a question of now")]
pub async fn find_garbage(environment: &Environment, client: &Client, request: FindGarbage) -> Result<GarbageLook> {
    let limit = Utc::now() - TimeDelta::days(i64::from(request.older_than_days));
    Ok(look(environment, client, limit).await?.0)
}

/// Deletes some of what nothing reaches, and says what is left. It looks by itself: between the look of before and now a
/// run may have begun to reach something.
pub async fn sweep_garbage(
    environment: &Environment,
    client: &Client,
    heartbeat: &Heartbeat,
    request: SweepGarbage,
) -> Result<GarbageLook> {
    let limit = request.limit.parse::<DateTime<Utc>>();
    let unreadable = |error| churn::Error::settings("limit of a sweep", format!("{}: {error}", request.limit));
    let limit = limit.map_err(unreadable)?;
    let (look, unreached, reaching) = look(environment, client, limit).await?;
    if !look.may_delete() {
        return Ok(look);
    }
    let step = &unreached[..unreached.len().min(FOLDERS_A_STEP)];
    let told = |done, all| heartbeat.report(done, all);
    let deleted = delete(&environment.lake, client, &reaching, step, &told).await?;
    let (gone, left) = unreached.split_at(deleted);
    tracing::info!(folders = gone.len(), bytes = heap(gone).bytes, "stored outputs that nothing reaches were deleted");
    Ok(GarbageLook { unreached: heap(left), ..look })
}

async fn look(
    environment: &Environment,
    client: &Client,
    limit: DateTime<Utc>,
) -> Result<(GarbageLook, Vec<Unit>, Reaching)> {
    let found = find(&environment.lake, limit, &[], Models::All).await?;
    let Found { unreached, reached, young, mut doubts, reaching } = found;
    let runs = match runs_at_work(&environment.lake, client).await {
        Ok(runs) => runs.len(),
        Err(problem) => {
            doubts.push(format!("whether a run is at work is not known: {problem}"));
            0
        }
    };
    let doubts_in_all = doubts.len() as u64;
    doubts.truncate(DOUBTS_IN_WORDS);
    let look = GarbageLook {
        limit: limit.to_rfc3339_opts(SecondsFormat::Millis, true),
        unreached: heap(&unreached),
        kept_reached: reached as u64,
        kept_young: young as u64,
        runs_at_work: runs as u64,
        doubts,
        doubts_in_all,
    };
    Ok((look, unreached, reaching))
}

fn heap(units: &[Unit]) -> Heap {
    Heap {
        folders: units.len() as u64,
        objects: units.iter().map(|unit| unit.objects.len() as u64).sum(),
        bytes: units.iter().map(Unit::bytes).sum(),
    }
}
