//! What the checks of a layer say of its tables: passed or not, what they found, what the readings held.

use std::cmp::Reverse;

use churn::contract::{ColumnProfile, Layer as Contract, QualityReport};
use churn::quality::Finding;
use lake::keys;

use super::{COLUMNS, Choice, Layer};
use crate::export::List;
use crate::frame::{Cell, Column, Row, TablePart};
use crate::pages::{downloads, findings};
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
    let name = language.say(layer.word());
    let Some(report) = report(choice) else {
        let (class, glyph, word) = match layer.contract() {
            Some(contract) if is_torn(visit, contract) => ("warn", "△", Word::BannerPartTorn),
            Some(_) => ("info", "ⓘ", Word::ExplorerNoReport),
            None => ("info", "ⓘ", Word::ExplorerNoContract),
        };
        return Some((class, glyph, language.fill(word, &[("layer", name)])));
    };
    if report.passed && says_nothing(report) {
        return Some(("warn", "△", language.fill(Word::ExplorerNothingChecked, &[("layer", name)])));
    }
    let is_clean = report.warnings() == 0;
    let blocking = report.all_findings().iter().filter(|finding| finding.blocks()).count();
    let (warnings, blocking) = (format.count(report.warnings() as u64), format.count(blocking as u64));
    let values = [("layer", name), ("warnings", warnings.as_str()), ("blocking", blocking.as_str())];
    let (class, glyph, word) = match (report.passed, is_clean) {
        (true, true) => ("info", "✓", Word::ExplorerClean),
        (true, false) => ("warn", "△", Word::ExplorerPassed),
        (false, _) => ("fail", "✕", Word::ExplorerNotPassed),
    };
    Some((class, glyph, language.fill(word, &values)))
}

/// Whether there is a report that cannot be read.
fn is_torn(visit: &Visit, layer: Contract) -> bool {
    visit.snapshot().is_ok_and(|snapshot| visit.torn().names(&keys::quality_report(snapshot.run_id(), layer)))
}

/// Whether a report names no check, no table and nothing that was found: then nobody knows what it is about. Reports of
/// before name tables and no checks.
fn says_nothing(report: &QualityReport) -> bool {
    let tells = !report.tables.is_empty() || report.readings.is_some() || !report.all_findings().is_empty();
    report.checks.is_empty() && !tells
}

/// What was found, the worst first; rows that break a rule of the contract are shown to operators alone, for they name
/// customers.
pub fn violations(visit: &Visit, choice: &Choice) -> Option<TablePart> {
    let language = visit.language;
    let mut found = all_found(report(choice)?);
    if found.is_empty() {
        return None;
    }
    found.sort_by_key(|(finding, _)| Reverse(finding.severity));
    let mut columns = findings::columns(language);
    let is_operator = visit.person.is_operator();
    if is_operator {
        columns.push(Column::text(language.say(Word::ExplorerExamples)));
    }
    let row = |(finding, examples): &(Finding, &[String])| {
        let mut cells = findings::cells(visit, finding);
        if is_operator {
            cells.push(Cell::list(examples.iter().cloned()));
        }
        Row::from(cells)
    };
    let mut list = findings::list(&found, |(finding, _)| finding);
    if is_operator {
        list = list.text("examples", |(_, examples)| examples.join(" | "));
    }
    let table = TablePart::new(language, "violations", language.say(Word::ExplorerViolations), columns);
    Some(downloads::listed(table.rows(found.iter().map(row)), &visit.query, list))
}

/// The broken rules of the contract with rows that break them, and what was found besides.
fn all_found(report: &QualityReport) -> Vec<(Finding, &[String])> {
    const NONE: &[String] = &[];
    let besides = report.findings.iter().map(|finding| (finding.clone(), NONE));
    let of_contract = report.violations.iter().map(|violation| {
        // The count stands in a column of its own.
        let finding = Finding { words: violation.rule.clone(), ..Finding::from(violation) };
        (finding, violation.examples.as_slice())
    });
    of_contract.chain(besides).collect()
}

/// What the hourly readings held and cover, beside the tables that are made of them.
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
    let (format, language) = (visit.format(), visit.language);
    let mut said: Vec<_> = counts.map(|(label, count)| (language.say(label), format.count(count))).into();
    // Reports of before do not know what the readings cover.
    if !readings.coverage.days.is_empty() {
        said.push((language.say(Word::ExplorerWithoutValue), format.count(readings.coverage.nulls)));
    }
    if let Some(covered) = choice.report(Contract::Gold).and_then(|report| report.coverage.as_ref()) {
        let (complete, all) = (format.count(covered.complete), format.count(covered.customers));
        let values = [("complete", complete.as_str()), ("customers", all.as_str())];
        said.push((language.say(Word::ExplorerCovered), language.fill(Word::ExplorerCoveredOf, &values)));
    }
    said
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
    let table = TablePart::new(language, COLUMNS, say(Word::ExplorerColumns), columns);
    let table = table.note(rows).rows(profile.schema.iter().map(row));
    Some(downloads::listed(table, &visit.query, columns_list(&profile.schema, profile.rows)))
}

/// The columns of a raw file as a file has them; of all that the table of a later layer tells, what its report knows.
fn columns_list(columns: &[ColumnProfile], rows: u64) -> List {
    List::of(columns)
        .text("column", |column| column.name.clone())
        .text("type", |column| column.dtype.clone())
        .count("rows", |_| rows)
        .count("nulls", |column| column.nulls)
        .number("null_share", |column| column.null_rate)
        .number("min", |column| column.min)
        .number("max", |column| column.max)
        .text("first_day", |column| column.first_date.clone())
        .text("last_day", |column| column.last_date.clone())
        .into()
}
