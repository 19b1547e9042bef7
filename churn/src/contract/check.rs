//! Checks the tables of a layer against their contracts.

use polars::prelude::DataFrame;

use super::cells::{Broken, Cells, day_number};
use super::profile::profile;
use super::registry::ColumnRegistry;
use super::report::{QualityReport, TableProfile};
use super::rules::{ColumnRules, ColumnType, FreshnessRule, Layer, ReferenceRule, TableRules, UniqueRule};
use super::{column, keys};
use crate::cores;
use crate::quality::{Evaluation, Finding};
use crate::raw::repeats;
use crate::snapshot_date::SnapshotDate;
use crate::violation::{Severity, Violation};

/// A rule's name and its words.
type Rule = (&'static str, String);

/// Named tables.
type Tables<'a> = &'a [(&'a str, &'a DataFrame)];

/// Checks `tables` of `layer`; `related` holds further tables that references may lead to, before those of `tables`.
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
                let rule = format!("belongs to the layer {}, not to {}", rules.layer.as_str(), layer.as_str());
                violations.push(violation(name, None, ("layer", rule), 0, Severity::Block));
                profile
            }
            None => {
                violations.push(violation(
                    name,
                    None,
                    ("no_contract", "has no contract in column_registry.yaml".into()),
                    0,
                    Severity::Block,
                ));
                profile
            }
        };
        profiles.push(checked);
    }
    let passed = violations.iter().all(|violation| violation.severity != Severity::Block);
    let findings: Vec<Finding> = violations.iter().map(Finding::from).collect();
    let checks = tables.iter().filter_map(|(name, _)| registry.table(name).map(|rules| (*name, rules)));
    let checks = checks.flat_map(|(name, rules)| evaluations(name, rules, as_of, &findings)).collect();
    QualityReport { passed, violations, checks, ..QualityReport::of(layer, profiles) }
}

/// Which rules of the contract were applied to a table, and how that ended.
fn evaluations(name: &str, rules: &TableRules, as_of: Option<SnapshotDate>, findings: &[Finding]) -> Vec<Evaluation> {
    let mut applied = vec!["missing_column", "type", "nulls", "null_rate", "finite", "form", "range", "values"];
    applied.extend(["undeclared_column", "empty", "few_rows", "repeated_row", "repeated_key", "reference"]);
    if rules.columns.iter().any(|column| column.below_zero.is_some()) {
        applied.push("below_zero");
    }
    let mut evaluations: Vec<_> = applied.iter().map(|rule| Evaluation::of(name, rule, findings)).collect();
    if rules.freshness.is_some() {
        evaluations.push(match as_of {
            Some(_) => Evaluation::of(name, "freshness", findings),
            None => Evaluation::not_made(
                name,
                "freshness",
                "the run's date is settled later; what is missing by then is told as carried_forward",
            ),
        });
    }
    evaluations
}

/// What the rules of a column find in a table.
enum Found {
    NoColumn,
    OtherType(String),
    Broken(Vec<column::Finding>),
}

