//! The Temporal CLI's development server as a child process: started on loopback, waited for, and
//! gone when we are gone, however we end.

mod command_line;
mod log;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use command_line::{Ports, arguments};
use log::{locked_log, tail};
use protocol::search_attributes::SearchAttribute;
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::{Instant, sleep, timeout};
use tracing::debug;

use crate::connect::{NotConnected, ServerSettings, attempt_once};

/// The server answers in 0.1 s (in memory) to 0.5 s (file) on an idle machine; this is for busy ones.
const READY_WITHIN: Duration = Duration::from_secs(30);
const STOPPED_WITHIN: Duration = Duration::from_secs(10);
/// A free port may be taken between our look and the server's start; so often we choose anew.
const PORT_ATTEMPTS: u32 = 5;

/// A shell that becomes the server, beside a watcher that waits on our pipe. The pipe closes when
/// we stop the server and also when we die, even by SIGKILL: either way no server is left behind.
const SUPERVISED: &str = r#"exec 3<&0; (read -r _ <&3; kill -TERM $$) & exec 3<&-; exec "$@" </dev/null"#;

/// How to start the server.
#[derive(Debug, Clone)]
pub struct DevServerOptions {
    /// The Temporal CLI, see [`crate::temporal_cli::find`].
    pub cli: PathBuf,
    /// Where the output of the server goes; overwritten by each start. Two servers never share one, and so
    /// neither the database beside it.
    pub log_file: PathBuf,
    /// The database file that survives restarts; without it everything is in memory.
    pub database: Option<PathBuf>,
    /// The port of the gRPC service; a free one when not given.
    pub grpc_port: Option<u16>,
    /// The port of the Web UI; a free one when not given.
    pub ui_port: Option<u16>,
    /// The search attributes to register.
    pub search_attributes: Vec<SearchAttribute>,
}

/// A running server. Dropping it stops the server without waiting for the end.
#[derive(Debug)]
pub struct DevServer {
    child: Child,
    // Taken out of the child, because waiting for a child closes its standard input.
    lifeline: Option<ChildStdin>,
    ports: Ports,
    log_file: PathBuf,
}

impl DevServer {
    /// Starts a server and waits until it serves.
    pub async fn start(options: &DevServerOptions) -> anyhow::Result<Self> {
        let log = locked_log(&options.log_file).await?;
        let mut attempt = 1;
        loop {
            let ports = Ports::choose(options.grpc_port, options.ui_port)?;
            let mut server = Self::spawn(options, ports, &log)?;
            let Err(problem) = server.wait_until_serving().await else { return Ok(server) };
            let log = tail(&server.log_file);
            if !log.contains("address already in use") || attempt == PORT_ATTEMPTS {
                bail!(
                    "the Temporal dev server did not start: {problem}; the end of {}:\n{log}",
                    server.log_file.display()
                );
            }
            debug!(attempt, "a port was taken by another process; choosing new ones");
            attempt += 1;
        }
    }

    /// `host:port` of the gRPC service.
    pub fn grpc_address(&self) -> String {
        format!("127.0.0.1:{}", self.ports.grpc)
    }

    /// The address of the Web UI.
    pub fn ui_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.ui)
    }

    /// The settings to connect to this server.
    pub fn settings(&self) -> anyhow::Result<ServerSettings> {
        ServerSettings::local(&self.grpc_address())
    }

    /// Resolves when the server ends by itself, which it should not.
    pub async fn ended(&mut self) -> anyhow::Error {
        let status = self.child.wait().await.map_or_else(|error| error.to_string(), |status| status.to_string());
        let log = &self.log_file;
        anyhow::anyhow!("the Temporal dev server ended ({status}); the end of {}:\n{}", log.display(), tail(log))
    }

    /// Stops the server: asks it to end, waits, and kills it when it does not.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        drop(self.lifeline.take());
        if let Ok(ended) = timeout(STOPPED_WITHIN, self.child.wait()).await {
            ended.context("could not wait for the Temporal dev server to end")?;
            return Ok(());
        }
        self.child.kill().await.context("could not kill the Temporal dev server")
    }

    /// Ends the server at once, where nobody asks it any more: what it has answered is in its database, and the next one
    /// goes on with that. One that is asked to end keeps its port open for a second first.
    pub async fn end_at_once(mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("could not kill the Temporal dev server")
    }

    fn spawn(options: &DevServerOptions, ports: Ports, log: &File) -> anyhow::Result<Self> {
        let log_file = &options.log_file;
        log.set_len(0).with_context(|| format!("could not empty {}", log_file.display()))?;
        let mut child = Command::new("sh")
            .args(["-c", SUPERVISED, "sh"])
            .arg(&options.cli)
            .args(arguments(options, ports)?)
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log.try_clone()?)
            // Its own group: Ctrl-C in a terminal is for us, and we stop the server after the worker.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("could not start {}", options.cli.display()))?;
        let lifeline = child.stdin.take();
        Ok(Self { child, lifeline, ports, log_file: log_file.clone() })
    }

    async fn wait_until_serving(&mut self) -> anyhow::Result<()> {
        let settings = self.settings()?;
        let started = Instant::now();
        loop {
            let reason = match attempt_once(&settings).await {
                // The child is checked after the answer: another server may hold the port we asked for.
                Ok(_) if self.child.try_wait()?.is_none() => return Ok(()),
                Ok(_) => "another process answers on its port".to_owned(),
                Err(NotConnected::Waiting(reason) | NotConnected::Refused(reason)) => reason,
            };
            if let Some(status) = self.child.try_wait()? {
                bail!("it ended with {status}");
            }
            if started.elapsed() > READY_WITHIN {
                bail!("it does not serve after {} s ({reason})", READY_WITHIN.as_secs());
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}
