//! A trend over runs: the last value is named at its end, a limit is dashed and named, a pointer marks what happened.

use chrono::{DateTime, Utc};

use super::scale::{Scale, extent, with_margin};
use super::svg::{Anchor, Point, Svg};
use super::text::width as text_width;
use super::{Chart, Table, Unit};
use crate::export::{List, iso};
use crate::format::Format;
use crate::words::Word;

const HEIGHT: f64 = 136.0;
/// Room for the pointers above the line.
const TOP: f64 = 16.0;
/// The lowest place of the line; the dates are below.
const BOTTOM: f64 = 112.0;
const LEFT: f64 = 4.0;
const GAP: f64 = 8.0;
/// Two labels that are closer would overlap.
const APART: f64 = 15.0;

/// One run.
#[derive(Debug, Clone, PartialEq)]
pub struct LinePoint {
    /// When, or which run.
    pub at: String,
    /// The run's ID, for files.
    pub run_id: String,
    /// When, for files.
    pub time: Option<DateTime<Utc>>,
    /// Nothing where the run has no such value: the line is broken there.
    pub value: Option<f64>,
    /// What happened there.
    pub event: Option<String>,
}

/// A trend.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What the picture shows.
    pub title: String,
    /// What there is to see, in a sentence.
    pub description: String,
    /// The head of the runs in the table.
    pub at_head: String,
    /// The head of the values in the table.
    pub value_head: String,
    /// What the values are.
    pub unit: Unit,
    /// From the oldest to the newest.
    pub points: Vec<LinePoint>,
    /// A limit with its name: the floor of a gate.
    pub limit: Option<(String, f64)>,
}

/// Draws the trend in a column of this width.
pub fn line(data: &Line, format: Format, width: f64) -> Chart {
    let known = data.points.iter().filter_map(|point| point.value);
    let limit = data.limit.as_ref().map(|(_, value)| *value);
    let vertical = Scale::new(with_margin(extent(known.chain(limit)), 0.05), (BOTTOM, TOP));
    let last = data.points.iter().rposition(|point| point.value.is_some());
    let last_label = last.and_then(|place| data.points[place].value).map(|value| data.unit.show(format, value));
    let limit_label = data.limit.as_ref().map(|(name, value)| format!("{name} {}", data.unit.show(format, *value)));
    let labels = [&last_label, &limit_label].into_iter().flatten().map(|label| text_width(label)).fold(0.0, f64::max);
    let right = width - labels - GAP - 4.0;
    let steps = data.points.len().saturating_sub(1) as f64;
    let horizontal = Scale::new((0.0, steps), (LEFT, right));
    let place = |index: usize| -> Option<Point> {
        data.points[index].value.map(|value| (horizontal.at(index as f64), vertical.at(value)))
    };

    let mut svg = Svg::new(width);
    if let (Some(value), Some(label)) = (limit, &limit_label) {
        let height = vertical.at(value);
        svg.line("ref", (LEFT, height), (right, height));
        let beside = last.and_then(place).map(|(_, last)| last);
        svg.text("m", (right + GAP, clear_of(beside, height) + 4.0), Anchor::Start, label);
    }
    svg.path("cur", (0..data.points.len()).map(place));
    for (index, point) in data.points.iter().enumerate() {
        if let (Some((x, y)), Some(event)) = (place(index), &point.event) {
            svg.pointer("event", (x, y - 5.0), &format!("{}: {event}", point.at));
        }
    }
    if let (Some(end), Some(label)) = (last.and_then(place), &last_label) {
        svg.circle("dot", end, 3.5, "");
        svg.text("", (right + GAP, end.1 + 4.0), Anchor::Start, label);
    }
    dates(&mut svg, &data.points, right);
    Chart::new(svg.finish(HEIGHT, &data.title, &data.description), table(data, format)).numbered(numbers(data))
}

/// A height where a label does not touch the one beside it.
fn clear_of(other: Option<f64>, height: f64) -> f64 {
    match other {
        Some(other) if (height - other).abs() < APART && height >= other => other + APART,
        Some(other) if (height - other).abs() < APART => other - APART,
        _ => height,
    }
}

/// The first and the last run; only one where both do not fit.
fn dates(svg: &mut Svg, points: &[LinePoint], right: f64) {
    let [first, .., last] = points else {
        if let [only] = points {
            svg.text("m", (LEFT, HEIGHT - 4.0), Anchor::Start, &only.at);
        }
        return;
    };
    svg.text("m", (right, HEIGHT - 4.0), Anchor::End, &last.at);
    if LEFT + text_width(&first.at) + GAP + text_width(&last.at) <= right {
        svg.text("m", (LEFT, HEIGHT - 4.0), Anchor::Start, &first.at);
    }
}

