//! Scores every customer of the gold table.

use chrono::NaiveDate;
use polars::prelude::{Column, DataFrame, DataType};

use crate::error::{Error, Result};
use crate::model::bundle::Bundle;
use crate::model::bundle::interval::ScoreIntervals;
use crate::model::examples::{customer_ids, rows_of, take};
use crate::model::matrix::numbers;
use crate::model::rounding::{cents, published};
use crate::model::tier::RiskTier;
use crate::snapshot_date::SnapshotDate;

/// Gold columns that travel into the scores as they are; the last five are the dashboard's profile.
///
/// `total_margin_2024` is the margin of all months in view: see [`crate::gold`] for its name.
const FROM_GOLD: [&str; 8] = [
    "avg_monthly_margin",
    "total_margin_2024",
    "segment",
    "tenure_months",
    "renewal_bucket",
    "sentiment_label",
    "has_interaction",
    "customer_intent",
];

/// The column that says who was in training.
const IN_TRAINING: &str = "in_training";

/// Columns of `silver_customer` that travel into the scores as they are.
const FROM_SILVER: [&str; 2] = ["province_code", "sales_channel"];

/// One row per customer, the highest `churn_proba` first, then by `customer_id`.
///
/// Columns: `customer_id`, `churn_proba`, `proba_low`, `proba_high` (4 decimals), `churn_pred`,
/// `churn_actual` (null when unknown), `risk_tier`, `expected_monthly_loss` (EUR; null without a margin),
/// the columns of gold, `province_code`, `model_version`, `as_of`, `sales_channel` (as in `silver_customer`),
/// `in_training` (1 where the model was fitted on the customer, who is then scored by the model of the folds that has not
/// seen them; else 0; null where a model of before does not say).
pub fn score(bundle: &Bundle, gold: &DataFrame, silver_customer: &DataFrame, as_of: SnapshotDate) -> Result<DataFrame> {
    let threshold = bundle.metadata.threshold.value;
    let probabilities = bundle.predict_unseen(gold)?;
    let scores = Scores::of(&customer_ids(gold)?, &probabilities, threshold, &bundle.calibrator.intervals)?;
    let sorted_gold = take(gold, &scores.order)?;
    let in_training = in_training(bundle, &sorted_gold)?;
    let homes = take(silver_customer, &rows_of(&scores.ids, silver_customer)?)?;
    let losses = expected_losses(&sorted_gold, &scores.probabilities)?;
    let rows = scores.ids.len();
    assemble(
        &sorted_gold,
        &homes,
        as_of,
        vec![
            Column::new("customer_id".into(), scores.ids),
            Column::new("churn_proba".into(), scores.probabilities),
            Column::new("proba_low".into(), scores.lows),
            Column::new("proba_high".into(), scores.highs),
            Column::new("churn_pred".into(), scores.decisions),
            Column::new("risk_tier".into(), scores.tiers),
            Column::new("expected_monthly_loss".into(), losses),
            Column::new("model_version".into(), vec![bundle.metadata.version.as_str(); rows]),
            Column::new(IN_TRAINING.into(), in_training),
        ],
    )
    .map_err(Error::table("build the scores table"))
}

/// 1 or 0 for every customer; null throughout where the model does not say.
fn in_training(bundle: &Bundle, customers: &DataFrame) -> Result<Vec<Option<i32>>> {
    Ok(match bundle.in_training(customers)? {
        Some(seen) => seen.into_iter().map(|seen| Some(i32::from(seen))).collect(),
        None => vec![None; customers.height()],
    })
}

/// The computed columns, in the order of the result.
struct Scores {
    /// Rows of gold.
    order: Vec<usize>,
    ids: Vec<String>,
    probabilities: Vec<f64>,
    lows: Vec<f64>,
    highs: Vec<f64>,
    decisions: Vec<i32>,
    tiers: Vec<&'static str>,
}

impl Scores {
    /// The decision is made on the calibrated probability itself, as in the evaluation; tier, interval
    /// and order follow the published one, which people see.
    fn of(ids: &[String], calibrated: &[f64], threshold: f64, intervals: &ScoreIntervals) -> Result<Self> {
        if let Some(row) = calibrated.iter().position(|p| !(0.0..=1.0).contains(p)) {
            let problem = format!("the probability of row {} is no number from 0 to 1; check the model", row + 1);
            return Err(Error::model("score the customers", problem));
        }
        let mut order: Vec<usize> = (0..ids.len()).collect();
        order.sort_by(|&a, &b| {
            published(calibrated[b]).total_cmp(&published(calibrated[a])).then_with(|| ids[a].cmp(&ids[b]))
        });
        let probabilities: Vec<f64> = order.iter().map(|&row| published(calibrated[row])).collect();
        let (lows, highs) = probabilities.iter().map(|&p| intervals.around(p)).unzip();
        Ok(Self {
            ids: order.iter().map(|&row| ids[row].clone()).collect(),
            decisions: order.iter().map(|&row| i32::from(calibrated[row] >= threshold)).collect(),
            tiers: probabilities.iter().map(|&p| RiskTier::of(p).as_str()).collect(),
            order,
            probabilities,
            lows,
            highs,
        })
    }
}

