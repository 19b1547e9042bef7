//! From the gold table to a decided challenger.

use std::time::Duration;

use churn::model::{Check, GateSettings, Verdict, gate};
use protocol::Pipeline;
use protocol::StageName;
use protocol::search_attributes as attributes;
use protocol::steps::{
    Applied, ApplyVerdict, ApprovalSettings, EvaluateModel, Evaluated, JobUse, JudgeModel, RawSnapshot, TrainModel,
};
use protocol::{AlertKind, ModelVersion, TableRef};
use temporalio_sdk::TimerOptions;
use temporalio_sdk::workflows::select;

use super::approval::Approval;
use super::events::Event;
use super::stages::{Order, Stages};
use super::tables::table;
use crate::failure::Failure;
use crate::options::Weight;

impl Stages {
    /// Trains the experiment; returns the model's version, and what a remote job took.
    pub async fn train(&self, gold: &TableRef, raw: &RawSnapshot) -> Result<(ModelVersion, Option<JobUse>), Failure> {
        let experiment = &raw.settings.experiment;
        let weight = if raw.settings.trains_elsewhere { Weight::Waiting } else { Weight::Training };
        let request = TrainModel {
            run: self.run.clone(),
            gold: gold.clone(),
            experiment: experiment.clone(),
            reuse: self.reuse(),
        };
        let activity = Pipeline::train_model;
        let summary = format!("train {experiment}");
        let stage = StageName::Train;
        self.begin(stage);
        let trained = self.execute(stage.as_str(), activity, request, weight, summary).await?;
        self.finish(stage, &trained.stage);
        let version = trained.version().map_err(|error| Failure::missing_output(&error))?;
        self.ctx.upsert_search_attributes([attributes::MODEL_VERSION.value_set(version.to_string())]);
        Ok((version, trained.stage.job))
    }

    /// Measures the challenger on the holdout, beside the champion.
    pub async fn evaluate(&self, gold: &TableRef, version: &ModelVersion) -> Result<Evaluated, Failure> {
        let stage = StageName::Evaluate;
        self.begin(stage);
        let request =
            EvaluateModel { run: self.run.clone(), gold: gold.clone(), version: version.clone(), reuse: self.reuse() };
        let activity = Pipeline::evaluate_model;
        let summary = format!("holdout figures of {version}");
        let evaluated = self.execute(stage.as_str(), activity, request, Weight::Heavy, summary).await?;
        self.finish(stage, &evaluated.stage);
        self.ctx.upsert_search_attributes([attributes::PR_AUC.value_set(evaluated.summary.metrics.pr_auc)]);
        Ok(evaluated)
    }

    /// The gate's verdict.
    pub async fn judge(
        &self,
        version: &ModelVersion,
        evaluated: &Evaluated,
        limits: &GateSettings,
    ) -> Result<Verdict, Failure> {
        if self.order == Order::FactsLast {
            return Ok(gate(&evaluated.summary, limits));
        }
        self.begin(StageName::Gate);
        let request = JudgeModel { version: version.clone(), summary: evaluated.summary.clone(), gate: limits.clone() };
        let summary = format!("judge {version}");
        self.execute("gate", Pipeline::judge_model, request, Weight::Light, summary).await
    }

    /// Waits for a person where the run asks for one; silence reminds, then rejects.
    pub async fn ask_people_if_needed(
        &self,
        mut verdict: Verdict,
        evaluated: &Evaluated,
        version: &ModelVersion,
        patience: ApprovalSettings,
    ) -> Result<Verdict, Failure> {
        if self.order == Order::FactsLast {
            self.begin(StageName::Gate);
        }
        if !needs_person(self.input().require_approval, &verdict, evaluated.is_champion) {
            return Ok(verdict);
        }
        self.ctx.state_mut(|state| state.approval = Approval::Waiting);
        // A comparison with another champion is another question: people must hear of it too.
        let against = match (&evaluated.champion, self.order) {
            (Some(champion), Order::FactsFirst) => format!(" against {champion}"),
            _ => String::new(),
        };
        self.tell(Event {
            kind: AlertKind::ApprovalRequested,
            subject: format!("model {version} waits for approval{against}"),
            body: format!("It passed every check. Approve or reject it in workflow {}.", self.run.workflow_id),
        })
        .await;
        let reminded = self.decided_within(patience.escalate_after_secs, "remind").await?;
        if !reminded {
            self.tell(Event {
                kind: AlertKind::ApprovalRequested,
                subject: format!("reminder: model {version} waits for approval{against}"),
                body: format!("It is rejected in {} s unless somebody approves it.", patience.reject_after_secs),
            })
            .await;
            self.decided_within(patience.reject_after_secs, "reject").await?;
        }
        let check = self.ctx.state(|state| manual_approval(&state.approval));
        self.ctx.state_mut(|state| {
            if state.approval == Approval::Waiting {
                state.approval = Approval::NotAsked;
            }
        });
        verdict.checks.push(check);
        Ok(Verdict::of(verdict.checks))
    }

