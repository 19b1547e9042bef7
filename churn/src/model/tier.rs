//! The four risk tiers of a churn probability.

use serde::{Deserialize, Serialize};

/// The risk tier of a customer; the labels are the business's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RiskTier {
    /// [0, 0.40)
    #[serde(rename = "Low (<40%)")]
    Low,
    /// [0.40, 0.60)
    #[serde(rename = "Medium (40-60%)")]
    Medium,
    /// [0.60, 0.80)
    #[serde(rename = "High (60-80%)")]
    High,
    /// [0.80, 1]
    #[serde(rename = "Critical (>80%)")]
    Critical,
}

impl RiskTier {
    /// From the lowest risk to the highest.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The tier of a churn probability as it is published (rounded to 4 decimals).
    pub fn of(churn_proba: f64) -> Self {
        if churn_proba < 0.40 {
            return Self::Low;
        }
        if churn_proba < 0.60 {
            return Self::Medium;
        }
        if churn_proba < 0.80 {
            return Self::High;
        }
        Self::Critical
    }

    /// The label in tables and on the dashboard.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "Low (<40%)",
            Self::Medium => "Medium (40-60%)",
            Self::High => "High (60-80%)",
            Self::Critical => "Critical (>80%)",
        }
    }

    /// The tier of a label.
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.as_str() == label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_belongs_to_the_tier_above() {
        use RiskTier::{Critical, High, Low, Medium};
        let tiers = [0.0, 0.3999, 0.40, 0.5999, 0.60, 0.7999, 0.80, 1.0].map(RiskTier::of);
        assert_eq!(tiers, [Low, Low, Medium, Medium, High, High, Critical, Critical]);
    }

    #[test]
    fn a_label_leads_back_to_its_tier_in_text_and_in_json() {
        for tier in RiskTier::ALL {
            assert_eq!(RiskTier::from_label(tier.as_str()), Some(tier));
            assert_eq!(serde_json::to_string(&tier).unwrap(), format!("\"{}\"", tier.as_str()));
        }
    }
}
