//! The business process, straight down.

use activities::messages::{RawSnapshot, TableRef};
use churn::SnapshotDate;
use churn::model::{Verdict, gate};

use super::input::Mode;
use super::result::{ModelResult, Outcome, PipelineResult, VerdictResult};
use super::stages::Stages;
use super::stop::Stop;
use super::tables::Tables;

/// Runs every stage of the mode and says what came of it.
pub async fn run(stages: &Stages) -> Result<PipelineResult, Stop> {
    let raw = stages.snapshot_raw().await?;
    let as_of = stages.as_of(&raw);
    let tables = build_tables(stages, &raw, as_of).await?;
    let challenge = match stages.input().mode {
        Mode::Train => Some(challenge(stages, &raw, &tables.gold_master).await?),
        Mode::Score => None,
    };
    let result = serve(stages, &raw, as_of, &tables, challenge).await?;
    stages.announce(&result).await;
    stages.record(&raw, result).await
}

async fn build_tables(stages: &Stages, raw: &RawSnapshot, as_of: SnapshotDate) -> Result<Tables, Stop> {
    let bronze = stages.build_bronze(raw, as_of).await?;
    let silver = stages.build_silver(raw, bronze, as_of).await?;
    stages.build_gold(silver, as_of).await
}

/// A trained challenger and what was decided.
struct Challenge {
    model: ModelResult,
    verdict: VerdictResult,
}

async fn challenge(stages: &Stages, raw: &RawSnapshot, gold: &TableRef) -> Result<Challenge, Stop> {
    let (version, job) = stages.train(gold, &raw.experiment).await?;
    let evaluated = stages.evaluate(gold, &version).await?;
    let decided = gate(&evaluated.summary, &raw.gate);
    let verdict = stages.ask_people_if_needed(decided, &evaluated, &version, raw.approval).await?;
    let newly = stages.apply_verdict(&version, &evaluated, &verdict).await?;
    Ok(Challenge {
        model: ModelResult {
            version,
            experiment: Some(raw.experiment.clone()),
            metrics: evaluated.summary.metrics,
            job,
        },
        verdict: VerdictResult { outcome: outcome(&verdict, newly), checks: verdict.checks },
    })
}

fn outcome(verdict: &Verdict, newly: bool) -> Outcome {
    match (verdict.passed, newly) {
        (true, true) => Outcome::Promoted,
        (true, false) => Outcome::AlreadyChampion,
        (false, _) => Outcome::Rejected,
    }
}

/// Scores, recommends, looks for drift and publishes with the champion, if there is one.
async fn serve(
    stages: &Stages,
    raw: &RawSnapshot,
    as_of: SnapshotDate,
    tables: &Tables,
    challenge: Option<Challenge>,
) -> Result<PipelineResult, Stop> {
    let (model, verdict) = challenge.map(|c| (c.model, c.verdict)).unzip();
    let mut result = stages.result(raw, as_of, model, verdict);
    let Some(champion) = stages.find_champion().await? else {
        result.outcome = Outcome::NoChampion;
        stages.leave_out_scoring();
        result.stages = stages.results();
        return Ok(result);
    };
    let scored = stages.score(tables, as_of, &champion.version).await?;
    let recommended = stages.recommend(tables, &scored, as_of, &champion.version).await?;
    let drift = stages.detect_drift(tables, as_of, &champion.version).await?;
    stages.publish(as_of, &champion.version, &[&scored.stage, &recommended, &drift.stage]).await?;
    result.model = result.model.or(Some(ModelResult {
        version: champion.version.clone(),
        experiment: None,
        metrics: champion.metrics,
        job: None,
    }));
    result.champion = Some(champion.version);
    result.tiers = scored.tiers;
    result.drift = Some(drift.drift);
    result.stages = stages.results();
    Ok(result)
}
