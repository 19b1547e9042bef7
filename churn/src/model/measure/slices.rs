//! For whom a model works: its figures for one kind of customers after the other.
//!
//! One PR-AUC of all hides two populations: those who called can be ranked well, those who never did cannot. So each
//! kind has figures of its own, with what a ranking by lot would have beside them, on customers that the model which
//! ranks them has not seen: the holdout, and where it holds too few churners the training customers too, each
//! predicted by the model of the folds that they are not in.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;
use serde::{Deserialize, Serialize};

use super::bootstrap::{Interval, Resamples};
use super::metrics::Confusion;
use crate::error::Result;
pub use crate::model::limits::LEAST_POSITIVES;
use crate::model::matrix::{numbers, texts};
use crate::model::ranking::Ranking;
use crate::model::settings::BootstrapSettings;
use crate::watch::Watch;

/// With fewer churners on the holdout than this, a slice is measured on all labelled customers.
pub const POOLED_BELOW: u64 = 100;

/// By what customers are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SliceBy {
    /// Whether there was a contact: `with`, `without`.
    Contact,
    /// Kind of customer.
    Segment,
    /// Who sold the contract.
    SalesChannel,
    /// Months with us, in buckets.
    Tenure,
    /// Months to the renewal, in buckets.
    Renewal,
    /// How hard others bid for customers in the province: `high_competition`, `other`.
    ProvinceGroup,
}

impl SliceBy {
    /// All of them, in the order of the evaluation.
    pub const ALL: [Self; 6] =
        [Self::Contact, Self::Segment, Self::SalesChannel, Self::Tenure, Self::Renewal, Self::ProvinceGroup];

    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Segment => "segment",
            Self::SalesChannel => "sales_channel",
            Self::Tenure => "tenure",
            Self::Renewal => "renewal",
            Self::ProvinceGroup => "province_group",
        }
    }

    /// The slice of each customer of a gold table; a value that is not known is `missing`.
    pub(in crate::model) fn values(self, gold: &DataFrame) -> Result<Vec<String>> {
        let words = |column: &str| -> Result<Vec<String>> {
            let words = texts(gold, column)?.into_iter();
            Ok(words.map(|word| word.unwrap_or_else(|| "missing".to_owned())).collect())
        };
        let flags = |column: &str, yes: &str, no: &str| -> Result<Vec<String>> {
            let flags = numbers(gold, column)?.into_iter();
            Ok(flags.map(|flag| if flag == Some(1.0) { yes.to_owned() } else { no.to_owned() }).collect())
        };
        match self {
            Self::Contact => flags("has_interaction", "with", "without"),
            Self::Segment => words("segment"),
            Self::SalesChannel => words("sales_channel"),
            Self::Tenure => words("tenure_bucket"),
            Self::Renewal => words("renewal_bucket"),
            Self::ProvinceGroup => flags("is_high_competition_province", "high_competition", "other"),
        }
    }
}

/// On which customers a slice was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SliceRows {
    /// On those of the holdout.
    Holdout,
    /// On all with a label; those of the training out of fold.
    Pooled,
}

impl SliceRows {
    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holdout => "holdout",
            Self::Pooled => "pooled",
        }
    }
}

/// One kind of customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// By what they are told apart.
    pub by: SliceBy,
    /// Which of them: a value of the column, `missing` for null.
    pub value: String,
    /// On which customers it was measured.
    pub measured_on: SliceRows,
    /// How many these are.
    pub rows: u64,
    /// Churners among them.
    pub positives: u64,
    /// What came of it.
    pub outcome: SliceOutcome,
}

/// What came of the measurement of a slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SliceOutcome {
    /// Its figures.
    Evaluated(SliceFigures),
    /// Why there are none, in words.
    NotEvaluated(String),
}

