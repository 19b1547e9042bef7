//! How the promise stands: a pure decision on what is published, what was so before, and the clock.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use churn::SnapshotDate;
use protocol::freshness::{FreshnessReport, FreshnessState, Promise, ScoresInForce};
use protocol::{ModelVersion, WorkflowId};

use super::text;

/// What the business reads.
#[derive(Debug, Clone)]
pub struct Published {
    /// When the run began that made it, or found it to be so still.
    pub confirmed_at: DateTime<Utc>,
    /// The date it is for.
    pub as_of: SnapshotDate,
    /// The model that scored.
    pub model_version: ModelVersion,
    /// The workflow of the run that made it.
    pub workflow_id: WorkflowId,
}

/// How the promise stands now. What was stale stays so until scores come, over midnight too.
pub fn judge(
    now: DateTime<Utc>,
    promise: Promise,
    published: Option<Published>,
    before: Option<&FreshnessReport>,
) -> FreshnessReport {
    let today = now.with_timezone(&promise.zone).date_naive();
    let begun = moment(today, NaiveTime::MIN, promise.zone);
    let deadline = moment(today, promise.by, promise.zone);
    let is_there = published.as_ref().is_some_and(|published| is_of(today, begun, promise, published));
    let was = before.map(|before| before.state);
    let state = match was {
        Some(FreshnessState::Stale) if is_there => FreshnessState::Recovered,
        Some(FreshnessState::Recovered) if is_there && since(before) >= Some(begun) => FreshnessState::Recovered,
        _ if is_there => FreshnessState::Fresh,
        Some(FreshnessState::Stale) => FreshnessState::Stale,
        _ if now < deadline => FreshnessState::Due,
        _ => FreshnessState::Stale,
    };
    let unchanged = before.filter(|before| before.state == state);
    let told = match state {
        FreshnessState::Fresh | FreshnessState::Due => None,
        FreshnessState::Stale => unchanged.and_then(|before| before.told),
        FreshnessState::Recovered => before.and_then(|before| before.told),
    };
    FreshnessReport {
        state,
        since: unchanged.map_or_else(|| text(now), |before| before.since.clone()),
        looked_at: text(now),
        deadline: text(deadline),
        scores: published.map(|published| in_force(now, published)),
        told_at: told.and(before.and_then(|before| before.told_at.clone())),
        told,
    }
}

/// Whether scores count for a day: confirmed since it began, and for a date that is not too long ago.
fn is_of(today: NaiveDate, begun: DateTime<Utc>, promise: Promise, published: &Published) -> bool {
    let limit = promise.max_data_age_days.and_then(|days| today.checked_sub_days(Days::new(days.into())));
    published.confirmed_at >= begun && limit.is_none_or(|limit| published.as_of.date() >= limit)
}

fn since(report: Option<&FreshnessReport>) -> Option<DateTime<Utc>> {
    report?.since.parse().ok()
}

/// A time of a day; where the clock jumps over it, the first time after.
fn moment(day: NaiveDate, time: NaiveTime, zone: Tz) -> DateTime<Utc> {
    let local = day.and_time(time);
    let found = [0, 30, 60, 90, 120]
        .into_iter()
        .find_map(|minutes| zone.from_local_datetime(&(local + TimeDelta::minutes(minutes))).earliest());
    found.map_or_else(|| local.and_utc(), |time| time.to_utc())
}

fn in_force(now: DateTime<Utc>, published: Published) -> ScoresInForce {
    let Published { confirmed_at, as_of, model_version, workflow_id } = published;
    let age_hours = ((now - confirmed_at).as_seconds_f64() / 36.0).round() / 100.0;
    ScoresInForce { confirmed_at: text(confirmed_at), age_hours, as_of, model_version, workflow_id }
}

#[cfg(test)]
mod tests {
    use FreshnessState::{Due, Fresh, Recovered, Stale};

    use super::*;

    const PROMISE: Promise =
        Promise { by: NaiveTime::from_hms_opt(7, 0, 0).unwrap(), zone: Tz::Europe__Madrid, max_data_age_days: None };

    /// A time in Madrid in January 2025.
    fn at(day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
        Tz::Europe__Madrid.with_ymd_and_hms(2025, 1, day, hour, minute, 0).unwrap().to_utc()
    }

