//! The training process: started as a container's would be, and ended as SageMaker ends it.

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tokio::sync::watch;

use super::folders::Folders;
use super::job::{Job, Order};
use crate::aws::clients::REGION;
use crate::supervised::SUPERVISED;

/// Between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_mins(2);

/// Why there is no process any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It ended with this exit code.
    ByItself(i32),
    /// Somebody stopped the job.
    Stopped,
    /// It took too long.
    TooLong,
    /// The machine was taken away.
    Interrupted,
    /// SageMaker itself failed.
    Broken,
}

/// The process, its children and its watcher, of which none remains when this is dropped: a container
/// ends with its first process.
struct Group(Pid);

impl Drop for Group {
    fn drop(&mut self) {
        let _ = killpg(self.0, Signal::SIGKILL);
    }
}

/// Runs the process to its end.
pub async fn run(job: &Job, folders: &Folders) -> Ended {
    let mut orders = job.orders();
    if *orders.borrow() == Order::Stop {
        return Ended::Stopped;
    }
    let mut child = start(job, folders);
    let group = Group(child.id().map(|pid| Pid::from_raw(pid as i32)).expect("nobody has waited for it yet"));
    // `wait` closes it otherwise, and the watcher would end the process.
    let leash = child.stdin.take();
    let deadline = job.process_started(child.id());
    let ended = tokio::select! {
        status = child.wait() => Ended::ByItself(exit_code(status.expect("a child can be waited for"))),
        ended = ordered(&mut orders) => ended,
        () = tokio::time::sleep_until(deadline.into()) => Ended::TooLong,
    };
    if !matches!(ended, Ended::ByItself(_)) {
        terminate(&mut child, group.0).await;
    }
    // The watcher first: it would signal a process that is no more.
    drop((group, leash));
    job.process_ended();
    ended
}

/// `train`, or the job's own entry point. It sees what the definition gives it, not this test's
/// environment, and ends with the test binary.
fn start(job: &Job, folders: &Folders) -> Child {
    let log = File::options().create(true).append(true).open(job.log_file()).expect("a job's log can be opened");
    let entry_point = job.definition.entry_point();
    let mut command = Command::new("sh");
    command.args(["-c", SUPERVISED, "sh"]);
    command.args(entry_point.unwrap_or_else(|| vec![job.program.display().to_string(), "train".to_owned()]));
    command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.env("SAGEMAKER_BASE_DIR", folders.base()).env("AWS_REGION", REGION);
    command.env("TRAINING_JOB_NAME", &job.name).env("TRAINING_JOB_ARN", job.definition.arn());
    for (name, value) in job.definition.environment() {
        command.env(name, value.as_str().unwrap_or_default());
    }
    command.current_dir(folders.base()).process_group(0).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(log.try_clone().expect("the log can be shared")).stderr(log);
    command.spawn().expect("a shell can be started")
}

async fn ordered(orders: &mut watch::Receiver<Order>) -> Ended {
    let order = orders.wait_for(|order| *order != Order::Go).await.expect("the job is still there");
    match *order {
        Order::Interrupt => Ended::Interrupted,
        Order::Break => Ended::Broken,
        Order::Go | Order::Stop => Ended::Stopped,
    }
}

async fn terminate(child: &mut Child, process: Pid) {
    let _ = kill(process, Signal::SIGTERM);
    // A test may hold it.
    let _ = kill(process, Signal::SIGCONT);
    if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
        child.kill().await.expect("a child can be killed");
    }
}

/// A shell's way to tell a signal.
fn exit_code(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}
