//! Independent computations on all cores; what comes of them is in the order in which they were asked for.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// What `make` makes of each item, in the order of the items, as many at a time as there are cores.
///
/// An item is one thread's from beginning to end, so no bit depends on how many cores there are.
pub fn map<I: Sync, T: Send>(items: &[I], make: impl Fn(&I) -> T + Sync) -> Vec<T> {
    map_on(count(), items, make)
}

/// The same of what may fail: the first failure in the order of the items, after which no further one is begun.
pub fn try_map<I: Sync, T: Send, E: Send>(items: &[I], make: impl Fn(&I) -> Result<T, E> + Sync) -> Result<Vec<T>, E> {
    let failed = AtomicBool::new(false);
    // Items are begun in their order, and what was begun before a failure comes to its end: none of those left out is before it.
    let make_unless_failed = |item: &I| {
        if failed.load(Ordering::Relaxed) {
            return None;
        }
        let made = make(item);
        failed.fetch_or(made.is_err(), Ordering::Relaxed);
        Some(made)
    };
    map(items, make_unless_failed).into_iter().flatten().collect()
}

/// What two computations make, the first of them on the thread that asks.
pub fn both<A, B: Send>(first: impl FnOnce() -> A, second: impl FnOnce() -> B + Send) -> (A, B) {
    thread::scope(|scope| {
        let second = scope.spawn(second);
        let first = first();
        (first, second.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// How many computations go on side by side.
fn count() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn map_on<I: Sync, T: Send>(threads: usize, items: &[I], make: impl Fn(&I) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let make_next = || make_next(items, &next, &make);
    let mut made = thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(items.len())).map(|_| scope.spawn(make_next)).collect();
        let mut made = make_next();
        for other in others {
            made.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        made
    });
    made.sort_unstable_by_key(|(place, _)| *place);
    made.into_iter().map(|(_, made)| made).collect()
}

/// One thread: takes the next item until there is none; each with its place.
fn make_next<I, T>(items: &[I], next: &AtomicUsize, make: &impl Fn(&I) -> T) -> Vec<(usize, T)> {
    let mut made = Vec::new();
    loop {
        let place = next.fetch_add(1, Ordering::Relaxed);
        let Some(item) = items.get(place) else { return made };
        made.push((place, make(item)));
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_made_is_in_the_order_of_the_items_whoever_ends_first() {
        let items: Vec<u64> = (0..40).collect();
        let make = |item: &u64| {
            // The earlier ones take longer.
            thread::sleep(Duration::from_micros(40 - item));
            item * item
        };
        let squares: Vec<u64> = items.iter().map(|item| item * item).collect();
        for threads in [1, 2, 7, 100] {
            assert_eq!(map_on(threads, &items, make), squares, "{threads} threads");
        }
        assert_eq!(map(&items, make), squares);
        assert_eq!(map(&[], make), Vec::<u64>::new());
    }

    #[test]
    fn items_are_worked_on_side_by_side() {
        let meeting = std::sync::Barrier::new(3);
        // Each waits for the two others.
        map_on(3, &[(), (), ()], |()| meeting.wait().is_leader());
        let meeting = std::sync::Barrier::new(2);
        let both = both(|| meeting.wait().is_leader(), || meeting.wait().is_leader());
        assert_ne!(both.0, both.1);
    }

    #[test]
    fn the_first_failure_in_the_order_of_the_items_is_told_and_nothing_more_is_begun() {
        let begun = AtomicUsize::new(0);
        let items: Vec<usize> = (0..10_000).collect();
        let make = |item: &usize| {
            begun.fetch_add(1, Ordering::Relaxed);
            if *item < 3 {
                return Ok(*item);
            }
            // The later failure is there first.
            thread::sleep(Duration::from_millis(if *item == 3 { 20 } else { 0 }));
            Err(*item)
        };
        assert_eq!(try_map(&items, make), Err(3));
        assert!(begun.load(Ordering::Relaxed) < items.len());
        assert_eq!(try_map(&items[..3], make), Ok(vec![0, 1, 2]));
    }

    #[test]
    fn a_panic_is_that_of_the_caller() {
        let make = |item: &u32| assert!(*item != 3, "three");
        let caught = catch_unwind(AssertUnwindSafe(|| map_on(2, &[1, 2, 3, 4], make)));
        assert!(caught.is_err());
        assert!(catch_unwind(|| both(|| 1, || -> i32 { panic!("two") })).is_err());
    }
}
