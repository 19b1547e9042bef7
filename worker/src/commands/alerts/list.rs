//! `alerts list`.

use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use lake::documents::{AcknowledgedBy, Acknowledgements, StoredAlert};
use lake::{Lake, keys};
use serde::Serialize;

use super::over::Standing;
use crate::environment::EnvironmentOptions;
use crate::scratch::Scratch;

/// How far back the list goes, unless all are asked for.
const DAYS: i64 = 30;

#[derive(Debug, clap::Args)]
pub struct List {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// All there are: older ones, those that somebody has acknowledged, and those that are over.
    #[arg(long)]
    pub all: bool,
    /// Print them as one JSON list.
    #[arg(long)]
    pub json: bool,
}

/// An alert as people look at it.
#[derive(Debug, Serialize)]
struct Line {
    /// The short ID.
    id: String,
    state: State,
    #[serde(flatten)]
    alert: StoredAlert,
    /// By whom it is known now.
    known: Option<AcknowledgedBy>,
}

/// What became of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// It was told, and nobody has acknowledged it.
    Open,
    /// It was told, and somebody knows.
    Acknowledged,
    /// Somebody knew, so it was told to nobody.
    Quiet,
    /// What it told of has ended: late scores have come, a delivery is whole or gone.
    Over,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "known",
            Self::Quiet => "quiet",
            Self::Over => "over",
        }
    }
}

pub async fn list(list: &List) -> anyhow::Result<ExitCode> {
    let scratch = Scratch::new(None)?;
    let lake = list.places.open_lake(scratch.path()).await?;
    let now = Utc::now();
    let since = (!list.all).then(|| now - TimeDelta::days(DAYS));
    let (known, _) = Acknowledgements::find(&lake).await?;
    let standing = Standing::find(&lake).await;
    let lines = stored(&lake, since).await?.into_iter().map(|alert| line(alert, &known, &standing, now));
    let mut lines: Vec<_> = lines.filter(|line| list.all || line.state == State::Open).collect();
    lines.sort_by(|a, b| b.alert.at.cmp(&a.alert.at));
    if list.json {
        println!("{}", serde_json::to_string_pretty(&lines)?);
    } else if lines.is_empty() && list.all {
        println!("no alert was ever sent from {lake}");
    } else if lines.is_empty() {
        println!("no alert of the last {DAYS} days is open; --all shows those that are known or over, and older ones");
    } else {
        print!("{}", text(&lines));
    }
    Ok(ExitCode::SUCCESS)
}

/// The alerts that were written since then.
async fn stored(lake: &Lake, since: Option<DateTime<Utc>>) -> anyhow::Result<Vec<StoredAlert>> {
    let is_young = |written: Option<DateTime<Utc>>| since.is_none_or(|since| written.is_none_or(|at| at >= since));
    let mut alerts = Vec::new();
    for object in lake.list(keys::ALERTS).await?.into_iter().filter(|object| is_young(object.modified)) {
        // An alert of a newer version may have a kind that is not known here.
        match lake.get_json::<StoredAlert>(&object.key).await {
            Ok(stored) => alerts.extend(stored.map(|(alert, _)| alert)),
            Err(error) => eprintln!("NOTE: {} is left out: {error}", object.key),
        }
    }
    Ok(alerts)
}

fn line(alert: StoredAlert, known: &Acknowledgements, standing: &Standing, now: DateTime<Utc>) -> Line {
    let by = known.of(&alert, now).map(AcknowledgedBy::of);
    let state = match (&alert.acknowledged_by, &by) {
        _ if standing.has_ended(&alert) => State::Over,
        (Some(_), _) => State::Quiet,
        (None, Some(_)) => State::Acknowledged,
        (None, None) => State::Open,
    };
    Line { id: alert.short_id().to_owned(), state, alert, known: by }
}

/// What can be done next.
const NEXT: &str = "\nspanishgas explain RUN says more of a run; spanishgas alerts ack ID --until DATE --by NAME keeps what is known \
    quiet\n";

fn text(lines: &[Line]) -> String {
    let head = format!("{:<12} {:<20} {:<6} {:<20} what", "alert", "at", "state", "kind");
    let all = [head].into_iter().chain(lines.iter().flat_map(Line::words));
    all.map(|line| line + "\n").chain([NEXT.to_owned()]).collect()
}

impl Line {
    fn words(&self) -> Vec<String> {
        let Self { id, state, alert, known } = self;
        let at = alert.at.as_deref().and_then(|at| at.get(..19)).unwrap_or_default();
        let (kind, subject) = (alert.alert.kind.as_str(), &alert.alert.subject);
        let line = format!("{id:<12} {at:<20} {:<6} {kind:<20} {subject}", state.as_str());
        let known =
            known.as_ref().or(alert.acknowledged_by.as_ref()).map(|AcknowledgedBy { by, reason, until, .. }| {
                let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
                format!("{:<12} known to {by} until {}{reason}", "", until.format("%Y-%m-%dT%H:%M:%SZ"))
            });
        [line].into_iter().chain(known).collect()
    }
}

#[cfg(test)]
mod tests {
    use lake::documents::Acknowledgement;
    use protocol::{Alert, AlertKind, Run};

    use super::*;

    #[test]
    fn an_alert_is_open_until_somebody_knows_and_quiet_where_somebody_knew() {
        let now: DateTime<Utc> = "2026-12-15T02:00:00Z".parse().unwrap();
        let alert = |event_id: &str| {
            let run = Run { workflow_id: "w".into(), run_id: "r".into(), started: String::new() };
            let subject = "the scores of the day are not there".to_owned();
            let alert = Alert {
                run,
                kind: AlertKind::ScoresStale,
                subject,
                body: String::new(),
                features: Vec::new(),
                details: Vec::new(),
            };
            let at = Some("2026-12-14T06:00:00.000Z".to_owned());
            StoredAlert { alert, at, event_id: event_id.to_owned(), message_id: None, acknowledged_by: None }
        };
        let mut known = Acknowledgements::default();
        let line = |alert, known: &Acknowledgements| line(alert, known, &Standing::default(), now);
        assert_eq!(line(alert("r-1"), &known).state, State::Open);
        let given = Acknowledgement {
            event_id: "r-1".to_owned(),
            kind: AlertKind::ScoresStale,
            subject: "the scores of the day are not there".to_owned(),
            features: Vec::new(),
            details: Vec::new(),
            until: "2026-12-31T23:59:59Z".parse().unwrap(),
            by: "ana".to_owned(),
            reason: "the supplier is late".to_owned(),
            at: now,
            lifted: None,
        };
        known.add(given.clone());
        assert_eq!(line(alert("r-1"), &known).state, State::Acknowledged);
        let quiet = StoredAlert { acknowledged_by: Some(AcknowledgedBy::of(&given)), ..alert("r-2") };
        let lines = [line(alert("r-1"), &known), line(quiet, &known)];
        assert_eq!(lines[1].state, State::Quiet);
        let shown = text(&lines);
        assert!(shown.contains("known to ana until 2026-12-31T23:59:59Z: the supplier is late"), "{shown}");
        assert!(shown.contains(" 2026-12-14T06:00:00 "), "when it was told: {shown}");
        assert!(serde_json::to_value(&lines[0]).unwrap()["kind"] == "scores_stale");
    }
}
