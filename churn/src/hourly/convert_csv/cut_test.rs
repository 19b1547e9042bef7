//! However a file is cut into blocks, it is the same file: the same bytes come out, the same is told, and an error names
//! the same row as where all rows are read one by one.

use std::io::Write;

use chrono::NaiveDate;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::Unwatched;
use crate::hourly::RETAILER_ZONE;

const HEADER: &str = "customer_id,timestamp,consumption_elec_kwh,consumption_gas_m3";
/// Longer than all files here: no block is cut off.
const ONE_BY_ONE: usize = 16 << 20;

const COMMON: [&str; 5] = [
    "C1,2024-01-10 10:00:00,1.5,0",
    "C1,2024-01-10T11:00:00,-0.125,",
    "C22,2024-02-29 23:59:59,,12",
    "C22,2024-03-01 00:00:00,0.30000000000000004,999999.999",
    "É,2024-03-01 00:00:00,007,-0",
];
const ODD: [&str; 9] = [
    "C1,2024-01-10 10:00:00Z,1e-3,+1",
    " C1 ,2024-12-31T23:59:59.5+01:00, 1.5 ,.5",
    ",2030-01-01 00:00:00,many,1",
    ",,1,",
    ",,,",
    "",
    " \t",
    HEADER,
    "C1,2024-01-10 10:00:00,1,1\r",
];
const QUOTED: [&str; 3] =
    ["\"C1\",2024-01-10 10:00:00,1,\"1\"", "\"C\n1\",\"2024-01-10 10:00:00\",1,1", "C\"1,2024-01-10 10:00:00,1,1"];
const BAD: [&str; 8] = [
    "C1,yesterday,1,1",
    "C1,2024-02-30 10:00:00,1,1",
    "C1,2024-01-10 10:00:00,many,1",
    "C1,2024-01-10 10:00:00,1,1000001",
    "C1,2024-01-10 10:00:00,1",
    "C1,2024-01-10 10:00:00,1,5,0",
    "C1;2024-01-10 10:00:00;1;1",
    "\"C1,2024-01-10 10:00:00,1,1",
];

fn in_blocks_of(block_bytes: usize, csv: &Path) -> CsvReadings<'_> {
    CsvReadings { block_bytes, ..CsvReadings::of(csv, "raw/readings.csv", RETAILER_ZONE) }
}

/// What comes of a file in blocks of so many bytes: its Parquet, what is told, and its last date; or the message.
type Outcome = (Result<(Vec<u8>, Converted), String>, Result<Option<NaiveDate>, String>);

fn outcome(content: &[u8], block_bytes: usize) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let (csv, parquet) = (folder.path().join("readings.csv"), folder.path().join("readings.parquet"));
    std::fs::write(&csv, content).unwrap();
    let readings = in_blocks_of(block_bytes, &csv);
    let converted = readings.convert(&parquet, &Unwatched);
    assert_eq!(converted.is_ok(), parquet.exists());
    let converted = converted.map(|converted| (std::fs::read(&parquet).unwrap(), converted));
    let last = readings.last_date(&Unwatched);
    (converted.map_err(|error| error.to_string()), last.map_err(|error| error.to_string()))
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// So many good rows, no two of them alike.
fn good_rows(count: usize) -> String {
    let row = |place: usize| {
        let (customer, day, hour) = (place / 600, place / 24 % 25 + 1, place % 24);
        format!("C{customer},2024-01-{day:02} {hour:02}:00:00,{}.{place},{hour}\n", place % 7)
    };
    format!("{HEADER}\n{}", (0..count).map(row).collect::<String>())
}

fn row() -> impl Strategy<Value = &'static str> {
    prop_oneof![60 => select(&COMMON[..]), 12 => select(&ODD[..]), 1 => select(&QUOTED[..]), 1 => select(&BAD[..])]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn a_file_cut_anywhere_is_the_same_file(
        rows in prop::collection::vec(row(), 0..60),
        line_end in select(vec!["\n", "\r\n", "\r"]),
        ends_in_one in any::<bool>(),
        block_bytes in 1..400_usize,
    ) {
        let mut content = [&[HEADER], rows.as_slice()].concat().join(line_end);
        if ends_in_one {
            content.push_str(line_end);
        }
        let expected = outcome(content.as_bytes(), ONE_BY_ONE);
        prop_assert_eq!(&outcome(content.as_bytes(), block_bytes), &expected);
        prop_assert_eq!(&outcome(&gzip(content.as_bytes()), block_bytes), &expected);
        if !content.contains('"') {
            let spanish = content.replace('.', "#").replace(',', ";").replace('#', ",");
            let expected = outcome(spanish.as_bytes(), ONE_BY_ONE);
            prop_assert_eq!(&outcome(spanish.as_bytes(), block_bytes), &expected);
        }
    }
}

