//! Tier `lifecycle`: where the customer stands in its contract, and who it is (15 features).

use polars::prelude::Column;

use super::columns::{code, flag, measure, text};
use super::customer::Customer;
use super::market::Market;
use super::spans::{months, round, round_to_tenth};
use crate::snapshot_date::SnapshotDate;

/// The features of one customer that are not a plain copy.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "independent flags, one column each")]
pub(super) struct Lifecycle {
    /// Rounded to a tenth; negative when the renewal date has passed.
    pub(super) months_to_renewal: Option<f64>,
    pub(super) renewal_bucket: Option<&'static str>,
    pub(super) is_within_3m_of_renewal: bool,
    /// Rounded to whole months.
    pub(super) tenure_months: Option<f64>,
    pub(super) tenure_bucket: Option<&'static str>,
    pub(super) is_expired_contract: bool,
    pub(super) is_dual_fuel: bool,
    pub(super) portfolio_type: Option<String>,
    pub(super) is_comparison_channel: bool,
    pub(super) is_own_website_channel: bool,
}

impl Lifecycle {
    /// `market` is none for a customer without a month: it consumes nothing.
    pub(super) fn of(customer: &Customer<'_>, market: Option<&Market>, as_of: SnapshotDate) -> Self {
        let today = as_of.date();
        let months_to_renewal = customer.next_renewal.map(|renewal| round_to_tenth(months(renewal, today)));
        let renewal_bucket = months_to_renewal.map(renewal_bucket);
        let tenure_months = customer.first_activation.map(|activation| round(months(today, activation)));
        // The means are of the months that are known, and above 0 when one of them is.
        let takes_elec = market.is_some_and(|market| market.avg_monthly_elec_kwh > 0.0);
        let takes_gas = market.is_some_and(|market| market.avg_monthly_gas_m3 > 0.0);
        let fuel = if takes_gas { "DualFuel" } else { "SingleFuel" };
        Self {
            months_to_renewal,
            renewal_bucket,
            is_within_3m_of_renewal: months_to_renewal.is_some_and(|months| months <= 3.0),
            tenure_months,
            tenure_bucket: tenure_months.and_then(tenure_bucket),
            is_expired_contract: renewal_bucket == Some("expired"),
            is_dual_fuel: takes_elec && takes_gas,
            portfolio_type: customer.segment.map(|segment| format!("{segment}_{fuel}")),
            is_comparison_channel: customer.sales_channel == Some("Comparison Website"),
            is_own_website_channel: customer.sales_channel == Some("Own Website"),
        }
    }
}

/// The 15 columns.
pub(super) fn columns(customers: &[Customer<'_>], rows: &[Lifecycle]) -> Vec<Column> {
    vec![
        measure("months_to_renewal", rows, |l| l.months_to_renewal),
        text("renewal_bucket", rows, |l| l.renewal_bucket),
        flag("is_within_3m_of_renewal", rows, |l| l.is_within_3m_of_renewal),
        measure("tenure_months", rows, |l| l.tenure_months),
        text("tenure_bucket", rows, |l| l.tenure_bucket),
        flag("is_expired_contract", rows, |l| l.is_expired_contract),
        text("segment", customers, |c| c.segment),
        text("sales_channel", customers, |c| c.sales_channel),
        code("is_high_competition_province", customers, |c| c.is_high_competition_province),
        code("is_second_residence", customers, |c| c.is_second_residence),
        flag("is_dual_fuel", rows, |l| l.is_dual_fuel),
        text("portfolio_type", rows, |l| l.portfolio_type.as_deref()),
        flag("is_digital_channel", rows, |l| l.is_comparison_channel || l.is_own_website_channel),
        flag("is_comparison_channel", rows, |l| l.is_comparison_channel),
        flag("is_own_website_channel", rows, |l| l.is_own_website_channel),
    ]
}

fn renewal_bucket(months_to_renewal: f64) -> &'static str {
    match months_to_renewal {
        months if months <= 0.0 => "expired",
        months if months <= 3.0 => "0-3m",
        months if months <= 6.0 => "3-6m",
        months if months <= 12.0 => "6-12m",
        _ => "12m+",
    }
}

