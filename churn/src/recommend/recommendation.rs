//! One recommendation that keeps every guardrail: one that breaks a guardrail cannot be built.

use super::{Action, PolicyKind, RateBasis, Reason, TimingWindow};

/// What is to become a [`Recommendation`].
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The customer.
    pub customer_id: String,
    /// The published churn probability.
    pub risk_score: f64,
    /// EUR a month; `None` when unknown.
    pub avg_monthly_margin: Option<f64>,
    /// What to do.
    pub action: Action,
    /// When.
    pub timing_window: TimingWindow,
    /// The expected monthly loss, EUR; `None` when the margin is unknown.
    pub expected_margin_impact: Option<f64>,
    /// The most that the offer may cost a month, EUR.
    pub max_offer_eur: f64,
    /// What it is worth, and what it was chosen by.
    pub value: ValueOfOffer,
    /// Why, the most important first.
    pub reasons: Vec<Reason>,
}

/// What an offer is worth, and what it was chosen by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueOfOffer {
    /// Who chose the action.
    pub policy: PolicyKind,
    /// What the action is expected to be worth more than none, EUR over the months of the settings; 0 without an offer.
    pub expected_value_eur: f64,
    /// The save rate from which on the offer pays; none without one, and where none is high enough.
    pub break_even_save_rate: Option<f64>,
    /// The save rate by which it is valued, and where that comes from; none without an offer.
    pub save_rate: Option<(f64, RateBasis)>,
    /// The action that is worth most, whatever the limits.
    pub value_action: Action,
    /// What was due before the control group was drawn; of its customers, what outcomes are to be noted under.
    pub due_action: Action,
    /// Whether the offer may fall due after the renewal; none without an offer, or where the renewal is not known.
    pub due_after_renewal: Option<bool>,
}

/// A proposal that kept every guardrail.
#[derive(Debug, Clone)]
pub struct Recommendation {
    proposal: Proposal,
}

/// The guardrail that a proposal breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrokenGuardrail {
    /// The risk score is not a probability.
    #[error("the risk score must lie in 0..=1")]
    RiskScore,
    /// Nobody could explain it.
    #[error("a recommendation needs at least one reason code")]
    NoReason,
    /// The customer already costs money, or nobody knows.
    #[error("a customer whose margin is below 0 or unknown gets no offer")]
    Margin,
    /// The budget does not fit the action.
    #[error("the highest offer must be a number of EUR from 0, and 0 without an offer")]
    Budget,
    /// It was chosen for its value, and has none; or it has one without being made.
    #[error("an offer that is chosen for its value must be worth more than nothing, and no offer is worth nothing")]
    Value,
    /// It was chosen for its value, and comes too late.
    #[error("an offer that is chosen for its value must not fall due after the renewal")]
    Renewal,
}

impl Recommendation {
    /// Checks every guardrail.
    pub fn new(proposal: Proposal) -> Result<Self, BrokenGuardrail> {
        let offers = proposal.action != Action::NoOffer;
        if !(0.0..=1.0).contains(&proposal.risk_score) {
            return Err(BrokenGuardrail::RiskScore);
        }
        if proposal.reasons.is_empty() {
            return Err(BrokenGuardrail::NoReason);
        }
        // A comparison with NaN is false, so that NaN is no margin either.
        if offers && !proposal.avg_monthly_margin.is_some_and(|margin| margin >= 0.0) {
            return Err(BrokenGuardrail::Margin);
        }
        let budget = proposal.max_offer_eur;
        if !(budget.is_finite() && budget >= 0.0 && (offers || budget == 0.0)) {
            return Err(BrokenGuardrail::Budget);
        }
        let value = &proposal.value;
        let by_value = value.policy == PolicyKind::Value && offers;
        // Written so that NaN passes neither.
        let worth = value.expected_value_eur;
        let fits = if by_value { worth > 0.0 } else { offers || worth == 0.0 };
        if !(worth.is_finite() && fits) {
            return Err(BrokenGuardrail::Value);
        }
        if by_value && value.due_after_renewal == Some(true) {
            return Err(BrokenGuardrail::Renewal);
        }
        Ok(Self { proposal })
    }

    /// The customer.
    pub fn customer_id(&self) -> &str {
        &self.proposal.customer_id
    }

    /// The churn probability, 0..=1.
    pub fn risk_score(&self) -> f64 {
        self.proposal.risk_score
    }

    /// What to do.
    pub fn action(&self) -> Action {
        self.proposal.action
    }

    /// When.
    pub fn timing_window(&self) -> TimingWindow {
        self.proposal.timing_window
    }

    /// The expected monthly loss, EUR.
    pub fn expected_margin_impact(&self) -> Option<f64> {
        self.proposal.expected_margin_impact
    }

