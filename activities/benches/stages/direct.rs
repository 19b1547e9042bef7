//! A training run in the order of the workflow, every step by a plain call: no server, no history, nobody who hears.

use std::cell::RefCell;
use std::collections::BTreeMap;

use activities::Heartbeat;
use activities::steps::Environment;
use activities::steps::model::{evaluate, train};
use activities::steps::registry::{find_champion, verdict};
use activities::steps::serving::{drift, publish, recommend, score};
use activities::steps::tables::{bronze, gold, months, quality, raw, settle_date, silver};
use anyhow::{Context, bail, ensure};
use chrono::{SecondsFormat, Utc};
use churn::SnapshotDate;
use churn::contract::Layer;
use futures::{StreamExt, TryStreamExt, stream};
use protocol::pipeline::{RAW_FOLDER, StageName};
use protocol::steps::{
    ApplyVerdict, AskedDate, BuildStage, CheckLayer, DriftFound, EvaluateModel, Evaluated, Expected, JudgeModel,
    MergeMonths, MonthsPlan, PlanMonths, PublishRun, RawSnapshot, Recommended, RunSettings, ScoreCustomers, Scored,
    SettleDate, SettledDate, Sight, SliceToSum, SnapshotRaw, StageOutcome, TrainModel, Trained, named,
};
use protocol::{ModelVersion, Reuse, Run, TableRef};

use crate::meter::{Meter, Piece};

/// Tables by name.
type Tables = BTreeMap<String, TableRef>;

/// A run without Temporal, and what each of its steps took.
pub struct Direct<'a> {
    environment: &'a Environment,
    heartbeat: Heartbeat,
    run: Run,
    /// So many slices are summed at once.
    slots: usize,
    pieces: RefCell<Vec<Piece>>,
}

impl<'a> Direct<'a> {
    /// A run that has not begun.
    pub fn new(environment: &'a Environment, slots: usize) -> Self {
        let started = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
        let run = Run { workflow_id: "bench".into(), run_id: "bench".into(), started };
        Self { environment, heartbeat: Heartbeat::unheard(), run, slots, pieces: RefCell::default() }
    }

    /// What each step took, in the order of the work.
    pub fn pieces(self) -> Vec<Piece> {
        self.pieces.into_inner()
    }

    /// Every stage of the mode `train`; the model that it trained.
    pub async fn train_run(&self) -> anyhow::Result<ModelVersion> {
        let raw = self.raw().await?;
        let (bronze, as_of) = self.bronze(&raw).await?;
        let silver = self.silver(&raw, &bronze, as_of).await?;
        let tables = self.gold(&silver, pick(&bronze, &["coverage"]), as_of).await?;
        let version = self.challenge(&raw.settings, &tables, as_of).await?;
        self.serve(&raw, &tables, as_of, &version).await?;
        Ok(version)
    }

    async fn raw(&self) -> anyhow::Result<RawSnapshot> {
        let request = SnapshotRaw {
            run: self.run.clone(),
            raw_prefix: RAW_FOLDER.to_owned(),
            experiment: None,
            date: AskedDate::default(),
            expected: Expected::default(),
            scores: false,
            rehash: false,
        };
        let step = Box::pin(raw::snapshot_raw(self.environment, &self.heartbeat, request));
        self.measured("raw", |found: &RawSnapshot| found.rows, step).await
    }

    async fn bronze(&self, raw: &RawSnapshot) -> anyhow::Result<(Tables, SnapshotDate)> {
        let as_of = AskedDate::default().with_readings_to(raw.last_date);
        let months = self.measured("bronze_customer_month", rows, Box::pin(self.months(raw, as_of))).await?;
        let request = SettleDate { readings_report: months.output("readings_report")?, date: AskedDate::default() };
        let step = Box::pin(settle_date::settle_date(self.environment, request));
        let SettledDate { as_of, covered_to, .. } = self.measured("settle_date", |_| 0, step).await?;
        let request = self.request(StageName::BronzeCustomer, as_of, &raw.tables);
        let step = Box::pin(bronze::build_bronze_customer(self.environment, &self.heartbeat, request));
        let customers = self.measured("bronze_customer", rows, step).await?;
        let layer: Tables = customers.outputs.into_iter().chain(months.outputs).collect();
        let related = pick(&raw.tables, &["churn_label", "customer_interactions"]);
        let related = related.into_iter().chain(raw.dated_labels()).collect();
        let request = self.of_layer(Layer::Bronze, &layer, related);
        let request = CheckLayer { covered_to: Some(covered_to), as_of: Some(as_of), ..request };
        self.check("check_bronze", request).await?;
        Ok((layer, as_of))
    }

