//! The last date that is in some readings: whoever starts a run names it by that date, and need not load or convert gigabytes
//! for it where a worker has looked at the same content before.

use churn::{SnapshotDate, versions};
use protocol::{Digest, TableRef};
use serde::{Deserialize, Serialize};

use super::sealed;
use crate::{Lake, LakeError, keys};

/// `monitoring/last-date/<digest>.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastDate {
    /// The date.
    pub last_date: SnapshotDate,
}

impl LastDate {
    /// The last date of readings of this content on the clock of a time zone (its name), if it is noted. A note that cannot
    /// be read does not count, which is told.
    pub async fn find(lake: &Lake, readings: &[TableRef], time_zone: &str) -> Result<Option<Self>, LakeError> {
        let note = key(readings, time_zone);
        let Some((bytes, _)) = lake.get(&note).await? else { return Ok(None) };
        match sealed::open(&bytes) {
            Ok(found) => Ok(Some(found)),
            Err(problem) => {
                tracing::warn!(note, problem, "the note of a last date does not count; the date is found again");
                Ok(None)
            }
        }
    }

    /// Notes it, unless it is noted.
    pub async fn note(self, lake: &Lake, readings: &[TableRef], time_zone: &str) -> Result<(), LakeError> {
        if Self::find(lake, readings, time_zone).await? == Some(self) {
            return Ok(());
        }
        lake.put(&key(readings, time_zone), sealed::seal(&self)).await
    }
}

/// By the content, by the clock that its instants are put on, and by the code that reads dates.
fn key(readings: &[TableRef], time_zone: &str) -> String {
    let content: Vec<&Digest> = readings.iter().map(|file| &file.digest).collect();
    keys::last_date(&Digest::of_json(&(content, time_zone, versions::READINGS_FROM_CSV, versions::HOURLY_SUMS)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FolderLake;

    const MADRID: &str = "Europe/Madrid";

    #[tokio::test]
    async fn the_date_is_of_this_content_and_clock_alone_and_a_damaged_note_is_replaced() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let readings = |content: &str| {
            [TableRef { key: "raw/consumption_hourly.csv".to_owned(), digest: Digest::of(content.as_bytes()), rows: 0 }]
        };
        let date = LastDate { last_date: SnapshotDate::parse("2024-12-31").unwrap() };
        date.note(&lake, &readings("a"), MADRID).await.unwrap();
        assert_eq!(LastDate::find(&lake, &readings("a"), MADRID).await.unwrap(), Some(date));
        assert_eq!(LastDate::find(&lake, &readings("b"), MADRID).await.unwrap(), None);
        assert_eq!(LastDate::find(&lake, &readings("a"), "Atlantic/Canary").await.unwrap(), None);
        let note = key(&readings("a"), MADRID);
        let damaged = String::from_utf8(lake.read(&note).await.unwrap()).unwrap().replace("2024-12-31", "2024-12-30");
        lake.put(&note, damaged.into_bytes()).await.unwrap();
        assert_eq!(LastDate::find(&lake, &readings("a"), MADRID).await.unwrap(), None);
        date.note(&lake, &readings("a"), MADRID).await.unwrap();
        assert_eq!(LastDate::find(&lake, &readings("a"), MADRID).await.unwrap(), Some(date));
    }
}
