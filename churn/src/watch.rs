//! How a long computation tells that it is alive, and hears that it should stop.

use std::sync::atomic::{AtomicU64, Ordering};

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

/// Parts that go on side by side, watched as one whole.
pub struct SideBySide<'a> {
    watch: &'a dyn Watch,
    total: u64,
    done: AtomicU64,
}

impl<'a> SideBySide<'a> {
    /// Parts that have so many units in all.
    pub fn new(watch: &'a dyn Watch, total: u64) -> Self {
        Self { watch, total, done: AtomicU64::new(0) }
    }

    /// Does a part of so many units, and tells that it is done: it may have told less of itself than that, or nothing.
    ///
    /// # Errors
    /// Those of the work, and that of the watch.
    pub fn part<T>(&self, units: u64, work: impl FnOnce(&dyn Watch) -> Result<T>) -> Result<T> {
        let part = OneOfMany { whole: self, done: AtomicU64::new(0) };
        let made = work(&part)?;
        part.report(units, None)?;
        Ok(made)
    }
}

/// A part of which the whole counts what it has told of itself.
struct OneOfMany<'a> {
    whole: &'a SideBySide<'a>,
    done: AtomicU64,
}

impl Watch for OneOfMany<'_> {
    fn report(&self, done: u64, _total: Option<u64>) -> Result<()> {
        let more = done.saturating_sub(self.done.fetch_max(done, Ordering::Relaxed));
        let all = self.whole.done.fetch_add(more, Ordering::Relaxed) + more;
        self.whole.watch.report(all, Some(self.whole.total))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::{Error, cores};

    #[derive(Default)]
    struct Told(Mutex<Vec<(u64, Option<u64>)>>);

    impl Watch for Told {
        fn report(&self, done: u64, total: Option<u64>) -> Result<()> {
            self.0.lock().unwrap().push((done, total));
            Ok(())
        }
    }

    #[test]
    fn parts_side_by_side_are_told_as_one_whole() {
        let told = Told::default();
        let whole = SideBySide::new(&told, 100);
        let parts: Vec<u64> = vec![10, 20, 30, 40];
        let read = |units: &u64| {
            whole.part(*units, |part| {
                part.report(units / 2, Some(*units))?;
                part.report(units / 2, Some(*units))?;
                Ok(*units)
            })
        };
        let made: Result<Vec<u64>> = cores::map(&parts, read).into_iter().collect();
        assert_eq!(made.unwrap(), parts);
        let told = told.0.into_inner().unwrap();
        assert_eq!(told.iter().max(), Some(&(100, Some(100))));
    }

    #[test]
    fn a_part_that_tells_nothing_of_itself_counts_when_it_is_done() {
        let told = Told::default();
        let whole = SideBySide::new(&told, 8);
        whole.part(5, |_| Ok(())).unwrap();
        whole.part(3, |_| Ok(())).unwrap();
        assert!(whole.part(1, |_| Err::<(), _>(Error::Cancelled)).is_err());
        assert_eq!(told.0.into_inner().unwrap(), [(5, Some(8)), (8, Some(8))]);
    }
}
