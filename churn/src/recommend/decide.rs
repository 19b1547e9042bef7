//! What is decided of each customer: by the tier's rule, or by what an offer is worth.

use std::collections::BTreeMap;

use super::bids::{Bid, is_large_enough, steps, windows};
use super::customers::{Customer, bad};
use super::in_view::{Facts, Known};
use super::plan::{Chosen, Limits, Plan, RanOut};
use super::value::Worth;
use super::{Action, BrokenGuardrail, OfferPolicy, RuleReason, SaveRates, TierOffer, TimingWindow};
use crate::error::Result;

/// A customer with all that decides.
pub(super) struct Assessed<'a> {
    pub customer: Customer<'a>,
    pub facts: Facts,
    /// What the tier gets.
    pub tier: TierOffer,
    /// The reason that the tier itself is.
    pub tier_reason: Option<RuleReason>,
    /// What each offer is worth; none where the margin is unknown or below 0.
    offers: Option<[Worth; 3]>,
}

/// What is decided of a customer, before the control group is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Decision {
    /// What is due.
    pub due: Action,
    pub window: TimingWindow,
    /// What keeps the customer from an offer that the tier earns, or that would be worth making.
    pub withheld: Option<RuleReason>,
}

impl<'a> Assessed<'a> {
    pub fn of(customer: Customer<'a>, known: &Known<'_>, policy: &OfferPolicy, rates: &SaveRates) -> Result<Self> {
        if customer.margin.is_some_and(f64::is_nan) {
            return Err(bad(None, customer.row, BrokenGuardrail::Margin));
        }
        let (tier, tier_reason) = policy
            .tier(customer.tier)
            .ok_or_else(|| bad(Some("risk_tier"), customer.row, "is not a tier of offer_policy.yaml"))?;
        let worth =
            |margin: f64| Action::OFFERS.map(|action| Worth::of(action, customer.risk_score, margin, policy, rates));
        let offers = customer.margin.filter(|margin| *margin >= 0.0).map(worth);
        Ok(Self { facts: known.facts(customer.id), tier, tier_reason, offers, customer })
    }

    /// What an offer to this customer is worth.
    pub fn worth(&self, action: Action) -> Option<&Worth> {
        self.offers()?.iter().find(|offer| offer.action == action)
    }

    /// All offers, the cheapest first.
    pub fn offers(&self) -> Option<&[Worth]> {
        self.offers.as_ref().map(<[Worth; 3]>::as_slice)
    }

    /// Why nothing is offered where the margin is unknown or below 0.
    fn refused_by_margin(&self) -> Option<RuleReason> {
        match self.customer.margin {
            None => Some(RuleReason::UnknownMarginNoOffer),
            Some(margin) if margin < 0.0 => Some(RuleReason::NegativeMarginNoOffer),
            Some(_) => None,
        }
    }

    /// The business's rule.
    pub fn by_tier(&self) -> Decision {
        let TierOffer { action, timing_window: window } = self.tier;
        let withheld = self.refused_by_margin().filter(|_| action.is_offer());
        Decision { due: if withheld.is_some() { Action::NoOffer } else { action }, window, withheld }
    }

    /// What may be offered for its value, or why nothing.
    fn bid(&self, policy: &OfferPolicy) -> Result<Bid, Option<RuleReason>> {
        let earns = |rule: RuleReason| Some(rule).filter(|_| self.tier.action.is_offer());
        if let Some(rule) = self.refused_by_margin() {
            return Err(earns(rule));
        }
        let settings = policy.value();
        let mut large = self.offers().unwrap_or_default().to_vec();
        large.retain(|offer| is_large_enough(offer, settings));
        let steps = steps(&large);
        if steps.is_empty() {
            return Err(earns(RuleReason::OfferNotWorthIt));
        }
        Ok(Bid { row: self.customer.row, steps, windows: self.windows(policy)? })
    }

