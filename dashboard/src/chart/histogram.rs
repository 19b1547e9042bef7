//! How values are spread: a bar for each bin, limits as named lines, a reference as a dashed outline.

use super::scale::{Scale, digits, extent, ticks};
use super::svg::{Anchor, Svg};
use super::text::{inside, width as text_width};
use super::{Chart, Table, Tone, Unit};
use crate::export::List;
use crate::format::Format;

/// The height of the highest bin.
const HIGHEST: f64 = 116.0;
/// The values of the axis are below.
const UNDER: f64 = 24.0;
/// The key, or a line of names of limits.
const NAMES: f64 = 16.0;

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

/// Where everything is.
struct Layout {
    width: f64,
    bottom: f64,
    range: (f64, f64),
    horizontal: Scale,
    vertical: Scale,
}

/// The name of a limit in one of the lines above the bins.
struct Name<'a> {
    limit: &'a Limit,
    line: usize,
    /// Whether it stands left of its limit, since right of it there is no room.
    left: bool,
}

/// Draws the bins in a column of this width.
pub fn histogram(data: &Histogram, format: Format, width: f64) -> Chart {
    let range = extent(data.edges.iter().copied());
    let horizontal = Scale::new(range, (1.0, width - 1.0));
    // Above is the key, where there is one.
    let key_lines = usize::from(data.reference.is_some());
    let names = names(&data.limits, horizontal, width, key_lines);
    let lines = names.iter().map(|name| name.line + 1).max().unwrap_or(key_lines);
    let top = lines as f64 * NAMES + 4.0;
    let bottom = top + HIGHEST;
    let heights = data.heights.iter().chain(data.reference.iter().flat_map(|(_, heights)| heights));
    let (_, highest) = extent(heights.copied().chain([0.0]));
    let vertical = Scale::new((0.0, highest), (bottom, top));
    let layout = Layout { width, bottom, range, horizontal, vertical };

    let mut svg = Svg::new(width);
    bins(&mut svg, data, format, &layout);
    outline(&mut svg, data, &layout);
    axis(&mut svg, data, format, &layout);
    names_and_lines(&mut svg, &names, &layout);
    key(&mut svg, data);
    Chart::new(svg.finish(bottom + UNDER, &data.title, &data.description), table(data, format)).numbered(numbers(data))
}

fn bins(svg: &mut Svg, data: &Histogram, format: Format, layout: &Layout) {
    for (bin, height) in data.heights.iter().enumerate() {
        let Some((from, to)) = edges(data, bin) else { break };
        let (x, top) = (layout.horizontal.at(from), layout.vertical.at(*height));
        let tone = data.tones.get(bin).copied().unwrap_or(Tone::Current);
        let extent = ((layout.horizontal.at(to) - x - 1.0).max(0.5), layout.bottom - top);
        let tip = format!("{}: {}", bin_name(data, format, bin), data.unit.show(format, *height));
        svg.rect_with_tip(tone.fill(), (x + 0.5, top), extent, &tip);
    }
}

fn edges(data: &Histogram, bin: usize) -> Option<(f64, f64)> {
    Some((*data.edges.get(bin)?, *data.edges.get(bin + 1)?))
}

/// The reference as stairs over its bins.
fn outline(svg: &mut Svg, data: &Histogram, layout: &Layout) {
    let Some((_, heights)) = &data.reference else { return };
    let bins = heights.iter().enumerate();
    let stairs = bins.filter_map(|(bin, height)| Some((edges(data, bin)?, layout.vertical.at(*height))));
    let corners = stairs.flat_map(|((from, to), y)| [(layout.horizontal.at(from), y), (layout.horizontal.at(to), y)]);
    svg.path("ref", corners.map(Some));
}

fn axis(svg: &mut Svg, data: &Histogram, format: Format, layout: &Layout) {
    svg.line("axis", (0.0, layout.bottom), (layout.width, layout.bottom));
    let ticks = ticks(layout.range, if layout.width < 400.0 { 4 } else { 8 });
    let digits = digits(&ticks);
    for value in ticks {
        let label = data.axis.tick(format, value, digits);
        let x = inside(layout.horizontal.at(value), &label, layout.width);
        svg.text("m", (x, layout.bottom + 18.0), Anchor::Middle, &label);
    }
}

/// Each name in the first line, from `first` on, where it touches no other one.
fn names(limits: &[Limit], horizontal: Scale, width: f64, first: usize) -> Vec<Name<'_>> {
    let mut taken: Vec<f64> = Vec::new();
    let mut placed = Vec::with_capacity(limits.len());
    for limit in limits {
        let x = horizontal.at(limit.at);
        let size = text_width(&limit.name);
        let left = x + 4.0 + size > width;
        let from = if left { x - 4.0 - size } else { x + 4.0 };
        let to = from + size + 6.0;
        let free = taken.iter().position(|end| *end <= from);
        let line = free.unwrap_or(taken.len());
        match taken.get_mut(line) {
            Some(end) => *end = to,
            None => taken.push(to),
        }
        placed.push(Name { limit, line: first + line, left });
    }
    placed
}

/// First all lines, so that a name that one of them crosses is still read.
fn names_and_lines(svg: &mut Svg, names: &[Name<'_>], layout: &Layout) {
    let place = |name: &Name<'_>| (layout.horizontal.at(name.limit.at), name.line as f64 * NAMES + 12.0);
    for name in names {
        let (x, y) = place(name);
        svg.line("limit", (x, y - 9.0), (x, layout.bottom));
    }
    for name in names {
        let (x, y) = place(name);
        let (beside, anchor) = if name.left { (x - 4.0, Anchor::End) } else { (x + 4.0, Anchor::Start) };
        svg.text("m halo", (beside, y), anchor, &name.limit.name);
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

fn numbers(data: &Histogram) -> List {
    let reference = data.reference.as_ref().map(|(_, heights)| heights);
    let bins: Vec<usize> = (0..data.heights.len()).collect();
    List::of(&bins)
        .number("from", |bin| data.edges.get(*bin).copied())
        .number("to", |bin| data.edges.get(*bin + 1).copied())
        .number("value", |bin| data.heights[*bin])
        .number("reference", |bin| reference.and_then(|heights| heights.get(*bin)).copied())
        .into()
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
        assert!(chart.svg.contains("x=\"1.5\" y=\"20\" width=\"99\" height=\"116\"><title>0%–25%: 100</title>"));
        assert!(chart.svg.contains("y=\"78\" width=\"99\" height=\"58\""), "{}", chart.svg);
        assert!(chart.svg.contains("<line class=\"limit\" x1=\"161\""), "{}", chart.svg);
    }

    #[test]
    fn a_name_at_the_edge_stands_inside() {
        let chart = histogram(&probabilities(), EN, 402.0);
        assert!(chart.svg.contains("text-anchor=\"end\">threshold</text>"), "{}", chart.svg);
    }

    #[test]
    fn names_that_would_touch_stand_in_different_lines() {
        let limit = |at: f64, name: &str| Limit { at, name: name.to_owned() };
        let limits = [limit(0.4, "Medium"), limit(0.42, "flagged from here"), limit(0.43, "x"), limit(0.9, "High")];
        let placed = names(&limits, Scale::new((0.0, 1.0), (1.0, 401.0)), 402.0, 0);
        assert_eq!(placed.iter().map(|name| name.line).collect::<Vec<_>>(), [0, 1, 2, 0]);
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
