//! From raw files to the gold table.

use std::collections::BTreeMap;

use churn::SnapshotDate;
use churn::contract::Layer;
use protocol::Pipeline;
use protocol::TableRef;
use protocol::pipeline::{Mode, StageName};
use protocol::search_attributes as attributes;
use protocol::steps::named;
use protocol::steps::{
    CheckLayer, MergeMonths, MonthsPlan, PlanMonths, RawSnapshot, SettleDate, SnapshotRaw, StageOutcome,
};
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

/// The bronze tables, and the date that their readings settle.
pub struct Bronze {
    /// What silver is made of.
    pub tables: Outputs,
    /// The counts beside every sum; none of runs from before they were kept.
    pub coverage: Outputs,
    /// The date that the run looks from.
    pub as_of: SnapshotDate,
}

/// The patch of runs whose date is settled by what the readings cover.
const DATE_BY_COVERAGE: &str = "date-by-coverage";

/// The output of the months with the counts beside every sum.
const COVERAGE: &str = "coverage";

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
            scores: self.input().mode == Mode::Score,
            rehash: self.input().looks_anew(),
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
        self.find(&raw.findings);
        self.finish(StageName::Raw, &outcome);
        let dataset = attributes::DATASET.value_set(raw.digest.short().to_owned());
        let as_of = attributes::AS_OF.value_set(self.as_of(&raw).to_string());
        self.execution.ctx.upsert_search_attributes([dataset, as_of]);
        Ok(raw)
    }

    /// The date the run looks from, as far as the raw files alone tell it: asked for, or the last date in the readings.
    pub fn as_of(&self, raw: &RawSnapshot) -> SnapshotDate {
        self.asked.with_readings_to(raw.last_date)
    }

    /// Both bronze tables, then their contracts. The months come first: what they cover settles the date.
    pub async fn build_bronze(&self, raw: &RawSnapshot) -> Result<Bronze, Failure> {
        self.wait_while_paused().await?;
        let as_of = self.as_of(raw);
        if !self.execution.ctx.patched(DATE_BY_COVERAGE) {
            return self.build_bronze_side_by_side(raw, as_of).await;
        }
        self.tracker.begin(StageName::BronzeCustomerMonth);
        let months = self.bronze_customer_month(raw, as_of).await?;
        let (as_of, covered_to) = self.settle_date(&months).await?;
        self.wait_while_paused().await?;
        self.tracker.begin(StageName::BronzeCustomer);
        let customers = self.bronze_customer(raw, as_of).await?;
        let layer: Outputs = customers.outputs.into_iter().chain(months.outputs).collect();
        self.check_bronze(raw, layer, as_of, covered_to).await
    }

    /// How runs from before the date was settled by what the readings cover go on.
    async fn build_bronze_side_by_side(&self, raw: &RawSnapshot, as_of: SnapshotDate) -> Result<Bronze, Failure> {
        self.tracker.begin(StageName::BronzeCustomer);
        self.tracker.begin(StageName::BronzeCustomerMonth);
        let (customers, months) = join!(self.bronze_customer(raw, as_of), self.bronze_customer_month(raw, as_of));
        let layer: Outputs = customers?.outputs.into_iter().chain(months?.outputs).collect();
        self.check_bronze(raw, layer, as_of, None).await
    }

    async fn check_bronze(
        &self,
        raw: &RawSnapshot,
        layer: Outputs,
        as_of: SnapshotDate,
        covered_to: Option<SnapshotDate>,
    ) -> Result<Bronze, Failure> {
        let related = pick(&raw.tables, &["churn_label", "customer_interactions", "offer_outcomes"]);
        let related = related.into_iter().chain(raw.dated_labels()).collect();
        let request = self.of_layer(Layer::Bronze, &layer, related);
        self.check(CheckLayer { covered_to, as_of: Some(as_of), ..request }).await?;
        // The counts of the readings were for the check alone.
        Ok(Bronze { tables: pick(&layer, StageName::Silver.inputs()), coverage: pick(&layer, &[COVERAGE]), as_of })
    }

    /// The date of the run, from the rows that were summed; and the day that they cover, where nobody asked for another.
    async fn settle_date(&self, months: &StageOutcome) -> Result<(SnapshotDate, Option<SnapshotDate>), Failure> {
        let readings_report = table(&months.outputs, "readings_report")?;
        let request = SettleDate { readings_report, date: self.asked };
        let call = Call::between("the date of the run", Weight::Light, "settle the date by what the readings cover");
        let settled = self.execution.call(Pipeline::settle_date, request, call).await?;
        self.look_from_settled(settled);
        self.execution.ctx.upsert_search_attributes([attributes::AS_OF.value_set(settled.as_of.to_string())]);
        let is_asked = self.asked.as_of.is_some() || settled.as_of != settled.covered_to;
        Ok((settled.as_of, (!is_asked).then_some(settled.covered_to)))
    }

    /// Both silver tables, then their contracts.
    pub async fn build_silver(
        &self,
        raw: &RawSnapshot,
        bronze: Outputs,
        as_of: SnapshotDate,
    ) -> Result<Outputs, Failure> {
        let made_of = pick(&bronze, &["bronze_customer_month"]);
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
        let related = pick(&raw.tables, &["churn_label"]).into_iter().chain(made_of).collect();
        let layer = self.of_layer(Layer::Silver, &outcome.outputs, related);
        self.check(CheckLayer { as_of: Some(as_of), ..layer }).await?;
        Ok(outcome.outputs)
    }

    /// The gold table, then its contract; `coverage` goes into its report.
    pub async fn build_gold(&self, silver: Outputs, coverage: Outputs, as_of: SnapshotDate) -> Result<Tables, Failure> {
        let request = self.request(StageName::Gold, as_of, pick(&silver, StageName::Gold.inputs()));
        let outcome =
            self.one_activity(StageName::Gold, Pipeline::build_gold, request, Weight::Heavy, "features").await?;
        let silver_customer = table(&silver, "silver_customer")?;
        let related = BTreeMap::from([("silver_customer".to_owned(), silver_customer.clone())]);
        let tables: Outputs = outcome.outputs.clone().into_iter().chain(coverage).collect();
        let trains = self.input().mode == Mode::Train;
        self.check(CheckLayer { trains, ..self.of_layer(Layer::Gold, &tables, related) }).await?;
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

    fn of_layer(&self, layer: Layer, tables: &Outputs, related: Outputs) -> CheckLayer {
        let (run, anew) = (self.execution.run.clone(), self.input().looks_anew());
        CheckLayer { run, layer, tables: tables.clone(), related, covered_to: None, as_of: None, trains: false, anew }
    }

    /// The quality gate: a finding that blocks ends the run before anything downstream is written.
    async fn check(&self, request: CheckLayer) -> Result<(), Failure> {
        let layer = request.layer.as_str();
        let call = Call::between(format!("{layer} quality gate"), Weight::Heavy, format!("contracts of {layer}"));
        let checked = self.execution.call(Pipeline::check_layer, request, call).await?;
        self.find(&checked.findings);
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
