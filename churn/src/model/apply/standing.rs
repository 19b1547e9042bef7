//! Where a customer's values lie among those of all who are scored: less than most, more than most, yes or no, or which
//! word.
//!
//! "Most" is meant literally: more than half of the customers scored on the same date whose value is known. So a
//! sentence that says "shorter than most" is true of the data, whatever the model makes of it, and however far the
//! calendar has moved everybody's values since the training.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::DataFrame;

use crate::error::Result;
use crate::features::{Feature, FeatureKind};
use crate::model::bundle::Bundle;
use crate::model::matrix::{numbers, texts};

/// Where one value lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// Most have more.
    Below,
    /// Neither.
    Middle,
    /// Most have less.
    Above,
    /// A flag that is set.
    Yes,
    /// A flag that is not set.
    No,
    /// A category.
    Word(&'a str),
    /// No value.
    Missing,
    /// Nobody looked.
    Unknown,
}

/// Where the values of all customers lie, feature by feature in the model's order. An empty one knows nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standings {
    columns: Vec<Column>,
}

#[derive(Debug, Clone, PartialEq)]
enum Column {
    Sides(Vec<Side>),
    /// The different words, and the place of each customer's.
    Words(Vec<String>, Vec<Option<u32>>),
}

/// One byte a customer and feature: a table of all of them is large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Below,
    Middle,
    Above,
    Yes,
    No,
    Missing,
}

impl Standings {
    /// Of one feature, counted in the model's order, and one customer.
    pub fn of(&self, feature: usize, row: usize) -> Standing<'_> {
        match self.columns.get(feature) {
            Some(Column::Sides(sides)) => sides.get(row).map_or(Standing::Unknown, |side| match side {
                Side::Below => Standing::Below,
                Side::Middle => Standing::Middle,
                Side::Above => Standing::Above,
                Side::Yes => Standing::Yes,
                Side::No => Standing::No,
                Side::Missing => Standing::Missing,
            }),
            Some(Column::Words(words, places)) => match places.get(row) {
                Some(Some(place)) => words.get(*place as usize).map_or(Standing::Unknown, |word| Standing::Word(word)),
                Some(None) => Standing::Missing,
                None => Standing::Unknown,
            },
            None => Standing::Unknown,
        }
    }
}

impl Bundle {
    /// Where the values of `customers`, all who are scored, lie among one another's; the rows are in their order.
    pub(in crate::model) fn standings(&self, customers: &DataFrame) -> Result<Standings> {
        let column = |feature: &Feature| match feature.kind {
            FeatureKind::Flag => flags(customers, &feature.name),
            FeatureKind::Category => words(customers, &feature.name),
            FeatureKind::Numeric => Ok(sides(&numbers(customers, &feature.name)?)),
        };
        Ok(Standings { columns: self.metadata.features.iter().map(column).collect::<Result<_>>()? })
    }
}

/// Null is 0, as the matrix has it.
fn flags(customers: &DataFrame, name: &str) -> Result<Column> {
    let side = |flag: Option<f64>| if flag.is_some_and(|flag| flag != 0.0) { Side::Yes } else { Side::No };
    Ok(Column::Sides(numbers(customers, name)?.into_iter().map(side).collect()))
}

fn words(customers: &DataFrame, name: &str) -> Result<Column> {
    let cells = texts(customers, name)?;
    let different: BTreeSet<&str> = cells.iter().flatten().map(String::as_str).collect();
    let places: BTreeMap<&str, u32> = different.into_iter().zip(0..).collect();
    let of_row = cells.iter().map(|cell| cell.as_deref().and_then(|word| places.get(word)).copied()).collect();
    Ok(Column::Words(places.keys().map(|word| (*word).to_owned()).collect(), of_row))
}

fn sides(values: &[Option<f64>]) -> Column {
    let bounds = Bounds::of(values.iter().flatten().copied().collect());
    let side = |value: Option<f64>| value.map_or(Side::Missing, |value| bounds.side(value));
    Column::Sides(values.iter().copied().map(side).collect())
}

