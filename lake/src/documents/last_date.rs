//! The last date that is in some readings: whoever starts a run names it by that date, and need not load or convert gigabytes
//! for it where a worker has looked at the same content before.

use churn::{SnapshotDate, versions};
use protocol::{Digest, TableRef};
use serde::{Deserialize, Serialize};

use super::sealed;
use crate::{Lake, LakeError, keys};

/// `monitoring/last-date/<content>.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastDate {
    /// The date.
    pub last_date: SnapshotDate,
}

impl LastDate {
    /// The last date of readings of this content, if it is noted. A note that cannot be read does not count, which is told.
    pub async fn find(lake: &Lake, readings: &[TableRef]) -> Result<Option<Self>, LakeError> {
        let note = key(readings);
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
    pub async fn note(self, lake: &Lake, readings: &[TableRef]) -> Result<(), LakeError> {
        if Self::find(lake, readings).await? == Some(self) {
            return Ok(());
        }
        lake.put(&key(readings), sealed::seal(&self)).await
    }
}

/// By the content, and by the code that reads dates.
fn key(readings: &[TableRef]) -> String {
    let content: Vec<&Digest> = readings.iter().map(|file| &file.digest).collect();
    keys::last_date(&Digest::of_json(&(content, versions::READINGS_FROM_CSV, versions::HOURLY_SUMS)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FolderLake;

    #[tokio::test]
    async fn the_date_is_of_this_content_alone_and_a_damaged_note_is_replaced() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let readings = |content: &str| {
            [TableRef { key: "raw/consumption_hourly.csv".to_owned(), digest: Digest::of(content.as_bytes()), rows: 0 }]
        };
        let date = LastDate { last_date: SnapshotDate::parse("2024-12-31").unwrap() };
        date.note(&lake, &readings("a")).await.unwrap();
        assert_eq!(LastDate::find(&lake, &readings("a")).await.unwrap(), Some(date));
        assert_eq!(LastDate::find(&lake, &readings("b")).await.unwrap(), None);
        let note = key(&readings("a"));
        let damaged = String::from_utf8(lake.read(&note).await.unwrap()).unwrap().replace("2024-12-31", "2024-12-30");
        lake.put(&note, damaged.into_bytes()).await.unwrap();
        assert_eq!(LastDate::find(&lake, &readings("a")).await.unwrap(), None);
        date.note(&lake, &readings("a")).await.unwrap();
        assert_eq!(LastDate::find(&lake, &readings("a")).await.unwrap(), Some(date));
    }
}
