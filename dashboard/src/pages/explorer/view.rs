//! What the reader sees of a table: which there are, its columns, its rows.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use churn::recommend::ReasonTexts;
use polars::prelude::DataFrame;

use super::layers::{Layer, Listed};
use super::profile::{ColumnProfile, Profile, Spread};
use super::state::{BY, COLUMN, CUSTOMER, ColumnOrder, KEYS, Op, RowOrder, SORT, TABLE};
use super::values::{Kind, Values};
use super::{Choice, Looked, Seen};
use crate::chart::{Spark, SparkForm, Unit, spark};
use crate::data::{DataError, cells};
use crate::format::{Format, Shown};
use crate::frame::{Cell, Column, Link, PageId, Pager, Position, Row, TablePart};
use crate::pages::{downloads, names};
use crate::query::{Direction, PAGE, Query};
use crate::server::Visit;
use crate::words::{Language, Word};

/// The table of columns in the page, and its file in an address.
pub const COLUMNS: &str = "columns";
/// A spark in the table of columns, in pixels.
const SPARK: f64 = 120.0;
/// So many columns of a row are shown; a file has all.
const SHOWN_COLUMNS: usize = 12;

/// The tables of a layer.
pub struct LayerLine {
    /// The layer.
    pub name: &'static str,
    /// Its tables, and whether each is the chosen one.
    pub tables: Vec<(Link, bool)>,
}

/// A line of the form of filters.
pub struct FilterLine {
    /// The keys of column, operator and value.
    pub keys: [&'static str; 3],
    /// The columns: name, and whether it is chosen.
    pub columns: Vec<(String, bool)>,
    /// The operators: value, word, whether it is chosen.
    pub ops: Vec<(&'static str, &'static str, bool)>,
    /// As it was typed.
    pub value: String,
}

/// The layers with their tables.
pub fn layers(visit: &Visit, choice: &Choice) -> Vec<LayerLine> {
    let chosen = |table: &Listed| choice.chosen.as_ref() == Some(table);
    let line = |layer: Layer| {
        let of_layer = choice.tables.iter().filter(|table| table.layer == layer);
        let link = |table: &Listed| (Link::new(table.name.clone(), of_table(visit, &table.name)), chosen(table));
        LayerLine { name: visit.language.say(layer.word()), tables: of_layer.map(link).collect() }
    };
    Layer::ALL.into_iter().map(line).filter(|line| !line.tables.is_empty()).collect()
}

/// The page of a table, of the same run and in the same language.
fn of_table(visit: &Visit, table: &str) -> String {
    visit.query.to(PageId::Explorer.path(), &[(TABLE, table)])
}

/// Why a table is not shown, and where to go instead.
pub fn instead(visit: &Visit, choice: &Choice, seen: &Seen) -> Option<(String, Option<Link>)> {
    let Some(chosen) = &choice.chosen else {
        return Some((visit.language.say(Word::ExplorerNoTables).to_owned(), None));
    };
    let fill = |word: Word| visit.language.fill(word, &[("table", &chosen.name)]);
    match seen {
        Seen::Table(_) => None,
        Seen::Report => Some((fill(Word::ExplorerReportAlone), None)),
        Seen::TooLarge => {
            const MONTHLY: &str = "bronze_customer_month";
            let monthly = choice.tables.iter().find(|table| table.name == MONTHLY && table.name != chosen.name);
            let link =
                monthly.map(|table| Link::new(visit.language.say(Word::ExplorerMonthly), of_table(visit, &table.name)));
            Some((fill(Word::ExplorerTooLarge), link))
        }
    }
}

/// A number with the digits that it needs.
pub fn plain(format: Format, value: f64) -> String {
    let digits = match value.abs() {
        whole if whole.fract() == 0.0 => 0,
        large if large >= 100.0 => 1,
        _ => 3,
    };
    format.number(value, digits)
}

/// What a column means, in the words of the run.
pub fn meaning<'a>(language: Language, column: &str, reasons: Option<&'a ReasonTexts>) -> Option<&'a str> {
    let reasons = reasons?;
    let sentence = reasons.reasons.get(reasons.features.get(column)?)?;
    Some(language.sentence(sentence))
}

