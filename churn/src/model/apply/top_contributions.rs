//! The contributions of each customer that weigh most, as a table for the readers of the lake.

use polars::prelude::{Column, DataFrame};

use crate::error::{Error, Result};
use crate::features::{Feature, FeatureKind};
use crate::model::apply::contributions::Contributions;
use crate::model::bundle::Bundle;
use crate::model::examples::{customer_ids, rows_of, take};
use crate::model::matrix::{numbers, texts};

/// The features of one customer that are kept.
const TOP: usize = 10;
/// Columns of the scores that every row repeats.
const FROM_SCORES: [&str; 3] = ["customer_id", "model_version", "as_of"];

/// The columns of the table.
const COLUMNS: [&str; 11] = [
    "customer_id",
    "rank",
    "feature",
    "feature_number",
    "feature_text",
    "contribution",
    "base_value",
    "rest_contribution",
    "log_odds",
    "model_version",
    "as_of",
];

impl Bundle {
    /// The ten features that move each customer of `scores` most, up or down.
    ///
    /// `contributions` are those of the customers of `scores`, in its order. One row per customer and feature,
    /// in the order of the scores, then by `rank`. Contributions are TreeSHAP values in log-odds. Columns:
    /// - `customer_id`, `rank` (from 1: the largest |contribution| first; ties keep the model's order of features),
    /// - `feature`, its value in `feature_number` or, where it is a category, in `feature_text` (as in
    ///   `gold_master`; null where gold has null), `contribution` (above 0 it raises the risk),
    /// - of the customer, so the same in each of the rows: `base_value`, `rest_contribution` (the sum of all
    ///   features that have no row), `log_odds` (what the model says, before calibration),
    /// - `model_version`, `as_of`: as in the scores.
    ///
    /// `base_value` + every `contribution` + `rest_contribution` = `log_odds`, to 0.0001: the sums are of 32 bits.
    ///
    /// Long, not one row with lists: who asks for one customer filters by id and has the bars of the chart in
    /// their order, with any tool; lists need one that can unnest. Nor are lists smaller: what repeats costs next
    /// to nothing in a file of dictionaries and runs.
    pub fn top_contributions(
        &self,
        scores: &DataFrame,
        gold: &DataFrame,
        contributions: &Contributions,
    ) -> Result<DataFrame> {
        let customers = take(gold, &rows_of(&customer_ids(scores)?, gold)?)?;
        let log_odds = self.unseen_margins(&customers, &self.matrix(&customers)?)?;
        let values = self.metadata.features.iter().map(|feature| Values::of(&customers, feature));
        let values = values.collect::<Result<Vec<_>>>()?;
        let mut table = Rows::default();
        for (row, log_odds) in log_odds.into_iter().enumerate() {
            table.add(row, contributions, &values, log_odds as f32);
        }
        table.assemble(scores)
    }
}

/// One feature of all customers.
enum Values {
    Numbers(Vec<Option<f64>>),
    Texts(Vec<Option<String>>),
}

impl Values {
    fn of(customers: &DataFrame, feature: &Feature) -> Result<Self> {
        Ok(match feature.kind {
            FeatureKind::Numeric | FeatureKind::Flag => Self::Numbers(numbers(customers, &feature.name)?),
            FeatureKind::Category => Self::Texts(texts(customers, &feature.name)?),
        })
    }

    fn number(&self, row: usize) -> Option<f64> {
        match self {
            Self::Numbers(numbers) => numbers[row],
            Self::Texts(_) => None,
        }
    }

    fn text(&self, row: usize) -> Option<&str> {
        match self {
            Self::Numbers(_) => None,
            Self::Texts(texts) => texts[row].as_deref(),
        }
    }
}

/// The columns of the table, as they grow.
#[derive(Default)]
struct Rows<'a> {
    /// Rows of the scores.
    customers: Vec<usize>,
    ranks: Vec<i32>,
    features: Vec<&'a str>,
    numbers: Vec<Option<f64>>,
    texts: Vec<Option<&'a str>>,
    contributions: Vec<f32>,
    bases: Vec<f32>,
    rests: Vec<f32>,
    log_odds: Vec<f32>,
}

