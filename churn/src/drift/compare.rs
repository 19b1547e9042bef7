//! Compares two tables column by column.

use std::collections::{BTreeMap, HashSet};

use polars::prelude::{Column, DataFrame, DataType};

use super::calendar::{Dates, Held, behaviour};
use super::category::{self, Texts};
use super::column::{ColumnDrift, ColumnKind, ColumnState};
use super::numeric::{self, Numbers};
use super::report::{DriftReport, SkippedColumn};
use super::rules::judge;
use super::settings::DriftSettings;
use super::statistics::adjust::benjamini_hochberg;
use crate::columns::PREDICTION;
use crate::error::{Error, Result};
use crate::features::Calendar;
use crate::snapshot_date::SnapshotDate;
use crate::watch::Watch;

/// A table of customers, one row each, with the features and `churn_proba`; the order of the rows does not matter.
#[derive(Debug, Clone, Copy)]
pub struct Customers<'a> {
    /// The table.
    pub table: &'a DataFrame,
    /// The date they were looked at from; nothing where nobody noted it.
    pub as_of: Option<SnapshotDate>,
}

/// What is held against what.
#[derive(Debug, Clone)]
pub struct Comparison<'a> {
    /// The champion's training values, or another table that today's customers are held against.
    pub reference: Customers<'a>,
    /// Today's customers.
    pub current: Customers<'a>,
    /// Customers of the same calendar month of an earlier year, for what depends on the season.
    pub same_month: Option<Customers<'a>>,
    /// How columns depend on the date; those that are not there do not.
    pub calendar: BTreeMap<String, Calendar>,
    /// Each feature's share of all that moves the model, 0 to 1; where there is none, every feature counts alike.
    pub importance: BTreeMap<String, f64>,
}

impl<'a> Comparison<'a> {
    /// Two tables, of which nothing more is known.
    pub fn of(reference: &'a DataFrame, current: &'a DataFrame) -> Self {
        let undated = |table| Customers { table, as_of: None };
        Self {
            reference: undated(reference),
            current: undated(current),
            same_month: None,
            calendar: BTreeMap::new(),
            importance: BTreeMap::new(),
        }
    }
}

/// Compares both tables. Nulls and NaN are no values, and their share is compared for itself. Every edge case has one
/// answer, see [`ColumnState`].
///
/// Fails when a table has no `churn_proba`, or when a column has become text or a number.
pub fn compare(comparison: &Comparison<'_>, settings: &DriftSettings, watch: &dyn Watch) -> Result<DriftReport> {
    settings.validate()?;
    let Comparison { reference, current, .. } = comparison;
    require_prediction("drift reference", reference.table)?;
    require_prediction("drift current", current.table)?;
    let (names, skipped) = sort_out(reference.table, current.table);
    let comparing = Comparing { comparison, settings, dates: dates(comparison, settings) };
    let mut columns = Vec::with_capacity(names.len());
    for (done, (name, content)) in names.iter().enumerate() {
        watch.report(done as u64, Some(names.len() as u64))?;
        columns.push(comparing.column(name, *content)?);
    }
    watch.report(names.len() as u64, Some(names.len() as u64))?;
    weigh(&mut columns, &comparison.importance);
    adjust(&mut columns);
    Ok(DriftReport {
        verdict: judge(settings.rule, &columns, settings),
        beside: Some(judge(settings.rule.other(), &columns, settings)),
        rows_ref: reference.table.height() as u64,
        rows_cur: current.table.height() as u64,
        as_of: current.as_of,
        reference_as_of: reference.as_of,
        same_month_as_of: comparison.same_month.and_then(|month| month.as_of),
        columns,
        skipped,
        skew: None,
    })
}

fn dates(comparison: &Comparison<'_>, settings: &DriftSettings) -> Dates {
    Dates {
        then: comparison.reference.as_of,
        now: comparison.current.as_of,
        has_same_month: comparison.same_month.is_some(),
        same_date_days: settings.same_date_days,
    }
}

