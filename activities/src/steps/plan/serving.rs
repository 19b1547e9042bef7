//! The plan from the gold table to what the business reads.

use std::collections::BTreeMap;

use churn::SnapshotDate;
use churn::label::{LabelDates, LabelSource};
use lake::StageSpec;
use lake::documents::{LabelOrigin, LabelsOfRun};
use protocol::pipeline::StageName;
use protocol::steps::{PublishRun, ScoreCustomers, Sight};
use protocol::{ModelVersion, TableRef};

use super::Planner;
use super::foreseen::{Action, Foreseen, Known};
use super::model::Scorer;
use crate::error::Result;
use crate::steps::serving::publication::{Move, decide};
use crate::steps::serving::{drift, publish, recommend, score};

/// The stages that score, in the order of the work.
const SERVING: [StageName; 3] = [StageName::Score, StageName::Recommend, StageName::Drift];

impl Planner<'_> {
    pub(super) async fn serving(&self, scorer: &Scorer, known: &mut Known) -> Result<()> {
        let (Scorer::Decided(version) | Scorer::GateDecides(version)) = scorer;
        match (version, scorer) {
            (Some(version), _) => self.by_model(version, scorer, known).await,
            (None, Scorer::Decided(_)) => {
                all(Action::Skip, "no champion: nothing is scored", known);
                Ok(())
            }
            (None, Scorer::GateDecides(_)) => {
                all(Action::Depends, "there is no champion: it runs if the new model passes the gate", known);
                Ok(())
            }
        }
    }

    async fn by_model(&self, version: &ModelVersion, scorer: &Scorer, known: &mut Known) -> Result<()> {
        let mut outputs = Some(BTreeMap::new());
        for stage in SERVING {
            let request = self.request(stage, known);
            let spec = match request.map(|stage| ScoreCustomers { stage, version: version.clone() }) {
                Some(request) => Some(self.spec_of(stage, &request, known).await?),
                None => None,
            };
            let mut foreseen = self.foresee(stage, spec, known).await?;
            if matches!(scorer, Scorer::GateDecides(_)) && foreseen.stage.action == Action::Skip {
                let reason = format!("unchanged while model {version} is champion; it runs if the new one passes");
                foreseen.stage.action = Action::Depends;
                foreseen = foreseen.because(reason);
            }
            outputs = outputs.zip(foreseen.outputs.clone()).map(|(all, more)| all.into_iter().chain(more).collect());
            known.add(foreseen);
        }
        let publication = self.publication(version, outputs, known).await?;
        known.add(publication);
        Ok(())
    }

    async fn spec_of(&self, stage: StageName, request: &ScoreCustomers, known: &Known) -> Result<StageSpec> {
        Ok(match stage {
            StageName::Score => score::spec(request),
            StageName::Recommend => recommend::spec(self.configuration, request),
            _ => {
                let label_date = self.label_date(known).await?;
                let held = drift::held_against(self.lake, self.registry, request, label_date).await?;
                drift::spec(self.configuration, request, &held)
            }
        })
    }

    /// The date of the labels as the run will note it: the column of the file is known from the first run that saw them.
    async fn label_date(&self, known: &Known) -> Result<Option<SnapshotDate>> {
        let Some(labels) = known.table("churn_label") else { return Ok(None) };
        let Some(origin) = LabelOrigin::find(self.lake, &labels.digest).await? else { return Ok(None) };
        let first = LabelsOfRun::find(self.lake, &origin.run_id).await?.map(|labels| labels.dates);
        let column = first.filter(|dates| dates.source == LabelSource::Column).map(|dates| dates.date);
        Ok(Some(LabelDates::of(column, &self.configuration.model.label, origin.delivered_to).date))
    }

    /// Whether the pointers would move, by the rule that moves them. Results that are not there yet have no names:
    /// then the dates decide alone.
    async fn publication(
        &self,
        version: &ModelVersion,
        outputs: Option<BTreeMap<String, TableRef>>,
        known: &Known,
    ) -> Result<Foreseen> {
        let stage = StageName::Publish;
        let open = SERVING.iter().any(|stage| known.action(*stage) == Some(Action::Depends));
        let outputs = outputs.filter(|_| !open).unwrap_or_default();
        let request = PublishRun {
            run: self.run.clone(),
            as_of: self.as_of,
            version: version.clone(),
            outputs,
            features: None,
            // It decides nothing of what is published.
            sight: Sight::Past,
        };
        let published = publish::current(self.lake).await?;
        Ok(match decide(&request, published.as_ref(), Some(version.as_str())) {
            Move::Already(run) => Foreseen::of(stage, Action::Skip, format!("published by run {run}")),
            Move::Stay(reason) => Foreseen::of(stage, Action::Skip, reason),
            Move::Advance | Move::ChampionChanged if open => {
                let reason = "it publishes if the new model passes the gate".to_owned();
                Foreseen::of(stage, Action::Depends, reason)
            }
            Move::Advance | Move::ChampionChanged => {
                Foreseen::of(stage, Action::Run, format!("moves the pointers to the results for {}", self.as_of))
            }
        })
    }
}

/// All stages of the scoring alike.
fn all(action: Action, reason: &str, known: &mut Known) {
    for stage in SERVING.into_iter().chain([StageName::Publish]) {
        known.add(Foreseen::of(stage, action, reason.to_owned()));
    }
}
