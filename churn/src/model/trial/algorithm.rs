//! The algorithms that are tried, by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// An algorithm of the ladder, from the one that looks at nobody to the one that scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// The churn rate for everybody.
    DummyMostFrequent,
    /// Guesses at the churn rate.
    DummyStratified,
    /// Balanced logistic regression.
    LogisticRegression,
    /// A balanced forest of 300 trees.
    RandomForest,
    /// The boosted trees of a challenger.
    Xgboost,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::DummyMostFrequent, Self::DummyStratified, Self::LogisticRegression, Self::RandomForest, Self::Xgboost];

    /// The word in inputs and leaderboards.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DummyMostFrequent => "dummy_most_frequent",
            Self::DummyStratified => "dummy_stratified",
            Self::LogisticRegression => "logistic_regression",
            Self::RandomForest => "random_forest",
            Self::Xgboost => "xgboost",
        }
    }

    /// Whether the features make a difference.
    pub fn looks_at_features(self) -> bool {
        !matches!(self, Self::DummyMostFrequent | Self::DummyStratified)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Algorithm {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text).ok_or_else(|| {
            let known = Self::ALL.map(Self::as_str).join(", ");
            Error::settings("algorithm", format!("`{text}` is not one of {known}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_reads_as_it_is_written() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.as_str().parse::<Algorithm>().unwrap(), algorithm);
            assert_eq!(serde_json::to_value(algorithm).unwrap(), algorithm.as_str());
        }
        assert!("lightgbm".parse::<Algorithm>().unwrap_err().to_string().contains("random_forest, xgboost"));
    }
}
