//! `spanishgas models promote | rollback | withdraw | reinstate`: a change by a person, made by a run of `ModelAdmin`, or
//! where no server or worker is there, written to the lake at once.

use std::process::ExitCode;
use std::time::Duration;

use activities::registry::Registry;
use activities::steps::serving::publish;
use anyhow::{Context, bail};
use chrono::{SecondsFormat, Utc};
use lake::Lake;
use lake::documents::ChangeByHand;
use protocol::model_admin::{Administered, ModelAction, ModelAdminInput, ModelAdminReport, NO_CHAMPION, WORKFLOW_TYPE};
use serde_json::json;

use crate::commands::run::{self, ModeArgument};
use crate::connect::{ServerArguments, connect};
use crate::environment::EnvironmentOptions;
use crate::follow::{Ended, Failure, follow};
use crate::launch::{self, Launched, Repeat, Start};
use crate::pollers;
use crate::run_handle::handle;
use crate::scratch::Scratch;

/// How long a Temporal server is looked for.
const SERVER_WITHIN: Duration = Duration::from_secs(10);
/// What to do where there is none.
const WITHOUT_SERVER: &str = "nothing was changed; in an emergency --direct changes the lake without server and worker";

/// Who changes something, and why.
#[derive(Debug, clap::Args)]
pub struct Who {
    /// Who does it.
    #[arg(long)]
    pub by: String,
    /// Why.
    #[arg(long)]
    pub reason: String,
}

/// A change by a person, and how it is made.
#[derive(Debug, clap::Args)]
pub struct Change {
    #[command(flatten)]
    pub places: EnvironmentOptions,
    #[command(flatten)]
    pub who: Who,
    /// Change nothing unless this version is champion; `none`: unless nobody is [default: the champion of now].
    #[arg(long, value_name = "VERSION")]
    pub expect: Option<String>,
    /// In an emergency: write to the lake at once, without Temporal; nobody is told, and no run is on record.
    #[arg(long)]
    pub direct: bool,
    #[command(flatten)]
    pub server: ServerArguments,
    /// Print what was changed, or why nothing was, as one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: spanishgas models promote 0123456789abcdef --by ana --reason \"better in the south\"\n\
    Exit code: 0 it is champion, 1 it is not: refused, or not to be done"
)]
pub struct Promote {
    /// The version, as `models list` shows it.
    #[arg(value_name = "VERSION")]
    pub model_version: String,
    /// Promote a version that the gate rejected; the failed checks and the reason stay on record.
    #[arg(long = "override")]
    pub overrides_verdict: bool,
    /// Score with it at once.
    #[arg(long, conflicts_with = "json")]
    pub score: bool,
    #[command(flatten)]
    pub change: Change,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: spanishgas models rollback 0123456789abcdef --by ana --reason \"offers went wrong\" --score\n\
    Exit code: 0 it is champion, 1 it is not: refused, or not to be done"
)]
pub struct Rollback {
    /// The version to go back to, as `models list` shows it [default: the champion before the one of now].
    #[arg(value_name = "VERSION")]
    pub model_version: Option<String>,
    /// Score with it at once, so that the withdrawn model's scores do not stay published.
    #[arg(long, conflicts_with = "json")]
    pub score: bool,
    #[command(flatten)]
    pub change: Change,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: spanishgas models withdraw 0123456789abcdef --by ana --reason \"trained on wrong prices\"\n\
    Exit code: 0 it is changed, 1 it is not: refused, or not to be done"
)]
pub struct OfVersion {
    /// The version, as `models list` shows it.
    #[arg(value_name = "VERSION")]
    pub model_version: String,
    #[command(flatten)]
    pub change: Change,
}

pub async fn promote(promote: Promote) -> anyhow::Result<ExitCode> {
    let Promote { model_version, overrides_verdict, score, change } = promote;
    move_champion(
        change,
        Wanted { action: ModelAction::Promote, version: Some(model_version), overrides_verdict },
        score,
    )
    .await
}

