//! The check of a layer: made where nobody has made it of the same tables by the same rules, else taken over with all that it
//! found. What is otherwise than in the last published run is looked at in every run, since that run may be another one.

use std::collections::BTreeMap;

use churn::contract::{Layer, QualityReport};
use churn::quality;
use lake::documents::PassedCheck;
use lake::keys;
use protocol::{Digest, Run, TableRef};
use serde::Serialize;

use super::findings::{against_published, published_report, show_findings};
use super::renumbered::Compared;
use crate::error::Result;
use crate::steps::Environment;

/// A program that does not know its own revision may be any.
const UNKNOWN_REVISION: &str = "unknown";

/// All that the check of a layer depends on.
pub(super) struct LayerCheck {
    layer: Layer,
    /// None where nobody may rely on an earlier one.
    digest: Option<Digest>,
}

impl LayerCheck {
    /// Of these tables and those that they are compared with, by the rules and the code of this program; `others` is
    /// whatever else the check takes.
    pub fn of(
        environment: &Environment,
        layer: Layer,
        tables: [&BTreeMap<String, TableRef>; 2],
        others: &impl Serialize,
    ) -> Self {
        let Environment { configuration, revision, .. } = environment;
        let code = (quality::VERSION, revision);
        let rules = (configuration.digest(), configuration.registry.checks());
        let content = tables.map(lake::digests);
        let digest = Digest::of_json(&(layer, code, rules, content, others));
        Self { layer, digest: Some(digest).filter(|_| *revision != UNKNOWN_REVISION) }
    }

    /// Stores the report of the check for this run and fails on what blocks; `make` makes it where it must be made, and
    /// always if it `is_anew`. What was `compared` with the published customers is of this run alone.
    pub async fn report<F>(
        &self,
        environment: &Environment,
        run: &Run,
        is_anew: bool,
        compared: Compared,
        make: impl FnOnce() -> F,
    ) -> Result<(String, QualityReport)>
    where
        F: Future<Output = Result<QualityReport>>,
    {
        let (lake, layer) = (&environment.lake, self.layer);
        let made = match self.passed_before(environment, is_anew).await? {
            Some(report) => report,
            None => make().await?,
        };
        let (is_to_be_noted, counts) =
            (made.passed && made.checked_in.is_none(), (made.findings.len(), made.checks.len()));
        let published = published_report(lake, layer).await?;
        let report = against_published(made, published.as_ref(), &environment.configuration);
        let report = report.with_findings(compared.0).with_checks(compared.1);
        let key = keys::quality_report(&run.run_id, layer);
        lake.put_json(&key, &report).await?;
        if let Some(check) = self.digest.as_ref().filter(|_| is_to_be_noted) {
            PassedCheck::of(&run.run_id, &key, counts, &report).note(lake, check).await?;
        }
        show_findings(environment, layer, &report.all_findings());
        report.require()?;
        Ok((key, report))
    }

