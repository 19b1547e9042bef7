//! What workflow `ExperimentLadder` takes, what its activity says, what it returns, and the names of its stages.

mod input;
mod leaderboard;
mod stage;

pub use input::{LadderInput, LadderPlan, PlanLadder};
pub use leaderboard::{Leaderboard, LeaderboardRow};
pub use stage::LadderStage;

/// The workflow's type.
pub const WORKFLOW_TYPE: &str = "ExperimentLadder";