    /// The most that the offer may cost a month, EUR; 0 without an offer.
    pub fn max_offer_eur(&self) -> f64 {
        self.proposal.max_offer_eur
    }

    /// What it is worth, and what it was chosen by.
    pub fn value(&self) -> &ValueOfOffer {
        &self.proposal.value
    }

    /// Why; never empty.
    pub fn reasons(&self) -> &[Reason] {
        &self.proposal.reasons
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recommend::Sentence;

    fn good() -> Proposal {
        Proposal {
            customer_id: "C1".to_owned(),
            risk_score: 0.9,
            avg_monthly_margin: Some(20.0),
            action: Action::OfferLarge,
            timing_window: TimingWindow::Immediate,
            expected_margin_impact: Some(18.0),
            max_offer_eur: 5.0,
            value: ValueOfOffer {
                policy: PolicyKind::Tier,
                expected_value_eur: 42.6,
                break_even_save_rate: Some(0.04),
                save_rate: Some((0.3, RateBasis::Assumed)),
                value_action: Action::OfferLarge,
                due_action: Action::OfferLarge,
                due_after_renewal: Some(false),
            },
            reasons: vec![Reason { code: "renewal_close".to_owned(), sentence: Sentence::same("Renewal") }],
        }
    }

    fn refusal(change: impl Fn(&mut Proposal)) -> Option<BrokenGuardrail> {
        let mut proposal = good();
        change(&mut proposal);
        Recommendation::new(proposal).err()
    }

    #[test]
    fn an_offer_to_a_customer_with_a_negative_or_unknown_margin_cannot_be_built() {
        for margin in [Some(-0.01), None, Some(f64::NAN)] {
            assert_eq!(refusal(|p| p.avg_monthly_margin = margin), Some(BrokenGuardrail::Margin));
        }
        assert_eq!(refusal(|p| p.avg_monthly_margin = Some(0.0)), None);
    }

    #[test]
    fn a_recommendation_without_reason_cannot_be_built() {
        assert_eq!(refusal(|p| p.reasons.clear()), Some(BrokenGuardrail::NoReason));
    }

    #[test]
    fn a_risk_score_outside_0_to_1_cannot_be_built() {
        for score in [-0.001, 1.001, f64::NAN] {
            assert_eq!(refusal(|p| p.risk_score = score), Some(BrokenGuardrail::RiskScore));
        }
    }

    #[test]
    fn a_certain_risk_and_an_offer_that_costs_nothing_can_be_built() {
        for score in [0.0, 1.0] {
            assert_eq!(refusal(|p| p.risk_score = score), None);
        }
        assert_eq!(refusal(|p| p.max_offer_eur = 0.0), None);
        for budget in [f64::NAN, f64::INFINITY] {
            assert_eq!(refusal(|p| p.max_offer_eur = budget), Some(BrokenGuardrail::Budget));
        }
        // Without an offer an unknown margin is no obstacle.
        let without = |p: &mut Proposal| {
            (p.action, p.max_offer_eur, p.avg_monthly_margin) = (Action::NoOffer, 0.0, None);
            p.value.expected_value_eur = 0.0;
        };
        assert_eq!(refusal(without), None);
    }

    #[test]
    fn what_is_chosen_for_its_value_has_one_and_comes_before_the_renewal() {
        for worthless in [0.0, -0.01, f64::NAN] {
            let by_value = |p: &mut Proposal| {
                (p.value.policy, p.value.expected_value_eur) = (PolicyKind::Value, worthless);
            };
            assert_eq!(refusal(by_value), Some(BrokenGuardrail::Value), "{worthless}");
        }
        // The tier's rule is the business's own: it says what its offers are worth, and makes them.
        assert_eq!(refusal(|p| p.value.expected_value_eur = -5.0), None);
        assert_eq!(refusal(|p| p.value.due_after_renewal = Some(true)), None);
        let late = |p: &mut Proposal| (p.value.policy, p.value.due_after_renewal) = (PolicyKind::Value, Some(true));
        assert_eq!(refusal(late), Some(BrokenGuardrail::Renewal));
        // No offer is worth nothing.
        let without = |p: &mut Proposal| (p.action, p.max_offer_eur) = (Action::NoOffer, 0.0);
        assert_eq!(refusal(without), Some(BrokenGuardrail::Value));
    }

    #[test]
    fn a_budget_without_an_offer_cannot_be_built() {
        assert_eq!(refusal(|p| p.action = Action::NoOffer), Some(BrokenGuardrail::Budget));
        assert_eq!(refusal(|p| p.max_offer_eur = -1.0), Some(BrokenGuardrail::Budget));
    }
}