    /// The tier's own offer as a bid, whatever it is worth; none where it must not be made.
    fn bid_of_tier(&self, policy: &OfferPolicy) -> Option<Bid> {
        let offer = self.worth(self.tier.action).filter(|offer| is_large_enough(offer, policy.value()))?;
        Some(Bid { row: self.customer.row, steps: vec![*offer], windows: self.windows(policy).ok()? })
    }

    fn windows(&self, policy: &OfferPolicy) -> Result<Vec<TimingWindow>, Option<RuleReason>> {
        if self.facts.is_without_consent {
            return Err(Some(RuleReason::NoConsent));
        }
        windows(&self.facts, self.tier.timing_window, policy.value()).map_err(Some)
    }
}

/// What value chooses, and what it was chosen from.
pub(super) struct ByValue {
    pub plan: Plan,
    /// The tiers' own offers under the same limits.
    pub tiers: Plan,
    /// Why there is no bid, by row.
    excluded: BTreeMap<usize, RuleReason>,
    /// Rows with a bid.
    bidding: BTreeMap<usize, f64>,
}

impl ByValue {
    /// Chooses among all customers.
    pub fn of(all: &[Assessed<'_>], policy: &OfferPolicy) -> Self {
        let (mut bids, mut excluded) = (Vec::new(), BTreeMap::new());
        for assessed in all {
            match assessed.bid(policy) {
                Ok(bid) => bids.push(bid),
                Err(rule) => excluded.extend(rule.map(|rule| (assessed.customer.row, rule))),
            }
        }
        let of_tiers: Vec<Bid> = all.iter().filter_map(|assessed| assessed.bid_of_tier(policy)).collect();
        let limits = Limits::of(policy.value());
        let best = |bid: &Bid| (bid.row, bid.steps.last().map_or(0.0, |best| best.value_eur));
        Self {
            plan: Plan::best(&bids, &of_tiers, limits),
            tiers: Plan::of_tiers(&of_tiers, limits),
            excluded,
            bidding: bids.iter().map(best).collect(),
        }
    }

    /// What is decided of a customer.
    pub fn decision(&self, assessed: &Assessed<'_>) -> Decision {
        let row = assessed.customer.row;
        if let Some(Chosen { offer, window }) = self.plan.chosen.get(&row) {
            return Decision { due: offer.action, window: *window, withheld: None };
        }
        let ran_out = match self.plan.refused.get(&row).map(|refused| refused.ran_out) {
            Some(RanOut::Contacts) => RuleReason::NoCapacity,
            // The tiers' plan asks for less than there are bids: what it leaves, the budget left.
            Some(RanOut::Budget) | None => RuleReason::BudgetSpent,
        };
        let withheld = self.excluded.get(&row).copied().or_else(|| self.bidding.get(&row).map(|_| ran_out));
        Decision { due: Action::NoOffer, window: assessed.tier.timing_window, withheld }
    }

    /// What offers that were worth making, and found nothing left, would have been worth, EUR.
    pub fn left_over_eur(&self) -> f64 {
        let made = |row: &usize| self.plan.chosen.get(row).map_or(0.0, |chosen| chosen.offer.value_eur);
        self.bidding.iter().map(|(row, best)| best - made(row)).sum()
    }

    /// Customers whose offer found nothing left, and those who get a smaller one for it.
    pub fn cut(&self) -> (u64, u64) {
        let is_made = |row: &&usize| self.plan.chosen.contains_key(*row);
        let smaller = self.plan.refused.keys().filter(is_made).count() as u64;
        let without = self.bidding.keys().filter(|row| !is_made(row)).count() as u64;
        (without, smaller)
    }

    /// What the next euro a month would be worth: of what was refused for the budget, the most.
    pub fn next_euro(&self) -> Option<f64> {
        let refused = self.plan.refused.values().filter(|refused| refused.ran_out == RanOut::Budget);
        refused.map(|refused| refused.value_per_euro).max_by(f64::total_cmp)
    }
}
