//! The model card: what people should know before they trust a model, as Markdown and as one HTML file with its curves. It
//! holds figures of many customers, and nothing of one.

mod calibration;
mod for_whom;
mod looked_at;
mod pictures;
mod reference;
mod reproduce;
pub(in crate::model) mod section;

use std::fmt::Write;

use polars::prelude::DataFrame;

use self::section::{CardContext, CardSection};
use super::gate::Verdict;
use crate::error::Result;
use crate::html;
use crate::markdown::cell;
use crate::model::bundle::Bundle;
use crate::model::bundle::metadata::Metadata;
use crate::model::bundle::threshold::ThresholdRule;
use crate::model::measure::bootstrap::Interval;
use crate::model::measure::evaluate::{Evaluation, GroupMetrics};

const SHOWN_FEATURES: usize = 15;

/// A model's card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelCard {
    title: String,
    sections: Vec<CardSection>,
}

impl ModelCard {
    /// The card of a model that was judged.
    pub fn of(model: &Bundle, evaluation: &Evaluation, verdict: &Verdict, context: CardContext) -> Result<Self> {
        Self::made(&model.metadata, &model.reference, evaluation, verdict, context)
    }

    fn made(
        metadata: &Metadata,
        reference: &DataFrame,
        evaluation: &Evaluation,
        verdict: &Verdict,
        context: CardContext,
    ) -> Result<Self> {
        let CardContext { label, lead_time, offers, lineage } = context;
        let (summary, curves) = (&evaluation.summary, &evaluation.curves);
        let figures = CardSection::text(figures(metadata, evaluation));
        let calibration = CardSection::text(calibration::section(metadata, evaluation));
        let for_whom = CardSection::text(for_whom::section(&summary.slices));
        let sections = [
            CardSection::text(origin(metadata)),
            label,
            CardSection::text(decision(verdict)),
            CardSection::text(looked_at::section(summary, verdict)),
            figures.with(pictures::precision_recall(evaluation)).with(pictures::roc(curves)),
            calibration.with(pictures::reliability(curves)),
            for_whom.with(pictures::slices(&summary.slices)),
            CardSection::text(groups("segment", &evaluation.segments)),
            CardSection::text(groups("sales channel", &evaluation.sales_channels)),
            lead_time,
            CardSection::text(features(evaluation)),
            reference::section(reference, &metadata.features)?,
            offers,
            CardSection::text(limits(metadata, evaluation)),
            lineage,
            CardSection::text(reproduce::section(metadata)),
        ];
        let sections = sections.into_iter().filter(|section| !section.is_empty()).collect();
        Ok(Self { title: format!("Churn model {}", metadata.version), sections })
    }

    /// Whether a stored `model_card.md` says what this evaluation and this verdict say; that of an earlier judgement does not.
    pub fn is_of(markdown: &str, metadata: &Metadata, evaluation: &Evaluation, verdict: &Verdict) -> bool {
        [origin(metadata), decision(verdict), figures(metadata, evaluation)].iter().all(|part| markdown.contains(part))
    }

    /// `model_card.md`.
    pub fn markdown(&self) -> String {
        self.sections.iter().map(CardSection::markdown).collect::<Vec<_>>().join("\n")
    }

    /// `model_card.html`: the same words with the curves; it needs no other file and no script.
    pub fn html(&self) -> String {
        let heading = |place| if place == 0 { "h1" } else { "h2" };
        let sections = self.sections.iter().enumerate();
        let body: String = sections.map(|(place, section)| section.html(heading(place))).collect();
        html::document(&self.title, &body)
    }
}

fn origin(metadata: &Metadata) -> String {
    let split = &metadata.split;
    format!(
        "# Churn model {}\n\n\
         Experiment {} with {} features ({} columns), {}, {}.\n\
         Fitted on {} customers ({} churned); measured on {} customers ({} churned) that no model is fitted on.\n",
        metadata.version,
        metadata.experiment,
        metadata.features.len(),
        metadata.columns.len(),
        metadata.libraries.get(&metadata.algorithm).map_or(metadata.algorithm.as_str(), String::as_str),
        metadata.settings.learner.learner().description(),
        split.training_rows,
        split.training_positives,
        split.holdout_rows,
        split.holdout_positives,
    )
}

