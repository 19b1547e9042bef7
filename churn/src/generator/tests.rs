//! A small set, made as users make it, and read back with other means.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, File};
use std::path::Path;
use std::sync::Mutex;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::*;
use crate::watch::Unwatched;

const SMALL: GenerateSettings = GenerateSettings { customers: 250, seed: 3, offers: None, months: 12 };

fn small_set() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    generate(&SMALL, folder.path(), Others::Keep, &Unwatched).unwrap();
    folder
}

fn rows_of(folder: &Path, name: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(folder.join(name)).unwrap();
    let mut rows = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let columns = rows.next().unwrap().len();
    let rows: Vec<_> = rows.collect();
    assert!(rows.iter().all(|row| row.len() == columns), "{name} has a ragged row");
    rows
}

fn files_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap())).collect()
}

#[test]
fn the_same_settings_give_the_same_bytes() {
    let (first, second) = (small_set(), small_set());
    assert_eq!(files_of(first.path()).len(), 7 + 1, "seven raw files and the mark");
    assert!(files_of(first.path()) == files_of(second.path()));
}

#[test]
fn another_seed_gives_another_world() {
    let other = tempfile::tempdir().unwrap();
    generate(&GenerateSettings { seed: 4, ..SMALL }, other.path(), Others::Keep, &Unwatched).unwrap();
    let (files, others) = (files_of(small_set().path()), files_of(other.path()));
    assert_eq!(files.keys().collect::<Vec<_>>(), others.keys().collect::<Vec<_>>());
    assert!(files.iter().all(|(name, bytes)| *bytes != others[name]));
}

#[test]
fn a_second_run_replaces_the_files_of_the_first() {
    let folder = small_set();
    generate(&GenerateSettings { seed: 4, ..SMALL }, folder.path(), Others::Keep, &Unwatched).unwrap();
    generate(&SMALL, folder.path(), Others::Keep, &Unwatched).unwrap();
    assert!(files_of(folder.path()) == files_of(small_set().path()));
}

#[test]
fn the_eighth_file_is_made_where_it_is_asked_for_and_goes_with_the_next_set() {
    let folder = small_set();
    let with = GenerateSettings { offers: Some(PlantedOffers::saving(0.3)), ..SMALL };
    let made = generate(&with, folder.path(), Others::Keep, &Unwatched).unwrap();
    let rows = rows_of(folder.path(), "offer_outcomes.csv");
    assert_eq!(made.files.last().map(|file| (file.name, file.rows)), Some(("offer_outcomes.csv", rows.len() as u64)));
    // 100 of 250 expected, standard deviation 7.7.
    assert!((60..140).contains(&rows.len()), "{}", rows.len());
    for row in &rows {
        let [id, date, action, control, accepted, churned] = row.as_slice() else { panic!("{row:?}") };
        assert!(id.starts_with('C') && ("2024-01-08".."2024-09-05").contains(&date.as_str()), "{row:?}");
        assert!(action.starts_with("offer_") && ["0", "1"].contains(&churned.as_str()), "{row:?}");
        assert_eq!(accepted.is_empty(), control == "1", "{row:?}");
    }
    // The other files are the same, and the eighth goes when it is not asked for.
    let others = |folder: &Path| {
        let mut files = raw_files_of(folder);
        (files.remove(MARK), files.remove("offer_outcomes.csv"), files)
    };
    assert!(others(folder.path()).2 == others(small_set().path()).2);
    generate(&SMALL, folder.path(), Others::Keep, &Unwatched).unwrap();
    assert!(files_of(folder.path()) == files_of(small_set().path()));
    let refused = GenerateSettings { offers: Some(PlantedOffers::saving(1.5)), ..SMALL };
    let message = generate(&refused, folder.path(), Others::Keep, &Unwatched).unwrap_err().to_string();
    assert!(message.contains("planted offers: the effect must lie"), "{message}");
}

/// Changes a folder so that something in it is not the generator's any more; the file's name.
type Change = fn(&Path) -> &'static str;

