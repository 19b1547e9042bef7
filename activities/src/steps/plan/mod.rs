//! What a run would do, foreseen without doing it: which stages are there already, which would be made and why, what
//! would be published.
//!
//! Every stage is described by the very `spec` that its step uses, and looked for as the step looks for it; so the
//! plan cannot think otherwise than the run. What a stage that is not there would give is unknown until it is made: all
//! that builds on it is made anew, or found again if it comes out as before.

mod foreseen;
mod model;
mod serving;
mod tables;
mod words;

use churn::SnapshotDate;
pub use foreseen::{Action, PlannedStage};
use foreseen::{Foreseen, Known};
use lake::{Lake, StageSpec, Stored, newest_stage};
use protocol::pipeline::{Mode, PipelineInput, StageName};
use protocol::steps::BuildStage;
use protocol::{Reuse, Run};

use crate::configuration::Configuration;
use crate::error::Result;
use crate::registry::Registry;
use crate::steps::tables::raw::RawFiles;

/// What a plan is made with; it only reads.
pub struct Planner<'a> {
    /// Where everything is kept.
    pub lake: &'a Lake,
    /// Which models there are.
    pub registry: &'a Registry,
    /// What decides results.
    pub configuration: &'a Configuration,
    /// What the run would be started with.
    pub input: &'a PipelineInput,
    /// The date it would look from, as far as the raw files alone tell it.
    pub as_of: SnapshotDate,
    /// The run, as if it began now.
    pub run: Run,
}

/// What a run would do.
pub struct Plan {
    /// The date it would look from.
    pub as_of: SnapshotDate,
    /// Whether the run has still to settle it, when it has summed the readings.
    pub is_open: bool,
    /// Every stage of the mode, in the order of the work.
    pub stages: Vec<PlannedStage>,
}

impl Planner<'_> {
    /// What a run would do with these raw files.
    pub async fn plan(&self, raw: &RawFiles) -> Result<Plan> {
        let mut known = Known::default();
        let months = self.raw_and_months(raw, &mut known).await?;
        let known_date = self.settled(&months).await?;
        let as_of = known_date.unwrap_or(self.as_of);
        let settled = Planner { as_of, run: self.run.clone(), ..*self };
        settled.tables(months, &mut known).await?;
        let scorer = match self.input.mode {
            Mode::Train => settled.challenge(&mut known).await?,
            Mode::Score => settled.champion_of_now().await?,
        };
        settled.serving(&scorer, &mut known).await?;
        Ok(Plan { as_of, is_open: known_date.is_none(), stages: known.into_stages() })
    }

    /// Whether a stored stage counts.
    fn reuse(&self, stage: StageName) -> Reuse {
        self.input.reuse(stage)
    }

    /// The request of a stage, if all its inputs are there.
    fn request(&self, stage: StageName, known: &Known) -> Option<BuildStage> {
        let mut inputs = known.tables(stage.inputs())?;
        inputs.extend(known.those_of(stage.optional_inputs()));
        Some(BuildStage { run: self.run.clone(), as_of: self.as_of, inputs, reuse: self.reuse(stage) })
    }

    /// A stage by its description; none where an input is made anew first.
    async fn foresee(&self, stage: StageName, spec: Option<StageSpec>, known: &Known) -> Result<Foreseen> {
        let Some(spec) = spec else {
            return Ok(Foreseen::of(stage, Action::Run, words::waits_for(stage, known)));
        };
        let forced = self.reuse(stage) == Reuse::Nothing;
        match spec.look(self.lake).await? {
            // The same input gives the same bytes: what builds on it is known.
            Stored::Whole(manifest) if forced => {
                let bytes = manifest.bytes(self.lake).await?;
                let foreseen = Foreseen::of(stage, Action::Run, words::FORCED.to_owned());
                Ok(foreseen.found(&spec, manifest).of_size(bytes))
            }
            Stored::Whole(manifest) => {
                let reason = format!("unchanged since run {}", manifest.made_by);
                Ok(Foreseen::of(stage, Action::Skip, reason).found(&spec, manifest))
            }
            Stored::Damaged(damage) => {
                let reason = format!("it is damaged and is made again: {damage}");
                self.compared(Foreseen::of(stage, Action::Run, reason), &spec).await
            }
            Stored::Nothing => {
                let foreseen = self.compared(Foreseen::of(stage, Action::Run, String::new()), &spec).await?;
                let reason = words::why_new(&foreseen.stage);
                Ok(foreseen.because(reason))
            }
        }
    }

    /// The same beside the newest stage of its name.
    async fn compared(&self, foreseen: Foreseen, spec: &StageSpec) -> Result<Foreseen> {
        let newest = newest_stage(self.lake, spec).await?;
        let bytes = match newest.as_ref().and_then(|newest| newest.manifest.as_ref().ok()) {
            Some(manifest) => Some(manifest.bytes(self.lake).await?),
            None => None,
        };
        Ok(foreseen.beside(spec, newest, bytes))
    }
}
