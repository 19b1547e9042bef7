//! What a verdict leads to: registration, and for a promoted challenger the pointer's move.

use std::collections::BTreeMap;

use churn::model::{Bundle, Evaluation, model_card};

use super::World;
use super::model::fetch_model;
use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::lake::{LakeError, keys, to_json};
use crate::messages::{ApplyVerdict, Champion, ChampionPointer, StageOutcome, TableRef};
use crate::registry::{Approval, Registration};
use crate::watched::{Pulse, compute};

/// Registers the verdict with its evaluation and card; promotes when it passed. Safe to repeat.
pub async fn apply_verdict(world: &World, pulse: &Pulse, request: ApplyVerdict) -> Result<StageOutcome> {
    let champion = world.registry.champion().await?;
    let registered = world.registry.find(&request.version).await?;
    if let Some(reason) = nothing_to_do(&request, champion.as_ref().map(|(pointer, _)| pointer), registered.as_ref()) {
        return Ok(outcome(&request, Some(reason)));
    }
    let promotes = promotes(&request, champion.as_ref().map(|(pointer, _)| pointer))?;
    write_evaluation(world, pulse, &request).await?;
    if promotes {
        // Before the registration: a promotion that lost the race must not stand there as approved.
        world.registry.promote(&request.run, &request.version, champion).await?;
    }
    world.registry.register(&registration(&request)).await?;
    Ok(outcome(&request, None))
}

/// Whether the pointer must move; a comparison with a champion of the past moves nothing.
fn promotes(request: &ApplyVerdict, champion: Option<&ChampionPointer>) -> Result<bool> {
    let current = champion.map(|pointer| &pointer.version);
    if !request.verdict.passed || current == Some(&request.version) {
        return Ok(false);
    }
    if current == request.champion.as_ref() {
        return Ok(true);
    }
    let compared_with = request.champion.clone().unwrap_or_else(|| "none".to_owned());
    Err(Error::ChampionChanged { version: request.version.clone(), compared_with })
}

fn registration(request: &ApplyVerdict) -> Registration {
    Registration {
        version: request.version.clone(),
        status: if request.verdict.passed { Approval::Approved } else { Approval::Rejected },
        compared_with: request.champion.clone(),
        verdict: request.verdict.clone(),
        registered_by: request.run.workflow_id.clone(),
        run_id: request.run.run_id.clone(),
        model_package_arn: None,
    }
}

/// The champion with its figures, if there is one.
pub async fn find_champion(world: &World) -> Result<Option<Champion>> {
    let Some((pointer, _)) = world.registry.champion().await? else {
        return Ok(None);
    };
    let key = keys::model_file(&pointer.version, "evaluation.json");
    let evaluation: Evaluation = world.lake.read_json(&key).await?;
    Ok(Some(Champion { version: pointer.version, metrics: evaluation.summary.metrics }))
}

fn nothing_to_do(
    request: &ApplyVerdict,
    champion: Option<&ChampionPointer>,
    registered: Option<&Registration>,
) -> Option<String> {
    // An earlier attempt of this very run may have come this far: then it was this run's doing.
    let registered = registered.filter(|registered| registered.run_id != request.run.run_id)?;
    if champion.is_some_and(|pointer| pointer.version == request.version) {
        return Some(format!("champion since run {}", registered.registered_by));
    }
    let same = registered.verdict == request.verdict && registered.compared_with == request.champion;
    (same && !request.verdict.passed).then(|| format!("rejected before by run {}", registered.registered_by))
}

async fn write_evaluation(world: &World, pulse: &Pulse, request: &ApplyVerdict) -> Result<()> {
    let lake = &world.lake;
    let stored = lake.read_exactly(&request.evaluation).await?;
    let evaluation: Evaluation = serde_json::from_slice(&stored).map_err(|e| LakeError::Unreadable {
        key: request.evaluation.key.clone(),
        expected: "an evaluation",
        problem: e.to_string(),
    })?;
    let scratch = world.scratch()?;
    let model = fetch_model(lake, &request.version, scratch.path()).await?;
    let verdict = request.verdict.clone();
    let card = compute(pulse, "the model card", move |_| {
        Ok(model_card(Bundle::load(&model)?.metadata(), &evaluation, &verdict))
    })
    .await?;
    lake.put(&keys::model_file(&request.version, "evaluation.json"), stored).await?;
    lake.put(&keys::model_file(&request.version, "verdict.json"), to_json(&request.verdict)).await?;
    lake.put(&keys::model_file(&request.version, "model_card.md"), card.into_bytes()).await?;
    Ok(())
}

fn outcome(request: &ApplyVerdict, skipped: Option<String>) -> StageOutcome {
    let key = keys::model_file(&request.version, "verdict.json");
    let digest = Digest::of(&to_json(&request.verdict));
    let verdict = TableRef { key, digest: digest.clone(), rows: 0 };
    StageOutcome {
        digest,
        outputs: BTreeMap::from([("verdict".to_owned(), verdict)]),
        rows: 0,
        skipped,
        job: None,
        repaired: None,
    }
}
