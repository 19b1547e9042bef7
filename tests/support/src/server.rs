//! One Temporal dev server, in memory, shared by all tests of the binary, and the Temporal CLI on it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;

use super::home::home;
pub use super::ports::free_ports;
use super::program::program;
use super::supervised::Supervised;
use super::{A_RUN, eventually};

/// The running server.
pub struct TestServer {
    address: String,
    cli: PathBuf,
    // Statics are never dropped: the server ends because the supervisor sees the test binary end.
    server: Supervised,
}

impl TestServer {
    /// The server; the first caller starts it.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<TestServer> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// A server of one test, with its database in `state`: `spanishgas dev-server`.
    pub fn with_database(state: &Path, [port, ui_port]: [u16; 2]) -> Self {
        let (port_text, ui_port) = (port.to_string(), ui_port.to_string());
        let state_text = state.to_str().expect("a UTF-8 path");
        let arguments = ["dev-server", "--state", state_text, "--port", &port_text, "--ui-port", &ui_port];
        let mut server = Supervised::start(program(), arguments, &[], state.join("dev-server.log"));
        server.await_log("dev server is ready", Duration::from_mins(1));
        Self { address: format!("127.0.0.1:{port}"), cli: cli(), server }
    }

    /// Waits until the server has ended by itself; its exit code and its log.
    pub fn ended(mut self) -> (Option<i32>, String) {
        let status = eventually("the server's command ends", Duration::from_secs(30), || self.server.ended());
        (status.code(), self.server.log())
    }

    /// Kills the command that started the server, as a crash would.
    pub fn kill(self) {
        self.server.kill();
    }

    /// The process that started the server.
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// `host:port` of the gRPC service.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Runs the Temporal CLI with `arguments`; its JSON output, or the error text.
    pub fn try_temporal(&self, arguments: &[&str]) -> Result<Value, String> {
        let output = temporal(&self.cli, &self.address).args(arguments).args(["--output", "json"]).output();
        let output = output.expect("the Temporal CLI can be run");
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        // Some commands print nothing.
        Ok(serde_json::from_slice(&output.stdout).unwrap_or(Value::Null))
    }

    /// As [`Self::try_temporal`]; a failure ends the test with the CLI's error. A server that has too many questions at once
    /// is asked again.
    pub fn temporal(&self, arguments: &[&str]) -> Value {
        eventually("the Temporal CLI is answered", A_RUN, || match self.try_temporal(arguments) {
            Ok(answer) => Some(answer),
            Err(error) if error.contains("query buffer is full") => None,
            Err(error) => panic!("temporal {}: {error}", arguments.join(" ")),
        })
    }

    /// The status of a workflow, without its prefix: `RUNNING`, `COMPLETED`, `FAILED`, `CANCELED` ...
    pub fn status(&self, workflow_id: &str) -> String {
        let described = self.temporal(&["workflow", "describe", "--workflow-id", workflow_id]);
        let status = described["workflowExecutionInfo"]["status"].as_str().expect("describe has a status");
        status.trim_start_matches("WORKFLOW_EXECUTION_STATUS_").to_owned()
    }

    /// Waits until a workflow has ended; its status.
    pub fn await_end(&self, workflow_id: &str, within: Duration) -> String {
        eventually(&format!("workflow {workflow_id} ends"), within, || {
            Some(self.status(workflow_id)).filter(|status| status != "RUNNING")
        })
    }

    /// The result of a run that must come to one.
    pub fn result(&self, workflow_id: &str) -> Value {
        let status = self.await_end(workflow_id, A_RUN);
        assert!(status == "COMPLETED", "{workflow_id}: {status}");
        self.temporal(&["workflow", "result", "--workflow-id", workflow_id])["result"].clone()
    }

    /// How far a run says that it is.
    pub fn progress(&self, workflow_id: &str) -> Value {
        let query = ["workflow", "query", "--workflow-id", workflow_id, "--type", "progress"];
        self.temporal(&query)["queryResult"][0].clone()
    }

    fn start() -> Self {
        let cli = cli();
        let [port, ui_port, metrics_port] = free_ports();
        let arguments = [
            "server",
            "start-dev",
            "--ip=127.0.0.1",
            &format!("--port={port}"),
            &format!("--ui-port={ui_port}"),
            &format!("--metrics-port={metrics_port}"),
            "--log-level=error",
            r#"--dynamic-config-value=history.timerProcessorMaxTimeShift="10ms""#,
        ];
        let mut server = Supervised::start(&cli, arguments, &[], home().join("server.log"));
        let address = format!("127.0.0.1:{port}");
        eventually("the Temporal server serves", Duration::from_secs(30), || {
            assert!(server.ended().is_none(), "the Temporal server ended:\n{}", server.log());
            let mut probe = temporal(&cli, &address);
            let probe = probe.args(["operator", "namespace", "describe", "default"]).output();
            probe.expect("the Temporal CLI can be run (make tools)").status.success().then_some(())
        });
        Self { address, cli, server }
    }
}

/// The CLI for this server only, whatever is configured on the machine.
fn temporal(cli: &Path, address: &str) -> Command {
    let mut command = Command::new(cli);
    command.args(["--disable-config-file", "--address", address]);
    for variable in ["TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY", "TEMPORAL_PROFILE", "TEMPORAL_TLS"] {
        command.env_remove(variable);
    }
    command
}

fn cli() -> PathBuf {
    std::env::var_os("TEMPORAL_CLI").map_or_else(|| PathBuf::from("temporal"), PathBuf::from)
}
