//! `schedules.yaml`: the schedules, typed, all problems at once.

use std::path::Path;
use std::str::FromStr;

use activities::settings_folder;
use anyhow::{Context, bail};
use chrono_tz::Tz;
use lake::keys::is_made_here;
use protocol::backtest::BacktestInput;
use protocol::experiment_ladder::LadderInput;
use protocol::freshness::FreshnessInput;
use protocol::garbage_collection::GarbageCollectionInput;
use protocol::pipeline::PipelineInput;
use protocol::raw_watcher::WatcherInput;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use temporalio_common::protos::temporal::api::enums::v1::ScheduleOverlapPolicy;
use temporalio_common::protos::temporal::api::schedule::v1::StructuredCalendarSpec;

use super::calendar::{self, Calendar};

/// The name of the file, here and in a folder that replaces it.
const NAME: &str = "schedules.yaml";
const BUILT_IN: &str = include_str!("../../../configs/schedules.yaml");
/// The server's own range.
const PRIORITIES: std::ops::RangeInclusive<i32> = 1..=5;
/// The server catches up with nothing that is less than this late.
const LEAST_CATCHUP_SECS: u64 = 10;

/// `schedules.yaml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchedulesFile {
    /// The schedules.
    pub schedules: Vec<ScheduleDefinition>,
}

/// One schedule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleDefinition {
    /// Its ID on the server, and the beginning of the IDs of its runs.
    pub id: String,
    /// What people read beside it.
    #[serde(default)]
    pub note: String,
    /// The workflow that it starts.
    pub workflow: ScheduledWorkflow,
    /// The workflow's input.
    #[serde(default)]
    pub input: Value,
    /// When: minute, hour, day of the month, month, day of the week; a time must match all of them.
    #[serde(default)]
    pub cron: Option<String>,
    /// When, in place of `cron`.
    #[serde(default)]
    pub calendar: Option<Calendar>,
    /// The zone of these times; `Europe/Madrid` when absent.
    #[serde(default = "madrid")]
    pub time_zone: String,
    /// What happens while the run before is at work; `skip` when absent.
    #[serde(default)]
    pub overlap: Overlap,
    /// How late a run may be started that the server missed; 3600 when absent.
    #[serde(default = "an_hour")]
    pub catchup_window_secs: u64,
    /// A start is put off by a random time up to this; 0 when absent.
    #[serde(default)]
    pub jitter_secs: u64,
    /// Whether a failed run pauses the schedule; false when absent.
    #[serde(default)]
    pub pause_on_failure: bool,
    /// Whose tasks come first on a busy queue: 1 before 5; 3 when absent.
    #[serde(default = "usual_priority")]
    pub priority: i32,
    /// When a run is given up, waiting for a worker included; never when absent.
    #[serde(default)]
    pub execution_timeout_secs: Option<u64>,
    /// Whether it is there and starts nothing; false when absent.
    #[serde(default)]
    pub paused: bool,
}

/// The workflows that a schedule may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum ScheduledWorkflow {
    /// The pipeline.
    #[serde(rename = "ChurnPipeline")]
    ChurnPipeline,
    /// A look at the raw files.
    #[serde(rename = "RawWatcher")]
    RawWatcher,
    /// A look whether the scores of the day are there.
    #[serde(rename = "Freshness")]
    Freshness,
    /// A look for stored outputs that nothing reaches.
    #[serde(rename = "GarbageCollection")]
    GarbageCollection,
    /// Skill by lead time.
    #[serde(rename = "Backtest")]
    Backtest,
    /// Every feature set with every algorithm.
    #[serde(rename = "ExperimentLadder")]
    ExperimentLadder,
}

/// What happens at a scheduled time while the run before is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Overlap {
    /// Nothing is started.
    #[default]
    Skip,
    /// One run waits for its end.
    BufferOne,
    /// All wait, and run one after the other.
    BufferAll,
    /// The run before is cancelled, then the next one starts.
    CancelOther,
    /// The run before is terminated, then the next one starts.
    TerminateOther,
    /// All run side by side.
    AllowAll,
}