impl<'a> Rows<'a> {
    fn add(&mut self, row: usize, contributions: &'a Contributions, values: &'a [Values], log_odds: f32) {
        let of_customer = contributions.row(row);
        let mut order = heaviest_first(of_customer);
        let rest = order.split_off(TOP.min(order.len()));
        let rest = rest.into_iter().map(|feature| f64::from(of_customer[feature])).sum::<f64>() as f32;
        for (feature, rank) in order.into_iter().zip(1..) {
            self.customers.push(row);
            self.ranks.push(rank);
            self.features.push(&contributions.features[feature]);
            self.numbers.push(values[feature].number(row));
            self.texts.push(values[feature].text(row));
            self.contributions.push(of_customer[feature]);
            self.bases.push(contributions.bases[row]);
            self.rests.push(rest);
            self.log_odds.push(log_odds);
        }
    }

    fn assemble(self, scores: &DataFrame) -> Result<DataFrame> {
        let wrong = || Error::table("build the contributions table");
        let repeated = take(&scores.select(FROM_SCORES).map_err(wrong())?, &self.customers)?;
        let own = vec![
            Column::new("rank".into(), self.ranks),
            Column::new("feature".into(), self.features),
            Column::new("feature_number".into(), self.numbers),
            Column::new("feature_text".into(), self.texts),
            Column::new("contribution".into(), self.contributions),
            Column::new("base_value".into(), self.bases),
            Column::new("rest_contribution".into(), self.rests),
            Column::new("log_odds".into(), self.log_odds),
        ];
        repeated.hstack(&own).and_then(|table| table.select(COLUMNS)).map_err(wrong())
    }
}

