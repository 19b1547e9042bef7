//! The files of hourly readings, of which there may be many.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::TableRef;

/// The files of hourly readings, in reading order. No message may grow with their number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readings {
    /// The files themselves, when they are few.
    #[serde(rename = "readings", default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<TableRef>,
    /// The list of them in the lake, when they are many.
    #[serde(rename = "readings_list", default, skip_serializing_if = "Option::is_none")]
    pub list: Option<TableRef>,
}

impl Readings {
    /// More files than this are listed in the lake: at 400 bytes each, a message stays far below the
    /// 2 MB that Temporal takes.
    pub const FEW: usize = 50;

    /// What the result and the record show: `readings_0`, `readings_1` ... or `readings_list`.
    pub fn named(&self) -> BTreeMap<String, TableRef> {
        let files = self.files.iter().enumerate().map(|(place, file)| (format!("readings_{place}"), file.clone()));
        files.chain(self.list.clone().map(|list| ("readings_list".to_owned(), list))).collect()
    }
}
