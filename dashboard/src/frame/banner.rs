//! What is wrong, above every page.

use super::Link;
use crate::words::Said;

/// How bad it is; the worst comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BannerLevel {
    /// Something failed, or what is shown is too old.
    Fail,
    /// A person should look.
    Warn,
    /// Good to know.
    Info,
}

impl BannerLevel {
    /// The class in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Info => "info",
        }
    }

    /// The sign beside the colour.
    pub fn glyph(self) -> &'static str {
        match self {
            Self::Fail => "✕",
            Self::Warn => "△",
            Self::Info => "ⓘ",
        }
    }
}

/// One thing that is wrong, and where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Banner {
    /// How bad it is.
    pub level: BannerLevel,
    /// What it is, in one sentence.
    pub text: String,
    /// More of it.
    pub detail: Option<Said>,
    /// Where to look, or to act.
    pub link: Option<Link>,
}

impl Banner {
    /// A banner of one sentence.
    pub fn new(level: BannerLevel, text: impl Into<String>) -> Self {
        Self { level, text: text.into(), detail: None, link: None }
    }

    /// With a second sentence.
    pub fn detail(self, detail: impl Into<Said>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    /// With a place to go to.
    pub fn link(self, text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { link: Some(Link::new(text, href)), ..self }
    }
}
