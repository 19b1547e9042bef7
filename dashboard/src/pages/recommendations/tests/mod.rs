//! Every filter, the sums, the order, the policy and the budget line against Polars on the tables.

mod page;
mod worth;

use std::sync::Arc;

use churn::model::RiskTier;
use churn::recommend::{Action, RuleReason, TimingWindow};
use polars::prelude::*;
use proptest::prelude::*;

use super::budget::{Cut, Line};
use super::columns::Offers;
use super::policy::{OfTier, policy};
use super::state::State;
use super::sums::Sums;
use crate::data::cells;
use crate::pages::risk::Columns;
use crate::query::{Query, Reader};
use crate::test_site::{CUSTOMERS, numbers, recommendations, scores};

/// The site's recommendations with reasons of every kind.
fn table() -> DataFrame {
    let mut table = recommendations();
    let codes = |row: usize| match row % 4 {
        0 => "prices;tone",
        1 => "tone;negative_margin_no_offer;segment_sme",
        2 => "unknown_margin_no_offer",
        _ => "prices;control_group",
    };
    let codes: Vec<&str> = (0..table.height()).map(codes).collect();
    table.with_column(Column::new("reason_codes".into(), codes)).unwrap();
    table
}

fn offers() -> Offers {
    Offers::of(&scores(), Arc::new(Columns::of(&scores()).unwrap()), &table()).unwrap()
}

fn state(query: &str) -> State {
    let query = Query::parse("/recommendations", Some(query));
    let mut reader = Reader::new(&query);
    let state = State::read(&mut reader);
    assert_eq!(reader.bad(), [], "{query:?}");
    state
}

/// The rows that Polars lets through, of both tables side by side.
fn by_polars(filter: Expr) -> Vec<usize> {
    let own = ["action", "timing_window", "max_offer_eur", "reason_codes"];
    let own: Vec<Column> = own.into_iter().map(|name| table().column(name).unwrap().clone()).collect();
    let joined = scores().hstack(&own).unwrap().with_row_index("row".into(), None).unwrap();
    let passed = joined.lazy().filter(filter).collect().unwrap();
    cells::numbers(&passed, "row").unwrap().into_iter().flatten().map(|row| row as usize).collect()
}

fn is(column: &str, value: &str) -> Expr {
    col(column).eq(lit(value.to_owned()))
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9 * a.abs().max(1.0)
}

#[test]
fn each_filter_equals_polars() {
    let offers = offers();
    let filters = [
        ("", lit(true)),
        ("action=offer_large", is("action", "offer_large")),
        ("action=no_offer&action=offer_small", is("action", "no_offer").or(is("action", "offer_small"))),
        ("tier=critical", is("risk_tier", "Critical (>80%)")),
        ("timing=immediate", is("timing_window", "immediate")),
        ("timing=60_90_days", lit(false)),
        ("segment=SME&segment=unknown", is("segment", "SME").or(col("segment").is_null())),
        ("province=07", col("province_code").eq(lit(7))),
        ("province=nowhere", lit(false)),
        ("reason=unknown_margin_no_offer", is("reason_codes", "unknown_margin_no_offer")),
        ("reason=prices", is("reason_codes", "prices;tone").or(is("reason_codes", "prices;control_group"))),
        ("reason=nothing", lit(false)),
        (
            "tier=high&segment=SME&action=offer_large&timing=30_60_days",
            is("risk_tier", "High (60-80%)")
                .and(is("segment", "SME"))
                .and(is("action", "offer_large"))
                .and(is("timing_window", "30_60_days")),
        ),
        // A budget marks rows; it takes none away.
        ("budget=10", lit(true)),
    ];
    for (query, expected) in filters {
        assert_eq!(state(query).rows(&offers), by_polars(expected), "{query}");
    }
}

