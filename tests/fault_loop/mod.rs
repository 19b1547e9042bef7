//! Right or not at all: whatever is killed, filled up, flipped, swapped or turned back in mid-run, the
//! run ends in the bytes of an undisturbed one, or is refused with a number and publishes nothing.
//! It never ends in another result, never runs for ever, and leaves nothing behind.
//!
//! `make test` runs a few cases of each kind, `make fault-loop` (`FAULT_LOOP=full`) all of them. Moments
//! are drawn by lot; `FAULT_LOOP_SEED` repeats them, `FAULT_LOOP_ONLY` takes the cases that hold a text.

mod bit_flips;
mod cancellations;
mod chance;
mod clock_jumps;
mod contents;
mod full_disk;
mod ground;
mod marks;
mod report;
mod run;
mod server_kills;
mod swapped_files;
mod two_workers;
mod undisturbed;
mod worker_kills;

use std::time::{SystemTime, UNIX_EPOCH};

use report::{Case, Report};
use undisturbed::Undisturbed;

/// How much of the loop is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// A minute's worth.
    Short,
    /// Everything.
    Full,
}

impl Extent {
    /// What the full loop has, or what a minute leaves room for.
    fn choose<T>(self, short: T, full: T) -> T {
        if self == Self::Full { full } else { short }
    }
}

/// Most cases wait for a heartbeat that does not come: many of them fit on few cores.
const AT_ONCE: usize = 8;
/// The short loop draws the same moments every time.
const SEED_OF_SHORT: u64 = 7;

#[test]
fn every_fault_ends_in_the_right_result_or_in_none() {
    let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
    let extent = if variable("FAULT_LOOP").is_some() { Extent::Full } else { Extent::Short };
    let seed = variable("FAULT_LOOP_SEED").map_or_else(
        || extent.choose(SEED_OF_SHORT, now()),
        |text| text.parse().expect("FAULT_LOOP_SEED is a whole number"),
    );
    let only = variable("FAULT_LOOP_ONLY").unwrap_or_default();
    println!("fault loop: {extent:?}, repeat it with FAULT_LOOP_SEED={seed}");

    let cases = cases(extent).into_iter().filter(|case| case.label().contains(&only)).collect();
    let report = Report::of(cases, &Undisturbed::new(), seed, AT_ONCE);
    println!("{report}");
    assert!(report.all_well(), "FAULT_LOOP_SEED={seed}\n{report}");
}

/// The longest waits first.
fn cases(extent: Extent) -> Vec<Case> {
    [
        worker_kills::in_stages(extent),
        worker_kills::at_marks(extent),
        server_kills::cases(extent),
        two_workers::cases(extent),
        cancellations::cases(extent),
        clock_jumps::cases(extent),
        full_disk::cases(extent),
        swapped_files::cases(extent),
        bit_flips::cases(extent),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970").as_secs()
}
