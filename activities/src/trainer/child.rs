//! A training process under our eyes: its progress lines, and an end in bounded time, whatever it does.

use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;
use tokio::time::{Instant, sleep_until};

use super::entry_point;
use crate::error::Result;

/// How long a process may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From the request to stop to its end.
    pub grace: Duration,
    /// From one sign of progress to the next.
    pub patience: Duration,
}

/// How a process ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself.
    Alone(ExitStatus),
    /// Because it was told to.
    Stopped,
    /// Killed, because it made no progress.
    Silent,
}

/// Follows a process to its end. `stop` asks it to end; one that does not within the grace is killed,
/// also when it cannot hear (a process that was stopped by SIGSTOP gets no SIGTERM).
#[expect(clippy::disallowed_methods, reason = "a process is waited for")]
pub async fn follow(
    child: &mut Child,
    limits: Limits,
    stop: impl Future<Output = ()>,
    report: impl Fn(u64, u64),
) -> Result<Ended> {
    tokio::pin!(stop);
    let mut lines = child.stdout.take().map(|stdout| BufReader::new(stdout).lines());
    let mut deadline = Instant::now() + limits.patience;
    let mut told_to_stop = false;
    let status = loop {
        let heard_all = lines.is_none();
        let next_line = async {
            match &mut lines {
                Some(lines) => lines.next_line().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            line = next_line => match line {
                Ok(Some(line)) => {
                    if let Some((done, total)) = heard(&line) {
                        report(done, total);
                        if !told_to_stop {
                            deadline = Instant::now() + limits.patience;
                        }
                    }
                }
                // Its output is closed: it ends, or has until the deadline to do so.
                Ok(None) | Err(_) => lines = None,
            },
            () = &mut stop, if !told_to_stop => {
                told_to_stop = true;
                deadline = Instant::now() + limits.grace;
                ask_to_end(child);
            }
            // All its lines come before its end.
            ended = child.wait(), if heard_all => break ended.map_err(lost)?,
            () = sleep_until(deadline) => {
                // SIGKILL ends a stopped process too.
                child.kill().await.map_err(lost)?;
                if told_to_stop {
                    tracing::warn!(grace_secs = limits.grace.as_secs(), "training did not stop and was killed");
                    return Ok(Ended::Stopped);
                }
                return Ok(Ended::Silent);
            }
        }
    };
    Ok(if told_to_stop { Ended::Stopped } else { Ended::Alone(status) })
}

/// A progress line tells rounds done; the figures are for SageMaker's metrics; every other line is for the log.
fn heard(line: &str) -> Option<(u64, u64)> {
    let progress = entry_point::parse_progress(line);
    match progress {
        Some(_) => {}
        None if entry_point::is_metric(line) => tracing::debug!(target: "training", "{line}"),
        None => tracing::info!(target: "training", "{line}"),
    }
    progress
}

fn ask_to_end(child: &Child) {
    if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok())
        && let Err(error) = kill(Pid::from_raw(pid), Signal::SIGTERM)
    {
        tracing::warn!(%error, "training process could not be signalled");
    }
}

fn lost(error: std::io::Error) -> crate::Error {
    churn::Error::file("wait for", Path::new("training process"))(error).into()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::pending;
    use std::process::Stdio;

    use tokio::process::Command;
    use tokio::sync::Notify;

    use super::*;

    const LONG: Duration = Duration::from_mins(5);
    const SHORT: Duration = Duration::from_millis(300);

    fn shell(script: &str) -> Child {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        command.spawn().unwrap()
    }

    fn is_there(pid: u32) -> bool {
        std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
    }

    #[tokio::test]
    async fn a_process_that_ends_by_itself_is_heard_to_its_last_line() {
        let mut child = shell(
            "echo 'progress rounds_done=1; rounds_total=2;'; echo 'progress rounds_done=2; rounds_total=2;'; exit 3",
        );
        let heard = RefCell::new(Vec::new());
        let limits = Limits { grace: LONG, patience: LONG };
        let ended =
            follow(&mut child, limits, pending(), |done, total| heard.borrow_mut().push((done, total))).await.unwrap();
        assert!(matches!(ended, Ended::Alone(status) if status.code() == Some(3)), "{ended:?}");
        assert_eq!(heard.into_inner(), [(1, 2), (2, 2)]);
    }

    #[tokio::test]
    async fn one_that_is_told_to_end_and_does_is_not_killed() {
        let mut child = shell(
            "trap 'exit 143' TERM; echo 'progress rounds_done=1; rounds_total=2;'; while true; do sleep 0.01; done",
        );
        let working = Notify::new();
        let limits = Limits { grace: LONG, patience: LONG };
        let ended = follow(&mut child, limits, working.notified(), |_, _| working.notify_one()).await.unwrap();
        assert_eq!(ended, Ended::Stopped);
        assert_eq!(child.wait().await.unwrap().code(), Some(143));
    }

    #[tokio::test]
    async fn one_that_cannot_hear_is_killed_when_the_grace_is_over() {
        // It stops itself as SIGSTOP from outside would, and holds its output open.
        let mut child = shell("kill -STOP $$; sleep 1000");
        let pid = child.id().unwrap();
        let limits = Limits { grace: SHORT, patience: LONG };
        let ended = follow(&mut child, limits, is_stopped(pid), |_, _| {}).await.unwrap();
        assert_eq!(ended, Ended::Stopped);
        assert!(!is_there(pid), "the process is still there");
    }

    #[tokio::test]
    async fn one_that_closes_its_output_and_does_not_listen_is_killed_too() {
        let mut child = shell(
            "trap '' TERM; echo 'progress rounds_done=1; rounds_total=2;'; exec >&-; while true; do sleep 0.01; done",
        );
        let pid = child.id().unwrap();
        let working = Notify::new();
        let limits = Limits { grace: SHORT, patience: LONG };
        let ended = follow(&mut child, limits, working.notified(), |_, _| working.notify_one()).await.unwrap();
        assert_eq!(ended, Ended::Stopped);
        assert!(!is_there(pid), "the process is still there");
    }

    #[tokio::test]
    async fn one_without_progress_is_killed_and_other_lines_are_no_progress() {
        let mut child =
            shell("echo 'progress rounds_done=1; rounds_total=2;'; while true; do echo alive; sleep 0.01; done");
        let pid = child.id().unwrap();
        let ended = follow(&mut child, Limits { grace: LONG, patience: SHORT }, pending(), |_, _| {}).await.unwrap();
        assert_eq!(ended, Ended::Silent);
        assert!(!is_there(pid), "the process is still there");
    }

    /// Resolves when the process is in state T.
    async fn is_stopped(pid: u32) {
        let is_stopped =
            || std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") T "));
        while !is_stopped() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
