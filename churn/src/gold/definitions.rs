//! How each feature is computed, in the words of its formula.
//!
//! `scm` are the months in view of `silver_customer_month`, in their order; months of a span are days / 30.44. What needs a
//! value that is not known is null, and a flag of it is 0.

/// The definition of a feature, by its name; nothing of a name that is no feature.
pub fn definition(feature: &str) -> Option<&'static str> {
    lifecycle(feature)
        .or_else(|| market(feature))
        .or_else(|| risk(feature))
        .or_else(|| behaviour(feature))
        .or_else(|| compound(feature))
        .or_else(|| strings(feature))
}

fn lifecycle(feature: &str) -> Option<&'static str> {
    Some(match feature {
        "months_to_renewal" => "months from `as_of` to the next renewal, to one decimal; below 0 after it",
        "renewal_bucket" => {
            "`months_to_renewal`: up to 0 `expired`, up to 3 `0-3m`, up to 6 `3-6m`, up to 12 `6-12m`, else `12m+`"
        }
        "is_within_3m_of_renewal" => "`months_to_renewal` up to 3, an expired contract among them",
        "tenure_months" => "months from the first activation to `as_of`, to whole ones",
        "tenure_bucket" => {
            "`tenure_months`: up to 6 `0-6m`, up to 12 `6-12m`, up to 24 `1-2y`, up to 60 `2-5y`, else `5y+`; null up to 0"
        }
        "is_expired_contract" => "`renewal_bucket` is `expired`",
        "segment" | "sales_channel" | "is_second_residence" => "as delivered",
        "is_high_competition_province" => "1 where the province is marked as one of high competition",
        "is_dual_fuel" => "electricity above 0 and gas above 0 in scm",
        "portfolio_type" => "`segment` with `_DualFuel` where gas is above 0 in scm, else with `_SingleFuel`",
        "is_digital_channel" => "`sales_channel` is `Comparison Website` or `Own Website`",
        "is_comparison_channel" => "`sales_channel` is `Comparison Website`",
        "is_own_website_channel" => "`sales_channel` is `Own Website`",
        _ => return None,
    })
}

fn market(feature: &str) -> Option<&'static str> {
    Some(match feature {
        "avg_monthly_elec_kwh" => "mean of monthly electricity over the months of scm where it is known, kWh",
        "total_elec_kwh_2024" => "sum of electricity over scm, kWh",
        "avg_monthly_gas_m3" => "mean of monthly gas over the months of scm where it is known, m³",
        "total_gas_m3_2024" => "sum of gas over scm, m³",
        "gas_share_of_revenue" => "variable gas revenue / total revenue over scm; 0 where that is not above 0",
        "price_update_count" => "months of scm whose tier-1 price differs from the month before by more than EUR 0.001",
        "province_avg_elec_cost_2024" => "mean of the variable electricity cost in the province over scm, EUR per kWh",
        "province_avg_gas_cost_2024" => "mean of the variable gas cost in the province over scm, EUR per m³",
        _ => return None,
    })
}

fn risk(feature: &str) -> Option<&'static str> {
    Some(match feature {
        "std_monthly_elec_kwh" => "standard deviation (n - 1) of monthly electricity over scm where it is known, kWh",
        "std_monthly_gas_m3" => "standard deviation (n - 1) of monthly gas over scm where it is known, m³",
        "std_margin" => "standard deviation (n - 1) of the monthly margin over scm, EUR",
        "active_months_count" => "months of scm",
        "min_monthly_margin" => "the lowest monthly margin of scm, EUR",
        "max_negative_margin" => "months of scm with a margin below 0",
        "elec_price_trend_12m" => "(last - first) / first of the tier-1 prices above 0 in scm; 0 without one",
        "gas_price_trend_12m" => "(last - first) / first of the variable gas prices above 0 in scm; 0 without one",
        "province_elec_cost_trend" => {
            "(last - first) / first of the variable electricity costs above 0 in scm; 0 without one"
        }
        "elec_price_volatility_12m" => "standard deviation (n - 1) of the tier-1 price over scm, EUR per kWh",
        "elec_price_vs_province_cost_spread" => {
            "the last tier-1 price of scm less `province_avg_elec_cost_2024`, EUR per kWh"
        }
        "is_price_increase" => "`elec_price_trend_12m` above 0",
        "rolling_margin_trend" => {
            "mean margin of the last three months of scm less that of up to three before; 0 without one, EUR"
        }
        _ => return None,
    })
}

