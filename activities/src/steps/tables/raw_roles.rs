//! Which objects below a raw prefix are the delivery: one rule for a folder and for a bucket. What is passed over is
//! counted or named, so that nobody wonders where a file went.

use std::collections::BTreeMap;

use churn::quality::{Finding, Severity};
use churn::raw::RawTable;
use lake::{Listing, ObjectMeta};
use protocol::pipeline::Mode;

/// The table that findings about the readings name.
pub(in crate::steps) const READINGS: &str = "consumption_hourly";
/// How readings may end, in any case.
const ENDINGS: [&str; 3] = [".parquet", ".csv", ".csv.gz"];
/// How writers and editors call what they have not finished, and Hadoop its marks of folders.
const TEMPORARY: [&str; 11] = [
    ".tmp",
    ".temp",
    ".part",
    ".partial",
    ".filepart",
    ".crdownload",
    ".inprogress",
    "._copying_",
    ".swp",
    "~",
    "_$folder$",
];
/// More names than this are only counted.
const NAMED: usize = 5;

/// The raw files of a folder by role, and what is missing of the seven.
pub(in crate::steps) struct Roles {
    /// The small files by table name, those among them that need not be there.
    pub tables: BTreeMap<String, ObjectMeta>,
    /// The files of readings, in the order of their keys.
    pub readings: Vec<ObjectMeta>,
    /// What is missing, in words.
    pub missing: Vec<String>,
    /// What is there and no part of the delivery.
    pub passed_over: PassedOver,
}

impl Roles {
    /// As a run of `mode` needs them. Who scores needs no labels: without the file, and without one that may have been meant,
    /// the customers are those of the attributes.
    pub fn needed_by(mut self, mode: Mode) -> Self {
        let (label, attributes) = (RawTable::ChurnLabel, RawTable::CustomerAttributes);
        let place = self.missing.iter().position(|missing| missing == label.file_name());
        if let (Mode::Score, Some(place), Some(stand_in)) = (mode, place, self.tables.get(attributes.as_str()).cloned())
        {
            self.missing.remove(place);
            self.tables.insert(label.as_str().to_owned(), stand_in);
        }
        self
    }

    /// That there is no file of labels, where the attributes stand in for it.
    pub fn stands_in(&self) -> Option<Finding> {
        let key = |table: RawTable| self.tables.get(table.as_str()).map(|object| &object.key);
        let (label, attributes) = (key(RawTable::ChurnLabel)?, key(RawTable::CustomerAttributes)?);
        let words = "there is no churn_label.csv: the customers of customer_attributes.csv are scored";
        (label == attributes)
            .then(|| Finding::new(Severity::Info, RawTable::ChurnLabel.as_str(), "no_label_file", words).counting(1))
    }
}

/// What is there and no part of the delivery.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::steps) struct PassedOver {
    /// How many marks, hidden and unfinished files there are.
    pub marks: u64,
    /// Links that lead nowhere or in a circle, and objects with the name of a folder: they may have been meant.
    pub unreachable: Vec<String>,
    /// Files of readings, and such as need not be there, without a byte.
    pub empty: Vec<String>,
    /// What is called like a small file that is read: copies, other dates, other endings.
    pub twins: Vec<Twins>,
    /// What is called like a raw file and has an ending that nobody here reads.
    pub unknown: Vec<String>,
    /// Everything else.
    pub others: Vec<String>,
}

/// A small file that is read, and what is called like it beside it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::steps) struct Twins {
    table: String,
    read: String,
    beside: Vec<String>,
}

/// The roles of what is listed below a prefix that ends in `/`.
pub(in crate::steps) fn roles_of_listing(prefix: &str, listing: Listing) -> Roles {
    let mut roles = roles(prefix, listing.objects);
    let (marks, links): (Vec<_>, Vec<_>) =
        listing.passed_over.into_iter().partition(|key| is_hidden(key.get(prefix.len()..).unwrap_or_default()));
    roles.passed_over.marks += marks.len() as u64;
    roles.passed_over.unreachable = links;
    roles
}

