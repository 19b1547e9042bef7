//! `spanishgas models`: what is registered, who was champion when, and the way back to an earlier champion.

use std::process::ExitCode;

use activities::registry::Registry;
use activities::steps::serving::publish;
use anyhow::bail;
use chrono::{SecondsFormat, Utc};
use lake::Lake;
use lake::documents::{ChampionPointer, ChangeByHand, champion_at};

use super::run::{self, ModeArgument};
use crate::connect::ServerArguments;
use crate::environment::EnvironmentOptions;
use crate::scratch::Scratch;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub action: Action,
}

#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// All registered versions, and which one is champion.
    List(Look),
    /// Every move of the champion: when, why, by whom.
    History(Look),
    /// Who was champion at a time.
    At(At),
    /// Make an earlier version champion again, and withdraw the one that is champion now.
    Rollback(Rollback),
    /// Give a withdrawn version free again.
    Reinstate(Reinstate),
}

#[derive(Debug, clap::Args)]
pub struct Look {
    #[command(flatten)]
    pub places: EnvironmentOptions,
}

#[derive(Debug, clap::Args)]
pub struct At {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// A date (its end) or a time in UTC: 2024-12-31 or 2024-12-31T08:00:00Z.
    #[arg(value_name = "DATE", value_parser = parse_time)]
    pub time: String,
}

/// Anything else would sort somewhere, and answer wrongly.
fn parse_time(text: &str) -> Result<String, String> {
    let is_date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok() && text.len() == 10;
    let is_time = text.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(text).is_ok();
    let wanted = "give a date (2024-12-31, its end in UTC) or a time in UTC (2024-12-31T08:00:00Z)";
    if is_date || is_time { Ok(text.to_owned()) } else { Err(wanted.to_owned()) }
}

/// Who changes something, and why.
#[derive(Debug, clap::Args)]
pub struct Who {
    /// Who does it.
    #[arg(long)]
    pub by: String,
    /// Why.
    #[arg(long)]
    pub reason: String,
}

#[derive(Debug, clap::Args)]
pub struct Rollback {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// The version to go back to, as `models list` shows it.
    #[arg(value_name = "VERSION")]
    pub model_version: String,
    #[command(flatten)]
    pub who: Who,
    /// Score with it at once, so that the withdrawn model's scores do not stay published.
    #[arg(long)]
    pub score: bool,
    #[command(flatten)]
    pub server: ServerArguments,
}

#[derive(Debug, clap::Args)]
pub struct Reinstate {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// The version to give free, as `models list` shows it.
    #[arg(value_name = "VERSION")]
    pub model_version: String,
    #[command(flatten)]
    pub who: Who,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.action {
        Action::List(look) => list(&open(&look.places).await?).await,
        Action::History(look) => history(&open(&look.places).await?).await,
        Action::At(at) => show_at(&open(&at.places).await?, &at.time).await,
        Action::Rollback(rollback) => roll_back(rollback).await,
        Action::Reinstate(reinstate) => give_free(&reinstate).await,
    }
}

async fn open(places: &EnvironmentOptions) -> anyhow::Result<Registry> {
    places.open_registry(Scratch::new(None)?.path()).await
}

async fn list(registry: &Registry) -> anyhow::Result<ExitCode> {
    let champion = registry.champion().await?.map(|(pointer, _)| pointer.version);
    println!("{:<18} {:<10} {:<9} judged last by", "version", "status", "");
    for registration in registry.all().await? {
        let mark = if champion.as_ref() == Some(&registration.version) { "champion" } else { "" };
        let status = format!("{:?}", registration.status);
        println!("{:<18} {status:<10} {mark:<9} {}", registration.version, registration.registered_by);
        if let Some(withdrawal) = registration.withdrawal() {
            println!("{:<18} withdrawn by {} on {}: {}", "", withdrawal.by, withdrawal.at, withdrawal.reason);
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn history(registry: &Registry) -> anyhow::Result<ExitCode> {
    println!("{:<25} {:<18} {:<10} by", "since", "champion", "cause");
    for moved in registry.moves().await? {
        println!("{}", line(&moved));
    }
    Ok(ExitCode::SUCCESS)
}

async fn show_at(registry: &Registry, time: &str) -> anyhow::Result<ExitCode> {
    let moves = registry.moves().await?;
    let Some(moved) = champion_at(&moves, time) else {
        bail!("there was no champion at {time}; `spanishgas models history` shows every move");
    };
    println!("{}", line(moved));
    Ok(ExitCode::SUCCESS)
}

fn line(moved: &ChampionPointer) -> String {
    let reason = moved.by_hand.as_ref().map(|change| format!(": {}", change.reason)).unwrap_or_default();
    let (at, version, cause) = (&moved.promoted_at, &moved.version, moved.cause.as_str());
    format!("{at:<25} {version:<18} {cause:<10} {}{reason}", moved.promoted_by)
}

async fn roll_back(rollback: Rollback) -> anyhow::Result<ExitCode> {
    let scratch = Scratch::new(None)?;
    let change = change(&rollback.who, "rollback")?;
    let registry = rollback.places.open_registry(scratch.path()).await?;
    let pointer = registry.roll_back(&rollback.model_version, &change).await?;
    let left = pointer.previous.map_or_else(String::new, |version| version.to_string());
    println!("{} is champion now; {left} is withdrawn until somebody reinstates it", pointer.version);
    let lake = rollback.places.open_lake(scratch.path()).await?;
    say_what_is_published(&lake, &pointer.version).await?;
    if !rollback.score {
        return Ok(ExitCode::SUCCESS);
    }
    let Rollback { places, server, .. } = rollback;
    run::run(run::Arguments::of_mode(ModeArgument::Score, places, server)).await
}

/// The business reads what is published until the next scoring, whoever is champion.
async fn say_what_is_published(lake: &Lake, champion: &str) -> anyhow::Result<()> {
    match publish::current(lake).await? {
        Some(published) if published.model_version != champion => println!(
            "still published: the scores of {} by model {} (run {}); to replace them: spanishgas run --mode score, \
             or --score with this command",
            published.as_of, published.model_version, published.workflow_id
        ),
        Some(published) => {
            println!("published: the scores of {} by this very model", published.as_of);
        }
        None => println!("nothing is published; to score: spanishgas run --mode score"),
    }
    Ok(())
}

async fn give_free(reinstate: &Reinstate) -> anyhow::Result<ExitCode> {
    let change = change(&reinstate.who, "reinstatement")?;
    let entry = open(&reinstate.places).await?.reinstate(&reinstate.model_version, &change).await?;
    println!("{} is {:?} again; the gate may promote it", entry.version, entry.status);
    Ok(ExitCode::SUCCESS)
}

fn change(who: &Who, what: &str) -> anyhow::Result<ChangeByHand> {
    if who.by.trim().is_empty() || who.reason.trim().is_empty() {
        bail!("a {what} needs who does it and why: --by ana --reason \"offers went wrong\"");
    }
    let at = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    Ok(ChangeByHand { by: who.by.clone(), reason: who.reason.clone(), at })
}
