//! How much skill is left so long before the labels look: what a backtest finds, and how a model card says it.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::measure::bootstrap::Interval;
use super::trial::figures::TrialFigures;
use crate::html::charts::{Dot, dots};
use crate::label::LabelDates;
use crate::snapshot_date::SnapshotDate;

/// Days of an average month.
const DAYS_PER_MONTH: f64 = 30.44;

/// The skill of a model that looks from a date before that of the labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeadTime {
    /// The date that it was fitted at, and measured at.
    pub as_of: SnapshotDate,
    /// So many days before the label's date.
    pub lead_days: i64,
    /// On the holdout.
    pub figures: TrialFigures,
}

/// The skill of a model at a later date, with the labels of that date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutOfTime {
    /// The date that it was fitted at, with the labels of this date.
    pub trained_at: SnapshotDate,
    /// The date that it was measured at, with the labels of that date.
    pub tested_at: SnapshotDate,
    /// Whether the labels that it was fitted on were not yet known at that later date: then nobody could have had this model.
    pub labels_overlap: bool,
    /// On the customers of the holdout at the later date.
    pub figures: TrialFigures,
}

impl LeadTime {
    /// Months before the label's date, to one decimal.
    pub fn lead_months(&self) -> f64 {
        (self.lead_days as f64 / DAYS_PER_MONTH * 10.0).round() / 10.0
    }
}

/// The section of a model card: what the label says, and from where its model looks.
pub fn label_section(label: &LabelDates, as_of: Option<SnapshotDate>) -> String {
    let mut text = format!(
        "## What is predicted\n\nWho leaves within {} days after the date of the labels, {label}.\n",
        label.horizon_days
    );
    if let Some(as_of) = as_of {
        let (days, side) = match label.lead_days(as_of) {
            days @ 0.. => (days, "before"),
            days => (-days, "after"),
        };
        let _ = writeln!(text, "The features are of {as_of}, {days} days {side} it.");
    }
    text
}

/// The section of a model card: skill by lead time, and out of time where there are labels of several dates.
pub fn lead_time_section(label: &LabelDates, lead: &[LeadTime], out_of_time: &[OutOfTime]) -> String {
    let mut text = format!(
        "## Skill by lead time\n\nThe same experiment, fitted and measured at earlier dates by the same split; the labels are of \
         {label} and look {} days ahead.\n\n| as of | months before | PR-AUC | 95 % interval | ROC-AUC |\n\
         |---|---:|---:|---|---:|\n",
        label.horizon_days
    );
    for at in lead {
        let LeadTime { as_of, figures, .. } = at;
        let (pr_auc, roc_auc, interval) = (figures.pr_auc, figures.roc_auc, in_words(figures.pr_auc_interval));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {as_of} | {:.1} | {pr_auc:.3} | {interval} | {roc_auc:.3} |", at.lead_months());
    }
    if out_of_time.is_empty() {
        text.push_str("\nOut of time: not evaluated, since the labels are of one date.\n");
        return text;
    }
    text.push_str(
        "\n| trained as of | measured as of | PR-AUC | 95 % interval | ROC-AUC | |\n|---|---|---:|---|---:|---|\n",
    );
    for OutOfTime { trained_at, tested_at, labels_overlap, figures } in out_of_time {
        let (pr_auc, roc_auc, interval) = (figures.pr_auc, figures.roc_auc, in_words(figures.pr_auc_interval));
        let note = if *labels_overlap { "the labels were not known yet" } else { "" };
        let _ = writeln!(text, "| {trained_at} | {tested_at} | {pr_auc:.3} | {interval} | {roc_auc:.3} | {note} |");
    }
    text
}

/// The same as a picture: the PR-AUC at each date, with its interval.
pub fn lead_time_picture(lead: &[LeadTime]) -> String {
    let dot = |at: &LeadTime| Dot {
        name: format!("{}, {:.1} months before", at.as_of, at.lead_months()),
        value: at.figures.pr_auc,
        interval: at.figures.pr_auc_interval.map(|interval| (interval.low, interval.high)),
    };
    dots("PR-AUC by lead time, with 95 % intervals", &lead.iter().map(dot).collect::<Vec<_>>())
}

fn in_words(interval: Option<Interval>) -> String {
    interval.map_or_else(|| "not known".to_owned(), |Interval { low, high }| format!("{low:.3} to {high:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::{LabelSettings, LabelSource};

    fn day(text: &str) -> SnapshotDate {
        SnapshotDate::parse(text).unwrap()
    }

    fn figures(pr_auc: f64) -> TrialFigures {
        TrialFigures {
            training_rows: 80,
            training_positives: 8,
            rows: 20,
            positives: 2,
            pr_auc,
            pr_auc_interval: Some(Interval { low: pr_auc - 0.05, high: pr_auc + 0.05 }),
            roc_auc: 0.9,
            roc_auc_interval: None,
            out_of_fold_pr_auc: None,
        }
    }

    #[test]
    fn a_card_says_what_is_predicted_and_from_where() {
        let label = LabelDates::of(Some(day("2024-12-31")), &LabelSettings::default(), day("2025-03-31"));
        let text = label_section(&label, Some(day("2024-12-01")));
        assert!(
            text.contains("within 180 days after the date of the labels, 2024-12-31 (by the column label_date)."),
            "{text}"
        );
        assert!(text.ends_with("The features are of 2024-12-01, 30 days before it.\n"), "{text}");
        assert!(label_section(&label, Some(day("2025-01-10"))).ends_with("of 2025-01-10, 10 days after it.\n"));
        assert!(label_section(&label, None).ends_with("(by the column label_date).\n"));
    }

    #[test]
    fn a_card_says_the_skill_by_months_of_lead_and_what_was_not_evaluated() {
        let label = LabelDates::of(None, &LabelSettings::default(), day("2024-12-31"));
        assert_eq!(label.source, LabelSource::Assumed);
        let at = |as_of: &str, pr_auc| {
            let as_of = day(as_of);
            LeadTime { as_of, lead_days: label.lead_days(as_of), figures: figures(pr_auc) }
        };
        let lead = [at("2024-12-31", 0.6), at("2024-10-31", 0.5)];
        let text = lead_time_section(&label, &lead, &[]);
        assert!(text.contains("2024-12-31 (assumed"), "{text}");
        assert!(text.contains("| 2024-10-31 | 2.0 | 0.500 | 0.450 to 0.550 | 0.900 |"), "{text}");
        assert!(text.ends_with("since the labels are of one date.\n"), "{text}");
        let picture = lead_time_picture(&lead);
        assert!(picture.contains("2024-10-31, 2.0 months before"), "{picture}");
        assert_eq!(picture.matches("whisker").count(), 2, "{picture}");
        let later = OutOfTime {
            trained_at: day("2024-12-31"),
            tested_at: day("2025-06-30"),
            labels_overlap: false,
            figures: figures(0.4),
        };
        let text = lead_time_section(&label, &lead, &[OutOfTime { labels_overlap: true, ..later.clone() }, later]);
        assert!(text.contains("| 0.400 | 0.350 to 0.450 | 0.900 | the labels were not known yet |"), "{text}");
        assert!(text.ends_with("| 0.900 |  |\n") && !text.contains("not evaluated"), "{text}");
    }
}
