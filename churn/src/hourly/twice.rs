//! Whether two files hold the same readings: a backup copy, a CSV file beside its Parquet, a month beside its year.
//!
//! Names and bytes say little about that. A few readings of each file are looked for in the others, in those row groups
//! alone whose statistics do not exclude them: where files share nothing, as parts of a delivery do, next to nothing is
//! read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::RangeInclusive;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use chrono_tz::Tz;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;

use super::columns::{CUSTOMER, ELEC, GAS};
use super::decode::hours;
use super::readings_file::OpenReadings;
use super::timestamp::TextTimestamps;
use crate::{Result, Watch, cores};

/// More files than this are not looked at: they are parts of one delivery, and opening them all takes its time.
const MOST_FILES: usize = 1_000;
/// Row groups that are decoded at most; a delivery whose files all overlap is not read through for this question.
const MOST_ROW_GROUPS: usize = 64;
/// Statistics are of the hours as they are written, a zone may have moved them.
const ZONE_HOURS: i64 = 26;
/// Readings that differ by less are the same.
const ALIKE: f64 = 1e-6;
/// One file may have fewer decimals: as few as one, and beyond six they do not count.
const MOST_DECIMALS: i32 = 6;

/// What a look at all files came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SameReadings {
    /// The places of files of which one holds most of the readings that were tried of the other, the lower one first.
    pub pairs: Vec<(usize, usize)>,
    /// Whether every file was looked through as far as it was needed.
    pub complete: bool,
}

/// A reading that is looked for elsewhere.
#[derive(Debug, Clone, PartialEq)]
struct Probe {
    file: usize,
    customer: String,
    hour: i64,
    elec: Option<f64>,
    gas: Option<f64>,
}

/// Looks for readings of each file in the others; each file comes with the name that messages call it. An instant is the
/// same as the hour that the clock of `zone` shows then.
pub fn same_readings(files: &[(&Path, &str)], zone: Tz, watch: &dyn Watch) -> Result<SameReadings> {
    if files.len() > MOST_FILES {
        return Ok(SameReadings { pairs: Vec::new(), complete: false });
    }
    let places: Vec<usize> = (0..files.len()).collect();
    let look_at = |&place: &usize| {
        let (path, name) = files[place];
        let readings = OpenReadings::open(path, name)?;
        Ok((rows_of(&readings), probes_of(&readings, place, zone)?))
    };
    let (rows, probes): (Vec<i64>, Vec<Vec<Probe>>) = cores::try_map(&places, look_at)?.into_iter().unzip();
    let mut probes = probes.concat();
    // In the order of their customers, so that those within the bounds of a row group are neighbours.
    probes.sort_by(|one, other| one.customer.cmp(&other.customer));
    let mut tried = BTreeMap::new();
    for probe in &probes {
        *tried.entry(probe.file).or_insert(0) += 1;
    }
    let mut found: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut row_groups_left = MOST_ROW_GROUPS;
    for (done, place) in likely_first(&rows).into_iter().enumerate() {
        watch.report(done as u64, Some(files.len() as u64))?;
        let (path, name) = files[place];
        let readings = OpenReadings::open(path, name)?;
        for (row_group, group) in readings.row_groups().iter().enumerate() {
            let hours = hours_within(&readings, group, zone);
            let may_hold =
                |probe: &&Probe| probe.file != place && hours.as_ref().is_none_or(|hours| hours.contains(&probe.hour));
            let wanted: Vec<&Probe> = customers_within(&readings, group, &probes).iter().filter(may_hold).collect();
            if wanted.is_empty() || group.num_rows() == 0 {
                continue;
            }
            if row_groups_left == 0 {
                return Ok(SameReadings { pairs: pairs(&found, &tried), complete: false });
            }
            row_groups_left -= 1;
            for (probe, times) in look_for(&wanted, &readings, row_group, zone)? {
                *found.entry((probe, place)).or_insert(0) += times;
            }
        }
    }
    Ok(SameReadings { pairs: pairs(&found, &tried), complete: true })
}