#[test]
fn a_file_that_the_generator_did_not_make_is_kept_unless_it_is_meant() {
    let changes: [Change; 5] = [
        |folder| {
            fs::remove_file(folder.join(MARK)).unwrap();
            "churn_label.csv"
        },
        |folder| {
            fs::write(folder.join("price_history.csv"), "changed since").unwrap();
            "price_history.csv"
        },
        |folder| {
            fs::write(folder.join("consumption_hourly_2023.csv"), "a real one").unwrap();
            "consumption_hourly_2023.csv"
        },
        |folder| {
            fs::create_dir(folder.join("consumption")).unwrap();
            fs::write(folder.join("consumption/part-0.parquet"), "a real one").unwrap();
            "consumption/part-0.parquet"
        },
        |folder| {
            fs::write(folder.join(MARK), "not JSON").unwrap();
            "churn_label.csv"
        },
    ];
    for change in changes {
        let folder = small_set();
        let name = change(folder.path());
        let tree = || (raw_files_of(folder.path()), fs::read(folder.path().join(MARK)).ok());
        let before = tree();
        let refused = generate(&SMALL, folder.path(), Others::Keep, &Unwatched).unwrap_err().to_string();
        assert!(refused.contains(name) && refused.contains("--overwrite"), "{name}: {refused}");
        assert!(tree() == before, "{name}: something was written");

        generate(&SMALL, folder.path(), Others::Replace, &Unwatched).unwrap();
        let made = files_of(small_set().path());
        assert!(made.iter().all(|(name, bytes)| raw_files_of(folder.path())[name] == *bytes));
    }
}

/// The files of a folder, without its sub-folders.
fn raw_files_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()).filter(|entry| entry.path().is_file());
    entries.map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap())).collect()
}

#[test]
fn a_link_to_somebodys_folder_is_followed_and_refused() {
    let (lake, real) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(real.path().join("churn_label.csv"), "a real one").unwrap();
    let raw = lake.path().join("raw");
    std::os::unix::fs::symlink(real.path(), &raw).unwrap();
    let refused = generate(&SMALL, &raw, Others::Keep, &Unwatched).unwrap_err().to_string();
    assert!(refused.contains("churn_label.csv"), "{refused}");
    assert_eq!(files_of(real.path()), BTreeMap::from([("churn_label.csv".to_owned(), b"a real one".to_vec())]));
}

#[test]
fn a_run_that_was_killed_between_two_files_leaves_a_folder_of_its_own() {
    let (folder, other) = (small_set(), tempfile::tempdir().unwrap());
    let next = GenerateSettings { seed: 4, ..SMALL };
    generate(&next, other.path(), Others::Keep, &Unwatched).unwrap();
    // The mark knows both, and one file has moved.
    let mut mark = Mark::of(other.path()).unwrap();
    mark.replaced = Mark::of(folder.path()).unwrap().files;
    fs::write(folder.path().join(MARK), mark.to_json()).unwrap();
    fs::copy(other.path().join("churn_label.csv"), folder.path().join("churn_label.csv")).unwrap();

    generate(&next, folder.path(), Others::Keep, &Unwatched).unwrap();
    assert!(files_of(folder.path()) == files_of(other.path()));
}

#[test]
fn exactly_the_published_share_of_customers_churned() {
    let labels = rows_of(small_set().path(), "churn_label.csv");
    let ids: HashSet<&str> = labels.iter().map(|row| row[0].as_str()).collect();
    assert_eq!((labels.len(), ids.len()), (250, 250));
    // 250 x 2,002 / 20,099 = 24.9
    assert_eq!(labels.iter().filter(|row| row[1] == "1").count(), 25);
    assert_ne!(labels[0][0], "C00001", "the labels are in random order");
}

#[test]
fn attributes_tell_the_segments_apart_by_power() {
    for row in rows_of(small_set().path(), "customer_attributes.csv") {
        let power: f64 = row[1].parse().unwrap();
        match row[2].as_str() {
            "0" => assert!((2.3..=10.35).contains(&power)),
            "1" => assert!(power == 8.05 || power == 10.0 || (15.0..=150.0).contains(&power)),
            other => panic!("industrial flag {other}"),
        }
        let is_high_competition = ["8", "28", "46"].contains(&row[4].as_str());
        assert_eq!(row[6], if is_high_competition { "1" } else { "0" });
    }
}

#[test]
fn channels_are_the_published_ones_after_cleaning() {
    let known: BTreeSet<&str> =
        "comparador desconocido oficina presencial_comercial telemarketing unknown web_propia".split(' ').collect();
    for row in rows_of(small_set().path(), "customer_contracts.csv") {
        assert!(known.contains(row[1].trim().to_lowercase().as_str()), "channel {}", row[1]);
        assert!(row[2] <= row[3] && row[3] < row[5], "activation, start and renewal are in order");
    }
}

#[test]
fn prices_have_a_row_per_month_some_gaps_and_rows_without_a_customer() {
    let rows = rows_of(small_set().path(), "price_history.csv");
    let keys: HashSet<(&str, &str)> =
        rows.iter().filter(|row| !row[0].is_empty()).map(|row| (row[0].as_str(), row[1].as_str())).collect();
    let without_customer = rows.iter().filter(|row| row[0].is_empty()).count();
    assert_eq!(without_customer, 12);
    assert_eq!(keys.len() + without_customer, rows.len(), "no month twice");
    assert!((250 * 12 - 60..=250 * 12).contains(&keys.len()));
    assert!(rows.iter().all(|row| row[1].len() == 10 && row[1].ends_with("-01")));
}

