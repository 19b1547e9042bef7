//! The performance of one run: what its probabilities promise, and what became of promises whose labels have come.

use std::collections::HashMap;

use polars::prelude::{Column, DataFrame, DataType};
use serde::{Deserialize, Serialize};

use super::estimate::{Estimated, Scored, estimate};
use super::measured::{Departure, Realised, departures, measure};
use super::settings::PerformanceSettings;
use crate::columns::PREDICTION;
use crate::error::{Error, Result};
use crate::model::apply::observe::known_labels;
use crate::model::bundle::Bundle;
use crate::model::examples::customer_ids;
use crate::snapshot_date::SnapshotDate;
use crate::watch::Watch;

/// Labels tell of scores that are of a date no more days apart.
const LABEL_DAYS: u64 = 3;

/// Today's customers.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The gold table.
    pub gold: &'a DataFrame,
    /// The date that they are looked at from.
    pub as_of: SnapshotDate,
    /// The date that the model was trained for; nothing where nobody noted it.
    pub trained_as_of: Option<SnapshotDate>,
    /// The date that the table's labels look from; where nobody noted it, it is taken for that of the training.
    pub label_date: Option<SnapshotDate>,
}

/// The scores of an earlier publication.
#[derive(Debug, Clone)]
pub struct PastScores {
    /// The date they are for.
    pub as_of: SnapshotDate,
    /// The model that scored.
    pub model_version: String,
    /// The scores table.
    pub table: DataFrame,
}

/// `monitoring/<run>/performance.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PerformanceReport {
    /// The model that scored.
    pub model_version: String,
    /// The date of this run.
    pub as_of: SnapshotDate,
    /// What the probabilities of customers promise that the model has not seen; nothing where they are too few.
    pub estimated: Option<Estimated>,
    /// What came to pass: of this run's own customers as far as labels of its date are known, and of those of earlier
    /// publications of the labels' date whose label was not known then.
    pub realised: Vec<RealisedOf>,
}

/// Whose scores were measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// Those of the report's own run.
    ThisRun,
    /// Those that were published last for an earlier month.
    Earlier,
}

/// What became of the customers of one publication.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RealisedOf {
    /// Whose scores they are.
    pub whose: Whose,
    /// The date of the scores.
    pub as_of: SnapshotDate,
    /// The model that scored.
    pub model_version: String,
    /// What came to pass.
    pub realised: Realised,
    /// What was promised of the same customers.
    pub estimated: Option<Estimated>,
    /// Where the two do not agree.
    pub departures: Vec<Departure>,
}

impl PerformanceReport {
    /// What came to pass of the report's own run, where labels of its date are known.
    pub fn own(&self) -> Option<&RealisedOf> {
        self.realised.iter().find(|one| one.whose == Whose::ThisRun)
    }

    /// Departures that people should hear of.
    pub fn troubles(&self) -> impl Iterator<Item = (&RealisedOf, &Departure)> {
        let all = self.realised.iter().flat_map(|one| one.departures.iter().map(move |departure| (one, departure)));
        all.filter(|(_, departure)| departure.is_trouble())
    }
}

/// Estimates the performance of today's scores, and measures all that labels have come for.
pub fn monitor(
    bundle: &Bundle,
    view: &View<'_>,
    past: &[PastScores],
    settings: &PerformanceSettings,
    watch: &dyn Watch,
) -> Result<PerformanceReport> {
    settings.validate()?;
    let calibrated_on = calibrated_on(bundle)?;
    let labels = known_labels(view.gold)?;
    let today = today(bundle, view.gold, &labels)?;
    let judge = |customers: &Labelled| customers.judge(&calibrated_on, settings, watch);
    let model_version = bundle.metadata.version.clone();
    let mut realised = Vec::new();
    if labels_are_of(view, view.as_of) {
        let own = judge(&today.labelled())?;
        realised.extend(own.map(|judged| judged.of(Whose::ThisRun, view.as_of, model_version.clone())));
    }
    let now: HashMap<String, bool> = known(view.gold, &labels)?;
    for scores in past.iter().filter(|scores| labels_are_of(view, scores.as_of)) {
        let arrived = judge(&arrived(&scores.table, &now)?)?;
        realised.extend(arrived.map(|judged| judged.of(Whose::Earlier, scores.as_of, scores.model_version.clone())));
    }
    let estimated = estimate(&today.scored, &calibrated_on, settings, watch)?;
    Ok(PerformanceReport { model_version, as_of: view.as_of, estimated, realised })
}

