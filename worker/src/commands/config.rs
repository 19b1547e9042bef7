//! `spanishgas config check`: everything that is missing or wrong, at once, before anything starts.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use activities::alerts::Webhooks;
use activities::configuration::Configuration;
use activities::kms::{Purpose, look};
use activities::lineage::Lineage;
use activities::outside::OutsideSettings;
use activities::signing::{Signing, SigningKey};
use activities::steps::tables::raw::{RawSurvey, survey_raw};
use churn::quality::Severity;
use lake::Lake;
use protocol::pipeline::Mode;

use crate::connect::{ServerArguments, connect};
use crate::environment::{EnvironmentOptions, Profile};
use crate::pollers;
use crate::schedules::SchedulesFile;
use crate::scratch::Scratch;

/// Where a run looks for raw files unless it is told otherwise.
const RAW: &str = "raw/";
/// How long a Temporal server is looked for.
const SERVER_WITHIN: Duration = Duration::from_secs(3);

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub action: Action,
}

#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Check the configuration files and, in the aws profile, aws.yaml, the lake's place, region and credentials.
    Check(Check),
}

#[derive(Debug, clap::Args)]
pub struct Check {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    /// Look at the lake, ask the Temporal server which workers listen, and in the aws profile at the bucket, the topic, the model package group and the queue of events, and at keys in KMS (reads only).
    #[arg(long)]
    pub connect: bool,
    #[command(flatten)]
    pub server: ServerArguments,
}

pub async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let Action::Check(check) = arguments.action;
    let mut found = Found::default();
    match Configuration::load(check.places.config.as_deref()) {
        Ok(_) => found.good.push("configuration files".to_owned()),
        Err(error) => found.problems.push(error.to_string()),
    }
    // A folder that is not there has neither, and is told with the configuration.
    if check.places.config.as_deref().is_none_or(Path::is_dir) {
        found.note("schedules.yaml", look_at_schedules(&check.places));
        found.note("outside.yaml", look_at_outside(&check.places));
    }
    if !check.places.signing_key.is_empty() {
        found.note("signing", look_at_signing(&check.places));
    }
    if !check.server.payloads.sources().is_empty() {
        found.note("payloads", look_at_payload_keys(&check.server));
    }
    look_at_profile(&check, &mut found).await;
    if check.connect && found.problems.is_empty() {
        look_at_kms(&check, &mut found).await?;
        look_at_raw_files(&check.places, &mut found).await?;
        look_for_workers(&check.server, &mut found).await;
    }
    Ok(found.tell())
}

/// What is in order, and what is not.
#[derive(Default)]
struct Found {
    good: Vec<String>,
    /// What need not be so yet, and what a run waits for.
    remarks: Vec<String>,
    problems: Vec<String>,
}