fn table(data: &Line, format: Format) -> Table {
    let with_events = data.points.iter().any(|point| point.event.is_some());
    let mut head = vec![data.at_head.clone(), data.value_head.clone()];
    if with_events {
        head.push(format.0.say(Word::ChartEvent).to_owned());
    }
    let unknown = || format.0.say(Word::FormatUnknown).to_owned();
    let row = |point: &LinePoint| {
        let mut row = vec![point.at.clone(), point.value.map_or_else(unknown, |value| data.unit.show(format, value))];
        if with_events {
            row.push(point.event.clone().unwrap_or_default());
        }
        row
    };
    Table { head, rows: data.points.iter().map(row).collect() }
}

fn numbers(data: &Line) -> List {
    List::of(&data.points)
        .text("run_id", |point| point.run_id.clone())
        .text("at", |point| point.time.map(iso))
        .text("day", |point| point.time.map(|time| Format::day_of(time).to_string()))
        .number("value", |point| point.value)
        .text("event", |point| point.event.clone())
        .into()
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use polars::df;

    use super::*;
    use crate::words::Language;

    const EN: Format = Format(Language::En);

    fn trend(values: &[Option<f64>]) -> Line {
        let point = |(value, day): (Option<f64>, u32)| LinePoint {
            at: format!("{day} Dec"),
            run_id: format!("run-{day}"),
            time: Utc.with_ymd_and_hms(2024, 12, day, 23, 30, 0).single(),
            value,
            event: (day == 2).then(|| "promoted".to_owned()),
        };
        Line {
            title: "PR-AUC".to_owned(),
            description: String::new(),
            at_head: "Run".to_owned(),
            value_head: "PR-AUC".to_owned(),
            unit: Unit::Score,
            points: values.iter().copied().zip(1..).map(point).collect(),
            limit: Some(("floor".to_owned(), 0.7)),
        }
    }

    #[test]
    fn the_line_rises_where_values_rise_and_ends_in_its_last_value() {
        let chart = line(&trend(&[Some(0.7), Some(0.75), Some(0.8)]), EN, 330.0);
        // The limit is the lowest value here, the last one the highest: 5 % of margin on both sides.
        assert!(chart.svg.contains("d=\"M4,107.6L"), "{}", chart.svg);
        assert!(chart.svg.contains(",64L") && chart.svg.contains(",20.4\""), "{}", chart.svg);
        assert!(chart.svg.contains(">0.800</text>") && chart.svg.contains(">floor 0.700</text>"));
        assert!(chart.svg.contains(">1 Dec</text>") && chart.svg.contains(">3 Dec</text>"));
        assert!(chart.svg.contains("<title>2 Dec: promoted</title>"));
    }

    #[test]
    fn a_file_says_which_run_every_value_is_of_and_when_it_was() {
        let list = line(&trend(&[Some(0.7), None]), Format(Language::Es), 330.0).numbers;
        let expected = df!(
            "run_id" => ["run-1", "run-2"],
            "at" => ["2024-12-01T23:30:00Z", "2024-12-02T23:30:00Z"],
            "day" => ["2024-12-02", "2024-12-03"],
            "value" => [Some(0.7), None],
            "event" => [None, Some("promoted")],
        );
        assert!(list.frame().unwrap().equals_missing(&expected.unwrap()), "the day is that of Madrid's calendar");
    }

    #[test]
    fn labels_that_would_touch_are_moved_apart() {
        assert_eq!(clear_of(Some(50.0), 55.0), 65.0);
        assert_eq!(clear_of(Some(50.0), 45.0), 35.0);
        assert_eq!(clear_of(Some(50.0), 50.0), 65.0);
        assert_eq!(clear_of(Some(50.0), 80.0), 80.0);
        assert_eq!(clear_of(None, 80.0), 80.0);
    }

    #[test]
    fn a_run_without_a_value_breaks_the_line_and_is_in_the_table() {
        let chart = line(&trend(&[Some(0.7), None, Some(0.8), Some(0.9)]), EN, 330.0);
        assert_eq!(chart.svg.matches('M').count(), 2, "{}", chart.svg);
        assert_eq!(chart.table.head, ["Run", "PR-AUC", "What happened"]);
        assert_eq!(chart.table.rows[1], ["2 Dec", "n/a", "promoted"]);
    }

    #[test]
    fn one_run_is_a_dot() {
        let mut single = trend(&[Some(0.75)]);
        single.limit = None;
        let chart = line(&single, EN, 330.0);
        assert!(chart.svg.contains("<circle") && chart.svg.contains(">1 Dec</text>"), "{}", chart.svg);
        assert!(line(&trend(&[]), EN, 330.0).svg.contains("floor 0.700"));
    }
}
