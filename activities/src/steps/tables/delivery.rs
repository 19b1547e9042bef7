//! What is told of the files of readings before they are summed: which hold nothing, which hold the same, and how they spell
//! customers.

use std::path::Path;

use chrono_tz::Tz;
use churn::hourly::{SameReadings, convert_csv, inspect, same_readings, some_ids};
use churn::quality::{Finding, Severity};
use churn::{Error, Watch};
use lake::{Fetched, Lake};
use protocol::TableRef;

use super::raw_files::Look;
use super::raw_roles::{READINGS, is_parquet, named};
use crate::error::Result;

/// Of more files than this, evenly spread ones are looked at for ids.
const LOOKED_AT: usize = 32;
/// A CSV file of more bytes has rows.
const SMALL: u64 = 64 << 10;

/// What was seen of the readings.
pub(super) struct Looked {
    /// What is told.
    pub findings: Vec<Finding>,
    /// Some of the customers that they name.
    pub customers: Vec<String>,
}

/// Looks at the files of readings: `files` with their rows, where they lie, and what people call them.
pub(super) fn look_at_readings(
    files: &[TableRef],
    paths: &[Fetched],
    names: &[String],
    zone: Tz,
    watch: &dyn Watch,
) -> Result<Looked> {
    let (filled, empty): (Vec<usize>, Vec<usize>) = (0..files.len()).partition(|place| files[*place].rows > 0);
    let mut findings = Vec::new();
    findings.extend(without_rows(&empty, names));
    findings.extend(twice(&filled, files, paths, names, zone, watch)?);
    let (customers, numbers) = ids(&filled, paths, names)?;
    if numbers > 0 {
        let words = format!("the ids of {numbers} files of readings are numbers and are taken as text");
        findings.push(Finding::new(Severity::Info, READINGS, "integer_ids", words).counting(numbers));
    }
    paths.iter().try_for_each(Fetched::still_the_same)?;
    Ok(Looked { findings, customers })
}

fn without_rows(empty: &[usize], names: &[String]) -> Option<Finding> {
    if empty.is_empty() {
        return None;
    }
    let keys: Vec<String> = empty.iter().map(|place| names[*place].clone()).collect();
    let words = format!("files of readings without rows: {}", named(&keys));
    Some(Finding::new(Severity::Info, READINGS, "files_without_rows", words).counting(empty.len() as u64))
}

/// The same bytes twice are found by their digests, the same readings in other bytes by looking.
fn twice(
    filled: &[usize],
    files: &[TableRef],
    paths: &[Fetched],
    names: &[String],
    zone: Tz,
    watch: &dyn Watch,
) -> Result<Vec<Finding>> {
    if filled.len() < 2 {
        return Ok(Vec::new());
    }
    let digests: Vec<&TableRef> = filled.iter().map(|place| &files[*place]).collect();
    let copies = copies(&digests);
    let found = if copies.is_empty() {
        let looked: Vec<(&Path, &str)> =
            filled.iter().map(|place| (paths[*place].path(), names[*place].as_str())).collect();
        same_readings(&looked, zone, watch)?
    } else {
        SameReadings { pairs: copies, complete: true }
    };
    let filled: Vec<&str> = filled.iter().map(|place| names[*place].as_str()).collect();
    Ok(words_of(&found, &filled))
}

/// The files of the same bytes, by their places.
fn copies(files: &[&TableRef]) -> Vec<(usize, usize)> {
    let copy_of = |at: usize| (0..at).find(|before| files[*before].digest == files[at].digest);
    (0..files.len()).filter_map(|at| Some((copy_of(at)?, at))).collect()
}

/// What is told of files by these names.
fn words_of(found: &SameReadings, names: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !found.pairs.is_empty() {
        let name = |at: usize| names[at];
        let pairs: Vec<String> =
            found.pairs.iter().map(|(one, other)| format!("{} and {}", name(*one), name(*other))).collect();
        let words = format!("the same readings are delivered twice: {}; deliver them once", named(&pairs));
        let finding = Finding::new(Severity::Block, READINGS, "same_readings_twice", words);
        findings.push(finding.counting(found.pairs.len() as u64));
    }
    if !found.complete {
        let words = "not all files of readings were compared with each other, since there are many that overlap; \
                     readings delivered twice are found when they are counted";
        findings.push(Finding::new(Severity::Info, READINGS, "not_all_compared", words));
    }
    findings
}