/// Below `low` more than half have more; above `high` more than half have less. With an odd count both are the median.
struct Bounds {
    low: f64,
    high: f64,
}

impl Bounds {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let half = values.len() / 2;
        let at = |place: Option<usize>| place.and_then(|place| values.get(place)).copied().unwrap_or(f64::NAN);
        Self { low: at((values.len() - half).checked_sub(1)), high: at(Some(half)) }
    }

    /// Nothing is below or above where nobody's value is known.
    fn side(&self, value: f64) -> Side {
        if value < self.low {
            return Side::Below;
        }
        if value > self.high { Side::Above } else { Side::Middle }
    }
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;
    use crate::model::sample;

    #[test]
    fn less_than_most_means_that_more_than_half_have_more() {
        let side = |values: &[f64], value: f64| Bounds::of(values.to_vec()).side(value);
        let three = [1.0, 2.0, 3.0];
        assert_eq!(three.map(|value| side(&three, value)), [Side::Below, Side::Middle, Side::Above]);
        // Of four, two have more than 2: that is half, and not more.
        let four = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(four.map(|value| side(&four, value)), [Side::Below, Side::Middle, Side::Middle, Side::Above]);
        // Most are 0: nobody has less than most, and whoever has some has more.
        let zeros = [0.0, 0.0, 0.0, 5.0];
        assert_eq!([0.0, 5.0].map(|value| side(&zeros, value)), [Side::Middle, Side::Above]);
        assert_eq!(side(&[], 1.0), Side::Middle);
        for value in [-1.0, 0.0, 0.5, 2.0, 3.5, 9.0] {
            let more = four.iter().filter(|other| **other > value).count();
            assert_eq!(side(&four, value) == Side::Below, more > 2, "{value}");
        }
    }

    #[test]
    fn each_kind_of_feature_has_its_standing() {
        use Standing::{Above, Below, Missing, No, Word, Yes};
        let bundle = sample::bundle(&sample::gold(800), &sample::settings());
        let customers = df!(
            "std_margin" => [Some(1.0), None, Some(2.0), Some(3.0)],
            "last_interaction_days_ago" => [None, Some(90.0), Some(5.0), Some(5.0)],
            "tenure_months" => [90.0, 1.0, 30.0, 30.0],
            "is_dual_fuel" => [Some(1), None, None, None],
            "customer_intent" => [None, Some("Pricing Offers"), None, None],
            "segment" => ["SME", "Residential", "SME", "SME"],
        )
        .unwrap();
        let standings = bundle.standings(&customers).unwrap();
        let of_row = |row| (0..6).map(|feature| standings.of(feature, row)).collect::<Vec<_>>();
        assert_eq!(of_row(0), [Below, Missing, Above, Yes, Missing, Word("SME")]);
        assert_eq!(of_row(1), [Missing, Above, Below, No, Word("Pricing Offers"), Word("Residential")]);
        assert_eq!(standings.of(6, 0), Standing::Unknown);
        assert_eq!(Standings::default().of(0, 0), Standing::Unknown);
    }

    #[test]
    fn most_is_among_those_of_today_and_not_what_the_calendar_has_moved_since_the_training() {
        let gold = sample::gold(800);
        let bundle = sample::bundle(&gold, &sample::settings());
        let moved = |months: f64| {
            let then = numbers(&gold, "tenure_months").unwrap();
            let now: Vec<_> = then.into_iter().map(|tenure| tenure.map(|tenure| tenure + months)).collect();
            let mut gold = gold.clone();
            gold.with_column(polars::prelude::Column::new("tenure_months".into(), now)).unwrap();
            bundle.standings(&gold).unwrap()
        };
        assert_eq!(moved(500.0), moved(0.0), "all are as much older");
    }
}
