//! Settings for small data: few trees, and a gate that lets a model of few customers pass, or none.

use std::path::Path;

use tempfile::TempDir;

use super::home::folder;

/// A configuration folder in the making; what is not named is as in `configs/`.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// What a challenger must reach.
    pub pr_auc_floor: f64,
    /// How long a training takes.
    pub rounds: u32,
    /// The size of a slice of the readings; 0 makes one of every row group.
    pub slice_mib: u64,
    /// How long a run may be at work.
    pub run_limit_secs: u64,
    /// How long a promotion waits for a person before the reminder and again before the rejection.
    pub patience_secs: u64,
    /// What counts as drift.
    pub drift: Drift,
}

/// What counts as drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drift {
    /// What the shipped settings say.
    Shipped,
    /// Any small p-value of any column as it is, whatever time has passed: a few customers of another date drift.
    AnyPValue,
}

/// A challenger passes.
pub const LENIENT: Settings = Settings {
    pr_auc_floor: 0.05,
    rounds: 60,
    slice_mib: 8,
    run_limit_secs: 3600,
    patience_secs: 3600,
    drift: Drift::Shipped,
};
/// No challenger passes.
pub const STRICT: Settings = Settings { pr_auc_floor: 0.999, ..LENIENT };

/// What few customers cannot tell is asked of no challenger.
const OTHER_CHECKS: &str = "  max_pr_auc_loss: 1.0
  calibration: { max_brier_loss: 1.0, min_slope: 0.0, max_slope: 100.0 }
  slices: { max_pr_auc_loss: 1.0 }
  leakage: { max_roc_auc: 1.0, max_churn_rate: 1.0 }
";

/// A configuration folder.
pub struct Configured {
    folder: TempDir,
}

impl Settings {
    /// Writes the folder for `--config`.
    pub fn write(self) -> Configured {
        let folder = folder("config");
        let model = format!(
            "train:\n  xgboost: {{ rounds: {}, eta: 0.1 }}\n  bootstrap: {{ resamples: 200 }}\n\
             gate:\n  pr_auc_floor: {}\n{OTHER_CHECKS}",
            self.rounds, self.pr_auc_floor
        );
        let pipeline = format!(
            "slice_mib: {}\nrun_limit_secs: {}\nsentiment: {{ model: lexicon }}\n\
             approval: {{ escalate_after_secs: {2}, reject_after_secs: {2} }}\n",
            self.slice_mib, self.run_limit_secs, self.patience_secs
        );
        let mut files = vec![("model.yaml", model), ("pipeline.yaml", pipeline)];
        if self.drift == Drift::AnyPValue {
            files.push(("drift.yaml", "rule: ks\n".to_owned()));
            files.push(("feature_tiers.yaml", without_calendar(include_str!("../../../configs/feature_tiers.yaml"))));
        }
        for (file, text) in files {
            std::fs::write(folder.path().join(file), text).expect("a settings file can be written");
        }
        Configured { folder }
    }
}

/// The features as if none of them depended on the date.
fn without_calendar(tiers: &str) -> String {
    let line = |line: &str| match line.split_once(", calendar: ") {
        Some((before, after)) => {
            let behind = after.split_once(' ').map_or("", |(_, behind)| behind);
            format!("{before} {behind}\n")
        }
        None => format!("{line}\n"),
    };
    tiers.lines().map(line).collect()
}

impl Configured {
    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}
