//! A value with its interval: several below each other against a limit, or one on the scale of the risk tiers.

use churn::model::RiskTier;

use super::scale::{Scale, digits, extent, ticks, with_margin};
use super::svg::{Anchor, Svg};
use super::text::{fit, inside, width as text_width};
use super::{Chart, Limit, Table, Tone, Unit};
use crate::export::List;
use crate::format::Format;
use crate::words::Word;

const ROW: f64 = 30.0;
/// The name of the limit is above.
const TOP: f64 = 22.0;
/// The values of the axis are below.
const UNDER: f64 = 24.0;
const GAP: f64 = 12.0;
/// The least room for the intervals beside labels and numbers.
const LEAST: f64 = 90.0;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub struct IntervalDot {
    /// Whose.
    pub label: String,
    /// The value.
    pub value: f64,
    /// Its interval, if it has one: low, high.
    pub interval: Option<(f64, f64)>,
    /// What it means.
    pub tone: Tone,
}

/// Values with their intervals on one axis.
#[derive(Debug, Clone, PartialEq)]
pub struct IntervalDots {
    /// What the picture shows.
    pub title: String,
    /// What there is to see, in a sentence.
    pub description: String,
    /// The head of the labels in the table.
    pub label_head: String,
    /// The head of the values in the table.
    pub value_head: String,
    /// What the values are.
    pub unit: Unit,
    /// In their order.
    pub dots: Vec<IntervalDot>,
    /// What they are held against.
    pub limit: Option<Limit>,
}

/// A customer's probability with its interval on the scale of the tiers.
#[derive(Debug, Clone, PartialEq)]
pub struct TierInterval {
    /// What the picture shows.
    pub title: String,
    /// What there is to see, in a sentence.
    pub description: String,
    /// The probability.
    pub value: f64,
    /// Its interval.
    pub interval: Option<(f64, f64)>,
}

/// Draws the values in a column of this width.
pub fn interval_dot(data: &IntervalDots, format: Format, width: f64) -> Chart {
    let bounds = data.dots.iter().flat_map(|dot| {
        let (low, high) = dot.interval.unwrap_or((dot.value, dot.value));
        [dot.value, low, high]
    });
    let range = with_margin(extent(bounds.chain(data.limit.as_ref().map(|limit| limit.at))), 0.06);
    let figures_width = data.dots.iter().map(|dot| text_width(&data.unit.show(format, dot.value))).fold(0.0, f64::max);
    let labels = data.dots.iter().map(|dot| text_width(&dot.label)).fold(0.0, f64::max);
    let left = labels.min(width - figures_width - LEAST).max(0.0) + GAP;
    let right = width - figures_width - GAP;
    let scale = Scale::new(range, (left, right.max(left)));
    let bottom = TOP + data.dots.len() as f64 * ROW;
    let mut svg = Svg::new(width);
    for (dot, row) in data.dots.iter().zip(0u32..) {
        let middle = TOP + (f64::from(row) + 0.5) * ROW;
        svg.text("", (0.0, middle + 4.0), Anchor::Start, &fit(&dot.label, left - GAP));
        whisker(&mut svg, dot.interval, scale, middle);
        let class = if dot.tone == Tone::Reference { "ring" } else { "dot" };
        svg.circle(class, (scale.at(dot.value), middle), 4.5, "");
        svg.text("", (width, middle + 4.0), Anchor::End, &data.unit.show(format, dot.value));
    }
    if let Some(limit) = &data.limit {
        let x = scale.at(limit.at);
        svg.line("limit", (x, TOP - 4.0), (x, bottom));
        svg.text("m", (inside(x, &limit.name, width), TOP - 9.0), Anchor::Middle, &limit.name);
    }
    svg.line("axis", (left, bottom), (right, bottom));
    let values = ticks(range, 3);
    let places = digits(&values);
    for value in values {
        svg.text("m", (scale.at(value), bottom + 17.0), Anchor::Middle, &data.unit.tick(format, value, places));
    }
    Chart::new(svg.finish(bottom + UNDER, &data.title, &data.description), table(data, format)).numbered(numbers(data))
}

/// Draws the scale of the tiers with the probability on it, in a column of this width.
pub fn tier_interval(data: &TierInterval, format: Format, width: f64) -> Chart {
    const LIMITS: [f64; 5] = [0.0, 0.4, 0.6, 0.8, 1.0];
    const STRIP: f64 = 32.0;
    const THICK: f64 = 8.0;
    let scale = Scale::new((0.0, 1.0), (0.0, width));
    let mut svg = Svg::new(width);
    for (tier, edges) in RiskTier::ALL.into_iter().zip(LIMITS.windows(2)) {
        let (from, to) = (scale.at(edges[0]), scale.at(edges[1]));
        svg.rect(Tone::Tier(tier).fill(), (from, STRIP), (to - from, THICK));
    }
    whisker(&mut svg, data.interval, scale, STRIP - 8.0);
    let x = scale.at(data.value);
    svg.circle("pin", (x, STRIP - 8.0), 5.0, "");
    let shown = format.percent(data.value);
    svg.text("b", (inside(x, &shown, width), 12.0), Anchor::Middle, &shown);
    for limit in LIMITS {
        let anchor = match limit {
            0.0 => Anchor::Start,
            1.0 => Anchor::End,
            _ => Anchor::Middle,
        };
        svg.text("m", (scale.at(limit), STRIP + THICK + 16.0), anchor, &format.number(100.0 * limit, 0));
    }
    let interval = data.interval.map(|(low, high)| format.range(&format.percent(low), &format.percent(high)));
    let unknown = || format.0.say(Word::FormatUnknown).to_owned();
    let head = vec![format.0.say(Word::ChartProbability).to_owned(), format.0.say(Word::ChartInterval).to_owned()];
    let table = Table { head, rows: vec![vec![shown, interval.unwrap_or_else(unknown)]] };
    let values = [data.value];
    let numbers = List::of(&values)
        .number("value", |value| *value)
        .number("low", |_| data.interval.map(|(low, _)| low))
        .number("high", |_| data.interval.map(|(_, high)| high));
    Chart::new(svg.finish(STRIP + THICK + 22.0, &data.title, &data.description), table).numbered(numbers)
}