    /// Registers the verdict and promotes a challenger that passed.
    pub async fn apply_verdict(
        &self,
        version: &ModelVersion,
        evaluated: &Evaluated,
        verdict: &Verdict,
    ) -> Result<Applied, Failure> {
        let request = ApplyVerdict {
            run: self.run.clone(),
            version: version.clone(),
            champion: evaluated.champion.clone(),
            evaluation: table(&evaluated.stage.outputs, "evaluation")?,
            verdict: verdict.clone(),
        };
        let stage = StageName::Gate;
        let activity = Pipeline::apply_verdict;
        let summary = if verdict.passed { "promote" } else { "register as rejected" };
        let applied = self.execute(stage.as_str(), activity, request, Weight::Heavy, summary).await?;
        self.finish(stage, &applied.stage);
        Ok(applied)
    }

    async fn decided_within(&self, secs: u64, then: &str) -> Result<bool, Failure> {
        let timer = TimerOptions::builder(Duration::from_secs(secs)).summary(format!("no decision: {then}")).build();
        let decided = select! {
            waited = self.ctx.wait_condition(|state| state.approval != Approval::Waiting) => waited.map(|()| true),
            _ = self.ctx.timer(timer) => Ok(false),
        };
        decided.map_err(|_| Failure::Cancelled)
    }
}

/// What failed needs no person, and the champion needs no second promotion.
fn needs_person(require_approval: bool, verdict: &Verdict, is_champion: bool) -> bool {
    require_approval && verdict.passed && !is_champion
}

fn manual_approval(approval: &Approval) -> Check {
    let (passed, note) = match approval {
        Approval::Decided { approved, decision } => {
            let word = if *approved { "approved" } else { "rejected" };
            (*approved, format!("{word} by {}: {}", decision.by, decision.comment))
        }
        Approval::Waiting | Approval::NotAsked => (false, "nobody decided in time".to_owned()),
    };
    Check { name: "manual_approval".to_owned(), value: None, limit: 1.0, passed, note }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::pipeline::Decision;

    fn verdict(passed: bool) -> Verdict {
        let note = String::new();
        Verdict::of(vec![Check { name: "pr_auc_floor".to_owned(), value: None, limit: 0.7, passed, note }])
    }

    #[test]
    fn only_a_new_challenger_that_passed_needs_a_person_and_only_where_the_run_asks_for_one() {
        assert!(needs_person(true, &verdict(true), false));
        assert!(!needs_person(false, &verdict(true), false), "nobody asked for a person");
        assert!(!needs_person(true, &verdict(false), false), "it failed");
        assert!(!needs_person(true, &verdict(true), true), "it is champion");
    }

    #[test]
    fn silence_is_no_approval_and_a_decision_names_who_and_why() {
        let decided = |approved| {
            let decision = Decision { by: "ana".to_owned(), comment: "looked at it".to_owned() };
            manual_approval(&Approval::Decided { approved, decision })
        };
        assert_eq!((decided(true).passed, decided(true).note.as_str()), (true, "approved by ana: looked at it"));
        assert_eq!((decided(false).passed, decided(false).note.as_str()), (false, "rejected by ana: looked at it"));
        assert!(!manual_approval(&Approval::Waiting).passed);
        assert!(!manual_approval(&Approval::NotAsked).passed);
    }
}
