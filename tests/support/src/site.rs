//! A place of work: a lake, its settings and a worker with a task queue of its own on the shared server.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::home::folder;
use super::lake::TestLake;
use super::settings::{Configured, Settings};
use super::{Finished, TestServer, Worker, spanishgas};

/// A small run takes two seconds on two idle cores.
pub const A_RUN: Duration = Duration::from_mins(3);

/// A lake at work.
pub struct Site {
    /// The lake.
    pub lake: TestLake,
    worker: Worker,
    config: Configured,
    scratch: TempDir,
    queue: String,
    options: &'static [&'static str],
}

impl Site {
    /// A new lake with the small data, and a worker for it.
    pub fn new(settings: Settings) -> Self {
        Self::on(TestLake::new(), settings)
    }

    /// A worker for a lake.
    pub fn on(lake: TestLake, settings: Settings) -> Self {
        Self::with_options(lake, settings, &[])
    }

    /// The same, the worker started with more options.
    pub fn with_options(lake: TestLake, settings: Settings, options: &'static [&'static str]) -> Self {
        let (config, scratch, queue) = (settings.write(), folder("scratch"), new_name("queue"));
        let worker = start_worker(&lake, &config, &scratch, &queue, options);
        Self { lake, worker, config, scratch, queue, options }
    }

    /// The same lake with another worker, whose settings differ; the old one stops.
    pub fn change_settings(self, settings: Settings) -> Self {
        let Self { lake, worker, .. } = self;
        stop(worker);
        Self::on(lake, settings)
    }

    /// The same lake and settings with a worker that is started with other options; the old one stops.
    pub fn change_options(self, options: &'static [&'static str]) -> Self {
        let Self { lake, worker, config, scratch, queue, .. } = self;
        stop(worker);
        let worker = start_worker(&lake, &config, &scratch, &queue, options);
        Self { lake, worker, config, scratch, queue, options }
    }

    /// The worker is stopped as for an upgrade; another one takes its queue.
    pub fn restart_worker(self) -> Self {
        let Self { lake, worker, config, scratch, queue, options } = self;
        stop(worker);
        let worker = start_worker(&lake, &config, &scratch, &queue, options);
        Self { lake, worker, config, scratch, queue, options }
    }

    /// The worker is lost as with its machine; another one takes its queue.
    pub fn lose_worker(self) -> Self {
        let Self { lake, worker, config, scratch, queue, options } = self;
        worker.kill();
        let worker = start_worker(&lake, &config, &scratch, &queue, options);
        Self { lake, worker, config, scratch, queue, options }
    }

    /// One more worker on the same lake, settings and queue.
    pub fn another_worker(&self, options: &'static [&'static str]) -> Worker {
        start_worker(&self.lake, &self.config, &self.scratch, &self.queue, options)
    }

    /// The worker's task queue.
    pub fn queue(&self) -> &str {
        &self.queue
    }

    /// The folder of the worker's settings, which it reads at its start.
    pub fn config_folder(&self) -> &std::path::Path {
        self.config.path()
    }

    /// The folder of the worker's temporary files.
    pub fn scratch(&self) -> &std::path::Path {
        self.scratch.path()
    }

    /// `spanishgas run` on this lake to its end.
    pub fn run(&self, arguments: &[&str]) -> Finished {
        let lake = self.lake.path().to_str().expect("a UTF-8 path");
        let mut all = vec!["run", "--lake", lake, "--task-queue", &self.queue];
        all.extend(arguments);
        spanishgas(Some(TestServer::shared()), &all)
    }

    /// A `spanishgas` command on this lake, with the worker's settings.
    pub fn command(&self, arguments: &[&str]) -> Finished {
        let [lake, config] = [self.lake.path(), self.config.path()].map(|path| path.to_str().expect("a UTF-8 path"));
        let places = ["--lake", lake, "--config", config];
        spanishgas(Some(TestServer::shared()), &[arguments, &places].concat())
    }

    /// The result of a run in train mode under an ID of its own.
    pub fn train(&self, arguments: &[&str]) -> Value {
        self.result("train", arguments)
    }

    /// The result of a run in score mode under an ID of its own.
    pub fn score(&self, arguments: &[&str]) -> Value {
        self.result("score", arguments)
    }

    fn result(&self, mode: &str, arguments: &[&str]) -> Value {
        let id = new_name(mode);
        let mut all = vec!["--mode", mode, "--workflow-id", &id, "--json"];
        all.extend(arguments);
        self.run(&all).json()
    }

    /// Starts a run of the pipeline as an operator does, with the Temporal CLI; its ID.
    pub fn start(&self, input: Option<&str>) -> String {
        self.start_workflow("ChurnPipeline", input)
    }

    /// The same of any workflow.
    pub fn start_workflow(&self, workflow: &str, input: Option<&str>) -> String {
        let id = new_name("started");
        let mut arguments =
            vec!["workflow", "start", "--type", workflow, "--task-queue", &self.queue, "--workflow-id", &id];
        arguments.extend(input.iter().flat_map(|input| ["--input", *input]));
        TestServer::shared().temporal(&arguments);
        id
    }

    /// The result of a small workflow.
    pub fn result_of(&self, workflow: &str, input: &str) -> Value {
        TestServer::shared().result(&self.start_workflow(workflow, Some(input)))
    }

    /// The worker's log.
    pub fn log(&self) -> String {
        self.worker.log()
    }
}

/// SIGTERM; the worker ends well and soon.
fn stop(worker: Worker) {
    let (code, log) = worker.terminate(Duration::from_secs(40));
    assert_eq!(code, Some(0), "the worker did not stop well:\n{log}");
}

fn start_worker(
    lake: &TestLake,
    config: &Configured,
    scratch: &TempDir,
    queue: &str,
    options: &[&'static str],
) -> Worker {
    let places = [("--config", config.path()), ("--scratch", scratch.path())];
    let mut extra = places.map(|(option, path)| [option, path.to_str().expect("a UTF-8 path")]).concat();
    extra.extend(options);
    Worker::start(TestServer::shared(), lake.path(), queue, &extra)
}

/// A name that no other test has.
pub fn new_name(purpose: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("{purpose}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
