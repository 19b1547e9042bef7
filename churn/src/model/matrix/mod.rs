//! From gold rows to the numbers a model reads: one function for training and for scoring.
//!
//! `Preprocessing` is fitted once, on training rows, and travels with the model. It stores the order
//! of the columns and the categories; a feature that gold lacks is an error.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::{Column, DataFrame, DataType};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::features::{Feature, FeatureKind};

/// Days or months since something that never happened.
const NEVER: f64 = 9999.0;
/// Numeric features whose null means "never".
const NEVER_FEATURES: [&str; 2] = ["last_interaction_days_ago", "months_since_last_change"];
/// The category of a customer who never called.
const NO_INTERACTION: &str = "no_interaction";
/// Categories whose null means "never called"; the last eight are the tier `strings`.
const INTERACTION_FEATURES: [&str; 10] = [
    "sentiment_label",
    "customer_intent",
    "intent_x_renewal_bucket",
    "intent_x_tenure_bucket",
    "sentiment_x_renewal_bucket",
    "intent_x_sentiment",
    "tenure_x_renewal_bucket",
    "sales_channel_x_renewal_bucket",
    "has_interaction_x_renewal_bucket",
    "competition_x_intent",
];
/// The category of a null that has no meaning of its own.
const MISSING: &str = "missing";

/// The numbers of some customers: row-major, NaN is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// `values[row * width + column]`.
    pub values: Vec<f32>,
    /// Customers.
    pub rows: usize,
    /// Columns, in the order of [`Preprocessing::columns`].
    pub width: usize,
    /// Per category feature, the rows whose value training never saw (all zeros here): a data-quality finding.
    pub unseen: BTreeMap<String, u64>,
}

impl Matrix {
    /// Some of the rows, in the order given. The count of unseen categories stays with the whole.
    pub fn take(&self, rows: &[usize]) -> Self {
        let values = rows.iter().flat_map(|&row| self.row(row)).copied().collect();
        Self { values, rows: rows.len(), width: self.width, unseen: BTreeMap::new() }
    }

    /// One row.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.width..(row + 1) * self.width]
    }
}

