//! The effect of an offer: how much less its customers leave than those of the control group.

use serde::{Deserialize, Serialize};

use super::cells::{Arm, Cell};
use super::proportion::Share;

/// With fewer customers on a side nothing is said.
const LEAST: u64 = 30;

/// A figure with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Estimate {
    /// How far apart the ends are.
    pub fn width(self) -> f64 {
        self.high - self.low
    }

    /// Whether a figure lies between the ends.
    pub fn holds(self, figure: f64) -> bool {
        (self.low..=self.high).contains(&figure)
    }
}

/// What an offer changed. Where the control group's share is another in some segments, or of some actions, both sides are
/// weighted to the same mix.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Who got the offer.
    pub treated: Arm,
    /// Who was drawn into the control group.
    pub control: Arm,
    /// The share of the treated who left, of the common mix.
    pub treated_churn: f64,
    /// The share of the control group who left, of the common mix.
    pub control_churn: f64,
    /// Churn of the control group less that of the treated.
    pub difference: Estimate,
    /// The difference as a share of the control group's churn: of those who would have left, so many stayed.
    pub save_rate: Estimate,
}

/// An effect, or why none is named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measured {
    /// There is one, with its interval.
    Evaluated(Effect),
    /// There is none, for this reason.
    NotEvaluated(String),
}

impl Measured {
    /// Compares both sides cell by cell, each cell by its share of the customers.
    pub(super) fn of(cells: impl IntoIterator<Item = Cell>) -> Self {
        let mut sides = Sides::default();
        cells.into_iter().for_each(|cell| sides.add(cell));
        sides.compare()
    }

    /// The effect, where there is one.
    pub fn effect(&self) -> Option<&Effect> {
        match self {
            Self::Evaluated(effect) => Some(effect),
            Self::NotEvaluated(_) => None,
        }
    }
}

/// The cells that can be compared, and the customers of those that cannot.
#[derive(Default)]
struct Sides {
    cells: Vec<Cell>,
    treated: Arm,
    control: Arm,
}

impl Sides {
    fn add(&mut self, cell: Cell) {
        if cell.difference().is_none() {
            return;
        }
        for (sum, arm) in [(&mut self.treated, cell.treated), (&mut self.control, cell.control)] {
            sum.customers += arm.customers;
            sum.churned += arm.churned;
        }
        self.cells.push(cell);
    }

    fn compare(self) -> Measured {
        let (treated, control) = (self.treated, self.control);
        if treated.customers < LEAST || control.customers < LEAST {
            return Measured::NotEvaluated(format!(
                "{} customers who got the offer and {} of the control group can be compared, and {LEAST} of each are \
                 needed",
                treated.customers, control.customers
            ));
        }
        let (with, without) = (self.share(|cell| cell.treated), self.share(|cell| cell.control));
        let Some(ratio) = with.ratio(without) else {
            return Measured::NotEvaluated(
                "nobody of the control group left, so that nobody could be saved".to_owned(),
            );
        };
        let (low, high) = without.difference(with);
        Measured::Evaluated(Effect {
            treated,
            control,
            treated_churn: with.value,
            control_churn: without.value,
            difference: Estimate { value: without.value - with.value, low, high },
            save_rate: Estimate { value: 1.0 - with.value / without.value, low: 1.0 - ratio.1, high: 1.0 - ratio.0 },
        })
    }

    /// The churn of one side in the mix of both, with the effective number of its customers (Kish 1965).
    fn share(&self, side: impl Fn(&Cell) -> Arm) -> Share {
        let all: u64 = self.cells.iter().map(|cell| cell.customers()).sum();
        let (mut value, mut spread) = (0.0, 0.0);
        for cell in &self.cells {
            let (arm, weight) = (side(cell), cell.customers() as f64 / all as f64);
            value += weight * arm.churned as f64 / arm.customers as f64;
            spread += weight * weight / arm.customers as f64;
        }
        // Sums of shares may pass 1 by the last bit.
        Share { value: value.clamp(0.0, 1.0), n: 1.0 / spread }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(treated: (u64, u64), control: (u64, u64)) -> Cell {
        let arm = |(customers, churned)| Arm { customers, churned };
        Cell { treated: arm(treated), control: arm(control) }
    }

    fn effect(cells: impl IntoIterator<Item = Cell>) -> Effect {
        match Measured::of(cells) {
            Measured::Evaluated(effect) => effect,
            Measured::NotEvaluated(why) => panic!("{why}"),
        }
    }

    #[test]
    fn the_effect_of_one_group_is_the_plain_difference_with_its_interval() {
        let effect = effect([cell((80, 48), (70, 56))]);
        assert!((effect.difference.value - 0.2).abs() < 1e-12 && (effect.save_rate.value - 0.25).abs() < 1e-12);
        assert!((effect.difference.low - 0.0524).abs() < 5e-5 && (effect.difference.high - 0.3339).abs() < 5e-5);
        assert!(effect.save_rate.holds(0.25) && !effect.save_rate.holds(0.0), "{effect:?}");
        assert_eq!((effect.treated.customers, effect.control.customers), (80, 70));
    }

    #[test]
    fn a_control_group_of_another_mix_is_weighted_to_the_same() {
        // In both groups nothing is saved; the control group is drawn mostly from those who leave more.
        let cells = [cell((900, 90), (100, 10)), cell((500, 250), (500, 250))];
        assert!(effect(cells).difference.value.abs() < 1e-12);
        let pooled = effect([cell((1_400, 340), (600, 260))]);
        assert!(pooled.difference.low > 0.0, "the plain difference would see an effect: {pooled:?}");
    }

    #[test]
    fn a_group_without_a_control_group_says_nothing_and_few_customers_say_so() {
        let alone = cell((1_000, 0), (0, 0));
        assert_eq!(effect([cell((80, 48), (70, 56)), alone]), effect([cell((80, 48), (70, 56))]));
        let why = |measured: Measured| match measured {
            Measured::NotEvaluated(why) => why,
            Measured::Evaluated(effect) => panic!("{effect:?}"),
        };
        assert!(why(Measured::of([alone])).starts_with("0 customers who got the offer and 0 of the control group"));
        assert!(why(Measured::of([cell((29, 3), (100, 3))])).contains("30 of each are needed"));
        assert!(why(Measured::of([cell((100, 3), (100, 0))])).contains("nobody of the control group left"));
    }

    #[test]
    fn an_offer_that_drives_customers_away_has_a_save_rate_below_zero() {
        let effect = effect([cell((400, 200), (400, 100))]);
        assert!((effect.save_rate.value + 1.0).abs() < 1e-12 && effect.save_rate.high < 0.0, "{effect:?}");
    }
}
