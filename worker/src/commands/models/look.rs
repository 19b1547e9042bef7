//! `spanishgas models list | history | at`: they read the lake alone.

use std::process::ExitCode;

use anyhow::bail;
use lake::documents::{ChampionPointer, ChangeByHand, VersionStatus, champion_at};
use protocol::ModelVersion;
use serde::Serialize;

use super::open;
use crate::environment::EnvironmentOptions;

#[derive(Debug, clap::Args)]
pub struct Look {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// Print one JSON list.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct At {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// A date (its end) or a time in UTC: 2024-12-31 or 2024-12-31T08:00:00Z.
    #[arg(value_name = "DATE", value_parser = parse_time)]
    pub time: String,
    /// Print the move that made it champion as one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Anything else would sort somewhere, and answer wrongly.
fn parse_time(text: &str) -> Result<String, String> {
    let is_date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok() && text.len() == 10;
    let is_time = text.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(text).is_ok();
    let wanted = "give a date (2024-12-31, its end in UTC) or a time in UTC (2024-12-31T08:00:00Z)";
    if is_date || is_time { Ok(text.to_owned()) } else { Err(wanted.to_owned()) }
}

/// A version as `models list --json` shows it.
#[derive(Debug, Serialize)]
struct Listed {
    version: ModelVersion,
    status: VersionStatus,
    /// Whether it scores.
    champion: bool,
    /// Whether challengers are held against it: it is or was champion, and nobody has withdrawn it.
    sets_the_bar: bool,
    /// The highest PR-AUC on a holdout that a judgement of it noted.
    pr_auc: Option<f64>,
    /// The workflow that judged it last.
    judged_by: String,
    /// When it was first registered, if that was noted.
    registered_at: Option<String>,
    /// The withdrawal in force.
    withdrawn: Option<ChangeByHand>,
}

pub async fn list(look: &Look) -> anyhow::Result<ExitCode> {
    let registry = open(&look.places).await?;
    let champion = registry.champion().await?.map(|(pointer, _)| pointer.version);
    let moves = registry.moves().await?;
    let was_champion = |version: &ModelVersion| {
        moves.iter().any(|moved| moved.version == *version || moved.previous.as_ref() == Some(version))
    };
    let all = registry.all().await?.into_iter().map(|entry| Listed {
        champion: champion.as_ref() == Some(&entry.version),
        sets_the_bar: was_champion(&entry.version) && entry.withdrawal().is_none(),
        pr_auc: entry.best_pr_auc(),
        withdrawn: entry.withdrawal().cloned(),
        version: entry.version,
        status: entry.status,
        judged_by: entry.registered_by,
        registered_at: entry.registered_at,
    });
    let all: Vec<_> = all.collect();
    if look.json {
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!("{:<18} {:<10} {:<9} {:>6}  judged last by", "version", "status", "", "PR-AUC");
    for entry in all {
        let mark = match (entry.champion, entry.sets_the_bar) {
            (true, _) => "champion",
            (false, true) => "bar",
            (false, false) => "",
        };
        let status = format!("{:?}", entry.status);
        let pr_auc = entry.pr_auc.map_or_else(|| "-".to_owned(), |pr_auc| format!("{pr_auc:.3}"));
        println!("{:<18} {status:<10} {mark:<9} {pr_auc:>6}  {}", entry.version, entry.judged_by);
        if let Some(withdrawal) = entry.withdrawn {
            println!("{:<18} withdrawn by {} on {}: {}", "", withdrawal.by, withdrawal.at, withdrawal.reason);
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub async fn history(look: &Look) -> anyhow::Result<ExitCode> {
    let moves = open(&look.places).await?.moves().await?;
    if look.json {
        println!("{}", serde_json::to_string_pretty(&moves)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!("{:<25} {:<18} {:<10} by", "since", "champion", "cause");
    for moved in moves {
        println!("{}", line(&moved));
    }
    Ok(ExitCode::SUCCESS)
}

pub async fn at(at: &At) -> anyhow::Result<ExitCode> {
    let moves = open(&at.places).await?.moves().await?;
    let Some(moved) = champion_at(&moves, &at.time) else {
        bail!("there was no champion at {}; `spanishgas models history` shows every move", at.time);
    };
    if at.json {
        println!("{}", serde_json::to_string_pretty(moved)?);
    } else {
        println!("{}", line(moved));
    }
    Ok(ExitCode::SUCCESS)
}

fn line(moved: &ChampionPointer) -> String {
    let reason = moved.by_hand.as_ref().map(|change| format!(": {}", change.reason)).unwrap_or_default();
    let against = moved.overrode.as_ref().map(|checks| format!(" (against {checks})")).unwrap_or_default();
    let (at, version, cause) = (&moved.promoted_at, &moved.version, moved.cause.as_str());
    format!("{at:<25} {version:<18} {cause:<10} {}{reason}{against}", moved.promoted_by)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_date_or_a_time_in_utc_is_a_time() {
        for good in ["2024-12-31", "2024-12-31T08:00:00Z"] {
            assert_eq!(parse_time(good).as_deref(), Ok(good));
        }
        for bad in ["yesterday", "2024-1-1", "2024-12-31T08:00:00+01:00", ""] {
            assert!(parse_time(bad).unwrap_err().contains("2024-12-31"), "{bad}");
        }
    }
}
