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
    /// The labels once more, where the same file has the optional column `label_date`: a row per customer and date. It is no
    /// file of its own, and so not among [`Self::ALL`].
    DatedLabel,
}

impl RawTable {
    /// All six, in reading order.
    pub const ALL: [RawTable; 6] = [
        RawTable::ChurnLabel,
        RawTable::CustomerAttributes,
        RawTable::CustomerContracts,
        RawTable::PriceHistory,
        RawTable::CostsByProvinceMonth,
        RawTable::CustomerInteractions,
    ];

    /// The file's name under `raw/`.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::ChurnLabel | Self::DatedLabel => "churn_label.csv",
            Self::CustomerAttributes => "customer_attributes.csv",
            Self::CustomerContracts => "customer_contracts.csv",
            Self::PriceHistory => "price_history.csv",
            Self::CostsByProvinceMonth => "costs_by_province_month.csv",
            Self::CustomerInteractions => "customer_interactions.json",
        }
    }

    /// The table's name: the file's name without its ending.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChurnLabel | Self::DatedLabel => "churn_label",
            Self::CustomerAttributes => "customer_attributes",
            Self::CustomerContracts => "customer_contracts",
            Self::PriceHistory => "price_history",
            Self::CostsByProvinceMonth => "costs_by_province_month",
            Self::CustomerInteractions => "customer_interactions",
        }
    }
}
