//! Checks that passed: the same tables under the same rules need no second look, and the report of then is that of now.

use churn::contract::QualityReport;
use protocol::{Digest, RunId, TableRef};
use serde::{Deserialize, Serialize};

use super::sealed;
use crate::error::Error;
use crate::{Lake, LakeError, keys, to_json};

/// Where the report of a check lies that passed, `monitoring/checked/<all that it depends on>.json`. It holds no finding
/// itself: an erasure that cleans a report makes the note void.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassedCheck {
    /// The run that made the check.
    pub run_id: RunId,
    /// Its report as it was written.
    pub report: TableRef,
    /// How many of the report's findings are of the check; those behind them compare with what was published then.
    pub findings: usize,
    /// How many of its evaluations are.
    pub checks: usize,
}

impl PassedCheck {
    /// The note of a check of a run with so many findings and evaluations, whose report was `written` after it was compared
    /// with what is published.
    pub fn of(run_id: &RunId, key: &str, (findings, checks): (usize, usize), written: &QualityReport) -> Self {
        let report = TableRef { key: key.to_owned(), digest: Digest::of(&to_json(written)), rows: 0 };
        Self { run_id: run_id.clone(), report, findings, checks }
    }

    /// The report of a check that passed, by the digest of all that it depends on: as it was before it was compared with
    /// what was published then. None where there is none, or where note or report are not what was written, which is told.
    pub async fn find(lake: &Lake, check: &Digest) -> Result<Option<QualityReport>, LakeError> {
        let note = keys::check_passed(check);
        let Some((bytes, _)) = lake.get(&note).await? else { return Ok(None) };
        let passed: Self = match sealed::open(&bytes) {
            Ok(passed) => passed,
            Err(problem) => {
                tracing::warn!(note, problem, "the note of a check does not count; the check is made again");
                return Ok(None);
            }
        };
        let mut report: QualityReport = match lake.read_json_exactly(&passed.report).await {
            Ok(report) => report,
            Err(Error::Lake(LakeError::Remote(error))) => return Err(error.into()),
            Err(problem) => {
                tracing::warn!(note, %problem, "the note of a check does not count; the check is made again");
                return Ok(None);
            }
        };
        report.findings.truncate(passed.findings);
        report.checks.truncate(passed.checks);
        report.passed = true;
        report.checked_in = Some(passed.run_id.to_string());
        Ok(Some(report))
    }

    /// Notes it.
    pub async fn note(&self, lake: &Lake, check: &Digest) -> Result<(), LakeError> {
        lake.put(&keys::check_passed(check), sealed::seal(self)).await
    }
}

#[cfg(test)]
mod tests {
    use churn::contract::Layer;
    use churn::quality::{Finding, Severity};

    use super::*;
    use crate::FolderLake;

    fn finding(rule: &str, severity: Severity) -> Finding {
        Finding::new(severity, "t", rule, "words")
    }

    #[tokio::test]
    async fn the_report_of_a_check_that_passed_comes_back_without_what_was_compared_then() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let (check, key) = (Digest::of(b"all"), keys::quality_report("r1", Layer::Bronze));
        let made = QualityReport::of(Layer::Bronze, Vec::new()).with_findings(vec![finding("a", Severity::Warn)]);
        // What blocked was the comparison, which may end otherwise by now.
        let written = made.clone().with_findings(vec![finding("published_rows", Severity::Block)]);
        lake.put_json(&key, &written).await.unwrap();
        PassedCheck::of(&"r1".into(), &key, (1, 0), &written).note(&lake, &check).await.unwrap();
        let found = PassedCheck::find(&lake, &check).await.unwrap().unwrap();
        assert_eq!(found, QualityReport { checked_in: Some("r1".to_owned()), ..made.clone() });
        assert_eq!(PassedCheck::find(&lake, &Digest::of(b"other rules")).await.unwrap(), None);
        // An erasure took the examples out of it, or somebody changed it.
        lake.put_json(&key, &made).await.unwrap();
        assert_eq!(PassedCheck::find(&lake, &check).await.unwrap(), None);
        lake.put(&keys::check_passed(&check), b"{".to_vec()).await.unwrap();
        assert_eq!(PassedCheck::find(&lake, &check).await.unwrap(), None);
    }
}