/// The features by |contribution|, the largest first.
fn heaviest_first(contributions: &[f32]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..contributions.len()).collect();
    // A stable sort: ties keep the model's order.
    order.sort_by(|&a, &b| contributions[b].abs().total_cmp(&contributions[a].abs()));
    order
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;
    use crate::model::apply::standing::Standings;
    use crate::model::sample;
    use crate::watch::Unwatched;

    const CUSTOMERS: usize = 300;

    /// Twelve features: two more than are kept.
    fn features() -> Vec<Feature> {
        use FeatureKind::{Category, Flag, Numeric};
        let more = [
            ("avg_monthly_margin", Numeric),
            ("total_margin_2024", Numeric),
            ("has_interaction", Flag),
            ("sentiment_label", Category),
            ("renewal_bucket", Category),
            ("sales_channel", Category),
        ];
        let more = more.map(|(name, kind)| Feature { name: name.to_owned(), kind });
        sample::features().into_iter().chain(more).collect()
    }

    /// Gold, the scores (in another order) with the model's margins, and the table.
    fn explained(features: &[Feature]) -> (DataFrame, Vec<f64>, Contributions, DataFrame) {
        let gold = sample::gold(CUSTOMERS as u32);
        let bundle = sample::bundle_of(&gold, &sample::settings(), features);
        let gold = gold.reverse();
        let ids = customer_ids(&gold.reverse()).unwrap();
        let scores = df!(
            "customer_id" => ids,
            "model_version" => vec!["v1"; CUSTOMERS],
            "as_of" => vec!["2024-12-31"; CUSTOMERS],
        )
        .unwrap();
        let contributions = bundle.contributions_of(&scores, &gold, &Unwatched).unwrap();
        let table = bundle.top_contributions(&scores, &gold, &contributions).unwrap();
        let in_order = gold.reverse();
        let margins = bundle.unseen_margins(&in_order, &bundle.matrix(&in_order).unwrap()).unwrap();
        (gold.reverse(), margins, contributions, table)
    }

    fn floats(table: &DataFrame, name: &str) -> Vec<f64> {
        table.column(name).unwrap().f32().unwrap().iter().map(|value| f64::from(value.unwrap())).collect()
    }

    #[test]
    fn base_value_contributions_and_rest_sum_to_the_log_odds_of_the_model() {
        let (_, margins, _, table) = explained(&features());
        assert_eq!(table.height(), CUSTOMERS * TOP);
        let [own, bases, rests, log_odds] =
            ["contribution", "base_value", "rest_contribution", "log_odds"].map(|name| floats(&table, name));
        for (customer, margin) in margins.into_iter().enumerate() {
            let rows = customer * TOP..(customer + 1) * TOP;
            let first = rows.start;
            let sum = bases[first] + own[rows.clone()].iter().sum::<f64>() + rests[first];
            assert!((sum - log_odds[first]).abs() < 1e-4, "customer {customer}: {sum} against {}", log_odds[first]);
            assert!((log_odds[first] - margin).abs() < 1e-6);
            for column in [&bases, &rests, &log_odds] {
                assert!(rows.clone().all(|row| column[row] == column[first]), "one value per customer");
            }
        }
    }

    #[test]
    fn what_has_no_row_is_in_the_rest() {
        let names = (0..12).map(|feature| format!("feature {feature}")).collect();
        let values: Vec<f32> = (1..=12_u8).map(f32::from).collect();
        let standings = Standings::default();
        let contributions = Contributions { features: names, values, bases: vec![-1.0], standings };
        let values: Vec<Values> = (0..12).map(|feature| Values::Numbers(vec![Some(f64::from(feature))])).collect();
        let mut table = Rows::default();
        table.add(0, &contributions, &values, 77.0);
        assert_eq!((table.contributions[0], table.features[0], table.numbers[0]), (12.0, "feature 11", Some(11.0)));
        assert_eq!((table.contributions.len(), table.contributions[9], table.rests[0]), (TOP, 3.0, 1.0 + 2.0));
        assert_eq!((table.bases[9], table.log_odds[9]), (-1.0, 77.0));
    }

    #[test]
    fn a_customer_has_his_ten_heaviest_features_in_order_with_their_values() {
        let (gold, _, contributions, table) = explained(&features());
        let text = |name: &str| table.column(name).unwrap().str().unwrap().clone();
        let (ids, names, texts) = (text("customer_id"), text("feature"), text("feature_text"));
        let numbers = table.column("feature_number").unwrap().f64().unwrap().clone();
        let ranks: Vec<i32> = table.column("rank").unwrap().i32().unwrap().iter().flatten().collect();
        let own = floats(&table, "contribution");
        for row in 0..table.height() {
            let customer = row / TOP;
            assert_eq!(ids.get(row).unwrap(), format!("C{customer:05}"));
            assert_eq!(ranks[row] as usize, row % TOP + 1);
            let feature = contributions.features.iter().position(|name| Some(name.as_str()) == names.get(row)).unwrap();
            assert_eq!(own[row], f64::from(contributions.row(customer)[feature]));
            let lighter = contributions.row(customer).iter().filter(|value| f64::from(value.abs()) < own[row].abs());
            assert!(lighter.count() <= TOP + 1 - row % TOP);
            let value = gold.column(&contributions.features[feature]).unwrap().get(customer).unwrap();
            match (numbers.get(row), texts.get(row)) {
                (Some(number), None) => assert_eq!(value.try_extract::<f64>().unwrap(), number),
                (None, Some(text)) => assert_eq!(value.get_str(), Some(text)),
                (None, None) => assert!(value.is_null()),
                both => panic!("{both:?}"),
            }
        }
        let columns: Vec<String> = table.get_column_names().iter().map(ToString::to_string).collect();
        assert_eq!(
            columns.join(" "),
            "customer_id rank feature feature_number feature_text contribution base_value rest_contribution log_odds \
            model_version as_of"
        );
    }

    #[test]
    fn a_model_of_fewer_features_has_a_row_for_each_and_no_rest() {
        let (_, _, _, table) = explained(&sample::features());
        assert_eq!(table.height(), CUSTOMERS * sample::features().len());
        assert!(floats(&table, "rest_contribution").iter().all(|&rest| rest == 0.0));
    }

    #[test]
    fn the_heaviest_come_first_whatever_their_sign_and_ties_keep_the_order() {
        assert_eq!(heaviest_first(&[0.1, -0.3, 0.0, 0.3, -0.2]), [1, 3, 4, 0, 2]);
    }
}