/// The figures of one slice.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SliceFigures {
    /// Average precision.
    pub pr_auc: f64,
    /// 95 % bootstrap interval; nothing when no resample had both classes.
    pub pr_auc_interval: Option<Interval>,
    /// PR-AUC over the slice's own churn rate: how many times better than by lot.
    pub lift: f64,
    /// 95 % bootstrap interval of the lift.
    pub lift_interval: Option<Interval>,
    /// Area under the ROC curve.
    pub roc_auc: f64,
    /// Churners among those flagged at the model's threshold; 0 when nobody is.
    pub precision: f64,
    /// Churners that are flagged at the model's threshold.
    pub recall: f64,
    /// Mean predicted probability.
    pub mean_probability: f64,
    /// Calibration in the large: mean probability minus churn rate. Above 0 the slice is overrated.
    pub overrated_by: f64,
    /// The champion on the same customers; nothing without one, or where it has seen them.
    pub champion: Option<SliceOfChampion>,
}

/// The champion on the customers of a slice.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SliceOfChampion {
    /// Its average precision.
    pub pr_auc: f64,
    /// PR-AUC of the challenger minus that of the champion.
    pub pr_auc_difference: f64,
    /// The lower one-sided 95 % bound of that difference (paired bootstrap).
    pub pr_auc_difference_low: Option<f64>,
}

impl Slice {
    /// Its figures, where it was evaluated.
    pub fn figures(&self) -> Option<&SliceFigures> {
        match &self.outcome {
            SliceOutcome::Evaluated(figures) => Some(figures),
            SliceOutcome::NotEvaluated(_) => None,
        }
    }

    /// The share of churners, which is the PR-AUC of a ranking by lot.
    pub fn base_rate(&self) -> f64 {
        self.positives as f64 / self.rows.max(1) as f64
    }
}

/// Customers with a label, each predicted by models that have not seen them.
pub(in crate::model) struct Unseen<'a> {
    /// Their rows of the gold table.
    pub table: &'a DataFrame,
    /// Whether each of them churned.
    pub labels: &'a [bool],
    /// Whether each of them is on the holdout.
    pub on_holdout: &'a [bool],
    /// The challenger's calibrated probabilities.
    pub probabilities: &'a [f64],
    /// The champion's; nothing for customers that it has seen.
    pub champion: &'a [Option<f64>],
}

/// Measures every slice, in the order of [`SliceBy::ALL`] and then of the values. A customer is in one slice of each kind.
pub(in crate::model) fn slices(
    customers: &Unseen<'_>,
    threshold: f64,
    settings: &BootstrapSettings,
    watch: &dyn Watch,
) -> Result<Vec<Slice>> {
    let mut found = Vec::new();
    for by in SliceBy::ALL {
        let mut members: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (row, value) in by.values(customers.table)?.into_iter().enumerate() {
            members.entry(value).or_default().push(row);
        }
        for (value, rows) in members {
            let (measured_on, rows) = customers.measured(rows);
            let outcome = customers.outcome(&rows, threshold, settings, watch)?;
            let positives = customers.positives(&rows);
            found.push(Slice { by, value, measured_on, rows: rows.len() as u64, positives, outcome });
        }
    }
    Ok(found)
}

