//! The fan-out over the slices of the readings: few in the run itself, many in child workflows.

use std::cell::RefCell;

use protocol::TableRef;
use protocol::pipeline::StageName;
use protocol::steps::{AggregateBatch, ReadingsSlice, SliceToSum};
use temporalio_sdk::workflows::join_all;
use temporalio_sdk::{ChildWorkflowOptions, WorkflowCancellationToken};

use super::aggregate_slices::{AggregateSlices, entries, sum};
use super::stages::Stages;
use crate::run::{Failure, all_or_cause};

/// How many child workflows sum slices at the same time, each 200 of them: so many that the queue never
/// runs dry while one of them ends, so few that the server is not flooded.
const BATCHES_AT_ONCE: usize = 2;

impl Stages {
    /// The slices as histories from before the lists hold them. No slice is cancelled because another
    /// failed: those histories know nothing of that.
    pub(super) async fn sum_told(&self, slices: Vec<ReadingsSlice>) -> Result<Vec<TableRef>, Failure> {
        self.sum(slices.into_iter().map(SliceToSum::Told).collect(), None).await
    }

    /// The slices of the only list, as activities of the run itself.
    pub(super) async fn sum_listed(&self, list: TableRef) -> Result<Vec<TableRef>, Failure> {
        let rest = self.execution.ctx.cancellation_token().child_token();
        self.sum(entries(&list), Some(&rest)).await
    }

    async fn sum(
        &self,
        slices: Vec<SliceToSum>,
        rest: Option<&WorkflowCancellationToken>,
    ) -> Result<Vec<TableRef>, Failure> {
        let all = slices.len() as u64;
        sum(&self.execution, self.reuse(StageName::BronzeCustomerMonth), slices, rest, || self.slices_done(1, all))
            .await
    }

    /// Every list is a child workflow, a few at a time; the lists of their sums in slice order.
    pub(super) async fn sum_in_batches(&self, lists: Vec<TableRef>) -> Result<Vec<TableRef>, Failure> {
        let all = lists.iter().map(|list| list.rows).sum();
        self.slices_done(0, all);
        let rest = self.execution.ctx.cancellation_token().child_token();
        let waiting = RefCell::new((0_usize..).zip(lists));
        let lane = || async {
            let mut summed = Vec::new();
            loop {
                let next = waiting.borrow_mut().next();
                let Some((place, list)) = next else { return Ok(summed) };
                self.wait_while_paused().await?;
                let slices = list.rows;
                let parts = self.batch(place, list, &rest).await.inspect_err(|_| rest.cancel())?;
                self.slices_done(slices, all);
                summed.push((place, parts));
            }
        };
        let lanes = join_all((0..BATCHES_AT_ONCE).map(|_| lane())).await;
        let mut summed = all_or_cause(lanes)?.concat();
        summed.sort_by_key(|(place, _)| *place);
        Ok(summed.into_iter().map(|(_, parts)| parts).collect())
    }

    async fn batch(&self, place: usize, list: TableRef, rest: &WorkflowCancellationToken) -> Result<TableRef, Failure> {
        let options = ChildWorkflowOptions::builder()
            .workflow_id(self.execution.run.batch(place + 1).to_string())
            .cancellation_token(rest.clone())
            .static_summary(format!("batch {}: {} slices", place + 1, list.rows))
            .build();
        let request =
            AggregateBatch { run: self.execution.run.clone(), list, reuse: self.reuse(StageName::BronzeCustomerMonth) };
        let child = self.execution.ctx.start_child_workflow(AggregateSlices::run, request, options).await;
        let child = child.map_err(|error| self.execution.cause(Failure::child_not_started(&error)))?;
        child.result().await.map_err(|error| self.execution.cause(Failure::in_child(&error)))
    }

    fn slices_done(&self, more: u64, all: u64) {
        self.tracker.slices_done(StageName::BronzeCustomerMonth, more, all);
    }
}
