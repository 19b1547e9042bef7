//! `spanishgas rerun RUN`: the same question once more, with the code of now: what is whole is found again, and named
//! stages run whatever is stored.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use chrono::Utc;
use lake::Lake;
use lake::documents::RunRecord;
use protocol::pipeline::{AsOf, Mode, PipelineInput, Promotion, StageName};
use protocol::progress::Stage;

use super::run::follow_to_the_end;
use crate::connect::{ServerArguments, connect};
use crate::display::Bar;
use crate::environment::EnvironmentOptions;
use crate::launch::Repeat;
use crate::lineage::named_run;
use crate::pipeline_run::start_on;
use crate::run_handle::{handle, state};
use crate::scratch::Scratch;
use activities::steps::run::{Data, RunTarget, latest, workflow_id};
use activities::steps::tables::raw::Look;
use temporalio_common::WorkerDeploymentVersion;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: spanishgas rerun 01a2146e --from train\n\
    Exit code: 0 the run came to its result, 1 it did not, or was not started")]
pub struct Arguments {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// The run: its ID or the first characters, its workflow's ID (the newest run of that), or latest.
    #[arg(value_name = "RUN")]
    pub run: String,
    /// Run this stage and all that build on it, whatever is stored; raw, gate and publish decide anew in any case, and from them it is what builds on them [default: what is whole is found again].
    #[arg(long, value_name = "STAGE", value_parser = parse_stage)]
    pub from: Option<StageName>,
    /// Run these stages and no other, whatever is stored; joined by commas.
    #[arg(long, value_name = "STAGES", value_delimiter = ',', value_parser = parse_stage, conflicts_with = "from")]
    pub only: Vec<StageName>,
    /// Refused, with the way to do it: settings belong to the workers.
    #[arg(long, value_name = "FILE.KEY=VALUE")]
    pub set: Vec<String>,
    /// Recover with the code of this version, whichever is current: its build ID; workers of it must be at work.
    #[arg(long, value_name = "ID", requires = "deployment")]
    pub build_id: Option<String>,
    /// The worker deployment of that version.
    #[arg(long, value_name = "NAME", requires = "build_id")]
    pub deployment: Option<String>,
    #[command(flatten)]
    pub server: ServerArguments,
    /// Print the result as one JSON object.
    #[arg(long)]
    pub json: bool,
}

fn parse_stage(text: &str) -> Result<StageName, String> {
    let stages = StageName::of(Mode::Train);
    let names: Vec<_> = stages.iter().map(|stage| stage.as_str()).collect();
    let found = stages.iter().find(|stage| stage.as_str() == text);
    found.copied().ok_or_else(|| format!("no stage has this name; there are {}", names.join(", ")))
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    if !arguments.set.is_empty() {
        bail!("{}", way_to_set(&arguments));
    }
    let scratch = Scratch::new(None)?;
    let lake = arguments.places.open_lake(scratch.path()).await?;
    let record = named_run(&lake, &arguments.run).await?;
    let input = input_of(&record, arguments.from, &arguments.only)?;
    let client = connect(&arguments.server.settings()?, Duration::from_secs(10)).await?;
    let (id, input) = identify(&arguments, &lake, &record, input, &scratch).await?;
    if state(&handle(&client, &id)).await?.as_deref() == Some("running") {
        bail!(
            "workflow {id} is at work now: wait for its end, or cancel it (temporal workflow cancel --workflow-id {id})"
        );
    }
    if let Some(note) = question(&input, &id) {
        eprintln!("{note}");
    }
    let queue = &arguments.server.task_queue;
    let launched = start_on(&client, &id, queue, &input, Repeat::Any, version_of(&arguments).as_ref()).await?;
    follow_to_the_end(&client, queue, &id, &input, launched, arguments.json).await
}

