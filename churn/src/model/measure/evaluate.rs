//! Measures a challenger on the holdout, beside the champion on the same rows.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};

use super::bootstrap::{Interval, Resamples};
use super::curves::Curves;
use super::for_gate::GateFigures;
use super::importance::{Importance, importance};
use super::metrics::{Confusion, Metrics, brier, ece};
use super::slices::{LEAST_POSITIVES, Slice, Unseen, slices};
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

/// The champion on the challenger's holdout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChampionComparison {
    /// The champion.
    pub version: String,
    /// Its average precision.
    pub pr_auc: f64,
    /// Its area under the ROC curve.
    pub roc_auc: f64,
    /// Its Brier score.
    pub brier: f64,
    /// PR-AUC of the challenger minus that of the champion.
    pub pr_auc_difference: f64,
    /// The lower one-sided 95 % bound of that difference (paired bootstrap).
    pub pr_auc_difference_low: Option<f64>,
    /// Whether the champion was trained with the same split, and so never saw these customers.
    pub same_split: bool,
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

/// The customers of `gold` with a label, and which of them the model's split keeps out of training.
pub(super) fn split(gold: &DataFrame, model: &Bundle) -> Result<(Examples, Split)> {
    let examples = Examples::of(gold)?;
    let split = Split::by_hash(&examples, &model.metadata.settings.split)?;
    Ok((examples, split))
}

/// Customers that the models which predict them have not seen.
pub(super) struct Measured {
    /// The customers.
    pub customers: Examples,
    /// Whether each of them is on the holdout.
    pub on_holdout: Vec<bool>,
    /// The challenger's calibrated probabilities.
    pub probabilities: Vec<f64>,
}

impl Measured {
    /// All with a label; those of the training out of fold. A challenger of before has no models of folds: then those of the
    /// holdout alone.
    pub fn of(challenger: &Bundle, customers: &Examples, split: &Split) -> Result<Self> {
        let rows = match &challenger.out_of_fold {
            Some(_) => (0..customers.len()).collect(),
            None => split.holdout.clone(),
        };
        let measured = customers.take(&rows)?;
        let held_out: BTreeSet<usize> = split.holdout.iter().copied().collect();
        let on_holdout = rows.iter().map(|row| held_out.contains(row)).collect();
        let probabilities = challenger.predict_unseen(&measured.table)?;
        Ok(Self { customers: measured, on_holdout, probabilities })
    }

    /// What a champion makes of them; nothing of those that it has seen.
    pub fn scores_of(&self, champion: &Bundle, challenger: &Bundle) -> Result<Vec<Option<f64>>> {
        let has_seen_none = champion.out_of_fold.is_some();
        let shares_holdout = same_holdout(challenger, champion);
        let theirs = champion.predict_unseen(&self.customers.table)?.into_iter().zip(&self.on_holdout);
        Ok(theirs.map(|(p, &is_held_out)| (has_seen_none || (shares_holdout && is_held_out)).then_some(p)).collect())
    }

    /// No champion's.
    pub fn no_scores(&self) -> Vec<Option<f64>> {
        vec![None; self.on_holdout.len()]
    }

    /// The same with a champion's probabilities beside the challenger's.
    pub fn beside<'a>(&'a self, champion: &'a [Option<f64>]) -> Unseen<'a> {
        Unseen {
            table: &self.customers.table,
            labels: &self.customers.labels,
            on_holdout: &self.on_holdout,
            probabilities: &self.probabilities,
            champion,
        }
    }
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

/// A champion beside the challenger; `resamples` are of the two, in this order of models: challenger, champion.
pub(in crate::model) fn compare(
    challenger: &Bundle,
    ours: &Metrics,
    champion: &Bundle,
    theirs: &Metrics,
    resamples: &Resamples,
) -> ChampionComparison {
    ChampionComparison {
        version: champion.metadata.version.clone(),
        pr_auc: theirs.pr_auc,
        roc_auc: theirs.roc_auc,
        brier: theirs.brier,
        pr_auc_difference: ours.pr_auc - theirs.pr_auc,
        pr_auc_difference_low: resamples.lower_bound(|areas| areas[0].pr_auc - areas[1].pr_auc),
        same_split: same_holdout(challenger, champion),
    }
}

/// Whether both models hold out the same customers; the folds do not matter.
pub(in crate::model) fn same_holdout(a: &Bundle, b: &Bundle) -> bool {
    let (a, b) = (&a.metadata.settings.split, &b.metadata.settings.split);
    a.holdout_salt == b.holdout_salt && a.holdout_share == b.holdout_share
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