/// EUR per month: `churn_proba` x the margin where it is positive, to the cent, half to even.
fn expected_losses(gold: &DataFrame, probabilities: &[f64]) -> Result<Vec<Option<f64>>> {
    let margins = numbers(gold, "avg_monthly_margin")?;
    Ok(margins
        .into_iter()
        .zip(probabilities)
        .map(|(margin, &p)| margin.filter(|margin| !margin.is_nan()).map(|margin| cents(p * margin.max(0.0))))
        .collect())
}

fn assemble(
    gold: &DataFrame,
    homes: &DataFrame,
    as_of: SnapshotDate,
    computed: Vec<Column>,
) -> polars::prelude::PolarsResult<DataFrame> {
    let days = as_of.date().signed_duration_since(NaiveDate::default()).num_days() as i32;
    let mut table = DataFrame::new(gold.height(), computed)?;
    table.with_column(gold.column("churn")?.clone().with_name("churn_actual".into()))?;
    for name in FROM_GOLD {
        table.with_column(gold.column(name)?.clone())?;
    }
    for name in FROM_SILVER {
        table.with_column(homes.column(name)?.clone())?;
    }
    table.with_column(Column::new("as_of".into(), vec![days; gold.height()]).cast(&DataType::Date)?)?;
    table.select(
        [
            &["customer_id", "churn_proba", "proba_low", "proba_high", "churn_pred", "churn_actual", "risk_tier"][..],
            &["expected_monthly_loss"],
            &FROM_GOLD,
            // What came later stands last, so that the others keep their place.
            &["province_code", "model_version", "as_of", "sales_channel", IN_TRAINING],
        ]
        .concat(),
    )
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;
    use crate::model::sample;
    use crate::watch::Unwatched;

    fn scored() -> (Bundle, DataFrame, DataFrame) {
        let gold = sample::gold(800);
        let bundle = sample::bundle(&gold, &sample::settings());
        let ids = customer_ids(&gold).unwrap();
        let provinces: Vec<i32> = (0..800).map(|i| i % 52 + 1).collect();
        let channels: Vec<_> = (0..800).map(|i| [Some("Office"), Some("Unknown"), None][i % 3]).collect();
        let silver =
            df!("customer_id" => ids, "province_code" => provinces, "sales_channel" => channels).unwrap().reverse();
        let scores = score(&bundle, &gold, &silver, SnapshotDate::parse("2024-12-31").unwrap()).unwrap();
        (bundle, gold, scores)
    }

    fn floats(scores: &DataFrame, name: &str) -> Vec<Option<f64>> {
        scores.column(name).unwrap().f64().unwrap().iter().collect()
    }

    #[test]
    fn the_columns_and_types_are_the_published_ones() {
        let (bundle, _, scores) = scored();
        let columns: Vec<String> = scores.get_column_names().iter().map(ToString::to_string).collect();
        assert_eq!(
            columns.join(" "),
            "customer_id churn_proba proba_low proba_high churn_pred churn_actual risk_tier \
            expected_monthly_loss avg_monthly_margin total_margin_2024 segment tenure_months renewal_bucket \
            sentiment_label has_interaction customer_intent province_code model_version as_of sales_channel in_training"
        );
        assert_eq!(scores.column("as_of").unwrap().dtype(), &DataType::Date);
        assert_eq!(scores.column("as_of").unwrap().get(0).unwrap().to_string(), "2024-12-31");
        assert_eq!(
            scores.column("model_version").unwrap().str().unwrap().get(9),
            Some(bundle.metadata().version.as_str())
        );
    }

    #[test]
    fn every_customer_is_scored_once_the_riskiest_first_then_by_customer() {
        let (_, gold, scores) = scored();
        assert_eq!(scores.height(), gold.height());
        let ids = customer_ids(&scores).unwrap();
        let keys: Vec<(f64, String)> = floats(&scores, "churn_proba").into_iter().flatten().zip(ids).collect();
        assert!(keys.windows(2).all(|pair| pair[0].0 > pair[1].0 || (pair[0].0 == pair[1].0 && pair[0].1 < pair[1].1)));
    }

    #[test]
    fn each_row_holds_the_figures_of_its_own_customer() {
        let (bundle, gold, scores) = scored();
        let ids = customer_ids(&scores).unwrap();
        let rows = rows_of(&ids, &gold).unwrap();
        let calibrated = bundle.predict_unseen(&gold).unwrap();
        let seen = bundle.in_training(&gold).unwrap().unwrap();
        let in_training: Vec<i32> = scores.column(IN_TRAINING).unwrap().i32().unwrap().iter().flatten().collect();
        let margins = floats(&gold, "avg_monthly_margin");
        let provinces: Vec<i32> = scores.column("province_code").unwrap().i32().unwrap().iter().flatten().collect();
        let channels: Vec<_> = scores.column("sales_channel").unwrap().str().unwrap().iter().collect();
        let decisions: Vec<i32> = scores.column("churn_pred").unwrap().i32().unwrap().iter().flatten().collect();
        let (lows, highs) = (floats(&scores, "proba_low"), floats(&scores, "proba_high"));
        for (i, (proba, loss)) in
            floats(&scores, "churn_proba").into_iter().zip(floats(&scores, "expected_monthly_loss")).enumerate()
        {
            let proba = proba.unwrap();
            assert_eq!(proba, published(calibrated[rows[i]]));
            assert_eq!(decisions[i] == 1, calibrated[rows[i]] >= bundle.metadata().threshold.value);
            assert_eq!(loss, margins[rows[i]].map(|margin| cents(proba * margin.max(0.0))));
            assert_eq!(provinces[i], rows[i] as i32 % 52 + 1);
            assert_eq!(in_training[i] == 1, seen[rows[i]]);
            assert_eq!(channels[i], [Some("Office"), Some("Unknown"), None][rows[i] % 3]);
            assert!(lows[i].unwrap() <= proba && proba <= highs[i].unwrap());
        }
    }

    #[test]
    fn a_negative_margin_loses_nothing_and_an_unknown_one_is_unknown() {
        let gold = df!("avg_monthly_margin" => [Some(-3.0), None, Some(10.0), Some(f64::NAN), Some(0.0)]).unwrap();
        let losses = expected_losses(&gold, &[0.5, 0.5, 0.123_4, 0.5, 1.0]).unwrap();
        assert_eq!(losses, [Some(0.0), None, Some(1.23), None, Some(0.0)]);
    }

    #[test]
    fn half_a_cent_of_loss_goes_to_the_even_cent() {
        let gold = df!("avg_monthly_margin" => [0.25, 0.75, 1.25]).unwrap();
        assert_eq!(expected_losses(&gold, &[0.5; 3]).unwrap(), [Some(0.12), Some(0.38), Some(0.62)]);
    }

    fn decided(calibrated: &[f64], threshold: f64) -> Result<Scores> {
        let ids: Vec<String> = (0..calibrated.len()).map(|i| format!("C{i}")).collect();
        Scores::of(&ids, calibrated, threshold, &ScoreIntervals::fit(&[true], &[0.5], 0.9))
    }

    #[test]
    fn the_decision_is_made_on_the_probability_before_it_is_rounded() {
        // All three are published as 0.5, which is above 0.49998 and below 0.50002.
        let scores = decided(&[0.499_97, 0.5, 0.500_03], 0.499_98).unwrap();
        assert_eq!((scores.probabilities, scores.decisions), (vec![0.5; 3], vec![0, 1, 1]));
        assert_eq!(decided(&[0.499_97, 0.5, 0.500_03], 0.500_02).unwrap().decisions, [0, 0, 1]);
        assert_eq!(decided(&[0.25, 0.25_f64.next_down()], 0.25).unwrap().decisions, [1, 0]);
    }

    #[test]
    fn tier_and_order_follow_the_published_probability() {
        let scores = decided(&[0.399_96, 0.799_94, 0.400_04, 0.799_96], 0.5).unwrap();
        assert_eq!(scores.ids, ["C3", "C1", "C0", "C2"]);
        assert_eq!(scores.tiers, ["Critical (>80%)", "High (60-80%)", "Medium (40-60%)", "Medium (40-60%)"]);
    }

    #[test]
    fn what_is_no_probability_is_not_published() {
        for bad in [f64::NAN, -0.1, 1.1] {
            assert!(decided(&[0.5, bad], 0.5).is_err());
        }
    }

    #[test]
    fn contributions_follow_the_order_of_the_scores() {
        let (bundle, gold, scores) = scored();
        let in_order = bundle.contributions_of(&scores, &gold, &Unwatched).unwrap();
        let all = bundle.contributions(&gold, &Unwatched).unwrap();
        let rows = rows_of(&customer_ids(&scores).unwrap(), &gold).unwrap();
        assert!(rows.iter().enumerate().all(|(i, &row)| in_order.row(i) == all.row(row)));
    }

    #[test]
    fn a_customer_that_silver_does_not_have_is_an_error() {
        let (bundle, gold, _) = scored();
        let silver = df!("customer_id" => ["C00000"], "province_code" => [28], "sales_channel" => ["Office"]).unwrap();
        let problem = score(&bundle, &gold, &silver, SnapshotDate::parse("2024-12-31").unwrap()).unwrap_err();
        assert!(problem.to_string().contains("in one run"), "{problem}");
    }
}
