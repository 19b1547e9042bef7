//! Every rule, broken and kept.

use polars::prelude::{Column, Int32Chunked, IntoColumn, NewChunkedArray, PlSmallStr, df};

use super::*;
use crate::error::Error;

const HEAD: &str = "
null_limits: { raw: 0.8, bronze: 0.5, silver: 0.3, gold: 0.1 }
severity: { null_rate: warn, range: block, values: warn, form: block, undeclared_column: warn }
tables:
";

fn registry(tables: &str) -> ColumnRegistry {
    ColumnRegistry::parse(&format!("{HEAD}{tables}")).unwrap()
}

/// A table `t` of the raw layer with the given columns.
fn one_table(columns: &str) -> ColumnRegistry {
    registry(&format!("  t:\n    layer: raw\n    columns: [{columns}]\n"))
}

fn violations(registry: &ColumnRegistry, frame: &DataFrame) -> Vec<Violation> {
    check(registry, Layer::Raw, &[("t", frame)], &[]).violations
}

fn words(violations: &[Violation]) -> Vec<String> {
    violations.iter().map(|violation| format!("{:?} {violation}", violation.severity)).collect()
}

fn dates(name: &str, days: &[Option<i32>]) -> Column {
    Int32Chunked::from_slice_options(PlSmallStr::from_str(name), days).into_date().into_column()
}

#[test]
fn a_table_that_keeps_its_contract_passes() {
    let registry =
        one_table("{ name: id, type: customer_id, nulls: block }, { name: x, type: number, range: { min: 0 } }");
    let frame = df!("id" => ["C1", "C2"], "x" => [0.0, 2.5]).unwrap();
    let report = check(&registry, Layer::Raw, &[("t", &frame)], &[]);
    assert!(report.passed && report.violations.is_empty());
    report.require().unwrap();
    assert_eq!(report.file_name(), "quality_raw.json");
    let x = &report.tables[0].schema[1];
    assert_eq!((report.tables[0].rows, x.dtype.as_str(), x.min, x.max), (2, "f64", Some(0.0), Some(2.5)));
}

#[test]
fn missing_wrongly_typed_and_undeclared_columns_are_reported_together() {
    let registry = one_table("{ name: a, type: string }, { name: b, type: number }, { name: c, type: flag }");
    let frame = df!("b" => ["1"], "c" => [1i64], "d" => [1.0]).unwrap();
    assert_eq!(
        words(&violations(&registry, &frame)),
        [
            "Block t.a: the column is missing (1 rows)",
            "Block t.b: of type str, not f64 (1 rows)",
            "Block t.c: of type i64, not i32 (1 rows)",
            "Warn t.d: the column is not in the contract (1 rows)",
        ]
    );
}

#[test]
fn nulls_break_a_required_column_and_the_limit_of_the_layer() {
    let registry = one_table(
        "{ name: id, type: string, nulls: block }, { name: a, type: number }, { name: b, type: number, null_rate: { limit: 0.9, severity: block } }",
    );
    let nine_of_ten: Vec<Option<f64>> = (0..10).map(|row| (row == 0).then_some(1.0)).collect();
    let mut ids: Vec<Option<&str>> = vec![Some("C1"); 10];
    ids[4] = None;
    let frame = df!("id" => ids, "a" => &nine_of_ten, "b" => &nine_of_ten).unwrap();
    let violations = violations(&registry, &frame);
    assert_eq!(
        words(&violations),
        [
            "Block t.id: null where a value is required, first in data row 5 (1 rows)",
            "Warn t.a: 90.0 % null, at most 80.0 % allowed, first in data row 2 (9 rows)",
        ]
    );
    assert_eq!(violations[0].examples, ["data row 5"]);
}

#[test]
fn a_number_is_finite_and_in_its_range() {
    let registry = one_table("{ name: id, type: string }, { name: x, type: number, range: { min: 0, max: 1 } }");
    let frame = df!("id" => ["A", "B", "C", "D", "E"], "x" => [0.0, 1.0, 1.5, f64::NAN, f64::INFINITY]).unwrap();
    let violations = violations(&registry, &frame);
    assert_eq!(
        words(&violations),
        [
            "Block t.x: not a finite number, first in data row 4 (2 rows)",
            "Block t.x: outside the range 0 to 1, first in data row 3 (1 rows)"
        ]
    );
    assert_eq!((&violations[0].examples, &violations[1].examples), (&vec!["D".into(), "E".into()], &vec!["C".into()]));
}

