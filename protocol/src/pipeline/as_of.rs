//! The date that a run is asked to look from: said, or the scheduled time's.

use chrono::{DateTime, Days, Utc};
use chrono_tz::Tz;
use churn::SnapshotDate;
use serde::{Deserialize, Serialize};

/// Where the business is: its days begin and end there.
pub const BUSINESS_ZONE: Tz = Tz::Europe__Madrid;

/// The word for the scheduled time's date.
const SCHEDULED: &str = "scheduled";

/// The date that a run is asked to look from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum AsOf {
    /// This date.
    Date(SnapshotDate),
    /// The last day that had ended in Madrid at the time a schedule started the run for; the last date in the readings
    /// where that is earlier. So a backfill sees what the run of that night would have seen, and tonight's run sees all.
    Scheduled,
}

impl AsOf {
    /// The date, where one was said.
    pub fn date(self) -> Option<SnapshotDate> {
        match self {
            Self::Date(date) => Some(date),
            Self::Scheduled => None,
        }
    }

    /// The last day that had ended in Madrid at a time.
    pub fn last_whole_day(at: DateTime<Utc>) -> SnapshotDate {
        let today = at.with_timezone(&BUSINESS_ZONE).date_naive();
        SnapshotDate::new(today.checked_sub_days(Days::new(1)).unwrap_or(today))
    }
}

impl From<SnapshotDate> for AsOf {
    fn from(date: SnapshotDate) -> Self {
        Self::Date(date)
    }
}

impl TryFrom<String> for AsOf {
    type Error = churn::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == SCHEDULED { Ok(Self::Scheduled) } else { SnapshotDate::parse(&text).map(Self::Date) }
    }
}

impl From<AsOf> for String {
    fn from(as_of: AsOf) -> Self {
        match as_of {
            AsOf::Date(date) => date.to_string(),
            AsOf::Scheduled => SCHEDULED.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(at: &str) -> String {
        AsOf::last_whole_day(at.parse().unwrap()).to_string()
    }

    #[test]
    fn a_night_sees_the_day_that_has_ended_in_madrid_in_summer_and_in_winter() {
        // 02:00 in Madrid.
        assert_eq!(day("2024-12-31T01:00:00Z"), "2024-12-30");
        assert_eq!(day("2024-07-15T00:00:00Z"), "2024-07-14");
        // Midnight in Madrid is not midnight in UTC.
        assert_eq!(day("2024-12-31T22:59:59Z"), "2024-12-30");
        assert_eq!(day("2024-12-31T23:00:00Z"), "2024-12-31");
        assert_eq!(day("2024-06-30T21:59:59Z"), "2024-06-29");
        assert_eq!(day("2024-06-30T22:00:00Z"), "2024-06-30");
    }

    #[test]
    fn it_reads_as_it_is_written() {
        for text in ["\"2024-02-29\"", "\"scheduled\""] {
            let as_of: AsOf = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&as_of).unwrap(), text);
        }
        let message = serde_json::from_str::<AsOf>("\"yesterday\"").unwrap_err().to_string();
        assert!(message.contains("YYYY-MM-DD"), "{message}");
    }
}
