//! What customers make up their minds to, and what they do then.

use super::knobs::{CHURN_RATE, MINDS};
use crate::generator::random::{Purpose, logistic, normal, stream, uniform};
use crate::generator::sampling::sigmoid;

/// What a customer intends when it may get in touch. It cannot tell who leaves: that is settled later.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Intention {
    /// The customer's own, which no file tells; above 0 it is worse than usual.
    pub mood: f64,
    /// How far it leans to leaving, in log-odds: above 0 it leaves, unless second thoughts come.
    pub lean: f64,
}

/// An intention, and what follows from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mind {
    pub intention: Intention,
    /// The label.
    pub leaves: bool,
    /// The share of its consumption that falls away in the last three months before the date of the labels.
    pub eases_off: f64,
}

/// Lets customers, each with its number and its pressure, make up their minds. Exactly the published share leaves, rounded.
pub fn make_up(customers: &[(usize, f64)], seed: u64) -> Vec<Mind> {
    let drafts: Vec<Draft> = customers.iter().map(|(index, pressure)| Draft::of(*index, *pressure, seed)).collect();
    let leavers = (CHURN_RATE * customers.len() as f64).round() as usize;
    let from = least_of_largest(drafts.iter().map(|draft| draft.settled).collect(), leavers);
    drafts.iter().map(|draft| draft.mind(from)).collect()
}

struct Draft {
    mood: f64,
    intended: f64,
    settled: f64,
    /// In (0, 2), on average 1.
    easing: f64,
}

impl Draft {
    fn of(index: usize, pressure: f64, seed: u64) -> Self {
        let rng = &mut stream(seed, Purpose::Churn, index);
        let mood = logistic(rng, MINDS.mood);
        let intended = pressure + mood;
        let settled = intended + normal(rng, 0.0, MINDS.second_thoughts);
        Self { mood, intended, settled, easing: 2.0 * uniform(rng) }
    }

    fn mind(&self, from: f64) -> Mind {
        let lean = self.intended - from;
        Mind {
            intention: Intention { mood: self.mood, lean },
            leaves: self.settled >= from,
            eases_off: MINDS.easing_off * self.easing * sigmoid(lean / MINDS.easing_width),
        }
    }
}

/// The value that so many of the others reach, itself among them; beyond all where nobody shall.
fn least_of_largest(mut values: Vec<f64>, count: usize) -> f64 {
    values.sort_by(|a, b| b.total_cmp(a));
    match count.checked_sub(1) {
        Some(last) => values[last],
        None => values.first().map_or(0.0, |largest| largest + 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minds() -> Vec<Mind> {
        let customers: Vec<(usize, f64)> = (0..20_000).map(|i| (i, if i % 2 == 0 { 1.0 } else { -3.0 })).collect();
        make_up(&customers, 5)
    }

    #[test]
    fn exactly_the_published_share_leaves_and_most_of_them_are_pressed() {
        let minds = minds();
        let leavers = |minds: &mut dyn Iterator<Item = &Mind>| minds.filter(|mind| mind.leaves).count();
        assert_eq!(leavers(&mut minds.iter()), 1_992, "20,000 x 2,002 / 20,099 = 1,992.1");
        let pressed = leavers(&mut minds.iter().step_by(2));
        assert!((1_700..1_992).contains(&pressed), "{pressed}");
    }

    #[test]
    fn nobody_leaves_where_the_rate_rounds_to_zero_and_everybody_leans_to_staying() {
        let minds = make_up(&[(0, 0.3), (1, 0.7)], 1);
        assert!(minds.iter().all(|mind| !mind.leaves && mind.intention.lean < 0.0), "{minds:?}");
    }

    #[test]
    fn an_intention_is_nearly_but_not_quite_what_comes() {
        let minds = minds();
        let differ = minds.iter().filter(|mind| mind.leaves != (mind.intention.lean > 0.0)).count();
        assert!((20..400).contains(&differ), "{differ} changed their minds");
        let firm = minds.iter().filter(|mind| mind.intention.lean > 1.0);
        assert!(firm.clone().all(|mind| mind.leaves) && firm.count() > 500);
    }

    #[test]
    fn who_means_to_leave_uses_less_before() {
        let minds = minds();
        let mean = |wanted: fn(&Mind) -> bool| {
            let eased: Vec<f64> = minds.iter().filter(|mind| wanted(mind)).map(|mind| mind.eases_off).collect();
            eased.iter().sum::<f64>() / eased.len() as f64
        };
        let (leaving, staying) = (mean(|mind| mind.intention.lean > 0.5), mean(|mind| mind.intention.lean < -1.5));
        assert!((0.10..0.18).contains(&leaving) && staying < 0.01, "{leaving} {staying}");
    }
}
