//! Which time each feature reads: nothing of it lies after the snapshot date, but what is known in advance.
//!
//! `churn/tests/time_travel.rs` holds every line of it against the computation.

/// A part of what is known of a customer, and the time that it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Window {
    /// Who the customer is, as the files say it when they are delivered: no date.
    AsDelivered,
    /// The date of the next renewal. It may lie after the snapshot date: it is known in advance.
    NextRenewal,
    /// From the first activation to the snapshot date.
    Relationship,
    /// The twelve months that end with the last whole month by the snapshot date.
    TwelveMonths,
    /// The last six of these.
    SixMonths,
    /// The last contact up to the snapshot date.
    LastContact,
    /// The last change of product up to the snapshot date.
    LastChange,
}

impl Window {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::AsDelivered,
        Self::NextRenewal,
        Self::Relationship,
        Self::TwelveMonths,
        Self::SixMonths,
        Self::LastContact,
        Self::LastChange,
    ];

    /// A short name.
    pub fn name(self) -> &'static str {
        match self {
            Self::AsDelivered => "as delivered",
            Self::NextRenewal => "next renewal",
            Self::Relationship => "relationship",
            Self::TwelveMonths => "twelve months",
            Self::SixMonths => "six months",
            Self::LastContact => "last contact",
            Self::LastChange => "last change",
        }
    }

    /// What the name means.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::AsDelivered => "who the customer is, as the newest files say it: no date",
            Self::NextRenewal => "the date of the next renewal; it may lie after `as_of`, since it is known in advance",
            Self::Relationship => "from the first activation to `as_of`",
            Self::TwelveMonths => "the twelve months that end with the last whole month by `as_of`",
            Self::SixMonths => "the last six of these",
            Self::LastContact => "the last contact up to `as_of`, or an undated one where there is no other",
            Self::LastChange => "the last change of product, where it was before `as_of` or on it",
        }
    }
}

/// What a feature reads, by its name; nothing of a name that is no feature.
pub fn windows(feature: &str) -> Option<&'static [Window]> {
    use Window::{AsDelivered, LastChange, LastContact, NextRenewal, Relationship, SixMonths, TwelveMonths};
    let windows: &[Window] = match feature {
        "segment"
        | "sales_channel"
        | "is_high_competition_province"
        | "is_second_residence"
        | "is_digital_channel"
        | "is_comparison_channel"
        | "is_own_website_channel" => &[AsDelivered],

        "months_to_renewal" | "renewal_bucket" | "is_within_3m_of_renewal" | "is_expired_contract" => &[NextRenewal],

        "tenure_months" | "tenure_bucket" => &[Relationship],

        "is_dual_fuel"
        | "avg_monthly_elec_kwh"
        | "total_elec_kwh_2024"
        | "avg_monthly_gas_m3"
        | "total_gas_m3_2024"
        | "gas_share_of_revenue"
        | "price_update_count"
        | "province_avg_elec_cost_2024"
        | "province_avg_gas_cost_2024"
        | "std_monthly_elec_kwh"
        | "std_monthly_gas_m3"
        | "std_margin"
        | "active_months_count"
        | "min_monthly_margin"
        | "max_negative_margin"
        | "elec_price_trend_12m"
        | "gas_price_trend_12m"
        | "province_elec_cost_trend"
        | "elec_price_volatility_12m"
        | "elec_price_vs_province_cost_spread"
        | "is_price_increase" => &[TwelveMonths],

        "rolling_margin_trend" => &[SixMonths],

        "has_interaction"
        | "customer_intent"
        | "is_cancellation_intent"
        | "is_complaint_intent"
        | "recent_complaint_flag"
        | "intent_severity_score"
        | "last_interaction_days_ago"
        | "sentiment_label"
        | "is_negative_sentiment"
        | "complaint_x_negative_sentiment"
        | "is_price_sensitive"
        | "intent_x_sentiment" => &[LastContact],

        "months_since_last_change" => &[LastChange],

        "portfolio_type" | "dual_fuel_x_competition" => &[AsDelivered, TwelveMonths],
        "is_competition_x_renewal" | "sales_channel_x_renewal_bucket" => &[AsDelivered, NextRenewal],
        "competition_x_intent" => &[AsDelivered, LastContact],
        "is_high_risk_lifecycle" | "tenure_x_renewal_bucket" => &[NextRenewal, Relationship],
        "dual_fuel_x_renewal" => &[NextRenewal, TwelveMonths],
        "interaction_within_3m_of_renewal"
        | "is_interaction_within_30d_of_renewal"
        | "complaint_near_renewal"
        | "intent_x_renewal_bucket"
        | "sentiment_x_renewal_bucket"
        | "has_interaction_x_renewal_bucket" => &[NextRenewal, LastContact],
        "intent_x_tenure_bucket" => &[Relationship, LastContact],
        "dual_fuel_x_intent" => &[TwelveMonths, LastContact],
        _ => return None,
    };
    Some(windows)
}