fn tenure_bucket(tenure_months: f64) -> Option<&'static str> {
    match tenure_months {
        months if months <= 0.0 => None,
        months if months <= 6.0 => Some("0-6m"),
        months if months <= 12.0 => Some("6-12m"),
        months if months <= 24.0 => Some("1-2y"),
        months if months <= 60.0 => Some("2-5y"),
        _ => Some("5y+"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gold::months::Months;
    use crate::gold::spans::date;

    fn at(as_of: &str, customer: Customer<'_>) -> Lifecycle {
        Lifecycle::of(&customer, None, SnapshotDate::parse(as_of).unwrap())
    }

    fn renewing(next_renewal: &str) -> Lifecycle {
        at("2024-12-31", Customer { next_renewal: date(next_renewal), ..Customer::default() })
    }

    fn activated(first_activation: &str) -> Lifecycle {
        at("2024-12-31", Customer { first_activation: date(first_activation), ..Customer::default() })
    }

    #[test]
    fn a_renewal_tomorrow_rounds_to_zero_and_counts_as_expired() {
        let tomorrow = renewing("2025-01-01");
        assert_eq!((tomorrow.months_to_renewal, tomorrow.renewal_bucket), (Some(0.0), Some("expired")));
        assert!(tomorrow.is_expired_contract && tomorrow.is_within_3m_of_renewal);
        // 2 days are 0.066 months, which round to 0.1.
        assert_eq!(renewing("2025-01-02").renewal_bucket, Some("0-3m"));
    }

    #[test]
    fn renewal_buckets_are_closed_at_the_right_of_the_rounded_months() {
        // 92 days are 3.02 months, rounded 3.0; 93 days are 3.06, rounded 3.1.
        assert_eq!(
            (renewing("2025-04-02").renewal_bucket, renewing("2025-04-02").is_within_3m_of_renewal),
            (Some("0-3m"), true)
        );
        assert_eq!(
            (renewing("2025-04-03").renewal_bucket, renewing("2025-04-03").is_within_3m_of_renewal),
            (Some("3-6m"), false)
        );
        assert_eq!([6.0, 6.1, 12.0, 12.1].map(renewal_bucket), ["3-6m", "6-12m", "6-12m", "12m+"]);
        // 366 days are 12.02 months, rounded 12.0; 367 days are 12.06, rounded 12.1.
        assert_eq!(renewing("2026-01-01").renewal_bucket, Some("6-12m"));
        assert_eq!(renewing("2026-01-02").renewal_bucket, Some("12m+"));
    }

    #[test]
    fn a_passed_renewal_is_negative_and_within_three_months() {
        let passed = renewing("2024-11-30"); // 31 days
        assert_eq!((passed.months_to_renewal, passed.renewal_bucket), (Some(-1.0), Some("expired")));
        assert!(passed.is_within_3m_of_renewal);
    }

    #[test]
    fn without_a_renewal_date_there_is_no_bucket_and_no_flag() {
        let unknown = at("2024-12-31", Customer::default());
        assert_eq!((unknown.months_to_renewal, unknown.renewal_bucket), (None, None));
        assert!(!unknown.is_within_3m_of_renewal && !unknown.is_expired_contract);
    }

    #[test]
    fn tenure_rounds_to_whole_months_and_zero_has_no_bucket() {
        // 15 days are 0.49 months, 16 days 0.53.
        assert_eq!((activated("2024-12-16").tenure_months, activated("2024-12-16").tenure_bucket), (Some(0.0), None));
        assert_eq!(
            (activated("2024-12-15").tenure_months, activated("2024-12-15").tenure_bucket),
            (Some(1.0), Some("0-6m"))
        );
        assert_eq!(activated("2025-03-01").tenure_bucket, None);
        assert_eq!(
            (at("2024-12-31", Customer::default()).tenure_months, at("2024-12-31", Customer::default()).tenure_bucket),
            (None, None)
        );
        let edges = [6.0, 7.0, 12.0, 13.0, 24.0, 25.0, 60.0, 61.0].map(|months| tenure_bucket(months).unwrap());
        assert_eq!(edges, ["0-6m", "6-12m", "6-12m", "1-2y", "1-2y", "2-5y", "2-5y", "5y+"]);
    }

    #[test]
    fn spans_count_the_leap_day() {
        // 29 February to 31 March 2024 are 31 days, 1.0 months.
        let leap =
            Customer { next_renewal: date("2024-03-31"), first_activation: date("2024-01-30"), ..Customer::default() };
        let seen = at("2024-02-29", leap);
        assert_eq!((seen.months_to_renewal, seen.tenure_months), (Some(1.0), Some(1.0)));
    }

    #[test]
    fn the_portfolio_follows_the_gas_and_dual_fuel_needs_both() {
        let as_of = SnapshotDate::parse("2024-12-31").unwrap();
        let customer = Customer { segment: Some("SME"), ..Customer::default() };
        let fuels = |elec_kwh: f64, gas_m3: f64| {
            let market = Market::of(&Months { elec_kwh: &[elec_kwh], gas_m3: &[gas_m3], ..Months::all(&[1.0]) });
            let lifecycle = Lifecycle::of(&customer, Some(&market), as_of);
            (lifecycle.is_dual_fuel, lifecycle.portfolio_type.unwrap())
        };
        assert_eq!(fuels(1.0, 1.0), (true, "SME_DualFuel".to_owned()));
        assert_eq!(fuels(1.0, 0.0), (false, "SME_SingleFuel".to_owned()));
        assert_eq!(fuels(0.0, 1.0), (false, "SME_DualFuel".to_owned()));
    }

    #[test]
    fn a_customer_without_readings_is_single_fuel_and_one_without_segment_has_no_portfolio() {
        let known = at("2024-12-31", Customer { segment: Some("Residential"), ..Customer::default() });
        assert_eq!((known.is_dual_fuel, known.portfolio_type.as_deref()), (false, Some("Residential_SingleFuel")));
        assert_eq!(at("2024-12-31", Customer::default()).portfolio_type, None);
    }

    #[test]
    fn two_channels_are_digital() {
        let through = |channel| {
            let rows = [at("2024-12-31", Customer { sales_channel: channel, ..Customer::default() })];
            let columns = columns(&[Customer::default()], &rows);
            columns[12..].iter().map(|column| column.i32().unwrap().get(0).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(through(Some("Comparison Website")), [1, 1, 0]);
        assert_eq!(through(Some("Own Website")), [1, 0, 1]);
        assert_eq!(through(Some("Office")), [0, 0, 0]);
        assert_eq!(through(None), [0, 0, 0]);
    }
}