#[test]
fn numbers_below_0_warn_while_they_are_rare_among_those_that_are_there() {
    let registry = one_table(
        "{ name: x, type: number, range: { min: -0.5, severity: block }, below_zero: { warn: 0, block: 0.1 } }",
    );
    let found = |below: usize| {
        // Half of the cells have nothing.
        let cell = |row: usize| (row < 20).then_some(if row < below { -0.1 } else { 0.1 });
        let frame = df!("x" => (0..40).map(cell).collect::<Vec<Option<f64>>>()).unwrap();
        words(&violations(&registry, &frame))
    };
    let told = "t.x: below 0, which rare months alone may be (at most 10.0 %): look at the sign, first in data row 1";
    assert!(found(0).is_empty());
    assert_eq!(found(2), [format!("Warn {told} (2 rows)")]);
    assert_eq!(found(3), [format!("Block {told} (3 rows)")]);
}

#[test]
fn dates_have_ranges_and_months_start_on_their_first_day() {
    let registry = one_table(
        "{ name: d, type: date, range: { min: 1970-01-02, max: 1970-12-31 } }, { name: m, type: month_start, form: warn }",
    );
    let frame =
        DataFrame::new(3, vec![dates("d", &[Some(0), Some(1), None]), dates("m", &[Some(0), Some(31), Some(32)])])
            .unwrap();
    let report = check(&registry, Layer::Raw, &[("t", &frame)], &[]);
    assert_eq!(
        words(&report.violations),
        [
            "Block t.d: outside the range 1970-01-02 to 1970-12-31, first in data row 1 (1 rows)",
            "Warn t.m: not the first day of a month, first in data row 3 (1 rows)",
        ]
    );
    let days = &report.tables[0].schema[0];
    assert_eq!((days.first_date.as_deref(), days.last_date.as_deref()), (Some("1970-01-01"), Some("1970-01-02")));
}

#[test]
fn values_flags_months_and_ids_keep_their_form() {
    let registry = one_table(
        "{ name: id, type: customer_id }, { name: v, type: string, values: { allowed: [x, y] } }, { name: f, type: flag }, { name: m, type: month }",
    );
    let frame = df!(
        "id" => ["C1", "1"], "v" => [Some("z"), None], "f" => [2, 1], "m" => ["2024-13", "2024-12"]
    )
    .unwrap();
    assert_eq!(
        words(&violations(&registry, &frame)),
        [
            "Block t.id: not C and digits, first in data row 2 (1 rows)",
            "Warn t.v: not one of the allowed values, first in data row 1 (1 rows)",
            "Block t.f: not 0 or 1, first in data row 1 (1 rows)",
            "Block t.m: not a month YYYY-MM, first in data row 1 (1 rows)",
        ]
    );
}

#[test]
fn a_repeated_key_counts_the_surplus_rows_and_skips_nulls() {
    let registry = registry(
        "
  t:
    layer: raw
    unique: [{ columns: [id, month], severity: block }]
    columns: [{ name: id, type: string }, { name: month, type: month }, { name: value, type: integer }]
",
    );
    let frame = df!(
        "id" => [Some("A"), Some("A"), Some("B"), Some("A"), None, None, Some("A")],
        "month" => ["2024-01", "2024-02", "2024-01", "2024-01", "2024-01", "2024-01", "2024-01"],
        "value" => [1_i32, 2, 3, 4, 5, 6, 7]
    )
    .unwrap();
    let report = check(&registry, Layer::Raw, &[("t", &frame)], &[]);
    assert_eq!(words(&report.violations), ["Block t: repeated key (id, month), first in data row 4 (2 rows)"]);
    assert_eq!(report.violations[0].examples, ["A / 2024-01", "A / 2024-01"]);
    assert_eq!(report.tables[0].duplicate_keys, 2);
}

#[test]
fn the_same_row_twice_is_told_and_rows_that_differ_block_above_their_share() {
    let registry = registry(
        "
  t:
    layer: raw
    unique: [{ columns: [id], severity: warn, block_above: 0.2, hint: deliver one row per customer }]
    columns: [{ name: id, type: string }, { name: value, type: integer }]
",
    );
    let told = |values: [i32; 5]| {
        words(&violations(&registry, &df!("id" => ["A", "B", "C", "A", "B"], "value" => values).unwrap()))
    };
    let same =
        "Info t: the same row as an earlier one of its key (id), which counts once, first in data row 4 (2 rows)";
    assert_eq!(told([1, 2, 3, 1, 2]), [same]);
    let one = told([1, 2, 3, 1, 9]);
    assert_eq!(one[1], "Warn t: repeated key (id); deliver one row per customer, first in data row 5 (1 rows)");
    assert!(told([1, 2, 3, 8, 9])[0].starts_with("Block t: repeated key (id); deliver one row per customer"));
}

