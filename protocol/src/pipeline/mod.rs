//! What workflow `ChurnPipeline` takes, answers and returns.

mod decision;
mod input;
mod progress;
mod result;
mod retry_report;

pub use decision::Decision;
pub use input::{Mode, PipelineInput};
pub use progress::{Progress, StageProgress, StageState};
pub use result::{ModelResult, Outcome, PipelineResult, StageResult, VerdictResult};
pub use retry_report::{RetryReport, SIGNAL};
