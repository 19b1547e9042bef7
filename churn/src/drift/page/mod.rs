//! The report for people, as one HTML file: no script, no other file, pictures drawn in it. It holds no customer.

mod pictures;
mod tables;

use polars::prelude::DataFrame;

use super::column::{ColumnDrift, ColumnState};
use super::report::DriftReport;
use crate::error::Result;
use crate::html::{self, escape};
use crate::model::performance::PerformanceReport;

/// So many columns have a bar, and so many a picture of both sides.
const BARS: usize = 15;
const PICTURES: usize = 8;

/// How much it matters that a column moved: importance × effect.
fn weight(column: &ColumnDrift) -> f64 {
    column.importance.unwrap_or_default() * column.effect.unwrap_or_default()
}

/// The report of a comparison of these tables, with the performance of the same run.
pub fn page(
    report: &DriftReport,
    performance: Option<&PerformanceReport>,
    reference: &DataFrame,
    current: &DataFrame,
) -> Result<String> {
    let in_order = in_order(report);
    let compared: Vec<&ColumnDrift> =
        in_order.iter().copied().filter(|column| column.state == ColumnState::Compared).collect();
    let mut body = heading(report);
    body += &tables::facts(report);
    body += &pictures::weights(&compared[..compared.len().min(BARS)]);
    body += &section("Columns", &tables::columns(&in_order));
    body += &section("Both sides of what matters most", &closer(&compared, reference, current)?);
    if let Some(skew) = &report.skew {
        let against = format!("Against the customers of {}", skew.against.as_of);
        let said = format!("<p>{}: {}</p>", skew.verdict.level.as_str(), escape(&skew.verdict.reason));
        body += &section("Since the last published run", &format!("<p>{against}</p>{said}{}", tables::skew(skew)));
    }
    if let Some(performance) = performance {
        let parts = pictures::performance(performance) + &tables::performance(performance);
        body += &section("Performance, promised and come to pass", &parts);
    }
    body += &not_compared(report);
    Ok(html::document(&title(report), &body))
}

fn title(report: &DriftReport) -> String {
    report.as_of.map_or_else(|| "Drift".to_owned(), |as_of| format!("Drift of {as_of}"))
}

/// What matters and moved first; what is not known last.
fn in_order(report: &DriftReport) -> Vec<&ColumnDrift> {
    let mut columns: Vec<&ColumnDrift> = report.columns.iter().collect();
    let lost_first = |column: &ColumnDrift| if column.is_lost() { f64::INFINITY } else { weight(column) };
    columns.sort_by(|a, b| lost_first(b).total_cmp(&lost_first(a)).then_with(|| a.column.cmp(&b.column)));
    columns
}

fn heading(report: &DriftReport) -> String {
    let verdict = &report.verdict;
    let level = verdict.level.as_str().replace('_', " ");
    format!(
        "<h1>{}</h1>\n<p class=\"level\"><strong>{level}</strong>: {}</p>\n",
        title(report),
        escape(&verdict.reason)
    )
}

fn section(heading: &str, content: &str) -> String {
    if content.is_empty() { String::new() } else { format!("<section>\n<h2>{heading}</h2>\n{content}</section>\n") }
}

fn closer(columns: &[&ColumnDrift], reference: &DataFrame, current: &DataFrame) -> Result<String> {
    let mut figures = String::new();
    for column in columns.iter().take(PICTURES) {
        figures += &pictures::both_sides(column, reference, current)?;
    }
    Ok(figures)
}

fn not_compared(report: &DriftReport) -> String {
    let rows: Vec<Vec<String>> =
        report.skipped.iter().map(|skipped| vec![skipped.column.clone(), skipped.reason.clone()]).collect();
    section("Not compared", &html::table(&["column", "why"], &rows))
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;
    use crate::drift::{Comparison, DriftSettings, LastRun, PREDICTION, compare};
    use crate::snapshot_date::SnapshotDate;
    use crate::watch::Unwatched;

    fn table(shift: f64) -> DataFrame {
        let even: Vec<f64> = (0..400).map(|row| f64::from(row) / 400.0 + shift).collect();
        let words: Vec<Option<&str>> = (0..400).map(|row| [Some("<SME>"), None][row % 2]).collect();
        df!("margin" => &even, "segment" => words, "odd" => vec![true; 400], PREDICTION => even.iter().map(|_| 0.5).collect::<Vec<_>>())
            .unwrap()
    }

    #[test]
    fn the_page_stands_alone_says_the_verdict_and_draws_both_sides() {
        let (then, now) = (table(0.0), table(0.5));
        let found = || compare(&Comparison::of(&then, &now), &DriftSettings::default(), &Unwatched).unwrap();
        let against = LastRun { as_of: SnapshotDate::parse("2024-12-30").unwrap() };
        let report = found().with_skew(against, found());
        let page = page(&report, None, &then, &now).unwrap();
        assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
        assert!(page.contains(&report.verdict.reason) && page.contains("<strong>critical</strong>"), "{page}");
        assert!(page.contains("margin: today in colour") && page.contains("segment: today in colour"));
        assert!(page.contains("&lt;SME&gt;") && !page.contains("<SME>"), "what is in the data is no markup");
        assert!(page.contains("2024-12-30") && page.contains("odd"));
        for foreign in ["<script", "http://", "https://", "src=", "@import", "url("] {
            assert!(!page.contains(foreign), "{foreign}");
        }
    }

    #[test]
    fn a_comparison_that_says_nothing_is_a_page_as_well() {
        let small = table(0.0).head(Some(9));
        let report = compare(&Comparison::of(&small, &small), &DriftSettings::default(), &Unwatched).unwrap();
        let page = page(&report, None, &small, &small).unwrap();
        assert!(page.contains("<strong>not enough data</strong>") && !page.contains("<figure>"), "{page}");
    }
}
