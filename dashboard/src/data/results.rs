//! The results of one run: which tables, for which date, by which model.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use churn::SnapshotDate;
use lake::documents::Publication;
use protocol::{ModelVersion, RunId, TableRef, WorkflowId};

/// Whether results are the ones of now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// What the business reads.
    Current,
    /// Those of an earlier run, or of one that was not published.
    Past,
}

/// The results of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Results {
    /// The run that made them.
    pub run_id: RunId,
    /// Its workflow.
    pub workflow_id: WorkflowId,
    /// When it started; nothing in pointers of before.
    pub started: Option<DateTime<Utc>>,
    /// The date they are for.
    pub as_of: SnapshotDate,
    /// The model that scored.
    pub model_version: ModelVersion,
    /// Whether the run's record says that they were not published.
    pub never_published: bool,
    /// When they were published; of past ones, when their run ended; nothing of those that were not published.
    pub published_at: Option<DateTime<Utc>>,
    /// The tables by name: `scores`, `recommendations`, `contributions`, `reasons`, `offers`, `drift`, `drift_page`,
    /// `performance`.
    pub outputs: BTreeMap<String, TableRef>,
}

impl Results {
    /// What the pointer names.
    pub fn of_pointer(pointer: &Publication) -> Self {
        Self {
            run_id: pointer.run_id.clone(),
            workflow_id: pointer.workflow_id.clone(),
            started: moment(&pointer.started),
            as_of: pointer.as_of,
            model_version: pointer.model_version.clone(),
            never_published: false,
            published_at: moment(&pointer.published_at),
            outputs: pointer.outputs.clone(),
        }
    }
}

/// A time of a document; none where it is empty or none.
pub fn moment(rfc_3339: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(rfc_3339).ok().map(|time| time.to_utc())
}
