//! `spanishgas plan`: what a run would do, without running it. Reads only; needs no worker.

mod costs;
mod report;
mod words;

use std::process::ExitCode;

use activities::configuration::Configuration;
use activities::registry::Registry;
use activities::steps::plan::Planner;
use activities::steps::tables::raw::{Look, RawFiles, delivered_twice, identify_raw, survey_raw};
use chrono::{SecondsFormat, Utc};
use churn::SnapshotDate;
use churn::quality::{Finding, Severity};
use lake::Lake;
use lake::documents::{RunRecord, SettingsInForce, newest_runs};
use protocol::Run;
use protocol::pipeline::{AsOf, PipelineInput, RunResult};

use super::run::{ModeArgument, parse_date};
use crate::connect::{NotConnected, ServerArguments, attempt_once};
use crate::display::Bar;
use crate::environment::EnvironmentOptions;
use crate::run_handle::{handle, state};
use crate::scratch::Scratch;
use activities::steps::run::{Data, RunTarget, latest, workflow_id};
use costs::StageSeconds;
use report::{PlanReport, WorkflowSeen};

/// As Terraform says it: there is something to do.
const WORK: u8 = 2;
/// The seconds of a stage are expected from this many of the last runs.
const LAST_RUNS: usize = 20;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example: spanishgas plan --mode train --as-of 2024-12-31\n\
    Exit code: 0 nothing to do, 2 there is work, 1 an error, raw files that would be refused, or a raw file or the champion that scores is missing")]
pub struct Arguments {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// What the run would do.
    #[arg(long, value_enum)]
    pub mode: ModeArgument,
    /// The date the run would look from, YYYY-MM-DD [default: the last date in the readings].
    #[arg(long, value_parser = parse_date)]
    pub as_of: Option<SnapshotDate>,
    /// The folder of the raw files in the lake, or latest: the newest delivery whose run ended well [default: raw].
    #[arg(long)]
    pub raw_prefix: Option<String>,
    /// The experiment to train [default: the champion's].
    #[arg(long)]
    pub experiment: Option<String>,
    /// Plan a run that waits for a person's approval before a promotion.
    #[arg(long)]
    pub require_approval: bool,
    /// Plan a run of every stage.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub server: ServerArguments,
    /// Print the plan as one JSON object.
    #[arg(long)]
    pub json: bool,
}

impl Arguments {
    fn input(&self) -> PipelineInput {
        PipelineInput {
            as_of: self.as_of.map(AsOf::Date),
            raw_prefix: self.raw_prefix.clone(),
            experiment: self.experiment.clone(),
            require_approval: self.require_approval,
            force: self.force,
            ..PipelineInput::new(self.mode.into())
        }
    }
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let scratch = Scratch::new(None)?;
    let place = Place {
        configuration: arguments.places.load_configuration()?,
        lake: arguments.places.open_lake(scratch.path()).await?,
        registry: arguments.places.open_registry(scratch.path()).await?,
    };
    let report = make(&arguments, &place, &scratch).await?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", words::text(&report));
    }
    Ok(match (report.lacks_what_it_needs(), report.work) {
        (true, _) => ExitCode::FAILURE,
        (false, true) => ExitCode::from(WORK),
        (false, false) => ExitCode::SUCCESS,
    })
}

/// Where the plan looks.
struct Place {
    configuration: Configuration,
    lake: Lake,
    registry: Registry,
}

async fn make(arguments: &Arguments, place: &Place, scratch: &Scratch) -> anyhow::Result<PlanReport> {
    let asked = arguments.input();
    let is_latest = asked.asks_for_latest();
    let input = latest::with_folder(&place.lake, asked, Utc::now()).await?;
    let survey = survey_raw(&place.lake, input.raw_prefix(), input.mode).await?;
    let mut quality = survey.findings;
    if !survey.missing.is_empty() {
        let report = PlanReport::without_raw_files(input.mode, input.raw_prefix(), &survey.missing);
        return Ok(report.with_quality(quality));
    }
    let (files, data, twice) = look_at_data(place, &input, scratch).await?;
    quality.extend(twice);
    let run = Run {
        workflow_id: "plan".into(),
        run_id: "plan".into(),
        started: Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true),
    };
    let planner = Planner {
        lake: &place.lake,
        registry: &place.registry,
        configuration: &place.configuration,
        input: &input,
        as_of: data.as_of,
        run,
    };
    let plan = planner.plan(&files).await?;
    let records = last_records(&place.lake).await?;
    let seconds = StageSeconds::of(&records);
    let (target, mut notes) = target(arguments, place).await?;
    if is_latest {
        notes.push(format!("the latest delivery is {}/ now", input.raw_prefix()));
    }
    if plan.is_open {
        let date = plan.as_of;
        notes.push(format!(
            "{date} is the last date in the files; the run settles its own when it has summed the readings"
        ));
    }
    notes.extend(found_before(&records, data.dataset.short()));
    let id = target.map(|target| workflow_id(&input, &target, &data));
    let seen = seen(&arguments.server, id.as_deref()).await;
    Ok(PlanReport::of(&input, &data, plan, &seconds, id, seen, notes).with_quality(quality))
}

