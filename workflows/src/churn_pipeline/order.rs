//! When people hear of facts and what is recorded: a run goes on as it began, also after an upgrade.

use temporalio_sdk::WorkflowContext;

/// The two orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Of runs from before: a verdict is told at the end, and only a run with a result is recorded.
    FactsLast,
    /// A verdict is told when it is a fact; every run is recorded, whatever its end.
    FactsFirst,
}

/// The patch that tells the two orders apart in histories.
const FACTS_FIRST: &str = "facts-first";

impl Order {
    /// The order of this run: by its history, or the present one.
    pub fn of<W>(ctx: &WorkflowContext<W>) -> Self {
        if ctx.patched(FACTS_FIRST) { Self::FactsFirst } else { Self::FactsLast }
    }
}
