//! Deliveries as the world sends them, as their coverage shows them.

use super::*;
use crate::hourly::DayCoverage;
use crate::quality::CheckState;

const CUSTOMERS: u64 = 300;

/// A month that all customers have in full.
fn month(month: &str) -> MonthCoverage {
    MonthCoverage {
        month: month.to_owned(),
        hours: 720,
        customers: CUSTOMERS,
        readings: CUSTOMERS * 720,
        hours_read: CUSTOMERS * 720,
        fullest_permille: 1_000,
        ..MonthCoverage::default()
    }
}

/// The same with few readings.
fn thin(name: &str, customers: u64, readings: u64) -> MonthCoverage {
    MonthCoverage { customers, readings, hours_read: readings, ..month(name) }
}

fn report(months: Vec<MonthCoverage>) -> ReadingsReport {
    ReadingsReport {
        rows: months.iter().map(|month| month.readings).sum(),
        dropped_rows: 0,
        negative_elec: 0,
        negative_gas: 0,
        customers: CUSTOMERS,
        customer_months: months.iter().map(|month| month.customers).sum(),
        coverage: Coverage { months, of_six_months: CUSTOMERS, ..Coverage::default() },
    }
}

fn year() -> Vec<MonthCoverage> {
    (1..=12).map(|number| month(&format!("2024-{number:02}"))).collect()
}

fn found(report: &ReadingsReport) -> Vec<Finding> {
    of_readings(report, &CheckRules::default(), RunDates::default()).0
}

/// The only finding of a rule.
fn one(report: &ReadingsReport, rule: &str) -> Finding {
    let findings: Vec<_> = found(report).into_iter().filter(|finding| finding.rule == rule).collect();
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings.into_iter().next().unwrap()
}

#[test]
fn a_whole_year_has_nothing_to_tell_and_every_check_passed() {
    let date = SnapshotDate::parse("2024-12-31").ok();
    let dates = RunDates { as_of: date, covered_to: date };
    let (findings, checks) = of_readings(&report(year()), &CheckRules::default(), dates);
    assert!(findings.is_empty(), "{findings:?}");
    assert!(checks.iter().all(|check| check.state == CheckState::Passed), "{checks:?}");
}

#[test]
fn a_month_that_has_just_begun_is_nothing_to_tell() {
    let begun = report(year().into_iter().chain([thin("2025-01", CUSTOMERS, CUSTOMERS * 24)]).collect());
    assert!(found(&begun).is_empty());
}

#[test]
fn a_doubled_file_blocks_and_says_what_it_looks_like() {
    let doubled = |month: MonthCoverage| MonthCoverage {
        readings: 2 * month.readings,
        hours_read: 2 * month.hours_read,
        overfull: CUSTOMERS,
        fullest_permille: 2_000,
        ..month
    };
    let mut all = report(year().into_iter().map(doubled).collect());
    all.coverage.overfull_customers = CUSTOMERS;
    let finding = one(&all, "more_readings_than_hours");
    assert_eq!((finding.severity, finding.count), (Severity::Block, CUSTOMERS));
    assert!(finding.words.contains("delivered twice") && finding.words.contains("200.0 %"), "{}", finding.words);

    let mut one_month = year();
    one_month[4] = doubled(one_month[4].clone());
    let mut some = report(one_month);
    some.coverage.overfull_customers = CUSTOMERS;
    let words = one(&some, "more_readings_than_hours").words;
    assert!(words.contains("2024-05") && words.contains("files that overlap"), "{words}");
    some.coverage.overfull_customers = 3;
    assert!(one(&some, "more_readings_than_hours").words.contains("repeated for some"));
}

#[test]
fn a_few_hours_too_many_are_of_files_that_overlap_where_they_meet() {
    let mut months = year();
    (months[4].overfull, months[4].fullest_permille) = (CUSTOMERS, 1_003);
    let mut some = report(months);
    some.coverage.overfull_customers = CUSTOMERS;
    let words = one(&some, "more_readings_than_hours").words;
    assert!(words.contains("up to 100.3 %") && words.contains("another zone"), "{words}");
}

#[test]
fn months_of_another_time_are_named() {
    for (name, place) in [("1970-01", "648 months before"), ("2070-01", "541 months after")] {
        let mut months = year();
        months.push(thin(name, 30, 30));
        months.sort_by(|a, b| a.month.cmp(&b.month));
        let finding = one(&report(months), "stray_readings");
        assert_eq!((finding.severity, finding.count), (Severity::Warn, 30));
        assert!(finding.words.contains(name) && finding.words.contains(place), "{}", finding.words);
    }
    // A tenth of all readings is no accident.
    let mut many = year();
    (0..3).for_each(|year| many.push(thin(&format!("207{year}-01"), CUSTOMERS, CUSTOMERS * 30)));
    assert_eq!(one_severity(&report(many[..13].to_vec())), Severity::Warn);
    many.truncate(2);
    many.push(thin("2070-01", CUSTOMERS, CUSTOMERS * 30));
    many.push(thin("2071-01", CUSTOMERS, CUSTOMERS * 30));
    many.push(thin("2072-01", CUSTOMERS, CUSTOMERS * 30));
    assert_eq!(one_severity(&report(many)), Severity::Block);
}

fn one_severity(report: &ReadingsReport) -> Severity {
    let strays = found(report).into_iter().filter(|finding| finding.rule == "stray_readings");
    strays.map(|finding| finding.severity).max().unwrap()
}

#[test]
fn a_month_that_nobody_has_is_named_and_many_block() {
    let mut months = year();
    months.remove(6);
    let finding = one(&report(months.clone()), "missing_month");
    assert_eq!(finding.severity, Severity::Warn);
    assert!(finding.words.contains("2024-07"), "{}", finding.words);
    months.drain(3..6);
    assert_eq!(one(&report(months), "missing_month").severity, Severity::Block);
}