fn require_prediction(table: &str, frame: &DataFrame) -> Result<()> {
    let numeric = frame.column(PREDICTION).is_ok_and(|column| column.dtype().is_primitive_numeric());
    if numeric { Ok(()) } else { Err(Error::data(table, Some(PREDICTION), None, "must be a column of numbers")) }
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Numbers,
    Texts,
}

impl Content {
    fn of(dtype: &DataType) -> Option<Self> {
        match dtype {
            DataType::String => Some(Self::Texts),
            dtype if dtype.is_primitive_numeric() => Some(Self::Numbers),
            _ => None,
        }
    }
}

/// The columns that are compared, and the others with the reason why they are skipped.
fn sort_out(reference: &DataFrame, current: &DataFrame) -> (Vec<(String, Content)>, Vec<SkippedColumn>) {
    let mut seen = HashSet::new();
    let mut comparable = Vec::new();
    let mut skipped = Vec::new();
    for column in reference.columns().iter().chain(current.columns()) {
        let name = column.name().to_string();
        if !seen.insert(name.clone()) {
            continue;
        }
        if let Some(content) = content(&name, reference, current) {
            comparable.push((name, content));
        } else {
            let reason = format!("{}: only numbers and texts are compared", column.dtype());
            skipped.push(SkippedColumn { column: name, reason });
        }
    }
    (comparable, skipped)
}

/// What a column holds; one that is only null on a side holds what it holds on the other.
fn content(name: &str, reference: &DataFrame, current: &DataFrame) -> Option<Content> {
    let of = |table: &DataFrame| table.column(name).ok().and_then(|column| Content::of(column.dtype()));
    of(reference).or_else(|| of(current))
}

/// What all columns of a comparison have in common.
struct Comparing<'a> {
    comparison: &'a Comparison<'a>,
    settings: &'a DriftSettings,
    dates: Dates,
}

impl Comparing<'_> {
    fn column(&self, name: &str, content: Content) -> Result<ColumnDrift> {
        match content {
            Content::Numbers => self.numbers(name),
            Content::Texts => self.texts(name).map(|column| ColumnDrift { kind: ColumnKind::Category, ..column }),
        }
    }

    fn numbers(&self, name: &str) -> Result<ColumnDrift> {
        let Comparison { reference, current, same_month, .. } = self.comparison;
        let then = side("drift reference", reference.table, name, numbers)?;
        let now = side("drift current", current.table, name, numbers)?;
        let (Some(then), Some(now)) = (&then, &now) else {
            return Ok(one_side(name, then.map(|side| side.count()), now.map(|side| side.count())));
        };
        if name != PREDICTION && self.has_vanished(then.count(), now.count()) {
            return Ok(ColumnDrift::all_null(name, then.count()));
        }
        let compare = |then: &Numbers, months: Option<f64>| numeric::compare(name, then, now, months, self.settings);
        Ok(match self.held(name) {
            Held::AsIs => compare(then, None),
            Held::After(months) => compare(then, Some(months)),
            Held::NotCounted => uncounted(compare(then, None)),
            Held::OfSameMonth => match past(same_month.as_ref(), name, numbers)? {
                Some((month, as_of)) => held_against(compare(&month, None), as_of),
                None => uncounted(compare(then, None)),
            },
        })
    }

    fn texts(&self, name: &str) -> Result<ColumnDrift> {
        let Comparison { reference, current, same_month, .. } = self.comparison;
        let then = side("drift reference", reference.table, name, texts)?;
        let now = side("drift current", current.table, name, texts)?;
        let (Some(then), Some(now)) = (&then, &now) else {
            return Ok(one_side(name, then.map(|side| side.count()), now.map(|side| side.count())));
        };
        if self.has_vanished(then.count(), now.count()) {
            return Ok(ColumnDrift::all_null(name, then.count()));
        }
        let compare = |then: &Texts| category::compare(name, then, now, self.settings);
        Ok(match self.held(name) {
            Held::AsIs => compare(then),
            // Nothing can be taken off a text.
            Held::After(_) | Held::NotCounted => uncounted(compare(then)),
            Held::OfSameMonth => match past(same_month.as_ref(), name, texts)? {
                Some((month, as_of)) => held_against(compare(&month), as_of),
                None => uncounted(compare(then)),
            },
        })
    }

    fn held(&self, name: &str) -> Held {
        let calendar = &self.comparison.calendar;
        if name != PREDICTION {
            return self.dates.hold(behaviour(calendar, name));
        }
        let columns = self.comparison.reference.table.columns().iter();
        self.dates.hold_prediction(columns.map(|column| behaviour(calendar, column.name())))
    }

    /// Whether a column had enough values, and a table that is large enough has none.
    fn has_vanished(&self, then: u64, now: u64) -> bool {
        let table_is_large = self.comparison.current.table.height() as u64 >= self.settings.min_rows;
        now == 0 && then >= self.settings.min_rows && table_is_large
    }
}

