//! The tables: columns, a column on both sides, what was not compared.

use churn::drift::SkippedColumn;

use super::super::lines::{self, Line, Status};
use super::super::measures::{self as figures, Measure, What};
use super::super::said;
use super::super::seen::Closer;
use super::{Asked, mark};
use crate::format::Shown;
use crate::frame::{Cell, Column, Order, Pager, Position, Row, TablePart};
use crate::pages::{downloads, explorer};
use crate::query::{Direction, PAGE};
use crate::words::Word;

/// A page of the columns.
pub fn table(asked: &Asked<'_>) -> TablePart {
    let (format, language, query) = (asked.format(), asked.language(), &asked.visit.query);
    let listed = lines::listed(&asked.seen.reported.lines, asked.state);
    let range = asked.state.paging.of(listed.len());
    let position = Position { page: range.page as u64, per: asked.state.paging.per as u64, total: range.total as u64 };
    let pager = Pager::new(format, position, |page, per| query.set("per", &per).with(PAGE, &page));
    TablePart::new(language, "columns", asked.say(Word::DriftColumns), columns(asked))
        .note(asked.say(Word::DriftColumnsNote))
        .rows(listed[range.start..range.end].iter().map(|line| row(asked, line)))
        .pager(pager)
        .downloads(downloads::links(language, query))
}

/// Further statistics of a column have their place before the numbers of values.
fn columns(asked: &Asked<'_>) -> Vec<Column> {
    let sorted = |column: Column, name: &'static str| {
        let sort = asked.state.sort;
        let order = (sort.column == name).then_some(match sort.direction {
            Direction::Ascending => Order::Ascending,
            Direction::Descending => Order::Descending,
        });
        column.sorted(asked.visit.query.with("sort", &sort.clicked(name).value()), order)
    };
    let number = |word: Word, hint: Word| Column::number(asked.say(word)).hint(asked.say(hint));
    vec![
        sorted(Column::text(asked.say(Word::DriftColumn)), "column"),
        Column::text(asked.say(Word::DriftState)),
        sorted(number(Word::DriftStatistic, Word::DriftStatisticHint), "statistic"),
        sorted(number(Word::DriftPValue, Word::DriftPValueHint), "p_value"),
        sorted(number(Word::DriftImportance, Word::DriftImportanceHint), "importance"),
        sorted(number(Word::DriftWeight, Word::DriftWeightHint), "weight"),
        sorted(Column::number(asked.say(Word::DriftValuesThen)), "n_ref"),
        sorted(Column::number(asked.say(Word::DriftValuesNow)), "n_cur"),
        Column::text(asked.say(Word::DriftNote)),
    ]
}

fn row(asked: &Asked<'_>, line: &Line) -> Row {
    let (format, language) = (asked.format(), asked.language());
    let note = line.note.as_deref().map(|note| said::note(language, note));
    let not_compared = note.as_deref().unwrap_or_else(|| asked.say(Word::DriftNotCompared));
    let of_test = |value: Option<String>| Cell::number(format.or_unknown(value, not_compared));
    let weighed = |value: Option<String>| Cell::number(format.or_unknown(value, asked.say(no_importance(asked, line))));
    let weight = match line.weight() {
        None if line.importance.is_some() => of_test(None),
        weight => weighed(weight.map(|weight| format.number(weight, 4))),
    };
    let cells = vec![
        Cell::link(line.column.as_str(), asked.href(&line.column)),
        Cell::mark(mark(language, line.status)),
        of_test(line.ks.map(|ks| format.score(ks.statistic))),
        of_test(line.ks.map(|ks| format.p_value(ks.p_value))),
        weighed(line.importance.map(|share| format.percent(share))),
        weight,
        Cell::number(format.count(line.n_ref)),
        Cell::number(format.count(line.n_cur)),
        Cell::quiet(note.unwrap_or_default()),
    ];
    Row { cells, stands_out: asked.state.column.as_deref() == Some(line.column.as_str()) }
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
    TablePart::new(language, id, language.fill(Word::DriftFigures, &[("column", &closer.line.column)]), heads)
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
    let change = |difference: f64| match measure.what {
        What::Rows | What::Values => format.signed(difference, 0),
        What::NullShare => format.points(difference),
        What::Mean | What::Quantile(_) if is_share => format.points(difference),
        What::Mean | What::Quantile(_) => signed(asked, difference),
    };
    let why = if closer.sides.is_none() { Word::DriftNoTables } else { Word::DriftNoValues };
    let side = |value: Option<f64>| Cell::number(format.or_unknown(value.map(show), asked.say(why)));
    let difference = measure.then.zip(measure.now).map(|(then, now)| change(now - then));
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

/// What was not compared, and why.
pub fn skipped(asked: &Asked<'_>) -> TablePart {
    let language = asked.language();
    let columns = vec![Column::text(asked.say(Word::DriftColumn)), Column::text(asked.say(Word::DriftWhy))];
    let row = |skipped: &SkippedColumn| {
        Row::from(vec![Cell::short(skipped.column.as_str()), Cell::quiet(said::skipped(language, &skipped.reason))])
    };
    TablePart::new(language, "skipped", asked.say(Word::DriftSkipped), columns)
        .rows(asked.seen.reported.report.skipped.iter().map(row))
        .empty(asked.say(Word::DriftNoneSkipped))
        .downloads(downloads::links_of(language, &asked.visit.query, "skipped"))
}
