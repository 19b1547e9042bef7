//! Waiting for a condition of the outside world: the only place in the tests that sleeps.

use std::time::{Duration, Instant};

/// Asks `condition` with growing pauses until it answers `Some`, and returns that. Panics with
/// `what` when `within` is over.
pub fn eventually<T>(what: &str, within: Duration, mut condition: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    let mut pause = Duration::from_millis(10);
    loop {
        if let Some(answer) = condition() {
            return answer;
        }
        assert!(started.elapsed() < within, "not within {within:?}: {what}");
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(250));
    }
}

/// Asks `condition` every other millisecond: for a moment that must be met, not only awaited.
pub fn promptly<T>(what: &str, within: Duration, mut condition: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = condition() {
            return answer;
        }
        assert!(started.elapsed() < within, "not within {within:?}: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Lets a time pass that was drawn by lot: the moment itself is what is tried, nothing is awaited.
pub fn let_pass(time: Duration) {
    std::thread::sleep(time);
}
