//! Glyph, word and colour of a tier or a state: never the colour alone.

use churn::drift::DriftLevel;
use churn::model::RiskTier;

use crate::words::{Language, Word};

/// A state as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// A sign that differs in form.
    pub glyph: &'static str,
    /// What it is called.
    pub word: String,
    /// The class in the style sheet.
    pub class: &'static str,
}

/// How a run or a stage of it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// It ended well.
    Done,
    /// A stage that was found made already.
    Skipped,
    /// It is at work.
    Running,
    /// It has not begun.
    Pending,
    /// It waits for a person.
    Waiting,
    /// It ended early.
    Failed,
}

impl RunState {
    /// The stable word, for files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "completed",
            Self::Skipped => "skipped",
            Self::Running => "running",
            Self::Pending => "pending",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
        }
    }
}

impl Mark {
    /// A risk tier.
    pub fn tier(tier: RiskTier, language: Language) -> Self {
        let (glyph, word, class) = match tier {
            RiskTier::Low => ("○", Word::TierLow, "low"),
            RiskTier::Medium => ("◔", Word::TierMedium, "medium"),
            RiskTier::High => ("◑", Word::TierHigh, "high"),
            RiskTier::Critical => ("●", Word::TierCritical, "critical"),
        };
        Self { glyph, word: language.say(word).to_owned(), class }
    }

    /// The state of a run or a stage.
    pub fn state(state: RunState, language: Language) -> Self {
        let (glyph, word, class) = match state {
            RunState::Done => ("✓", Word::StateDone, "ok"),
            RunState::Skipped => ("↷", Word::StateSkipped, "quiet"),
            RunState::Running => ("◐", Word::StateRunning, "busy"),
            RunState::Pending => ("…", Word::StatePending, "quiet"),
            RunState::Waiting => ("△", Word::StateWaiting, "warn"),
            RunState::Failed => ("✕", Word::StateFailed, "fail"),
        };
        Self { glyph, word: language.say(word).to_owned(), class }
    }

    /// A level of drift.
    pub fn drift(level: DriftLevel, language: Language) -> Self {
        let (glyph, word, class) = match level {
            DriftLevel::None => ("✓", Word::DriftNone, "ok"),
            DriftLevel::Warn => ("△", Word::DriftWarn, "warn"),
            DriftLevel::Critical => ("✕", Word::DriftCritical, "fail"),
            DriftLevel::NotEnoughData => ("?", Word::DriftNotEnoughData, "warn"),
        };
        Self { glyph, word: language.say(word).to_owned(), class }
    }

    /// The same sign with other words: "waits for approval".
    pub fn called(self, word: impl Into<String>) -> Self {
        Self { word: word.into(), ..self }
    }

    /// Sign and word as one text.
    pub fn text(&self) -> String {
        format!("{} {}", self.glyph, self.word)
    }
}
