//! A small made-up gold table for the tests of this folder.

use std::ops::Range;

use polars::df;
use polars::prelude::DataFrame;

use super::{BootstrapSettings, Bundle, LearnerSettings, NoCheckpoints, TrainSettings, XgboostSettings, train};
use crate::features::{Feature, FeatureKind};
use crate::watch::Unwatched;

/// A number from 0 to 99 that only looks random (the finaliser of MurmurHash3): tests need no luck.
pub fn noise(i: u32, salt: u32) -> u32 {
    let mut bits = i.wrapping_add(salt.wrapping_mul(0x9E37_79B9));
    for factor in [0x85EB_CA6B, 0xC2B2_AE35] {
        bits = (bits ^ bits >> 16).wrapping_mul(factor);
        bits ^= bits >> 13;
    }
    (bits ^ bits >> 16) % 100
}

/// A quarter of the customers each.
const TENURES: [&str; 4] = ["0-6m", "6-12m", "1-2y", "2-5y"];

/// Customers `C00000` and on; those who called to cancel, or have a small margin and no dual fuel, tend to churn.
pub fn gold(customers: u32) -> DataFrame {
    gold_of(0..customers)
}

/// The same of other customers: each range is another world by the same rules.
pub fn gold_of(customers: Range<u32>) -> DataFrame {
    let rows: Vec<u32> = customers.collect();
    let intent = |i: u32| match noise(i, 1) {
        0..15 => Some("Cancellation / Switch"),
        15..40 => Some("Pricing Offers"),
        _ => None,
    };
    let churn = |i: u32| {
        let likely = intent(i) == Some("Cancellation / Switch") || (noise(i, 2) < 15 && noise(i, 3) < 50);
        i32::from(noise(i, 4) < if likely { 55 } else { 4 })
    };
    let column = |f: &dyn Fn(u32) -> Option<f64>| rows.iter().map(|&i| f(i)).collect::<Vec<_>>();
    df!(
        "customer_id" => rows.iter().map(|i| format!("C{i:05}")).collect::<Vec<_>>(),
        "churn" => rows.iter().map(|&i| churn(i)).collect::<Vec<_>>(),
        "avg_monthly_margin" => column(&|i| (noise(i, 5) > 2).then(|| f64::from(noise(i, 2)) - 5.5)),
        "total_margin_2024" => column(&|i| Some(f64::from(noise(i, 2)) * 12.0)),
        "std_margin" => column(&|i| (noise(i, 6) > 10).then(|| f64::from(noise(i, 2)))),
        "last_interaction_days_ago" => column(&|i| intent(i).map(|_| f64::from(noise(i, 7)))),
        "tenure_months" => column(&|i| Some(f64::from(noise(i, 8)))),
        "is_dual_fuel" => rows.iter().map(|&i| i32::from(noise(i, 3) >= 50)).collect::<Vec<_>>(),
        "has_interaction" => rows.iter().map(|&i| intent(i).map(|_| 1)).collect::<Vec<_>>(),
        "customer_intent" => rows.iter().map(|&i| intent(i)).collect::<Vec<_>>(),
        "sentiment_label" => rows.iter().map(|&i| intent(i).map(|_| "neutral")).collect::<Vec<_>>(),
        "renewal_bucket" => rows.iter().map(|&i| Some(["0-3m", "3-6m"][i as usize % 2])).collect::<Vec<_>>(),
        "tenure_bucket" => rows.iter().map(|&i| TENURES[noise(i, 8) as usize / 25]).collect::<Vec<_>>(),
        "is_high_competition_province" => rows.iter().map(|&i| i32::from(noise(i, 10) < 30)).collect::<Vec<_>>(),
        "segment" => rows.iter().map(|&i| ["Residential", "SME"][usize::from(noise(i, 9) < 20)]).collect::<Vec<_>>(),
        "sales_channel" => rows.iter().map(|&i| ["Office", "Telemarketing"][i as usize % 2]).collect::<Vec<_>>(),
    )
    .unwrap()
}

/// The features of [`gold`].
pub fn features() -> Vec<Feature> {
    use FeatureKind::{Category, Flag, Numeric};
    [
        ("std_margin", Numeric),
        ("last_interaction_days_ago", Numeric),
        ("tenure_months", Numeric),
        ("is_dual_fuel", Flag),
        ("customer_intent", Category),
        ("segment", Category),
    ]
    .map(|(name, kind)| Feature { name: name.to_owned(), kind })
    .to_vec()
}

/// Few rounds, so that the tests are quick.
pub fn settings() -> TrainSettings {
    TrainSettings {
        learner: LearnerSettings { xgboost: XgboostSettings { rounds: 40, eta: 0.2, ..XgboostSettings::default() } },
        bootstrap: BootstrapSettings { resamples: 200, ..BootstrapSettings::default() },
        threads: 1,
        ..TrainSettings::default()
    }
}

/// The model of a table such as [`gold`].
pub fn bundle(gold: &DataFrame, settings: &TrainSettings) -> Bundle {
    bundle_of(gold, settings, &features())
}

/// The same with some of the features.
pub fn bundle_of(gold: &DataFrame, settings: &TrainSettings, features: &[Feature]) -> Bundle {
    train(gold, "E5_full", features, settings, &NoCheckpoints, &Unwatched).unwrap().bundle
}
