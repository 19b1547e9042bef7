//! Which offers a budget is for: those that keep most come first, until the next one would cost too much.

use super::columns::Offers;

/// A cent less or more is a matter of adding up.
const CENT: f64 = 1e-6;

/// The offers in the order in which a budget is spent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Line {
    /// Rows: the largest loss less offer first. Offers that cost what they keep, or whose loss is unknown, are not
    /// in it.
    pub rows: Vec<usize>,
    /// What they cost up to and with each, EUR a month.
    pub spent: Vec<f64>,
    /// Whose loss is covered up to and with each, EUR a month.
    pub covered: Vec<f64>,
    /// What they are expected to be worth up to and with each, EUR over the months of the settings.
    pub worth: Vec<f64>,
}

/// What a budget is enough for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cut {
    /// How many offers: the first of the line.
    pub offers: usize,
    /// What they cost, EUR a month.
    pub spent: f64,
    /// Whose expected loss they cover, EUR a month.
    pub covered: f64,
    /// What they are expected to be worth, EUR over the months of the settings.
    pub worth: f64,
}

impl Line {
    /// Of the filtered rows.
    pub fn of(offers: &Offers, rows: &[usize]) -> Self {
        let gain = |row: usize| offers.gain(row).unwrap_or_default();
        let mut rows: Vec<usize> = rows.iter().copied().filter(|&row| gain(row) > 0.0).collect();
        let by_id = &offers.customers.by_id;
        rows.sort_unstable_by(|&a, &b| gain(b).total_cmp(&gain(a)).then_with(|| by_id[a].cmp(&by_id[b])));
        let sums = |of: &dyn Fn(usize) -> f64| -> Vec<f64> {
            let mut sum = 0.0;
            let add = |&row: &usize| {
                sum += of(row);
                sum
            };
            rows.iter().map(add).collect()
        };
        let spent = sums(&|row| offers.most[row]);
        let covered = sums(&|row| offers.customers.loss[row].unwrap_or_default());
        let worth = sums(&|row| offers.expected(row).unwrap_or_default());
        Self { rows, spent, covered, worth }
    }

    /// What a budget is enough for.
    pub fn cut(&self, budget: f64) -> Cut {
        let offers = self.spent.partition_point(|spent| *spent <= budget + CENT);
        let last = |sums: &[f64]| offers.checked_sub(1).map_or(0.0, |last| sums[last]);
        Cut { offers, spent: last(&self.spent), covered: last(&self.covered), worth: last(&self.worth) }
    }
}