#[test]
fn two_days_of_one_month_are_one_key() {
    let registry = registry(
        "
  t:
    layer: raw
    unique: [{ columns: [day], severity: block }]
    columns: [{ name: day, type: month_start, form: warn }]
",
    );
    let frame = DataFrame::new(3, vec![dates("day", &[Some(0), Some(30), Some(31)])]).unwrap();
    let repeated = words(&violations(&registry, &frame));
    assert!(repeated.contains(&"Block t: repeated key (day), first in data row 2 (1 rows)".to_owned()), "{repeated:?}");
}

#[test]
fn rows_of_layer_tables_are_not_numbered() {
    let registry = registry("  t: { layer: gold, columns: [{ name: f, type: flag }] }\n");
    let report = check(&registry, Layer::Gold, &[("t", &df!("f" => [2]).unwrap())], &[]);
    assert_eq!(words(&report.violations), ["Block t.f: not 0 or 1 (1 rows)"]);
}

const REFERRING: &str = "
  t:
    layer: raw
    references: [{ column: id, table: u, key: id, severity: warn }]
    columns: [{ name: id, type: string }]
  u:
    layer: bronze
    columns: [{ name: id, type: string }]
";

#[test]
fn unknown_references_are_found_in_related_tables() {
    let registry = registry(REFERRING);
    let frame = df!("id" => [Some("A"), Some("B"), None, Some("B")]).unwrap();
    let known = df!("id" => ["A"]).unwrap();
    let report = check(&registry, Layer::Raw, &[("t", &frame)], &[("u", &known)]);
    assert_eq!(words(&report.violations), ["Warn t.id: not in u.id, first in data row 2 (2 rows)"]);
    assert!(report.passed);
    assert_eq!(report.warnings(), 1);
}

#[test]
fn a_related_table_is_looked_into_before_one_of_the_same_name() {
    let frame = df!("id" => ["A", "B"]).unwrap();
    let some = df!("id" => ["A"]).unwrap();
    let report = check(&registry(REFERRING), Layer::Raw, &[("t", &frame), ("u", &some)], &[("u", &frame)]);
    assert_eq!(words(&report.violations), ["Block u: belongs to the layer bronze, not to raw (0 rows)"]);
}

#[test]
fn a_reference_that_cannot_be_checked_blocks() {
    let frame = df!("id" => ["A"]).unwrap();
    let report = check(&registry(REFERRING), Layer::Raw, &[("t", &frame)], &[]);
    assert_eq!(words(&report.violations), ["Block t.id: u.id was not there to compare with (1 rows)"]);
}

#[test]
fn few_rows_warn_and_no_rows_block() {
    let registry = registry(
        "  t: { layer: raw, rows: { min: 2, severity: warn }, columns: [{ name: id, type: string, nulls: block }] }\n",
    );
    let one = df!("id" => ["A"]).unwrap();
    assert_eq!(words(&violations(&registry, &one)), ["Warn t: fewer rows than the 2 expected (1 rows)"]);
    assert!(violations(&registry, &df!("id" => ["A", "B"]).unwrap()).is_empty());
    assert_eq!(words(&violations(&registry, &one.clear())), ["Block t: the table is empty (0 rows)"]);
}

#[test]
fn stale_data_is_seen_from_the_date_of_the_run() {
    let registry = registry(
        "
  t:
    layer: raw
    freshness: { column: month, max_age_days: 30, severity: warn }
    columns: [{ name: month, type: month }]
",
    );
    let frame = df!("month" => ["2024-12", "2024-11"]).unwrap();
    let at = |date: &str| {
        check_at(&registry, Layer::Raw, &[("t", &frame)], &[], SnapshotDate::parse(date).unwrap()).violations
    };
    assert!(at("2024-12-31").is_empty());
    assert!(at("2024-11-30").is_empty());
    let stale = "Warn t.month: the latest is 31 days before the run's date, at most 30 expected (2 rows)";
    assert_eq!(words(&at("2025-01-01")), [stale]);
}

#[test]
fn an_age_that_cannot_be_told_is_not_fresh() {
    let registry = registry(
        "
  t:
    layer: raw
    freshness: { column: month, max_age_days: 30, severity: block }
    columns: [{ name: month, type: month, form: warn }]
",
    );
    let as_of = SnapshotDate::parse("2024-12-31").unwrap();
    for months in [[None::<&str>, None], [Some("2024-12"), Some("soon")]] {
        let frame = df!("month" => months).unwrap();
        let report = check_at(&registry, Layer::Raw, &[("t", &frame)], &[], as_of);
        let last = words(&report.violations).pop().unwrap();
        assert_eq!(last, "Block t.month: no value to tell the age of the data by (2 rows)");
    }
    let empty = df!("month" => [""]).unwrap().clear();
    let report = check_at(&registry, Layer::Raw, &[("t", &empty)], &[], as_of);
    assert_eq!(words(&report.violations), ["Block t: the table is empty (0 rows)"]);
}

