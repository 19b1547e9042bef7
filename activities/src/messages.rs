//! What crosses the Temporal boundary: keys, digests, counts and verdicts. Never a table, a
//! customer id or a secret.
//!
//! Adding a field needs `#[serde(default)]`: stored histories and running workflows hold the old
//! shape. Removing one takes two releases. Unknown fields are passed over: in a rolling upgrade a worker
//! reads what a newer one wrote. Nothing here grows with the number of files or slices.

use std::collections::BTreeMap;

use churn::SnapshotDate;
use churn::hourly::Slice;
use churn::model::{EvaluationSummary, GateSettings, Metrics, Verdict};
use serde::{Deserialize, Deserializer, Serialize};

use crate::digest::Digest;

/// Which run an activity works for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The workflow's ID.
    pub workflow_id: String,
    /// The run's ID, unique for ever.
    pub run_id: String,
    /// When the workflow started, RFC 3339, by the workflow's clock.
    pub started: String,
}

/// Whether stored outputs of the same content are taken as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reuse {
    /// A stage whose manifest exists is not run again.
    Unchanged,
    /// Every stage runs (input field `force`).
    Nothing,
}

/// A stored object and what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRef {
    /// The key in the lake.
    pub key: String,
    /// The content's digest.
    pub digest: Digest,
    /// The rows of a table, the entries of a list, 0 for other objects.
    pub rows: u64,
}

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

/// What a stage did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageOutcome {
    /// The stage's digest: code version, inputs and settings.
    pub digest: Digest,
    /// The outputs by table name.
    pub outputs: BTreeMap<String, TableRef>,
    /// The rows the stage made (or found).
    pub rows: u64,
    /// Why nothing was done, when nothing was done.
    pub skipped: Option<String>,
    /// The remote job that did it, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<JobUse>,
    /// What was damaged of the stage as it was stored before, when it was made again for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repaired: Option<String>,
}

/// What a remote job took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobUse {
    /// The job's name.
    pub job: String,
    /// Where it ran: `sagemaker`.
    pub service: String,
    /// Seconds at work.
    pub seconds: u64,
    /// Seconds that are charged; fewer than `seconds` on spare capacity.
    pub billable_seconds: u64,
    /// What they cost, when the settings tell the price.
    pub cost_usd: Option<f64>,
}

impl StageOutcome {
    /// One of the outputs.
    pub fn output(&self, table: &str) -> crate::Result<TableRef> {
        self.outputs.get(table).cloned().ok_or_else(|| {
            let lake = "stage manifest".to_owned();
            crate::lake::LakeError::Missing { key: table.to_owned(), lake }.into()
        })
    }
}

/// Asks for the snapshot of the raw files.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SnapshotRaw {
    /// The run.
    pub run: Run,
    /// The folder of the raw files in the lake.
    pub raw_prefix: String,
    /// The experiment that the run names, if any.
    pub experiment: Option<String>,
    /// The date that the run names, if any.
    pub as_of: Option<SnapshotDate>,
    /// What the run was started for.
    #[serde(default)]
    pub expected: Expected,
}

/// What a run was started for, where its starter said so; a worker refuses what differs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The lake's identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lake: Option<String>,
    /// The digest over all raw files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// The digest of the settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<String>,
}

/// The raw files as they are now, and the settings the run decides by.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RawSnapshot {
    /// The digest over all raw files.
    pub digest: Digest,
    /// The six small files by table name.
    pub tables: BTreeMap<String, TableRef>,
    /// The files of hourly readings.
    #[serde(flatten)]
    pub readings: Readings,
    /// The last date in the readings.
    pub last_date: SnapshotDate,
    /// The readings' rows.
    pub rows: u64,
    /// The experiment to train, checked against the configuration.
    pub experiment: String,
    /// The gate's limits in force.
    #[serde(deserialize_with = "gate_limits")]
    pub gate: GateSettings,
    /// How long a promotion waits for a person.
    pub approval: ApprovalSettings,
    /// Whether another machine trains, so that the activity only waits for it.
    #[serde(default)]
    pub trains_elsewhere: bool,
    /// How long the run may be at work; for ever in histories from before this limit.
    #[serde(default)]
    pub run_limit_secs: Option<u64>,
}

