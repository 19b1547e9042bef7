//! `spanishgas generate-data`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use churn::Watch;
use churn::generator::{GenerateSettings, Others, PlantedOffers, generate};
use churn::raw::RawTable;

use crate::display::Bar;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// How many customers.
    #[arg(long, default_value_t = 20_099, value_parser = clap::value_parser!(u32).range(1..))]
    pub customers: u32,
    /// The same seed gives the same files.
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
    /// Months of readings, from January 2024 on: 12 end on the date of the labels, 18 on the date of second labels.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(12..=18))]
    pub months: u32,
    /// The folder to write to.
    #[arg(long)]
    pub out: PathBuf,
    /// Write `offer_outcomes.csv` too: a year of offers that keep this share of those who would have left (0 to 1).
    #[arg(long)]
    pub offer_effect: Option<f64>,
    /// Replace raw files there that the generator did not make, or that were changed since.
    #[arg(long)]
    pub overwrite: bool,
    /// Do nothing when all seven files are there, whoever made them.
    #[arg(long, conflicts_with = "overwrite")]
    pub if_empty: bool,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    run_until(&AtomicBool::new(false), arguments)
}

/// The same, which ends with an error soon after it is to stop; what was there before is still there then.
pub fn run_until(is_stopped: &AtomicBool, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if arguments.if_empty && all_are_there(&arguments.out)? {
        eprintln!("{} has all raw files: nothing is invented", arguments.out.display());
        return Ok(ExitCode::SUCCESS);
    }
    let offers = arguments.offer_effect.map(PlantedOffers::saving);
    let (customers, seed, months) = (arguments.customers, arguments.seed, arguments.months);
    let settings = GenerateSettings { customers, seed, offers, months };
    let bar = Bar::new("hourly readings");
    let others = if arguments.overwrite { Others::Replace } else { Others::Keep };
    let generated = generate(&settings, &arguments.out, others, &Until { is_stopped, bar: &bar })?;
    bar.finish();
    for file in generated.files {
        eprintln!("{:>12} rows  {}", crate::display::thousands(file.rows), arguments.out.join(file.name).display());
    }
    Ok(ExitCode::SUCCESS)
}

/// A bar, until somebody says that it is enough.
struct Until<'a> {
    is_stopped: &'a AtomicBool,
    bar: &'a Bar,
}

impl Watch for Until<'_> {
    fn report(&self, done: u64, total: Option<u64>) -> churn::Result<()> {
        if self.is_stopped.load(Ordering::Relaxed) {
            return Err(churn::Error::Cancelled);
        }
        self.bar.report(done, total)
    }
}

/// Whether the six small files are there, and some readings: one file, or a folder of several.
fn all_are_there(folder: &Path) -> anyhow::Result<bool> {
    let small = RawTable::ALL.iter().all(|table| folder.join(table.file_name()).is_file());
    Ok(small && (names(folder)?.iter().any(is_readings) || !names(&folder.join("consumption"))?.is_empty()))
}

fn is_readings(name: &OsString) -> bool {
    name.to_string_lossy().starts_with("consumption_hourly")
}

/// What a folder holds; nothing when it is not there.
fn names(folder: &Path) -> anyhow::Result<Vec<OsString>> {
    let listed = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed.and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect()),
    };
    listed.with_context(|| format!("could not list {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_whole_with_the_six_tables_and_some_readings() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!all_are_there(&folder.path().join("nowhere")).unwrap());
        for table in RawTable::ALL {
            std::fs::write(folder.path().join(table.file_name()), "").unwrap();
        }
        assert!(!all_are_there(folder.path()).unwrap(), "no readings");
        std::fs::create_dir(folder.path().join("consumption")).unwrap();
        assert!(!all_are_there(folder.path()).unwrap(), "no readings yet");
        std::fs::write(folder.path().join("consumption/part-1.parquet"), "").unwrap();
        assert!(all_are_there(folder.path()).unwrap());
        std::fs::remove_dir_all(folder.path().join("consumption")).unwrap();
        std::fs::write(folder.path().join("consumption_hourly_2024.parquet"), "").unwrap();
        assert!(all_are_there(folder.path()).unwrap());
        std::fs::remove_file(folder.path().join(RawTable::PriceHistory.file_name())).unwrap();
        assert!(!all_are_there(folder.path()).unwrap(), "one is missing");
    }
}
