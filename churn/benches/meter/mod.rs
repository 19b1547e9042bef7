//! What a piece of work takes: seconds, processor time, the most memory. Linux tells all three.

use std::time::Instant;

use serde::Serialize;

/// The clock of `/proc`: the same on every Linux that we run on.
const TICKS_PER_SECOND: f64 = 100.0;

/// A piece of work that has begun.
pub struct Meter {
    cpu_seconds: f64,
    started: Instant,
}

/// What it took.
#[derive(Debug, Serialize)]
pub struct Piece {
    /// What was done.
    pub name: String,
    /// Rows that were read or made.
    pub rows: u64,
    /// By the clock.
    pub seconds: f64,
    /// On all cores, by child processes that have ended too. Other work on the machine disturbs it less than the clock.
    pub cpu_seconds: f64,
    /// The most memory that this process had at once, in millions of bytes, child processes apart.
    pub peak_mb: Option<f64>,
}

impl Meter {
    /// The work begins.
    pub fn start() -> Self {
        // The kernel forgets the peak of before. Where it may not be asked to, a peak is that of all work so far.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        Self { cpu_seconds: cpu_seconds(), started: Instant::now() }
    }

    /// The work has ended.
    pub fn stop(self, name: impl Into<String>, rows: u64) -> Piece {
        let seconds = self.started.elapsed().as_secs_f64();
        let cpu_seconds = cpu_seconds() - self.cpu_seconds;
        Piece { name: name.into(), rows, seconds, cpu_seconds, peak_mb: peak_mb() }
    }
}

impl Piece {
    /// A line of JSON on standard output.
    pub fn print(&self) {
        println!("{}", serde_json::to_string(self).expect("plain numbers and a text"));
    }
}

fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Fields 14 to 17, counted behind the program's name, which may hold spaces.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(4).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS_PER_SECOND
}

fn peak_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = peak.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}
