//! How contributions lead from everybody's level to this customer's: bars that go on where the one before ended.

use super::scale::{Scale, extent};
use super::svg::{Anchor, Svg};
use super::text::{fit, width as text_width};
use super::{Chart, Table};
use crate::export::List;
use crate::format::Format;

/// From one step to the next, where the label stands beside its bar.
const ROW: f64 = 28.0;
/// The same, where it stands above its bar.
const ROW_NARROW: f64 = 40.0;
/// Below this width, labels stand above their bars.
const NARROW: f64 = 460.0;
const THICK: f64 = 13.0;
const GAP: f64 = 8.0;

/// One contribution.
#[derive(Debug, Clone, PartialEq)]
pub struct WaterfallStep {
    /// What contributes.
    pub label: String,
    /// How much, in log-odds: above 0 it raises the risk.
    pub value: f64,
}

/// Contributions between two levels.
#[derive(Debug, Clone, PartialEq)]
pub struct Waterfall {
    /// What the picture shows.
    pub title: String,
    /// What there is to see, in a sentence.
    pub description: String,
    /// The head of the labels in the table.
    pub label_head: String,
    /// The head of the contributions in the table.
    pub value_head: String,
    /// Where it begins: name, level in log-odds, the level as it is shown (a probability).
    pub start: (String, f64, String),
    /// In their order, the strongest first; the last one may hold all that is left.
    pub steps: Vec<WaterfallStep>,
    /// Where it ends: name, and the level as it is shown. The level itself is the sum.
    pub end: (String, String),
    /// Both as probabilities where they are known, for files.
    pub probabilities: (Option<f64>, Option<f64>),
}

/// Where rows, labels and bars are.
struct Layout {
    narrow: bool,
    row: f64,
    label_room: f64,
    scale: Scale,
}

/// Draws the steps in a column of this width.
pub fn waterfall(data: &Waterfall, format: Format, width: f64) -> Chart {
    let levels = levels(data);
    let layout = layout(data, format, &levels, width);
    let mut svg = Svg::new(width);
    level(&mut svg, &layout, 0, (&data.start.0, levels[0], &data.start.2));
    for (index, step) in data.steps.iter().enumerate() {
        let (from, to) = (levels[index], levels[index + 1]);
        let top = (index + 1) as f64 * layout.row;
        let bar_top = layout.bar_top(top);
        svg.text("", (0.0, layout.label_line(top)), Anchor::Start, &fit(&step.label, layout.label_room));
        let (left, right) = (layout.scale.at(from.min(to)), layout.scale.at(from.max(to)));
        let class = if step.value < 0.0 { "neg o" } else { "pos o" };
        svg.rect(class, (left, bar_top), ((right - left).max(1.0), THICK));
        layout.lead(&mut svg, layout.scale.at(to), top);
        svg.text("m", (right + GAP, bar_top + THICK - 2.0), Anchor::Start, &format.signed(step.value, 2));
    }
    let end = levels[levels.len() - 1];
    level(&mut svg, &layout, data.steps.len() + 1, (&data.end.0, end, &data.end.1));
    let height = (data.steps.len() + 2) as f64 * layout.row;
    Chart::new(svg.finish(height, &data.title, &data.description), table(data, format)).numbered(numbers(data))
}

impl Layout {
    fn label_line(&self, top: f64) -> f64 {
        if self.narrow { top + 14.0 } else { self.bar_top(top) + THICK - 2.0 }
    }

    fn bar_top(&self, top: f64) -> f64 {
        if self.narrow { top + 20.0 } else { top + 7.0 }
    }

    /// The line that leads to the next row; where labels stand above their bars, it would cross them.
    fn lead(&self, svg: &mut Svg, x: f64, top: f64) {
        if !self.narrow {
            svg.line("axis", (x, self.bar_top(top) + THICK), (x, self.bar_top(top + self.row)));
        }
    }
}

/// The level before the first step and after each.
fn levels(data: &Waterfall) -> Vec<f64> {
    let mut levels = vec![data.start.1];
    levels.extend(data.steps.iter().scan(data.start.1, |level, step| {
        *level += step.value;
        Some(*level)
    }));
    levels
}

fn layout(data: &Waterfall, format: Format, levels: &[f64], width: f64) -> Layout {
    let narrow = width < NARROW;
    let labels = data.steps.iter().map(|step| step.label.as_str()).chain([data.start.0.as_str(), data.end.0.as_str()]);
    let widest = labels.map(text_width).fold(0.0, f64::max);
    let label_room = if narrow { width } else { widest.min(width * 0.45) };
    let numbers = data.steps.iter().map(|step| format.signed(step.value, 2)).map(|number| text_width(&number));
    let shown = [text_width(&data.start.2), text_width(&data.end.1)];
    let right = width - numbers.chain(shown).fold(0.0, f64::max) - GAP;
    let left = if narrow { 2.0 } else { label_room + 2.0 * GAP };
    let scale = Scale::new(extent(levels.iter().copied()), (left, right.max(left)));
    Layout { narrow, row: if narrow { ROW_NARROW } else { ROW }, label_room, scale }
}

