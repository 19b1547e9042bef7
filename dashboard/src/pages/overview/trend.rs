//! The published runs one after the other, and the one before that of the page.

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
    /// How many of them are the page's own: 1, or 0 in the seconds before its record is written.
    own: usize,
}

impl Trend {
    /// Of runs with the newest first, up to the run of the page.
    pub fn of(runs: Vec<PublishedRun>, losses: Vec<Option<f64>>, run_id: &str) -> Self {
        let all: Vec<_> = runs.into_iter().zip(losses).map(|(run, loss)| Point { run, loss }).collect();
        let place = all.iter().position(|point| point.run.run_id == *run_id);
        let mut points: Vec<_> = all.into_iter().skip(place.unwrap_or_default()).collect();
        points.reverse();
        Self { points, own: usize::from(place.is_some()) }
    }

    /// The published run before that of the page.
    pub fn before(&self) -> Option<&Point> {
        self.points.iter().rev().nth(self.own)
    }
}

impl Point {
    /// How many customers were in a tier.
    pub fn tier(&self, tier: RiskTier) -> Option<u64> {
        self.run.tiers.get(tier.as_str()).copied()
    }

    /// The share of customers with a high or critical risk.
    pub fn at_risk(&self) -> Option<f64> {
        let customers = self.run.customers();
        let at_risk = self.tier(RiskTier::High)? + self.tier(RiskTier::Critical)?;
        (customers > 0).then(|| at_risk as f64 / customers as f64)
    }
}
