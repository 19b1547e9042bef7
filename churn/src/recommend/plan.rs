//! Which of the offers worth making are made within a budget and so many contacts a window.
//!
//! A budget is spent by value per euro (the greedy rule of the multiple-choice knapsack). Where contacts run out before
//! the money does, small offers would fill them; so the plan by value per customer is made too, and that of the tiers
//! under the same limits. The one that is worth most is taken: no choice is ever worth less than the tiers' own.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::bids::{Bid, value_per_euro};
use super::value::{Worth, cents};
use super::{TimingWindow, ValueSettings};

/// In which order offers took what there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanOrder {
    /// What is worth most for each euro a month comes first.
    ValuePerEuro,
    /// Who is worth most comes first, with the offer that is worth most.
    ValuePerCustomer,
    /// As the tiers have it: the highest risk first, with the tier's offer.
    Tier,
}

/// What there is to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    /// A month, in cents.
    budget: Option<i64>,
    /// Customers, by window.
    room: [Option<u64>; 3],
}

impl Limits {
    pub fn of(settings: &ValueSettings) -> Self {
        // A budget of 10.009 is for 10.00, never for 10.01.
        let budget = settings.budget_eur.map(|eur| cents((eur * 100.0 + 1e-6).floor() / 100.0));
        Self { budget, room: TimingWindow::ALL.map(|window| settings.capacity.of(window)) }
    }
}

/// An offer that is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Chosen {
    pub offer: Worth,
    pub window: TimingWindow,
}

/// What ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RanOut {
    Budget,
    Contacts,
}

/// An offer, or a larger one, for which there was nothing left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Refused {
    pub ran_out: RanOut,
    /// For each further euro a month.
    pub value_per_euro: f64,
}

/// Who gets which offer, by row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    pub order: PlanOrder,
    pub chosen: BTreeMap<usize, Chosen>,
    pub refused: BTreeMap<usize, Refused>,
}

impl Plan {
    /// The best plan within the limits. `bids` are the offers worth making; `tiers` has one offer a customer, the
    /// tier's, in the order of the tiers, whatever it is worth.
    pub fn best(bids: &[Bid], tiers: &[Bid], limits: Limits) -> Self {
        let others = [Self::by_value(bids, limits), Self::of_tiers(tiers, limits)];
        let better = |best: Self, plan: Self| if plan.value_eur() > best.value_eur() { plan } else { best };
        others.into_iter().fold(Self::by_value_per_euro(bids, limits), better)
    }

    /// The tiers' own offers under the same limits, without those that are worth nothing.
    pub fn of_tiers(tiers: &[Bid], limits: Limits) -> Self {
        let in_order = tiers.iter().enumerate().map(|(place, _)| (place, 0)).collect();
        let mut plan = Self::filled(PlanOrder::Tier, tiers, in_order, limits);
        // They take their part of the limits first: so the rest is what the tiers would have made, less what harms.
        plan.chosen.retain(|_, chosen| chosen.offer.pays());
        plan
    }

    fn by_value_per_euro(bids: &[Bid], limits: Limits) -> Self {
        let mut steps = Vec::new();
        for (place, bid) in bids.iter().enumerate() {
            for (step, offer) in bid.steps.iter().enumerate() {
                let cheaper = step.checked_sub(1).map(|cheaper| &bid.steps[cheaper]);
                steps.push((value_per_euro(cheaper, offer), (place, step)));
            }
        }
        Self::filled(PlanOrder::ValuePerEuro, bids, descending(steps), limits)
    }

    fn by_value(bids: &[Bid], limits: Limits) -> Self {
        // The last step is worth most.
        let best = |(place, bid): (usize, &Bid)| Some((bid.steps.last()?.value_eur, (place, bid.steps.len() - 1)));
        let best = bids.iter().enumerate().filter_map(best).collect();
        Self::filled(PlanOrder::ValuePerCustomer, bids, descending(best), limits)
    }

    fn filled(order: PlanOrder, bids: &[Bid], in_order: Vec<(usize, usize)>, limits: Limits) -> Self {
        let plan = Self { order, chosen: BTreeMap::new(), refused: BTreeMap::new() };
        let mut filling = Filling { bids, left: limits, plan };
        for (place, step) in in_order {
            filling.take(place, step);
        }
        filling.plan
    }

    /// What all offers are worth, EUR.
    pub fn value_eur(&self) -> f64 {
        self.chosen.values().map(|chosen| chosen.offer.value_eur).sum()
    }
}

/// Places and steps by a figure, the largest first; of the same figure, in their order.
fn descending(mut figures: Vec<(f64, (usize, usize))>) -> Vec<(usize, usize)> {
    figures.sort_by(|a, b| match b.0.total_cmp(&a.0) {
        Ordering::Equal => a.1.cmp(&b.1),
        other => other,
    });
    figures.into_iter().map(|(_, place)| place).collect()
}

