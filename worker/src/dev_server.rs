//! The Temporal CLI's development server as a child process: started on loopback, waited for, and
//! gone when we are gone, however we end.

use std::fs::{File, TryLockError};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::{Instant, sleep, timeout};
use tracing::debug;

use crate::connect::{NotConnected, ServerSettings, attempt_once};
use crate::search_attributes::SearchAttribute;

/// The server answers in 0.1 s (in memory) to 0.5 s (file) on an idle machine; this is for busy ones.
const READY_WITHIN: Duration = Duration::from_secs(30);
const STOPPED_WITHIN: Duration = Duration::from_secs(10);
/// A free port may be taken between our look and the server's start; so often we choose anew.
const PORT_ATTEMPTS: u32 = 5;
const LOG_TAIL_LINES: usize = 20;
/// A server whose owner was killed ends in about a second.
const FREE_WITHIN: Duration = Duration::from_secs(5);

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

/// All ports of one server, on loopback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ports {
    grpc: u16,
    ui: u16,
    metrics: u16,
}

impl DevServer {
    /// Starts a server and waits until it serves.
    pub async fn start(options: &DevServerOptions) -> anyhow::Result<Self> {
        let log = locked_log(&options.log_file).await?;
        let mut attempt = 1;
        loop {
            let ports = choose_ports(options.grpc_port, options.ui_port)?;
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

/// The log, locked for as long as the server lives: the server has it as its output, so the lock outlives us if
/// we are killed and the server is not gone yet.
async fn locked_log(log_file: &Path) -> anyhow::Result<File> {
    if let Some(folder) = log_file.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("could not create {}", folder.display()))?;
    }
    let log = File::options().create(true).append(true).open(log_file);
    let log = log.with_context(|| format!("could not create {}", log_file.display()))?;
    let owner = log_file.with_extension("pid");
    let started = Instant::now();
    loop {
        match log.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if started.elapsed() < FREE_WITHIN => sleep(Duration::from_millis(50)).await,
            Err(TryLockError::WouldBlock) => {
                let pid = std::fs::read_to_string(&owner).unwrap_or_default();
                bail!(
                    "another Temporal dev server is at work in {} (started by process {}); stop it first, or choose \
                     another folder: two servers must not share a database",
                    log_file.parent().unwrap_or(Path::new(".")).display(),
                    if pid.is_empty() { "unknown" } else { pid.trim() }
                );
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("could not lock {}", log_file.display()));
            }
        }
    }
    std::fs::write(&owner, std::process::id().to_string())
        .with_context(|| format!("could not write {}", owner.display()))?;
    Ok(log)
}

/// Asks the operating system for all ports at once, so that they differ.
fn choose_ports(grpc: Option<u16>, ui: Option<u16>) -> anyhow::Result<Ports> {
    let bind = |wish: Option<u16>| {
        TcpListener::bind((Ipv4Addr::LOCALHOST, wish.unwrap_or(0)))
            .with_context(|| format!("port {} on 127.0.0.1 is not free; choose another", wish.unwrap_or(0)))
    };
    let (grpc, ui, metrics) = (bind(grpc)?, bind(ui)?, bind(None)?);
    Ok(Ports { grpc: grpc.local_addr()?.port(), ui: ui.local_addr()?.port(), metrics: metrics.local_addr()?.port() })
}