#[test]
fn costs_cover_every_province_and_month() {
    let rows = rows_of(small_set().path(), "costs_by_province_month.csv");
    let keys: HashSet<(&str, &str)> = rows.iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    assert_eq!((rows.len(), keys.len()), (624, 624));
}

#[test]
fn contacts_are_an_array_of_dated_notes_in_the_autumn() {
    let text = fs::read_to_string(small_set().path().join("customer_interactions.json")).unwrap();
    let contacts: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(&text).unwrap();
    let customers: HashSet<&str> = contacts.iter().map(|contact| contact["customer_id"].as_str().unwrap()).collect();
    // 0.549 x 25 who left and 0.294 x 225 who stayed: 13.7 + 66.2
    assert!((79..=81).contains(&customers.len()), "{} customers", customers.len());
    for contact in &contacts {
        let fields: Vec<&str> = contact.keys().map(String::as_str).collect();
        assert_eq!(fields, ["customer_id", "date", "channel", "interaction_summary"]);
        if let Some(date) = contact["date"].as_str() {
            assert!(("2024-09-01"..="2024-11-30").contains(&date));
        }
    }
}

#[test]
fn readings_have_8784_hours_per_customer_as_plain_strings_with_statistics() {
    let folder = small_set();
    let file = File::open(folder.path().join("consumption_hourly_2024.parquet")).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let metadata = reader.metadata().clone();
    assert_eq!(metadata.num_row_groups(), 3);
    assert_eq!(metadata.file_metadata().num_rows(), 250 * 8_784);
    let timestamps = metadata.row_group(2).column(1).statistics().unwrap();
    assert_eq!(timestamps.max_bytes_opt().unwrap(), b"2024-12-31 23:00:00");

    let (mut hours, mut negative, mut gas_months) = (BTreeMap::new(), 0, BTreeMap::new());
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        let (ids, stamps) = (batch.column(0).as_string::<i32>(), batch.column(1).as_string::<i32>());
        let (kwh, m3) = (batch.column(2).as_primitive::<Float64Type>(), batch.column(3).as_primitive::<Float64Type>());
        for row in 0..batch.num_rows() {
            assert!(kwh.value(row).is_finite() && m3.value(row).is_finite());
            *hours.entry(ids.value(row).to_owned()).or_insert(0) += 1;
            negative += usize::from(kwh.value(row) < 0.0);
            if m3.value(row) > 0.0 {
                let months: &mut BTreeSet<String> = gas_months.entry(ids.value(row).to_owned()).or_default();
                months.insert(stamps.value(row)[..7].to_owned());
            }
        }
    }
    assert_eq!(hours.len(), 250);
    assert!(hours.values().all(|count| *count == 8_784));
    assert!(gas_months.values().all(|months| months.len() == 9));
    // Published: 18 % of customers have gas (45 expected), and 0.26 % of the readings are negative.
    assert!((20..=80).contains(&gas_months.len()), "{} gas customers", gas_months.len());
    assert!((1_000..=15_000).contains(&negative), "{negative} negative readings");
}

#[test]
fn nobody_draws_more_than_the_contracted_power() {
    let folder = small_set();
    let power: BTreeMap<String, f64> = rows_of(folder.path(), "customer_attributes.csv")
        .into_iter()
        .map(|row| {
            // Some small businesses are written with 8.05 kW in place of their 10.
            let least = if row[2] == "1" { 10.0 } else { 0.0 };
            (row[0].clone(), row[1].parse::<f64>().unwrap().max(least))
        })
        .collect();
    let file = File::open(folder.path().join("consumption_hourly_2024.parquet")).unwrap();
    for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
        let batch = batch.unwrap();
        let (ids, kwh) = (batch.column(0).as_string::<i32>(), batch.column(2).as_primitive::<Float64Type>());
        for row in 0..batch.num_rows() {
            assert!(kwh.value(row) <= power[ids.value(row)], "{} kWh in an hour", kwh.value(row));
        }
    }
}

#[test]
fn no_customers_at_all_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let none = GenerateSettings { customers: 0, ..SMALL };
    assert!(generate(&none, folder.path(), Others::Keep, &Unwatched).unwrap_err().to_string().contains("customers"));
}

