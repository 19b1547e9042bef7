//! The log of a dev server, and the lock on it: two servers never share a folder, and so neither a database.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::time::{Instant, sleep};

const TAIL_LINES: usize = 20;
/// A server whose owner was killed ends in about a second.
const FREE_WITHIN: Duration = Duration::from_secs(5);

/// The log, locked for as long as the server lives: the server has it as its output, so the lock outlives us if
/// we are killed and the server is not gone yet.
pub(super) async fn locked_log(log_file: &Path) -> anyhow::Result<File> {
    if let Some(folder) = log_file.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("could not create {}", folder.display()))?;
    }
    let log = File::options().create(true).append(true).open(log_file);
    let log = log.with_context(|| format!("could not create {}", log_file.display()))?;
    let owner = log_file.with_extension("pid");
    let started = Instant::now();
    loop {
        match log.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if started.elapsed() < FREE_WITHIN => sleep(Duration::from_millis(50)).await,
            Err(TryLockError::WouldBlock) => {
                let pid = std::fs::read_to_string(&owner).unwrap_or_default();
                bail!(
                    "another Temporal dev server is at work in {} (started by process {}); stop it first, or choose \
                     another folder: two servers must not share a database",
                    log_file.parent().unwrap_or(Path::new(".")).display(),
                    if pid.is_empty() { "unknown" } else { pid.trim() }
                );
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("could not lock {}", log_file.display()));
            }
        }
    }
    std::fs::write(&owner, std::process::id().to_string())
        .with_context(|| format!("could not write {}", owner.display()))?;
    Ok(log)
}

/// The last lines of the log.
pub(super) fn tail(log: &Path) -> String {
    let text = std::fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}
