//! The versions beside each other.

use chrono::{DateTime, Utc};
use churn::model::Interval;
use lake::documents::VersionStatus;
use protocol::ModelVersion;

use super::subject::{self, Looked};
use crate::data::{DataError, Store, moment};

/// So many versions stand beside each other, the newest ones.
pub const MOST: usize = 20;

/// A version in a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The version.
    pub version: ModelVersion,
    /// What it may do; not known of one that is in no registry.
    pub status: Option<VersionStatus>,
    /// Whether it is champion now, where that is known.
    pub champion: Option<bool>,
    /// Its experiment.
    pub experiment: Option<String>,
    /// Its algorithm.
    pub algorithm: Option<String>,
    /// Average precision on its holdout.
    pub pr_auc: Option<f64>,
    /// With its 95 % interval.
    pub interval: Option<Interval>,
    /// Area under the ROC curve.
    pub roc_auc: Option<f64>,
    /// Mean squared error of the probability.
    pub brier: Option<f64>,
    /// Customers that it was measured on.
    pub rows: Option<u64>,
    /// When it was registered first.
    pub registered: Option<DateTime<Utc>>,
}

/// The newest versions, the best PR-AUC first, those without one last.
pub async fn lines(store: &Store, looked: &Looked<'_>, now: DateTime<Utc>) -> Result<Vec<Line>, DataError> {
    let mut lines = Vec::new();
    for version in looked.versions.iter().take(MOST) {
        let entry = looked.entry(version);
        let evaluation = subject::evaluation(store, version, looked, now).await?;
        let about = subject::about(store, version, looked, now).await?;
        let summary = evaluation.as_ref().map(|evaluation| &evaluation.summary);
        lines.push(Line {
            version: version.clone(),
            status: entry.map(|entry| entry.status),
            champion: looked.knows_champion().then(|| looked.is_champion(version)),
            experiment: about.as_ref().map(|about| about.experiment.clone()),
            algorithm: about.as_ref().map(|about| about.algorithm.clone()),
            pr_auc: summary.map(|summary| summary.metrics.pr_auc),
            interval: summary.and_then(|summary| summary.pr_auc_interval),
            roc_auc: summary.map(|summary| summary.metrics.roc_auc),
            brier: summary.map(|summary| summary.metrics.brier),
            rows: summary.map(|summary| summary.holdout_rows),
            registered: entry.and_then(|entry| entry.registered_at.as_deref()).and_then(moment),
        });
    }
    // Stable: of equal ones the newer comes first.
    lines.sort_by(|a, b| {
        let of = |line: &Line| line.pr_auc.unwrap_or(f64::NEG_INFINITY);
        of(b).total_cmp(&of(a))
    });
    Ok(lines)
}
