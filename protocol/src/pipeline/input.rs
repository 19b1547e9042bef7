//! What starts a run. Parsed inside the workflow, so that bad input fails the run with a message
//! instead of leaving it hanging in `Running`.
//!
//! Unknown fields are refused, unlike in every other message: people type this one, and `asof` must not
//! be silently ignored. So a field is added to all workers before anybody uses it, and is never removed:
//! a running workflow's input would not parse any more in its replay.

use serde::{Deserialize, Serialize};
use temporalio_common::data_converters::RawValue;

use super::{AsOf, StageName};
use crate::progress::Stage;
use crate::steps::Expected;
use crate::{Key, Reuse, workflow_input};

/// What a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Trains a challenger, decides, scores with the champion.
    Train,
    /// Scores with the champion.
    Score,
}

impl Mode {
    /// `train` or `score`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Score => "score",
        }
    }
}

/// Who has the last word where a challenger passed every check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promotion {
    /// The gate.
    ByGate,
    /// A person.
    ByPerson,
}

/// The folder of the raw files, where nobody names another.
pub const RAW_FOLDER: &str = "raw";
/// In the place of a folder: the newest delivery whose run ended well, as the raw watcher knows it.
pub const LATEST_DELIVERY: &str = "latest";

/// The input of workflow `ChurnPipeline`; only `mode` is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipelineInput {
    /// What the run does.
    pub mode: Mode,
    /// The date the run looks from, or `scheduled`: the last day that had ended in Madrid at the time a schedule started
    /// the run for, and never later than the readings. The last date in the readings when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<AsOf>,
    /// The folder of the raw files in the lake, or `latest`: the newest delivery that the raw watcher started a run for, and
    /// whose run ended well; `raw` where it knows none. `raw` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_prefix: Option<String>,
    /// The experiment to train; the configuration's champion experiment when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<String>,
    /// Whether a promotion waits for a person's approval.
    #[serde(default)]
    pub require_approval: bool,
    /// Whether unchanged stages run all the same.
    #[serde(default)]
    pub force: bool,
    /// Stages that run whatever is stored of them, by name; the others are found where they are unchanged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub force_stages: Vec<StageName>,
    /// Whether every raw file is read for its digest and every table is checked, also where it is noted that this very
    /// version was; `force` means it too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rehash: bool,
    /// The identity of the lake that the run is for; a worker of another lake refuses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lake: Option<String>,
    /// The first characters of the raw files' digest; other files are refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// The first characters of the settings' digest; a worker with others refuses the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<String>,
}

/// What a missing or bad input should have been.
const EXAMPLE: &str = r#"give for example --input '{"mode":"train"}'; fields: mode (train or score), as_of (YYYY-MM-DD, or scheduled), raw_prefix, experiment, require_approval, force, force_stages, rehash, and what must be so: lake, dataset, settings"#;

impl PipelineInput {
    /// The input for a mode, with all defaults.
    pub fn new(mode: Mode) -> Self {
        Self {
            mode,
            as_of: None,
            raw_prefix: None,
            experiment: None,
            require_approval: false,
            force: false,
            force_stages: Vec::new(),
            rehash: false,
            lake: None,
            dataset: None,
            settings: None,
        }
    }

    /// Who promotes a challenger that passed.
    pub fn promotion(&self) -> Promotion {
        if self.require_approval { Promotion::ByPerson } else { Promotion::ByGate }
    }

    /// Whether a stored output of a stage counts.
    pub fn reuse(&self, stage: StageName) -> Reuse {
        if self.force || self.force_stages.contains(&stage) { Reuse::Nothing } else { Reuse::Unchanged }
    }

    /// Whether what is noted of raw files and of checks does not count.
    pub fn looks_anew(&self) -> bool {
        self.rehash || self.force
    }

    /// What must be so where the run is served.
    pub fn expected(&self) -> Expected {
        Expected { lake: self.lake.clone(), dataset: self.dataset.clone(), settings: self.settings.clone() }
    }

