//! The policy by value, from tables to tables: what never happens, whatever the customers are, and what is said of it.

use polars::df;
use polars::prelude::{Column, DataFrame, DataType};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{InView, OfferFigures, OfferPolicy, ReasonDictionary, Recommended, TimingWindow, recommend};
use crate::model::{Contributions, RiskTier, Standings};
use crate::snapshot_date::SnapshotDate;

const POLICY: &str = include_str!("../../../configs/offer_policy.yaml");
const REASONS: &str = include_str!("../../../configs/reason_codes.yaml");
/// 2024-12-31, counted from 1970-01-01.
const AS_OF: i32 = 20_088;

/// A customer of a test.
#[derive(Debug, Clone, Copy)]
struct Person {
    probability: f64,
    margin: Option<f64>,
    /// Days from the run's date.
    renewal: Option<i32>,
    consent: Option<i32>,
    /// Days before the run's date.
    last_offer: Option<i32>,
}

/// Somebody to whom an offer is worth making, and nothing stands against it.
const GOOD: Person =
    Person { probability: 0.7, margin: Some(40.0), renewal: Some(200), consent: Some(1), last_offer: None };

fn days(name: &str, days: Vec<Option<i32>>) -> Column {
    Column::new(name.into(), days).cast(&DataType::Date).unwrap()
}

fn scores(people: &[Person]) -> DataFrame {
    let column = |of: fn(&Person) -> Option<f64>| people.iter().map(of).collect::<Vec<_>>();
    let tiers: Vec<&str> = people.iter().map(|person| RiskTier::of(person.probability).as_str()).collect();
    let mut scores = df!(
        "customer_id" => ids(people),
        "churn_proba" => column(|person| Some(person.probability)),
        "avg_monthly_margin" => column(|person| person.margin),
        "expected_monthly_loss" => column(|person| person.margin.map(|margin| person.probability * margin.max(0.0))),
        "segment" => vec!["Residential"; people.len()],
        "risk_tier" => tiers,
        "model_version" => vec!["v1"; people.len()],
    )
    .unwrap();
    scores.with_column(days("as_of", vec![Some(AS_OF); people.len()])).unwrap();
    scores
}

fn ids(people: &[Person]) -> Vec<String> {
    (0..people.len()).map(|row| format!("C{row:03}")).collect()
}

fn recommended(people: &[Person], policy: &str) -> Recommended {
    let segment = vec!["Residential"; people.len()];
    let mut customers = df!("customer_id" => ids(people), "segment" => segment).unwrap();
    let renewals = people.iter().map(|person| person.renewal.map(|days| AS_OF + days)).collect();
    customers.with_column(days("next_renewal_date", renewals)).unwrap();
    let consents: Vec<Option<i32>> = people.iter().map(|person| person.consent).collect();
    let consent = df!("customer_id" => ids(people), "contact_consent" => consents).unwrap();
    let offered: Vec<(String, i32)> =
        ids(people).into_iter().zip(people).filter_map(|(id, person)| Some((id, AS_OF - person.last_offer?))).collect();
    let mut outcomes = df!(
        "customer_id" => offered.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(),
        "action" => vec!["offer_small"; offered.len()],
        "control" => vec![0_i32; offered.len()],
        "accepted" => vec![None::<i32>; offered.len()],
        "churned" => vec![None::<i32>; offered.len()],
    )
    .unwrap();
    outcomes.with_column(days("date", offered.iter().map(|(_, day)| Some(*day)).collect())).unwrap();
    let contributions = Contributions {
        features: vec!["tenure_months".to_owned()],
        values: vec![0.0; people.len()],
        bases: vec![0.0; people.len()],
        standings: Standings::default(),
    };
    let view = InView {
        as_of: SnapshotDate::parse("2024-12-31").unwrap(),
        customers: Some(&customers),
        consent: Some(&consent),
        outcomes: Some(&outcomes),
    };
    let (policy, reasons) = (OfferPolicy::parse(policy).unwrap(), ReasonDictionary::parse(REASONS).unwrap());
    recommend(&scores(people), &contributions, &view, &policy, &reasons).unwrap()
}

/// The committed policy by value, with these lines in its section of values.
fn by_value(lines: &str) -> String {
    let policy = POLICY.replace("policy: tier", "policy: value");
    policy.replace("  days_between_offers: 90", &format!("  days_between_offers: 90\n{lines}"))
}

fn cells(table: &DataFrame, column: &str) -> Vec<String> {
    table.column(column).unwrap().str().unwrap().iter().map(|cell| cell.unwrap().to_owned()).collect()
}