    fn scores(confirmed_at: DateTime<Utc>) -> Published {
        let as_of = SnapshotDate::parse("2024-12-31").unwrap();
        Published { confirmed_at, as_of, model_version: "v".into(), workflow_id: "w".into() }
    }

    /// The states of a promise as it is looked at again and again.
    fn states(looks: &[(DateTime<Utc>, Option<Published>)]) -> Vec<FreshnessState> {
        let mut before: Option<FreshnessReport> = None;
        let mut states = Vec::new();
        for (now, published) in looks {
            let report = judge(*now, PROMISE, published.clone(), before.as_ref());
            states.push(report.state);
            before = Some(FreshnessReport { told: Some(report.state), ..report });
        }
        states
    }

    #[test]
    fn a_good_night_is_due_and_then_fresh() {
        let yesterday = Some(scores(at(1, 2, 0)));
        let night = [
            (at(1, 23, 59), yesterday.clone()),
            (at(2, 0, 0), yesterday.clone()),
            (at(2, 6, 59), yesterday),
            (at(2, 6, 59), Some(scores(at(2, 6, 0)))),
            (at(2, 23, 59), Some(scores(at(2, 6, 0)))),
        ];
        assert_eq!(states(&night), [Fresh, Due, Due, Fresh, Fresh]);
    }

    #[test]
    fn a_bad_morning_is_stale_until_scores_come_and_recovered_until_the_day_ends() {
        let (none, old, late) = (None, Some(scores(at(1, 6, 0))), Some(scores(at(3, 9, 30))));
        let days = [
            (at(1, 7, 0), none),
            (at(1, 8, 0), Some(scores(at(1, 7, 30)))),
            (at(2, 6, 45), old.clone()),
            (at(2, 7, 0), old.clone()),
            // Yesterday's promise is not kept by a new day.
            (at(3, 0, 15), old),
            (at(3, 9, 45), late.clone()),
            (at(3, 23, 45), late.clone()),
            (at(4, 0, 0), late),
            (at(4, 6, 30), Some(scores(at(4, 6, 0)))),
        ];
        let wanted = [Stale, Recovered, Due, Stale, Stale, Recovered, Recovered, Due, Fresh];
        assert_eq!(states(&days), wanted);
    }

    #[test]
    fn people_hear_of_each_state_once() {
        let stale = judge(at(2, 7, 0), PROMISE, None, None);
        assert_eq!((stale.state, stale.told), (Stale, None));
        let told = FreshnessReport { told: Some(Stale), ..stale.clone() };
        let still = judge(at(2, 8, 0), PROMISE, None, Some(&told));
        assert_eq!((still.told, &still.since), (Some(Stale), &stale.since));
        let recovered = judge(at(2, 9, 0), PROMISE, Some(scores(at(2, 8, 30))), Some(&still));
        assert_eq!((recovered.state, recovered.told), (Recovered, Some(Stale)), "of the recovery nobody has heard");
        assert_eq!(judge(at(3, 0, 0), PROMISE, None, Some(&recovered)).told, None);
    }

    #[test]
    fn old_data_does_not_keep_the_promise_where_that_is_asked() {
        let promise = Promise { max_data_age_days: Some(2), ..PROMISE };
        let state = |day| judge(at(day, 8, 0), promise, Some(scores(at(day, 6, 0))), None).state;
        assert_eq!((state(2), state(3)), (Fresh, Stale));
    }

    #[test]
    fn the_deadline_is_a_time_of_the_place_in_summer_and_winter() {
        let deadline = |now: &str| judge(now.parse().unwrap(), PROMISE, None, None).deadline;
        assert_eq!(deadline("2025-01-02T03:00:00Z"), "2025-01-02T06:00:00.000Z");
        assert_eq!(deadline("2025-07-02T03:00:00Z"), "2025-07-02T05:00:00.000Z");
        // 02:30 does not exist on this day.
        let gap = Promise { by: NaiveTime::from_hms_opt(2, 30, 0).unwrap(), ..PROMISE };
        let report = judge("2025-03-30T03:00:00Z".parse().unwrap(), gap, None, None);
        assert_eq!(report.deadline, "2025-03-30T01:00:00.000Z");
    }
}
