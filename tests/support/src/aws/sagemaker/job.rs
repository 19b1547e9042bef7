//! One training job: its definition, and what has become of it.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard};
use std::time::{Instant, SystemTime};

use serde_json::Value;
use tokio::sync::watch;

use super::definition::Definition;
use super::state::State;

/// A job as a test sees it.
#[derive(Debug, Clone)]
pub struct JobSeen {
    /// Its name.
    pub name: String,
    /// Its definition, in the words of `DescribeTrainingJob`.
    pub definition: Value,
    /// `InProgress`, `Completed`, `Failed`, `Stopping`, `Stopped`.
    pub status: String,
    /// `Starting`, `Downloading`, `Training` ...
    pub secondary_status: String,
    /// Its process while it trains.
    pub pid: Option<u32>,
}

/// What the job's process is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Nothing.
    Go,
    /// Somebody stops the job.
    Stop,
    /// The machine is taken away.
    Interrupt,
    /// SageMaker itself fails.
    Break,
}

/// How a job ended.
pub enum End {
    /// With a model, at this URI.
    Completed(String),
    /// For this reason.
    Failed(String),
    /// From outside, with a secondary status and the URI of a model if there was one.
    Stopped(&'static str, Option<String>),
}

/// A job.
pub struct Job {
    /// Its name.
    pub name: String,
    /// What it is to do.
    pub definition: Definition,
    /// Its folders.
    pub base: PathBuf,
    /// The `spanishgas` of its image.
    pub program: PathBuf,
    state: Mutex<State>,
    orders: watch::Sender<Order>,
}

impl Job {
    /// A job that is about to start.
    pub fn new(name: String, definition: Definition, base: PathBuf, program: PathBuf) -> Self {
        let (state, orders) = (Mutex::new(State::new()), watch::Sender::new(Order::Go));
        Self { name, definition, base, program, state, orders }
    }

    /// Where its output goes.
    pub fn log_file(&self) -> PathBuf {
        self.base.with_extension("log")
    }

    /// What has become of it.
    pub fn state(&self) -> State {
        self.lock().clone()
    }

    /// A job as a test sees it.
    pub fn seen(&self) -> JobSeen {
        let state = self.state();
        JobSeen {
            name: self.name.clone(),
            definition: self.definition.value().clone(),
            status: state.status.to_owned(),
            secondary_status: state.secondary_status().to_owned(),
            pid: state.pid,
        }
    }

    /// The next secondary status.
    pub fn enter(&self, secondary: &'static str) {
        self.lock().enter(secondary);
    }

    /// The process has started; when it must have ended.
    pub fn process_started(&self, pid: Option<u32>) -> Instant {
        let mut state = self.lock();
        state.pid = pid;
        let (_, first) = *state.started.get_or_insert_with(|| (SystemTime::now(), Instant::now()));
        first + self.definition.max_runtime()
    }

    /// The process has ended.
    pub fn process_ended(&self) {
        let mut state = self.lock();
        state.pid = None;
        state.trained = state.started.map(|(_, first)| (SystemTime::now(), first.elapsed()));
    }

    /// The job has ended.
    pub fn end(&self, end: End) {
        let mut state = self.lock();
        let secondary = match end {
            End::Completed(uri) => {
                (state.status, state.artifacts) = ("Completed", Some(uri));
                "Completed"
            }
            End::Failed(reason) => {
                (state.status, state.failure_reason) = ("Failed", Some(reason));
                "Failed"
            }
            End::Stopped(secondary, uri) => {
                (state.status, state.artifacts) = ("Stopped", uri);
                secondary
            }
        };
        state.enter(secondary);
    }

    /// Somebody stops it; false when it has ended already.
    pub fn stop(&self) -> bool {
        let mut state = self.lock();
        if !matches!(state.status, "InProgress" | "Stopping") {
            return false;
        }
        if state.status == "InProgress" {
            state.status = "Stopping";
            state.enter("Stopping");
        }
        self.order(Order::Stop);
        true
    }

    /// Tells the process something.
    pub fn order(&self, order: Order) {
        self.orders.send_replace(order);
    }

    /// An interruption is over; a stop stays.
    pub fn restart(&self) {
        self.orders.send_if_modified(|order| {
            let interrupted = *order == Order::Interrupt;
            if interrupted {
                *order = Order::Go;
            }
            interrupted
        });
    }

    /// What the process is told, from now on.
    pub fn orders(&self) -> watch::Receiver<Order> {
        self.orders.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder panics")
    }
}
