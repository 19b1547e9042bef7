//! A tier means the same for customers whom the model was fitted on as for all others.

use polars::df;
use polars::prelude::DataFrame;

use super::score::score;
use crate::model::examples::customer_ids;
use crate::model::{Bundle, RiskTier, sample};
use crate::snapshot_date::SnapshotDate;

/// Worlds by the same rules.
const SEEDS: u32 = 9;
const CUSTOMERS: u32 = 2000;
/// So many that a model knows its own rows by heart.
const MANY_ROUNDS: u32 = 160;

/// Churners and customers of one side of a tier.
#[derive(Debug, Clone, Copy, Default)]
struct Side {
    churners: f64,
    customers: f64,
}

impl Side {
    fn rate(self) -> f64 {
        self.churners / self.customers
    }

    /// The variance of the rate.
    fn variance(self) -> f64 {
        self.rate() * (1.0 - self.rate()) / self.customers
    }
}

/// By tier: those in training, and all others.
type Sides = [[Side; 2]; 4];

fn published(seed: u32) -> (Bundle, DataFrame, DataFrame) {
    let gold = sample::gold_of(seed * CUSTOMERS..(seed + 1) * CUSTOMERS);
    let mut settings = sample::settings();
    settings.learner.xgboost.rounds = MANY_ROUNDS;
    let bundle = sample::bundle(&gold, &settings);
    let ids = customer_ids(&gold).unwrap();
    let (provinces, channels) = (vec![28; ids.len()], vec!["Office"; ids.len()]);
    let silver = df!("customer_id" => ids, "province_code" => provinces, "sales_channel" => channels).unwrap();
    let scores = score(&bundle, &gold, &silver, SnapshotDate::parse("2024-12-31").unwrap()).unwrap();
    (bundle, gold, scores)
}

fn count(sides: &mut Sides, tier: RiskTier, in_training: bool, churned: bool) {
    let side = &mut sides[tier as usize][usize::from(!in_training)];
    side.customers += 1.0;
    side.churners += f64::from(u8::from(churned));
}

#[test]
fn tiers_hold_their_churn_rate_on_training_and_holdout_customers_alike() {
    let (mut by_table, mut by_final) = (Sides::default(), Sides::default());
    for seed in 0..SEEDS {
        let (bundle, gold, scores) = published(seed);
        let flags = |name: &str| scores.column(name).unwrap().i32().unwrap().iter().map(|flag| flag == Some(1));
        let labels = scores.column("risk_tier").unwrap().str().unwrap().clone();
        for ((tier, seen), churned) in labels.iter().zip(flags("in_training")).zip(flags("churn_actual")) {
            count(&mut by_table, tier.and_then(RiskTier::from_label).unwrap(), seen, churned);
        }
        let seen = bundle.in_training(&gold).unwrap().unwrap();
        let churned = gold.column("churn").unwrap().i32().unwrap().iter().map(|churn| churn == Some(1));
        for ((probability, seen), churned) in bundle.predict(&gold).unwrap().into_iter().zip(seen).zip(churned) {
            count(&mut by_final, RiskTier::of(probability), seen, churned);
        }
    }
    let apart = |[training, others]: [Side; 2]| {
        (training.rate() - others.rate()) / (training.variance() + others.variance()).sqrt()
    };
    // Tiers of a few customers say nothing.
    let told = |sides: &Sides| -> Vec<f64> {
        let large = sides.iter().filter(|sides| sides.iter().all(|side| side.customers >= 50.0));
        large.map(|sides| apart(*sides)).collect()
    };
    let (published, flattered) = (told(&by_table), told(&by_final));
    assert!(published.len() >= 2, "{by_table:?}");
    // In standard deviations of the difference: four are not reached by chance.
    assert!(published.iter().all(|apart| apart.abs() < 4.0), "{published:?} {by_table:?}");
    // The final model tells churners from stayers among those whom it has seen.
    assert!(flattered.iter().any(|apart| apart.abs() > 4.0), "{flattered:?} {by_final:?}");
}
