//! No damage to a Parquet file ends in a panic, in the end of the process or in memory that is not
//! there: each is an error, or an answer. Which answer is right is the digest's to know.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::{
    ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray, TimestampMillisecondArray,
};
use churn::hourly::{PartialSums, RETAILER_ZONE, aggregate_slice, inspect, inspect_with_last_date, plan_slices};
use churn::{DataFrame, Error, Result, Unwatched, table_file};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterVersion};
use polars::prelude::{Column, DataType, NamedFrom, Series, StringChunked};
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

/// Panics behind the wall; the hook counts them and prints nothing.
static PANICS: AtomicU64 = AtomicU64::new(0);

/// Damaged copies of other kinds than flipped bits or a file cut off.
const WILD: u32 = 2_000;

/// Set to flip every bit of every file, which takes minutes, and not two bits of every byte.
const ALL_BITS: &str = "DAMAGE_ALL_BITS";

/// What a flip of this many readings and tables may reserve: far more than they need, and far less
/// than a count that was believed would.
const MOST_RESERVED_KIB: u64 = 2 << 20;

fn readings(properties: WriterProperties, timestamps: ArrayRef) -> Vec<u8> {
    let customers: StringArray = (0..48).map(|i| (i % 11 != 5).then(|| format!("C{:05}", i / 8))).collect();
    let elec: Float64Array = (0..48).map(|i| (i % 7 != 3).then(|| f64::from(i) * 0.37)).collect();
    let gas: Float64Array = (0..48).map(|i| Some(f64::from(i % 3))).collect();
    let batch = RecordBatch::try_from_iter_with_nullable([
        ("customer_id", Arc::new(customers) as ArrayRef, true),
        ("timestamp", timestamps, true),
        ("consumption_elec_kwh", Arc::new(elec), true),
        ("consumption_gas_m3", Arc::new(gas), true),
    ])
    .expect("the columns are of one length");
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(properties)).expect("the schema is plain");
    writer.write(&batch).expect("memory takes it");
    writer.close().expect("memory takes it");
    file
}

fn texts() -> ArrayRef {
    let hour = |i: i32| format!("2024-{:02}-{:02} {:02}:00:00", i / 16 + 1, i % 28 + 1, i % 24);
    Arc::new(StringArray::from_iter_values((0..48).map(hour)))
}

/// As people deliver them: by other writers, with other codecs, types and versions of pages.
fn deliveries() -> BTreeMap<&'static str, Vec<u8>> {
    let usual = || WriterProperties::builder().set_max_row_group_row_count(Some(30));
    let millis: ArrayRef = Arc::new(TimestampMillisecondArray::from_iter_values((0..48).map(|i| i * 50_000_000)));
    let micros: ArrayRef =
        Arc::new(TimestampMicrosecondArray::from_iter_values((0..48).map(|i| i * 50_000_000_000)).with_timezone("UTC"));
    let zstd = Compression::ZSTD(ZstdLevel::default());
    BTreeMap::from([
        ("snappy, dictionaries", readings(usual().set_compression(Compression::SNAPPY).build(), texts())),
        ("zstd, plain", readings(usual().set_compression(zstd).set_dictionary_enabled(false).build(), millis)),
        (
            "uncompressed, second version of pages",
            readings(usual().set_writer_version(WriterVersion::PARQUET_2_0).build(), micros),
        ),
    ])
}

/// A table as a stage leaves it, and as polars writes it.
fn stored_table(folder: &Path) -> Vec<u8> {
    let column = |name: &str, series: Series| -> Column { series.with_name(name.into()).into() };
    let days = Series::new("day".into(), (0..40).map(|i| (i % 9 != 4).then_some(19_723 + i)).collect::<Vec<_>>());
    let columns = vec![
        column("customer_id", Series::new("".into(), (0..40).map(|i| format!("C{i:05}")).collect::<Vec<_>>())),
        column("segment", Series::new("".into(), (0..40).map(|i| [Some("SME"), None][i % 2]).collect::<Vec<_>>())),
        column("churn", Series::new("".into(), (0..40).map(|i| i % 2).collect::<Vec<i32>>())),
        column(
            "margin",
            Series::new("".into(), (0..40).map(|i| (i > 3).then(|| f64::from(i) / 7.0)).collect::<Vec<_>>()),
        ),
        column("end_date", days.cast(&DataType::Date).expect("days are dates")),
    ];
    let mut table = DataFrame::new(40, columns).expect("the columns are of one length");
    let path = folder.join("stored.parquet");
    table_file::write(&mut table, &path).expect("the folder takes it");
    fs::read(path).expect("it was just written")
}

fn sum_all(path: &Path) -> Result<PartialSums> {
    let slices = plan_slices(&[inspect(path, "readings.parquet")?], 400).concat();
    PartialSums::merge(slices.iter().map(|slice| aggregate_slice(path, slice, RETAILER_ZONE, &Unwatched)))
}

