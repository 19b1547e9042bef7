//! From scores to the table of recommendations.

use polars::prelude::{Column, DataFrame};

use super::causes::Causes;
use super::customers::{Customer, Customers, bad};
use super::{Action, OfferPolicy, Proposal, Reason, ReasonDictionary, Recommendation, RuleReason, TierOffer};
use crate::error::{Error, Result};
use crate::model::Contributions;

/// One row per scored customer, in the order of the scores (the highest risk first).
///
/// `contributions` has the rows of `scores` in the same order. Columns:
/// - `customer_id`, `risk_score` (0..=1), `segment`, `action`, `timing_window`,
///   `expected_margin_impact` (EUR a month; null without a known margin), `max_offer_eur` (a month),
/// - `reason_codes`: the codes, joined by `;`: up to three causes that raise the risk, each said with its direction, the
///   strongest first (ties: the model's order of features), then the tier, then what withheld the offer (or
///   `low_risk_monitoring` when there is none of all these), then the segment,
/// - `reasons`: their English sentences in the same order, joined by ` | ` (in other languages:
///   [`super::ReasonTexts`]),
/// - `model_version`, `as_of`: as in the scores.
///
/// An offer that the tier earns is withheld, in this order, when the margin is unknown, when it is
/// below 0, and when the customer is in the control group; the timing window stays the tier's.
pub fn recommend(
    scores: &DataFrame,
    contributions: &Contributions,
    policy: &OfferPolicy,
    reasons: &ReasonDictionary,
) -> Result<DataFrame> {
    let customers = Customers::of(scores)?;
    let causes = Causes::of(reasons, &contributions.features)?;
    require_same_rows(scores.height(), contributions)?;
    let mut recommendations = Vec::with_capacity(scores.height());
    for row in 0..scores.height() {
        let customer = customers.row(row)?;
        let raising = causes.raising(contributions, row)?;
        recommendations.push(recommend_one(&customer, raising, policy, reasons)?);
    }
    assemble(scores, &recommendations).map_err(Error::table("build the recommendations table"))
}

fn require_same_rows(rows: usize, contributions: &Contributions) -> Result<()> {
    let expected = rows * contributions.features.len();
    if contributions.values.len() == expected {
        return Ok(());
    }
    let problem = format!(
        "{} contributions do not make {rows} rows; explain the customers that were scored",
        contributions.values.len()
    );
    Err(Error::model("recommend", problem))
}

fn recommend_one(
    customer: &Customer,
    raising: Vec<Reason>,
    policy: &OfferPolicy,
    dictionary: &ReasonDictionary,
) -> Result<Recommendation> {
    let (offer, tier_reason) = policy
        .tier(customer.tier)
        .ok_or_else(|| bad(Some("risk_tier"), customer.row, "is not a tier of offer_policy.yaml"))?;
    let withheld = why_withheld(customer, offer, policy);
    let action = if withheld.is_some() { Action::NoOffer } else { offer.action };
    let mut reasons = raising;
    reasons.extend(tier_reason.into_iter().chain(withheld).map(|rule| dictionary.of_rule(rule)));
    if reasons.is_empty() {
        reasons.push(dictionary.of_rule(RuleReason::LowRiskMonitoring));
    }
    reasons.push(dictionary.of_segment(customer.segment));
    let proposal = Proposal {
        customer_id: customer.id.to_owned(),
        risk_score: customer.risk_score,
        avg_monthly_margin: customer.margin,
        action,
        timing_window: offer.timing_window,
        expected_margin_impact: customer.expected_loss,
        max_offer_eur: policy.max_offer_eur(action, customer.margin.unwrap_or(0.0)),
        reasons,
    };
    Recommendation::new(proposal).map_err(|guardrail| bad(None, customer.row, guardrail))
}

/// What keeps the customer from the offer that the tier earns.
fn why_withheld(customer: &Customer, offer: TierOffer, policy: &OfferPolicy) -> Option<RuleReason> {
    if offer.action == Action::NoOffer {
        return None;
    }
    match customer.margin {
        None => Some(RuleReason::UnknownMarginNoOffer),
        Some(margin) if margin < 0.0 => Some(RuleReason::NegativeMarginNoOffer),
        Some(_) => policy.control_group().holds(customer.id).then_some(RuleReason::ControlGroup),
    }
}

