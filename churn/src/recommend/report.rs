//! What a run says of its offers as a whole: `offers.json`, and one sentence for everybody.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::bids::is_after_renewal;
use super::decide::{Assessed, ByValue, Decision};
use super::in_view::Known;
use super::plan::{Plan, PlanOrder};
use super::value::to_the_cent;
use super::{Action, OfferPolicy, PolicyKind, RuleReason, SaveRates, TimingWindow};
use crate::outcomes::{Measured, OfferEffects};

/// The offers of a run as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OffersReport {
    /// Who chose them.
    pub policy: PolicyKind,
    /// The months over which they are valued.
    pub months: u32,
    /// The save rates by which they are valued, and where these come from.
    pub save_rates: SaveRates,
    /// The limits of `policy: value`.
    pub limits: OfferLimits,
    /// What is offered, after the control group was drawn.
    pub offered: OfferFigures,
    /// What the tiers' rule offers to everybody it is for.
    pub tier: OfferFigures,
    /// The same within the limits, without what is worth nothing.
    pub tier_within_limits: OfferFigures,
    /// What value offers within the limits.
    pub value: OfferFigures,
    /// The order in which it took what there was.
    pub value_order: PlanOrder,
    /// Where the limits cut.
    pub cut: OfferCut,
    /// Whose offer was held back, and what they would have been worth.
    pub control: OfferFigures,
    /// Whether people are held back at random, so that the effect of offers can be measured once outcomes come.
    pub is_measurable: bool,
    /// Customers from whom an offer was withheld, by the code of the reason.
    pub withheld: BTreeMap<String, u64>,
    /// What became of earlier offers, where that is delivered.
    pub effects: Option<OfferEffects>,
    /// All of it in a sentence.
    pub words: String,
}

/// The limits of `policy: value`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OfferLimits {
    /// A month, EUR; none: no limit.
    pub budget_eur: Option<f64>,
    /// A month, EUR.
    pub minimum_offer_eur: f64,
    /// Customers by timing window; what is missing has no limit.
    pub capacity: BTreeMap<TimingWindow, u64>,
    /// Days since the last offer.
    pub days_between_offers: u32,
    /// Whether consent is delivered.
    pub knows_consent: bool,
    /// Whether earlier offers are delivered.
    pub knows_last_offers: bool,
}

/// Offers in sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct OfferFigures {
    /// How many.
    pub offers: u64,
    /// What they may cost a month, EUR.
    pub cost_eur: f64,
    /// What they are expected to be worth, EUR over the months.
    pub value_eur: f64,
    /// How many of them cost more than they keep.
    pub below_zero: u64,
    /// How many of them may fall due after the renewal.
    pub after_renewal: u64,
}

/// Where the limits cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct OfferCut {
    /// Customers whose offer is worth making, and for whom nothing was left.
    pub without: u64,
    /// Customers who get a smaller offer for it.
    pub smaller: u64,
    /// What more would be worth, EUR over the months.
    pub forgone_eur: f64,
    /// What the next euro a month would be worth, EUR over the months; none where the budget is enough.
    pub next_euro: Option<f64>,
}

impl OfferFigures {
    fn of<'a>(offers: impl Iterator<Item = (&'a Assessed<'a>, Action, TimingWindow)>) -> Self {
        let (mut sum, mut cost_cents) = (Self::default(), 0);
        for (assessed, action, window) in offers {
            // An offer without a worth is none: its customer's margin is unknown or below 0.
            let Some(worth) = assessed.worth(action) else { continue };
            sum.offers += 1;
            cost_cents += worth.cost_cents;
            sum.value_eur += worth.value_eur;
            sum.below_zero += u64::from(worth.value_eur < 0.0);
            sum.after_renewal += u64::from(is_after_renewal(&assessed.facts, window));
        }
        Self { cost_eur: cost_cents as f64 / 100.0, value_eur: to_the_cent(sum.value_eur), ..sum }
    }

    fn of_plan<'a>(plan: &Plan, all: &'a [Assessed<'a>]) -> Self {
        Self::of(plan.chosen.iter().map(|(row, chosen)| (&all[*row], chosen.offer.action, chosen.window)))
    }
}

/// A customer's decision, and whether the control group holds the offer back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drawn {
    pub decision: Decision,
    pub is_control: bool,
}

impl Drawn {
    /// What is done.
    pub fn action(self) -> Action {
        if self.is_control { Action::NoOffer } else { self.decision.due }
    }

    /// What withheld an offer.
    pub fn withheld(self) -> Option<RuleReason> {
        if self.is_control { Some(RuleReason::ControlGroup) } else { self.decision.withheld }
    }
}

