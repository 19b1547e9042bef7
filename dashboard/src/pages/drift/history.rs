//! The runs one after the other: up to which one the page tells, and since when it is as it is.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::data::DriftOfRun;

/// Since when the level is the one of now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    /// The end of the first run of that level.
    pub at: Option<DateTime<Utc>>,
    /// How many runs in a row have it.
    pub runs: usize,
    /// Whether an earlier run that is known had another level.
    pub has_changed: bool,
}

/// Of runs with the newest first, those up to a run, the oldest first. A run that is not among them cuts off none.
pub fn up_to(runs: Vec<Arc<DriftOfRun>>, run_id: &str) -> Vec<Arc<DriftOfRun>> {
    let place = runs.iter().position(|run| run.run_id == *run_id).unwrap_or_default();
    let mut up_to: Vec<_> = runs.into_iter().skip(place).collect();
    up_to.reverse();
    up_to
}

/// Since when the level of a run holds, of runs with the oldest first; nothing where the run is not the last of them.
pub fn since(runs: &[Arc<DriftOfRun>], run_id: &str) -> Option<Since> {
    let last = runs.last().filter(|run| run.run_id == *run_id)?;
    let row: Vec<_> = runs.iter().rev().take_while(|run| run.level == last.level).collect();
    Some(Since { at: row.last().and_then(|run| run.at), runs: row.len(), has_changed: row.len() < runs.len() })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use churn::drift::DriftLevel;

    use super::*;
    use crate::data::moment;

    fn run(day: u32, level: DriftLevel) -> Arc<DriftOfRun> {
        let at = moment(&format!("2024-12-{day:02}T02:00:00Z"));
        let run_id = format!("run-{day}").into();
        Arc::new(DriftOfRun { run_id, at, level, effects: BTreeMap::new(), performance: None, promoted: None })
    }

    #[test]
    fn a_level_holds_since_the_first_run_in_a_row() {
        let newest_first = vec![
            run(5, DriftLevel::None),
            run(4, DriftLevel::Warn),
            run(3, DriftLevel::Warn),
            run(2, DriftLevel::None),
        ];
        let runs = up_to(newest_first.clone(), "run-4");
        assert_eq!(runs.iter().map(|run| run.run_id.as_str()).collect::<Vec<_>>(), ["run-2", "run-3", "run-4"]);
        let warn = since(&runs, "run-4").unwrap();
        assert_eq!((warn.at, warn.runs, warn.has_changed), (moment("2024-12-03T02:00:00Z"), 2, true));
        assert_eq!(since(&runs[..1], "run-2").map(|since| (since.runs, since.has_changed)), Some((1, false)));
        assert_eq!(since(&runs, "run-3"), None, "a later run is among them");
        assert_eq!(up_to(newest_first, "moon").len(), 4);
        assert!(up_to(Vec::new(), "moon").is_empty());
    }
}
