//! A place for one case: a lake, settings, a folder for temporary files and a task queue, on any server;
//! and the judgement over what a run left there.

use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::contents::Contents;
use super::report::Ending;
use super::run::{End, Run};
use support::home::folder;
use support::lake::TestLake;
use support::processes::processes_with;
use support::settings::Configured;
use support::{LENIENT, Settings, TestServer, Worker, new_name};

/// A lost worker's light activity is given up after two minutes; then everything else must still fit.
pub const A_DISTURBED_RUN: Duration = Duration::from_mins(6);
/// A cancelled run ends when its work has stopped.
pub const A_CANCELLATION: Duration = Duration::from_mins(1);
/// Within this a worker has left.
pub const A_FAREWELL: Duration = Duration::from_secs(40);
/// What moves when a run publishes.
const POINTERS: [&str; 4] = ["models/champion.json", "published.json", "scored/latest.json", "monitoring/latest.json"];

/// The bytes of the pointers that are there.
pub type Pointers = [Option<Vec<u8>>; 4];

/// A training that is over in a moment.
const QUICK: Settings = Settings { rounds: 40, ..LENIENT };

/// Whether a case may end without a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The fault can be undone: the result must come.
    Never,
    /// The fault took something away that nobody can make again.
    Allowed,
}

/// Where a case happens.
pub struct Ground {
    /// The lake.
    pub lake: TestLake,
    address: String,
    queue: String,
    config: Configured,
    scratch: TempDir,
}

impl Ground {
    /// A new lake with the small data, on the shared server.
    pub fn new() -> Self {
        Self::at(TestServer::shared().address())
    }

    /// The same on another server.
    pub fn at(address: &str) -> Self {
        let (queue, scratch) = (new_name("faults"), folder("scratch"));
        Self { lake: TestLake::new(), address: address.to_owned(), queue, config: QUICK.write(), scratch }
    }

    /// Starts a worker and waits until it polls.
    pub fn worker(&self) -> Worker {
        self.worker_with(&[])
    }

    /// The same with more variables.
    pub fn worker_with(&self, variables: &[(String, String)]) -> Worker {
        let text = |path: &Path| path.to_str().expect("a UTF-8 path").to_owned();
        let (config, scratch) = (text(self.config.path()), text(self.scratch.path()));
        let options = ["--config", &config, "--scratch", &scratch];
        let lake = text(self.lake.path());
        let mut worker = Worker::launch_with(&self.address, &lake, &self.queue, &options, variables);
        worker.await_log("worker started");
        worker
    }

    /// Starts a run.
    pub fn start(&self) -> Run {
        Run::start(&self.address, &self.queue)
    }

    /// The pointers as they are.
    pub fn pointers(&self) -> Pointers {
        POINTERS.map(|pointer| self.lake.find(pointer))
    }

    /// What became of a run that began when the pointers were `before`: the one judgement for all faults.
    pub fn judge(&self, end: End, before: &Pointers, expected: &Contents, refusal: Refusal) -> Ending {
        match end {
            End::Completed => match Contents::of(&self.lake).difference(expected) {
                None => Ending::Right,
                Some(difference) => Ending::Wrong(format!("another result: {difference}")),
            },
            End::Failed(number, message) if refusal == Refusal::Never => Ending::Wrong(format!("{number}: {message}")),
            End::Failed(number, message) if !number.starts_with("SG") => {
                Ending::Wrong(format!("a failure without a number: {number} {message}"))
            }
            End::Failed(number, message) if self.pointers() != *before => {
                Ending::Wrong(format!("it failed and has published: {number}: {message}"))
            }
            End::Failed(number, _) => Ending::Refused(number),
            End::Cancelled => Ending::Wrong("nobody cancelled it".to_owned()),
            End::Otherwise(how) => Ending::Wrong(how),
        }
    }

    /// Stops the workers and looks for what was left; only a clean place keeps its ending.
    pub fn leave(&self, workers: Vec<Worker>, ending: Ending) -> Ending {
        for worker in workers {
            let (code, log) = worker.terminate(A_FAREWELL);
            if code != Some(0) {
                return Ending::Wrong(format!("the worker did not stop well ({code:?}), after {ending:?}:\n{log}"));
            }
        }
        match self.left_over() {
            Some(left) if !matches!(ending, Ending::Wrong(_)) => Ending::Wrong(format!("left behind: {left}")),
            _ => ending,
        }
    }

    fn left_over(&self) -> Option<String> {
        let scratch = self.scratch.path().to_str().expect("a UTF-8 path");
        if let Some(pid) = processes_with(scratch).first() {
            return Some(format!("process {pid}"));
        }
        let internal = self.lake.at(".lake");
        let is_lock = |name: &String| Path::new(name).extension().is_some_and(|ending| ending == "lock");
        let found = [names(self.scratch.path()), names(&internal)].concat();
        // Which files are known by their digests is kept on purpose.
        found.into_iter().find(|name| !is_lock(name) && name != "digests")
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}
