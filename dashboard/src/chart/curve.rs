//! Curves between two shares: precision over recall, true over false positives, what happened over what was said.

use super::scale::Scale;
use super::svg::{Anchor, Svg};
use super::text::width as text_width;
use super::{Chart, Table, Tone};
use crate::export::List;
use crate::format::Format;
use crate::words::Word;

/// The name of the upward axis and the key are above.
const TOP: f64 = 42.0;
/// The values and the name of the other axis are below.
const UNDER: f64 = 38.0;
/// A square larger than this says no more.
const LARGEST: f64 = 320.0;
const QUARTERS: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

/// A place on a curve, or a dot beside it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CurvePoint {
    /// Across, 0 to 1.
    pub x: f64,
    /// Up, 0 to 1.
    pub y: f64,
    /// How many rows are behind it; dots are as large. 0 for a place without a dot.
    pub rows: u64,
}

/// What a curve would be without any knowledge.
#[derive(Debug, Clone, PartialEq)]
pub enum Guide {
    /// From corner to corner.
    Diagonal,
    /// At one height, with its name: the base rate.
    Level(String, f64),
}

/// A place with a name: where the model works.
#[derive(Debug, Clone, PartialEq)]
pub struct Spot {
    /// Across.
    pub x: f64,
    /// Up.
    pub y: f64,
    /// What it is: "threshold 0.47".
    pub name: String,
}

/// A curve, perhaps another to compare with.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// What the picture shows.
    pub title: String,
    /// What there is to see, in a sentence.
    pub description: String,
    /// The name of the axis across.
    pub x_head: String,
    /// The name of the axis upward.
    pub y_head: String,
    /// Names, meanings and places; [`Tone::Reference`] is dashed.
    pub series: Vec<(String, Tone, Vec<CurvePoint>)>,
    /// What a curve would be without any knowledge.
    pub guide: Option<Guide>,
    /// Where the model works.
    pub spot: Option<Spot>,
}

/// Draws the curves in a column of this width.
pub fn curve(data: &Curve, format: Format, width: f64) -> Chart {
    let left = text_width(&format.percent_digits(1.0, 0)) + 8.0;
    let side = (width - left - 10.0).clamp(40.0, LARGEST);
    let horizontal = Scale::new((0.0, 1.0), (left, left + side));
    let vertical = Scale::new((0.0, 1.0), (TOP + side, TOP));
    let mut svg = Svg::new(width);
    axes(&mut svg, data, format, (horizontal, vertical));
    match &data.guide {
        Some(Guide::Diagonal) => {
            svg.line("guide", (horizontal.at(0.0), vertical.at(0.0)), (horizontal.at(1.0), vertical.at(1.0)));
        }
        Some(Guide::Level(name, level)) => {
            let y = vertical.at(*level);
            svg.line("guide", (horizontal.at(0.0), y), (horizontal.at(1.0), y));
            svg.text("m", (horizontal.at(0.0) + 6.0, y - 5.0), Anchor::Start, name);
        }
        None => {}
    }
    for (_, tone, points) in &data.series {
        svg.path(tone.stroke(), points.iter().map(|point| Some((horizontal.at(point.x), vertical.at(point.y)))));
        dots(&mut svg, *tone, points, (horizontal, vertical), format);
    }
    if let Some(spot) = &data.spot {
        let (x, y) = (horizontal.at(spot.x), vertical.at(spot.y));
        svg.circle("dot", (x, y), 4.5, &spot.name);
        let size = text_width(&spot.name);
        let (x, anchor) = if x + 10.0 + size > width { (x - 10.0, Anchor::End) } else { (x + 10.0, Anchor::Start) };
        svg.text("b halo", (x, (y - 8.0).max(TOP + 12.0)), anchor, &spot.name);
    }
    key(&mut svg, data);
    Chart::new(svg.finish(TOP + side + UNDER, &data.title, &data.description), table(data, format))
        .numbered(numbers(data))
}

fn axes(svg: &mut Svg, data: &Curve, format: Format, (horizontal, vertical): (Scale, Scale)) {
    let (left, right) = (horizontal.at(0.0), horizontal.at(1.0));
    let bottom = vertical.at(0.0);
    for share in QUARTERS {
        let class = if share == 0.0 { "axis" } else { "rule" };
        let label = format.percent_digits(share, 0);
        svg.line(class, (left, vertical.at(share)), (right, vertical.at(share)));
        svg.text("m", (left - 6.0, vertical.at(share) + 4.0), Anchor::End, &label);
        let x = horizontal.at(share).min(right + 10.0 - text_width(&label) / 2.0);
        svg.text("m", (x, bottom + 16.0), Anchor::Middle, &label);
    }
    svg.text("m", (0.0, TOP - 14.0), Anchor::Start, &data.y_head);
    svg.text("m", (right, bottom + 32.0), Anchor::End, &data.x_head);
}

