//! `/healthz` and `/readyz`: that the process lives, and that it has what it serves. Neither says more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::StatusCode;

/// Whether pages can be served: false until whoever serves them says so.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// The lake was read, or no longer can be.
    pub fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Relaxed);
    }

    /// What was said last.
    pub fn is_ready(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The process lives.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// The answer of `/readyz`.
pub fn readyz(ready: &Readiness) -> (StatusCode, &'static str) {
    if ready.is_ready() { (StatusCode::OK, "ready\n") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready\n") }
}
