//! The tables of a date. The months are the same for all dates and made once; customers, silver and gold follow from the
//! date and its labels. What other runs have made of the same content is found, and what is made here is found by them.
//!
//! No contract is checked after the raw files: nothing of these tables is published, and a date of long ago may break rules
//! that hold for today (few months, old files).

use std::collections::BTreeMap;

use churn::SnapshotDate;
use protocol::pipeline::StageName;
use protocol::steps::{
    AggregateBatch, AskedDate, BuildStage, MergeMonths, MonthsPlan, PlanMonths, RawSnapshot, SettleDate, SettledDate,
    SliceToSum, StageOutcome, named,
};
use protocol::{Pipeline, TableRef};
use temporalio_common::ActivityDefinition;
use temporalio_sdk::ChildWorkflowOptions;

use super::{Delivery, Trials, missing_output};
use crate::churn_pipeline::aggregate_slices::{AggregateSlices, entries, sum};
use crate::run::{Call, Failure, Tracked, Weight, at_most};

/// How many child workflows sum slices at the same time; see `churn_pipeline::slices`.
const BATCHES_AT_ONCE: usize = 2;

type Tables = BTreeMap<String, TableRef>;

/// What the readings come to, whatever the date.
pub struct Months {
    /// One row per customer and month.
    pub table: TableRef,
    /// What the readings cover.
    readings_report: TableRef,
}

impl<W: Tracked> Trials<W> {
    /// One row per customer and month of the readings, whatever the date.
    pub async fn months(&self, raw: &RawSnapshot) -> Result<Months, Failure> {
        let inputs = pick(&raw.tables, StageName::BronzeCustomerMonth);
        let plan = PlanMonths { stage: self.request(raw.last_date, inputs), readings: raw.readings.clone() };
        let call = Call::between("months", Weight::Heavy, "plan the slices");
        let outcome = match self.execution.call(Pipeline::plan_months, plan.clone(), call).await? {
            MonthsPlan::Unchanged(outcome) => outcome,
            MonthsPlan::Aggregate(slices) => {
                let told = slices.into_iter().map(SliceToSum::Told).collect();
                self.merge(plan, self.sum(told).await?, Vec::new()).await?
            }
            MonthsPlan::Listed(lists) => match <[TableRef; 1]>::try_from(lists) {
                Ok([list]) => self.merge(plan, self.sum(entries(&list)).await?, Vec::new()).await?,
                Err(lists) => self.merge(plan, Vec::new(), self.sum_in_batches(lists).await?).await?,
            },
        };
        let table = output(&outcome.outputs, "bronze_customer_month")?;
        Ok(Months { table, readings_report: output(&outcome.outputs, "readings_report")? })
    }

    /// What the readings cover; a date that lies outside is refused with their range.
    pub async fn covered(&self, months: &Months, as_of: Option<SnapshotDate>) -> Result<SettledDate, Failure> {
        let date = AskedDate { as_of, no_later_than: None };
        let request = SettleDate { readings_report: months.readings_report.clone(), date };
        let call = Call::between("the dates", Weight::Light, "hold the dates against what the readings cover");
        self.execution.call(Pipeline::settle_date, request, call).await
    }

    /// The features of every customer at a date, with the labels of theirs.
    pub async fn gold(
        &self,
        delivery: &Delivery,
        months: &TableRef,
        labels: &TableRef,
        as_of: SnapshotDate,
    ) -> Result<TableRef, Failure> {
        let mut raw = pick(&delivery.raw.tables, StageName::BronzeCustomer);
        raw.insert("churn_label".to_owned(), labels.clone());
        let customers = self.build("customers", Pipeline::build_bronze_customer, as_of, raw).await?;
        let mut bronze = pick(&customers.outputs, StageName::Silver);
        bronze.insert("bronze_customer_month".to_owned(), months.clone());
        let silver = self.build("silver", Pipeline::build_silver, as_of, bronze).await?;
        let silver = pick(&silver.outputs, StageName::Gold);
        let gold = self.build("gold", Pipeline::build_gold, as_of, silver).await?;
        output(&gold.outputs, "gold_master")
    }

    async fn build<A>(
        &self,
        what: &str,
        activity: A,
        as_of: SnapshotDate,
        inputs: Tables,
    ) -> Result<StageOutcome, Failure>
    where
        A: ActivityDefinition<Output = StageOutcome>,
        BuildStage: Into<A::Input>,
    {
        let words = format!("{what} as of {as_of}");
        let call = Call::between(words.clone(), Weight::Heavy, words).stopped_by(Some(&self.rest));
        self.execution.call(activity, self.request(as_of, inputs), call).await
    }

    async fn merge(
        &self,
        plan: PlanMonths,
        parts: Vec<TableRef>,
        part_lists: Vec<TableRef>,
    ) -> Result<StageOutcome, Failure> {
        let call = Call::between("months", Weight::Heavy, "merge sums, join prices and costs");
        self.execution.call(Pipeline::merge_months, MergeMonths { plan, parts, part_lists }, call).await
    }

    async fn sum(&self, slices: Vec<SliceToSum>) -> Result<Vec<TableRef>, Failure> {
        sum(&self.execution, self.reuse, slices, Some(&self.rest), || ()).await
    }

    /// Every list is a child workflow; the lists of their sums in slice order.
    async fn sum_in_batches(&self, lists: Vec<TableRef>) -> Result<Vec<TableRef>, Failure> {
        let batch = async |(place, list): (usize, TableRef)| {
            let options = ChildWorkflowOptions::builder()
                .workflow_id(self.execution.run.batch(place).to_string())
                .cancellation_token(self.rest.clone())
                .static_summary(format!("batch {place}: {} slices", list.rows))
                .build();
            let request = AggregateBatch { run: self.execution.run.clone(), list, reuse: self.reuse };
            let child = self.execution.ctx.start_child_workflow(AggregateSlices::run, request, options).await;
            let child = child.map_err(|error| self.execution.cause(Failure::child_not_started(&error)))?;
            child.result().await.map_err(|error| self.execution.cause(Failure::in_child(&error)))
        };
        at_most(BATCHES_AT_ONCE, (1..).zip(lists).collect(), &self.rest, batch).await
    }

    fn request(&self, as_of: SnapshotDate, inputs: Tables) -> BuildStage {
        BuildStage { run: self.execution.run.clone(), as_of, inputs, reuse: self.reuse }
    }
}

/// What a stage is made of, as far as it is there.
fn pick(tables: &Tables, stage: StageName) -> Tables {
    let wanted = tables.iter().filter(|(name, _)| stage.inputs().contains(&name.as_str()));
    wanted.map(|(name, table)| (name.clone(), table.clone())).collect()
}

fn output(outputs: &Tables, name: &str) -> Result<TableRef, Failure> {
    named(outputs, name).map_err(|error| missing_output(&error))
}
