//! What workflow `Backtest` takes and returns, and the names of its stages.

mod input;
mod report;
mod stage;

pub use input::BacktestInput;
pub use report::BacktestReport;
pub use stage::BacktestStage;

/// The workflow's type.
pub const WORKFLOW_TYPE: &str = "Backtest";
