//! Bars, one below the other: the label and the number stand on each bar, so that no axis is needed.

use super::scale::{Scale, extent};
use super::svg::{Anchor, Svg};
use super::text::{fit, width as text_width};
use super::{Chart, Table, Tone, Unit};
use crate::export::List;
use crate::format::Format;
use crate::words::Word;

/// From one bar to the next.
const ROW: f64 = 34.0;
/// The base line of a label within its row.
const LABEL: f64 = 14.0;
/// The top of a bar within its row.
const TOP: f64 = 19.0;
const THICK: f64 = 7.0;
const GAP: f64 = 10.0;

/// One bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What it is about; for a tier with its glyph.
    pub label: String,
    /// Its length; a value that is not known has no bar.
    pub value: Option<f64>,
    /// A second number beside the first, as it is shown: a share.
    pub note: Option<String>,
    /// The same number, for files.
    pub second: Option<f64>,
    /// Its interval: low, high.
    pub interval: Option<(f64, f64)>,
    /// What it means.
    pub tone: Tone,
}

impl Bar {
    /// A bar of a label and a number.
    pub fn new(label: impl Into<String>, value: impl Into<Option<f64>>, tone: Tone) -> Self {
        Self { label: label.into(), value: value.into(), note: None, second: None, interval: None, tone }
    }

    /// With a second number, as it is shown and as it is.
    pub fn note(self, note: impl Into<String>, second: impl Into<Option<f64>>) -> Self {
        Self { note: Some(note.into()), second: second.into(), ..self }
    }

    /// With its interval.
    pub fn interval(self, low: f64, high: f64) -> Self {
        Self { interval: Some((low, high)), ..self }
    }
}

/// Bars that share a scale, which begins at 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Bars {
    /// What the picture shows.
    pub title: String,
    /// What there is to see, in a sentence.
    pub description: String,
    /// The head of the labels in the table.
    pub label_head: String,
    /// The head of the numbers in the table.
    pub value_head: String,
    /// The head of the second numbers in the table, if there are some.
    pub note_head: Option<String>,
    /// What the numbers are.
    pub unit: Unit,
    /// In their order.
    pub bars: Vec<Bar>,
}

/// Draws the bars in a column of this width.
pub fn bars(data: &Bars, format: Format, width: f64) -> Chart {
    let values = data.bars.iter().flat_map(|bar| [bar.value, bar.interval.map(|(_, high)| high)]).flatten();
    let (low, high) = extent(values.chain([0.0]));
    let scale = Scale::new((low, high), (0.0, width));
    let notes = data.bars.iter().filter_map(|bar| bar.note.as_deref()).map(text_width).fold(0.0, f64::max);
    let numbers_end = if notes > 0.0 { width - notes.max(44.0) - GAP } else { width };
    let mut svg = Svg::new(width);
    for (bar, row) in data.bars.iter().zip(0u32..) {
        let top = f64::from(row) * ROW;
        let number = shown(bar, data.unit, format);
        let room = numbers_end - text_width(&number) - GAP;
        svg.text("", (0.0, top + LABEL), Anchor::Start, &fit(&bar.label, room));
        svg.text("", (numbers_end, top + LABEL), Anchor::End, &number);
        if let Some(note) = &bar.note {
            svg.text("m", (width, top + LABEL), Anchor::End, note);
        }
        draw(&mut svg, bar, scale, top + TOP);
    }
    if low < 0.0 {
        svg.line("axis", (scale.at(0.0), 0.0), (scale.at(0.0), data.bars.len() as f64 * ROW));
    }
    let height = data.bars.len() as f64 * ROW;
    Chart::new(svg.finish(height.max(1.0), &data.title, &data.description), table(data, format)).numbered(numbers(data))
}

fn draw(svg: &mut Svg, bar: &Bar, scale: Scale, top: f64) {
    let Some(value) = bar.value.filter(|value| value.is_finite()) else { return };
    let (from, to) = (scale.at(value.min(0.0)), scale.at(value.max(0.0)));
    // A number that is not 0 is seen.
    let length = if value == 0.0 { 0.0 } else { (to - from).max(1.5) };
    svg.rect(bar.tone.fill(), (from, top), (length, THICK));
    if let Some((low, high)) = bar.interval {
        let middle = top + THICK / 2.0;
        let (low, high) = (scale.at(low), scale.at(high));
        svg.line("whisker", (low, middle), (high, middle));
        svg.line("whisker", (low, middle - 3.0), (low, middle + 3.0));
        svg.line("whisker", (high, middle - 3.0), (high, middle + 3.0));
    }
}

fn shown(bar: &Bar, unit: Unit, format: Format) -> String {
    bar.value.map_or_else(|| format.0.say(Word::FormatUnknown).to_owned(), |value| unit.show(format, value))
}

