//! From raw files to the gold table.

use std::collections::BTreeMap;

use churn::SnapshotDate;
use churn::contract::Layer;
use protocol::Pipeline;
use protocol::TableRef;
use protocol::pipeline::StageName;
use protocol::search_attributes as attributes;
use protocol::steps::named;
use protocol::steps::{CheckLayer, MergeMonths, MonthsPlan, PlanMonths, RawSnapshot, SnapshotRaw, StageOutcome};
use temporalio_sdk::workflows::join;

use super::failures::missing_output;
use super::stages::Stages;
use crate::run::{Call, Failure, Weight};

/// The tables that the model and the scores are made of.
pub struct Tables {
    /// One row per customer, with features and label.
    pub gold_master: TableRef,
    /// One row per customer, as cleaned.
    pub silver_customer: TableRef,
}

impl Tables {
    /// By their names.
    pub fn by_name(&self) -> Outputs {
        let tables = [("gold_master", &self.gold_master), ("silver_customer", &self.silver_customer)];
        tables.map(|(name, table)| (name.to_owned(), table.clone())).into()
    }
}

/// What a stage or a layer left, by table name.
pub type Outputs = BTreeMap<String, TableRef>;

impl Stages {
    /// Digests and checks the raw files.
    pub async fn snapshot_raw(&self) -> Result<RawSnapshot, Failure> {
        self.wait_while_paused().await?;
        self.tracker.begin(StageName::Raw);
        let request = SnapshotRaw {
            run: self.execution.run.clone(),
            raw_prefix: self.input().raw_prefix().to_owned(),
            experiment: self.input().experiment.clone(),
            date: self.asked,
            expected: self.input().expected(),
        };
        let place = if self.input().asks_for_latest() { "the latest delivery" } else { request.raw_prefix.as_str() };
        let summary = format!("snapshot and check {place}");
        let raw = self
            .execution
            .call(Pipeline::snapshot_raw, request, Call::of(StageName::Raw, Weight::First, summary))
            .await?;
        let outputs = raw.tables.clone().into_iter().chain(raw.readings.named()).collect();
        let outcome = StageOutcome {
            digest: raw.digest.clone(),
            outputs,
            rows: raw.rows,
            skipped: None,
            repaired: None,
            job: None,
        };
        self.look_from(&raw, self.as_of(&raw));
        self.finish(StageName::Raw, &outcome);
        let dataset = attributes::DATASET.value_set(raw.digest.short().to_owned());
        let as_of = attributes::AS_OF.value_set(self.as_of(&raw).to_string());
        self.execution.ctx.upsert_search_attributes([dataset, as_of]);
        Ok(raw)
    }

    /// The date the run looks from: asked for, or the last date in the readings.
    pub fn as_of(&self, raw: &RawSnapshot) -> SnapshotDate {
        self.asked.with_readings_to(raw.last_date)
    }

    /// Both bronze tables side by side, then their contracts.
    pub async fn build_bronze(&self, raw: &RawSnapshot, as_of: SnapshotDate) -> Result<Outputs, Failure> {
        self.wait_while_paused().await?;
        self.tracker.begin(StageName::BronzeCustomer);
        self.tracker.begin(StageName::BronzeCustomerMonth);
        let (customers, months) = join!(self.bronze_customer(raw, as_of), self.bronze_customer_month(raw, as_of));
        let layer: Outputs = customers?.outputs.into_iter().chain(months?.outputs).collect();
        self.check(Layer::Bronze, &layer, pick(&raw.tables, &["churn_label"])).await?;
        // The counts of the readings were for the check alone.
        Ok(pick(&layer, StageName::Silver.inputs()))
    }

    /// Both silver tables, then their contracts.
    pub async fn build_silver(
        &self,
        raw: &RawSnapshot,
        bronze: Outputs,
        as_of: SnapshotDate,
    ) -> Result<Outputs, Failure> {
        let request = self.request(StageName::Silver, as_of, bronze);
        let outcome = self
            .one_activity(
                StageName::Silver,
                Pipeline::build_silver,
                request,
                Weight::Heavy,
                "segments, prices, margins",
            )
            .await?;
        self.check(Layer::Silver, &outcome.outputs, pick(&raw.tables, &["churn_label"])).await?;
        Ok(outcome.outputs)
    }