fn arguments(options: &DevServerOptions, ports: Ports) -> anyhow::Result<Vec<String>> {
    let mut arguments: Vec<String> =
        ["server", "start-dev", "--ip", "127.0.0.1", "--log-level", "error"].map(str::to_owned).into();
    for (flag, port) in [("--port", ports.grpc), ("--ui-port", ports.ui), ("--metrics-port", ports.metrics)] {
        arguments.extend([flag.to_owned(), port.to_string()]);
    }
    // Timers may fire late by this much; the default of a second is felt in every short back-off.
    arguments.extend(["--dynamic-config-value", r#"history.timerProcessorMaxTimeShift="10ms""#].map(str::to_owned));
    if let Some(database) = &options.database {
        let path = database.to_str().with_context(|| format!("{} is not UTF-8", database.display()))?;
        arguments.extend(["--db-filename", path].map(str::to_owned));
        // Six times the throughput of the defaults; a power cut may lose the last moments.
        arguments.extend(["--sqlite-pragma", "journal_mode=WAL"].map(str::to_owned));
        arguments.extend(["--sqlite-pragma", "synchronous=NORMAL"].map(str::to_owned));
    }
    for attribute in &options.search_attributes {
        arguments.extend(["--search-attribute".to_owned(), format!("{}={}", attribute.name, attribute.kind.name())]);
    }
    Ok(arguments)
}

fn tail(log: &Path) -> String {
    let text = std::fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_TAIL_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::search_attributes;
    use crate::temporal_cli::{EnvironmentOptions, find};

    /// Options for a server in `folder`, with the Temporal CLI of this machine.
    fn options(folder: &Path) -> DevServerOptions {
        let variable = std::env::var_os("TEMPORAL_CLI").map(PathBuf::from);
        let path: OsString = std::env::var_os("PATH").unwrap_or_default();
        let places =
            EnvironmentOptions { variable: variable.as_deref(), path: Some(&path), ..EnvironmentOptions::default() };
        DevServerOptions {
            cli: find(&places).unwrap(),
            log_file: folder.join("server.log"),
            database: None,
            grpc_port: None,
            ui_port: None,
            search_attributes: Vec::new(),
        }
    }

    #[tokio::test]
    async fn a_database_file_survives_a_restart_and_a_stopped_server_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let options = DevServerOptions {
            database: Some(folder.path().join("temporal.db")),
            search_attributes: search_attributes::REQUIRED.into(),
            ..options(folder.path())
        };

        let first = DevServer::start(&options).await.unwrap();
        let settings = first.settings().unwrap();
        let client = attempt_once(&settings).await.unwrap();
        search_attributes::ensure(&client).await.unwrap();
        first.stop().await.unwrap();
        assert!(attempt_once(&settings).await.is_err(), "the server must not answer after its stop");

        // Without the flags: what is known now comes from the file.
        let again = DevServerOptions { search_attributes: Vec::new(), ..options };
        let second = DevServer::start(&again).await.unwrap();
        let client = attempt_once(&second.settings().unwrap()).await.unwrap();
        search_attributes::probe(&client).await.unwrap();
        second.stop().await.unwrap();
    }

    #[tokio::test]
    async fn missing_search_attributes_are_registered_also_by_two_workers_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let server = DevServer::start(&options(folder.path())).await.unwrap();
        let client = attempt_once(&server.settings().unwrap()).await.unwrap();

        assert!(search_attributes::probe(&client).await.is_err(), "a new server does not know them");
        let two = tokio::join!(search_attributes::ensure(&client), search_attributes::ensure(&client));
        two.0.and(two.1).unwrap();
        search_attributes::probe(&client).await.unwrap();
        server.stop().await.unwrap();
    }

    #[tokio::test]
    async fn watching_for_the_end_of_a_server_does_not_end_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut server = DevServer::start(&options(folder.path())).await.unwrap();
        // A server that is told to stop has ended after this time (it takes 1.1 s).
        timeout(Duration::from_secs(3), server.ended()).await.unwrap_err();
        attempt_once(&server.settings().unwrap()).await.unwrap();
        server.stop().await.unwrap();
    }

    #[tokio::test]
    async fn a_server_that_cannot_start_shows_the_end_of_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let options = DevServerOptions { database: Some("/nowhere/temporal.db".into()), ..options(folder.path()) };
        let message = DevServer::start(&options).await.unwrap_err().to_string();
        assert!(message.contains("/nowhere") && message.contains("server.log"), "{message}");
    }

    #[tokio::test]
    async fn a_second_server_in_the_same_folder_is_refused_and_the_first_keeps_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let options = DevServerOptions { database: Some(folder.path().join("temporal.db")), ..options(folder.path()) };
        let first = DevServer::start(&options).await.unwrap();
        std::fs::write(&options.log_file, "a line of the first").unwrap();
        let message = DevServer::start(&options).await.unwrap_err().to_string();
        assert!(message.contains(&format!("process {}", std::process::id())), "{message}");
        assert!(std::fs::read_to_string(&options.log_file).unwrap().starts_with("a line of the first"));
        attempt_once(&first.settings().unwrap()).await.unwrap();
        first.stop().await.unwrap();
        DevServer::start(&options).await.unwrap().stop().await.unwrap();
    }

    #[tokio::test]
    async fn a_named_port_that_is_taken_is_named_in_the_error() {
        let folder = tempfile::tempdir().unwrap();
        let taken = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let holder = TcpListener::bind(("127.0.0.1", taken)).unwrap();
        let options = DevServerOptions { grpc_port: Some(taken), ..options(folder.path()) };
        let message = DevServer::start(&options).await.unwrap_err().to_string();
        assert!(message.contains(&taken.to_string()), "{message}");
        drop(holder);
    }
}
