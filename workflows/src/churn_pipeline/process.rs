//! The business process, straight down.

use churn::SnapshotDate;
use protocol::TableRef;
use protocol::pipeline::{Mode, ModelResult, Outcome, PipelineResult, SliceResult, VerdictResult};
use protocol::steps::RawSnapshot;

use super::serving::Served;
use super::stages::Stages;
use super::tables::{Bronze, Tables};
use super::{deadline, failures};
use crate::run::Failure;

/// How often a run goes back to the raw files, since a stored table was damaged.
const ROUNDS: u32 = 3;
/// How often a challenger is compared, and customers are scored, while others move the champion.
const CHAMPIONS: u32 = 5;

/// Runs every stage of the mode and says what came of it. A table that was damaged after it was made is made
/// again: the run goes back to the raw files, and all that is whole is found unchanged.
pub async fn run(stages: &Stages) -> Result<PipelineResult, Failure> {
    let mut round = 1;
    loop {
        match once(stages).await {
            Err(stop) if failures::is_damage(&stop) && round < ROUNDS => stages.start_over(&stop),
            ended => return ended,
        }
        round += 1;
    }
}

async fn once(stages: &Stages) -> Result<PipelineResult, Failure> {
    let raw = stages.snapshot_raw().await?;
    let limit = deadline::after_the_raw_stage(&raw, stages.input().promotion());
    let more = || deadline::for_further_questions(&raw, stages.questions());
    let standing = || stages.standing();
    let result = stages.execution.within(limit, more, standing, work(stages, &raw)).await?;
    stages.close_to_pauses();
    stages.announce(&result).await;
    stages.record(&raw, result).await
}

async fn work(stages: &Stages, raw: &RawSnapshot) -> Result<PipelineResult, Failure> {
    let (tables, as_of) = build_tables(stages, raw).await?;
    stages.date_labels(raw, as_of).await?;
    let challenge = match stages.input().mode {
        Mode::Train => Some(challenge(stages, raw, &tables.gold_master).await?),
        Mode::Score => None,
    };
    serve(stages, raw, as_of, &tables, challenge).await
}

async fn build_tables(stages: &Stages, raw: &RawSnapshot) -> Result<(Tables, SnapshotDate), Failure> {
    let Bronze { tables, coverage, as_of } = stages.build_bronze(raw).await?;
    let silver = stages.build_silver(raw, tables, as_of).await?;
    Ok((stages.build_gold(silver, coverage, as_of).await?, as_of))
}

/// A trained challenger and what was decided.
struct Challenge {
    model: ModelResult,
    verdict: VerdictResult,
}

/// Trains, compares, decides. Where another run has moved the champion meanwhile, the challenger is compared
/// with the new one.
async fn challenge(stages: &Stages, raw: &RawSnapshot, gold: &TableRef) -> Result<Challenge, Failure> {
    let (version, job) = stages.train(gold, raw).await?;
    for _ in 0..CHAMPIONS {
        let evaluated = stages.evaluate(gold, &version).await?;
        let decided = stages.judge(&version, &evaluated, &raw.settings.gate).await?;
        let verdict = stages.ask_people_if_needed(decided, &evaluated, &version, &raw.settings).await?;
        let applied = stages.apply_verdict(&version, &evaluated, &verdict).await?;
        if applied.champion_changed {
            continue;
        }
        let experiment = Some(raw.settings.experiment.clone());
        let metrics = evaluated.summary.metrics;
        let slices = evaluated.summary.slices.iter().map(SliceResult::from).collect();
        let model = ModelResult { version, experiment, metrics, slices, job };
        let outcome = stages.promoted_before(&model).unwrap_or_else(|| Outcome::of(&evaluated, &verdict, &applied));
        let verdict = VerdictResult { outcome, checks: verdict.checks };
        stages.tell_verdict(&model, &verdict, evaluated.champion.as_deref()).await;
        return Ok(Challenge { model, verdict });
    }
    Err(failures::champion_keeps_changing(&version))
}

/// Scores, recommends, looks for drift and publishes with the champion, if there is one; again, where another
/// model has become champion meanwhile.
async fn serve(
    stages: &Stages,
    raw: &RawSnapshot,
    as_of: SnapshotDate,
    tables: &Tables,
    challenge: Option<Challenge>,
) -> Result<PipelineResult, Failure> {
    let (model, verdict) = challenge.map(|c| (c.model, c.verdict)).unzip();
    let mut result = stages.result(raw, as_of, model, verdict);
    for _ in 0..CHAMPIONS {
        let Some(champion) = stages.find_champion().await? else {
            result.outcome = Outcome::NoChampion;
            stages.leave_out_scoring();
            result.stages = stages.tracker.results();
            return Ok(result);
        };
        let Served { scored, recommended, drift } = stages.serve_all(raw, tables, as_of, &champion.version).await?;
        let outputs = [&scored.stage, &recommended.stage, &drift.stage];
        if stages.publish(raw, as_of, &champion.version, tables, &outputs).await?.champion_changed {
            continue;
        }
        result.model = result.model.or(Some(ModelResult {
            version: champion.version.clone(),
            experiment: None,
            metrics: champion.metrics,
            slices: Vec::new(),
            job: None,
        }));
        result.champion = Some(champion.version);
        result.tiers = scored.tiers;
        result.offers = recommended.offers;
        result.drift = Some(drift.drift);
        result.stages = stages.tracker.results();
        return Ok(result);
    }
    Err(failures::champion_keeps_changing("that scored"))
}