/// Which files of readings are delivered twice, for people who ask before they run. CSV is compared by its bytes alone,
/// since a run converts it first.
pub async fn delivered_twice(lake: &Lake, readings: &[TableRef], look: Look<'_>) -> Result<Vec<Finding>> {
    let Look { zone, scratch, watch } = look;
    if readings.len() < 2 {
        return Ok(Vec::new());
    }
    let scratch = tempfile::TempDir::new_in(scratch).map_err(Error::file("make a folder in", scratch))?;
    let mut filled = Vec::new();
    for (file, pinned) in readings.iter().zip(lake.pin_all(readings, scratch.path()).await?) {
        if pinned.read(|path| has_rows(file, path, Look { scratch: scratch.path(), ..look }))? {
            filled.push((file, pinned));
        }
    }
    let all: Vec<&TableRef> = filled.iter().map(|(file, _)| *file).collect();
    let pairs = copies(&all);
    if !pairs.is_empty() {
        let names: Vec<&str> = all.iter().map(|file| file.key.as_str()).collect();
        return Ok(words_of(&SameReadings { pairs, complete: true }, &names));
    }
    let parquet = filled.iter().filter(|(file, _)| is_parquet(&file.key));
    let looked: Vec<(&Path, &str)> = parquet.map(|(file, pinned)| (pinned.path(), file.key.as_str())).collect();
    let names: Vec<&str> = looked.iter().map(|(_, name)| *name).collect();
    let mut findings =
        if looked.len() > 1 { words_of(&same_readings(&looked, zone, watch)?, &names) } else { Vec::new() };
    filled.iter().try_for_each(|(_, pinned)| pinned.still_the_same())?;
    if looked.len() < filled.len() && filled.len() > 1 {
        let words = "readings in CSV are compared with the others by a run, which converts them first";
        findings.push(Finding::new(Severity::Info, READINGS, "not_all_compared", words));
    }
    Ok(findings)
}

/// Whether a file holds a reading; parts that hold none are often alike.
fn has_rows(file: &TableRef, path: &Path, look: Look<'_>) -> churn::Result<bool> {
    if is_parquet(&file.key) {
        return Ok(!inspect(path, &file.key)?.is_empty());
    }
    let bytes = std::fs::metadata(path).map_err(Error::file("look at", path))?.len();
    // What cannot be converted is for the run to say.
    let parquet = look.scratch.join("readings.parquet");
    let convert = || convert_csv(path, &file.key, &parquet, look.zone, look.watch);
    Ok(bytes > SMALL || convert().map_or(true, |made| made.rows > 0))
}

/// Some ids, and how many of the files that were looked at keep them as numbers.
fn ids(filled: &[usize], paths: &[Fetched], names: &[String]) -> Result<(Vec<String>, u64)> {
    let (mut ids, mut numbers) = (std::collections::BTreeSet::new(), 0);
    for place in filled.iter().step_by(filled.len().div_ceil(LOOKED_AT).max(1)) {
        let some = some_ids(paths[*place].path(), &names[*place])?;
        numbers += u64::from(some.are_numbers);
        ids.extend(some.ids);
    }
    Ok((ids.into_iter().collect(), numbers))
}

#[cfg(test)]
mod tests {
    use churn::Unwatched;
    use churn::hourly::RETAILER_ZONE;
    use lake::FolderLake;
    use protocol::Digest;

    use super::*;

    const HEADER: &str = "customer_id,timestamp,consumption_elec_kwh,consumption_gas_m3\n";

    /// The rules that a delivery of these CSV files is told of before a run.
    async fn rules(files: &[(&str, &str)]) -> Vec<(String, Severity, String)> {
        let root = tempfile::tempdir().unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let lake = Lake::Folder(FolderLake::open(root.path()).unwrap());
        let mut readings = Vec::new();
        for (key, rows) in files {
            let content = format!("{HEADER}{rows}");
            let digest = Digest::of(content.as_bytes());
            lake.put(key, content.into_bytes()).await.unwrap();
            readings.push(TableRef { key: (*key).to_owned(), digest, rows: 0 });
        }
        let look = Look { zone: RETAILER_ZONE, scratch: scratch.path(), watch: &Unwatched };
        let findings = delivered_twice(&lake, &readings, look).await.unwrap();
        findings.into_iter().map(|finding| (finding.rule, finding.severity, finding.words)).collect()
    }

    #[tokio::test]
    async fn a_copy_is_told_before_a_run_and_empty_parts_are_no_copies() {
        let one = "C1,2024-01-10 10:00:00,1.5,0\n";
        let told = rules(&[("raw/consumption/a.csv", one), ("raw/consumption/b.csv", one)]).await;
        let [(rule, severity, words)] = told.as_slice() else { panic!("one finding, not {told:?}") };
        assert_eq!((rule.as_str(), *severity), ("same_readings_twice", Severity::Block));
        assert!(words.contains("raw/consumption/a.csv and raw/consumption/b.csv"), "{words}");
        let parts = [("raw/consumption/a.csv", one), ("raw/consumption/b.csv", ""), ("raw/consumption/c.csv", "")];
        assert!(rules(&parts).await.is_empty());
        let other = "C1,2024-02-10 10:00:00,1.5,0\n";
        let told = rules(&[("raw/consumption/a.csv", one), ("raw/consumption/b.csv", other)]).await;
        assert_eq!(told.first().map(|told| (told.0.as_str(), told.1)), Some(("not_all_compared", Severity::Info)));
    }
}
