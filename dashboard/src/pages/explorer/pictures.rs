//! The pictures of a chosen column, or those of the features that people look at first.

use churn::contract::Layer as Contract;
use churn::recommend::ReasonTexts;
use lake::documents::RunRecord;

use super::detail::{BySegment, Detail, Group, Rate, Spreading};
use super::presets::Presets;
use super::profile::BINS;
use super::view::{meaning, plain};
use super::{Choice, Looked};
use crate::chart::{
    Bar, Bars, BoxPlot, BoxRow, Chart, Heat, HeatCell, Histogram, Tone, Unit, bars, box_plot, heat, histogram,
};
use crate::frame::{Figure, FigureWidth};
use crate::pages::{downloads, names};
use crate::server::Visit;
use crate::words::Word;

/// The heading of the pictures: the column with what it means, or that these are the first ones.
pub fn heading(visit: &Visit, looked: &Looked, reasons: Option<&ReasonTexts>) -> String {
    let language = visit.language;
    match (&looked.state.column, &looked.presets) {
        (Some(column), _) => match meaning(language, column, reasons) {
            Some(meaning) => format!("{column}: {meaning}"),
            None => column.clone(),
        },
        (None, Some(_)) => language.say(Word::ExplorerPresets).to_owned(),
        (None, None) => language.say(Word::ExplorerChoose).to_owned(),
    }
}

/// The pictures of the page.
pub fn figures(visit: &Visit, looked: &Looked) -> Vec<Figure> {
    match (&looked.detail, &looked.state.column, &looked.presets) {
        (Some(detail), Some(column), _) => of_column(visit, column, detail),
        (_, _, Some(presets)) => first_ones(visit, presets),
        _ => Vec::new(),
    }
}

fn of_column(visit: &Visit, column: &str, detail: &Detail) -> Vec<Figure> {
    let fill = |word: Word| visit.language.fill(word, &[("column", column)]);
    let mut figures = Vec::new();
    figures.extend(spreading(visit, &fill(Word::ExplorerSpreadOf), &detail.spreading));
    if let Some(rates) = detail.rates.as_ref().filter(|rates| !rates.is_empty()) {
        figures.push(churn(visit, "churn", &fill(Word::ExplorerChurnBy), FigureWidth::Half, rates));
    }
    let title = fill(Word::ExplorerBySegment);
    figures.extend(detail.by_segment.as_ref().and_then(|by_segment| match by_segment {
        BySegment::Boxes(boxes) => of_boxes(visit, "split", &title, Unit::Number(1), boxes),
        BySegment::Counts { segments, rows } => of_counts(visit, &title, segments, rows),
    }));
    figures
}

fn figure(visit: &Visit, id: &'static str, title: &str, width: FigureWidth, draw: impl Fn(f64) -> Chart) -> Figure {
    let files = downloads::picture(visit.language, &visit.query, id);
    Figure::new(visit.language, id, title, width, draw).downloads(files)
}

fn spreading(visit: &Visit, title: &str, spreading: &Spreading) -> Option<Figure> {
    let format = visit.format();
    match spreading {
        Spreading::Nothing => None,
        Spreading::Histogram { range: (low, high), counts } if low < high => {
            let edge = |bin: usize| low + (high - low) * bin as f64 / BINS as f64;
            let shown = format.range(&plain(format, *low), &plain(format, *high));
            let data = Histogram {
                title: title.to_owned(),
                description: visit.language.fill(Word::ExplorerFromTo, &[("range", &shown)]),
                bin_head: visit.language.say(Word::ExplorerBin).to_owned(),
                name: visit.language.say(Word::RunRows).to_owned(),
                axis: Unit::Number(3),
                unit: Unit::Count,
                edges: (0..=BINS).map(edge).collect(),
                heights: counts.iter().map(|count| *count as f64).collect(),
                tones: Vec::new(),
                reference: None,
                limits: Vec::new(),
            };
            Some(figure(visit, "spread", title, FigureWidth::Half, |px| histogram(&data, format, px)))
        }
        Spreading::Histogram { range: (value, _), counts } => {
            let all: u64 = counts.iter().sum();
            Some(of_words(visit, "spread", title, FigureWidth::Half, &[(plain(format, *value), all)]))
        }
        Spreading::Top { words, others } => {
            let name = |word: &String| names::word(visit.language, word);
            let mut shown: Vec<_> = words.iter().map(|(word, count)| (name(word), *count)).collect();
            if others.0 > 0 {
                let count = format.count(others.0);
                shown.push((visit.language.fill(Word::ExplorerOthers, &[("count", &count)]), others.1));
            }
            Some(of_words(visit, "spread", title, FigureWidth::Half, &shown))
        }
    }
}