    /// The gold table, then its contract.
    pub async fn build_gold(&self, silver: Outputs, as_of: SnapshotDate) -> Result<Tables, Failure> {
        let request = self.request(StageName::Gold, as_of, pick(&silver, StageName::Gold.inputs()));
        let outcome =
            self.one_activity(StageName::Gold, Pipeline::build_gold, request, Weight::Heavy, "features").await?;
        let silver_customer = table(&silver, "silver_customer")?;
        let related = BTreeMap::from([("silver_customer".to_owned(), silver_customer.clone())]);
        self.check(Layer::Gold, &outcome.outputs, related).await?;
        Ok(Tables { gold_master: table(&outcome.outputs, "gold_master")?, silver_customer })
    }

    async fn bronze_customer(&self, raw: &RawSnapshot, as_of: SnapshotDate) -> Result<StageOutcome, Failure> {
        let stage = StageName::BronzeCustomer;
        let request = self.request(stage, as_of, pick(&raw.tables, stage.inputs()));
        let activity = Pipeline::build_bronze_customer;
        let outcome = self
            .execution
            .call(activity, request, Call::of(stage, Weight::Heavy, "labels, contracts, contacts"))
            .await?;
        self.finish(stage, &outcome);
        Ok(outcome)
    }

    async fn bronze_customer_month(&self, raw: &RawSnapshot, as_of: SnapshotDate) -> Result<StageOutcome, Failure> {
        let stage = StageName::BronzeCustomerMonth;
        let plan = PlanMonths {
            stage: self.request(stage, as_of, pick(&raw.tables, stage.inputs())),
            readings: raw.readings.clone(),
        };
        let activity = Pipeline::plan_months;
        let planned =
            self.execution.call(activity, plan.clone(), Call::of(stage, Weight::Heavy, "plan the slices")).await?;
        self.wait_while_paused().await?;
        let outcome = match planned {
            MonthsPlan::Unchanged(outcome) => outcome,
            MonthsPlan::Aggregate(slices) => self.merge(plan, self.sum_told(slices).await?, Vec::new()).await?,
            MonthsPlan::Listed(lists) => match <[TableRef; 1]>::try_from(lists) {
                Ok([list]) => self.merge(plan, self.sum_listed(list).await?, Vec::new()).await?,
                Err(lists) => self.merge(plan, Vec::new(), self.sum_in_batches(lists).await?).await?,
            },
        };
        self.finish(stage, &outcome);
        Ok(outcome)
    }

    async fn merge(
        &self,
        plan: PlanMonths,
        parts: Vec<TableRef>,
        part_lists: Vec<TableRef>,
    ) -> Result<StageOutcome, Failure> {
        let stage = StageName::BronzeCustomerMonth;
        self.wait_while_paused().await?;
        let merge = MergeMonths { plan, parts, part_lists };
        let activity = Pipeline::merge_months;
        self.execution.call(activity, merge, Call::of(stage, Weight::Heavy, "merge sums, join prices and costs")).await
    }

    /// The quality gate: a blocking violation ends the run before anything downstream is written.
    async fn check(&self, layer: Layer, tables: &Outputs, related: Outputs) -> Result<(), Failure> {
        let request = CheckLayer { run: self.execution.run.clone(), layer, tables: tables.clone(), related };
        let place = format!("{} quality gate", layer.as_str());
        let summary = format!("contracts of {}", layer.as_str());
        self.execution.call(Pipeline::check_layer, request, Call::between(place, Weight::Heavy, summary)).await?;
        Ok(())
    }
}

pub(super) fn pick(tables: &Outputs, names: &[&str]) -> Outputs {
    let wanted = tables.iter().filter(|(name, _)| names.contains(&name.as_str()));
    wanted.map(|(name, table)| (name.clone(), table.clone())).collect()
}

pub(super) fn table(tables: &Outputs, name: &str) -> Result<TableRef, Failure> {
    named(tables, name).map_err(|error| missing_output(&error))
}
