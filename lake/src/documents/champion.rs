//! The champion's pointer, `models/champion.json`, and the record of its moves, `models/moves/`.

use protocol::{ModelVersion, RunId};
use serde::{Deserialize, Serialize};

use super::registration::ChangeByHand;

/// Why the champion changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveCause {
    /// A challenger passed the gate.
    #[default]
    Promotion,
    /// A person went back to an earlier version.
    Rollback,
}

impl MoveCause {
    /// The word as commands show it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Promotion => "promotion",
            Self::Rollback => "rollback",
        }
    }
}

/// The champion as its pointer tells; the record of a move is the pointer that it left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChampionPointer {
    /// The model's version.
    pub version: ModelVersion,
    /// The workflow that promoted it, or the person who went back to it.
    pub promoted_by: String,
    /// When the pointer moved, RFC 3339.
    pub promoted_at: String,
    /// The champion before it.
    pub previous: Option<ModelVersion>,
    /// Who moved the pointer, when no run did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<ChangeByHand>,
    /// Which move this was, counted from 1; 0 of a pointer from before moves were counted.
    #[serde(default)]
    pub number: u64,
    /// Why it moved.
    #[serde(default)]
    pub cause: MoveCause,
    /// The run that moved it, when one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    /// The failed checks that a person promoted it against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overrode: Option<String>,
}

/// The champion of a time: the last move at or before it. Times are RFC 3339 in UTC; a date alone means its end.
pub fn champion_at<'a>(moves: &'a [ChampionPointer], time: &str) -> Option<&'a ChampionPointer> {
    // `~` sorts after every character of a time, so that a date covers its whole day.
    let until = format!("{time}~");
    moves.iter().rfind(|moved| moved.promoted_at.as_str() <= until.as_str())
}
