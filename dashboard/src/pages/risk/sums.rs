//! The sums of the filtered customers.

use churn::model::RiskTier;

use super::columns::{Category, Columns};

/// The histogram has so many bins, from 0 to 1.
pub const BINS: usize = 20;

/// Customers and what is at stake with them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Group {
    /// How many.
    pub customers: u64,
    /// Their expected loss, EUR a month.
    pub loss: f64,
}

/// What the cards and pictures show.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sums {
    /// All that pass the filters.
    pub all: Group,
    /// How many of them have no known margin, so that their loss is in no sum.
    pub unknown_loss: u64,
    /// By tier, in the order of [`RiskTier::ALL`].
    pub tiers: [Group; 4],
    /// By segment, in the order of the segments' names.
    pub segments: Vec<(String, Group)>,
    /// Their mean probability; none without customers.
    pub mean_probability: Option<f64>,
    /// Customers by probability.
    pub histogram: [u64; BINS],
}

impl Sums {
    /// Sums up rows.
    pub fn of(columns: &Columns, rows: &[usize]) -> Self {
        let segments = columns.words(Category::Segment);
        let mut sums = Self {
            segments: segments.values.iter().map(|name| (name.clone(), Group::default())).collect(),
            ..Self::default()
        };
        let mut probabilities = 0.0;
        for &row in rows {
            let (loss, probability) = (columns.loss[row], columns.probability[row]);
            probabilities += probability;
            sums.unknown_loss += u64::from(loss.is_none());
            sums.all.add(loss);
            sums.tiers[columns.tier[row] as usize].add(loss);
            sums.segments[usize::from(segments.code(row))].1.add(loss);
            // 1 belongs to the last bin.
            sums.histogram[((probability * BINS as f64) as usize).min(BINS - 1)] += 1;
        }
        sums.segments.retain(|(_, group)| group.customers > 0);
        sums.mean_probability = (!rows.is_empty()).then(|| probabilities / rows.len() as f64);
        sums
    }

    /// The sums of a tier.
    pub fn tier(&self, tier: RiskTier) -> Group {
        self.tiers[tier as usize]
    }
}

impl Group {
    fn add(&mut self, loss: Option<f64>) {
        self.customers += 1;
        self.loss += loss.unwrap_or_default();
    }

    /// Two groups together.
    pub fn and(self, other: Self) -> Self {
        Self { customers: self.customers + other.customers, loss: self.loss + other.loss }
    }
}
