//! From scores to the table of recommendations.

use polars::prelude::{Column, DataFrame};

use super::bids::is_after_renewal;
use super::causes::Causes;
use super::customers::{Customers, bad};
use super::decide::{Assessed, ByValue, Decision};
use super::in_view::{InView, Known};
use super::report::{Decided, Drawn, OffersReport};
use super::value::best;
use super::{
    Action, OfferPolicy, PolicyKind, Proposal, Reason, ReasonDictionary, Recommendation, RuleReason, SaveRates,
    ValueOfOffer,
};
use crate::error::{Error, Result};
use crate::model::Contributions;

/// The recommendations of a run, and what it says of its offers as a whole.
#[derive(Debug)]
pub struct Recommended {
    /// One row per scored customer.
    pub table: DataFrame,
    /// All offers together.
    pub report: OffersReport,
}

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
/// - `model_version`, `as_of`: as in the scores,
/// - `expected_value_eur` (over the months of the settings; 0 without an offer), `break_even_save_rate` (null without an
///   offer, and where none is high enough), `value_action` (what is worth most, whatever the limits), `save_rate` and
///   `save_rate_basis` (`assumed` or `measured`; null without an offer), `due_action` (before the control group was
///   drawn), `due_after_renewal` (1 or 0; null without an offer, and where the renewal is not known).
///
/// By the tiers' rule, an offer that the tier earns is withheld, in this order, when the margin is unknown, when it is
/// below 0, and when the customer is in the control group; the timing window stays the tier's. By value, see
/// [`RuleReason::WITHHOLDING`].
pub fn recommend(
    scores: &DataFrame,
    contributions: &Contributions,
    view: &InView<'_>,
    policy: &OfferPolicy,
    reasons: &ReasonDictionary,
) -> Result<Recommended> {
    let customers = Customers::of(scores)?;
    let causes = Causes::of(reasons, &contributions.features)?;
    require_same_rows(scores.height(), contributions)?;
    let known = Known::of(view, policy)?;
    let rates = SaveRates::of(policy, known.effects.as_ref());
    let assess = |row: usize| Assessed::of(customers.row(row)?, &known, policy, &rates);
    let all = (0..scores.height()).map(assess).collect::<Result<Vec<_>>>()?;
    let by_value = ByValue::of(&all, policy);
    let drawn: Vec<Drawn> = all.iter().map(|assessed| draw(assessed, &by_value, policy)).collect();
    let mut recommendations = Vec::with_capacity(all.len());
    for (assessed, drawn) in all.iter().zip(drawn.iter().copied()) {
        let raising = causes.raising(contributions, assessed.customer.row)?;
        let because = because(assessed, drawn, raising, policy.kind(), reasons);
        recommendations.push(recommend_one(assessed, drawn, because, policy, &rates)?);
    }
    let decided = Decided { all: &all, drawn: &drawn, by_value: &by_value, known: &known, rates: &rates, policy };
    Ok(Recommended {
        report: OffersReport::of(&decided),
        table: assemble(scores, &recommendations).map_err(Error::table("build the recommendations table"))?,
    })
}

