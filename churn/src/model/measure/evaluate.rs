//! Measures a challenger on the holdout, beside the champion on the same rows.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};

use super::bootstrap::{Interval, Resamples};
use super::comparison::{ChampionComparison, compare};
use super::curves::Curves;
use super::for_gate::GateFigures;
use super::importance::{Importance, importance};
use super::metrics::{Confusion, Metrics, brier, ece};
use super::slices::{LEAST_POSITIVES, Slice, slices};
use super::unseen::{Measured, split};
use crate::error::Result;
use crate::model::bundle::Bundle;
use crate::model::bundle::platt::sigmoid;
use crate::model::bundle::threshold::ThresholdRule;
use crate::model::examples::Examples;
use crate::model::matrix::{Matrix, texts};
use crate::model::ranking::{Areas, Ranking};
use crate::model::split::Split;
use crate::watch::Watch;

/// What the gate looks at: small enough to travel through a workflow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvaluationSummary {
    /// The challenger.
    pub model_version: String,
    /// Customers of the holdout.
    pub holdout_rows: u64,
    /// Churners among them.
    pub holdout_positives: u64,
    /// Calibrated, at the model's threshold.
    pub metrics: Metrics,
    /// Which rule chose the threshold.
    pub threshold_rule: ThresholdRule,
    /// 95 % bootstrap interval; nothing when no resample had both classes.
    pub pr_auc_interval: Option<Interval>,
    /// 95 % bootstrap interval; nothing when no resample had both classes.
    pub roc_auc_interval: Option<Interval>,
    /// The champion on the same customers.
    pub champion: Option<ChampionComparison>,
    /// For whom it works: contact, segment, channel, tenure, renewal, province. Evaluations of before have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slices: Vec<Slice>,
    /// What else the gate looks at: the best champion, calibration, slices, single columns. Evaluations of before have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<GateFigures>,
}

/// `evaluation.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The figures that decide.
    #[serde(flatten)]
    pub summary: EvaluationSummary,
    /// Calibration error of the raw probabilities.
    pub ece_before_calibration: f64,
    /// Brier score of the raw probabilities.
    pub brier_before_calibration: f64,
    /// Share of holdout outcomes inside the interval of their score.
    pub interval_coverage: f64,
    /// Figures by `segment`.
    pub segments: Vec<GroupMetrics>,
    /// Figures by `sales_channel`.
    pub sales_channels: Vec<GroupMetrics>,
    /// The features, the most important first.
    pub importance: Vec<Importance>,
    /// The same model by the peer's protocol: the simpler way in which comparable models are often measured.
    ///
    /// It takes the probabilities as they are, without calibration, and the threshold that is best on a part of
    /// the training customers, here one fold. For comparison with such models; nothing is decided by it.
    pub peer_protocol: Metrics,
    /// Rows per feature whose category training never saw.
    pub unseen_categories: BTreeMap<String, u64>,
    /// Thinned curves.
    pub curves: Curves,
}

/// The figures of one group of holdout customers. How good the model is for them is not said below [`LEAST_POSITIVES`]
/// churners, as of a slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupMetrics {
    /// The value of the column; `missing` for null.
    pub group: String,
    /// Customers.
    pub rows: u64,
    /// Churners among them.
    pub positives: u64,
    /// Average precision; nothing with too few churners, or without stayers.
    pub pr_auc: Option<f64>,
    /// Area under the ROC curve; nothing with too few churners, or without stayers.
    pub roc_auc: Option<f64>,
    /// Churners among those flagged, 0 when nobody is; nothing with too few churners.
    pub precision: Option<f64>,
    /// Churners that are flagged; nothing with too few churners.
    pub recall: Option<f64>,
    /// Mean predicted probability: against positives / rows it shows who is over- or underrated.
    pub mean_probability: f64,
}

impl Evaluation {
    /// What the gate looks at.
    pub fn summary(&self) -> EvaluationSummary {
        self.summary.clone()
    }
}

