//! Who polls what.

/// The task queue of workflows and light activities.
pub const TASK_QUEUE: &str = "spanishgas";

/// The task queue of CPU-heavy activities beside a workflow's own: it has as many slots as cores,
/// so that workflow tasks never wait behind a computation.
pub fn cpu_queue(task_queue: &str) -> String {
    format!("{task_queue}-cpu")
}

/// The task queue of activities that wait for a machine elsewhere: they ask nothing of this one, so that
/// many may wait while others compute.
pub fn wait_queue(task_queue: &str) -> String {
    format!("{task_queue}-wait")
}