/// A column that one table lacks.
fn one_side(name: &str, then: Option<u64>, now: Option<u64>) -> ColumnDrift {
    match now {
        Some(values) => ColumnDrift::new(name, values),
        None => ColumnDrift::missing(name, then.unwrap_or_default()),
    }
}

fn uncounted(column: ColumnDrift) -> ColumnDrift {
    match column.state {
        ColumnState::Compared => ColumnDrift { state: ColumnState::Calendar, ..column },
        _ => column,
    }
}

fn held_against(column: ColumnDrift, as_of: Option<SnapshotDate>) -> ColumnDrift {
    ColumnDrift { held_against: as_of, ..column }
}

/// A column of the table of the same month, with its date.
fn past<T>(
    month: Option<&Customers<'_>>,
    name: &str,
    read: impl Fn(&str, &Column) -> Result<T>,
) -> Result<Option<(T, Option<SnapshotDate>)>> {
    let Some(month) = month else { return Ok(None) };
    Ok(side("drift of the same month", month.table, name, read)?.map(|side| (side, month.as_of)))
}

/// A side of a column; nothing where the table lacks it.
fn side<T>(table: &str, frame: &DataFrame, name: &str, read: impl Fn(&str, &Column) -> Result<T>) -> Result<Option<T>> {
    frame.column(name).ok().map(|column| read(table, column)).transpose()
}

fn numbers(table: &str, column: &Column) -> Result<Numbers> {
    if column.dtype() != &DataType::Null && !column.dtype().is_primitive_numeric() {
        return Err(other_type(table, column, "a number"));
    }
    let column = column.cast(&DataType::Float64).map_err(Error::table("compare a drift column"))?;
    let values = column.f64().map_err(Error::table("compare a drift column"))?;
    let numbers = Numbers::of(values.iter());
    // Customers that the model may have seen have no prediction here, and that says nothing of them.
    let nulls = if column.name().as_str() == PREDICTION { 0 } else { numbers.nulls };
    Ok(Numbers { nulls, ..numbers })
}

fn texts(table: &str, column: &Column) -> Result<Texts> {
    if column.dtype() == &DataType::Null {
        return Ok(Texts::of(std::iter::repeat_n(None, column.len())));
    }
    let values = column.str().map_err(|_| other_type(table, column, "a text"))?;
    Ok(Texts::of(values.iter()))
}

fn other_type(table: &str, column: &Column, wanted: &str) -> Error {
    let rule = format!("is {} here and {wanted} in the other table", column.dtype());
    Error::data(table, Some(column.name().as_str()), None, rule)
}

