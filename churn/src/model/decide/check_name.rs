//! The names of the checks that a verdict is made of.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which check of a verdict. In JSON it is its word.
///
/// Verdicts are read from registrations and histories that another version of the program may have written, with
/// checks that this one does not know. Their words are kept as they are: such a verdict can still be read, shown
/// and compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum CheckName {
    /// The holdout PR-AUC reaches the floor.
    PrAucFloor,
    /// The challenger loses no more than allowed against the champion.
    NotWorseThanChampion,
    /// Nor against the best champion of these labels, measured again.
    NotWorseThanBest,
    /// Its probabilities mean what they say.
    Calibration,
    /// No kind of customers pays for the others.
    Slices,
    /// No single column gives the outcome away.
    Leakage,
    /// The challenger was not trained for an earlier date than the champion.
    NotOlderThanChampion,
    /// Nobody has taken the version back.
    NotWithdrawn,
    /// A person has approved it.
    ManualApproval,
    /// A check of another version of the program, by its word.
    Other(String),
}

impl CheckName {
    /// The checks of this version, in the order of a verdict.
    pub(in crate::model) const KNOWN: [Self; 9] = [
        Self::PrAucFloor,
        Self::NotWorseThanChampion,
        Self::NotWorseThanBest,
        Self::Calibration,
        Self::Slices,
        Self::Leakage,
        Self::NotOlderThanChampion,
        Self::NotWithdrawn,
        Self::ManualApproval,
    ];

    /// The stable word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::PrAucFloor => "pr_auc_floor",
            Self::NotWorseThanChampion => "not_worse_than_champion",
            Self::NotWorseThanBest => "not_worse_than_best",
            Self::Calibration => "calibration",
            Self::Slices => "slices",
            Self::Leakage => "leakage",
            Self::NotOlderThanChampion => "not_older_than_champion",
            Self::NotWithdrawn => "not_withdrawn",
            Self::ManualApproval => "manual_approval",
            Self::Other(word) => word,
        }
    }
}

impl From<String> for CheckName {
    fn from(word: String) -> Self {
        Self::KNOWN.into_iter().find(|known| known.as_str() == word).unwrap_or(Self::Other(word))
    }
}

impl From<CheckName> for String {
    fn from(name: CheckName) -> Self {
        name.as_str().to_owned()
    }
}

impl fmt::Display for CheckName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_the_same_before_and_after_json_also_one_of_another_version() {
        let words = [
            "pr_auc_floor",
            "not_worse_than_champion",
            "not_worse_than_best",
            "calibration",
            "slices",
            "leakage",
            "not_older_than_champion",
            "not_withdrawn",
            "manual_approval",
            "calibration_floor",
        ];
        let names: Vec<CheckName> = serde_json::from_value(serde_json::json!(words)).unwrap();
        assert_eq!(names[..9], CheckName::KNOWN);
        assert_eq!(names[9], CheckName::Other("calibration_floor".to_owned()));
        assert_eq!(serde_json::to_value(names).unwrap(), serde_json::json!(words));
    }
}
