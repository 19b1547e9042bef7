//! Whether the day's scores are there: looked at, judged, remembered, and put into the metrics.

mod judge;

use chrono::{DateTime, SecondsFormat, Utc};
use judge::{Published, judge};
use lake::documents::{Acknowledgements, Publication};
use lake::{Lake, keys, to_json};
use protocol::AlertKind;
use protocol::freshness::{FreshnessJudged, FreshnessReport, FreshnessState, JudgeFreshness, NoteFreshness, Promise};

use crate::error::Result;
use crate::metrics;
use crate::steps::Environment;
use crate::steps::serving::publish;
use crate::steps::silence;

/// Looks at what is published and says how the promise stands.
#[expect(clippy::disallowed_methods, reason = "whether it is time is a question of now")]
pub async fn judge_freshness(environment: &Environment, request: JudgeFreshness) -> Result<FreshnessJudged> {
    let promise = request.promise.promise().map_err(|problem| churn::Error::settings("freshness", problem))?;
    let (lake, now) = (&environment.lake, Utc::now());
    let report = look(lake, promise, now).await?;
    publish_figures(environment, &report).await;
    let tell = report.state.subject().is_some() && report.told != Some(report.state);
    let silence = silence::of_raw_watchers(lake, silence::patience(request.promise.silent_secs), now).await?;
    Ok(FreshnessJudged { report, tell, silence })
}

/// Judges what is published, and remembers it.
async fn look(lake: &Lake, promise: Promise, now: DateTime<Utc>) -> Result<FreshnessReport> {
    let published = publish::current(lake).await?.and_then(published);
    let (before, version) = lake.get_json::<FreshnessReport>(keys::FRESHNESS).await?.unzip();
    let mut report = judge(now, promise, published, before.as_ref());
    if report.told == Some(report.state) && must_ring_again(&report, &silence::acknowledged(lake).await, now) {
        (report.told, report.told_at) = (None, None);
    }
    lake.compare_and_swap(keys::FRESHNESS, version.as_ref(), to_json(&report)).await?;
    Ok(report)
}

/// Whether what people heard of was kept quiet since, and is no longer, while it is still so.
fn must_ring_again(report: &FreshnessReport, known: &Acknowledgements, now: DateTime<Utc>) -> bool {
    let told_at = report.told_at.as_ref().and_then(|at| at.parse::<DateTime<Utc>>().ok());
    let (Some(told_at), FreshnessState::Stale, Some(subject)) = (told_at, report.state, report.state.subject()) else {
        return false;
    };
    known.ended_after(AlertKind::ScoresStale, subject, told_at, now)
}

/// Remembers what people have heard.
#[expect(clippy::disallowed_methods, reason = "when people heard of something is a fact, not a computation")]
pub async fn note_freshness(environment: &Environment, request: NoteFreshness) -> Result<bool> {
    note(&environment.lake, request.told, Utc::now()).await
}

async fn note(lake: &Lake, told: FreshnessState, now: DateTime<Utc>) -> Result<bool> {
    let Some((report, version)) = lake.get_json::<FreshnessReport>(keys::FRESHNESS).await? else {
        return Ok(false);
    };
    // A later look may have judged anew meanwhile; of that nobody has heard.
    if report.state != told {
        return Ok(false);
    }
    let noted = FreshnessReport { told: Some(told), told_at: Some(text(now)), ..report };
    lake.compare_and_swap(keys::FRESHNESS, Some(&version), to_json(&noted)).await?;
    Ok(true)
}

fn published(publication: Publication) -> Option<Published> {
    let confirmed_at: DateTime<Utc> = publication.confirmed_at().parse().ok()?;
    let Publication { as_of, model_version, workflow_id, .. } = publication;
    Some(Published { confirmed_at, as_of, model_version, workflow_id })
}

/// A figure that is lost is a line in the log: the state is in the lake.
async fn publish_figures(environment: &Environment, report: &FreshnessReport) {
    if let Err(error) = environment.metrics.publish(&metrics::of_freshness(report)).await {
        tracing::warn!(%error, "the age of the scores is not in the metrics");
    }
}

fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use lake::FolderLake;
    use lake::documents::Acknowledgement;
    use protocol::freshness::FreshnessInput;

    use super::*;

    /// Minutes after 07:00 in Madrid on a winter's day.
    fn at(minutes: i64) -> DateTime<Utc> {
        "2025-01-02T06:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
    }

    async fn look_at(lake: &Lake, minutes: i64) -> (FreshnessState, bool) {
        let promise = FreshnessInput::default().promise().unwrap();
        let report = look(lake, promise, at(minutes)).await.unwrap();
        (report.state, report.told == Some(report.state))
    }

    fn snooze(until: i64) -> Acknowledgements {
        let mut known = Acknowledgements::default();
        known.add(Acknowledgement {
            event_id: "r-1".to_owned(),
            kind: AlertKind::ScoresStale,
            subject: FreshnessState::Stale.subject().unwrap().to_owned(),
            features: Vec::new(),
            details: Vec::new(),
            until: at(until),
            by: "ana".to_owned(),
            reason: "the supplier is late".to_owned(),
            at: at(5),
            lifted: None,
        });
        known
    }

    #[tokio::test]
    async fn a_note_that_a_later_look_has_overtaken_is_not_taken_for_what_people_heard() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        assert!(!note(&lake, FreshnessState::Stale, at(0)).await.unwrap(), "nothing was judged yet");
        assert_eq!(look_at(&lake, 0).await, (FreshnessState::Stale, false));
        // Two looks side by side: one told of stale scores, and then the other has found that they came.
        let report = lake.read_json::<FreshnessReport>(keys::FRESHNESS).await.unwrap();
        let overtaken = FreshnessReport { state: FreshnessState::Recovered, ..report };
        lake.put_json(keys::FRESHNESS, &overtaken).await.unwrap();
        assert!(!note(&lake, FreshnessState::Stale, at(1)).await.unwrap());
        assert_eq!(lake.read_json::<FreshnessReport>(keys::FRESHNESS).await.unwrap(), overtaken);
        assert!(note(&lake, FreshnessState::Recovered, at(2)).await.unwrap());
    }

    #[tokio::test]
    async fn scores_that_stay_stale_beyond_a_snooze_are_told_once_more() {
        let root = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        look_at(&lake, 0).await;
        note(&lake, FreshnessState::Stale, at(1)).await.unwrap();
        snooze(60).store(&lake, None).await.unwrap();
        assert_eq!(look_at(&lake, 45).await, (FreshnessState::Stale, true), "it is known");
        assert_eq!(look_at(&lake, 75).await, (FreshnessState::Stale, false), "the snooze has ended");
        assert_eq!(look_at(&lake, 90).await, (FreshnessState::Stale, false), "nobody has heard yet");
        note(&lake, FreshnessState::Stale, at(91)).await.unwrap();
        assert_eq!(look_at(&lake, 105).await, (FreshnessState::Stale, true));
    }
}
