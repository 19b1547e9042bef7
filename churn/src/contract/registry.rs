//! Parses `column_registry.yaml` and refuses what does not fit together, all problems at once.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Deserialize;
use serde_norway::{Mapping, Value};

use super::cells::day_number;
use super::rules::{
    ColumnRules, ColumnType, FreshnessRule, Layer, Range, ReferenceRule, RowRule, TableRules, UniqueRule, Values,
};
use crate::delivery::DeliveryRules;
use crate::error::{Error, Result};
use crate::quality::{CheckRules, Limits, Plausible};
use crate::violation::Severity;

/// The parsed `column_registry.yaml`: the contract of every raw file and layer table.
#[derive(Debug, Clone)]
pub struct ColumnRegistry {
    tables: BTreeMap<String, TableRules>,
    undeclared_column: Severity,
    checks: CheckRules,
    delivery: DeliveryRules,
}

impl ColumnRegistry {
    /// Parses the YAML text; every unknown field, type, column or table that it names is reported.
    pub fn parse(yaml: &str) -> Result<Self> {
        let file: RegistryFile = serde_norway::from_str(yaml)
            .map_err(|problem| Error::settings("column_registry.yaml", problem.to_string()))?;
        let mut problems = file.checks.problems();
        for (layer, limit) in &file.null_limits {
            refuse_share(&format!("null_limits.{}", layer.as_str()), *limit, &mut problems);
        }
        let tables: BTreeMap<String, TableRules> =
            file.tables.iter().filter_map(|(name, table)| parse_table(name, table, &file, &mut problems)).collect();
        problems.extend(file.delivery.problems());
        for (name, table) in &tables {
            check_references(name, table, &tables, &mut problems);
        }
        if !problems.is_empty() {
            return Err(Error::settings("column_registry.yaml", problems.join("; ")));
        }
        Ok(Self {
            tables,
            undeclared_column: file.severity.undeclared_column,
            checks: file.checks,
            delivery: file.delivery,
        })
    }

    /// The contract of one table.
    pub fn table(&self, name: &str) -> Option<&TableRules> {
        self.tables.get(name)
    }

    /// All tables with their contracts, by name.
    pub fn tables(&self) -> impl Iterator<Item = (&str, &TableRules)> {
        self.tables.iter().map(|(name, table)| (name.as_str(), table))
    }

    /// The limits of all checks that no single column has.
    pub fn checks(&self) -> &CheckRules {
        &self.checks
    }

    /// What is otherwise than in the last published run warns and never blocks: for invented data, of which every set is
    /// another world.
    pub fn forgive_other_worlds(&mut self) {
        self.checks.published.block = 1.0;
        self.checks.unseen_categories.block = 1.0;
        self.checks.published_money_block = Plausible { least: 0.0, most: f64::MAX };
    }

    /// How much may be wrong with a delivery as a whole.
    pub fn delivery(&self) -> &DeliveryRules {
        &self.delivery
    }