fn decision(verdict: &Verdict) -> String {
    let outcome = if verdict.passed { "Passed" } else { "Rejected" };
    let mut text = format!("## Gate: {outcome}\n\n| check | passed | value | limit | why |\n|---|---|---|---|---|\n");
    for check in &verdict.checks {
        let passed = if check.passed { "yes" } else { "no" };
        let value = check.value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
        let note = cell(&check.note);
        let _ = writeln!(text, "| `{}` | {passed} | {value} | {:.3} | {note} |", check.name, check.limit);
    }
    text
}

fn figures(metadata: &Metadata, evaluation: &Evaluation) -> String {
    let (metrics, peer) = (&evaluation.summary.metrics, &evaluation.peer_protocol);
    let interval = |interval: Option<Interval>| {
        interval.map_or_else(|| "too few churners".to_owned(), |found| format!("{:.3} to {:.3}", found.low, found.high))
    };
    format!(
        "## Figures on the holdout\n\n\
         | figure | value | 95 % interval | peer's protocol |\n|---|---|---|---|\n\
         | PR-AUC | {:.3} | {} | {:.3} |\n| ROC-AUC | {:.3} | {} | {:.3} |\n\
         | precision | {:.3} | | {:.3} |\n| recall | {:.3} | | {:.3} |\n| F1 | {:.3} | | {:.3} |\n\
         | accuracy | {:.3} | | {:.3} |\n| Brier score | {:.4} | | {:.4} |\n| log loss | {:.4} | | {:.4} |\n\
         | calibration error | {:.4} | | {:.4} |\n| lift of the top tenth | {:.2} | | {:.2} |\n\n\
         A customer is flagged from a calibrated probability of {:.4} on: {} on out-of-fold probabilities.\n",
        metrics.pr_auc,
        interval(evaluation.summary.pr_auc_interval),
        peer.pr_auc,
        metrics.roc_auc,
        interval(evaluation.summary.roc_auc_interval),
        peer.roc_auc,
        metrics.precision,
        peer.precision,
        metrics.recall,
        peer.recall,
        metrics.f1,
        peer.f1,
        metrics.accuracy,
        peer.accuracy,
        metrics.brier,
        peer.brier,
        metrics.log_loss,
        peer.log_loss,
        metrics.ece,
        peer.ece,
        metrics.top_decile_lift,
        peer.top_decile_lift,
        metrics.threshold,
        rule(metadata),
    )
}

/// How the threshold was chosen.
fn rule(metadata: &Metadata) -> String {
    let settings = &metadata.settings.threshold;
    match (metadata.threshold.rule, metadata.threshold.confidence) {
        (ThresholdRule::MinRecall, None) => {
            format!("the highest precision with a recall of at least {:.2}", settings.min_recall)
        }
        (ThresholdRule::MinRecall, Some(confidence)) => format!(
            "the highest precision with a recall of at least {:.2} in {:.0} % of batches of new customers",
            settings.min_recall,
            100.0 * confidence
        ),
        (ThresholdRule::BestF1, _) => "the best F1, because no threshold had enough recall".to_owned(),
        (ThresholdRule::LowestCost, _) => format!(
            "the lowest cost, of EUR {} for a missed churner and EUR {} for a needless offer,",
            settings.missed_churner_eur, settings.needless_offer_eur
        ),
    }
}

fn groups(by: &str, groups: &[GroupMetrics]) -> String {
    let figure = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
    let mut text = format!(
        "## By {by}\n\n| {by} | customers | churned | PR-AUC | ROC-AUC | recall |\n|---|---|---|---|---|---|\n"
    );
    for group in groups {
        let (pr_auc, roc_auc) = (figure(group.pr_auc), figure(group.roc_auc));
        let (name, rows, positives, recall) = (cell(&group.group), group.rows, group.positives, figure(group.recall));
        let _ = writeln!(text, "| {name} | {rows} | {positives} | {pr_auc} | {roc_auc} | {recall} |");
    }
    text
}

fn features(evaluation: &Evaluation) -> String {
    let mut text = "## What drives it\n\n| feature | mean abs. SHAP (log-odds) | gain |\n|---|---|---|\n".to_owned();
    for feature in evaluation.importance.iter().take(SHOWN_FEATURES) {
        let _ =
            writeln!(text, "| `{}` | {:.3} | {:.1} % |", feature.feature, feature.mean_abs_shap, 100.0 * feature.gain);
    }
    text
}

