//! How a text sounds: the interface of every sentiment model.
//!
//! A churn model trained on one sentiment model must not score with another; the digest of the
//! sentiment model is therefore part of the digest of every table that holds its shares.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Result;

/// The shares of a text, each 0..=1 and together 1 up to rounding, and its label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sentiment {
    /// Share that is negative.
    pub neg: f64,
    /// Share that is neutral.
    pub neu: f64,
    /// Share that is positive.
    pub pos: f64,
    /// What the model makes of it; not always the largest share.
    pub label: SentimentLabel,
}

/// The three ways a text can sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SentimentLabel {
    /// `negative`
    Negative,
    /// `neutral`
    Neutral,
    /// `positive`
    Positive,
}

impl SentimentLabel {
    /// The word in the column `sentiment_label`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Negative => "negative",
            Self::Neutral => "neutral",
            Self::Positive => "positive",
        }
    }
}

impl fmt::Display for SentimentLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Scores texts; the same text gives the same bits every time.
pub trait SentimentModel: Send + Sync {
    /// Tells two models apart that may score a text differently.
    fn digest(&self) -> &str;

    /// The sentiment of one text. Empty text is the caller's to leave out.
    fn score(&self, text: &str) -> Result<Sentiment>;
}