/// What a report is made of; all rows in the same order.
pub(super) struct Decided<'a> {
    pub all: &'a [Assessed<'a>],
    pub drawn: &'a [Drawn],
    pub by_value: &'a ByValue,
    pub known: &'a Known<'a>,
    pub rates: &'a SaveRates,
    pub policy: &'a OfferPolicy,
}

impl OffersReport {
    pub(super) fn of(decided: &Decided<'_>) -> Self {
        let Decided { all, drawn, by_value, known, rates, policy } = *decided;
        let rows = || all.iter().zip(drawn);
        let due = |drawn: &Drawn| (drawn.decision.due, drawn.decision.window);
        let sums = |is_control: bool| {
            let rows = rows().filter(move |(_, drawn)| drawn.decision.due.is_offer() && drawn.is_control == is_control);
            OfferFigures::of(rows.map(|(assessed, drawn)| (assessed, due(drawn).0, due(drawn).1)))
        };
        let tier = all.iter().map(|assessed| (assessed, assessed.by_tier()));
        let tier = tier.filter(|(_, decision)| decision.due.is_offer());
        let (without, smaller) = by_value.cut();
        let mut withheld = BTreeMap::new();
        for rule in drawn.iter().copied().filter_map(Drawn::withheld) {
            *withheld.entry(rule.as_str().to_owned()).or_default() += 1;
        }
        let mut report = Self {
            policy: policy.kind(),
            months: policy.value().months,
            save_rates: rates.clone(),
            limits: OfferLimits::of(policy, known),
            offered: sums(false),
            tier: OfferFigures::of(tier.map(|(assessed, decision)| (assessed, decision.due, decision.window))),
            tier_within_limits: OfferFigures::of_plan(&by_value.tiers, all),
            value: OfferFigures::of_plan(&by_value.plan, all),
            value_order: by_value.plan.order,
            cut: OfferCut {
                without,
                smaller,
                forgone_eur: to_the_cent(by_value.left_over_eur()),
                next_euro: by_value.next_euro(),
            },
            control: sums(true),
            is_measurable: !policy.control_group().is_nobody(),
            withheld,
            effects: known.effects.clone(),
            words: String::new(),
        };
        report.words = report.in_words();
        report
    }

    fn in_words(&self) -> String {
        let months = self.months;
        let figures = |of: &OfferFigures| {
            let OfferFigures { offers, cost_eur, value_eur, .. } = of;
            format!("{offers} offers for {cost_eur:.0} EUR a month, worth {value_eur:.0} EUR in {months} months")
        };
        let mut words = format!("policy {}: {}", self.policy.as_str(), figures(&self.offered));
        let (planned, tiers) = match self.policy {
            PolicyKind::Tier => (&self.tier, "the tiers within the limits of value"),
            PolicyKind::Value => (&self.value, "the tiers within the same limits"),
        };
        // The other plans are those before anybody is held back.
        if self.control.offers > 0 {
            let held = self.control.offers;
            add(&mut words, format_args!("; with the {held} that the control group holds back {}", figures(planned)));
        }
        add(&mut words, format_args!("; {tiers} {}", figures(&self.tier_within_limits)));
        if self.policy == PolicyKind::Tier {
            add(&mut words, format_args!("; by value within them {}", figures(&self.value)));
        }
        let late = self.offered.after_renewal;
        if late > 0 {
            add(&mut words, format_args!("; {late} may fall due after the renewal"));
        }
        add(&mut words, format_args!("; save rates {}; {}", self.save_rates.basis(), self.measurability()));
        words
    }

    /// Whether the effect of offers can be measured, and what is known of it.
    fn measurability(&self) -> String {
        let overall = self.effects.as_ref().map(|effects| &effects.overall);
        if let Some(Measured::Evaluated(effect)) = overall {
            let rate = effect.save_rate;
            return format!(
                "measured: offers save {:.0} % of who would leave ({:.0} to {:.0} %)",
                100.0 * rate.value,
                100.0 * rate.low,
                100.0 * rate.high
            );
        }
        if self.is_measurable {
            return format!("{} customers are held back as a control group", self.control.offers);
        }
        "there is no control group, so the effect of offers cannot be measured".to_owned()
    }
}

impl OfferLimits {
    fn of(policy: &OfferPolicy, known: &Known<'_>) -> Self {
        let value = policy.value();
        let capacity = TimingWindow::ALL.into_iter().filter_map(|window| Some((window, value.capacity.of(window)?)));
        Self {
            budget_eur: value.budget_eur,
            minimum_offer_eur: value.minimum_offer_eur,
            capacity: capacity.collect(),
            days_between_offers: value.days_between_offers,
            knows_consent: known.has_consent(),
            knows_last_offers: known.effects.is_some(),
        }
    }
}

fn add(words: &mut String, more: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = words.write_fmt(more);
}
