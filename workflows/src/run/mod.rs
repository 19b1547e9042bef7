//! What a run of any workflow does: it calls activities, keeps its progress, tells people, and leaves a record.
//!
//! A workflow brings the names of its stages and its state ([`Tracked`]), and says in what order things happen.

mod announce;
mod call;
mod deadline;
mod execution;
mod failure;
mod options;
mod progress;
mod record;
mod silence;
mod together;

pub use announce::Event;
pub use call::Call;
pub use execution::{Execution, moment, now, text};
pub use failure::Failure;
pub use options::Weight;
pub use progress::{Tracked, Tracker, hear_of};
pub use record::Recording;
pub use together::{all_or_cause, at_most, both};