    async fn months(&self, raw: &RawSnapshot, as_of: SnapshotDate) -> anyhow::Result<StageOutcome> {
        let stage = self.request(StageName::BronzeCustomerMonth, as_of, &raw.tables);
        let plan = PlanMonths { stage, readings: raw.readings.clone() };
        let planned = months::plan_months(self.environment, &self.heartbeat, plan.clone());
        let MonthsPlan::Listed(lists) = Box::pin(planned).await? else {
            bail!("the lake has bronze_customer_month already: give one that holds raw/ and nothing else");
        };
        let entries = |list: TableRef| (0..list.rows).map(move |place| (list.clone(), place));
        let slices = lists.into_iter().flat_map(entries).map(|(list, place)| SliceToSum::Listed { list, place });
        let sums = stream::iter(slices).map(|slice| self.slice(slice)).buffered(self.slots);
        let merge = MergeMonths { plan, parts: sums.try_collect().await?, part_lists: Vec::new() };
        Ok(Box::pin(months::merge_months(self.environment, &self.heartbeat, merge)).await?)
    }

    async fn slice(&self, slice: SliceToSum) -> activities::Result<TableRef> {
        let parts = months::find_slice(self.environment, slice).await?;
        let sums = months::aggregate_slice(self.environment, &self.heartbeat, &self.run, parts, Reuse::Unchanged);
        Box::pin(sums).await
    }

    async fn silver(&self, raw: &RawSnapshot, bronze: &Tables, as_of: SnapshotDate) -> anyhow::Result<Tables> {
        let request = self.request(StageName::Silver, as_of, bronze);
        let step = Box::pin(silver::build_silver(self.environment, &self.heartbeat, request));
        let made = self.measured("silver", rows, step).await?;
        let related = pick(&raw.tables, &["churn_label"]).into_iter().chain(pick(bronze, &["bronze_customer_month"]));
        let request = self.of_layer(Layer::Silver, &made.outputs, related.collect());
        self.check("check_silver", CheckLayer { as_of: Some(as_of), ..request }).await?;
        Ok(made.outputs)
    }

    /// The tables that the model and the scores are made of.
    async fn gold(&self, silver: &Tables, coverage: Tables, as_of: SnapshotDate) -> anyhow::Result<Tables> {
        let request = self.request(StageName::Gold, as_of, silver);
        let step = Box::pin(gold::build_gold(self.environment, &self.heartbeat, request));
        let made = self.measured("gold", rows, step).await?;
        let customers = pick(silver, &["silver_customer"]);
        let layer: Tables = made.outputs.clone().into_iter().chain(coverage).collect();
        let request = self.of_layer(Layer::Gold, &layer, customers.clone());
        self.check("check_gold", CheckLayer { trains: true, ..request }).await?;
        Ok(made.outputs.into_iter().chain(customers).collect())
    }

    fn of_layer(&self, layer: Layer, tables: &Tables, related: Tables) -> CheckLayer {
        let (run, tables) = (self.run.clone(), tables.clone());
        CheckLayer { run, layer, tables, related, covered_to: None, as_of: None, trains: false, anew: false }
    }

    async fn check(&self, name: &'static str, request: CheckLayer) -> anyhow::Result<()> {
        let step = Box::pin(quality::check_layer(self.environment, &self.heartbeat, request));
        self.measured(name, |_| 0, step).await.map(drop)
    }

    /// Trains, measures, judges, promotes.
    async fn challenge(
        &self,
        settings: &RunSettings,
        tables: &Tables,
        as_of: SnapshotDate,
    ) -> anyhow::Result<ModelVersion> {
        let gold = named(tables, "gold_master")?;
        let (run, experiment) = (self.run.clone(), settings.experiment.clone());
        let request = TrainModel { run, gold: gold.clone(), experiment, reuse: Reuse::Unchanged };
        let step = Box::pin(train::train_model(self.environment, &self.heartbeat, request));
        let version = self.measured("train", |trained: &Trained| trained.stage.rows, step).await?.version()?;

        let request = EvaluateModel {
            run: self.run.clone(),
            gold,
            version: version.clone(),
            reuse: Reuse::Unchanged,
            label_date: None,
        };
        let step = Box::pin(evaluate::evaluate_model(self.environment, &self.heartbeat, request));
        let evaluated = self.measured("evaluate", |found: &Evaluated| found.stage.rows, step).await?;

        let step = Box::pin(self.decide(settings, &version, &evaluated, as_of));
        self.measured("gate", |()| 0, step).await?;
        Ok(version)
    }

