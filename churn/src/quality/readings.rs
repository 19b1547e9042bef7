//! What the coverage of the readings says: doubled files, stray months, labels of the hour's end, another zone's
//! clock, gaps, readings without a value, zeros in place of them.

mod fewer;
mod labels;
mod lost;
mod nulls;
mod repeating;
mod window;
mod worst;
mod zeros;

use fewer::{fewer, stopped};
use labels::{not_hourly, without_first_hour};
use lost::{lost_hours, missing_days};
use nulls::nulls;
use repeating::equal_within_the_hour;
use window::{InWindow, short_window};
use zeros::zeros_among_hours;

use super::rules::CheckRules;
use super::{Evaluation, Finding, Severity};
use crate::SnapshotDate;
use crate::hourly::{Coverage, MonthCoverage, ReadingsReport};
use crate::month::Month;

const TABLE: &str = "consumption_hourly";
/// A month with less than this share of what all customers would have is one that hardly anybody has.
const THIN: f64 = 0.05;
/// Thousandths of a month's hours: with fewer readings, no part of it that is worth a name was delivered twice.
const A_FEW_HOURS_MORE: u64 = 1_050;
/// How many months a sentence names.
const NAMED: usize = 3;

/// The date of a run, in two ways.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunDates {
    /// The run looks from here; none where a run began before it was told to the check.
    pub as_of: Option<SnapshotDate>,
    /// The same where the readings gave it; a date that somebody asked for makes no reading after it strange.
    pub covered_to: Option<SnapshotDate>,
}

/// What was found, and every check with how it ended.
pub fn of_readings(report: &ReadingsReport, rules: &CheckRules, dates: RunDates) -> (Vec<Finding>, Vec<Evaluation>) {
    let coverage = &report.coverage;
    let months = Months::of(coverage);
    let window = InWindow::of(dates.as_of);
    let mut findings = Vec::new();
    findings.extend(more_readings_than_hours(coverage, report.customers, rules));
    findings.extend(equal_within_the_hour(coverage, window, rules));
    findings.extend(not_hourly(coverage, report.customers, rules));
    findings.extend(fewer(coverage, window, rules));
    findings.extend(lost_hours(coverage, window, rules));
    findings.extend(missing_days(coverage, window, rules));
    findings.extend(stopped(coverage, window, rules));
    findings.extend(stray(&months, coverage, rules));
    findings.extend(missing(&months, rules));
    findings.extend(lone_hours(&months, report.customers, rules));
    findings.extend(without_first_hour(coverage, rules));
    findings.extend(dates.as_of.and_then(|as_of| short_window(&months, as_of)));
    findings.extend(dates.covered_to.and_then(|as_of| after(coverage, as_of, rules)));
    let (of_nulls, checks_of_nulls) = nulls(report, rules);
    findings.extend(of_nulls);
    findings.extend(negatives(report, rules));
    findings.extend(zeros_among_hours(coverage, window, rules));
    findings.extend(only_rising(coverage, rules));
    let checks = [
        "more_readings_than_hours",
        "equal_within_the_hour",
        "not_hourly",
        "fewer_readings_than_hours",
        "lost_hours",
        "missing_day",
        "stopped_readings",
        "stray_readings",
        "missing_month",
        "lone_hour",
        "hour_end_labels",
        "negative_readings",
        "zeros_among_hours",
        "only_rising",
    ];
    let mut evaluations: Vec<_> = checks.iter().map(|rule| Evaluation::of(TABLE, rule, &findings)).collect();
    evaluations.extend(checks_of_nulls);
    evaluations.push(match dates.as_of {
        Some(_) => Evaluation::of(TABLE, "short_window", &findings),
        None => Evaluation::not_made(TABLE, "short_window", "the run began before its date was told to this check"),
    });
    evaluations.push(match dates.covered_to {
        Some(_) => Evaluation::of(TABLE, "after_as_of", &findings),
        None => Evaluation::not_made(TABLE, "after_as_of", "the run's date was asked for: later readings may be there"),
    });
    (findings, evaluations)
}

