//! The steps of an erasure.

use serde::{Deserialize, Serialize};

use super::RequestId;
use crate::Run;
use crate::pipeline::PipelineInput;

/// Asks for the beginning: the tombstones.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EraseStep {
    /// The run that does it.
    pub run: Run,
    /// The request.
    pub request: RequestId,
    /// The lake that it is for; any when absent.
    #[serde(default)]
    pub lake: Option<String>,
}

/// From now on nothing is made of these customers any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// How many customers.
    pub customers: usize,
    /// How many of them have a tombstone since this erasure.
    pub new_tombstones: usize,
    /// When, RFC 3339, by the clock of the worker: not to be compared with what the server says.
    pub at: String,
}

/// Asks which runs began before a time and are at work.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunsBefore {
    /// The time, RFC 3339, by the server's clock, as the start of a run is.
    pub at: String,
}

/// The runs that may still write what they read before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenRuns {
    /// How many.
    pub count: usize,
    /// The IDs of some of them.
    pub some: Vec<String>,
}

/// What may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sweep {
    /// All but what the business reads now.
    ButPublished,
    /// All; and of old versions in a bucket everything.
    All,
}

/// Asks for the removal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RemoveCustomers {
    /// The run that does it.
    pub run: Run,
    /// The request.
    pub request: RequestId,
    /// What may go.
    pub sweep: Sweep,
    /// The folder of the raw files that are scored anew.
    #[serde(default)]
    pub raw_prefix: Option<String>,
}

/// What was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// Files and documents that were written anew, by all attempts so far.
    pub rewritten: usize,
    /// Folders of stages and objects that were deleted, by all attempts so far.
    pub deleted: usize,
    /// Folders that stay for now, since the business reads them.
    pub published: usize,
    /// The run that makes what the business reads anew, without the customers; none where nothing is to be made, or
    /// nobody is champion.
    #[serde(default)]
    pub score: Option<PipelineInput>,
    /// Objects that name a customer and that no rule says how to clean.
    pub left: usize,
}

/// Asks for the certificate, and for the end of the request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CertifyErasure {
    /// The run that did it.
    pub run: Run,
    /// The request.
    pub request: RequestId,
    /// What came of its beginning.
    pub begun: Begun,
    /// Whether a new model is trained.
    pub retrain: bool,
}
