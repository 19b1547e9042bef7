//! People who decide on a promotion.

use serde_json::Value;

use super::{A_RUN, Site, TestServer, eventually};

/// A decision on a waiting promotion, as a person gives it with the Temporal CLI.
pub fn decide(id: &str, decision: &str, input: &str) -> Result<Value, String> {
    let arguments = ["workflow", "update", "execute", "--workflow-id", id, "--name", decision, "--input", input];
    TestServer::shared().try_temporal(&arguments)
}

/// Waits until the challenger has passed its checks and a person is asked.
pub fn await_request(site: &Site, id: &str) {
    eventually("a person is asked", A_RUN, || {
        let asked = site.lake.alerts_of("approval_requested");
        asked.iter().any(|alert| alert["run"]["workflow_id"] == id).then_some(())
    });
}
