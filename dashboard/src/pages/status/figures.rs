//! What the runs of the last days say together.

use std::sync::Arc;

use crate::data::EndedRun;

/// The figures of runs that have ended.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Figures {
    /// How many of them have a record.
    pub runs: u64,
    /// The share of stages that were found made already; none without stages.
    pub skipped: Option<f64>,
    /// How long a run takes, in seconds: the middle one; none without runs.
    pub median_seconds: Option<f64>,
    /// What their trainings cost together, in USD; none where no run tells a price.
    pub cost_usd: Option<f64>,
}

impl Figures {
    /// Of runs that have ended.
    pub fn of(runs: &[Arc<EndedRun>]) -> Self {
        let stages: Vec<_> = runs.iter().flat_map(|run| &run.stages).collect();
        let skipped = stages.iter().filter(|stage| stage.skipped).count();
        let costs: Vec<f64> = runs.iter().filter_map(|run| run.cost_usd).collect();
        Self {
            runs: runs.len() as u64,
            skipped: (!stages.is_empty()).then(|| skipped as f64 / stages.len() as f64),
            median_seconds: median(runs.iter().filter_map(|run| run.seconds()).collect()),
            cost_usd: (!costs.is_empty()).then(|| costs.iter().sum()),
        }
    }
}

/// The middle value, or the mean of the two in the middle.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    Some(if values.len() % 2 == 1 { upper } else { f64::midpoint(values[middle - 1], upper) })
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use protocol::progress::StageResult;

    use super::*;

    fn run(seconds: i64, skipped: [bool; 2], cost_usd: Option<f64>) -> Arc<EndedRun> {
        let stage = |skipped: bool| StageResult {
            name: "gold".to_owned(),
            seconds: 1.0,
            rows: 1,
            skipped,
            reason: None,
            outputs: std::collections::BTreeMap::new(),
        };
        let started = DateTime::UNIX_EPOCH;
        Arc::new(EndedRun {
            run_id: "r".into(),
            started: Some(started),
            ended: Some(started + TimeDelta::seconds(seconds)),
            stages: skipped.map(stage).into(),
            cost_usd,
            drift: None,
        })
    }

    #[test]
    fn the_figures_are_of_all_stages_and_of_the_middle_run_and_an_unknown_cost_is_none() {
        let runs =
            [run(10, [true, true], None), run(20, [false, true], Some(0.5)), run(90, [false, false], Some(0.25))];
        let figures = Figures::of(&runs);
        assert_eq!(figures, Figures { runs: 3, skipped: Some(0.5), median_seconds: Some(20.0), cost_usd: Some(0.75) });
        assert_eq!(Figures::of(&runs[..2]).median_seconds, Some(15.0));
        assert_eq!(Figures::of(&runs[..1]).cost_usd, None);
        assert_eq!(Figures::of(&[]), Figures::default());
    }
}