/// The roles of the objects below a prefix that ends in `/`.
pub(in crate::steps) fn roles(prefix: &str, objects: Vec<ObjectMeta>) -> Roles {
    let mut passed_over = PassedOver::default();
    let mut candidates = Vec::new();
    for object in objects {
        if is_hidden(&object.key[prefix.len()..]) || is_temporary(&object.key) {
            passed_over.marks += 1;
        } else {
            candidates.push(object);
        }
    }
    let mut missing = Vec::new();
    let mut tables = BTreeMap::new();
    for table in RawTable::files() {
        let key = format!("{prefix}{}", table.file_name());
        let exact = candidates.iter().position(|object| object.key == key);
        let alike = |object: &ObjectMeta| object.key.eq_ignore_ascii_case(&key);
        let in_any_case: Vec<usize> = (0..candidates.len()).filter(|place| alike(&candidates[*place])).collect();
        let only = if in_any_case.len() == 1 { in_any_case.first().copied() } else { None };
        let is_optional = RawTable::OPTIONAL.contains(&table);
        match exact.or(only) {
            // As good as none.
            Some(place) if is_optional && candidates[place].bytes == 0 => {
                passed_over.empty.push(candidates.remove(place).key);
            }
            Some(place) => drop(tables.insert(table.as_str().to_owned(), candidates.remove(place))),
            None if in_any_case.is_empty() && is_optional => {}
            None if in_any_case.is_empty() => missing.push(missing_words(table.file_name(), prefix, &candidates)),
            None => {
                let keys: Vec<String> = in_any_case.iter().map(|place| candidates[*place].key.clone()).collect();
                missing.push(format!("{} ({} are all there: remove all but one)", table.file_name(), named(&keys)));
            }
        }
    }
    for (table, file) in &tables {
        let is_beside = |object: &ObjectMeta| is_beside(&object.key[prefix.len()..], table);
        let (beside, others): (Vec<_>, Vec<_>) = candidates.into_iter().partition(is_beside);
        candidates = others;
        if !beside.is_empty() {
            let beside = beside.into_iter().map(|object| object.key).collect();
            passed_over.twins.push(Twins { table: table.clone(), read: file.key.clone(), beside });
        }
    }
    let mut readings = Vec::new();
    for object in candidates {
        let name = &object.key[prefix.len()..];
        if is_readings(name) && object.bytes > 0 {
            readings.push(object);
        } else if is_readings(name) {
            passed_over.empty.push(object.key);
        } else if is_called_like_ours(name) {
            passed_over.unknown.push(object.key);
        } else {
            passed_over.others.push(object.key);
        }
    }
    if readings.is_empty() {
        let usual = "consumption_hourly_*.parquet (or .csv, .csv.gz, or a folder consumption/)".to_owned();
        let mut instead = passed_over.empty.iter().chain(&passed_over.unknown);
        missing.push(match instead.find(|key| starts_like(&key[prefix.len()..], "consumption")) {
            Some(key) => format!("{usual}; {key} is there and holds none that can be read"),
            None => usual,
        });
    }
    Roles { tables, readings, missing, passed_over }
}

/// A missing file, with what is there in its place.
fn missing_words(file_name: &str, prefix: &str, objects: &[ObjectMeta]) -> String {
    let stem = file_name.split('.').next().unwrap_or(file_name);
    let alike = objects.iter().map(|object| &object.key[prefix.len()..]).find(|name| starts_like(name, stem));
    match alike {
        Some(name) if name.len() > file_name.len() && name.as_bytes()[file_name.len()] == b'/' => {
            format!("{file_name} (a folder of that name is there; one file is needed)")
        }
        Some(name) => format!("{file_name} ({name} is there)"),
        None => file_name.to_owned(),
    }
}

fn starts_like(name: &str, start: &str) -> bool {
    name.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// Names that begin with `_` or `.` are marks and unfinished files, never data.
pub fn is_hidden(name: &str) -> bool {
    name.split('/').any(|part| part.starts_with(['_', '.']))
}

/// What a writer has not finished, and what an office program locks a file with.
fn is_temporary(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    let name = lower.rsplit_once('/').map_or(lower.as_str(), |(_, name)| name);
    TEMPORARY.iter().any(|ending| name.ends_with(ending)) || name.starts_with("~$") || name.starts_with('#')
}

fn is_readings(name: &str) -> bool {
    let known = ENDINGS.iter().any(|ending| ends_like(name, ending));
    known && (starts_like(name, "consumption_hourly") || starts_like(name, "consumption/"))
}

/// Whether a file of readings is Parquet; the others are CSV.
pub fn is_parquet(key: &str) -> bool {
    ends_like(key, ".parquet")
}

fn ends_like(name: &str, ending: &str) -> bool {
    let start = name.len().checked_sub(ending.len());
    start.and_then(|start| name.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(ending))
}

/// Whether a file in the same folder is called like the small file that is read as a table: `churn_label (1).csv`.
fn is_beside(name: &str, table: &str) -> bool {
    starts_like(name, table) && !name.contains('/')
}

fn is_called_like_ours(name: &str) -> bool {
    let stems = RawTable::files().map(RawTable::as_str);
    stems.chain(["consumption"]).any(|stem| starts_like(name, stem))
}

impl PassedOver {
    /// What people are told of it.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for Twins { table, read, beside } in &self.twins {
            let words = format!(
                "{read} is read alone, and what is called like it is passed over: {}; remove what is not meant, or put all \
                 rows into the one file",
                named(beside)
            );
            findings.push(Finding::new(Severity::Warn, table, "twins", words).counting(beside.len() as u64));
        }
        let mut tell = |severity, rule: &str, keys: &[String], what: &str| {
            if !keys.is_empty() {
                let words = format!("{what}: {}", named(keys));
                findings.push(Finding::new(severity, READINGS, rule, words).counting(keys.len() as u64));
            }
        };
        let unreachable = "passed over, links that lead nowhere or in a circle, or objects named like a folder";
        tell(Severity::Warn, "unreachable_files", &self.unreachable, unreachable);
        let unknown = "passed over, files of a kind that is not read here (deliver .parquet, .csv or .csv.gz)";
        tell(Severity::Warn, "unknown_files", &self.unknown, unknown);
        tell(Severity::Warn, "empty_files", &self.empty, "files without a byte, taken as no rows");
        tell(Severity::Info, "other_files", &self.others, "passed over, files that are no part of a delivery");
        if self.marks > 0 {
            let words = format!("{} marks, hidden and unfinished files are passed over", self.marks);
            findings.push(Finding::new(Severity::Info, READINGS, "marks", words).counting(self.marks));
        }
        findings
    }
}

