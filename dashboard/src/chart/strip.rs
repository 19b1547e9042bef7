//! A strip of levels, one mark a run: higher and in another colour the worse it was.

use chrono::{DateTime, Utc};

use super::svg::{Anchor, Svg};
use super::text::width as text_width;
use super::{Chart, Table, Tone};
use crate::export::{List, iso};
use crate::format::Format;

const HEIGHT: f64 = 58.0;
/// The lowest place of the marks; the dates are below.
const BOTTOM: f64 = 38.0;
/// The height of the worst mark.
const WORST: f64 = 28.0;
/// A mark is never wider.
const WIDEST: f64 = 18.0;

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripMark {
    /// When, or which run.
    pub at: String,
    /// The run's ID, for files.
    pub run_id: String,
    /// When, for files.
    pub time: Option<DateTime<Utc>>,
    /// Its level in words.
    pub level: String,
    /// Its level: [`Tone::Ok`], [`Tone::Warn`], [`Tone::Fail`], or [`Tone::Quiet`] where nothing could be said.
    pub tone: Tone,
    /// What happened there: a retraining.
    pub event: Option<String>,
}

/// Levels over runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strip {
    /// What the picture shows.
    pub title: String,
    /// What there is to see, in a sentence.
    pub description: String,
    /// The head of the runs in the table.
    pub at_head: String,
    /// The head of the levels in the table.
    pub level_head: String,
    /// The head of the events in the table.
    pub event_head: String,
    /// From the oldest to the newest.
    pub marks: Vec<StripMark>,
}

/// Draws the strip in a column of this width.
pub fn strip(data: &Strip, width: f64) -> Chart {
    let slot = (width / data.marks.len().max(1) as f64).min(WIDEST);
    let mut svg = Svg::new(width);
    for (index, mark) in data.marks.iter().enumerate() {
        let x = index as f64 * slot;
        let height = height(mark.tone);
        let tip = format!("{}: {}", mark.at, mark.level);
        svg.rect_with_tip(mark.tone.fill(), (x, BOTTOM - height), ((slot - 2.0).max(1.0), height), &tip);
        if let Some(event) = &mark.event {
            let middle = x + (slot - 2.0).max(1.0) / 2.0;
            svg.pointer("event", (middle, BOTTOM - WORST - 1.0), &format!("{}: {event}", mark.at));
        }
    }
    let end = slot * data.marks.len() as f64;
    svg.line("axis", (0.0, BOTTOM), (end, BOTTOM));
    if let (Some(first), Some(last)) = (data.marks.first(), data.marks.last()) {
        let both = text_width(&first.at) + text_width(&last.at) + 12.0 <= end && data.marks.len() > 1;
        svg.text("m", (0.0, BOTTOM + 16.0), Anchor::Start, if both { &first.at } else { &last.at });
        if both {
            svg.text("m", (end, BOTTOM + 16.0), Anchor::End, &last.at);
        }
    }
    Chart::new(svg.finish(HEIGHT, &data.title, &data.description), table(data)).numbered(numbers(data))
}

/// The form tells the level, too.
fn height(tone: Tone) -> f64 {
    match tone {
        Tone::Fail => WORST,
        Tone::Warn => WORST * 0.65,
        Tone::Quiet => WORST * 0.12,
        _ => WORST * 0.3,
    }
}

fn table(data: &Strip) -> Table {
    let row = |mark: &StripMark| vec![mark.at.clone(), mark.level.clone(), mark.event.clone().unwrap_or_default()];
    Table {
        head: vec![data.at_head.clone(), data.level_head.clone(), data.event_head.clone()],
        rows: data.marks.iter().map(row).collect(),
    }
}

fn numbers(data: &Strip) -> List {
    List::of(&data.marks)
        .text("run_id", |mark| mark.run_id.clone())
        .text("at", |mark| mark.time.map(iso))
        .text("day", |mark| mark.time.map(|time| Format::day_of(time).to_string()))
        .text("level", |mark| mark.level.clone())
        .text("event", |mark| mark.event.clone())
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(count: usize) -> Strip {
        let mark = |index: usize| StripMark {
            at: format!("{index} Dec"),
            run_id: format!("run-{index}"),
            time: None,
            level: if index == 1 { "drift: act" } else { "no drift" }.to_owned(),
            tone: if index == 1 { Tone::Fail } else { Tone::Ok },
            event: (index == 2).then(|| "trained anew".to_owned()),
        };
        Strip {
            title: "Drift".to_owned(),
            description: String::new(),
            at_head: "Run".to_owned(),
            level_head: "Level".to_owned(),
            event_head: "Event".to_owned(),
            marks: (1..=count).map(mark).collect(),
        }
    }

    #[test]
    fn the_worse_a_level_the_higher_its_mark() {
        let chart = strip(&levels(60), 300.0);
        assert!(chart.svg.contains("<rect class=\"f-fail o\" x=\"0\" y=\"10\" width=\"3\" height=\"28\">"));
        assert!(chart.svg.contains("<rect class=\"f-ok o\" x=\"5\" y=\"29.6\" width=\"3\" height=\"8.4\">"));
        assert!(chart.svg.contains("<title>2 Dec: trained anew</title>"), "{}", chart.svg);
        assert!(chart.svg.contains(">1 Dec</text>") && chart.svg.contains(">60 Dec</text>"));
    }

    #[test]
    fn a_file_says_which_run_every_level_is_of() {
        let list = strip(&levels(2), 300.0).numbers.frame().unwrap();
        let runs: Vec<_> = list.column("run_id").unwrap().str().unwrap().iter().flatten().collect();
        assert_eq!(runs, ["run-1", "run-2"]);
    }

    #[test]
    fn a_few_runs_do_not_fill_the_width() {
        let chart = strip(&levels(3), 300.0);
        assert!(chart.svg.contains("x=\"36\""), "{}", chart.svg);
        assert_eq!(chart.table.rows[1], ["2 Dec", "no drift", "trained anew"]);
        assert!(strip(&levels(0), 300.0).table.rows.is_empty());
    }
}
