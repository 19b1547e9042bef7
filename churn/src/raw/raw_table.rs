//! The small raw files.

/// One of the small raw files. (The hourly readings are read by [`crate::hourly`].)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RawTable {
    /// Who left: the backbone, one row per customer.
    ChurnLabel,
    /// Supply point and place, one row per customer.
    CustomerAttributes,
    /// Channel and contract dates, one row per customer.
    CustomerContracts,
    /// Prices, one row per customer and month; rows without a customer stay in (the bronze join drops them).
    PriceHistory,
    /// Energy costs, one row per province and month.
    CostsByProvinceMonth,
    /// Contacts with free text, any number of rows per customer.
    CustomerInteractions,
    /// What became of offers, any number of rows per customer; a delivery may come without it.
    OfferOutcomes,
    /// Who may be contacted: a column of `customer_contracts.csv` that need not be there.
    ContactConsent,
    /// The labels once more, where the same file has the optional column `label_date`: a row per customer and date. It is no
    /// file of its own, and so not among [`Self::ALL`].
    DatedLabel,
}

impl RawTable {
    /// The six that every delivery has, in reading order.
    pub const ALL: [RawTable; 6] = [
        RawTable::ChurnLabel,
        RawTable::CustomerAttributes,
        RawTable::CustomerContracts,
        RawTable::PriceHistory,
        RawTable::CostsByProvinceMonth,
        RawTable::CustomerInteractions,
    ];
    /// The files that a delivery may have beside them.
    pub const OPTIONAL: [RawTable; 1] = [RawTable::OfferOutcomes];

    /// Every small file that a delivery may have, those that it must have first.
    pub fn files() -> impl Iterator<Item = RawTable> {
        Self::ALL.into_iter().chain(Self::OPTIONAL)
    }

    /// The file's name under `raw/`.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::ChurnLabel | Self::DatedLabel => "churn_label.csv",
            Self::CustomerAttributes => "customer_attributes.csv",
            Self::CustomerContracts | Self::ContactConsent => "customer_contracts.csv",
            Self::PriceHistory => "price_history.csv",
            Self::CostsByProvinceMonth => "costs_by_province_month.csv",
            Self::CustomerInteractions => "customer_interactions.json",
            Self::OfferOutcomes => "offer_outcomes.csv",
        }
    }

    /// The table's name: the file's name without its ending, or that of the part of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChurnLabel | Self::DatedLabel => "churn_label",
            Self::CustomerAttributes => "customer_attributes",
            Self::CustomerContracts => "customer_contracts",
            Self::PriceHistory => "price_history",
            Self::CostsByProvinceMonth => "costs_by_province_month",
            Self::CustomerInteractions => "customer_interactions",
            Self::OfferOutcomes => "offer_outcomes",
            Self::ContactConsent => "contact_consent",
        }
    }

    /// Whether the file need not have any row: nobody need have called, and no offer been made.
    pub fn may_be_empty(self) -> bool {
        matches!(self, Self::CustomerInteractions | Self::OfferOutcomes)
    }

    /// The columns that no two rows share; none where a customer has any number of rows. A date compares by its month, that of an
    /// offer by its day.
    pub fn key(self) -> &'static [&'static str] {
        match self {
            Self::ChurnLabel | Self::CustomerAttributes | Self::CustomerContracts | Self::ContactConsent => {
                &["customer_id"]
            }
            Self::PriceHistory => &["customer_id", "pricing_date"],
            Self::CostsByProvinceMonth => &["month", "province"],
            Self::DatedLabel => &["customer_id", "label_date"],
            Self::OfferOutcomes => &["customer_id", "date", "action"],
            Self::CustomerInteractions => &[],
        }
    }
}