fn table(data: &Bars, format: Format) -> Table {
    let with_interval = data.bars.iter().any(|bar| bar.interval.is_some());
    let interval_head = with_interval.then(|| format.0.say(Word::ChartInterval).to_owned());
    let head = [Some(data.label_head.clone()), Some(data.value_head.clone()), interval_head, data.note_head.clone()];
    let row = |bar: &Bar| {
        let show = |value: f64| data.unit.show(format, value);
        let interval = bar.interval.map(|(low, high)| format.range(&show(low), &show(high)));
        let cells = [
            Some(bar.label.clone()),
            Some(shown(bar, data.unit, format)),
            with_interval.then(|| interval.unwrap_or_default()),
            data.note_head.as_ref().map(|_| bar.note.clone().unwrap_or_default()),
        ];
        cells.into_iter().flatten().collect()
    };
    Table { head: head.into_iter().flatten().collect(), rows: data.bars.iter().map(row).collect() }
}

fn numbers(data: &Bars) -> List {
    let end = |of: fn((f64, f64)) -> f64| move |bar: &Bar| bar.interval.map(of);
    List::of(&data.bars)
        .text("label", |bar| bar.label.clone())
        .number("value", |bar| bar.value)
        .number("low", end(|(low, _)| low))
        .number("high", end(|(_, high)| high))
        .number("second", |bar| bar.second)
        .into()
}

#[cfg(test)]
mod tests {
    use churn::model::RiskTier;

    use super::*;
    use crate::words::Language;

    fn tiers() -> Bars {
        let bar = |label: &str, value: f64, tier| Bar::new(label, value, Tone::Tier(tier)).note("50.0%", 0.5);
        Bars {
            title: "Customers by tier".to_owned(),
            description: "Most are low.".to_owned(),
            label_head: "Tier".to_owned(),
            value_head: "Customers".to_owned(),
            note_head: Some("Share".to_owned()),
            unit: Unit::Count,
            bars: vec![bar("● Critical", 500.0, RiskTier::Critical), bar("○ Low", 1000.0, RiskTier::Low)],
        }
    }

    #[test]
    fn the_longest_bar_fills_the_width_and_the_others_are_in_proportion() {
        let chart = bars(&tiers(), Format(Language::En), 330.0);
        assert!(chart.svg.contains("<rect class=\"t-critical o\" x=\"0\" y=\"19\" width=\"165\" height=\"7\"/>"));
        assert!(chart.svg.contains("<rect class=\"t-low o\" x=\"0\" y=\"53\" width=\"330\" height=\"7\"/>"));
        assert!(chart.svg.contains("viewBox=\"0 0 330 68\""), "{}", chart.svg);
        assert!(chart.svg.contains("<title>Customers by tier</title><desc>Most are low.</desc>"));
        assert!(chart.svg.contains(">1,000</text>"), "{}", chart.svg);
        assert!(chart.svg.contains("<text x=\"0\" y=\"14\">● Critical</text>"), "{}", chart.svg);
    }

    #[test]
    fn the_table_holds_the_same_numbers() {
        let table = bars(&tiers(), Format(Language::Es), 330.0).table;
        assert_eq!(table.head, ["Tier", "Customers", "Share"]);
        assert_eq!(table.rows[1], ["○ Low", "1000", "50.0%"]);
    }

    #[test]
    fn a_file_has_the_numbers_themselves_and_no_word_of_the_readers() {
        let list = bars(&tiers(), Format(Language::Es), 330.0).numbers.frame().unwrap();
        let numbers = |name: &str| list.column(name).unwrap().f64().unwrap().iter().collect::<Vec<_>>();
        assert_eq!(numbers("value"), [Some(500.0), Some(1000.0)]);
        assert_eq!(numbers("second"), [Some(0.5), Some(0.5)]);
    }

    #[test]
    fn a_value_below_zero_goes_to_the_other_side() {
        let mut data = tiers();
        data.bars[0].value = Some(-1000.0);
        let chart = bars(&data, Format(Language::En), 300.0);
        assert!(chart.svg.contains("<rect class=\"t-critical o\" x=\"0\" y=\"19\" width=\"150\" height=\"7\"/>"));
        assert!(chart.svg.contains("<rect class=\"t-low o\" x=\"150\" y=\"53\" width=\"150\" height=\"7\"/>"));
        assert!(chart.svg.contains("<line class=\"axis\" x1=\"150\""));
    }

    #[test]
    fn what_is_not_known_has_no_bar_and_says_so() {
        let mut data = tiers();
        data.bars.truncate(1);
        data.bars[0].value = None;
        let chart = bars(&data, Format(Language::En), 300.0);
        assert!(!chart.svg.contains("<rect") && chart.svg.contains(">n/a</text>"), "{}", chart.svg);
    }

    #[test]
    fn an_interval_is_a_line_over_its_bar() {
        let mut data = tiers();
        data.bars = vec![Bar::new("0–3", 0.5, Tone::Current).interval(0.25, 1.0)];
        (data.unit, data.note_head) = (Unit::Percent, None);
        let chart = bars(&data, Format(Language::En), 200.0);
        assert!(chart.svg.contains("<line class=\"whisker\" x1=\"50\" y1=\"22.5\" x2=\"200\" y2=\"22.5\"/>"));
        assert_eq!(chart.table.rows, [["0–3", "50.0%", "25.0%–100.0%"]]);
    }
}
