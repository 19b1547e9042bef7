//! What people hear of the promise.

use protocol::AlertKind;
use protocol::freshness::{FreshnessReport, FreshnessState, ScoresInForce};

use crate::run::Event;

/// What is to be told of a state, where people should hear of it.
pub fn news(report: &FreshnessReport) -> Option<Event> {
    let FreshnessReport { state, since, deadline, scores, .. } = report;
    let subject = state.subject()?.to_owned();
    let published = scores.as_ref().map_or_else(|| "Nothing is published.".to_owned(), in_force);
    match state {
        FreshnessState::Stale => Some(Event {
            kind: AlertKind::ScoresStale,
            subject,
            body: format!(
                "They were promised for {deadline}. {published} Look at the runs of the night (spanishgas schedules list), \
                 then: spanishgas run --mode score."
            ),
            features: Vec::new(),
            details: Vec::new(),
        }),
        FreshnessState::Recovered => Some(Event {
            kind: AlertKind::ScoresRecovered,
            subject,
            body: format!("They came late, and are there since {since}. {published}"),
            features: Vec::new(),
            details: Vec::new(),
        }),
        FreshnessState::Fresh | FreshnessState::Due => None,
    }
}

fn in_force(scores: &ScoresInForce) -> String {
    format!(
        "Published are those of {} by model {}, confirmed at {} ({} h ago).",
        scores.as_of, scores.model_version, scores.confirmed_at, scores.age_hours
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(state: FreshnessState) -> FreshnessReport {
        FreshnessReport {
            state,
            since: "2025-01-02T07:30:00.000Z".to_owned(),
            looked_at: String::new(),
            deadline: "2025-01-02T06:00:00.000Z".to_owned(),
            scores: None,
            told: None,
            told_at: None,
        }
    }

    #[test]
    fn a_broken_promise_is_told_with_what_to_do_and_a_kept_one_is_no_news() {
        let stale = news(&report(FreshnessState::Stale)).unwrap();
        assert_eq!(stale.kind, AlertKind::ScoresStale);
        for part in ["2025-01-02T06:00:00.000Z", "Nothing is published", "spanishgas run --mode score"] {
            assert!(stale.body.contains(part), "{}", stale.body);
        }
        assert_eq!(news(&report(FreshnessState::Recovered)).unwrap().kind, AlertKind::ScoresRecovered);
        assert_eq!(news(&report(FreshnessState::Fresh)), None);
        assert_eq!(news(&report(FreshnessState::Due)), None);
    }
}
