//! Tier `compound`: flags that need two things at once (6 features).

use polars::prelude::Column;

use super::behaviour::Behaviour;
use super::columns::flag;
use super::customer::Customer;
use super::lifecycle::Lifecycle;

/// The flags of one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the tier is six independent flags, one column each")]
pub(super) struct Compound {
    is_price_sensitive: bool,
    is_high_risk_lifecycle: bool,
    is_competition_x_renewal: bool,
    dual_fuel_x_renewal: bool,
    dual_fuel_x_competition: bool,
    dual_fuel_x_intent: bool,
}

impl Compound {
    pub(super) fn of(customer: &Customer<'_>, lifecycle: &Lifecycle, behaviour: &Behaviour) -> Self {
        let competition = customer.is_high_competition_province == Some(1);
        let renews_soon = matches!(lifecycle.renewal_bucket, Some("expired" | "0-3m"));
        let is_young = matches!(lifecycle.tenure_bucket, Some("0-6m" | "6-12m"));
        Self {
            is_price_sensitive: customer.intent == Some("Pricing Offers"),
            is_high_risk_lifecycle: renews_soon && is_young,
            is_competition_x_renewal: competition && lifecycle.is_within_3m_of_renewal,
            dual_fuel_x_renewal: lifecycle.is_dual_fuel && lifecycle.is_within_3m_of_renewal,
            dual_fuel_x_competition: lifecycle.is_dual_fuel && competition,
            dual_fuel_x_intent: lifecycle.is_dual_fuel && behaviour.recent_complaint(),
        }
    }
}

/// The six columns.
pub(super) fn columns(rows: &[Compound]) -> Vec<Column> {
    vec![
        flag("is_price_sensitive", rows, |c| c.is_price_sensitive),
        flag("is_high_risk_lifecycle", rows, |c| c.is_high_risk_lifecycle),
        flag("is_competition_x_renewal", rows, |c| c.is_competition_x_renewal),
        flag("dual_fuel_x_renewal", rows, |c| c.dual_fuel_x_renewal),
        flag("dual_fuel_x_competition", rows, |c| c.dual_fuel_x_competition),
        flag("dual_fuel_x_intent", rows, |c| c.dual_fuel_x_intent),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gold::market::Market;
    use crate::gold::months::Months;
    use crate::gold::spans::date;
    use crate::snapshot_date::SnapshotDate;

    fn flags(customer: Customer<'_>, gas_m3: f64) -> [bool; 6] {
        let as_of = SnapshotDate::parse("2024-12-31").unwrap();
        let market = Market::of(&Months { gas_m3: &[gas_m3], ..Months::all(&[1.0]) });
        let lifecycle = Lifecycle::of(&customer, Some(&market), as_of);
        let c = Compound::of(&customer, &lifecycle, &Behaviour::of(&customer, as_of));
        [
            c.is_price_sensitive,
            c.is_high_risk_lifecycle,
            c.is_competition_x_renewal,
            c.dual_fuel_x_renewal,
            c.dual_fuel_x_competition,
            c.dual_fuel_x_intent,
        ]
    }

    fn young_and_renewing() -> Customer<'static> {
        Customer {
            is_high_competition_province: Some(1),
            first_activation: date("2024-06-01"),
            next_renewal: date("2025-02-01"),
            intent: Some("Cancellation / Switch"),
            ..Customer::default()
        }
    }

    #[test]
    fn a_young_dual_fuel_customer_who_renews_soon_and_cancels_has_all_but_the_price() {
        assert_eq!(flags(young_and_renewing(), 1.0), [false, true, true, true, true, true]);
    }

    #[test]
    fn a_single_fuel_customer_has_no_dual_fuel_flag() {
        assert_eq!(flags(young_and_renewing(), 0.0), [false, true, true, false, false, false]);
    }

    #[test]
    fn a_long_tenure_or_a_far_renewal_is_no_high_risk() {
        let old = Customer { first_activation: date("2020-01-01"), ..young_and_renewing() };
        let far = Customer { next_renewal: date("2025-12-01"), ..young_and_renewing() };
        assert_eq!([flags(old, 1.0)[1], flags(far, 1.0)[1]], [false, false]);
        let expired = Customer { next_renewal: date("2024-12-01"), ..young_and_renewing() };
        assert!(flags(expired, 1.0)[1]);
    }

    #[test]
    fn nothing_known_means_no_flag() {
        assert_eq!(flags(Customer::default(), 1.0), [false; 6]);
        assert!(flags(Customer { intent: Some("Pricing Offers"), ..Customer::default() }, 0.0)[0]);
    }
}
