//! Cumulative distributions over each other, and the largest distance between them (the statistic of Kolmogorov and
//! Smirnov).

use super::scale::{Scale, digits, extent, ticks};
use super::svg::{Anchor, Svg};
use super::text::{inside, width as text_width};
use super::{Chart, Table, Tone, Unit};
use crate::export::List;
use crate::format::Format;

const HEIGHT: f64 = 196.0;
/// The key is above.
const TOP: f64 = 26.0;
const BOTTOM: f64 = 172.0;

/// One distribution.
#[derive(Debug, Clone, PartialEq)]
pub struct StepSeries {
    /// Whose.
    pub name: String,
    /// [`Tone::Reference`] is dashed.
    pub tone: Tone,
    /// Value and share of what is at most as large; by rising value.
    pub points: Vec<(f64, f64)>,
}

/// The largest distance.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// At which value.
    pub at: f64,
    /// The shares there.
    pub between: (f64, f64),
    /// What it is called, with its size: "KS 0.12".
    pub name: String,
}

/// Distributions over each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What the picture shows.
    pub title: String,
    /// What there is to see, in a sentence.
    pub description: String,
    /// The head of the values in the table.
    pub value_head: String,
    /// What the values are.
    pub unit: Unit,
    /// At most a few, or nobody tells them apart.
    pub series: Vec<StepSeries>,
    /// The largest distance.
    pub gap: Option<Gap>,
}

/// Draws the distributions in a column of this width.
pub fn step(data: &Step, format: Format, width: f64) -> Chart {
    let range = extent(data.series.iter().flat_map(|series| &series.points).map(|(value, _)| *value));
    let left = text_width(&format.percent_digits(1.0, 0)) + 8.0;
    let horizontal = Scale::new(range, (left, width - 2.0));
    let vertical = Scale::new((0.0, 1.0), (BOTTOM, TOP));
    let mut svg = Svg::new(width);
    for share in [0.0, 0.5, 1.0] {
        let y = vertical.at(share);
        svg.line(if share == 0.0 { "axis" } else { "rule" }, (left, y), (width, y));
        svg.text("m", (left - 6.0, y + 4.0), Anchor::End, &format.percent_digits(share, 0));
    }
    axis(&mut svg, data, format, (range, horizontal, width));
    for series in &data.series {
        svg.path(series.tone.stroke(), stairs(&series.points).map(|(x, y)| Some((horizontal.at(x), vertical.at(y)))));
    }
    if let Some(gap) = &data.gap {
        draw_gap(&mut svg, gap, (horizontal, vertical), width);
    }
    key(&mut svg, &data.series);
    Chart::new(svg.finish(HEIGHT, &data.title, &data.description), table(data, format)).numbered(numbers(data))
}

/// The share stays until the next value, and jumps there.
fn stairs(points: &[(f64, f64)]) -> impl Iterator<Item = (f64, f64)> {
    let before = std::iter::once(0.0).chain(points.iter().map(|(_, share)| *share));
    points.iter().zip(before).flat_map(|((value, share), before)| [(*value, before), (*value, *share)])
}

fn draw_gap(svg: &mut Svg, gap: &Gap, (horizontal, vertical): (Scale, Scale), width: f64) {
    let x = horizontal.at(gap.at);
    let (from, to) = (vertical.at(gap.between.0), vertical.at(gap.between.1));
    svg.line("gap", (x, from), (x, to));
    let size = text_width(&gap.name);
    let middle = f64::midpoint(from, to) + 4.0;
    if x + 8.0 + size > width {
        svg.text("b halo", (x - 8.0, middle), Anchor::End, &gap.name);
    } else {
        svg.text("b halo", (x + 8.0, middle), Anchor::Start, &gap.name);
    }
}

fn axis(svg: &mut Svg, data: &Step, format: Format, (range, horizontal, width): ((f64, f64), Scale, f64)) {
    let ticks = ticks(range, if width < 400.0 { 3 } else { 6 });
    let digits = digits(&ticks);
    for value in ticks {
        let label = data.unit.tick(format, value, digits);
        svg.text("m", (inside(horizontal.at(value), &label, width), BOTTOM + 18.0), Anchor::Middle, &label);
    }
}

