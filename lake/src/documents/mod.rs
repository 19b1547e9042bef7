//! The documents of the lake, by type: what is written in one place is read everywhere by the same type.

mod acknowledgement;
mod alert;
mod champion;
mod erasure;
mod labels;
mod last_date;
mod model_files;
mod model_signature;
mod passed_check;
mod publication;
mod published_months;
mod raw_watch;
mod registration;
mod report;
mod run_diff;
mod run_index;
mod run_lookup;
mod run_record;
pub mod sealed;
mod settings_in_force;
mod silences;

pub use acknowledgement::{AcknowledgedBy, Acknowledgement, Acknowledgements};
pub use alert::{StoredAlert, short_id};
pub use champion::{ChampionPointer, MoveCause, champion_at};
pub use erasure::{
    Certificate, ErasureCounts, ErasureLock, ErasureNotes, ErasureRequest, LearnedModel, TombstoneKey, Tombstones,
};
pub use labels::{LabelOrigin, LabelsOfRun};
pub use last_date::LastDate;
pub use model_files::{MODEL_FILES, ModelList, list_model_files};
pub use model_signature::{ModelSignature, SignatureAlgorithm};
pub use passed_check::PassedCheck;
pub use publication::{Publication, ResultsPointer};
pub use published_months::published_months;
pub use raw_watch::{KnownContent, RawWatch, Refusal, SeenDelivery};
pub use registration::{ChangeByHand, Judgement, Registration, VersionStatus, Withdrawal};
pub use report::{NewestReport, ReportKind, newest_report, publish_report};
pub use run_diff::{RunDifferences, run_differences, run_parts};
pub use run_index::{RunLine, newest_runs};
pub use run_lookup::{LATEST, NamedRun, WorkflowEnd, end_of_workflow, find_run, runs_of_month};
pub use run_record::{PublishedMetrics, RunRecord, UnreadableResult};
pub use settings_in_force::{PayloadKeys, SettingsInForce};
pub use silences::{ToldSilence, ToldSilences};