/// The settings file refuses a key it does not know; a history may hold a newer worker's.
fn gate_limits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<GateSettings, D::Error> {
    #[derive(Deserialize)]
    struct Limits {
        pr_auc_floor: f64,
        max_pr_auc_loss: f64,
    }
    let Limits { pr_auc_floor, max_pr_auc_loss } = Limits::deserialize(deserializer)?;
    Ok(GateSettings { pr_auc_floor, max_pr_auc_loss })
}

/// How long a promotion that needs a person waits for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalSettings {
    /// After this time people are reminded.
    pub escalate_after_secs: u64,
    /// After this further time the challenger is rejected.
    pub reject_after_secs: u64,
}

/// Asks for a stage made from stored tables.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BuildStage {
    /// The run.
    pub run: Run,
    /// The date the tables are made for.
    pub as_of: SnapshotDate,
    /// The input tables by name.
    pub inputs: BTreeMap<String, TableRef>,
    /// Whether stored outputs count.
    pub reuse: Reuse,
}

/// Asks how `bronze_customer_month` is to be made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlanMonths {
    /// The stage: its inputs are the small tables it joins.
    pub stage: BuildStage,
    /// The files of hourly readings.
    #[serde(flatten)]
    pub readings: Readings,
}

/// How `bronze_customer_month` is made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MonthsPlan {
    /// It is there.
    Unchanged(StageOutcome),
    /// From these slices, in this order: what histories from before the lists hold.
    Aggregate(Vec<ReadingsSlice>),
    /// From the slices of these lists in the lake, in this order. An entry of a list is a
    /// `Vec<ReadingsSlice>`: part of one file, or several small files.
    Listed(Vec<TableRef>),
}

/// A part of one file of readings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadingsSlice {
    /// The file the slice is of.
    pub file: TableRef,
    /// Which row groups.
    pub slice: Slice,
}

/// Asks for the partial sums of one slice.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AggregateSlice {
    /// The run.
    pub run: Run,
    /// The slice.
    pub slice: SliceToSum,
    /// Whether stored sums count.
    pub reuse: Reuse,
}

/// Where a slice is described.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SliceToSum {
    /// In a list in the lake.
    Listed {
        /// The list.
        list: TableRef,
        /// Which entry, counted from 0.
        place: u64,
    },
    /// Here: how runs from before the lists ask.
    Told(ReadingsSlice),
}

/// Asks for the partial sums of a whole list of slices.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AggregateBatch {
    /// The run.
    pub run: Run,
    /// The list.
    pub list: TableRef,
    /// Whether stored sums count.
    pub reuse: Reuse,
}

/// Asks for a list of partial sums to be put into the lake.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListParts {
    /// The partial sums, in slice order.
    pub parts: Vec<TableRef>,
}

/// Asks for the merge of partial sums.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MergeMonths {
    /// The stage with the small tables.
    pub plan: PlanMonths,
    /// The partial sums, in slice order.
    #[serde(default)]
    pub parts: Vec<TableRef>,
    /// Lists of partial sums in the lake, in slice order, when they are many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub part_lists: Vec<TableRef>,
}

/// Asks for the contract check of one layer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckLayer {
    /// The run.
    pub run: Run,
    /// `bronze`, `silver` or `gold`.
    pub layer: String,
    /// The layer's tables.
    pub tables: BTreeMap<String, TableRef>,
    /// Tables that foreign keys point into.
    pub related: BTreeMap<String, TableRef>,
}

/// What the contract check of a layer found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerChecked {
    /// The report's key.
    pub report: String,
    /// Violations that do not stop the run.
    pub warnings: u64,
}

/// Asks for a trained model.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TrainModel {
    /// The run.
    pub run: Run,
    /// The gold table.
    pub gold: TableRef,
    /// The experiment: which features.
    pub experiment: String,
    /// Whether a stored model counts.
    pub reuse: Reuse,
}

/// Asks that nothing which a run has started for its training goes on without it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StopTraining {
    /// The run.
    pub run: Run,
}

/// What had to be stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoppedTraining {
    /// The jobs that were at work and have been told to stop; none when there was nothing to stop.
    pub jobs: Vec<String>,
}

/// Asks for the evaluation of a challenger.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EvaluateModel {
    /// The run.
    pub run: Run,
    /// The gold table.
    pub gold: TableRef,
    /// The challenger's version.
    pub version: String,
    /// Whether a stored evaluation counts.
    pub reuse: Reuse,
}

