//! Which alerts are over: what they told of has ended by itself, by what the watchers remember in the lake.

use lake::documents::{RawWatch, SeenDelivery, StoredAlert};
use lake::{Lake, keys};
use protocol::AlertKind;
use protocol::freshness::{FreshnessReport, FreshnessState};
use protocol::raw_watcher::subjects_of_delivery;

/// How things stand, by the last looks of the watchers.
#[derive(Debug, Default)]
pub struct Standing {
    freshness: Option<FreshnessReport>,
    /// What is remembered of every folder of raw files; nothing where a part of it cannot be read.
    watches: Option<Vec<RawWatch>>,
}

impl Standing {
    /// As the lake has it. What cannot be read ends no alert.
    pub async fn find(lake: &Lake) -> Self {
        let report = lake.get_json::<FreshnessReport>(keys::FRESHNESS).await.ok().flatten();
        Self { freshness: report.map(|(report, _)| report), watches: watches(lake).await }
    }

    /// Whether what an alert told of has ended.
    pub fn has_ended(&self, alert: &StoredAlert) -> bool {
        let at = alert.at.as_deref();
        match alert.alert.kind {
            AlertKind::ScoresStale => self.freshness.as_ref().is_some_and(|report| are_there(report, at)),
            AlertKind::DeliveryTrouble => self.is_healed(&alert.alert.subject, at),
            _ => false,
        }
    }

    /// A delivery that is no longer there is in no trouble either.
    fn is_healed(&self, subject: &str, at: Option<&str>) -> bool {
        let Some(watches) = self.watches.as_ref().filter(|watches| !watches.is_empty()) else { return false };
        let mut deliveries = watches.iter().flat_map(|watch| &watch.deliveries);
        let found = deliveries.find_map(|(prefix, seen)| {
            let [incomplete, unusable] = subjects_of_delivery(prefix);
            match subject {
                subject if subject == incomplete => Some(is_complete(seen, at)),
                subject if subject == unusable => Some(seen.refused.is_none() && seen.unreadable_since.is_none()),
                _ => None,
            }
        });
        found.unwrap_or(true)
    }
}

async fn watches(lake: &Lake) -> Option<Vec<RawWatch>> {
    let mut watches = Vec::new();
    for object in lake.list(keys::DELIVERIES).await.ok()? {
        let watch = lake.get_json::<RawWatch>(&object.key).await.ok()?;
        watches.extend(watch.map(|(watch, _)| watch));
    }
    Some(watches)
}

/// The scores are there, or are late once more since the alert.
fn are_there(report: &FreshnessReport, at: Option<&str>) -> bool {
    report.state != FreshnessState::Stale || is_before(at, &report.since)
}

/// Nothing is missing, or something is once more since the alert.
fn is_complete(seen: &SeenDelivery, at: Option<&str>) -> bool {
    seen.incomplete_since.as_ref().is_none_or(|since| is_before(at, since))
}

/// Both are RFC 3339 in UTC with milliseconds.
fn is_before(at: Option<&str>, since: &str) -> bool {
    at.is_some_and(|at| at < since)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn alert(kind: &str, subject: &str) -> StoredAlert {
        serde_json::from_value(json!({
            "run": { "workflow_id": "w", "run_id": "r", "started": "" }, "kind": kind, "subject": subject, "body": "",
            "event_id": "r-1", "at": "2025-01-02T06:00:00.000Z",
        }))
        .unwrap()
    }

    fn freshness(state: &str, since: &str) -> Standing {
        let nothing = serde_json::Value::Null;
        let report = json!({
            "state": state, "since": since, "looked_at": "", "deadline": "", "scores": nothing, "told": nothing,
        });
        Standing { freshness: serde_json::from_value(report).unwrap(), watches: None }
    }

    fn delivery(more: &serde_json::Value) -> Standing {
        let mut seen = json!({ "listing": "0".repeat(64), "unchanged_since": "" });
        seen.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let watch = json!({ "raw_prefix": "raw", "deliveries": { "raw/night": seen }, "known": [] });
        Standing { freshness: None, watches: Some(vec![serde_json::from_value(watch).unwrap()]) }
    }

    #[test]
    fn late_scores_are_over_when_they_have_come() {
        let stale = alert("scores_stale", "the scores of the day are not there");
        assert!(!freshness("stale", "2025-01-02T06:00:00.000Z").has_ended(&stale));
        assert!(freshness("recovered", "2025-01-02T07:00:00.000Z").has_ended(&stale));
        assert!(freshness("stale", "2025-01-03T06:00:00.000Z").has_ended(&stale), "that is another morning");
        assert!(!Standing::default().has_ended(&stale), "nobody has looked");
    }

    #[test]
    fn a_delivery_that_healed_or_went_is_in_no_trouble() {
        let missing = alert("delivery_trouble", "delivery raw/night is not complete");
        let wrong = alert("delivery_trouble", "delivery raw/night cannot be read");
        let incomplete = delivery(&json!({ "incomplete_since": "2025-01-02T01:00:00.000Z" }));
        assert!(!incomplete.has_ended(&missing) && incomplete.has_ended(&wrong));
        let once_more = delivery(&json!({ "incomplete_since": "2025-01-03T01:00:00.000Z" }));
        assert!(once_more.has_ended(&missing));
        let refused = delivery(&json!({ "refused": { "problem": "no footer", "at": "" } }));
        assert!(refused.has_ended(&missing) && !refused.has_ended(&wrong));
        let gone = alert("delivery_trouble", "delivery raw/other is not complete");
        assert!(refused.has_ended(&gone) && !Standing::default().has_ended(&gone));
        assert!(!refused.has_ended(&alert("run_failed", "train run failed")));
    }
}
