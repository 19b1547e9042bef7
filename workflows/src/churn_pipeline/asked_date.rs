//! The date that a run asks for. Of a run that a schedule started it may be that of the scheduled time, which is in the
//! run's first event: a replay sees the same, and a backfill the time that it makes up for.

use chrono::DateTime;
use protocol::pipeline::AsOf;
use protocol::steps::AskedDate;
use temporalio_common::search_attributes::{SearchAttributeKey, SearchAttributes, Timestamp};

/// The time that a schedule started a run for; the server sets it.
const SCHEDULED_FOR: SearchAttributeKey<Timestamp> = SearchAttributeKey::datetime("TemporalScheduledStartTime");

/// What a run with these attributes asks for; the message says why that cannot be known.
pub fn of(attributes: &SearchAttributes, as_of: Option<AsOf>) -> Result<AskedDate, String> {
    let Some(AsOf::Scheduled) = as_of else {
        return Ok(AskedDate { as_of: as_of.and_then(AsOf::date), no_later_than: None });
    };
    let time = attributes.get(&SCHEDULED_FOR).and_then(|time| DateTime::from_timestamp(time.seconds(), 0));
    let time = time.ok_or(
        "the workflow's input is unusable: as_of is `scheduled`, and no schedule started this run; give a date \
         (YYYY-MM-DD), or leave as_of out for the last date in the readings",
    )?;
    Ok(AskedDate { as_of: None, no_later_than: Some(AsOf::last_whole_day(time)) })
}

#[cfg(test)]
mod tests {
    use churn::SnapshotDate;

    use super::*;

    #[test]
    fn the_scheduled_time_gives_the_date_and_without_one_it_is_said() {
        // 2024-10-15, 02:00 in Madrid.
        let attributes = SearchAttributes::new([SCHEDULED_FOR.value_set(Timestamp::new(1_728_950_400, 0))]);
        let day = |text| Some(SnapshotDate::parse(text).unwrap());
        let scheduled = of(&attributes, Some(AsOf::Scheduled)).unwrap();
        assert_eq!(scheduled, AskedDate { as_of: None, no_later_than: day("2024-10-14") });
        let named = of(&attributes, day("2024-12-31").map(AsOf::Date)).unwrap();
        assert_eq!(named, AskedDate { as_of: day("2024-12-31"), no_later_than: None });
        assert_eq!(of(&attributes, None).unwrap(), AskedDate::default());
        let refused = of(&SearchAttributes::default(), Some(AsOf::Scheduled)).unwrap_err();
        assert!(refused.contains("no schedule started this run"), "{refused}");
    }
}
