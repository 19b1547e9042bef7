//! One recommendation that keeps every guardrail: one that breaks a guardrail cannot be built.

use super::{Action, Reason, TimingWindow};

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
    /// Why, the most important first.
    pub reasons: Vec<Reason>,
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
        };
        assert_eq!(refusal(without), None);
    }

    #[test]
    fn a_budget_without_an_offer_cannot_be_built() {
        assert_eq!(refusal(|p| p.action = Action::NoOffer), Some(BrokenGuardrail::Budget));
        assert_eq!(refusal(|p| p.max_offer_eur = -1.0), Some(BrokenGuardrail::Budget));
    }
}