pub async fn roll_back(rollback: Rollback) -> anyhow::Result<ExitCode> {
    let Rollback { model_version: version, score, change } = rollback;
    move_champion(change, Wanted { action: ModelAction::Rollback, version, overrides_verdict: false }, score).await
}

pub async fn withdraw(of: &OfVersion) -> anyhow::Result<ExitCode> {
    change_entry(of, ModelAction::Withdraw).await
}

pub async fn reinstate(of: &OfVersion) -> anyhow::Result<ExitCode> {
    change_entry(of, ModelAction::Reinstate).await
}

/// What is wanted of which version.
struct Wanted {
    action: ModelAction,
    version: Option<String>,
    overrides_verdict: bool,
}

async fn move_champion(change: Change, wanted: Wanted, score: bool) -> anyhow::Result<ExitCode> {
    let Some(done) = make(&change, wanted).await? else { return Ok(ExitCode::FAILURE) };
    if change.json {
        return Ok(ExitCode::SUCCESS);
    }
    let scratch = Scratch::new(None)?;
    let lake = change.places.open_lake(scratch.path()).await?;
    say_what_is_published(&lake, &done.version).await?;
    if !score {
        return Ok(ExitCode::SUCCESS);
    }
    let Change { places, server, .. } = change;
    run::run(run::Arguments::of_mode(ModeArgument::Score, places, server)).await
}

