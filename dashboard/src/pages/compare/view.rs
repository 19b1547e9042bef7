//! What the reader sees of two runs.

use axum::response::Response;
use churn::model::{RiskTier, TierMoves};
use lake::documents::{RunRecord, UnreadableResult};
use polars::df;
use polars::prelude::DataFrame;
use serde_json::Value;

use super::Moved;
use super::fields::{self, Field, Shown};
use super::told::Told;
use crate::chart::{Heat, HeatCell, heat};
use crate::data::{DataError, moment};
use crate::export::{self, Download, Kind, List};
use crate::format::{Format, Shown as Text};
use crate::frame::{Cell, Column, Figure, FigureWidth, Link, Mark, PageId, Row, TablePart};
use crate::pages::run_line::short;
use crate::pages::{File, downloads, stages as stage_names};
use crate::server::{PageError, Visit};
use crate::words::Word;

/// The name in names of files.
const NAME: &str = "compare";
/// The picture of the moves, by its name in the page.
const MOVES: &str = "moves";
/// Longer values are cut; the whole is shown where a pointer rests.
const LONGEST: usize = 80;

/// How many values differ.
pub fn lead(visit: &Visit, compared: &[(&'static str, Vec<Field>)]) -> String {
    let count = fields::differences(compared) as u64;
    if count == 0 {
        return visit.language.say(Word::CompareLeadSame).to_owned();
    }
    let shown = visit.format().count(count);
    visit.language.count(count, Word::CompareLeadOne, Word::CompareLead, &[("count", &shown)])
}

/// Which run has no scores.
pub fn no_scores(visit: &Visit, run_id: &str) -> String {
    visit.language.fill(Word::CompareNoScores, &[("run", &short(run_id))])
}

/// A run with its whole ID and when it started.
pub fn run(visit: &Visit, record: &RunRecord) -> Link {
    let run_id = &record.run.run_id;
    let started = moment(&record.run.started).map(|at| visit.format().moment(at)).unwrap_or_default();
    let href = visit.query.to(&format!("{}/{run_id}", PageId::Status.path()), &[]);
    Link::new(format!("{run_id}, {started}"), href)
}

/// Everything or differences alone; the two the other way round; one file with all parts.
pub fn links(visit: &Visit, before: &RunRecord, after: &RunRecord, shown: Shown) -> Vec<Link> {
    let say = |word: Word| visit.language.say(word);
    let other = match shown {
        Shown::Differences => Link::new(say(Word::CompareAll), visit.query.with("all", "yes")),
        Shown::Everything => Link::new(say(Word::CompareOnly), visit.query.without("all")),
    };
    let path = format!("{}/{}/compare/{}", PageId::Status.path(), after.run.run_id, before.run.run_id);
    let file = visit.query.at(&format!("{}/export.{}", visit.query.path(), Kind::Csv.extension()));
    vec![other, Link::new(say(Word::CompareTurn), visit.query.at(&path)), Link::new(say(Word::CompareFile), file)]
}

/// A table for each part, with its files; what is told of the run before and of the one after.
pub fn parts(visit: &Visit, compared: &[(&'static str, Vec<Field>)], told: &[Told; 2]) -> Vec<TablePart> {
    let say = |word: Word| visit.language.say(word);
    let table = |compared: &(&'static str, Vec<Field>)| {
        let (part, fields) = (compared.0, &compared.1);
        let columns = vec![
            Column::text(say(Word::CompareName)),
            Column::text(say(Word::CompareBefore)),
            Column::text(say(Word::CompareAfter)),
        ];
        let (id, caption) = words(part);
        let table = TablePart::new(visit.language, id, say(caption), columns);
        let table = table.rows(fields.iter().map(|field| row(visit, part, field, told)));
        downloads::listed(table, &visit.query, list(fields))
    };
    compared.iter().map(table).collect()
}

/// The name in the page and the caption of a part.
fn words(part: &str) -> (&'static str, Word) {
    match part {
        "input" => ("input", Word::ComparePartInput),
        "raw files" => ("files", Word::ComparePartFiles),
        "settings" => ("settings", Word::ComparePartSettings),
        "code" => ("code", Word::ComparePartCode),
        "rows" => ("rows", Word::ComparePartRows),
        fields::SECONDS => ("seconds", Word::ComparePartSeconds),
        "metrics" => ("metrics", Word::ComparePartMetrics),
        "checks" => ("checks", Word::ComparePartChecks),
        "drift" => ("drift", Word::ComparePartDrift),
        fields::TIERS => (fields::TIERS, Word::ComparePartTiers),
        _ => ("outcome", Word::ComparePartOutcome),
    }
}

fn row(visit: &Visit, part: &'static str, field: &Field, [was, is]: &[Told; 2]) -> Row {
    let format = visit.format();
    let name = match part {
        "rows" | fields::SECONDS => stage_names::name(visit.language, &field.path),
        fields::TIERS => tier(visit, &field.path),
        _ => field.path.clone(),
    };
    let value = |value: Option<&Value>, told: &Told| {
        if let Some(said) = value.and_then(|_| told.field(part, &field.path)) {
            return Cell::said(said.clone());
        }
        if let Some(value) = value {
            return Cell::text(shown(format, part, value));
        }
        let missing = Text::new(visit.language.say(Word::CompareNotThere));
        Cell::quiet(missing.because(visit.language.say(Word::CompareNotThereWhy)))
    };
    let cells = vec![Cell::short(name), value(field.was.as_ref(), was), value(field.is.as_ref(), is)];
    // Among all fields those that differ are found at once.
    Row { cells, stands_out: field.differs() && part != fields::SECONDS }
}

fn tier(visit: &Visit, label: &str) -> String {
    RiskTier::from_label(label).map_or_else(|| label.to_owned(), |tier| Mark::tier(tier, visit.language).text())
}

/// A value as it is recorded; counts and figures of a model in the reader's form.
fn shown(format: Format, part: &str, value: &Value) -> Text {
    let text = match (part, value) {
        (_, Value::String(text)) => text.clone(),
        ("rows" | fields::TIERS, value) if value.is_u64() => format.count(value.as_u64().unwrap_or_default()),
        (fields::SECONDS, value) if value.is_number() => format.number(value.as_f64().unwrap_or_default(), 1),
        ("metrics" | "checks", value) if value.is_f64() => {
            // Two that differ must not look the same.
            return Text::new(format.number(value.as_f64().unwrap_or_default(), 4)).because(value.to_string());
        }
        (_, value) => value.to_string(),
    };
    let cut: String = text.chars().take(LONGEST).collect();
    if cut.len() < text.len() { Text::new(format!("{cut}…")).because(text) } else { Text::new(text) }
}

/// The tiers as every page orders them.
fn highest_first() -> impl Iterator<Item = RiskTier> {
    RiskTier::ALL.into_iter().rev()
}

/// From which tier how many went to which.
pub fn moves(visit: &Visit, moves: &TierMoves) -> Figure {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let name = |tier: RiskTier| Mark::tier(tier, language).text();
    let row = |from: RiskTier| {
        let line = moves.table.get(from.as_str());
        let count = |to: RiskTier| line.and_then(|line| line.get(to.as_str())).copied().unwrap_or_default();
        let all: u64 = RiskTier::ALL.into_iter().map(count).sum();
        let cell = |to: RiskTier| {
            let share = if all > 0 { count(to) as f64 / all as f64 } else { 0.0 };
            let note = language.fill(Word::CompareMovesShare, &[("share", &format.percent(share))]);
            let note = if all > 0 { note } else { String::new() };
            HeatCell { count: count(to), value: format.count(count(to)), note, shade: share }
        };
        let cells: Vec<HeatCell> = highest_first().map(cell).collect();
        (name(from), cells)
    };
    let counts = [moves.changed, moves.new, moves.gone].map(|count| format.count(count));
    let [changed, new, gone] = counts.each_ref().map(String::as_str);
    let sub = language.fill(Word::CompareMovesSub, &[("changed", changed), ("new", new), ("gone", gone)]);
    let data = Heat {
        title: say(Word::CompareMovesTitle).to_owned(),
        description: sub.clone(),
        row_head: say(Word::CompareMovesHead).to_owned(),
        columns: highest_first().map(name).collect(),
        rows: highest_first().map(row).collect(),
    };
    let figure =
        Figure::new(language, MOVES, say(Word::CompareMovesTitle), FigureWidth::TwoThirds, |px| heat(&data, px));
    figure.subtitle(sub).downloads(downloads::picture(language, &visit.query, MOVES))
}

/// The compared fields, all or of one part, or the picture of the moves, as a file.
pub async fn file(
    visit: &Visit,
    name: &str,
    (before, after): (&RunRecord, &RunRecord),
    shown: Shown,
    moved: Moved,
) -> Result<Response, PageError> {
    let page = format!("{NAME}-{}", export::end_of_run(&before.run.run_id));
    let download = Download {
        page: &page,
        as_of: Format::day_of(visit.now),
        model: "",
        run: &after.run.run_id,
        filter: format!("run={} run={}", before.run.run_id, after.run.run_id),
    };
    let refused = |problem: UnreadableResult| PageError::Refused {
        problem: format!("{} {problem}", visit.language.say(Word::CompareUnreadable)),
    };
    let compared = || fields::compared(before, after, shown).map_err(refused);
    // A file has everything as it is recorded.
    let recorded = [Told::default(), Told::default()];
    match (File::of_name(name), moved) {
        (Some(File::Rows(kind)), _) => export::rows(&table(&compared()?)?, kind, visit.language, &download).await,
        (Some(File::Picture(picture)), Ok(moved)) if picture == MOVES => {
            Ok(export::svg(moves(visit, &moved).chart.file(), &download))
        }
        (Some(File::Table(name, kind)), Ok(moved)) if name == MOVES => {
            downloads::list(visit, (&[], &[moves(visit, &moved)]), &name, kind, &download).await
        }
        (Some(File::Table(name, kind)), _) => {
            downloads::list(visit, (&parts(visit, &compared()?, &recorded), &[]), &name, kind, &download).await
        }
        (Some(File::Picture(_)), _) => Err(PageError::NotFound { what: "picture" }),
        (None, _) => Err(PageError::NotFound { what: "file" }),
    }
}

/// The fields of a part as a file has them.
fn list(fields: &[Field]) -> List {
    List::of(fields)
        .text("name", |field| field.path.clone())
        .text("before", |field| raw(field.was.as_ref()))
        .text("after", |field| raw(field.is.as_ref()))
        .into()
}

/// A value as it is recorded.
fn raw(value: Option<&Value>) -> Option<String> {
    value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn table(compared: &[(&'static str, Vec<Field>)]) -> Result<DataFrame, DataError> {
    let all: Vec<_> =
        compared.iter().flat_map(|(part, fields)| fields.iter().map(move |field| (*part, field))).collect();
    let made = df!(
        "part" => all.iter().map(|(part, _)| *part).collect::<Vec<_>>(),
        "name" => all.iter().map(|(_, field)| field.path.clone()).collect::<Vec<_>>(),
        "before" => all.iter().map(|(_, field)| raw(field.was.as_ref())).collect::<Vec<_>>(),
        "after" => all.iter().map(|(_, field)| raw(field.is.as_ref())).collect::<Vec<_>>(),
    );
    made.map_err(DataError::table("list what differs"))
}