/// The first and the last row: a mark at the level, and the level beside it, on the line of the labels.
fn level(svg: &mut Svg, layout: &Layout, row: usize, (label, level, shown): (&str, f64, &str)) {
    let top = row as f64 * layout.row;
    let bar_top = layout.bar_top(top);
    let x = layout.scale.at(level);
    svg.text("b", (0.0, layout.label_line(top)), Anchor::Start, &fit(label, layout.label_room));
    svg.line("mark", (x, bar_top), (x, bar_top + THICK));
    if row == 0 {
        layout.lead(svg, x, top);
    }
    svg.text("b", (x + GAP, bar_top + THICK - 2.0), Anchor::Start, shown);
}

fn table(data: &Waterfall, format: Format) -> Table {
    let steps = data.steps.iter().map(|step| vec![step.label.clone(), format.signed(step.value, 2)]);
    let start = vec![data.start.0.clone(), data.start.2.clone()];
    let end = vec![data.end.0.clone(), data.end.1.clone()];
    Table {
        head: vec![data.label_head.clone(), data.value_head.clone()],
        rows: std::iter::once(start).chain(steps).chain([end]).collect(),
    }
}

fn numbers(data: &Waterfall) -> List {
    let sum = data.start.1 + data.steps.iter().map(|step| step.value).sum::<f64>();
    let steps = data.steps.iter().map(|step| (&step.label, step.value, None));
    let (first, last) = data.probabilities;
    let (start, end) = ((&data.start.0, data.start.1, first), (&data.end.0, sum, last));
    let levels: Vec<(&String, f64, Option<f64>)> = std::iter::once(start).chain(steps).chain([end]).collect();
    List::of(&levels)
        .text("label", |(label, ..)| (*label).clone())
        .number("log_odds", |(_, value, _)| *value)
        .number("probability", |(.., probability)| *probability)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    const EN: Format = Format(Language::En);

    fn reasons() -> Waterfall {
        let step = |label: &str, value| WaterfallStep { label: label.to_owned(), value };
        Waterfall {
            title: "Why".to_owned(),
            description: String::new(),
            label_head: "Reason".to_owned(),
            value_head: "Contribution".to_owned(),
            start: ("Everybody".to_owned(), -3.0, "5.1%".to_owned()),
            steps: vec![step("Spoke of leaving", 4.0), step("Long with us", -1.0)],
            end: ("This customer".to_owned(), "50.0%".to_owned()),
            probabilities: (Some(0.051), Some(0.5)),
        }
    }

    #[test]
    fn every_step_goes_on_where_the_one_before_ended() {
        assert_eq!(levels(&reasons()), [-3.0, 1.0, 0.0]);
        let chart = waterfall(&reasons(), EN, 640.0);
        let of = |class: &str| {
            let rect = chart.svg.split(&format!("<rect class=\"{class}\" x=\"")).nth(1).unwrap();
            let (x, rest) = rect.split_once('"').unwrap();
            let width = rest.split("width=\"").nth(1).unwrap().split('"').next().unwrap();
            (x.parse::<f64>().unwrap(), width.parse::<f64>().unwrap())
        };
        let (up, down) = (of("pos o"), of("neg o"));
        assert!((up.1 - 4.0 * down.1).abs() < 0.5, "{up:?} {down:?}");
        assert!((up.0 + up.1 - (down.0 + down.1)).abs() < 0.2, "both end at the highest level: {up:?} {down:?}");
    }

    #[test]
    fn all_numbers_stand_on_the_lines_of_their_labels() {
        let chart = waterfall(&reasons(), EN, 640.0);
        for (label, number) in [("Everybody", "5.1%"), ("Spoke of leaving", "+4.00"), ("This customer", "50.0%")] {
            let line = |text: &str| {
                let before = chart.svg.split(&format!(">{text}</text>")).next().unwrap();
                before.rsplit("y=\"").next().unwrap().split('"').next().unwrap().to_owned()
            };
            assert_eq!(line(label), line(number), "{label}: {}", chart.svg);
        }
    }

    #[test]
    fn on_a_phone_labels_stand_above_their_bars() {
        let chart = waterfall(&reasons(), EN, 358.0);
        assert!(chart.svg.contains("viewBox=\"0 0 358 160\""), "{}", chart.svg);
    }

    #[test]
    fn a_file_has_the_two_levels_as_probabilities() {
        let list = waterfall(&reasons(), Format(Language::Es), 640.0).numbers.frame().unwrap();
        let numbers = |name: &str| list.column(name).unwrap().f64().unwrap().iter().collect::<Vec<_>>();
        assert_eq!(numbers("log_odds"), [-3.0, 4.0, -1.0, 0.0].map(Some));
        assert_eq!(numbers("probability"), [Some(0.051), None, None, Some(0.5)]);
    }

    #[test]
    fn the_table_begins_and_ends_with_the_levels() {
        let rows = waterfall(&reasons(), EN, 640.0).table.rows;
        assert_eq!(
            rows,
            [
                ["Everybody", "5.1%"],
                ["Spoke of leaving", "+4.00"],
                ["Long with us", "-1.00"],
                ["This customer", "50.0%"]
            ]
        );
    }
}
