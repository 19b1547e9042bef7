//! How far a run of any workflow is: what its query answers, what the Temporal UI shows, what the worker's
//! commands follow. A workflow brings the names of its stages ([`Stage`]); whoever only reads takes them as
//! words (`Progress<String>`).

mod of_run;
mod retry_report;
mod stage;
mod stage_result;

pub use of_run::Progress;
pub use retry_report::{RetryReport, SIGNAL};
pub use stage::{Counted, Stage, StageProgress, StageState};
pub use stage_result::StageResult;

/// The query that every workflow with stages answers, with a [`Progress`].
pub const QUERY: &str = "progress";
