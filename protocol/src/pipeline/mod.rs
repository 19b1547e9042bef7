//! What workflow `ChurnPipeline` takes, answers and returns, and the names of its stages.

mod as_of;
mod decision;
mod input;
mod result;
mod run_result;
mod slice_result;
mod stage_inputs;
mod stage_name;

pub use as_of::{AsOf, BUSINESS_ZONE};
pub use decision::Decision;
pub use input::{LATEST_DELIVERY, Mode, PipelineInput, Promotion, RAW_FOLDER};
pub use result::{ModelResult, Outcome, PipelineResult, VerdictResult};
pub use run_result::{EarlyEnd, EarlyState, RunError, RunResult};
pub use slice_result::SliceResult;
pub use stage_name::{COUNTED, StageName};

/// The workflow's type, as its starters name it.
pub const WORKFLOW_TYPE: &str = "ChurnPipeline";
