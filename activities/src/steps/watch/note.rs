//! What came of deliveries, for the next look.

use chrono::{DateTime, Utc};
use lake::Lake;
use lake::documents::RawWatch;
use protocol::raw_watcher::NoteDeliveries;

use super::judge::text;
use crate::error::Result;
use crate::steps::Environment;

/// Remembers the notes; tells whether any was new. Another look may have written meanwhile: then this is tried again.
#[expect(clippy::disallowed_methods, reason = "when a run was started is a fact, not a computation")]
pub async fn note_deliveries(environment: &Environment, request: NoteDeliveries) -> Result<bool> {
    note(&environment.lake, &request, Utc::now()).await
}

async fn note(lake: &Lake, request: &NoteDeliveries, now: DateTime<Utc>) -> Result<bool> {
    let (before, seen) = RawWatch::find(lake, &request.raw_prefix).await?;
    let (mut after, at) = (before.clone(), text(now));
    request.notes.iter().for_each(|note| after.note(note, &at));
    let is_news = after != before;
    if is_news {
        after.store(lake, seen.as_ref()).await?;
    }
    Ok(is_news)
}
