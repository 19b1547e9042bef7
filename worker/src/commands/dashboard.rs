//! `spanishgas dashboard`: the pages about the results, the models and the runs.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use activities::configuration::Configuration;
use anyhow::Context;
use chrono::{TimeDelta, Utc};
use dashboard::access::Admission;
use dashboard::data::Store;
use dashboard::server::People;
use dashboard::temporal::{Connect, Temporal};
use dashboard::{Facts, Parts, Site};
use futures::FutureExt;
use tokio::net::TcpListener;

use super::access::AccessArguments;
use super::operate::carry_out;
use crate::connect::{NotConnected, ServerArguments, ServerSettings, attempt_once};
use crate::environment::{EnvironmentOptions, REVISION};
use crate::scratch::Scratch;
use crate::worker_process::stop_signal;

/// Where the dashboard listens, unless somebody says otherwise.
pub const LISTENS: &str = "127.0.0.1:8080";
/// Answers that are being made when it is told to stop get so long.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: spanishgas dashboard --lake ./data\n\
    Then open http://127.0.0.1:8080\n\
    Exit code: 0 it was stopped; 1 it cannot listen, cannot read the lake, or would listen for everybody without asking who comes")]
pub struct Arguments {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    #[command(flatten)]
    pub server: ServerArguments,
    #[command(flatten)]
    pub access: AccessArguments,
    /// Where it listens; anywhere but on this machine it asks who comes.
    #[arg(long, env = "SPANISHGAS_DASHBOARD", default_value = LISTENS, value_name = "HOST:PORT")]
    pub listen: SocketAddr,
    /// Temporal's own pages, for the links to a run [default: no links].
    #[arg(long, env = "SPANISHGAS_TEMPORAL_UI", value_name = "URL")]
    pub temporal_ui: Option<String>,
    /// After so many hours published results are called too old.
    #[arg(long, default_value_t = 26, value_parser = clap::value_parser!(u32).range(1..))]
    pub stale_hours: u32,
    /// Print the address as one JSON object.
    #[arg(long)]
    pub json: bool,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let stopped = stop_signal()?.shared();
    let listens = arguments.listen;
    let listener = TcpListener::bind(listens).await.with_context(|| format!("could not listen at {listens}"))?;
    let address = listener.local_addr().context("could not find the address that was given")?;
    let scratch = Scratch::new(None)?;
    let site = site(&arguments, address, &scratch).await?;
    announce(address, arguments.json);
    tokio::select! {
        served = dashboard::serve(listener, site, stopped.clone()) => served.context("could not serve the dashboard")?,
        () = given_up(stopped) => tracing::warn!(limit_secs = LAST_ANSWERS.as_secs(), "the dashboard's last answers were cut off"),
    }
    Ok(ExitCode::SUCCESS)
}

/// Everything is opened before anything is served.
async fn site(arguments: &Arguments, address: SocketAddr, scratch: &Scratch) -> anyhow::Result<Site> {
    let Arguments { places, server, access, .. } = arguments;
    let clock: dashboard::access::Clock = Arc::new(Utc::now);
    let settings = access.settings(address)?;
    let people = match settings.admission {
        Admission::Tokens { .. } => People::SignedIn,
        Admission::Loopback { .. } | Admission::Oidc(_) => People::OfThisMachine,
    };
    let access = settings.open(Arc::clone(&clock)).map_err(|error| {
        let number = error.number();
        anyhow::Error::new(error).context(format!("{} ({})", number.type_name(), number.page()))
    })?;
    let connection = server.settings()?;
    let namespace = connection.namespace().to_owned();
    let temporal_ui = arguments.temporal_ui.as_deref();
    let tiers = Configuration::feature_tiers(places.config.as_deref())?;
    Ok(Site::new(Parts {
        store: Store::new(places.open_lake(scratch.path()).await?, scratch.path().to_owned()),
        temporal: Temporal::new(connect(connection), server.task_queue.clone()),
        access,
        clock,
        carry_out: carry_out(places.clone(), server.clone()),
        facts: Facts {
            version: REVISION.to_owned(),
            temporal_ui: temporal_ui.map(|ui| format!("{}/namespaces/{namespace}", ui.trim_end_matches('/'))),
            stale_after: TimeDelta::hours(i64::from(arguments.stale_hours)),
            people,
            feature_tiers: tiers.by_tier().map(|(tier, feature)| (feature.name.clone(), tier.to_owned())).collect(),
        },
    }))
}

/// One attempt at a time: a page does not wait for a server that is not there.
fn connect(settings: ServerSettings) -> Connect {
    Box::new(move || {
        let settings = settings.clone();
        Box::pin(async move {
            let client = attempt_once(&settings).await;
            client.map_err(|(NotConnected::Waiting(reason) | NotConnected::Refused(reason))| reason)
        })
    })
}

/// After the signal, and after the time for the last answers.
async fn given_up(stopped: impl Future<Output = ()>) {
    stopped.await;
    tokio::time::sleep(LAST_ANSWERS).await;
}

fn announce(address: SocketAddr, json: bool) {
    tracing::info!(%address, "dashboard is ready");
    if json {
        println!("{}", serde_json::json!({ "address": format!("http://{address}") }));
    } else {
        println!("Dashboard  http://{address}");
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    #[test]
    fn it_listens_on_this_machine_unless_somebody_says_otherwise() {
        let listens = |more: &[&str]| {
            let line = [&["dashboard", "--name", "ana"][..], more].concat();
            Line::try_parse_from(line).map(|line| line.arguments.listen.to_string())
        };
        assert_eq!(listens(&[]).unwrap(), "127.0.0.1:8080");
        assert_eq!(listens(&["--listen", "0.0.0.0:9090"]).unwrap(), "0.0.0.0:9090");
        assert!(listens(&["--listen", "8080"]).is_err());
    }
}