    async fn decide(
        &self,
        settings: &RunSettings,
        version: &ModelVersion,
        evaluated: &Evaluated,
        as_of: SnapshotDate,
    ) -> anyhow::Result<()> {
        let (gate, summary) = (settings.gate.clone(), evaluated.summary.clone());
        let judge = JudgeModel { version: version.clone(), summary, gate, as_of: Some(as_of) };
        let verdict = Box::pin(verdict::judge_model(self.environment, judge)).await?;
        ensure!(verdict.passed, "the gate rejects the challenger: give a lower PR_AUC_FLOOR, or more customers");
        let apply = ApplyVerdict {
            run: self.run.clone(),
            version: version.clone(),
            champion: evaluated.champion.clone(),
            evaluation: evaluated.stage.output("evaluation")?,
            verdict,
            as_of: Some(as_of),
            label_date: None,
        };
        Box::pin(verdict::apply_verdict(self.environment, &self.heartbeat, apply)).await?;
        let champion = Box::pin(find_champion::find_champion(self.environment)).await?;
        ensure!(champion.is_some_and(|champion| champion.version == *version), "the challenger is not champion");
        Ok(())
    }

    /// Scores, recommends, looks for drift, publishes.
    async fn serve(
        &self,
        raw: &RawSnapshot,
        tables: &Tables,
        as_of: SnapshotDate,
        version: &ModelVersion,
    ) -> anyhow::Result<()> {
        let by = |stage, tables: &Tables| {
            let stage = self.request(stage, as_of, tables);
            ScoreCustomers { stage, version: version.clone() }
        };
        let request = by(StageName::Score, tables);
        let step = Box::pin(score::score_customers(self.environment, &self.heartbeat, request));
        let scored = self.measured("score", |scored: &Scored| scored.stage.rows, step).await?;

        let mut with_scores = tables.clone();
        with_scores.extend(raw.tables.clone());
        with_scores.insert("scores".to_owned(), scored.stage.output("scores")?);
        let request = by(StageName::Recommend, &with_scores);
        let step = Box::pin(recommend::write_recommendations(self.environment, &self.heartbeat, request));
        let recommended = self.measured("recommend", |found: &Recommended| found.stage.rows, step).await?;

        let request = by(StageName::Drift, tables);
        let step = Box::pin(drift::detect_drift(self.environment, &self.heartbeat, request));
        let drift = self.measured("drift", |found: &DriftFound| found.stage.rows, step).await?;

        let stages = [&scored.stage, &recommended.stage, &drift.stage];
        let outputs = stages.into_iter().flat_map(|stage| stage.outputs.clone()).collect();
        let (run, version) = (self.run.clone(), version.clone());
        let features = Some(named(tables, "gold_master")?);
        let request = PublishRun { run, as_of, version, outputs, features, sight: Sight::Present };
        let step = Box::pin(publish::publish_run(self.environment, request));
        self.measured("publish", |_| 0, step).await.map(drop)
    }

    /// The request of a stage: its inputs, out of all tables that are there.
    fn request(&self, stage: StageName, as_of: SnapshotDate, tables: &Tables) -> BuildStage {
        BuildStage { run: self.run.clone(), as_of, inputs: pick(tables, stage.inputs()), reuse: Reuse::Unchanged }
    }

    /// Awaits a step and notes what it took; `rows` tells how many rows its answer stands for.
    async fn measured<T, E>(
        &self,
        name: &'static str,
        rows: impl FnOnce(&T) -> u64,
        step: impl Future<Output = Result<T, E>>,
    ) -> anyhow::Result<T>
    where
        Result<T, E>: Context<T, E>,
    {
        let meter = Meter::start();
        let answer = step.await.context(name)?;
        self.pieces.borrow_mut().push(meter.stop(name, rows(&answer)));
        Ok(answer)
    }
}

fn rows(stage: &StageOutcome) -> u64 {
    stage.rows
}

fn pick(tables: &Tables, names: &[&str]) -> Tables {
    let wanted = tables.iter().filter(|(name, _)| names.contains(&name.as_str()));
    wanted.map(|(name, table)| (name.clone(), table.clone())).collect()
}