    async fn passed_before(&self, environment: &Environment, is_anew: bool) -> Result<Option<QualityReport>> {
        let Some(check) = self.digest.as_ref().filter(|_| !is_anew) else { return Ok(None) };
        let found = PassedCheck::find(&environment.lake, check).await?;
        if let Some(checked_in) = found.as_ref().and_then(|report| report.checked_in.as_deref()) {
            let layer = self.layer.as_str();
            tracing::info!(layer, checked_in, "the check of a layer is taken over: its tables and rules are unchanged");
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use churn::SnapshotDate;
    use churn::contract::TableProfile;
    use churn::quality::{Finding, Severity};
    use lake::documents::Publication;
    use serde_json::json;

    use super::*;

    fn run(run_id: &str) -> Run {
        Run { workflow_id: "w".into(), run_id: run_id.into(), started: "2025-01-01T00:00:00Z".to_owned() }
    }

    fn tables(content: &str) -> BTreeMap<String, TableRef> {
        let digest = Digest::of(content.as_bytes());
        let table = TableRef { key: "bronze/t/1/t.parquet".to_owned(), digest, rows: 1 };
        BTreeMap::from([("t".to_owned(), table)])
    }

    fn report_of(rows: u64, severity: Severity) -> QualityReport {
        let table = TableProfile { table: "t".to_owned(), rows, columns: 0, duplicate_keys: 0, schema: Vec::new() };
        let finding = Finding::new(severity, "t", "odd", "words");
        QualityReport::of(Layer::Bronze, vec![table]).with_findings(vec![finding])
    }

    /// Checks, and counts how often the check was really made.
    struct Checks {
        root: tempfile::TempDir,
        made: Cell<u32>,
    }

    impl Checks {
        async fn check(&self, run_id: &str, content: &str, is_anew: bool, found: Severity) -> Result<QualityReport> {
            let environment = Environment::for_tests(self.root.path());
            let none = BTreeMap::new();
            let check = LayerCheck::of(&environment, Layer::Bronze, [&tables(content), &none], &json!(null));
            let make = async || -> Result<QualityReport> {
                self.made.set(self.made.get() + 1);
                Ok(report_of(100, found))
            };
            let (_, report) = check.report(&environment, &run(run_id), is_anew, Compared::default(), make).await?;
            Ok(report)
        }
    }

    #[tokio::test]
    async fn a_check_that_passed_is_made_once_for_the_same_tables_and_what_it_found_is_told_again() {
        let checks = Checks { root: tempfile::tempdir().unwrap(), made: Cell::new(0) };
        let first = checks.check("r1", "a", false, Severity::Warn).await.unwrap();
        let second = checks.check("r2", "a", false, Severity::Warn).await.unwrap();
        assert_eq!((checks.made.get(), second.checked_in.as_deref()), (1, Some("r1")));
        assert_eq!(second.all_findings(), first.all_findings());
        let stored: QualityReport = Environment::for_tests(checks.root.path())
            .lake
            .read_json(&keys::quality_report("r2", Layer::Bronze))
            .await
            .unwrap();
        assert_eq!(stored, second, "it is a report of the run");
        checks.check("r3", "a", true, Severity::Warn).await.unwrap();
        checks.check("r4", "b", false, Severity::Warn).await.unwrap();
        assert_eq!(checks.made.get(), 3, "where it is asked for, and of other tables");
    }

    #[tokio::test]
    async fn a_check_that_blocked_is_made_again() {
        let checks = Checks { root: tempfile::tempdir().unwrap(), made: Cell::new(0) };
        for run in ["r1", "r2"] {
            assert!(checks.check(run, "a", false, Severity::Block).await.is_err());
        }
        assert_eq!(checks.made.get(), 2);
    }

    #[tokio::test]
    async fn what_is_published_by_now_is_compared_in_every_run() {
        let checks = Checks { root: tempfile::tempdir().unwrap(), made: Cell::new(0) };
        checks.check("r1", "a", false, Severity::Info).await.unwrap();
        let lake = Environment::for_tests(checks.root.path()).lake;
        lake.put_json(&keys::quality_report("r9", Layer::Bronze), &report_of(1_000, Severity::Info)).await.unwrap();
        lake.put_json(keys::PUBLISHED, &publication("r9")).await.unwrap();
        let blocked = checks.check("r2", "a", false, Severity::Info).await.unwrap_err();
        assert!(blocked.to_string().contains("900 fewer than in the last published run"), "{blocked}");
        assert_eq!(checks.made.get(), 1);
    }

    fn publication(run_id: &str) -> Publication {
        Publication {
            run_id: run_id.into(),
            workflow_id: "w".into(),
            started: String::new(),
            as_of: SnapshotDate::parse("2024-12-31").unwrap(),
            model_version: "m".into(),
            published_at: String::new(),
            outputs: BTreeMap::new(),
            features: None,
            found_newer: None,
        }
    }
}