#[test]
fn a_share_of_nulls_at_the_limit_is_allowed() {
    let registry = one_table("{ name: a, type: number, null_rate: { limit: 0.5, severity: block } }");
    assert!(violations(&registry, &df!("a" => [Some(1.0), None]).unwrap()).is_empty());
    let two_of_three = violations(&registry, &df!("a" => [Some(1.0), None, None]).unwrap());
    assert_eq!(words(&two_of_three), ["Block t.a: 66.7 % null, at most 50.0 % allowed, first in data row 2 (2 rows)"]);
}

#[test]
fn the_ends_of_a_range_are_inside_and_their_neighbours_are_not() {
    let registry = one_table("{ name: x, type: number, range: { min: 1, max: 2 } }");
    assert!(violations(&registry, &df!("x" => [1.0, 2.0]).unwrap()).is_empty());
    let outside = df!("x" => [1.0_f64.next_down(), 2.0_f64.next_up()]).unwrap();
    assert_eq!(
        words(&violations(&registry, &outside)),
        ["Block t.x: outside the range 1 to 2, first in data row 1 (2 rows)"]
    );
}

#[test]
fn a_table_without_contract_or_of_another_layer_blocks() {
    let registry = one_table("{ name: id, type: string }");
    let frame = df!("id" => ["A"]).unwrap();
    let unknown = check(&registry, Layer::Raw, &[("v", &frame)], &[]);
    assert_eq!(words(&unknown.violations), ["Block v: has no contract in column_registry.yaml (0 rows)"]);
    let elsewhere = check(&registry, Layer::Gold, &[("t", &frame)], &[]);
    assert_eq!(words(&elsewhere.violations), ["Block t: belongs to the layer raw, not to gold (0 rows)"]);
}

#[test]
fn the_failure_lists_all_blocking_rules_and_no_example() {
    let registry = one_table(
        "{ name: id, type: customer_id }, { name: x, type: number, range: { max: 1 } }, { name: y, type: string }",
    );
    let frame = df!("id" => ["secret"], "x" => [7.0], "extra" => [1.0]).unwrap();
    let report = check(&registry, Layer::Raw, &[("t", &frame)], &[]);
    assert_eq!(report.violations[0].examples, ["secret"]);
    let error = report.require().unwrap_err();
    assert!(matches!(&error, Error::Contract { findings, .. } if findings.len() == 3));
    let everything = format!("{error} {error:?}");
    assert!(!everything.contains("secret"), "{everything}");
    assert!(error.to_string().starts_with(
        "raw: 3 blocking contract violation(s): t.id: not C and digits, first in data row 1 (1 rows); t.x: "
    ));
}

#[test]
fn a_report_survives_its_json_file() {
    let registry = one_table("{ name: id, type: customer_id }, { name: x, type: number }");
    let frame = DataFrame::new(1, vec![Column::new("id".into(), ["A"]), Column::new("x".into(), [f64::NAN])]).unwrap();
    let report = check(&registry, Layer::Raw, &[("t", &frame)], &[]);
    let json = serde_json::to_string_pretty(&report).unwrap();
    assert_eq!(serde_json::from_str::<QualityReport>(&json).unwrap(), report);
}

#[test]
fn unknown_references_are_told_warn_and_block_by_their_share() {
    let registry = registry(
        "
  t:
    layer: raw
    references: [{ column: id, table: u, key: id, severity: warn, told_up_to: 0.1, block_above: 0.5 }]
    columns: [{ name: id, type: string }]
  u: { layer: raw, columns: [{ name: id, type: string }] }
",
    );
    let known = df!("id" => ["A"]).unwrap();
    let severity = |unknown: usize| {
        let ids: Vec<&str> = std::iter::repeat_n("B", unknown).chain(std::iter::repeat_n("A", 10 - unknown)).collect();
        let frame = df!("id" => ids).unwrap();
        let report = check(&registry, Layer::Raw, &[("t", &frame)], &[("u", &known)]);
        report.violations.first().map(|violation| violation.severity)
    };
    let expected = [None, Some(Severity::Info), Some(Severity::Warn), Some(Severity::Block)];
    assert_eq!([0, 1, 5, 6].map(severity), expected);
}