    /// The folder of the raw files, or [`LATEST_DELIVERY`].
    pub fn raw_prefix(&self) -> &str {
        self.raw_prefix.as_deref().unwrap_or(RAW_FOLDER)
    }

    /// Whether the folder of the raw files is to be found out where the run is served.
    pub fn asks_for_latest(&self) -> bool {
        self.raw_prefix() == LATEST_DELIVERY
    }

    /// The same for a folder that was found out; the usual one goes without saying.
    pub fn reading(self, folder: String) -> Self {
        Self { raw_prefix: Some(folder).filter(|folder| folder != RAW_FOLDER), ..self }
    }

    /// Reads the workflow's raw input; the message says what is wrong and what would be right.
    pub fn parse(raw: &RawValue) -> Result<Self, String> {
        workflow_input::parse(raw, EXAMPLE, Self::checked)
    }

    /// The same input, or what is wrong with it.
    pub fn checked(self) -> Result<Self, String> {
        if let Some(prefix) = &self.raw_prefix {
            Key::of_folder(prefix).map_err(|problem| format!("raw_prefix: {problem}; give a folder of the lake"))?;
        }
        if let Some(stage) = self.force_stages.iter().find(|stage| !stage.is_stored()) {
            let stage = stage.as_str();
            return Err(format!("force_stages: {stage} decides anew in every run, and cannot be forced"));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<PipelineInput, String> {
        let payload =
            temporalio_common::protos::temporal::api::common::v1::Payload { data: json.into(), ..Default::default() };
        PipelineInput::parse(&RawValue::new(vec![payload]))
    }

    #[test]
    fn a_mode_is_enough() {
        assert_eq!(parse(r#"{"mode":"train"}"#), Ok(PipelineInput::new(Mode::Train)));
        let elsewhere = PipelineInput { raw_prefix: Some("raw/new/".to_owned()), ..PipelineInput::new(Mode::Train) };
        assert_eq!(parse(r#"{"mode":"train","raw_prefix":"raw/new/"}"#), Ok(elsewhere));
    }

    #[test]
    fn the_latest_delivery_is_a_wish_and_becomes_a_folder() {
        let latest = parse(r#"{"mode":"score","raw_prefix":"latest"}"#).unwrap();
        assert!(latest.asks_for_latest() && !PipelineInput::new(Mode::Score).asks_for_latest());
        assert_eq!(latest.clone().reading("raw/2025-01".to_owned()).raw_prefix(), "raw/2025-01");
        assert_eq!(latest.reading("raw".to_owned()), PipelineInput::new(Mode::Score));
    }

    #[test]
    fn a_forced_stage_runs_whatever_is_stored_and_no_other() {
        let input = parse(r#"{"mode":"train","force_stages":["train","score"]}"#).unwrap();
        assert_eq!(input.reuse(StageName::Train), Reuse::Nothing);
        assert_eq!(input.reuse(StageName::Gold), Reuse::Unchanged);
        assert_eq!(parse(r#"{"mode":"train","force":true}"#).unwrap().reuse(StageName::Gold), Reuse::Nothing);
    }

    #[test]
    fn bad_input_says_what_would_be_right() {
        for bad in [
            r#"{"mode":"retrain"}"#,
            r#"{"mode":"train","asof":"2024-12-31"}"#,
            "not json",
            r#"{"mode":"score","as_of":"31.12.2024"}"#,
            r#"{"mode":"train","raw_prefix":"../elsewhere"}"#,
            r#"{"mode":"train","raw_prefix":"/etc"}"#,
            r#"{"mode":"train","raw_prefix":"raw//new"}"#,
            r#"{"mode":"train","raw_prefix":""}"#,
            r#"{"mode":"train","force_stages":["gate"]}"#,
            r#"{"mode":"train","force_stages":["golden"]}"#,
        ] {
            let message = parse(bad).unwrap_err();
            assert!(message.contains(r#"--input '{"mode":"train"}'"#), "{bad}: {message}");
        }
        assert!(PipelineInput::parse(&RawValue::new(vec![])).unwrap_err().contains("without input"));
    }
}