/// Copies have as many rows as what they are copies of: such files are looked at first.
fn likely_first(rows: &[i64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let has_twin = |place: &usize| rows.iter().filter(|other| **other == rows[*place]).count() > 1;
    order.sort_by_key(|place| !has_twin(place));
    order
}

fn pairs(found: &BTreeMap<(usize, usize), usize>, tried: &BTreeMap<usize, usize>) -> Vec<(usize, usize)> {
    let is_most = |file: usize, times: usize| times * 2 > tried.get(&file).copied().unwrap_or_default();
    let most = found.iter().filter(|((file, _), times)| is_most(*file, **times));
    let pairs: BTreeSet<_> = most.map(|((one, other), _)| (*one.min(other), *one.max(other))).collect();
    pairs.into_iter().collect()
}

fn rows_of(readings: &OpenReadings) -> i64 {
    readings.row_groups().iter().fold(0, |rows, group| rows.saturating_add(group.num_rows()))
}

/// A few readings of a file: from the begin, the middle and the end of its row groups.
fn probes_of(readings: &OpenReadings, file: usize, zone: Tz) -> Result<Vec<Probe>> {
    let filled: Vec<usize> =
        (0..readings.row_groups().len()).filter(|index| readings.row_groups()[*index].num_rows() > 0).collect();
    let places: BTreeSet<usize> = [0, filled.len() / 2, filled.len().saturating_sub(1)]
        .iter()
        .filter_map(|at| filled.get(*at))
        .copied()
        .collect();
    let mut probes = Vec::new();
    for row_group in places {
        let Some(batch) = readings.read(row_group)?.next() else { continue };
        let batch = batch?;
        let rows: BTreeSet<usize> = [0, batch.num_rows() / 2, batch.num_rows().saturating_sub(1)].into();
        let Some(columns) = Columns::of(&batch) else { continue };
        let Ok(hours) = hours(&batch, &mut TextTimestamps::of(zone)) else { continue };
        for row in rows {
            let (Some(customer), Some(Some(hour))) = (columns.customer(row), hours.get(row)) else { continue };
            let (elec, gas) = columns.values(row);
            probes.push(Probe { file, customer: customer.to_owned(), hour: *hour, elec, gas });
        }
    }
    Ok(probes)
}

/// How many of the probes of each file are in a row group, hour and readings alike.
fn look_for(wanted: &[&Probe], readings: &OpenReadings, row_group: usize, zone: Tz) -> Result<BTreeMap<usize, usize>> {
    let mut of_customer: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, probe) in wanted.iter().enumerate() {
        of_customer.entry(&probe.customer).or_default().push(place);
    }
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    let mut timestamps = TextTimestamps::of(zone);
    for batch in readings.read(row_group)? {
        let batch = batch?;
        let Some(columns) = Columns::of(&batch) else { continue };
        let rows = columns.rows_of(|customer| of_customer.contains_key(customer));
        if rows.is_empty() {
            continue;
        }
        // What cannot be read is named when it is summed.
        let Ok(hours) = hours(&batch, &mut timestamps) else { continue };
        for row in rows {
            let (Some(customer), Some(Some(hour))) = (columns.customer(row), hours.get(row)) else { continue };
            let (elec, gas) = columns.values(row);
            let places = of_customer.get(customer).into_iter().flatten();
            seen.extend(places.filter(|place| {
                let probe = wanted[**place];
                probe.hour == *hour && alike(probe.elec, elec) && alike(probe.gas, gas)
            }));
        }
    }
    let mut found = BTreeMap::new();
    for place in seen {
        *found.entry(wanted[place].file).or_insert(0) += 1;
    }
    Ok(found)
}

fn alike(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => {
            (one - other).abs() <= ALIKE * one.abs().max(1.0) || is_rounded(one, other) || is_rounded(other, one)
        }
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// Whether `other` is `one` with fewer decimals, rounded or cut off.
fn is_rounded(one: f64, other: f64) -> bool {
    let with_decimals = |decimals: i32, form: fn(f64) -> f64| {
        let scale = 10_f64.powi(decimals);
        (form(one * scale) - other * scale).abs() <= ALIKE
    };
    (1..=MOST_DECIMALS).any(|decimals| with_decimals(decimals, f64::round) || with_decimals(decimals, f64::trunc))
}

/// The probes whose customers are within the bounds that a row group has, as far as its statistics say.
fn customers_within<'a>(readings: &OpenReadings, group: &RowGroupMetaData, probes: &'a [Probe]) -> &'a [Probe] {
    let Some(Statistics::ByteArray(texts)) = group.column(readings.customer_leaf()).statistics() else { return probes };
    let (Some(least), Some(greatest)) = (texts.min_opt(), texts.max_opt()) else { return probes };
    let (least, greatest) = (least.data().trim_ascii(), greatest.data().trim_ascii());
    let from = probes.partition_point(|probe| probe.customer.as_bytes() < least);
    let to = probes.partition_point(|probe| probe.customer.as_bytes() <= greatest);
    probes.get(from..to).unwrap_or_default()
}