/// A plan in the making.
struct Filling<'a> {
    bids: &'a [Bid],
    left: Limits,
    plan: Plan,
}

impl Filling<'_> {
    /// Makes the offer, or the larger one in the place of the one that is made, unless there is nothing left for it.
    fn take(&mut self, place: usize, step: usize) {
        let (bid, offer) = (&self.bids[place], self.bids[place].steps[step]);
        let before = self.plan.chosen.get(&bid.row).copied();
        // After a refusal the customer's further steps would jump over it.
        let is_settled = self.plan.refused.contains_key(&bid.row)
            || before.is_some_and(|before| before.offer.cost_cents >= offer.cost_cents);
        if is_settled {
            return;
        }
        let has_room = |window: &&TimingWindow| self.left.room[**window as usize] != Some(0);
        let window = before.map(|before| before.window).or_else(|| bid.windows.iter().find(has_room).copied());
        let further = offer.cost_cents - before.map_or(0, |before| before.offer.cost_cents);
        let is_affordable = self.left.budget.is_none_or(|left| further <= left);
        if let Some(window) = window.filter(|_| is_affordable) {
            self.make(bid.row, before, Chosen { offer, window });
            return;
        }
        let ran_out = if window.is_none() { RanOut::Contacts } else { RanOut::Budget };
        let value_per_euro = value_per_euro(before.as_ref().map(|before| &before.offer), &offer);
        self.plan.refused.insert(bid.row, Refused { ran_out, value_per_euro });
    }

    fn make(&mut self, row: usize, before: Option<Chosen>, chosen: Chosen) {
        let paid = before.map_or(0, |before| before.offer.cost_cents);
        if let Some(left) = &mut self.left.budget {
            *left -= chosen.offer.cost_cents - paid;
        }
        if before.is_none()
            && let Some(left) = &mut self.left.room[chosen.window as usize]
        {
            *left -= 1;
        }
        self.plan.chosen.insert(row, chosen);
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::bids::steps;
    use super::super::{Action, Capacity};
    use super::*;

    fn offer(action: Action, cost_cents: i64, value_eur: f64) -> Worth {
        Worth { action, cost_cents, value_eur, break_even: None }
    }

    fn bid(row: usize, offers: &[(i64, f64)]) -> Bid {
        let offers = Action::OFFERS.into_iter().zip(offers);
        let offers: Vec<Worth> = offers.map(|(action, (cost, value))| offer(action, *cost, *value)).collect();
        Bid { row, steps: steps(&offers), windows: vec![TimingWindow::Days30To60, TimingWindow::Immediate] }
    }

    fn limits(budget_eur: Option<f64>, immediate: Option<u64>, days_30_60: Option<u64>) -> Limits {
        let capacity = Capacity { immediate, days_30_60, days_60_90: None };
        Limits::of(&ValueSettings { budget_eur, capacity, ..ValueSettings::default() })
    }

    fn made(plan: &Plan) -> Vec<(usize, Action)> {
        plan.chosen.iter().map(|(row, chosen)| (*row, chosen.offer.action)).collect()
    }

    fn spent(plan: &Plan) -> i64 {
        plan.chosen.values().map(|chosen| chosen.offer.cost_cents).sum()
    }

    #[test]
    fn without_limits_everybody_gets_the_offer_that_is_worth_most() {
        let bids = [bid(0, &[(100, 10.0), (300, 20.0)]), bid(1, &[(100, 5.0), (300, 1.0)])];
        let plan = Plan::best(&bids, &[], limits(None, None, None));
        assert_eq!(made(&plan), [(0, Action::OfferMedium), (1, Action::OfferSmall)]);
        assert!(plan.refused.is_empty() && plan.order == PlanOrder::ValuePerEuro);
    }

    #[test]
    fn a_budget_goes_where_a_euro_is_worth_most_and_the_cut_is_known() {
        // Per euro: row 0 first 10, then 5 for the larger one; row 1 first 8.
        let bids = [bid(0, &[(100, 10.0), (300, 20.0)]), bid(1, &[(100, 8.0)])];
        let plan = Plan::best(&bids, &[], limits(Some(2.0), None, None));
        assert_eq!(made(&plan), [(0, Action::OfferSmall), (1, Action::OfferSmall)]);
        assert_eq!(plan.refused[&0], Refused { ran_out: RanOut::Budget, value_per_euro: 5.0 });
        assert!(!plan.refused.contains_key(&1));
        // A cent too little is too little.
        let plan = Plan::best(&bids, &[], limits(Some(1.999), None, None));
        assert_eq!(made(&plan), [(0, Action::OfferSmall)]);
        assert!(Plan::best(&bids, &[], limits(Some(0.0), None, None)).chosen.is_empty());
    }

    #[test]
    fn where_contacts_run_out_those_who_are_worth_most_get_them() {
        // Row 0 is worth more per euro, row 1 more in all.
        let bids = [bid(0, &[(100, 10.0)]), bid(1, &[(1_000, 50.0)])];
        let plan = Plan::best(&bids, &[], limits(None, Some(0), Some(1)));
        assert_eq!((made(&plan), plan.order), (vec![(1, Action::OfferSmall)], PlanOrder::ValuePerCustomer));
        assert_eq!(plan.refused[&0].ran_out, RanOut::Contacts);
        // The window that is full is left for an earlier one.
        let plan = Plan::best(&bids, &[], limits(None, Some(1), Some(1)));
        let windows: Vec<_> = plan.chosen.values().map(|chosen| chosen.window).collect();
        assert_eq!(windows, [TimingWindow::Days30To60, TimingWindow::Immediate]);
    }

    #[test]
    fn where_the_tiers_are_worth_more_they_are_taken() {
        // Both greedy rules take the first, and neither of the others fits beside it.
        let bids = [bid(0, &[(600, 12.0)]), bid(1, &[(500, 9.0)]), bid(2, &[(500, 9.0)])];
        let plan = Plan::best(&bids, &[], limits(Some(10.0), None, None));
        assert_eq!(made(&plan), [(0, Action::OfferSmall)]);
        let plan = Plan::best(&bids, &bids[1..], limits(Some(10.0), None, None));
        assert_eq!((plan.order, plan.value_eur()), (PlanOrder::Tier, 18.0));
        assert_eq!(made(&plan), [(1, Action::OfferSmall), (2, Action::OfferSmall)]);
    }

    /// Bids of three offers each, and the place of the tier's own.
    fn worlds() -> impl Strategy<Value = Vec<([(i64, f64); 3], usize)>> {
        let offer = (1..3_000_i64, -20.0..60.0_f64);
        vec(([offer.clone(), offer.clone(), offer], 0..3_usize), 0..30)
    }

    proptest! {
        #[test]
        fn no_plan_is_over_budget_over_capacity_harmful_or_worth_less_than_the_tiers(
            world in worlds(),
            budget in proptest::option::of(0.0..200.0_f64),
            room in (proptest::option::of(0..12_u64), proptest::option::of(0..12_u64)),
        ) {
            let limits = limits(budget, room.0, room.1);
            let offers = |of: &[(i64, f64); 3]| -> Vec<Worth> {
                Action::OFFERS.into_iter().zip(of).map(|(action, (cost, value))| offer(action, *cost, *value)).collect()
            };
            let windows = vec![TimingWindow::Days30To60, TimingWindow::Immediate];
            let bids: Vec<Bid> = world.iter().enumerate().filter_map(|(row, (of, _))| {
                let steps = steps(&offers(of));
                (!steps.is_empty()).then(|| Bid { row, steps, windows: windows.clone() })
            }).collect();
            let tiers: Vec<Bid> = world.iter().enumerate().map(|(row, (of, own))| {
                Bid { row, steps: vec![offers(of)[*own]], windows: windows.clone() }
            }).collect();
            let plan = Plan::best(&bids, &tiers, limits);

            prop_assert!(plan.chosen.values().all(|chosen| chosen.offer.value_eur > 0.0));
            if let Some(budget) = budget {
                prop_assert!(spent(&plan) as f64 <= budget * 100.0 + 1e-6, "{} of {budget}", spent(&plan));
            }
            for (window, most) in [(TimingWindow::Immediate, room.0), (TimingWindow::Days30To60, room.1)] {
                let used = plan.chosen.values().filter(|chosen| chosen.window == window).count() as u64;
                prop_assert!(most.is_none_or(|most| used <= most));
            }
            prop_assert!(plan.value_eur() >= tiers_as_they_are(&tiers, limits) - 1e-9);
        }
    }

    /// What the tiers' offers are worth under the limits, harmful ones among them: a second, plain way to fill.
    fn tiers_as_they_are(tiers: &[Bid], limits: Limits) -> f64 {
        let (mut budget, mut room, mut value) = (limits.budget, limits.room, 0.0);
        for tier in tiers {
            let offer = tier.steps[0];
            let window = tier.windows.iter().find(|window| room[**window as usize] != Some(0));
            let (Some(window), true) = (window, budget.is_none_or(|left| offer.cost_cents <= left)) else { continue };
            budget = budget.map(|left| left - offer.cost_cents);
            room[*window as usize] = room[*window as usize].map(|left| left - 1);
            value += offer.value_eur;
        }
        value
    }
}
