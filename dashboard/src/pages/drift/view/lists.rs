//! The tables: columns, a column on both sides, what was not compared.

use churn::drift::SkippedColumn;

use super::super::kept::Promise;
use super::super::lines::{self, Line, Status};
use super::super::measures::{self as figures, Measure, What};
use super::super::said;
use super::super::seen::Closer;
use super::{Asked, mark};
use crate::format::Shown;
use crate::frame::{Cell, Column, Mark, Pager, Position, Row, TablePart};
use crate::pages::{downloads, explorer};
use crate::query::PAGE;
use crate::words::Word;

/// So many columns are listed that moved since the last published run.
const SKEWED: usize = 20;

/// A page of the columns.
pub fn table(asked: &Asked<'_>) -> TablePart {
    let (format, language, query) = (asked.format(), asked.language(), &asked.visit.query);
    let listed = asked.state.listed(&asked.seen.reported.lines);
    let range = asked.state.paging.of(listed.len());
    let position = Position { page: range.page as u64, per: asked.state.paging.per as u64, total: range.total as u64 };
    let pager = Pager::new(format, position, |page, per| query.set("per", &per).with(PAGE, &page));
    TablePart::new(language, "columns", asked.say(Word::DriftColumns), columns(asked))
        .note(asked.say(Word::DriftColumnsNote))
        .rows(listed[range.start..range.end].iter().map(|line| row(asked, line)))
        .pager(pager)
        .downloads(downloads::links(language, query))
}

fn columns(asked: &Asked<'_>) -> Vec<Column> {
    let sorted = |column: Column, name: &'static str| column.sorted_by(&asked.visit.query, asked.state.sort, name);
    let number = |word: Word, hint: Word| Column::number(asked.say(word)).hint(asked.say(hint));
    vec![
        sorted(Column::text(asked.say(Word::DriftColumn)), "column"),
        Column::text(asked.say(Word::DriftState)),
        sorted(number(Word::DriftWeight, Word::DriftWeightHint), "weight"),
        sorted(number(Word::DriftEffect, Word::DriftEffectHint), "effect"),
        sorted(number(Word::DriftQValue, Word::DriftQValueHint), "q_value"),
        sorted(number(Word::DriftImportance, Word::DriftImportanceHint), "importance"),
        sorted(number(Word::DriftStatistic, Word::DriftStatisticHint), "statistic"),
        sorted(number(Word::DriftPValue, Word::DriftPValueHint), "p_value"),
        sorted(number(Word::DriftPsi, Word::DriftPsiHint), "psi"),
        sorted(number(Word::DriftJs, Word::DriftJsHint), "jensen_shannon"),
        sorted(Column::number(asked.say(Word::DriftValuesThen)), "n_ref"),
        sorted(Column::number(asked.say(Word::DriftValuesNow)), "n_cur"),
        Column::text(asked.say(Word::DriftNote)),
    ]
}

fn row(asked: &Asked<'_>, line: &Line) -> Row {
    let (format, language) = (asked.format(), asked.language());
    let (note, found) = (said::of_column(language, &line.found), &line.found);
    let not_compared = note.as_deref().unwrap_or_else(|| asked.say(Word::DriftNotCompared));
    let of_test = |value: Option<String>| Cell::number(format.or_unknown(value, not_compared));
    let of_kind = |value: Option<f64>| {
        Cell::number(format.or_unknown(value.map(|value| format.score(value)), no_kind(asked, line)))
    };
    let of_count = |value: Option<f64>| {
        let why = if line.status == Status::Calendar { asked.say(Word::DriftNotCounted) } else { not_compared };
        Cell::number(format.or_unknown(value.map(|value| format.p_value(value)), why))
    };
    let weighed = |value: Option<String>| Cell::number(format.or_unknown(value, asked.say(no_importance(asked, line))));
    let weight = match line.weight() {
        None if line.importance.is_some() => of_test(None),
        weight => weighed(weight.map(|weight| format.number(weight, 4))),
    };
    let cells = vec![
        Cell::link(line.name(), asked.href(line.name())),
        Cell::mark(mark(language, line.status)),
        weight,
        of_test(line.effect().map(|effect| format.score(effect))),
        of_count(found.q_value),
        weighed(line.importance.map(|share| format.percent(share))),
        of_kind(found.ks.map(|ks| ks.statistic)),
        of_test(line.p_value().map(|p_value| format.p_value(p_value))),
        of_kind(found.psi),
        of_kind(found.jensen_shannon),
        Cell::number(format.count(found.n_ref)),
        Cell::number(format.count(found.n_cur)),
        Cell::quiet(note.unwrap_or_default()),
    ];
    Row { cells, stands_out: asked.state.column.as_deref() == Some(line.name()) }
}