fn limits(metadata: &Metadata, evaluation: &Evaluation) -> String {
    let intervals = metadata.settings.interval.coverage * 100.0;
    let mut text = format!(
        "## What it does and does not promise\n\n\
         - `proba_low` to `proba_high` is a conformal interval by risk tier: of the customers of a tier, about \
         {intervals:.0} % have their outcome (1 churned, 0 stayed) inside. On the holdout it was {:.1} %. It does not say \
         that one customer's true probability lies inside, and it does not hold when customers change (see drift).\n\
         - A contribution says what moved the score, not what would change the customer's mind.\n",
        100.0 * evaluation.interval_coverage
    );
    if metadata.fold_models > 0 {
        text.push_str(
            "- Who was in training is scored by the model of the folds that has not seen them, everybody else by the final \
             model; `in_training` says which.\n",
        );
    }
    if !metadata.split.within_one_point {
        text.push_str(
            "- The churn rates of the two sides of the split differ by more than one point from the overall rate.\n",
        );
    }
    for (feature, rows) in &evaluation.unseen_categories {
        let _ = writeln!(text, "- `{feature}`: {rows} holdout customers have a value that training never saw.");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use polars::df;

    use super::super::checks::example::figures;
    use super::*;
    use crate::columns::PREDICTION;
    use crate::model::bundle::calibration::{CalibrationFigures, CalibrationMethod, CalibrationReport};
    use crate::model::learner::Weighting;
    use crate::model::measure::comparison::ChampionComparison;
    use crate::model::measure::curves::Curves;
    use crate::model::measure::evaluate::EvaluationSummary;
    use crate::model::measure::importance::Importance;
    use crate::model::measure::metrics::Metrics;
    use crate::model::measure::slices::{Slice, SliceBy, SliceFigures, SliceOutcome, SliceRows};
    use crate::model::{GateSettings, gate, sample};

    /// What training says of a small table; what depends on the bits of a fit, or on a library's version, is set here.
    fn metadata() -> Metadata {
        let mut metadata = sample::bundle(&sample::gold(600), &sample::settings()).metadata().clone();
        metadata.version = "0123456789abcdef".to_owned();
        metadata.training_digest = "0123456789abcdef...".to_owned();
        metadata.code_version = "model-1".to_owned();
        metadata.libraries = BTreeMap::from([(metadata.algorithm.clone(), "a library 1.0".to_owned())]);
        metadata.threshold.rule = ThresholdRule::MinRecall;
        metadata.threshold.confidence = Some(0.9);
        let even = Some(Weighting::Even);
        let figures = |method, brier, ece| CalibrationFigures { method, weighting: even, brier, ece };
        let (platt, beta) = (CalibrationMethod::Platt, CalibrationMethod::Beta);
        let compared = vec![figures(platt, 0.051_23, 0.012_34), figures(beta, 0.050_12, 0.012_3)];
        metadata.calibration = Some(CalibrationReport { kept: beta, weighting: even, compared });
        metadata
    }

    fn slices() -> Vec<Slice> {
        let figures = SliceFigures {
            pr_auc: 0.929,
            pr_auc_interval: Some(Interval { low: 0.901, high: 0.951 }),
            lift: 5.57,
            lift_interval: Some(Interval { low: 5.1, high: 6.04 }),
            roc_auc: 0.98,
            precision: 0.81,
            recall: 0.9,
            mean_probability: 0.16,
            overrated_by: -0.0066,
            champion: None,
        };
        let why = "12 churners among 80 customers; 30 are needed".to_owned();
        let slice = |by, value: &str, measured_on, (rows, positives), outcome| Slice {
            by,
            value: value.to_owned(),
            measured_on,
            rows,
            positives,
            outcome,
        };
        let evaluated = SliceOutcome::Evaluated(figures);
        vec![
            slice(SliceBy::Contact, "with", SliceRows::Holdout, (1200, 200), evaluated),
            slice(SliceBy::SalesChannel, "missing", SliceRows::Pooled, (80, 12), SliceOutcome::NotEvaluated(why)),
        ]
    }

    fn evaluation() -> Evaluation {
        let metrics = Metrics::of(&[true, false, true, false, false], &[0.9, 0.8, 0.6, 0.2, 0.1], 0.5).unwrap();
        let group = |group: &str, rows, pr_auc| GroupMetrics {
            group: group.to_owned(),
            rows,
            positives: 1,
            pr_auc,
            roc_auc: pr_auc,
            precision: Some(0.5),
            recall: Some(1.0),
            mean_probability: 0.4,
        };
        Evaluation {
            summary: EvaluationSummary {
                model_version: "0123456789abcdef".to_owned(),
                holdout_rows: 5,
                holdout_positives: 2,
                metrics,
                threshold_rule: ThresholdRule::MinRecall,
                pr_auc_interval: Some(Interval { low: 0.5, high: 0.9 }),
                roc_auc_interval: None,
                champion: Some(ChampionComparison {
                    version: "fedcba9876543210".to_owned(),
                    pr_auc: 0.9,
                    roc_auc: 0.9,
                    brier: 0.1,
                    pr_auc_difference: -0.067,
                    pr_auc_difference_low: Some(-0.1),
                    same_split: true,
                }),
                slices: slices(),
                gate: Some(figures()),
            },
            ece_before_calibration: 0.2,
            brier_before_calibration: 0.3,
            interval_coverage: 0.912,
            segments: vec![group("Residential", 4, Some(0.75)), group("SME", 1, None)],
            sales_channels: vec![group("missing", 5, Some(0.75))],
            importance: vec![
                Importance { feature: "customer_intent".to_owned(), mean_abs_shap: 0.4321, gain: 0.75 },
                Importance { feature: "std_margin".to_owned(), mean_abs_shap: 0.1, gain: 0.25 },
            ],
            peer_protocol: metrics,
            unseen_categories: BTreeMap::from([("segment".to_owned(), 3)]),
            curves: Curves::of(&[true, false], &[0.9, 0.1], &[0.9, 0.1]),
        }
    }

    fn reference() -> DataFrame {
        df!(
            "std_margin" => [1.0, 2.0, 3.0, 4.0],
            "tenure_months" => [10.0, 20.0, 30.0, 40.0],
            "is_dual_fuel" => [0, 1, 1, 1],
            "customer_intent" => [Some("Pricing Offers"), None, None, None],
            "segment" => ["SME", "Residential", "Residential", "Residential"],
            PREDICTION => [0.1, 0.2, 0.3, 0.4],
        )
        .unwrap()
    }

    fn card() -> ModelCard {
        let evaluation = evaluation();
        let verdict = gate(&evaluation.summary(), &GateSettings::default());
        let section = |heading: &str| CardSection::text(format!("## {heading}\n\n<b>What</b> the caller knows.\n"));
        let context = CardContext {
            label: section("What is predicted"),
            lead_time: CardSection::default(),
            offers: section("What offers assume"),
            lineage: section("Lineage"),
        };
        ModelCard::made(&metadata(), &reference(), &evaluation, &verdict, context).unwrap()
    }

    #[test]
    fn the_card_says_what_people_should_know() {
        insta::assert_snapshot!("model_card", card().markdown());
    }

    #[test]
    fn a_card_of_another_judgement_is_stale() {
        let (metadata, evaluation, card) = (metadata(), evaluation(), card().markdown());
        let verdict = gate(&evaluation.summary(), &GateSettings::default());
        assert!(ModelCard::is_of(&card, &metadata, &evaluation, &verdict));
        let stricter = GateSettings { pr_auc_floor: 0.9, ..GateSettings::default() };
        assert!(!ModelCard::is_of(&card, &metadata, &evaluation, &gate(&evaluation.summary(), &stricter)));
        let mut other = evaluation;
        other.summary.metrics.pr_auc = 0.5;
        assert!(!ModelCard::is_of(&card, &metadata, &other, &verdict));
    }

    #[test]
    fn the_page_stands_alone_and_draws_what_the_words_say() {
        let page = card().html();
        assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
        assert_eq!((page.matches("<h1>").count(), page.matches("<h2>").count()), (1, 14), "{page}");
        for picture in ["Precision by recall", "ROC on", "Calibration on", "PR-AUC by slice", "Churn probabilities"] {
            assert!(page.contains(&format!("<figcaption>{picture}")), "{picture} is not in\n{page}");
        }
        assert!(page.contains("&lt;b&gt;What") && !page.contains("<b>"), "what is said is no markup");
        for foreign in ["<script", "http://", "https://", "src=", "@import", "url("] {
            assert!(!page.contains(foreign), "{foreign}");
        }
    }
}