/// The columns with their figures.
pub fn columns(visit: &Visit, looked: &Looked, reasons: Option<&ReasonTexts>) -> TablePart {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let profile = &*looked.profile;
    let by_nulls = looked.state.columns == ColumnOrder::Nulls;
    let nulls_href = if by_nulls { visit.query.without(BY) } else { visit.query.with(BY, "nulls") };
    let heads = vec![
        Column::text(say(Word::ExplorerColumn)),
        Column::text(say(Word::ExplorerSpread)),
        Column::number(say(Word::ExplorerNulls)).sorted(nulls_href, by_nulls.then_some(Direction::Descending)),
        Column::number(say(Word::ExplorerDistinct)),
        Column::number(say(Word::ChartLowest)),
        Column::number(say(Word::ChartQuarter)),
        Column::number(say(Word::ChartMedian)),
        Column::number(say(Word::ChartThreeQuarters)),
        Column::number(say(Word::ChartHighest)),
        Column::text(say(Word::ExplorerType)),
        Column::text(say(Word::ExplorerTier)).hint(say(Word::ExplorerTierHint)),
        Column::text(say(Word::ExplorerMeaning)),
    ];
    let mut order: Vec<&ColumnProfile> = profile.columns.iter().collect();
    if by_nulls {
        order.sort_by_key(|column| Reverse(column.nulls));
    }
    let rows = language.fill(Word::ExplorerRowsOf, &[("rows", &format.count(profile.rows))]);
    TablePart::new(language, COLUMNS, say(Word::ExplorerColumns), heads)
        .note(rows)
        .rows(order.into_iter().map(|column| column_row(visit, looked, column, reasons)))
        .downloads(downloads::links_of(language, &visit.query, COLUMNS))
}

fn column_row(visit: &Visit, looked: &Looked, column: &ColumnProfile, reasons: Option<&ReasonTexts>) -> Row {
    let (format, language) = (visit.format(), visit.language);
    let say = |word: Word| language.say(word);
    let name = if column.name == CUSTOMER || column.kind == Kind::Other {
        Cell::short(column.name.as_str())
    } else {
        Cell::link(column.name.as_str(), visit.query.with(COLUMN, &column.name))
    };
    let nulls = looked.profile.null_share(column).map(|share| format.percent(share));
    let number = |of: fn(&Spread) -> f64| {
        format.or_unknown(column.spread.as_ref().map(|spread| plain(format, of(spread))), say(Word::ExplorerNoNumbers))
    };
    let (least, greatest) = match column.days {
        Some((first, last)) => (Shown::new(format.date(first)), Shown::new(format.date(last))),
        None => (number(|spread| spread.min), number(|spread| spread.max)),
    };
    let tier = visit.site.facts().feature_tiers.get(&column.name).map(String::as_str).unwrap_or_default();
    let cells = vec![
        name,
        looked.sparks.get(&column.name).cloned().map(Cell::picture).unwrap_or_default(),
        Cell::number(format.or_unknown(nulls, say(Word::ExplorerNoRows))),
        Cell::number(format.count(column.distinct)),
        Cell::number(least),
        Cell::number(number(|spread| spread.p25)),
        Cell::number(number(|spread| spread.median)),
        Cell::number(number(|spread| spread.p75)),
        Cell::number(greatest),
        Cell::short(column.dtype.as_str()),
        Cell::short(tier),
        Cell::quiet(meaning(language, &column.name, reasons).unwrap_or_default()),
    ];
    Row { cells, stands_out: looked.state.column.as_ref() == Some(&column.name) }
}

/// How each column of numbers is spread, by its name.
pub fn sparks(language: Language, profile: &Profile) -> BTreeMap<String, String> {
    let drawn = profile.columns.iter().filter(|column| !column.bins.is_empty());
    drawn.map(|column| (column.name.clone(), small(language, column))).collect()
}

/// How a column is spread, as small as a word.
fn small(language: Language, column: &ColumnProfile) -> String {
    let values = column.bins.iter().zip(1..).map(|(count, bin): (&u64, u32)| (bin.to_string(), Some(*count as f64)));
    let data = Spark {
        title: language.fill(Word::ExplorerSpreadOf, &[("column", &column.name)]),
        form: SparkForm::Bars,
        unit: Unit::Count,
        name_head: language.say(Word::ExplorerBin).to_owned(),
        value_head: language.say(Word::RunRows).to_owned(),
        values: values.collect(),
    };
    spark(&data, Format(language), SPARK).svg
}

/// The lines of the form: those that are filled in, and one more.
pub fn filters(visit: &Visit, looked: &Looked) -> Vec<FilterLine> {
    let query = &visit.query;
    let filled = KEYS.iter().rposition(|[column, ..]| query.first(column).is_some()).map_or(0, |last| last + 1);
    let line = |keys: &[&'static str; 3]| {
        let [column, op, value] = *keys;
        let (chosen, op) = (query.first(column), query.first(op).unwrap_or(Op::Is.value()));
        let can_be = looked.profile.columns.iter().filter(|one| one.name != CUSTOMER && one.kind != Kind::Other);
        FilterLine {
            keys: *keys,
            columns: can_be.map(|one| (one.name.clone(), chosen == Some(one.name.as_str()))).collect(),
            ops: Op::ALL.map(|one| (one.value(), visit.language.say(op_word(one)), one.value() == op)).into(),
            value: query.first(value).unwrap_or_default().to_owned(),
        }
    };
    KEYS.iter().take(filled + 1).map(line).collect()
}

