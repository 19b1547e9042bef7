//! Tiers `behaviour` and `sentiment`: what the customer's most recent interaction says (11 and 3 features).

use polars::prelude::Column;

use super::columns::{code, flag, measure, text};
use super::customer::Customer;
use super::spans::{days, months, round_to_tenth};
use crate::snapshot_date::SnapshotDate;

/// The features of one customer that are not a plain copy.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "independent flags, one column each")]
pub(super) struct Behaviour {
    pub(super) is_cancellation_intent: bool,
    pub(super) is_complaint_intent: bool,
    pub(super) intent_severity_score: i32,
    pub(super) last_interaction_days_ago: Option<i32>,
    pub(super) interaction_within_3m_of_renewal: bool,
    pub(super) is_interaction_within_30d_of_renewal: bool,
    /// Rounded to a tenth.
    pub(super) months_since_last_change: Option<f64>,
    pub(super) is_negative_sentiment: bool,
}

impl Behaviour {
    pub(super) fn of(customer: &Customer<'_>, as_of: SnapshotDate) -> Self {
        let today = as_of.date();
        let months_to_renewal_then =
            customer.next_renewal.zip(customer.interaction).map(|(renewal, interaction)| months(renewal, interaction));
        let renews_within = |limit: f64| months_to_renewal_then.is_some_and(|months| (0.0..=limit).contains(&months));
        Self {
            is_cancellation_intent: customer.intent == Some("Cancellation / Switch"),
            is_complaint_intent: customer.intent == Some("Complaint / Escalation"),
            intent_severity_score: severity(customer.intent),
            last_interaction_days_ago: customer.interaction.map(|interaction| days(today, interaction)),
            interaction_within_3m_of_renewal: renews_within(3.0),
            is_interaction_within_30d_of_renewal: renews_within(1.0),
            months_since_last_change: customer.last_product_change.map(|change| round_to_tenth(months(today, change))),
            is_negative_sentiment: customer.sentiment_label == Some("negative"),
        }
    }

    /// A cancellation or a complaint.
    pub(super) fn recent_complaint(&self) -> bool {
        self.is_cancellation_intent || self.is_complaint_intent
    }
}