fn madrid() -> String {
    "Europe/Madrid".to_owned()
}

fn an_hour() -> u64 {
    3600
}

fn usual_priority() -> i32 {
    3
}

impl ScheduledWorkflow {
    /// Whether a workflow's type is one of them.
    pub fn is_one(name: &str) -> bool {
        let all = [
            Self::ChurnPipeline,
            Self::RawWatcher,
            Self::Freshness,
            Self::GarbageCollection,
            Self::Backtest,
            Self::ExperimentLadder,
        ];
        all.into_iter().any(|workflow| workflow.as_str() == name)
    }

    /// The workflow's type.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChurnPipeline => protocol::pipeline::WORKFLOW_TYPE,
            Self::RawWatcher => protocol::raw_watcher::WORKFLOW_TYPE,
            Self::Freshness => protocol::freshness::WORKFLOW_TYPE,
            Self::GarbageCollection => protocol::garbage_collection::WORKFLOW_TYPE,
            Self::Backtest => protocol::backtest::WORKFLOW_TYPE,
            Self::ExperimentLadder => protocol::experiment_ladder::WORKFLOW_TYPE,
        }
    }

    /// What is wrong with an input of it.
    fn problem_of(self, input: &Value) -> Option<String> {
        fn read<T: DeserializeOwned>(input: &Value) -> Result<T, String> {
            serde_json::from_value(input.clone()).map_err(|error| error.to_string())
        }
        let read = match self {
            Self::ChurnPipeline => read::<PipelineInput>(input).and_then(|input| input.checked().map(drop)),
            Self::RawWatcher => {
                read::<Option<WatcherInput>>(input).and_then(|input| input.unwrap_or_default().checked().map(drop))
            }
            Self::Freshness => {
                read::<Option<FreshnessInput>>(input).and_then(|input| input.unwrap_or_default().promise().map(drop))
            }
            Self::GarbageCollection => {
                read::<GarbageCollectionInput>(input).and_then(|input| input.checked().map(drop))
            }
            Self::Backtest => {
                read::<Option<BacktestInput>>(input).and_then(|input| input.unwrap_or_default().checked().map(drop))
            }
            Self::ExperimentLadder => {
                read::<Option<LadderInput>>(input).and_then(|input| input.unwrap_or_default().checked().map(drop))
            }
        };
        read.err().or_else(|| problem_of_folder(input))
    }
}

/// What is wrong with the folder that the run of a schedule would read, whichever workflow reads it.
fn problem_of_folder(input: &Value) -> Option<String> {
    let prefix = input["raw_prefix"].as_str().filter(|prefix| is_made_here(prefix))?;
    Some(format!(
        "raw_prefix: {prefix} is a folder of the pipeline's own; deliver to another folder of the lake, and name that"
    ))
}

impl Overlap {
    /// The server's word.
    pub fn policy(self) -> ScheduleOverlapPolicy {
        match self {
            Self::Skip => ScheduleOverlapPolicy::Skip,
            Self::BufferOne => ScheduleOverlapPolicy::BufferOne,
            Self::BufferAll => ScheduleOverlapPolicy::BufferAll,
            Self::CancelOther => ScheduleOverlapPolicy::CancelOther,
            Self::TerminateOther => ScheduleOverlapPolicy::TerminateOther,
            Self::AllowAll => ScheduleOverlapPolicy::AllowAll,
        }
    }
}

