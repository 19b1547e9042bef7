//! What the Temporal CLI is told: its ports, its database, our search attributes.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::Context;

use super::DevServerOptions;

/// All ports of one server, on loopback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ports {
    pub(super) grpc: u16,
    pub(super) ui: u16,
    metrics: u16,
}

impl Ports {
    /// Asks the operating system for all ports at once, so that they differ.
    pub(super) fn choose(grpc: Option<u16>, ui: Option<u16>) -> anyhow::Result<Self> {
        let bind = |wish: Option<u16>| {
            TcpListener::bind((Ipv4Addr::LOCALHOST, wish.unwrap_or(0)))
                .with_context(|| format!("port {} on 127.0.0.1 is not free; choose another", wish.unwrap_or(0)))
        };
        let (grpc, ui, metrics) = (bind(grpc)?, bind(ui)?, bind(None)?);
        Ok(Self { grpc: grpc.local_addr()?.port(), ui: ui.local_addr()?.port(), metrics: metrics.local_addr()?.port() })
    }
}

/// The arguments that start a server.
pub(super) fn arguments(options: &DevServerOptions, ports: Ports) -> anyhow::Result<Vec<String>> {
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
        arguments.extend(["--search-attribute".to_owned(), format!("{}={}", attribute.name, attribute.kind.as_str())]);
    }
    Ok(arguments)
}
