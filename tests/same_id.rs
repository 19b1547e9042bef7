//! The same data has the same workflow ID: a run that ended well is returned, not repeated.

use support::{Published, TestServer, text};

#[test]
fn a_finished_run_is_returned_and_nothing_starts() {
    let published = Published::shared();
    let id = published.workflow_id();
    let dataset = text(&published.result["dataset"]);
    let rest = id.strip_prefix(&format!("churn-pipeline-train-2024-12-31-{dataset}-")).expect("mode, date, data");
    assert!(rest.len() == 8 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");

    let second = published.site.run(&["--mode", "train", "--json"]);
    assert!(second.stderr.contains("ran before"), "{second:#?}");
    assert_eq!(second.json(), published.result, "the first run's result");

    let runs = TestServer::shared().temporal(&["workflow", "list", "--query", &format!("WorkflowId='{id}'")]);
    assert_eq!(runs.as_array().map(Vec::len), Some(1), "{runs}");
}

#[test]
fn a_run_that_is_at_work_is_joined() {
    let site = &Published::shared().site;
    let id = support::new_name("joined");
    let arguments = ["--mode", "score", "--as-of", "2024-10-31", "--workflow-id", &id, "--json"];
    let both = std::thread::scope(|scope| {
        [(); 2].map(|()| scope.spawn(|| site.run(&arguments))).map(|run| run.join().expect("a run"))
    });
    let [one, other] = both.map(|run| run.json());
    assert_eq!(one["run_id"], other["run_id"]);
    assert_eq!(one, other);
}
