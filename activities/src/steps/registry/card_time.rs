//! What a model card says of time: what the label says and from where the model looks, and how much skill is left so long
//! before the label does.

use churn::Kind;
use churn::model::{Algorithm, CardSection, label_section, lead_time_picture, lead_time_section};
use lake::Lake;
use lake::documents::{LabelsOfRun, NewestReport, ReportKind, newest_report};
use protocol::RunId;
use protocol::backtest::BacktestReport;

use crate::error::Result;

/// What the lake knows of time when a card is written.
#[derive(Debug)]
pub(super) struct CardTime {
    /// The labels of the run that trained; none of a run from before that was noted.
    labels: Option<LabelsOfRun>,
    /// The newest backtest.
    backtest: Option<BacktestReport>,
}

impl CardTime {
    /// Reads both. A backtest that cannot be read stops no promotion: the card goes without.
    pub(super) async fn read(lake: &Lake, run_id: &RunId) -> Result<Self> {
        let labels = LabelsOfRun::find(lake, run_id).await?;
        let newest = newest_report(lake, ReportKind::Backtest).await;
        let newest: Option<(NewestReport, BacktestReport)> = match newest {
            Err(error) if error.number().kind() == Some(Kind::Retry) => return Err(error.into()),
            newest => newest.unwrap_or_default(),
        };
        Ok(Self { labels, backtest: newest.map(|(_, report)| report) })
    }

    /// What the labels say; empty where that was not noted.
    pub(super) fn label(&self) -> CardSection {
        let Some(LabelsOfRun { dates, as_of, .. }) = &self.labels else { return CardSection::default() };
        CardSection::text(label_section(dates, *as_of))
    }

    /// The skill by lead time of models of this experiment. A backtest of other features, or of another algorithm, says
    /// nothing of it.
    pub(super) fn lead_time(&self, experiment: &str) -> CardSection {
        let same = |report: &&BacktestReport| report.experiment == experiment && report.algorithm == Algorithm::Xgboost;
        let Some(report) = self.backtest.as_ref().filter(same) else { return CardSection::default() };
        let text = lead_time_section(&report.label, &report.lead, &report.out_of_time);
        let measured = format!("\nMeasured by {} of {}.\n", report.workflow_id, report.started);
        CardSection::text(text + &measured).with(lead_time_picture(&report.lead))
    }
}

#[cfg(test)]
mod tests {
    use churn::SnapshotDate;
    use churn::label::{LabelDates, LabelSource};
    use lake::documents::publish_report;
    use lake::{FolderLake, keys};
    use protocol::Run;
    use protocol::steps::{LabelUse, Report};
    use serde_json::json;

    use super::*;

    fn backtest() -> Report {
        let figures = json!({
            "training_rows": 480, "training_positives": 60, "rows": 120, "positives": 15, "pr_auc": 0.5,
            "pr_auc_interval": { "low": 0.4, "high": 0.6 }, "roc_auc": 0.8,
        });
        let report = json!({
            "run_id": "b", "workflow_id": "backtest", "started": "2025-01-04T02:00:00Z", "dataset": "0123456789ab",
            "experiment": "E5_full", "algorithm": "xgboost", "out_of_time": [],
            "lead": [{ "as_of": "2024-10-31", "lead_days": 61, "figures": figures }],
            "label": { "date": "2024-12-31", "horizon_days": 180, "source": "assumed" },
        });
        Report::Backtest(serde_json::from_value(report).unwrap())
    }

    #[tokio::test]
    async fn a_card_says_the_labels_of_its_run_and_the_lead_time_of_its_experiment() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let this: RunId = "this".into();
        let nothing = CardTime::read(&lake, &this).await.unwrap();
        let empty = CardSection::default();
        assert_eq!((nothing.label(), nothing.lead_time("E5_full")), (empty.clone(), empty.clone()));

        let day = |text| SnapshotDate::parse(text).unwrap();
        let dates = LabelDates { date: day("2024-12-31"), horizon_days: 180, source: LabelSource::Setting };
        let labels = LabelsOfRun { dates, as_of: Some(day("2024-12-31")), purpose: LabelUse::Training };
        labels.store(&lake, &this).await.unwrap();
        let run =
            Run { workflow_id: "backtest".into(), run_id: "b".into(), started: "2025-01-04T02:00:00Z".to_owned() };
        publish_report(&lake, &run, &backtest()).await.unwrap();
        let time = CardTime::read(&lake, &this).await.unwrap();
        let (label, skill) = (time.label(), time.lead_time("E5_full"));
        let (label, skill) = (label.markdown(), skill.markdown());
        assert!(label.starts_with("## What is predicted\n"), "{label}");
        assert!(label.contains("by label.date of the settings"), "{label}");
        assert!(skill.contains("| 2024-10-31 | 2.0 | 0.500 | 0.400 to 0.600 | 0.800 |"), "{skill}");
        assert!(skill.ends_with("\nMeasured by backtest of 2025-01-04T02:00:00Z.\n"), "{skill}");
        assert_eq!(time.lead_time("E2_market"), empty);

        std::fs::write(root.path().join(keys::newest_report("backtest")), "broken").unwrap();
        let time = CardTime::read(&lake, &this).await.unwrap();
        assert!(time.label().markdown().contains("What is predicted"));
        assert_eq!(time.lead_time("E5_full"), empty);
    }
}
