//! What offers rest on, in Markdown for the model card: who chooses, what may be spent, and what nobody has measured.

use std::fmt::Write;

use super::{Action, OfferPolicy, PolicyKind, TimingWindow};
use crate::model::RiskTier;

/// A month's margin of which a share reads as per cent.
const HUNDRED: f64 = 100.0;

/// The section of a model card: what offers to the customers of its model assume. Measured save rates, where there are
/// some, are in the report of each run.
pub fn assumptions(policy: &OfferPolicy) -> String {
    let who = match policy.kind() {
        PolicyKind::Tier => {
            "The risk tier chooses the offer, as the business has agreed; what value would choose is told too."
        }
        PolicyKind::Value => "The value of an offer chooses it, within limits; what the tier would choose is told too.",
    };
    let mut text = format!("## What offers assume\n\n{who}\n\n| tier | action | when |\n|---|---|---|\n");
    for tier in RiskTier::ALL {
        if let Some((offer, _)) = policy.tier(tier.as_str()) {
            let (action, when) = (offer.action.as_str(), offer.timing_window.as_str());
            let _ = writeln!(text, "| {} | `{action}` | {when} |", tier.as_str());
        }
    }
    text + &offers(policy) + &limits(policy)
}

fn offers(policy: &OfferPolicy) -> String {
    let value = policy.value();
    let mut text = "\n| offer | at most, of the monthly margin | save rate, ASSUMED |\n|---|---|---|\n".to_owned();
    for action in Action::OFFERS {
        let (cost, rate) = (policy.max_offer_eur(action, HUNDRED), HUNDRED * value.save_rates.of(action));
        let _ = writeln!(text, "| `{}` | {cost} % | {rate:.0} % |", action.as_str());
    }
    let measure = policy.measure();
    let _ = writeln!(
        text,
        "\nA save rate is the share of would-be leavers whom an offer keeps. Nobody has measured these: outcomes of offers with a \
         control group (`offer_outcomes.csv`) replace them once their 95 % interval is at most {:.0} points wide, on {} customers \
         or more with the offer and in the control group.",
        HUNDRED * measure.max_interval_width,
        measure.min_customers
    );
    text
}

fn limits(policy: &OfferPolicy) -> String {
    let value = policy.value();
    let budget = value.budget_eur.map_or_else(|| "no limit".to_owned(), |budget| format!("EUR {budget} a month"));
    let customers = |window: TimingWindow| {
        let most = value.capacity.of(window).map_or_else(|| "no limit".to_owned(), |most| most.to_string());
        format!("{} {most}", window.as_str())
    };
    let capacity = TimingWindow::ALL.map(customers).join(", ");
    let control = if policy.control_group().is_nobody() {
        "There is no control group: what offers do cannot be measured."
    } else {
        "Some who are due for an offer get none by lot, so that what offers do can be measured."
    };
    format!(
        "\n- An offer is paid for {} months, and a customer who stays earns as long; margins and probabilities stay what they are.\n\
         - Limits, which hold where value chooses: no offer below EUR {} a month, none within {} days of the last one, none after \
         the renewal. Budget: {budget}. Customers by timing window: {capacity}.\n\
         - {control}\n",
        value.months, value.minimum_offer_eur, value.days_between_offers
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMITTED: &str = include_str!("../../../configs/offer_policy.yaml");

    #[test]
    fn a_card_says_what_offers_assume_and_what_cannot_be_measured() {
        let text = assumptions(&OfferPolicy::parse(COMMITTED).unwrap());
        let said = [
            "The risk tier chooses",
            "| High (60-80%) | `offer_medium` | immediate |",
            "| `offer_large` | 25 % | 30 % |",
            "at most 20 points wide, on 100 customers",
            "paid for 12 months",
            "no offer below EUR 1 a month, none within 90 days",
            "Budget: no limit. Customers by timing window: immediate no limit, 30_60_days no limit, 60_90_days no limit.",
            "There is no control group",
        ];
        for said in said {
            assert!(text.contains(said), "{said} is not in\n{text}");
        }
        let other = COMMITTED.replace("policy: tier", "policy: value").replace("share: 0.0,", "share: 0.1,");
        let text = assumptions(&OfferPolicy::parse(&other).unwrap());
        assert!(text.contains("The value of an offer chooses it") && text.contains("get none by lot"), "{text}");
    }
}
