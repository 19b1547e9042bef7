//! The columns of each raw file, as `column_registry.yaml` declares them too.

use super::cell::CellType::{self, Date, Flag, Id, Integer, Month, Number, Text};
use super::raw_table::RawTable;

/// A column's name in the file and what its cells must hold.
pub type RawColumn = (&'static str, CellType);

impl RawTable {
    /// The columns that the file must have; others are ignored.
    pub fn columns(self) -> &'static [RawColumn] {
        match self {
            Self::ChurnLabel => &[("customer_id", Id), ("churn", Flag)],
            Self::DatedLabel => &[("customer_id", Id), ("churn", Flag), ("label_date", Date)],
            Self::CustomerAttributes => &[
                ("customer_id", Id),
                ("contracted_power_kw", Number),
                ("is_industrial", Flag),
                ("is_second_residence", Flag),
                ("province_code", Integer),
                ("region", Text),
                ("is_high_competition_province", Flag),
                ("is_urban", Flag),
            ],
            Self::CustomerContracts => &[
                ("customer_id", Id),
                ("sales_channel", Text),
                ("customer_first_activation_date", Date),
                ("contract_start_date", Date),
                ("last_product_change_date", Date),
                ("next_renewal_date", Date),
            ],
            Self::PriceHistory => &[
                ("customer_id", Id),
                ("pricing_date", Date),
                ("variable_price_tier1_eur_kwh", Number),
                ("variable_price_tier2_eur_kwh", Number),
                ("variable_price_tier3_eur_kwh", Number),
                ("elec_fixed_fee_eur_month", Number),
                ("elec_fixed_cost_eur_month", Number),
                ("gas_variable_price_eur_m3", Number),
                ("gas_fixed_revenue_eur_year", Number),
                ("gas_fixed_cost_eur_year", Number),
            ],
            Self::CostsByProvinceMonth => &[
                ("month", Month),
                ("province", Integer),
                ("elec_var_cost_eur_kwh", Number),
                ("gas_var_cost_eur_m3", Number),
                ("peaje_elec_eur_kwh", Number),
            ],
            Self::CustomerInteractions => {
                &[("customer_id", Id), ("date", Date), ("channel", Text), ("interaction_summary", Text)]
            }
            Self::OfferOutcomes => &[
                ("customer_id", Id),
                ("date", Date),
                ("action", Text),
                ("control", Flag),
                ("accepted", Flag),
                ("churned", Flag),
            ],
            Self::ContactConsent => &[("customer_id", Id), ("contact_consent", Flag)],
        }
    }
}