impl SchedulesFile {
    /// The file of a folder, or the built-in one where the folder has none.
    pub fn load(folder: Option<&Path>) -> anyhow::Result<Self> {
        folder.map_or(Ok(()), settings_folder::require_there)?;
        let Some(path) = folder.map(|folder| folder.join(NAME)) else {
            return Self::parse(BUILT_IN);
        };
        match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::parse(BUILT_IN),
            text => Self::parse(&text.with_context(|| format!("could not read {}", path.display()))?),
        }
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let file: Self = serde_norway::from_str(text).with_context(|| NAME.to_owned())?;
        let mut problems: Vec<_> = file.schedules.iter().flat_map(ScheduleDefinition::problems).collect();
        for (place, schedule) in file.schedules.iter().enumerate() {
            if file.schedules[..place].iter().any(|other| other.id == schedule.id) {
                problems.push(format!("{}: the id is there twice", schedule.id));
            }
        }
        if problems.is_empty() {
            return Ok(file);
        }
        bail!("{NAME}: {}", problems.join("; "))
    }

    /// The schedule of an ID.
    pub fn find(&self, id: &str) -> Option<&ScheduleDefinition> {
        self.schedules.iter().find(|schedule| schedule.id == id)
    }
}

impl ScheduleDefinition {
    /// When it is due, as the server keeps it.
    pub fn times(&self) -> Result<StructuredCalendarSpec, String> {
        match (&self.cron, &self.calendar) {
            (Some(cron), None) => calendar::of_cron(cron),
            (None, Some(calendar)) => calendar.times(),
            _ => Err("give either cron or calendar".to_owned()),
        }
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut refuse = |problem: String| problems.push(format!("{}: {problem}", self.id));
        if self.id.is_empty() || self.id.contains(char::is_whitespace) {
            refuse("id must be a word".to_owned());
        }
        if let Err(problem) = self.times() {
            refuse(problem);
        }
        if Tz::from_str(&self.time_zone).is_err() {
            refuse(format!("time_zone must be a name like Europe/Madrid, not `{}`", self.time_zone));
        }
        if !PRIORITIES.contains(&self.priority) {
            refuse("priority must lie within 1 and 5".to_owned());
        }
        if self.catchup_window_secs < LEAST_CATCHUP_SECS {
            refuse(format!("catchup_window_secs must be at least {LEAST_CATCHUP_SECS}"));
        }
        if self.execution_timeout_secs == Some(0) {
            refuse("execution_timeout_secs must be above 0".to_owned());
        }
        if let Some(problem) = self.workflow.problem_of(&self.input) {
            refuse(format!("input: {problem}"));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_file_says_when_the_nights_and_mornings_are() {
        let file = SchedulesFile::load(None).unwrap();
        let nightly = file.find("nightly-retrain").unwrap();
        assert_eq!(
            (nightly.overlap, nightly.catchup_window_secs, nightly.pause_on_failure),
            (Overlap::Skip, 43200, false)
        );
        let morning = file.find("morning-scoring").unwrap();
        assert!(morning.priority < nightly.priority, "the morning's scoring overtakes a training");
        let collection = file.find("garbage-collection").unwrap();
        assert_eq!(collection.input["delete"], false, "nobody's outputs are deleted by default");
        for weekly in ["backtest", "experiment-ladder"] {
            let schedule = file.find(weekly).unwrap();
            assert!(
                schedule.paused && schedule.priority == 5,
                "{weekly} costs, decides nothing, and waits to be asked for"
            );
        }
    }

    /// From two to three there is nothing on a night in March: a schedule of that hour would be left out.
    #[test]
    fn no_built_in_run_is_due_in_the_hour_that_a_change_of_clocks_skips() {
        let file = SchedulesFile::load(None).unwrap();
        let hours = file.schedules.iter().filter_map(|schedule| schedule.cron.as_deref()?.split(' ').nth(1));
        assert!(hours.into_iter().all(|hour| hour != "2"));
    }

    #[test]
    fn the_schedules_of_the_pipeline_read_the_latest_delivery() {
        for schedule in SchedulesFile::load(None).unwrap().schedules {
            if schedule.workflow == ScheduledWorkflow::ChurnPipeline {
                let input: PipelineInput = serde_json::from_value(schedule.input).unwrap();
                assert!(input.asks_for_latest(), "{}", schedule.id);
            }
        }
    }

    /// What `docs/workflow.md` shows makes with the Temporal CLI what the file says.
    #[test]
    fn every_schedule_is_documented_as_a_command_of_the_temporal_cli() {
        let text = include_str!("../../../docs/workflow.md").replace("\\\n", " ");
        for schedule in SchedulesFile::load(None).unwrap().schedules {
            let ScheduleDefinition { id, workflow, input, cron, time_zone, catchup_window_secs, .. } = &schedule;
            let begins = format!("temporal schedule create --schedule-id {id} ");
            let command = text.lines().find(|line| line.starts_with(&begins));
            let command = command.unwrap_or_else(|| panic!("no `{begins}`"));
            let overlap = if schedule.overlap == Overlap::Skip { "Skip" } else { "BufferOne" };
            for part in [
                format!("--cron '{}'", cron.as_deref().unwrap_or_default()),
                format!("--time-zone {time_zone}"),
                format!("--overlap-policy {overlap}"),
                format!("--catchup-window {catchup_window_secs}s"),
                format!("--workflow-id {id} --type {}", workflow.as_str()),
                format!("--execution-timeout {}s", schedule.execution_timeout_secs.unwrap_or_default()),
            ] {
                assert!(command.contains(&part), "{part}: {command}");
            }
            let shown = command.split_once("--input '").and_then(|(_, rest)| rest.split_once('\''));
            let shown = shown.unwrap_or_default().0;
            assert_eq!(serde_json::from_str::<Value>(shown).ok().as_ref(), Some(input), "{command}");
        }
    }

    #[test]
    fn a_folder_that_is_not_there_has_no_schedules() {
        let folder = tempfile::tempdir().unwrap();
        let built_in = SchedulesFile::load(Some(folder.path())).unwrap();
        assert_eq!(built_in.schedules.len(), SchedulesFile::load(None).unwrap().schedules.len());
        let refused = SchedulesFile::load(Some(&folder.path().join("nowhere"))).unwrap_err().to_string();
        assert!(refused.contains("there is no such folder") && refused.contains("--config"), "{refused}");
    }

    #[test]
    fn an_input_that_the_run_would_refuse_is_refused_here() {
        for (workflow, input, part) in [
            ("ChurnPipeline", "{ mode: train, raw_prefix: ../elsewhere }", "a folder of the lake"),
            ("ChurnPipeline", "{ mode: train, force_stages: [gate] }", "cannot be forced"),
            ("ChurnPipeline", "{ mode: train, raw_prefix: training/new }", "a folder of the pipeline's own"),
            ("RawWatcher", "{ raw_prefix: bronze }", "a folder of the pipeline's own"),
            ("Backtest", "{ raw_prefix: models/ }", "a folder of the pipeline's own"),
        ] {
            let text =
                format!("schedules:\n  - {{ id: a, workflow: {workflow}, input: {input}, cron: '0 3 * * *' }}\n");
            let said = format!("{:#}", SchedulesFile::parse(&text).unwrap_err());
            assert!(said.contains("a: input: ") && said.contains(part), "{workflow} {input}: {said}");
        }
        let good =
            "schedules:\n  - { id: a, workflow: RawWatcher, input: { raw_prefix: raw/new }, cron: '0 3 * * *' }\n";
        SchedulesFile::parse(good).unwrap();
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let bad = "schedules:
  - { id: a, workflow: ChurnPipeline, input: { mode: retrain }, cron: '0 2 * *' }
  - { id: a, workflow: ChurnPipeline, input: { mode: train }, time_zone: Madrid, priority: 9, catchup_window_secs: 1 }
";
        let said = format!("{:#}", SchedulesFile::parse(bad).unwrap_err());
        for part in [
            "retrain",
            "five fields",
            "the id is there twice",
            "either cron or calendar",
            "`Madrid`",
            "1 and 5",
            "at least 10",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        let unknown =
            SchedulesFile::parse("schedules:\n  - { id: a, workflow: Other, cron: '0 2 * * *' }\n").unwrap_err();
        assert!(format!("{unknown:#}").contains("Other"), "{unknown:#}");
    }
}
