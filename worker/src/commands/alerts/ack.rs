//! `alerts ack` and `alerts unack`.

use std::process::ExitCode;

use anyhow::bail;
use chrono::{DateTime, SecondsFormat, Utc};
use lake::documents::{Acknowledgement, StoredAlert, short_id};
use lake::{Lake, keys};
use protocol::{Quiets, name_no_customer};
use serde_json::json;

use super::{change, choose, until};
use crate::environment::EnvironmentOptions;
use crate::scratch::Scratch;

#[derive(Debug, clap::Args)]
pub struct Ack {
    /// The alert, as `alerts list` shows it, or the beginning of its ID.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Until when: a date (its end in UTC) or a time in UTC.
    #[arg(long, value_name = "DATE", value_parser = until::parse)]
    pub until: DateTime<Utc>,
    /// Who knows of it.
    #[arg(long)]
    pub by: String,
    /// Why it may be quiet.
    #[arg(long, default_value = "")]
    pub reason: String,
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// Print the acknowledgement as one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct Unack {
    /// The alert that was acknowledged, as `alerts list --all` shows it, or the beginning of its ID.
    #[arg(value_name = "ID")]
    pub id: String,
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

pub async fn ack(ack: Ack) -> anyhow::Result<ExitCode> {
    let now = Utc::now();
    if ack.until < now {
        bail!("--until {} is over already", text(ack.until));
    }
    if ack.by.trim().is_empty() {
        bail!("say who knows of it: --by ana");
    }
    name_no_customer(&[("--by", ack.by.as_str()), ("--reason", ack.reason.as_str())]).map_err(anyhow::Error::msg)?;
    let scratch = Scratch::new(None)?;
    let lake = ack.places.open_lake(scratch.path()).await?;
    let known = Known { by: ack.by.trim(), reason: ack.reason.trim(), until: ack.until };
    let given = acknowledge(&lake, &ack.id, known, now).await?;
    if ack.json {
        println!("{}", serde_json::to_string_pretty(&given)?);
    } else {
        println!("{}", effect(&given));
    }
    Ok(ExitCode::SUCCESS)
}

/// Who knows of an alert, why it may be quiet, and until when.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Who.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// Acknowledges the alert that a person names.
pub async fn acknowledge(
    lake: &Lake,
    id: &str,
    known: Known<'_>,
    at: DateTime<Utc>,
) -> anyhow::Result<Acknowledgement> {
    let stored = find(lake, id).await?;
    let given = acknowledgement(stored, known, at)?;
    change(lake, |all| {
        all.add(given.clone());
        Ok(())
    })
    .await?;
    Ok(given)
}

/// The alert that a person names, found by the names of all.
async fn find(lake: &Lake, id: &str) -> anyhow::Result<StoredAlert> {
    let objects = lake.list(keys::ALERTS).await?;
    let events: Vec<_> = objects.iter().filter_map(|object| keys::event_of_alert(&object.key)).collect();
    Ok(lake.read_json(&keys::alert(choose(&events, id)?)).await?)
}

fn acknowledgement(stored: StoredAlert, known: Known<'_>, at: DateTime<Utc>) -> anyhow::Result<Acknowledgement> {
    let StoredAlert { alert, event_id, .. } = stored;
    if alert.kind.quiets() == Quiets::KnownDrift && alert.features.is_empty() {
        bail!(
            "alert {} does not say which columns drifted, since an older version sent it; acknowledge the next one",
            short_id(&event_id)
        );
    }
    let (by, reason, until) = (known.by.to_owned(), known.reason.to_owned(), known.until);
    let (kind, subject, features, details) = (alert.kind, alert.subject, alert.features, alert.details);
    Ok(Acknowledgement { event_id, kind, subject, features, details, until, by, reason, at, lifted: None })
}

/// What it does, in words.
fn effect(given: &Acknowledgement) -> String {
    let (id, kind, until) = (short_id(&given.event_id), given.kind.as_str(), text(given.until));
    match given.kind.quiets() {
        Quiets::KnownDrift => format!(
            "{id} is known until {until}: drift is told again when its level is above {kind}, or another column drifts than {}",
            given.features.join(", ")
        ),
        Quiets::SameSubject => {
            let more = match given.details.as_slice() {
                [] => String::new(),
                details => format!(", unless it tells of more than {}", details.join(", ")),
            };
            let subject = &given.subject;
            format!(
                "{id} is known until {until}: no alert {kind} with the subject \"{subject}\" is told before{more}; what \
                 still is so then is told again"
            )
        }
        Quiets::Nothing => {
            format!(
                "{id} is known until {until}, and no longer in the list; the next alert {kind} is told all the same"
            )
        }
    }
}

pub async fn unack(unack: Unack) -> anyhow::Result<ExitCode> {
    let now = Utc::now();
    let scratch = Scratch::new(None)?;
    let lake = unack.places.open_lake(scratch.path()).await?;
    let event_id = change(&lake, |all| {
        let events: Vec<_> = all.in_force(now).map(|one| one.event_id.as_str()).collect();
        if events.is_empty() {
            bail!("no acknowledgement is in force");
        }
        let event_id = choose(&events, &unack.id)?.to_owned();
        all.lift(&event_id, now);
        Ok(event_id)
    })
    .await?;
    if unack.json {
        println!("{}", serde_json::to_string_pretty(&json!({ "event_id": event_id, "lifted": text(now) }))?);
    } else {
        println!("{} is no longer acknowledged: what it told is told again", short_id(&event_id));
    }
    Ok(ExitCode::SUCCESS)
}

fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use protocol::AlertKind;

    use super::*;

    #[test]
    fn what_an_acknowledgement_does_is_said_by_kind() {
        let words = |kind, features: &[&str]| {
            effect(&Acknowledgement {
                event_id: "01a2-4f90bd8cc094".to_owned(),
                kind,
                subject: "what happened".to_owned(),
                features: features.iter().map(ToString::to_string).collect(),
                details: Vec::new(),
                until: until::parse("2026-12-31").unwrap(),
                by: "ana".to_owned(),
                reason: String::new(),
                at: DateTime::UNIX_EPOCH,
                lifted: None,
            })
        };
        let drift = words(AlertKind::DriftWarn, &["margin", "tenure"]);
        assert!(drift.contains("above drift_warn, or another column drifts than margin, tenure"), "{drift}");
        assert!(words(AlertKind::ScoresStale, &[]).contains("\"what happened\""));
        assert!(words(AlertKind::RunFailed, &[]).contains("told all the same"));
    }
}
