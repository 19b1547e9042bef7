//! The eight pages: their addresses, their names, the letter that leads to each.

use super::with_key;
use crate::query::RUN;
use crate::words::{Language, Word};

/// A page of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PageId {
    /// What must I know in 30 seconds, and what is wrong?
    Overview,
    /// What is in the data this run used, and can I trust it?
    Explorer,
    /// Is the champion good, for whom, and why was it let in?
    Model,
    /// Who is at risk, and what is at stake?
    Risk,
    /// What do I say to this customer on the phone?
    Lookup,
    /// Which offers, in which order, within which budget?
    Recommendations,
    /// Has the world moved, does it matter, since when?
    Drift,
    /// Did last night work, what runs now, what comes next?
    Status,
}

/// A line of the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavItem {
    /// The page's name.
    pub label: &'static str,
    /// Its address.
    pub href: String,
    /// After `g`, the letter that leads there.
    pub letter: char,
    /// Whether the reader is there.
    pub current: bool,
}

impl PageId {
    /// All of them, in the order of the navigation.
    pub const ALL: [Self; 8] = [
        Self::Overview,
        Self::Explorer,
        Self::Model,
        Self::Risk,
        Self::Lookup,
        Self::Recommendations,
        Self::Drift,
        Self::Status,
    ];

    /// The page's path.
    pub fn path(self) -> &'static str {
        match self {
            Self::Overview => "/",
            Self::Explorer => "/explorer",
            Self::Model => "/model",
            Self::Risk => "/risk",
            Self::Lookup => "/customers",
            Self::Recommendations => "/recommendations",
            Self::Drift => "/drift",
            Self::Status => "/runs",
        }
    }

    /// The name in names of files and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Explorer => "explorer",
            Self::Model => "model",
            Self::Risk => "risk",
            Self::Lookup => "customers",
            Self::Recommendations => "recommendations",
            Self::Drift => "drift",
            Self::Status => "runs",
        }
    }

    /// The page's name for its readers.
    pub fn word(self) -> Word {
        match self {
            Self::Overview => Word::NavOverview,
            Self::Explorer => Word::NavExplorer,
            Self::Model => Word::NavModel,
            Self::Risk => Word::NavRisk,
            Self::Lookup => Word::NavLookup,
            Self::Recommendations => Word::NavRecommendations,
            Self::Drift => Word::NavDrift,
            Self::Status => Word::NavStatus,
        }
    }

    /// After `g`, the letter that leads there; the same in both languages.
    pub fn letter(self) -> char {
        match self {
            Self::Overview => 'o',
            Self::Explorer => 'e',
            Self::Model => 'm',
            Self::Risk => 'r',
            Self::Lookup => 'c',
            Self::Recommendations => 'a',
            Self::Drift => 'd',
            Self::Status => 's',
        }
    }

    /// The line of the navigation, with the pinned run in its address.
    pub fn item(self, language: Language, pin: Option<&str>, current: bool) -> NavItem {
        let href = pin.map_or_else(|| self.path().to_owned(), |run| with_key(self.path(), RUN, run));
        NavItem { label: language.say(self.word()), href, letter: self.letter(), current }
    }
}