fn whisker(svg: &mut Svg, interval: Option<(f64, f64)>, scale: Scale, middle: f64) {
    let Some((low, high)) = interval else { return };
    let (low, high) = (scale.at(low), scale.at(high));
    svg.line("whisker", (low, middle), (high, middle));
    svg.line("whisker", (low, middle - 4.0), (low, middle + 4.0));
    svg.line("whisker", (high, middle - 4.0), (high, middle + 4.0));
}

fn table(data: &IntervalDots, format: Format) -> Table {
    let show = |value: f64| data.unit.show(format, value);
    let head = vec![data.label_head.clone(), data.value_head.clone(), format.0.say(Word::ChartInterval).to_owned()];
    let row = |dot: &IntervalDot| {
        let interval = dot.interval.map(|(low, high)| format.range(&show(low), &show(high)));
        let unknown = || format.0.say(Word::FormatUnknown).to_owned();
        vec![dot.label.clone(), show(dot.value), interval.unwrap_or_else(unknown)]
    };
    let mut rows: Vec<Vec<String>> = data.dots.iter().map(row).collect();
    rows.extend(data.limit.as_ref().map(|limit| vec![limit.name.clone(), show(limit.at), String::new()]));
    Table { head, rows }
}

fn numbers(data: &IntervalDots) -> List {
    let dots = data.dots.iter().map(|dot| (&dot.label, dot.value, dot.interval));
    let dots: Vec<Placed<'_>> = dots.chain(data.limit.iter().map(|limit| (&limit.name, limit.at, None))).collect();
    let end = |of: fn((f64, f64)) -> f64| move |(_, _, interval): &Placed<'_>| interval.map(of);
    List::of(&dots)
        .text("label", |(label, ..)| (*label).clone())
        .number("value", |(_, value, _)| *value)
        .number("low", end(|(low, _)| low))
        .number("high", end(|(_, high)| high))
        .into()
}

/// A name, its value, its interval.
type Placed<'a> = (&'a String, f64, Option<(f64, f64)>);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    const EN: Format = Format(Language::En);

    fn gate() -> IntervalDots {
        let dot = |label: &str, value, interval, tone| IntervalDot { label: label.to_owned(), value, interval, tone };
        IntervalDots {
            title: "PR-AUC".to_owned(),
            description: String::new(),
            label_head: "Model".to_owned(),
            value_head: "PR-AUC".to_owned(),
            unit: Unit::Score,
            dots: vec![
                dot("Challenger", 0.75, Some((0.7, 0.8)), Tone::Current),
                dot("Champion", 0.74, None, Tone::Reference),
            ],
            limit: Some(Limit { at: 0.7, name: "floor 0.70".to_owned() }),
        }
    }

    #[test]
    fn an_interval_lies_around_its_value() {
        let chart = interval_dot(&gate(), EN, 400.0);
        assert_eq!(chart.svg.matches("class=\"whisker\"").count(), 3, "one interval: a line and two ends");
        assert!(chart.svg.contains("class=\"dot\"") && chart.svg.contains("class=\"ring\""));
        assert!(chart.svg.contains("class=\"limit\"") && chart.svg.contains(">floor 0.70</text>"));
    }

    #[test]
    fn the_table_says_where_there_is_no_interval() {
        let rows = interval_dot(&gate(), EN, 400.0).table.rows;
        assert_eq!(rows[0], ["Challenger", "0.750", "0.700–0.800"]);
        assert_eq!(rows[1], ["Champion", "0.740", "n/a"]);
        assert_eq!(rows[2], ["floor 0.70", "0.700", ""]);
    }

    #[test]
    fn a_probability_stands_on_the_scale_of_the_tiers() {
        let data = TierInterval {
            title: "Risk".to_owned(),
            description: String::new(),
            value: 0.979,
            interval: Some((0.84, 1.0)),
        };
        let chart = tier_interval(&data, EN, 400.0);
        assert!(chart.svg.contains("<rect class=\"t-low o\" x=\"0\" y=\"32\" width=\"160\" height=\"8\"/>"));
        assert!(chart.svg.contains("<rect class=\"t-critical o\" x=\"320\""), "{}", chart.svg);
        assert!(chart.svg.contains("cx=\"391.6\"") && chart.svg.contains("x1=\"336\""), "{}", chart.svg);
        assert_eq!(chart.table.rows, [["97.9%", "84.0%–100.0%"]]);
    }
}