/// The probabilities of the rows that the calibration was fitted on.
fn calibrated_on(bundle: &Bundle) -> Result<Vec<f64>> {
    let predictions = bundle.reference.column(PREDICTION).and_then(Column::f64);
    Ok(predictions.map_err(Error::table("read the drift reference"))?.iter().flatten().collect())
}

/// Whether the labels of the table tell of scores of a date.
fn labels_are_of(view: &View<'_>, scored: SnapshotDate) -> bool {
    let label_date = view.label_date.or(view.trained_as_of);
    let days = label_date.map(|label| (scored.date() - label.date()).num_days().unsigned_abs());
    days.is_some_and(|days| days <= LABEL_DAYS)
}

/// Customers as they were scored, and what is known of their labels.
#[derive(Debug, Default)]
struct Today {
    scored: Scored,
    labels: Vec<Option<bool>>,
}

/// Customers whose labels are all known.
#[derive(Debug, Default)]
struct Labelled {
    scored: Scored,
    labels: Vec<bool>,
}

/// What came to pass beside what was promised.
struct Judged {
    realised: Realised,
    estimated: Option<Estimated>,
    departures: Vec<Departure>,
}

/// The customers that the model has not seen.
fn today(bundle: &Bundle, gold: &DataFrame, labels: &[Option<bool>]) -> Result<Today> {
    let threshold = bundle.metadata.threshold.value;
    let mut today = Today::default();
    for (prediction, label) in bundle.predict_held_out(gold)?.into_iter().zip(labels) {
        let Some(probability) = prediction else { continue };
        today.scored.probabilities.push(probability);
        today.scored.flagged.push(probability >= threshold);
        today.labels.push(*label);
    }
    Ok(today)
}

impl Today {
    fn labelled(&self) -> Labelled {
        let mut labelled = Labelled::default();
        for (row, label) in self.labels.iter().enumerate() {
            if let Some(label) = label {
                labelled.push(self.scored.probabilities[row], self.scored.flagged[row], *label);
            }
        }
        labelled
    }
}

impl Labelled {
    fn push(&mut self, probability: f64, flagged: bool, label: bool) {
        self.scored.probabilities.push(probability);
        self.scored.flagged.push(flagged);
        self.labels.push(label);
    }

    fn judge(
        &self,
        calibrated_on: &[f64],
        settings: &PerformanceSettings,
        watch: &dyn Watch,
    ) -> Result<Option<Judged>> {
        let Some(realised) = measure(&self.scored, &self.labels, settings, watch)? else { return Ok(None) };
        let estimated = estimate(&self.scored, calibrated_on, settings, watch)?;
        let departures = estimated.as_ref().map(|estimated| departures(estimated, &realised)).unwrap_or_default();
        Ok(Some(Judged { realised, estimated, departures }))
    }
}

impl Judged {
    fn of(self, whose: Whose, as_of: SnapshotDate, model_version: String) -> RealisedOf {
        let Self { realised, estimated, departures } = self;
        RealisedOf { whose, as_of, model_version, realised, estimated, departures }
    }
}

/// The customers whose label is known now.
fn known(gold: &DataFrame, labels: &[Option<bool>]) -> Result<HashMap<String, bool>> {
    Ok(customer_ids(gold)?.into_iter().zip(labels).filter_map(|(id, label)| Some((id, (*label)?))).collect())
}

