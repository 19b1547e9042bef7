//! Which deliveries are in a folder of raw files: the folder itself, and each folder below it that holds some of them.

use std::collections::BTreeMap;

use lake::{Lake, ObjectMeta};
use protocol::Digest;

use super::judge::ListedDelivery;
use crate::error::Result;
use crate::steps::tables::raw_roles::{Roles, is_hidden, roles};

/// A folder of this name, or one that begins so, holds readings of the folder above.
const READINGS: &str = "consumption";

/// All deliveries, by their folders.
pub async fn list_deliveries(lake: &Lake, raw_prefix: &str) -> Result<Vec<ListedDelivery>> {
    let top = raw_prefix.trim_end_matches('/');
    Ok(group(top, lake.list(&format!("{top}/")).await?))
}

fn group(top: &str, objects: Vec<ObjectMeta>) -> Vec<ListedDelivery> {
    let mut folders: BTreeMap<String, Vec<ObjectMeta>> = BTreeMap::new();
    for object in objects {
        let name = &object.key[top.len() + 1..];
        if is_hidden(name) {
            continue;
        }
        let folder = match name.split_once('/') {
            Some((folder, _)) if !folder.starts_with(READINGS) => format!("{top}/{folder}"),
            _ => top.to_owned(),
        };
        folders.entry(folder).or_default().push(object);
    }
    folders.into_iter().filter_map(|(folder, objects)| delivery(folder, objects)).collect()
}

/// Nothing, where none of the seven is there.
fn delivery(prefix: String, objects: Vec<ObjectMeta>) -> Option<ListedDelivery> {
    let Roles { tables, readings, missing, .. } = roles(&format!("{prefix}/"), objects);
    let files: Vec<_> = tables.into_values().chain(readings).collect();
    let listing: Vec<_> = files.iter().map(|file| (&file.key, file.bytes, &file.stamp)).collect();
    let listing = Digest::of_json(&listing);
    (!files.is_empty()).then_some(ListedDelivery { prefix, missing, listing })
}

#[cfg(test)]
mod tests {
    use churn::raw::RawTable;

    use super::*;

    fn object(key: String, stamp: &str) -> ObjectMeta {
        ObjectMeta { key, bytes: 1, modified: None, stamp: stamp.to_owned() }
    }

    fn complete(prefix: &str, readings: &[&str]) -> Vec<ObjectMeta> {
        let tables = RawTable::ALL.iter().map(|table| table.file_name());
        tables.chain(readings.iter().copied()).map(|name| object(format!("{prefix}/{name}"), "1")).collect()
    }

    #[test]
    fn the_folder_itself_and_each_below_it_are_deliveries() {
        let mut objects = complete("raw", &["consumption/part_0.parquet", "consumption/part_1.parquet"]);
        objects.extend(complete("raw/2025-01", &["consumption_hourly_2025.csv.gz"]));
        objects.push(object("raw/2025-02/churn_label.csv".to_owned(), "1"));
        objects.push(object("raw/notes/read_me.txt".to_owned(), "1"));
        objects.push(object("raw/.incomplete/price_history.csv".to_owned(), "1"));
        let found = group("raw", objects);
        let shown: Vec<_> = found.iter().map(|found| (found.prefix.as_str(), found.missing.len())).collect();
        assert_eq!(shown, [("raw", 0), ("raw/2025-01", 0), ("raw/2025-02", 6)]);
    }

    #[test]
    fn the_listing_tells_a_changed_file_and_nothing_else() {
        let listing = |objects| group("raw", objects).remove(0).listing;
        let usual = complete("raw", &["consumption_hourly.csv"]);
        let mut other = usual.clone();
        other.push(object("raw/read_me.txt".to_owned(), "1"));
        assert_eq!(listing(other), listing(usual.clone()));
        let mut changed = usual.clone();
        changed[0].stamp = "2".to_owned();
        assert_ne!(listing(changed), listing(usual));
    }
}