fn numbers(table: &DataFrame, column: &str) -> Vec<f64> {
    table.column(column).unwrap().f64().unwrap().iter().flatten().collect()
}

#[test]
fn value_offers_what_is_worth_most_below_the_tiers_too_and_says_why_not() {
    let people = [
        GOOD,
        Person { probability: 0.38, ..GOOD },
        Person { consent: Some(0), ..GOOD },
        Person { consent: None, ..GOOD },
        Person { last_offer: Some(10), ..GOOD },
        Person { renewal: Some(-1), ..GOOD },
        Person { margin: Some(6.0), probability: 0.41, ..GOOD },
        Person { margin: None, ..GOOD },
        Person { probability: 0.1, ..GOOD },
    ];
    let Recommended { table, report } = recommended(&people, &by_value(""));
    let none = "no_offer";
    let actions = ["offer_large", "offer_small", none, none, none, none, none, none, none];
    assert_eq!(cells(&table, "action"), actions);
    assert_eq!(cells(&table, "timing_window")[..2], ["immediate", "60_90_days"]);
    let codes = cells(&table, "reason_codes");
    let expected = [
        "high_churn_risk;offer_worth_making;segment_residential",
        "offer_worth_making;segment_residential",
        "high_churn_risk;no_consent;segment_residential",
        "high_churn_risk;no_consent;segment_residential",
        "high_churn_risk;contacted_recently;segment_residential",
        "high_churn_risk;after_renewal;segment_residential",
        // 5 % of 6 EUR is no offer.
        "moderate_churn_risk;offer_not_worth_it;segment_residential",
        "high_churn_risk;unknown_margin_no_offer;segment_residential",
        "low_risk_monitoring;segment_residential",
    ];
    assert_eq!(codes, expected);
    assert_eq!((report.offered.offers, report.withheld["no_consent"]), (2, 2));
    let words = &report.words;
    assert!(words.starts_with("policy value: 2 offers") && words.contains("save rates assumed"), "{words}");
    assert!(words.ends_with("there is no control group, so the effect of offers cannot be measured"));
}

#[test]
fn an_offer_that_would_come_too_late_comes_earlier() {
    let people = [40, 70, 100].map(|renewal| Person { probability: 0.39, renewal: Some(renewal), ..GOOD });
    let table = recommended(&people, &by_value("")).table;
    assert_eq!(cells(&table, "timing_window"), ["immediate", "30_60_days", "60_90_days"]);
    // The tiers' rule stays as it is, and says so.
    let people = [59, 60].map(|renewal| Person { probability: 0.5, renewal: Some(renewal), ..GOOD });
    let Recommended { table, report } = recommended(&people, POLICY);
    assert_eq!(cells(&table, "timing_window"), ["30_60_days"; 2]);
    let late: Vec<_> = table.column("due_after_renewal").unwrap().i32().unwrap().iter().collect();
    assert_eq!((late, report.offered.after_renewal), (vec![Some(1), Some(0)], 1));
    assert!(report.words.contains("1 may fall due after the renewal"), "{}", report.words);
}

#[test]
fn a_budget_is_kept_and_its_cut_reported() {
    let people: Vec<Person> = (0..20).map(|row| Person { margin: Some(30.0 + f64::from(row)), ..GOOD }).collect();
    let Recommended { table, report } = recommended(&people, &by_value("  budget_eur: 30"));
    let spent: f64 = numbers(&table, "max_offer_eur").iter().sum();
    assert!(spent <= 30.0 + 1e-9 && spent > 25.0, "{spent}");
    assert!((report.offered.cost_eur - spent).abs() < 1e-9);
    assert!(report.cut.without + report.cut.smaller > 0 && report.cut.forgone_eur > 0.0, "{:?}", report.cut);
    assert!(report.cut.next_euro.is_some_and(|worth| worth > 0.0), "{:?}", report.cut);
    let codes = cells(&table, "reason_codes");
    let cut = codes.iter().filter(|codes| codes.contains("budget_spent")).count() as u64;
    assert_eq!((cut, report.withheld.get("budget_spent").copied().unwrap_or_default()), (report.cut.without, cut));
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["save_rates"]["offer_small"]["basis"], "assumed");
    assert_eq!(serde_json::from_value::<super::OffersReport>(json).unwrap(), report);
}

