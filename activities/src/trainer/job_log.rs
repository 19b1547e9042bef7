//! The lines that a training job prints for programs: the local trainer, and SageMaker's metric definitions.

use churn::model::TrainingFigures;

/// What SageMaker finds in the job's log: the name of a metric, and where its number stands.
pub const METRICS: [(&str, &str); 6] = [
    ("train:progress", "progress rounds_done=([0-9]+);"),
    ("train:oof_pr_auc", "metric oof_pr_auc=([0-9.]+);"),
    ("train:oof_roc_auc", "metric oof_roc_auc=([0-9.]+);"),
    ("train:oof_brier", "metric oof_brier=([0-9.]+);"),
    ("train:threshold", "metric threshold=([0-9.]+);"),
    ("train:training_rows", "metric training_rows=([0-9]+);"),
];

/// A progress line, as [`parse_progress`] reads it.
pub fn progress_line(done: u64, total: u64) -> String {
    format!("progress rounds_done={done}; rounds_total={total};")
}

/// Rounds done and in all, when the line is a progress line.
pub fn parse_progress(line: &str) -> Option<(u64, u64)> {
    let rest = line.strip_prefix("progress rounds_done=")?.strip_suffix(';')?;
    let (done, total) = rest.split_once("; rounds_total=")?;
    Some((done.parse().ok()?, total.parse().ok()?))
}

/// Whether the line is one of [`metric_lines`].
pub fn is_metric(line: &str) -> bool {
    line.starts_with("metric ")
}

/// The figures of a finished training, one line each.
pub fn metric_lines(figures: &TrainingFigures) -> [String; 5] {
    [
        format!("metric oof_pr_auc={:.4};", figures.pr_auc),
        format!("metric oof_roc_auc={:.4};", figures.roc_auc),
        format!("metric oof_brier={:.4};", figures.brier),
        format!("metric threshold={:.4};", figures.threshold),
        format!("metric training_rows={};", figures.rows),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use regex::Regex;

    use super::*;

    #[test]
    fn a_progress_line_is_read_back() {
        assert_eq!(parse_progress(&progress_line(120, 3600)), Some((120, 3600)));
        assert_eq!(parse_progress("logloss=0.2;"), None);
    }

    #[test]
    fn each_metric_is_found_in_its_own_line_and_in_no_other() {
        let figures = TrainingFigures { pr_auc: 0.750_06, roc_auc: 1.0, brier: 0.0, threshold: 0.25, rows: 16_099 };
        let lines = [&[progress_line(120, 3600)][..], &metric_lines(&figures)].concat();
        let found: BTreeMap<_, _> = METRICS.into_iter().map(|(name, regex)| (name, numbers(regex, &lines))).collect();
        let wanted = [
            ("train:progress", 120.0),
            ("train:oof_pr_auc", 0.7501),
            ("train:oof_roc_auc", 1.0),
            ("train:oof_brier", 0.0),
            ("train:threshold", 0.25),
            ("train:training_rows", 16_099.0),
        ];
        assert_eq!(found, wanted.map(|(name, number)| (name, vec![number])).into());
    }

    /// What SageMaker does: the first group of every line that matches is a number.
    fn numbers(regex: &str, lines: &[String]) -> Vec<f64> {
        let regex = Regex::new(regex).unwrap();
        lines.iter().filter_map(|line| regex.captures(line)).map(|groups| groups[1].parse().unwrap()).collect()
    }

    #[test]
    fn sagemaker_takes_the_definitions() {
        assert!(METRICS.len() <= 40);
        assert!(METRICS.iter().all(|(name, regex)| name.len() <= 255 && regex.len() <= 500));
    }
}
