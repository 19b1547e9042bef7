//! `runs/<run id>/run.json`: what is on record of a run.

use std::collections::BTreeMap;

use protocol::progress::Pause;
use protocol::steps::{Facts, RecordRun, StageTimes};
use protocol::{Pipeline, TableRef};
use serde::Serialize;

use super::{Call, Execution, Failure, Weight};

/// When a record is written, which decides what may stop it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recording {
    /// As any other step: a cancelled run writes none.
    Step,
    /// After all is done: a cancellation that comes now changes none of it.
    Done,
    /// Of a run without a result: given up after a while.
    Ended,
}

impl<W> Execution<W> {
    /// Writes the record; answers what the lake says that the run did.
    pub async fn record(
        &self,
        recording: Recording,
        input: &impl Serialize,
        result: &impl Serialize,
        inputs: BTreeMap<String, TableRef>,
        pauses: Vec<Pause>,
        stages: Vec<StageTimes>,
    ) -> Result<Facts, Failure> {
        let request = RecordRun {
            run: self.run.clone(),
            result: serde_json::to_value(result).unwrap_or_default(),
            input: serde_json::to_value(input).ok(),
            inputs,
            pauses,
            stages,
        };
        let call = |weight| Call::between("record", weight, "write run.json");
        let call = match recording {
            Recording::Step => call(Weight::Light),
            Recording::Done => call(Weight::Light).unstoppable(),
            Recording::Ended => call(Weight::Alert),
        };
        let facts = self.call(Pipeline::record_run, request, call).await?;
        Ok(facts.unwrap_or_default())
    }
}