/// The 14 columns.
pub(super) fn columns(customers: &[Customer<'_>], rows: &[Behaviour]) -> Vec<Column> {
    vec![
        code("has_interaction", customers, |c| c.has_interaction),
        text("customer_intent", customers, |c| c.intent),
        flag("is_cancellation_intent", rows, |b| b.is_cancellation_intent),
        flag("is_complaint_intent", rows, |b| b.is_complaint_intent),
        flag("recent_complaint_flag", rows, Behaviour::recent_complaint),
        code("intent_severity_score", rows, |b| Some(b.intent_severity_score)),
        code("last_interaction_days_ago", rows, |b| b.last_interaction_days_ago),
        flag("interaction_within_3m_of_renewal", rows, |b| b.interaction_within_3m_of_renewal),
        flag("is_interaction_within_30d_of_renewal", rows, |b| b.is_interaction_within_30d_of_renewal),
        flag("complaint_near_renewal", rows, |b| b.recent_complaint() && b.interaction_within_3m_of_renewal),
        measure("months_since_last_change", rows, |b| b.months_since_last_change),
        text("sentiment_label", customers, |c| c.sentiment_label),
        flag("is_negative_sentiment", rows, |b| b.is_negative_sentiment),
        flag("complaint_x_negative_sentiment", rows, |b| b.recent_complaint() && b.is_negative_sentiment),
    ]
}

fn severity(intent: Option<&str>) -> i32 {
    match intent {
        Some("Cancellation / Switch") => 3,
        Some("Complaint / Escalation") => 2,
        Some("Pricing Offers") => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gold::spans::date;

    fn seen(customer: Customer<'_>) -> Behaviour {
        Behaviour::of(&customer, SnapshotDate::parse("2024-12-31").unwrap())
    }

    fn called_and_renews(interaction: &str, next_renewal: &str) -> [bool; 2] {
        let behaviour =
            seen(Customer { interaction: date(interaction), next_renewal: date(next_renewal), ..Customer::default() });
        [behaviour.interaction_within_3m_of_renewal, behaviour.is_interaction_within_30d_of_renewal]
    }

    #[test]
    fn intents_have_flags_and_a_severity() {
        let of = |intent| {
            let behaviour = seen(Customer { intent, ..Customer::default() });
            let flags = [behaviour.is_cancellation_intent, behaviour.is_complaint_intent, behaviour.recent_complaint()];
            (flags, behaviour.intent_severity_score)
        };
        assert_eq!(of(Some("Cancellation / Switch")), ([true, false, true], 3));
        assert_eq!(of(Some("Complaint / Escalation")), ([false, true, true], 2));
        assert_eq!(of(Some("Pricing Offers")), ([false, false, false], 1));
        assert_eq!(of(Some("Contract Renewal")), ([false, false, false], 0));
        assert_eq!(of(None), ([false, false, false], 0));
    }

    #[test]
    fn the_renewal_counts_from_the_interaction_without_rounding() {
        // 30 days are 0.986 months and 31 days 1.018; 91 days are 2.99 and 92 days 3.02.
        assert_eq!(called_and_renews("2024-11-01", "2024-12-01"), [true, true]);
        assert_eq!(called_and_renews("2024-11-01", "2024-12-02"), [true, false]);
        assert_eq!(called_and_renews("2024-10-01", "2024-12-31"), [true, false]);
        assert_eq!(called_and_renews("2024-10-01", "2025-01-01"), [false, false]);
    }

    #[test]
    fn a_call_on_the_day_of_renewal_is_near_it_and_one_after_it_is_not() {
        assert_eq!(called_and_renews("2024-11-01", "2024-11-01"), [true, true]);
        assert_eq!(called_and_renews("2024-11-02", "2024-11-01"), [false, false]);
    }

    #[test]
    fn without_an_interaction_flags_are_zero_and_measures_missing() {
        let silent = Customer { next_renewal: date("2025-01-10"), ..Customer::default() };
        let rows = [seen(silent)];
        let cell = |name: &str| {
            let columns = columns(&[silent], &rows);
            let column = columns.iter().find(|column| column.name() == name).unwrap();
            column.i32().unwrap().get(0)
        };
        assert_eq!(cell("has_interaction"), None);
        assert_eq!(cell("last_interaction_days_ago"), None);
        for flag in [
            "recent_complaint_flag",
            "interaction_within_3m_of_renewal",
            "complaint_near_renewal",
            "is_negative_sentiment",
        ] {
            assert_eq!(cell(flag), Some(0), "{flag}");
        }
    }

    #[test]
    fn days_and_months_go_back_from_the_snapshot() {
        // 98 days; 252 days are 8.279 months.
        let behaviour = seen(Customer {
            interaction: date("2024-09-24"),
            last_product_change: date("2024-04-23"),
            ..Customer::default()
        });
        assert_eq!((behaviour.last_interaction_days_ago, behaviour.months_since_last_change), (Some(98), Some(8.3)));
    }

    #[test]
    fn an_angry_complaint_near_renewal_sets_all_three_flags() {
        let customer = Customer {
            intent: Some("Complaint / Escalation"),
            sentiment_label: Some("negative"),
            interaction: date("2024-11-01"),
            next_renewal: date("2024-12-15"),
            ..Customer::default()
        };
        let columns = columns(&[customer], &[seen(customer)]);
        for name in ["complaint_near_renewal", "is_negative_sentiment", "complaint_x_negative_sentiment"] {
            let column = columns.iter().find(|column| column.name() == name).unwrap();
            assert_eq!(column.i32().unwrap().get(0), Some(1), "{name}");
        }
    }
}