/// How each feature becomes columns, as fitted on the training rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preprocessing {
    features: Vec<Encoded>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Encoded {
    name: String,
    #[serde(flatten)]
    encoding: Encoding,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Encoding {
    /// One column; null is `null_as`, or stays missing.
    Numeric { null_as: Option<f64> },
    /// One column; null is 0.
    Flag,
    /// One column of 0 and 1 per category, sorted; null is the category `null_as`.
    Category { null_as: String, categories: Vec<String> },
}

impl Preprocessing {
    /// Learns the categories of `features` from the training rows.
    pub fn fit(training: &DataFrame, features: &[Feature]) -> Result<Self> {
        if features.is_empty() {
            return Err(Error::model(
                "build the matrix",
                "the experiment has no features; name some in feature_tiers.yaml",
            ));
        }
        let features = features
            .iter()
            .map(|feature| Ok(Encoded { name: feature.name.clone(), encoding: Encoding::fit(training, feature)? }))
            .collect::<Result<_>>()?;
        Ok(Self { features })
    }

    /// The names of the matrix columns; a category's column is `feature=category`.
    pub fn columns(&self) -> Vec<String> {
        let names = |feature: &Encoded| match &feature.encoding {
            Encoding::Numeric { .. } | Encoding::Flag => vec![feature.name.clone()],
            Encoding::Category { categories, .. } => {
                categories.iter().map(|category| format!("{}={category}", feature.name)).collect()
            }
        };
        self.features.iter().flat_map(names).collect()
    }

    /// Each feature with the number of its columns, in their order.
    pub fn widths(&self) -> impl Iterator<Item = (&str, usize)> {
        self.features.iter().map(|feature| (feature.name.as_str(), feature.encoding.width()))
    }

    /// The matrix of all rows of `table`, in their order.
    pub fn transform(&self, table: &DataFrame) -> Result<Matrix> {
        let rows = table.height();
        let width = self.widths().map(|(_, width)| width).sum();
        let mut matrix = Matrix { values: vec![0.0; rows * width], rows, width, unseen: BTreeMap::new() };
        let mut first = 0;
        for feature in &self.features {
            feature.write(table, &mut matrix, first)?;
            first += feature.encoding.width();
        }
        Ok(matrix)
    }
}

impl Encoding {
    fn fit(training: &DataFrame, feature: &Feature) -> Result<Self> {
        match feature.kind {
            FeatureKind::Flag => Ok(Self::Flag),
            FeatureKind::Numeric => {
                Ok(Self::Numeric { null_as: NEVER_FEATURES.contains(&feature.name.as_str()).then_some(NEVER) })
            }
            FeatureKind::Category => {
                let null_as =
                    if INTERACTION_FEATURES.contains(&feature.name.as_str()) { NO_INTERACTION } else { MISSING };
                let seen: BTreeSet<String> = texts(training, &feature.name)?
                    .into_iter()
                    .map(|text| text.unwrap_or_else(|| null_as.into()))
                    .collect();
                Ok(Self::Category { null_as: null_as.into(), categories: seen.into_iter().collect() })
            }
        }
    }

    fn width(&self) -> usize {
        match self {
            Self::Numeric { .. } | Self::Flag => 1,
            Self::Category { categories, .. } => categories.len(),
        }
    }
}

impl Encoded {
    /// Writes this feature's columns, the first of which is `first`.
    fn write(&self, table: &DataFrame, matrix: &mut Matrix, first: usize) -> Result<()> {
        match &self.encoding {
            Encoding::Numeric { null_as } => self.write_numbers(table, matrix, first, null_as.unwrap_or(f64::NAN)),
            Encoding::Flag => self.write_numbers(table, matrix, first, 0.0),
            Encoding::Category { null_as, categories } => {
                let position: BTreeMap<&str, usize> = categories.iter().map(String::as_str).zip(first..).collect();
                let mut unseen = 0;
                for (row, text) in texts(table, &self.name)?.into_iter().enumerate() {
                    match position.get(text.as_deref().unwrap_or(null_as)) {
                        Some(column) => matrix.values[row * matrix.width + column] = 1.0,
                        None => unseen += 1,
                    }
                }
                if unseen > 0 {
                    matrix.unseen.insert(self.name.clone(), unseen);
                }
                Ok(())
            }
        }
    }

    fn write_numbers(&self, table: &DataFrame, matrix: &mut Matrix, column: usize, null_as: f64) -> Result<()> {
        for (row, value) in numbers(table, &self.name)?.into_iter().enumerate() {
            let value = match value {
                None => null_as as f32,
                Some(value) if (value as f32).is_finite() => value as f32,
                Some(_) => {
                    let place = Some(format!("row {}", row + 1));
                    return Err(Error::data("gold_master", Some(&self.name), place, "not a finite number"));
                }
            };
            matrix.values[row * matrix.width + column] = value;
        }
        Ok(())
    }
}

/// A numeric column; text in its place is an error.
pub(in crate::model) fn numbers(table: &DataFrame, name: &str) -> Result<Vec<Option<f64>>> {
    let column = feature_column(table, name)?;
    if !(column.dtype().is_primitive_numeric() || column.dtype().is_bool()) {
        return Err(wrong_type(name, column, "a number"));
    }
    let column = column.cast(&DataType::Float64).map_err(Error::table("read a numeric feature"))?;
    Ok(column.f64().map_err(Error::table("read a numeric feature"))?.iter().collect())
}

/// A text column; a number in its place is an error.
pub(in crate::model) fn texts(table: &DataFrame, name: &str) -> Result<Vec<Option<String>>> {
    let column = feature_column(table, name)?;
    if column.dtype() == &DataType::Null {
        return Ok(vec![None; table.height()]);
    }
    let texts = column.str().map_err(|_| wrong_type(name, column, "text"))?;
    Ok(texts.iter().map(|text| text.map(str::to_owned)).collect())
}

fn feature_column<'a>(table: &'a DataFrame, name: &str) -> Result<&'a Column> {
    table.column(name).map_err(|_| {
        let rule = "the column is missing from gold_master; rebuild gold, or take the feature out of the experiment";
        Error::model("build the matrix", format!("feature {name}: {rule}"))
    })
}