#[test]
fn blocks_and_batches_need_not_end_together() {
    let content = good_rows(2 * ROWS_PER_BATCH + 1_000);
    let (expected, last) = outcome(content.as_bytes(), ONE_BY_ONE);
    assert_eq!(expected.as_ref().unwrap().1.rows as usize, 2 * ROWS_PER_BATCH + 1_000);
    assert_eq!(last.unwrap(), NaiveDate::from_ymd_opt(2024, 1, 25));
    for block_bytes in [10_000, 100_003, BLOCK_BYTES] {
        assert!(outcome(content.as_bytes(), block_bytes).0 == expected, "{block_bytes}");
    }
    // The blank row moves all that come behind it; a quote near the end leaves them to be read one by one.
    let odd = content.replacen("C1,", "\nC1,", 1).replacen("C200,", "\"C200\",", 1);
    let odd = outcome(odd.as_bytes(), 100_003).0.unwrap();
    let (bytes, converted) = expected.unwrap();
    assert!(odd.0 == bytes);
    assert_eq!((odd.1.rows, odd.1.findings[0].rule.as_str()), (converted.rows, "blank_rows"));
}

#[test]
fn the_first_bad_row_of_many_is_named() {
    let mut rows: Vec<String> = good_rows(5_000).lines().map(str::to_owned).collect();
    for place in [4_321, 4_322, 4_900] {
        rows[place] = "C9,2024-01-10 10:00:00,many,1".to_owned();
    }
    rows[4_500] = "C9".to_owned();
    let message = outcome(rows.join("\n").as_bytes(), 1_000).0.unwrap_err();
    assert!(message.starts_with("raw/readings.csv, column consumption_elec_kwh, row 4322: not a number"), "{message}");
    assert!(!message.contains("cut off"), "{message}");
}

#[test]
fn a_damaged_archive_is_told_at_the_same_row() {
    let compressed = gzip(good_rows(50_000).as_bytes());
    let cut = &compressed[..compressed.len() / 2];
    let expected = outcome(cut, ONE_BY_ONE);
    assert!(expected.0.as_ref().unwrap_err().contains("damaged or ends early"), "{expected:?}");
    assert_eq!(outcome(cut, 10_000), expected);
}

#[test]
fn a_record_that_is_too_long_is_told_in_a_block_too() {
    let long = format!(
        "customer_id,timestamp,consumption_elec_kwh,consumption_gas_m3,note\nC1,2024-01-10 10:00:00,1,1,{}\n",
        "x".repeat(1 << 20)
    );
    let content = format!("{long}{}", "C1,2024-01-10 10:00:00,1,1,x\n".repeat(100_000));
    let message = outcome(content.as_bytes(), BLOCK_BYTES).0.unwrap_err();
    assert!(message.starts_with("raw/readings.csv, row 2: is longer than a row can be"), "{message}");
}

#[test]
fn whoever_watches_can_stop_it() {
    struct Stops;
    impl Watch for Stops {
        fn report(&self, done: u64, _total: Option<u64>) -> Result<()> {
            if done > 20_000 { Err(Error::Cancelled) } else { Ok(()) }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let (csv, parquet) = (folder.path().join("readings.csv"), folder.path().join("readings.parquet"));
    std::fs::write(&csv, good_rows(2 * ROWS_PER_BATCH)).unwrap();
    let readings = in_blocks_of(10_000, &csv);
    let stopped = readings.convert(&parquet, &Stops);
    assert!(matches!(stopped, Err(Error::Cancelled)) && !parquet.exists(), "{stopped:?}");
    let stopped = readings.last_date(&Stops);
    assert!(matches!(stopped, Err(Error::Cancelled)), "{stopped:?}");
}