/// Notes how much each feature matters; where nothing is known of it, all matter alike.
fn weigh(columns: &mut [ColumnDrift], importance: &BTreeMap<String, f64>) {
    let of_model = |column: &ColumnDrift| column.column != PREDICTION && column.state != ColumnState::New;
    let features = columns.iter().filter(|column| of_model(column)).count().max(1) as f64;
    for column in columns.iter_mut().filter(|column| of_model(column)) {
        let known = importance.get(&column.column).copied().unwrap_or_default();
        column.importance = Some(if importance.is_empty() { 1.0 / features } else { known });
    }
}

/// Adjusts the p-values of the columns that count for their number.
fn adjust(columns: &mut [ColumnDrift]) {
    let counts = |column: &&mut ColumnDrift| column.state == ColumnState::Compared;
    let mut counted: Vec<&mut ColumnDrift> = columns.iter_mut().filter(counts).collect();
    let p_values: Vec<f64> = counted.iter().map(|column| column.p_value.unwrap_or(f64::NAN)).collect();
    for (column, q_value) in counted.iter_mut().zip(benjamini_hochberg(&p_values)) {
        column.q_value = Some(q_value);
    }
}

#[cfg(test)]
mod tests {
    use polars::df;
    use proptest::prelude::*;

    use super::*;
    use crate::drift::{DriftLevel, DriftRule};
    use crate::watch::Unwatched;

    fn even(rows: i32, shift: f64) -> Vec<f64> {
        (0..rows).map(|i| f64::from(i) / f64::from(rows) + shift).collect()
    }

    fn by_ks() -> DriftSettings {
        DriftSettings { rule: DriftRule::Ks, ..DriftSettings::default() }
    }

    fn compared(reference: &DataFrame, current: &DataFrame) -> DriftReport {
        compare(&Comparison::of(reference, current), &by_ks(), &Unwatched).unwrap()
    }

