//! The quality gate of a layer: nothing downstream is written when it blocks.

use std::collections::BTreeMap;
use std::sync::Arc;

use churn::DataFrame;
use churn::contract::{Layer, QualityReport, check};
use churn::cores;
use churn::hourly::ReadingsReport;
use churn::quality::{self, Evaluation, Finding, RunDates};
use churn::raw::{RawTable, read};
use protocol::TableRef;
use protocol::steps::{CheckLayer, DATED_LABELS, LayerChecked, worst};

use super::layer_check::LayerCheck;
use super::months::{COVERAGE, READINGS_REPORT};
use super::renumbered::against_published_customers;
use crate::configuration::Configuration;
use crate::error::Result;
use crate::heartbeat::{Heartbeat, compute};
use crate::steps::Environment;
use crate::steps::Inputs;

/// Checks a layer's tables against their contracts and the delivery as a whole, stores the report, and fails on a `block`.
///
/// A check of the same tables by the same rules that has passed before is taken over.
pub async fn check_layer(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: CheckLayer,
) -> Result<LayerChecked> {
    let CheckLayer { run, layer, tables, related, covered_to, as_of, trains, anew } = request;
    let check = LayerCheck::of(environment, layer, [&tables, &related], &(as_of, covered_to, trains));
    let dates = RunDates { as_of, covered_to };
    let gold = tables.get("gold_master").filter(|_| layer == Layer::Gold);
    let customers = against_published_customers(environment, heartbeat, gold).await?;
    let asked = Asked { layer, tables, related, dates, trains };
    let make = || make_check(environment, heartbeat, asked);
    let (report, checked) = check.report(environment, &run, anew, customers, make).await?;
    Ok(LayerChecked { report, warnings: checked.warnings() as u64, findings: worst(checked.all_findings()) })
}

/// What a check is asked of.
struct Asked {
    layer: Layer,
    tables: BTreeMap<String, TableRef>,
    related: BTreeMap<String, TableRef>,
    dates: RunDates,
    trains: bool,
}

async fn make_check(environment: &Environment, heartbeat: &Heartbeat, asked: Asked) -> Result<QualityReport> {
    let Asked { layer, mut tables, related, dates, trains } = asked;
    let (dated, mut related): (BTreeMap<_, _>, BTreeMap<_, _>) =
        related.into_iter().partition(|(name, _)| name.starts_with(DATED_LABELS));
    let readings = match tables.remove(READINGS_REPORT) {
        Some(report) => Some(environment.lake.read_json_exactly::<ReadingsReport>(&report).await?),
        None => None,
    };
    if let Some(coverage) = tables.remove(COVERAGE).filter(|_| layer == Layer::Gold) {
        related.insert(COVERAGE.to_owned(), coverage);
    }
    let scratch = environment.scratch()?;
    let own_files = environment.fetch(&tables, scratch.path()).await?;
    let other_files = environment.fetch(&related, scratch.path()).await?;
    // One of them is the file of the run, which has a place in the other folder.
    let label_scratch = environment.scratch()?;
    let label_files = environment.fetch(&dated, label_scratch.path()).await?;
    let rules = Arc::clone(&environment.configuration);
    let names: (Vec<_>, Vec<_>) = (tables.into_keys().collect(), related.into_keys().collect());
    compute(heartbeat, "the check of a layer", move |_| {
        let loaded = load(&own_files, &names.0).and_then(|own| Ok((own, load(&other_files, &names.1)?)));
        let labels = dated.keys().map(|name| read(RawTable::ChurnLabel, label_files.path(name)?));
        let labels: churn::Result<Vec<DataFrame>> = labels.collect();
        own_files.still_the_same().and_then(|()| other_files.still_the_same())?;
        label_files.still_the_same()?;
        let ((own, others), labels) = (loaded?, labels?);
        let (known, told) = customers_of_all_dates(&own, &labels)?;
        let related: Vec<_> = known.iter().map(|known| ("bronze_customer", known)).chain(borrow(&others)).collect();
        let report = check(&rules.registry, layer, &borrow(&own), &related).with_findings(told);
        let all: Tables = own.iter().chain(&others).map(|(name, table)| (name.as_str(), table)).collect();
        let of = Checked { rules: &rules, tables: all, as_of: dates.as_of, trains };
        Ok(match layer {
            Layer::Raw => report,
            Layer::Bronze => of.bronze(report, readings, dates)?,
            Layer::Silver => of.silver(report)?,
            Layer::Gold => of.gold(report)?,
        })
    })
    .await
}

/// The customers that references of bronze may lead to, where there are labels of several dates, and what is told of them.
fn customers_of_all_dates(
    own: &[(String, DataFrame)],
    labels: &[DataFrame],
) -> churn::Result<(Option<DataFrame>, Vec<Finding>)> {
    let table = |name: &str| own.iter().find(|(own, _)| own == name).map(|(_, table)| table);
    match (table("bronze_customer"), table("bronze_customer_month")) {
        (Some(customers), Some(months)) if !labels.is_empty() => {
            let (known, told) = quality::customers_of_all_dates(customers, months, labels)?;
            Ok((Some(known), told.into_iter().collect()))
        }
        _ => Ok((None, Vec::new())),
    }
}

type Tables<'a> = BTreeMap<&'a str, &'a DataFrame>;

/// A check of tables as a whole. It looks at nothing that another one makes.
type Check<'a> = &'a (dyn Fn() -> churn::Result<(Vec<Finding>, Vec<Evaluation>)> + Sync);

