//! What came of an order: in the reader's language on the page, in English in the audit.

use lake::documents::{Acknowledgement, short_id};
use protocol::Quiets;

use crate::format::Format;
use crate::words::{Language, Said, Word};

/// What runs answer to what they are told.
const ANSWERS: [Word; 4] =
    [Word::UpdateSaidApproved, Word::UpdateSaidRejected, Word::UpdateSaidPaused, Word::UpdateSaidResumed];

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: the run of this ID has answered for the same files and settings.
    AnsweredBefore(String),
    /// Nothing: the run of this ID is at work already.
    AlreadyAtWork(String),
    /// A run was started and is at work.
    AtWork(String),
    /// A run was started, and nobody works for it yet.
    Waits {
        /// The run's workflow.
        id: String,
        /// Who is missing, in English.
        why: String,
    },
    /// A run was told something.
    Told {
        /// The run's workflow.
        id: String,
        /// Its answer, in English.
        answer: String,
    },
    /// A run was told to stop.
    Stopping(String),
    /// An alert is known from now on.
    Known(Box<Acknowledgement>),
    /// A schedule was paused or goes on.
    Schedule {
        /// Its name.
        id: String,
        /// Which of both.
        turned: Turned,
        /// By whom.
        by: String,
        /// Why.
        reason: String,
    },
}

/// How a schedule was turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turned {
    /// It starts no runs.
    Off,
    /// It starts runs again.
    On,
}

impl Effect {
    /// Whether it was so before: nothing was to be done.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::AnsweredBefore(_) | Self::AlreadyAtWork(_))
    }

    /// What is said of it, and what stands beside it, maybe in English.
    pub fn said(&self, format: Format) -> (Said, Option<Said>) {
        let language = format.0;
        let of_run = |word: Word, id: &str| Said::from(language.fill(word, &[("id", id)]));
        match self {
            Self::AnsweredBefore(id) => (of_run(Word::EffectAnsweredBefore, id), None),
            Self::AlreadyAtWork(id) => (of_run(Word::EffectAlreadyAtWork, id), None),
            Self::AtWork(id) => (of_run(Word::EffectAtWork, id), None),
            Self::Waits { id, why } => (of_run(Word::EffectWaits, id), Some(Said::english(language, why.as_str()))),
            Self::Told { id, answer } => (of_run(Word::EffectTold, id), Some(language.retell(answer, &ANSWERS))),
            Self::Stopping(id) => (of_run(Word::EffectStopping, id), None),
            Self::Known(given) => (known(format, given), None),
            Self::Schedule { id, turned, by, reason } => {
                let word = match turned {
                    Turned::Off => Word::EffectSchedulePaused,
                    Turned::On => Word::EffectScheduleResumed,
                };
                (language.fill(word, &[("id", id), ("by", by), ("reason", reason)]).into(), None)
            }
        }
    }

    /// The same in one English sentence.
    pub fn in_english(&self) -> String {
        let (said, also) = self.said(Format(Language::En));
        match also {
            Some(also) => format!("{} {}", said.text, also.text),
            None => said.text,
        }
    }
}

/// What an acknowledgement keeps from people, and until when.
fn known(format: Format, given: &Acknowledgement) -> Said {
    let word = match given.kind.quiets() {
        Quiets::KnownDrift => Word::EffectKnownDrift,
        Quiets::SameSubject if given.details.is_empty() => Word::EffectKnownSubject,
        Quiets::SameSubject => Word::EffectKnownDetails,
        Quiets::Nothing => Word::EffectKnownNothing,
    };
    let values = [
        ("id", short_id(&given.event_id).to_owned()),
        ("until", format.moment(given.until)),
        ("kind", given.kind.as_str().to_owned()),
        ("features", given.features.join(", ")),
        ("details", given.details.join(", ")),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    format.0.fill(word, &values).into()
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, Utc};
    use protocol::AlertKind;

    use super::*;

    fn acknowledged(kind: AlertKind, details: &[&str]) -> Effect {
        let now = chrono::DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000);
        Effect::Known(Box::new(Acknowledgement {
            event_id: "01a2-4f90".to_owned(),
            kind,
            subject: "what happened".to_owned(),
            features: vec!["tenure_months".to_owned()],
            details: details.iter().map(|&detail| detail.to_owned()).collect(),
            until: now,
            by: "ana".to_owned(),
            reason: "known".to_owned(),
            at: now,
            lifted: None,
        }))
    }

    #[test]
    fn every_effect_is_told_in_spanish_and_only_what_programs_wrote_is_english() {
        let id = || "nightly".to_owned();
        let (by, reason) = ("ana".to_owned(), "prices".to_owned());
        let effects = [
            Effect::AnsweredBefore(id()),
            Effect::AlreadyAtWork(id()),
            Effect::AtWork(id()),
            Effect::Stopping(id()),
            Effect::Told { id: id(), answer: "approved by ana".to_owned() },
            Effect::Told { id: id(), answer: "resumed by ana".to_owned() },
            Effect::Schedule { id: id(), turned: Turned::Off, by: by.clone(), reason: reason.clone() },
            Effect::Schedule { id: id(), turned: Turned::On, by, reason },
            acknowledged(AlertKind::DriftWarn, &[]),
            acknowledged(AlertKind::QualityWarning, &[]),
            acknowledged(AlertKind::QualityWarning, &["published_rows"]),
            acknowledged(AlertKind::RunFailed, &[]),
        ];
        for effect in effects {
            let (said, also) = effect.said(Format(Language::Es));
            assert_eq!((said.lang, also.clone().and_then(|also| also.lang)), (None, None), "{effect:?}");
            let all = said.text + &also.map(|also| also.text).unwrap_or_default();
            assert!(!all.contains(" is ") && !all.contains(" by "), "{all}");
        }
        let waits = Effect::Waits { id: id(), why: "no worker listens on task queue q".to_owned() };
        assert_eq!(waits.in_english(), "nightly is started and waits: no worker listens on task queue q");
        assert_eq!(waits.said(Format(Language::Es)).1.unwrap().lang, Some("en"));
        let newer = Effect::Told { id: id(), answer: "done in another way".to_owned() };
        assert_eq!(newer.said(Format(Language::Es)).1.unwrap().lang, Some("en"));
    }
}
