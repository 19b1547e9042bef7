//! A chart in a page: heading, picture, the same numbers as a table, the picture as a file.

use askama::Template;

use super::Link;
use crate::chart::Chart;
use crate::words::{Language, Word};

/// How wide the column of a chart is. A page has twelve columns from 900 pixels on, below that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FigureWidth {
    /// Four of twelve.
    Third,
    /// Six of twelve.
    Half,
    /// Eight of twelve.
    TwoThirds,
    /// All of them.
    Full,
}

impl FigureWidth {
    /// What a picture is drawn for, in pixels: a window of 1,280 to 1,440.
    pub fn px(self) -> f64 {
        match self {
            Self::Third => 340.0,
            Self::Half => 530.0,
            Self::TwoThirds => 720.0,
            Self::Full => 1090.0,
        }
    }

    /// What a picture is drawn for on a phone of 390 pixels.
    pub const PHONE_PX: f64 = 358.0;

    /// The class of the column.
    pub fn class(self) -> &'static str {
        match self {
            Self::Third => "c4",
            Self::Half => "c6",
            Self::TwoThirds => "c8",
            Self::Full => "c12",
        }
    }

    /// Draws for the column and, where it is much wider than a phone, for a phone as well.
    pub fn draw(self, draw: impl Fn(f64) -> Chart) -> Chart {
        let chart = draw(self.px());
        match self {
            Self::Third => chart,
            Self::Half | Self::TwoThirds | Self::Full => chart.with_narrow(draw(Self::PHONE_PX)),
        }
    }
}

/// A chart with its heading. `{{ figure|safe }}` places it.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/figure.html")]
pub struct Figure {
    /// What the reader reads.
    pub language: Language,
    /// The name in the page, unique there.
    pub id: &'static str,
    /// What the picture shows.
    pub title: String,
    /// A line under the heading.
    pub sub: Option<String>,
    /// How wide its column is.
    pub width: FigureWidth,
    /// The picture and its numbers.
    pub chart: Chart,
    /// The picture and its numbers as files.
    pub downloads: Vec<Link>,
}

impl Figure {
    /// A chart with its heading, drawn for its column.
    pub fn new(
        language: Language,
        id: &'static str,
        title: impl Into<String>,
        width: FigureWidth,
        draw: impl Fn(f64) -> Chart,
    ) -> Self {
        let chart = width.draw(draw);
        Self { language, id, title: title.into(), sub: None, width, chart, downloads: Vec::new() }
    }

    /// With a line under the heading.
    pub fn subtitle(self, sub: impl Into<String>) -> Self {
        Self { sub: Some(sub.into()), ..self }
    }

    /// With the picture and its numbers as files.
    pub fn downloads(self, downloads: Vec<Link>) -> Self {
        Self { downloads, ..self }
    }

    fn say(&self, word: Word) -> &'static str {
        self.language.say(word)
    }
}
