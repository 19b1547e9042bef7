//! What a check found: shown to those who watch, and held against what is published now.

use churn::contract::{Layer, QualityReport};
use churn::quality::{self, Finding, Severity};
use lake::documents::Publication;
use lake::{Lake, keys};

use crate::configuration::Configuration;
use crate::error::Result;
use crate::metrics;
use crate::steps::Environment;

/// Shows how many findings of a layer people should look at.
pub(super) fn show_findings(environment: &Environment, layer: Layer, findings: &[Finding]) {
    let told = findings.iter().filter(|finding| finding.severity > Severity::Info).count();
    environment.metrics.show(&metrics::of_layer(layer.as_str(), told));
}

/// The report of the same layer behind what is published now, if there is one that can be read.
pub(super) async fn published_report(lake: &Lake, layer: Layer) -> Result<Option<QualityReport>> {
    if !matches!(layer, Layer::Raw | Layer::Bronze) {
        return Ok(None);
    }
    let Some((published, _)) = lake.get_json::<Publication>(keys::PUBLISHED).await? else { return Ok(None) };
    let report = lake.get_json(&keys::quality_report(&published.run_id, layer)).await?;
    Ok(report.map(|(report, _)| report))
}

/// Adds what is otherwise than in the last published run. Silver and gold depend on the run's date, and are not
/// compared; whose the IDs of gold are is looked at beside it.
pub(super) fn against_published(
    report: QualityReport,
    published: Option<&QualityReport>,
    rules: &Configuration,
) -> QualityReport {
    if !matches!(report.layer, Layer::Raw | Layer::Bronze) {
        return report;
    }
    let (findings, checks) = quality::against_published(&report, published, rules.registry.checks());
    report.with_findings(findings).with_checks(checks)
}