fn op_word(op: Op) -> Word {
    match op {
        Op::Is => Word::ExplorerOpIs,
        Op::IsNot => Word::ExplorerOpIsNot,
        Op::AtLeast => Word::ExplorerOpAtLeast,
        Op::AtMost => Word::ExplorerOpAtMost,
        Op::Above => Word::ExplorerOpAbove,
        Op::Below => Word::ExplorerOpBelow,
        Op::Contains => Word::ExplorerOpContains,
        Op::Unknown => Word::ExplorerOpUnknown,
        Op::Known => Word::ExplorerOpKnown,
    }
}

/// What the form brings along.
pub fn hidden(query: &Query) -> Vec<(String, String)> {
    query.hidden(KEYS.as_flattened())
}

/// The page without filters, where there are some.
pub fn clear(query: &Query) -> Option<String> {
    let keys = KEYS.as_flattened();
    query.has_any(keys).then(|| query.except(&[keys, &[PAGE]].concat()).href())
}

/// A page of rows.
pub fn rows(visit: &Visit, looked: &Looked) -> Result<TablePart, DataError> {
    let (format, language, query) = (visit.format(), visit.language, &visit.query);
    let paging = looked.state.paging;
    let range = paging.of(looked.rows.len());
    let shown = cells::rows_at(&looked.frame, &looked.rows[range.start..range.end])?;
    let names = shown_columns(looked);
    let position = Position { page: range.page as u64, per: paging.per as u64, total: range.total as u64 };
    let pager = Pager::new(format, position, |page, per| query.set("per", &per).with(PAGE, &page));
    let heads = names.iter().map(|name| head(query, looked, name)).collect();
    let columns = [names.len(), looked.profile.columns.len()].map(|count| format.count(count as u64));
    let note = language.fill(Word::ExplorerSomeColumns, &[("shown", &columns[0]), ("all", &columns[1])]);
    let table = TablePart::new(language, "rows", language.say(Word::RunRows), heads)
        .rows(cells_of(visit, &shown, &names)?)
        .pager(pager)
        .downloads(downloads::links(language, query));
    Ok(if names.len() < looked.profile.columns.len() { table.note(note) } else { table })
}

/// The first columns, and those that something is asked of.
fn shown_columns(looked: &Looked) -> Vec<String> {
    let state = &looked.state;
    let asked = state.filters.iter().map(|filter| &filter.column);
    let asked = asked.chain(&state.column).chain(state.order.iter().map(|order| &order.column));
    let asked: Vec<&String> = asked.collect();
    let columns = looked.profile.columns.iter().filter(|column| column.kind != Kind::Other);
    let shown = columns.enumerate().filter(|(place, column)| *place < SHOWN_COLUMNS || asked.contains(&&column.name));
    shown.map(|(_, column)| column.name.clone()).collect()
}

fn head(query: &Query, looked: &Looked, name: &str) -> Column {
    let kind = looked.profile.column(name).map(|column| column.kind);
    let column = if kind == Some(Kind::Number) { Column::number(name) } else { Column::text(name) };
    let order = looked.state.order.as_ref();
    let direction = order.filter(|order| order.column == name).map(|order| order.direction);
    column.sorted(query.with(SORT, &RowOrder::clicked(order, name)), direction)
}

fn cells_of(visit: &Visit, shown: &DataFrame, names: &[String]) -> Result<Vec<Row>, DataError> {
    let columns: Vec<(&String, Values<'_>)> =
        names.iter().map(|name| Ok((name, Values::of(shown, name)?))).collect::<Result<_, DataError>>()?;
    let row =
        |row: usize| Row::from(columns.iter().map(|(name, values)| cell(visit, name, values, row)).collect::<Vec<_>>());
    Ok((0..shown.height()).map(row).collect())
}

fn cell(visit: &Visit, name: &str, values: &Values<'_>, row: usize) -> Cell {
    let format = visit.format();
    let unknown = |shown: Option<String>| format.or_unknown(shown, visit.language.say(Word::ExplorerNoValue));
    match values {
        Values::Numbers(cells) => Cell::number(unknown(cells[row].map(|value| plain(format, value)))),
        Values::Texts(cells) => match cells[row] {
            Some(id) if name == CUSTOMER => Cell::link(id, visit.customer(id)),
            text => Cell::short(unknown(text.map(|text| names::word(visit.language, text)))),
        },
        Values::Dates(cells) => Cell::short(unknown(cells[row].map(|day| format.date(day)))),
        Values::Other => Cell::default(),
    }
}
