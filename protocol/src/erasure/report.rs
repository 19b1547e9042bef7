//! What workflow `EraseCustomers` returns, and its last activity answers.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use super::RequestId;
use crate::{ModelVersion, WorkflowId};

/// What came of the run that made anew what the business reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoredAnew {
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// Whether it came to its end; where not, nothing is published until the next run.
    pub completed: bool,
}

/// What was done for a request. It names no customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureReport {
    /// The request.
    pub request: RequestId,
    /// The certificate in the lake, with keys by layer.
    pub certificate: String,
    /// How many customers.
    pub customers: usize,
    /// How many of them had no tombstone before.
    pub new_tombstones: usize,
    /// Files and documents that were written anew.
    pub rewritten: usize,
    /// Rows of raw files that were left out.
    pub raw_rows: u64,
    /// Folders of stages and objects that were deleted.
    pub deleted: usize,
    /// Stored versions that were removed for good.
    pub versions: u64,
    /// Pointers that were taken away, since nothing without the customers was published in their place.
    #[serde(default)]
    pub unpublished: Vec<String>,
    /// Objects that still name one of them: a person must look, the certificate says where and why.
    #[serde(default, deserialize_with = "counted")]
    pub left: usize,
    /// Models that learned, or may have learned, from them.
    #[serde(default)]
    pub learned: Vec<ModelVersion>,
    /// The run that scored the others anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scored: Option<ScoredAnew>,
    /// The run that trains a new model, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retrain: Option<WorkflowId>,
    /// The subjects of the alerts that could not be delivered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undelivered_alerts: Vec<String>,
}

/// Histories of before have the keys in place of their number; a key may name a customer.
fn counted<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Left {
        Count(usize),
        Keys(Vec<IgnoredAny>),
    }
    Ok(match Left::deserialize(deserializer)? {
        Left::Count(count) => count,
        Left::Keys(keys) => keys.len(),
    })
}

impl ErasureReport {
    /// Whether nothing was there to do: all had their tombstones, and nothing named them.
    pub fn is_nothing(&self) -> bool {
        self.new_tombstones == 0 && self.names_nobody()
    }

    /// Whether nothing named them: they were no customers of this lake, or an ID is not right.
    pub fn names_nobody(&self) -> bool {
        self.rewritten == 0 && self.deleted == 0 && self.left == 0
    }

    /// Whether a person has nothing to do any more: nothing is left, and what the business reads is there.
    pub fn is_whole(&self) -> bool {
        let is_scored = self.scored.as_ref().is_none_or(|scored| scored.completed);
        self.left == 0 && self.unpublished.is_empty() && is_scored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_a_history_of_before_are_counted_and_never_written_again() {
        let report = |left: &str| {
            let json = format!(
                r#"{{"request":"00000000000000ff","certificate":"x","customers":1,"new_tombstones":0,"rewritten":0,
                    "raw_rows":0,"deleted":0,"versions":0,"left":{left}}}"#
            );
            serde_json::from_str::<ErasureReport>(&json).unwrap()
        };
        assert_eq!([report("[]").left, report(r#"["raw/C17.txt"]"#).left, report("2").left], [0, 1, 2]);
        assert!(report("[]").is_nothing() && !report("1").is_nothing());
        assert!(report("[]").is_whole() && !report("1").is_whole());
        let scored = Some(ScoredAnew { workflow_id: "x".into(), completed: false });
        assert!(!ErasureReport { scored, ..report("0") }.is_whole());
        assert!(!ErasureReport { unpublished: vec!["published.json".to_owned()], ..report("0") }.is_whole());
        assert!(!serde_json::to_string(&report(r#"["raw/C17.txt"]"#)).unwrap().contains("C17"));
    }
}
