//! `spanishgas dev-server`: Temporal's development server with a database file.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use protocol::search_attributes::ALL;
use tracing::info;

use crate::dev_server::{DevServer, DevServerOptions};
use crate::temporal_cli::{self, EnvironmentOptions};
use crate::worker_process::stop_signal;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The folder of the database file and the log.
    #[arg(long, default_value = ".state")]
    pub state: PathBuf,
    /// The port of the server.
    #[arg(long, default_value_t = 7233)]
    pub port: u16,
    /// The port of the Web UI.
    #[arg(long, default_value_t = 8233)]
    pub ui_port: u16,
    /// The Temporal CLI [default: TEMPORAL_CLI, the project's tools, PATH].
    #[arg(long)]
    pub temporal_cli: Option<PathBuf>,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let shutdown = stop_signal()?;
    let options = DevServerOptions {
        grpc_port: Some(arguments.port),
        ui_port: Some(arguments.ui_port),
        ..in_folder(&arguments.state, arguments.temporal_cli.as_deref())?
    };
    let mut server = DevServer::start(&options).await?;
    info!(address = %server.grpc_address(), ui = %server.ui_url(), "dev server is ready");
    tokio::select! {
        () = shutdown => {}
        error = server.ended() => return Err(error),
    }
    server.stop().await?;
    Ok(ExitCode::SUCCESS)
}

/// A server with its database and log in `state`, on free ports, with our search attributes.
pub fn in_folder(state: &Path, temporal_cli: Option<&Path>) -> anyhow::Result<DevServerOptions> {
    std::fs::create_dir_all(state).with_context(|| format!("could not make {}", state.display()))?;
    let variable = std::env::var_os("TEMPORAL_CLI").map(PathBuf::from);
    let path = std::env::var_os("PATH");
    let cli = temporal_cli::find(&EnvironmentOptions {
        argument: temporal_cli,
        variable: variable.as_deref(),
        tools: Some(Path::new(".tools")),
        path: path.as_deref(),
    })?;
    Ok(DevServerOptions {
        cli,
        log_file: state.join("temporal.log"),
        database: Some(state.join("temporal.db")),
        grpc_port: None,
        ui_port: None,
        search_attributes: ALL.into(),
    })
}