/// Dots whose area is the number of rows behind them.
fn dots(svg: &mut Svg, tone: Tone, points: &[CurvePoint], (horizontal, vertical): (Scale, Scale), format: Format) {
    let most = points.iter().map(|point| point.rows).max().unwrap_or_default();
    for point in points.iter().filter(|point| point.rows > 0) {
        let radius = 2.0 + 6.0 * (point.rows as f64 / most as f64).sqrt();
        let class = if tone == Tone::Reference { "ring" } else { "disc" };
        svg.circle(class, (horizontal.at(point.x), vertical.at(point.y)), radius, &format.count(point.rows));
    }
}

fn key(svg: &mut Svg, data: &Curve) {
    if data.series.len() < 2 {
        return;
    }
    let mut x = 0.0;
    for (name, tone, _) in &data.series {
        svg.line(tone.stroke(), (x, 8.0), (x + 16.0, 8.0));
        svg.text("", (x + 22.0, 12.0), Anchor::Start, name);
        x += 22.0 + text_width(name) + 16.0;
    }
}

/// All places of every curve, one after the other.
fn table(data: &Curve, format: Format) -> Table {
    let head = vec![format.0.say(Word::ChartCurve).to_owned(), data.x_head.clone(), data.y_head.clone()];
    let rows = data.series.iter().flat_map(|(name, _, points)| {
        points.iter().map(move |point| vec![name.clone(), format.percent(point.x), format.percent(point.y)])
    });
    Table { head, rows: rows.collect() }
}

fn numbers(data: &Curve) -> List {
    let places = data.series.iter().flat_map(|(name, _, points)| points.iter().map(move |point| (name, point)));
    let places: Vec<(&String, &CurvePoint)> = places.collect();
    List::of(&places)
        .text("curve", |(name, _)| (*name).clone())
        .number("x", |(_, point)| point.x)
        .number("y", |(_, point)| point.y)
        // 0 is a place without rows of its own.
        .count("rows", |(_, point)| Some(point.rows).filter(|rows| *rows > 0))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    const EN: Format = Format(Language::En);

    fn point(x: f64, y: f64, rows: u64) -> CurvePoint {
        CurvePoint { x, y, rows }
    }

    fn precision() -> Curve {
        Curve {
            title: "Precision over recall".to_owned(),
            description: String::new(),
            x_head: "Recall".to_owned(),
            y_head: "Precision".to_owned(),
            series: vec![
                (
                    "Champion".to_owned(),
                    Tone::Current,
                    vec![point(0.0, 1.0, 0), point(0.5, 0.8, 0), point(1.0, 0.1, 0)],
                ),
                ("Before".to_owned(), Tone::Reference, vec![point(0.0, 1.0, 0), point(1.0, 0.1, 0)]),
            ],
            guide: Some(Guide::Level("base rate 10%".to_owned(), 0.1)),
            spot: Some(Spot { x: 0.99, y: 0.8, name: "threshold 0.47".to_owned() }),
        }
    }

    /// The width that leaves a square of 200 pixels.
    fn width_of_200() -> f64 {
        text_width("100%") + 8.0 + 10.0 + 200.0
    }

    #[test]
    fn the_square_goes_from_nothing_to_all() {
        let chart = curve(&precision(), EN, width_of_200());
        let left = text_width("100%") + 8.0;
        let path = format!("M{left:.1},42L{:.1},82L{:.1},222", left + 100.0, left + 200.0);
        assert!(chart.svg.contains(&path), "{path}: {}", chart.svg);
        assert!(chart.svg.contains("class=\"guide\"") && chart.svg.contains(">base rate 10%</text>"));
    }

    #[test]
    fn a_name_at_the_edge_stands_inside() {
        let chart = curve(&precision(), EN, width_of_200());
        assert!(chart.svg.contains("text-anchor=\"end\">threshold 0.47</text>"), "{}", chart.svg);
    }

    #[test]
    fn a_wide_column_does_not_make_the_square_larger_than_needed() {
        let chart = curve(&precision(), EN, 1000.0);
        assert!(chart.svg.contains("height=\"400\""), "{}", chart.svg);
    }

    #[test]
    fn dots_are_as_large_as_the_rows_behind_them() {
        let mut reliability = precision();
        reliability.guide = Some(Guide::Diagonal);
        reliability.spot = None;
        reliability.series = vec![("Now".to_owned(), Tone::Current, vec![point(0.1, 0.1, 900), point(0.9, 0.8, 100)])];
        let chart = curve(&reliability, EN, 300.0);
        assert!(chart.svg.contains("r=\"8\"><title>900</title>"), "{}", chart.svg);
        assert!(chart.svg.contains("r=\"4\"><title>100</title>"), "{}", chart.svg);
        assert!(!chart.svg.contains(">Now</text>"), "one curve needs no key");
    }

    #[test]
    fn the_table_has_every_place() {
        let table = curve(&precision(), EN, 300.0).table;
        assert_eq!(table.rows.len(), 5);
        assert_eq!(table.rows[1], ["Champion", "50.0%", "80.0%"]);
    }
}