/// The first few names, and how many there are besides.
pub(in crate::steps) fn named(keys: &[String]) -> String {
    let shown = keys.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match keys.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(key: &str, bytes: u64) -> ObjectMeta {
        ObjectMeta { key: key.to_owned(), bytes, modified: None, stamp: String::new() }
    }

    fn complete(others: &[(&str, u64)]) -> Roles {
        let tables = RawTable::ALL.iter().map(|table| object(&format!("raw/{}", table.file_name()), 9));
        roles("raw/", tables.chain(others.iter().map(|(key, bytes)| object(key, *bytes))).collect())
    }

    fn keys(objects: &[ObjectMeta]) -> Vec<&str> {
        objects.iter().map(|object| object.key.as_str()).collect()
    }

    #[test]
    fn a_file_that_need_not_be_there_is_taken_where_it_is_and_missed_by_nobody() {
        let readings = ("raw/consumption_hourly_2024.parquet", 1);
        let without = complete(&[readings]);
        assert_eq!((without.missing.len(), without.tables.len(), without.readings.len()), (0, 6, 1));
        let with = complete(&[readings, ("raw/offer_outcomes.csv", 1)]);
        assert_eq!((with.missing.len(), with.tables.len(), with.readings.len()), (0, 7, 1));
        assert_eq!(with.passed_over, PassedOver::default());
        let empty = complete(&[readings, ("raw/offer_outcomes.csv", 0)]);
        assert_eq!((empty.missing.len(), empty.tables.len(), empty.readings.len()), (0, 6, 1));
        let told = empty.passed_over.findings();
        assert_eq!((told.len(), told[0].rule.as_str(), told[0].severity), (1, "empty_files", Severity::Warn));
    }

    #[test]
    fn marks_and_unfinished_files_are_no_raw_files() {
        for hidden in
            ["_generated.json", ".incomplete/churn_label.csv", "consumption/_SUCCESS", "consumption/.part.csv"]
        {
            assert!(is_hidden(hidden), "{hidden}");
        }
        assert!(!is_hidden("consumption/part_0.csv") && !is_hidden("consumption_hourly_2024.parquet"));
        for unfinished in
            ["raw/consumption/a.parquet.tmp", "raw/~$churn_label.csv", "raw/churn_label.csv~", "raw/x._COPYING_"]
        {
            assert!(is_temporary(unfinished), "{unfinished}");
        }
        assert!(!is_temporary("raw/consumption/part-0.parquet"));
    }

    #[test]
    fn readings_are_known_by_name_and_ending_in_any_case() {
        let found = complete(&[
            ("raw/CONSUMPTION_HOURLY_2024.PARQUET", 1),
            ("raw/consumption/year=2024/month=01/part-0.parquet", 1),
            ("raw/consumption_hourly_2024.parquet/part-0.Csv.GZ", 1),
            ("raw/consumption/_temporary/0/part-0.parquet", 1),
            ("raw/consumption/.part-0.parquet.crc", 1),
        ]);
        assert_eq!(found.readings.len(), 3);
        assert_eq!((found.missing.len(), found.passed_over.marks), (0, 2));
        assert!(is_parquet("raw/A.PARQUET") && !is_parquet("raw/a.csv") && !is_parquet("é"));
    }

    #[test]
    fn what_is_passed_over_is_named_unless_it_is_a_mark() {
        let found = complete(&[
            ("raw/consumption/part-0.parquet", 1),
            ("raw/consumption/part-1.parquet", 0),
            ("raw/consumption/part-2.csv.zip", 1),
            ("raw/consumption_2023.xlsx", 1),
            ("raw/churn_label.csv.bak", 1),
            ("raw/read_me.txt", 1),
        ]);
        assert_eq!(keys(&found.readings), ["raw/consumption/part-0.parquet"]);
        let told: Vec<_> = found.passed_over.findings();
        let rules: Vec<_> = told.iter().map(|finding| (finding.rule.as_str(), finding.count)).collect();
        assert_eq!(rules, [("twins", 1), ("unknown_files", 2), ("empty_files", 1), ("other_files", 1)]);
        assert!(
            told[1].words.contains("raw/consumption/part-2.csv.zip, raw/consumption_2023.xlsx"),
            "{}",
            told[1].words
        );
    }

    #[test]
    fn two_files_of_one_name_are_both_named() {
        let found = complete(&[
            ("raw/consumption/part-0.parquet", 1),
            ("raw/Churn_Label.CSV", 1),
            ("raw/churn_label (1).csv", 1),
            ("raw/price_history_2023.csv", 1),
            ("raw/2024-10/churn_label.csv", 1),
        ]);
        assert!(found.missing.is_empty() && found.passed_over.unknown.is_empty(), "{:?}", found.missing);
        let told = found.passed_over.findings();
        let words: Vec<&str> = told.iter().map(|finding| finding.words.as_str()).collect();
        let expected = "raw/churn_label.csv is read alone, and what is called like it is passed over: raw/Churn_Label.CSV, \
                        raw/churn_label (1).csv; remove what is not meant";
        assert!(words[0].starts_with(expected), "{words:?}");
        assert!(words[1].contains("raw/price_history_2023.csv"), "{words:?}");
        assert_eq!(
            (told.len(), told[2].rule.as_str()),
            (3, "other_files"),
            "another delivery below is none of this one"
        );
        // Where neither has the usual name, nobody knows which is meant.
        let either = roles("raw/", vec![object("raw/CHURN_LABEL.csv", 1), object("raw/Churn_Label.csv", 1)]);
        let missing = &either.missing[0];
        assert!(
            missing.contains("raw/CHURN_LABEL.csv, raw/Churn_Label.csv are all there: remove all but one"),
            "{missing}"
        );
    }

    #[test]
    fn a_missing_file_says_what_is_there_instead() {
        let objects = ["raw/churn_label.xlsx", "raw/price_history.csv/part-0.csv", "raw/consumption_hourly.zip"];
        let found = roles("raw/", objects.iter().map(|key| object(key, 1)).collect());
        let missing = found.missing.join(", ");
        assert!(missing.contains("churn_label.csv (churn_label.xlsx is there)"), "{missing}");
        assert!(missing.contains("price_history.csv (a folder of that name is there"), "{missing}");
        assert!(missing.contains("raw/consumption_hourly.zip is there and holds none"), "{missing}");
        let exact = roles("raw/", vec![object("raw/Churn_Label.CSV", 1), object("raw/churn_label.csv", 1)]);
        assert_eq!(exact.tables["churn_label"].key, "raw/churn_label.csv");
        let other = roles("raw/", vec![object("raw/Churn_Label.CSV", 1)]);
        assert_eq!(other.tables["churn_label"].key, "raw/Churn_Label.CSV");
    }

    #[test]
    fn who_scores_needs_no_labels_unless_another_file_may_have_been_meant() {
        let without = |instead: &[&str]| {
            let names = RawTable::ALL.iter().skip(1).map(|table| table.file_name()).chain(instead.iter().copied());
            let keys = names.chain(["consumption_hourly_2024.parquet"]).map(|name| format!("raw/{name}"));
            roles("raw/", keys.map(|key| object(&key, 1)).collect())
        };
        let scored = without(&[]).needed_by(Mode::Score);
        assert!(scored.missing.is_empty() && scored.stands_in().is_some());
        assert_eq!(scored.tables["churn_label"].key, "raw/customer_attributes.csv");
        let trained = without(&[]).needed_by(Mode::Train);
        assert_eq!((trained.missing, trained.tables.len()), (vec!["churn_label.csv".to_owned()], 5));
        assert_eq!(without(&["churn_label.xlsx"]).needed_by(Mode::Score).missing.len(), 1);
        assert!(complete(&[]).stands_in().is_none());
    }

    #[test]
    fn links_are_told_of_and_those_of_editors_counted() {
        let passed_over = ["raw/.#churn_label.csv", "raw/consumption_hourly_2023.parquet"].map(str::to_owned).to_vec();
        let found = roles_of_listing("raw/", Listing { objects: Vec::new(), passed_over });
        assert_eq!((found.passed_over.marks, found.passed_over.unreachable.len()), (1, 1));
        assert!(found.passed_over.findings()[0].words.contains("raw/consumption_hourly_2023.parquet"));
    }
}
