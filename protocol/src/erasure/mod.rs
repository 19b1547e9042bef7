//! What workflow `EraseCustomers` takes, what its activities say, and what it returns. No message names a customer: a
//! request does, in the lake, and messages name the request.

mod input;
mod report;
mod steps;

pub use input::{EraseInput, RequestId};
pub use report::{ErasureReport, ScoredAnew};
pub use steps::{Begun, CertifyErasure, EraseStep, OpenRuns, RemoveCustomers, Removed, RunsBefore, Sweep};

/// The workflow's type.
pub const WORKFLOW_TYPE: &str = "EraseCustomers";