/// What the policy decides, and whether the control group holds it back.
fn draw(assessed: &Assessed<'_>, by_value: &ByValue, policy: &OfferPolicy) -> Drawn {
    let decision: Decision = match policy.kind() {
        PolicyKind::Tier => assessed.by_tier(),
        PolicyKind::Value => by_value.decision(assessed),
    };
    let (customer, group) = (&assessed.customer, policy.control_group());
    let is_control = decision.due.is_offer() && group.holds(customer.id, customer.segment, decision.due);
    Drawn { decision, is_control }
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

/// Why, the most important first.
fn because(
    assessed: &Assessed<'_>,
    drawn: Drawn,
    raising: Vec<Reason>,
    policy: PolicyKind,
    dictionary: &ReasonDictionary,
) -> Vec<Reason> {
    let mut reasons = raising;
    let is_worth_it = policy == PolicyKind::Value && drawn.action().is_offer();
    let worth_making = is_worth_it.then_some(RuleReason::OfferWorthMaking);
    let rules = assessed.tier_reason.into_iter().chain(drawn.withheld()).chain(worth_making);
    reasons.extend(rules.map(|rule| dictionary.of_rule(rule)));
    if reasons.is_empty() {
        reasons.push(dictionary.of_rule(RuleReason::LowRiskMonitoring));
    }
    reasons.push(dictionary.of_segment(assessed.customer.segment));
    reasons
}

fn recommend_one(
    assessed: &Assessed<'_>,
    drawn: Drawn,
    reasons: Vec<Reason>,
    policy: &OfferPolicy,
    rates: &SaveRates,
) -> Result<Recommendation> {
    let (customer, action) = (&assessed.customer, drawn.action());
    let proposal = Proposal {
        customer_id: customer.id.to_owned(),
        risk_score: customer.risk_score,
        avg_monthly_margin: customer.margin,
        action,
        timing_window: drawn.decision.window,
        expected_margin_impact: customer.expected_loss,
        max_offer_eur: policy.max_offer_eur(action, customer.margin.unwrap_or(0.0)),
        value: value_of(assessed, drawn, policy, rates),
        reasons,
    };
    Recommendation::new(proposal).map_err(|guardrail| bad(None, customer.row, guardrail))
}

fn value_of(assessed: &Assessed<'_>, drawn: Drawn, policy: &OfferPolicy, rates: &SaveRates) -> ValueOfOffer {
    let (action, window) = (drawn.action(), drawn.decision.window);
    let worth = assessed.worth(action);
    let is_late = assessed.facts.days_to_renewal.map(|_| is_after_renewal(&assessed.facts, window));
    ValueOfOffer {
        policy: policy.kind(),
        expected_value_eur: worth.map_or(0.0, |worth| worth.value_eur),
        break_even_save_rate: worth.and_then(|worth| worth.break_even),
        save_rate: rates.get(action).map(|rate| (rate.rate, rate.basis)),
        value_action: assessed.offers().and_then(best).map_or(Action::NoOffer, |best| best.action),
        due_action: drawn.decision.due,
        due_after_renewal: is_late.filter(|_| action.is_offer()),
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
    let values = || rows.iter().map(Recommendation::value);
    let worths: Vec<f64> = values().map(|value| value.expected_value_eur).collect();
    let break_even: Vec<Option<f64>> = values().map(|value| value.break_even_save_rate).collect();
    let rates: Vec<Option<f64>> = values().map(|value| value.save_rate.map(|(rate, _)| rate)).collect();
    let bases: Vec<Option<&str>> = values().map(|value| value.save_rate.map(|(_, basis)| basis.as_str())).collect();
    let late: Vec<Option<i32>> = values().map(|value| value.due_after_renewal.map(i32::from)).collect();
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
            // What came later stands last, so that the others keep their place.
            Column::new("expected_value_eur".into(), worths),
            Column::new("break_even_save_rate".into(), break_even),
            text("value_action", |row| row.value().value_action.as_str()),
            Column::new("save_rate".into(), rates),
            Column::new("save_rate_basis".into(), bases),
            text("due_action", |row| row.value().due_action.as_str()),
            Column::new("due_after_renewal".into(), late),
        ],
    )
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;
    use crate::model::Standings;
    use crate::snapshot_date::SnapshotDate;

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
        let as_of = SnapshotDate::parse("2024-12-31").unwrap();
        let view = InView { as_of, customers: None, consent: None, outcomes: None };
        let made = recommend(scores, contributions, &view, &policy, &ReasonDictionary::parse(REASONS).unwrap());
        made.map(|recommended| recommended.table)
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
    fn every_recommendation_says_what_its_offer_is_worth_and_what_value_would_choose() {
        let scores = scores(&[
            (0.9, TIERS[0].1, Some(40.0)),
            (0.59, TIERS[2].1, Some(40.0)),
            (0.38, TIERS[3].1, Some(40.0)),
            (0.1, TIERS[3].1, Some(40.0)),
            (0.9, TIERS[0].1, None),
        ]);
        let table = recommended(&scores, &explained(5, &[("tenure_months", 0.0)]), POLICY).unwrap();
        let number = |name: &str| table.column(name).unwrap().f64().unwrap().iter().collect::<Vec<_>>();
        // n (p s (m - c) - (1 - p) c), n 12: 12 (.9 * .3 * 30 - .1 * 10) and 12 (.59 * .1 * 38 - .41 * 2).
        assert_eq!(number("expected_value_eur"), [Some(85.2), Some(17.06), Some(0.0), Some(0.0), Some(0.0)]);
        let break_even = number("break_even_save_rate");
        assert!((break_even[0].unwrap() - 0.1 * 10.0 / (0.9 * 30.0)).abs() < 1e-12);
        assert_eq!(break_even[2..], [None, None, None]);
        assert_eq!(number("save_rate"), [Some(0.3), Some(0.1), None, None, None]);
        let basis: Vec<_> = table.column("save_rate_basis").unwrap().str().unwrap().iter().collect();
        assert_eq!(basis, [Some("assumed"), Some("assumed"), None, None, None]);
        // Of the middle one a medium offer is worth more; the third is below every tier with an offer.
        let chosen = ["offer_large", "offer_medium", "offer_small", "no_offer", "no_offer"];
        assert_eq!(cells(&table, "value_action"), chosen);
        assert_eq!(cells(&table, "due_action"), cells(&table, "action"));
        assert_eq!(table.column("due_after_renewal").unwrap().null_count(), 5, "no renewal is known");
        let names: Vec<_> = table.get_column_names().iter().map(|name| name.as_str()).collect();
        assert_eq!(names[9..12], ["model_version", "as_of", "expected_value_eur"], "what came later stands last");
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
        let due = ["offer_large", "no_offer", "no_offer"];
        assert_eq!(cells(&table, "due_action"), due, "what outcomes are noted under");
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
