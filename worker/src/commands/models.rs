//! `spanishgas models`: what is registered, and the way back to an earlier champion.

use std::process::ExitCode;

use activities::messages::ChangeByHand;
use anyhow::bail;
use chrono::{SecondsFormat, Utc};

use super::worker::Scratch;
use crate::world::Places;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub action: Action,
}

#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// All registered versions, and which one is champion.
    List(List),
    /// Make an earlier approved version champion again.
    Rollback(Rollback),
}

#[derive(Debug, clap::Args)]
pub struct List {
    #[command(flatten)]
    pub places: Places,
}

#[derive(Debug, clap::Args)]
pub struct Rollback {
    #[command(flatten)]
    pub places: Places,
    /// The version to go back to, as `models list` shows it.
    #[arg(value_name = "VERSION")]
    pub model_version: String,
    /// Who does it.
    #[arg(long)]
    pub by: String,
    /// Why.
    #[arg(long)]
    pub reason: String,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.action {
        Action::List(list) => show(&list).await,
        Action::Rollback(rollback) => roll_back(&rollback).await,
    }
}

async fn show(list: &List) -> anyhow::Result<ExitCode> {
    let scratch = Scratch::new(None)?;
    let registry = list.places.open_registry(scratch.path()).await?;
    let champion = registry.champion().await?.map(|(pointer, _)| pointer.version);
    println!("{:<18} {:<10} {:<9} registered by", "version", "status", "");
    for registration in registry.all().await? {
        let mark = if champion.as_ref() == Some(&registration.version) { "champion" } else { "" };
        let status = format!("{:?}", registration.status);
        println!("{:<18} {status:<10} {mark:<9} {}", registration.version, registration.registered_by);
    }
    Ok(ExitCode::SUCCESS)
}

async fn roll_back(rollback: &Rollback) -> anyhow::Result<ExitCode> {
    if rollback.by.trim().is_empty() || rollback.reason.trim().is_empty() {
        bail!("a rollback needs who does it and why: --by ana --reason \"offers went wrong\"");
    }
    let scratch = Scratch::new(None)?;
    let registry = rollback.places.open_registry(scratch.path()).await?;
    let at = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    let change = ChangeByHand { by: rollback.by.clone(), reason: rollback.reason.clone(), at };
    let pointer = registry.roll_back(&rollback.model_version, &change).await?;
    let before = pointer.previous.unwrap_or_default();
    println!("{} is champion now, {before} before; the next run scores with it", pointer.version);
    Ok(ExitCode::SUCCESS)
}
