//! The worker's clock of the day jumps in mid-run, forward or back, as when a machine's clock is set. The
//! server's clock stays.

use chrono::{DateTime, Utc};

use super::Extent;
use super::chance::Chance;
use super::ground::{A_DISTURBED_RUN, A_FAREWELL, Ground, Refusal};
use super::report::{Case, Ending};
use super::undisturbed::Undisturbed;
use support::eventually::let_pass;
use support::wrong_clock::WrongClock;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// By how much the clock goes wrong.
const JUMPS: [i64; 6] = [-400 * DAY, -DAY, -HOUR, HOUR, DAY, 400 * DAY];
const SHORT_JUMPS: [i64; 1] = [-DAY];

/// Forward and back, by an hour to more than a year.
pub fn cases(extent: Extent) -> Vec<Case> {
    let jumps = extent.choose(&SHORT_JUMPS[..], &JUMPS[..]);
    let case = |by: &i64| {
        let by = *by;
        Case::new("clock jumps", format!("by {} h", by / HOUR), move |undisturbed, chance| {
            jump(undisturbed, chance, by)
        })
    };
    jumps.iter().map(case).collect()
}

fn jump(undisturbed: &Undisturbed, chance: &mut Chance, by: i64) -> Ending {
    let ground = Ground::new();
    let clock = match WrongClock::new() {
        Ok(clock) => clock,
        Err(why) => return ground.leave(Vec::new(), Ending::Skipped(why)),
    };
    let before = ground.pointers();
    let worker = ground.worker_with(&clock.variables());
    let run = ground.start();
    let_pass(chance.within(undisturbed.time()));
    clock.set(by);
    let end = run.end(A_DISTURBED_RUN);
    let ending = ground.judge(end, &before, &undisturbed.contents, Refusal::Never);
    // It says farewell by its own clock, or the fault was none.
    let (_, log) = worker.terminate(A_FAREWELL);
    let last = log.lines().rev().find_map(time_of).expect("the log has times");
    let off = (last - Utc::now()).num_seconds();
    if (off - by).abs() > HOUR / 2 {
        return Ending::Wrong(format!("the clock is off by {off} s instead of {by} s"));
    }
    ground.leave(Vec::new(), ending)
}

fn time_of(line: &str) -> Option<DateTime<Utc>> {
    line.split_whitespace().find_map(|word| word.parse().ok())
}