/// The hours that a row group may hold, as far as its statistics say.
fn hours_within(readings: &OpenReadings, group: &RowGroupMetaData, zone: Tz) -> Option<RangeInclusive<i64>> {
    let (leaf, data_type) = readings.timestamp();
    let (first, last) = match (group.column(leaf).statistics()?, data_type) {
        (Statistics::ByteArray(texts), _) => {
            let mut timestamps = TextTimestamps::of(zone);
            (timestamps.hour(texts.min_opt()?.data())?, timestamps.hour(texts.max_opt()?.data())?)
        }
        (Statistics::Int64(numbers), DataType::Timestamp(unit, _)) => {
            let hour = |number: &i64| number.div_euclid(units_per_hour(*unit));
            (hour(numbers.min_opt()?), hour(numbers.max_opt()?))
        }
        _ => return None,
    };
    Some(first.saturating_sub(ZONE_HOURS)..=last.saturating_add(ZONE_HOURS))
}

fn units_per_hour(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 3_600,
        TimeUnit::Millisecond => 3_600_000,
        TimeUnit::Microsecond => 3_600_000_000,
        TimeUnit::Nanosecond => 3_600_000_000_000,
    }
}

/// The columns of a batch, by row.
struct Columns<'a> {
    customers: &'a ArrayRef,
    elec: &'a ArrayRef,
    gas: &'a ArrayRef,
}

impl<'a> Columns<'a> {
    fn of(batch: &'a RecordBatch) -> Option<Self> {
        let column = |name| batch.column_by_name(name);
        Some(Self { customers: column(CUSTOMER)?, elec: column(ELEC)?, gas: column(GAS)? })
    }

