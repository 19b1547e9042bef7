//! `spanishgas schedules`: the server holds what the file says, and only that; a pause by hand stays; backfilled runs
//! look from their own days.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use support::home::folder;
use support::lake::TestLake;
use support::{A_RUN, Finished, LENIENT, Published, TestServer, Worker, eventually, new_name, spanishgas, text};

/// A folder with a `schedules.yaml`, and the queue that it is for.
struct Plan {
    folder: TempDir,
    queue: String,
}

impl Plan {
    fn new(queue: &str, schedules: &[String]) -> Self {
        let plan = Self { folder: folder("schedules"), queue: queue.to_owned() };
        plan.write(schedules);
        plan
    }

    fn write(&self, schedules: &[String]) {
        let text = format!("schedules:\n{}", schedules.concat());
        let text = if schedules.is_empty() { "schedules: []\n".to_owned() } else { text };
        std::fs::write(self.path().join("schedules.yaml"), text).expect("a file can be written");
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn run(&self, arguments: &[&str]) -> Finished {
        let config = self.path().to_str().expect("a UTF-8 path");
        let mut all = vec!["schedules"];
        all.extend(arguments);
        all.extend(["--config", config, "--task-queue", &self.queue]);
        spanishgas(Some(TestServer::shared()), &all)
    }

    fn done(&self, arguments: &[&str]) -> Value {
        let mut all = arguments.to_vec();
        all.push("--json");
        self.run(&all).json()
    }

    /// The exit code of `diff`, and what it says.
    fn diff(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let mut all = vec!["diff"];
        all.extend(arguments);
        let finished = self.run(&all);
        (finished.code, finished.stdout)
    }
}

fn schedule(id: &str, more: &str) -> String {
    format!("  - {{ id: {id}, workflow: ChurnPipeline, input: {{ mode: score, as_of: scheduled }}, {more} }}\n")
}

fn described(id: &str) -> Value {
    TestServer::shared().temporal(&["schedule", "describe", "--schedule-id", id])
}

#[test]
fn applied_twice_changes_nothing_and_what_somebody_changed_is_repaired() {
    let (night, morning) = (new_name("night"), new_name("morning"));
    let both = [
        schedule(&night, "cron: '0 2 * * *', catchup_window_secs: 43200, jitter_secs: 60, priority: 4"),
        schedule(&morning, "calendar: { hour: '6', day_of_week: mon-fri }, overlap: buffer_one"),
    ];
    let plan = Plan::new(&new_name("queue"), &both);
    let (code, said) = plan.diff(&[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains(&format!("+ {night}")), "{said}");
    plan.done(&["apply"]);
    assert_eq!(plan.diff(&[]).0, Some(0));
    let again = plan.done(&["apply"]);
    assert_eq!(again["work"], false, "{again}");
    let action = &described(&night)["schedule"]["action"]["startWorkflow"];
    assert_eq!(action["priority"]["priorityKey"], 4, "{action}");

    let server = TestServer::shared();
    let by_hand =
        ["--cron", "0 3 * * *", "--overlap-policy", "AllowAll", "--type", "ChurnPipeline", "--task-queue", "q"];
    server.temporal(&[&["schedule", "update", "--schedule-id", &night, "--workflow-id", "w"], &by_hand[..]].concat());
    let (code, said) = plan.diff(&[]);
    assert_eq!(code, Some(2), "{said}");
    for difference in ["times: 0 3 * * * -> 0 2 * * *", "overlap: allow_all -> skip", "task queue: q -> ", "input: "] {
        assert!(said.contains(difference), "{difference}: {said}");
    }
    plan.done(&["apply"]);
    assert_eq!(plan.diff(&[]), (Some(0), plan.diff(&[]).1));

    let taken_over = new_name("taken-over");
    server.temporal(
        &[&["schedule", "create", "--schedule-id", &taken_over, "--workflow-id", "w"], &by_hand[..]].concat(),
    );
    let foreign = new_name("foreign");
    server.temporal(&[&["schedule", "create", "--schedule-id", &foreign, "--workflow-id", "w"], &by_hand[..]].concat());
    plan.write(&[both[0].clone(), schedule(&taken_over, "cron: '0 4 * * *'")]);
    plan.done(&["apply"]);
    // Only what was made from the file goes, and only when asked.
    let (code, said) = plan.diff(&[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(&format!("? {morning}")), "{said}");
    assert_eq!(plan.diff(&["--prune"]).0, Some(2));
    plan.done(&["apply", "--prune"]);
    server.try_temporal(&["schedule", "describe", "--schedule-id", &morning]).expect_err("it is gone");
    described(&foreign);
    plan.write(&[]);
    plan.done(&["apply", "--prune"]);
    for gone in [&night, &taken_over] {
        server.try_temporal(&["schedule", "describe", "--schedule-id", gone]).expect_err("it is gone");
    }
    server.temporal(&["schedule", "delete", "--schedule-id", &foreign]);
}

#[test]
fn a_pause_by_hand_outlives_every_apply() {
    let id = new_name("paused");
    let plan = Plan::new(&new_name("queue"), &[schedule(&id, "cron: '0 2 * * *', paused: true")]);
    plan.done(&["apply"]);
    let state = || plan.done(&["list"])[0].clone();
    assert_eq!((&state()["paused"], text(&state()["note"])), (&Value::Bool(true), "paused by schedules.yaml"));
    // The file paused it, and now the file starts it.
    plan.write(&[schedule(&id, "cron: '0 2 * * *'")]);
    assert_eq!(plan.diff(&[]).0, Some(2));
    plan.done(&["apply"]);
    assert_eq!(state()["paused"], false);
    assert_eq!(state()["next"].as_array().map(Vec::len), Some(3));

    plan.done(&["pause", &id, "--by", "ana", "--reason", "wrong prices"]);
    let (code, said) = plan.diff(&[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("stays paused until somebody resumes it: paused by ana: wrong prices"), "{said}");
    plan.write(&[schedule(&id, "cron: '0 5 * * *'")]);
    plan.done(&["apply"]);
    assert_eq!((&state()["paused"], text(&state()["note"])), (&Value::Bool(true), "paused by ana: wrong prices"));
    plan.done(&["resume", &id, "--by", "luis", "--reason", "they are right again"]);
    assert_eq!((&state()["paused"], plan.diff(&[]).0), (&Value::Bool(false), Some(0)));
    plan.write(&[]);
    plan.done(&["apply", "--prune"]);

    let missing = plan.run(&["pause", &id, "--by", "ana", "--reason", "x"]);
    assert_eq!(missing.code, Some(1));
    assert!(missing.stderr.contains("there is no schedule"), "{missing:#?}");
}

#[test]
fn a_triggered_run_looks_from_the_last_reading_and_backfilled_ones_from_their_days() {
    let site = &Published::shared().site;
    let (server, id) = (TestServer::shared(), new_name("scoring"));
    let plan = Plan::new(site.queue(), &[schedule(&id, "cron: '0 2 * * *', priority: 1")]);
    plan.done(&["apply"]);
    let triggered = plan.done(&["trigger", &id]);
    let run = text(&triggered["workflow_id"]);
    assert_eq!(text(&server.result(run)["as_of"]), "2024-12-31", "the readings end there");

    let would = plan.done(&["backfill", &id, "2024-10-30", "2024-10-31", "--dry-run"]);
    assert_eq!(would["started"], false);
    // A leap year's 366 nights, but for the one in March that has no two o'clock.
    let year = plan.run(&["backfill", &id, "2024-01-01", "2024-12-31"]);
    assert!(year.code == Some(1) && year.stderr.contains("365 times") && year.stderr.contains("--yes"), "{year:#?}");
    plan.done(&["backfill", &id, "2024-10-30", "2024-10-31"]);
    for (scheduled, as_of) in [("2024-10-30T01:00:00Z", "2024-10-29"), ("2024-10-31T01:00:00Z", "2024-10-30")] {
        let run = format!("{id}-{scheduled}");
        eventually("the backfilled run starts", A_RUN, || {
            server.try_temporal(&["workflow", "describe", "--workflow-id", &run]).ok()
        });
        assert_eq!(text(&server.result(&run)["as_of"]), as_of);
    }
    let last = plan.done(&["list"])[0]["last"].clone();
    assert!(text(&last["workflow_id"]).starts_with(&id), "{last}");
    assert_eq!(text(&last["status"]), "COMPLETED", "the run itself is asked: {last}");
    plan.write(&[]);
    plan.done(&["apply", "--prune"]);
}

/// Six retrains are there first, and the morning's scoring comes last; one core serves them all.
#[test]
fn the_mornings_scoring_overtakes_the_retrains_that_wait() {
    let (lake, config, scratch, queue) = (TestLake::new(), LENIENT.write(), folder("scratch"), new_name("queue"));
    let (nights, morning) = (["night"; 6].map(new_name), new_name("morning"));
    let mut wanted: Vec<_> = nights.iter().map(|id| schedule(id, "cron: '0 2 * * *', priority: 4")).collect();
    wanted.push(schedule(&morning, "cron: '0 6 * * *', priority: 1"));
    let plan = Plan::new(&queue, &wanted);
    plan.done(&["apply"]);
    let triggered = |id: &String| text(&plan.done(&["trigger", id])["workflow_id"]).to_owned();
    let nights: Vec<_> = nights.iter().map(triggered).collect();
    let morning = triggered(&morning);

    let [config, scratch] = [config.path(), scratch.path()].map(|path| path.to_str().expect("a UTF-8 path"));
    let options = ["--config", config, "--scratch", scratch, "--cpu-slots", "1"];
    let _worker = Worker::start(TestServer::shared(), lake.path(), &queue, &options);
    let ended = |id: &String| {
        assert_eq!(TestServer::shared().await_end(id, 2 * A_RUN), "COMPLETED", "{id}");
        let described = TestServer::shared().temporal(&["workflow", "describe", "--workflow-id", id]);
        let closed = text(&described["workflowExecutionInfo"]["closeTime"]);
        closed.parse::<chrono::DateTime<chrono::Utc>>().expect("a time")
    };
    let scored = ended(&morning);
    for night in &nights {
        let trained = ended(night);
        assert!(scored < trained, "{morning} ended at {scored}, and {night} before it, at {trained}");
    }
    plan.write(&[]);
    plan.done(&["apply", "--prune"]);
}

#[test]
fn a_run_that_no_schedule_started_has_no_scheduled_date() {
    let site = &Published::shared().site;
    let id = site.start(Some(r#"{"mode":"score","as_of":"scheduled"}"#));
    assert_eq!(TestServer::shared().await_end(&id, A_RUN), "FAILED");
    let history = TestServer::shared().temporal(&["workflow", "show", "--workflow-id", &id]);
    assert!(history.to_string().contains("no schedule started this run"), "{history}");
}

#[test]
fn schedules_under_another_name_are_not_passed_over() {
    let plan = Plan::new("q", &[]);
    std::fs::write(plan.path().join("schedule.yml"), "schedules: []\n").expect("a file can be written");
    let config = plan.path().to_str().expect("a UTF-8 path");
    let refused = spanishgas(None, &["schedules", "list", "--config", config, "--address", "127.0.0.1:9"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("schedule.yml (is it schedules.yaml?)"), "{refused:#?}");
}

#[test]
fn a_server_that_is_not_there_is_said() {
    let plan = Plan::new("q", &[]);
    let config = plan.path().to_str().expect("a UTF-8 path");
    let gone = spanishgas(None, &["schedules", "list", "--config", config, "--address", "127.0.0.1:9"]);
    assert_eq!(gone.code, Some(1));
    assert!(gone.stderr.contains("no Temporal server at"), "{gone:#?}");
}
