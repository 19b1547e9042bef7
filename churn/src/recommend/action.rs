//! What is done, and when: the words of the recommendation table.

use serde::{Deserialize, Serialize};

/// What to do for a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing is offered.
    NoOffer,
    /// A small retention offer.
    OfferSmall,
    /// A medium retention offer.
    OfferMedium,
    /// A large retention offer.
    OfferLarge,
}

impl Action {
    /// All of them, the cheapest first.
    pub const ALL: [Self; 4] = [Self::NoOffer, Self::OfferSmall, Self::OfferMedium, Self::OfferLarge];
    /// Those that offer something, the cheapest first.
    pub const OFFERS: [Self; 3] = [Self::OfferSmall, Self::OfferMedium, Self::OfferLarge];

    /// The action of a text in tables.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == word)
    }

    /// Whether anything is offered.
    pub fn is_offer(self) -> bool {
        self != Self::NoOffer
    }

    /// The text in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoOffer => "no_offer",
            Self::OfferSmall => "offer_small",
            Self::OfferMedium => "offer_medium",
            Self::OfferLarge => "offer_large",
        }
    }
}

/// When to act, counted from the as-of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TimingWindow {
    /// At once.
    #[serde(rename = "immediate")]
    Immediate,
    /// Between 30 and 60 days.
    #[serde(rename = "30_60_days")]
    Days30To60,
    /// Between 60 and 90 days.
    #[serde(rename = "60_90_days")]
    Days60To90,
}

impl TimingWindow {
    /// All of them, the soonest first.
    pub const ALL: [Self; 3] = [Self::Immediate, Self::Days30To60, Self::Days60To90];

    /// The first and the last day on which an offer is due, counted from the as-of date.
    pub fn days(self) -> (i64, i64) {
        match self {
            Self::Immediate => (0, 0),
            Self::Days30To60 => (30, 60),
            Self::Days60To90 => (60, 90),
        }
    }

    /// The text in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Immediate => "immediate",
            Self::Days30To60 => "30_60_days",
            Self::Days60To90 => "60_90_days",
        }
    }
}