/// The customers of a scores table whose label was not known when they were scored, and is now. No model has learnt from
/// them.
fn arrived(scores: &DataFrame, now: &HashMap<String, bool>) -> Result<Labelled> {
    let cells = |name: &str| -> Result<Vec<Option<f64>>> {
        let column = scores.column(name).and_then(|column| column.cast(&DataType::Float64));
        let column = column.map_err(Error::table("read the scores of an earlier run"))?;
        Ok(column.f64().map_err(Error::table("read the scores of an earlier run"))?.iter().collect())
    };
    let (probabilities, flags, then) = (cells(PREDICTION)?, cells("churn_pred")?, cells("churn_actual")?);
    let mut labelled = Labelled::default();
    for (row, id) in customer_ids(scores)?.iter().enumerate() {
        if let (None, Some(label), Some(probability)) = (then[row], now.get(id), probabilities[row]) {
            labelled.push(probability, flags[row] == Some(1.0), *label);
        }
    }
    Ok(labelled)
}

#[cfg(test)]
mod tests {
    use polars::df;
    use polars::prelude::{IntoLazy, NULL, col, lit, when};

    use super::super::measured::FigureName;
    use super::super::sample::{book, outcomes};
    use super::*;
    use crate::model::{sample, score};
    use crate::watch::Unwatched;

    fn date(text: &str) -> SnapshotDate {
        SnapshotDate::parse(text).unwrap()
    }