/// Why a statistic is not there: the column was not compared, or it is one of the other kind.
fn no_kind(asked: &Asked<'_>, line: &Line) -> &'static str {
    asked.say(if line.is_measured() { Word::DriftOtherKind } else { Word::DriftNotCompared })
}

/// Why the importance of a column is not known.
fn no_importance(asked: &Asked<'_>, line: &Line) -> Word {
    if line.is_prediction() {
        return Word::DriftNoFeature;
    }
    match line.status {
        _ if !asked.seen.reported.is_weighed => Word::OverviewNoEvaluation,
        Status::New => Word::DriftNeverSeen,
        _ => Word::DriftNoImportance,
    }
}

/// A column on both sides in figures.
pub fn measures(asked: &Asked<'_>, closer: &Closer, id: &'static str) -> TablePart {
    let language = asked.language();
    let heads = vec![
        Column::text(asked.say(Word::DriftFigure)),
        Column::number(asked.say(Word::DriftThen)),
        Column::number(asked.say(Word::DriftNow)),
        Column::number(asked.say(Word::DriftDifference)),
    ];
    let found = figures::measures(&asked.seen.reported.report, closer);
    TablePart::new(language, id, language.fill(Word::DriftFigures, &[("column", closer.line.name())]), heads)
        .rows(found.iter().map(|measure| measure_row(asked, closer, measure)))
        .downloads(downloads::links_of(language, &asked.visit.query, id))
}

fn measure_row(asked: &Asked<'_>, closer: &Closer, measure: &Measure) -> Row {
    let (format, is_share) = (asked.format(), closer.line.is_prediction());
    let show = |value: f64| match measure.what {
        What::Rows | What::Values => format.count(value as u64),
        What::NullShare => format.percent(value),
        What::Mean | What::Quantile(_) if is_share => format.percent(value),
        What::Mean | What::Quantile(_) => explorer::plain(format, value),
    };
    let change = |(then, now): (f64, f64)| match measure.what {
        What::Rows | What::Values => format.signed(now - then, 0),
        What::NullShare => format.points_between(then, now),
        What::Mean | What::Quantile(_) if is_share => format.points_between(then, now),
        What::Mean | What::Quantile(_) => signed(asked, now - then),
    };
    let why = if closer.sides.is_none() { Word::DriftNoTables } else { Word::DriftNoValues };
    let side = |value: Option<f64>| Cell::number(format.or_unknown(value.map(show), asked.say(why)));
    let difference = measure.then.zip(measure.now).map(change);
    Row::from(vec![
        Cell::short(label(asked, measure.what)),
        side(measure.then),
        side(measure.now),
        Cell::number(format.or_unknown(difference, asked.say(why))),
    ])
}

/// A difference with the digits that it needs.
fn signed(asked: &Asked<'_>, difference: f64) -> String {
    let digits = match difference.abs() {
        whole if whole.fract() == 0.0 => 0,
        large if large >= 100.0 => 1,
        _ => 3,
    };
    asked.format().signed(difference, digits)
}

fn label(asked: &Asked<'_>, what: What) -> Shown {
    let word = match what {
        What::Rows => Word::DriftCustomers,
        What::Values => Word::DriftValues,
        What::NullShare => Word::DriftNulls,
        What::Mean => Word::DriftMean,
        What::Quantile(0.0) => Word::ChartLowest,
        What::Quantile(1.0) => Word::ChartHighest,
        What::Quantile(0.5) => Word::ChartMedian,
        What::Quantile(share) => return asked.format().percent_digits(share, 0).into(),
    };
    asked.say(word).into()
}

/// The columns that moved farthest since the last published run; none where there was none.
pub fn skew(asked: &Asked<'_>) -> Option<TablePart> {
    let (format, language) = (asked.format(), asked.language());
    let lines = lines::since_last_run(&asked.seen.reported.report)?;
    let heads = vec![
        Column::text(asked.say(Word::DriftColumn)),
        Column::text(asked.say(Word::DriftState)),
        Column::number(asked.say(Word::DriftEffect)).hint(asked.say(Word::DriftEffectHint)),
        Column::number(asked.say(Word::DriftPValue)).hint(asked.say(Word::DriftPValueHint)),
        Column::text(asked.say(Word::DriftNote)),
    ];
    let row = |line: &Line| {
        let note = said::of_column(language, &line.found);
        let why = note.as_deref().unwrap_or_else(|| asked.say(Word::DriftNotCompared));
        let number = |value: Option<String>| Cell::number(format.or_unknown(value, why));
        Row::from(vec![
            Cell::link(line.name(), asked.href(line.name())),
            Cell::mark(mark(language, line.status)),
            number(line.effect().map(|effect| format.score(effect))),
            number(line.p_value().map(|p_value| format.p_value(p_value))),
            Cell::quiet(note.clone().unwrap_or_default()),
        ])
    };
    let table = TablePart::new(language, "skew", asked.say(Word::DriftSkewColumns), heads)
        .rows(lines.iter().take(SKEWED).map(row))
        .downloads(downloads::links_of(language, &asked.visit.query, "skew"));
    Some(table)
}

/// What was promised date by date, and what came to pass.
pub fn promises(asked: &Asked<'_>, promises: &[Promise]) -> TablePart {
    let (format, language) = (asked.format(), asked.language());
    let heads = vec![
        Column::text(asked.say(Word::DriftScoresOf)),
        Column::number(asked.say(Word::DriftEstimated)),
        Column::number(asked.say(Word::DriftRealised)),
        Column::number(asked.say(Word::DriftCustomers)),
        Column::text(asked.say(Word::DriftState)),
    ];
    let row = |promise: &Promise| {
        let estimated = promise.estimated.map(|it| format.score_interval(it.value, it.low, it.high));
        let realised = promise.realised.map(|value| match promise.interval {
            Some(interval) => format.score_interval(value, interval.low, interval.high),
            None => format.score(value),
        });
        let rows = promise.rows.map(|rows| format.count(rows));
        let no_label = asked.say(Word::DriftNoLabels);
        Row::from(vec![
            Cell::short(format.date(promise.as_of.date())),
            Cell::number(format.or_unknown(estimated, asked.say(Word::DriftNoEstimate))),
            Cell::number(format.or_unknown(realised, no_label)),
            Cell::number(format.or_unknown(rows, no_label)),
            Cell::mark(promise_mark(asked, promise.is_kept)),
        ])
    };
    TablePart::new(language, "performance", asked.say(Word::DriftKeptTable), heads)
        .rows(promises.iter().rev().map(row))
        .downloads(downloads::links_of(language, &asked.visit.query, "performance"))
}

fn promise_mark(asked: &Asked<'_>, is_kept: Option<bool>) -> Mark {
    let (glyph, word, class) = match is_kept {
        Some(true) => ("✓", Word::DriftAsPromised, "ok"),
        Some(false) => ("✕", Word::DriftNotAsPromised, "fail"),
        None => ("?", Word::DriftNotKnownYet, "quiet"),
    };
    Mark { glyph, word: asked.say(word).to_owned(), class }
}

/// What was not compared, and why.
pub fn skipped(asked: &Asked<'_>) -> TablePart {
    let language = asked.language();
    let columns = vec![Column::text(asked.say(Word::DriftColumn)), Column::text(asked.say(Word::DriftWhy))];
    let row = |skipped: &SkippedColumn| {
        Row::from(vec![
            Cell::short(skipped.column.as_str()),
            Cell::said_quietly(said::skipped(language, &skipped.reason)),
        ])
    };
    TablePart::new(language, "skipped", asked.say(Word::DriftSkipped), columns)
        .rows(asked.seen.reported.report.skipped.iter().map(row))
        .empty(asked.say(Word::DriftNoneSkipped))
        .downloads(downloads::links_of(language, &asked.visit.query, "skipped"))
}
