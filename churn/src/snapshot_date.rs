//! The date a run looks at the world from. It is an input of the run, never "now".

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The as-of date, `YYYY-MM-DD` in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SnapshotDate(NaiveDate);

impl SnapshotDate {
    /// Wraps a calendar date.
    pub fn new(date: NaiveDate) -> Self {
        Self(date)
    }

    /// Parses `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Result<Self> {
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .map(Self)
            .map_err(|_| Error::settings("as_of", format!("`{text}` is not a date; write it as YYYY-MM-DD")))
    }

    /// The calendar date.
    pub fn date(self) -> NaiveDate {
        self.0
    }
}

impl TryFrom<String> for SnapshotDate {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl From<SnapshotDate> for String {
    fn from(date: SnapshotDate) -> Self {
        date.to_string()
    }
}

impl std::fmt::Display for SnapshotDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_reads_as_it_is_written_and_a_bad_one_says_how_to_write_it() {
        let date: SnapshotDate = serde_json::from_str("\"2024-02-29\"").unwrap();
        assert_eq!(serde_json::to_string(&date).unwrap(), "\"2024-02-29\"");
        for bad in ["\"31.12.2024\"", "\"2023-02-29\""] {
            let message = serde_json::from_str::<SnapshotDate>(bad).unwrap_err().to_string();
            assert!(message.contains("as_of") && message.contains("YYYY-MM-DD"), "{message}");
        }
    }
}
