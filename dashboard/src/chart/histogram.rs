//! How values are spread: a bar for each bin, limits as named lines, a reference as a dashed outline.

use super::scale::{Scale, digits, extent, ticks};
use super::svg::{Anchor, Svg};
use super::text::{inside, width as text_width};
use super::{Chart, Table, Tone, Unit};
use crate::format::Format;

const HEIGHT: f64 = 176.0;
/// The names of the limits are above.
const TOP: f64 = 36.0;
/// The values of the axis are below.
const BOTTOM: f64 = 152.0;

/// A limit on the axis of values.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// Where.
    pub at: f64,
    /// What it separates.
    pub name: String,
}

/// Values in bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// What the picture shows.
    pub title: String,
    /// What there is to see, in a sentence.
    pub description: String,
    /// The head of the bins in the table.
    pub bin_head: String,
    /// The name of what is looked at: the head of its column, and beside the picture where there is a reference.
    pub name: String,
    /// What the values on the axis are.
    pub axis: Unit,
    /// What the heights are: a count or a share.
    pub unit: Unit,
    /// The edges of the bins, one more than there are bins.
    pub edges: Vec<f64>,
    /// A height for each bin.
    pub heights: Vec<f64>,
    /// The meaning of each bin; all are [`Tone::Current`] where there are none.
    pub tones: Vec<Tone>,
    /// What it is compared with, in the same bins: its name and heights.
    pub reference: Option<(String, Vec<f64>)>,
    /// Limits on the axis.
    pub limits: Vec<Limit>,
}

/// Draws the bins in a column of this width.
pub fn histogram(data: &Histogram, format: Format, width: f64) -> Chart {
    let heights = data.heights.iter().chain(data.reference.iter().flat_map(|(_, heights)| heights));
    let (_, highest) = extent(heights.copied().chain([0.0]));
    let vertical = Scale::new((0.0, highest), (BOTTOM, TOP));
    let range = extent(data.edges.iter().copied());
    let horizontal = Scale::new(range, (1.0, width - 1.0));
    let mut svg = Svg::new(width);
    for (bin, height) in data.heights.iter().enumerate() {
        let Some((from, to)) = edges(data, bin) else { break };
        let (x, top) = (horizontal.at(from), vertical.at(*height));
        let tone = data.tones.get(bin).copied().unwrap_or(Tone::Current);
        let extent = ((horizontal.at(to) - x - 1.0).max(0.5), BOTTOM - top);
        let tip = format!("{}: {}", bin_name(data, format, bin), data.unit.show(format, *height));
        svg.rect_with_tip(tone.fill(), (x + 0.5, top), extent, &tip);
    }
    outline(&mut svg, data, horizontal, vertical);
    svg.line("axis", (0.0, BOTTOM), (width, BOTTOM));
    axis(&mut svg, data, format, (range, horizontal, width));
    limits(&mut svg, data, horizontal, width);
    key(&mut svg, data);
    Chart::new(svg.finish(HEIGHT, &data.title, &data.description), table(data, format))
}

fn edges(data: &Histogram, bin: usize) -> Option<(f64, f64)> {
    Some((*data.edges.get(bin)?, *data.edges.get(bin + 1)?))
}

/// The reference as stairs over its bins.
fn outline(svg: &mut Svg, data: &Histogram, horizontal: Scale, vertical: Scale) {
    let Some((_, heights)) = &data.reference else { return };
    let bins = heights.iter().enumerate().filter_map(|(bin, height)| Some((edges(data, bin)?, vertical.at(*height))));
    let stairs = bins.flat_map(|((from, to), y)| [(horizontal.at(from), y), (horizontal.at(to), y)]);
    svg.path("ref", stairs.map(Some));
}

fn axis(svg: &mut Svg, data: &Histogram, format: Format, (range, horizontal, width): ((f64, f64), Scale, f64)) {
    let ticks = ticks(range, if width < 400.0 { 4 } else { 8 });
    let digits = digits(&ticks);
    for value in ticks {
        let label = data.axis.tick(format, value, digits);
        let x = inside(horizontal.at(value), &label, width);
        svg.text("m", (x, BOTTOM + 18.0), Anchor::Middle, &label);
    }
}

/// Lines with their names on top; a name that would touch the one before stands a line lower.
fn limits(svg: &mut Svg, data: &Histogram, horizontal: Scale, width: f64) {
    let mut taken = f64::NEG_INFINITY;
    for limit in &data.limits {
        let x = horizontal.at(limit.at);
        let size = text_width(&limit.name);
        let at_the_edge = x + 4.0 + size > width;
        let from = if at_the_edge { x - 4.0 - size } else { x + 4.0 };
        // Above is the key, where there is one.
        let lower = from < taken || data.reference.is_some();
        let y = if lower { TOP - 6.0 } else { TOP - 22.0 };
        taken = from + size + 6.0;
        svg.line("limit", (x, y - 10.0), (x, BOTTOM));
        let (beside, anchor) = if at_the_edge { (x - 4.0, Anchor::End) } else { (x + 4.0, Anchor::Start) };
        svg.text("m", (beside, y), anchor, &limit.name);
    }
}

