//! The `spanishgas` program as its users run it: commands that end, and workers that stay.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::Value;

use super::TestServer;
use super::supervised::Supervised;

/// The program. Cargo builds it with the tests and puts it beside their folder, `deps`.
pub fn program() -> &'static Path {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
        let test = std::env::current_exe().expect("the test binary's own path");
        test.ancestors().nth(2).expect("a folder of the build").join("spanishgas")
    });
    &PROGRAM
}

// Its search attributes must be usable first; an idle machine needs 0.2 s.
const READY_WITHIN: Duration = Duration::from_mins(1);

/// A command that has ended.
#[derive(Debug)]
pub struct Finished {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Finished {
    /// The one JSON object on standard output of a command that must have succeeded.
    pub fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{self:#?}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: not one JSON object: {self:#?}"))
    }
}

/// Runs `spanishgas` with `arguments` until it ends. It finds the shared server in its environment
/// when `server` is given, and no server otherwise.
pub fn spanishgas(server: Option<&TestServer>, arguments: &[&str]) -> Finished {
    spanishgas_with(server, arguments, &[])
}

/// The same with more variables in its environment.
pub fn spanishgas_with(server: Option<&TestServer>, arguments: &[&str], variables: &[(String, String)]) -> Finished {
    let mut command = Command::new(program());
    command.args(arguments).envs(variables.iter().cloned()).stdin(Stdio::null());
    match server {
        Some(server) => command.env("TEMPORAL_ADDRESS", server.address()),
        None => command.env_remove("TEMPORAL_ADDRESS"),
    };
    let output = command.output().expect("spanishgas can be run");
    Finished {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A `spanishgas worker` on the shared server, with a lake and a task queue of its own.
pub struct Worker {
    process: Supervised,
}

impl Worker {
    /// Starts it and waits until it polls.
    pub fn start(server: &TestServer, lake: &Path, task_queue: &str, options: &[&str]) -> Self {
        Self::start_with(server, lake.to_str().expect("a UTF-8 path"), task_queue, options, &[])
    }

    /// The same with any place of a lake, and more variables in its environment.
    pub fn start_with(
        server: &TestServer,
        lake: &str,
        task_queue: &str,
        options: &[&str],
        variables: &[(String, String)],
    ) -> Self {
        let mut worker = Self::launch_with(server.address(), lake, task_queue, options, variables);
        worker.await_log("worker started");
        worker
    }

    /// Starts it; its server may not be there yet.
    pub fn launch(address: &str, lake: &Path, task_queue: &str, options: &[&str]) -> Self {
        Self::launch_with(address, lake.to_str().expect("a UTF-8 path"), task_queue, options, &[])
    }

    /// The same with any place of a lake, and more variables in its environment.
    pub fn launch_with(
        address: &str,
        lake: &str,
        task_queue: &str,
        options: &[&str],
        variables: &[(String, String)],
    ) -> Self {
        let arguments =
            ["worker", "--lake", lake, "--task-queue", task_queue].into_iter().chain(options.iter().copied());
        let more = variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let variables: Vec<_> = more.chain([("TEMPORAL_ADDRESS", address)]).collect();
        let log_file = super::home::home().join(format!("{}.log", super::new_name(task_queue)));
        Self { process: Supervised::start(program(), arguments, &variables, log_file) }
    }

    /// Waits until it has logged `text`.
    pub fn await_log(&mut self, text: &str) {
        self.process.await_log(text, READY_WITHIN);
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// Graceful stop (SIGTERM); its exit code and log.
    pub fn terminate(self, within: Duration) -> (Option<i32>, String) {
        let (status, log) = self.process.terminate(within);
        (status.code(), log)
    }

    /// Kills it as a lost machine would.
    pub fn kill(self) {
        self.process.kill();
    }
}
