//! The stages of a run in a line each, as its record or its progress has them.

use std::collections::BTreeMap;

use protocol::pipeline::COUNTED;
use protocol::progress::{Progress, StageProgress, StageResult, StageState};

use crate::data::EndedRun;
use crate::export::List;
use crate::frame::RunState;
use crate::temporal::Work;

/// What the activity of a stage at work has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doing {
    /// What it counts: `rows`, `bytes`.
    pub unit: &'static str,
    /// Its count.
    pub work: Work,
}

/// A stage of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct StageLine {
    /// Its name in records.
    pub name: String,
    /// How it stands.
    pub state: RunState,
    /// How long it took.
    pub seconds: Option<f64>,
    /// Its rows; none before it has ended.
    pub rows: Option<u64>,
    /// The rows of the same stage in the run before.
    pub rows_before: Option<u64>,
    /// Why it was skipped, made again, or failed; what keeps it from going on.
    pub reason: Option<String>,
    /// Slices finished and in all.
    pub slices: Option<(u32, u32)>,
    /// What it has done so far.
    pub doing: Option<Doing>,
    /// The tables by name, as keys in the lake.
    pub outputs: BTreeMap<String, String>,
}

/// The stages of a run that has ended; `completed` says whether it came to a result.
pub fn of_record(stages: &[StageResult<String>], completed: bool, before: Option<&EndedRun>) -> Vec<StageLine> {
    let line = |stage: &StageResult<String>| StageLine {
        name: stage.name.clone(),
        state: ended(stage, completed),
        seconds: Some(stage.seconds),
        rows: Some(stage.rows),
        rows_before: before.and_then(|before| before.rows(&stage.name)),
        reason: stage.reason.clone(),
        slices: None,
        doing: None,
        outputs: stage.outputs.clone(),
    };
    stages.iter().map(line).collect()
}

/// A record has no word for the stage that ended its run: that one made no rows and says why.
fn ended(stage: &StageResult<String>, completed: bool) -> RunState {
    match (stage.skipped, completed, stage.rows, &stage.reason) {
        (true, ..) => RunState::Skipped,
        (false, false, 0, Some(_)) => RunState::Failed,
        _ => RunState::Done,
    }
}

/// The stages of a run at work.
pub fn of_progress(
    progress: &Progress<String>,
    work: &BTreeMap<String, Work>,
    before: Option<&EndedRun>,
) -> Vec<StageLine> {
    let line = |stage: &StageProgress<String>| StageLine {
        name: stage.name.clone(),
        state: state(stage.state),
        seconds: stage.seconds,
        rows: stage.seconds.map(|_| stage.rows),
        rows_before: before.and_then(|before| before.rows(&stage.name)),
        reason: stage.trouble.clone().or_else(|| stage.reason.clone()),
        slices: stage.slices,
        doing: doing(stage, work),
        outputs: stage.outputs.clone(),
    };
    progress.stages.iter().map(line).collect()
}

/// The stages as a file has them.
pub fn list(stages: &[StageLine]) -> List {
    List::of(stages)
        .text("stage", |stage| stage.name.clone())
        .text("state", |stage| stage.state.as_str().to_owned())
        .number("seconds", |stage| stage.seconds)
        .count("rows", |stage| stage.rows)
        .count("rows_before", |stage| stage.rows_before)
        .text("reason", |stage| stage.reason.clone())
        .into()
}

fn state(state: StageState) -> RunState {
    match state {
        StageState::Pending => RunState::Pending,
        StageState::Running => RunState::Running,
        StageState::Done => RunState::Done,
        StageState::Skipped => RunState::Skipped,
        StageState::Failed => RunState::Failed,
    }
}

fn doing(stage: &StageProgress<String>, work: &BTreeMap<String, Work>) -> Option<Doing> {
    if stage.state != StageState::Running {
        return None;
    }
    let counted = COUNTED.iter().find(|counted| counted.stage == stage.name)?;
    let work = work.get(counted.activity).filter(|work| work.total > 0 || work.attempt > 1)?;
    Some(Doing { unit: counted.unit, work: work.clone() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::frame::RunState::{Done, Failed, Skipped};

    fn stage(name: &str, rows: u64, skipped: bool, reason: Option<&str>) -> StageResult<String> {
        let stage =
            json!({ "name": name, "seconds": 2.0, "rows": rows, "skipped": skipped, "reason": reason, "outputs": {} });
        serde_json::from_value(stage).unwrap()
    }

    fn before() -> EndedRun {
        EndedRun {
            run_id: "before".into(),
            started: None,
            ended: None,
            stages: vec![stage("gold", 390, false, None)],
            cost_usd: None,
            drift: None,
        }
    }

    #[test]
    fn a_record_says_done_skipped_or_failed_with_the_rows_of_the_run_before() {
        let stages = [
            stage("gold", 400, true, Some("unchanged since run x")),
            stage("score", 400, false, Some("made again: damaged")),
            stage("publish", 0, false, None),
            stage("drift", 0, false, Some("SG0012: gone")),
        ];
        let states = |completed: bool| -> Vec<_> {
            of_record(&stages, completed, Some(&before())).into_iter().map(|line| line.state).collect()
        };
        assert_eq!(states(true), [Skipped, Done, Done, Done]);
        assert_eq!(states(false), [Skipped, Done, Done, Failed]);
        let lines = of_record(&stages, true, Some(&before()));
        assert_eq!((lines[0].rows, lines[0].rows_before, lines[1].rows_before), (Some(400), Some(390), None));
    }

    #[test]
    fn a_run_at_work_tells_what_its_activities_have_done() {
        let progress: Progress<String> = serde_json::from_value(json!({
            "stage": "bronze_customer_month", "percent": 20, "rows": 1, "started": "", "updated": "",
            "stages": [
                { "name": "raw", "state": "done", "rows": 5, "started": null, "seconds": 1.5, "slices": null, "reason": null },
                { "name": "bronze_customer_month", "state": "running", "rows": 0, "started": null, "seconds": null,
                  "slices": [3, 7], "reason": null, "trouble": "attempt 3" },
                { "name": "silver", "state": "pending", "rows": 0, "started": null, "seconds": null, "slices": null, "reason": null },
            ],
        }))
        .unwrap();
        let work = BTreeMap::from([("aggregate_slice".to_owned(), Work { done: 30, total: 70, attempt: 3 })]);
        let lines = of_progress(&progress, &work, None);
        assert_eq!((lines[0].state, lines[0].rows, &lines[0].doing), (RunState::Done, Some(5), &None));
        let doing = Doing { unit: "rows", work: work["aggregate_slice"].clone() };
        assert_eq!((lines[1].slices, lines[1].doing.clone(), lines[1].rows), (Some((3, 7)), Some(doing), None));
        assert_eq!(lines[1].reason.as_deref(), Some("attempt 3"));
        assert_eq!(lines[2].state, RunState::Pending);
    }
}
