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

/// The progress of one part of a longer work, as progress of the whole.
pub struct PartOf<'a> {
    /// Who watches the whole.
    pub watch: &'a dyn Watch,
    /// Units done before this part.
    pub before: u64,
    /// Units in all.
    pub total: u64,
}

impl Watch for PartOf<'_> {
    fn report(&self, done: u64, _total: Option<u64>) -> Result<()> {
        self.watch.report(self.before.saturating_add(done), Some(self.total))
    }
}
