//! The worker's clock of the day jumps in mid-run, forward or back, as when a machine's clock is set. The
//! server's clock stays: it is a static program, which nothing can be preloaded into.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use chrono::{DateTime, Utc};

use super::Extent;
use super::chance::Chance;
use super::ground::{A_DISTURBED_RUN, A_FAREWELL, Ground, Refusal};
use super::report::{Case, Ending};
use super::undisturbed::Undisturbed;
use support::eventually::let_pass;
use support::home::{folder, home};

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
    let library = match wrong_clock() {
        Ok(library) => library,
        Err(why) => return ground.leave(Vec::new(), Ending::Skipped(why.clone())),
    };
    let (place, before) = (folder("clock"), ground.pointers());
    let wrong_by = place.path().join("seconds");
    let text = |path: &Path| path.to_str().expect("a UTF-8 path").to_owned();
    let variables = [("LD_PRELOAD", text(library)), ("WRONG_CLOCK", text(&wrong_by))];
    let variables = variables.map(|(name, value)| (name.to_owned(), value));
    let worker = ground.worker_with(&variables);
    let run = ground.start();
    let_pass(chance.within(undisturbed.time()));
    std::fs::write(&wrong_by, by.to_string()).expect("the clock can be set");
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

/// The library, compiled once.
fn wrong_clock() -> &'static Result<PathBuf, String> {
    static MADE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    MADE.get_or_init(|| {
        let library = home().join("wrong_clock.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fault_loop/clock.c");
        let compiled =
            Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl").output();
        match compiled {
            Ok(compiled) if compiled.status.success() => Ok(library),
            Ok(compiled) => panic!("the clock does not compile: {}", String::from_utf8_lossy(&compiled.stderr)),
            Err(error) => Err(format!("a wrong clock needs a C compiler: cc: {error}")),
        }
    })
}