/// Measures `challenger` on the holdout of `gold`, and `champion` on the same rows.
pub fn evaluate(
    challenger: &Bundle,
    champion: Option<&Bundle>,
    gold: &DataFrame,
    watch: &dyn Watch,
) -> Result<Evaluation> {
    let metadata = &challenger.metadata;
    let (customers, split) = split(gold, challenger)?;
    let holdout = customers.take(&split.holdout)?;
    let labels = &holdout.labels;
    let Scored { matrix, raw, calibrated } = Scored::of(challenger, &holdout)?;
    let threshold = metadata.threshold.value;
    let metrics = Metrics::of(labels, &calibrated, threshold)?;

    let defender = champion.map(|bundle| bundle.predict(&holdout.table)).transpose()?;
    let models: Vec<&[f64]> = std::iter::once(calibrated.as_slice()).chain(defender.as_deref()).collect();
    let resamples = Resamples::draw(labels, &models, &metadata.settings.bootstrap, watch)?;
    let slices = for_whom(challenger, champion, &customers, &split, watch)?;
    let champion = champion
        .zip(defender.as_deref())
        .map(|(bundle, scores)| {
            let theirs = Metrics::of(labels, scores, bundle.metadata.threshold.value)?;
            Ok(compare(challenger, &metrics, bundle, &theirs, &resamples))
        })
        .transpose()?;

    Ok(Evaluation {
        summary: EvaluationSummary {
            model_version: metadata.version.clone(),
            holdout_rows: labels.len() as u64,
            holdout_positives: holdout.positives() as u64,
            metrics,
            threshold_rule: metadata.threshold.rule,
            pr_auc_interval: resamples.interval(|areas| areas[0].pr_auc),
            roc_auc_interval: resamples.interval(|areas| areas[0].roc_auc),
            champion,
            slices,
            gate: None,
        },
        ece_before_calibration: ece(labels, &raw),
        brier_before_calibration: brier(labels, &raw),
        interval_coverage: challenger.calibrator.intervals.observed_coverage(labels, &calibrated),
        segments: by_group(&holdout, "segment", &calibrated, threshold)?,
        sales_channels: by_group(&holdout, "sales_channel", &calibrated, threshold)?,
        importance: importance(challenger, &matrix, watch)?,
        peer_protocol: Metrics::of(labels, &raw, metadata.peer_threshold.value)?,
        unseen_categories: matrix.unseen,
        curves: Curves::of(labels, &calibrated, &raw),
    })
}

/// The slices, on customers that the models which predict them have not seen. A champion of before, which has no models
/// of folds, is compared with on the holdout.
fn for_whom(
    challenger: &Bundle,
    champion: Option<&Bundle>,
    customers: &Examples,
    split: &Split,
    watch: &dyn Watch,
) -> Result<Vec<Slice>> {
    let measured = Measured::of(challenger, customers, split)?;
    let champion = match champion {
        None => measured.no_scores(),
        Some(bundle) => measured.scores_of(bundle, challenger)?,
    };
    let metadata = &challenger.metadata;
    slices(&measured.beside(&champion), metadata.threshold.value, &metadata.settings.bootstrap, watch)
}

/// What a model makes of some customers.
struct Scored {
    matrix: Matrix,
    raw: Vec<f64>,
    calibrated: Vec<f64>,
}

impl Scored {
    fn of(model: &Bundle, customers: &Examples) -> Result<Self> {
        let matrix = model.matrix(&customers.table)?;
        let margins = model.fitted.margins(&matrix)?;
        let raw = margins.iter().map(|&margin| sigmoid(margin)).collect();
        let calibrated = margins.iter().map(|&margin| model.calibrator.calibration.probability(margin)).collect();
        Ok(Self { matrix, raw, calibrated })
    }
}

fn by_group(holdout: &Examples, column: &str, probabilities: &[f64], threshold: f64) -> Result<Vec<GroupMetrics>> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (row, group) in texts(&holdout.table, column)?.into_iter().enumerate() {
        groups.entry(group.unwrap_or_else(|| "missing".to_owned())).or_default().push(row);
    }
    let measure = |(group, rows): (String, Vec<usize>)| {
        let labels: Vec<bool> = rows.iter().map(|&row| holdout.labels[row]).collect();
        let scores: Vec<f64> = rows.iter().map(|&row| probabilities[row]).collect();
        let positives = labels.iter().filter(|&&label| label).count() as u64;
        let is_enough = positives >= LEAST_POSITIVES;
        let areas: Option<Areas> = Ranking::new(&scores).areas(&labels, |_| 1.0).filter(|_| is_enough);
        let confusion = is_enough.then(|| Confusion::of(&labels, &scores, threshold));
        GroupMetrics {
            group,
            rows: rows.len() as u64,
            positives,
            pr_auc: areas.map(|areas| areas.pr_auc),
            roc_auc: areas.map(|areas| areas.roc_auc),
            precision: confusion.map(Confusion::precision),
            recall: confusion.map(Confusion::recall),
            mean_probability: scores.iter().sum::<f64>() / rows.len() as f64,
        }
    };
    Ok(groups.into_iter().map(measure).collect())
}

#[cfg(test)]
mod tests;