/// The raw files, the date, and the champion, as a run would find them; and which readings are delivered twice.
async fn look_at_data(
    place: &Place,
    input: &PipelineInput,
    scratch: &Scratch,
) -> anyhow::Result<(RawFiles, Data, Vec<Finding>)> {
    let bar = Bar::new("raw files");
    let files = identify_raw(&place.lake, input, scratch.path(), &bar).await?;
    let look = Look { zone: place.configuration.pipeline.time_zone, scratch: scratch.path(), watch: &bar };
    let data = Data::of(&files, &place.lake, &place.registry, input, look).await?;
    let twice = delivered_twice(&place.lake, &files.readings, look).await?;
    bar.finish();
    Ok((files, data, twice))
}

/// The records of the last runs, as far as they can be read.
async fn last_records(lake: &Lake) -> anyhow::Result<Vec<RunRecord>> {
    let mut records = Vec::new();
    for line in newest_runs(lake, LAST_RUNS).await? {
        records.extend(RunRecord::find(lake, &line.run_id).await.ok().flatten());
    }
    Ok(records)
}

/// What the newest run of these very raw files was warned of; a plan itself looks at names and copies only.
fn found_before(records: &[RunRecord], dataset: &str) -> Vec<String> {
    let of_these_files = records.iter().find_map(|record| match record.pipeline_result() {
        Ok(RunResult::Completed(result)) if result.dataset == dataset => Some(result.quality),
        _ => None,
    });
    let findings = of_these_files.unwrap_or_default();
    let warns = findings.iter().filter(|finding| finding.severity > Severity::Info);
    warns.map(|finding| format!("the last run of these raw files was warned: {finding}")).collect()
}

/// Where the run would be served, if the lake has an identity already: a plan gives it none. And what is to be said
/// of the settings.
async fn target(arguments: &Arguments, place: &Place) -> anyhow::Result<(Option<RunTarget>, Vec<String>)> {
    let (queue, ours) = (&arguments.server.task_queue, place.configuration.digest());
    let mut notes = Vec::new();
    let theirs = SettingsInForce::of_queue(&place.lake, queue).await?.map(|note| note.digest);
    if let Some(theirs) = theirs.filter(|theirs| *theirs != ours) {
        notes.push(format!(
            "the workers of task queue {queue} work with other settings ({}) than this plan ({}): give the same \
             --config, or start workers with these",
            theirs.short(),
            ours.short()
        ));
    }
    let Some(lake) = place.lake.known_identity().await? else {
        notes.push("the lake has no identity yet: its first worker gives it one, and runs their IDs".to_owned());
        return Ok((None, notes));
    };
    Ok((Some(RunTarget::of(lake, &place.configuration)), notes))
}

/// Whether Temporal knows a run of this ID.
async fn seen(server: &ServerArguments, id: Option<&str>) -> WorkflowSeen {
    let Some(id) = id else { return WorkflowSeen::Never };
    let settings = match server.settings() {
        Ok(settings) => settings,
        Err(error) => return WorkflowSeen::NotKnown(format!("{error:#}")),
    };
    let client = match attempt_once(&settings).await {
        Ok(client) => client,
        Err(NotConnected::Waiting(reason) | NotConnected::Refused(reason)) => {
            let address = settings.address();
            return WorkflowSeen::NotKnown(format!("no Temporal server can be asked at {address}: {reason}"));
        }
    };
    match state(&handle(&client, id)).await {
        Ok(None) => WorkflowSeen::Never,
        Ok(Some(state)) => WorkflowSeen::Is(state),
        Err(error) => WorkflowSeen::NotKnown(format!("{error:#}")),
    }
}