/// A layer's tables, with those that they were made of.
struct Checked<'a> {
    rules: &'a Configuration,
    tables: Tables<'a>,
    as_of: Option<churn::SnapshotDate>,
    trains: bool,
}

impl Checked<'_> {
    /// What the readings cover, whether consumption fits contracted power and the units, and whether flags and dates fit.
    fn bronze(
        &self,
        report: QualityReport,
        readings: Option<ReadingsReport>,
        dates: RunDates,
    ) -> churn::Result<QualityReport> {
        let rules = self.rules.registry.checks();
        let in_view = match (self.tables.get("bronze_customer_month"), dates.as_of) {
            (Some(months), Some(as_of)) => quality::months_in_view(months, as_of)?,
            _ => None,
        };
        let mut report = self.sparing_later_ranges(report, in_view.as_ref());
        if let Some(readings) = readings {
            let (findings, checks) = quality::of_readings(&readings, rules, dates);
            report = report.with_readings(readings).with_findings(findings).with_checks(checks);
        }
        if let (Some(customers), Some(months)) =
            (self.tables.get("bronze_customer"), self.tables.get("bronze_customer_month"))
        {
            report = quality::naming_without_readings(report, customers, months)?;
            let in_view = in_view.as_ref();
            let (contacts, outcomes) = (self.table("customer_interactions"), self.table("offer_outcomes"));
            let checks: [Check<'_>; 13] = [
                &|| {
                    quality::sparing_later_months(months, in_view, |months| quality::of_power(customers, months, rules))
                },
                &|| quality::sparing_later_months(months, in_view, |months| quality::of_gas(customers, months, rules)),
                &|| quality::of_gas_gaps(months),
                &|| quality::of_odd_hours(months, rules),
                &|| quality::sparing_later_months(months, in_view, |months| quality::of_fuels(months, rules)),
                &|| quality::sparing_later_months(months, in_view, |months| quality::of_odd_months(months, rules)),
                &|| quality::of_customers(customers, rules),
                &|| quality::of_contract_dates(customers, dates.covered_to, rules),
                &|| quality::of_days_and_months(customers, contacts, outcomes),
                &|| quality::of_provinces(customers, rules),
                &|| quality::of_swapped_columns(months),
                &|| quality::of_fixed_costs(customers, months, rules),
                &|| quality::of_late_readings(customers, months, dates.as_of, rules),
            ];
            for checked in cores::map(&checks, |check| check()) {
                let (findings, checks) = checked?;
                report = report.with_findings(findings).with_checks(checks);
            }
            report.monthly = Some(quality::MonthlyFacts::of(months, dates.as_of)?);
        }
        if let Some(contacts) = self.tables.get("customer_interactions") {
            let months = self.table("bronze_customer_month");
            let (findings, checks) = quality::of_contacts(contacts, months, dates.covered_to, rules)?;
            report = report.with_findings(findings).with_checks(checks);
        }
        if let Some(outcomes) = self.tables.get("offer_outcomes") {
            let (findings, checks) = quality::of_outcomes(outcomes, dates.covered_to, rules)?;
            report = report.with_findings(findings).with_checks(checks);
        }
        Ok(report)
    }

    fn table(&self, name: &str) -> Option<&DataFrame> {
        self.tables.get(name).copied()
    }

    /// Values out of their range stop a run that looks at their months.
    fn sparing_later_ranges(&self, report: QualityReport, in_view: Option<&DataFrame>) -> QualityReport {
        let Some(in_view) = in_view.filter(|_| !report.passed) else { return report };
        let others: Vec<(&str, &DataFrame)> = self.tables.iter().map(|(name, table)| (*name, *table)).collect();
        let of_view = check(&self.rules.registry, Layer::Bronze, &[("bronze_customer_month", in_view)], &others);
        quality::sparing_later_ranges(report, &of_view)
    }

    /// Which prices and costs are not there yet.
    fn silver(&self, report: QualityReport) -> churn::Result<QualityReport> {
        let table = |name: &str| self.tables.get(name);
        let (Some(before), Some(after), Some(customers)) =
            (table("bronze_customer_month"), table("silver_customer_month"), table("silver_customer"))
        else {
            return Ok(report);
        };
        let rules = self.rules.registry.checks();
        let (findings, checks) = quality::of_money(before, after, customers, self.as_of, rules)?;
        Ok(report.with_findings(findings).with_checks(checks))
    }

    /// How much of each customer the readings cover, and whether there is something to learn from.
    fn gold(&self, report: QualityReport) -> churn::Result<QualityReport> {
        let mut report = report;
        if let Some(coverage) = self.tables.get(COVERAGE) {
            report.coverage = Some(quality::coverage_of_customers(coverage)?);
        }
        let Some(gold) = self.tables.get("gold_master") else { return Ok(report) };
        let (findings, checks) = quality::of_labels(gold, self.trains, self.rules.registry.checks())?;
        Ok(report.with_findings(findings).with_checks(checks))
    }
}

fn load(inputs: &Inputs, names: &[String]) -> churn::Result<Vec<(String, DataFrame)>> {
    names.iter().map(|name| Ok((name.clone(), inputs.any_table(name)?))).collect()
}

fn borrow(tables: &[(String, DataFrame)]) -> Vec<(&str, &DataFrame)> {
    tables.iter().map(|(name, table)| (name.as_str(), table)).collect()
}
