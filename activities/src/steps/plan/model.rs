//! The plan of the challenger: is there one already, and what would the gate say.

use lake::documents::ChampionPointer;
use protocol::pipeline::StageName;
use protocol::steps::{ApplyVerdict, EvaluateModel, JudgeModel, StageOutcome, TrainModel};
use protocol::{ModelVersion, TableRef};

use super::foreseen::{Action, Foreseen, Known};
use super::{Planner, words};
use crate::error::Result;
use crate::steps::model::evaluate::{EVALUATION, Opponents, opponents, read_evaluation};
use crate::steps::model::{evaluate, train};
use crate::steps::registry::verdict::{self, Plan};

/// Who would score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scorer {
    /// This model, or nobody.
    Decided(Option<ModelVersion>),
    /// The new model if the gate lets it pass, else the champion of now.
    GateDecides(Option<ModelVersion>),
}

impl Planner<'_> {
    pub(super) async fn champion_of_now(&self) -> Result<Scorer> {
        let champion = self.champion().await?.map(|pointer| pointer.version);
        self.require_whole(champion.as_ref()).await?;
        Ok(Scorer::Decided(champion))
    }

    /// A run fails on a model that is damaged, also where it finds all that the model would give.
    async fn require_whole(&self, model: Option<&ModelVersion>) -> Result<()> {
        if let Some(version) = model {
            self.registry.require_whole(version).await?;
        }
        Ok(())
    }

    /// Training, evaluation and gate.
    pub(super) async fn challenge(&self, known: &mut Known) -> Result<Scorer> {
        let gold = known.table("gold_master");
        let version = self.training(gold.as_ref(), known).await?;
        let evaluated = self.evaluation(gold.zip(version), known).await?;
        self.gate(evaluated, known).await
    }

    async fn champion(&self) -> Result<Option<ChampionPointer>> {
        Ok(self.registry.champion().await?.map(|(pointer, _)| pointer))
    }

    async fn training(&self, gold: Option<&TableRef>, known: &mut Known) -> Result<Option<ModelVersion>> {
        let stage = StageName::Train;
        let experiment = self.input.experiment.as_deref().unwrap_or_else(|| self.configuration.tiers.champion());
        // An experiment that nobody knows fails the run at once.
        self.configuration.tiers.features(experiment)?;
        let request = gold.map(|gold| TrainModel {
            run: self.run.clone(),
            gold: gold.clone(),
            experiment: experiment.to_owned(),
            reuse: self.reuse(stage),
        });
        let spec = request.map(|request| train::spec(self.configuration, &request)).transpose()?;
        let mut foreseen = self.foresee(stage, spec, known).await?;
        let version = match &foreseen.outputs {
            Some(outputs) => Some(train::version_of(self.lake, outputs).await?),
            None => None,
        };
        if let Some(version) = version.as_ref().filter(|_| foreseen.stage.action == Action::Skip)
            && !self.registry.is_trusted(version).await?
        {
            foreseen.stage.action = Action::Run;
            foreseen = foreseen.because(format!("model {version} is not signed and is trained again"));
        }
        known.add(foreseen);
        Ok(version)
    }

    /// The evaluation, if it is there: of whom, against whom, and where.
    async fn evaluation(&self, model: Option<(TableRef, ModelVersion)>, known: &mut Known) -> Result<Option<Measured>> {
        let stage = StageName::Evaluate;
        let Some((gold, version)) = model else {
            known.add(self.foresee(stage, None, known).await?);
            return Ok(None);
        };
        let (run, reuse) = (self.run.clone(), self.reuse(stage));
        let request = EvaluateModel { run, gold, version, reuse, label_date: None };
        let opponents = opponents(self.registry, &request.version, request.label_date).await?;
        let spec = evaluate::spec(&request, &opponents, self.configuration.model.gate.measures());
        let Opponents { champion, is_champion, .. } = opponents;
        let foreseen = self.foresee(stage, Some(spec.clone()), known).await?;
        if foreseen.stage.action == Action::Run {
            self.require_whole(champion.as_ref()).await?;
        }
        let measured = foreseen.outputs.as_ref().map(|outputs| Measured {
            version: request.version,
            champion,
            is_champion,
            stage: StageOutcome {
                digest: spec.digest(),
                outputs: outputs.clone(),
                rows: 0,
                skipped: None,
                job: None,
                repaired: None,
            },
        });
        known.add(foreseen);
        Ok(measured)
    }

    async fn gate(&self, measured: Option<Measured>, known: &mut Known) -> Result<Scorer> {
        let stage = StageName::Gate;
        let now = self.champion().await?;
        let current = now.as_ref().map(|pointer| pointer.version.clone());
        let Some(Measured { version, champion, is_champion, stage: evaluated }) = measured else {
            let reason = words::waits_for(stage, known);
            known.add(Foreseen::of(stage, Action::Run, reason));
            return Ok(Scorer::GateDecides(current));
        };
        let summary = read_evaluation(self.lake, &evaluated).await?.summary;
        let (gate, as_of) = (self.configuration.model.gate.clone(), Some(self.as_of));
        let judged = JudgeModel { version: version.clone(), summary, gate, as_of };
        let verdict = verdict::judge(self.registry, &judged).await?;
        if self.input.require_approval && verdict.passed && !is_champion {
            let reason = format!("model {version} passes every check; a person is asked before it becomes champion");
            known.add(Foreseen::of(stage, Action::Run, reason));
            return Ok(Scorer::GateDecides(current));
        }
        let (passed, reasons) = (verdict.passed, verdict.reasons().join("; "));
        let evaluation = evaluated.output(EVALUATION)?;
        let (run, challenger) = (self.run.clone(), version.clone());
        let request = ApplyVerdict { run, version: challenger, champion, evaluation, verdict, as_of, label_date: None };
        let registered = self.registry.find(&version).await?;
        let (action, reason, scorer) = match verdict::plan(&request, now.as_ref(), registered.as_ref()) {
            Plan::Nothing(reason) => (Action::Skip, reason, current),
            Plan::Promote => (Action::Run, format!("promotes model {version}"), Some(version.clone())),
            Plan::Register if passed => {
                (Action::Run, format!("registers a judgement of the champion {version}"), current)
            }
            Plan::Register => (Action::Run, format!("registers model {version} as rejected: {reasons}"), current),
            // Somebody is at work on the champion or the version right now.
            Plan::CompareAgain => (Action::Run, format!("compares model {version} again"), current),
        };
        // The new model was looked at with its training, and is perhaps made again.
        self.require_whole(scorer.as_ref().filter(|scorer| **scorer != version)).await?;
        known.add(Foreseen::of(stage, action, reason));
        Ok(Scorer::Decided(scorer))
    }
}

/// An evaluation that is there.
struct Measured {
    version: ModelVersion,
    champion: Option<ModelVersion>,
    is_champion: bool,
    stage: StageOutcome,
}
