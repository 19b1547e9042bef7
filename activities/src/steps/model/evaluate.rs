//! Evaluation: the challenger on the holdout, beside the champion on the same rows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use churn::model::{Bundle, Evaluation, evaluate};
use lake::Lake;
use lake::keys::TopFolder;
use lake::{Made, StageSpec};
use protocol::ModelVersion;
use protocol::steps::{EvaluateModel, Evaluated, StageOutcome};
use serde_json::json;

use crate::error::Result;
use crate::heartbeat::{Heartbeat, compute};
use crate::registry::{Proposal, Registry};
use crate::steps::{Environment, versions};

/// The output's name.
pub const EVALUATION: &str = "evaluation";

/// Evaluates a version against the champion, unless that was done before.
pub async fn evaluate_model(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: EvaluateModel,
) -> Result<Evaluated> {
    let Opponent { version: champion, is_champion } = opponent(&environment.registry, &request.version).await?;
    let spec = spec(&request, champion.as_deref());
    let compare =
        async |scratch: PathBuf| compare(environment, heartbeat, &request, champion.as_deref(), &scratch).await;
    let stage = environment.find_or_make(&spec, &request.run, request.reuse, compare).await?;
    let evaluation = read_evaluation(&environment.lake, &stage).await?;
    let proposal = Proposal {
        version: &request.version,
        gold: &request.gold.digest,
        evaluation: &stage.output(EVALUATION)?,
        summary: &evaluation.summary,
    };
    environment.registry.propose(&proposal).await?;
    Ok(Evaluated { stage, champion, is_champion, summary: evaluation.summary })
}

pub(in crate::steps) fn spec(request: &EvaluateModel, champion: Option<&str>) -> StageSpec {
    StageSpec {
        layer: TopFolder::Evaluated,
        stage: request.version.to_string(),
        code_version: versions::EVALUATE,
        inputs: BTreeMap::from([("gold_master".to_owned(), request.gold.digest.clone())]),
        settings: json!({ "champion": champion }),
    }
}

/// Whom a version is compared with.
pub(in crate::steps) struct Opponent {
    pub version: Option<ModelVersion>,
    pub is_champion: bool,
}

/// The champion; of a version that is champion itself, the one it followed, so that its
/// evaluation is found again.
pub(in crate::steps) async fn opponent(registry: &Registry, version: &str) -> Result<Opponent> {
    Ok(match registry.champion().await? {
        Some((pointer, _)) if pointer.version == version => Opponent { version: pointer.previous, is_champion: true },
        Some((pointer, _)) => Opponent { version: Some(pointer.version), is_champion: false },
        None => Opponent { version: None, is_champion: false },
    })
}

/// The figures of both, written to `scratch`.
async fn compare(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: &EvaluateModel,
    champion: Option<&str>,
    scratch: &Path,
) -> Result<Vec<Made>> {
    let gold = environment.lake.fetch(&request.gold, scratch).await?;
    let challenger = environment.registry.fetch_model(&request.version, scratch).await?;
    let champion = match champion {
        Some(version) => Some(environment.registry.fetch_model(version, scratch).await?),
        None => None,
    };
    let path = scratch.join("evaluation.json");
    compute(heartbeat, "the evaluation", move |watch| {
        let gold = gold.read(churn::table_file::read)?;
        let challenger = Bundle::load(&challenger)?;
        let champion = champion.as_deref().map(Bundle::load).transpose()?;
        let evaluation = evaluate(&challenger, champion.as_ref(), &gold, watch)?;
        let rows = evaluation.summary.holdout_rows;
        std::fs::write(&path, lake::to_json(&evaluation)).map_err(churn::Error::file("write", &path))?;
        Ok(vec![Made::file(EVALUATION, "evaluation.json".to_owned(), path, rows)?])
    })
    .await
}

/// The stored evaluation of a stage.
pub async fn read_evaluation(lake: &Lake, stage: &StageOutcome) -> Result<Evaluation> {
    Ok(lake.read_json_exactly(&stage.output(EVALUATION)?).await?)
}
