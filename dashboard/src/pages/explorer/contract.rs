//! What the contract of a layer says of its tables: passed or not, what it found, what the readings held.

use churn::contract::{ColumnProfile, Layer as Contract, QualityReport, Severity, Violation};

use super::{Choice, Layer};
use crate::frame::{Cell, Column, Mark, Row, RunState, TablePart};
use crate::server::Visit;
use crate::words::Word;

/// The report of the chosen table's layer.
fn report(choice: &Choice) -> Option<&QualityReport> {
    choice.chosen.as_ref()?.layer.contract().and_then(|layer| choice.report(layer))
}

/// Class, glyph and words of the strip; nothing where nothing is chosen.
pub fn said(visit: &Visit, choice: &Choice) -> Option<(&'static str, &'static str, String)> {
    let (format, language) = (visit.format(), visit.language);
    let layer = choice.chosen.as_ref()?.layer;
    let name = language.say(layer_word(layer));
    let Some(report) = report(choice) else {
        let word = if layer.contract().is_some() { Word::ExplorerNoReport } else { Word::ExplorerNoContract };
        return Some(("info", "ⓘ", language.fill(word, &[("layer", name)])));
    };
    let warnings = report.warnings();
    let blocking = report.violations.len() - warnings;
    let (warnings, blocking) = (format.count(warnings as u64), format.count(blocking as u64));
    let values = [("layer", name), ("warnings", warnings.as_str()), ("blocking", blocking.as_str())];
    let (class, glyph, word) = match (report.passed, report.violations.is_empty()) {
        (true, true) => ("info", "✓", Word::ExplorerClean),
        (true, false) => ("warn", "△", Word::ExplorerPassed),
        (false, _) => ("fail", "✕", Word::ExplorerNotPassed),
    };
    Some((class, glyph, language.fill(word, &values)))
}

/// The word of a layer.
pub fn layer_word(layer: Layer) -> Word {
    match layer {
        Layer::Raw => Word::ExplorerLayerRaw,
        Layer::Bronze => Word::ExplorerLayerBronze,
        Layer::Silver => Word::ExplorerLayerSilver,
        Layer::Gold => Word::ExplorerLayerGold,
        Layer::Scores => Word::StageScore,
        Layer::Recommendations => Word::StageRecommend,
    }
}

/// The broken rules; the rows that break them are shown to operators alone, for they name customers.
pub fn violations(visit: &Visit, choice: &Choice) -> Option<TablePart> {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let report = report(choice).filter(|report| !report.violations.is_empty())?;
    let mut columns = vec![
        Column::text(say(Word::ExplorerTable)),
        Column::text(say(Word::ExplorerColumn)),
        Column::text(say(Word::ExplorerRule)),
        Column::number(say(Word::RunRows)),
        Column::text(say(Word::ExplorerSeverity)),
    ];
    let is_operator = visit.person.is_operator();
    if is_operator {
        columns.push(Column::text(say(Word::ExplorerExamples)));
    }
    let row = |violation: &Violation| {
        let severity = match violation.severity {
            Severity::Warn => Mark::state(RunState::Waiting, language).called(say(Word::ExplorerWarns)),
            Severity::Block => Mark::state(RunState::Failed, language).called(say(Word::ExplorerBlocks)),
        };
        let mut cells = vec![
            Cell::short(violation.table.as_str()),
            Cell::short(violation.column.as_deref().unwrap_or_default()),
            Cell::text(violation.rule.as_str()),
            Cell::number(format.count(violation.count)),
            Cell::mark(severity),
        ];
        if is_operator {
            cells.push(Cell::list(violation.examples.iter().cloned()));
        }
        Row::from(cells)
    };
    let table = TablePart::new(language, "violations", say(Word::ExplorerViolations), columns);
    Some(table.rows(report.violations.iter().map(row)))
}

/// What the hourly readings held, beside the tables that are made of them.
pub fn readings(visit: &Visit, choice: &Choice) -> Vec<(&'static str, String)> {
    let is_near = choice.chosen.as_ref().is_some_and(|chosen| matches!(chosen.layer, Layer::Raw | Layer::Bronze));
    let readings = choice.report(Contract::Bronze).filter(|_| is_near).and_then(|report| report.readings.as_ref());
    let Some(readings) = readings else { return Vec::new() };
    let counts = [
        (Word::ExplorerReadings, readings.rows),
        (Word::ExplorerDropped, readings.dropped_rows),
        (Word::ExplorerNegativeElec, readings.negative_elec),
        (Word::ExplorerNegativeGas, readings.negative_gas),
    ];
    counts.map(|(label, count)| (visit.language.say(label), visit.format().count(count))).into()
}

/// The columns of a raw file as its report has them.
pub fn columns(visit: &Visit, choice: &Choice) -> Option<TablePart> {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let chosen = choice.chosen.as_ref()?;
    let profile = report(choice)?.tables.iter().find(|table| table.table == chosen.name)?;
    let plain = |value: Option<f64>| {
        format.or_unknown(value.map(|value| super::view::plain(format, value)), say(Word::ExplorerNoNumbers))
    };
    let row = |column: &ColumnProfile| {
        let (least, greatest) = match (&column.first_date, &column.last_date) {
            (Some(first), Some(last)) => (first.as_str().into(), last.as_str().into()),
            _ => (plain(column.min), plain(column.max)),
        };
        Row::from(vec![
            Cell::short(column.name.as_str()),
            Cell::number(format.percent(column.null_rate)),
            Cell::number(least),
            Cell::number(greatest),
            Cell::short(column.dtype.as_str()),
        ])
    };
    let columns = vec![
        Column::text(say(Word::ExplorerColumn)),
        Column::number(say(Word::ExplorerNulls)),
        Column::number(say(Word::ChartLowest)),
        Column::number(say(Word::ChartHighest)),
        Column::text(say(Word::ExplorerType)),
    ];
    let rows = language.fill(Word::ExplorerRowsOf, &[("rows", &format.count(profile.rows))]);
    let table = TablePart::new(language, "columns", say(Word::ExplorerColumns), columns);
    Some(table.note(rows).rows(profile.schema.iter().map(row)))
}
