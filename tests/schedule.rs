//! A schedule made with the Temporal CLI, as the README shows it, runs the pipeline.

use support::{A_RUN, Published, TestServer, eventually, new_name};

#[test]
fn a_nightly_schedule_runs_the_pipeline() {
    let site = &Published::shared().site;
    let server = TestServer::shared();
    let id = new_name("nightly");
    server.temporal(&[
        "schedule",
        "create",
        "--schedule-id",
        &id,
        "--cron",
        "0 2 * * *",
        "--time-zone",
        "Europe/Madrid",
        "--overlap-policy",
        "Skip",
        "--workflow-id",
        &id,
        "--type",
        "ChurnPipeline",
        "--task-queue",
        site.queue(),
        "--input",
        r#"{"mode":"score"}"#,
    ]);
    server.temporal(&["schedule", "trigger", "--schedule-id", &id]);
    let run = eventually("the schedule starts a run", A_RUN, || {
        let described = server.temporal(&["schedule", "describe", "--schedule-id", &id]);
        let action = &described["info"]["recentActions"][0];
        action["startWorkflowResult"]["workflowId"].as_str().map(str::to_owned)
    });
    assert_eq!(server.await_end(&run, A_RUN), "COMPLETED");
    server.temporal(&["schedule", "delete", "--schedule-id", &id]);
}
