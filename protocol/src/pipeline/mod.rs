//! What workflow `ChurnPipeline` takes, answers and returns.

mod decision;
mod input;
mod progress;
mod result;
mod retry_report;
mod run_result;

pub use decision::Decision;
pub use input::{Mode, PipelineInput};
pub use progress::{Progress, StageProgress, StageState};
pub use result::{ModelResult, Outcome, PipelineResult, StageResult, VerdictResult};
pub use retry_report::{RetryReport, SIGNAL};
pub use run_result::{EarlyEnd, EarlyState, RunError, RunResult};
