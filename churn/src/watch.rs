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

    /// Does a part of so many units, which count as done afterwards, whatever it has told of itself.
    pub fn part<T>(&self, units: u64, work: impl FnOnce(&dyn Watch) -> T) -> T {
        let part = OneOfMany { whole: self, done: AtomicU64::new(0) };
        let made = work(&part);
        part.count(units);
        made
    }
}

/// A part of which the whole counts what it has told of itself.
struct OneOfMany<'a> {
    whole: &'a SideBySide<'a>,
    done: AtomicU64,
}

impl OneOfMany<'_> {
    /// So much of it is done; what is done of the whole.
    fn count(&self, done: u64) -> u64 {
        let more = done.saturating_sub(self.done.fetch_max(done, Ordering::Relaxed));
        self.whole.done.fetch_add(more, Ordering::Relaxed).saturating_add(more)
    }
}

impl Watch for OneOfMany<'_> {
    fn report(&self, done: u64, _total: Option<u64>) -> Result<()> {
        self.whole.watch.report(self.count(done), Some(self.whole.total))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::cores;

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
                part.report(*units, Some(*units))?;
                Ok(*units)
            })
        };
        let made: Result<Vec<u64>> = cores::try_map(&parts, read);
        assert_eq!(made.unwrap(), parts);
        let told = told.0.into_inner().unwrap();
        assert_eq!((told.len(), told.iter().max()), (8, Some(&(100, Some(100)))));
    }

    #[test]
    fn a_part_that_tells_nothing_of_itself_counts_when_it_is_done() {
        let told = Told::default();
        let whole = SideBySide::new(&told, 8);
        whole.part(5, |_| ());
        whole.part(3, |part| part.report(1, None)).unwrap();
        whole.part(0, |part| part.report(0, None)).unwrap();
        assert_eq!(told.0.into_inner().unwrap(), [(6, Some(8)), (8, Some(8))]);
    }
}
