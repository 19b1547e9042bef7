//! Whether the day's scores are there: looked at, judged, remembered, and put into the metrics.

mod judge;

use chrono::{DateTime, SecondsFormat, Utc};
use judge::{Published, judge};
use lake::documents::Publication;
use lake::{keys, to_json};
use protocol::freshness::{FreshnessJudged, FreshnessReport, FreshnessState, JudgeFreshness, NoteFreshness};

use crate::error::Result;
use crate::metrics;
use crate::steps::Environment;
use crate::steps::serving::publish;

/// Looks at what is published and says how the promise stands.
#[expect(clippy::disallowed_methods, reason = "whether it is time is a question of now")]
pub async fn judge_freshness(environment: &Environment, request: JudgeFreshness) -> Result<FreshnessJudged> {
    let promise = request.promise.promise().map_err(|problem| churn::Error::settings("freshness", problem))?;
    let published = publish::current(&environment.lake).await?.and_then(published);
    let before = environment.lake.get_json::<FreshnessReport>(keys::FRESHNESS).await?;
    let (before, version) = before.unzip();
    let report = judge(Utc::now(), promise, published, before.as_ref());
    environment.lake.compare_and_swap(keys::FRESHNESS, version.as_ref(), to_json(&report)).await?;
    publish_figures(environment, &report).await;
    let is_news = matches!(report.state, FreshnessState::Stale | FreshnessState::Recovered);
    let tell = is_news && report.told != Some(report.state);
    Ok(FreshnessJudged { report, tell })
}

/// Remembers what people have heard.
pub async fn note_freshness(environment: &Environment, request: NoteFreshness) -> Result<bool> {
    let Some((report, version)) = environment.lake.get_json::<FreshnessReport>(keys::FRESHNESS).await? else {
        return Ok(false);
    };
    // A later look may have judged anew meanwhile; of that nobody has heard.
    if report.state != request.told {
        return Ok(false);
    }
    let noted = FreshnessReport { told: Some(request.told), ..report };
    environment.lake.compare_and_swap(keys::FRESHNESS, Some(&version), to_json(&noted)).await?;
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
