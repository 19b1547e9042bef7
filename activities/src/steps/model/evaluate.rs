//! Evaluation: the challenger on the holdout, beside the champion and the best one before it on the same rows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use churn::SnapshotDate;
use churn::model::{Bundle, EarlierChampion, Evaluation, GateMeasures, evaluate, gate_figures};
use lake::Lake;
use lake::keys::TopFolder;
use lake::{Made, StageSpec};
use protocol::ModelVersion;
use protocol::steps::{EvaluateModel, Evaluated, StageOutcome};
use serde_json::json;

use super::earlier::{self, Earlier};
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
    let opponents = opponents(&environment.registry, &request.version, request.label_date).await?;
    let measures = environment.configuration.model.gate.measures();
    let spec = spec(&request, &opponents, measures);
    let compare =
        async |scratch: PathBuf| compare(environment, heartbeat, &request, &opponents, measures, &scratch).await;
    let stage = environment.find_or_make(&spec, &request.run, request.reuse, compare).await?;
    let evaluation = read_evaluation(&environment.lake, &stage).await?;
    let proposal = Proposal {
        version: &request.version,
        gold: &request.gold.digest,
        evaluation: &stage.output(EVALUATION)?,
        summary: &evaluation.summary,
    };
    environment.registry.propose(&proposal).await?;
    let Opponents { champion, is_champion, .. } = opponents;
    Ok(Evaluated { stage, champion, is_champion, summary: evaluation.summary })
}

pub(in crate::steps) fn spec(request: &EvaluateModel, opponents: &Opponents, measures: GateMeasures) -> StageSpec {
    StageSpec {
        layer: TopFolder::Evaluated,
        stage: request.version.to_string(),
        code_version: versions::EVALUATE,
        inputs: BTreeMap::from([("gold_master".to_owned(), request.gold.digest.clone())]),
        settings: json!({ "champion": opponents.champion, "earlier": opponents.earlier, "measures": measures }),
    }
}

/// Whom a version is compared with.
pub(in crate::steps) struct Opponents {
    /// The champion; of a version that is champion itself the one it followed, so that its evaluation is found again.
    pub champion: Option<ModelVersion>,
    /// Whether the version is champion itself.
    pub is_champion: bool,
    /// The champions before, which set the bar too.
    pub earlier: Vec<Earlier>,
}

/// Looks them up.
pub(in crate::steps) async fn opponents(
    registry: &Registry,
    version: &str,
    label_date: Option<SnapshotDate>,
) -> Result<Opponents> {
    let (champion, is_champion) = match registry.champion().await? {
        Some((pointer, _)) if pointer.version == version => (pointer.previous, true),
        Some((pointer, _)) => (Some(pointer.version), false),
        None => (None, false),
    };
    let earlier = earlier::earlier(registry, version, champion.as_deref(), label_date).await?;
    Ok(Opponents { champion, is_champion, earlier })
}

/// The figures of all, written to `scratch`.
async fn compare(
    environment: &Environment,
    heartbeat: &Heartbeat,
    request: &EvaluateModel,
    opponents: &Opponents,
    measures: GateMeasures,
    scratch: &Path,
) -> Result<Vec<Made>> {
    let registry = &environment.registry;
    let gold = environment.lake.fetch(&request.gold, scratch).await?;
    let challenger = registry.fetch_model(&request.version, scratch).await?;
    let champion = match &opponents.champion {
        Some(version) => Some(registry.fetch_model(version, scratch).await?),
        None => None,
    };
    let mut before = Vec::new();
    for one in &opponents.earlier {
        before.push((one.clone(), earlier::fetch(registry, one, scratch).await?));
    }
    let path = scratch.join("evaluation.json");
    compute(heartbeat, "the evaluation", move |watch| {
        let gold = gold.read(churn::table_file::read)?;
        let challenger = Bundle::load(&challenger)?;
        let champion = champion.as_deref().map(Bundle::load).transpose()?;
        let before: Vec<EarlierChampion> = before.into_iter().map(loaded).collect();
        let mut evaluation = evaluate(&challenger, champion.as_ref(), &gold, watch)?;
        let figures = gate_figures(&challenger, champion.as_ref(), &before, &gold, measures, watch)?;
        evaluation.summary.gate = Some(figures);
        let rows = evaluation.summary.holdout_rows;
        std::fs::write(&path, lake::to_json(&evaluation)).map_err(churn::Error::file("write", &path))?;
        Ok(vec![Made::file(EVALUATION, "evaluation.json".to_owned(), path, rows)?])
    })
    .await
}

/// A model that this program cannot load, as one of a learner that is gone, is told as one that cannot be had.
fn loaded((earlier, folder): (Earlier, std::result::Result<PathBuf, String>)) -> EarlierChampion {
    let model = folder.and_then(|folder| Bundle::load(&folder).map_err(|error| error.to_string()));
    EarlierChampion { version: earlier.version.to_string(), model, held_the_bar: earlier.held_the_bar }
}

/// The stored evaluation of a stage.
pub async fn read_evaluation(lake: &Lake, stage: &StageOutcome) -> Result<Evaluation> {
    Ok(lake.read_json_exactly(&stage.output(EVALUATION)?).await?)
}