/// Words with their rows and the share of all.
fn of_words(visit: &Visit, id: &'static str, title: &str, width: FigureWidth, words: &[(String, u64)]) -> Figure {
    let (format, language) = (visit.format(), visit.language);
    let all: u64 = words.iter().map(|(_, count)| count).sum();
    let bar = |(word, count): &(String, u64)| {
        let share = (all > 0).then(|| *count as f64 / all as f64);
        let shown = share.map(|share| format.percent(share)).unwrap_or_default();
        Bar::new(word.as_str(), *count as f64, Tone::Current).note(shown, share)
    };
    let data = Bars {
        title: title.to_owned(),
        description: language.fill(Word::ExplorerRowsOf, &[("rows", &format.count(all))]),
        label_head: language.say(Word::ExplorerValue).to_owned(),
        value_head: language.say(Word::RunRows).to_owned(),
        note_head: Some(language.say(Word::RiskShare).to_owned()),
        unit: Unit::Count,
        bars: words.iter().map(bar).collect(),
    };
    figure(visit, id, title, width, |px| bars(&data, format, px))
}

/// Who leaves, with the interval of each share.
fn churn(visit: &Visit, id: &'static str, title: &str, width: FigureWidth, rates: &[Rate]) -> Figure {
    let (format, language) = (visit.format(), visit.language);
    let bar = |rate: &Rate| {
        let bar = Bar::new(group(visit, &rate.group), rate.share(), Tone::Current);
        let bar = bar.note(format.count(rate.customers), rate.customers as f64);
        match rate.interval() {
            Some((low, high)) => bar.interval(low, high),
            None => bar,
        }
    };
    let data = Bars {
        title: title.to_owned(),
        description: language.say(Word::ExplorerChurnSub).to_owned(),
        label_head: language.say(Word::ExplorerValue).to_owned(),
        value_head: language.say(Word::ExplorerChurnRate).to_owned(),
        note_head: Some(language.say(Word::RiskCustomers).to_owned()),
        unit: Unit::Percent,
        bars: rates.iter().map(bar).collect(),
    };
    figure(visit, id, title, width, |px| bars(&data, format, px)).subtitle(language.say(Word::ExplorerChurnSub))
}

fn group(visit: &Visit, group: &Group) -> String {
    let format = visit.format();
    match group {
        Group::Range(low, high) => format.range(&plain(format, *low), &plain(format, *high)),
        Group::Number(value) => plain(format, *value),
        Group::Word(word) => names::word(visit.language, word),
        Group::Others => visit.language.say(Word::ExplorerAllOthers).to_owned(),
        Group::Unknown => visit.language.say(Word::NameUnknown).to_owned(),
    }
}

fn of_boxes(visit: &Visit, id: &'static str, title: &str, unit: Unit, boxes: &[BoxRow]) -> Option<Figure> {
    if boxes.is_empty() {
        return None;
    }
    let (format, language) = (visit.format(), visit.language);
    let named = |row: &BoxRow| BoxRow { label: names::word(language, &row.label), ..row.clone() };
    let data = BoxPlot {
        title: title.to_owned(),
        description: language.say(Word::ExplorerBoxSub).to_owned(),
        label_head: language.say(Word::RiskSegment).to_owned(),
        unit,
        groups: boxes.iter().map(named).collect(),
    };
    let drawn = figure(visit, id, title, FigureWidth::Half, |px| box_plot(&data, format, px));
    Some(drawn.subtitle(language.say(Word::ExplorerBoxSub)))
}

