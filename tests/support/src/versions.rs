//! Versions of the workers' code, as an operator changes them.

use super::{A_RUN, TestServer, eventually};

/// Makes a version of a deployment the current one; the server must have heard of its workers first.
pub fn make_current(deployment: &str, build_id: &str) {
    let options = ["--deployment-name", deployment, "--build-id", build_id, "--yes"];
    let arguments = [&["worker", "deployment", "set-current-version"], &options[..]].concat();
    eventually("the version is current", A_RUN, || TestServer::shared().try_temporal(&arguments).ok());
}
