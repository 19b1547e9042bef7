//! Checks the tables of a layer against their contracts.

use polars::prelude::DataFrame;

use super::cells::{Broken, Cells, day_number};
use super::profile::profile;
use super::report::{QualityReport, TableProfile};
use super::rules::{ColumnType, FreshnessRule, Layer, ReferenceRule, TableRules};
use super::{ColumnRegistry, Severity, Violation, column, keys};
use crate::snapshot_date::SnapshotDate;

/// Named tables.
type Tables<'a> = &'a [(&'a str, &'a DataFrame)];

/// Checks `tables` of `layer`; `related` holds further tables that references may lead to.
///
/// All violations of all tables are in the report, none is an error here. Freshness needs the
/// run's date: see [`check_at`].
pub fn check(registry: &ColumnRegistry, layer: Layer, tables: Tables<'_>, related: Tables<'_>) -> QualityReport {
    check_all(registry, layer, tables, related, None)
}

/// As [`check`], and freshness as seen from `as_of`.
pub fn check_at(
    registry: &ColumnRegistry,
    layer: Layer,
    tables: Tables<'_>,
    related: Tables<'_>,
    as_of: SnapshotDate,
) -> QualityReport {
    check_all(registry, layer, tables, related, Some(as_of))
}

fn check_all(
    registry: &ColumnRegistry,
    layer: Layer,
    tables: Tables<'_>,
    related: Tables<'_>,
    as_of: Option<SnapshotDate>,
) -> QualityReport {
    let mut violations = Vec::new();
    let mut profiles = Vec::with_capacity(tables.len());
    for &(name, frame) in tables {
        let profile = profile(name, frame);
        let checked = match registry.table(name) {
            Some(rules) if rules.layer == layer => {
                let mut check = TableCheck { name, rules, frame, profile, violations: &mut violations };
                check.columns(registry.undeclared_column());
                check.rows();
                check.unique_keys();
                check.references(tables, related);
                check.freshness(as_of);
                check.profile
            }
            Some(rules) => {
                let rule = format!("belongs to the layer {}, not to {}", rules.layer.name(), layer.name());
                violations.push(violation(name, None, rule, 0, Severity::Block));
                profile
            }
            None => {
                violations.push(violation(
                    name,
                    None,
                    "has no contract in column_registry.yaml".into(),
                    0,
                    Severity::Block,
                ));
                profile
            }
        };
        profiles.push(checked);
    }
    let passed = violations.iter().all(|violation| violation.severity == Severity::Warn);
    QualityReport { layer, passed, violations, tables: profiles, readings: None }
}

struct TableCheck<'a> {
    name: &'a str,
    rules: &'a TableRules,
    frame: &'a DataFrame,
    profile: TableProfile,
    violations: &'a mut Vec<Violation>,
}

impl<'a> TableCheck<'a> {
    fn columns(&mut self, undeclared: Severity) {
        for rules in &self.rules.columns {
            let Ok(column) = self.frame.column(&rules.name) else {
                self.tell(Some(&rules.name), "the column is missing".into(), self.profile.rows, Severity::Block);
                continue;
            };
            let Some(cells) = Cells::typed(column, rules.column_type) else {
                let rule = format!("of type {}, not {}", column.dtype(), type_name(rules.column_type));
                self.tell(Some(&rules.name), rule, self.profile.rows, Severity::Block);
                continue;
            };
            let Some(profile) = self.profile.schema.iter().find(|profile| profile.name == rules.name) else {
                continue;
            };
            for finding in column::findings(rules, &cells, profile) {
                self.tell_rows(Some(&rules.name), finding.rule, &finding.broken, finding.severity);
            }
        }
        for column in self.frame.columns() {
            if self.rules.column(column.name()).is_none() {
                self.tell(
                    Some(column.name()),
                    "the column is not in the contract".into(),
                    self.profile.rows,
                    undeclared,
                );
            }
        }
    }

    fn rows(&mut self) {
        let rows = self.frame.height();
        if rows == 0 {
            self.tell(None, "the table is empty".into(), 0, Severity::Block);
        } else if let Some(rule) = self.rules.rows
            && rows < rule.min
        {
            self.tell(None, format!("fewer rows than the {} expected", rule.min), self.profile.rows, rule.severity);
        }
    }

    fn unique_keys(&mut self) {
        for rule in &self.rules.unique {
            // A missing column has its own violation already.
            let key: Option<Vec<_>> = rule.columns.iter().map(|name| self.declared(name)).collect();
            let Some(key) = key else { continue };
            let repeated = keys::repeated(&key);
            self.profile.duplicate_keys += repeated.count;
            if repeated.count > 0 {
                let rule_text = format!("repeated key ({})", rule.columns.join(", "));
                self.tell_rows(None, rule_text, &repeated, rule.severity);
            }
        }
    }

    fn references(&mut self, tables: Tables<'_>, related: Tables<'_>) {
        for rule in &self.rules.references {
            let Some((cells, _)) = self.declared(&rule.column) else { continue };
            match unknown_references(rule, &cells, tables, related) {
                Some(unknown) if unknown.count > 0 => {
                    let text = format!("not in {}.{}", rule.table, rule.key);
                    self.tell_rows(Some(&rule.column), text, &unknown, rule.severity);
                }
                Some(_) => {}
                // Unknown is never good: a reference that cannot be checked does not pass.
                None => {
                    let text = format!("{}.{} was not there to compare with", rule.table, rule.key);
                    self.tell(Some(&rule.column), text, self.profile.rows, Severity::Block);
                }
            }
        }
    }

