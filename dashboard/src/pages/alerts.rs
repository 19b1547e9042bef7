//! What people were told, in the reader's language.

use protocol::Alert;

use crate::data::ListedAlert;
use crate::export::{List, iso_of};
use crate::words::{Language, Said, Word};

/// The subjects of all alerts; of two that begin and end alike the longer one comes first.
const SUBJECTS: [Word; 33] = [
    Word::AlertTrainFailed,
    Word::AlertScoreFailed,
    Word::AlertErasureFailed,
    Word::AlertQualityMore,
    Word::AlertQuality,
    Word::AlertPromotedByHand,
    Word::AlertReminderAgainst,
    Word::AlertReminder,
    Word::AlertWaitsAgainst,
    Word::AlertWaits,
    Word::AlertPromoted,
    Word::AlertRejected,
    Word::AlertWithdrawn,
    Word::AlertReinstated,
    Word::AlertRollback,
    Word::AlertNoChampion,
    Word::AlertDriftWarn,
    Word::AlertDriftCritical,
    Word::AlertPerformance,
    Word::AlertChampionFails,
    Word::AlertRepaired,
    Word::AlertTrainingNotStopped,
    Word::AlertIncomplete,
    Word::AlertUnusable,
    Word::AlertStale,
    Word::AlertRecovered,
    Word::AlertGarbage,
    Word::AlertSilentWatcher,
    Word::AlertSilentDelivery,
    Word::AlertSilentFreshness,
    Word::AlertErasedLeft,
    Word::AlertErased,
    Word::AlertErasedNobody,
];

/// An alert's subject; one of a newer version stays as it is, marked as English.
pub fn subject(language: Language, subject: &str) -> Said {
    language.retell(subject, &SUBJECTS)
}

/// Alerts as a file has them, in the words in which they were sent.
pub fn list(alerts: &[ListedAlert]) -> List {
    List::of(alerts)
        .text("at", |listed| listed.alert.at.as_deref().map(iso_of))
        .text("kind", |listed| kind(&listed.alert.alert))
        .text("subject", |listed| listed.alert.alert.subject.clone())
        .text("workflow_id", |listed| listed.alert.alert.run.workflow_id.to_string())
        .text("run_id", |listed| listed.alert.alert.run.run_id.to_string())
        .text("event_id", |listed| listed.alert.event_id.clone())
        .text("known_to", |listed| listed.known.somebody().map(|known| known.by.clone()))
        .into()
}

/// The kind as it is recorded.
fn kind(alert: &Alert) -> Option<String> {
    serde_json::to_value(alert.kind).ok()?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use churn::drift::DriftLevel;
    use protocol::ErrorNumber;
    use protocol::freshness::FreshnessState;
    use protocol::raw_watcher::subjects_of_delivery;
    use protocol::silence::Silence;

    use super::*;

    /// The events of the pipeline in words, as its own tests keep them: kind, subject, body.
    macro_rules! of_pipeline {
        ($($name:literal),+) => {
            [$(include_str!(concat!(
                "../../../workflows/src/churn_pipeline/events/snapshots/workflows__churn_pipeline__events__tests__",
                $name,
                ".snap"
            ))),+]
        };
    }

    fn subjects_of_pipeline() -> Vec<&'static str> {
        let files: [&'static str; 6] = of_pipeline!(
            "verdict",
            "question",
            "drift_and_repairs",
            "no_champion",
            "promotion_nobody_heard_of",
            "training_not_stopped"
        );
        let events = files.into_iter().filter_map(|file| Some(file.splitn(3, "---\n").nth(2)?.split("\n\n")));
        events.flatten().filter_map(|event| event.lines().nth(1)).collect()
    }

    #[test]
    fn every_subject_that_is_sent_today_is_told_in_spanish() {
        let since = String::new;
        let mut subjects: Vec<String> = subjects_of_pipeline().into_iter().map(str::to_owned).collect();
        assert!(subjects.len() >= 8, "{subjects:?}");
        subjects.extend(subjects_of_delivery("raw/2025-01"));
        subjects.extend(FreshnessState::Stale.subject().map(str::to_owned));
        subjects.extend(FreshnessState::Recovered.subject().map(str::to_owned));
        let silences = [
            Silence::RawWatcher { raw_prefix: "raw".to_owned(), since: since() },
            Silence::DeliveryWithoutRun { prefix: "raw/new".to_owned(), since: since() },
            Silence::Freshness { since: since() },
        ];
        subjects.extend(silences.iter().map(Silence::subject));
        for level in [DriftLevel::Warn, DriftLevel::Critical] {
            subjects.push(format!("drift {}: 3 features", level.as_str()));
        }
        for which in ["train", "score", "erasure"] {
            subjects.push(format!("{which} run failed: {}", ErrorNumber::ContractViolation.type_name()));
        }
        for subject in [
            "quality warning: published_rows",
            "quality warning: a, b and 3 more",
            "customers churn otherwise than the model promised",
            "model 4f90 promoted by hand",
            "rollback to model 4f90",
            "model 4f90 withdrawn",
            "model 4f90 reinstated",
            "stored outputs were not collected: 3 doubts",
            "2 customers erased: request 7",
            "2 customers erased, and something is left: request 7",
            "2 customers are kept out, and nothing named them: request 7",
        ] {
            subjects.push(subject.to_owned());
        }
        for english in &subjects {
            let said = subject(Language::Es, english);
            assert!(said.lang.is_none() && said.text != *english, "{english}: {said:?}");
            assert_eq!(subject(Language::En, english), Said::from(english.as_str()));
        }
        assert_eq!(subject(Language::Es, "the moon fell").lang, Some("en"));
    }

    #[test]
    fn the_longer_of_two_alike_is_meant() {
        let es = |english: &str| subject(Language::Es, english).text;
        let against = Language::Es.fill(Word::AlertReminderAgainst, &[("version", "4f90"), ("champion", "old")]);
        assert_eq!(es("reminder: model 4f90 waits for approval against old"), against);
        assert_eq!(es("model 4f90 waits for approval"), Language::Es.fill(Word::AlertWaits, &[("version", "4f90")]));
        let more = Language::Es.fill(Word::AlertQualityMore, &[("rules", "a, b"), ("count", "3")]);
        assert_eq!(es("quality warning: a, b and 3 more"), more);
    }
}