fn wrong_type(name: &str, column: &Column, wanted: &str) -> Error {
    Error::model("build the matrix", format!("feature {name} is {} and must be {wanted}", column.dtype()))
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;

    fn feature(name: &str, kind: FeatureKind) -> Feature {
        Feature { name: name.into(), kind }
    }

    #[test]
    fn nulls_become_what_they_mean() {
        let gold = df!(
            "std_margin" => [Some(1.5), None],
            "last_interaction_days_ago" => [None, Some(3.0)],
            "is_dual_fuel" => [None, Some(1)],
            "customer_intent" => [Some("Complaint / Escalation"), None],
            "segment" => [None, Some("SME")],
        )
        .unwrap();
        let features = [
            feature("std_margin", FeatureKind::Numeric),
            feature("last_interaction_days_ago", FeatureKind::Numeric),
            feature("is_dual_fuel", FeatureKind::Flag),
            feature("customer_intent", FeatureKind::Category),
            feature("segment", FeatureKind::Category),
        ];
        let preprocessing = Preprocessing::fit(&gold, &features).unwrap();
        let columns = [
            "std_margin",
            "last_interaction_days_ago",
            "is_dual_fuel",
            "customer_intent=Complaint / Escalation",
            "customer_intent=no_interaction",
            "segment=SME",
            "segment=missing",
        ];
        assert_eq!(preprocessing.columns(), columns);
        let matrix = preprocessing.transform(&gold).unwrap();
        assert_eq!(matrix.row(0), [1.5, 9999.0, 0.0, 1.0, 0.0, 0.0, 1.0]);
        assert!(matrix.row(1)[0].is_nan());
        assert_eq!(matrix.row(1)[1..], [3.0, 1.0, 0.0, 1.0, 1.0, 0.0]);
    }

    #[test]
    fn a_category_that_training_never_saw_is_all_zeros_and_counted() {
        let training = df!("segment" => ["SME", "Residential"]).unwrap();
        let preprocessing = Preprocessing::fit(&training, &[feature("segment", FeatureKind::Category)]).unwrap();
        let matrix =
            preprocessing.transform(&df!("segment" => [Some("Corporate"), None, Some("SME")]).unwrap()).unwrap();
        assert_eq!(matrix.values, [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
        assert_eq!(matrix.unseen, BTreeMap::from([("segment".to_owned(), 2)]));
    }

    #[test]
    fn a_missing_feature_is_an_error_that_names_it() {
        let gold = df!("segment" => ["SME"]).unwrap();
        let preprocessing = Preprocessing::fit(&gold, &[feature("segment", FeatureKind::Category)]).unwrap();
        let problem = preprocessing.transform(&df!("other" => [1]).unwrap()).unwrap_err().to_string();
        assert!(problem.contains("feature segment"), "{problem}");
    }

    #[test]
    fn text_in_place_of_a_number_is_an_error() {
        let gold = df!("std_margin" => ["12"]).unwrap();
        let preprocessing = Preprocessing::fit(&gold, &[feature("std_margin", FeatureKind::Numeric)]).unwrap();
        assert!(preprocessing.transform(&gold).unwrap_err().to_string().contains("must be a number"));
    }

    #[test]
    fn an_infinite_number_is_an_error_that_names_the_row() {
        let gold = df!("std_margin" => [1.0, f64::INFINITY]).unwrap();
        let preprocessing = Preprocessing::fit(&gold, &[feature("std_margin", FeatureKind::Numeric)]).unwrap();
        assert!(preprocessing.transform(&gold).unwrap_err().to_string().contains("row 2"));
    }

    #[test]
    fn the_fitted_preprocessing_survives_json() {
        let gold = df!("segment" => ["SME"], "std_margin" => [1.0]).unwrap();
        let features = [feature("segment", FeatureKind::Category), feature("std_margin", FeatureKind::Numeric)];
        let fitted = Preprocessing::fit(&gold, &features).unwrap();
        let json = serde_json::to_string(&fitted).unwrap();
        assert_eq!(serde_json::from_str::<Preprocessing>(&json).unwrap(), fitted);
    }
}
