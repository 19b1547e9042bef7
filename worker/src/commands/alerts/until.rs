//! Until when an acknowledgement counts.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

/// The last moment of a date in UTC, or a time in UTC.
pub fn parse(text: &str) -> Result<DateTime<Utc>, String> {
    let wanted = "give a date (2026-12-31, its end in UTC) or a time in UTC (2026-12-31T08:00:00Z)";
    if text.len() == 10 {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| wanted.to_owned())?;
        let end = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
        return Ok(date.and_time(end).and_utc());
    }
    let time = DateTime::parse_from_rfc3339(text).ok().filter(|_| text.ends_with('Z'));
    time.map(|time| time.to_utc()).ok_or_else(|| wanted.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_counts_to_its_end() {
        assert_eq!(parse("2026-12-31").unwrap().to_rfc3339(), "2026-12-31T23:59:59+00:00");
        assert_eq!(parse("2026-12-31T08:00:00Z").unwrap().to_rfc3339(), "2026-12-31T08:00:00+00:00");
        for wrong in ["tomorrow", "2026-13-01", "31.12.2026", "2026-12-31T08:00:00+01:00", ""] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
