//! How a long computation tells that it is alive, and hears that it should stop.

use crate::error::Result;

/// Receives progress; an activity turns it into heartbeats, a command into a progress bar.
pub trait Watch: Sync {
    /// `done` units (rows, rounds) are finished so far, of `total` when it is known.
    ///
    /// Fails with [`crate::Error::Cancelled`] when the caller wants the computation to stop.
    fn report(&self, done: u64, total: Option<u64>) -> Result<()>;
}

/// Nobody watches.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn report(&self, _done: u64, _total: Option<u64>) -> Result<()> {
        Ok(())
    }
}
