//! Which watchers people have heard to be silent, `monitoring/silences.json`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use protocol::AlertKind;
use protocol::silence::Silence;
use serde::{Deserialize, Serialize};

use super::Acknowledgements;
use crate::{Lake, LakeError, Version, keys, to_json};

/// Silences that are remembered; the one that was told first is forgotten first.
const MOST: usize = 100;

/// All silences that people have heard of, by what they are about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldSilences {
    /// The last one of each subject.
    pub told: BTreeMap<String, ToldSilence>,
}

/// A silence that people have heard of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldSilence {
    /// Since when it was, RFC 3339.
    pub since: String,
    /// When they heard of it.
    pub at: DateTime<Utc>,
}

impl ToldSilences {
    /// What is remembered, and the version to replace.
    pub async fn find(lake: &Lake) -> Result<(Self, Option<Version>), LakeError> {
        let stored = lake.get_json::<Self>(keys::SILENCES).await?;
        Ok(stored.map_or_else(|| (Self::default(), None), |(told, seen)| (told, Some(seen))))
    }

    /// Replaces what was remembered; a conflict where somebody else was faster.
    pub async fn store(&self, lake: &Lake, seen: Option<&Version>) -> Result<(), LakeError> {
        lake.compare_and_swap(keys::SILENCES, seen, to_json(self)).await
    }

    /// Whether people know of it: they heard of this very silence, and no acknowledgement of it has ended since.
    pub fn is_told(&self, silence: &Silence, known: &Acknowledgements, now: DateTime<Utc>) -> bool {
        let subject = silence.subject();
        self.told.get(&subject).is_some_and(|told| {
            let is_over = known.ended_after(AlertKind::WatcherSilent, &subject, told.at, now);
            told.since == silence.since() && !is_over
        })
    }

    /// Remembers one that people have heard of.
    pub fn note(&mut self, silence: &Silence, at: DateTime<Utc>) {
        self.told.insert(silence.subject(), ToldSilence { since: silence.since().to_owned(), at });
        while self.told.len() > MOST {
            let oldest = self.told.iter().min_by_key(|(_, told)| told.at).map(|(subject, _)| subject.clone());
            oldest.and_then(|oldest| self.told.remove(&oldest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::Acknowledgement;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_silence_is_told_once_again_when_it_begins_anew_and_again_after_a_snooze() {
        let silence = |since: &str| Silence::Freshness { since: since.to_owned() };
        let (mut told, mut known) = (ToldSilences::default(), Acknowledgements::default());
        let now = time("2026-12-15T03:00:00Z");
        assert!(!told.is_told(&silence("a"), &known, now));
        told.note(&silence("a"), now);
        assert!(told.is_told(&silence("a"), &known, now));
        assert!(!told.is_told(&silence("b"), &known, now), "it looked in between, and is silent again");
        known.add(Acknowledgement {
            event_id: "r-1".to_owned(),
            kind: AlertKind::WatcherSilent,
            subject: silence("a").subject(),
            features: Vec::new(),
            details: Vec::new(),
            until: time("2026-12-16T00:00:00Z"),
            by: "ana".to_owned(),
            reason: String::new(),
            at: now,
            lifted: None,
        });
        assert!(told.is_told(&silence("a"), &known, time("2026-12-15T23:00:00Z")));
        let morning = time("2026-12-16T00:05:00Z");
        assert!(!told.is_told(&silence("a"), &known, morning), "the snooze has ended");
        told.note(&silence("a"), morning);
        assert!(told.is_told(&silence("a"), &known, time("2026-12-16T00:10:00Z")));
    }

    #[test]
    fn what_is_remembered_does_not_grow_for_ever() {
        let mut told = ToldSilences::default();
        for number in 0..=MOST {
            let (prefix, since) = (format!("raw/{number}"), "a".to_owned());
            let at = DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(number as i64);
            told.note(&Silence::DeliveryWithoutRun { prefix, since }, at);
        }
        let first = Silence::DeliveryWithoutRun { prefix: "raw/0".to_owned(), since: "a".to_owned() };
        assert_eq!((told.told.len(), told.told.get(&first.subject())), (MOST, None));
    }
}
