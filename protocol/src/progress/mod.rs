//! How far a run of any workflow is: what its query answers, what the Temporal UI shows, what the worker's
//! commands follow. A workflow brings the names of its stages ([`Stage`]); whoever only reads takes them as
//! words (`Progress<String>`).

mod approval;
mod of_run;
mod pause;
mod retry_report;
mod stage;
mod stage_result;

pub use approval::{APPROVE, REJECT, WaitingApproval};
pub use of_run::Progress;
pub use pause::{PAUSE, Pause, PauseRequest, RESUME, Resumed};
pub use retry_report::{RetryReport, SIGNAL};
pub use stage::{Counted, Stage, StageProgress, StageState};
pub use stage_result::{MADE_AGAIN, StageResult};

/// The query that every workflow with stages answers, with a [`Progress`].
pub const QUERY: &str = "progress";