#[test]
fn the_sums_are_those_of_the_tables() {
    let (offers, scores, table) = (offers(), scores(), table());
    for query in ["", "tier=high", "action=no_offer", "reason=tone&segment=SME", "reason=nothing"] {
        let rows = state(query).rows(&offers);
        let sums = Sums::of(&offers, &rows);
        let (of_scores, of_table) = (cells::rows_at(&scores, &rows).unwrap(), cells::rows_at(&table, &rows).unwrap());
        let losses = numbers(&of_scores, "expected_monthly_loss");
        let most = numbers(&of_table, "max_offer_eur");
        let actions = cells::texts(&of_table, "action").unwrap();
        let offered = |place: &usize| actions[*place] != Some("no_offer");
        let all = || 0..rows.len();
        assert_eq!((sums.all, sums.offers), (rows.len() as u64, all().filter(offered).count() as u64), "{query}");
        assert!(close(sums.budget, all().filter(offered).filter_map(|place| most[place]).sum()), "{query}");
        assert!(close(sums.covered, all().filter(offered).filter_map(|place| losses[place]).sum()), "{query}");
        assert!(close(sums.at_risk, losses.iter().flatten().sum()), "{query}");
        for action in Action::ALL {
            let count = actions.iter().filter(|known| **known == Some(action.as_str())).count() as u64;
            assert_eq!(sums.of_action(action as usize), count, "{query} {action:?}");
        }
        let codes = cells::texts(&of_table, "reason_codes").unwrap();
        let with = |code: &str| -> Vec<usize> {
            all().filter(|place| codes[*place].unwrap().split(';').any(|known| known == code)).collect()
        };
        for reason in &sums.reasons {
            let places = with(&offers.reasons.codes[usize::from(reason.code)]);
            assert_eq!(reason.customers, places.len() as u64, "{query}");
            let known: Vec<f64> = places.into_iter().filter_map(|place| losses[place]).collect();
            let mean = (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64);
            assert_eq!(reason.mean_loss().is_some(), mean.is_some(), "{query}");
            assert!(close(reason.mean_loss().unwrap_or_default(), mean.unwrap_or_default()), "{query}");
        }
        assert!(sums.reasons.is_sorted_by_key(|reason| std::cmp::Reverse(reason.customers)), "{query}");
        let withheld: Vec<u64> = sums.withheld.iter().map(|(_, count)| *count).collect();
        assert_eq!(withheld, RuleReason::WITHHOLDING.map(|rule| with(rule.as_str()).len() as u64), "{query}");
    }
}

#[test]
fn the_order_is_that_of_the_column_and_within_a_budget_that_of_what_is_kept() {
    let offers = offers();
    let sorted = |query: &str| {
        let state = state(query);
        let mut rows = state.rows(&offers);
        state.sort(&offers, &mut rows);
        rows
    };
    let descends = |values: Vec<Option<f64>>| {
        let known: Vec<f64> = values.iter().map_while(|value| *value).collect();
        values[known.len()..].iter().all(Option::is_none) && known.windows(2).all(|pair| pair[0] >= pair[1])
    };
    let losses = |rows: &[usize]| rows.iter().map(|&row| offers.customers.loss[row]).collect::<Vec<_>>();
    let gains = |rows: &[usize]| rows.iter().map(|&row| offers.gain(row)).collect::<Vec<_>>();
    assert!(descends(losses(&sorted(""))));
    assert!(descends(gains(&sorted("budget=5"))) && descends(gains(&sorted("sort=-gain"))));
    assert!(descends(sorted("sort=-risk_score").iter().map(|&row| Some(offers.customers.probability[row])).collect()));
    let mut cheapest = sorted("sort=max_offer_eur");
    cheapest.reverse();
    assert!(descends(cheapest.iter().map(|&row| Some(offers.most[row])).collect()));
    let by_id = sorted("sort=customer_id");
    let ids = scores();
    let ids = cells::texts(&ids, "customer_id").unwrap();
    assert!(by_id.iter().map(|&row| ids[row]).is_sorted());
}

#[test]
fn tables_of_other_customers_are_not_joined_and_unknown_words_are_said() {
    let columns = Arc::new(Columns::of(&scores()).unwrap());
    let mixed = Offers::of(&scores(), Arc::clone(&columns), &table().reverse()).unwrap_err().to_string();
    assert!(mixed.contains("same customers"), "{mixed}");
    let mut newer = table();
    newer.with_column(Column::new("action".into(), vec!["offer_a_yacht"; CUSTOMERS])).unwrap();
    let unknown = Offers::of(&scores(), columns, &newer).unwrap_err().to_string();
    assert!(unknown.contains("offer_a_yacht"), "{unknown}");
}

