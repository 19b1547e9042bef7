//! Charts, drawn as SVG on the server: text is text, colours are classes, and the same numbers stand in a table.
//!
//! A chart takes a struct of plain data with its title and description, the reader's format, and the width of its
//! column in pixels; the text is 12 pixels high at any width. Nothing here knows where the numbers come from.

mod bars;
mod boxes;
mod curve;
mod heat;
mod histogram;
mod interval;
mod line;
mod scale;
mod spark;
mod step;
mod strip;
mod svg;
mod text;
mod tone;
mod unit;
mod waterfall;

pub use bars::{Bar, Bars, bars};
pub use boxes::{BoxPlot, BoxRow, box_plot};
pub use curve::{Curve, CurvePoint, Guide, Spot, curve};
pub use heat::{Heat, HeatCell, heat};
pub use histogram::{Histogram, Limit, histogram};
pub use interval::{IntervalDot, IntervalDots, TierInterval, interval_dot, tier_interval};
pub use line::{Line, LinePoint, line};
pub use spark::{Spark, SparkForm, spark};
pub use step::{Gap, Step, StepSeries, step};
pub use strip::{Strip, StripMark, strip};
pub use tone::Tone;
pub use unit::Unit;
pub use waterfall::{Waterfall, WaterfallStep, waterfall};

use crate::assets::{CHART, TOKENS};
use crate::export::List;

/// A picture, and the numbers in it.
#[derive(Debug, Clone)]
pub struct Chart {
    /// The picture, with its title and description; painted by classes of the style sheet.
    pub svg: String,
    /// The same for the width of a phone, where the picture is much wider.
    pub narrow: Option<String>,
    /// The numbers, as the reader reads them.
    pub table: Table,
    /// The numbers as a file has them, labelled as the picture is; none of a spark, which is part of a table.
    pub numbers: List,
}

/// The numbers of a picture. The first column names the row; the others are numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// The heads of the columns.
    pub head: Vec<String>,
    /// The rows, each as long as the head.
    pub rows: Vec<Vec<String>>,
}

impl Chart {
    fn new(svg: String, table: Table) -> Self {
        Self { svg, narrow: None, table, numbers: List::default() }
    }

    /// With the numbers as a file has them.
    fn numbered(self, numbers: impl Into<List>) -> Self {
        Self { numbers: numbers.into(), ..self }
    }

    /// With the picture of `narrow` for phones.
    pub fn with_narrow(self, narrow: Self) -> Self {
        Self { narrow: Some(narrow.svg), ..self }
    }

    /// The picture as a file of its own: in light colours, which stand in it, for programs that know no style sheets
    /// with variables.
    pub fn file(&self) -> String {
        let style = resolved(CHART, &light_tokens());
        let opened = self.svg.replacen("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ", 1);
        let (head, rest) = opened.split_once('>').unwrap_or((&opened, ""));
        format!("{head}><style>{style}</style>{rest}")
    }
}

/// The names and values of the first block of the tokens: those of light colours.
fn light_tokens() -> Vec<(&'static str, &'static str)> {
    let block = TOKENS.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map_or("", |(block, _)| block);
    let pairs = block.split(';').filter_map(|line| line.trim().split_once(':'));
    pairs.map(|(name, value)| (name.trim(), value.trim())).filter(|(name, _)| name.starts_with("--")).collect()
}

fn resolved(style: &str, tokens: &[(&str, &str)]) -> String {
    tokens.iter().fold(style.to_owned(), |style, (name, value)| style.replace(&format!("var({name})"), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_a_picture_stands_alone() {
        let chart = Chart::new("<svg class=\"c\" viewBox=\"0 0 1 1\"><rect/></svg>".to_owned(), Table::default());
        let file = chart.file();
        assert!(file.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"c\" viewBox=\"0 0 1 1\"><style>"));
        assert!(file.ends_with("</style><rect/></svg>"));
        assert!(!file.contains("var("), "{file}");
        assert!(file.contains("#0b5cad") && !file.contains("#6cb6ff"), "{file}");
    }
}
