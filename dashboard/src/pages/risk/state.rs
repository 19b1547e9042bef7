//! What the URL of the page says: filters, order, page.

use std::collections::BTreeMap;

use churn::model::RiskTier;

use super::columns::{Category, Columns, IN_TRAINING};
use crate::query::{BadValue, Paging, Reader, Sort};

/// The keys of the form's fields.
pub const FIELDS: [&str; 12] = [
    "tier",
    "segment",
    "renewal_bucket",
    "customer_intent",
    "sentiment_label",
    "province",
    "sales_channel",
    "has_interaction",
    IN_TRAINING,
    "from",
    "to",
    "loss",
];
/// By what the table can be sorted.
pub const SORTED_BY: [&str; 5] =
    ["churn_proba", "expected_monthly_loss", "avg_monthly_margin", "tenure_months", "customer_id"];

/// Whether there was a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contact {
    /// At least one.
    Some,
    /// None on record.
    None,
}

impl Contact {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Some, Self::None];

    /// The word of the URL.
    pub fn value(self) -> &'static str {
        match self {
            Self::Some => "yes",
            Self::None => "no",
        }
    }
}

/// Whether the model was fitted on a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Training {
    /// It was.
    Seen,
    /// It was not.
    New,
}

impl Training {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Seen, Self::New];

    /// The word of the URL.
    pub fn value(self) -> &'static str {
        match self {
            Self::Seen => "yes",
            Self::New => "no",
        }
    }
}

/// The state of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Of any of these tiers; of all where there are none.
    pub tiers: Vec<RiskTier>,
    /// Of any of these words, by column.
    pub words: BTreeMap<Category, Vec<String>>,
    /// With or without a contact.
    pub contact: Option<Contact>,
    /// In training or not.
    pub training: Option<Training>,
    /// From this probability on, in percent.
    pub from: Option<f64>,
    /// Up to this probability, in percent.
    pub to: Option<f64>,
    /// From this expected loss on, EUR a month.
    pub loss: Option<f64>,
    /// The order.
    pub sort: Sort,
    /// The page.
    pub paging: Paging,
}

impl State {
    /// Reads it.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let words = Category::ALL.map(|category| (category, reader.texts(category.key())));
        Self {
            tiers: reader.many("tier", tier),
            words: words.into_iter().filter(|(_, words)| !words.is_empty()).collect(),
            contact: reader
                .one("has_interaction", |value| Contact::ALL.into_iter().find(|contact| contact.value() == value)),
            training: reader
                .one(IN_TRAINING, |value| Training::ALL.into_iter().find(|training| training.value() == value)),
            from: reader.number("from", 0.0, 100.0),
            to: reader.number("to", 0.0, 100.0),
            loss: reader.number("loss", 0.0, f64::MAX),
            sort: Sort::read(reader, &SORTED_BY, Sort::descending("expected_monthly_loss")),
            paging: Paging::read(reader),
        }
    }

    /// Leaves out the words that no customer has, and names them.
    pub fn leave_out_unknown(&mut self, columns: &Columns) -> Vec<BadValue> {
        leave_out_unknown(&mut self.words, columns)
    }

    /// What the rows and their order depend on: everything but the page of the table.
    pub fn of_rows(&self) -> String {
        format!("risk {:?}", Self { paging: Paging::default(), ..self.clone() })
    }

    /// The rows that pass every filter, in the order of the table.
    pub fn rows(&self, columns: &Columns) -> Vec<usize> {
        let words: Vec<_> = self
            .words
            .iter()
            .map(|(category, words)| (columns.words(*category), columns.words(*category).places(words)))
            .collect();
        let (from, to) = (self.from.map(share), self.to.map(share));
        let passes = |&row: &usize| {
            let probability = columns.probability[row];
            (self.tiers.is_empty() || self.tiers.contains(&columns.tier[row]))
                && from.is_none_or(|from| probability >= from)
                && to.is_none_or(|to| probability <= to)
                && self.loss.is_none_or(|least| columns.loss[row].is_some_and(|loss| loss >= least))
                && self.contact.is_none_or(|contact| columns.contacted[row] == (contact == Contact::Some))
                && self.training.is_none_or(|training| columns.in_training[row] == Some(training == Training::Seen))
                && words.iter().all(|(column, places)| places.contains(&column.code(row)))
        };
        (0..columns.rows()).filter(passes).collect()
    }

    /// Sorts rows; customers of the same value stand in the order of their IDs.
    pub fn sort(&self, columns: &Columns, rows: &mut [usize]) {
        let by_number = |cells: &[Option<f64>], a: usize, b: usize| {
            self.sort.compare(cells[a].as_ref(), cells[b].as_ref(), f64::total_cmp)
        };
        rows.sort_unstable_by(|&a, &b| {
            let first = match self.sort.column {
                "churn_proba" => {
                    let (a, b) = (&columns.probability[a], &columns.probability[b]);
                    self.sort.compare(Some(a), Some(b), f64::total_cmp)
                }
                "avg_monthly_margin" => by_number(&columns.margin, a, b),
                "tenure_months" => by_number(&columns.tenure, a, b),
                "customer_id" => self.sort.compare(Some(&columns.by_id[a]), Some(&columns.by_id[b]), Ord::cmp),
                _ => by_number(&columns.loss, a, b),
            };
            first.then_with(|| columns.by_id[a].cmp(&columns.by_id[b]))
        });
    }
}

/// Leaves out of filters by words those that no customer has, and names them; a filter without words is none.
pub fn leave_out_unknown(filters: &mut BTreeMap<Category, Vec<String>>, columns: &Columns) -> Vec<BadValue> {
    let mut bad = Vec::new();
    for (category, words) in filters.iter_mut() {
        let column = columns.words(*category);
        let unknown = words.iter().filter(|word| !column.knows(word));
        bad.extend(unknown.map(|word| BadValue::new(category.key(), word, String::new())));
        words.retain(|word| column.knows(word));
    }
    filters.retain(|_, words| !words.is_empty());
    bad
}

/// The probability of a percentage, to the four digits that are published: 57 % is the number that is written 0.57.
fn share(percent: f64) -> f64 {
    (percent * 100.0).round() / 10_000.0
}

/// The tier of a word in the URL.
pub fn tier(value: &str) -> Option<RiskTier> {
    RiskTier::ALL.into_iter().find(|tier| tier_value(*tier) == value)
}

/// The word of a tier in the URL.
pub fn tier_value(tier: RiskTier) -> &'static str {
    match tier {
        RiskTier::Low => "low",
        RiskTier::Medium => "medium",
        RiskTier::High => "high",
        RiskTier::Critical => "critical",
    }
}
