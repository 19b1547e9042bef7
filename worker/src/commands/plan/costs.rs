//! How long a stage takes, from the records of the last runs.

use std::collections::BTreeMap;

use activities::steps::plan::{Action, PlannedStage};
use lake::documents::RunRecord;
use protocol::pipeline::{RunResult, StageName};
use protocol::progress::StageResult;

/// So many of the last times count.
const TIMES: usize = 5;

/// The seconds of the last times that a stage ran, or was found unchanged; the last time first.
#[derive(Debug, Default)]
pub struct StageSeconds(BTreeMap<(StageName, bool), Vec<f64>>);

impl StageSeconds {
    /// What the records say, the newest first.
    pub fn of(records: &[RunRecord]) -> Self {
        let mut seconds = Self::default();
        for record in records {
            let stages = match record.pipeline_result() {
                Ok(RunResult::Completed(result)) => result.stages,
                Ok(RunResult::EndedEarly(end)) => end.stages,
                // A run of another workflow, or a newer version's.
                Err(_) => continue,
            };
            seconds.add(&stages);
        }
        seconds
    }

    fn add(&mut self, stages: &[StageResult<StageName>]) {
        for stage in stages.iter().filter(|stage| !has_failed(stage)) {
            let times = self.0.entry((stage.name, stage.skipped)).or_default();
            if times.len() < TIMES {
                times.push(stage.seconds);
            }
        }
    }

    /// What is to be expected of a stage: the middle one of the last times. None where it never happened.
    pub fn expected(&self, stage: &PlannedStage) -> Option<f64> {
        let skipped = stage.action == Action::Skip;
        let mut times = self.0.get(&(stage.name, skipped))?.clone();
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).copied()
    }
}

/// Of one that was damaged and made again there are outputs beside the reason.
fn has_failed(stage: &StageResult<StageName>) -> bool {
    !stage.skipped && stage.reason.is_some() && stage.outputs.is_empty()
}

/// The seconds of all stages; drift is looked for beside the scores and what is made of them. None where no stage has ever
/// run.
pub fn in_all<'a>(stages: impl Iterator<Item = (StageName, Option<f64>)> + 'a) -> Option<f64> {
    let by_name: BTreeMap<_, _> = stages.filter_map(|(name, seconds)| Some((name, seconds?))).collect();
    let of = |name| by_name.get(&name).copied().unwrap_or_default();
    let beside = f64::min(of(StageName::Drift), of(StageName::Score) + of(StageName::Recommend));
    (!by_name.is_empty()).then(|| by_name.values().sum::<f64>() - beside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(name: StageName, skipped: bool, seconds: f64) -> StageResult<StageName> {
        StageResult { name, seconds, rows: 0, skipped, reason: None, outputs: BTreeMap::new() }
    }

    fn planned(name: StageName, action: Action) -> PlannedStage {
        PlannedStage {
            name,
            action,
            reason: String::new(),
            folder: None,
            made_by: None,
            compared_with: None,
            differences: Vec::new(),
            bytes: None,
        }
    }

    #[test]
    fn the_middle_of_the_last_times_is_expected_and_a_skipped_or_failed_time_says_nothing_of_a_run() {
        let mut seconds = StageSeconds::default();
        for time in [3.0, 1.0, 2.0, 2.5, 9.0, 100.0] {
            seconds.add(&[result(StageName::Gold, false, time)]);
        }
        seconds.add(&[result(StageName::Gold, true, 0.1)]);
        let reason = Some("SG0029 TableDamaged stage train: model.ubj".to_owned());
        seconds.add(&[StageResult { reason, ..result(StageName::Train, false, 0.1) }]);
        assert_eq!(seconds.expected(&planned(StageName::Gold, Action::Run)), Some(2.5));
        assert_eq!(seconds.expected(&planned(StageName::Gold, Action::Skip)), Some(0.1));
        assert_eq!(seconds.expected(&planned(StageName::Train, Action::Run)), None);
    }

    #[test]
    fn drift_is_looked_for_beside_the_scores() {
        let with_drift = |drift| {
            let stages = [
                (StageName::Raw, Some(1.0)),
                (StageName::Silver, None),
                (StageName::Score, Some(0.5)),
                (StageName::Recommend, Some(2.5)),
                (StageName::Drift, Some(drift)),
            ];
            in_all(stages.into_iter())
        };
        assert_eq!([2.0, 5.0].map(with_drift), [Some(4.0), Some(6.0)]);
        assert_eq!(in_all([(StageName::Raw, None)].into_iter()), None);
    }
}