/// The months in the order of time, those that are like others apart from those that hardly anybody has.
struct Months<'a> {
    full: Vec<(Month, &'a MonthCoverage)>,
    thin: Vec<(Month, &'a MonthCoverage)>,
}

impl<'a> Months<'a> {
    fn of(coverage: &'a Coverage) -> Self {
        let customers = coverage.most_customers();
        let is_thin =
            |month: &MonthCoverage| (month.hours_read as f64) < THIN * customers as f64 * f64::from(month.hours);
        let parsed = coverage.months.iter().filter_map(|month| Some((Month::parse(&month.month)?, month)));
        let (thin, full): (Vec<_>, Vec<_>) = parsed.partition(|(_, month)| is_thin(month));
        // Where no month is full, a few days were delivered, and none of them is strange.
        if full.is_empty() { Self { full: thin, thin: full } } else { Self { full, thin } }
    }

    /// How many months a month lies from the nearest full one: below 0 before all of them, above 0 after, 0 between.
    fn beyond(&self, month: Month) -> i32 {
        let (Some((first, _)), Some((last, _))) = (self.full.first(), self.full.last()) else { return 0 };
        if month < *first {
            return -month.months_to(*first);
        }
        last.months_to(month).max(0)
    }
}

fn more_readings_than_hours(coverage: &Coverage, customers: u64, rules: &CheckRules) -> Option<Finding> {
    let overfull = coverage.overfull_customers;
    if overfull == 0 {
        return None;
    }
    let share = overfull as f64 / customers.max(1) as f64;
    let mut worst: Vec<&MonthCoverage> = coverage.months.iter().filter(|month| month.overfull > 0).collect();
    worst.sort_by_key(|month| std::cmp::Reverse((month.fullest_permille, month.overfull)));
    let fullest = worst.first().map_or(0, |month| month.fullest_permille);
    let named: Vec<String> = worst
        .iter()
        .take(NAMED)
        .map(|month| {
            let percent = month.fullest_permille as f64 / 10.0;
            format!("{} ({} customers, up to {percent:.1} %)", month.month, month.overfull)
        })
        .collect();
    let everybody = share > 0.9;
    let all_months = worst.len() == coverage.months.len();
    let looks_like = match (everybody, all_months) {
        _ if coverage.other_minutes * 2 > overfull => {
            "a copy of the same readings with other minutes, as :30 beside :00"
        }
        _ if fullest < A_FEW_HOURS_MORE => {
            "a few hours that files have in common where they meet, as when one of them is of another zone"
        }
        (true, true) => "a file that was delivered twice, or the same readings as CSV beside Parquet",
        (true, false) => "months that were delivered twice, in files that overlap",
        (false, _) => "hours that are repeated for some customers, or a part that was delivered twice",
    };
    let words = format!(
        "{overfull} customers have more readings in a month than it has hours, or than the hours that they are of, most in \
         {}: it looks like {looks_like}; take the duplicate away and deliver again",
        named.join(", ")
    );
    let severity = rules.more_readings_than_hours.severity(share);
    Some(finding(severity, "more_readings_than_hours", words).of_column("timestamp").counting_of(overfull, customers))
}

fn stray(months: &Months<'_>, coverage: &Coverage, rules: &CheckRules) -> Vec<Finding> {
    let all = coverage.readings();
    let strays: Vec<_> = months.thin.iter().filter(|(month, _)| is_stray(months, *month)).collect();
    let readings: u64 = strays.iter().map(|(_, month)| month.readings).sum();
    let severity = rules.stray_readings.severity(readings as f64 / all.max(1) as f64);
    strays
        .iter()
        .map(|(month, of_month)| {
            let beyond = months.beyond(*month);
            let place = match beyond {
                0 => "between months that are full".to_owned(),
                before if before < 0 => format!("{} months before all others", -before),
                after => format!("{after} months after all others"),
            };
            let words = format!(
                "the month {} has almost no readings ({} of {} customers) and lies {place}: look at the dates of these \
                 rows",
                of_month.month, of_month.readings, of_month.customers
            );
            finding(severity, "stray_readings", words).of_column("timestamp").counting_of(of_month.readings, all)
        })
        .collect()
}

/// A month that has just begun is thin and no stray; so is the one before the first whole one.
fn is_stray(months: &Months<'_>, month: Month) -> bool {
    let beyond = months.beyond(month);
    beyond == 0 || beyond.abs() > 1
}

fn missing(months: &Months<'_>, rules: &CheckRules) -> Option<Finding> {
    let (first, last) = (months.full.first()?.0, months.full.last()?.0);
    let between = first.months_to(last) + 1;
    let is_there = |month: Month| months.full.iter().chain(&months.thin).any(|(there, _)| *there == month);
    let missing: Vec<Month> = (0..between).map(|after| first.plus(after)).filter(|month| !is_there(*month)).collect();
    if missing.is_empty() {
        return None;
    }
    let (count, all) = (missing.len() as u64, u64::try_from(between).unwrap_or(1));
    let named: Vec<String> = missing.iter().take(NAMED).map(ToString::to_string).collect();
    let words = format!(
        "nobody has a reading in {count} of {all} months ({}{}): a file is missing",
        named.join(", "),
        if missing.len() > NAMED { ", ..." } else { "" }
    );
    let severity = rules.missing_months.severity(count as f64 / all as f64);
    Some(finding(severity, "missing_month", words).of_column("timestamp").counting_of(count, all))
}

/// Nearly all customers have an hour or two in the month after the last whole one, or in the one before the first.
fn lone_hours(months: &Months<'_>, customers: u64, rules: &CheckRules) -> Vec<Finding> {
    let at_the_edge = |month: Month, side: i32| months.beyond(month) == side;
    let mut findings = Vec::new();
    for (month, of_month) in &months.thin {
        let (lone, words) = if at_the_edge(*month, 1) && of_month.lone_first * 2 > of_month.customers {
            let words = format!(
                "{} customers have a lone hour in the new month {}: it looks like labels of the hour's end; deliver the \
                 hour that a reading begins with, or all sums are an hour late",
                of_month.lone_first, of_month.month
            );
            (of_month.lone_first, words)
        } else if at_the_edge(*month, -1) && of_month.lone_last * 2 > of_month.customers {
            let words = format!(
                "{} customers have a lone hour at the end of {}, where months seem to begin at 23:00 or 22:00: it looks \
                 like UTC without a zone; deliver the retailer's clock, or timestamps with a zone (`Z`)",
                of_month.lone_last, of_month.month
            );
            (of_month.lone_last, words)
        } else {
            continue;
        };
        let severity = rules.lone_hours.severity(lone as f64 / customers.max(1) as f64);
        findings.push(finding(severity, "lone_hour", words).of_column("timestamp").counting_of(lone, customers));
    }
    findings
}

fn after(coverage: &Coverage, as_of: SnapshotDate, rules: &CheckRules) -> Option<Finding> {
    let later: Vec<_> = coverage.days.iter().filter(|day| day.day > as_of.date()).collect();
    let (first, last) = (later.first()?.day, later.last()?.day);
    let customer_days: u64 = later.iter().map(|day| day.customers).sum();
    let all: u64 = coverage.days.iter().map(|day| day.customers).sum();
    let words = format!(
        "{customer_days} customer-days of readings lie after {as_of}, the last day that enough customers have ({first} to \
         {last}): they are left out"
    );
    let severity = rules.after_as_of.severity(customer_days as f64 / all.max(1) as f64);
    Some(finding(severity, "after_as_of", words).of_column("timestamp").counting_of(customer_days, all))
}

fn negatives(report: &ReadingsReport, rules: &CheckRules) -> Option<Finding> {
    let negative = report.negative_elec.saturating_add(report.negative_gas);
    if negative == 0 {
        return None;
    }
    let severity = rules.negative_readings.severity(negative as f64 / report.rows.max(1) as f64);
    let words = format!("{negative} readings are below 0 and count as 0");
    Some(finding(severity, "negative_readings", words).counting_of(negative, report.rows))
}

fn only_rising(coverage: &Coverage, rules: &CheckRules) -> Option<Finding> {
    let Coverage { only_rising, of_six_months, .. } = *coverage;
    let severity = rules.only_rising.severity(only_rising as f64 / of_six_months.max(1) as f64);
    if severity == Severity::Info {
        return None;
    }
    let words = format!(
        "the electricity of {only_rising} customers rises from every month to the next: it looks like the index of a meter; \
         deliver what was consumed in each hour"
    );
    let found = finding(severity, "only_rising", words).of_column("consumption_elec_kwh");
    Some(found.counting_of(only_rising, of_six_months))
}

fn finding(severity: Severity, rule: &str, words: String) -> Finding {
    Finding::new(severity, TABLE, rule, words)
}

#[cfg(test)]
mod tests;
