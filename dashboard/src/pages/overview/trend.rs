//! The published runs one after the other, and the one before that of the page.

use chrono::{DateTime, Utc};
use churn::model::RiskTier;

use crate::data::PublishedRun;

/// A published run and the loss of its scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The run.
    pub run: PublishedRun,
    /// The expected loss of its customers, EUR a month.
    pub loss: Option<f64>,
}

/// The published runs, the oldest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trend {
    /// Up to that of the page.
    pub points: Vec<Point>,
    /// How many of them are the page's own: 1, or 0 where it is not among them: in the seconds before its record is
    /// written, where it was not published, and where it is older than the list.
    own: usize,
    /// Whether a record cannot be read of a run between that of the page and the one that would be before it.
    is_gap: bool,
}

impl Trend {
    /// Of runs with the newest first, up to the run of the page. One that is not among them has those that started
    /// before it; where its start is not known, none.
    pub fn of(runs: Vec<PublishedRun>, losses: Vec<Option<f64>>, run_id: &str, started: Option<DateTime<Utc>>) -> Self {
        let all: Vec<_> = runs.into_iter().zip(losses).map(|(run, loss)| Point { run, loss }).collect();
        let place = all.iter().position(|point| point.run.run_id == *run_id);
        let mut points: Vec<_> = match place {
            Some(place) => all.into_iter().skip(place).collect(),
            None => all.into_iter().filter(|point| point.is_before(started)).collect(),
        };
        points.reverse();
        Self { points, own: usize::from(place.is_some()), is_gap: false }
    }

    /// Nothing is compared where one of these runs, whose records cannot be read, lies between: it may be the one before.
    pub fn without(self, unread: &[DateTime<Utc>], started: Option<DateTime<Utc>>) -> Self {
        let of_before = self.before().and_then(|point| point.run.started);
        let is_between = |at: &DateTime<Utc>| {
            started.is_none_or(|started| *at < started) && of_before.is_none_or(|before| *at > before)
        };
        Self { is_gap: unread.iter().any(is_between), ..self }
    }

    /// The published run before that of the page; none where it may be one that cannot be read.
    pub fn before(&self) -> Option<&Point> {
        self.points.iter().rev().nth(self.own).filter(|_| !self.is_gap)
    }
}

impl Point {
    /// Whether its run started before this; not where one of the two is unknown.
    fn is_before(&self, started: Option<DateTime<Utc>>) -> bool {
        self.run.started.zip(started).is_some_and(|(own, other)| own < other)
    }

    /// How many customers were in a tier.
    pub fn tier(&self, tier: RiskTier) -> Option<u64> {
        self.run.tiers.get(tier.as_str()).copied()
    }

    /// The share of customers with a high or critical risk.
    pub fn at_risk(&self) -> Option<f64> {
        let customers = self.run.customers()?;
        let at_risk = self.tier(RiskTier::High)? + self.tier(RiskTier::Critical)?;
        (customers > 0).then(|| at_risk as f64 / customers as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hour of a day.
    fn hour(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(hour)
    }

    /// Three published runs, of 2, 4 and 6 o'clock.
    fn trend(run_id: &str, started: Option<DateTime<Utc>>) -> Trend {
        let runs = [("six", 6), ("four", 4), ("two", 2)].map(|(name, at)| PublishedRun::started_at(name, hour(at)));
        Trend::of(runs.into(), vec![None; 3], run_id, started)
    }

    fn names(trend: &Trend) -> Vec<&str> {
        trend.points.iter().map(|point| &*point.run.run_id).collect()
    }

    fn before(trend: &Trend) -> Option<&str> {
        trend.before().map(|point| &*point.run.run_id)
    }

    #[test]
    fn a_trend_ends_with_the_run_of_the_page_and_compares_with_the_one_before() {
        let four = trend("four", Some(hour(4)));
        assert_eq!((names(&four), before(&four)), (vec!["two", "four"], Some("two")));
        let two = trend("two", Some(hour(2)));
        assert_eq!((names(&two), before(&two)), (vec!["two"], None));
    }

    #[test]
    fn nothing_is_compared_over_a_run_that_cannot_be_read() {
        for (unread, expected) in [(5, None), (3, Some("four")), (7, Some("four"))] {
            let six = trend("six", Some(hour(6))).without(&[hour(unread)], Some(hour(6)));
            assert_eq!((before(&six), names(&six).len()), (expected, 3), "{unread}");
        }
    }

    #[test]
    fn a_run_that_is_not_among_them_has_no_future() {
        let unpublished = trend("five", Some(hour(5)));
        assert_eq!((names(&unpublished), before(&unpublished)), (vec!["two", "four"], Some("four")));
        let just_published = trend("seven", Some(hour(7)));
        assert_eq!((names(&just_published).len(), before(&just_published)), (3, Some("six")));
        for started in [Some(hour(1)), None] {
            let unknown = trend("old", started);
            assert_eq!((names(&unknown), before(&unknown)), (Vec::new(), None), "{started:?}");
        }
    }
}
