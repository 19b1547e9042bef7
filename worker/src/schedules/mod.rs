//! The schedules: what runs when. `schedules.yaml` says it, the Temporal server does it; here they are compared and
//! brought in line.
//!
//! A schedule that was made from the file bears a mark in the memo of what it starts: the task queue that it is for. What has no such
//! mark is somebody else's and is never removed.

mod calendar;
mod facts;
mod file;
mod plan;
mod server;
mod wanted;

pub use file::{Overlap, ScheduleDefinition, ScheduledWorkflow, SchedulesFile};
pub use plan::{Change, Planned, Prune, plan};
pub use server::{Described, Schedules, status_name, time};
pub use wanted::wanted;