/// That people will be asked as the first run asked them: who runs it again by hand may not expect to wait.
fn question(input: &PipelineInput, id: &str) -> Option<String> {
    let may_ask = input.mode == Mode::Train && input.promotion() == Promotion::ByPerson;
    may_ask.then(|| {
        format!(
            "note: the run was started with approval: a challenger that passes, and is not champion already, waits for \
             a person (spanishgas approvals approve {id} --by NAME, or reject)"
        )
    })
}

/// The version that is to do it; the current one where none is named.
fn version_of(arguments: &Arguments) -> Option<WorkerDeploymentVersion> {
    let (deployment_name, build_id) = (arguments.deployment.clone()?, arguments.build_id.clone()?);
    Some(WorkerDeploymentVersion::builder().deployment_name(deployment_name).build_id(build_id).build())
}

/// Other settings are another question, which the workers must have: a run cannot bring its own.
fn way_to_set(arguments: &Arguments) -> String {
    let (queue, run) = (&arguments.server.task_queue, &arguments.run);
    let files: Vec<_> = arguments.set.iter().filter_map(|set| set.split_once('.').map(|(file, _)| file)).collect();
    format!(
        "a run cannot bring its own settings ({}): they are the workers', and part of what its stages and its ID are made \
         of. Put the changed {}.yaml into a folder, look with `spanishgas plan --mode ... --config FOLDER`, start a worker \
         with it (`spanishgas worker --config FOLDER --task-queue {queue}-trial`), then `spanishgas rerun {run} \
         --task-queue {queue}-trial`: only the stages that the settings change run",
        arguments.set.join(", "),
        files.join(".yaml, ")
    )
}

/// What the run was started with, for its own date, with the stages that are to run.
fn input_of(record: &RunRecord, from: Option<StageName>, only: &[StageName]) -> anyhow::Result<PipelineInput> {
    let run = &record.run.run_id;
    let input = record.input.clone().with_context(|| {
        format!("the record of run {run} does not say what it was started with: it is of an older version; use `spanishgas run`")
    })?;
    let input: PipelineInput = serde_json::from_value(input)
        .with_context(|| format!("run {run} is of another workflow, or of a newer version"))?;
    let mode = input.mode;
    let of_mode = StageName::of(mode);
    if let Some(other) = from.iter().chain(only).find(|stage| !of_mode.contains(stage)) {
        bail!("run {run} is of mode {}, which has no stage {}", mode.as_str(), other.as_str());
    }
    if let Some(decides) = only.iter().find(|stage| !stage.is_stored()) {
        bail!("stage {} decides anew in every run, and cannot be forced", decides.as_str());
    }
    let wanted = from.map_or_else(|| only.to_vec(), |from| from.and_all_behind(mode));
    let force_stages = wanted.into_iter().filter(|stage| stage.is_stored()).collect();
    Ok(PipelineInput { as_of: as_of(record, &input), force: false, force_stages, ..input })
}

/// The date that the run looked from, also where nobody named one. Of a scheduled run that did not come so far nothing is
/// known: no schedule starts the new one.
fn as_of(record: &RunRecord, input: &PipelineInput) -> Option<AsOf> {
    let asked = input.as_of.filter(|as_of| *as_of != AsOf::Scheduled);
    record.summary().as_of.map(AsOf::Date).or(asked)
}