    fn view<'a>(gold: &'a DataFrame, as_of: &str) -> View<'a> {
        labelled(gold, as_of, "2024-12-31")
    }

    /// A model of 2024, and labels of a date.
    fn labelled<'a>(gold: &'a DataFrame, as_of: &str, label: &str) -> View<'a> {
        let trained_as_of = Some(date("2024-12-31"));
        View { gold, as_of: date(as_of), trained_as_of, label_date: Some(date(label)) }
    }

    /// Labels of January, which came in June.
    fn seen(gold: &DataFrame) -> View<'_> {
        labelled(gold, "2025-06-30", "2025-01-31")
    }

    fn monitored(bundle: &Bundle, view: &View<'_>, past: &[PastScores]) -> PerformanceReport {
        monitor(bundle, view, past, &PerformanceSettings::default(), &Unwatched).unwrap()
    }

    #[test]
    fn a_run_promises_and_measures_on_customers_that_its_model_has_not_seen() {
        let gold = sample::gold(4000);
        let bundle = sample::bundle(&gold, &sample::settings());
        let report = monitored(&bundle, &view(&gold, "2024-12-31"), &[]);
        let held_out = bundle.metadata().split.holdout_rows as u64;
        assert_eq!(report.estimated.as_ref().unwrap().rows, held_out);
        let [own] = &report.realised[..] else { panic!("{:?}", report.realised) };
        assert_eq!((own.realised.rows, own.whose), (held_out, Whose::ThisRun));
        assert_eq!(own.estimated, report.estimated, "all of them have a label");
        let evaluation = crate::model::evaluate(&bundle, None, &gold, &Unwatched).unwrap();
        assert_eq!(own.realised.pr_auc, evaluation.summary.metrics.pr_auc);
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<PerformanceReport>(&json).unwrap(), report);
    }

    #[test]
    fn labels_of_another_date_are_not_held_against_the_scores_of_today() {
        let gold = sample::gold(3000);
        let bundle = sample::bundle(&gold, &sample::settings());
        assert_eq!(monitored(&bundle, &view(&gold, "2025-01-03"), &[]).realised.len(), 1);
        let later = monitored(&bundle, &view(&gold, "2025-01-31"), &[]);
        assert!(later.realised.is_empty() && later.estimated.is_some());
        let of_then = labelled(&gold, "2025-06-30", "2025-06-30");
        assert_eq!(monitored(&bundle, &of_then, &[]).realised.len(), 1, "whenever the model was trained");
        let not_noted = View { label_date: None, ..view(&gold, "2024-12-31") };
        assert_eq!(monitored(&bundle, &not_noted, &[]).realised.len(), 1);
        let unknown = View { trained_as_of: None, ..not_noted };
        assert!(monitored(&bundle, &unknown, &[]).realised.is_empty());
    }

    #[test]
    fn the_labels_of_an_earlier_publication_arrive() {
        let gold = sample::gold(4000);
        let bundle = sample::bundle(&gold, &sample::settings());
        // A later delivery of other customers: scored without labels, and a few months later the labels are there.
        let next = sample::gold(8000).slice(4000, 4000);
        let no_label = lit(NULL).cast(DataType::Int32).alias("churn");
        let unlabelled = next.clone().lazy().with_column(no_label).collect().unwrap();
        let scores = score(&bundle, &unlabelled, &silver_of(&next), date("2025-01-31")).unwrap();
        let past =
            |table: DataFrame| vec![PastScores { as_of: date("2025-01-31"), model_version: "v".to_owned(), table }];
        let report = monitored(&bundle, &seen(&next), &past(scores.clone()));
        let [january] = &report.realised[..] else { panic!("{:?}", report.realised) };
        assert_eq!((january.whose, january.as_of, january.realised.rows), (Whose::Earlier, date("2025-01-31"), 4000));
        assert_eq!(january.estimated.as_ref().unwrap().rows, 4000);

        // Labels of another date say nothing of these scores.
        let of_february = labelled(&next, "2025-06-30", "2025-02-28");
        assert!(monitored(&bundle, &of_february, &past(scores.clone())).realised.is_empty());

        // Whose label was known when they were scored are no news.
        let known_then = score(&bundle, &next, &silver_of(&next), date("2025-01-31")).unwrap();
        assert!(monitored(&bundle, &seen(&next), &past(known_then)).realised.is_empty());

        // A planted shift: those who never called leave as well, for reasons that the model does not know.
        let shifted = when(col("customer_intent").is_null()).then(lit(1)).otherwise(col("churn")).alias("churn");
        let shifted = next.lazy().with_column(shifted).collect().unwrap();
        let report = monitored(&bundle, &seen(&shifted), &past(scores));
        let troubles: Vec<FigureName> = report.troubles().map(|(_, departure)| departure.figure).collect();
        assert!(troubles.contains(&FigureName::ChurnRate), "{report:?}");
    }

    fn silver_of(gold: &DataFrame) -> DataFrame {
        let (ids, rows) = (customer_ids(gold).unwrap(), gold.height());
        df!("customer_id" => ids, "province_code" => vec![28; rows], "sales_channel" => vec!["Office"; rows]).unwrap()
    }

    #[test]
    fn a_departure_that_is_no_trouble_is_in_the_report_and_troubles_nobody() {
        let scored = book(4000, 8);
        let mut labels = outcomes(&scored, 88);
        // The riskiest leave, and nobody else: the ranking is better than promised.
        let mut order: Vec<usize> = (0..4000).collect();
        order.sort_by(|a, b| scored.probabilities[*b].total_cmp(&scored.probabilities[*a]));
        let churners = labels.iter().filter(|label| **label).count();
        for (rank, row) in order.into_iter().enumerate() {
            labels[row] = rank < churners;
        }
        let customers = Labelled { scored, labels };
        let judged = customers.judge(&[], &PerformanceSettings::default(), &Unwatched).unwrap().unwrap();
        let own = judged.of(Whose::ThisRun, date("2024-12-31"), "v".to_owned());
        assert_eq!(own.departures.len(), 1);
        let report = PerformanceReport {
            model_version: "v".to_owned(),
            as_of: date("2024-12-31"),
            estimated: None,
            realised: vec![own],
        };
        assert_eq!(report.troubles().count(), 0);
    }
}
