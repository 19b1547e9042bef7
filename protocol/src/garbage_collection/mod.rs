//! What workflow `GarbageCollection` takes, what its activities say, and what it returns: counts and bytes, no more.

mod input;
mod report;

pub use input::GarbageCollectionInput;
pub use report::{FindGarbage, GarbageLook, GarbageOutcome, GarbageReport, Heap, SweepGarbage};

/// The workflow's type.
pub const WORKFLOW_TYPE: &str = "GarbageCollection";