impl Found {
    fn of(rules: &ColumnRules, frame: &DataFrame, profile: &TableProfile) -> Self {
        let Ok(column) = frame.column(&rules.name) else { return Self::NoColumn };
        let Some(cells) = Cells::typed(column, rules.column_type) else {
            return Self::OtherType(column.dtype().to_string());
        };
        let profile = profile.schema.iter().find(|profile| profile.name == rules.name);
        Self::Broken(profile.map(|profile| column::findings(rules, &cells, profile)).unwrap_or_default())
    }
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
        let (columns, frame, profile) = (&self.rules.columns, self.frame, &self.profile);
        let found = cores::map(columns, |rules| Found::of(rules, frame, profile));
        for (rules, found) in columns.iter().zip(found) {
            match found {
                Found::NoColumn => {
                    let rule = ("missing_column", "the column is missing".into());
                    self.tell(Some(&rules.name), rule, self.profile.rows, Severity::Block);
                }
                Found::OtherType(dtype) => {
                    let rule = ("type", format!("of type {dtype}, not {}", type_name(rules.column_type)));
                    self.tell(Some(&rules.name), rule, self.profile.rows, Severity::Block);
                }
                Found::Broken(findings) => {
                    for column::Finding { name, rule, broken, severity } in findings {
                        self.tell_rows(Some(&rules.name), (name, rule), &broken, severity);
                    }
                }
            }
        }
        for column in self.frame.columns() {
            if self.rules.column(column.name()).is_none() {
                self.tell(
                    Some(column.name()),
                    ("undeclared_column", "the column is not in the contract".into()),
                    self.profile.rows,
                    undeclared,
                );
            }
        }
    }

    fn rows(&mut self) {
        let rows = self.frame.height();
        if rows == 0 {
            if self.rules.may_be_empty {
                return;
            }
            self.tell(None, ("empty", "the table is empty".into()), 0, Severity::Block);
        } else if let Some(rule) = self.rules.rows
            && rows < rule.min
        {
            let text = format!("fewer rows than the {} expected", rule.min);
            self.tell(None, ("few_rows", text), self.profile.rows, rule.severity);
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
                self.repeated_key(rule, repeated);
            }
        }
    }

    /// A raw file may have the same row twice: readers take it once. Rows that say different things are another matter.
    fn repeated_key(&mut self, rule: &UniqueRule, repeated: Broken) {
        let key = rule.columns.join(", ");
        let names: Vec<&str> = rule.columns.iter().map(String::as_str).collect();
        let (same, different) = match self.rules.layer {
            Layer::Raw => repeats(self.frame, &names)
                .map_or((Broken::default(), repeated), |found| (Broken::of(&found.same), Broken::of(&found.different))),
            _ => (Broken::default(), repeated),
        };
        if same.count > 0 {
            let text = format!("the same row as an earlier one of its key ({key}), which counts once");
            self.tell_rows(None, ("repeated_row", text), &same, Severity::Info);
        }
        if different.count > 0 {
            let hint = rule.hint.as_deref().map(|hint| format!("; {hint}")).unwrap_or_default();
            let text = format!("repeated key ({key}){hint}");
            let too_many = |limit| share(different.count, self.profile.rows).is_some_and(|share| share > limit);
            let severity = if rule.block_above.is_some_and(too_many) { Severity::Block } else { rule.severity };
            self.tell_rows(None, ("repeated_key", text), &different, severity);
        }
    }

    fn references(&mut self, tables: Tables<'_>, related: Tables<'_>) {
        for rule in &self.rules.references {
            let Some((cells, _)) = self.declared(&rule.column) else { continue };
            match unknown_references(rule, &cells, tables, related) {
                Some(unknown) if unknown.count > 0 => {
                    let text = format!("not in {}.{}", rule.table, rule.key);
                    let severity = rule.severity_of(share(unknown.count, self.profile.rows).unwrap_or_default());
                    self.tell_rows(Some(&rule.column), ("reference", text), &unknown, severity);
                }
                Some(_) => {}
                // Unknown is never good: a reference that cannot be checked does not pass.
                None => {
                    let text = format!("{}.{} was not there to compare with", rule.table, rule.key);
                    self.tell(Some(&rule.column), ("reference", text), self.profile.rows, Severity::Block);
                }
            }
        }
    }

    fn freshness(&mut self, as_of: Option<SnapshotDate>) {
        let (Some(rule), Some(as_of)) = (&self.rules.freshness, as_of) else { return };
        let Some((cells, _)) = self.declared(&rule.column) else { return };
        match age_days(&cells, as_of) {
            Some(age) if age <= rule.max_age_days => {}
            Some(age) => {
                self.tell(Some(&rule.column), ("freshness", stale(rule, age)), self.profile.rows, rule.severity);
            }
            // An empty table has a violation of its own.
            None if self.profile.rows == 0 => {}
            None => {
                let text = "no value to tell the age of the data by".to_owned();
                self.tell(Some(&rule.column), ("freshness", text), self.profile.rows, rule.severity);
            }
        }
    }

    /// A column of the contract, when the table has it in the right type.
    fn declared(&self, name: &str) -> Option<(Cells<'a>, ColumnType)> {
        let column_type = self.rules.column(name)?.column_type;
        let cells = Cells::typed(self.frame.column(name).ok()?, column_type)?;
        Some((cells, column_type))
    }

    fn tell(&mut self, column: Option<&str>, rule: Rule, count: u64, severity: Severity) {
        let share = share(count, self.profile.rows);
        self.violations.push(Violation { share, ..violation(self.name, column, rule, count, severity) });
    }

    fn tell_rows(&mut self, column: Option<&str>, (name, rule): Rule, broken: &Broken, severity: Severity) {
        let examples = broken.first.iter().map(|&row| self.row_name(row)).collect();
        // Raw tables keep the order of their file: the place can be named without showing a key.
        let rule = match broken.first.first() {
            Some(row) if self.rules.layer == Layer::Raw => format!("{rule}, first in data row {}", row + 1),
            _ => rule,
        };
        let share = share(broken.count, self.profile.rows);
        let violation = violation(self.name, column, (name, rule), broken.count, severity);
        self.violations.push(Violation { share, examples, ..violation });
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

fn share(count: u64, rows: u64) -> Option<f64> {
    (rows > 0).then(|| count as f64 / rows as f64)
}

fn violation(table: &str, column: Option<&str>, (name, rule): Rule, count: u64, severity: Severity) -> Violation {
    Violation {
        table: table.to_owned(),
        column: column.map(str::to_owned),
        name: name.to_owned(),
        rule,
        count,
        share: None,
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
    let (_, other) = related.iter().chain(tables).find(|(name, _)| *name == rule.table)?;
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
mod tests;
