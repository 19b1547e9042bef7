//! What the URL of the page says: filters, budget, order, page.

use std::collections::BTreeMap;

use churn::model::RiskTier;
use churn::recommend::{Action, TimingWindow};

use super::columns::{Offers, action, window};
use crate::pages::risk::{Category, leave_out_unknown, tier};
use crate::query::{BadValue, Paging, Reader, Sort};

/// The keys of the form's fields.
pub const FIELDS: [&str; 7] = ["action", "tier", "timing", "segment", "reason", "province", "budget"];
/// By what the table can be sorted.
pub const SORTED_BY: [&str; 6] =
    ["expected_margin_impact", "risk_score", "max_offer_eur", "gain", "expected_value_eur", "customer_id"];
/// The columns of words that can be filtered by.
pub const CATEGORIES: [Category; 2] = [Category::Segment, Category::Province];

/// The state of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Any of these actions; all where there are none.
    pub actions: Vec<Action>,
    /// Of any of these tiers.
    pub tiers: Vec<RiskTier>,
    /// In any of these windows.
    pub timings: Vec<TimingWindow>,
    /// Of any of these words, by column.
    pub words: BTreeMap<Category, Vec<String>>,
    /// For any of these reasons.
    pub reasons: Vec<String>,
    /// What may be spent, EUR a month.
    pub budget: Option<f64>,
    /// The order.
    pub sort: Sort,
    /// The page.
    pub paging: Paging,
}

impl State {
    /// Reads it. Within a budget, the offers that keep most come first.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let words = CATEGORIES.map(|category| (category, reader.texts(category.key())));
        let budget = reader.number("budget", 0.0, f64::MAX);
        let usual = if budget.is_some() { "gain" } else { "expected_margin_impact" };
        Self {
            actions: reader.many("action", action),
            tiers: reader.many("tier", tier),
            timings: reader.many("timing", window),
            words: words.into_iter().filter(|(_, words)| !words.is_empty()).collect(),
            reasons: reader.texts("reason"),
            budget,
            sort: Sort::read(reader, &SORTED_BY, Sort::descending(usual)),
            paging: Paging::read(reader),
        }
    }

    /// Leaves out the words and reasons that no customer has, and names them.
    pub fn leave_out_unknown(&mut self, offers: &Offers) -> Vec<BadValue> {
        let mut bad = leave_out_unknown(&mut self.words, &offers.customers);
        let unknown = self.reasons.iter().filter(|code| !offers.knows_reason(code));
        bad.extend(unknown.map(|code| BadValue::new("reason", code, String::new())));
        self.reasons.retain(|code| offers.knows_reason(code));
        bad
    }

    /// What the rows and their order depend on: everything but the page of the table and the budget, of which the order
    /// knows.
    pub fn of_rows(&self) -> String {
        format!("recommendations {:?}", Self { budget: None, paging: Paging::default(), ..self.clone() })
    }

    /// The rows that pass every filter.
    pub fn rows(&self, offers: &Offers) -> Vec<usize> {
        let customers = &offers.customers;
        let words: Vec<_> = self
            .words
            .iter()
            .map(|(category, words)| (customers.words(*category), customers.words(*category).places(words)))
            .collect();
        let reasons: Vec<u16> = self.reasons.iter().filter_map(|code| offers.reasons.place(code)).collect();
        let passes = |&row: &usize| {
            (self.actions.is_empty() || self.actions.contains(&offers.action[row]))
                && (self.tiers.is_empty() || self.tiers.contains(&customers.tier[row]))
                && (self.timings.is_empty() || self.timings.contains(&offers.timing[row]))
                && (self.reasons.is_empty() || offers.reasons.of_row(row).iter().any(|code| reasons.contains(code)))
                && words.iter().all(|(column, places)| places.contains(&column.code(row)))
        };
        (0..offers.rows()).filter(passes).collect()
    }

    /// Sorts rows; customers of the same value stand in the order of their IDs.
    pub fn sort(&self, offers: &Offers, rows: &mut [usize]) {
        let customers = &offers.customers;
        let value = |row: usize| match self.sort.column {
            "risk_score" => Some(customers.probability[row]),
            "max_offer_eur" => Some(offers.most[row]),
            "gain" => offers.gain(row),
            "expected_value_eur" => offers.expected(row),
            _ => customers.loss[row],
        };
        rows.sort_unstable_by(|&a, &b| {
            let first = match self.sort.column {
                "customer_id" => self.sort.compare(Some(&customers.by_id[a]), Some(&customers.by_id[b]), Ord::cmp),
                _ => self.sort.compare(value(a).as_ref(), value(b).as_ref(), f64::total_cmp),
            };
            first.then_with(|| customers.by_id[a].cmp(&customers.by_id[b]))
        });
    }
}