fn assemble(scores: &DataFrame, rows: &[Recommendation]) -> polars::prelude::PolarsResult<DataFrame> {
    let text =
        |name: &str, of: fn(&Recommendation) -> &str| Column::new(name.into(), rows.iter().map(of).collect::<Vec<_>>());
    let joined = |name: &str, separator: &str, of: fn(&Reason) -> &str| {
        let cells: Vec<String> =
            rows.iter().map(|row| row.reasons().iter().map(of).collect::<Vec<_>>().join(separator)).collect();
        Column::new(name.into(), cells)
    };
    let risk_scores: Vec<f64> = rows.iter().map(Recommendation::risk_score).collect();
    let impacts: Vec<Option<f64>> = rows.iter().map(Recommendation::expected_margin_impact).collect();
    let budgets: Vec<f64> = rows.iter().map(Recommendation::max_offer_eur).collect();
    DataFrame::new(
        rows.len(),
        vec![
            text("customer_id", |row| row.customer_id()),
            Column::new("risk_score".into(), risk_scores),
            scores.column("segment")?.clone(),
            text("action", |row| row.action().as_str()),
            text("timing_window", |row| row.timing_window().as_str()),
            Column::new("expected_margin_impact".into(), impacts),
            Column::new("max_offer_eur".into(), budgets),
            joined("reason_codes", ";", |reason| &reason.code),
            joined("reasons", " | ", |reason| &reason.sentence.en),
            scores.column("model_version")?.clone(),
            scores.column("as_of")?.clone(),
        ],
    )
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;
    use crate::model::Standings;

    const POLICY: &str = include_str!("../../../configs/offer_policy.yaml");
    const REASONS: &str = include_str!("../../../configs/reason_codes.yaml");

    /// Probability, tier, margin.
    type Scored<'a> = (f64, &'a str, Option<f64>);

    fn scores(customers: &[Scored]) -> DataFrame {
        let column = |of: fn(&Scored) -> Option<f64>| customers.iter().map(of).collect::<Vec<_>>();
        df!(
            "customer_id" => (0..customers.len()).map(|i| format!("C{i}")).collect::<Vec<_>>(),
            "churn_proba" => column(|c| Some(c.0)),
            "avg_monthly_margin" => column(|c| c.2),
            "expected_monthly_loss" => column(|c| c.2.map(|margin| c.0 * margin.max(0.0))),
            "segment" => vec!["Residential"; customers.len()],
            "risk_tier" => customers.iter().map(|c| c.1).collect::<Vec<_>>(),
            "model_version" => vec!["v1"; customers.len()],
            "as_of" => vec!["2024-12-31"; customers.len()],
        )
        .unwrap()
    }

    fn explained(rows: usize, row: &[(&str, f32)]) -> Contributions {
        Contributions {
            features: row.iter().map(|(feature, _)| (*feature).to_owned()).collect(),
            values: row.iter().map(|(_, value)| *value).collect::<Vec<_>>().repeat(rows),
            bases: vec![0.0; rows],
            standings: Standings::default(),
        }
    }

    fn recommended(scores: &DataFrame, contributions: &Contributions, policy: &str) -> Result<DataFrame> {
        let policy = OfferPolicy::parse(policy).unwrap();
        recommend(scores, contributions, &policy, &ReasonDictionary::parse(REASONS).unwrap())
    }

    fn cells(table: &DataFrame, column: &str) -> Vec<String> {
        let column = table.column(column).unwrap();
        column.str().unwrap().iter().map(|cell| cell.unwrap().to_owned()).collect()
    }

    fn budgets(table: &DataFrame) -> Vec<f64> {
        table.column("max_offer_eur").unwrap().f64().unwrap().iter().flatten().collect()
    }

    const TIERS: [(f64, &str); 4] =
        [(0.9, "Critical (>80%)"), (0.7, "High (60-80%)"), (0.5, "Medium (40-60%)"), (0.1, "Low (<40%)")];

    #[test]
    fn each_tier_gets_its_action_window_budget_and_code() {
        let scores = scores(&TIERS.map(|(p, tier)| (p, tier, Some(40.0))));
        let table = recommended(&scores, &explained(4, &[("tenure_months", 0.0)]), POLICY).unwrap();
        assert_eq!(cells(&table, "action"), ["offer_large", "offer_medium", "offer_small", "no_offer"]);
        assert_eq!(cells(&table, "timing_window"), ["immediate", "immediate", "30_60_days", "60_90_days"]);
        assert_eq!(budgets(&table), [10.0, 6.0, 2.0, 0.0]);
        let codes = [
            "critical_churn_risk;segment_residential",
            "high_churn_risk;segment_residential",
            "moderate_churn_risk;segment_residential",
            "low_risk_monitoring;segment_residential",
        ];
        assert_eq!(cells(&table, "reason_codes"), codes);
    }

    #[test]
    fn a_negative_or_unknown_margin_gets_no_offer_and_says_why() {
        let scores = scores(&[(0.9, TIERS[0].1, Some(-0.01)), (0.9, TIERS[0].1, None), (0.1, TIERS[3].1, Some(-5.0))]);
        let table = recommended(&scores, &explained(3, &[("tenure_months", 0.1)]), POLICY).unwrap();
        assert_eq!(cells(&table, "action"), ["no_offer"; 3]);
        assert_eq!(budgets(&table), [0.0; 3]);
        let codes = [
            "tenure_length;critical_churn_risk;negative_margin_no_offer;segment_residential",
            "tenure_length;critical_churn_risk;unknown_margin_no_offer;segment_residential",
            "tenure_length;segment_residential",
        ];
        assert_eq!(cells(&table, "reason_codes"), codes);
        assert_eq!(table.column("expected_margin_impact").unwrap().f64().unwrap().get(1), None);
    }

    #[test]
    fn a_margin_of_exactly_zero_is_known_and_gets_an_offer_that_costs_nothing() {
        let scores = scores(&[(0.9, TIERS[0].1, Some(0.0)), (0.9, TIERS[0].1, Some(-f64::MIN_POSITIVE))]);
        let table = recommended(&scores, &explained(2, &[("tenure_months", 0.0)]), POLICY).unwrap();
        assert_eq!(cells(&table, "action"), ["offer_large", "no_offer"]);
        assert_eq!(budgets(&table), [0.0, 0.0]);
        let codes = [
            "critical_churn_risk;segment_residential",
            "critical_churn_risk;negative_margin_no_offer;segment_residential",
        ];
        assert_eq!(cells(&table, "reason_codes"), codes);
        let impacts: Vec<_> = table.column("expected_margin_impact").unwrap().f64().unwrap().iter().collect();
        assert_eq!(impacts, [Some(0.0), Some(0.0)]);
    }

    #[test]
    fn a_margin_that_is_no_number_stops_the_table() {
        let scores = scores(&[(0.9, TIERS[0].1, Some(f64::NAN))]);
        let error = recommended(&scores, &explained(1, &[("tenure_months", 0.0)]), POLICY).unwrap_err().to_string();
        assert!(error.contains("row 1: a customer whose margin"), "{error}");
    }

    #[test]
    fn the_three_causes_that_raise_the_risk_most_are_named_and_ties_keep_the_order() {
        let row = [
            ("tenure_months", 0.2),
            ("sales_channel", -0.9),
            ("has_interaction", 0.3),
            ("customer_intent", 0.2),
            ("std_margin", 0.2),
            ("is_dual_fuel", 0.2),
        ];
        let scores = scores(&[(0.9, TIERS[0].1, Some(10.0))]);
        let table = recommended(&scores, &explained(1, &row), POLICY).unwrap();
        let codes = "contact_topic;tenure_length;margin_variation;critical_churn_risk;segment_residential";
        assert_eq!(cells(&table, "reason_codes"), [codes]);
        assert_eq!(cells(&table, "reasons")[0].split(" | ").count(), 5);
        assert!(cells(&table, "reasons")[0].ends_with(" | Customer segment: Residential"));
        // Who has only the lake says the same with the codes and their texts.
        let texts = ReasonDictionary::parse(REASONS).unwrap().texts(&scores).unwrap();
        let said: Vec<&str> = codes.split(';').map(|code| texts.reasons[code].en.as_str()).collect();
        assert_eq!(said.join(" | "), cells(&table, "reasons")[0]);
    }

    #[test]
    fn the_control_group_gets_no_offer_and_only_where_one_was_due() {
        let everyone = POLICY.replace("share: 0.0", "share: 0.999999");
        let scores =
            scores(&[(0.9, TIERS[0].1, Some(10.0)), (0.9, TIERS[0].1, Some(-1.0)), (0.1, TIERS[3].1, Some(10.0))]);
        let table = recommended(&scores, &explained(3, &[("tenure_months", 0.0)]), &everyone).unwrap();
        assert_eq!(cells(&table, "action"), ["no_offer"; 3]);
        let codes = [
            "critical_churn_risk;control_group;segment_residential",
            "critical_churn_risk;negative_margin_no_offer;segment_residential",
            "low_risk_monitoring;segment_residential",
        ];
        assert_eq!(cells(&table, "reason_codes"), codes);
    }

    #[test]
    fn what_cannot_be_explained_or_decided_is_an_error_that_names_no_customer() {
        let good = scores(&[(0.9, TIERS[0].1, Some(10.0))]);
        let explained_once = explained(1, &[("tenure_months", 0.1)]);
        let failures = [
            (scores(&[(0.9, "Huge", Some(10.0))]), explained_once.clone(), "column risk_tier, row 1"),
            (scores(&[(1.2, TIERS[0].1, Some(10.0))]), explained_once.clone(), "row 1: the risk score"),
            (good.clone(), explained(2, &[("tenure_months", 0.1)]), "2 contributions"),
            (good.clone(), explained(1, &[("tenure_months", f32::NAN)]), "not a number"),
            (good.clone(), explained(1, &[("shoe_size", 0.1)]), "no reason for shoe_size"),
            (good.drop("segment").unwrap(), explained_once, "segment"),
        ];
        for (scores, contributions, message) in failures {
            let error = recommended(&scores, &contributions, POLICY).unwrap_err().to_string();
            assert!(error.contains(message) && !error.contains("C0"), "{error}");
        }
    }
}
