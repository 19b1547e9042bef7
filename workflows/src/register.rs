//! The one list of our workflows: whoever runs or replays them takes all.

use temporalio_common::WorkflowDefinition;
use temporalio_sdk::workflow_replayer::WorkflowReplayerOptions;
use temporalio_sdk::{WorkerOptions, WorkflowRegistrationError};
use temporalio_workflow::workflows::WorkflowImplementation;

use crate::{
    AggregateSlices, Backtest, ChurnPipeline, EraseCustomers, ExperimentLadder, Freshness, GarbageCollection,
    ModelAdmin, RawWatcher,
};

/// Adds every workflow; an error where one is there already.
pub fn register(to: &mut impl Register) -> Result<(), WorkflowRegistrationError> {
    to.add::<ChurnPipeline>()?;
    to.add::<AggregateSlices>()?;
    to.add::<RawWatcher>()?;
    to.add::<Freshness>()?;
    to.add::<ModelAdmin>()?;
    to.add::<GarbageCollection>()?;
    to.add::<EraseCustomers>()?;
    to.add::<Backtest>()?;
    to.add::<ExperimentLadder>()
}

/// Whatever takes workflows: a worker, or a replay of histories.
pub trait Register {
    /// Adds one.
    fn add<W>(&mut self) -> Result<(), WorkflowRegistrationError>
    where
        W: WorkflowImplementation,
        <W::Run as WorkflowDefinition>::Input: Send;
}

impl Register for WorkerOptions {
    fn add<W>(&mut self) -> Result<(), WorkflowRegistrationError>
    where
        W: WorkflowImplementation,
        <W::Run as WorkflowDefinition>::Input: Send,
    {
        self.register_workflow::<W>().map(drop)
    }
}

impl Register for WorkflowReplayerOptions {
    fn add<W>(&mut self) -> Result<(), WorkflowRegistrationError>
    where
        W: WorkflowImplementation,
        <W::Run as WorkflowDefinition>::Input: Send,
    {
        self.register_workflow::<W>().map(drop)
    }
}