    fn freshness(&mut self, as_of: Option<SnapshotDate>) {
        let (Some(rule), Some(as_of)) = (&self.rules.freshness, as_of) else { return };
        let Some((cells, _)) = self.declared(&rule.column) else { return };
        if let Some(age) = age_days(&cells, as_of)
            && age > rule.max_age_days
        {
            self.tell(Some(&rule.column), stale(rule, age), self.profile.rows, rule.severity);
        }
    }

    /// A column of the contract, when the table has it in the right type.
    fn declared(&self, name: &str) -> Option<(Cells<'a>, ColumnType)> {
        let column_type = self.rules.column(name)?.column_type;
        let cells = Cells::typed(self.frame.column(name).ok()?, column_type)?;
        Some((cells, column_type))
    }

    fn tell(&mut self, column: Option<&str>, rule: String, count: u64, severity: Severity) {
        self.violations.push(violation(self.name, column, rule, count, severity));
    }

    fn tell_rows(&mut self, column: Option<&str>, rule: String, broken: &Broken, severity: Severity) {
        let examples = broken.first.iter().map(|&row| self.row_name(row)).collect();
        // Raw tables keep the order of their file: the place can be named without showing a key.
        let rule = match broken.first.first() {
            Some(row) if self.rules.layer == Layer::Raw => format!("{rule}, first in data row {}", row + 1),
            _ => rule,
        };
        let violation = Violation { examples, ..violation(self.name, column, rule, broken.count, severity) };
        self.violations.push(violation);
    }

    /// A row by its key; by its number (from 1, without the header) where the key has gaps.
    fn row_name(&self, row: usize) -> String {
        let key = match self.rules.unique.first() {
            Some(rule) => rule.columns.as_slice(),
            None => self.rules.columns.first().map(|column| std::slice::from_ref(&column.name)).unwrap_or_default(),
        };
        let cells: Option<Vec<String>> = key.iter().map(|name| self.declared(name)?.0.text(row)).collect();
        cells.map_or_else(|| format!("data row {}", row + 1), |cells| cells.join(" / "))
    }
}

fn violation(table: &str, column: Option<&str>, rule: String, count: u64, severity: Severity) -> Violation {
    Violation {
        table: table.to_owned(),
        column: column.map(str::to_owned),
        rule,
        count,
        examples: Vec::new(),
        severity,
    }
}

fn unknown_references(
    rule: &ReferenceRule,
    cells: &Cells<'_>,
    tables: Tables<'_>,
    related: Tables<'_>,
) -> Option<Broken> {
    let (_, other) = tables.iter().chain(related).find(|(name, _)| *name == rule.table)?;
    let known = Cells::of(other.column(&rule.key).ok()?)?;
    keys::unknown(cells, &known)
}

/// Days from the latest date (or first of the latest month) to `as_of`.
fn age_days(cells: &Cells<'_>, as_of: SnapshotDate) -> Option<i32> {
    let latest = match cells {
        Cells::Date(days) => days.iter().flatten().max()?,
        Cells::Text(months) => {
            let latest = months.iter().flatten().max()?;
            day_number(SnapshotDate::parse(&format!("{latest}-01")).ok()?.date())
        }
        Cells::Integer(_) | Cells::Number(_) => return None,
    };
    Some(day_number(as_of.date()) - latest)
}

fn stale(rule: &FreshnessRule, age: i32) -> String {
    format!("the latest is {age} days before the run's date, at most {} expected", rule.max_age_days)
}

fn type_name(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::String | ColumnType::CustomerId | ColumnType::Month => "str",
        ColumnType::Integer | ColumnType::Flag => "i32",
        ColumnType::Number => "f64",
        ColumnType::Date | ColumnType::MonthStart => "date",
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(
            (&violations[0].examples, &violations[1].examples),
            (&vec!["D".into(), "E".into()], &vec!["C".into()])
        );
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
    columns: [{ name: id, type: string }, { name: month, type: month }]
",
        );
        let frame = df!(
            "id" => [Some("A"), Some("A"), Some("B"), Some("A"), None, None, Some("A")],
            "month" => ["2024-01", "2024-02", "2024-01", "2024-01", "2024-01", "2024-01", "2024-01"]
        )
        .unwrap();
        let report = check(&registry, Layer::Raw, &[("t", &frame)], &[]);
        assert_eq!(words(&report.violations), ["Block t: repeated key (id, month), first in data row 4 (2 rows)"]);
        assert_eq!(report.violations[0].examples, ["A / 2024-01", "A / 2024-01"]);
        assert_eq!(report.tables[0].duplicate_keys, 2);
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
        assert!(
            repeated.contains(&"Block t: repeated key (day), first in data row 2 (1 rows)".to_owned()),
            "{repeated:?}"
        );
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
        let stale = "Warn t.month: the latest is 31 days before the run's date, at most 30 expected (2 rows)";
        assert_eq!(words(&at("2025-01-01")), [stale]);
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
        assert!(matches!(&error, Error::Contract { violations, .. } if violations.len() == 3));
        let everything = format!("{error} {error:?}");
        assert!(!everything.contains("secret"), "{everything}");
        assert!(error.to_string().starts_with(
            "raw: 3 blocking contract violation(s): t.id: not C and digits, first in data row 1 (1 rows); t.x: "
        ));
    }

    #[test]
    fn a_report_survives_its_json_file() {
        let registry = one_table("{ name: id, type: customer_id }, { name: x, type: number }");
        let frame =
            DataFrame::new(1, vec![Column::new("id".into(), ["A"]), Column::new("x".into(), [f64::NAN])]).unwrap();
        let report = check(&registry, Layer::Raw, &[("t", &frame)], &[]);
        let json = serde_json::to_string_pretty(&report).unwrap();
        assert_eq!(serde_json::from_str::<QualityReport>(&json).unwrap(), report);
    }
}
