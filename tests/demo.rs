//! `spanishgas demo`: one JSON object on standard output, nothing left running, and a second time
//! nothing is computed again. One that is stopped (Ctrl-C) gives back what it was at, and the next goes on with it.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use support::home::{folder, home};
use support::lake::{CUSTOMERS, SEED, TestLake};
use support::ports::free_ports;
use support::processes::{is_running, processes_with, training_below};
use support::program::program;
use support::supervised::Supervised;
use support::{A_RUN, Finished, LENIENT, Settings, TestServer, eventually, new_name, spanishgas, text};

#[test]
fn it_does_it_all_and_cleans_up() {
    let lake = folder("demo");
    let lake = lake.path().to_str().expect("a UTF-8 path");
    let config = LENIENT.write();
    let config = config.path().to_str().expect("a UTF-8 path");
    let customers = CUSTOMERS.to_string();
    let demo = |extra: &[&str]| -> Finished {
        let arguments = ["demo", "--lake", lake, "--config", config, "--json"];
        spanishgas(None, &[&arguments, extra].concat())
    };

    let first = demo(&["--customers", &customers, "--seed", SEED]);
    let result = first.json();
    assert_eq!((text(&result["state"]), text(&result["outcome"])), ("completed", "promoted"));
    assert!(first.stderr.contains("NOTE: this demo's gate asks for PR-AUC >= 0.30 instead of 0.05"), "{first:#?}");
    assert_eq!(processes_with(lake), Vec::<u32>::new(), "something of the demo is still running");

    let second = demo(&["--no-generate"]).json();
    assert_eq!(second["workflow_id"], result["workflow_id"]);
    let skipped = |stage: &Value| stage["name"] == "raw" || stage["skipped"] == true;
    assert!(second["stages"].as_array().expect("stages").iter().all(skipped), "{second:#}");
    assert_eq!(processes_with(lake), Vec::<u32>::new(), "something of the demo is still running");
}

#[test]
fn one_that_is_stopped_gives_its_training_back_and_the_same_command_goes_on_with_it() {
    let (lake, scratch) = (TestLake::new(), folder("demo-scratch"));
    // Longer than the worker's grace, so that the training does not end by itself.
    let config = Settings { rounds: 40_000, ..LENIENT }.write();
    let [lake_path, config, scratch] =
        [lake.path(), config.path(), scratch.path()].map(|path| path.to_str().expect("a UTF-8 path"));
    let demo = || {
        let arguments = ["demo", "--lake", lake_path, "--config", config, "--no-generate"];
        let log = home().join(format!("{}.log", new_name("demo")));
        Supervised::start(program(), arguments, &[("TMPDIR", scratch)], log)
    };

    let mut first = demo();
    let process = eventually("training has started", A_RUN, || training_below(scratch));
    // Not to its training, which a terminal would tell too: the demo alone has to end it.
    kill(Pid::from_raw(first.pid().cast_signed()), Signal::SIGINT).expect("the demo can be told");
    let ended = eventually("the demo ends", Duration::from_mins(1), || first.ended());
    assert!(!is_running(process), "the demo has ended and its training goes on");
    let said = first.log();
    assert!(ended.code() == Some(1) && said.contains("the same command goes on from there\n"), "{said}");
    let id = said.lines().find_map(|line| line.strip_prefix("workflow ")).expect("the demo names its run");
    drop(first);
    eventually("nothing of the demo is running", Duration::from_secs(30), || {
        processes_with(lake_path).is_empty().then_some(())
    });

    // The server has heard of the end: it waits for no heartbeat, and the next attempt may begin.
    let server = TestServer::with_database(&lake.at(".temporal"), free_ports());
    let described = server.temporal(&["workflow", "describe", "--workflow-id", id]);
    let pending = described["pendingActivities"].as_array().expect("activities that have not ended");
    let is_training = |activity: &&Value| activity["activityType"]["name"] == "train_model";
    let training = pending.iter().find(is_training).expect("the training has not ended");
    let failure = &training["lastFailure"];
    assert!(failure["applicationFailureInfo"].is_object(), "the attempt was not given back: {training:#}");
    assert_eq!(training["attempt"], 2, "{training:#}");
    server.kill();

    let second = demo();
    eventually("the training has started again", A_RUN, || training_below(scratch));
    assert!(second.log().contains(id), "it is another run: {}", second.log());
}

#[test]
fn one_that_is_stopped_while_it_invents_leaves_no_half_of_the_files_and_starts_no_server() {
    let lake = folder("demo-stopped");
    let path = lake.path().to_str().expect("a UTF-8 path");
    let log = home().join(format!("{}.log", new_name("demo")));
    // Enough for minutes: an end that waits for them would be noticed.
    let arguments = ["demo", "--lake", path, "--customers", "200000"];
    let mut demo = Supervised::start(program(), arguments, &[], log);
    demo.await_log("inventing 200000 customers", A_RUN);
    let (status, said) = demo.terminate(Duration::from_mins(1));
    assert!(status.code() == Some(1) && said.contains("stopped by a signal"), "{said}");
    assert!(!said.contains("Temporal  "), "a server was started: {said}");
    let left: Vec<_> = std::fs::read_dir(lake.path().join("raw")).into_iter().flatten().flatten().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn without_raw_files_it_fails_and_names_them() {
    let lake = folder("demo-empty");
    let lake = lake.path().to_str().expect("a UTF-8 path");
    let ended = spanishgas(None, &["demo", "--lake", lake, "--no-generate", "--json"]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(ended.stderr.contains("churn_label.csv") && ended.stderr.contains("missing"), "{ended:#?}");
    assert_eq!(processes_with(lake), Vec::<u32>::new(), "something of the demo is still running");
}
