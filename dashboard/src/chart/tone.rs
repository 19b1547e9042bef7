//! What a mark of a chart means; the style sheet knows its colour.

use churn::model::RiskTier;

/// The meaning of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// What is looked at.
    Current,
    /// What it is compared with.
    Reference,
    /// A risk tier.
    Tier(RiskTier),
    /// Good.
    Ok,
    /// A person should look.
    Warn,
    /// Bad.
    Fail,
    /// Nothing is known.
    Quiet,
}

impl Tone {
    /// The class of an area.
    pub(super) fn fill(self) -> &'static str {
        match self {
            Self::Current => "f-cur o",
            Self::Reference => "f-ref o",
            Self::Tier(RiskTier::Low) => "t-low o",
            Self::Tier(RiskTier::Medium) => "t-medium o",
            Self::Tier(RiskTier::High) => "t-high o",
            Self::Tier(RiskTier::Critical) => "t-critical o",
            Self::Ok => "f-ok o",
            Self::Warn => "f-warn o",
            Self::Fail => "f-fail o",
            Self::Quiet => "f-quiet o",
        }
    }

    /// The class of a line.
    pub(super) fn stroke(self) -> &'static str {
        match self {
            Self::Reference => "ref",
            _ => "cur",
        }
    }
}