    fn customer(&self, row: usize) -> Option<&'a str> {
        if self.customers.is_null(row) {
            return None;
        }
        if let Some(dictionary) = self.customers.as_dictionary_opt::<Int32Type>() {
            let key = usize::try_from(dictionary.keys().value(row)).ok()?;
            let texts = dictionary.values().as_string_opt::<i32>()?;
            return (key < texts.len()).then(|| texts.value(key).trim());
        }
        Some(self.customers.as_string_opt::<i32>()?.value(row).trim())
    }

    /// The rows of the customers that are wanted.
    fn rows_of(&self, wanted: impl Fn(&str) -> bool) -> Vec<usize> {
        let mut last = ("", false);
        let mut rows = Vec::new();
        for row in 0..self.customers.len() {
            let Some(customer) = self.customer(row) else { continue };
            if customer != last.0 {
                last = (customer, wanted(customer));
            }
            if last.1 {
                rows.push(row);
            }
        }
        rows
    }

    fn values(&self, row: usize) -> (Option<f64>, Option<f64>) {
        let value = |column: &ArrayRef| {
            let numbers = column.as_primitive_opt::<Float64Type>()?;
            numbers.is_valid(row).then(|| numbers.value(row))
        };
        (value(self.elec), value(self.gas))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::RETAILER_ZONE;
    use super::super::test_files::{Layout, PLAIN, Reading, USUAL, write_readings};
    use super::*;
    use crate::Unwatched;

    /// Readings of customers `from` to `to`, in each hour of one day.
    fn day<'a>(ids: &'a [String], hours: &'a [String]) -> Vec<Reading<'a>> {
        let of = |id: &'a String| {
            hours
                .iter()
                .enumerate()
                .map(move |(at, hour)| (Some(id.as_str()), Some(hour.as_str()), Some(at as f64 + 0.25), None))
        };
        ids.iter().flat_map(of).collect()
    }

    fn ids(numbers: std::ops::Range<u32>) -> Vec<String> {
        numbers.map(|number| format!("C{number:05}")).collect()
    }

    fn hours_of(date: &str) -> Vec<String> {
        (0..24).map(|hour| format!("{date} {hour:02}:00:00")).collect()
    }

    fn pairs_of(files: &[(Layout, Vec<Reading<'_>>)]) -> SameReadings {
        pairs_in(RETAILER_ZONE, files)
    }

    fn pairs_in(zone: Tz, files: &[(Layout, Vec<Reading<'_>>)]) -> SameReadings {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> =
            (0..files.len()).map(|place| folder.path().join(format!("{place}.parquet"))).collect();
        for (path, (layout, readings)) in paths.iter().zip(files) {
            write_readings(path, *layout, readings);
        }
        let named: Vec<(&Path, &str)> = paths.iter().map(|path| (path.as_path(), "x.parquet")).collect();
        same_readings(&named, zone, &Unwatched).unwrap()
    }

    #[test]
    fn a_copy_in_another_layout_is_found_and_parts_are_none() {
        let (first, second) = (hours_of("2024-01-10"), hours_of("2024-01-11"));
        let (low, high) = (ids(0..40), ids(40..80));
        let small = Layout { rows_per_group: 100, ..USUAL };
        let parts = [(USUAL, day(&low, &first)), (USUAL, day(&high, &first)), (USUAL, day(&low, &second))];
        assert_eq!(pairs_of(&parts), SameReadings { pairs: vec![], complete: true });
        for layout in [PLAIN, small] {
            let [a, b, c] = parts.clone();
            let found = pairs_of(&[a, b, c, (layout, day(&low, &second))]);
            assert_eq!(found.pairs, [(2, 3)], "{layout:?}");
        }
    }

    #[test]
    fn a_day_beside_the_file_that_holds_it_is_found() {
        let (first, second) = (hours_of("2024-01-10"), hours_of("2024-01-11"));
        let both: Vec<String> = first.iter().chain(&second).cloned().collect();
        let low = ids(0..20);
        // The values of the whole file at the second day are those of places 24 to 47.
        let whole = day(&low, &both);
        let part: Vec<Reading<'_>> = whole.iter().filter(|reading| reading.1 >= Some("2024-01-11")).copied().collect();
        assert_eq!(pairs_of(&[(USUAL, whole), (PLAIN, part)]).pairs, [(0, 1)]);
    }

    #[test]
    fn other_values_of_the_same_hours_are_other_readings() {
        let hours = hours_of("2024-01-10");
        let low = ids(0..20);
        let other: Vec<Reading<'_>> = day(&low, &hours)
            .into_iter()
            .map(|(id, hour, elec, gas)| (id, hour, elec.map(|kwh| kwh + 1.0), gas))
            .collect();
        assert_eq!(pairs_of(&[(USUAL, day(&low, &hours)), (USUAL, other)]).pairs, []);
    }

    #[test]
    fn a_copy_with_fewer_decimals_and_other_minutes_is_found() {
        assert!(alike(Some(0.1289), Some(0.13)) && alike(Some(0.1289), Some(0.12)) && alike(Some(0.1), Some(0.1289)));
        assert!(!alike(Some(0.1289), Some(0.14)) && !alike(Some(0.1289), None) && !alike(Some(1.25), Some(0.25)));
        let hours = hours_of("2024-01-10");
        let later: Vec<String> = hours.iter().map(|hour| hour.replace(":00:00", ":30:00")).collect();
        let low = ids(0..20);
        let exact: Vec<Reading<'_>> = day(&low, &hours)
            .into_iter()
            .map(|(id, hour, elec, gas)| (id, hour, elec.map(|kwh| kwh / 7.0), gas))
            .collect();
        let rounded: Vec<Reading<'_>> = day(&low, &later)
            .into_iter()
            .map(|(id, hour, elec, gas)| (id, hour, elec.map(|kwh| (kwh / 7.0 * 100.0).round() / 100.0), gas))
            .collect();
        assert_eq!(pairs_of(&[(USUAL, exact), (USUAL, rounded)]).pairs, [(0, 1)]);
    }

    #[test]
    fn a_copy_in_instants_is_one_by_the_clock_of_the_settings() {
        let (low, local) = (ids(0..20), hours_of("2024-01-10"));
        // In winter the clock of the Canary Islands is that of UTC.
        let instants: Vec<String> = local.iter().map(|hour| format!("{hour}Z")).collect();
        let files = [(USUAL, day(&low, &local)), (PLAIN, day(&low, &instants))];
        assert_eq!(pairs_in(Tz::Atlantic__Canary, &files).pairs, [(0, 1)]);
        assert_eq!(pairs_in(RETAILER_ZONE, &files).pairs, []);
    }

    #[test]
    fn a_look_that_would_read_too_much_stops_and_says_so() {
        let hours = hours_of("2024-01-10");
        let low = ids(0..20);
        let shuffled = Layout { rows_per_group: 2, dictionary: false, statistics: false };
        let other: Vec<Reading<'_>> = day(&low, &hours)
            .into_iter()
            .map(|(id, hour, elec, gas)| (id, hour, elec.map(|kwh| kwh + 1.0), gas))
            .collect();
        assert!(!pairs_of(&[(shuffled, day(&low, &hours)), (shuffled, other)]).complete);
    }
}