/// A challenger's figures, and whom it was compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluated {
    /// The stage.
    pub stage: StageOutcome,
    /// The champion it was compared with, if any.
    pub champion: Option<String>,
    /// Whether the challenger is the champion itself: the same data gave the same model.
    pub is_champion: bool,
    /// The figures the gate decides on.
    pub summary: EvaluationSummary,
}

/// Asks for a challenger's verdict.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JudgeModel {
    /// The challenger's version.
    pub version: String,
    /// Its figures on the holdout, beside the champion's.
    pub summary: EvaluationSummary,
    /// The limits that the run began with.
    pub gate: GateSettings,
}

/// Asks for the registration of a verdict, and the promotion if it passed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ApplyVerdict {
    /// The run.
    pub run: Run,
    /// The challenger's version.
    pub version: String,
    /// The champion the challenger was compared with.
    pub champion: Option<String>,
    /// The evaluation's key.
    pub evaluation: TableRef,
    /// The gate's decision.
    pub verdict: Verdict,
}

/// What came of a verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// The stage.
    #[serde(flatten)]
    pub stage: StageOutcome,
    /// Whether nothing was done, since another model is champion by now: the comparison must be made again.
    #[serde(default)]
    pub champion_changed: bool,
}

/// The model that scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Champion {
    /// The version.
    pub version: String,
    /// Its figures on the holdout, from the evaluation it was promoted with.
    pub metrics: Metrics,
}

/// Asks for scores by the champion.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ScoreCustomers {
    /// The stage with `gold_master` and `silver_customer`.
    pub stage: BuildStage,
    /// The champion's version.
    pub version: String,
}

/// Scores, by tier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    /// The stage.
    pub stage: StageOutcome,
    /// Customers by risk tier.
    pub tiers: BTreeMap<String, u64>,
}

/// The drift verdict and where its report is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DriftFound {
    /// The stage.
    pub stage: StageOutcome,
    /// The verdict in short.
    pub drift: DriftSummary,
}

/// The drift verdict in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DriftSummary {
    /// `none`, `warn`, `critical` or `not_enough_data`.
    pub level: String,
    /// The rule that decided.
    pub rule: String,
    /// The columns that drifted, lowest p-value first.
    pub features: Vec<String>,
    /// The verdict in one sentence.
    #[serde(default)]
    pub reason: String,
}

/// Asks for the pointers to move to this run's results.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PublishRun {
    /// The run.
    pub run: Run,
    /// The date the run is for.
    pub as_of: SnapshotDate,
    /// The champion that scored.
    pub version: String,
    /// The outputs that the pointers name, by table.
    pub outputs: BTreeMap<String, TableRef>,
}

/// What came of a publication.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Published {
    /// The stage; skipped when the pointers did not move.
    #[serde(flatten)]
    pub stage: StageOutcome,
    /// Whether nothing was published, since another model is champion by now: score again.
    #[serde(default)]
    pub champion_changed: bool,
}

/// Asks for the record of a run that has ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecordRun {
    /// The run.
    pub run: Run,
    /// The run's result, as the workflow returns it; of a run without one, what had happened by then.
    pub result: serde_json::Value,
    /// Every raw input.
    pub inputs: BTreeMap<String, TableRef>,
}

/// What the lake says that a run did, whatever the run itself heard of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The version that the run made champion, if it did.
    pub promoted: Option<String>,
    /// Whether the published results are the run's; nothing when that cannot be read.
    pub published: Option<bool>,
}

/// Something that people should hear of, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// The run.
    pub run: Run,
    /// What kind of event.
    pub kind: AlertKind,
    /// At most 100 ASCII characters.
    pub subject: String,
    /// What happened, how large, what to do.
    pub body: String,
}

/// The events that people hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// A run failed.
    RunFailed,
    /// A contract stopped a run.
    QualityBlocked,
    /// A challenger became champion.
    ModelPromoted,
    /// A challenger was rejected.
    ModelRejected,
    /// Nothing was scored: no champion.
    NoChampion,
    /// Features drifted.
    DriftWarn,
    /// Important features drifted far.
    DriftCritical,
    /// A promotion waits for a person.
    ApprovalRequested,
    /// The champion was judged on new data and would not be promoted today.
    ChampionFailsGate,
    /// A stored table was damaged and was made again.
    TableRepaired,
    /// A training job that a run had started could not be stopped when the run ended.
    TrainingNotStopped,
}