impl Found {
    fn tell(&self) -> ExitCode {
        for good in &self.good {
            println!("ok       {good}");
        }
        for remark in &self.remarks {
            println!("note     {remark}");
        }
        for problem in &self.problems {
            println!("problem  {problem}");
        }
        if self.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn note(&mut self, name: &str, outcome: Result<String, Vec<String>>) {
        match outcome {
            Ok(words) => self.good.push(format!("{name}: {words}")),
            Err(problems) => self.problems.extend(problems),
        }
    }
}

fn look_at_schedules(places: &EnvironmentOptions) -> Result<String, Vec<String>> {
    match SchedulesFile::load(places.config.as_deref()) {
        Ok(file) => Ok(format!("{} schedules", file.schedules.len())),
        Err(error) => Err(vec![format!("{error:#}")]),
    }
}

fn look_at_payload_keys(server: &ServerArguments) -> Result<String, Vec<String>> {
    match server.payloads.codec() {
        Ok(codec) => Ok(format!("they are encrypted with key {}", codec.key_id().unwrap_or("none"))),
        Err(error) => Err(vec![format!("{error:#}")]),
    }
}

fn look_at_outside(places: &EnvironmentOptions) -> Result<String, Vec<String>> {
    let told = |settings: &OutsideSettings| {
        let lineage = if settings.openlineage.url.is_some() { "a receiver" } else { "no receiver" };
        format!("{} webhooks, {lineage} of lineage", settings.webhooks.len())
    };
    let settings = places.load_outside().map_err(|error| vec![error.to_string()])?;
    // Keys, tokens and secret addresses are read here too, as a worker's start does it.
    let opened = [Webhooks::open(&settings).err(), Lineage::open(&settings.openlineage).err()];
    let problems: Vec<_> = opened.into_iter().flatten().map(|error| error.to_string()).collect();
    if problems.is_empty() { Ok(told(&settings)) } else { Err(problems) }
}

fn look_at_signing(places: &EnvironmentOptions) -> Result<String, Vec<String>> {
    match places.load_signing() {
        Ok(signing) => Ok(in_words(&signing)),
        Err(error) => Err(vec![format!("{error:#}")]),
    }
}

fn in_words(signing: &Signing) -> String {
    match (signing.signer(), signing.keys().first()) {
        (Some(key), _) => format!("models are signed with key {}", key.id()),
        (None, Some(key)) => format!("models are checked with key {}, and none can be signed", key.id()),
        (None, None) => "off".to_owned(),
    }
}

/// Whether the keys in KMS are there, of the right kind and in use: reads only.
async fn look_at_kms(check: &Check, found: &mut Found) -> anyhow::Result<()> {
    for key in check.places.load_signing()?.keys() {
        if let SigningKey::Kms(key) = key {
            found.note("signing", look(&**key, Purpose::Models).await.map_err(|problem| vec![problem]));
        }
    }
    for looked in check.server.payloads.codec()?.look().await {
        found.note("payloads", looked.map_err(|problem| vec![problem]));
    }
    Ok(())
}

async fn look_at_profile(check: &Check, found: &mut Found) {
    match check.places.profile {
        Profile::Local => {
            let folder = check.places.open_folder();
            found.note("lake", folder.map(|lake| lake.to_string()).map_err(|error| vec![format!("{error:#}")]));
        }
        Profile::Aws => look_at_aws(check, found).await,
    }
}

#[cfg(feature = "aws")]
async fn look_at_aws(check: &Check, found: &mut Found) {
    let prepared = match crate::environment::aws::prepare(&check.places).await {
        Ok(prepared) => prepared,
        Err(problems) => return found.problems.extend(problems),
    };
    found.good.push(format!("aws.yaml, lake, region, credentials: {}", prepared.identity));
    if check.connect {
        for (name, looked) in prepared.reach().await {
            found.note(name, looked.map_err(|problem| vec![problem]));
        }
    }
}

#[cfg(not(feature = "aws"))]
#[expect(clippy::unused_async, reason = "the same shape as with the feature")]
async fn look_at_aws(_check: &Check, found: &mut Found) {
    found.problems.push("this program was built without the aws profile; build it with the feature `aws`".to_owned());
}

async fn look_at_raw_files(places: &EnvironmentOptions, found: &mut Found) -> anyhow::Result<()> {
    let scratch = Scratch::new(None)?;
    let lake = places.open_lake(scratch.path()).await?;
    let survey = match survey_raw(&lake, RAW, Mode::Train).await {
        Ok(survey) => survey,
        Err(error) => {
            found.note("raw files", Err(vec![error.to_string()]));
            return Ok(());
        }
    };
    let told = survey.findings.iter().filter(|finding| finding.severity > Severity::Info);
    found.remarks.extend(told.map(|finding| format!("raw files: {}", finding.words)));
    found.note("raw files", judge_raw_files(&lake.to_string(), &survey));
    if survey.files == 0 && is_empty(&lake).await? {
        found.problems.push(format!("{lake} holds nothing at all: is its place right (--lake, SPANISHGAS_LAKE)?"));
    }
    Ok(())
}

/// Whether the files of a run are there. Deliveries in folders of their own are the watcher's.
fn judge_raw_files(lake: &str, survey: &RawSurvey) -> Result<String, Vec<String>> {
    if survey.missing.is_empty() {
        return Ok(format!("{lake} has {} raw files", survey.files));
    }
    if survey.files == 0 && survey.has_deliveries_below {
        return Ok(format!(
            "{lake} has deliveries in folders below {RAW}; a run takes one with --raw-prefix, `latest` the newest"
        ));
    }
    if survey.files == 0 {
        return Err(vec![format!("{lake} has no file below {RAW}: put the raw files there, or run with --raw-prefix")]);
    }
    Err(vec![format!("{lake} lacks raw files below {RAW}: {}", survey.missing.join(", "))])
}

/// Whether nobody has put anything into the lake yet, marks of our own apart.
async fn is_empty(lake: &Lake) -> anyhow::Result<bool> {
    Ok(lake.list("").await?.iter().all(|object| object.key.starts_with('.') || object.key == lake::keys::IDENTITY))
}

/// Settings are checked before anything runs: that nobody listens yet is worth a remark, and no problem.
async fn look_for_workers(server: &ServerArguments, found: &mut Found) {
    let looked = async {
        let client = connect(&server.settings()?, SERVER_WITHIN).await?;
        pollers::look(&client, &server.task_queue).await
    };
    match looked.await {
        Ok(listeners) if listeners.are_there() => found.good.push(format!("Temporal: {listeners}")),
        Ok(listeners) => found.remarks.push(format!("Temporal: {listeners}")),
        Err(error) => found.remarks.push(format!("Temporal: {error:#}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_prefix_and_an_incomplete_one_are_problems() {
        let survey = |files, missing: &[&str], has_deliveries_below| RawSurvey {
            files,
            missing: missing.iter().map(|name| (*name).to_owned()).collect(),
            has_deliveries_below,
            findings: Vec::new(),
        };
        let judged = |survey: &RawSurvey| judge_raw_files("folder data", survey);
        assert_eq!(judged(&survey(7, &[], false)), Ok("folder data has 7 raw files".to_owned()));
        let empty = judged(&survey(0, &["churn_label.csv"], false)).unwrap_err();
        assert!(empty[0].contains("has no file below raw/"), "{empty:?}");
        let some = judged(&survey(3, &["churn_label.csv"], true)).unwrap_err();
        assert!(some[0].contains("lacks raw files below raw/: churn_label.csv"), "{some:?}");
        assert!(judged(&survey(0, &["churn_label.csv"], true)).unwrap().contains("--raw-prefix"));
    }
}
