//! How values are spread in groups: the middle half as a box, its middle as a line, the rest as whiskers.

use super::scale::{Scale, digits, extent, ticks};
use super::svg::{Anchor, Svg};
use super::text::{fit, inside, width as text_width};
use super::{Chart, Table, Unit};
use crate::export::List;
use crate::format::Format;
use crate::words::Word;

const ROW: f64 = 40.0;
const THICK: f64 = 12.0;
/// The values of the axis are below.
const UNDER: f64 = 24.0;

/// One group.
#[derive(Debug, Clone, PartialEq)]
pub struct BoxRow {
    /// Which group.
    pub label: String,
    /// How many values it has.
    pub rows: u64,
    /// Where the whiskers begin and end: the smallest and the largest value, or quantiles of the table's note.
    pub whiskers: (f64, f64),
    /// The first and the third quartile.
    pub quartiles: (f64, f64),
    /// The middle value.
    pub median: f64,
}

/// Groups on one axis.
#[derive(Debug, Clone, PartialEq)]
pub struct BoxPlot {
    /// What the picture shows.
    pub title: String,
    /// What there is to see, in a sentence.
    pub description: String,
    /// The head of the groups in the table.
    pub label_head: String,
    /// What the values are.
    pub unit: Unit,
    /// In their order.
    pub groups: Vec<BoxRow>,
}

/// Draws the groups in a column of this width: label and median above each box.
pub fn box_plot(data: &BoxPlot, format: Format, width: f64) -> Chart {
    let range = extent(data.groups.iter().flat_map(|group| [group.whiskers.0, group.whiskers.1]));
    let scale = Scale::new(range, (1.0, width - 1.0));
    let bottom = data.groups.len() as f64 * ROW;
    let mut svg = Svg::new(width);
    if range.0 < 0.0 && range.1 > 0.0 {
        svg.line("rule", (scale.at(0.0), 0.0), (scale.at(0.0), bottom));
    }
    for (group, row) in data.groups.iter().zip(0u32..) {
        draw(&mut svg, group, f64::from(row) * ROW, (data.unit, format, scale, width));
    }
    svg.line("axis", (0.0, bottom), (width, bottom));
    let values = ticks(range, if width < 400.0 { 3 } else { 6 });
    let places = digits(&values);
    for value in values {
        let label = data.unit.tick(format, value, places);
        svg.text("m", (inside(scale.at(value), &label, width), bottom + 17.0), Anchor::Middle, &label);
    }
    Chart::new(svg.finish(bottom + UNDER, &data.title, &data.description), table(data, format)).numbered(numbers(data))
}

fn draw(svg: &mut Svg, group: &BoxRow, top: f64, (unit, format, scale, width): (Unit, Format, Scale, f64)) {
    let median = unit.show(format, group.median);
    svg.text("", (0.0, top + 14.0), Anchor::Start, &fit(&group.label, width - text_width(&median) - 10.0));
    svg.text("", (width, top + 14.0), Anchor::End, &median);
    let box_top = top + 20.0;
    let middle = box_top + THICK / 2.0;
    let (low, high) = (scale.at(group.whiskers.0), scale.at(group.whiskers.1));
    svg.line("whisker", (low, middle), (high, middle));
    let (first, third) = (scale.at(group.quartiles.0), scale.at(group.quartiles.1));
    svg.rect("f-box o", (first, box_top), ((third - first).max(1.0), THICK));
    let x = scale.at(group.median);
    svg.line("mark", (x, box_top - 1.0), (x, box_top + THICK + 1.0));
}

fn table(data: &BoxPlot, format: Format) -> Table {
    let heads = [
        Word::ChartRows,
        Word::ChartLowest,
        Word::ChartQuarter,
        Word::ChartMedian,
        Word::ChartThreeQuarters,
        Word::ChartHighest,
    ];
    let row = |group: &BoxRow| {
        let (low, high) = group.whiskers;
        let (first, third) = group.quartiles;
        let values = [low, first, group.median, third, high].map(|value| data.unit.show(format, value));
        [group.label.clone(), format.count(group.rows)].into_iter().chain(values).collect()
    };
    Table {
        head: std::iter::once(data.label_head.clone()).chain(heads.map(|word| format.0.say(word).to_owned())).collect(),
        rows: data.groups.iter().map(row).collect(),
    }
}

fn numbers(data: &BoxPlot) -> List {
    List::of(&data.groups)
        .text("label", |group| group.label.clone())
        .count("rows", |group| group.rows)
        .number("low", |group| group.whiskers.0)
        .number("p25", |group| group.quartiles.0)
        .number("median", |group| group.median)
        .number("p75", |group| group.quartiles.1)
        .number("high", |group| group.whiskers.1)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    const EN: Format = Format(Language::En);

    fn margins() -> BoxPlot {
        let group = |label: &str, median: f64| BoxRow {
            label: label.to_owned(),
            rows: 1200,
            whiskers: (-100.0, 300.0),
            quartiles: (median - 50.0, median + 50.0),
            median,
        };
        BoxPlot {
            title: "Margin by segment".to_owned(),
            description: String::new(),
            label_head: "Segment".to_owned(),
            unit: Unit::Eur,
            groups: vec![group("Residential", 50.0), group("SME", 100.0)],
        }
    }

    #[test]
    fn the_box_holds_the_middle_half() {
        let chart = box_plot(&margins(), EN, 402.0);
        assert!(chart.svg.contains("<rect class=\"f-box o\" x=\"101\" y=\"20\" width=\"100\" height=\"12\"/>"));
        assert!(chart.svg.contains("<line class=\"mark\" x1=\"151\" y1=\"19\" x2=\"151\" y2=\"33\"/>"));
        assert!(chart.svg.contains("<line class=\"rule\" x1=\"101\""), "zero is marked: {}", chart.svg);
    }

    #[test]
    fn the_table_has_the_five_numbers() {
        let table = box_plot(&margins(), EN, 402.0).table;
        assert_eq!(table.rows[0], ["Residential", "1,200", "-€100", "€0", "€50", "€100", "€300"]);
        assert_eq!(table.head.len(), 7);
    }
}