fn behaviour(feature: &str) -> Option<&'static str> {
    Some(match feature {
        "has_interaction" => "1 where there is a contact",
        "customer_intent" => "what the last contact was about, by the words of `intents.yaml`",
        "is_cancellation_intent" => "`customer_intent` is `Cancellation / Switch`",
        "is_complaint_intent" => "`customer_intent` is `Complaint / Escalation`",
        "recent_complaint_flag" => "`is_cancellation_intent` or `is_complaint_intent`",
        "intent_severity_score" => "3 `Cancellation / Switch`, 2 `Complaint / Escalation`, 1 `Pricing Offers`, else 0",
        "last_interaction_days_ago" => "days from the last contact to `as_of`",
        "interaction_within_3m_of_renewal" => "0 to 3 months from the last contact to the next renewal",
        "is_interaction_within_30d_of_renewal" => "0 to 1 month from the last contact to the next renewal",
        "complaint_near_renewal" => "`recent_complaint_flag` and `interaction_within_3m_of_renewal`",
        "months_since_last_change" => "months from the last change of product to `as_of`, to one decimal",
        "sentiment_label" => "the tone of the last contact, by the sentiment model of `pipeline.yaml`",
        "is_negative_sentiment" => "`sentiment_label` is `negative`",
        "complaint_x_negative_sentiment" => "`recent_complaint_flag` and `is_negative_sentiment`",
        _ => return None,
    })
}

fn compound(feature: &str) -> Option<&'static str> {
    Some(match feature {
        "is_price_sensitive" => "`customer_intent` is `Pricing Offers`",
        "is_high_risk_lifecycle" => "`renewal_bucket` is `expired` or `0-3m`, and `tenure_bucket` is `0-6m` or `6-12m`",
        "is_competition_x_renewal" => "`is_high_competition_province` and `is_within_3m_of_renewal`",
        "dual_fuel_x_renewal" => "`is_dual_fuel` and `is_within_3m_of_renewal`",
        "dual_fuel_x_competition" => "`is_dual_fuel` and `is_high_competition_province`",
        "dual_fuel_x_intent" => "`is_dual_fuel` and `recent_complaint_flag`",
        _ => return None,
    })
}

/// Both sides with `_x_` between them; a side that is not known is `Unknown`.
fn strings(feature: &str) -> Option<&'static str> {
    Some(match feature {
        "intent_x_renewal_bucket" => "`customer_intent` and `renewal_bucket` as one word",
        "intent_x_tenure_bucket" => "`customer_intent` and `tenure_bucket` as one word",
        "sentiment_x_renewal_bucket" => "`sentiment_label` and `renewal_bucket` as one word",
        "intent_x_sentiment" => "`customer_intent` and `sentiment_label` as one word",
        "tenure_x_renewal_bucket" => "`tenure_bucket` and `renewal_bucket` as one word",
        "sales_channel_x_renewal_bucket" => "`sales_channel` and `renewal_bucket` as one word",
        "has_interaction_x_renewal_bucket" => "`has_interaction` and `renewal_bucket` as one word",
        "competition_x_intent" => "`is_high_competition_province` and `customer_intent` as one word",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::FeatureTiers;

    #[test]
    fn every_shipped_feature_has_a_definition_and_what_it_names_is_a_feature_or_a_word_of_ours() {
        let tiers = FeatureTiers::parse(include_str!("../../../configs/feature_tiers.yaml")).unwrap();
        let names: Vec<&str> = tiers.by_tier().map(|(_, feature)| feature.name.as_str()).collect();
        for name in &names {
            let said = definition(name).unwrap_or_else(|| panic!("{name} has no definition"));
            // A feature that was renamed would leave its old name in the definitions of others.
            for word in said.split('`').skip(1).step_by(2).filter(|word| word.contains('_') && !word.starts_with('_')) {
                assert!(names.contains(&word) || word == "as_of", "{name} names {word}");
            }
        }
        assert_eq!(definition("churn"), None);
    }
}
