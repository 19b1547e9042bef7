//! The columns of words that customers are filtered by.

/// A column of words that can be filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// Residential, SME, Corporate.
    Segment,
    /// How far away the renewal is.
    Renewal,
    /// What the last contact was about.
    Intent,
    /// The tone of the last contact.
    Sentiment,
    /// INE code.
    Province,
    /// Who sold the contract.
    Channel,
}

impl Category {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Segment, Self::Renewal, Self::Intent, Self::Sentiment, Self::Province, Self::Channel];

    /// The column of the scores.
    pub fn column(self) -> &'static str {
        match self {
            Self::Segment => "segment",
            Self::Renewal => "renewal_bucket",
            Self::Intent => "customer_intent",
            Self::Sentiment => "sentiment_label",
            Self::Province => "province_code",
            Self::Channel => "sales_channel",
        }
    }

    /// The key of the URL.
    pub fn key(self) -> &'static str {
        match self {
            Self::Province => "province",
            other => other.column(),
        }
    }
}

/// The URL's word for an unknown value.
pub const UNKNOWN: &str = "unknown";