async fn change_entry(of: &OfVersion, action: ModelAction) -> anyhow::Result<ExitCode> {
    let wanted = Wanted { action, version: Some(of.model_version.clone()), overrides_verdict: false };
    let done = make(&of.change, wanted).await?;
    Ok(if done.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Makes the change and says so; nothing where it was refused, which is said too.
async fn make(change: &Change, wanted: Wanted) -> anyhow::Result<Option<Administered>> {
    let scratch = Scratch::new(None)?;
    let registry = change.places.open_registry(scratch.path()).await?;
    let wish = wish(change, wanted, &registry).await?;
    let made = if change.direct {
        directly(&registry, &wish).await
    } else {
        let lake = change.places.open_lake(scratch.path()).await?;
        change.server.require_understood(&lake).await?;
        let wish = ModelAdminInput { lake: Some(lake.identity().await?.to_string()), ..wish };
        by_workflow(change, &registry, &wish).await?
    };
    tell(change, made)
}

/// What is asked for, against the champion that this person sees.
async fn wish(change: &Change, wanted: Wanted, registry: &Registry) -> anyhow::Result<ModelAdminInput> {
    let state = registry.admin_state().await?;
    let Some(version) = wanted.version.map(Into::into).or(state.previous) else {
        bail!("there is no champion before the one of now; name a version that `spanishgas models list` shows");
    };
    let seen = state.champion.map_or_else(|| NO_CHAMPION.to_owned(), |version| version.to_string());
    let wish = ModelAdminInput {
        action: wanted.action,
        version,
        by: change.who.by.clone(),
        reason: change.who.reason.clone(),
        expected_champion: Some(change.expect.clone().unwrap_or(seen).into()),
        overrides_verdict: wanted.overrides_verdict,
        lake: None,
    };
    wish.checked().map_err(anyhow::Error::msg)
}

async fn directly(registry: &Registry, wish: &ModelAdminInput) -> Result<Administered, Failure> {
    administer(registry, wish).await.map_err(|error| Failure {
        state: "failed",
        error_type: error.type_name().to_owned(),
        message: error.to_string(),
    })
}

/// As a worker would: it asks for the same signatures, whatever key was given here.
async fn administer(registry: &Registry, wish: &ModelAdminInput) -> Result<Administered, activities::Error> {
    if wish.action.moves_champion() {
        registry.require_trust_of_workers().await?;
    }
    let at = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
    let change = ChangeByHand::new(wish.by.clone(), wish.reason.clone(), at);
    registry.administer(wish, &change).await
}

/// The ID that the wish has in the state of now.
async fn id_now(registry: &Registry, wish: &ModelAdminInput) -> anyhow::Result<String> {
    let last_move = registry.admin_state().await?.last_move;
    Ok(wish.workflow_id(last_move, registry.changes_of(&wish.version).await?).to_string())
}

async fn by_workflow(
    change: &Change,
    registry: &Registry,
    wish: &ModelAdminInput,
) -> anyhow::Result<Result<Administered, Failure>> {
    let queue = &change.server.task_queue;
    let client = connect(&change.server.settings()?, SERVER_WITHIN).await.context(WITHOUT_SERVER)?;
    let listeners = pollers::look(&client, queue).await?;
    if !listeners.take_light_work() {
        bail!("{listeners}; {WITHOUT_SERVER}");
    }
    let id = id_now(registry, wish).await?;
    let summary = format!("{} model {}", wish.action.as_str(), wish.version);
    let (task_queue, summary, repeat) = (queue.as_str(), summary.as_str(), Repeat::Failed);
    let start = Start { workflow_type: WORKFLOW_TYPE, id: &id, task_queue, summary, repeat, version: None };
    let launched = launch::start(&client, start, wish).await?;
    // A change that was made has another state behind it, unless somebody restored an earlier one: then it is made again.
    if matches!(launched, Launched::EndedBefore) && id_now(registry, wish).await? == id {
        launch::start(&client, Start { repeat: Repeat::Any, ..start }, wish).await?;
    }
    eprintln!("workflow {id}");
    let report = match follow::<ModelAdminReport>(&handle(&client, &id), queue, &[]).await? {
        Ended::Completed(report) => *report,
        Ended::Failed(failure) => return Ok(Err(failure)),
    };
    if report.change.by != wish.by || report.change.reason != wish.reason {
        eprintln!("NOTE: {} asked for the same in this moment, and it was done once", report.change.by);
    }
    for subject in report.undelivered_alerts {
        eprintln!("NOTE: people could not be told: {subject}");
    }
    Ok(Ok(report.change))
}

fn tell(change: &Change, made: Result<Administered, Failure>) -> anyhow::Result<Option<Administered>> {
    match made {
        Ok(done) => {
            if change.json {
                println!("{}", serde_json::to_string_pretty(&done)?);
            } else {
                println!("{}", words(&done));
            }
            Ok(Some(done))
        }
        Err(failure) => {
            let Failure { state, error_type, message } = failure;
            if change.json {
                let object = json!({ "state": state, "error": { "type": error_type, "message": message } });
                println!("{}", serde_json::to_string_pretty(&object)?);
            }
            eprintln!("{}: {error_type} {message}", state.to_uppercase());
            Ok(None)
        }
    }
}

fn words(done: &Administered) -> String {
    let version = &done.version;
    let before = done.champion_before.as_ref().map_or_else(|| "nobody".to_owned(), ToString::to_string);
    match done.action {
        ModelAction::Promote => format!("{version} is champion now; it follows {before}"),
        ModelAction::Rollback => {
            format!("{version} is champion now; {before} is withdrawn until somebody reinstates it")
        }
        ModelAction::Withdraw => format!("{version} is withdrawn until somebody reinstates it"),
        ModelAction::Reinstate => format!("{version} is {} again; the gate may promote it", done.status),
    }
}

/// The business reads what is published until the next scoring, whoever is champion.
async fn say_what_is_published(lake: &Lake, champion: &str) -> anyhow::Result<()> {
    match publish::current(lake).await? {
        Some(published) if published.model_version != champion => println!(
            "still published: the scores of {} by model {} (run {}); to replace them: spanishgas run --mode score, \
             or --score with this command",
            published.as_of, published.model_version, published.workflow_id
        ),
        Some(published) => {
            println!("published: the scores of {} by this very model", published.as_of);
        }
        None => println!("nothing is published; to score: spanishgas run --mode score"),
    }
    Ok(())
}
