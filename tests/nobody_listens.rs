//! A run that no worker takes up does not wait in silence: after some seconds `spanishgas run` says that nobody
//! listens, on which queues, and what to start; and when somebody does, it says that too. What a person tells a run that
//! nobody works for is not kept for later.

use std::time::Duration;

use support::home::folder;
use support::lake::TestLake;
use support::program::program;
use support::supervised::Supervised;
use support::{A_RUN, LENIENT, TestServer, Worker, eventually, home, new_name, spanishgas, text};

#[test]
fn it_is_said_with_the_queues_and_the_command() {
    let (lake, config, scratch) = (TestLake::new(), LENIENT.write(), folder("scratch"));
    let (queue, id) = (new_name("empty-queue"), new_name("unheard"));
    let [lake_text, config, scratch] =
        [lake.path(), config.path(), scratch.path()].map(|path| path.to_str().expect("a UTF-8 path"));
    let arguments = [
        "run",
        "--lake",
        lake_text,
        "--config",
        config,
        "--task-queue",
        &queue,
        "--mode",
        "score",
        "--workflow-id",
        &id,
    ];
    let variables = [("TEMPORAL_ADDRESS", TestServer::shared().address())];
    let mut run = Supervised::start(program(), arguments, &variables, home::home().join(format!("{id}.log")));
    run.await_log(&format!("no worker listens on task queues {queue} and {queue}-cpu"), Duration::from_secs(30));
    assert!(run.log().contains(&format!("spanishgas worker --task-queue {queue}")), "{}", run.log());

    let check = || {
        let arguments = ["config", "check", "--connect", "--lake", lake_text, "--task-queue", &queue];
        spanishgas(Some(TestServer::shared()), &arguments)
    };
    let before = check();
    assert_eq!(before.code, Some(0), "{before:#?}");
    let remark = format!("note     Temporal: no worker listens on task queues {queue} and {queue}-cpu");
    assert!(before.stdout.contains(&remark), "{before:#?}");

    let options = ["--config", config, "--scratch", scratch];
    let _worker = Worker::start(TestServer::shared(), lake.path(), &queue, &options);
    let after = check();
    assert!(after.stdout.contains(&format!("ok       Temporal: a worker listens on task queue {queue}")), "{after:#?}");
    let status = eventually("the run ends", A_RUN, || run.ended());
    assert!(status.success(), "{}", run.log());
    let said = run.log();
    assert_eq!(said.matches("no worker listens").count(), 1, "it repeats itself: {said}");
}

#[test]
fn a_word_that_nobody_hears_is_not_kept_for_a_worker_of_later() {
    let (lake, config, scratch) = (TestLake::new(), LENIENT.write(), folder("scratch"));
    let (queue, id, server) = (new_name("empty-queue"), new_name("unheard"), TestServer::shared());
    let start = ["workflow", "start", "--type", "ChurnPipeline", "--task-queue", &queue, "--workflow-id", &id];
    server.temporal(&[&start[..], &["--input", r#"{"mode":"score"}"#]].concat());
    let commands: [&[&str]; 2] = [&["pause", &id, "--reason", "wrong prices"], &["approvals", "approve", &id]];
    for command in commands {
        let refused = spanishgas(Some(server), &[command, &["--by", "ana", "--task-queue", &queue]].concat());
        assert_eq!(refused.code, Some(1), "{refused:#?}");
        let words = format!("run {id} was told nothing, since no worker answers for it: no worker listens");
        assert!(refused.stderr.contains(&words), "{refused:#?}");
    }

    let [config, scratch] = [config.path(), scratch.path()].map(|path| path.to_str().expect("a UTF-8 path"));
    let _worker = Worker::start(server, lake.path(), &queue, &["--config", config, "--scratch", scratch]);
    let result = server.result(&id);
    let record = lake.json(&format!("runs/{}/run.json", text(&result["run_id"])));
    assert!(record.get("pauses").and_then(|pauses| pauses.as_array()).is_none_or(Vec::is_empty), "{record:#}");
}