#[test]
fn lone_hours_tell_labels_of_the_hours_end_from_the_clock_of_utc() {
    let lone = MonthCoverage { lone_first: CUSTOMERS, ..thin("2025-01", CUSTOMERS, CUSTOMERS) };
    let words = one(&report(year().into_iter().chain([lone]).collect()), "lone_hour").words;
    assert!(words.contains("2025-01") && words.contains("hour's end"), "{words}");
    let lone = MonthCoverage { lone_last: CUSTOMERS, ..thin("2023-12", CUSTOMERS, CUSTOMERS) };
    let words = one(&report([lone].into_iter().chain(year()).collect()), "lone_hour").words;
    assert!(words.contains("2023-12") && words.contains("UTC"), "{words}");
}

#[test]
fn readings_after_the_date_are_counted_and_many_block() {
    let day = |day: &str, customers| DayCoverage { day: day.parse().unwrap(), customers };
    let as_of = SnapshotDate::parse("2024-12-31").ok();
    let mut later = report(year());
    later.coverage.days = vec![day("2024-12-31", 300), day("2070-01-01", 1)];
    let of = |report: &ReadingsReport, covered_to| {
        of_readings(report, &CheckRules::default(), RunDates { as_of: None, covered_to })
    };
    let (findings, _) = of(&later, as_of);
    assert_eq!(
        (findings[0].rule.as_str(), findings[0].severity, findings[0].count),
        ("after_as_of", Severity::Warn, 1)
    );
    assert!(findings[0].words.contains("2070-01-01"), "{}", findings[0].words);
    later.coverage.days.push(day("2070-01-02", 100));
    assert_eq!(of(&later, as_of).0[0].severity, Severity::Block);
    let (findings, checks) = of(&later, None);
    assert!(findings.is_empty());
    assert_eq!(checks.last().map(|check| check.state), Some(CheckState::NotEvaluated));
}

#[test]
fn readings_without_a_value_are_told_and_unknown_months_are_not_nothing() {
    let mut nulls = report(year());
    (nulls.coverage.nulls, nulls.coverage.scaled_months) = (100, 3);
    assert_eq!(one(&nulls, "null_readings").severity, Severity::Info);
    nulls.coverage.nulls = nulls.rows / 50;
    nulls.coverage.unknown_months = 7;
    assert_eq!(one(&nulls, "null_readings").severity, Severity::Warn);
    let finding = one(&nulls, "unknown_consumption");
    assert_eq!((finding.severity, finding.count), (Severity::Warn, 7));
}

#[test]
fn electricity_that_nobody_has_a_value_of_has_one_cause_and_a_way_out() {
    let mut gas_alone = report(year());
    for month in &mut gas_alone.coverage.months {
        month.nulls = [month.readings, 7];
    }
    (gas_alone.coverage.nulls, gas_alone.coverage.unknown_months) = (gas_alone.rows, gas_alone.customer_months);
    let (findings, checks) = of_readings(&gas_alone, &CheckRules::default(), RunDates::default());
    let [finding] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!(
        (finding.rule.as_str(), finding.severity, finding.share),
        ("no_electricity", Severity::Block, Some(1.0))
    );
    assert!(finding.words.contains("gas alone delivers 0 in every row"), "{}", finding.words);
    let nulls = checks.iter().find(|check| check.rule == "unknown_consumption");
    assert_eq!(nulls.map(|check| check.state), Some(CheckState::NotEvaluated));
    gas_alone.coverage.months[0].nulls[0] -= 1;
    assert_eq!(one(&gas_alone, "unknown_consumption").severity, Severity::Block, "of one reading nobody knows why");
}

#[test]
fn what_is_lost_or_no_reading_of_an_hour_is_told_beside_the_rest() {
    let mut months = year();
    (months[4].expected, months[4].short) = (CUSTOMERS, CUSTOMERS);
    months[5].stopped = CUSTOMERS / 3;
    let mut lost = report(months);
    (lost.coverage.of_days, lost.coverage.on_first_day, lost.coverage.without_first_hour) = (30, CUSTOMERS, CUSTOMERS);
    for (rule, severity) in [
        ("fewer_readings_than_hours", Severity::Block),
        ("stopped_readings", Severity::Block),
        ("not_hourly", Severity::Block),
        ("hour_end_labels", Severity::Warn),
    ] {
        assert_eq!(one(&lost, rule).severity, severity, "{rule}");
    }
    let dates = RunDates { as_of: SnapshotDate::parse("2025-01-31").ok(), covered_to: None };
    let (findings, checks) = of_readings(&report(year()), &CheckRules::default(), dates);
    assert!(findings.iter().any(|finding| finding.rule == "short_window" && finding.words.contains("11")));
    let window = checks.iter().find(|check| check.rule == "short_window");
    assert_eq!(window.map(|check| check.state), Some(CheckState::Failed));
}

#[test]
fn a_copy_with_other_minutes_says_what_it_looks_like() {
    let mut months = year();
    for month in &mut months {
        (month.overfull, month.fullest_permille) = (CUSTOMERS, 2_000);
    }
    let mut copied = report(months);
    (copied.coverage.overfull_customers, copied.coverage.other_minutes) = (CUSTOMERS, CUSTOMERS);
    let words = one(&copied, "more_readings_than_hours").words;
    assert!(words.contains(":30 beside :00"), "{words}");
}

#[test]
fn sums_that_only_rise_look_like_a_meters_index() {
    let mut index = report(year());
    index.coverage.only_rising = CUSTOMERS;
    let finding = one(&index, "only_rising");
    assert_eq!(finding.severity, Severity::Block);
    assert!(finding.words.contains("index"), "{}", finding.words);
}
