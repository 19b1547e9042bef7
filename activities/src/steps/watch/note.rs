//! What came of deliveries, for the next look.

use lake::documents::RawWatch;
use protocol::raw_watcher::NoteDeliveries;

use crate::error::Result;
use crate::steps::Environment;

/// Remembers the notes; tells whether any was new. Another look may have written meanwhile: then this is tried again.
pub async fn note_deliveries(environment: &Environment, request: NoteDeliveries) -> Result<bool> {
    let (before, seen) = RawWatch::find(&environment.lake, &request.raw_prefix).await?;
    let mut after = before.clone();
    request.notes.iter().for_each(|note| after.note(note));
    let is_news = after != before;
    if is_news {
        after.store(&environment.lake, seen.as_ref()).await?;
    }
    Ok(is_news)
}