fn key(svg: &mut Svg, series: &[StepSeries]) {
    let mut x = 0.0;
    for one in series {
        svg.line(one.tone.stroke(), (x, 8.0), (x + 16.0, 8.0));
        svg.text("", (x + 22.0, 12.0), Anchor::Start, &one.name);
        x += 22.0 + text_width(&one.name) + 16.0;
    }
}

/// The shares at round values; the whole stairs would be long and say no more.
fn table(data: &Step, format: Format) -> Table {
    let values = listed(data);
    let places = digits(&values);
    let mut head = vec![data.value_head.clone()];
    head.extend(data.series.iter().map(|series| series.name.clone()));
    let row = |value: &f64| {
        let shares = data.series.iter().map(|series| format.percent(share_at(&series.points, *value)));
        std::iter::once(data.unit.tick(format, *value, places)).chain(shares).collect()
    };
    Table { head, rows: values.iter().map(row).collect() }
}

/// The values of which the shares are told.
fn listed(data: &Step) -> Vec<f64> {
    let range = extent(data.series.iter().flat_map(|series| &series.points).map(|(value, _)| *value));
    ticks(range, 10)
}

fn share_at(points: &[(f64, f64)], value: f64) -> f64 {
    points.iter().take_while(|(at, _)| *at <= value).last().map_or(0.0, |(_, share)| *share)
}

/// At the values of the table: a distribution has a place for every customer.
fn numbers(data: &Step) -> List {
    let values = listed(data);
    let places = data.series.iter().flat_map(|series| values.iter().map(move |value| (series, *value)));
    let places: Vec<(&StepSeries, f64)> = places.collect();
    List::of(&places)
        .text("series", |(series, _)| series.name.clone())
        .number("value", |(_, value)| *value)
        .number("share", |(series, value)| share_at(&series.points, *value))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    const EN: Format = Format(Language::En);

    fn two() -> Step {
        let series = |name: &str, tone, points: &[(f64, f64)]| StepSeries {
            name: name.to_owned(),
            tone,
            points: points.to_vec(),
        };
        Step {
            title: "Tenure".to_owned(),
            description: "Customers are younger now.".to_owned(),
            value_head: "Months".to_owned(),
            unit: Unit::Count,
            series: vec![
                series("Reference", Tone::Reference, &[(0.0, 0.2), (5.0, 0.5), (10.0, 1.0)]),
                series("Now", Tone::Current, &[(0.0, 0.5), (10.0, 1.0)]),
            ],
            gap: Some(Gap { at: 0.0, between: (0.2, 0.5), name: "KS 0.30".to_owned() }),
        }
    }

    #[test]
    fn a_share_jumps_at_its_value() {
        let found: Vec<_> = stairs(&[(1.0, 0.4), (2.0, 1.0)]).collect();
        assert_eq!(found, [(1.0, 0.0), (1.0, 0.4), (2.0, 0.4), (2.0, 1.0)]);
    }

    #[test]
    fn the_gap_is_drawn_between_the_two_shares() {
        let chart = step(&two(), EN, 400.0);
        // 20 % and 50 % of a height of 146 above 172.
        assert!(chart.svg.contains("y1=\"142.8\"") && chart.svg.contains("y2=\"99\""), "{}", chart.svg);
        assert!(chart.svg.contains(">KS 0.30</text>") && chart.svg.contains("class=\"gap\""));
        assert!(chart.svg.contains("<path class=\"ref\"") && chart.svg.contains("<path class=\"cur\""));
    }

    #[test]
    fn the_table_tells_the_shares_at_round_values() {
        let table = step(&two(), EN, 400.0).table;
        assert_eq!(table.head, ["Months", "Reference", "Now"]);
        assert_eq!(table.rows[5], ["5", "50.0%", "50.0%"]);
        assert_eq!(table.rows.last().unwrap(), &["10", "100.0%", "100.0%"]);
    }

    #[test]
    fn nothing_to_compare_is_an_empty_picture() {
        let mut none = two();
        (none.series, none.gap) = (Vec::new(), None);
        assert!(!step(&none, EN, 400.0).svg.contains("<path"));
    }
}
