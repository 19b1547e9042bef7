//! The stages of a followed run, for a person.

use std::cell::RefCell;
use std::collections::BTreeMap;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use protocol::progress::{Counted, Progress, StageProgress, StageState};

use crate::display::{on_terminal, thousands};
use crate::pending::Pending;

/// One line per stage on a terminal; elsewhere one line per change.
pub(super) struct StageLines {
    counted: &'static [Counted],
    shown: Shown,
}

/// What was shown, by the stage's name.
enum Shown {
    Live { lines: MultiProgress, bars: RefCell<BTreeMap<String, ProgressBar>> },
    Plain { states: RefCell<BTreeMap<String, StageState>> },
}

impl StageLines {
    /// Nothing shown yet.
    pub(super) fn new(counted: &'static [Counted]) -> Self {
        let shown = if on_terminal() {
            Shown::Live { lines: MultiProgress::new(), bars: RefCell::default() }
        } else {
            Shown::Plain { states: RefCell::default() }
        };
        Self { counted, shown }
    }

    /// Brings the lines up to date.
    pub(super) fn show(&self, progress: &Progress<String>, pending: &BTreeMap<String, Pending>) {
        for stage in &progress.stages {
            match &self.shown {
                Shown::Live { lines, bars } => {
                    let mut bars = bars.borrow_mut();
                    let bar = bars.entry(stage.name.clone()).or_insert_with(|| line_of(lines));
                    bar.set_message(format!("{} {}", text(stage), running(stage, self.counted, pending)));
                    bar.tick();
                }
                Shown::Plain { states } => {
                    let before = states.borrow_mut().insert(stage.name.clone(), stage.state);
                    let ended = !matches!(stage.state, StageState::Pending | StageState::Running);
                    if ended && before != Some(stage.state) {
                        eprintln!("{}", text(stage));
                    }
                }
            }
        }
    }

    /// A line of its own.
    pub(super) fn say(&self, text: &str) {
        match &self.shown {
            // It stays above the bars.
            Shown::Live { lines, .. } => drop(lines.println(text)),
            Shown::Plain { .. } => eprintln!("{text}"),
        }
    }

    /// Leaves the lines as they are.
    pub(super) fn close(&self) {
        if let Shown::Live { bars, .. } = &self.shown {
            bars.borrow().values().for_each(ProgressBar::abandon);
        }
    }
}

fn line_of(lines: &MultiProgress) -> ProgressBar {
    let bar = lines.add(ProgressBar::new_spinner());
    bar.set_style(ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar
}

fn text(stage: &StageProgress<String>) -> String {
    let mark = match stage.state {
        StageState::Pending => "·",
        StageState::Running => "▶",
        StageState::Done => "✔",
        StageState::Skipped => "≡",
        StageState::Failed => "✘",
    };
    let seconds = stage.seconds.map(|seconds| format!("{seconds:.1} s")).unwrap_or_default();
    let rows = if stage.rows > 0 { format!("{} rows", thousands(stage.rows)) } else { String::new() };
    let reason = stage.reason.as_deref().unwrap_or_default();
    format!("{mark} {:<22} {seconds:>8} {rows:>18}  {reason}", stage.name).trim_end().to_owned()
}

fn running(stage: &StageProgress<String>, counted: &[Counted], pending: &BTreeMap<String, Pending>) -> String {
    if stage.state != StageState::Running {
        return String::new();
    }
    let slices = stage.slices.map(|(done, all)| format!("slices {done}/{all} ")).unwrap_or_default();
    let counted = counted.iter().find(|counted| counted.stage == stage.name);
    let beat = counted.and_then(|counted| Some((pending.get(counted.activity)?, counted.unit)));
    match beat {
        Some((Pending { done, total, .. }, unit)) if *total > 0 => {
            format!("{slices}{} of {} {unit} ({} %)", thousands(*done), thousands(*total), 100 * done / total)
        }
        _ => slices,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(state: StageState) -> StageProgress<String> {
        StageProgress { state, ..StageProgress::pending("look".to_owned()) }
    }

    #[test]
    fn a_stage_of_any_workflow_shows_what_its_activity_counts() {
        let pending = BTreeMap::from([("list".to_owned(), Pending { done: 1500, total: 3000, ..Pending::default() })]);
        let counted = [Counted { stage: "look", activity: "list", unit: "files" }];
        let at_work = line(StageState::Running);
        assert_eq!(running(&at_work, &counted, &pending), "1,500 of 3,000 files (50 %)");
        assert_eq!(running(&at_work, &[], &pending), "");
        assert_eq!(running(&line(StageState::Done), &counted, &pending), "");
    }

    #[test]
    fn a_finished_stage_is_one_line() {
        let done = StageProgress { rows: 20_099, seconds: Some(1.25), ..line(StageState::Done) };
        assert_eq!(text(&done), "✔ look                      1.2 s        20,099 rows");
    }
}