    /// What a column that the contract does not have leads to.
    pub(super) fn undeclared_column(&self) -> Severity {
        self.undeclared_column
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegistryFile {
    null_limits: BTreeMap<Layer, f64>,
    severity: DefaultSeverity,
    #[serde(default)]
    checks: CheckRules,
    #[serde(default)]
    delivery: DeliveryRules,
    tables: Mapping,
}

/// The severity of a check where a column does not set its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DefaultSeverity {
    null_rate: Severity,
    range: Severity,
    values: Severity,
    form: Severity,
    undeclared_column: Severity,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableEntry {
    layer: Layer,
    rows: Option<RowRule>,
    #[serde(default)]
    may_be_empty: bool,
    #[serde(default)]
    unique: Vec<UniqueRule>,
    #[serde(default)]
    references: Vec<ReferenceRule>,
    freshness: Option<FreshnessRule>,
    columns: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnEntry {
    name: String,
    #[serde(rename = "type")]
    column_type: ColumnType,
    nulls: Option<Severity>,
    null_rate: Option<NullRateEntry>,
    form: Option<Severity>,
    range: Option<RangeEntry>,
    below_zero: Option<Limits>,
    values: Option<ValuesEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NullRateEntry {
    limit: Option<f64>,
    severity: Option<Severity>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RangeEntry {
    min: Option<Bound>,
    max: Option<Bound>,
    severity: Option<Severity>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Bound {
    Number(f64),
    Date(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ValuesEntry {
    allowed: Vec<String>,
    severity: Option<Severity>,
}

fn parse_table(
    name: &Value,
    table: &Value,
    file: &RegistryFile,
    problems: &mut Vec<String>,
) -> Option<(String, TableRules)> {
    let Some(name) = name.as_str() else {
        problems.push("a table's name is not text".into());
        return None;
    };
    let entry: TableEntry = match serde_norway::from_value(table.clone()) {
        Ok(entry) => entry,
        Err(problem) => {
            problems.push(format!("{name}: {problem}"));
            return None;
        }
    };
    let columns = parse_columns(name, &entry, file, problems);
    let rules = TableRules {
        layer: entry.layer,
        rows: entry.rows,
        may_be_empty: entry.may_be_empty,
        unique: entry.unique,
        references: entry.references,
        freshness: entry.freshness,
        columns,
    };
    check_own_columns(name, &rules, problems);
    Some((name.to_owned(), rules))
}

fn parse_columns(table: &str, entry: &TableEntry, file: &RegistryFile, problems: &mut Vec<String>) -> Vec<ColumnRules> {
    let layer_limit = file.null_limits.get(&entry.layer).copied();
    if layer_limit.is_none() {
        problems.push(format!("{table}: null_limits has no limit for the layer {}", entry.layer.as_str()));
    }
    if entry.columns.is_empty() {
        problems.push(format!("{table}: no columns"));
    }
    let mut names = BTreeSet::new();
    let mut columns = Vec::with_capacity(entry.columns.len());
    for (number, value) in entry.columns.iter().enumerate() {
        match serde_norway::from_value::<ColumnEntry>(value.clone()) {
            Ok(column) => {
                if !names.insert(column.name.clone()) {
                    problems.push(format!("{table}.{}: the column is there twice", column.name));
                }
                columns.push(column_rules(table, column, layer_limit.unwrap_or(1.0), &file.severity, problems));
            }
            Err(problem) => {
                let name =
                    value.get("name").and_then(Value::as_str).map_or_else(|| format!("column {number}"), str::to_owned);
                problems.push(format!("{table}.{name}: {problem}"));
            }
        }
    }
    columns
}

fn column_rules(
    table: &str,
    entry: ColumnEntry,
    layer_limit: f64,
    default: &DefaultSeverity,
    problems: &mut Vec<String>,
) -> ColumnRules {
    let place = format!("{table}.{}", entry.name);
    let null_limit = entry.null_rate.as_ref().and_then(|rate| rate.limit).unwrap_or(layer_limit);
    refuse_share(&format!("{place}.null_rate.limit"), null_limit, problems);
    if entry.form.is_some() && entry.column_type.form().is_none() {
        problems.push(format!("{place}: its type has no form to check"));
    }
    if entry.values.is_some() && !entry.column_type.holds_text() {
        problems.push(format!("{place}: only text has a list of values"));
    }
    if entry.values.as_ref().is_some_and(|values| values.allowed.is_empty()) {
        problems.push(format!("{place}: the list of values is empty"));
    }
    if entry.below_zero.is_some() && entry.column_type != ColumnType::Number {
        problems.push(format!("{place}: only a measure may be below 0"));
    }
    if let Some(Limits { warn, block }) = entry.below_zero
        && (warn > block || [warn, block].iter().any(|share| !(0.0..=1.0).contains(share)))
    {
        problems.push(format!("{place}.below_zero: warn {warn} and block {block} are not shares from 0 to 1, rising"));
    }
    let range = entry.range.and_then(|range| {
        parse_range(&range, entry.column_type, default.range)
            .map_err(|problem| problems.push(format!("{place}: {problem}")))
            .ok()
    });
    ColumnRules {
        name: entry.name,
        column_type: entry.column_type,
        nulls: entry.nulls,
        null_limit,
        null_rate: entry.null_rate.and_then(|rate| rate.severity).unwrap_or(default.null_rate),
        form: entry.form.unwrap_or(default.form),
        range,
        below_zero: entry.below_zero,
        values: entry
            .values
            .map(|values| Values { allowed: values.allowed, severity: values.severity.unwrap_or(default.values) }),
    }
}

fn parse_range(range: &RangeEntry, column_type: ColumnType, default: Severity) -> Result<Range, String> {
    if column_type.holds_text() {
        return Err("text has no range".into());
    }
    if range.min.is_none() && range.max.is_none() {
        return Err("the range has neither min nor max".into());
    }
    let low = range.min.as_ref().map_or(Ok(f64::NEG_INFINITY), |bound| parse_bound(bound, column_type))?;
    let high = range.max.as_ref().map_or(Ok(f64::INFINITY), |bound| parse_bound(bound, column_type))?;
    if low > high {
        return Err("the range has min above max".into());
    }
    let text = match (&range.min, &range.max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("{min} or more"),
        (None, Some(max)) => format!("{max} or less"),
        (None, None) => String::new(),
    };
    Ok(Range { low, high, text, severity: range.severity.unwrap_or(default) })
}

fn parse_bound(bound: &Bound, column_type: ColumnType) -> Result<f64, String> {
    match bound {
        Bound::Number(number) if !column_type.holds_dates() && number.is_finite() => Ok(*number),
        Bound::Date(text) if column_type.holds_dates() => NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .map(|date| f64::from(day_number(date)))
            .map_err(|_| format!("`{text}` is not a date YYYY-MM-DD")),
        _ => Err(format!("the bound {bound} does not fit the column's type")),
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Date(text) => write!(f, "{text}"),
        }
    }
}

fn refuse_share(place: &str, share: f64, problems: &mut Vec<String>) {
    if !(0.0..=1.0).contains(&share) {
        problems.push(format!("{place}: {share} is not a share from 0 to 1"));
    }
}

/// Every column that the table's own rules name is declared, and fits the rule.
fn check_own_columns(name: &str, table: &TableRules, problems: &mut Vec<String>) {
    for rule in &table.unique {
        if rule.columns.is_empty() {
            problems.push(format!("{name}.unique: a key without columns"));
        }
        if let Some(share) = rule.block_above {
            refuse_share(&format!("{name}.unique.block_above"), share, problems);
        }
        for column in &rule.columns {
            match table.column(column).map(|rules| rules.column_type) {
                None => problems.push(format!("{name}.unique: no column {column}")),
                Some(ColumnType::Number) => {
                    problems.push(format!("{name}.unique: {column} is a measure, which makes no key"));
                }
                Some(_) => {}
            }
        }
    }
    if let Some(rule) = &table.freshness {
        match table.column(&rule.column).map(|rules| rules.column_type) {
            Some(ColumnType::Date | ColumnType::MonthStart | ColumnType::Month) => {}
            _ => problems.push(format!("{name}.freshness: no column {} of dates or months", rule.column)),
        }
        if rule.max_age_days < 0 {
            problems.push(format!("{name}.freshness: max_age_days is below 0"));
        }
    }
}

/// Every reference leads from a column to one of the same kind in a declared table.
fn check_references(name: &str, table: &TableRules, tables: &BTreeMap<String, TableRules>, problems: &mut Vec<String>) {
    for rule in &table.references {
        let own = table.column(&rule.column).map(|rules| rules.column_type);
        let other = tables.get(&rule.table).and_then(|table| table.column(&rule.key)).map(|rules| rules.column_type);
        match (own, other) {
            (None, _) => problems.push(format!("{name}.references: no column {}", rule.column)),
            (_, None) => problems.push(format!("{name}.references: no column {} in a table {}", rule.key, rule.table)),
            (Some(own), Some(other)) if own != other || own == ColumnType::Number => {
                problems
                    .push(format!("{name}.references: {} and {}.{} do not compare", rule.column, rule.table, rule.key));
            }
            _ => {}
        }
        for (field, share) in [("told_up_to", rule.told_up_to), ("block_above", rule.block_above)] {
            refuse_share(&format!("{name}.references.{field}"), share.unwrap_or_default(), problems);
        }
    }
}

#[cfg(test)]
mod shipped;
#[cfg(test)]
mod tests;
