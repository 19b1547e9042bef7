//! A worker waits for its server, and a server that is lost in mid-training (SIGKILL) costs nothing:
//! started again on its database, the run goes on.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use support::history::retried_activities_on;
use support::home::folder;
use support::lake::TestLake;
use support::ports::free_ports;
use support::processes::{processes_with, training_below};
use support::{A_RUN, LENIENT, Settings, TestServer, Worker, eventually};

const QUEUE: &str = "of-a-lost-server";

#[test]
fn the_run_goes_on() {
    let (lake, state, scratch) = (TestLake::new(), folder("state"), folder("scratch"));
    // Long enough that the training is still at work when the server is back.
    let config = Settings { rounds: 3_000, ..LENIENT }.write();
    let ports = free_ports();

    let [config, scratch] = [config.path(), scratch.path()].map(|path| path.to_str().expect("a UTF-8 path"));
    let options = ["--config", config, "--scratch", scratch];
    let mut worker = Worker::launch(&format!("127.0.0.1:{}", ports[0]), lake.path(), QUEUE, &options);
    worker.await_log("waiting for the Temporal server");
    let server = TestServer::with_database(state.path(), ports);
    worker.await_log("worker started");

    let input = r#"{"mode":"train"}"#;
    let start = ["workflow", "start", "--type", "ChurnPipeline", "--task-queue", QUEUE];
    server.temporal(&[&start[..], &["--workflow-id", "outlives", "--input", input]].concat());
    eventually("training has started", A_RUN, || training_below(scratch));
    let database = state.path().join("temporal.db");
    let temporal = processes_with(database.to_str().expect("a UTF-8 path"));
    assert!(!temporal.is_empty(), "the server works on its database");
    for pid in temporal {
        kill(Pid::from_raw(pid.cast_signed()), Signal::SIGKILL).unwrap();
    }
    let (code, log) = server.ended();
    assert_eq!(code, Some(1), "the command says that its server has gone:\n{log}");

    let server = TestServer::with_database(state.path(), ports);
    assert_eq!(server.result("outlives")["outcome"], "promoted");
    assert_eq!(retried_activities_on(&server, "outlives"), 0, "the training was not begun anew");
    assert!(lake.has("scored/latest.json"));
}