/// The ID that the question has now, and the input with what must be so: the same raw files.
async fn identify(
    arguments: &Arguments,
    lake: &Lake,
    record: &RunRecord,
    input: PipelineInput,
    scratch: &Scratch,
) -> anyhow::Result<(String, PipelineInput)> {
    let places = &arguments.places;
    arguments.server.require_understood(lake).await?;
    // Only of a run that failed before it had found out: the others have their folder on record.
    let input = latest::with_folder(lake, input, Utc::now()).await?;
    let own_settings = || places.load_configuration();
    let target = RunTarget::find(lake, &arguments.server.task_queue, own_settings).await?;
    let before = input.settings.clone();
    if let Some(before) = before.filter(|before| before != target.settings.short()) {
        eprintln!("note: the settings are not those of the run any more ({before}, now {})", target.settings.short());
    }
    let registry = places.open_registry(scratch.path()).await?;
    let bar = Bar::new("raw files");
    let look = Look { zone: target.zone, scratch: scratch.path(), watch: &bar };
    let data = Data::find(lake, &registry, &input, look).await?;
    bar.finish();
    let dataset = record.result.get("dataset").and_then(serde_json::Value::as_str);
    if let Some(dataset) = dataset.filter(|dataset| *dataset != data.dataset.short()) {
        bail!(
            "the raw files in {}/ are not those of the run any more ({dataset}, now {}): `spanishgas run` is for the files \
             of now",
            input.raw_prefix(),
            data.dataset.short()
        );
    }
    let input = data.require(target.require(input));
    Ok((workflow_id(&input, &target, &data), input))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(mode: &str) -> RunRecord {
        serde_json::from_value(json!({
            "run": { "workflow_id": "nightly", "run_id": "r1", "started": "2026-11-25T02:00:00.000Z" },
            "input": { "mode": mode, "force": true, "experiment": "E4_add_sentiment" },
            "inputs": {}, "result": { "state": "completed", "as_of": "2024-12-31" }, "code_version": "0", "settings": {},
        }))
        .unwrap()
    }

    #[test]
    fn the_same_question_is_asked_for_the_same_date_and_nothing_is_forced_unless_it_is_named() {
        let input = input_of(&record("train"), None, &[]).unwrap();
        assert_eq!(input.as_of.map(String::from).as_deref(), Some("2024-12-31"));
        assert_eq!(input.experiment.as_deref(), Some("E4_add_sentiment"));
        assert!(!input.force && input.force_stages.is_empty());
    }

    #[test]
    fn a_scheduled_run_that_never_got_a_date_is_asked_for_the_last_one() {
        let mut failed = record("train");
        failed.input = Some(json!({ "mode": "train", "as_of": "scheduled" }));
        failed.result = json!({ "state": "failed" });
        assert_eq!(input_of(&failed, None, &[]).unwrap().as_of, None);
    }

    #[test]
    fn from_a_stage_all_that_builds_on_it_is_forced_and_what_decides_anew_need_not_be() {
        use StageName as S;
        let from = |stage| input_of(&record("train"), Some(stage), &[]).unwrap().force_stages;
        assert_eq!(from(S::Train), [S::Train, S::Evaluate, S::Score, S::Recommend, S::Drift]);
        assert_eq!(from(S::Raw).len(), 9, "all that is stored");
        assert_eq!(from(S::Gate), [S::Score, S::Recommend, S::Drift], "it decides anew in any case");
        assert_eq!(from(S::Publish), []);
        assert_eq!(input_of(&record("train"), None, &[S::Gold]).unwrap().force_stages, [S::Gold]);
    }

    #[test]
    fn that_people_will_be_asked_is_said_at_the_start() {
        let of = |mode, require_approval| {
            question(&PipelineInput { require_approval, ..PipelineInput::new(mode) }, "churn-pipeline-train")
        };
        assert!(of(Mode::Train, true).unwrap().contains("approvals approve churn-pipeline-train --by NAME"));
        assert_eq!((of(Mode::Train, false), of(Mode::Score, true)), (None, None));
    }

    #[test]
    fn a_stage_that_the_run_has_not_or_that_cannot_be_forced_is_refused_by_name() {
        let refused = |mode, from, only: &[StageName]| input_of(&record(mode), from, only).unwrap_err().to_string();
        assert!(refused("score", Some(StageName::Train), &[]).contains("mode score, which has no stage train"));
        assert!(refused("train", None, &[StageName::Gate]).contains("gate decides anew"));
        let mut old = record("train");
        old.input = None;
        assert!(input_of(&old, None, &[]).unwrap_err().to_string().contains("`spanishgas run`"));
        assert!(parse_stage("golden").unwrap_err().contains("bronze_customer_month"));
    }
}