#[test]
fn the_policy_is_what_each_tier_got_where_nothing_withheld_it() {
    let offers = offers();
    let of_tiers = policy(&offers);
    let expected = [
        (RiskTier::Critical, Action::OfferLarge, TimingWindow::Immediate),
        (RiskTier::High, Action::OfferLarge, TimingWindow::Days30To60),
        (RiskTier::Medium, Action::OfferSmall, TimingWindow::Days30To60),
        (RiskTier::Low, Action::NoOffer, TimingWindow::Days30To60),
    ];
    let expected = expected.map(|(tier, action, timing)| (tier, Some((action, timing))));
    assert_eq!(of_tiers.iter().map(|of_tier| (of_tier.tier, of_tier.offer)).collect::<Vec<_>>(), expected);
    let earns = col("avg_monthly_margin").gt(lit(0.0));
    let free = by_polars(is("reason_codes", "prices;tone").and(is("risk_tier", "Critical (>80%)")).and(earns));
    let sum = |of: &dyn Fn(usize) -> f64| free.iter().map(|&row| of(row)).sum::<f64>();
    let share = sum(&|row| offers.most[row]) / sum(&|row| offers.customers.margin[row].unwrap_or_default());
    assert!(close(of_tiers[0].share.unwrap(), share));
    assert_eq!(of_tiers[3].share, None);
    let nobody = OfTier { tier: RiskTier::High, offer: None, share: None };
    let columns = Arc::new(Columns::of(&scores().slice(0, 10)).unwrap());
    let few = Offers::of(&scores().slice(0, 10), columns, &table().slice(0, 10)).unwrap();
    assert_eq!(policy(&few)[1], nobody, "the first ten are critical");
}

proptest! {
    #[test]
    fn a_budget_is_never_exceeded_and_the_next_offer_would_exceed_it(budget in 0.0..2000.0_f64, tier in 0..4_usize) {
        let offers = offers();
        let rows: Vec<usize> = (0..offers.rows()).filter(|&row| offers.customers.tier[row] as usize >= tier).collect();
        let line = Line::of(&offers, &rows);
        let cut = line.cut(budget);
        let taken = &line.rows[..cut.offers];
        prop_assert!(cut.spent <= budget + 1e-6);
        prop_assert!(close(cut.spent, taken.iter().map(|&row| offers.most[row]).sum()));
        prop_assert!(close(cut.covered, taken.iter().filter_map(|&row| offers.customers.loss[row]).sum()));
        if let Some(next) = line.rows.get(cut.offers) {
            prop_assert!(cut.spent + offers.most[*next] > budget);
        }
        // Whoever is in the line keeps more than they cost, and whoever does is in it.
        let worth = |row: &usize| offers.gain(*row).is_some_and(|gain| gain > 0.0);
        prop_assert!(line.rows.iter().all(worth));
        prop_assert_eq!(line.rows.len(), rows.iter().filter(|row| worth(row)).count());
        let gains: Vec<f64> = line.rows.iter().filter_map(|&row| offers.gain(row)).collect();
        prop_assert!(gains.windows(2).all(|pair| pair[0] >= pair[1]));
    }
}

#[test]
fn without_money_or_customers_nothing_is_covered() {
    let offers = offers();
    let all: Vec<usize> = (0..offers.rows()).collect();
    assert_eq!(Line::of(&offers, &all).cut(0.0), Cut::default());
    assert_eq!(Line::of(&offers, &[]).cut(1e9), Cut::default());
    let line = Line::of(&offers, &all);
    assert_eq!(line.cut(f64::MAX).offers, line.rows.len());
}

#[test]
fn a_reason_or_word_that_nobody_has_is_named_and_filters_nothing_and_a_rule_is_known() {
    let offers = Offers::of(&scores(), Arc::new(Columns::of(&scores()).unwrap()), &recommendations()).unwrap();
    let query = Query::parse("/recommendations", Some("segment=Nope&reason=moon&reason=control_group"));
    let mut state = State::read(&mut Reader::new(&query));
    let bad = state.leave_out_unknown(&offers);
    let named: Vec<_> = bad.iter().map(|bad| (bad.key, bad.value.as_str())).collect();
    assert_eq!(named, [("segment", "Nope"), ("reason", "moon")]);
    assert!(state.words.is_empty() && state.reasons == ["control_group"]);
}