/// Calls `with` with bits of every byte flipped, the file cut off at every byte, and wilder damage.
fn every_damage(whole: &[u8], mut with: impl FnMut(&[u8])) {
    #[expect(clippy::disallowed_methods, reason = "a person asks for the long form")]
    let step = if std::env::var_os(ALL_BITS).is_some() { 1 } else { 4 };
    let mut damaged = whole.to_vec();
    for place in 0..whole.len() {
        for bit in (place % step..8).step_by(step) {
            damaged[place] = whole[place] ^ 1 << bit;
            with(&damaged);
        }
        damaged[place] = whole[place];
        with(&whole[..place]);
    }
    let mut random = Pcg64::seed_from_u64(7);
    let mut below = |limit: usize| (random.next_u64() % limit as u64) as usize;
    for _ in 0..WILD {
        let mut damaged = whole.to_vec();
        for _ in 0..=below(3) {
            let place = below(damaged.len());
            let end = damaged.len().min(place + 1 + below(9));
            match below(5) {
                0 => damaged[place..end].fill(0xff),
                1 => damaged[place..end].fill(0),
                2 => damaged[place..end].fill_with(|| below(256) as u8),
                3 => drop(damaged.drain(place..end)),
                _ => damaged.extend_from_within(place..end),
            }
        }
        with(&damaged);
    }
}

/// Without cutting the file to nothing first, which makes some file systems wait for the disk.
fn overwrite(path: &Path, bytes: &[u8]) {
    let file = File::options().write(true).open(path).expect("the file is there");
    file.set_len(bytes.len() as u64).expect("the folder takes it");
    file.write_all_at(bytes, 0).expect("the folder takes it");
}

/// Reads every damaged copy. What became of them is printed for the curious.
fn survives<T>(what: &str, folder: &Path, whole: &[u8], read: impl Fn(&Path) -> Result<T>) {
    let path = folder.join("damaged.parquet");
    fs::write(&path, whole).expect("the folder takes it");
    read(&path).unwrap_or_else(|error| panic!("{what}: the whole file cannot be read: {error}"));

    let (mut cases, mut answers, mut wrong) = (0, 0, Vec::new());
    let usual_hook = take_hook();
    PANICS.store(0, Ordering::Relaxed);
    set_hook(Box::new(|_| {
        PANICS.fetch_add(1, Ordering::Relaxed);
    }));
    every_damage(whole, |damaged| {
        overwrite(&path, damaged);
        cases += 1;
        match catch_unwind(AssertUnwindSafe(|| read(&path))) {
            Ok(Ok(_)) => answers += 1,
            Ok(Err(Error::Data(problem))) if problem.table.ends_with(".parquet") => {}
            Ok(Err(error)) => wrong.push(format!("{error:?}")),
            Err(_) => wrong.push("a panic came through the wall".to_owned()),
        }
    });
    set_hook(usual_hook);
    let panics = PANICS.load(Ordering::Relaxed);
    println!("{what}: {cases} damaged files of {} bytes, {answers} answers, {panics} panics contained", whole.len());
    assert!(wrong.is_empty(), "{what}: {} wrong ends, the first: {}", wrong.len(), wrong[0]);
}

/// The most memory that the process ever asked for, in KiB; Linux tells.
fn reserved_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmPeak:")?.trim().strip_suffix(" kB")?.parse().ok())
}

#[test]
fn damage_is_an_error_or_an_answer() {
    let folder = tempfile::tempdir().expect("the system has a temporary folder");
    let folder = folder.path();
    let table = stored_table(folder);
    // Starts the threads of the pool, so that their stacks do not count below.
    table_file::read(&folder.join("stored.parquet")).expect("it was just written");
    let before = reserved_kib();

    for (what, whole) in deliveries() {
        survives(&format!("sums, {what}"), folder, &whole, sum_all);
        survives(&format!("last date, {what}"), folder, &whole, |path| {
            inspect_with_last_date(path, "delivered.parquet", RETAILER_ZONE)
        });
    }
    survives("stored table", folder, &table, |path| {
        let table = table_file::read(path)?;
        let texts = table.columns().iter().filter_map(|column| column.str().ok());
        // Every text is looked at: bytes that are none must not have come through.
        Ok(texts.flat_map(StringChunked::iter).flatten().map(|text| text.chars().count()).sum::<usize>())
    });
    let sums = folder.join("sums.parquet");
    let delivery = folder.join("delivery.parquet");
    fs::write(&delivery, &deliveries()["snappy, dictionaries"]).expect("the folder takes it");
    sum_all(&delivery).and_then(|all| all.write(&sums)).expect("the delivery is whole");
    survives("partial sums", folder, &fs::read(sums).expect("it was just written"), PartialSums::read);

    if let (Some(before), Some(after)) = (before, reserved_kib()) {
        assert!(after - before < MOST_RESERVED_KIB, "{} MiB were reserved", (after - before) / 1024);
    }
}