/// The share of each word in each segment.
fn of_counts(visit: &Visit, title: &str, segments: &[String], rows: &[(String, Vec<u64>)]) -> Option<Figure> {
    if segments.is_empty() || rows.is_empty() {
        return None;
    }
    let (format, language) = (visit.format(), visit.language);
    let in_segment = |place: usize| rows.iter().filter_map(|(_, counts)| counts.get(place)).sum::<u64>();
    let all: Vec<u64> = (0..segments.len()).map(in_segment).collect();
    let cell = |(count, all): (&u64, &u64)| {
        let share = if *all > 0 { *count as f64 / *all as f64 } else { 0.0 };
        HeatCell { count: *count, value: format.percent(share), note: format.count(*count), shade: share }
    };
    let row = |(word, counts): &(String, Vec<u64>)| {
        let cells: Vec<HeatCell> = counts.iter().zip(&all).map(cell).collect();
        (names::word(language, word), cells)
    };
    let data = Heat {
        title: title.to_owned(),
        description: language.say(Word::ExplorerHeatSub).to_owned(),
        row_head: language.say(Word::ExplorerValue).to_owned(),
        columns: segments.iter().map(|segment| names::word(language, segment)).collect(),
        rows: rows.iter().map(row).collect(),
    };
    let drawn = figure(visit, "split", title, FigureWidth::TwoThirds, |px| heat(&data, px));
    Some(drawn.subtitle(language.say(Word::ExplorerHeatSub)))
}

/// Segments, churn by renewal and by tone, margins, one fuel and two.
fn first_ones(visit: &Visit, presets: &Presets) -> Vec<Figure> {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let third = FigureWidth::Third;
    let segments: Vec<_> = presets.segments.iter().map(|(name, count)| (names::word(language, name), *count)).collect();
    let no_contact = presets.no_contact.map(|share| format.percent(share)).unwrap_or_default();
    let no_contact = language.fill(Word::ExplorerNoContact, &[("share", &no_contact)]);
    let fuel: Vec<_> =
        presets.fuel.iter().map(|rate| Rate { group: fuel(visit, &rate.group), ..rate.clone() }).collect();
    let mut figures = vec![
        of_words(visit, "segments", say(Word::ExplorerSegments), third, &segments),
        churn(visit, "renewal", say(Word::ExplorerByRenewal), third, &presets.renewal),
        churn(visit, "sentiment", say(Word::ExplorerBySentiment), third, &presets.sentiment).subtitle(no_contact),
    ];
    figures.extend(of_boxes(visit, "margin", say(Word::ExplorerMargins), Unit::Eur, &presets.margin));
    figures.push(churn(visit, "fuel", say(Word::ExplorerByFuel), FigureWidth::Half, &fuel));
    figures
}

/// The flag in words.
fn fuel(visit: &Visit, group: &Group) -> Group {
    match group {
        Group::Number(flag) => {
            let word = if *flag == 1.0 { Word::ExplorerTwoFuels } else { Word::ExplorerOneFuel };
            Group::Word(visit.language.say(word).to_owned())
        }
        other => other.clone(),
    }
}

/// What the numbers rest on, with the counts of this very run.
pub fn assumptions(visit: &Visit, presets: &Presets, choice: &Choice, record: Option<&RunRecord>) -> Vec<String> {
    let (format, language) = (visit.format(), visit.language);
    let count = |count: u64| format.count(count);
    let mut said = vec![language.fill(Word::ExplorerAssumesCustomers, &[("customers", &count(presets.customers))])];
    if let Some(readings) = choice.report(Contract::Bronze).and_then(|report| report.readings.as_ref()) {
        let (elec, gas) = (count(readings.negative_elec), count(readings.negative_gas));
        said.push(language.fill(Word::ExplorerAssumesNegative, &[("elec", &elec), ("gas", &gas)]));
    }
    let of_all = [
        Word::ExplorerAssumesPrices,
        Word::ExplorerAssumesCosts,
        Word::ExplorerAssumesWindow,
        Word::ExplorerAssumesSegments,
    ];
    said.extend(of_all.map(|word| language.say(word).to_owned()));
    if let Some(model) = record.and_then(|record| record.settings["sentiment"].as_str()) {
        said.push(language.fill(Word::ExplorerAssumesSentiment, &[("model", model)]));
    }
    if let Some(share) = presets.no_contact {
        said.push(language.fill(Word::ExplorerNoContact, &[("share", &format.percent(share))]));
    }
    said.push(language.say(Word::ExplorerAssumesLayers).to_owned());
    said
}
