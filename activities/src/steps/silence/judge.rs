//! Who has been silent for too long: pure decisions on what watchers leave, and the clock.

use chrono::{DateTime, TimeDelta, Utc};
use lake::documents::RawWatch;
use protocol::freshness::FreshnessReport;
use protocol::silence::Silence;

/// What a raw watcher has not done: look at all, or start the run of a delivery that is ready.
pub fn of_watch(watch: &RawWatch, patience: TimeDelta, now: DateTime<Utc>) -> Vec<Silence> {
    let raw_prefix = watch.raw_prefix.clone();
    let last_look = watch.looked_at.iter().filter(|since| is_over(since, patience, now));
    let no_look = last_look.map(|since| Silence::RawWatcher { raw_prefix: raw_prefix.clone(), since: since.clone() });
    let without_run = watch.deliveries.iter().filter_map(|(prefix, seen)| {
        let since = seen.ready_since.clone().filter(|since| is_over(since, patience, now))?;
        Some(Silence::DeliveryWithoutRun { prefix: prefix.clone(), since })
    });
    no_look.chain(without_run).collect()
}

/// That nobody looks whether the scores are fresh.
pub fn of_freshness(report: &FreshnessReport, patience: TimeDelta, now: DateTime<Utc>) -> Option<Silence> {
    is_over(&report.looked_at, patience, now).then(|| Silence::Freshness { since: report.looked_at.clone() })
}

fn is_over(since: &str, patience: TimeDelta, now: DateTime<Utc>) -> bool {
    since.parse::<DateTime<Utc>>().is_ok_and(|since| now - since > patience)
}

#[cfg(test)]
mod tests {
    use lake::documents::SeenDelivery;
    use protocol::Digest;
    use protocol::freshness::FreshnessState;

    use super::*;

    const HOUR: TimeDelta = TimeDelta::hours(1);

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    #[test]
    fn a_delivery_whose_run_cannot_be_started_is_told_though_the_watcher_looks() {
        let mut watch = RawWatch { raw_prefix: "raw".to_owned(), ..RawWatch::default() };
        assert_eq!(of_watch(&watch, HOUR, at(999)), [], "a document of before says not when it was looked at");
        let ready = SeenDelivery {
            listing: Digest::of(b"listing"),
            unchanged_since: at(0).to_rfc3339(),
            incomplete_since: None,
            content: Some(Digest::of(b"files")),
            told: false,
            told_at: None,
            refused: None,
            unreadable_since: None,
            ready_since: Some(at(0).to_rfc3339()),
        };
        watch.deliveries.insert("raw/new".to_owned(), ready);
        watch.looked_at = Some(at(60).to_rfc3339());
        assert_eq!(of_watch(&watch, HOUR, at(60)), []);
        let since = at(0).to_rfc3339();
        assert_eq!(
            of_watch(&watch, HOUR, at(65)),
            [Silence::DeliveryWithoutRun { prefix: "raw/new".to_owned(), since }]
        );
    }

    #[test]
    fn freshness_is_silent_after_an_hour_without_a_look() {
        let report = FreshnessReport {
            state: FreshnessState::Fresh,
            since: String::new(),
            looked_at: at(0).to_rfc3339(),
            deadline: String::new(),
            scores: None,
            told: None,
            told_at: None,
        };
        assert_eq!(of_freshness(&report, HOUR, at(60)), None);
        assert_eq!(of_freshness(&report, HOUR, at(61)), Some(Silence::Freshness { since: at(0).to_rfc3339() }));
    }
}
