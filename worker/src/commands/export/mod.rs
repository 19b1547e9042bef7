//! `spanishgas export`: what is on record, for programs of others.

mod flow;
mod mlflow;
mod of_run;
#[cfg(test)]
mod stub;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use activities::http::Http;
use activities::outside::is_address;
use activities::registry::Registry;
use anyhow::{Context, bail};
use lake::documents::RunRecord;
use lake::{Lake, keys};

use crate::environment::EnvironmentOptions;
use crate::lineage::named_run;
use crate::scratch::Scratch;
use flow::{Names, Report, export};
use mlflow::Mlflow;
use of_run::Exported;

/// No answer may take longer.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub to: To,
}

#[derive(Debug, clap::Subcommand)]
pub enum To {
    /// To an MLflow tracking server: the run, its metrics and parameters, the model's version, the alias champion.
    Mlflow(ToMlflow),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: spanishgas export mlflow latest --tracking-uri http://127.0.0.1:5000\n\
    Exit code: 0, it is there, also when it was before; 1 when the lake or the server cannot be reached")]
pub struct ToMlflow {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// The run: its ID, its first characters, its workflow's ID, or latest.
    #[arg(required_unless_present = "champion")]
    pub run: Option<String>,
    /// The run that the champion comes from.
    #[arg(long, conflicts_with = "run")]
    pub champion: bool,
    /// The address of the tracking server.
    #[arg(long, env = "MLFLOW_TRACKING_URI", value_name = "URL")]
    pub tracking_uri: String,
    /// A file with the token that is sent as `Authorization: Bearer` [default: none].
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// The experiment there; it is made where it is missing.
    #[arg(long, default_value = "spanishgas-churn")]
    pub experiment: String,
    /// The registered model there; it is made where it is missing.
    #[arg(long, default_value = "spanishgas-churn")]
    pub model_name: String,
    /// Print what is there now as one JSON object.
    #[arg(long)]
    pub json: bool,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.to {
        To::Mlflow(to) => Box::pin(to_mlflow(&to)).await,
    }
}

async fn to_mlflow(to: &ToMlflow) -> anyhow::Result<ExitCode> {
    if !is_address(&to.tracking_uri) {
        bail!("--tracking-uri {} is no address of a tracking server: give http://... or https://...", to.tracking_uri);
    }
    let token = match &to.token_file {
        Some(file) => {
            let text = std::fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))?;
            Some(text.trim().to_owned())
        }
        None => None,
    };
    let scratch = Scratch::new(None)?;
    let lake = to.places.open_lake(scratch.path()).await?;
    let registry = to.places.open_registry(scratch.path()).await?;
    let champion = registry.champion().await?.map(|(pointer, _)| pointer.version);
    let record = match (&to.run, &champion) {
        (Some(run), _) => named_run(&lake, run).await?,
        (None, Some(version)) => run_of_model(&lake, &registry, version).await?,
        (None, None) => bail!("there is no champion in {lake}: `spanishgas run --mode train` makes one, or name a run"),
    };
    let exported = Exported::of(&record)?;
    let source = exported.version.as_deref().map(|version| source_of(&lake, version));
    let is_champion = exported.version.as_deref().is_some_and(|version| champion.is_some_and(|it| it == version));
    let server = Mlflow::new(Http::new(PATIENCE)?, &to.tracking_uri, token);
    let names = Names { experiment: &to.experiment, model: &to.model_name };
    let report = export(&server, &exported, names, source.as_deref(), is_champion).await?;
    if to.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", words(&report, to));
    }
    Ok(ExitCode::SUCCESS)
}

/// The run that judged a version first: the one that trained it, or that found it trained.
async fn run_of_model(lake: &Lake, registry: &Registry, version: &str) -> anyhow::Result<RunRecord> {
    let entry = registry.find(version).await?;
    let run_id = entry.map(|entry| entry.judgements.first().map_or(entry.run_id.clone(), |first| first.run_id.clone()));
    let record = match &run_id {
        Some(run_id) => RunRecord::find(lake, run_id).await?,
        None => None,
    };
    record.with_context(|| {
        format!("no record in {lake} tells which run made champion {version}; name a run: `spanishgas runs` lists them")
    })
}

/// Where the model's files are. MLflow takes no folder of another machine: the lake's own name stands for it.
fn source_of(lake: &Lake, version: &str) -> String {
    let place = lake.to_string();
    let place = if place.starts_with("s3://") { place.trim_end_matches('/') } else { "spanishgas:" };
    format!("{place}/{}", keys::model(version).trim_end_matches('/'))
}

fn words(report: &Report, to: &ToMlflow) -> String {
    let how = if report.run_was_there { "was there before" } else { "exported" };
    let mut text = format!("run        {} ({how}), in experiment {}\n", report.mlflow_run_id, to.experiment);
    if let Some(version) = &report.model_version {
        let alias = if report.is_champion { ", alias champion" } else { "" };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "model      {} version {version}{alias}", to.model_name);
    }
    text
}