#[test]
fn months_after_the_label_have_a_second_date_of_labels_and_whoever_left_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    generate(&GenerateSettings { months: 18, ..SMALL }, folder.path(), Others::Keep, &Unwatched).unwrap();
    let first = small_set();

    // Of those who stayed, exactly the published share leaves again.
    let labels = rows_of(folder.path(), "churn_label.csv");
    let of = |date: &str| -> BTreeMap<String, bool> {
        let rows = labels.iter().filter(|row| row[2] == date);
        rows.map(|row| (row[0].clone(), row[1] == "1")).collect()
    };
    let (then, later) = (of("2024-12-31"), of("2025-06-30"));
    assert_eq!((then.len(), later.len(), labels.len()), (250, 225, 475));
    assert!(later.keys().all(|id| !then[id]));
    assert_eq!(later.values().filter(|leaves| **leaves).count(), 22, "225 x 2,002 / 20,099 = 22.4");
    let label_of_the_first = rows_of(first.path(), "churn_label.csv");
    assert!(label_of_the_first.iter().all(|row| then[&row[0]] == (row[1] == "1")), "the first labels are the same");

    // Readings go on until somebody leaves, and prices with them.
    let file = File::open(folder.path().join("consumption_hourly_2025.parquet")).unwrap();
    let mut hours: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
        let batch = batch.unwrap();
        let (ids, stamps) = (batch.column(0).as_string::<i32>(), batch.column(1).as_string::<i32>());
        for row in 0..batch.num_rows() {
            let (count, last) = hours.entry(ids.value(row).to_owned()).or_default();
            *count += 1;
            last.clear();
            last.push_str(stamps.value(row));
        }
    }
    for id in later.keys() {
        assert_eq!(hours[id], (181 * 24, "2025-06-30 23:00:00".to_owned()), "{id}");
    }
    let mut prices: BTreeMap<String, String> = BTreeMap::new();
    for row in rows_of(folder.path(), "price_history.csv").into_iter().filter(|row| row[1].starts_with("2025")) {
        prices.insert(row[0].clone(), row[1].clone());
    }
    for id in then.iter().filter(|(_, left)| **left).map(|(id, _)| id) {
        let (count, last) = hours.get(id).cloned().unwrap_or_default();
        assert!(count < 180 * 24 && count % 24 == 0, "{id} has {count}");
        assert_eq!(prices.get(id).map(|date| &date[..7]), last.get(..7), "{id}");
    }
    assert_eq!(rows_of(folder.path(), "costs_by_province_month.csv").len(), 52 * 18);
    let contacts = fs::read_to_string(folder.path().join("customer_interactions.json")).unwrap();
    assert!(contacts.contains("\"2025-04-") && !contacts.contains("\"2025-06-"));

    // What was before the label is the same, and the months go when they are not asked for any more.
    let same = ["consumption_hourly_2024.parquet", "customer_attributes.csv", "customer_contracts.csv"];
    let (files, files_of_the_first) = (files_of(folder.path()), files_of(first.path()));
    assert!(same.iter().all(|name| files[*name] == files_of_the_first[*name]));
    generate(&SMALL, folder.path(), Others::Keep, &Unwatched).unwrap();
    assert!(files_of(folder.path()) == files_of_the_first);
}

#[test]
fn fewer_or_more_months_than_can_be_made_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for months in [11, 19] {
        let settings = GenerateSettings { months, ..SMALL };
        let message = generate(&settings, folder.path(), Others::Keep, &Unwatched).unwrap_err().to_string();
        assert!(message.contains(&format!("months: {months} is not from 12 to 18")), "{message}");
    }
}

#[test]
fn three_months_after_the_label_say_its_date_and_have_no_second_one() {
    let folder = tempfile::tempdir().unwrap();
    generate(&GenerateSettings { months: 15, ..SMALL }, folder.path(), Others::Keep, &Unwatched).unwrap();
    let labels = rows_of(folder.path(), "churn_label.csv");
    assert!(labels.len() == 250 && labels.iter().all(|row| row[2] == "2024-12-31"));
    assert_eq!(rows_of(folder.path(), "costs_by_province_month.csv").len(), 52 * 15);
}

/// Remembers what was reported, and stops after the first row group.
struct Impatient(Mutex<Vec<(u64, Option<u64>)>>);

impl Watch for Impatient {
    fn report(&self, done: u64, total: Option<u64>) -> Result<()> {
        self.0.lock().unwrap().push((done, total));
        if done > 0 { Err(Error::Cancelled) } else { Ok(()) }
    }
}

#[test]
fn a_stopped_run_leaves_what_was_there_before() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("churn_label.csv"), "earlier").unwrap();
    let watch = Impatient(Mutex::default());
    let stopped = generate(&SMALL, folder.path(), Others::Replace, &watch);
    assert!(matches!(stopped, Err(Error::Cancelled)));
    let total = Some(250 * 8_784);
    assert_eq!(*watch.0.lock().unwrap(), [(0, total), (119 * 8_784, total)]);
    assert_eq!(files_of(folder.path()), BTreeMap::from([("churn_label.csv".to_owned(), b"earlier".to_vec())]));
}