impl Unseen<'_> {
    fn positives(&self, rows: &[usize]) -> u64 {
        rows.iter().filter(|&&row| self.labels[row]).count() as u64
    }

    /// Those of the holdout, or all where these are too few.
    pub fn measured(&self, rows: Vec<usize>) -> (SliceRows, Vec<usize>) {
        let held_out: Vec<usize> = rows.iter().copied().filter(|&row| self.on_holdout[row]).collect();
        let is_enough = self.positives(&held_out) >= POOLED_BELOW;
        if is_enough || held_out.len() == rows.len() {
            return (SliceRows::Holdout, held_out);
        }
        (SliceRows::Pooled, rows)
    }

    fn outcome(
        &self,
        rows: &[usize],
        threshold: f64,
        settings: &BootstrapSettings,
        watch: &dyn Watch,
    ) -> Result<SliceOutcome> {
        let positives = self.positives(rows);
        if positives < LEAST_POSITIVES {
            let why = format!("{positives} churners among {} customers; {LEAST_POSITIVES} are needed", rows.len());
            return Ok(SliceOutcome::NotEvaluated(why));
        }
        let labels: Vec<bool> = rows.iter().map(|&row| self.labels[row]).collect();
        let ours: Vec<f64> = rows.iter().map(|&row| self.probabilities[row]).collect();
        let Some(areas) = Ranking::new(&ours).areas(&labels, |_| 1.0) else {
            return Ok(SliceOutcome::NotEvaluated(format!("all of its {} customers churned", rows.len())));
        };
        let theirs: Option<Vec<f64>> = rows.iter().map(|&row| self.champion[row]).collect();
        let models: Vec<&[f64]> = std::iter::once(ours.as_slice()).chain(theirs.as_deref()).collect();
        let resamples = Resamples::draw(&labels, &models, settings, watch)?;
        let confusion = Confusion::of(&labels, &ours, threshold);
        let mean_probability = ours.iter().sum::<f64>() / rows.len() as f64;
        let of_champion = |theirs: &[f64]| {
            let pr_auc = Ranking::new(theirs).areas(&labels, |_| 1.0)?.pr_auc;
            let pr_auc_difference_low = resamples.lower_bound(|areas| areas[0].pr_auc - areas[1].pr_auc);
            Some(SliceOfChampion { pr_auc, pr_auc_difference: areas.pr_auc - pr_auc, pr_auc_difference_low })
        };
        Ok(SliceOutcome::Evaluated(SliceFigures {
            pr_auc: areas.pr_auc,
            pr_auc_interval: resamples.interval(|areas| areas[0].pr_auc),
            lift: areas.lift(),
            lift_interval: resamples.interval(|areas| areas[0].lift()),
            roc_auc: areas.roc_auc,
            precision: confusion.precision(),
            recall: confusion.recall(),
            mean_probability,
            overrated_by: mean_probability - areas.base_rate,
            champion: theirs.as_deref().and_then(of_champion),
        }))
    }
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;
    use crate::watch::Unwatched;

    /// 2,000 customers, every tenth a churner; the first 400 are on the holdout. Those with a contact are ranked
    /// perfectly, those without by lot.
    struct Sample {
        table: DataFrame,
        labels: Vec<bool>,
        on_holdout: Vec<bool>,
        probabilities: Vec<f64>,
    }

    fn sample() -> Sample {
        let rows = 0..2000_u32;
        let labels: Vec<bool> = rows.clone().map(|i| i % 10 == 3).collect();
        let has_contact = |i: u32| i % 4 < 2;
        let by_lot = |i: u32| f64::from(i * 7919 % 997) / 1000.0;
        let probability = |i: u32| match (has_contact(i), labels[i as usize]) {
            (true, true) => 0.9,
            (true, false) => 0.05,
            (false, _) => by_lot(i),
        };
        let probabilities = rows.clone().map(probability).collect();
        let word = |of: fn(u32) -> &'static str| (0..2000).map(of).collect::<Vec<_>>();
        let table = df!(
            "has_interaction" => rows.clone().map(|i| has_contact(i).then_some(1)).collect::<Vec<_>>(),
            "segment" => (0..2000).map(|i| (i >= 40).then_some("Residential")).collect::<Vec<_>>(),
            "sales_channel" => word(|i| if i % 5 == 0 { "Office" } else { "Own Website" }),
            "tenure_bucket" => word(|_| "5y+"),
            "renewal_bucket" => word(|i| if i % 2 == 0 { "0-3m" } else { "12m+" }),
            "is_high_competition_province" => rows.clone().map(|i| i32::from(i % 3 == 0)).collect::<Vec<_>>(),
        )
        .unwrap();
        Sample { table, on_holdout: rows.map(|i| i < 400).collect(), labels, probabilities }
    }

    fn measured(sample: &Sample, champion: &[Option<f64>]) -> Vec<Slice> {
        let customers = Unseen {
            table: &sample.table,
            labels: &sample.labels,
            on_holdout: &sample.on_holdout,
            probabilities: &sample.probabilities,
            champion,
        };
        let settings = BootstrapSettings { resamples: 100, ..BootstrapSettings::default() };
        slices(&customers, 0.5, &settings, &Unwatched).unwrap()
    }

    fn slice<'a>(slices: &'a [Slice], by: SliceBy, value: &str) -> &'a Slice {
        slices.iter().find(|slice| slice.by == by && slice.value == value).unwrap()
    }

    #[test]
    fn two_populations_have_two_figures_and_every_customer_is_in_one_slice_of_each_kind() {
        let sample = sample();
        let slices = measured(&sample, &vec![None; 2000]);
        let figures = |value: &str| *slice(&slices, SliceBy::Contact, value).figures().unwrap();
        let (with, without) = (figures("with"), figures("without"));
        assert_eq!((with.pr_auc, with.recall, with.precision), (1.0, 1.0, 1.0));
        assert!((0.05..0.3).contains(&without.pr_auc) && without.lift < 3.0, "{without:?}");
        assert!((with.lift - 1.0 / slice(&slices, SliceBy::Contact, "with").base_rate()).abs() < 1e-9, "{with:?}");
        let interval = without.pr_auc_interval.unwrap();
        assert!(interval.low < without.pr_auc && without.pr_auc < interval.high, "{without:?}");
        assert!(without.overrated_by > 0.2, "{without:?}");
        for by in SliceBy::ALL {
            let of_kind = slices.iter().filter(|slice| slice.by == by);
            assert_eq!(of_kind.map(|slice| slice.rows).sum::<u64>(), 2000, "{by:?}");
        }
    }

    #[test]
    fn a_slice_with_enough_churners_on_the_holdout_is_measured_there_alone() {
        let mut sample = sample();
        sample.on_holdout = vec![true; 2000];
        let slices = measured(&sample, &vec![None; 2000]);
        assert!(slices.iter().all(|slice| slice.measured_on == SliceRows::Holdout));
        sample.on_holdout = (0..2000).map(|i| i < 1200).collect();
        // 120 churners of 1,200 with the one tenure; fewer in each half of the others.
        let slices = measured(&sample, &vec![None; 2000]);
        let tenure = slice(&slices, SliceBy::Tenure, "5y+");
        assert_eq!((tenure.measured_on, tenure.rows, tenure.positives), (SliceRows::Holdout, 1200, 120));
        assert_eq!(slice(&slices, SliceBy::Renewal, "12m+").measured_on, SliceRows::Holdout);
        assert_eq!(slice(&slices, SliceBy::ProvinceGroup, "high_competition").measured_on, SliceRows::Pooled);
    }

    #[test]
    fn a_small_slice_is_not_evaluated_and_says_why() {
        let slices = measured(&sample(), &vec![None; 2000]);
        // Four churners among the first forty, who have no segment.
        let unknown = slice(&slices, SliceBy::Segment, "missing");
        let why = "4 churners among 40 customers; 30 are needed".to_owned();
        assert_eq!((unknown.rows, unknown.positives), (40, 4));
        assert_eq!(unknown.outcome, SliceOutcome::NotEvaluated(why));
        assert_eq!(unknown.figures(), None);
    }

    #[test]
    fn the_champion_is_compared_only_where_it_has_seen_nobody() {
        let sample = sample();
        let by_lot: Vec<Option<f64>> = (0..2000_u32).map(|i| Some(f64::from(i * 7919 % 997) / 1000.0)).collect();
        let compared = |champion: &[Option<f64>]| {
            let slices = measured(&sample, champion);
            slice(&slices, SliceBy::Contact, "with").figures().unwrap().champion
        };
        let found = compared(&by_lot).unwrap();
        assert!((found.pr_auc_difference - (1.0 - found.pr_auc)).abs() < 1e-12 && found.pr_auc < 0.3, "{found:?}");
        assert!(found.pr_auc_difference_low.unwrap() > 0.5, "{found:?}");
        let mut seen = by_lot;
        seen[401] = None;
        assert_eq!(compared(&seen), None);
        assert_eq!(compared(&vec![None; 2000]), None);
    }

    #[test]
    fn a_slice_survives_json_and_says_in_one_word_what_became_of_it() {
        let slices = measured(&sample(), &vec![None; 2000]);
        let json = serde_json::to_value(&slices).unwrap();
        assert_eq!(serde_json::from_value::<Vec<Slice>>(json.clone()).unwrap(), slices);
        assert_eq!((json[0]["by"].as_str(), json[0]["value"].as_str()), (Some("contact"), Some("with")));
        assert!(json[0]["outcome"]["evaluated"]["pr_auc"].is_f64(), "{json}");
        assert!(json[3]["outcome"]["not_evaluated"].is_string(), "{}", json[3]);
    }
}
