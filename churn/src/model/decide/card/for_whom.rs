//! The card's table of slices: for whom the model works, and for whom nobody can say.

use std::fmt::Write;

use crate::markdown::cell;
use crate::model::measure::bootstrap::Interval;
use crate::model::measure::slices::{LEAST_POSITIVES, POOLED_BELOW, Slice, SliceBy, SliceOutcome};

/// Evaluations of before have no slices.
pub(super) fn section(slices: &[Slice]) -> String {
    if slices.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "## For whom it works\n\n\
         A ranking by lot has a PR-AUC of the churn rate. Slices with fewer than {POOLED_BELOW} churners on the holdout are measured \
         on all customers with a label, those of the training out of fold (`pooled`); with fewer than {LEAST_POSITIVES} they are \
         not evaluated.\n\n\
         | by | customers | measured on | rows | churned | PR-AUC | lift | recall | precision | overrated by |\n\
         |---|---|---|---|---|---|---|---|---|---|\n"
    );
    for slice in slices {
        let rows = slice.measured_on.as_str();
        let figures = match &slice.outcome {
            SliceOutcome::Evaluated(figures) => format!(
                "{:.3}{} | {:.1}{} | {:.2} | {:.2} | {:+.3}",
                figures.pr_auc,
                interval(figures.pr_auc_interval, 3),
                figures.lift,
                interval(figures.lift_interval, 1),
                figures.recall,
                figures.precision,
                figures.overrated_by
            ),
            SliceOutcome::NotEvaluated(why) => format!("not evaluated: {why} | | | |"),
        };
        let (by, rate) = (word(slice.by), 100.0 * slice.base_rate());
        let (value, all, positives) = (cell(&slice.value), slice.rows, slice.positives);
        let _ = writeln!(text, "| {by} | {value} | {rows} | {all} | {positives} ({rate:.1} %) | {figures} |");
    }
    text
}

pub(super) fn word(by: SliceBy) -> &'static str {
    match by {
        SliceBy::Contact => "contact",
        SliceBy::Segment => "segment",
        SliceBy::SalesChannel => "sales channel",
        SliceBy::Tenure => "tenure",
        SliceBy::Renewal => "renewal",
        SliceBy::ProvinceGroup => "province",
    }
}

fn interval(interval: Option<Interval>, digits: usize) -> String {
    interval.map_or_else(String::new, |found| format!(" ({:.digits$} to {:.digits$})", found.low, found.high))
}
