//! What was found out about a delivery and the tables made of it, in one form for everybody who is told.

mod evaluation;
mod finding;

pub use crate::violation::Severity;
pub use evaluation::{CheckState, Evaluation};
pub use finding::{Finding, worst_first};