/// Which is which, where there are two.
fn key(svg: &mut Svg, data: &Histogram) {
    let Some((reference, _)) = &data.reference else { return };
    svg.rect(Tone::Current.fill(), (0.0, 3.0), (14.0, 9.0));
    svg.text("", (20.0, 12.0), Anchor::Start, &data.name);
    let next = 20.0 + text_width(&data.name) + 16.0;
    svg.line("ref", (next, 8.0), (next + 14.0, 8.0));
    svg.text("m", (next + 20.0, 12.0), Anchor::Start, reference);
}

fn bin_name(data: &Histogram, format: Format, bin: usize) -> String {
    let digits = digits(&data.edges);
    let show = |value: f64| data.axis.tick(format, value, digits);
    edges(data, bin).map(|(from, to)| format.range(&show(from), &show(to))).unwrap_or_default()
}

fn table(data: &Histogram, format: Format) -> Table {
    let mut head = vec![data.bin_head.clone(), data.name.clone()];
    head.extend(data.reference.iter().map(|(name, _)| name.clone()));
    let row = |(bin, height): (usize, &f64)| {
        let mut row = vec![bin_name(data, format, bin), data.unit.show(format, *height)];
        if let Some((_, heights)) = &data.reference {
            row.push(data.unit.show(format, heights.get(bin).copied().unwrap_or(f64::NAN)));
        }
        row
    };
    Table { head, rows: data.heights.iter().enumerate().map(row).collect() }
}

#[cfg(test)]
mod tests {
    use churn::model::RiskTier;

    use super::*;
    use crate::words::Language;

    const EN: Format = Format(Language::En);

    fn probabilities() -> Histogram {
        Histogram {
            title: "Risk".to_owned(),
            description: "Most are low.".to_owned(),
            bin_head: "Probability".to_owned(),
            name: "Customers".to_owned(),
            axis: Unit::Percent,
            unit: Unit::Count,
            edges: vec![0.0, 0.25, 0.5, 0.75, 1.0],
            heights: vec![100.0, 50.0, 0.0, 25.0],
            tones: vec![Tone::Tier(RiskTier::Low); 4],
            reference: None,
            limits: vec![
                Limit { at: 0.4, name: "Medium".to_owned() },
                Limit { at: 0.6, name: "High".to_owned() },
                Limit { at: 0.97, name: "threshold".to_owned() },
            ],
        }
    }

    #[test]
    fn the_highest_bin_fills_the_height_and_an_empty_one_is_not_drawn() {
        let chart = histogram(&probabilities(), EN, 402.0);
        assert_eq!(chart.svg.matches("<rect").count(), 3, "{}", chart.svg);
        assert!(chart.svg.contains("x=\"1.5\" y=\"36\" width=\"99\" height=\"116\"><title>0%–25%: 100</title>"));
        assert!(chart.svg.contains("y=\"94\" width=\"99\" height=\"58\""), "{}", chart.svg);
        assert!(chart.svg.contains("<line class=\"limit\" x1=\"161\""), "{}", chart.svg);
    }

    #[test]
    fn a_name_at_the_edge_stands_inside() {
        let chart = histogram(&probabilities(), EN, 402.0);
        assert!(chart.svg.contains("text-anchor=\"end\">threshold</text>"), "{}", chart.svg);
    }

    #[test]
    fn a_reference_is_an_outline_a_key_and_a_column() {
        let mut data = probabilities();
        data.reference = Some(("Before".to_owned(), vec![10.0, 20.0, 30.0, 200.0]));
        let chart = histogram(&data, EN, 402.0);
        assert!(chart.svg.contains("<path class=\"ref\" d=\"M1,") && chart.svg.contains(">Before</text>"));
        assert_eq!(chart.table.head, ["Probability", "Customers", "Before"]);
        assert_eq!(chart.table.rows[3], ["75%–100%", "25", "200"]);
    }

    #[test]
    fn no_data_is_an_empty_axis() {
        let mut data = probabilities();
        (data.edges, data.heights, data.limits) = (Vec::new(), Vec::new(), Vec::new());
        let chart = histogram(&data, EN, 402.0);
        assert!(!chart.svg.contains("<rect") && chart.table.rows.is_empty());
    }
}