    fn column<'a>(report: &'a DriftReport, name: &str) -> &'a ColumnDrift {
        report.columns.iter().find(|column| column.column == name).unwrap()
    }

    fn date(text: &str) -> Option<SnapshotDate> {
        SnapshotDate::parse(text).ok()
    }

    #[test]
    fn a_shifted_feature_is_a_warning_and_an_unshifted_one_is_not() {
        let reference =
            df!("margin" => even(400, 0.0), "tenure" => even(400, 0.0), PREDICTION => even(400, 0.0)).unwrap();
        let current =
            df!("margin" => even(300, 0.5), "tenure" => even(300, 0.0), PREDICTION => even(300, 0.0)).unwrap();
        let report = compared(&reference, &current);
        let verdict = &report.verdict;
        assert_eq!(verdict.level, DriftLevel::Warn);
        assert_eq!(verdict.drifted, ["margin"]);
        assert_eq!((verdict.features_compared, verdict.features_drifted, verdict.prediction_drifted), (2, 1, false));
        let beside = report.beside.as_ref().unwrap();
        assert_eq!((beside.rule, beside.level), (DriftRule::Effect, DriftLevel::Critical), "half of it moved far");
    }

    #[test]
    fn fewer_than_200_rows_is_not_the_same_as_no_drift() {
        let reference = df!("margin" => even(400, 0.0), PREDICTION => even(400, 0.0)).unwrap();
        let current = df!("margin" => even(199, 9.0), PREDICTION => even(199, 9.0)).unwrap();
        let report = compared(&reference, &current);
        assert_eq!(report.verdict.level, DriftLevel::NotEnoughData);
        assert_eq!(report.beside.as_ref().unwrap().level, DriftLevel::NotEnoughData);
        assert_eq!(column(&report, "margin").state, ColumnState::NotEnoughData);
    }

    #[test]
    fn as_many_values_as_the_minimum_are_enough_on_either_side() {
        let table = |rows: i32| df!("margin" => even(rows, 0.0), PREDICTION => even(rows, 0.0)).unwrap();
        for (before, now, state) in [
            (200, 200, ColumnState::Compared),
            (199, 400, ColumnState::NotEnoughData),
            (400, 199, ColumnState::NotEnoughData),
        ] {
            assert_eq!(column(&compared(&table(before), &table(now)), "margin").state, state, "{before} and {now}");
        }
    }

    #[test]
    fn values_that_are_no_number_do_not_count_towards_the_minimum() {
        let mut values = even(200, 0.0);
        values[7] = f64::NAN;
        let current = df!("margin" => values, PREDICTION => even(200, 0.0)).unwrap();
        let reference = df!("margin" => even(200, 0.0), PREDICTION => even(200, 0.0)).unwrap();
        let report = compared(&reference, &current);
        assert_eq!(column(&report, "margin").state, ColumnState::NotEnoughData);
        assert_eq!((column(&report, "margin").n_ref, column(&report, "margin").n_cur), (200, 199));
    }

    #[test]
    fn an_all_null_column_says_something_only_in_a_table_that_is_large_enough() {
        let filled = |rows: i32| df!("x" => even(rows, 0.0), PREDICTION => even(rows, 0.0)).unwrap();
        let empty = |rows: i32| df!("x" => vec![None::<f64>; rows as usize], PREDICTION => even(rows, 0.0)).unwrap();
        for (before, now, state) in [
            (filled(200), empty(200), ColumnState::AllNull),
            (filled(200), empty(199), ColumnState::NotEnoughData),
            (filled(199), empty(200), ColumnState::NotEnoughData),
            (empty(200), filled(200), ColumnState::NotEnoughData),
        ] {
            let report = compared(&before, &now);
            assert_eq!(column(&report, "x").state, state, "{} and {}", before.height(), now.height());
            assert_eq!(report.verdict.lost.is_empty(), state != ColumnState::AllNull);
        }
    }

    #[test]
    fn customers_without_a_prediction_say_nothing_of_it() {
        let reference = df!("x" => even(2000, 0.0), PREDICTION => even(2000, 0.0)).unwrap();
        let every_fifth = |row: i32| (row % 5 == 0).then(|| f64::from(row) / 2000.0);
        let some = df!("x" => even(2000, 0.0), PREDICTION => (0..2000).map(every_fifth).collect::<Vec<_>>()).unwrap();
        let report = compare(&Comparison::of(&reference, &some), &DriftSettings::default(), &Unwatched).unwrap();
        let prediction = column(&report, PREDICTION);
        assert_eq!((prediction.state, prediction.n_cur), (ColumnState::Compared, 400));
        assert!(prediction.effect.unwrap() < 0.01, "{prediction:?}");
        assert_eq!(report.verdict.level, DriftLevel::None, "{}", report.verdict.reason);
        let nobody = df!("x" => even(2000, 0.0), PREDICTION => vec![None::<f64>; 2000]).unwrap();
        let report = compare(&Comparison::of(&reference, &nobody), &DriftSettings::default(), &Unwatched).unwrap();
        assert_eq!(column(&report, PREDICTION).state, ColumnState::NotEnoughData);
        assert!(report.verdict.lost.is_empty());
    }

    #[test]
    fn a_text_that_is_gone_is_still_a_category() {
        let reference = df!("intent" => vec!["Pricing"; 300], PREDICTION => even(300, 0.0)).unwrap();
        let current = df!(PREDICTION => even(300, 0.0)).unwrap();
        let report = compared(&reference, &current);
        assert_eq!(
            (column(&report, "intent").state, column(&report, "intent").kind),
            (ColumnState::Missing, ColumnKind::Category)
        );
    }

    #[test]
    fn a_column_that_is_constant_on_both_sides_has_p_1() {
        let table = df!("flag" => vec![1_i32; 200], PREDICTION => even(200, 0.0)).unwrap();
        let report = compared(&table, &table);
        assert_eq!(column(&report, "flag").ks.unwrap().p_value, 1.0);
        assert_eq!(column(&report, "flag").note.as_deref(), Some("the same constant on both sides"));
        assert_eq!(report.verdict.level, DriftLevel::None);
    }

    #[test]
    fn a_feature_that_became_null_or_vanished_is_a_warning() {
        let reference = df!("gone" => even(200, 0.0), "empty" => even(200, 0.0), PREDICTION => even(200, 0.0)).unwrap();
        let current = df!("empty" => vec![None::<f64>; 200], PREDICTION => even(200, 0.0)).unwrap();
        let report = compared(&reference, &current);
        assert_eq!(column(&report, "gone").state, ColumnState::Missing);
        assert_eq!(column(&report, "empty").state, ColumnState::AllNull);
        assert_eq!(report.verdict.level, DriftLevel::Warn);
        assert_eq!(report.verdict.lost, ["gone", "empty"]);
    }

    #[test]
    fn a_new_column_and_what_is_neither_number_nor_text_are_listed_and_judge_nothing() {
        let reference = df!("odd" => vec![true; 200], PREDICTION => even(200, 0.0)).unwrap();
        let current = df!("fresh" => even(200, 0.0), "odd" => vec![false; 200], PREDICTION => even(200, 0.0)).unwrap();
        let report = compared(&reference, &current);
        assert_eq!(column(&report, "fresh").state, ColumnState::New);
        assert_eq!(report.skipped[0].column, "odd");
        assert_eq!(report.verdict.level, DriftLevel::None);
    }

    #[test]
    fn a_category_is_compared_with_its_nulls_and_one_that_vanished_is_lost() {
        let words = |word: Option<&'static str>| -> Vec<Option<&'static str>> {
            (0..400).map(|i| if i % 2 == 0 { word } else { Some("SME") }).collect()
        };
        let table = |words: Vec<Option<&'static str>>| df!("segment" => words, PREDICTION => even(400, 0.0)).unwrap();
        let reference = table(words(Some("Residential")));
        let effect = DriftSettings::default();
        let judged = |current: &DataFrame| compare(&Comparison::of(&reference, current), &effect, &Unwatched).unwrap();
        assert_eq!(judged(&reference).verdict.level, DriftLevel::None);
        let nulls = judged(&table(words(None)));
        assert_eq!((nulls.verdict.level, column(&nulls, "segment").n_cur), (DriftLevel::Critical, 200));
        let vanished = df!("segment" => vec![None::<&str>; 400], PREDICTION => even(400, 0.0)).unwrap();
        assert_eq!(judged(&vanished).verdict.lost, ["segment"]);
    }

    #[test]
    fn a_table_whose_only_feature_is_null_on_both_sides_is_not_enough_data() {
        let table = df!("empty" => vec![None::<f64>; 200], PREDICTION => even(200, 0.0)).unwrap();
        let report = compared(&table, &table);
        assert_eq!(column(&report, "empty").state, ColumnState::NotEnoughData);
        assert_eq!(column(&report, "empty").note.as_deref(), Some("only nulls on both sides"));
        assert_eq!(report.verdict.level, DriftLevel::NotEnoughData);
    }

    #[test]
    fn a_table_without_prediction_or_with_text_for_numbers_is_an_error() {
        let good = df!("margin" => even(200, 0.0), PREDICTION => even(200, 0.0)).unwrap();
        let unscored = df!("margin" => even(200, 0.0)).unwrap();
        let textual = df!("margin" => vec!["a"; 200], PREDICTION => even(200, 0.0)).unwrap();
        for current in [&unscored, &textual] {
            assert!(compare(&Comparison::of(&good, current), &by_ks(), &Unwatched).is_err());
        }
        assert!(compare(&Comparison::of(&textual, &good), &by_ks(), &Unwatched).is_err());
    }

    #[test]
    fn the_season_is_held_against_the_same_month_and_what_moves_is_not_counted() {
        let table = |consumption: f64, renewal: f64| {
            df!(
                "consumption" => even(300, consumption), "renewal" => even(300, renewal),
                "channel" => vec!["Office"; 300], PREDICTION => even(300, 0.0),
            )
            .unwrap()
        };
        let (winter, summer, last_summer) = (table(5.0, 5.0), table(0.0, 0.0), table(0.0, 3.0));
        let seasons =
            BTreeMap::from([("consumption".to_owned(), Calendar::Seasonal), ("renewal".to_owned(), Calendar::Moves)]);
        let mut comparison = Comparison { calendar: seasons, ..Comparison::of(&winter, &summer) };
        (comparison.reference.as_of, comparison.current.as_of) = (date("2024-12-31"), date("2025-07-31"));
        let judged = |comparison: &Comparison<'_>| compare(comparison, &DriftSettings::default(), &Unwatched).unwrap();
        let alone = judged(&comparison);
        for name in ["consumption", "renewal", PREDICTION] {
            assert_eq!(column(&alone, name).state, ColumnState::Calendar, "{name}");
            assert!(column(&alone, name).effect.is_some() && column(&alone, name).q_value.is_none(), "{name}");
        }
        assert_eq!((alone.verdict.level, alone.verdict.features_compared), (DriftLevel::None, 1));

        comparison.same_month = Some(Customers { table: &last_summer, as_of: date("2024-07-31") });
        let with_history = judged(&comparison);
        let consumption = column(&with_history, "consumption");
        assert_eq!((consumption.state, consumption.effect), (ColumnState::Compared, Some(0.0)));
        assert_eq!(consumption.held_against, date("2024-07-31"));
        assert_eq!(column(&with_history, "renewal").state, ColumnState::Calendar, "it is not in season");
        assert_eq!(column(&with_history, PREDICTION).state, ColumnState::Compared);
    }

    #[test]
    fn the_importance_that_is_known_weighs_and_without_any_all_weigh_alike() {
        let table = df!("a" => even(200, 0.0), "b" => even(200, 0.0), PREDICTION => even(200, 0.0)).unwrap();
        let alike = compared(&table, &table);
        assert_eq!((column(&alike, "a").importance, column(&alike, PREDICTION).importance), (Some(0.5), None));
        let importance = BTreeMap::from([("a".to_owned(), 0.9)]);
        let comparison = Comparison { importance, ..Comparison::of(&table, &table) };
        let weighed = compare(&comparison, &by_ks(), &Unwatched).unwrap();
        assert_eq!((column(&weighed, "a").importance, column(&weighed, "b").importance), (Some(0.9), Some(0.0)));
    }

    #[test]
    fn the_report_survives_json_and_its_summary_names_the_drifted_column() {
        let reference = df!("margin" => even(400, 0.0), PREDICTION => even(400, 0.0)).unwrap();
        let current = df!("margin" => even(300, 0.5), PREDICTION => even(300, 0.0)).unwrap();
        let report = compared(&reference, &current);
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<DriftReport>(&json).unwrap(), report);
        assert!(report.summary().starts_with("**Drift: warn** (rule ks): 1 of 1 features with p < 0.01"));
        assert!(report.summary().contains("| margin | "));
    }

    proptest! {
        #[test]
        fn a_table_does_not_drift_from_itself(values in prop::collection::vec(prop::option::of(-1e6..1e6), 200..400)) {
            let table = df!("x" => &values, PREDICTION => even(values.len() as i32, 0.0)).unwrap();
            let report = compared(&table, &table);
            prop_assert_eq!(report.verdict.features_drifted, 0);
            prop_assert_eq!(report.beside.unwrap().features_drifted, 0);
        }

        #[test]
        fn the_order_of_the_rows_changes_nothing(values in prop::collection::vec(-1e6..1e6, 200..400), turn in 0_usize..200) {
            let reference = df!("x" => even(300, 0.0), PREDICTION => even(300, 0.0)).unwrap();
            let mut turned = values.clone();
            turned.rotate_left(turn);
            turned.reverse();
            let table = |values: &[f64]| df!("x" => values, PREDICTION => values).unwrap();
            prop_assert_eq!(compared(&reference, &table(&values)), compared(&reference, &table(&turned)));
        }
    }
}
