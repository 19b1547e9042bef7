//! Light, dark, or as the reader's machine is set.

use crate::words::{Language, Word};

/// Which of the two sets of colours is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the reader's machine is set.
    #[default]
    Auto,
    /// Dark on white.
    Light,
    /// Light on black.
    Dark,
}

impl Theme {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// The name in `data-theme`, in the query and in the cookie.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }

    /// What the reader calls it.
    pub fn word(self, language: Language) -> &'static str {
        language.say(match self {
            Self::Auto => Word::FrameThemeAuto,
            Self::Light => Word::FrameThemeLight,
            Self::Dark => Word::FrameThemeDark,
        })
    }
}