#[test]
fn the_control_group_is_held_back_from_what_was_due_and_makes_the_effect_measurable() {
    let policy = by_value("").replace("control_group: { share: 0.0", "control_group: { share: 0.999999");
    let Recommended { table, report } = recommended(&[GOOD; 3], &policy);
    assert_eq!(cells(&table, "action"), ["no_offer"; 3]);
    assert_eq!(cells(&table, "due_action"), ["offer_large"; 3]);
    assert_eq!((report.offered.offers, report.control.offers, report.is_measurable), (0, 3, true));
    assert!(report.control.value_eur > 0.0);
    assert!(report.words.ends_with("3 customers are held back as a control group"), "{}", report.words);
}

#[test]
fn the_sentence_holds_plans_of_the_same_limits_and_customers_against_each_other() {
    let people: Vec<Person> = (0..20).map(|row| Person { margin: Some(30.0 + f64::from(row)), ..GOOD }).collect();
    let told = |of: &OfferFigures| {
        let OfferFigures { offers, cost_eur, value_eur, .. } = of;
        format!("{offers} offers for {cost_eur:.0} EUR a month, worth {value_eur:.0} EUR in 12 months")
    };
    let by_tier = by_value("  budget_eur: 30").replace("policy: value", "policy: tier");
    let report = recommended(&people, &by_tier).report;
    let (tiers, value) = (told(&report.tier_within_limits), told(&report.value));
    let said = format!("; the tiers within the limits of value {tiers}; by value within them {value}; ");
    assert!(report.words.contains(&said), "{}", report.words);
    assert!(!report.words.contains("holds back"), "{}", report.words);

    let held = by_value("").replace("control_group: { share: 0.0", "control_group: { share: 0.999999");
    let report = recommended(&people, &held).report;
    let (value, tiers) = (told(&report.value), told(&report.tier_within_limits));
    let said = format!(
        "; with the 20 that the control group holds back {value}; the tiers within the same limits {tiers}; save rates"
    );
    assert!(report.words.contains(&said), "{}", report.words);
}

fn people() -> impl Strategy<Value = Vec<Person>> {
    let person = (
        0.0..=1.0_f64,
        option::weighted(0.9, -20.0..200.0_f64),
        option::weighted(0.8, -40..300_i32),
        option::weighted(0.9, 0..=1_i32),
        option::weighted(0.2, 0..150_i32),
    );
    let person = person.prop_map(|(probability, margin, renewal, consent, last_offer)| Person {
        probability: (probability * 1e4).round() / 1e4,
        margin,
        renewal,
        consent,
        last_offer,
    });
    vec(person, 1..40)
}

/// The days of a window of the table.
fn window(word: &str) -> (i64, i64) {
    TimingWindow::ALL.into_iter().find(|window| window.as_str() == word).unwrap().days()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_offer_is_harmful_unwanted_too_late_or_over_budget_and_the_tiers_are_never_worth_more(
        people in people(),
        budget in option::of(0.0..100.0_f64),
        room in option::of(0..10_u64),
    ) {
        let mut lines = String::new();
        if let Some(budget) = budget {
            lines = format!("  budget_eur: {budget:.3}\n");
        }
        let room = room.map(|room| format!("capacity: {{ immediate: {room} }}"));
        let policy = by_value(&lines).replace("capacity: {}", room.as_deref().unwrap_or("capacity: {}"));
        let Recommended { table, report } = recommended(&people, &policy);
        let (actions, windows) = (cells(&table, "action"), cells(&table, "timing_window"));
        let (values, costs) = (numbers(&table, "expected_value_eur"), numbers(&table, "max_offer_eur"));
        for (row, person) in people.iter().enumerate() {
            if actions[row] == "no_offer" {
                prop_assert_eq!((values[row], costs[row]), (0.0, 0.0));
                continue;
            }
            prop_assert!(values[row] > 0.0 && costs[row] >= 1.0, "{:?}", person);
            prop_assert_eq!(person.consent, Some(1));
            let (first, last) = window(&windows[row]);
            prop_assert!(person.renewal.is_none_or(|renewal| last <= i64::from(renewal)), "{:?}", person);
            prop_assert!(person.last_offer.is_none_or(|days| i64::from(days) + first >= 90), "{:?}", person);
        }
        let spent: f64 = costs.iter().sum();
        prop_assert!(budget.is_none_or(|budget| spent <= budget + 0.0005 + 1e-9), "{} of {:?}", spent, budget);
        prop_assert!(report.value.value_eur >= report.tier_within_limits.value_eur - 0.011, "{:?}", report);
        prop_assert_eq!(report.value.below_zero + report.value.after_renewal, 0);
    }
}
