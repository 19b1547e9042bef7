//! A trend as small as a word: in a row of a table, in a card.

use super::scale::{Scale, extent};
use super::svg::Svg;
use super::{Chart, Table, Unit};
use crate::format::Format;
use crate::words::Word;

const HEIGHT: f64 = 24.0;
const PAD: f64 = 3.0;

/// How a spark is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SparkForm {
    /// A line: something over time.
    Line,
    /// Bars from 0: how values are spread.
    Bars,
}

/// A small trend.
#[derive(Debug, Clone, PartialEq)]
pub struct Spark {
    /// What it shows, with its last value.
    pub title: String,
    /// How it is drawn.
    pub form: SparkForm,
    /// What the values are.
    pub unit: Unit,
    /// The head of the names in the table.
    pub name_head: String,
    /// The head of the values in the table.
    pub value_head: String,
    /// Each with its name; a value that is not known is left out.
    pub values: Vec<(String, Option<f64>)>,
}

/// Draws the trend in this width.
pub fn spark(data: &Spark, format: Format, width: f64) -> Chart {
    let mut svg = Svg::new(width);
    match data.form {
        SparkForm::Line => draw_line(&mut svg, &data.values, width),
        SparkForm::Bars => draw_bars(&mut svg, &data.values, width),
    }
    let unknown = || format.0.say(Word::FormatUnknown).to_owned();
    let row = |(name, value): &(String, Option<f64>)| {
        vec![name.clone(), value.map_or_else(unknown, |value| data.unit.show(format, value))]
    };
    let head = vec![data.name_head.clone(), data.value_head.clone()];
    let table = Table { head, rows: data.values.iter().map(row).collect() };
    Chart::new(svg.finish(HEIGHT, &data.title, ""), table)
}

fn draw_line(svg: &mut Svg, values: &[(String, Option<f64>)], width: f64) {
    let steps = values.len().saturating_sub(1) as f64;
    let horizontal = Scale::new((0.0, steps), (PAD, width - PAD));
    let vertical = Scale::new(extent(values.iter().filter_map(|(_, value)| *value)), (HEIGHT - PAD, PAD));
    let place = |(index, (_, value)): (usize, &(String, Option<f64>))| {
        value.map(|value| (horizontal.at(index as f64), vertical.at(value)))
    };
    svg.path("cur", values.iter().enumerate().map(place));
    if let Some(end) = values.iter().enumerate().filter_map(place).next_back() {
        svg.circle("dot", end, 2.5, "");
    }
}

fn draw_bars(svg: &mut Svg, values: &[(String, Option<f64>)], width: f64) {
    let (low, high) = extent(values.iter().filter_map(|(_, value)| *value).chain([0.0]));
    let vertical = Scale::new((low, high), (HEIGHT, 0.0));
    let slot = width / values.len().max(1) as f64;
    for (index, (_, value)) in values.iter().enumerate() {
        let Some(value) = value else { continue };
        let (top, bottom) = (vertical.at(value.max(0.0)), vertical.at(value.min(0.0)));
        svg.rect("f-cur", (index as f64 * slot, top), ((slot - 1.0).max(0.8), bottom - top));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    const EN: Format = Format(Language::En);

    fn of(form: SparkForm, values: &[Option<f64>]) -> Spark {
        let values = values.iter().copied().zip(1..).map(|(value, month): (_, u32)| (month.to_string(), value));
        Spark {
            title: "Margin".to_owned(),
            form,
            unit: Unit::EurCents,
            name_head: "Month".to_owned(),
            value_head: "Margin".to_owned(),
            values: values.collect(),
        }
    }

    #[test]
    fn a_line_goes_from_edge_to_edge() {
        let chart = spark(&of(SparkForm::Line, &[Some(1.0), Some(3.0), Some(2.0)]), EN, 106.0);
        assert!(chart.svg.contains("d=\"M3,21L53,3L103,12\""), "{}", chart.svg);
        assert_eq!(chart.table.rows[1], ["2", "€3.00"]);
    }

    #[test]
    fn bars_hang_from_zero() {
        let chart = spark(&of(SparkForm::Bars, &[Some(2.0), None, Some(-2.0)]), EN, 30.0);
        assert!(chart.svg.contains("x=\"0\" y=\"0\" width=\"9\" height=\"12\""), "{}", chart.svg);
        assert!(chart.svg.contains("x=\"20\" y=\"12\" width=\"9\" height=\"12\""), "{}", chart.svg);
        assert_eq!(chart.table.rows[1], ["2", "n/a"]);
    }
}
