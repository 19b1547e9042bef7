//! Tier `strings`: pairs of categories written as one, for linear models (8 features).

use polars::prelude::Column;

use super::columns::text;
use super::customer::Customer;
use super::lifecycle::Lifecycle;

/// How a missing side of a pair is written.
const MISSING: &str = "Unknown";

/// The pairs of one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Strings {
    intent_x_renewal_bucket: String,
    intent_x_tenure_bucket: String,
    sentiment_x_renewal_bucket: String,
    intent_x_sentiment: String,
    tenure_x_renewal_bucket: String,
    sales_channel_x_renewal_bucket: String,
    has_interaction_x_renewal_bucket: String,
    competition_x_intent: String,
}

impl Strings {
    pub(super) fn of(customer: &Customer<'_>, lifecycle: &Lifecycle) -> Self {
        let (renewal, tenure) = (lifecycle.renewal_bucket, lifecycle.tenure_bucket);
        let (intent, sentiment) = (customer.intent, customer.sentiment_label);
        let has_interaction = customer.has_interaction.map(|flag| flag.to_string());
        let competition = customer.is_high_competition_province.map(|flag| flag.to_string());
        Self {
            intent_x_renewal_bucket: pair(intent, renewal),
            intent_x_tenure_bucket: pair(intent, tenure),
            sentiment_x_renewal_bucket: pair(sentiment, renewal),
            intent_x_sentiment: pair(intent, sentiment),
            tenure_x_renewal_bucket: pair(tenure, renewal),
            sales_channel_x_renewal_bucket: pair(customer.sales_channel, renewal),
            has_interaction_x_renewal_bucket: pair(has_interaction.as_deref(), renewal),
            competition_x_intent: pair(competition.as_deref(), intent),
        }
    }
}

/// The eight columns.
pub(super) fn columns(rows: &[Strings]) -> Vec<Column> {
    vec![
        text("intent_x_renewal_bucket", rows, |s| Some(&s.intent_x_renewal_bucket)),
        text("intent_x_tenure_bucket", rows, |s| Some(&s.intent_x_tenure_bucket)),
        text("sentiment_x_renewal_bucket", rows, |s| Some(&s.sentiment_x_renewal_bucket)),
        text("intent_x_sentiment", rows, |s| Some(&s.intent_x_sentiment)),
        text("tenure_x_renewal_bucket", rows, |s| Some(&s.tenure_x_renewal_bucket)),
        text("sales_channel_x_renewal_bucket", rows, |s| Some(&s.sales_channel_x_renewal_bucket)),
        text("has_interaction_x_renewal_bucket", rows, |s| Some(&s.has_interaction_x_renewal_bucket)),
        text("competition_x_intent", rows, |s| Some(&s.competition_x_intent)),
    ]
}

fn pair(left: Option<&str>, right: Option<&str>) -> String {
    format!("{}_x_{}", left.unwrap_or(MISSING), right.unwrap_or(MISSING))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gold::spans::date;
    use crate::snapshot_date::SnapshotDate;

    fn strings(customer: Customer<'_>) -> Strings {
        let as_of = SnapshotDate::parse("2024-12-31").unwrap();
        Strings::of(&customer, &Lifecycle::of(&customer, None, as_of))
    }

    #[test]
    fn both_sides_are_joined_and_flags_are_written_as_integers() {
        let expected = Strings {
            intent_x_renewal_bucket: "Pricing Offers_x_0-3m".to_owned(),
            intent_x_tenure_bucket: "Pricing Offers_x_1-2y".to_owned(),
            sentiment_x_renewal_bucket: "neutral_x_0-3m".to_owned(),
            intent_x_sentiment: "Pricing Offers_x_neutral".to_owned(),
            tenure_x_renewal_bucket: "1-2y_x_0-3m".to_owned(),
            sales_channel_x_renewal_bucket: "Office_x_0-3m".to_owned(),
            has_interaction_x_renewal_bucket: "1_x_0-3m".to_owned(),
            competition_x_intent: "0_x_Pricing Offers".to_owned(),
        };
        let customer = Customer {
            intent: Some("Pricing Offers"),
            sentiment_label: Some("neutral"),
            sales_channel: Some("Office"),
            has_interaction: Some(1),
            is_high_competition_province: Some(0),
            next_renewal: date("2025-02-01"),
            first_activation: date("2023-06-01"),
            ..Customer::default()
        };
        assert_eq!(strings(customer), expected);
    }

    #[test]
    fn a_missing_side_is_written_unknown() {
        let unknown = strings(Customer::default());
        assert_eq!(unknown.has_interaction_x_renewal_bucket, "Unknown_x_Unknown");
        assert_eq!(unknown.competition_x_intent, "Unknown_x_Unknown");
        let called = strings(Customer { has_interaction: Some(1), ..Customer::default() });
        assert_eq!(called.has_interaction_x_renewal_bucket, "1_x_Unknown");
    }
}
