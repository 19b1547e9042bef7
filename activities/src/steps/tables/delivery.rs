//! What is told of the files of readings before they are summed: which hold nothing, which hold the same, and how they spell
//! customers.

use std::path::Path;

use churn::Watch;
use churn::hourly::{SameReadings, same_readings, some_ids};
use churn::quality::{Finding, Severity};
use lake::Fetched;
use protocol::TableRef;

use super::raw_roles::{READINGS, named};
use crate::error::Result;

/// Of more files than this, evenly spread ones are looked at for ids.
const LOOKED_AT: usize = 32;

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
    watch: &dyn Watch,
) -> Result<Looked> {
    let (filled, empty): (Vec<usize>, Vec<usize>) = (0..files.len()).partition(|place| files[*place].rows > 0);
    let mut findings = Vec::new();
    findings.extend(without_rows(&empty, names));
    findings.extend(twice(&filled, files, paths, names, watch)?);
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
    watch: &dyn Watch,
) -> Result<Vec<Finding>> {
    if filled.len() < 2 {
        return Ok(Vec::new());
    }
    let copy_of = |at: usize| (0..at).find(|before| files[filled[*before]].digest == files[filled[at]].digest);
    let copies: Vec<(usize, usize)> = (0..filled.len()).filter_map(|at| Some((copy_of(at)?, at))).collect();
    let found = if copies.is_empty() {
        let looked: Vec<(&Path, &str)> =
            filled.iter().map(|place| (paths[*place].path(), names[*place].as_str())).collect();
        same_readings(&looked, watch)?
    } else {
        SameReadings { pairs: copies, complete: true }
    };
    let mut findings = Vec::new();
    if !found.pairs.is_empty() {
        let name = |at: usize| names[filled[at]].as_str();
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
    Ok(findings)
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
