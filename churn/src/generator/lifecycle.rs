//! When a customer came, when the contract renews, and when the product last changed.

use chrono::{Days, NaiveDate};

use super::quantiles::{Knots, interpolate};
use super::random::{Purpose, chance, normal, stream, uniform};

/// The day the data set looks back from.
pub const SNAPSHOT: NaiveDate = NaiveDate::from_ymd_opt(2024, 12, 31).expect("a date of the calendar");

/// Days from the snapshot to the next renewal: published bucket shares and quartiles.
const RENEWAL_DAYS: &Knots = &[
    (0.0, -29.5),
    (0.0289, 0.4),
    (0.2000, 75.6),
    (0.2400, 90.4),
    (0.4033, 130.0),
    (0.6044, 163.0),
    (0.6984, 180.4),
    (0.8041, 203.0),
    (1.0, 298.5),
];
/// Tenure in months of 30 days: published bucket shares.
const TENURE_MONTHS: &Knots =
    &[(0.0, 0.0), (0.0798, 6.0), (0.1592, 12.0), (0.3066, 24.0), (0.6439, 60.0), (0.755, 72.0), (1.0, 182.47)];
/// Customers without a product change (published: 30.32 %).
const NO_CHANGE_SHARE: f64 = 6_095.0 / 20_099.0;

/// The dates of one customer.
#[derive(Debug, Clone, Copy)]
pub struct Lifecycle {
    /// Days from the snapshot to the renewal; negative when it has passed.
    pub renewal_days: i64,
    /// Days from the first activation to the snapshot.
    pub tenure_days: i64,
    /// First activation.
    pub activation: NaiveDate,
    /// Start of the running contract: a year before its renewal, or the activation if that is later.
    pub contract_start: NaiveDate,
    /// Last change of product, if there ever was one.
    pub last_change: Option<NaiveDate>,
    /// Next renewal.
    pub renewal: NaiveDate,
}

/// Draws the dates of `n` customers.
pub fn draw(n: usize, seed: u64) -> Vec<Lifecycle> {
    (0..n).map(|index| draw_one(seed, index)).collect()
}

fn draw_one(seed: u64, index: usize) -> Lifecycle {
    let rng = &mut stream(seed, Purpose::Dates, index);
    let renewal_days = interpolate(uniform(rng), RENEWAL_DAYS).floor();
    let tenure_days = (interpolate(uniform(rng), TENURE_MONTHS) * 30.0).floor();
    // Published medians: 7.4 months since the last change for those who stay, 4.9 for those who leave.
    let months_since_change = (renewal_days / 30.0 + normal(rng, 2.3, 1.9)).max(0.1);
    let last_change = days_after_snapshot(-(months_since_change * 30.0).round() as i64);
    let has_no_change = chance(rng, NO_CHANGE_SHARE);

    let activation = days_after_snapshot(-(tenure_days as i64));
    let renewal = days_after_snapshot(renewal_days as i64);
    let contract_start = activation.max(renewal - Days::new(365));
    Lifecycle {
        renewal_days: renewal_days as i64,
        tenure_days: tenure_days as i64,
        activation,
        contract_start,
        last_change: (!has_no_change).then_some(last_change),
        renewal,
    }
}

fn days_after_snapshot(days: i64) -> NaiveDate {
    SNAPSHOT + chrono::Duration::days(days)
}

#[cfg(test)]
mod tests {
    use chrono::Datelike;
    use polars::prelude::df;

    use super::*;
    use crate::quality::of_days_and_months;

    /// The columns of dates that look as if day and month had changed places, where they are read so.
    fn told(seed: u64, read: fn(NaiveDate) -> NaiveDate) -> Vec<String> {
        let lives = draw(20_000, seed);
        let column = |of: fn(&Lifecycle) -> Option<NaiveDate>| {
            lives.iter().map(|life| of(life).map(read)).collect::<Vec<Option<NaiveDate>>>()
        };
        let customers = df!(
            "customer_first_activation_date" => column(|life| Some(life.activation)),
            "contract_start_date" => column(|life| Some(life.contract_start)),
            "last_product_change_date" => column(|life| life.last_change),
            "next_renewal_date" => column(|life| Some(life.renewal)),
        );
        let (findings, _) = of_days_and_months(&customers.unwrap(), None, None).unwrap();
        findings.into_iter().filter_map(|finding| finding.column).collect()
    }

    #[test]
    fn days_and_months_are_told_where_they_changed_places_and_in_no_honest_world() {
        let changed = |date: NaiveDate| NaiveDate::from_ymd_opt(date.year(), date.day(), date.month()).unwrap_or(date);
        for seed in 1..=4 {
            assert!(told(seed, |date| date).is_empty(), "seed {seed}");
            let told = told(seed, changed);
            // The last change of product is told in some of these worlds alone.
            for column in ["contract_start_date", "next_renewal_date"] {
                assert!(told.iter().any(|other| other == column), "seed {seed}: {told:?}");
            }
        }
    }
}
