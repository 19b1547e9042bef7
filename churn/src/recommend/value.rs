//! What an offer is worth: what it keeps of those who would have left, less what it costs of all who get it.
//!
//! Over n months, with the probability p of leaving, the margin m and the offer c a month, and the save rate s: without an
//! offer the customer is worth (1 - p) m n, with it (1 - p (1 - s)) (m - c) n. The difference is
//! n (p s (m - c) - (1 - p) c).

use super::{Action, OfferPolicy, SaveRates};

/// What one offer to one customer costs and is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Worth {
    pub action: Action,
    /// A month, in cents: what must not exceed a budget is added without rounding.
    pub cost_cents: i64,
    /// EUR over all months, to the cent.
    pub value_eur: f64,
    /// The save rate from which on it pays; none where it never does, or costs nothing of nobody.
    pub break_even: Option<f64>,
}

impl Worth {
    /// Of an offer to a customer with this probability of leaving and this margin of 0 or more, EUR a month.
    pub fn of(action: Action, probability: f64, margin: f64, policy: &OfferPolicy, rates: &SaveRates) -> Self {
        let cost = policy.max_offer_eur(action, margin);
        let offer = Terms { probability, margin, cost };
        let value = f64::from(policy.value().months) * offer.incremental_a_month(rates.rate(action));
        Self { action, cost_cents: cents(cost), value_eur: to_the_cent(value), break_even: offer.break_even() }
    }

    /// Whether it is worth more than nothing, as it will be read.
    pub fn pays(self) -> bool {
        self.value_eur > 0.0
    }
}

/// The best of all offers to a customer; none where none is worth more than nothing. Of the same value, the cheaper.
pub(super) fn best(offers: &[Worth]) -> Option<Worth> {
    let mut best: Option<Worth> = None;
    for offer in offers.iter().filter(|offer| offer.pays()) {
        if best.is_none_or(|best| offer.value_eur > best.value_eur) {
            best = Some(*offer);
        }
    }
    best
}

/// p, m and c of the formulas.
#[derive(Debug, Clone, Copy)]
struct Terms {
    probability: f64,
    margin: f64,
    cost: f64,
}

impl Terms {
    fn incremental_a_month(self, save_rate: f64) -> f64 {
        let Self { probability, margin, cost } = self;
        probability * save_rate * (margin - cost) - (1.0 - probability) * cost
    }

    /// (1 - p) c / (p (m - c)); above 1, no rate is high enough.
    fn break_even(self) -> Option<f64> {
        let Self { probability, margin, cost } = self;
        let saved = probability * (margin - cost);
        (cost > 0.0 && saved > 0.0).then(|| (1.0 - probability) * cost / saved)
    }
}

/// EUR in cents.
pub(super) fn cents(eur: f64) -> i64 {
    (eur * 100.0).round_ties_even() as i64
}

/// EUR to the cent, half to even; never -0.
pub(super) fn to_the_cent(eur: f64) -> f64 {
    (eur * 100.0).round_ties_even() / 100.0 + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMITTED: &str = include_str!("../../../configs/offer_policy.yaml");

    fn worth(action: Action, probability: f64, margin: f64) -> Worth {
        let policy = OfferPolicy::parse(COMMITTED).unwrap();
        let rates = SaveRates::of(&policy, None);
        Worth::of(action, probability, margin, &policy, &rates)
    }

    #[test]
    fn the_value_is_what_a_customer_is_worth_with_the_offer_less_what_without() {
        // p .7, m 40, offer of 15 % = 6, assumed save rate .20, 12 months.
        let (with, without) = ((1.0 - 0.7 * 0.8) * 34.0 * 12.0, 0.3 * 40.0 * 12.0);
        let worth = worth(Action::OfferMedium, 0.7, 40.0);
        assert!((worth.value_eur - (with - without)).abs() < 0.005 + 1e-9, "{worth:?}");
        assert_eq!(worth.cost_cents, 600);
        assert!((worth.break_even.unwrap() - 0.3 * 6.0 / (0.7 * 34.0)).abs() < 1e-12);
    }

    #[test]
    fn at_the_break_even_rate_nothing_is_won_and_nothing_lost() {
        let terms = Terms { probability: 0.55, margin: 20.0, cost: 3.0 };
        assert!(terms.incremental_a_month(terms.break_even().unwrap()).abs() < 1e-12);
        assert!(terms.incremental_a_month(terms.break_even().unwrap() + 0.01) > 0.0);
        // Who certainly leaves costs nothing where the offer does not work.
        assert_eq!(Terms { probability: 1.0, ..terms }.break_even(), Some(0.0));
        let nobody = Terms { probability: 0.0, ..terms };
        for never in [nobody, Terms { cost: 20.0, ..terms }, Terms { cost: 0.0, ..terms }] {
            assert_eq!(never.break_even(), None, "{never:?}");
        }
    }

    #[test]
    fn the_tiers_break_even_at_eight_percent_and_less() {
        // At the lower ends of the tiers the offers pay from 8 % and less on.
        let at = |action, probability| worth(action, probability, 100.0).break_even.unwrap();
        assert!((at(Action::OfferLarge, 0.80) - 0.0833).abs() < 5e-5);
        assert!((at(Action::OfferMedium, 0.70) - 0.0756).abs() < 5e-5);
        assert!((at(Action::OfferSmall, 0.40) - 0.0789).abs() < 5e-5);
    }

    #[test]
    fn the_best_offer_is_the_one_worth_most_and_none_where_none_pays() {
        let all = |probability, margin| Action::OFFERS.map(|action| worth(action, probability, margin));
        assert_eq!(best(&all(0.9, 40.0)).map(|best| best.action), Some(Action::OfferLarge));
        assert_eq!(best(&all(0.36, 40.0)).map(|best| best.action), Some(Action::OfferSmall));
        assert_eq!(best(&all(0.1, 40.0)), None);
        assert_eq!(best(&all(0.9, 0.0)), None, "nothing is earned, so nothing is lost");
        let twice = [worth(Action::OfferSmall, 0.9, 40.0); 2];
        assert_eq!(best(&twice), Some(twice[0]));
    }
}
